// Recorded sequences of changes, replayed: after every operation the state before and the state
// after are compared. What changes do not touch must not differ, backwards is the mirror image, and
// every change of connectivity has a cause. diff_expected.txt says, read by people, which steps
// change connectivity and how; AZREACH_WRITE_GOLDEN=1 writes it. The corpus lies beside the
// checkout (or where AZREACH_SHARED says); without it this says so and checks nothing.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "src/arm/import.hpp"
#include "src/engine/diff.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

using Json = nlohmann::json;

std::filesystem::path sequences() {
    const char* shared = std::getenv("AZREACH_SHARED");  // NOLINT(concurrency-mt-unsafe)
    return (shared != nullptr ? std::filesystem::path(shared)
                              : std::filesystem::path(AZREACH_ROOT_DIR) / "../shared") /
           "corpus" / "arm-changes";
}

std::optional<Imported> read(const std::map<std::string, Json>& state) {
    Json list = Json::array();
    for (const auto& [id, resource] : state) list.push_back(resource);
    try {
        return import_text("state.json", Json{{"value", list}}.dump());
    } catch (const InputError&) {
        return std::nullopt;  // nothing of the network yet, or a shape that is refused
    }
}

using Key =
    std::tuple<std::string, std::string, AddressSet, AddressSet, ServiceSet, FlowState, FlowState>;
std::multiset<Key> keys_of(const DiffAnswer& answer, bool mirrored) {
    std::multiset<Key> keys;
    for (const FlowChange& c : answer.changes) {
        if (c.before == c.after) continue;
        std::string from;
        for (const ResourceId& id : c.from.interfaces) from += std::string(id.name()) + " ";
        keys.emplace(c.from.internet ? "internet"
                     : c.from.onprem ? "onprem"
                                     : "configs",
                     from, c.from.addresses, c.to.addresses, c.service,
                     mirrored ? c.after : c.before, mirrored ? c.before : c.after);
    }
    return keys;
}

/// "certainly new, perhaps lost": the classes of a step's changes, each once.
std::string summary_of(const DiffAnswer& answer) {
    std::set<std::string> classes;
    for (const FlowChange& change : answer.changes) {
        classes.insert((change.certain() ? "certainly " : "perhaps ") +
                       std::string(to_string(change.kind)));
    }
    std::string text;
    for (const std::string& one : classes) text += (text.empty() ? "" : ", ") + one;
    return text;
}

}  // namespace

TEST_CASE("recorded changes, step by step", "[corpus][diff]") {
    if (!std::filesystem::exists(sequences())) {
        std::cout << "corpus: no recorded changes here; nothing was compared\n";
        return;
    }
    std::vector<std::filesystem::path> files;
    for (const auto& item : std::filesystem::recursive_directory_iterator(sequences())) {
        if (item.path().extension() == ".json") files.push_back(item.path());
    }
    std::sort(files.begin(), files.end());
    std::string found =
        "# Recorded sequences of changes: the steps after which something connects otherwise.\n"
        "# sequence, step (from 0), operation, resource: what changed\n";
    std::size_t steps = 0;
    std::size_t changes = 0;
    std::size_t same = 0;
    for (const std::filesystem::path& file : files) {
        std::ifstream stream(file);
        const Json operations = Json::parse(stream);
        std::map<std::string, Json> state;
        std::optional<Imported> before;
        std::size_t step = 0;
        for (const Json& operation : operations) {
            const std::size_t number = step++;
            std::string id = operation.value("id", "");
            std::transform(id.begin(), id.end(), id.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
            if (operation.value("method", "") == "DELETE") {
                state.erase(id);
            } else if (operation.contains("response") && operation["response"].is_object() &&
                       operation["response"].contains("id")) {
                state[id] = operation["response"];
            }
            std::optional<Imported> after = read(state);
            if (before && after) {
                CAPTURE(file.filename().string(), id);
                const Network a(before->snapshot, Assumptions(Reading::documented));
                const Network b(after->snapshot, Assumptions(Reading::documented));
                const DiffAnswer answer = diff(a, b);
                DiffOptions everything;
                everything.everything = true;
                everything.causes = false;
                CHECK(keys_of(answer, false) == keys_of(diff(a, b, everything), false));
                DiffOptions back;
                back.causes = false;
                CHECK(keys_of(answer, false) == keys_of(diff(b, a, back), true));
                CHECK_FALSE(answer.causes_incomplete);
                if (!answer.changes.empty()) {
                    found += file.lexically_relative(sequences()).generic_string() + " " +
                             std::to_string(number) + " " + operation.value("method", "") + " " +
                             id.substr(id.rfind('/') + 1) + ": " + summary_of(answer) + "\n";
                }
                ++steps;
                changes += answer.changes.size();
                same += answer.changes.empty() ? 1 : 0;
            }
            before = std::move(after);
        }
    }
    std::cout << "corpus: " << steps << " recorded steps, " << changes
              << " changes of connectivity, " << same << " steps without any\n";
    CHECK(steps > 0);
    const std::string expected = AZREACH_ROOT_DIR "/tests/corpus/diff_expected.txt";
    if (std::getenv("AZREACH_WRITE_GOLDEN") != nullptr) {  // NOLINT(concurrency-mt-unsafe)
        std::ofstream(expected, std::ios::binary) << found;
    }
    std::ifstream stream(expected, std::ios::binary);
    const std::string wanted{std::istreambuf_iterator<char>(stream), {}};
    CHECK(found == wanted);
}

}  // namespace azreach
