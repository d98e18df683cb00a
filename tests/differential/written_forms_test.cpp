// Generated networks with what resources may write in several ways: an address space in two halves,
// each a route of its own and longer than a user route for both [R7] [R8] [R13]; a public endpoint
// that a perimeter secures [NSP-1].
#include <nlohmann/json.hpp>

#include "tests/differential/agreement.hpp"

using namespace azreach;

namespace {

using Json = nlohmann::ordered_json;

/// "10.1.0.0/16" becomes "10.1.0.0/17", "10.1.128.0/17", wherever the text stands in a list.
void halve(Json& value, const std::string& whole, const std::string& low, const std::string& high) {
    if (value.is_array()) {
        Json result = Json::array();
        for (Json& item : value) {
            if (item == whole) {
                result.push_back(low);
                result.push_back(high);
            } else {
                halve(item, whole, low, high);
                result.push_back(std::move(item));
            }
        }
        value = std::move(result);
    } else if (value.is_object()) {
        for (auto& [key, member] : value.items()) {
            halve(member, whole, low, high);
        }
    }
}

oracle::Generated varied(std::uint64_t seed) {
    oracle::Generated generated = oracle::generate(seed);
    Json list = Json::parse(generated.arm);
    for (Json& resource : list["value"]) {
        const std::string type = resource["type"];
        if (type == "Microsoft.Network/virtualNetworks" ||
            type == "Microsoft.Network/localNetworkGateways") {
            // Bit by bit which spaces are written in halves; one in all of its places.
            for (int v = 0; v < 4; ++v) {
                const std::string net = "10." + std::to_string(v);
                if ((seed >> v & 1U) != 0) {
                    halve(resource["properties"], net + ".0.0/16", net + ".0.0/17",
                          net + ".128.0/17");
                }
            }
            halve(resource["properties"], "172.16.0.0/16", "172.16.0.0/17", "172.16.128.0/17");
        }
        Json& properties = resource["properties"];
        if (seed % 3 == 0 && properties.contains("publicNetworkAccess") &&
            properties["publicNetworkAccess"] == "Disabled") {
            properties["publicNetworkAccess"] = "SecuredByPerimeter";
        }
    }
    generated.arm = list.dump();
    return generated;
}

}  // namespace

TEST_CASE("oracle and trace agree on other written forms", "[differential][R7][R8][R13][NSP-1]") {
    differential::compare_trace(varied);
}

TEST_CASE("packet sets bound the oracle on other written forms",
          "[differential][R7][R8][R13][NSP-1]") {
    differential::compare_sets(varied);
}
