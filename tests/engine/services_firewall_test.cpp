// Packets to the public endpoint of a PaaS resource by way of an Azure Firewall: its rules ask
// about an address that is not known, the service about the firewall's public address or its
// subnet.
#include "tests/engine/firewall_support.hpp"
#include "tests/engine/services_support.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using namespace azreach::testing;

namespace {

const std::string kVault = "Microsoft.KeyVault/vaults";

std::string vault(const std::string& rules) {
    return arm(kVault, "kv",
               R"({"networkAcls": {"defaultAction": "Deny", "bypass": "None", )" + rules + "}}");
}

/// vm1 asks; trace and sets must say the same.
TraceResult ask(const ServiceAsked& asked, const PaasIndex service) {
    const TraceResult result = asked.vm_to(service, "vm1");
    const ConfigIndex config = config_of(asked.network, "vm1");
    SourceSet source;
    source.configs = {config};
    const Address src = *asked.network.configurations()[config].configuration->address;
    const Service https = Asked::tcp(443);
    const std::vector<Flow> flows =
        Reachability(asked.network).flows_to_service(source, service, ServiceSet::single(https));
    CHECK(by_flows(flows, {src, address("0.0.0.0"), https}) == verdict(result));
    return result;
}

}  // namespace

TEST_CASE("a service sees the firewall's public address, or its subnet by a service endpoint",
          "[FW-35][SE-6][KV-1]") {
    struct Row {
        std::string given, acls;
        std::vector<const char*> network_rules;
        bool endpoint;
        std::string verdict, reason, by;
    };
    const std::string ip = R"("ipRules": [{"value": "20.0.0.1"}])";
    const std::string subnet = R"("virtualNetworkRules": [{"id": ")" +
                               SnapshotBuilder::subnet_id("hub/AzureFirewallSubnet").text() +
                               R"("}])";
    const auto row = GENERATE_COPY(values<Row>({
        {"no rule of the firewall", ip, {}, false, "dropped", "FW_DEFAULT_DENY", ""},
        {"its public address is listed",
         ip,
         {"kv tcp * -> AzureKeyVault 443"},
         false,
         "delivered",
         "DELIVERED",
         "#/properties/networkAcls/ipRules/0"},
        {"another address is listed",
         R"("ipRules": [{"value": "20.0.0.2"}])",
         {"kv tcp * -> AzureKeyVault 443"},
         false,
         "dropped",
         "PAAS_DENY",
         "#/properties/networkAcls/defaultAction"},
        {"a rule for half of the addresses",
         ip,
         {"kv tcp * -> 20.61.0.0/17 443"},
         false,
         "unknown",
         "GAP",
         ""},
        {"two rules for one half each",
         ip,
         {"a tcp * -> 20.61.0.0/17 443", "b tcp * -> 20.61.128.0/17 443"},
         false,
         "delivered",
         "DELIVERED",
         "#/properties/networkAcls/ipRules/0"},
        {"its subnet is listed, and has the service endpoint",
         subnet,
         {"kv tcp * -> AzureKeyVault 443"},
         true,
         "delivered",
         "DELIVERED",
         "#/properties/networkAcls/virtualNetworkRules/0"},
        {"its subnet is listed, and has none",
         subnet,
         {"kv tcp * -> AzureKeyVault 443"},
         false,
         "dropped",
         "PAAS_DENY",
         "#/properties/networkAcls/defaultAction"},
        {"its address is listed, and the endpoint shows another",
         ip,
         {"kv tcp * -> AzureKeyVault 443"},
         true,
         "dropped",
         "PAAS_DENY",
         "#/properties/networkAcls/defaultAction"},
    }));
    CAPTURE(row.given);
    SnapshotBuilder b = hub_and_spokes();
    b.tag("AzureKeyVault", "20.61.0.0/16");
    policy(b, "p");
    if (!row.network_rules.empty()) {
        for (std::size_t i = 0; i < row.network_rules.size(); ++i) {
            rules(b, "p/g 100", std::to_string(200 + i) + " net allow", {row.network_rules[i]});
        }
    }
    if (row.endpoint) {
        b.service_endpoint("hub/AzureFirewallSubnet", "Microsoft.KeyVault");
    }
    const ServiceAsked asked(with(std::move(b), {vault(row.acls)}), documented());
    const TraceResult result = ask(asked, asked.endpoint(kVault, "kv", "vault"));
    CHECK(verdict(result) == row.verdict);
    CHECK(reason(result) == row.reason);
    if (!row.by.empty()) {
        CHECK(by(result) == row.by);
    }
    if (row.verdict == "delivered") {
        CHECK(reply(result) == "delivered");
    }
}

TEST_CASE("a NAT rule on the way to a service leads somewhere else", "[FW-3]") {
    SnapshotBuilder b = hub_and_spokes();
    b.tag("AzureKeyVault", "20.61.0.0/16");
    policy(b, "p");
    rules(b, "p/g 100", "100 nat dnat", {"x tcp * -> 20.61.0.0/16 443 to 10.2.0.4:443"});
    rules(b, "p/g 100", "200 net allow", {"kv tcp * -> AzureKeyVault 443"});
    const ServiceAsked asked(
        with(std::move(b), {arm(kVault, "kv", R"({"networkAcls": {"defaultAction": "Allow"}})")}),
        documented());
    const TraceResult result = ask(asked, asked.endpoint(kVault, "kv", "vault"));
    CHECK(verdict(result) == "dropped");
    CHECK(reason(result) == "NO_SUCH_ADDRESS");
    CHECK(result.walk.at == SnapshotBuilder::nic_id("vm2").text());
}
