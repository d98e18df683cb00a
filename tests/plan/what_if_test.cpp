// What-if results: both sides, and what Azure could not foresee.
#include <nlohmann/json.hpp>

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

using Json = nlohmann::json;

const std::string kGroup = "/subscriptions/s/resourceGroups/rg/providers/Microsoft.Network/";

Json nsg(const std::string& name, const char* access) {
    return {{"apiVersion", "2023-09-01"},
            {"id", kGroup + "networkSecurityGroups/" + name},
            {"name", name},
            {"type", "Microsoft.Network/networkSecurityGroups"},
            {"properties",
             {{"securityRules", Json::array({{{"name", "r"},
                                              {"properties",
                                               {{"priority", 100},
                                                {"direction", "Inbound"},
                                                {"access", access},
                                                {"protocol", "Tcp"},
                                                {"sourceAddressPrefix", "*"},
                                                {"sourcePortRange", "*"},
                                                {"destinationAddressPrefix", "*"},
                                                {"destinationPortRange", "22"}}}}})}}}};
}
Json change(const std::string& type, const std::string& name, const Json& before,
            const Json& after) {
    return {{"resourceId", kGroup + "networkSecurityGroups/" + name},
            {"changeType", type},
            {"before", before},
            {"after", after}};
}

Imported read(const Json& document, Side side) {
    ImportOptions options;
    options.side = side;
    options.allow_empty = true;
    return import_text("what-if.json", document.dump(1), options);
}
Access access_of(const Imported& imported, const std::string& name) {
    const auto& groups = imported.snapshot.security_groups;
    return groups.at(ResourceId(kGroup + "networkSecurityGroups/" + name)).rules.at(0).access;
}
bool has(const Imported& imported, const std::string& name) {
    return imported.snapshot.security_groups.contains(
        ResourceId(kGroup + "networkSecurityGroups/" + name));
}

}  // namespace

TEST_CASE("a what-if gives both sides", "[plan]") {
    const Json changes = {change("Create", "new", nullptr, nsg("new", "Allow")),
                          change("Delete", "old", nsg("old", "Allow"), nullptr),
                          change("Modify", "both", nsg("both", "Allow"), nsg("both", "Deny")),
                          change("NoChange", "same", nsg("same", "Allow"), nsg("same", "Allow")),
                          change("Ignore", "left", nsg("left", "Allow"), nullptr)};
    for (const Json& document :
         {Json{{"status", "Succeeded"}, {"changes", changes}},
          Json{{"status", "Succeeded"}, {"properties", {{"changes", changes}}}}, changes}) {
        const Imported before = read(document, Side::before);
        const Imported after = read(document, Side::after);
        CHECK(before.snapshot.security_groups.size() == 4);
        CHECK(after.snapshot.security_groups.size() == 4);
        CHECK_FALSE(has(before, "new"));
        CHECK_FALSE(has(after, "old"));
        CHECK(access_of(before, "both") == Access::allow);
        CHECK(access_of(after, "both") == Access::deny);
        CHECK(access_of(before, "left") == Access::allow);
        CHECK(access_of(after, "left") == Access::allow);
    }
}

TEST_CASE("a finding in a what-if has the place in the file", "[plan]") {
    const Imported after =
        read({{"changes", {change("Create", "n", nullptr, nsg("n", "Deny"))}}}, Side::after);
    const auto& group = after.snapshot.security_groups.begin()->second;
    const Place place = after.places->locate(group.rules.at(0).where);
    CHECK(place.file == "what-if.json");
    CHECK(place.pointer == "/changes/0/after/properties/securityRules/0");
    CHECK(place.line == 10);
}

TEST_CASE("what a what-if could not foresee is unknown", "[plan]") {
    Json unsupported = change("Unsupported", "u", nullptr, nullptr);
    unsupported["unsupportedReason"] = "the id cannot be evaluated";
    for (const Json& one : {change("Deploy", "u", nullptr, nullptr), unsupported}) {
        const Imported after = read({{"changes", {one}}}, Side::after);
        CHECK_FALSE(has(after, "u"));
        CHECK(after.snapshot.others.size() == 1);
        CHECK(after.snapshot.symbols.size() == 1);
        const Imported before = read({{"changes", {one}}}, Side::before);
        CHECK(before.snapshot.others.size() == 1);
    }
}

TEST_CASE("a potential change leaves both states open", "[plan][J2]") {
    const Json changes = {change("Modify", "both", nsg("both", "Allow"), nsg("both", "Deny"))};
    const Imported after =
        read({{"changes", Json::array()}, {"potentialChanges", changes}}, Side::after);
    const auto& group = after.snapshot.security_groups.begin()->second;
    const bool open = !group.header.contested.empty() || !group.rules.at(0).certain;
    CHECK(open);
}

TEST_CASE("an expression that Azure left in the result is a symbol", "[plan]") {
    Json group = nsg("n", "Allow");
    group["properties"]["securityRules"][0]["properties"]["sourceAddressPrefix"] =
        "[reference('x').y]";
    const Imported after =
        read({{"changes", {change("Create", "n", nullptr, group)}}}, Side::after);
    CHECK(after.snapshot.symbols.size() == 1);
}

TEST_CASE("both sides come in one call", "[plan]") {
    CHECK_THROWS_AS(import_both_sides({AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json"}),
                    InputError);
}
