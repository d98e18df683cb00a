// The short run of the fuzzers: our own fixtures, broken by a fixed seed in the ways that files
// break: bytes flipped, pieces cut, doubled and swapped between files, numbers and words replaced.
// scripts/fuzz is the long run.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "tests/fuzz/target.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

std::vector<std::string> files_of(const std::string& folder, const std::string& ending,
                                  std::size_t largest) {
    const std::filesystem::path root = std::filesystem::path(AZREACH_ROOT_DIR) / folder;
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
        if (entry.is_regular_file() && entry.file_size() <= largest &&
            entry.path().extension() == ending) {
            paths.push_back(entry.path());
        }
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const auto& path : paths) {
        std::ifstream file(path, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    }
    return texts;
}

class Breaker {
public:
    Breaker(std::uint64_t seed, const std::vector<std::string>& texts)
        : random_(seed), texts_(texts) {}

    /// Every second text stays JSON: values are replaced, removed, doubled, moved between files.
    std::string broken(std::string text) {
        if (below(2) == 0) {
            Json tree = Json::parse(text, nullptr, false);
            if (!tree.is_discarded()) {
                for (std::size_t times = 1 + below(3); times > 0; --times) {
                    change(tree);
                }
                return tree.dump(1, ' ', false, Json::error_handler_t::replace);
            }
        }
        for (std::size_t times = 1 + below(4); times > 0; --times) {
            bytes(text);
        }
        return text;
    }

private:
    using Json = nlohmann::ordered_json;

    void change(Json& value) {
        if (value.is_structured() && !value.empty() && below(12) != 0) {
            const auto item = std::next(value.begin(), static_cast<long>(below(value.size())));
            change(*item);
            return;
        }
        switch (below(4)) {
            case 0: {
                Json word = Json::parse(words()[below(words().size())], nullptr, false);
                value = word.is_discarded() ? Json(1e308) : std::move(word);
                break;
            }
            case 1: {  // something of another file
                Json other = Json::parse(texts_[below(texts_.size())], nullptr, false);
                Json* part = &other;
                while (part->is_structured() && !part->empty() && below(6) != 0) {
                    part = &*std::next(part->begin(), static_cast<long>(below(part->size())));
                }
                value = Json(*part);
                break;
            }
            case 2:
                if (value.is_array() && !value.empty()) {
                    value.push_back(Json(value[below(value.size())]));
                } else if (value.is_object() && !value.empty()) {
                    value.erase(std::next(value.begin(), static_cast<long>(below(value.size()))));
                } else {
                    value = Json::array({value});
                }
                break;
            default:
                if (value.is_string()) {
                    std::string text = value.get<std::string>();
                    bytes(text);
                    value = text;
                } else {
                    value = std::to_string(below(70000));
                }
        }
    }

    std::size_t below(std::size_t limit) { return limit == 0 ? 0 : random_() % limit; }

    static const std::vector<std::string>& words() {
        static const std::vector<std::string> kWords = {"null",
                                                        "\"\"",
                                                        "{}",
                                                        "[]",
                                                        "true",
                                                        "-1",
                                                        "1e999",
                                                        "99999999999999999999",
                                                        "\"0.0.0.0/0\"",
                                                        "\"::/0\"",
                                                        "\"10.0.0.0/33\"",
                                                        "\"*\"",
                                                        "\"65536\"",
                                                        "\"[sym]\"",
                                                        "\"Deny\"",
                                                        "\"Inbound\"",
                                                        "\"\\u0000\"",
                                                        "{\"id\":\"/\"}",
                                                        "[[[[[[[[]]]]]]]]"};
        return kWords;
    }

    void bytes(std::string& text) {
        const std::size_t at = below(text.size());
        const std::size_t length = below(std::min<std::size_t>(text.size() - at, 200)) + 1;
        switch (below(6)) {
            case 0:
                if (!text.empty()) text[at] = static_cast<char>(random_());
                break;
            case 1:
                text.erase(at, length);
                break;
            case 2:
                text.insert(at, text.substr(at, length));
                break;
            case 3: {
                const std::string& other = texts_[below(texts_.size())];
                text.insert(at, other.substr(below(other.size()), length));
                break;
            }
            default: {  // the value behind a colon
                const std::size_t colon = text.find(": ", at);
                if (colon == std::string::npos) break;
                const std::size_t end = text.find_first_of(",\n}", colon + 2);
                text.replace(colon + 2, end == std::string::npos ? end : end - colon - 2,
                             words()[below(words().size())]);
            }
        }
    }

    std::mt19937_64 random_;
    const std::vector<std::string>& texts_;
};

void run(void (*target)(std::string_view), const std::vector<std::string>& texts,
         std::uint64_t rounds) {
    REQUIRE_FALSE(texts.empty());
    for (std::uint64_t seed = 0; seed < rounds; ++seed) {
        const std::string text = Breaker(seed, texts).broken(texts[seed % texts.size()]);
        INFO("seed " << seed);
        CHECK_NOTHROW(target(text));
    }
}

}  // namespace

TEST_CASE("broken resources are answered or refused", "[hostile]") {
    std::vector<std::string> texts = files_of("fixtures", ".json", 60'000);
    std::erase_if(texts, [](const std::string& text) {  // golden answers, packets
        const std::size_t before = fuzz::accepted();
        fuzz::import_bytes(text);
        return fuzz::accepted() == before;
    });
    fuzz::accepted() = 0;
    run(fuzz::import_bytes, texts, 4000);
    CHECK(fuzz::accepted() > 400);  // enough of them are read and asked
}

TEST_CASE("broken configurations are answered or refused", "[hostile]") {
    run(fuzz::config_bytes, files_of("packs", ".yaml", 100'000), 1500);
}

TEST_CASE("broken expressions are answered or refused", "[hostile]") {
    run(fuzz::expression_bytes,
        {"concat(parameters('name'), '-nic')", "resourceId('Microsoft.Network/x', 'a', 1)",
         "if(equals(variables('a').b[0], 'it''s'), createArray(1, -2), union(json('{}'), x()))",
         "reference(resourceId('a/b', 'c'), '2023-01-01', 'Full').properties.d[add(1, 2)]"},
        20000);
}
