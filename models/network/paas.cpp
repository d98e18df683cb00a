#include "models/network/paas.hpp"

#include <algorithm>

#include "models/net/ensures.hpp"
#include "models/network/edges.hpp"
#include "models/network/network.hpp"

namespace azreach {

namespace {

/// For a type without a row: one endpoint, of which nothing is known but its switch. [XX-1]
const PaasGroup& generic_group() {
    static const PaasGroup kGroup{"service", "", "", ""};
    return kGroup;
}

bool says(const PaasResource& resource, std::string_view pointer, std::string_view text) {
    const PaasSetting* setting = resource.find(pointer);
    return setting != nullptr && equal_ignoring_case(setting->text, text);
}

bool lists_name(std::string_view names, std::string_view name) {  // "[EnableTable,EnableX]"
    return std::search(names.begin(), names.end(), name.begin(), name.end(), [](char a, char b) {
               return equal_ignoring_case(std::string_view(&a, 1), std::string_view(&b, 1));
           }) != names.end();
}

/// Whether an account of this kind has the sub-resource at all.
bool has_group(const PaasResource& resource, const PaasService& service, const PaasGroup& group) {
    const std::string_view kind = resource.kind;
    const std::string_view name = group.name;
    const auto is_kind = [&](const char* text) { return equal_ignoring_case(kind, text); };
    if (equal_ignoring_case(service.type, "Microsoft.Storage/storageAccounts")) {
        if (is_kind("FileStorage")) {
            return name == "file";
        }
        if (is_kind("BlobStorage") || is_kind("BlockBlobStorage")) {
            return name == "blob" || name == "dfs" || name == "web";
        }
        return true;
    }
    if (equal_ignoring_case(service.type, "Microsoft.DocumentDB/databaseAccounts")) {
        const PaasSetting* setting = resource.find("capabilities");
        const std::string_view capabilities =
            setting == nullptr ? std::string_view() : std::string_view(setting->text);
        if (name == "Sql") return !is_kind("MongoDB");
        if (name == "MongoDB") return is_kind("MongoDB");
        return lists_name(capabilities, "Enable" + std::string(name));
    }
    if (name == "ftp") {
        return !says(resource, "siteConfig/ftpsState", "Disabled");
    }
    return true;
}

Fact fact_of(const Network& network, FactKey key, const ResourceId& target,
             std::string_view group) {
    return network.about(key, target.text() + "/" + std::string(group));
}

}  // namespace

GuardedServices ports_of(const Network& network, const PaasService* service, const PaasGroup* group,
                         const PaasResource* resource, const ResourceId& target, bool is_private) {
    GuardedServices result;
    if (service == nullptr || group == nullptr) {
        const Fact fact = network.about(FactKey::unmodelled, target.text());
        result.push_back({{{fact, true}}, ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp)});
        return result;
    }
    const auto sure = [&](std::string_view ports) {
        if (ServiceSet set = tcp_ports(ports); !set.empty()) {
            result.push_back({{}, std::move(set)});
        }
    };
    const auto under = [&](Fact fact, bool value, std::string_view ports) {
        Guard when;
        if (ServiceSet set = tcp_ports(ports);
            !set.empty() && network.add_literal(when, fact, value)) {
            result.push_back({std::move(when), std::move(set)});
        }
    };
    const Fact perhaps = fact_of(network, FactKey::paas_ports, target, group->name);
    const Fact unread = network.about(FactKey::missing_resource, target.text());
    const Fact documented_only{FactKey::pe_ports, 0};
    /// A flag that opens ports: yes, no, or not known.
    const auto flag = [&](std::string_view pointer, std::string_view value,
                          std::string_view ports) {
        if (resource == nullptr) {
            under(unread, true, ports);
            return;
        }
        const PaasSetting* setting = resource->find(pointer);
        if (setting == nullptr) {
            return;
        }
        if (!setting->certain) {
            under(network.about(FactKey::paas_setting, setting->by.text()), true, ports);
        } else if (equal_ignoring_case(setting->text, value)) {
            sure(ports);
        }
    };

    const std::string_view type = service->type;
    if (group->name == "ftp") {  // AS-8: whether and where it listens is not established
        under(perhaps, true, group->ports);
        return result;
    }
    sure(group->ports);
    under(documented_only, false, group->wider);
    if (equal_ignoring_case(type, "Microsoft.Storage/storageAccounts")) {  // ST-9
        flag("supportsHttpsTrafficOnly", "false", "80");
        if (group->name == "blob") {
            flag("isSftpEnabled", "true", "22");
            flag("isNfsV3Enabled", "true", "2049 111");
        }
        if (group->name == "file" && resource != nullptr &&
            equal_ignoring_case(resource->kind, "FileStorage")) {
            sure("2049");
        } else if (group->name == "file" && resource == nullptr) {
            under(unread, true, "2049");
        }
    } else if (equal_ignoring_case(type, "Microsoft.Sql/servers")) {
        constexpr std::string_view kPolicy = "connectionPolicies/default/connectionType";
        if (is_private) {  // SQ-6
            flag(kPolicy, "Redirect", "1433-65535");
            under(documented_only, false, "1433-65535");
        } else {  // SQ-5: a redirected client goes on to a node of the region
            if (resource == nullptr || !says(*resource, kPolicy, "Proxy")) {
                under(perhaps, true, "11000-11999");
            }
            under(documented_only, false, "1434 11000-11999 14000-14999");
        }
        if (resource != nullptr && resource->from_resource_graph &&
            resource->find(kPolicy) == nullptr) {
            under(network.about(FactKey::paas_setting,
                                resource->property("connectionPolicies").text()),
                  true, is_private ? "1433-65535" : "11000-11999");
        }
    } else if (equal_ignoring_case(type, "Microsoft.DocumentDB/databaseAccounts")) {  // CO-6
        under(perhaps, true, is_private ? "*" : "10000-20000");
    } else if (equal_ignoring_case(type, "Microsoft.Cache/Redis")) {
        flag("enableNonSslPort", "true", "6379");
        if (resource == nullptr || resource->find("shardCount") != nullptr) {
            under(perhaps, true, "13000-13999 15000-15999");
        }
    } else if (equal_ignoring_case(type, "Microsoft.Sql/managedInstances") && !is_private) {
        result.clear();  // MI-1: the public data endpoint has a port of its own
        sure("3342");
    }
    return result;
}

Paas::Paas(const Network& network) : network_(network) {
    for (const auto& [id, resource] : network.snapshot().paas) {
        add(resource);
    }
    private_endpoints_.resize(endpoints_.size());
    for (const auto& [id, endpoint] : network.snapshot().private_endpoints) {
        link_up(endpoint);
    }
}

void Paas::add(const PaasResource& resource) {
    const PaasService* service = paas_service(resource.header.type);
    std::vector<const PaasGroup*> groups;
    if (service == nullptr) {
        groups = {&generic_group()};
    } else {
        for (const PaasGroup& group : service->groups) {
            if (has_group(resource, *service, group)) {
                groups.push_back(&group);
            }
        }
    }
    const auto& tags = network_.snapshot().service_tags;
    for (const PaasGroup* group : groups) {
        PaasEndpoint endpoint;
        endpoint.resource = &resource;
        endpoint.service = service;
        endpoint.group = group;
        endpoint.id = ResourceId(resource.header.id.text() + "/" + std::string(group->name));
        std::string name = resource.header.name;
        if (resource.header.id.type().find("/slots") != std::string::npos) {
            name = std::string(resource.header.id.parent().name()) + "/" +
                   std::string(resource.header.id.name());
        }
        endpoint.name = name + "/" + std::string(group->name);
        if (service != nullptr && tags) {
            std::string tag(service->service_tag);
            if (tag == "ServiceBus" && !equal_ignoring_case(resource.sku, "Premium")) {
                tag.clear();
            }
            const std::string region = folded_region(resource.header.location);
            for (const std::string& candidate :
                 {service->regional && !region.empty() ? tag + "." + region : std::string(), tag}) {
                const auto found = tags->tags.find(candidate);
                if (!tag.empty() && found != tags->tags.end() && !found->second.empty()) {
                    endpoint.candidates = found->second;
                    endpoint.candidates_from = found->first;
                    break;
                }
            }
        }
        endpoint.candidates &= Edges::internet_space();
        if (endpoint.candidates.v4.empty()) {
            endpoint.candidates = Edges::internet_space();
            endpoint.candidates_from.clear();
        }
        if (endpoint.candidates.v6.empty()) {
            endpoint.candidates.v6 = Edges::internet_space().v6;
        }
        endpoint.ports = ports_of(network_, service, service == nullptr ? nullptr : group,
                                  &resource, resource.header.id, false);
        by_resource_[resource.header.id].push_back(static_cast<PaasIndex>(endpoints_.size()));
        endpoints_.push_back(std::move(endpoint));
    }
}

std::vector<PaasIndex> Paas::of(const ResourceId& resource) const {
    const auto found = by_resource_.find(resource);
    return found == by_resource_.end() ? std::vector<PaasIndex>{} : found->second;
}

std::optional<PaasIndex> Paas::find(const ResourceId& resource, std::string_view group) const {
    const std::vector<PaasIndex> own = of(resource);
    for (const PaasIndex index : own) {
        if (equal_ignoring_case(endpoints_[index].group->name, group)) {
            return index;
        }
    }
    for (const PaasIndex index : own) {
        const PaasEndpoint& endpoint = endpoints_[index];
        if (endpoint.service != nullptr && !group.empty() && leads_to(*endpoint.group, group)) {
            return index;
        }
    }
    return group.empty() && own.size() == 1 ? std::optional(own.front()) : std::nullopt;
}

void Paas::link_up(const PrivateEndpoint& endpoint) {
    using Status = PrivateEndpoint::Connection::Status;
    PrivateLink link;
    link.endpoint = &endpoint;
    link.ends_at = endpoint.header.id;
    const Snapshot& snapshot = network_.snapshot();
    const Fact about_endpoint = network_.about(FactKey::unmodelled, endpoint.header.id.text());
    link.approved = about_endpoint;
    bool some_approved = false;
    bool some_open = endpoint.connections.empty();
    const auto anything = [&] {
        link.services.push_back(
            {{{about_endpoint, true}}, ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp)});
    };
    if (endpoint.connections.empty()) {
        anything();
    }
    for (const PrivateEndpoint::Connection& connection : endpoint.connections) {
        const PaasResource* resource = nullptr;
        if (connection.target) {
            const auto found = snapshot.paas.find(*connection.target);
            resource = found == snapshot.paas.end() ? nullptr : &found->second;
        }
        // PE-1: both sides, as far as both were read.
        std::optional<bool> consumer;
        if (connection.status != Status::unknown) {
            consumer = connection.status == Status::approved;
        }
        std::optional<bool> provider;
        bool unsure = false;
        if (resource != nullptr) {
            for (const PaasConnection& other : resource->connections) {
                if (other.endpoint == endpoint.header.id && !other.status.empty()) {
                    provider = equal_ignoring_case(other.status, "Approved");
                    unsure = unsure || !other.certain;
                }
            }
        }
        const bool disagree = consumer && provider && *consumer != *provider;
        const std::optional<bool> said = consumer ? consumer : provider;
        if (disagree || unsure || !said) {
            some_open = true;
        } else if (!*said) {
            continue;  // nothing comes through this one
        } else {
            some_approved = true;
        }
        if (!connection.target) {
            anything();
            continue;
        }
        if (resource != nullptr) {
            link.ends_at = *connection.target;
        }
        const PaasService* service = paas_service(connection.target->type());
        std::vector<std::string> groups = connection.group_ids;
        if (groups.empty() && service != nullptr && service->groups.size() == 1) {
            groups.emplace_back(service->groups.front().name);
        }
        if (groups.empty() || service == nullptr) {
            anything();
        }
        for (const std::string& id : groups) {
            if (service != nullptr) {
                const std::vector<const PaasGroup*> own = groups_of_id(*service, id);
                if (own.empty()) {
                    anything();  // 2.3: a group that the catalogue does not know
                }
                for (const PaasGroup* group : own) {
                    for (Guarded<ServiceSet>& part :
                         ports_of(network_, service, group, resource, *connection.target, true)) {
                        link.services.push_back(std::move(part));
                    }
                }
            }
            for (const PaasIndex index : of(*connection.target)) {
                if (service == nullptr || azreach::leads_to(*endpoints_[index].group, id)) {
                    link.leads_to.push_back(index);
                    private_endpoints_[index].push_back(&endpoint);
                }
            }
        }
    }
    link.approval = some_approved ? PrivateLink::Approval::yes
                    : some_open   ? PrivateLink::Approval::open
                                  : PrivateLink::Approval::no;
    const PrivateLink& kept = links_.emplace(endpoint.header.id, std::move(link)).first->second;
    for (const PrivateEndpoint::Connection& connection : endpoint.connections) {
        if (connection.target) {
            by_target_[*connection.target].push_back(&kept);
        }
    }
}

const PrivateLink& Paas::link(const PrivateEndpoint& endpoint) const {
    const auto found = links_.find(endpoint.header.id);
    ensures(found != links_.end(), "every private endpoint of the snapshot is linked up");
    return found->second;
}

std::vector<const PaasConnection*> Paas::foreign(const PaasResource& resource) const {
    std::vector<const PaasConnection*> result;
    for (const PaasConnection& connection : resource.connections) {
        if (!connection.endpoint ||
            !network_.snapshot().private_endpoints.contains(*connection.endpoint)) {
            result.push_back(&connection);
        }
    }
    return result;
}

std::optional<bool> Paas::has_private_endpoint(const PaasResource& resource) const {
    bool open = false;
    for (const PaasConnection& connection : resource.connections) {
        if (!connection.certain || connection.status.empty()) {
            open = true;
        } else if (equal_ignoring_case(connection.status, "Approved")) {
            return true;
        }
    }
    const auto linked = by_target_.find(resource.header.id);
    if (linked != by_target_.end()) {
        for (const PrivateLink* link : linked->second) {
            if (link->approval == PrivateLink::Approval::yes) {
                return true;
            }
            open = open || link->approval == PrivateLink::Approval::open;
        }
    }
    return open ? std::nullopt : std::optional(false);
}

GuardedAddresses Paas::tag(std::string_view name) const {
    const auto& tags = network_.snapshot().service_tags;
    if (tags) {
        const auto found = tags->tags.find(name);
        if (found != tags->tags.end()) {
            return {{{}, found->second}};
        }
    }
    return {{{{network_.about(FactKey::unknown_tag, name), true}}, Edges::internet_space()}};
}

const GuardedAddresses& Paas::azure_space() const {
    std::call_once(azure_ready_, [this] {
        azure_ = tag("AzureCloud");
        const auto& tags = network_.snapshot().service_tags;
        if (!tags || !azure_.front().when.empty()) {
            return;
        }
        // The tag does not list all that other tags do: what only they list may be Azure's.
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        for (const auto& [name, set] : tags->tags) {
            v4.insert(v4.end(), set.v4.ranges().begin(), set.v4.ranges().end());
            v6.insert(v6.end(), set.v6.ranges().begin(), set.v6.ranges().end());
        }
        AddressSet others{IntervalSet<std::uint32_t>::of(std::move(v4)),
                          IntervalSet<Uint128>::of(std::move(v6))};
        others -= azure_.front().set;
        if (!others.empty()) {
            azure_.push_back(
                {{{network_.about(FactKey::unknown_tag, "AzureCloud"), true}}, std::move(others)});
        }
    });
    return azure_;
}

}  // namespace azreach
