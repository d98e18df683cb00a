#include "src/arm/gaps.hpp"

#include <map>
#include <set>

namespace azreach {

namespace {

bool is_computed_tag(const std::string& tag) {
    for (const char* known : {"VirtualNetwork", "Internet", "AzureLoadBalancer", "AzurePlatformDNS",
                              "AzurePlatformIMDS", "AzurePlatformLKM"}) {
        if (equal_ignoring_case(tag, known)) {
            return true;
        }
    }
    return false;
}

class Finder {
  public:
    explicit Finder(Snapshot& snapshot) : snapshot_(snapshot) {}

    template <class Map>
    void need(const Ref& id, const Map& map, const Header& by, const char* effect) {
        if (id && !map.contains(*id) && !snapshot_.others.contains(*id)) {
            missing(*id, by, effect);
        }
    }
    void missing(const ResourceId& id, const Header& by, const char* effect) {
        if (seen_.emplace(id).second) {
            snapshot_.gaps.push_back({"AZR9001", id.text(), by.id.text(), effect});
        }
    }
    void tag(const std::string& tag, const std::string& by) {
        if (is_computed_tag(tag) ||
            (snapshot_.service_tags && snapshot_.service_tags->tags.contains(tag))) {
            return;
        }
        if (tags_.insert(tag).second) {
            snapshot_.gaps.push_back(
                {"AZR9002", tag, by,
                 "whether an address is in the tag; give a service-tag file (az network "
                 "list-service-tags)"});
        }
    }

  private:
    Snapshot& snapshot_;
    std::set<ResourceId> seen_;
    std::set<std::string, IgnoringCase> tags_;
};

}  // namespace

void find_gaps(Snapshot& snapshot) {
    Finder gaps(snapshot);
    std::set<ResourceId> subnets;
    std::set<ResourceId> pools;
    std::set<ResourceId> configurations;
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) {
            subnets.insert(subnet.header.id);
        }
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbPool& pool : balancer.pools) {
            pools.insert(pool.id);
        }
    }
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) {
            gaps.need(subnet.security_group, snapshot.security_groups, subnet.header,
                      "what the group lets in and out of the subnet");
            gaps.need(subnet.route_table, snapshot.route_tables, subnet.header,
                      "where the subnet's packets go");
            gaps.need(subnet.nat_gateway, snapshot.nat_gateways, subnet.header,
                      "whether and as whom the subnet reaches the internet");
        }
        for (const Peering& peering : vnet.peerings) {
            gaps.need(peering.remote, snapshot.virtual_networks, peering.header,
                      "what the peered network holds and permits");
        }
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        gaps.need(nic.security_group, snapshot.security_groups, nic.header,
                  "what the group lets in and out of the NIC");
        for (const IpConfiguration& configuration : nic.configurations) {
            gaps.need(configuration.subnet, subnets, nic.header,
                      "everything that the NIC sends and receives");
            gaps.need(configuration.public_ip, snapshot.public_ips, nic.header,
                      "the address and tier under which the NIC is public");
            for (const ResourceId& asg : configuration.asgs) {
                gaps.need(asg, snapshot.application_security_groups, nic.header,
                          "nothing but the group's name and tags");
            }
            for (const ResourceId& pool : configuration.lb_pools) {
                gaps.need(pool, pools, nic.header, "what the load balancer sends to the NIC");
            }
        }
    }
    for (const auto& [id, vm] : snapshot.virtual_machines) {
        for (const ResourceId& nic : vm.interfaces) {
            gaps.need(nic, snapshot.interfaces, vm.header, "everything about that NIC");
        }
    }
    for (const auto& [id, set] : snapshot.scale_sets) {
        for (const ScaleSetInterface& interface : set.interfaces) {
            gaps.need(interface.security_group, snapshot.security_groups, set.header,
                      "what the group lets in and out of the instances");
            for (const IpConfiguration& configuration : interface.configurations) {
                gaps.need(configuration.subnet, subnets, set.header,
                          "everything that the instances send and receive");
            }
        }
    }
    for (const auto& [id, connection] : snapshot.connections) {
        gaps.need(connection.gateway1, snapshot.gateways, connection.header,
                  "what the connection leads to");
        gaps.need(connection.gateway2, snapshot.gateways, connection.header,
                  "what the connection leads to");
        gaps.need(connection.local_gateway, snapshot.local_gateways, connection.header,
                  "the prefixes of the site");
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            gaps.need(frontend.subnet, subnets, balancer.header, "where the frontend stands");
            gaps.need(frontend.public_ip, snapshot.public_ips, balancer.header,
                      "the address under which the load balancer is public");
        }
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        gaps.need(endpoint.subnet, subnets, endpoint.header, "who reaches the endpoint");
        for (const ResourceId& nic : endpoint.interfaces) {
            gaps.need(nic, snapshot.interfaces, endpoint.header, "the endpoint's addresses");
        }
    }
    for (const auto& [id, configuration] : snapshot.admin_configurations) {
        for (const AdminRuleCollection& collection : configuration.collections) {
            for (const ResourceId& group : collection.groups) {
                gaps.need(group, snapshot.network_groups, collection.header,
                          "to which networks the admin rules apply");
            }
        }
    }
    for (const auto& [id, configuration] : snapshot.connectivity_configurations) {
        for (const auto& group : configuration.groups) {
            gaps.need(group.id, snapshot.network_groups, configuration.header,
                      "which networks are connected");
        }
    }
    for (const auto& [id, group] : snapshot.security_groups) {
        for (const SecurityRule& rule : group.rules) {
            for (const AddressSpec* side : {&rule.source, &rule.destination}) {
                for (const std::string& tag : side->tags) {
                    gaps.tag(tag, rule.id.text());
                }
                for (const ResourceId& asg : side->asgs) {
                    gaps.need(asg, snapshot.application_security_groups, group.header,
                              "whom the rule means");
                }
            }
        }
    }
    for (const auto& [id, configuration] : snapshot.admin_configurations) {
        for (const AdminRuleCollection& collection : configuration.collections) {
            for (const SecurityRule& rule : collection.rules) {
                for (const AddressSpec* side : {&rule.source, &rule.destination}) {
                    for (const std::string& tag : side->tags) {
                        gaps.tag(tag, rule.id.text());
                    }
                }
            }
        }
    }
    for (const auto& [id, table] : snapshot.route_tables) {
        for (const Route& route : table.routes) {
            if (!route.service_tag.empty()) {
                gaps.tag(route.service_tag, route.id.text());
            }
        }
    }
}

}  // namespace azreach
