// Redacting: the same network under other names and addresses.
#include "src/snapshot/redact.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "src/engine/reachability.hpp"
#include "src/report/json.hpp"
#include "src/snapshot/address_map.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

std::string folded(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

Prefix prefix(const char* text) { return parse_prefix(text)->prefix; }

/// Who reaches whom with what, interface by interface and from the internet, under the names that
/// `name` gives to ids.
template <class Name>
std::multiset<std::string> reach(const Snapshot& snapshot, const Name& name) {
    const Network network(snapshot, Assumptions(Reading::strict));
    const Reachability reachability(network);
    using Entry = Reachability::AxisEntry;
    std::vector<Entry> axis{{Entry::Kind::internet, {}}, {Entry::Kind::onprem, {}}};
    std::vector<std::string> names{"internet", "onprem"};
    for (const auto& [id, nic] : snapshot.interfaces) {
        axis.push_back({Entry::Kind::configs, network.configurations_of(id)});
        names.push_back(name(id));
    }
    std::multiset<std::string> result;
    reachability.all_pairs(
        axis, axis, ServiceSet::every(), 1, [&](const Reachability::Block& block) {
            const auto text = [](const Outcome& outcome) {
                return report::service(outcome.always_must).dump() +
                       report::service(outcome.can_must).dump() +
                       report::service(outcome.always_may).dump() +
                       report::service(outcome.can_may).dump();
            };
            const std::string what = text(block.packets) + text(block.sessions);
            for (const auto& rows : block.from) {
                for (auto from = rows.first; from <= rows.last; ++from) {
                    for (const auto& columns : block.to) {
                        for (auto to = columns.first; to <= columns.last; ++to) {
                            result.insert(names[from] + " -> " + names[to] + ": " + what);
                        }
                    }
                }
            }
        });
    return result;
}

}  // namespace

TEST_CASE("addresses share their first bits exactly as before", "[redact]") {
    const AddressMap map(7, {prefix("20.50.0.0/18"), prefix("20.50.16.0/24")},
                         {prefix("10.1.2.0/24")});
    std::mt19937 random(1);
    const auto common = [](const Address& a, const Address& b) {
        int length = 0;
        while (length < 32 && Prefix::of(a, length + 1)->contains(b)) {
            ++length;
        }
        return length;
    };
    std::set<Address> images;
    std::vector<Address> seen;
    for (int i = 0; i < 3000; ++i) {
        std::uint32_t bits = static_cast<std::uint32_t>(random());
        if (i % 3 == 1) {
            bits = 0x0A010000U | (bits & 0xFFFFU);
        } else if (i % 3 == 2) {
            bits = 0x14320000U | (bits & 0xFFFFU);
        }
        const Address address = Address::v4(bits);
        for (std::size_t back = 1; back <= 20 && back <= seen.size(); ++back) {
            const Address& other = seen[seen.size() - back];
            CHECK(common(map(address), map(other)) == common(address, other));
        }
        seen.push_back(address);
        for (const char* range : {"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "20.50.0.0/18",
                                  "20.50.16.0/24", "100.64.0.0/10", "224.0.0.0/4"}) {
            CHECK(prefix(range).contains(address) == prefix(range).contains(map(address)));
        }
    }
    // Hosts of a subnet keep their last bits; special addresses stay.
    CHECK((map(*parse_address("10.1.2.4")).value & 0xFFU) == 4);
    CHECK(to_string(map(*parse_address("168.63.129.16"))) == "168.63.129.16");
    CHECK(to_string(map(*parse_address("169.254.169.254"))) == "169.254.169.254");
    CHECK(to_string(map(prefix("0.0.0.0/0"))) == "0.0.0.0/0");
    CHECK(map(prefix("10.1.0.0/16")).contains(map(prefix("10.1.2.0/24"))));
    CHECK(prefix("fc00::/7").contains(map(*parse_address("fd00:1::5"))));
    CHECK(map(prefix("10.1.0.0/16")) != prefix("10.1.0.0/16"));
}

TEST_CASE("every fixture reaches what it reached before", "[redact]") {
    std::vector<std::string> files;
    for (const auto& entry : fs::recursive_directory_iterator(AZREACH_ROOT_DIR "/fixtures")) {
        if (entry.path().filename() == "arm.json") {
            files.push_back(entry.path().string());
        }
    }
    std::sort(files.begin(), files.end());
    REQUIRE_FALSE(files.empty());
    for (const std::string& file : files) {
        CAPTURE(file);
        const std::vector<Document> documents = documents_of({file});
        const Redacted redacted = redact(documents);
        const Imported before = import_paths({file});
        const Imported after = import_text("redacted.azr.json", pack(redacted.documents, "").text);
        CHECK(after.snapshot.size() == before.snapshot.size());
        CHECK(after.snapshot.gaps.size() == before.snapshot.gaps.size());
        CHECK(after.snapshot.diagnostics.size() == before.snapshot.diagnostics.size());
        const auto renamed = [&](const ResourceId& id) {
            const auto found = redacted.ids.find(folded(std::string(id.text())));
            return found == redacted.ids.end() ? std::string(id.text()) : found->second;
        };
        const auto same = [](const ResourceId& id) { return std::string(id.text()); };
        CHECK(reach(after.snapshot, same) == reach(before.snapshot, renamed));
    }
}

TEST_CASE("no name and no address of the original is left", "[redact]") {
    const Json document = {
        {"value",
         Json::array(
             {{{"id",
                "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/rg-Contoso/"
                "providers/Microsoft.Network/virtualNetworks/vnet-Contoso"},
               {"name", "vnet-Contoso"},
               {"type", "Microsoft.Network/virtualNetworks"},
               {"location", "westeurope"},
               {"etag", "Contoso"},
               {"tags", {{"owner", "Contoso"}}},
               {"resourceGroup", "rg-contoso"},
               {"managedBy", "Contoso"},
               {"somethingNew", "Contoso"},
               {"properties",
                {{"description", "for Contoso"},
                 {"addressSpace", {{"addressPrefixes", {"10.77.0.0/16"}}}},
                 {"dhcpOptions", {{"dnsServers", {"10.77.9.9"}}}},
                 {"subnets", Json::array({{{"name", "GatewaySubnet"},
                                           {"properties", {{"addressPrefix", "10.77.0.0/24"}}}},
                                          {{"name", "snet-contoso"},
                                           {"properties", {{"addressPrefix", "10.77.1.0/24"}}}}})},
                 {"fqdn", "st-contoso.privatelink.blob.core.windows.net"},
                 {"adminPassword", "Contoso"}}}}})}};
    const Redacted redacted = redact({{"contoso.json", document.dump()}});
    const std::string text = folded(redacted.documents.at(0).text + redacted.documents.at(0).name);
    CHECK(text.find("contoso") == std::string::npos);
    CHECK(text.find("11111111") == std::string::npos);
    CHECK(text.find("10.77.") == std::string::npos);
    CHECK(text.find("gatewaysubnet") != std::string::npos);
    CHECK(text.find("westeurope") != std::string::npos);
    CHECK(text.find("privatelink.blob.core.windows.net") != std::string::npos);
}

TEST_CASE("a public address stays in its service tags", "[redact]") {
    const Json tags = {
        {"changeNumber", 1},
        {"cloud", "Public"},
        {"values", Json::array({{{"name", "Storage"},
                                 {"id", "Storage"},
                                 {"properties", {{"addressPrefixes", {"20.60.0.0/22"}}}}}})}};
    const auto address = GENERATE("20.60.1.9", "20.60.4.1", "8.8.8.8");
    const Json resource = {{"value", Json::array({{{"id",
                                                    "/subscriptions/s/resourceGroups/r/providers/"
                                                    "Microsoft.Network/publicIPAddresses/p"},
                                                   {"properties", {{"ipAddress", address}}}}})}};
    const Redacted redacted = redact({{"tags.json", tags.dump()}, {"p.json", resource.dump()}});
    const std::string mapped =
        Json::parse(redacted.documents[1].text)["value"][0]["properties"]["ipAddress"];
    CHECK(prefix("20.60.0.0/22").contains(*parse_address(mapped)) ==
          prefix("20.60.0.0/22").contains(*parse_address(address)));
    CHECK(mapped != address);
    CHECK(redacted.documents[0].text == tags.dump());
}

TEST_CASE("ranges stay ranges", "[redact]") {
    const Json resource = {{"value", Json::array({{{"id",
                                                    "/subscriptions/s/resourceGroups/r/providers/"
                                                    "Microsoft.Sql/servers/x/firewallRules/f"},
                                                   {"properties",
                                                    {{"startIpAddress", "40.1.2.250"},
                                                     {"endIpAddress", "40.1.3.7"},
                                                     {"ipAddresses", {"40.9.0.4-40.9.0.9"}}}}}})}};
    const Json mapped = Json::parse(redact({{"p.json", resource.dump()}}).documents[0].text);
    const Json& properties = mapped["value"][0]["properties"];
    const auto value = [](const std::string& text) { return parse_address(text)->value; };
    CHECK(value(properties["endIpAddress"]) - value(properties["startIpAddress"]) ==
          value("40.1.3.7") - value("40.1.2.250"));
    const std::string range = properties["ipAddresses"][0];
    const std::size_t dash = range.find('-');
    REQUIRE(dash != std::string::npos);
    CHECK(value(range.substr(dash + 1)) - value(range.substr(0, dash)) == 5);
}

TEST_CASE("plans and templates are not redacted", "[redact]") {
    CHECK_THROWS_AS(redact({{"p.json", R"({"format_version":"1.2","planned_values":{}})"}}),
                    InputError);
}
