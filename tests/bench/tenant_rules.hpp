// The security rules of a generated tenant, in two mixes.
//
// Remote side, typ: 12 % any, 24 % VirtualNetwork, 9 % Internet, 5 % AzureLoadBalancer, 14 % a
// service tag, 20 % one to four subnets, 5 % an application security group, 4 % one to six hosts or
// a /28, 7 % on-premises /24s. Local side: 50 % any, 38 % its own subnet, 4 % an application
// security group, 8 % one to three hosts. The mix hostile takes from the subnets: 17 % hosts on the
// remote side, 25 % on the local side. 70 % allow, 60 % are inbound. Ports: 14 % any, 61 %
// well-known, 25 % ranges; a quarter of the rules list two to four.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tests/bench/tenant_json.hpp"
#include "tests/bench/tenant_plan.hpp"

namespace azreach::tenant {

enum class Mix { typ, hostile };

/// Where a security group is attached, which is what its rules mean by "local".
struct RuleContext {
    const Region* region;
    std::string group_id;             // of the security group
    std::vector<std::string> local;   // prefixes of its subnet, or of its VNet
    const Subnet* subnet;             // its hosts are the local hosts
    std::vector<std::string> groups;  // application security groups of its VNet, or none
    std::uint64_t stream;             // which random numbers
};

/// Writes "securityRules" with `count` rules and the six default rules as Azure returns them.
void write_rules(JsonWriter& json, const Plan& plan, const RuleContext& context, unsigned count,
                 Mix mix);

/// The same for appliances, which forward what others filter: one rule each way lets all pass.
void write_open_rules(JsonWriter& json, const RuleContext& context);

/// The tags that rules name, with 20 to 300 synthetic public prefixes each.
constexpr std::array<std::string_view, 20> kServiceTags = {"Storage",
                                                           "Storage.WestEurope",
                                                           "Sql",
                                                           "Sql.WestEurope",
                                                           "AzureMonitor",
                                                           "AzureActiveDirectory",
                                                           "AzureKeyVault",
                                                           "EventHub",
                                                           "ServiceBus",
                                                           "AppService",
                                                           "AzureCosmosDB",
                                                           "AzureContainerRegistry",
                                                           "GatewayManager",
                                                           "AzureDevOps",
                                                           "AzureBackup",
                                                           "AzureSiteRecovery",
                                                           "AzureFrontDoor.Backend",
                                                           "ApiManagement",
                                                           "AzureTrafficManager",
                                                           "LogicApps"};
std::vector<std::string> tag_prefixes(std::uint64_t seed, unsigned tag);

/// A service-tag file as Microsoft publishes it, with those tags.
std::string service_tag_file(std::uint64_t seed);

}  // namespace azreach::tenant
