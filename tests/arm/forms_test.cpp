// The forms in which Azure's resources come, and what is told of the others.
#include "tests/arm/arm_text.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::arm_text;

TEST_CASE("kinds of later versions are recognised and answered with one diagnostic", "[arm]") {
    struct Row {
        std::string kind, text;
    };
    const auto row = GENERATE(values<Row>({
        {"rest-example", R"({"parameters":{},"responses":{}})"},

    }));
    CAPTURE(row.kind);
    const Imported imported =
        import_texts({{"group.json", list({group_with({})})}, {"other.json", row.text}});
    CHECK(count(imported.snapshot, "AZR1005") == 1);
    CHECK(imported.snapshot.sources[1].kind == row.kind);
    CHECK_THAT(imported.snapshot.diagnostics.front().message,
               Catch::Contains(row.kind) && Catch::Contains("not read yet"));
    CHECK_THAT(refusal(row.text), Catch::Contains("empty") && Catch::Contains(row.kind));
}

TEST_CASE("the source says what it is and how much it holds", "[arm]") {
    struct Row {
        std::string kind, text;
    };
    const std::string group = group_with({});
    const std::string flat =
        R"({"id":")" + kNet +
        R"(networkSecurityGroups/n","name":"n","type":"x/y","securityRules":[]})";
    const auto row = GENERATE_COPY(values<Row>({
        {"resource-graph", R"({"count":1,"total_records":1,"data":[)" + group + "]}"},
        {"resource-graph",
         R"({"totalRecords":1,"count":1,"resultTruncated":"false","data":[)" + group + "]}"},
        {"arm-list", list({group})},
        {"resource-array", "[" + group + "]"},
        {"az-list", "[" + flat + "]"},
        {"resource", group},
        {"powershell-export",
         R"([{"Id":")" + kNet + R"(networkSecurityGroups/n","Name":"n","SecurityRules":[]}])"},
        {"powershell-export",
         R"({"Id":")" + kNet + R"(networkSecurityGroups/n","Name":"n","SecurityRules":[]})"},
    }));
    CAPTURE(row.kind, row.text);
    const Imported imported = import_text("in.json", row.text);
    CHECK(imported.snapshot.sources.front().kind == row.kind);
    CHECK(imported.snapshot.sources.front().resources == 1);
    CHECK(imported.snapshot.security_groups.size() == 1);
}

TEST_CASE("a table's values keep their places", "[arm]") {
    const std::string text =
        "{\"totalRecords\":1,\"count\":1,\"data\":{\"columns\":[{\"name\":\"properties\"},\n"
        "{\"name\":\"id\"},{\"name\":\"sku\"}],\n"
        "\"rows\":[\n [\n  {\"ipAddress\":\"20.1.2.3\"},\n  \"" +
        kNet + "publicIPAddresses/p\",\n  {\"name\":\"Standard\"}]]}}";
    const Imported imported = import_text("in.json", text);
    const PublicIpAddress& ip = imported.snapshot.public_ips.begin()->second;
    CHECK(ip.sku == Sku::standard);
    CHECK(ip.address == parse_address("20.1.2.3"));
    CHECK(imported.places->locate(ip.header.where).pointer == "/data/rows/0");
    CHECK(imported.places->locate(ip.header.where).line == 4);
    std::string broken = text;
    broken.replace(broken.find("20.1.2.3"), 8, "nowhere!");
    CHECK_THAT(refusal(broken), Catch::Contains("#/data/rows/0/0/ipAddress line 5"));
}

TEST_CASE("old spellings of the az CLI and of PowerShell are not lost", "[arm][J1]") {
    const std::string cli =
        R"([{"id":")" + kNet +
        R"(networkInterfaces/i","name":"i","type":"Microsoft.Network/networkInterfaces",)"
        R"("enableIpForwarding":true,"ipConfigurations":[{"name":"c","privateIpAddress":"10.0.0.4",)"
        R"("privateIpAddressVersion":"IPv4","publicIpAddress":)" +
        refer("publicIPAddresses/p") + R"(,"subnet":)" + refer("virtualNetworks/v/subnets/a") +
        R"(}]},)"
        R"({"id":")" +
        kNet +
        R"(loadBalancers/l","name":"l","type":"Microsoft.Network/loadBalancers",)"
        R"("sku":{"name":"Standard"},"frontendIpConfigurations":[{"name":"f","privateIpAddress":"10.0.0.9"}],)"
        R"("loadBalancingRules":[{"name":"r","protocol":"Tcp","frontendPort":80,"backendPort":81,"enableFloatingIp":true,)"
        R"("frontendIpConfiguration":{"id":"/f"}}]}])";
    const Snapshot snapshot = import_text("in.json", cli).snapshot;
    const NetworkInterface& nic = snapshot.interfaces.begin()->second;
    CHECK(nic.ip_forwarding);
    CHECK(nic.configurations.front().address == parse_address("10.0.0.4"));
    CHECK(nic.configurations.front().public_ip == id("publicIPAddresses/p"));
    const LoadBalancer& balancer = snapshot.load_balancers.begin()->second;
    CHECK(balancer.frontends.front().address == parse_address("10.0.0.9"));
    CHECK(balancer.rules.front().floating_ip);
    CHECK(balancer.rules.front().frontend == ResourceId("/f"));

    const std::string shell =
        R"([{"Name":"v","Id":")" + kNet +
        R"(virtualNetworks/v","AddressSpace":{"AddressPrefixes":["10.0.0.0/16"]},)"
        R"("Subnets":[{"Name":"a","Id":")" +
        kNet +
        R"(virtualNetworks/v/subnets/a","AddressPrefix":["10.0.0.0/24"],)"
        R"("NetworkSecurityGroup":{"Id":")" +
        kNet +
        R"(networkSecurityGroups/n"},"SubnetsText":"[]"}]},)"
        R"({"Name":"n","Id":")" +
        kNet +
        R"(networkSecurityGroups/n","SecurityRules":[{"Name":"r","Priority":100,)"
        R"("Direction":"Inbound","Access":"Allow","Protocol":"*","SourcePortRange":["*"],"DestinationPortRange":["22","80-81"],)"
        R"("SourceAddressPrefix":["10.0.0.0/8","Internet"],"DestinationAddressPrefix":["*"]}]}])";
    const Snapshot exported = import_text("in.json", shell).snapshot;
    CHECK(count(exported, "AZR1006") == 1);
    const Subnet& subnet = exported.virtual_networks.begin()->second.subnets.front();
    CHECK(subnet.prefixes == std::vector{parse_prefix("10.0.0.0/24")->prefix});
    CHECK(subnet.security_group == id("networkSecurityGroups/n"));
    const SecurityRule& rule = exported.security_groups.begin()->second.rules.front();
    CHECK(rule.destination_ports == PortSet{{22, 22}, {80, 81}});
    CHECK(rule.source.tags == std::vector<std::string>{"Internet"});
    CHECK_FALSE(rule.ports_unreadable);
    CHECK(exported.gaps.empty());
}

TEST_CASE("an id is put together from the columns of a query that left it out", "[arm]") {
    const Snapshot snapshot =
        import_text("in.json",
                    R"({"data":[{"name":"n","type":"microsoft.network/networksecuritygroups",)"
                    R"("subscriptionId":"s","resourceGroup":"g","properties":{}}]})")
            .snapshot;
    CHECK(snapshot.security_groups.contains(id("networkSecurityGroups/n")));
}

TEST_CASE("pages must add up", "[arm]") {
    const auto graph = [](int from, int count, int total, const std::string& token) {
        std::vector<std::string> rows;
        for (int i = from; i < from + count; ++i) {
            rows.push_back(resource("routeTables/r" + std::to_string(i), "{}"));
        }
        return R"({"count":)" + std::to_string(count) + R"(,"total_records":)" +
               std::to_string(total) + R"(,"skip_token":)" + token + R"(,"data":[)" + joined(rows) +
               "]}";
    };
    const std::string tags =
        R"({"changeNumber":1,"cloud":"Public","values":[{"name":"Sql","properties":{"addressPrefixes":["20.0.0.0/16"]}}]})";
    const auto refused = [](const std::vector<std::pair<std::string, std::string>>& texts) {
        try {
            import_texts(texts);
        } catch (const InputError& error) {
            return std::string(error.what()).find("cut off") != std::string::npos;
        }
        return false;
    };
    SECTION("Resource Graph") {
        const std::string one = graph(0, 2, 5, R"("t1")");
        const std::string two = graph(2, 2, 5, R"("t2")");
        const std::string three = graph(4, 1, 5, "null");
        CHECK_FALSE(refused({{"1", one}, {"2", two}, {"3", three}}));
        CHECK(refused({{"1", one}, {"2", two}}));
        CHECK(refused({{"1", one}, {"3", three}}));               // the middle is missing
        CHECK(refused({{"1", one}, {"1b", one}, {"3", three}}));  // the same page twice
        CHECK(refused({{"3", three}}));
        CHECK(refused({{"1", one}, {"2", two}, {"tags", tags}}));  // other files prove nothing
        CHECK(refused({{"1", one}, {"2", two}, {"all", graph(9, 3, 3, "null")}}));
        CHECK_FALSE(refused({{"1", graph(0, 2, 3, R"("a")")},
                             {"2", graph(2, 1, 3, "null")},
                             {"3", graph(10, 3, 3, "null")}}));  // two queries of one size
        CHECK(refused({{"1", graph(0, 2, 3, R"("a")")}, {"3", graph(10, 3, 3, "null")}}) == false);
    }
    SECTION("resultTruncated without a token") {
        CHECK(refused({{"1", R"({"count":1,"resultTruncated":"true","data":[)" +
                                 resource("routeTables/r", "{}") + "]}"}}));
    }
    SECTION("a count that is not there") {
        CHECK(refused({{"1", R"({"count":2,"data":[)" + resource("routeTables/r", "{}") + "]}"}}));
    }
    SECTION("ARM lists") {
        const std::string link =
            R"("nextLink":"https://management.azure.com/subscriptions/s/providers/Microsoft.Network/routeTables?api-version=2024-05-01&$skiptoken=x")";
        const std::string one =
            R"({"value":[)" + resource("routeTables/a", "{}") + "]," + link + "}";
        CHECK(refused({{"1", one}}));
        CHECK_FALSE(refused({{"1", one}, {"2", list({resource("routeTables/b", "{}")})}}));
        CHECK(refused({{"1", one}, {"2", list({resource("natGateways/b", "{}")})}}));
        CHECK(refused(
            {{"1", one},
             {"2",
              list(
                  {R"({"id":"/subscriptions/other/resourceGroups/g/providers/Microsoft.Network/routeTables/b","properties":{}})"})}}));
        CHECK(refused({{"1", one}, {"2", list({})}}));
    }
    SECTION("service tags") {
        std::string cut = tags;
        cut.insert(1, R"("nextLink":"https://management.azure.com/x?token",)");
        CHECK(refused({{"g", list({group_with({})})}, {"t", cut}}));
    }
}

TEST_CASE("a tag without addresses stays unknown", "[arm][T3]") {
    const std::string group = list({group_with({named(
        "r",
        rule(
            R"(,"sourceAddressPrefix":"Sql.WestEurope","destinationAddressPrefixes":["Storage","VirtualNetwork"],)"
            R"("sourcePortRange":"*","destinationPortRange":"*")"))})});
    const std::string tags =
        R"({"changeNumber":"7","cloud":"Public","values":[{"name":"Sql.WestEurope","properties":{"addressPrefixes":[]}},)"
        R"({"name":"storage","properties":{"addressPrefixes":["20.0.0.0/16","2001:db8::/32"]}}]})";
    const Snapshot without = import_text("g", group).snapshot;
    CHECK(without.gaps.size() == 2);
    const Snapshot snapshot = import_texts({{"g", group}, {"t", tags}}).snapshot;
    REQUIRE(snapshot.gaps.size() == 1);
    CHECK(snapshot.gaps.front().code == "AZR9002");
    CHECK(snapshot.gaps.front().what == "Sql.WestEurope");
    CHECK(count(snapshot, "AZR1036") == 1);
    CHECK(snapshot.service_tags->change_number == 7);
    CHECK(snapshot.service_tags->tags.at("Storage").v6.ranges().size() == 1);
}

TEST_CASE("other types are kept by name, with the subnets they live in", "[arm]") {
    const auto in_subnet = [](const std::string& name) {
        return refer("virtualNetworks/v/subnets/" + name);
    };
    const Snapshot snapshot =
        import_text(
            "in.json",
            list(
                {resource("virtualRouters/f", R"({"ipConfigurations":[{"properties":{"subnet":)" +
                                                  in_subnet("AzureFirewallSubnet") +
                                                  R"(,"publicIPAddress":)" +
                                                  refer("publicIPAddresses/p") + "}}]}"),
                 resource("applicationGateways/a",
                          R"({"gatewayIPConfigurations":[{"properties":{"subnet":)" +
                              in_subnet("agw") + "}}]}"),
                 R"({"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Web/sites/w","type":"Microsoft.Web/sites","properties":{"virtualNetworkSubnetId":")" +
                     kNet + R"(virtualNetworks/v/subnets/web"}})",
                 R"({"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/t","type":"Microsoft.Storage/storageAccounts","properties":{"networkAcls":{"virtualNetworkRules":[{"id":")" +
                     kNet + R"(virtualNetworks/v/subnets/client"}]}}})",
                 resource("applicationGateways/b", "{}")}))
            .snapshot;
    CHECK(snapshot.others.size() == 5);
    CHECK(count(snapshot, "AZR1010") == 2);  // one a type whose meaning is not modelled
    CHECK(snapshot.paas.size() == 2);
    CHECK(snapshot.others.at(id("virtualRouters/f")).subnets ==
          std::vector{id("virtualNetworks/v/subnets/AzureFirewallSubnet")});
    CHECK(snapshot.others.at(id("virtualRouters/f")).public_ips ==
          std::vector{id("publicIPAddresses/p")});
    CHECK(snapshot.others.at(id("applicationGateways/a")).subnets ==
          std::vector{id("virtualNetworks/v/subnets/agw")});
    for (const auto& [other, what] : snapshot.others) {
        if (other.name() == "w") CHECK(what.subnets.size() == 1);
        if (other.name() == "t") CHECK(what.subnets.empty());  // a client that it admits
    }
}

TEST_CASE("what is said, empty, null and absent are four things", "[arm][J3][N20]") {
    struct Row {
        std::string given, fields;
        bool any, empty;
        bool ports_known;
    };
    const auto row = GENERATE(values<Row>({
        {"*", R"(,"sourceAddressPrefix":"*","sourcePortRange":"*")", true, false, true},
        {"any", R"(,"sourceAddressPrefix":"Any","sourcePortRange":"0-65535")", true, false, true},
        {"null", R"(,"sourceAddressPrefix":null,"sourcePortRange":null)", false, true, false},
        {"empty",
         R"(,"sourceAddressPrefix":"","sourceAddressPrefixes":[],"sourcePortRange":"","sourcePortRanges":[])",
         false, true, false},
        {"absent", "", false, true, false},
        {"empty twin",
         R"(,"sourceAddressPrefix":"","sourceAddressPrefixes":["*"],"sourcePortRange":"","sourcePortRanges":["*"])",
         true, false, true},
        {"number", R"(,"sourceAddressPrefix":"*","sourcePortRange":22)", true, false, true},
        {"groups", R"(,"sourceApplicationSecurityGroups":[{"id":"/a"}],"sourcePortRange":"*")",
         false, false, true},
        {"unreadable", R"(,"sourceAddressPrefix":"10.0.0.300","sourcePortRange":"http")", false,
         false, false},
        {"reversed", R"(,"sourceAddressPrefix":"10.0.0.4-10.0.0.9","sourcePortRange":"90-80")",
         false, false, false},
    }));
    CAPTURE(row.given);
    const Snapshot snapshot =
        import_text("in.json",
                    list({group_with({named(
                        "r", rule(R"(,"destinationAddressPrefix":"*","destinationPortRange":"22")" +
                                  row.fields))})}))
            .snapshot;
    const SecurityRule& read = snapshot.security_groups.begin()->second.rules.front();
    CHECK(read.source.any == row.any);
    CHECK(read.source.empty() == row.empty);
    CHECK(read.ports_unreadable == !row.ports_known);
    CHECK(snapshot.diagnostics.empty() == (!row.empty && row.ports_known));
}

TEST_CASE("a protocol that is not said may be any", "[arm]") {
    const Snapshot snapshot =
        import_text(
            "in.json",
            list({group_with({named(
                "r", R"({"priority":100,"direction":"Inbound","access":"Deny")" + kAny + "}")})}))
            .snapshot;
    CHECK(snapshot.security_groups.begin()->second.rules.front().protocol == RuleProtocol::other);
    CHECK(count(snapshot, "AZR1020") == 1);
}

TEST_CASE("evidence knows its NIC, or says that it does not", "[arm][G4][G5][G6]") {
    const std::string rules =
        R"({"networkSecurityGroup":)" + refer("networkSecurityGroups/n") +
        R"(,"association":{"ASSOCIATION":)" + refer("networkInterfaces/i") +
        R"(},"effectiveSecurityRules":[{"name":"defaultSecurityRules/AllowVnetInBound","direction":"Inbound","access":"Allow",)"
        R"("priority":65000,"protocol":"All","sourceAddressPrefix":"VirtualNetwork","expandedSourceAddressPrefix":["10.0.0.0/16"],)"
        R"("destinationAddressPrefix":"*","expandedDestinationAddressPrefix":null}],"tagMap":{"Internet":["1.0.0.0/8"]}})";
    const auto with = [&](std::string association, const std::string& beside) {
        std::string text = rules;
        text.replace(text.find("ASSOCIATION"), 11, association);
        return import_texts({{"g", list({group_with({})})},
                             {"e", R"({"value":[)" + text + "]" + beside + "}"}})
            .snapshot;
    };
    const Snapshot nic = with("networkInterface", "");
    REQUIRE(nic.effective_security_rules.size() == 1);
    CHECK(nic.effective_security_rules[0].network_interface == id("networkInterfaces/i"));
    const EffectiveSecurityGroup& group = nic.effective_security_rules[0].groups[0];
    CHECK(group.rules[0].expanded_source == parse_prefix("10.0.0.0/16")->prefix.addresses());
    CHECK_FALSE(group.rules[0].expanded_destination.has_value());
    CHECK(group.tag_map.size() == 2);
    CHECK_FALSE(with("subnet", "").effective_security_rules[0].network_interface.has_value());
    CHECK(count(with("subnet", ""), "AZR1030") == 1);
    const std::string beside = R"(,"networkInterfaceId":")" + kNet + R"(networkInterfaces/k")";
    CHECK(with("subnet", beside).effective_security_rules[0].network_interface ==
          id("networkInterfaces/k"));

    const std::string routes =
        R"([{"name":null,"source":"Default","state":"Invalid","addressPrefix":["10.0.0.0/16"],"nextHopType":"VnetLocal","nextHopIpAddress":[]},)"
        R"({"source":"User","state":"Active","addressPrefix":["0.0.0.0/0"],"nextHopType":"VirtualAppliance","nextHopIpAddress":["10.0.0.4"]}])";
    const Snapshot unknown = import_texts({{"g", list({group_with({})})}, {"e", routes}}).snapshot;
    CHECK(count(unknown, "AZR1031") == 1);
    const Snapshot known =
        import_texts({{"g", list({group_with({})})}, {"e", R"({"value":)" + routes + beside + "}"}})
            .snapshot;
    REQUIRE(known.effective_routes.size() == 1);
    CHECK(known.effective_routes[0].network_interface == id("networkInterfaces/k"));
    CHECK_FALSE(known.effective_routes[0].routes[0].active);
    CHECK(known.effective_routes[0].routes[1].next_hop_addresses.size() == 1);
}

TEST_CASE("lists of network managers", "[arm][A1][A2]") {
    const std::string group = resource("networkManagers/m/networkGroups/g", "{}");
    const std::string members = R"({"value":[{"id":")" + kNet +
                                R"(virtualNetworks/v","location":"x","membershipType":"Dynamic"}])";
    const std::string of =
        R"(,"networkGroupId":")" + kNet + R"(networkManagers/m/networkGroups/g")";
    const Snapshot snapshot =
        import_texts({{"g", list({group})}, {"m", members + of + "}"}}).snapshot;
    CHECK(snapshot.network_groups.begin()->second.members.size() == 1);
    CHECK(snapshot.network_groups.begin()->second.members_complete);
    const Snapshot unknown = import_texts({{"g", list({group})}, {"m", members + "}"}}).snapshot;
    CHECK(count(unknown, "AZR1032") == 1);
    CHECK_FALSE(unknown.network_groups.begin()->second.members_complete);

    const std::string rules =
        R"({"value":[{"id":")" + kNet +
        R"(networkManagers/m/securityAdminConfigurations/c/ruleCollections/k/rules/r","kind":"Custom","ruleCollectionAppliesToGroups":[],)"
        R"("properties":{"priority":5,"direction":"Inbound","access":"Deny","protocol":"Tcp","destinationPortRanges":["22"],)"
        R"("sources":[{"addressPrefixType":"IPPrefix","addressPrefix":"*"}],"destinations":[]}}])";
    const std::string vnet = R"(,"virtualNetworkId":")" + kNet + R"(virtualNetworks/v")";
    const Snapshot active =
        import_texts({{"g", list({group})}, {"r", rules + vnet + "}"}}).snapshot;
    REQUIRE(active.active_admin_rules.size() == 1);
    CHECK(active.active_admin_rules[0].virtual_network == id("virtualNetworks/v"));
    CHECK(active.active_admin_rules[0].rules[0].source.any);
    CHECK(active.active_admin_rules[0].rules[0].destination.any);
    CHECK_FALSE(active.active_admin_rules[0].rules[0].ports_unreadable);
    CHECK(count(import_texts({{"g", list({group})}, {"r", rules + "}"}}).snapshot, "AZR1033") == 1);
}

TEST_CASE("everything that is mentioned and absent is a gap", "[arm][J4]") {
    const std::string text = list({
        resource("networkInterfaces/i",
                 R"({"networkSecurityGroup":)" + refer("networkSecurityGroups/x1") +
                     R"(,"ipConfigurations":[{"name":"c","properties":{"subnet":)" +
                     refer("virtualNetworks/x2/subnets/a") + R"(,"publicIPAddress":)" +
                     refer("publicIPAddresses/x3") + R"(,"applicationSecurityGroups":[)" +
                     refer("applicationSecurityGroups/x4") +
                     R"(],"loadBalancerBackendAddressPools":[)" +
                     refer("loadBalancers/x5/backendAddressPools/p") + "]}}]}"),
        resource(
            "virtualNetworks/v",
            R"({"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"virtualNetworkPeerings":[{"name":"p","properties":{"remoteVirtualNetwork":)" +
                refer("virtualNetworks/x6") +
                R"(}}],"subnets":[{"name":"s","properties":{"addressPrefix":"10.0.0.0/24","routeTable":)" +
                refer("routeTables/x7") + R"(,"natGateway":)" + refer("natGateways/x8") +
                R"(,"ipConfigurations":[)" + refer("networkInterfaces/x9/ipConfigurations/c") +
                "]}}]}"),
        resource(
            "publicIPAddresses/p",
            R"({"ipConfiguration":)" + refer("networkInterfaces/x10/ipConfigurations/c") + "}"),
        resource("connections/c",
                 R"({"virtualNetworkGateway1":)" + refer("virtualNetworkGateways/x11") +
                     R"(,"localNetworkGateway2":)" + refer("localNetworkGateways/x12") + "}"),
        resource("privateEndpoints/e",
                 R"({"networkInterfaces":[)" + refer("networkInterfaces/x13") + "]}"),
        R"({"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m","type":"Microsoft.Compute/virtualMachines","properties":{"networkProfile":{"networkInterfaces":[)" +
            refer("networkInterfaces/x14") + "]}}}",
    });
    const Snapshot snapshot = import_text("in.json", text).snapshot;
    for (const char* missing :
         {"networkSecurityGroups/x1", "virtualNetworks/x2/subnets/a", "publicIPAddresses/x3",
          "applicationSecurityGroups/x4", "loadBalancers/x5/backendAddressPools/p",
          "virtualNetworks/x6", "routeTables/x7", "natGateways/x8", "networkInterfaces/x9",
          "networkInterfaces/x10", "virtualNetworkGateways/x11", "localNetworkGateways/x12",
          "networkInterfaces/x13", "networkInterfaces/x14"}) {
        CAPTURE(missing);
        const Gap* found = gap(snapshot, kNet + missing);
        REQUIRE(found != nullptr);
        CHECK_FALSE(found->needed_for.empty());
        CHECK_FALSE(found->effect.empty());
    }
    CHECK(snapshot.gaps.size() == 14);
}
