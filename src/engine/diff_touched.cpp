#include "src/engine/diff_touched.hpp"

#include <algorithm>
#include <set>

#include "src/engine/diff_facts.hpp"

namespace azreach {

namespace {

constexpr std::array<DiffSide, 2> kSides = {kBefore, kAfter};

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

/// What kinds of things the changes are about.
struct Changed {
    std::set<ResourceId> groups;       // security groups whose rules differ
    std::set<ResourceId> tables;       // route tables
    std::set<ResourceId> attachments;  // subnets and NICs with another group or route table
    bool others = false;               // something that takes effect elsewhere
    bool unknown = false;              // something whose effect is not known here
};

/// A resource that is not modelled and names no subnet and no public address on either side: no
/// packet can meet it.
bool stands_nowhere(const ConfigChanges& changes, const ResourceId& id) {
    bool known = false;
    for (const Snapshot* snapshot : {&changes.before(), &changes.after()}) {
        const auto found = snapshot->others.find(id);
        if (found != snapshot->others.end()) {
            known = true;
            if (!found->second.subnets.empty() || !found->second.public_ips.empty()) {
                return false;
            }
        }
    }
    return known;
}

Changed changed_of(const ConfigChanges& changes) {
    static const std::set<std::string> kUnderstood = {
        "virtualnetworks",      "networkinterfaces",     "applicationsecuritygroups",
        "publicipaddresses",    "publicipprefixes",      "natgateways",
        "loadbalancers",        "privateendpoints",      "virtualnetworkgateways",
        "localnetworkgateways", "connections",           "networkmanagers",
        "bastionhosts",         "networksecuritygroups", "routetables"};
    Changed result;
    for (const ConfigChange& change : changes.list()) {
        if (change.pointer == "/tags" || change.id.text() == "DNS zone groups") {
            continue;
        }
        const std::string type = lower(change.id.type());
        const std::size_t slash = type.find('/');
        const std::string provider = type.substr(0, slash);
        const std::string kind =
            slash == std::string::npos
                ? ""
                : type.substr(slash + 1, type.find('/', slash + 1) - slash - 1);
        const bool child = type.find('/', slash + 1) != std::string::npos;
        if (kind == "privatednszones" || kind == "dnszones" || kind == "dnsresolvers" ||
            kind == "dnsforwardingrulesets") {
            continue;  // names, not packets
        }
        if (provider != "microsoft.network" && stands_nowhere(changes, change.id)) {
            continue;
        }
        if (provider == "microsoft.compute" || kind == "locations") {
            result.others = true;
        } else if (provider != "microsoft.network" || !kUnderstood.contains(kind)) {
            // No id (effective rules, service tags, gaps): takes effect in filters and owners.
            (type.empty() ? result.others : result.unknown) = true;
        } else if (kind == "networksecuritygroups") {
            result.groups.insert(child ? change.id.parent() : change.id);
        } else if (kind == "routetables") {
            result.tables.insert(child ? change.id.parent() : change.id);
        } else if (change.pointer == "/properties/networkSecurityGroup" ||
                   change.pointer == "/properties/routeTable") {
            result.attachments.insert(change.id);
        } else {
            result.others = true;
        }
    }
    return result;
}

class Comparison {
public:
    Comparison(BothNetworks& both, const Changed& changed, const std::vector<SenderRow>& rows)
        : both_(both), changed_(changed), rows_(rows) {
        result_.fine.resize(rows.size());
        result_.coarse.resize(rows.size());
        result_.rerouted.resize(rows.size());
    }

    Touched compared() {
        if (changed_.unknown) {
            result_.everything = true;
        }
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const SenderRow& own = rows_[row];
            // Senders of one side only, or whose address is some unknown one.
            if (result_.everything ||
                (own.kind == SenderRow::Kind::configs &&
                 (own.group[kBefore].configs.empty() || own.group[kAfter].configs.empty()))) {
                whole(row);
            }
        }
        if (result_.everything) {
            return std::move(result_);
        }
        match_subnets();
        compare_routes();
        if (changed_.others) {
            compare_owners();
            compare_public_entries();
            compare_outbound();
            compare_gateways();
        }
        compare_filters();
        touch_firewall_entries();
        spread_transit();
        compare_publishers();
        return std::move(result_);
    }

private:
    struct SubnetTwins {
        std::array<SubnetIndex, 2> index{kNoIndex, kNoIndex};
        std::vector<std::size_t> twins;  // configurations in it, on either side
        AddressSet rerouted;             // destinations that it sends another way
        bool forwards = false;           // somebody in it may forward foreign packets
        bool gateway = false;
    };

    const Network& network(DiffSide side) const { return both_.network(side); }
    const ConfigPlace* place(std::size_t twin, DiffSide side) const {
        const ConfigIndex index = both_.configs()[twin].index[side];
        return index == kNoIndex ? nullptr : &network(side).configurations()[index];
    }
    ResourceId subnet_id(std::size_t twin) const {
        for (const DiffSide side : {kAfter, kBefore}) {
            const ConfigPlace* at = place(twin, side);
            if (at != nullptr && at->configuration->subnet) {
                return *at->configuration->subnet;
            }
        }
        return {};
    }
    AddressSet addresses_of(std::size_t twin) const {
        AddressSet result;
        for (const DiffSide side : kSides) {
            const ConfigPlace* at = place(twin, side);
            if (at == nullptr) {
                continue;
            }
            if (at->configuration->address) {
                result |= AddressSet::single(*at->configuration->address);
            } else {
                result |= both_.state(side).free_space(at->subnet);
            }
        }
        return result;
    }

    void add(std::vector<PacketSet>& to, std::size_t row, const AddressSet& src,
             const AddressSet& dst, const ServiceSet& services) {
        const AddressSet own = src & (rows_[row].src[kBefore] | rows_[row].src[kAfter]);
        if (!own.empty() && !dst.empty() && !services.empty()) {
            to[row] |= PacketSet::of({own, dst, services});
        }
    }
    void add(std::size_t row, const AddressSet& src, const AddressSet& dst) {
        add(result_.coarse, row, src, dst, ServiceSet::every());
    }
    void whole(std::size_t row) { add(row, AddressSet::all(), AddressSet::all()); }
    void add_to_all(const AddressSet& src, const AddressSet& dst) {
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            add(row, src, dst);
        }
    }

    /// Addresses of those who may send on what others sent, as if they had sent it.
    const AddressSet& forwarders() {
        if (!forwarders_) {
            forwarders_.emplace();
            for (const DiffSide side : kSides) {
                for (const ConfigPlace& at : network(side).configurations()) {
                    if (at.interface->ip_forwarding && at.configuration->address) {
                        *forwarders_ |= AddressSet::single(*at.configuration->address);
                    }
                }
                *forwarders_ |= firewall_space(side);
            }
        }
        return *forwarders_;
    }

    /// Addresses from which firewalls show what they translated.
    AddressSet firewall_space(DiffSide side) const {
        AddressSet result;
        for (const SubnetPlace& place : network(side).subnets()) {
            if (equal_ignoring_case(place.subnet->header.name, "AzureFirewallSubnet")) {
                for (const Prefix& prefix : place.subnet->prefixes) {
                    result |= prefix.addresses();
                }
            }
        }
        return result;
    }

    /// Firewalls publish others by rules of their own: what comes in there may go anywhere.
    void touch_firewall_entries() {
        AddressSet at;
        for (const DiffSide side : kSides) {
            if (network(side).snapshot().firewalls.empty()) {
                continue;
            }
            at |= firewall_space(side);
            for (const Edges::PublicEntry& entry : network(side).edges().public_entries()) {
                for (const Translation& way : entry.ways) {
                    if (way.config == kNoIndex) {
                        at |= entry.addresses;
                    }
                }
            }
        }
        const auto none = [](const PacketSet& packets) { return packets.empty(); };
        if (!at.empty() && !(std::all_of(result_.fine.begin(), result_.fine.end(), none) &&
                             std::all_of(result_.coarse.begin(), result_.coarse.end(), none))) {
            add_to_all(AddressSet::all(), at);
        }
    }

    /// A public or balanced address by which packets come to a configuration.
    struct Entry {
        AddressSet at;
        ServiceSet accepts;
        std::optional<std::uint16_t> to_port;
    };
    AddressSet entries_to(std::size_t twin) {
        AddressSet result;
        for (const Entry& entry : entries_of(twin)) {
            result |= entry.at;
        }
        return result;
    }
    const std::vector<Entry>& entries_of(std::size_t twin) {
        if (!entries_ready_) {
            entries_ready_ = true;
            for (const DiffSide side : kSides) {
                const auto& places = network(side).configurations();
                std::vector<std::size_t> twin_of(places.size());
                for (std::size_t t = 0; t < both_.configs().size(); ++t) {
                    if (both_.configs()[t].index[side] != kNoIndex) {
                        twin_of[both_.configs()[t].index[side]] = t;
                    }
                }
                for (const Edges::PublicEntry& entry : network(side).edges().public_entries()) {
                    // E2: an address that is not known may be any that nobody else has.
                    const AddressSet at = entry.addresses.empty()
                                              ? both_.state(side).unclaimed_internet()
                                              : entry.addresses;
                    for (const Translation& way : entry.ways) {
                        if (way.config != kNoIndex) {
                            entries_[twin_of[way.config]].push_back({at, way.accepts, way.to_port});
                        }
                    }
                }
                for (const auto& [id, balancer] : network(side).snapshot().load_balancers) {
                    for (const LbFrontend& frontend : balancer.frontends) {
                        if (!frontend.address) {
                            continue;
                        }
                        for (const Translation& way :
                             network(side).edges().translations(balancer, frontend)) {
                            if (way.config != kNoIndex) {
                                entries_[twin_of[way.config]].push_back(
                                    {AddressSet::single(*frontend.address), way.accepts,
                                     way.to_port});
                                balanced_.insert(twin_of[way.config]);
                            }
                        }
                    }
                }
            }
        }
        static const std::vector<Entry> kNone;
        const auto found = entries_.find(twin);
        return found == entries_.end() ? kNone : found->second;
    }

    /// Whether packets for others may go through a configuration.
    bool may_forward(std::size_t twin) {
        entries_of(twin);
        if (balanced_.contains(twin)) {
            return true;
        }
        return std::any_of(kSides.begin(), kSides.end(), [&](DiffSide side) {
            const ConfigPlace* at = place(twin, side);
            return at != nullptr && at->interface->ip_forwarding;
        });
    }

    void match_subnets() {
        for (const DiffSide side : kSides) {
            for (SubnetIndex i = 0; i < network(side).subnets().size(); ++i) {
                const Subnet& subnet = *network(side).subnets()[i].subnet;
                SubnetTwins& own = subnets_[subnet.header.id];
                own.index[side] = i;
                own.gateway = own.gateway ||
                              equal_ignoring_case(subnet.header.name, "GatewaySubnet") ||
                              equal_ignoring_case(subnet.header.name, "AzureFirewallSubnet") ||
                              equal_ignoring_case(subnet.header.name, "RouteServerSubnet");
            }
        }
        for (std::size_t twin = 0; twin < both_.configs().size(); ++twin) {
            const ResourceId subnet = subnet_id(twin);
            subnet_of_.push_back(subnet);
            SubnetTwins& own = subnets_[subnet];
            own.twins.push_back(twin);
        }
    }

    bool touches(const Subnet& subnet) const {
        return changed_.attachments.contains(subnet.header.id) ||
               (subnet.route_table && changed_.tables.contains(*subnet.route_table));
    }
    /// Subnets whose routes, and tags that include routes, may have changed.
    bool routes_may_differ(const SubnetTwins& own) const {
        return changed_.others || std::any_of(kSides.begin(), kSides.end(), [&](DiffSide side) {
                   return own.index[side] != kNoIndex &&
                          touches(*network(side).subnets()[own.index[side]].subnet);
               });
    }

    void compare_routes() {
        for (auto& [id, own] : subnets_) {
            if (!routes_may_differ(own)) {
                continue;
            }
            if (own.index[kBefore] == kNoIndex && own.index[kAfter] == kNoIndex) {
                continue;  // read on neither side
            }
            if (own.index[kBefore] == kNoIndex || own.index[kAfter] == kNoIndex) {
                own.rerouted = AddressSet::all();
            } else {
                own.rerouted = table_difference(
                    network(kBefore), network(kBefore).routes().table(own.index[kBefore]),
                    network(kAfter), network(kAfter).routes().table(own.index[kAfter]));
            }
            if (own.rerouted.empty()) {
                continue;
            }
            transit_ = transit_ || own.gateway ||
                       std::any_of(own.twins.begin(), own.twins.end(),
                                   [&](std::size_t twin) { return may_forward(twin); });
            // Requests from here, and replies from here: they go to the request's source.
            AddressSet here;
            for (const std::size_t twin : own.twins) {
                here |= addresses_of(twin) | entries_to(twin);
            }
            add_to_all(own.rerouted.intersects(forwarders()) ? AddressSet::all() : own.rerouted,
                       here);
        }
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            const SenderRow& sender = rows_[row];
            if (sender.kind != SenderRow::Kind::configs) {
                continue;
            }
            const AddressSet& rerouted = subnets_[subnet_of_[sender.twins.front()]].rerouted;
            if (!rerouted.empty()) {
                add(row, AddressSet::all(), rerouted);
                result_.rerouted[row] |= rerouted;
            }
        }
    }

    // --- owners, translations, ways out --------------------------------------------------------

    void compare_owners() {
        std::map<ResourceId, std::array<VnetIndex, 2>> vnets;
        for (const DiffSide side : kSides) {
            for (VnetIndex i = 0; i < network(side).vnets().size(); ++i) {
                auto& own = vnets
                                .try_emplace(network(side).vnets()[i]->header.id,
                                             std::array<VnetIndex, 2>{kNoIndex, kNoIndex})
                                .first->second;
                own[side] = i;
            }
        }
        AddressSet differs;
        for (const auto& [id, index] : vnets) {
            std::array<AddressSet, 2> space;
            for (const DiffSide side : kSides) {
                if (index[side] != kNoIndex) {
                    for (const Prefix& p : network(side).vnets()[index[side]]->address_space) {
                        space[side] |= p.addresses();
                    }
                    for (const Subnet& subnet : network(side).vnets()[index[side]]->subnets) {
                        for (const Prefix& p : subnet.prefixes) {
                            space[side] |= p.addresses();
                        }
                    }
                }
            }
            const AddressSet both = space[kBefore] | space[kAfter];
            if (index[kBefore] == kNoIndex || index[kAfter] == kNoIndex) {
                differs |= both;
                continue;
            }
            if (!(space[kBefore] == space[kAfter])) {
                transit_ = true;  // what is foreign to a network decides what it forwards
                differs |= (space[kBefore] - space[kAfter]) | (space[kAfter] - space[kBefore]);
            }
            std::map<std::string, std::array<std::vector<AddressSet>, 2>> by_owner;
            for (const DiffSide side : kSides) {
                for (const Edges::Part& part : network(side).edges().partition(index[side], both)) {
                    std::string text;
                    for (const Owner& owner : part.owners) {
                        text += text_of(network(side), owner) + "|";
                    }
                    by_owner[std::move(text)][side].push_back(part.addresses);
                }
            }
            for (const auto& [text, parts] : by_owner) {
                std::array<AddressSet, 2> all;
                for (const DiffSide side : kSides) {
                    std::vector<const AddressSet*> pointers;
                    for (const AddressSet& part : parts[side]) {
                        pointers.push_back(&part);
                    }
                    all[side] = union_of(pointers);
                }
                if (!(all[kBefore] == all[kAfter])) {
                    differs |= (all[kBefore] - all[kAfter]) | (all[kAfter] - all[kBefore]);
                }
            }
        }
        if (differs.empty()) {
            return;
        }
        // Somebody else, or somebody who forwards: next hops are looked up among owners too.
        AddressSet hops;
        for (const DiffSide side : kSides) {
            for (const auto& [id, table] : network(side).snapshot().route_tables) {
                for (const Route& route : table.routes) {
                    if (route.next_hop_address) {
                        hops |= AddressSet::single(*route.next_hop_address);
                    }
                }
            }
        }
        transit_ = transit_ || differs.intersects(hops);
        add_to_all(AddressSet::all(), differs);
        // Who has another owner at his address is another receiver through his public entries.
        for (std::size_t twin = 0; twin < both_.configs().size(); ++twin) {
            if (const AddressSet at = entries_to(twin);
                !at.empty() && addresses_of(twin).intersects(differs)) {
                add_to_all(AddressSet::all(), at);
            }
        }
    }

    void compare_public_entries() {
        std::map<std::string, std::array<AddressSet, 2>> by_text;
        for (const DiffSide side : kSides) {
            for (const Edges::PublicEntry& entry : network(side).edges().public_entries()) {
                const std::string text =
                    lower(entry.public_ip.text()) + " " + lower(entry.balancer.text()) + " " +
                    (entry.address_known ? "" : "?") + text_of(network(side), entry.ways);
                by_text[text][side] |= entry.addresses.empty()
                                           ? both_.state(side).unclaimed_internet()
                                           : entry.addresses;
            }
        }
        AddressSet differs;
        for (const auto& [text, at] : by_text) {
            if (!(at[kBefore] == at[kAfter])) {
                differs |= (at[kBefore] - at[kAfter]) | (at[kAfter] - at[kBefore]);
            }
        }
        add_to_all(AddressSet::all(), differs);
    }

    void compare_outbound() {
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            for (const std::size_t twin : rows_[row].twins) {
                std::array<std::string, 2> text;
                for (const DiffSide side : kSides) {
                    const ConfigIndex index = both_.configs()[twin].index[side];
                    if (index != kNoIndex) {
                        for (const OutboundMethod& m : network(side).edges().outbound(index)) {
                            text[side] += text_of(network(side), m) + "|";
                        }
                    }
                }
                if (text[kBefore] != text[kAfter]) {
                    add(row, addresses_of(twin), Edges::internet_space());
                    result_.rerouted[row] |= Edges::internet_space();
                    transit_ = transit_ || may_forward(twin);
                }
            }
        }
    }

    void compare_gateways() {
        std::array<std::string, 2> onprem;
        std::array<std::string, 2> hops;
        for (const DiffSide side : kSides) {
            for (const Routes::OnpremEntry& entry : network(side).routes().onprem_entries()) {
                onprem[side] += text_of(network(side), entry) + "|";
            }
            for (const auto& [id, gateway] : network(side).snapshot().gateways) {
                for (const BehindGateway& behind : network(side).routes().behind(id)) {
                    onprem[side] += text_of(network(side), behind) + "|";
                }
            }
            for (VnetIndex v = 0; v < network(side).vnets().size(); ++v) {
                hops[side] += lower(network(side).vnets()[v]->header.id.text()) + ":";
                for (const HopTarget& target : network(side).routes().appliance_vnets(v)) {
                    hops[side] += text_of(network(side), target) + "|";
                }
            }
        }
        if (onprem[kBefore] != onprem[kAfter]) {
            transit_ = true;
            for (std::size_t row = 0; row < rows_.size(); ++row) {
                if (rows_[row].kind == SenderRow::Kind::onprem) {
                    whole(row);
                }
            }
        }
        transit_ = transit_ || hops[kBefore] != hops[kAfter];
    }

    // --- filters -------------------------------------------------------------------------------

    bool filters_may_differ(std::size_t twin) {
        if (changed_.others || routes_may_differ(subnets_[subnet_of_[twin]])) {
            return true;
        }
        return std::any_of(kSides.begin(), kSides.end(), [&](DiffSide side) {
            const ConfigPlace* at = place(twin, side);
            if (at == nullptr) {
                return false;
            }
            const Ref& own = at->interface->security_group;
            if ((own && changed_.groups.contains(*own)) ||
                changed_.attachments.contains(at->interface->header.id)) {
                return true;
            }
            if (at->subnet == kNoIndex) {
                return at->configuration->subnet.has_value() && !changed_.groups.empty();
            }
            const Subnet& subnet = *network(side).subnets()[at->subnet].subnet;
            return (subnet.security_group && changed_.groups.contains(*subnet.security_group)) ||
                   changed_.attachments.contains(subnet.header.id);
        });
    }

    /// The chains of both sides. Lists differ by subnet, not by NIC: those of the first NIC with
    /// the same groups in the same subnets stand for all (a list is made for every NIC otherwise).
    std::array<FilterChain, 2> chains(std::size_t twin, Direction direction) {
        const ConfigTwins& own = both_.configs()[twin];
        ChainKey key;
        bool shared = true;
        for (const DiffSide side : kSides) {
            const ConfigPlace& at = *place(twin, side);
            key.subnet[side] = at.subnet;
            key.group[side] = at.interface->security_group.value_or(ResourceId());
            shared = shared && at.subnet != kNoIndex && at.endpoint == nullptr &&
                     at.interface->header.contested.empty();
        }
        key.direction = direction;
        const auto made = [&] {
            std::array<FilterChain, 2> chain;
            for (const DiffSide side : kSides) {
                chain[side] = network(side).filters().chain(own.index[side], direction);
            }
            return chain;
        };
        if (!shared) {
            return made();
        }
        const auto known = chains_.find(key);
        return known != chains_.end() ? known->second : chains_.emplace(key, made()).first->second;
    }

    const PacketSet& difference(const FilterList* a, const FilterList* b) {
        const auto [it, added] = lists_.try_emplace({a, b});
        if (added) {
            it->second = list_difference(network(kBefore), a, network(kAfter), b);
        }
        return it->second;
    }

    void compare_filters() {
        /// Configurations with the same differences, together.
        struct Found {
            AddressSet addresses;
            std::vector<Entry> entries;
        };
        using Lists = std::array<const FilterList*, 6>;
        std::map<std::pair<Lists, bool>, Found> inbound;
        std::vector<std::size_t> row_of(both_.configs().size(), rows_.size());
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            for (const std::size_t twin : rows_[row].twins) {
                row_of[twin] = row;
            }
        }
        for (std::size_t twin = 0; twin < both_.configs().size(); ++twin) {
            const ConfigTwins& own = both_.configs()[twin];
            if (own.index[kBefore] == kNoIndex || own.index[kAfter] == kNoIndex ||
                !filters_may_differ(twin)) {
                continue;
            }
            for (const Direction direction : {Direction::inbound, Direction::outbound}) {
                const std::array<FilterChain, 2> chain = chains(twin, direction);
                // Lists of one place on both sides: the subnet's with the subnet's.
                const Lists lists = {chain[0].admin, chain[1].admin,  chain[0].first,
                                     chain[1].first, chain[0].second, chain[1].second};
                const bool group_differs = chain[0].has_group != chain[1].has_group;
                bool differs = group_differs;
                for (std::size_t i = 0; i < 6; i += 2) {
                    differs = differs || !difference(lists[i], lists[i + 1]).empty();
                }
                if (!differs) {
                    continue;
                }
                transit_ = transit_ || may_forward(twin);
                if (direction == Direction::inbound) {
                    Found& found = inbound[{lists, group_differs}];
                    found.addresses |= addresses_of(twin);
                    const std::vector<Entry>& entries = entries_of(twin);
                    found.entries.insert(found.entries.end(), entries.begin(), entries.end());
                } else if (row_of[twin] < rows_.size()) {
                    for (std::size_t i = 0; i < 6; i += 2) {
                        for (const Cube& cube : difference(lists[i], lists[i + 1]).cubes()) {
                            add(result_.fine, row_of[twin], cube.src & addresses_of(twin), cube.dst,
                                cube.service);
                        }
                    }
                }
            }
        }
        for (const auto& [key, found] : inbound) {
            const auto& [lists, group_differs] = key;
            for (std::size_t i = 0; i < 6; i += 2) {
                for (const Cube& cube : difference(lists[i], lists[i + 1]).cubes()) {
                    const AddressSet& src =
                        cube.src.intersects(forwarders()) ? AddressSet::all() : cube.src;
                    for (std::size_t row = 0; row < rows_.size(); ++row) {
                        add(result_.fine, row, src, cube.dst & found.addresses, cube.service);
                        // By a translation: the service as sent. Who leaves by a public address
                        // comes in with it.
                        const bool outside = rows_[row].kind == SenderRow::Kind::configs &&
                                             cube.src.intersects(Edges::internet_space());
                        for (const Entry& entry : found.entries) {
                            add(result_.fine, row, outside ? AddressSet::all() : src, entry.at,
                                as_sent(cube.service, entry));
                        }
                    }
                }
            }
            if (group_differs) {
                add_to_all(AddressSet::all(), found.addresses);
                for (const Entry& entry : found.entries) {
                    add_to_all(AddressSet::all(), entry.at);
                }
            }
        }
    }

    /// The services that an entry turns into some of `delivered`.
    ServiceSet as_sent(const ServiceSet& delivered, const Entry& entry) {
        ServicePool& pool = both_.pool();
        if (!entry.to_port) {
            return delivered & entry.accepts;
        }
        return pool.at(pool.before_destination_port(pool.intern(delivered), *entry.to_port,
                                                    pool.intern(entry.accepts)));
    }

    // --- through others ------------------------------------------------------------------------

    /// Something on the way of others changed: whatever may go through appliances or gateways.
    void spread_transit() {
        if (!transit_) {
            return;
        }
        for (auto& [id, own] : subnets_) {
            AddressSet through;
            for (const DiffSide side : kSides) {
                if (own.index[side] == kNoIndex) {
                    continue;
                }
                for (const EffectiveRouteEntry& entry :
                     network(side).routes().table(own.index[side])) {
                    if (!entry.invalid &&
                        (entry.hop == NextHop::virtual_appliance || entry.hop == NextHop::gateway ||
                         entry.hop == NextHop::unknown)) {
                        through |= entry.prefix.addresses();
                    }
                }
            }
            if (through.empty()) {
                continue;
            }
            AddressSet here;
            for (const std::size_t twin : own.twins) {
                here |= addresses_of(twin) | entries_to(twin);
            }
            add_to_all(through.intersects(forwarders()) ? AddressSet::all() : through, here);
            for (std::size_t row = 0; row < rows_.size(); ++row) {
                if (rows_[row].kind == SenderRow::Kind::configs &&
                    subnet_of_[rows_[row].twins.front()] == id) {
                    add(row, AddressSet::all(), through);
                    result_.rerouted[row] |= through;
                }
            }
        }
        for (std::size_t row = 0; row < rows_.size(); ++row) {
            if (rows_[row].kind == SenderRow::Kind::onprem) {
                whole(row);
            }
        }
    }

    void compare_publishers() {
        for (const auto& [id, own] : subnets_) {
            if (own.index[kBefore] == kNoIndex || own.index[kAfter] == kNoIndex ||
                !(routes_may_differ(own) || transit_)) {
                continue;
            }
            const bool before = !both_.state(kBefore).publishers(own.index[kBefore]).empty();
            const bool after = !both_.state(kAfter).publishers(own.index[kAfter]).empty();
            if (before != after) {
                result_.published.insert(result_.published.end(), own.twins.begin(),
                                         own.twins.end());
            }
        }
    }

    BothNetworks& both_;
    const Changed& changed_;
    const std::vector<SenderRow>& rows_;
    Touched result_;
    std::map<ResourceId, SubnetTwins> subnets_;  // the empty id: not in any subnet that was read
    std::vector<ResourceId> subnet_of_;          // by twin
    struct ChainKey {
        std::array<SubnetIndex, 2> subnet{};
        std::array<ResourceId, 2> group;
        Direction direction{};
        auto operator<=>(const ChainKey&) const = default;
    };
    std::map<ChainKey, std::array<FilterChain, 2>> chains_;
    std::map<std::pair<const FilterList*, const FilterList*>, PacketSet> lists_;
    bool entries_ready_ = false;
    std::map<std::size_t, std::vector<Entry>> entries_;  // by twin
    std::optional<AddressSet> forwarders_;
    std::set<std::size_t> balanced_;  // twins behind internal frontends
    bool transit_ = false;
};

}  // namespace

Touched touched(BothNetworks& both, const ConfigChanges& changes,
                const std::vector<SenderRow>& rows) {
    const Changed changed = changed_of(changes);
    return Comparison(both, changed, rows).compared();
}

}  // namespace azreach
