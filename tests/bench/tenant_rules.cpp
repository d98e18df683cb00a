#include "tests/bench/tenant_rules.hpp"

#include <fmt/format.h>

#include <span>
#include <utility>

namespace azreach::tenant {
namespace {

constexpr std::array<std::string_view, 24> kPorts = {
    "22",   "25",   "53",   "80",   "88",   "123",  "135",  "389",
    "443",  "445",  "636",  "1433", "1521", "3306", "3389", "5432",
    "5671", "6379", "8080", "8443", "9092", "9200", "5985", "10250"};

/// One side of a rule: prefixes and tags, or application security groups.
struct Side {
    std::vector<std::string> prefixes;
    std::string group;
};

/// Which kind, by shares in percent that add up to 100.
std::size_t draw(Random& random, std::span<const unsigned> shares) {
    unsigned left = random.below(100);
    std::size_t kind = 0;
    while (kind + 1 < shares.size() && left >= shares[kind]) {
        left -= shares[kind++];
    }
    return kind;
}

const Subnet& any_subnet(Random& random, const Plan& plan) {
    return plan.subnets[random.below(static_cast<std::uint32_t>(plan.subnets.size()))];
}

std::string any_host(Random& random, const Plan& plan, const Subnet& subnet) {
    return host_address(plan, subnet, random.below(subnet.nics == 0 ? 1 : subnet.nics)) + "/32";
}

Side remote_side(Random& random, const Plan& plan, const RuleContext& context, Mix mix) {
    // any, VirtualNetwork, Internet, AzureLoadBalancer, tag, subnets, group, hosts, on-premises
    static constexpr std::array<unsigned, 9> kTyp = {12, 24, 9, 5, 14, 20, 5, 4, 7};
    static constexpr std::array<unsigned, 9> kHostile = {12, 24, 9, 5, 14, 7, 5, 17, 7};
    Side side;
    switch (draw(random, mix == Mix::typ ? kTyp : kHostile)) {
        case 0:
            side.prefixes = {"*"};
            break;
        case 1:
            side.prefixes = {"VirtualNetwork"};
            break;
        case 2:
            side.prefixes = {"Internet"};
            break;
        case 3:
            side.prefixes = {"AzureLoadBalancer"};
            break;
        case 4:
            side.prefixes = {std::string(kServiceTags[random.below(kServiceTags.size())])};
            break;
        case 6:
            if (!context.groups.empty()) {
                side.group =
                    context.groups[random.below(static_cast<std::uint32_t>(context.groups.size()))];
                break;
            }
            [[fallthrough]];
        case 5:
            for (unsigned n = random.between(1, 4); n > 0; --n) {
                side.prefixes.push_back(subnet_prefix(plan, any_subnet(random, plan)));
            }
            break;
        case 7:
            if (random.percent(30)) {
                const Spoke& spoke = plan.spokes[any_subnet(random, plan).spoke];
                side.prefixes = {fmt::format("10.{}.{}.{}/28", spoke.region * 16 + 1 + spoke.index,
                                             random.below(spoke.subnets), random.below(16) * 16)};
                break;
            }
            for (unsigned n = random.between(1, 6); n > 0; --n) {
                side.prefixes.push_back(any_host(random, plan, any_subnet(random, plan)));
            }
            break;
        default:
            for (unsigned n = random.between(1, 3); n > 0; --n) {
                side.prefixes.push_back(site_prefix(random.below(64)));
            }
    }
    return side;
}

Side local_side(Random& random, const Plan& plan, const RuleContext& context, Mix mix) {
    // any, own subnet, group, hosts
    static constexpr std::array<unsigned, 4> kTyp = {50, 38, 4, 8};
    static constexpr std::array<unsigned, 4> kHostile = {40, 31, 4, 25};
    Side side;
    switch (draw(random, mix == Mix::typ ? kTyp : kHostile)) {
        case 0:
            side.prefixes = {"*"};
            break;
        case 2:
            if (!context.groups.empty()) {
                side.group =
                    context.groups[random.below(static_cast<std::uint32_t>(context.groups.size()))];
                break;
            }
            [[fallthrough]];
        case 1:
            side.prefixes = context.local;
            break;
        default:
            for (unsigned n = random.between(1, 3); n > 0; --n) {
                side.prefixes.push_back(any_host(random, plan, *context.subnet));
            }
    }
    return side;
}

std::vector<std::string> ports(Random& random) {
    if (random.percent(14)) {
        return {"*"};
    }
    std::vector<std::string> drawn;
    for (unsigned n = random.percent(25) ? random.between(2, 4) : 1; n > 0; --n) {
        if (random.percent(71)) {  // 61 of the 86 percent that name ports
            drawn.emplace_back(kPorts[random.below(kPorts.size())]);
        } else {
            const unsigned low = random.between(1024, 60000);
            drawn.push_back(fmt::format("{}-{}", low, low + random.between(1, 5000)));
        }
    }
    return drawn;
}

/// Azure returns one value in the singular property, several in the plural one.
void write_twin(JsonWriter& json, const std::string& singular, const std::string& plural,
                const std::vector<std::string>& values) {
    if (values.size() == 1) {
        json.member(singular, values.front());
    }
    json.member(plural, values.size() > 1 ? values : std::vector<std::string>{});
}

void write_side(JsonWriter& json, const std::string& name, const Side& side) {
    if (side.group.empty()) {
        write_twin(json, name + "AddressPrefix", name + "AddressPrefixes", side.prefixes);
        return;
    }
    json.member(name + "AddressPrefixes", std::vector<std::string>{});
    json.begin_array(name + "ApplicationSecurityGroups");
    json.begin_object();
    json.member("id", side.group);
    json.end_object();
    json.end_array();
}

struct Rule {
    std::string name;
    bool inbound;
    bool allow;
    unsigned priority;
    std::string_view protocol;
    Side source;
    Side destination;
    std::vector<std::string> destination_ports;
};

void write_rule(JsonWriter& json, const RuleContext& context, std::string_view kind,
                const Rule& rule) {
    json.begin_object();
    json.member("etag", R"(W/\"8b9c3f8e-3c38-4b3e-9d0e-2d6c0c0f1b77\")");
    json.member("id", fmt::format("{}/{}/{}", context.group_id, kind, rule.name));
    json.member("name", rule.name);
    json.begin_object("properties");
    json.member("access", rule.allow ? "Allow" : "Deny");
    write_side(json, "destination", rule.destination);
    write_twin(json, "destinationPortRange", "destinationPortRanges", rule.destination_ports);
    json.member("direction", rule.inbound ? "Inbound" : "Outbound");
    json.member("priority", std::uint64_t{rule.priority});
    json.member("protocol", rule.protocol);
    json.member("provisioningState", "Succeeded");
    write_side(json, "source", rule.source);
    write_twin(json, "sourcePortRange", "sourcePortRanges", {"*"});
    json.end_object();
    json.member("type", fmt::format("Microsoft.Network/networkSecurityGroups/{}", kind));
    json.end_object();
}

void write_default_rules(JsonWriter& json, const RuleContext& context) {
    const auto write = [&](std::string name, bool inbound, bool allow, unsigned priority,
                           std::string source, std::string destination) {
        write_rule(json, context, "defaultSecurityRules",
                   {.name = std::move(name),
                    .inbound = inbound,
                    .allow = allow,
                    .priority = priority,
                    .protocol = "*",
                    .source = {{std::move(source)}, {}},
                    .destination = {{std::move(destination)}, {}},
                    .destination_ports = {"*"}});
    };
    json.begin_array("defaultSecurityRules");
    write("AllowVnetInBound", true, true, 65000, "VirtualNetwork", "VirtualNetwork");
    write("AllowAzureLoadBalancerInBound", true, true, 65001, "AzureLoadBalancer", "*");
    write("DenyAllInBound", true, false, 65500, "*", "*");
    write("AllowVnetOutBound", false, true, 65000, "VirtualNetwork", "VirtualNetwork");
    write("AllowInternetOutBound", false, true, 65001, "*", "Internet");
    write("DenyAllOutBound", false, false, 65500, "*", "*");
    json.end_array();
}

std::string_view protocol(Random& random) {
    const unsigned drawn = random.below(100);
    return drawn < 65 ? "Tcp" : drawn < 77 ? "Udp" : drawn < 80 ? "Icmp" : "*";
}

}  // namespace

void write_rules(JsonWriter& json, const Plan& plan, const RuleContext& context, unsigned count,
                 Mix mix) {
    Random random(plan.seed, "rules", context.stream);
    const unsigned step = count < 2 ? 1 : (4096 - 100) / count;
    write_default_rules(json, context);
    json.begin_array("securityRules");
    for (unsigned n = 0; n < count; ++n) {
        Rule rule{.name = fmt::format("rule-{:04}", n),
                  .inbound = random.percent(60),
                  .allow = random.percent(70),
                  .priority = 100 + n * step,
                  .protocol = protocol(random),
                  .source = {},
                  .destination = {},
                  .destination_ports = {}};
        Side remote = remote_side(random, plan, context, mix);
        Side local = local_side(random, plan, context, mix);
        if (!rule.inbound) {
            std::swap(remote, local);
        }
        rule.source = std::move(remote);
        rule.destination = std::move(local);
        rule.destination_ports =
            rule.protocol == "Icmp" ? std::vector<std::string>{"*"} : ports(random);
        write_rule(json, context, "securityRules", rule);
    }
    json.end_array();
}

void write_open_rules(JsonWriter& json, const RuleContext& context) {
    write_default_rules(json, context);
    json.begin_array("securityRules");
    for (const bool inbound : {true, false}) {
        write_rule(json, context, "securityRules",
                   {.name = inbound ? "allow-in" : "allow-out",
                    .inbound = inbound,
                    .allow = true,
                    .priority = 100,
                    .protocol = "*",
                    .source = {{"*"}, {}},
                    .destination = {{"*"}, {}},
                    .destination_ports = {"*"}});
    }
    json.end_array();
}

std::vector<std::string> tag_prefixes(std::uint64_t seed, unsigned tag) {
    static constexpr std::array<unsigned, 6> kFirst = {13, 20, 40, 51, 52, 104};
    Random random(seed, "tag", tag);
    std::vector<std::string> prefixes;
    for (unsigned n = random.between(20, 300); n > 0; --n) {
        const unsigned length = random.between(20, 30);
        const unsigned mask = ~0U << (32 - length);
        const unsigned bits =
            ((kFirst[random.below(kFirst.size())] << 24) | random.below(1U << 24)) & mask;
        prefixes.push_back(fmt::format("{}.{}.{}.{}/{}", bits >> 24, (bits >> 16) & 255,
                                       (bits >> 8) & 255, bits & 255, length));
    }
    return prefixes;
}

std::string service_tag_file(std::uint64_t seed) {
    JsonWriter json;
    json.begin_object();
    json.member("changeNumber", std::uint64_t{1});
    json.member("cloud", "Public");
    json.begin_array("values");
    for (unsigned tag = 0; tag < kServiceTags.size(); ++tag) {
        const std::string_view name = kServiceTags[tag];
        const bool regional = name.ends_with(".WestEurope");
        json.begin_object();
        json.member("name", name);
        json.member("id", name);
        json.begin_object("properties");
        json.member("changeNumber", std::uint64_t{1});
        json.member("region", regional ? "westeurope" : "");
        json.member("regionId", std::uint64_t{regional ? 18U : 0U});
        json.member("platform", "Azure");
        json.member("systemService", name.substr(0, name.find('.')));
        json.member("addressPrefixes", tag_prefixes(seed, tag));
        json.member("networkFeatures", std::vector<std::string>{"API", "NSG", "UDR", "FW"});
        json.end_object();
        json.end_object();
    }
    json.end_array();
    json.end_object();
    return json.text() + "\n";
}

}  // namespace azreach::tenant
