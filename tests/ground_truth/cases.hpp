// Questions put to real Azure, with its answers: the cases, and what comparing one gives.
//
// They live outside the project (AZREACH_SHARED, or ../shared beside the checkout); where they are
// absent the tests say so and skip.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "src/arm/import.hpp"
#include "src/engine/trace.hpp"

namespace azreach::ground_truth {

using Json = nlohmann::json;

inline std::filesystem::path cases_folder() {
    if (const char* shared = std::getenv("AZREACH_SHARED")) {
        return std::filesystem::path(shared) / "ground-truth";
    }
    return std::filesystem::path(AZREACH_ROOT_DIR) / ".." / "shared" / "ground-truth";
}

/// All cases of a kind, usable as an oracle or not, in the order of their file names.
inline std::vector<Json> cases_of(const std::string& kind) {
    static const std::vector<Json> all = [] {
        std::vector<Json> result;
        if (!std::filesystem::exists(cases_folder())) {
            return result;
        }
        std::set<std::filesystem::path> files;
        for (const auto& entry : std::filesystem::directory_iterator(cases_folder())) {
            if (entry.path().extension() == ".json") {
                files.insert(entry.path());
            }
        }
        for (const auto& file : files) {
            std::ifstream stream(file);
            result.push_back(Json::parse(stream));
        }
        return result;
    }();
    std::vector<Json> result;
    for (const Json& one : all) {
        if (one["kind"] == kind) {
            result.push_back(one);
        }
    }
    return result;
}

/// What comparing one case gave.
struct Compared {
    std::string id;
    std::size_t facts = 0;                    // single comparisons made
    std::vector<std::string> differences;     // the documented reading says something else
    std::vector<std::string> contradictions;  // the strict reading excludes Azure's answer
    std::vector<std::string> left_out;        // what could not be compared, and why

    void documented(bool same, const std::string& difference) {
        ++facts;
        if (!same) {
            differences.push_back(difference);
        }
    }
    void strict(bool possible, const std::string& contradiction) {
        if (!possible) {
            contradictions.push_back(contradiction);
        }
    }
};

/// A case's resources as a network under one reading.
struct World {
    Imported imported;
    std::unique_ptr<Network> network;

    World(const Json& one, Reading reading, const Json& more = Json::array()) {
        Json list;
        list["value"] = one["resources"];
        std::vector<std::pair<std::string, std::string>> texts{
            {one["id"].get<std::string>(), list.dump()}};
        for (const Json& document : more) {
            texts.emplace_back("answer " + std::to_string(texts.size()), document.dump());
        }
        imported = import_texts(texts);
        network = std::make_unique<Network>(imported.snapshot, Assumptions(reading));
    }

    /// The configuration that a request's target (a VM or a NIC) means, by its local address if it
    /// has several.
    std::optional<ConfigIndex> config(const std::string& target, const std::string& local) const {
        std::vector<ConfigIndex> found = network->configurations_of(ResourceId(target));
        const auto vm = imported.snapshot.virtual_machines.find(ResourceId(target));
        if (vm != imported.snapshot.virtual_machines.end()) {
            for (const ResourceId& nic : vm->second.interfaces) {
                const auto more = network->configurations_of(nic);
                found.insert(found.end(), more.begin(), more.end());
            }
        }
        for (ConfigIndex i = 0; i < network->configurations().size(); ++i) {
            const auto& owner = network->configurations()[i].interface->virtual_machine;
            if (owner && owner == ResourceId(target)) {
                found.push_back(i);
            }
        }
        for (const ConfigIndex index : found) {
            const auto& address = network->configurations()[index].configuration->address;
            if (address && to_string(*address) == local) {
                return index;
            }
        }
        return found.empty() ? std::nullopt : std::optional(found.front());
    }
};

/// Both readings of one case.
struct Worlds {
    World documented, strict;
    explicit Worlds(const Json& one, const Json& more = Json::array())
        : documented(one, Reading::documented, more), strict(one, Reading::strict, more) {}
};

inline const Json& request_of(const Json& one) {
    const Json& question = one["question"];
    return question.contains("request") ? question["request"] : question;
}

/// A text field of a recorded request; empty when it is absent or no text.
inline std::string field(const Json& request, const char* key) {
    return request.contains(key) && request[key].is_string() ? request[key].get<std::string>()
                                                             : std::string();
}

inline std::uint16_t port(const std::string& text, std::uint16_t any) {
    return text.empty() || text == "*" ? any : static_cast<std::uint16_t>(std::stoi(text));
}

inline Protocol protocol(const std::string& text) {
    if (equal_ignoring_case(text, "UDP")) return kUdp;
    if (equal_ignoring_case(text, "ICMP")) return kIcmp;
    return kTcp;
}

}  // namespace azreach::ground_truth
