// The published schema says what the reader takes, in both directions.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "src/config/config.hpp"
#include "src/config/yaml_tree.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;
using nlohmann::json;

namespace {

/// A document as an editor sees it: plain scalars have the types of YAML's core schema.
json as_json(const config::YamlNode& node) {
    using Kind = config::YamlNode::Kind;
    switch (node.kind) {
        case Kind::null:
            return nullptr;
        case Kind::sequence: {
            json list = json::array();
            for (const config::YamlNode& item : node.items) {
                list.push_back(as_json(item));
            }
            return list;
        }
        case Kind::map: {
            json map = json::object();
            for (const auto& [key, value] : node.pairs) {
                map[key.text] = as_json(value);
            }
            return map;
        }
        case Kind::scalar:
            break;
    }
    if (!node.quoted && (node.text == "true" || node.text == "false")) {
        return node.text == "true";
    }
    if (!node.quoted && node.text.size() < 10 &&
        node.text.find_first_not_of("0123456789") == std::string::npos) {
        return std::stoll(node.text);
    }
    return node.text;
}

bool by_schema(const std::string& text) {
    static const json document = json::parse(config::schema());
    static const auto* const schema = [] {
        auto* made = new valijson::Schema;
        valijson::SchemaParser parser;
        parser.populateSchema(valijson::adapters::NlohmannJsonAdapter(document), *made);
        return made;
    }();
    const json value = as_json(config::parse_yaml(text, "azreach.yaml"));
    valijson::Validator validator;
    return validator.validate(*schema, valijson::adapters::NlohmannJsonAdapter(value), nullptr);
}

bool by_reader(const std::string& text) {
    try {
        config::parse_config(text, "azreach.yaml");
        return true;
    } catch (const InputError&) {
        return false;
    }
}

const std::string kHead = "version: 1\nsets: {a: {name: a}, b: {name: b}}\n";

}  // namespace

TEST_CASE("schema and reader take the same documents", "[config]") {
    const std::vector<std::string> good = {
        "version: 1\n",
        "version: 1\nsnapshot: net\nreading: documented\n",
        "version: 1\nsnapshot: [net, tags.json]\n",
        "version: 1\nassume: {onprem: [10.0.0.0/8, 172.16.0.0/12], vnet-tag-includes-udr: yes, "
        "basic-sku-open: true}\n",
        "version: 1\nservices: {web: tcp/443, all: [web, tcp/80]}\n",
        "version: 1\nsets: {a: {type: vm, tag: {env: [prod, test]}, except: {name: x}}}\n",
        "version: 1\nsets: {a: {tag: env=prod, except: [{name: x}, {vnet: y}]}}\n",
        "version: 1\nsets: {a: 10.0.0.0/8, b: [{name: b}, a - 10.1.0.0/16]}\n",
        kHead + "invariants: [{id: x, deny: a -> b}]\n",
        kHead + "invariants: [{id: x, deny: [a -> b, b -> a], severity: low, on: tcp/22}]\n",
        kHead + "invariants: [{id: x, only: a -> b, to: b, services: [tcp/22, udp/53]}]\n",
        kHead + "invariants: [{id: x, require: a -> b, match: some, may-be-empty: true}]\n",
        kHead +
            "invariants: [{id: x, isolate: [a, b], except: [{flow: a -> b, reason: r, owner: "
            "o, expires: 2027-01-01}]}]\n",
        kHead + "invariants: [{id: x, through: a -> internet via b, via-proxy: false}]\n",
        kHead + "invariants: [{id: x, limit: a -> b, count: ports, max: 0}]\n",
        kHead +
            "invariants: [{id: x, no-new: any -> a}, {id: y, same: any -> any}]\n"
            "suppress: [{invariant: x, reason: r, owner: o, expires: never}]\n",
    };
    for (const std::string& text : good) {
        CAPTURE(text);
        CHECK(by_schema(text));
        CHECK(by_reader(text));
    }
    // What shape alone can tell.
    const std::vector<std::string> bad = {
        "{}\n",
        "version: 2\n",
        "version: 1\nset: {}\n",
        "version: 1\nreading: sloppy\n",
        "version: 1\nsnapshot: []\n",
        "version: 1\nsets: {any: {name: x}}\n",
        "version: 1\nsets: {on: {name: x}}\n",
        "version: 1\nsets: {a: {}}\n",
        "version: 1\nsets: {a: {nam: x}}\n",
        "version: 1\nsets: {a: []}\n",
        "version: 1\nsets: {a: {tag: {}}}\n",
        "version: 1\nservices: {a: []}\n",
        "version: 1\nservices: {a: {}}\n",
        kHead + "invariants: {}\n",
        kHead + "invariants: [{deny: a -> b}]\n",
        kHead + "invariants: [{id: x}]\n",
        kHead + "invariants: [{id: x y, deny: a -> b}]\n",
        kHead + "invariants: [{id: x, deny: a b}]\n",
        kHead + "invariants: [{id: x, deny: []}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, same: a -> b}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, to: a}]\n",
        kHead + "invariants: [{id: x, only: a -> b}]\n",
        kHead + "invariants: [{id: x, isolate: [a]}]\n",
        kHead + "invariants: [{id: x, limit: a -> b, count: pairs}]\n",
        kHead + "invariants: [{id: x, limit: a -> b, count: hosts, max: 3}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, max: 3}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, match: some}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, severity: 3}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, may-be-empty: \"true\"}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, on: tcp/1, services: tcp/1}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, except: [{flow: a -> b}]}]\n",
        kHead + "invariants: [{id: x, deny: a -> b, except: {flow: a -> b}}]\n",
        kHead + "suppress: [{invariant: x}]\n",
    };
    for (const std::string& text : bad) {
        CAPTURE(text);
        CHECK_FALSE(by_schema(text));
        CHECK_FALSE(by_reader(text));
    }
}

TEST_CASE("schema and reader know the same keys", "[config]") {
    const json schema = json::parse(config::schema());
    const auto keys = [](const json& object) {
        std::vector<std::string> names;
        for (const auto& [name, value] : object.at("properties").items()) {
            names.push_back(name);
        }
        std::sort(names.begin(), names.end());
        return names;
    };
    const auto sorted = [](std::vector<std::string> names) {
        std::sort(names.begin(), names.end());
        return names;
    };
    CHECK(keys(schema) == sorted(config::known_keys("config")));
    for (const char* object : {"selector", "invariant", "exception", "suppression"}) {
        CAPTURE(object);
        CHECK(keys(schema.at("definitions").at(object)) == sorted(config::known_keys(object)));
    }
}
