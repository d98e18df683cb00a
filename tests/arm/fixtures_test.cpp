// fixtures/import: one network in every accepted form is one network.
#include <filesystem>

#include "tests/arm/arm_text.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

TEST_CASE("one network in every accepted form", "[arm][J2][J3]") {
    const std::string kGroup =
        "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-import/providers/"
        "Microsoft.Network/";
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(
             std::filesystem::path(AZREACH_ROOT_DIR) / "fixtures/import")) {
        if (entry.path().extension() == ".md") {
            continue;
        }
        CAPTURE(entry.path().filename().string());
        ++files;
        const Imported imported = import_paths({entry.path().string()});
        const Snapshot& snapshot = imported.snapshot;
        CHECK(snapshot.size() == 3);
        CHECK(snapshot.gaps.empty());
        CHECK(snapshot.sources.front().resources >= 3);
        for (const Diagnostic& diagnostic : snapshot.diagnostics) {
            CHECK(diagnostic.severity == Severity::info);
        }
        const VirtualNetwork& vnet =
            snapshot.virtual_networks.at(ResourceId(kGroup + "virtualNetworks/vnet-a"));
        CHECK(vnet.address_space == std::vector{parse_prefix("10.0.0.0/16")->prefix});
        CHECK(vnet.header.location == "westeurope");
        REQUIRE(vnet.subnets.size() == 1);
        CHECK(vnet.subnets[0].prefixes == std::vector{parse_prefix("10.0.1.0/24")->prefix});
        CHECK(vnet.subnets[0].security_group == ResourceId(kGroup + "networkSecurityGroups/nsg-a"));
        const NetworkSecurityGroup& group =
            snapshot.security_groups.at(ResourceId(kGroup + "networkSecurityGroups/nsg-a"));
        REQUIRE(group.rules.size() == 1);
        const SecurityRule& rule = group.rules.front();
        CHECK(rule.priority == 100);
        CHECK(rule.protocol == RuleProtocol::tcp);
        CHECK(rule.source.tags == std::vector<std::string>{"Internet"});
        CHECK(rule.destination.prefixes ==
              AddressSet::range(*parse_address("10.0.1.4"), *parse_address("10.0.1.5")));
        CHECK(rule.source_ports.is_full());
        CHECK(rule.destination_ports == PortSet{{443, 443}});
        CHECK_FALSE(rule.ports_unreadable);
        CHECK(rule.certain);
        const NetworkInterface& nic =
            snapshot.interfaces.at(ResourceId(kGroup + "networkInterfaces/nic-a"));
        REQUIRE(nic.configurations.size() == 1);
        CHECK(nic.configurations[0].address == parse_address("10.0.1.4"));
        CHECK(nic.configurations[0].subnet == vnet.subnets[0].header.id);
        for (const Provenance where : {rule.where, vnet.subnets[0].header.where}) {
            const Place place = imported.places->locate(where);
            CHECK(place.line > 1);
            CHECK(place.file == entry.path().string());
        }
    }
    CHECK(files == 13);
}
