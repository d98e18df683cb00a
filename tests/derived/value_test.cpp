#include "src/derived/value.hpp"

#include "models/azure/symbol.hpp"
#include "tests/support/catch.hpp"

namespace azreach::derived {
namespace {

TEST_CASE("the parser takes comments, trailing commas and line breaks in strings", "[derived]") {
    const Tree tree(7,
                    "// head\n{ \"a\": [1, 2.5, -3,], /* in */ \"b\": \"x\ny\", 'c': 'it\\'s', "
                    "\"d\": {\"e\": null, \"f\": true,}, }\n// tail");
    const Value& root = tree.root();
    REQUIRE(root.find("A") != nullptr);
    CHECK(to_json(root) == R"({"a":[1,2.5,-3],"b":"x\ny","c":"it's","d":{"e":null,"f":true}})");
    CHECK(root.find("b")->place.source == 7);
    CHECK(tree.pointer_of(root.find("a")->items[2].place.node) == "/a/2");
    CHECK(tree.pointer_of(root.find("d")->find("f")->place.node) == "/d/f");
    CHECK(tree.pointer_of(root.place.node).empty());
    CHECK(tree.offset_of(root.place.node) == 8);
}

TEST_CASE("escapes become UTF-8, pairs of surrogates one character", "[derived]") {
    const Tree tree(0, R"(["A\u00e9\u20ac\ud83d\ude00\n\/", "\ud83dx"])");
    CHECK(tree.root().items[0].text == "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\n/");
    CHECK(tree.root().items[1].text == "\xEF\xBF\xBDx");
}

TEST_CASE("what is no JSON is told with its place", "[derived]") {
    const auto error = [](std::string_view text) {
        try {
            const Tree tree(0, text);
        } catch (const ParseError& problem) {
            return std::to_string(problem.offset) + " " + problem.found + " / " + problem.expected;
        }
        return std::string("none");
    };
    CHECK(error("{\"a\" 1}") == "5 '1' / a colon after the key 'a'");
    CHECK(error("{\"a\": 1") == "7 the end of the file / a comma or }");
    CHECK(error("[\"abc") == "1 a string that never ends / a closing quote");
    CHECK(error("[1 2]") == "3 '2' / a comma or ]");
    CHECK(error("[nul]") == "1 'n' / a JSON value");
    CHECK(error("[1] []") == "4 text after the JSON document / one JSON document a file");
    CHECK(error("[--1]") == "1 '--1' / a number");
    CHECK(error("[\"\\q\"]") == "3 'q' / an escape such as \\n or \\u0041");
    CHECK(error("[\"\\u12\"]").starts_with("4 "));
    CHECK(error("/* no end") == "0 a comment that never ends / */");
    CHECK(error(std::string(600, '[')).find("deep") != std::string::npos);
}

TEST_CASE("values are equal whatever the order of keys and the kind of number", "[derived]") {
    const Tree a(0, R"({"x": 1, "y": [true, "t"]})");
    const Tree b(1, R"({"y": [true, "t"], "x": 1.0})");
    const Tree c(1, R"({"y": [true, "T"], "x": 1})");
    CHECK(a.root() == b.root());
    CHECK_FALSE(a.root() == c.root());
}

TEST_CASE("a finished resource knows where each of its values was written", "[derived]") {
    const Tree tree(3, R"({"r": {"name": "n", "properties": {"a": 1, "b": "[expr]"}}, "p": "v"})");
    Value resource = *tree.root().find("r");
    Value computed = Value::of("made");
    computed.place = resource.find("properties")->find("b")->place;
    resource.find("properties")->set("b", computed);
    Value elsewhere = *tree.root().find("p");
    resource.find("properties")->set("c", elsewhere);
    resource.set("id", Value::of("/x"));  // written nowhere
    const DerivedResource derived = to_derived(resource, [&](std::uint32_t) { return &tree; });
    CHECK(derived.json == R"({"name":"n","properties":{"a":1,"b":"made","c":"v"},"id":"/x"})");
    REQUIRE(derived.origins.size() == 3);
    CHECK(derived.origins[0].at.empty());
    CHECK(derived.origins[0].pointer == "/r");
    CHECK(derived.origins[0].verbatim);
    CHECK(derived.origins[1].at == "/properties/b");
    CHECK(derived.origins[1].pointer == "/r/properties/b");
    CHECK_FALSE(derived.origins[1].verbatim);
    CHECK(derived.origins[2].at == "/properties/c");
    CHECK(derived.origins[2].pointer == "/p");
}

TEST_CASE("symbols stand in texts under their names", "[derived]") {
    CHECK(symbol("a/b") == "⟦a∕b⟧");
    CHECK(symbol("⟦in⟧") == "⟦in⟧");
    CHECK(symbols_in("x⟦one⟧-⟦two⟧⟦one⟧") == std::vector<std::string>{"one", "two"});
    CHECK(symbol_names("⟦one⟧⟦two⟧") == "one, two");
    CHECK(symbols_in("⟦open") == std::vector<std::string>{"open"});
    CHECK(Value::symbol("p").is_symbolic());
    CHECK_FALSE(Value::of("p").is_symbolic());
    const auto same = [](const char* a, const char* b) {
        return may_be_same(ResourceId(a), ResourceId(b));
    };
    CHECK(same("/subscriptions/⟦s⟧/resourceGroups/g", "/subscriptions/1/resourcegroups/G"));
    CHECK_FALSE(same("/subscriptions/⟦s⟧/resourceGroups/g", "/subscriptions/1/resourceGroups/h"));
    CHECK_FALSE(same("/subscriptions/⟦s⟧", "/subscriptions/1/resourceGroups/h"));
    CHECK(same("⟦parameter 'id'⟧", "/subscriptions/1/resourceGroups/h"));
}

}  // namespace
}  // namespace azreach::derived
