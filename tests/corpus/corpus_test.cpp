// Every real file imports, or is answered with a message; nothing read is lost. The files live
// outside the project (AZREACH_SHARED, or ../shared beside the checkout); where they are absent
// this says so and skips.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

std::filesystem::path corpus() {
    const char* shared = std::getenv("AZREACH_SHARED");
    return (shared != nullptr ? std::filesystem::path(shared)
                              : std::filesystem::path(AZREACH_ROOT_DIR) / ".." / "shared") /
           "corpus";
}

/// Ids of the resources that a list file holds, counted without our importer.
std::set<std::string> ids_of(const nlohmann::json& document) {
    std::set<std::string> ids;
    const nlohmann::json& list = document.is_array()            ? document
                                 : document.contains("value") ? document["value"]
                                 : document.contains("data")  ? document["data"]
                                                                : document;
    const auto add = [&](const nlohmann::json& item) {
        if (item.is_object() && item.contains("id") && item["id"].is_string()) {
            std::string id = item["id"];
            for (char& c : id) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
            while (id.size() > 1 && id.back() == '/') id.pop_back();
            ids.insert(id);
        }
    };
    if (list.is_array()) {
        for (const auto& item : list) add(item);
    } else {
        add(list);
    }
    return ids;
}

/// Everything that the snapshot kept, children included.
std::size_t kept(const Snapshot& s) {
    std::size_t count = s.size();
    for (const auto& [id, vnet] : s.virtual_networks) count += vnet.subnets.size() + vnet.peerings.size();
    for (const auto& [id, group] : s.security_groups) count += group.rules.size();
    for (const auto& [id, table] : s.route_tables) count += table.routes.size();
    for (const auto& [id, group] : s.network_groups) count += group.members.size();
    for (const auto& [id, lb] : s.load_balancers) count += lb.nat_rules.size();
    for (const auto& [id, c] : s.admin_configurations) {
        count += c.collections.size();
        for (const auto& collection : c.collections) count += collection.rules.size();
    }
    return count;
}

}  // namespace

TEST_CASE("the whole corpus imports or is answered", "[corpus][J5]") {
    if (!std::filesystem::exists(corpus())) {
        std::cout << "skipped: no corpus beside this checkout\n";
        return;
    }
    std::map<std::string, std::pair<std::size_t, std::size_t>> files;  // kind -> (imported, refused)
    std::size_t resources = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(corpus())) {
        if (!entry.is_regular_file() || entry.path().extension() != ".json") continue;
        const std::string path = entry.path().string();
        const std::string kind = std::filesystem::relative(entry.path(), corpus()).begin()->string();
        CAPTURE(path);
        try {
            const Imported imported = import_paths({path});
            ++files[kind].first;
            const std::size_t read = imported.snapshot.sources.front().resources;
            resources += read;
            if (kind == "arm-snapshots" || kind == "exports") {
                std::ifstream stream(path);
                const auto expected = ids_of(nlohmann::json::parse(stream));
                CHECK(read >= expected.size());
                CHECK(kept(imported.snapshot) >= expected.size());
            }
        } catch (const InputError& error) {
            ++files[kind].second;
            CHECK(std::string(error.what()).size() > 20);
            // Kinds of this issue must import.
            if (kind == "arm-snapshots") {
                FAIL_CHECK(error.what());
            }
        }
    }
    for (const auto& [kind, counts] : files) {
        std::cout << "corpus " << kind << ": " << counts.first << " imported, " << counts.second
                  << " answered with a message\n";
    }
    std::cout << "corpus: " << resources << " resources\n";
    CHECK(files["arm-snapshots"].first > 600);
    CHECK(files["exports"].first >= 37);
}
