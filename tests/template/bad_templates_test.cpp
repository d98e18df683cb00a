// Templates that are wrong, hostile or torn: an error with its place, never a crash, never silence.
#include <filesystem>
#include <fstream>
#include <random>
#include <sstream>

#include "src/arm/import.hpp"
#include "tests/support/catch.hpp"
#include "tests/template/template_text.hpp"

using namespace azreach;
using namespace azreach::arm_template;

namespace {

const std::string kSchema =
    R"("$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0")";

std::string refusal(const std::string& text) {
    try {
        import_text("main.json", text);
    } catch (const InputError& error) {
        return error.what();
    }
    return "";
}

std::string content(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    std::stringstream text;
    text << stream.rdbuf();
    return text.str();
}

}  // namespace

TEST_CASE("an error names file, pointer, line, what was found, expected, and the remedy",
          "[template][J5]") {
    const std::string message =
        refusal("{" + kSchema +
                ",\n \"parameters\": {\"vnetName\": {\"type\": \"string\"}},\n"
                " \"resources\": [\n  {\"type\": \"Microsoft.Network/virtualNetworks\",\n"
                "   \"apiVersion\": \"x\",\n   \"name\": \"[parameters('vnetNam')]\"}]}");
    CHECK(message.find("main.json#/resources/0/name line 6") != std::string::npos);
    CHECK(message.find("found parameter 'vnetNam'") != std::string::npos);
    CHECK(message.find("expected a parameter that the template declares") != std::string::npos);
    CHECK(message.find("did you mean 'vnetName'?") != std::string::npos);
}

TEST_CASE("a template that is torn is told with its line", "[template][J5]") {
    const std::string whole =
        content(std::string(AZREACH_ROOT_DIR) + "/fixtures/template/shop/main.json");
    REQUIRE(whole.size() > 1000);
    for (const std::size_t size : {whole.size() / 3, whole.size() / 2, whole.size() - 3}) {
        const std::string message = refusal(whole.substr(0, size));
        CHECK(message.find("main.json") != std::string::npos);
        CHECK(message.find("line") != std::string::npos);
    }
    // What the reader of resources refuses is told at the place in the template.
    const std::string message = refusal(
        "{" + kSchema +
        ",\n\"variables\":{\"p\":\"10.0.0.0/99\"},\n\"resources\":[{\"type\":\"Microsoft.Network/"
        "virtualNetworks\",\"apiVersion\":\"x\",\"name\":\"v\",\n\"properties\":{\"addressSpace\":{"
        "\"addressPrefixes\":[\"[variables('p')]\"]}}}]}");
    CHECK(message.find("main.json#/variables/p line 2") != std::string::npos);
    CHECK(message.find("10.0.0.0/99") != std::string::npos);
}

TEST_CASE("templates with bytes changed, cut and doubled never crash", "[template][fuzz]") {
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(
             std::string(AZREACH_ROOT_DIR) + "/fixtures/template")) {
        if (entry.path().extension() == ".json") {
            files.push_back(content(entry.path()));
        }
    }
    REQUIRE(files.size() >= 5);
    std::sort(files.begin(), files.end());
    std::mt19937 random(20240601);
    const auto below = [&](std::size_t n) { return random() % n; };
    static constexpr std::string_view kBytes = "{}[]\",:'()\\/$.0123456789-eE \n\x01\xE2\x9F\xA6";
    std::size_t read = 0;
    for (int round = 0; round < 400; ++round) {
        std::string text = files[below(files.size())];
        for (std::size_t change = 1 + below(6); change > 0; --change) {
            const std::size_t at = below(text.size());
            switch (below(4)) {
                case 0:
                    text[at] = kBytes[below(kBytes.size())];
                    break;
                case 1:
                    text.erase(at, 1 + below(20));
                    break;
                case 2:
                    text.insert(at, text.substr(below(text.size()), 1 + below(40)));
                    break;
                default:
                    text.insert(at, 1, kBytes[below(kBytes.size())]);
                    break;
            }
            if (text.empty()) text = " ";
        }
        try {
            import_text("main.json", text);
            ++read;
        } catch (const InputError& error) {
            CHECK_FALSE(std::string(error.what()).empty());
        }
    }
    CHECK(read > 0);
}

TEST_CASE("expressions with bytes changed never crash", "[template][fuzz]") {
    const std::vector<std::string> seeds = {
        "concat('a', parameters('p'), string(1))",
        "cidrSubnet('10.0.0.0/16', 24, 3)",
        "map(range(0, 3), lambda('i', format('{0:D3}', lambdaVariables('i'))))",
        "if(equals(parameters('p'), 'x'), createObject('a', 1).a, createArray(1, 2)[0])",
        "resourceId('s', 'g', 'Microsoft.Network/virtualNetworks/subnets', 'v', 's')",
        "union(createObject('a', createObject('b', 1)), json('{\"a\": {\"c\": 2}}'))",
        "split(replace(toLower('A-B-C'), '-', ','), ',')",
        "reference('x', '2020-01-01', 'Full').properties.a[0]",
    };
    const std::string body = R"({"parameters":{"p":{"type":"string"}},"resources":[]})";
    std::mt19937 random(7);
    static constexpr std::string_view kBytes = "'(),.[]{}0129-aZ$\\ \"";
    for (int round = 0; round < 4000; ++round) {
        std::string text = seeds[random() % seeds.size()];
        for (std::size_t change = 1 + random() % 3; change > 0; --change) {
            const std::size_t at = random() % text.size();
            if (random() % 2 == 0) {
                text[at] = kBytes[random() % kBytes.size()];
            } else {
                text.insert(at, text.substr(random() % text.size(), 1 + random() % 9));
            }
        }
        CHECK_FALSE(value_of(text, body).empty());
    }
}
