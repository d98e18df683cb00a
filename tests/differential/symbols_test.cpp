// What symbols may not do: narrow. In a generated network some values are replaced by symbols; what
// the values decide must lie within the bounds of what the symbols leave open. Public IP addresses
// keep their address: one that Azure picks on deployment is none that a question can name; what
// stands behind it is asked for by its name (docs/limitations.md).                     [J3] [J4]
//
//   AZREACH_SEEDS=FIRST-LAST  which seeds (default 1-120).
//   AZREACH_KEEP=FOLDER       writes both networks and the question of each failure there.
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <random>

#include "src/arm/import.hpp"
#include "src/engine/reachability.hpp"
#include "src/engine/trace.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

using Json = nlohmann::ordered_json;

/// Replaces values by unresolved expressions of a Bicep snapshot, "[symN]".
class Symbols {
public:
    Symbols(std::uint64_t seed, int percent) : random_(seed), percent_(percent) {}

    std::string made_of(const std::string& arm) {
        Json resources = Json::array();
        Json list = Json::parse(arm);
        for (Json& resource : list["value"]) {
            if (resource.contains("properties")) {
                Json& properties = resource["properties"];
                const std::string type = resource["type"];
                const Json address = type == "Microsoft.Network/publicIPAddresses"
                                         ? properties.value("ipAddress", Json())
                                         : Json();
                replace(properties, "properties");
                if (!address.is_null()) {
                    properties["ipAddress"] = address;
                }
            }
            if (resource.contains("sku") && chance(percent_)) {
                resource["sku"]["name"] = symbol();
            }
            resources.push_back(std::move(resource));
        }
        return Json{{"predictedResources", std::move(resources)}}.dump();
    }

private:
    bool chance(int percent) { return static_cast<int>(random_() % 1000) < percent * 10; }
    std::string symbol() { return "[sym" + std::to_string(++count_) + "]"; }

    void replace(Json& value, const std::string& key) {
        if (value.is_object()) {
            if (key != "properties" && value.size() == 1 && value.contains("id")) {
                if (chance(percent_)) {  // a reference: its id, or all of it
                    if (chance(50)) {
                        value["id"] = symbol();
                    } else {
                        value = symbol();
                    }
                }
                return;
            }
            for (auto& [name, member] : value.items()) {
                const bool own = name == "id" || name == "name" || name == "type" ||
                                 name == "provisioningState" || name == "resourceGuid";
                if (!own) {
                    replace(member, name);
                }
            }
            return;
        }
        if (value.is_array()) {
            if (!value.empty() && chance(percent_) && chance(20)) {
                value = symbol();  // a whole list
                return;
            }
            for (Json& item : value) {
                replace(item, key);
            }
            return;
        }
        if (!value.is_null() && chance(percent_)) {
            value = symbol();
        }
    }

    std::mt19937_64 random_;
    int percent_;
    int count_ = 0;
};

std::optional<Origin> origin_of(const Network& network, const oracle::Question& question) {
    std::optional<Origin> origin;
    if (question.from.kind == oracle::Start::Kind::internet) {
        origin.emplace(Internet{});
    } else if (question.from.kind == oracle::Start::Kind::onprem) {
        origin.emplace(OnPremises{});
    } else if (const auto configs = network.configurations_of(question.from.nic);
               !configs.empty()) {
        origin.emplace(configs.front());
    }
    return origin;
}

std::string text_of(const oracle::Question& question) {
    const Packet& p = question.packet;
    const char* from = question.from.kind == oracle::Start::Kind::nic        ? "nic"
                       : question.from.kind == oracle::Start::Kind::internet ? "internet"
                                                                             : "onprem";
    return std::string(from) + " " + std::string(question.from.nic.name()) + " " +
           to_string(p.src) + ":" + std::to_string(p.service.a) + " -> " + to_string(p.dst) + ":" +
           std::to_string(p.service.b) + " protocol " + std::to_string(p.service.protocol);
}

void keep(const std::string& name, const std::string& concrete, const std::string& symbolic,
          const std::string& question) {
    if (const char* folder = std::getenv("AZREACH_KEEP")) {
        const std::string base = std::string(folder) + "/" + name;
        std::ofstream(base + ".concrete.json") << concrete;
        std::ofstream(base + ".symbolic.json") << symbolic;
        std::ofstream(base + ".txt", std::ios::app) << question << "\n";
    }
}

}  // namespace

TEST_CASE("symbols widen and never narrow, on generated networks",
          "[differential][symbol][J3][J4]") {
    std::uint64_t first = 1;
    std::uint64_t last = 120;
    if (const char* text = std::getenv("AZREACH_SEEDS")) {
        char* dash = nullptr;
        first = std::strtoull(text, &dash, 10);
        last = dash != nullptr && *dash == '-' ? std::strtoull(dash + 1, nullptr, 10) : first;
    }
    std::size_t packets = 0;
    std::size_t decided = 0;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const std::string symbolic = Symbols(seed, seed % 3 == 0   ? 1
                                                   : seed % 3 == 1 ? 4
                                                                   : 12)
                                         .made_of(generated.arm);
        std::vector<std::pair<std::string, std::string>> tags;
        if (!generated.service_tags.empty()) {
            tags.emplace_back("tags.json", generated.service_tags);
        }
        auto concrete_texts = tags;
        concrete_texts.emplace_back("concrete.json", generated.arm);
        auto symbolic_texts = tags;
        symbolic_texts.emplace_back("symbolic.json", symbolic);
        const Imported concrete = import_texts(concrete_texts);
        const Imported open = import_texts(symbolic_texts);
        const Assumptions documented(Reading::documented);
        const Network truth(concrete.snapshot, documented);
        const Network bounds(open.snapshot, documented);
        const Reachability reachability(bounds);
        for (const oracle::Question& question : generated.questions) {
            const auto origin = origin_of(truth, question);
            const auto bounded = origin_of(bounds, question);
            if (!origin || !bounded) continue;
            const TraceResult is = trace(truth, *origin, question.packet);
            const TraceResult says = trace(bounds, *bounded, question.packet);
            ++packets;
            using V = PacketVerdict;
            decided += says.verdict == V::delivered || says.verdict == V::dropped ? 1U : 0U;
            const bool sound = says.verdict == V::unknown || says.verdict == is.verdict ||
                               (says.verdict == V::varies && is.verdict == V::delivered);
            const bool reply_sound = is.verdict != V::delivered || says.verdict != V::delivered ||
                                     !says.reply || !is.reply || *says.reply == V::unknown ||
                                     *says.reply == *is.reply || *says.reply == V::varies;

            bool can_may = true;
            bool always_must = false;
            SourceSet from;
            const auto* config = std::get_if<ConfigIndex>(&*bounded);
            const bool own_address =
                config == nullptr ||
                (bounds.configurations()[*config].configuration->address == question.packet.src &&
                 bounds.configurations()[*config].endpoint == nullptr);
            if (own_address) {
                if (config != nullptr) {
                    from.configs = {*config};
                } else if (question.from.kind == oracle::Start::Kind::internet) {
                    from.internet = AddressSet::single(question.packet.src);
                } else {
                    from.onprem = AddressSet::single(question.packet.src);
                }
                DestinationSet to;
                to.addresses = AddressSet::single(question.packet.dst);
                can_may = false;
                for (const Flow& flow :
                     reachability.flows(from, to, ServiceSet::single(question.packet.service))) {
                    can_may = can_may || flow.packets.can_may.contains(question.packet.service);
                    always_must =
                        always_must || flow.packets.always_must.contains(question.packet.service);
                }
            }
            const bool arrives = is.verdict == V::delivered || is.verdict == V::varies;
            const bool sets_sound =
                (can_may || !arrives) && (!always_must || is.verdict == V::delivered);
            if (!sound || !reply_sound || !sets_sound) {
                keep(std::to_string(seed), generated.arm, symbolic, text_of(question));
            }
            INFO("seed " << seed << ": " << text_of(question));
            INFO("is " << to_string(is.verdict) << " " << to_string(is.walk.reason) << " at "
                       << is.walk.at);
            INFO("says " << to_string(says.verdict) << " " << to_string(says.walk.reason) << " at "
                         << says.walk.at << ", sets may " << can_may << " must " << always_must);
            CHECK(sound);
            CHECK(reply_sound);
            CHECK(sets_sound);
        }
    }
    std::cout << "symbols: seeds " << first << "-" << last << ", " << packets << " packets, "
              << decided << " decided whatever the values\n";
    CHECK(decided > 0);
}

}  // namespace azreach
