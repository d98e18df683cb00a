// Interfaces whose addresses are not known before deployment: the answer for every address.
#include "src/engine/every_address.hpp"

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

/// A Bicep snapshot (resources of a deployment): two subnets of one network, NICs without
/// addresses, `rules` in the group of the second subnet.
struct Planned {
    explicit Planned(const std::string& rules, const std::string& more = "",
                     const std::string& of_b = "")
        : imported(import_text("plan.json", text(rules, more, of_b))),
          network(imported.snapshot, Assumptions(Reading::documented)),
          reachability(network),
          endpoints(network) {}

    static std::string id(const std::string& path) {
        return "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/" + path;
    }
    static std::string resource(const std::string& type, const std::string& name,
                                const std::string& properties, const std::string& beside = "") {
        return R"({"id":")" + id(type + "/" + name) + R"(","name":")" + name +
               R"(","type":"Microsoft.Network/)" + type + "\"" + beside + R"(,"properties":)" +
               properties + "}";
    }
    static std::string nic(const std::string& name, const std::string& subnet,
                           const std::string& more = "") {
        return resource("networkInterfaces", name,
                        R"({"ipConfigurations":[{"name":"c","properties":{"subnet":{"id":")" +
                            id("virtualNetworks/v/subnets/" + subnet) + "\"}" + more + "}}]}");
    }
    static std::string rule(const std::string& name, int priority, const std::string& access,
                            const std::string& source, const std::string& destination) {
        return R"({"name":")" + name + R"(","properties":{"priority":)" + std::to_string(priority) +
               R"(,"direction":"Inbound","access":")" + access +
               R"(","protocol":"*","sourceAddressPrefix":")" + source +
               R"(","sourcePortRange":"*","destinationAddressPrefix":")" + destination +
               R"(","destinationPortRange":"*"}})";
    }
    static std::string text(const std::string& rules, const std::string& more,
                            const std::string& of_b) {
        return R"({"predictedResources":[)" +
               resource("networkSecurityGroups", "n", R"({"securityRules":[)" + rules + "]}") +
               "," +
               resource(
                   "virtualNetworks", "v",
                   R"({"addressSpace":{"addressPrefixes":["10.0.0.0/16"]},"subnets":[{"name":"a","properties":{"addressPrefix":"10.0.1.0/24"}},{"name":"b","properties":{"addressPrefix":"10.0.2.0/24","networkSecurityGroup":{"id":")" +
                       id("networkSecurityGroups/n") + R"("}}}]})") +
               "," + nic("na", "a") + "," + nic("nb", "b", of_b) + more + "]}";
    }
    std::string verdict(const std::string& from, const std::string& to) const {
        const auto landmarks = [&] {
            Landmarks all;
            for (std::uint32_t i = 0; i < imported.places->sources(); ++i) {
                all.add_from(imported.places->text(i));
            }
            all.sort();
            return all;
        };
        const auto answer = answer_for_every_address(network, endpoints, landmarks, from, to,
                                                     "tcp/22", *parse_service("tcp/22"), {});
        return answer ? std::string(to_string(answer->verdict)) : "depends";
    }
    std::string as_is(const std::string& from, const std::string& to) const {
        return std::string(to_string(
            query(network, reachability, endpoints, from, to, "tcp/22", *parse_service("tcp/22"))
                .verdict));
    }

    Imported imported;
    Network network;
    Reachability reachability;
    Endpoints endpoints;
};

}  // namespace

TEST_CASE("the answer that holds for every address of the subnets", "[every_address][J6]") {
    const auto rule = Planned::rule;
    CHECK(Planned("").as_is("na", "nb") == "unknown");
    CHECK(Planned("").verdict("na", "nb") == "reachable");  // AllowVnetInBound
    CHECK(Planned(rule("no", 100, "Deny", "10.0.1.0/24", "*")).verdict("na", "nb") == "blocked");
    CHECK(Planned(rule("no", 100, "Deny", "10.0.0.0/8", "10.0.2.0/24")).verdict("na", "nb") ==
          "blocked");
    CHECK(Planned(rule("no", 100, "Deny", "10.9.0.0/16", "*")).verdict("na", "nb") == "reachable");
}

TEST_CASE("a block that cuts a subnet makes the answer depend on the address",
          "[every_address][J6]") {
    const auto rule = Planned::rule;
    CHECK(Planned(rule("no", 100, "Deny", "10.0.1.128/25", "*")).verdict("na", "nb") == "depends");
    CHECK(Planned(rule("no", 100, "Deny", "10.0.1.77", "*")).verdict("na", "nb") == "depends");
    CHECK(Planned(rule("no", 100, "Deny", "*", "10.0.2.200")).verdict("na", "nb") == "depends");
    // An address that a NIC cannot get makes no difference: the first four and the last.      [J7]
    CHECK(Planned(rule("no", 100, "Deny", "10.0.1.1", "*")).verdict("na", "nb") == "reachable");
    // Nor one that somebody else has.
    const std::string other = "," + Planned::nic("nx", "a", R"(,"privateIPAddress":"10.0.1.77")");
    CHECK(Planned(rule("no", 100, "Deny", "10.0.1.77", "*"), other).verdict("na", "nb") ==
          "reachable");
    // Two in one subnet have two addresses.
    const std::string beside = "," + Planned::nic("nc", "b");
    CHECK(Planned(rule("no", 100, "Deny", "10.0.1.0/24", "*"), beside).verdict("nc", "nb") ==
          "reachable");
}

TEST_CASE("a public address that Azure will give is reached from the internet or not",
          "[every_address][E1][E2]") {
    const auto rule = Planned::rule;
    const std::string public_ip =
        R"(,"publicIPAddress":{"id":")" + Planned::id("publicIPAddresses/p") + "\"}";
    const auto with_ip = [&](const std::string& rules, const std::string& properties) {
        return Planned(rules,
                       "," + Planned::resource("publicIPAddresses", "p", properties,
                                               R"(,"sku":{"name":"Standard"})"),
                       public_ip);
    };
    const std::string planned = R"({"publicIPAllocationMethod":"Static"})";
    CHECK(with_ip(rule("in", 100, "Allow", "Internet", "*"), planned).as_is("internet", "nb") ==
          "unknown");
    CHECK(with_ip(rule("in", 100, "Allow", "Internet", "*"), planned).verdict("internet", "nb") ==
          "reachable");
    CHECK(with_ip("", planned).verdict("internet", "nb") == "blocked");  // DenyAllInBound
    CHECK(with_ip(rule("in", 100, "Allow", "198.51.100.0/24", "*"), planned)
              .verdict("internet:198.51.100.7", "nb") == "reachable");
    // One that has none and is to get none is not planned.
    CHECK(with_ip(rule("in", 100, "Allow", "Internet", "*"), R"({"ipAddress":""})")
              .verdict("internet", "nb") == "depends");
}

TEST_CASE("landmarks are read from any text", "[every_address]") {
    Landmarks landmarks;
    landmarks.add_from(R"("10.0.1.64\/26", x10.0.1.5y, 1.2.3, 10.0.1.300, 10.0.1.0-10.0.1.9.)");
    landmarks.sort();
    const auto parts = landmarks.parts_of(parse_prefix("10.0.1.0/24")->prefix,
                                          [](const Address&) { return true; });
    std::string firsts;
    for (const auto& part : parts) firsts += to_string(part.front()) + " ";
    CHECK(firsts == "10.0.1.0 10.0.1.1 10.0.1.5 10.0.1.6 10.0.1.9 10.0.1.10 10.0.1.64 10.0.1.128 ");
}
