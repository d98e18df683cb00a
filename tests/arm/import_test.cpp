// What the importer makes of the forms that Azure writes: section 0.4 of the network reference.
#include "src/arm/import.hpp"

#include <algorithm>

#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

const std::string kNet = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/";

std::string list(const std::string& resources) { return "{\"value\":[" + resources + "]}"; }

std::string resource(const std::string& type, const std::string& name,
                     const std::string& properties) {
    return "{\"id\":\"" + kNet + type + "/" + name + "\",\"name\":\"" + name +
           "\",\"type\":\"Microsoft.Network/" + type + "\",\"properties\":" + properties + "}";
}

std::string rule(const std::string& group, const std::string& name, const std::string& fields) {
    return "{\"id\":\"" + kNet + "networkSecurityGroups/" + group + "/securityRules/" + name +
           "\",\"name\":\"" + name +
           "\",\"type\":\"Microsoft.Network/networkSecurityGroups/securityRules\"," +
           "\"properties\":{\"priority\":100,\"direction\":\"Inbound\",\"access\":\"Allow\","
           "\"protocol\":\"Tcp\"," +
           fields + "}}";
}

const std::string kAnySides =
    R"("sourceAddressPrefix":"*","destinationAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"22")";

ResourceId group_id(const std::string& name) {
    return ResourceId(kNet + "networkSecurityGroups/" + name);
}

std::size_t count(const Snapshot& snapshot, const std::string& code) {
    return static_cast<std::size_t>(
        std::count_if(snapshot.diagnostics.begin(), snapshot.diagnostics.end(),
                      [&](const Diagnostic& d) { return d.code == code; }));
}

}  // namespace

TEST_CASE("ids, types and words compare without case", "[arm][J1]") {
    std::string text = list(resource("networkSecurityGroups", "g",
                                     "{\"securityRules\":[" + rule("g", "r", kAnySides) + "]}"));
    for (char& c : text) {
        if (c == 'M') c = 'm';  // microsoft.network
    }
    const std::size_t at = text.find("Inbound");
    text.replace(at, 7, "INBOUND");
    const Imported imported = import_text("case.json", text);
    const auto found = imported.snapshot.security_groups.find(ResourceId(
        "/SUBSCRIPTIONS/S/resourcegroups/G/providers/microsoft.network/NETWORKSECURITYGROUPS/G"));
    REQUIRE(found != imported.snapshot.security_groups.end());
    CHECK(found->second.rules.front().direction == Direction::inbound);
}

TEST_CASE("children inline and alone are one; copies that differ are both unsure", "[arm][J2]") {
    const std::string inline_group = resource(
        "networkSecurityGroups", "g", "{\"securityRules\":[" + rule("g", "r", kAnySides) + "]}");
    for (const bool child_first : {true, false}) {
        const std::string child = rule("g", "other", kAnySides);
        const Imported imported = import_text(
            "a.json", list(child_first ? child + "," + inline_group : inline_group + "," + child));
        CHECK(imported.snapshot.security_groups.at(group_id("g")).rules.size() == 2);
    }
    const Imported same =
        import_text("same.json", list(inline_group + "," + rule("g", "r", kAnySides)));
    CHECK(same.snapshot.security_groups.at(group_id("g")).rules.size() == 1);
    CHECK(same.snapshot.security_groups.at(group_id("g")).rules.front().certain);
    const Imported differing = import_text(
        "differ.json",
        list(
            inline_group + "," +
            rule(
                "g", "r",
                R"("sourceAddressPrefix":"10.0.0.0/8","destinationAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"22")")));
    const auto& rules = differing.snapshot.security_groups.at(group_id("g")).rules;
    REQUIRE(rules.size() == 2);
    CHECK_FALSE(rules[0].certain);
    CHECK_FALSE(rules[1].certain);
    CHECK(count(differing.snapshot, "AZR1012") == 1);
}

TEST_CASE("singular and plural twins are one list; neither is malformed", "[arm][J3][N19][N20]") {
    const Imported imported = import_text(
        "twins.json",
        list(resource(
            "networkSecurityGroups", "g",
            "{\"securityRules\":[" +
                rule(
                    "g", "both",
                    R"("sourceAddressPrefix":"10.0.0.5/24","sourceAddressPrefixes":["10.1.0.0/16"],"destinationAddressPrefix":"","destinationAddressPrefixes":["10.2.0.4"],"sourcePortRange":"*","sourcePortRanges":[],"destinationPortRange":"","destinationPortRanges":["22","80-90"])") +
                "," +
                rule(
                    "g", "neither",
                    R"("sourceAddressPrefix":"","sourceAddressPrefixes":[],"destinationAddressPrefix":"*","sourcePortRange":"*","destinationPortRange":"22,80")") +
                "]}")));
    const auto& rules = imported.snapshot.security_groups.at(group_id("g")).rules;
    AddressSet source = parse_prefix("10.0.0.0/24")->prefix.addresses();
    source |= parse_prefix("10.1.0.0/16")->prefix.addresses();
    CHECK(rules[0].source.prefixes == source);
    CHECK(rules[0].destination_ports == PortSet{{22, 22}, {80, 90}});
    CHECK(rules[1].source.empty());
    CHECK(rules[1].destination_ports == PortSet{{22, 22}, {80, 80}});
    CHECK(count(imported.snapshot, "AZR1019") == 1);
    CHECK(count(imported.snapshot, "AZR1024") == 1);
}

TEST_CASE("what is mentioned and absent is a gap with its reason", "[arm][J4]") {
    const Imported imported = import_text(
        "gaps.json",
        list(resource(
            "virtualNetworks", "v",
            R"({"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"a","properties":{"addressPrefix":"10.0.0.0/24","networkSecurityGroup":{"id":")" +
                group_id("nsg-lost").text() + R"("}}}]})")));
    REQUIRE(imported.snapshot.gaps.size() == 1);
    CHECK(imported.snapshot.gaps[0].code == "AZR9001");
    CHECK(imported.snapshot.gaps[0].what == group_id("nsg-lost").text());
}

TEST_CASE("a scale set's template and its instances' NICs", "[arm][J6]") {
    const std::string set =
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/x";
    const Imported imported = import_text(
        "vmss.json",
        list(
            "{\"id\":\"" + set +
            R"(","type":"Microsoft.Compute/virtualMachineScaleSets","sku":{"capacity":2},"properties":{"virtualMachineProfile":{"networkProfile":{"networkInterfaceConfigurations":[{"name":"n","properties":{"ipConfigurations":[{"name":"c","properties":{"subnet":{"id":"/s"}}}]}}]}}}})" +
            ",{\"id\":\"" + set +
            R"(/virtualMachines/0/networkInterfaces/n","type":"Microsoft.Compute/virtualMachineScaleSets/virtualMachines/networkInterfaces","properties":{"ipConfigurations":[{"name":"c","properties":{"privateIPAddress":"10.0.0.4"}}]}})"));
    CHECK(imported.snapshot.scale_sets.at(ResourceId(set)).interfaces.size() == 1);
    REQUIRE(imported.snapshot.interfaces.size() == 1);
    CHECK(imported.snapshot.interfaces.begin()->second.scale_set == ResourceId(set));
}

TEST_CASE("every value knows its file, pointer and line", "[arm]") {
    const std::string text =
        "{\n \"value\": [\n  " +
        resource("networkSecurityGroups", "g",
                 "{\n   \"securityRules\": [\n    " + rule("g", "r", kAnySides) + "]}") +
        "]}";
    const Imported imported = import_text("place.json", text);
    const Place place = imported.places->locate(
        imported.snapshot.security_groups.at(group_id("g")).rules.front().where);
    CHECK(place.file == "place.json");
    CHECK(place.pointer == "/value/0/properties/securityRules/0");
    CHECK(place.line == 5);
}

TEST_CASE("the same resources in every accepted form", "[arm]") {
    const std::string group = resource("networkSecurityGroups", "g", "{\"securityRules\":[]}");
    const std::string flattened =
        "{\"id\":\"" + group_id("g").text() +
        R"(","name":"g","type":"Microsoft.Network/networkSecurityGroups","resourceGroup":"g","securityRules":[]})";
    std::string utf16 = "\xFF\xFE";
    for (const char c : list(group)) {
        utf16 += c;
        utf16 += '\0';
    }
    for (const auto& [name, text] : std::vector<std::pair<std::string, std::string>>{
             {"list", list(group)},
             {"array", "[" + group + "]"},
             {"single", group},
             {"graph",
              "{\"count\":1,\"data\":[" + group + "],\"skip_token\":null,\"total_records\":1}"},
             {"table",
              "{\"count\":1,\"data\":{\"columns\":[{\"name\":\"id\"},{\"name\":\"type\"},{\"name\":"
              "\"properties\"}],"
              "\"rows\":[[\"" +
                  group_id("g").text() +
                  "\",\"microsoft.network/networksecuritygroups\",{\"securityRules\":[]}]]}}"},
             {"flattened", "[" + flattened + "]"},
             {"mark", "\xEF\xBB\xBF" + list(group)},
             {"utf16", utf16},
             {"comments", "// exported\n{\"value\": [ /* one */ " + group + ", ]}"}}) {
        CAPTURE(name);
        CHECK(import_text(name, text).snapshot.security_groups.contains(group_id("g")));
    }
}

TEST_CASE("pages are complete together or not at all", "[arm]") {
    const auto page = [](const std::string& name, const char* token) {
        return "{\"count\":1,\"total_records\":2,\"skip_token\":" + std::string(token) +
               ",\"data\":[" + resource("networkSecurityGroups", name, "{}") + "]}";
    };
    const Imported both =
        import_texts({{"1.json", page("a", "\"t\"")}, {"2.json", page("b", "null")}});
    CHECK(both.snapshot.security_groups.size() == 2);
    CHECK_THROWS_AS(import_text("1.json", page("a", "\"t\"")), InputError);
    ImportOptions options;
    options.allow_incomplete = true;
    const Imported part = import_text("1.json", page("a", "\"t\""), options);
    REQUIRE(part.snapshot.gaps.size() == 1);
    CHECK(part.snapshot.gaps[0].code == "AZR9003");
}

TEST_CASE("the digest is over the sorted digests of the sources", "[arm]") {
    const std::string a = list(resource("networkSecurityGroups", "a", "{}"));
    const std::string b = list(resource("networkSecurityGroups", "b", "{}"));
    const std::string one = import_texts({{"a", a}, {"b", b}}).snapshot.digest;
    CHECK(one == import_texts({{"b", b}, {"a", a}}).snapshot.digest);
    CHECK(one.rfind("sha256:", 0) == 0);
    CHECK(one.size() == 71);
    CHECK(one != import_text("a", a).snapshot.digest);
}

TEST_CASE("clouds never mix", "[arm][T4]") {
    const auto tags = [](const char* cloud) {
        return std::string("{\"changeNumber\":1,\"cloud\":\"") + cloud +
               R"(","values":[{"name":"Storage","properties":{"addressPrefixes":["20.0.0.0/16"]}}]})";
    };
    const std::string group = list(resource("networkSecurityGroups", "a", "{}"));
    CHECK(import_texts({{"g", group}, {"t", tags("Public")}}).snapshot.service_tags->tags.size() ==
          1);
    CHECK_THROWS_AS(import_texts({{"g", group}, {"t", tags("Public")}, {"u", tags("China")}}),
                    InputError);
}
