#include "src/arm/gaps.hpp"

#include <array>
#include <set>
#include <unordered_set>

#include "src/arm/id_index.hpp"

namespace azreach {

namespace {

bool is_computed_tag(const std::string& tag) {
    static constexpr std::array<std::string_view, 6> kComputed = {
        "VirtualNetwork",   "Internet",          "AzureLoadBalancer",
        "AzurePlatformDNS", "AzurePlatformIMDS", "AzurePlatformLKM"};
    for (const std::string_view known : kComputed) {
        if (equal_ignoring_case(tag, known)) {
            return true;
        }
    }
    return false;
}

/// Neighbours refer to the same things: the last one that was found is asked first.
template <class Set>
class Recent {
public:
    explicit Recent(const Set& set) : set_(set) {}
    bool contains(const ResourceId& id) const {
        if (last_ != nullptr && *last_ == id) {
            return true;
        }
        if (!set_.contains(id)) {
            return false;
        }
        last_ = &id;
        return true;
    }

private:
    const Set& set_;
    mutable const ResourceId* last_ = nullptr;
};

class Finder {
public:
    explicit Finder(Snapshot& snapshot) : snapshot_(snapshot) {
        for (const Gap& gap : snapshot.gaps) {
            if (gap.code == "AZR9001") {
                missing_.insert(ResourceId(gap.what));
            }
        }
        for (const auto& [id, names] : snapshot.symbols) {
            missing_.insert(id);  // a gap already, under the symbol's name
        }
    }

    template <class Known>
    void need(const Ref& id, const Known& known, const Header& by, const char* effect) {
        if (id && !known.contains(*id)) {
            missing(*id, by.id.text(), effect);
        }
    }
    template <class Known>
    void need(const std::vector<ResourceId>& ids, const Known& known, const Header& by,
              const char* effect) {
        for (const ResourceId& id : ids) {
            if (!known.contains(id)) {
                missing(id, by.id.text(), effect);
            }
        }
    }
    void missing(const ResourceId& id, const std::string& by, const char* effect) {
        if (missing_.insert(id).second) {
            snapshot_.gaps.push_back({"AZR9001", id.text(), by, effect});
        }
    }
    void tag(const std::string& tag, const std::string& by) {
        if (!tags_.insert(tag).second || is_computed_tag(tag) ||
            (snapshot_.service_tags && snapshot_.service_tags->tags.contains(tag))) {
            return;
        }
        snapshot_.gaps.push_back(
            {"AZR9002", tag, by,
             "whether an address is in the tag; give a service-tag file (az network "
             "list-service-tags)"});
    }

private:
    Snapshot& snapshot_;
    std::unordered_set<ResourceId> missing_;
    std::set<std::string, IgnoringCase> tags_;
};

/// The resource of its own that something is a part of: a NIC for its configuration.
ResourceId top_level(ResourceId id) {
    for (ResourceId parent = id.parent(); !parent.empty(); parent = id.parent()) {
        id = std::move(parent);
    }
    return id;
}

void rule_sides(Finder& gaps, const Snapshot& snapshot, const SecurityRule& rule,
                const Header& by) {
    for (const AddressSpec* side : {&rule.source, &rule.destination}) {
        for (const std::string& tag : side->tags) {
            gaps.tag(tag, rule.id.text());
        }
        gaps.need(side->asgs, snapshot.application_security_groups, by, "whom the rules mean");
        gaps.need(side->network_groups, snapshot.network_groups, by, "whom the rules mean");
    }
}

/// Firewalls: their policies, groups, addresses and places.
void firewall_gaps(Finder& gaps, const Snapshot& snapshot, const IdIndex& subnets) {
    const auto collections = [&](const std::vector<FirewallRuleCollection>& list,
                                 const Header& by) {
        for (const FirewallRuleCollection& collection : list) {
            for (const FirewallRule& rule : collection.rules) {
                for (const FirewallSide* side : {&rule.source, &rule.destination}) {
                    for (const std::string& tag : side->tags) {
                        gaps.tag(tag, rule.id.text());
                    }
                    gaps.need(side->ip_groups, snapshot.ip_groups, by, "whom the rules mean");
                }
            }
        }
    };
    for (const auto& [id, firewall] : snapshot.firewalls) {
        gaps.need(firewall.policy, snapshot.firewall_policies, firewall.header,
                  "what the firewall lets through and translates");
        for (const AzureFirewall::Configuration& item : firewall.configurations) {
            gaps.need(item.subnet, subnets, firewall.header, "where the firewall stands");
            gaps.need(item.public_ip, snapshot.public_ips, firewall.header,
                      "the address under which the firewall is public");
        }
        collections(firewall.collections, firewall.header);
    }
    for (const auto& [id, policy] : snapshot.firewall_policies) {
        gaps.need(policy.base, snapshot.firewall_policies, policy.header,
                  "the rules that come before those of the policy");
        std::set<ResourceId> known;
        for (const RuleCollectionGroup& group : policy.groups) {
            known.insert(group.header.id);
            collections(group.collections, group.header);
        }
        gaps.need(policy.listed_groups, known, policy.header, "the rules of that group");
    }
}

}  // namespace

void find_gaps(Snapshot& snapshot, const std::function<bool(const ResourceId&)>& was_read,
               const std::vector<std::pair<ResourceId, ResourceId>>& mentions) {
    Finder gaps(snapshot);
    IdIndex subnets;
    IdIndex parts;       // of load balancers; and peerings
    IdIndex configured;  // NIC configurations
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) subnets.add(subnet.header.id, 0);
        for (const Peering& peering : vnet.peerings) parts.add(peering.header.id, 0);
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& part : balancer.frontends) parts.add(part.id, 0);
        for (const LbPool& part : balancer.pools) parts.add(part.id, 0);
        for (const LbRule& part : balancer.rules) parts.add(part.id, 0);
        for (const LbNatRule& part : balancer.nat_rules) parts.add(part.id, 0);
        for (const LbOutboundRule& part : balancer.outbound_rules) parts.add(part.id, 0);
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        for (const IpConfiguration& item : nic.configurations) configured.add(item.id, 0);
    }
    // Whether anything that was read holds the thing with this id, itself or as a part of it.
    const auto held = [&](const ResourceId& id) {
        if (configured.contains(id) || parts.contains(id) || subnets.contains(id)) {
            return true;
        }
        for (ResourceId holder = id; !holder.empty(); holder = holder.parent()) {
            if (snapshot.gateways.contains(holder) || snapshot.bastions.contains(holder) ||
                snapshot.nat_gateways.contains(holder) || snapshot.scale_sets.contains(holder) ||
                snapshot.others.contains(holder) || snapshot.firewalls.contains(holder) ||
                snapshot.private_endpoints.contains(holder)) {
                return true;
            }
        }
        return false;
    };

    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        gaps.need(vnet.default_nat_gateway, snapshot.nat_gateways, vnet.header,
                  "whether and as whom the network reaches the internet");
        for (const Subnet& subnet : vnet.subnets) {
            gaps.need(subnet.security_group, snapshot.security_groups, subnet.header,
                      "what the group lets in and out of the subnet");
            gaps.need(subnet.route_table, snapshot.route_tables, subnet.header,
                      "where the subnet's packets go");
            gaps.need(subnet.nat_gateway, snapshot.nat_gateways, subnet.header,
                      "whether and as whom the subnet reaches the internet");
            for (const ResourceId& user : subnet.ip_configurations) {
                if (!held(user)) {
                    gaps.missing(top_level(user), subnet.header.id.text(),
                                 "which addresses of the subnet it holds, and under which rules");
                }
            }
        }
        for (const Peering& peering : vnet.peerings) {
            gaps.need(peering.remote, snapshot.virtual_networks, peering.header,
                      "what the peered network holds and permits");
        }
    }
    const Recent groups(snapshot.security_groups);
    const Recent asgs(snapshot.application_security_groups);
    const Recent near_subnets(subnets);
    const Recent near_parts(parts);
    for (const auto& [id, nic] : snapshot.interfaces) {
        gaps.need(nic.security_group, groups, nic.header,
                  "what the group lets in and out of the NIC");
        for (const IpConfiguration& item : nic.configurations) {
            gaps.need(item.subnet, near_subnets, nic.header,
                      "everything that the NIC sends and receives");
            gaps.need(item.public_ip, snapshot.public_ips, nic.header,
                      "the address and tier under which the NIC is public");
            gaps.need(item.asgs, asgs, nic.header, "nothing but the group's name and tags");
            gaps.need(item.lb_pools, near_parts, nic.header,
                      "what the load balancer sends to the NIC");
            gaps.need(item.lb_nat_rules, near_parts, nic.header,
                      "what the load balancer sends to the NIC");
        }
    }
    for (const auto& [id, vm] : snapshot.virtual_machines) {
        for (const ResourceId& nic : vm.interfaces) {
            if (!was_read(nic)) {
                gaps.missing(nic, vm.header.id.text(), "everything about that NIC");
            }
        }
    }
    for (const auto& [id, set] : snapshot.scale_sets) {
        for (const ScaleSetInterface& interface : set.interfaces) {
            gaps.need(interface.security_group, snapshot.security_groups, set.header,
                      "what the group lets in and out of the instances");
            for (const IpConfiguration& item : interface.configurations) {
                gaps.need(item.subnet, subnets, set.header,
                          "everything that the instances send and receive");
                gaps.need(item.asgs, snapshot.application_security_groups, set.header,
                          "nothing but the group's name and tags");
                gaps.need(item.lb_pools, parts, set.header,
                          "what the load balancer sends to the instances");
                gaps.need(item.lb_nat_pools, parts, set.header,
                          "what the load balancer sends to the instances");
            }
        }
    }
    for (const auto& [id, ip] : snapshot.public_ips) {
        if (ip.ip_configuration && !held(*ip.ip_configuration)) {
            gaps.missing(top_level(*ip.ip_configuration), id.text(),
                         "where packets to the public address go");
        }
        gaps.need(ip.nat_gateway, snapshot.nat_gateways, ip.header, "who leaves by the address");
    }
    for (const auto& [id, prefix] : snapshot.public_ip_prefixes) {
        if (prefix.lb_frontend && !held(*prefix.lb_frontend)) {
            gaps.missing(top_level(*prefix.lb_frontend), id.text(),
                         "where packets to the public prefix go");
        }
        gaps.need(prefix.nat_gateway, snapshot.nat_gateways, prefix.header,
                  "who leaves by the prefix");
    }
    for (const auto& [id, nat] : snapshot.nat_gateways) {
        gaps.need(nat.public_ips, snapshot.public_ips, nat.header, "the address seen outside");
        gaps.need(nat.public_prefixes, snapshot.public_ip_prefixes, nat.header,
                  "the addresses seen outside");
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            gaps.need(frontend.subnet, subnets, balancer.header, "where the frontend stands");
            gaps.need(frontend.public_ip, snapshot.public_ips, balancer.header,
                      "the address under which the load balancer is public");
            gaps.need(frontend.public_prefix, snapshot.public_ip_prefixes, balancer.header,
                      "the addresses under which the load balancer is public");
            if (frontend.gateway_load_balancer && !held(*frontend.gateway_load_balancer)) {
                gaps.missing(top_level(*frontend.gateway_load_balancer), balancer.header.id.text(),
                             "which appliances see the packets first");
            }
        }
        for (const LbPool& pool : balancer.pools) {
            for (const ResourceId& member : pool.ip_configurations) {
                if (!held(member)) {
                    gaps.missing(top_level(member), balancer.header.id.text(),
                                 "whom the pool sends packets to");
                }
            }
            for (const LbBackendAddress& address : pool.addresses) {
                gaps.need(address.virtual_network, snapshot.virtual_networks, balancer.header,
                          "whom the pool sends packets to");
                gaps.need(address.subnet, subnets, balancer.header,
                          "whom the pool sends packets to");
                gaps.need(address.frontend, parts, balancer.header,
                          "whom the pool sends packets to");
            }
        }
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        gaps.need(gateway.subnets, subnets, gateway.header, "what the gateway connects");
        gaps.need(gateway.public_ips, snapshot.public_ips, gateway.header,
                  "nothing but the gateway's public address");
        gaps.need(gateway.default_site, snapshot.local_gateways, gateway.header,
                  "the prefixes of the site");
    }
    for (const auto& [id, connection] : snapshot.connections) {
        gaps.need(connection.gateway1, snapshot.gateways, connection.header,
                  "what the connection leads to");
        gaps.need(connection.gateway2, snapshot.gateways, connection.header,
                  "what the connection leads to");
        gaps.need(connection.local_gateway, snapshot.local_gateways, connection.header,
                  "the prefixes of the site");
        gaps.need(connection.circuit, snapshot.others, connection.header,
                  "what the circuit leads to");
    }
    for (const auto& [id, bastion] : snapshot.bastions) {
        gaps.need(bastion.subnet, subnets, bastion.header, "whom the Bastion reaches");
        gaps.need(bastion.virtual_network, snapshot.virtual_networks, bastion.header,
                  "whom the Bastion reaches");
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        gaps.need(endpoint.subnet, subnets, endpoint.header, "who reaches the endpoint");
        gaps.need(endpoint.interfaces, snapshot.interfaces, endpoint.header,
                  "the endpoint's addresses");
        gaps.need(endpoint.asgs, snapshot.application_security_groups, endpoint.header,
                  "nothing but the group's name and tags");
    }
    for (const auto& [id, group] : snapshot.network_groups) {
        for (const ResourceId& member : group.members) {
            if (!snapshot.virtual_networks.contains(member) && !subnets.contains(member)) {
                gaps.missing(member, id.text(), "what the member of the network group holds");
            }
        }
    }
    for (const auto& [id, configuration] : snapshot.admin_configurations) {
        for (const AdminRuleCollection& collection : configuration.collections) {
            gaps.need(collection.groups, snapshot.network_groups, collection.header,
                      "to which networks the admin rules apply");
            for (const SecurityRule& rule : collection.rules) {
                rule_sides(gaps, snapshot, rule, collection.header);
            }
        }
    }
    for (const auto& [id, configuration] : snapshot.connectivity_configurations) {
        gaps.need(configuration.hubs, snapshot.virtual_networks, configuration.header,
                  "what the hub holds and permits");
        for (const auto& group : configuration.groups) {
            gaps.need(group.id, snapshot.network_groups, configuration.header,
                      "which networks are connected");
        }
    }
    firewall_gaps(gaps, snapshot, subnets);
    for (const auto& [id, group] : snapshot.security_groups) {
        for (const SecurityRule& rule : group.rules) {
            rule_sides(gaps, snapshot, rule, group.header);
        }
    }
    for (const auto& [id, table] : snapshot.route_tables) {
        for (const Route& route : table.routes) {
            if (!route.service_tag.empty()) {
                gaps.tag(route.service_tag, route.id.text());
            }
        }
    }
    for (const auto& [id, by] : mentions) {
        if (!subnets.contains(id) && !parts.contains(id) && !was_read(id)) {
            gaps.missing(id, by.text(), "everything about it");
        }
    }
}

}  // namespace azreach
