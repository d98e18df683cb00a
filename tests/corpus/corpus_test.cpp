// Every file of the corpus is imported alone: no crash, no hang, and no resource is lost silently.
// The corpus lies beside the checkout (or where AZREACH_SHARED says); without it this says so and
// checks nothing.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

using Json = nlohmann::json;

std::filesystem::path corpus() {
    const char* shared = std::getenv("AZREACH_SHARED");  // NOLINT(concurrency-mt-unsafe)
    return (shared != nullptr ? std::filesystem::path(shared)
                              : std::filesystem::path(AZREACH_ROOT_DIR) / "../shared") /
           "corpus";
}

/// The ids of everything that the snapshot holds, parts included.
std::unordered_set<ResourceId> ids_of(const Snapshot& snapshot) {
    std::unordered_set<ResourceId> ids;
    snapshot.for_each_kind([&](const auto& map) {
        for (const auto& [id, resource] : map) {
            ids.insert(id);
        }
    });
    for (const DnsZoneGroupEntry& entry : snapshot.dns_zone_groups) ids.insert(entry.group);
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) ids.insert(subnet.header.id);
        for (const Peering& peering : vnet.peerings) ids.insert(peering.header.id);
    }
    for (const auto& [id, group] : snapshot.security_groups) {
        for (const SecurityRule& rule : group.rules) ids.insert(rule.id);
        for (const SecurityRule& rule : group.default_rules) ids.insert(rule.id);
    }
    for (const auto& [id, table] : snapshot.route_tables) {
        for (const Route& route : table.routes) ids.insert(route.id);
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        for (const IpConfiguration& item : nic.configurations) ids.insert(item.id);
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& part : balancer.frontends) ids.insert(part.id);
        for (const LbPool& part : balancer.pools) ids.insert(part.id);
        for (const LbRule& part : balancer.rules) ids.insert(part.id);
        for (const LbNatRule& part : balancer.nat_rules) ids.insert(part.id);
        for (const LbOutboundRule& part : balancer.outbound_rules) ids.insert(part.id);
    }
    for (const auto& [id, policy] : snapshot.firewall_policies) {
        for (const RuleCollectionGroup& group : policy.groups) ids.insert(group.header.id);
    }
    for (const auto& [id, configuration] : snapshot.admin_configurations) {
        for (const AdminRuleCollection& collection : configuration.collections) {
            ids.insert(collection.header.id);
            for (const SecurityRule& rule : collection.rules) ids.insert(rule.id);
        }
    }
    return ids;
}

/// A static member is kept as an entry of its group.
bool is_kept_member(const Snapshot& snapshot, const ResourceId& id) {
    const auto group = snapshot.network_groups.find(id.parent());
    return group != snapshot.network_groups.end() && !group->second.members.empty() &&
           id.type().ends_with("/staticMembers");
}

struct Expected {
    std::vector<std::string> ids;
    std::size_t rules = 0, subnets = 0, configurations = 0;
};

/// A naive walk: every item of the list (or the one resource), and how many children they list.
Expected naive(const std::filesystem::path& file) {
    std::ifstream stream(file);
    const Json document = Json::parse(stream, nullptr, true, true);
    std::vector<Json> items;
    if (document.is_array()) {
        items.assign(document.begin(), document.end());
    } else if (document.contains("value") && document["value"].is_array()) {
        items.assign(document["value"].begin(), document["value"].end());
    } else {
        items.push_back(document);
    }
    Expected expected;
    std::unordered_set<std::string> seen;
    for (const Json& item : items) {
        std::string id = item.at("id");
        const Json& inner = item.contains("properties") ? item["properties"] : item;
        const auto count = [&](const char* type, const char* key) -> std::size_t {
            std::string written = item.value("type", "");
            for (char& c : written) c = static_cast<char>(std::tolower(c));
            return written == type && inner.contains(key) && inner[key].is_array()
                       ? inner[key].size()
                       : 0;
        };
        std::string folded = id;
        for (char& c : folded) c = static_cast<char>(std::tolower(c));
        if (seen.insert(folded).second) {
            expected.rules += count("microsoft.network/networksecuritygroups", "securityRules");
            expected.subnets += count("microsoft.network/virtualnetworks", "subnets");
            expected.configurations +=
                count("microsoft.network/networkinterfaces", "ipConfigurations");
        }
        expected.ids.push_back(std::move(id));
    }
    return expected;
}

bool holds_resources(const std::string& kind) {
    return kind == "arm-snapshot" || kind == "arm-inventory" || kind == "arm-list-response" ||
           kind == "batfish-azure" || kind == "az-cli-json";
}

TEST_CASE("every file of the corpus imports without loss, or says why it does not",
          "[corpus][J2][J5]") {
    const auto index_file = corpus() / "index.jsonl";
    if (!std::filesystem::exists(index_file)) {
        WARN("skipped: no corpus at " << index_file.string());
        return;
    }
    struct Kind {
        std::size_t files = 0, imported = 0, refused = 0, resources = 0, diagnostics = 0, gaps = 0;
    };
    std::map<std::string, Kind> kinds;
    std::ifstream index(index_file);
    std::string line;
    while (std::getline(index, line)) {
        const Json entry = Json::parse(line);
        const std::string path = entry["path"];
        const std::string kind = entry["kind"];
        const auto file = corpus() / path;
        if (!std::filesystem::exists(file)) {
            continue;
        }
        INFO(path);
        Kind& sum = kinds[kind];
        ++sum.files;
        const auto begin = std::chrono::steady_clock::now();
        try {
            const Imported imported = import_paths({file.string()});
            const Snapshot& snapshot = imported.snapshot;
            ++sum.imported;
            sum.resources += snapshot.sources.front().resources;
            sum.diagnostics += snapshot.diagnostics.size();
            sum.gaps += snapshot.gaps.size();
            for (const Diagnostic& diagnostic : snapshot.diagnostics) {
                if (diagnostic.where.known()) {
                    CHECK(imported.places->locate(diagnostic.where).line > 0);
                }
            }
            if (holds_resources(kind)) {
                const Expected expected = naive(file);
                CHECK(snapshot.sources.front().resources == expected.ids.size());
                const auto ids = ids_of(snapshot);
                for (const std::string& id : expected.ids) {
                    if (!ids.contains(ResourceId(id)) &&
                        !is_kept_member(snapshot, ResourceId(id))) {
                        FAIL_CHECK("lost: " << id);
                    }
                }
                std::size_t rules = 0;
                std::size_t subnets = 0;
                std::size_t configurations = 0;
                for (const auto& [id, group] : snapshot.security_groups)
                    rules += group.rules.size();
                for (const auto& [id, vnet] : snapshot.virtual_networks) {
                    subnets += vnet.subnets.size();
                }
                for (const auto& [id, nic] : snapshot.interfaces) {
                    configurations += nic.configurations.size();
                }
                CHECK(rules >= expected.rules);
                CHECK(subnets >= expected.subnets);
                CHECK(configurations >= expected.configurations);
            }
        } catch (const InputError& error) {
            ++sum.refused;
            CHECK_FALSE(std::string(error.what()).empty());
            if (holds_resources(kind)) {
                FAIL_CHECK("refused: " << error.what());
            }
        }
        const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
        CHECK(seconds.count() < 20.0);
    }
    std::cout << "kind: files, imported, refused; resources, diagnostics, gaps\n";
    for (const auto& [kind, sum] : kinds) {
        std::cout << kind << ": " << sum.files << ", " << sum.imported << ", " << sum.refused
                  << "; " << sum.resources << ", " << sum.diagnostics << ", " << sum.gaps << '\n';
    }
}

}  // namespace
}  // namespace azreach
