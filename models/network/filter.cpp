#include "models/network/filter.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <unordered_map>

#include "models/network/admin_rules.hpp"
#include "models/network/evidence.hpp"
#include "models/network/filter_rules.hpp"
#include "models/network/tag_scope.hpp"

namespace azreach {

namespace {

/// A list that decides anything: what stands for a group that was not read.               [J4]
FilterList unread_list(const Network& network, const ResourceId& group, FactKey key,
                       const ResourceId& association, Direction direction) {
    FilterList list;
    list.owner = group;
    list.association = association;
    list.direction = direction;
    list.rules.push_back(
        everything(Access::allow, group, {{network.about(key, group.text()), true}}));
    list.rules.push_back(everything(Access::deny, group, {}));
    return list;
}

/// N46: the platform ignores, or may ignore, a group here.
bool group_may_be_ignored(const std::string& subnet) {
    for (const char* name : {"GatewaySubnet", "AzureFirewallSubnet",
                             "AzureFirewallManagementSubnet", "RouteServerSubnet"}) {
        if (equal_ignoring_case(subnet, name)) {
            return true;
        }
    }
    return false;
}

/// N47: services whose network intent policies add rules that no export shows.
bool has_intent_policy(const Subnet& subnet) {
    return std::any_of(subnet.delegations.begin(), subnet.delegations.end(),
                       [](const std::string& service) {
                           return equal_ignoring_case(service, "Microsoft.Sql/managedInstances") ||
                                  equal_ignoring_case(service, "Microsoft.Databricks/workspaces");
                       });
}

}  // namespace

struct Filters::State {
    const Network& network;
    RuleContext context;

    // One list for (group or unread id, association subnet scope, association, direction).
    struct Key {
        ResourceId owner, association;
        SubnetIndex subnet;
        Direction direction;
        bool endpoint;
        friend bool operator==(const Key&, const Key&) = default;
    };
    struct KeyHash {
        std::size_t operator()(const Key& key) const {
            return key.owner.hash() * 31 + key.association.hash() * 7 + key.subnet * 4U +
                   (key.direction == Direction::inbound ? 2U : 0U) + (key.endpoint ? 1U : 0U);
        }
    };
    std::unordered_map<Key, std::unique_ptr<FilterList>, KeyHash> lists;
    // The rules of one group at one subnet, without the association: shared by NICs.
    std::map<std::tuple<SubnetIndex, Direction>, std::unique_ptr<FilterList>> admin;
    std::vector<std::unique_ptr<FilterList>> captures;  // lists of single NICs
    std::vector<std::optional<FilterChain>> inbound, outbound;
    bool sealed = false;
    std::recursive_mutex mutex;

    explicit State(const Network& n) : network(n), context(n) {}

    /// E54: what open just-in-time windows let in stands before every rule of the group.
    void put_open_windows(FilterList& list, SubnetIndex subnet) {
        const NetworkSecurityGroup& windows = network.jit().open_rules(list.owner);
        if (windows.rules.empty()) {
            return;
        }
        std::vector<FilterRule> open = compile_rules(context, windows, Direction::inbound, subnet);
        std::erase_if(open, [](const FilterRule& rule) {
            return rule.rule == nullptr || rule.rule->is_default;
        });
        list.rules.insert(list.rules.begin(), open.begin(), open.end());
    }

    const FilterList* group_list(const ResourceId& group_id, const ResourceId& association,
                                 SubnetIndex subnet, Direction direction, const Header& attached,
                                 bool is_subnet) {
        const Key key{group_id, association, subnet, direction, false};
        const auto known = lists.find(key);
        if (known != lists.end()) {
            return known->second.get();
        }
        FilterList list;
        const auto& groups = network.snapshot().security_groups;
        const auto group = groups.find(group_id);
        if (attached.contested.contains("networkSecurityGroup")) {
            list =
                unread_list(network, attached.id, FactKey::contested_copy, association, direction);
        } else if (group != groups.end() &&
                   group->second.header.contested.contains("securityRules")) {
            list = unread_list(network, group_id, FactKey::contested_copy, association, direction);
        } else if (group == groups.end()) {
            list =
                unread_list(network, group_id, FactKey::missing_resource, association, direction);
        } else {
            list.owner = group_id;
            list.association = association;
            list.direction = direction;
            list.rules = compile_rules(context, group->second, direction, subnet);
            if (direction == Direction::inbound) {
                put_open_windows(list, subnet);
            }
            if (is_subnet && subnet != kNoIndex) {
                const Subnet& place = *network.subnets()[subnet].subnet;
                if (has_intent_policy(place) || group_may_be_ignored(place.header.name)) {
                    list.rules.insert(
                        list.rules.begin(),
                        everything(
                            Access::allow, association,
                            {{network.about(FactKey::intent_policy, association.text()), true}}));
                }
            }
        }
        return lists.emplace(key, std::make_unique<FilterList>(std::move(list)))
            .first->second.get();
    }

    /// A list that may or may not apply: the rules under a fact, else everything passes.
    const FilterList* unsure_endpoint_list(const FilterList* sure, SubnetIndex subnet,
                                           const ResourceId& endpoint) {
        const Key key{sure->owner, sure->association, subnet, sure->direction, true};
        const auto known = lists.find(key);
        if (known != lists.end()) {
            return known->second.get();
        }
        FilterList list = *sure;
        list.rules.insert(
            list.rules.begin(),
            everything(Access::allow, endpoint,
                       {{network.about(FactKey::unmodelled, endpoint.text()), true}}));
        return lists.emplace(key, std::make_unique<FilterList>(std::move(list)))
            .first->second.get();
    }

    /// The list as Azure captured it at this NIC, where that fits.                          [G5]
    const FilterList* captured(const FilterList* list, const ResourceId& nic) {
        const EffectiveSecurityRules* capture =
            list == nullptr || network.snapshot().effective_security_rules.empty()
                ? nullptr
                : captured_rules(network.snapshot(), nic);
        if (capture == nullptr) {
            return list;
        }
        std::optional<FilterList> closed = closed_list(*list, *capture);
        if (!closed) {
            return list;
        }
        return captures.emplace_back(std::make_unique<FilterList>(std::move(*closed))).get();
    }

    /// The list of a NIC of which it is not known whether it will exist: where it does not, nothing
    /// passes it. `sure`: its group, or null.
    const FilterList* perhaps_absent(const FilterList* sure, const ResourceId& nic,
                                     SubnetIndex subnet, Direction direction) {
        const Key key{nic, nic, subnet, direction, true};
        const auto known = lists.find(key);
        if (known != lists.end()) {
            return known->second.get();
        }
        FilterList list;
        if (sure != nullptr) {
            list = *sure;
        } else {
            list.owner = list.association = nic;
            list.direction = direction;
            list.rules.push_back(everything(Access::allow, nic, {}));
        }
        list.rules.insert(list.rules.begin(),
                          everything(Access::deny, nic,
                                     {{network.about(FactKey::contested_copy, nic.text()), true}}));
        return lists.emplace(key, std::make_unique<FilterList>(std::move(list)))
            .first->second.get();
    }

    FilterChain compile(std::uint32_t config, Direction direction) {
        const ConfigPlace& place = network.configurations()[config];
        FilterChain chain;
        const FilterList* nic_list = nullptr;
        const FilterList* subnet_list = nullptr;
        const NetworkInterface& nic = *place.interface;
        const bool nic_contested = nic.header.contested.contains("networkSecurityGroup");
        if (place.endpoint == nullptr && (nic.security_group || nic_contested)) {
            nic_list = group_list(nic.security_group.value_or(nic.header.id), nic.header.id,
                                  place.subnet, direction, nic.header, false);
        }
        if (place.subnet == kNoIndex) {
            // The subnet was not read: neither was its group.
            const ResourceId id =
                place.configuration->subnet.value_or(ResourceId(nic.header.id.text()));
            Header header;
            header.id = id;
            subnet_list = group_list(id, id, kNoIndex, direction, header, false);
        } else {
            const Subnet& subnet = *network.subnets()[place.subnet].subnet;
            const bool contested = subnet.header.contested.contains("networkSecurityGroup");
            if (subnet.security_group || contested) {
                subnet_list =
                    group_list(subnet.security_group.value_or(subnet.header.id), subnet.header.id,
                               place.subnet, direction, subnet.header, true);
            }
            if (place.endpoint != nullptr && place.configuration->address &&
                place.configuration->address->family == Family::v6) {
                subnet_list = nullptr;  // [PE-10]
            }
            if (place.endpoint != nullptr && subnet_list != nullptr) {  // [R40] [PE-9]
                switch (subnet.private_endpoint_policies) {
                    case PrivateEndpointPolicies::disabled:
                    case PrivateEndpointPolicies::route_table:
                        subnet_list = nullptr;
                        break;
                    case PrivateEndpointPolicies::unknown:
                        subnet_list = unsure_endpoint_list(subnet_list, place.subnet,
                                                           place.endpoint->header.id);
                        break;
                    default:
                        break;
                }
            }
            if (place.endpoint == nullptr) {  // A13
                auto& list = admin[{place.subnet, direction}];
                if (!list) {
                    list = std::make_unique<FilterList>(
                        admin_rules_at(context, place.subnet, direction));
                }
                chain.admin = list->rules.empty() ? nullptr : list.get();
            }
        }
        if (place.endpoint == nullptr) {  // G7: never captured at endpoints
            nic_list = captured(nic_list, nic.header.id);
            subnet_list = captured(subnet_list, nic.header.id);
        }
        chain.has_group = nic_list != nullptr || subnet_list != nullptr;
        if (place.endpoint == nullptr && nic.header.contested.contains(kExistence)) {
            nic_list = perhaps_absent(nic_list, nic.header.id, place.subnet, direction);
        }
        if (direction == Direction::inbound) {
            chain.first = subnet_list;
            chain.second = nic_list;
        } else {
            chain.first = nic_list;
            chain.second = subnet_list;
        }
        return chain;
    }
};

Filters::Filters(const Network& network) : state_(std::make_unique<State>(network)) {
    state_->inbound.resize(network.configurations().size());
    state_->outbound.resize(network.configurations().size());
}

Filters::~Filters() = default;

FilterChain Filters::chain(std::uint32_t config, Direction direction) const {
    auto& cache = direction == Direction::inbound ? state_->inbound : state_->outbound;
    if (state_->sealed) {
        return *cache[config];
    }
    const std::lock_guard lock(state_->mutex);
    if (!cache[config]) {
        cache[config] = state_->compile(config, direction);
    }
    return *cache[config];
}

void Filters::compile_all() const {
    for (std::uint32_t i = 0; i < state_->inbound.size(); ++i) {
        chain(i, Direction::inbound);
        chain(i, Direction::outbound);
    }
    state_->sealed = true;
}

GuardedAddresses Filters::expand_tag(std::string_view tag, std::uint32_t subnet) const {
    const std::lock_guard lock(state_->mutex);
    return state_->context.tag(tag, subnet);
}

const AddressSet& Filters::exempt_addresses() {
    static const AddressSet kAddresses = [] {
        AddressSet set;
        for (const char* address : {"168.63.129.16", "169.254.169.254", "23.102.135.246",
                                    "20.118.99.224", "40.83.235.53"}) {
            set |= AddressSet::single(*parse_address(address));
        }
        return set;
    }();
    return kAddresses;
}

std::vector<Filters::Exemption> Filters::exemptions(const Address& destination) {
    static const Address kHost = *parse_address("168.63.129.16");
    static const Address kMetadata = *parse_address("169.254.169.254");
    static const std::vector<Exemption> kHostServices = {
        {ServiceSet::ports(kTcp, PortSet::full(), PortSet{{80, 80}, {32526, 32526}}), ""},
        {ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(53)) |
             ServiceSet::ports(kUdp, PortSet::full(), PortSet::single(53)),
         "AzurePlatformDNS"}};
    static const std::vector<Exemption> kMetadataServices = {
        {ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(80)), "AzurePlatformIMDS"}};
    static const std::vector<Exemption> kActivation = {
        {ServiceSet::ports(kTcp, PortSet::full(), PortSet::single(1688)), "AzurePlatformLKM"}};
    if (destination == kHost) {
        return kHostServices;
    }
    if (destination == kMetadata) {
        return kMetadataServices;
    }
    for (const char* server : {"23.102.135.246", "20.118.99.224", "40.83.235.53"}) {
        if (destination == *parse_address(server)) {
            return kActivation;
        }
    }
    return {};
}

}  // namespace azreach
