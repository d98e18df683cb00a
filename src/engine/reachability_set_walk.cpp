#include "src/engine/reachability_set_walk.hpp"

#include <algorithm>

#include "models/net/ensures.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxDevices = 64;
constexpr std::uint32_t kGatewayEmitter = 0x80000000U;
constexpr std::uint32_t kSourceEmitter = 0x40000000U;

/// 168.63.129.16 and 169.254.169.254: the host itself answers, beside all routes.          [N39]
const std::vector<Address>& host_addresses() {
    static const std::vector<Address> kAddresses = {Address::v4(0xA83F8110U),
                                                    Address::v4(0xA9FEA9FEU)};
    return kAddresses;
}

/// Activation servers: exempt from filters, routed as usual.                               [N38]
const std::vector<Address>& activation_addresses() {
    static const std::vector<Address> kAddresses = {
        Address::v4(0x176687F6U), Address::v4(0x147663E0U), Address::v4(0x2853EB35U)};
    return kAddresses;
}

AddressSet of_family(const AddressSet& set, Family family) {
    AddressSet result;
    if (family == Family::v4) {
        result.v4 = set.v4;
    } else {
        result.v6 = set.v6;
    }
    return result;
}

Family family_of(const AddressSet& set) { return set.v4.empty() ? Family::v6 : Family::v4; }

void append(Cells& to, Cells from) {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

bool names_tag(const FilterRule& rule, const std::string& tag) {
    return rule.rule != nullptr &&
           std::any_of(rule.rule->destination.tags.begin(), rule.rule->destination.tags.end(),
                       [&](const std::string& t) { return equal_ignoring_case(t, tag); });
}

bool holds(const std::vector<ConfigIndex>& sorted, ConfigIndex config) {
    return std::binary_search(sorted.begin(), sorted.end(), config);
}

bool lists(const std::vector<ConfigIndex>& any_order, ConfigIndex config) {
    return std::find(any_order.begin(), any_order.end(), config) != any_order.end();
}

bool same_guard(const Guard& a, const Guard& b) { return a == b; }

bool same_methods(const std::vector<OutboundMethod>& a, const std::vector<OutboundMethod>& b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const OutboundMethod& x, const OutboundMethod& y) {
            return x.kind == y.kind && x.by == y.by && x.services == y.services &&
                   x.source_addresses == y.source_addresses && same_guard(x.when, y.when) &&
                   std::equal(x.destinations.begin(), x.destinations.end(), y.destinations.begin(),
                              y.destinations.end(), [](const auto& p, const auto& q) {
                                  return same_guard(p.when, q.when) && p.set == q.set;
                              });
        });
}

}  // namespace

bool SourceGroup::contains(ConfigIndex config) const { return holds(configs, config); }

// --- helpers -----------------------------------------------------------------------------------

SetWalk::SetWalk(const Network& network, ServicePool& pool, FilterIndexes& filters,
                 Expressions* expressions)
    : network_(network), pool_(pool), filters_(filters), algebra_(pool, expressions) {}

SetWalk::Tri SetWalk::tri(FactKey key) const {
    const std::optional<bool> value = network_.assumptions().value(key);
    return !value ? Tri::open : *value ? Tri::yes : Tri::no;
}

const SourceGroup& SetWalk::single(ConfigIndex config) {
    std::unique_ptr<SourceGroup>& group = singles_[config];
    if (!group) {
        group = std::make_unique<SourceGroup>();
        group->configs = {config};
        const auto& address = network_.configurations()[config].configuration->address;
        if (address) {
            group->addresses = AddressSet::single(*address);
        }
    }
    return *group;
}

const AddressSet& SetWalk::space_of(VnetIndex vnet) {
    std::unique_ptr<AddressSet>& space = spaces_[vnet];
    if (!space) {
        space = std::make_unique<AddressSet>();
        for (const Prefix& prefix : network_.vnets()[vnet]->address_space) {
            *space |= prefix.addresses();
        }
    }
    return *space;
}

const std::vector<std::pair<AddressSet, const Edges::PublicEntry*>>& SetWalk::public_space() {
    if (!public_ready_) {
        public_ready_ = true;
        std::vector<const Edges::PublicEntry*> entries;
        for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
            if (!entry.addresses.empty()) {
                entries.push_back(&entry);
            }
        }
        // A host inside a prefix stands for itself.
        std::stable_sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
            return a->addresses.count() < b->addresses.count();
        });
        std::vector<AddressSet> wide;
        std::vector<Range<std::uint32_t>> hosts;
        std::vector<Range<Uint128>> hosts6;
        for (const Edges::PublicEntry* entry : entries) {
            AddressSet own = entry->addresses;
            if (own.count() > 1) {
                own -= {IntervalSet<std::uint32_t>::of(hosts), IntervalSet<Uint128>::of(hosts6)};
            }
            if (!own.empty()) {
                hosts.insert(hosts.end(), own.v4.ranges().begin(), own.v4.ranges().end());
                hosts6.insert(hosts6.end(), own.v6.ranges().begin(), own.v6.ranges().end());
                public_space_.emplace_back(std::move(own), entry);
            }
        }
        public_addresses_ = {IntervalSet<std::uint32_t>::of(std::move(hosts)),
                             IntervalSet<Uint128>::of(std::move(hosts6))};
    }
    return public_space_;
}

bool SetWalk::wanted(ConfigIndex config, const Way& way) const {
    return way.question->targets == nullptr || holds(*way.question->targets, config);
}

bool SetWalk::seen(Way& way, std::uint32_t emitter) const {
    const Way::Visit visit{emitter, way.version};
    if (way.visits.size() >= kMaxDevices ||
        std::find(way.visits.begin(), way.visits.end(), visit) != way.visits.end()) {
        return true;
    }
    way.visits.push_back(visit);
    return false;
}

template <class Alternative, class Rest>
Cells SetWalk::when(const Guard& guard, const Alternative& alternative, const Rest& rest) {
    if (guard.empty()) {
        return alternative();
    }
    return algebra_.either_fact(alternative(), rest());
}

Cells SetWalk::chosen(std::vector<std::pair<bool, Cells>> alternatives) {
    bool some_sure = false;
    Cells result;
    for (auto& [sure, cells] : alternatives) {
        if (sure) {
            result = some_sure ? algebra_.either_choice(std::move(result), std::move(cells))
                               : std::move(cells);
            some_sure = true;
        }
    }
    for (auto& [sure, cells] : alternatives) {
        if (sure) {
            continue;
        }
        if (some_sure) {
            result = algebra_.maybe_choice(std::move(result), std::move(cells));
        } else {
            algebra_.weaken(cells);
            result = algebra_.either_fact(std::move(result), std::move(cells));
        }
    }
    return result;
}

Cells SetWalk::delivered(const Region& region, EndPlace end, const Way& way) {
    const ServiceId services = way.reply()
                                   ? region.services
                                   : pool_.intersect(region.services, way.question->as_delivered);
    if (services == kNoService || region.src.empty() || region.dst.empty()) {
        return {};
    }
    Cell cell;
    cell.src = region.src;
    cell.dst = region.dst;
    cell.packets = algebra_.all(services);
    cell.sessions = cell.packets;
    cell.end = end;
    return {cell};
}

Cells SetWalk::unknown(const Region& region, const Way& way) {
    Cells cells = delivered(region, {}, way);
    algebra_.weaken(cells);
    return cells;
}

// --- filters -----------------------------------------------------------------------------------

/// N13, where no group stands at the NIC and its subnet.
void SetWalk::close_by_default(ChainBounds& b, const Translation& through,
                               bool from_outside) const {
    if (!from_outside) {
        if (through.internal && through.standard_closed) {
            switch (tri(FactKey::internal_lb_closed_without_nsg)) {
                case Tri::no:
                    break;
                case Tri::yes:
                    b.may = b.skipped_may;
                    [[fallthrough]];
                case Tri::open:
                    b.must = b.skipped_must;
                    break;
            }
        }
        return;
    }
    if (through.standard_closed) {
        const Tri beats = tri(FactKey::always_allow_beats_sku_closed);
        b.must = beats == Tri::yes ? b.skipped_must : kNoService;
        b.may = beats == Tri::no ? kNoService : b.skipped_may;
    } else if (through.basic_open) {
        const Tri open = tri(FactKey::basic_sku_open);
        b.must = open == Tri::yes ? b.must : kNoService;
        b.may = open == Tri::no ? kNoService : b.may;
    }
}

void SetWalk::filter(Cells& cells, const FilterIndexes::Chain& chain, const Translation* through,
                     bool from_outside, const Way& way) {
    const bool by_default = through != nullptr && !chain.has_group;
    if (chain.empty() && !by_default) {
        return;
    }
    if (algebra_.symbolic()) {
        ensures(through == nullptr, "translations are not symbolic");
        const std::optional<Address>& shown =
            way.reply() ? way.request->way->shown_source : way.shown_source;
        for (Cell& cell : cells) {
            for (Fate* fate : {&cell.packets, &cell.sessions}) {
                *fate = Fate::all(
                    algebra_.expressions().filter(fate->sets[0], chain, way.reply(), shown));
            }
        }
        return;
    }
    struct Piece {
        AddressSet src, dst;
        const FilterCell* cells[3] = {nullptr, nullptr, nullptr};
    };
    Cells result;
    for (const Cell& cell : cells) {
        std::vector<Piece> pieces{{cell.src, cell.dst, {}}};
        const FilterIndex* const indexes[3] = {chain.admin, chain.first, chain.second};
        for (std::size_t i = 0; i < 3; ++i) {
            const FilterIndex* index = indexes[i];
            if (index == nullptr) {
                continue;
            }
            std::vector<Piece> next;
            for (const Piece& piece : pieces) {
                const auto sources = index->sources().split(piece.src);
                const auto destinations = index->destinations().split(piece.dst);
                for (const auto& [source_class, src] : sources) {
                    for (const auto& [destination_class, dst] : destinations) {
                        Piece part = piece;
                        part.src = src;
                        part.dst = dst;
                        part.cells[i] = &index->cell(source_class, destination_class);
                        next.push_back(std::move(part));
                    }
                }
            }
            pieces = std::move(next);
        }
        for (Piece& piece : pieces) {
            ChainBounds b = chain_bounds(pool_, piece.cells[0], piece.cells[1], piece.cells[2]);
            if (by_default) {
                close_by_default(b, *through, from_outside);
            }
            Cell part;
            part.packets = algebra_.restricted(cell.packets, b.must, b.may);
            if (part.packets.empty()) {
                continue;
            }
            part.sessions = algebra_.restricted(cell.sessions, b.must, b.may);
            part.src = std::move(piece.src);
            part.dst = std::move(piece.dst);
            part.ports = cell.ports;
            part.end = cell.end;
            result.push_back(std::move(part));
        }
    }
    cells = algebra_.merged(std::move(result));
}

// --- where packets start -----------------------------------------------------------------------

Cells SetWalk::from_group(const SourceGroup& group, const AddressSet& src, const AddressSet& dst,
                          ServiceId services, const WalkQuestion& question) {
    if (network_.configurations()[group.configs.front()].endpoint != nullptr) {
        return {};  // R39
    }
    Cells cells;
    for (const Family family : {Family::v4, Family::v6}) {
        const Region region{of_family(src, family), of_family(dst, family), services};
        if (region.src.empty() || region.dst.empty()) {
            continue;
        }
        Way way;
        way.question = &question;
        way.start = Start::nic;
        way.sender = &group;
        append(cells, emit(group, region, false, std::move(way)));
    }
    return cells;
}

Cells SetWalk::from_internet(const AddressSet& src, const AddressSet& dst, ServiceId services,
                             const WalkQuestion& question) {
    Cells cells;
    for (const Family family : {Family::v4, Family::v6}) {
        const Region region{of_family(src & Edges::internet_space(), family),
                            of_family(dst, family), services};
        if (region.src.empty() || region.dst.empty()) {
            continue;
        }
        Way way;
        way.question = &question;
        way.start = Start::outside;
        append(cells, enter_public(region, nullptr, way));
        if (question.targets == nullptr) {  // not ours: it never enters
            Region rest = region;
            rest.dst = (rest.dst & Edges::internet_space()) - public_addresses_;
            append(cells, delivered(rest, {EndPlace::Kind::internet, 0}, way));
        }
    }
    return cells;
}

Cells SetWalk::through_unknown_entry(const Edges::PublicEntry& entry, const AddressSet& src,
                                     const AddressSet& dst, ServiceId services,
                                     const WalkQuestion& question) {
    const Region region{src & Edges::internet_space(), dst, services};
    Way way;
    way.question = &question;
    way.start = Start::outside;
    Cells cells = translate(entry.ways, region, true, nullptr, way);
    algebra_.weaken(cells);
    return cells;
}

Cells SetWalk::from_onprem(const AddressSet& src, const AddressSet& dst, ServiceId services,
                           const WalkQuestion& question) {
    Cells cells;
    for (const Family family : {Family::v4, Family::v6}) {
        const Region region{of_family(src, family), of_family(dst, family), services};
        if (region.src.empty() || region.dst.empty()) {
            continue;
        }
        Way way;
        way.question = &question;
        way.start = Start::onprem;
        append(cells, enter_from_onprem(nullptr, region, way));
    }
    return cells;
}

// --- a NIC emits -------------------------------------------------------------------------------

Cells SetWalk::emit(const SourceGroup& group, const Region& region, bool forwarded, Way way) {
    const ConfigIndex config = group.configs.front();
    const bool at_source = way.sender == &group && way.devices.empty() && way.visits.empty();
    if (seen(way, at_source ? config | kSourceEmitter : config)) {
        return {};
    }
    const ConfigPlace& place = network_.configurations()[config];
    bool stateful = false;
    if (way.reply()) {
        const Way& request = *way.request->way;
        stateful = config == way.request->receiver || lists(request.devices, config) ||
                   (request.sender != nullptr && request.sender->contains(config));
    }
    const Emitter emitter{&group, place.subnet, nullptr, forwarded};
    Region routed = region;
    Cells special;
    if (!stateful) {
        for (const std::vector<Address>* list : {&host_addresses(), &activation_addresses()}) {
            const bool host = list == &host_addresses();
            for (const Address& address : *list) {
                if (!routed.dst.contains(address)) {
                    continue;
                }
                Region alone = region;
                alone.dst = AddressSet::single(address);
                routed.dst -= alone.dst;
                Cells exempt = platform(group, alone, address, way, host);
                if (!host) {  // exempt from the filters only
                    Cells cells = route(emitter, alone, way);
                    Cells past = cells;
                    const Fate open = exempt.empty() ? Fate{} : exempt.front().packets;
                    algebra_.restrict(past, open.sets[Fate::can_must], open.sets[Fate::can_may]);
                    filter(cells, filters_.chain(config, Direction::outbound), nullptr, false, way);
                    append(cells, std::move(past));
                    exempt = algebra_.disjoint(std::move(cells));
                }
                append(special, std::move(exempt));  // the host drops what is not exempt
            }
        }
    }
    Cells cells;
    if (!routed.dst.empty()) {
        cells = route(emitter, routed, way);
        if (!stateful && !(at_source && algebra_.symbolic())) {
            filter(cells, filters_.chain(config, Direction::outbound), nullptr, false, way);
        }
    }
    append(cells, std::move(special));
    return cells;
}

/// N38: the exempt services to a platform address. Only an outbound Deny that names the platform
/// tag stops them.
Cells SetWalk::platform(const SourceGroup& group, const Region& region, const Address& address,
                        const Way& way, bool ends_there) {
    const ConfigIndex config = group.configs.front();
    const FilterChain chain = network_.filters().chain(config, Direction::outbound);
    ServiceSet must;
    ServiceSet may;
    for (const Filters::Exemption& exemption : Filters::exemptions(address)) {
        ServiceSet surely = exemption.service;
        ServiceSet perhaps = exemption.service;
        for (const FilterList* list : {chain.first, chain.second}) {
            if (list == nullptr || exemption.denying_tag.empty()) {
                continue;
            }
            // First match among the Allow rules and the Deny rules that name the tag; what no such
            // rule takes passes.
            ServiceSet undecided = exemption.service;     // in some world
            ServiceSet never_denied = exemption.service;  // in no world denied so far
            ServiceSet denied_may;
            ServiceSet denied_must;
            for (const FilterRule& rule : list->rules) {
                const bool deny = rule.access == Access::deny;
                if (deny && rule.rule != nullptr && !names_tag(rule, exemption.denying_tag)) {
                    continue;
                }
                const Bounds<AddressSet> source = bounds_of(rule.source);
                const Bounds<AddressSet> destination = bounds_of(rule.destination);
                const Bounds<ServiceSet> services = bounds_of(rule.service);
                if (!source.may.intersects(region.src) || !destination.may.contains(address)) {
                    continue;
                }
                const bool sure = rule.when.empty() && rule.rule != nullptr &&
                                  source.must.contains_all(region.src) &&
                                  destination.must.contains(address);
                if (deny) {
                    denied_may |= undecided & services.may;
                    if (sure) {
                        denied_must |= never_denied & services.must;
                    }
                } else {
                    never_denied -= services.may;  // an Allow may come first
                }
                if (sure) {
                    undecided -= services.must;
                }
            }
            surely -= denied_may;
            perhaps -= denied_must;
        }
        must |= surely;
        may |= perhaps;
    }
    const ServiceId may_id = pool_.intersect(pool_.intern(may), region.services);
    const ServiceId must_id = pool_.intersect(pool_.intern(must), region.services);
    if (may_id == kNoService) {
        return {};
    }
    if (ends_there && (way.question->targets != nullptr || way.reply())) {
        return {};
    }
    Cell cell;
    cell.src = region.src;
    cell.dst = region.dst;
    cell.packets.sets = {must_id, must_id, may_id, may_id};
    cell.sessions = cell.packets;
    return {cell};
}

// --- routing -----------------------------------------------------------------------------------

Cells SetWalk::route(const Emitter& emitter, const Region& region, const Way& way) {
    if (emitter.subnet == kNoIndex) {
        return unknown(region, way);  // its subnet was not read
    }
    Cells result;
    for (const Routes::Part& part : network_.routes().partition(emitter.subnet, region.dst)) {
        Region piece = region;
        piece.dst = part.destinations;
        // The first whose guard holds: from the last one backwards.
        Cells cells;
        for (auto entry = part.candidates.rbegin(); entry != part.candidates.rend(); ++entry) {
            Cells taken = follow(emitter, **entry, piece, way);
            cells = (*entry)->when.empty()
                        ? std::move(taken)
                        : algebra_.either_fact(std::move(taken), std::move(cells));
        }
        append(result, std::move(cells));
    }
    return result;
}

Cells SetWalk::follow(const Emitter& emitter, const EffectiveRouteEntry& entry,
                      const Region& region, const Way& way) {
    if (entry.hop == NextHop::none || entry.never_delivers) {
        return {};
    }
    if (entry.hop == NextHop::unknown) {
        return unknown(region, way);
    }
    if (way.reply() && way.request->way->start == Start::outside) {
        return reply_outside(entry, region, way);
    }
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    Cells cells;
    bool certain = entry.delivers_when.empty();
    switch (entry.hop) {
        case NextHop::vnet_local:
            cells = enter_vnet(emitter, entry.vnet == kNoIndex ? place.vnet_index : entry.vnet,
                               false, region, way);
            break;
        case NextHop::vnet_peering:
        case NextHop::vnet_global_peering:
        case NextHop::connected_group: {
            if (emitter.gateway != nullptr && way.from_onprem) {
                if (entry.onprem_never) {
                    return {};
                }
                certain = certain && entry.onprem_when.empty();
            }
            const bool global = entry.hop == NextHop::vnet_global_peering;
            if (!entry.forwarded_never && entry.forwarded_when.empty()) {
                cells = enter_vnet(emitter, entry.vnet, global, region, way);
                break;
            }
            // P8: sources from elsewhere.
            Region own = region;
            own.src &= space_of(place.vnet_index);
            if (!own.src.empty()) {
                cells = enter_vnet(emitter, entry.vnet, global, own, way);
            }
            Region foreign = region;
            foreign.src -= own.src;
            if (!entry.forwarded_never && !foreign.src.empty()) {
                Cells passed = enter_vnet(emitter, entry.vnet, global, foreign, way);
                algebra_.weaken(passed);
                append(cells, std::move(passed));
            }
            break;
        }
        case NextHop::interface_endpoint:
            cells = enter_vnet(emitter, entry.vnet, false, region, way);
            break;
        case NextHop::internet:
            cells = leave(emitter, region, way);
            break;
        case NextHop::gateway:
            cells = to_gateway(entry.via, emitter.gateway != nullptr, region, way);
            break;
        case NextHop::service_endpoint:
            if (!way.reply() && way.question->targets == nullptr) {
                cells = delivered(region, {EndPlace::Kind::internet, 0}, way);  // R56
            }
            break;
        case NextHop::virtual_appliance:
            cells = to_appliance(emitter, entry, region, way);
            break;
        case NextHop::none:
        case NextHop::unknown:
            break;
    }
    if (!certain) {
        algebra_.weaken(cells);
    }
    return cells;
}

/// The reply to an internet client leaves by the address that it came to: its route must lead to
/// the internet. [R60]
Cells SetWalk::reply_outside(const EffectiveRouteEntry& entry, const Region& region,
                             const Way& way) {
    Region back = region;
    back.dst &= Edges::internet_space();
    Cells cells = delivered(back, {EndPlace::Kind::internet, 0}, way);
    switch (entry.hop) {
        case NextHop::internet:
            return cells;
        case NextHop::virtual_appliance:
        case NextHop::gateway:
            switch (tri(FactKey::stateful_asymmetry_drops)) {
                case Tri::yes:
                    return {};
                case Tri::open:
                    algebra_.weaken(cells);
                    break;
                case Tri::no:
                    break;
            }
            return cells;
        case NextHop::unknown:
            return unknown(back, way);
        default:
            return {};
    }
}

Cells SetWalk::enter_vnet(const Emitter& emitter, VnetIndex vnet, bool global_peering,
                          const Region& region, const Way& way) {
    if (vnet == kNoIndex) {
        return unknown(region, way);
    }
    Cells result;
    const auto parts = owned(vnet, region.dst, way);
    for (const OwnedPart& part : *parts) {
        Region piece = region;
        piece.dst = part.addresses;
        if (part.owners.empty()) {  // several alike
            append(result, arrive(part.like, piece, nullptr, false, way));
            continue;
        }
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Owner& owner : part.owners) {
            Cells cells;
            switch (owner.kind) {
                case Owner::Kind::configuration:
                    cells = arrive(owner.config, piece, nullptr, false, way);
                    break;
                case Owner::Kind::frontend:
                    if (global_peering && owner.balancer->sku == Sku::basic) {
                        const Tri blocked = tri(FactKey::basic_lb_global_peering_blocked);
                        if (blocked == Tri::yes) {
                            break;
                        }
                        cells = translate(
                            network_.edges().translations(*owner.balancer, *owner.frontend), piece,
                            false, emitter.group, way);
                        if (blocked == Tri::open) {
                            algebra_.weaken(cells);
                        }
                        break;
                    }
                    cells =
                        translate(network_.edges().translations(*owner.balancer, *owner.frontend),
                                  piece, false, emitter.group, way);
                    break;
                case Owner::Kind::reserved:
                case Owner::Kind::nobody:
                    break;
                case Owner::Kind::unknown:
                case Owner::Kind::unmodelled: {
                    // Somebody else than the configurations asked for, unless the address of one
                    // of them is not known.
                    bool may_be_target = way.question->targets == nullptr;
                    if (!may_be_target) {
                        for (const ConfigIndex target : *way.question->targets) {
                            const ConfigPlace& at = network_.configurations()[target];
                            may_be_target = may_be_target || !at.configuration->address;
                        }
                    }
                    if (may_be_target || way.reply()) {
                        cells = unknown(piece, way);
                    }
                    break;
                }
            }
            alternatives.emplace_back(true, std::move(cells));
        }
        append(result, alternatives.size() == 1 ? std::move(alternatives.front().second)
                                                : chosen(std::move(alternatives)));
    }
    return result;
}

/// Who holds the destinations. A symbolic walk meets the same destinations many times, and need not
/// tell apart NICs of one subnet with the same filters, nor the senders to whom a reply comes back.
std::shared_ptr<const std::vector<SetWalk::OwnedPart>> SetWalk::owned(VnetIndex vnet,
                                                                      const AddressSet& dst,
                                                                      const Way& way) {
    const bool symbolic = algebra_.symbolic();
    const SourceGroup* home = way.reply() ? way.request->way->sender : nullptr;
    std::vector<Owned>* known = nullptr;
    if (symbolic) {
        known = &owned_[{vnet, dst.hash()}];
        for (const Owned& entry : *known) {
            if (entry.home == home && entry.shown == way.shown_source.has_value() &&
                entry.dst == dst) {
                return entry.parts;
            }
        }
    }
    auto parts = std::make_shared<std::vector<OwnedPart>>();
    struct Alike {
        ConfigIndex first = kNoIndex;
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
    };
    std::map<std::pair<SubnetIndex, FilterIndexes::Chain>, Alike> alike;
    for (Edges::Part& part : network_.edges().partition(vnet, dst)) {
        if (symbolic && part.owners.size() == 1) {
            const Owner& owner = part.owners.front();
            if (owner.kind == Owner::Kind::reserved || owner.kind == Owner::Kind::nobody) {
                continue;
            }
            if (owner.kind == Owner::Kind::configuration) {
                const ConfigPlace& place = network_.configurations()[owner.config];
                if (way.reply() ? home == nullptr || !is_home(*home, owner.config)
                                : !wanted(owner.config, way)) {
                    continue;
                }
                if (place.endpoint == nullptr && !place.interface->ip_forwarding &&
                    place.configuration->address) {
                    // Where an appliance shows its own source, filters are told apart here.
                    Alike& same = way.reply() ? alike[{}]
                                  : !way.shown_source
                                      ? alike[{place.subnet, {}}]
                                      : alike[{place.subnet,
                                               filters_.chain(owner.config, Direction::inbound)}];
                    same.first = same.first == kNoIndex ? owner.config : same.first;
                    same.v4.insert(same.v4.end(), part.addresses.v4.ranges().begin(),
                                   part.addresses.v4.ranges().end());
                    same.v6.insert(same.v6.end(), part.addresses.v6.ranges().begin(),
                                   part.addresses.v6.ranges().end());
                    continue;
                }
            }
        }
        parts->push_back({std::move(part.addresses), std::move(part.owners), kNoIndex});
    }
    for (auto& [key, same] : alike) {
        parts->push_back({{IntervalSet<std::uint32_t>::of(std::move(same.v4)),
                           IntervalSet<Uint128>::of(std::move(same.v6))},
                          {},
                          same.first});
    }
    if (symbolic) {
        known->push_back({dst, home, way.shown_source.has_value(), parts});
    }
    return parts;
}

const AddressSet& SetWalk::platform_addresses() {
    static const AddressSet kAddresses = [] {
        AddressSet set;
        for (const std::vector<Address>* list : {&host_addresses(), &activation_addresses()}) {
            for (const Address& address : *list) {
                set |= AddressSet::single(address);
            }
        }
        return set;
    }();
    return kAddresses;
}

void SetWalk::forget() {
    replies_.clear();
    for (auto& [key, entries] : owned_) {
        std::erase_if(entries, [](const Owned& entry) { return entry.home != nullptr; });
    }
}

bool SetWalk::is_home(const SourceGroup& sender, ConfigIndex config) const {
    if (sender.contains(config)) {
        return true;
    }
    const NetworkInterface* interface = network_.configurations()[config].interface;
    return std::any_of(sender.configs.begin(), sender.configs.end(), [&](ConfigIndex own) {
        return network_.configurations()[own].interface == interface;
    });
}

// --- arriving ----------------------------------------------------------------------------------

Cells SetWalk::arrive(ConfigIndex config, const Region& region, const Translation* through,
                      bool from_outside, const Way& way) {
    const ConfigPlace& place = network_.configurations()[config];
    if (way.reply()) {
        const Way& request = *way.request->way;
        if (request.start != Start::nic) {
            return {};
        }
        const bool home = is_home(*request.sender, config);
        return home ? reply_ended(region, way) : Cells{};  // N35: a new packet for somebody else
    }
    if (!wanted(config, way)) {
        return {};
    }
    bool certain = true;
    const bool endpoint = place.endpoint != nullptr;
    if (endpoint) {
        using Status = PrivateEndpoint::Connection::Status;
        const auto& connections = place.endpoint->connections;
        const auto some = [&](Status status) {
            return std::any_of(connections.begin(), connections.end(),
                               [&](const auto& c) { return c.status == status; });
        };
        if (!some(Status::approved)) {  // R37
            if (!connections.empty() && !some(Status::unknown)) {
                return {};
            }
            certain = false;
        }
    }
    Cells cells = delivered(region, {EndPlace::Kind::config, config}, way);
    if (algebra_.symbolic() && !way.shown_source) {
        for (Cell& cell : cells) {
            for (Fate* fate : {&cell.packets, &cell.sessions}) {
                *fate = Fate::all(algebra_.expressions().arrival(fate->sets[0]));
            }
        }
    } else {
        filter(cells, filters_.chain(config, Direction::inbound), through, from_outside, way);
    }
    if (!certain) {
        algebra_.weaken(cells);
    }
    if (cells.empty() || !way.question->sessions) {
        return cells;
    }
    if (endpoint) {
        if (!way.devices.empty()) {  // R47
            algebra_.weaken_sessions(cells);
        }
        return cells;
    }
    AddressSet sources;
    for (const Cell& cell : cells) {
        sources |= cell.src;
    }
    const auto& address = place.configuration->address;
    AddressSet from = region.dst;  // several alike, in a symbolic walk
    if (address && !from.contains(*address)) {
        from = AddressSet::single(*address);
    } else if (address && !algebra_.symbolic()) {
        from = AddressSet::single(*address);
    }
    if (!algebra_.symbolic() || place.interface->ip_forwarding || place.subnet == kNoIndex) {
        return with_sessions(std::move(cells), replies_of(config, from, sources, way), true);
    }
    // The same for all receivers of a subnet.
    std::vector<KnownReplies>& known = replies_[place.subnet];
    const bool inside = space_of(network_.subnets()[place.subnet].vnet_index).contains_all(from);
    for (const KnownReplies& entry : known) {
        if (inside && entry.sender == way.sender && entry.start == way.start &&
            entry.devices == way.devices && entry.balanced == way.balanced &&
            entry.shown_source == way.shown_source && entry.to == sources) {
            return with_sessions(std::move(cells), entry.replies, true);
        }
    }
    Cells replies = algebra_.disjoint(algebra_.merged(replies_of(config, from, sources, way)));
    if (inside) {
        known.push_back(
            {way.sender, way.start, way.devices, way.balanced, way.shown_source, sources, replies});
    }
    return with_sessions(std::move(cells), replies, true);
}

Cells SetWalk::translate(const std::vector<Translation>& ways, const Region& region,
                         bool from_outside, const SourceGroup* sender, const Way& way) {
    if (algebra_.symbolic()) {
        Cells cells = delivered(region, {}, way);
        for (Cell& cell : cells) {
            cell.packets = cell.sessions = Fate::all(algebra_.expressions().opaque());
        }
        return cells;
    }
    // The services by the ways that take them.
    struct Bucket {
        ServiceId services;
        std::vector<const Translation*> ways;
    };
    std::vector<Bucket> buckets{{region.services, {}}};
    for (const Translation& translation : ways) {
        const ServiceId accepted = pool_.intern(translation.accepts);
        const std::size_t count = buckets.size();
        for (std::size_t i = 0; i < count; ++i) {
            const ServiceId inside = pool_.intersect(buckets[i].services, accepted);
            if (inside == kNoService) {
                continue;
            }
            const ServiceId rest = pool_.subtract(buckets[i].services, accepted);
            if (rest != kNoService) {
                buckets.push_back({rest, buckets[i].ways});
            }
            buckets[i].services = inside;
            buckets[i].ways.push_back(&translation);
        }
    }
    Cells result;
    for (const Bucket& bucket : buckets) {
        if (bucket.ways.empty()) {
            continue;  // no rule takes it
        }
        Region piece = region;
        piece.services = bucket.services;
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Translation* translation : bucket.ways) {
            alternatives.emplace_back(
                translation->when.empty(),
                translate_one(*translation, piece, from_outside, sender, way));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

Cells SetWalk::translate_one(const Translation& translation, const Region& region,
                             bool from_outside, const SourceGroup* sender, const Way& way) {
    if (translation.kind == Translation::Kind::unmodelled ||
        translation.kind == Translation::Kind::unread) {
        return unknown(region, way);
    }
    if (translation.config == kNoIndex) {
        return {};
    }
    Region to = region;
    if (sender != nullptr && translation.kind != Translation::Kind::instance_ip &&
        sender->contains(translation.config)) {  // E10
        const auto& own = network_.configurations()[translation.config].configuration->address;
        if (sender->configs.size() == 1) {
            return {};
        }
        if (own) {
            to.src -= AddressSet::single(*own);
        }
        if (to.src.empty()) {
            return {};
        }
    }
    // Ports: TCP and UDP get the rule's port, if it has one; nothing else has ports.
    if (translation.to_port) {
        static const ServiceSet kPorted = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
        const ServiceId ported = pool_.intersect(to.services, pool_.intern(kPorted));
        if (ported != to.services) {
            Region others = region;
            others.services = pool_.subtract(region.services, ported);
            Translation kept = translation;
            kept.to_port.reset();
            Cells cells = translate_one(kept, others, from_outside, sender, way);
            if (ported != kNoService) {
                Region only = region;
                only.services = ported;
                append(cells, translate_one(translation, only, from_outside, sender, way));
            }
            return cells;
        }
    }
    const ServiceId accepted = to.services;
    const ServiceId sent_on = translation.to_port
                                  ? pool_.with_destination_port(accepted, *translation.to_port)
                                  : accepted;
    const ConfigPlace& place = network_.configurations()[translation.config];
    const auto& address = place.configuration->address;
    Way onward = way;
    ++onward.version;
    const auto to_destination = [&](const AddressSet& dst) {
        Region piece{to.src, dst, sent_on};
        Cells cells = arrive(translation.config, piece, &translation, from_outside, onward);
        for (Cell& cell : cells) {
            cell.dst = region.dst;
            if (translation.to_port) {
                for (Fate* fate : {&cell.packets, &cell.sessions}) {
                    for (ServiceId& set : fate->sets) {
                        set = pool_.before_destination_port(set, *translation.to_port, accepted);
                    }
                }
                cell.ports = {PortMap::Kind::to_port, *translation.to_port};
            }
        }
        return cells;
    };
    if (!address) {  // one of the subnet's addresses
        AddressSet space;
        if (place.subnet != kNoIndex) {
            for (const Prefix& prefix : network_.subnets()[place.subnet].subnet->prefixes) {
                space |= prefix.addresses();
            }
        }
        space = of_family(space, family_of(region.dst));
        Cells cells = space.empty() ? unknown(to, way) : to_destination(space);
        algebra_.weaken(cells);
        return algebra_.disjoint(std::move(cells));
    }
    if (translation.floating_ip) {  // N44
        switch (tri(FactKey::floating_ip_nsg_sees_frontend)) {
            case Tri::yes:
                return to_destination(region.dst);
            case Tri::no:
                return to_destination(AddressSet::single(*address));
            case Tri::open:
                return algebra_.either_fact(to_destination(region.dst),
                                            to_destination(AddressSet::single(*address)));
        }
    }
    return to_destination(AddressSet::single(*address));
}

// --- the internet ------------------------------------------------------------------------------

Cells SetWalk::leave(const Emitter& emitter, const Region& region, const Way& way) {
    if (emitter.group == nullptr) {
        return {};  // a gateway does not send to the internet
    }
    if (way.reply()) {
        return {};  // not to an internet client: nobody there has asked
    }
    Region out = region;
    public_space();
    out.dst &= way.question->targets != nullptr ? public_addresses_ : Edges::internet_space();
    if (out.dst.empty()) {
        return {};
    }
    const auto with_methods = [&] {
        // NICs of the group that leave by the same methods.
        std::vector<std::pair<const std::vector<OutboundMethod>*, AddressSet>> parts;
        if (emitter.group->configs.size() == 1) {
            parts.emplace_back(&network_.edges().outbound(emitter.group->configs.front()), out.src);
        } else {
            for (const ConfigIndex config : emitter.group->configs) {
                const AddressSet own = single(config).addresses & out.src;
                if (own.empty()) {
                    continue;
                }
                const std::vector<OutboundMethod>& methods = network_.edges().outbound(config);
                const auto same = std::find_if(parts.begin(), parts.end(), [&](const auto& part) {
                    return same_methods(*part.first, methods);
                });
                if (same == parts.end()) {
                    parts.emplace_back(&methods, own);
                } else {
                    same->second |= own;
                }
            }
        }
        Cells cells;
        for (const auto& [methods, src] : parts) {
            Region piece = out;
            piece.src = src;
            append(cells, leave_by(*emitter.group, *methods, 0, piece, way));
        }
        return cells;
    };
    if (!emitter.forwarded) {
        return with_methods();
    }
    switch (tri(FactKey::nva_forwarded_source_snat)) {
        case Tri::yes:
            return with_methods();
        case Tri::no:
            return outside(*emitter.group, nullptr, out, way);
        case Tri::open:
            return algebra_.either_fact(with_methods(), outside(*emitter.group, nullptr, out, way));
    }
    return {};
}

/// The first method from `next` on that carries the service, covers the destination and exists.
Cells SetWalk::leave_by(const SourceGroup& emitter, const std::vector<OutboundMethod>& methods,
                        std::size_t next, const Region& region, const Way& way) {
    if (next == methods.size() || region.dst.empty() || region.services == kNoService) {
        return {};
    }
    const OutboundMethod& method = methods[next];
    Cells result;
    const ServiceId carried = pool_.intersect(region.services, pool_.intern(method.services));
    const ServiceId others = pool_.subtract(region.services, carried);
    if (others != kNoService) {
        Region rest = region;
        rest.services = others;
        append(result, leave_by(emitter, methods, next + 1, rest, way));
    }
    if (carried == kNoService) {
        return result;
    }
    const Bounds<AddressSet> covered = bounds_of(method.destinations);
    Region beside = region;
    beside.services = carried;
    beside.dst -= covered.may;
    append(result, leave_by(emitter, methods, next + 1, beside, way));

    Region sure = region;
    sure.services = carried;
    sure.dst &= covered.must;
    Region unsure = region;
    unsure.services = carried;
    unsure.dst = (unsure.dst & covered.may) - covered.must;
    if (!method.when.empty()) {
        unsure.dst |= sure.dst;
        sure.dst = {};
    }
    if (!sure.dst.empty()) {
        append(result, outside(emitter, &method, sure, way));
    }
    if (!unsure.dst.empty()) {
        append(result, algebra_.either_fact(outside(emitter, &method, unsure, way),
                                            leave_by(emitter, methods, next + 1, unsure, way)));
    }
    return result;
}

/// Out by a method (null: with its own source), to the internet or to a public entry of ours.
Cells SetWalk::outside(const SourceGroup& emitter, const OutboundMethod* method,
                       const Region& region, const Way& way) {
    Cells result;
    const bool by_device = !way.devices.empty();
    Region away = region;
    away.dst = (away.dst & Edges::internet_space()) - public_addresses_;
    if (way.question->targets == nullptr && !away.dst.empty()) {
        Cells cells = delivered(away, {EndPlace::Kind::internet, 0}, way);
        if (by_device && way.question->sessions) {
            cells =
                with_sessions(std::move(cells),
                              reply_from(emitter.configs.front(), away.dst, away.src, way), false);
        }
        append(result, std::move(cells));
    }
    if (!region.dst.intersects(public_addresses_)) {
        return result;
    }
    for (const auto& [addresses, entry] : public_space()) {
        Region piece = region;
        piece.dst &= addresses;
        if (piece.dst.empty()) {
            continue;
        }
        const bool to_group =
            emitter.configs.size() > 1 &&
            std::any_of(entry->ways.begin(), entry->ways.end(), [&](const Translation& t) {
                return t.kind != Translation::Kind::instance_ip && t.config != kNoIndex &&
                       emitter.contains(t.config);
            });
        if (to_group) {  // E10 tells the NICs apart
            for (const ConfigIndex config : emitter.configs) {
                Region own = piece;
                own.src &= single(config).addresses;
                if (!own.src.empty()) {
                    append(result, outside(single(config), method, own, way));
                }
            }
            continue;
        }
        const Family family = family_of(piece.dst);
        AddressSet seen_as =
            method == nullptr ? piece.src : of_family(method->source_addresses, family);
        const bool known = !seen_as.empty();
        if (!known) {
            seen_as = of_family(Edges::internet_space(), family);
        }
        Way onward;
        onward.question = way.question;
        onward.start = Start::outside;
        onward.visits = way.visits;
        onward.version = way.version + 1;
        const Region entering{seen_as, piece.dst, piece.services};
        Cells cells = translate(entry->ways, entering, true, &emitter, onward);
        if (method != nullptr) {
            cells = algebra_.collapsed_sources(std::move(cells), seen_as, piece.src, known);
            if (!known) {
                algebra_.weaken(cells);  // what hangs on the source is free
            }
        }
        if (by_device && way.question->sessions && !cells.empty()) {
            cells = with_sessions(std::move(cells),
                                  reply_from(emitter.configs.front(), piece.dst, piece.src, way),
                                  false);
        }
        append(result, std::move(cells));
    }
    return result;
}

Cells SetWalk::enter_public(const Region& region, const SourceGroup* sender, const Way& way) {
    Cells result;
    public_space();
    if (!region.dst.intersects(public_addresses_)) {
        return result;
    }
    for (const auto& [addresses, entry] : public_space()) {
        if (!region.dst.intersects(addresses)) {
            continue;
        }
        Region piece = region;
        piece.dst &= addresses;
        append(result, translate(entry->ways, piece, true, sender, way));
    }
    return result;
}

// --- gateways ----------------------------------------------------------------------------------

Cells SetWalk::to_gateway(const ResourceId& gateway, bool from_gateway_too, const Region& region,
                          const Way& way) {
    struct Part {
        AddressSet dst;
        std::vector<const BehindGateway*> behind;
    };
    std::vector<Part> parts{{region.dst, {}}};
    for (const BehindGateway& behind : network_.routes().behind(gateway)) {
        const std::size_t count = parts.size();
        for (std::size_t i = 0; i < count; ++i) {
            AddressSet inside = parts[i].dst & behind.addresses;
            if (inside.empty()) {
                continue;
            }
            AddressSet rest = parts[i].dst - behind.addresses;
            if (!rest.empty()) {
                parts.push_back({std::move(rest), parts[i].behind});
            }
            parts[i].dst = std::move(inside);
            parts[i].behind.push_back(&behind);
        }
    }
    Cells result;
    for (const Part& part : parts) {
        Region piece = region;
        piece.dst = part.dst;
        // From one gateway subnet back to the gateway: its own sites; other VNets only over BGP,
        // since static tunnels do not chain.                                               [E20]
        const auto is_vnet = [](const BehindGateway* behind) {
            return behind->kind == BehindGateway::Kind::vnet;
        };
        const bool chains =
            network_.assumptions().bgp_open() &&
            std::none_of(part.behind.begin(), part.behind.end(), [&](const BehindGateway* behind) {
                return !is_vnet(behind) && behind->when.empty();
            });
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const BehindGateway* behind : part.behind) {
            const bool chained = from_gateway_too && is_vnet(behind);
            if (chained && !chains) {
                continue;
            }
            Cells cells;
            if (behind->kind != BehindGateway::Kind::vnet) {
                if (way.reply()) {
                    if (way.request->way->start == Start::onprem) {
                        cells = reply_ended(piece, way);
                    }
                } else if (way.question->targets == nullptr) {
                    cells = delivered(piece, {EndPlace::Kind::onprem, 0}, way);
                    if (way.question->sessions) {
                        const Request request{&way, kNoIndex};
                        Way back;
                        back.question = way.question;
                        back.request = &request;
                        const Region reply{piece.dst, piece.src, kEveryService};
                        cells = with_sessions(std::move(cells),
                                              enter_from_onprem(&gateway, reply, back), false);
                    }
                }
            } else if (behind->vnet == kNoIndex) {
                cells = unknown(piece, way);
            } else {
                cells =
                    from_gateway(behind->remote_gateway.empty() ? gateway : behind->remote_gateway,
                                 behind->remote_subnet, piece, way);
            }
            alternatives.emplace_back(behind->when.empty() && !chained, std::move(cells));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

Cells SetWalk::from_gateway(const ResourceId& gateway, SubnetIndex subnet, const Region& region,
                            Way way) {
    if (subnet == kNoIndex) {
        return unknown(region, way);
    }
    if (seen(way, kGatewayEmitter | subnet)) {
        return {};
    }
    return route({nullptr, subnet, &gateway, true}, region, way);
}

Cells SetWalk::enter_from_onprem(const ResourceId* only, const Region& region, const Way& way) {
    struct Part {
        AddressSet src;
        std::vector<const Routes::OnpremEntry*> entries;
    };
    std::vector<Part> parts{{region.src, {}}};
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        if (only != nullptr && entry.gateway != *only) {
            continue;
        }
        const std::size_t count = parts.size();
        for (std::size_t i = 0; i < count; ++i) {
            AddressSet inside = parts[i].src & entry.sources;
            if (inside.empty()) {
                continue;
            }
            AddressSet rest = parts[i].src - entry.sources;
            if (!rest.empty()) {
                parts.push_back({std::move(rest), parts[i].entries});
            }
            parts[i].src = std::move(inside);
            parts[i].entries.push_back(&entry);
        }
    }
    Way inward = way;
    inward.from_onprem = true;
    Cells result;
    for (const Part& part : parts) {
        Region piece = region;
        piece.src = part.src;
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Routes::OnpremEntry* entry : part.entries) {
            alternatives.emplace_back(
                entry->when.empty(),
                from_gateway(entry->gateway, entry->gateway_subnet, piece, inward));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

// --- appliances --------------------------------------------------------------------------------

Cells SetWalk::to_appliance(const Emitter& emitter, const EffectiveRouteEntry& entry,
                            const Region& region, const Way& way) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    return to_appliance_in(emitter, network_.routes().appliance_vnets(place.vnet_index), 0,
                           entry.address, false, region, way);
}

/// The address is looked up in the VNets from `next` on, without routing.              [R28] [R30]
Cells SetWalk::to_appliance_in(const Emitter& emitter, const std::vector<HopTarget>& targets,
                               std::size_t next, const Address& address, bool unread,
                               const Region& region, const Way& way) {
    if (next == targets.size()) {
        if (!unread && tri(FactKey::missing_next_hop) == Tri::yes) {
            return {};
        }
        return unknown(region, way);  // forwarded, by something that was not read     [R33] [Q19]
    }
    const HopTarget& target = targets[next];
    const auto further = [&](bool unread_too) {
        return to_appliance_in(emitter, targets, next + 1, address, unread || unread_too, region,
                               way);
    };
    if (target.vnet == kNoIndex) {
        return further(target.space.contains(address));
    }
    const std::vector<Owner> owners = network_.edges().owners(target.vnet, address);
    const bool empty = std::all_of(owners.begin(), owners.end(), [](const Owner& owner) {
        return owner.kind == Owner::Kind::nobody || owner.kind == Owner::Kind::reserved;
    });
    if (empty) {
        return further(false);
    }
    return when(
        target.when,
        [&] {
            std::vector<std::pair<bool, Cells>> alternatives;
            for (const Owner& owner : owners) {
                Cells cells;
                switch (owner.kind) {
                    case Owner::Kind::configuration:
                        cells = through_appliance(owner.config, region, way);
                        break;
                    case Owner::Kind::frontend:
                        cells = through_frontend(emitter, owner, region, way);
                        break;
                    case Owner::Kind::unknown:
                    case Owner::Kind::unmodelled:
                        cells = unknown(region, way);
                        break;
                    case Owner::Kind::reserved:
                    case Owner::Kind::nobody:
                        break;
                }
                alternatives.emplace_back(true, std::move(cells));
            }
            return chosen(std::move(alternatives));
        },
        [&] { return further(false); });
}

/// A next-hop frontend does not translate: the members get the packet as it is.            [R34]
Cells SetWalk::through_frontend(const Emitter& emitter, const Owner& owner, const Region& region,
                                const Way& way) {
    struct Bucket {
        ServiceId services;
        std::vector<const Translation*> ways;
    };
    std::vector<Bucket> buckets{{region.services, {}}};
    for (const Translation& translation :
         network_.edges().translations(*owner.balancer, *owner.frontend)) {
        const ServiceId accepted = pool_.intern(translation.accepts);
        const std::size_t count = buckets.size();
        for (std::size_t i = 0; i < count; ++i) {
            const ServiceId inside = pool_.intersect(buckets[i].services, accepted);
            if (inside == kNoService) {
                continue;
            }
            const ServiceId rest = pool_.subtract(buckets[i].services, accepted);
            if (rest != kNoService) {
                buckets.push_back({rest, buckets[i].ways});
            }
            buckets[i].services = inside;
            buckets[i].ways.push_back(&translation);
        }
    }
    // Both directions of a flow through one frontend meet the same member. [R63]
    ConfigIndex same = kNoIndex;
    if (way.reply()) {
        for (const auto& [frontend, member] : way.request->way->balanced) {
            same = frontend == owner.frontend ? member : same;
        }
    }
    Cells result;
    for (Bucket& bucket : buckets) {
        if (bucket.ways.empty()) {
            continue;
        }
        const auto met = std::find_if(bucket.ways.begin(), bucket.ways.end(),
                                      [&](const Translation* t) { return t->config == same; });
        if (same != kNoIndex && met != bucket.ways.end()) {
            bucket.ways = {*met};
        }
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Translation* translation : bucket.ways) {
            Region piece = region;
            piece.services = bucket.services;
            Cells cells;
            if (translation->kind == Translation::Kind::unmodelled ||
                translation->kind == Translation::Kind::unread) {
                cells = unknown(piece, way);
            } else if (translation->config != kNoIndex) {
                if (emitter.group != nullptr && emitter.group->contains(translation->config)) {
                    const AddressSet& own = single(translation->config).addresses;
                    piece.src = emitter.group->configs.size() == 1 ? AddressSet{} : piece.src - own;
                }
                if (!piece.src.empty()) {
                    Way onward = way;
                    onward.balanced.emplace_back(owner.frontend, translation->config);
                    cells = through_appliance(translation->config, piece, onward);
                }
            }
            alternatives.emplace_back(translation->when.empty(), std::move(cells));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

Cells SetWalk::through_appliance(ConfigIndex config, const Region& region, const Way& way) {
    const ConfigPlace& place = network_.configurations()[config];
    Cells result;
    Region transit = region;
    for (const ConfigIndex own : network_.configurations_of(place.interface->header.id)) {
        const AddressSet& address = single(own).addresses;
        if (!address.empty() && transit.dst.intersects(address)) {  // it is the destination
            Region here = transit;
            here.dst = address;
            append(result, arrive(own, here, nullptr, false, way));
            transit.dst -= address;
        }
    }
    if (transit.dst.empty() || place.endpoint != nullptr || !place.interface->ip_forwarding) {
        return result;  // R29
    }
    const bool on_request = way.reply() && lists(way.request->way->devices, config);
    const auto& address = place.configuration->address;
    std::optional<NvaMode> mode;
    if (address) {
        mode = network_.assumptions().nva(*address);
    }
    if (mode == NvaMode::opaque) {
        mode.reset();
    }
    if (!mode && on_request) {
        mode = NvaMode::transparent;
    }
    Cells cells;
    if (!mode) {
        cells = unknown(transit, way);
    } else if (*mode == NvaMode::drop) {
        return result;
    } else if (*mode == NvaMode::snat && !way.reply()) {
        Way request = way;
        request.devices.push_back(config);
        Way onward;
        onward.question = way.question;
        onward.start = Start::nic;
        onward.sender = &single(config);
        onward.visits = way.visits;
        onward.version = way.version + 1;
        onward.from_onprem = way.from_onprem;
        onward.shown_source = *address;
        const AddressSet& own = single(config).addresses;
        Cells sent = emit(single(config), {own, transit.dst, transit.services}, false, onward);
        for (Cell& cell : sent) {
            cell.src = transit.src;
        }
        if (way.question->sessions && !sent.empty()) {
            sent = with_sessions(std::move(sent),
                                 reply_from(config, transit.dst, transit.src, request), false);
        }
        cells = std::move(sent);
    } else {
        Way onward = way;
        onward.devices.push_back(config);
        const AddressSet& own = single(config).addresses;
        for (const bool foreign : {true, false}) {
            Region piece = transit;
            piece.src = foreign ? transit.src - own : transit.src & own;
            if (!piece.src.empty()) {
                append(cells, emit(single(config), piece, foreign, onward));
            }
        }
    }
    if (!on_request) {
        filter(cells, filters_.chain(config, Direction::inbound), nullptr, false, way);
    }
    append(result, std::move(cells));
    return result;
}

// --- the reply ---------------------------------------------------------------------------------

Cells SetWalk::replies_of(ConfigIndex receiver, const AddressSet& from, const AddressSet& to,
                          const Way& request_way) {
    const Request request{&request_way, receiver};
    Way way;
    way.question = request_way.question;
    way.request = &request;
    return emit(single(receiver), {from, to, kEveryService}, false, std::move(way));
}

/// The reply has come back to an appliance of the request, or to the NIC that sent it out to the
/// internet: on towards the sender.
Cells SetWalk::reply_from(ConfigIndex device, const AddressSet& from, const AddressSet& to,
                          const Way& request_way) {
    const Request request{&request_way, device};
    Way way;
    way.question = request_way.question;
    way.request = &request;
    way.devices = {device};
    return emit(single(device), {from, to, kEveryService}, true, std::move(way));
}

/// R62: the reply has come back; the same appliances must have seen it.
Cells SetWalk::reply_ended(const Region& region, const Way& way) {
    const std::vector<ConfigIndex>& request = way.request->way->devices;
    const bool same = std::all_of(request.begin(), request.end(),
                                  [&](ConfigIndex device) { return lists(way.devices, device); }) &&
                      std::all_of(way.devices.begin(), way.devices.end(),
                                  [&](ConfigIndex device) { return lists(request, device); });
    Cells cells = delivered(region, {}, way);
    if (!same) {
        switch (tri(FactKey::stateful_asymmetry_drops)) {
            case Tri::yes:
                return {};
            case Tri::open:
                algebra_.weaken(cells);
                break;
            case Tri::no:
                break;
        }
    }
    return cells;
}

Cells SetWalk::with_sessions(Cells cells, const Cells& replies, bool any_destination) {
    if (replies.size() == 1 && algebra_.is_everything(replies.front().packets)) {
        const Cell& reply = replies.front();
        const bool whole = std::all_of(cells.begin(), cells.end(), [&](const Cell& cell) {
            return reply.dst.contains_all(cell.src) &&
                   (any_destination || reply.src.contains_all(cell.dst));
        });
        if (whole) {
            return cells;
        }
    }
    const Cells ways = algebra_.disjoint(algebra_.merged(replies));
    Cells result;
    for (Cell& cell : cells) {
        Cells rest{std::move(cell)};
        for (const Cell& reply : ways) {
            const Fate answered = algebra_.exchanged(reply.packets);
            Cells next;
            for (Cell& piece : rest) {
                AddressSet src = piece.src & reply.dst;
                AddressSet dst = any_destination ? piece.dst : piece.dst & reply.src;
                if (src.empty() || dst.empty()) {
                    next.push_back(std::move(piece));
                    continue;
                }
                AddressSet beside = piece.dst - dst;
                if (!beside.empty()) {
                    Cell other = piece;
                    other.src = src;
                    other.dst = std::move(beside);
                    next.push_back(std::move(other));
                }
                Cell both = piece;
                both.src = src;
                both.dst = std::move(dst);
                both.sessions = algebra_.intersected(both.sessions, answered);
                result.push_back(std::move(both));
                piece.src -= src;
                if (!piece.src.empty()) {
                    next.push_back(std::move(piece));
                }
            }
            rest = std::move(next);
        }
        for (Cell& piece : rest) {
            piece.sessions = {};
            result.push_back(std::move(piece));
        }
    }
    return algebra_.merged(std::move(result));
}

}  // namespace azreach
