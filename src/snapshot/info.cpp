#include "src/snapshot/info.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace azreach {

namespace {

/// Days since 1970-01-01 of "2026-11-28..." (proleptic Gregorian).
std::optional<long long> days_of(const std::string& date) {
    const auto number = [&](std::size_t at, std::size_t size) -> std::optional<long long> {
        long long value = 0;
        if (date.size() < at + size) {
            return std::nullopt;
        }
        const auto [end, error] = std::from_chars(date.data() + at, date.data() + at + size, value);
        return error == std::errc{} && end == date.data() + at + size ? std::optional(value)
                                                                      : std::nullopt;
    };
    const auto year = number(0, 4);
    const auto month = number(5, 2);
    const auto day = number(8, 2);
    if (!year || !month || !day || date[4] != '-' || date[7] != '-' || *month < 1 || *month > 12 ||
        *day < 1 || *day > 31) {
        return std::nullopt;
    }
    const long long y = *month <= 2 ? *year - 1 : *year;
    const long long era = y / 400;
    const long long of_era = y - era * 400;
    const long long of_year = (153 * (*month + (*month > 2 ? -3 : 9)) + 2) / 5 + *day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/// How many NICs stand in a subnet, behind a group, in a network, ...
class Reach {
public:
    explicit Reach(const Snapshot& snapshot) {
        for (const auto& [id, nic] : snapshot.interfaces) {
            ++all_;
            std::set<ResourceId> around{id};
            if (nic.security_group) {
                around.insert(*nic.security_group);
            }
            for (const IpConfiguration& item : nic.configurations) {
                if (item.subnet) {
                    around.insert(*item.subnet);
                    around.insert(item.subnet->parent());
                }
            }
            for (const ResourceId& one : around) {
                ++near_[one];
            }
        }
        for (const auto& [id, vnet] : snapshot.virtual_networks) {
            for (const Subnet& subnet : vnet.subnets) {
                for (const Ref& used :
                     {subnet.security_group, subnet.route_table, subnet.nat_gateway}) {
                    if (used) {
                        near_[*used] += at(subnet.header.id);
                    }
                }
            }
        }
    }

    /// NICs near the thing that is named, or near what it is a part of.
    std::size_t near(const std::string& named) const {
        for (ResourceId id(named); !id.empty(); id = id.parent()) {
            if (const auto found = near_.find(id); found != near_.end()) {
                return found->second;
            }
        }
        return 0;
    }
    std::size_t all() const { return all_; }

private:
    std::size_t at(const ResourceId& id) const {
        const auto found = near_.find(id);
        return found == near_.end() ? 0 : found->second;
    }
    std::map<ResourceId, std::size_t> near_;
    std::size_t all_ = 0;
};

}  // namespace

std::optional<long long> days_between(const std::string& from, const std::string& to) {
    const auto a = days_of(from);
    const auto b = days_of(to);
    return a && b ? std::optional(*b - *a) : std::nullopt;
}

SnapshotInfo info_of(const Snapshot& snapshot, const std::string& today) {
    SnapshotInfo info;
    info.sources = snapshot.sources;
    info.collections = snapshot.collections;
    const auto count = [&](const char* kind, std::size_t number) {
        if (number > 0) {
            info.counts[kind] += number;
        }
    };
    count("virtual networks", snapshot.virtual_networks.size());
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        count("subnets", vnet.subnets.size());
        count("peerings", vnet.peerings.size());
    }
    count("network interfaces", snapshot.interfaces.size());
    count("virtual machines", snapshot.virtual_machines.size());
    count("scale sets", snapshot.scale_sets.size());
    count("security groups", snapshot.security_groups.size());
    for (const auto& [id, group] : snapshot.security_groups) {
        count("security rules", group.rules.size());
    }
    count("application security groups", snapshot.application_security_groups.size());
    count("route tables", snapshot.route_tables.size());
    count("public addresses", snapshot.public_ips.size());
    count("public prefixes", snapshot.public_ip_prefixes.size());
    count("NAT gateways", snapshot.nat_gateways.size());
    count("load balancers", snapshot.load_balancers.size());
    count("virtual network gateways", snapshot.gateways.size());
    count("local network gateways", snapshot.local_gateways.size());
    count("connections", snapshot.connections.size());
    count("private endpoints", snapshot.private_endpoints.size());
    count("bastions", snapshot.bastions.size());
    count("network managers", snapshot.network_managers.size());
    count("admin configurations", snapshot.admin_configurations.size());
    for (const auto& [id, other] : snapshot.others) {
        count(("other: " + id.type()).c_str(), 1);
    }
    for (const Collection& collection : snapshot.collections) {
        const auto days = days_between(collection.collected_at, today);
        if (days && (!info.age_days || *days > *info.age_days)) {
            info.age_days = days;
        }
    }
    const Reach reach(snapshot);
    for (const Gap& gap : snapshot.gaps) {
        Unseen unseen{gap.code, gap.what, gap.needed_for, gap.effect, 0};
        unseen.interfaces = gap.code == "AZR9003"
                                ? reach.all()
                                : std::max(reach.near(gap.needed_for), reach.near(gap.what));
        info.unseen.push_back(std::move(unseen));
    }
    std::stable_sort(info.unseen.begin(), info.unseen.end(), [](const Unseen& a, const Unseen& b) {
        return a.code != b.code ? a.code < b.code : a.interfaces > b.interfaces;
    });
    const auto never = [&](std::string what, std::string why, std::string effect) {
        info.never.push_back({"", std::move(what), std::move(why), std::move(effect), 0});
    };
    if (!snapshot.service_tags) {
        never("which addresses a service tag holds",
              "no service-tag file (az network list-service-tags)",
              "rules that name a tag other than VirtualNetwork, Internet and AzureLoadBalancer");
    }
    if (snapshot.effective_routes.empty() && !snapshot.gateways.empty()) {
        never("routes learned by BGP", "only effective routes show them, one NIC at a time",
              "traffic of networks with a gateway to addresses outside");
    }
    if (snapshot.network_managers.empty() && snapshot.admin_configurations.empty()) {
        never("security admin rules of a network manager outside the collected subscriptions",
              "a manager may stand in a subscription that was not read",
              "every verdict that a security admin rule could turn, if there is one");
    } else {
        never("dynamic members of network groups",
              "Azure Policy decides; only memberships or effective rules show it",
              "networks to which admin rules may apply");
    }
    never("what runs inside machines", "guest firewalls, routes, listening services",
          "whether anything answers; never whether a packet arrives");
    return info;
}

}  // namespace azreach
