// Every example of docs/invariants.md says what it says.
#include <fstream>
#include <regex>
#include <sstream>

#include "src/arm/import.hpp"
#include "src/config/config.hpp"
#include "src/engine/check.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

struct Example {
    std::string expected, text;
};

std::vector<Example> examples() {
    std::ifstream file(AZREACH_ROOT_DIR "/docs/invariants.md");
    std::vector<Example> result;
    std::string line;
    std::string expected;
    while (std::getline(file, line)) {
        const std::string mark = "<!-- checks: ";
        if (line.starts_with(mark)) {
            expected = line.substr(mark.size(), line.find(" -->") - mark.size());
        } else if (line == "```yaml") {
            Example example{expected, ""};
            while (std::getline(file, line) && line != "```") {
                example.text += line + "\n";
            }
            result.push_back(std::move(example));
            expected.clear();
        }
    }
    return result;
}

}  // namespace

TEST_CASE("the examples of docs/invariants.md are answered as they say", "[docs]") {
    const std::vector<Example> all = examples();
    REQUIRE(all.size() >= 7);
    const std::string& first = all.front().text;
    const std::size_t sets = first.find("sets:\n");
    const std::size_t invariants = first.find("invariants:\n");
    REQUIRE(sets != std::string::npos);
    const std::string head = first.substr(0, sets);
    const std::string own_sets =
        first.substr(sets + std::string("sets:\n").size(), invariants - sets - 6);
    const Imported imported =
        import_paths({AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json"});
    for (const Example& example : all) {
        CAPTURE(example.text);
        REQUIRE_FALSE(example.expected.empty());
        std::string text = example.text;
        if (text.find("version:") == std::string::npos) {
            const std::size_t more = text.find("sets:\n");
            text = more == std::string::npos
                       ? head + "sets:\n" + own_sets + text
                       : head + text.substr(0, more) + "sets:\n" + own_sets + text.substr(more + 6);
        }
        const config::Config config = config::parse_config(text, AZREACH_ROOT_DIR "/azreach.yaml");
        Assumptions assumptions(config.reading.value_or(Reading::strict));
        for (const config::Assumption& item : config.assume) {
            REQUIRE_FALSE(assumptions.state(item.key, item.value, "docs"));
        }
        const Network network(imported.snapshot, assumptions);
        const Network before(imported.snapshot, assumptions);
        const Endpoints endpoints(network);
        CheckOptions options;
        options.today = {2026, 11, 28};
        options.baseline = &before;
        const CheckAnswer answer = check(network, endpoints, config.policy, options);
        std::string statuses;
        for (const InvariantResult& result : answer.results) {
            statuses += (statuses.empty() ? "" : " ") + result.invariant->id + "=" +
                        std::string(to_string(result.status));
        }
        CHECK(statuses == example.expected);
    }
}
