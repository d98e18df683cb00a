// Derived resources in the importer: symbols are unknown and never narrow, and places lead to the
// source.
#include <fstream>
#include <sstream>

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

constexpr const char* kGroup =
    "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/networkSecurityGroups/nsg";

std::string snapshot_of(const std::string& resources) {
    return "{\"predictedResources\":[" + resources + "]}";
}

TEST_CASE("a Bicep snapshot is read; what it could not resolve is a symbol", "[arm][derived]") {
    const std::string file =
        std::string(AZREACH_ROOT_DIR) + "/fixtures/template/bicep_snapshot/main.snapshot.json";
    const Imported imported = import_paths({file});
    const Snapshot& snapshot = imported.snapshot;
    CHECK(snapshot.sources.front().kind == "bicep-snapshot");
    CHECK(snapshot.sources.front().resources == 5);
    CHECK(snapshot.virtual_networks.size() == 1);
    CHECK(snapshot.interfaces.size() == 2);
    const Place place = imported.places->locate(
        snapshot.virtual_networks.begin()->second.subnets.front().header.where);
    CHECK(place.file == file);
    CHECK(place.pointer == "/predictedResources/2/properties/subnets/0");
    CHECK(place.line == 57);
    std::size_t named = 0;
    for (const Gap& gap : snapshot.gaps) {
        CHECK(gap.code == "AZR9020");
        named += gap.what == "reference('lookup').outputs.officePrefix.value" ? 1U : 0U;
    }
    CHECK(named == 1);
}

TEST_CASE("brackets of symbols in an export are text", "[arm][derived]") {
    const Imported imported = import_text(
        "export.json",
        R"({"value":[{"id":")" + std::string(kGroup) +
            R"(","type":"Microsoft.Network/networkSecurityGroups","properties":{"securityRules":[{"name":"r","properties":{"priority":100,"direction":"Inbound","access":"Allow","protocol":"Tcp","sourceAddressPrefix":"⟦x⟧","sourcePortRange":"*","destinationAddressPrefix":"*","destinationPortRange":"22"}}]}}]})");
    CHECK(imported.snapshot.symbols.empty());
    CHECK(imported.snapshot.security_groups.begin()->second.rules.front().source.tags.front() ==
          "⟦x⟧");
}

TEST_CASE("a template expression with two brackets is a text with one", "[arm][derived]") {
    const Imported imported = import_text(
        "snapshot.json",
        snapshot_of(
            R"({"id":")" + std::string(kGroup) +
            R"(","name":"[[x]","type":"Microsoft.Network/networkSecurityGroups","properties":{}})"));
    CHECK(imported.snapshot.security_groups.begin()->second.header.name == "[x]");
}

TEST_CASE("a Bicep snapshot that is no JSON is told with its line", "[arm][derived]") {
    try {
        import_text("broken.json", "{\"predictedResources\": [\n  {\"id\": nil}]}");
        FAIL("read");
    } catch (const InputError& error) {
        CHECK(error.place().line == 2);
        CHECK(std::string(error.what()).find("a JSON value") != std::string::npos);
    }
}

}  // namespace
}  // namespace azreach
