#include "tests/oracle/oracle_edges.hpp"

#include <algorithm>

#include "tests/oracle/oracle_tags.hpp"

namespace azreach::oracle {

// ---- owners -------------------------------------------------------------------------------------

const Subnet* subnet_holding(const VirtualNetwork& vnet, const Address& address) {
    for (const Subnet& subnet : vnet.subnets) {
        if (contains(subnet.prefixes, address)) {
            return &subnet;
        }
    }
    return nullptr;
}

namespace {

/// [J7] The first four addresses and the last one of every IPv4 prefix of a subnet.
bool is_reserved(const Subnet& subnet, const Address& address) {
    if (address.family == Family::v6) {
        return false;
    }
    for (const Prefix& prefix : subnet.prefixes) {
        if (prefix.contains(address) && (address.value < prefix.first().value + 4 ||
                                         address.value == prefix.last().value)) {
            return true;
        }
    }
    return false;
}

/// What may hold a free address of the subnet without the snapshot saying which.
std::optional<std::string> hidden_holder(const Case& given, const Subnet& subnet) {
    const Snapshot& snapshot = given.snapshot;
    if (!subnet.delegations.empty()) {  // a service's own machines
        return subnet.header.id.text() + " delegated";
    }
    for (const char* name : {"GatewaySubnet", "AzureBastionSubnet", "AzureFirewallSubnet",
                             "AzureFirewallManagementSubnet", "RouteServerSubnet"}) {
        if (equal_ignoring_case(subnet.header.name, name)) {
            return subnet.header.id.text();
        }
    }
    for (const auto& [id, scale_set] : snapshot.scale_sets) {  // [J6]
        long long read = 0;
        for (const auto& [nic_id, nic] : snapshot.interfaces) {
            read += nic.scale_set == id ? 1 : 0;
        }
        for (const ScaleSetInterface& interface : scale_set.interfaces) {
            for (const IpConfiguration& config : interface.configurations) {
                if (config.subnet == subnet.header.id && !scale_set.flexible &&
                    (!scale_set.capacity || read < *scale_set.capacity)) {
                    return id.text() + " instance";
                }
            }
        }
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            if (config.subnet == subnet.header.id && !config.address) {
                return config.id.text() + " address";
            }
        }
    }
    for (const auto& [id, other] : snapshot.others) {
        if (contains(other.subnets, subnet.header.id)) {
            return id.text();
        }
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        bool read = !endpoint.addresses.empty();
        for (const auto& [nic_id, nic] : snapshot.interfaces) {
            read = read || endpoint_of(snapshot, nic) == &endpoint;
        }
        if (!read && endpoint.subnet == subnet.header.id) {  // [J4] its NIC was not read
            return id.text();
        }
    }
    for (const ResourceId& id : subnet.ip_configurations) {  // the subnet says that it holds it
        bool read = false;
        for (const auto& [nic_id, nic] : snapshot.interfaces) {
            read = read || id.is_within(nic_id);
        }
        for (const auto& [lb_id, balancer] : snapshot.load_balancers) {
            read = read || id.is_within(lb_id);
        }
        for (const auto& [gateway_id, gateway] : snapshot.gateways) {
            read = read || id.is_within(gateway_id);
        }
        if (!read) {
            return id.text();
        }
    }
    return std::nullopt;
}

}  // namespace

std::vector<Owner> owners_of(const Case& given, const VirtualNetwork& vnet,
                             const Address& address) {
    std::vector<Owner> owners;
    const Snapshot& snapshot = given.snapshot;
    for (const auto& [id, nic] : snapshot.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            if (config.address == address && config.subnet &&
                config.subnet->parent() == vnet.header.id) {
                Owner owner{Owner::Kind::nic, place_of(snapshot, nic, config), nullptr, {}, ""};
                if (nic.private_endpoint && owner.place.endpoint == nullptr) {
                    owner.kind = Owner::Kind::unknown;  // [J4] the endpoint was not read
                    owner.unread = nic.private_endpoint->text();
                }
                owners.push_back(owner);
            }
        }
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.address == address && frontend.subnet &&
                frontend.subnet->parent() == vnet.header.id) {
                owners.push_back(
                    {Owner::Kind::frontend, {}, nullptr, {&balancer, &frontend}, ""});
            }
        }
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        const bool here = endpoint.subnet && endpoint.subnet->parent() == vnet.header.id;
        const bool held = std::find(endpoint.addresses.begin(), endpoint.addresses.end(),
                                    address) != endpoint.addresses.end();
        if (here && held && owners.empty()) {
            Owner owner{Owner::Kind::endpoint, {}, &endpoint, {}, ""};
            owner.place.vnet = &vnet;
            owner.place.subnet = subnet_of(vnet, *endpoint.subnet);
            owner.place.endpoint = &endpoint;
            owners.push_back(owner);
        }
    }
    if (!owners.empty()) {
        return owners;
    }
    const Subnet* subnet = subnet_holding(vnet, address);
    if (subnet == nullptr || is_reserved(*subnet, address)) {
        return {{Owner::Kind::nobody, {}, nullptr, {}, ""}};
    }
    if (const auto holder = hidden_holder(given, *subnet)) {
        return {{Owner::Kind::unknown, {}, nullptr, {}, *holder + " holds " + to_string(address)}};
    }
    return {{Owner::Kind::nobody, {}, nullptr, {}, ""}};
}

// ---- load balancers -----------------------------------------------------------------------------

namespace {

std::optional<Place> place_of_configuration(const Case& given, const ResourceId& id) {
    for (const auto& [nic_id, nic] : given.snapshot.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            if (config.id == id) {
                return place_of(given.snapshot, nic, config);
            }
        }
    }
    return std::nullopt;
}

class Members {
  public:
    Members(const Case& given, Family family) : given_(given), family_(family) {}

    void add(const Place& place) {
        if (place.config->family != family_) {
            return;  // [E43]
        }
        for (const Member& member : found) {
            if (member.place.config == place.config) {
                return;
            }
        }
        found.push_back({Member::Kind::nic, place, ""});
    }
    void add_configuration(const ResourceId& id) {
        if (const auto place = place_of_configuration(given_, id)) {
            add(*place);
        } else {
            add_unread(id.text());
        }
    }
    void add_unread(const std::string& what) {
        for (const Member& member : found) {
            if (member.unread == what) {
                return;
            }
        }
        found.push_back({Member::Kind::unknown, {}, what});
    }
    void add_pool(const LbPool& pool) {
        for (const auto& [id, nic] : given_.snapshot.interfaces) {
            for (const IpConfiguration& config : nic.configurations) {
                if (contains(config.lb_pools, pool.id)) {
                    add(place_of(given_.snapshot, nic, config));
                }
            }
        }
        for (const ResourceId& id : pool.ip_configurations) {
            add_configuration(id);
        }
        for (const LbBackendAddress& backend : pool.addresses) {
            if (backend.admin_down &&
                !given_.maybe(FactKey::unmodelled, pool.id.text() + " " + backend.name)) {
                continue;  // [E14]
            }
            if (backend.ip_configuration) {
                add_configuration(*backend.ip_configuration);
            } else if (backend.address && backend.address->family == family_) {
                add_address(pool, backend);
            }
        }
        for (const auto& [id, scale_set] : given_.snapshot.scale_sets) {
            for (const ScaleSetInterface& interface : scale_set.interfaces) {
                for (const IpConfiguration& config : interface.configurations) {
                    if (contains(config.lb_pools, pool.id) && !config.address) {
                        add_unread(id.text());
                    }
                }
            }
        }
    }

    std::vector<Member> found;

  private:
    void add_address(const LbPool& pool, const LbBackendAddress& backend) {
        const VirtualNetwork* vnet = nullptr;
        if (backend.virtual_network) {
            vnet = find(given_.snapshot.virtual_networks, *backend.virtual_network);
        } else if (backend.subnet) {
            vnet = vnet_of(given_.snapshot, *backend.subnet);
        }
        if (vnet == nullptr) {
            add_unread(pool.id.text() + " " + backend.name);
            return;
        }
        for (const Owner& owner : owners_of(given_, *vnet, *backend.address)) {
            switch (owner.kind) {
                case Owner::Kind::nic: add(owner.place); break;
                case Owner::Kind::unknown: add_unread(owner.unread); break;
                default: found.push_back({Member::Kind::nobody, {}, ""}); break;
            }
        }
    }

    const Case& given_;
    Family family_;
};

bool transport_matches(RuleProtocol rule, Protocol protocol) {
    return rule == RuleProtocol::any || (rule == RuleProtocol::tcp && protocol == kTcp) ||
           (rule == RuleProtocol::udp && protocol == kUdp);
}

}  // namespace

Balanced balance(const Case& given, const Frontend& frontend, Family family,
                 const Service& service) {
    const ResourceId& id = frontend.frontend->id;
    Balanced balanced;
    for (const LbRule& rule : frontend.balancer->rules) {
        if (!rule.frontend || *rule.frontend != id) {
            continue;
        }
        const bool ha_ports = rule.protocol == RuleProtocol::any && rule.frontend_port == 0;
        bool accepts = false;
        if (ha_ports) {  // [R34] all TCP and UDP; whatever else by K:ha-ports-carry-icmp
            accepts = has_ports(service.protocol) || given.holds(FactKey::ha_ports_carry_icmp);
        } else {
            accepts = has_ports(service.protocol) &&
                      transport_matches(rule.protocol, service.protocol) &&
                      rule.frontend_port == service.b;
        }
        if (!accepts) {
            continue;
        }
        Members members(given, family);
        for (const LbPool& pool : frontend.balancer->pools) {
            if (contains(rule.pools, pool.id)) {
                members.add_pool(pool);
            }
        }
        balanced.has_rule = true;
        balanced.by = rule.id.text();
        balanced.members = members.found;
        balanced.port = ha_ports ? service.b : static_cast<std::uint16_t>(rule.backend_port);
        balanced.floating = rule.floating_ip;
        return balanced;
    }
    for (const LbNatRule& rule : frontend.balancer->nat_rules) {  // [E7]
        if (!rule.frontend || *rule.frontend != id || !has_ports(service.protocol) ||
            !transport_matches(rule.protocol, service.protocol)) {
            continue;
        }
        const bool ranged = rule.frontend_port_end > 0;
        const bool accepts = ranged ? service.b >= rule.frontend_port_start &&
                                          service.b <= rule.frontend_port_end
                                    : service.b == rule.frontend_port;
        if (!accepts) {
            continue;
        }
        Members members(given, family);
        if (rule.backend_configuration) {
            members.add_configuration(*rule.backend_configuration);
        }
        for (const auto& [nic_id, nic] : given.snapshot.interfaces) {
            for (const IpConfiguration& config : nic.configurations) {
                if (contains(config.lb_nat_rules, rule.id) ||
                    contains(config.lb_nat_pools, rule.id)) {
                    members.add(place_of(given.snapshot, nic, config));
                }
            }
        }
        for (const LbPool& pool : frontend.balancer->pools) {
            if (rule.pool && *rule.pool == pool.id) {
                members.add_pool(pool);
            }
        }
        balanced.has_rule = true;
        balanced.by = rule.id.text();
        balanced.members = members.found;
        // A port of a range maps to one member; with more ports than members, some to none.
        const auto ports =
            static_cast<std::size_t>(rule.frontend_port_end - rule.frontend_port_start + 1);
        if (ranged && !balanced.members.empty() && ports > balanced.members.size()) {
            balanced.members.push_back({Member::Kind::nobody, {}, ""});
        }
        balanced.port = static_cast<std::uint16_t>(rule.backend_port);
        balanced.floating = rule.floating_ip;
        return balanced;
    }
    return balanced;
}

// ---- public addresses ---------------------------------------------------------------------------

namespace {

void add_entries(const Case& given, const PublicIpAddress& address,
                 std::vector<PublicEntry>& entries) {
    const Snapshot& snapshot = given.snapshot;
    const ResourceId& id = address.header.id;
    const std::size_t before = entries.size();
    PublicEntry entry;
    entry.sku = address.sku;
    entry.id = id.text();

    for (const auto& [nic_id, nic] : snapshot.interfaces) {
        for (const IpConfiguration& config : nic.configurations) {
            if (config.public_ip == id || address.ip_configuration == config.id) {
                entry.kind = PublicEntry::Kind::nic;
                entry.place = place_of(snapshot, nic, config);
                entries.push_back(entry);
            }
        }
    }
    for (const auto& [lb_id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.public_ip == id || address.ip_configuration == frontend.id) {
                entry.kind = PublicEntry::Kind::frontend;
                entry.frontend = {&balancer, &frontend};
                entries.push_back(entry);
            }
        }
    }
    if (entries.size() > before) {
        return;
    }
    bool at_nat_gateway = address.nat_gateway.has_value();
    for (const auto& [nat_id, nat] : snapshot.nat_gateways) {
        at_nat_gateway = at_nat_gateway || contains(nat.public_ips, id);
    }
    bool elsewhere = address.ip_configuration.has_value();  // unread, or of another service
    for (const auto& [gateway_id, gateway] : snapshot.gateways) {
        elsewhere = elsewhere || contains(gateway.public_ips, id);
    }
    for (const auto& [bastion_id, bastion] : snapshot.bastions) {
        elsewhere = elsewhere || bastion.public_ip == id;
    }
    for (const auto& [other_id, other] : snapshot.others) {
        elsewhere = elsewhere || contains(other.public_ips, id);
    }
    entry.kind = elsewhere && !at_nat_gateway ? PublicEntry::Kind::unknown
                                              : PublicEntry::Kind::nothing;
    entries.push_back(entry);
}

}  // namespace

std::vector<PublicEntry> public_entries(const Case& given, const Address& address) {
    std::vector<PublicEntry> entries;
    for (const auto& [id, public_ip] : given.snapshot.public_ips) {
        if (public_ip.address == address) {
            add_entries(given, public_ip, entries);
        }
    }
    for (const auto& [id, prefix] : given.snapshot.public_ip_prefixes) {
        if (entries.empty() && prefix.prefix && prefix.prefix->contains(address)) {
            PublicEntry entry;
            entry.sku = prefix.sku;
            entry.id = id.text();
            entry.kind = prefix.lb_frontend ? PublicEntry::Kind::unknown
                                            : PublicEntry::Kind::nothing;
            entries.push_back(entry);
        }
    }
    // [E2] An address that was never allocated, or not read, may be this one.
    for (const auto& [id, public_ip] : given.snapshot.public_ips) {
        if (entries.empty() && !public_ip.address && public_ip.family == address.family &&
            in_internet_space(given, address) &&
            given.maybe(FactKey::missing_resource, id.text() + " is " + to_string(address))) {
            add_entries(given, public_ip, entries);
        }
    }
    return entries;
}

// ---- ways out -----------------------------------------------------------------------------------

namespace {

/// Does a method carry the service: surely, surely not, or nobody says.
enum class Carries : std::uint8_t { yes, no, unsaid };

class Ways {
  public:
    Ways(const Case& given, const Place& from, const Service& service, const Address& destination)
        : given_(given),
          from_(from),
          service_(service),
          destination_(destination),
          family_(destination.family) {}

    WayOut best() {
        // [R51] NAT gateway, instance address, load balancer, default access.
        WayOut way;
        if (given_.holds(FactKey::nat_gateway_before_instance_ip)) {
            way = nat_gateway();
            way = way.exists ? way : instance_address();
        } else {
            way = instance_address();
            way = way.exists ? way : nat_gateway();
        }
        way = way.exists ? way : load_balancer();
        way = way.exists ? way : default_access();
        way = way.exists ? way : storage_of_the_region();
        return way;
    }

  private:
    bool takes(Carries carries, const std::string& what) {
        return carries == Carries::yes ||
               (carries == Carries::unsaid &&
                given_.maybe(FactKey::unmodelled, what + " carries protocol " +
                                                      std::to_string(service_.protocol)));
    }

    void add_public_ip(const ResourceId& id, WayOut& way, bool& all_known) {
        const PublicIpAddress* address = find(given_.snapshot.public_ips, id);
        if (address == nullptr || !address->address) {
            all_known = false;
        } else if (address->address->family == family_) {
            way.sources.push_back(*address->address);
        }
    }

    WayOut nat_gateway() {  // [R52] TCP and UDP
        WayOut way;
        if (from_.subnet == nullptr || !from_.subnet->nat_gateway ||
            !has_ports(service_.protocol)) {
            return way;
        }
        const ResourceId& id = *from_.subnet->nat_gateway;
        if (family_ == Family::v6 &&
            !given_.maybe(FactKey::unmodelled, id.text() + " carries IPv6")) {
            return way;  // [E44]
        }
        const NatGateway* nat = find(given_.snapshot.nat_gateways, id);
        if (nat == nullptr) {  // [J4]
            way.exists = given_.maybe(FactKey::missing_resource, id.text() + " lets it out");
            return way;
        }
        bool all_known = true;
        for (const ResourceId& address : nat->public_ips) {
            add_public_ip(address, way, all_known);
        }
        for (const ResourceId& prefix_id : nat->public_prefixes) {
            const PublicIpPrefix* prefix = find(given_.snapshot.public_ip_prefixes, prefix_id);
            if (prefix == nullptr || !prefix->prefix) {
                all_known = false;
                continue;
            }
            Address each = prefix->prefix->first();
            for (int n = 0; n < 16 && prefix->prefix->contains(each); ++n, ++each.value) {
                way.sources.push_back(each);
            }
        }
        if (nat->public_ips.empty() && nat->public_prefixes.empty()) {
            way.exists = given_.maybe(FactKey::unmodelled, id.text() + " has an address");
            return way;
        }
        way.exists = true;
        if (!all_known) {
            way.sources.clear();
        }
        return way;
    }

    WayOut instance_address() {  // [E1] TCP, UDP, ICMP, ESP
        WayOut way;
        const std::optional<ResourceId> bound = public_ip_of(*from_.config);
        if (!bound) {
            return way;
        }
        const Carries carries = has_ports(service_.protocol) || has_icmp_type(service_.protocol) ||
                                        service_.protocol == kEsp
                                    ? Carries::yes
                                    : Carries::unsaid;
        if (!takes(carries, bound->text())) {
            return way;
        }
        bool all_known = true;
        add_public_ip(*bound, way, all_known);
        way.exists = true;
        return way;
    }

    /// The binding is written at the configuration, at the address, or at both.
    std::optional<ResourceId> public_ip_of(const IpConfiguration& config) {
        if (config.public_ip) {
            return config.public_ip;
        }
        for (const auto& [id, address] : given_.snapshot.public_ips) {
            if (address.ip_configuration == config.id) {
                return id;
            }
        }
        return std::nullopt;
    }

    bool is_member(const LbPool& pool, const IpConfiguration& config) {
        return contains(config.lb_pools, pool.id) || contains(pool.ip_configurations, config.id);
    }
    bool is_member_by_address(const LbPool& pool, const IpConfiguration& config) {
        for (const LbBackendAddress& backend : pool.addresses) {
            if (backend.ip_configuration == config.id ||
                (backend.address && backend.address == config.address &&
                 backend.virtual_network && from_.vnet != nullptr &&
                 *backend.virtual_network == from_.vnet->header.id)) {
                return true;
            }
        }
        return false;
    }
    static bool is_public(const LoadBalancer& balancer, const ResourceId& frontend_id) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.id == frontend_id) {
                return frontend.public_ip.has_value() || frontend.public_prefix.has_value();
            }
        }
        return false;
    }

    WayOut load_balancer() {  // [R53]
        WayOut way;
        if (!is_primary()) {
            return way;  // secondary configurations do not use it
        }
        bool all_known = true;
        for (const auto& [id, balancer] : given_.snapshot.load_balancers) {
            for (const LbPool& pool : balancer.pools) {
                if (!is_member(pool, *from_.config)) {
                    continue;
                }
                for (const LbOutboundRule& rule : balancer.outbound_rules) {
                    if (rule.pool == pool.id) {
                        take_snat(balancer, rule.id.text(), rule.frontends, rule.protocol, way,
                                  all_known);
                    }
                }
                for (const LbRule& rule : balancer.rules) {
                    if (contains(rule.pools, pool.id) && rule.frontend &&
                        !rule.disable_outbound_snat.value_or(false)) {
                        take_snat(balancer, rule.id.text(), {*rule.frontend}, rule.protocol, way,
                                  all_known);
                    }
                }
            }
        }
        if (!all_known) {
            way.sources.clear();
        }
        return way;
    }

    void take_snat(const LoadBalancer& balancer, const std::string& rule,
                   const std::vector<ResourceId>& frontends, RuleProtocol protocol, WayOut& way,
                   bool& all_known) {
        for (const ResourceId& id : frontends) {
            if (!is_public(balancer, id)) {
                continue;
            }
            // Translation of ports is for TCP and UDP; that a rule for one of them carries the
            // other is not said.
            const Carries carries =
                has_ports(service_.protocol) && transport_matches(protocol, service_.protocol)
                    ? Carries::yes
                    : Carries::unsaid;
            if (!takes(carries, rule)) {
                continue;
            }
            way.exists = true;
            for (const LbFrontend& frontend : balancer.frontends) {
                if (frontend.id == id && frontend.public_ip) {
                    add_public_ip(*frontend.public_ip, way, all_known);
                } else if (frontend.id == id) {
                    all_known = false;
                }
            }
        }
    }

    bool is_primary() const {
        if (from_.config->primary || from_.nic->configurations.size() == 1) {
            return true;
        }
        for (const IpConfiguration& other : from_.nic->configurations) {
            if (other.family == from_.config->family) {
                return &other == from_.config && other.family == Family::v6;
            }
        }
        return false;
    }

    WayOut default_access() {  // [R54]
        WayOut way;
        if (family_ == Family::v6 || !has_ports(service_.protocol)) {
            return way;  // [E45]; ICMP is not supported
        }
        if (from_.subnet != nullptr && from_.subnet->nat_gateway) {
            return way;  // only for a machine with none of the above
        }
        if (has_explicit_address()) {
            return way;
        }
        bool by_address = false;
        bool unsure = false;
        for (const auto& [id, balancer] : given_.snapshot.load_balancers) {
            for (const LbPool& pool : balancer.pools) {
                const bool member = is_member(pool, *from_.config);
                if (member && balancer.sku == Sku::standard) {
                    return way;  // members of a Standard balancer have none
                }
                by_address = by_address || is_member_by_address(pool, *from_.config);
            }
            for (const LbNatRule& rule : balancer.nat_rules) {
                const bool target = contains(from_.config->lb_nat_rules, rule.id) ||
                                    rule.backend_configuration == from_.config->id;
                unsure = unsure || (target && balancer.sku == Sku::standard);
            }
        }
        if (unsure && !given_.maybe(FactKey::unmodelled,
                                    from_.config->id.text() + " default access of a NAT target")) {
            return way;
        }
        if (from_.nic->default_outbound_connectivity) {
            way.exists = *from_.nic->default_outbound_connectivity;
            return way;
        }
        if (from_.nic->virtual_machine) {
            const auto* machine = find(given_.snapshot.virtual_machines, *from_.nic->virtual_machine);
            if (machine != nullptr && machine->scale_set) {
                return way;  // flexible scale set
            }
            if (machine == nullptr &&
                !given_.maybe(FactKey::missing_resource,
                              from_.nic->virtual_machine->text() + " has default access")) {
                return way;  // [J4] it may be of a flexible scale set
            }
        }
        const bool is_private = from_.subnet != nullptr &&
                                from_.subnet->default_outbound_access == std::optional(false);
        way.exists = !is_private || by_address ||  // [R55]
                     given_.holds(FactKey::private_subnet_keeps_default_outbound);
        return way;
    }

    /// The machine has an instance-level address.
    bool has_explicit_address() {
        if (public_ip_of(*from_.config)) {
            return true;
        }
        bool elsewhere = false;
        for (const auto& [id, nic] : given_.snapshot.interfaces) {
            const bool same_machine =
                &nic == from_.nic ||
                (nic.virtual_machine && nic.virtual_machine == from_.nic->virtual_machine);
            for (const IpConfiguration& config : nic.configurations) {
                elsewhere = elsewhere || (same_machine && public_ip_of(config));
            }
        }
        return elsewhere && given_.maybe(FactKey::unmodelled,
                                         from_.config->id.text() +
                                             " loses default access to an address elsewhere");
    }

    WayOut storage_of_the_region() {  // [R55]
        WayOut way;
        const bool is_private = from_.subnet != nullptr &&
                                from_.subnet->default_outbound_access == std::optional(false);
        if (!is_private || from_.vnet == nullptr || !has_ports(service_.protocol)) {
            return way;
        }
        std::string region;
        for (const char c : from_.vnet->header.location) {
            if (c != ' ') {
                region += c;
            }
        }
        if (in_published_tag(given_, "Storage." + region, destination_)) {
            way.exists = true;
        }
        return way;
    }

    const Case& given_;
    const Place& from_;
    const Service service_;
    const Address destination_;
    const Family family_;
};

}  // namespace

WayOut way_out(const Case& given, const Place& from, const Service& service,
               const Address& destination) {
    return Ways(given, from, service, destination).best();
}

}  // namespace azreach::oracle
