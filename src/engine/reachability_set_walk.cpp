#include "src/engine/reachability_set_walk.hpp"

#include <algorithm>

#include "models/net/ensures.hpp"
#include "src/engine/reachability_walk_parts.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxDevices = 64;
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

bool names_tag(const FilterRule& rule, const std::string& tag) {
    return rule.rule != nullptr &&
           std::any_of(rule.rule->destination.tags.begin(), rule.rule->destination.tags.end(),
                       [&](const std::string& t) { return equal_ignoring_case(t, tag); });
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
    const Way::Visit visit{emitter, way.version, way.source};
    if (way.visits.size() >= kMaxDevices ||
        std::find(way.visits.begin(), way.visits.end(), visit) != way.visits.end()) {
        return true;
    }
    way.visits.push_back(visit);
    return false;
}

std::uint32_t SetWalk::version_of(const Address& destination, ServiceId services) {
    return versions_
        .emplace(std::pair(destination, services), static_cast<std::uint32_t>(versions_.size()) + 1)
        .first->second;
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
    if (!way.reply() && way.passed + 1 != std::uint64_t{1} << way.question->pass.size()) {
        return {};
    }
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

/// Where nobody sees them, packets may pass anything.
SetWalk::Way SetWalk::perhaps_passed(const Way& way) {
    Way result = way;
    result.passed = static_cast<std::uint32_t>((std::uint64_t{1} << way.question->pass.size()) - 1);
    return result;
}

Cells SetWalk::unknown(const Region& region, const Way& way) {
    if (way.question->paas != nullptr && !way.reply()) {
        return admitted_unseen(region, perhaps_passed(way));
    }
    Cells cells = delivered(region, {}, perhaps_passed(way));
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
        return {};  // R39 [PE-5]
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
        if (question.paas != nullptr) {
            append(cells, admitted(region, {}, way));
            continue;
        }
        append(cells, enter_public(region, nullptr, way));
        if (question.counts_elsewhere()) {  // not ours: it never enters
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

Cells SetWalk::from_neighbour(VnetIndex vnet, const AddressSet& src, const AddressSet& dst,
                              ServiceId services, const WalkQuestion& question) {
    Cells cells;
    for (const Family family : {Family::v4, Family::v6}) {
        const Region region{of_family(src, family), of_family(dst, family), services};
        if (region.src.empty() || region.dst.empty()) {
            continue;
        }
        Way way;
        way.question = &question;
        way.start = Start::onprem;
        append(cells, enter_vnet({}, vnet, false, region, perhaps_passed(way)));
    }
    algebra_.weaken(cells);
    return cells;
}

Cells SetWalk::from_lodger(SubnetIndex subnet, const AddressSet& src, const AddressSet& dst,
                           ServiceId services, const WalkQuestion& question) {
    Cells cells;
    for (const Family family : {Family::v4, Family::v6}) {
        const Region region{of_family(src, family), of_family(dst, family), services};
        if (region.src.empty() || region.dst.empty()) {
            continue;
        }
        Way way;
        way.question = &question;
        way.start = Start::onprem;
        Emitter emitter;
        emitter.subnet = subnet;
        append(cells, route(emitter, region, way));
    }
    algebra_.weaken(cells);
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
    if (ends_there && (!way.question->counts_elsewhere() || way.reply())) {
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
    Cells cells = emitter.translate && entry.hop != NextHop::internet
                      ? shown_by_firewall(emitter, entry, region, way)
                      : hand_on(emitter, entry, region, way);
    if (!entry.delivers_when.empty()) {
        algebra_.weaken(cells);
    }
    return cells;
}

/// The packets go where the chosen route leads.
Cells SetWalk::hand_on(const Emitter& emitter, const EffectiveRouteEntry& entry,
                       const Region& region, const Way& way) {
    const SubnetPlace& place = network_.subnets()[emitter.subnet];
    Cells cells;
    bool certain = true;
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
            // P9: the flag is not asked of what a gateway passes on.
            if (emitter.gateway != nullptr ||
                (!entry.forwarded_never && entry.forwarded_when.empty())) {
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
            if (way.question->paas != nullptr) {
                Entrance entrance;
                entrance.kind = Entrance::Kind::service_endpoint;
                entrance.subnet = emitter.subnet;
                entrance.region = region_of(emitter.subnet);
                entrance.lent = emitter.forwarded;
                cells = admitted(region, entrance, way);
            } else if (!way.reply() && way.question->counts_elsewhere()) {
                cells = delivered(region, {EndPlace::Kind::internet, 0}, way);  // R56
            }
            if (emitter.firewall != kNoIndex && !emitter.answered && way.question->sessions &&
                !cells.empty()) {
                cells = with_sessions(
                    std::move(cells),
                    reply_from_firewall(emitter.firewall, region.dst, region.src, way), false);
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
        case NextHop::service_endpoint:
            switch (tri(FactKey::stateful_asymmetry_drops)) {
                case Tri::yes:
                    return {};
                case Tri::open:
                    algebra_.weaken(cells);
                    break;
                case Tri::no:  // whoever it is handed to may still refuse it
                    if (entry.hop != NextHop::service_endpoint) {
                        algebra_.weaken(cells);
                    }
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
    Region elsewhere = region;
    if (way.reply() && way.request->way->start == Start::firewall) {
        const FirewallPlace& place = network_.firewalls().at(way.request->way->firewall);
        Region back = region;
        back.dst &= place.shown;
        if (place.vnet == vnet && !back.dst.empty()) {  // what it has shown comes back to it
            result = reply_ended(back, way);
            elsewhere.dst -= back.dst;
            if (elsewhere.dst.empty()) {
                return result;
            }
        }
    }
    const auto parts = owned(vnet, elsewhere.dst, way);
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
                case Owner::Kind::firewall:
                    cells = to_firewall(owner.firewall, piece, false, way);
                    break;
                case Owner::Kind::reserved:
                case Owner::Kind::nobody:
                    break;
                case Owner::Kind::unknown:
                case Owner::Kind::unmodelled: {
                    // Somebody else than the configurations asked for, unless the address of one
                    // of them is not known.
                    bool may_be_target = way.question->counts_elsewhere();
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

}  // namespace azreach
