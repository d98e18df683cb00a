// The functions of the template language. Expected values are those of the documentation's examples
// (learn.microsoft.com/azure/azure-resource-manager/templates/template-functions-*), or follow from
// its sentences.
#include "tests/support/catch.hpp"
#include "tests/template/template_text.hpp"

using namespace azreach::arm_template;

namespace {

struct Row {
    std::string expression, value;
};

void check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
        INFO(row.expression);
        CHECK(value_of(row.expression) == row.value);
    }
}

const std::string kDogs =
    R"(createArray(createObject('name','Evie','age',5),createObject('name','Casper','age',3),createObject('name','Indy','age',2),createObject('name','Kira','age',8)))";

}  // namespace

TEST_CASE("functions on text give what the documentation shows", "[template]") {
    check({
        {"base64('one, two, three')", R"("b25lLCB0d28sIHRocmVl")"},
        {"base64ToString(base64('one, two, three'))", R"("one, two, three")"},
        {R"(base64ToJson(base64('{"one": "a", "two": "b"}')))", R"({"one":"a","two":"b"})"},
        {"base64('a')", R"("YQ==")"},
        {"base64ToString('YWI=')", R"("ab")"},
        {"concat('prefix', '-', 'x')", R"("prefix-x")"},
        {"concat('n', 1, true())", R"("n1True")"},
        {"dataUri('Hello')", R"("data:text/plain;charset=utf8;base64,SGVsbG8=")"},
        {"dataUriToString('data:;base64,SGVsbG8sIFdvcmxkIQ==')", R"("Hello, World!")"},
        {"endsWith('abcdef', 'ef')", "true"},
        {"endsWith('abcdef', 'EF')", "true"},
        {"endsWith('abcdef', 'e')", "false"},
        {"startsWith('abcdef', 'ab')", "true"},
        {"startsWith('abcdef', 'AB')", "true"},
        {"startsWith('abcdef', 'e')", "false"},
        {"first('One Two Three')", R"("O")"},
        {"last('One Two Three')", R"("e")"},
        {"format('{0}, {1}. Formatted number: {2:N0}', 'Hello', 'User', 8175133)",
         R"("Hello, User. Formatted number: 8,175,133")"},
        {"format('{{{0}}}-{1:D3}-{2:X}-{3,4}|{4,-3}|', 'a', 7, 255, 'r', 'l')",
         R"("{a}-007-FF-   r|l  |")"},
        {"format('{0:N}', 1234)", R"("1,234.00")"},
        {"format('{0:000}', -5)", R"("-005")"},
        {"indexOf('test', 't')", "0"},
        {"lastIndexOf('test', 't')", "3"},
        {"indexOf('abcdef', 'CD')", "2"},
        {"lastIndexOf('abcdef', 'AB')", "0"},
        {"indexOf('abcdef', 'z')", "-1"},
        {"length('One Two Three')", "13"},
        {"padLeft('123', 10, '0')", R"("0000000123")"},
        {"padLeft(7, 3)", R"("  7")"},
        {"replace('123-123-1234', '-', '')", R"("1231231234")"},
        {"replace('123-123-1234', '1234', 'xxxx')", R"("123-123-xxxx")"},
        {"skip('one two three', 4)", R"("two three")"},
        {"take('one two three', 2)", R"("on")"},
        {"take('abc', 0)", R"("")"},
        {"take('abc', 9)", R"("abc")"},
        {"skip('abc', 9)", R"("")"},
        {"split('one,two,three', ',')", R"(["one","two","three"])"},
        {"split('one;two,three', createArray(',', ';'))", R"(["one","two","three"])"},
        {"split('', ',')", R"([""])"},
        {"split(',a,', ',')", R"(["","a",""])"},
        {"string(5)", R"("5")"},
        {"string(createArray('a','b','c'))", R"("[\"a\",\"b\",\"c\"]")"},
        {"string(createObject('valueA', 10, 'valueB', 'Example Text'))",
         R"("{\"valueA\":10,\"valueB\":\"Example Text\"}")"},
        {"string(false())", R"("False")"},
        {"substring('one two three', 4, 3)", R"("two")"},
        {"substring('one', 1)", R"("ne")"},
        {"substring('one', 3)", R"("")"},
        {"toLower('One Two Three')", R"("one two three")"},
        {"toUpper('One Two Three')", R"("ONE TWO THREE")"},
        {"trim('    one two three   ')", R"("one two three")"},
        {"uri('http://contoso.org/firstpath', 'myscript.sh')",
         R"("http://contoso.org/myscript.sh")"},
        {"uri('http://contoso.com/resources/', 'nested/azuredeploy.json')",
         R"("http://contoso.com/resources/nested/azuredeploy.json")"},
        {"uri('http://contoso.org/a/b', '../c?x=1')", R"("http://contoso.org/c?x=1")"},
        {"uri('http://contoso.org/a/b', '/c')", R"("http://contoso.org/c")"},
        {"uri('http://a.org', 'https://b.org/x')", R"("https://b.org/x")"},
        {"uriComponent('http://contoso.com/resources/nested/azuredeploy.json')",
         R"("http%3A%2F%2Fcontoso.com%2Fresources%2Fnested%2Fazuredeploy.json")"},
        {"uriComponentToString('http%3A%2F%2Fcontoso.com')", R"("http://contoso.com")"},
        {R"(json('{"a":"b"}'))", R"({"a":"b"})"},
        {"json('null')", "null"},
        {"empty(json('null'))", "true"},
        {"json('[1,2,3]')", "[1,2,3]"},
        {"join(createArray('one','two'), '-')", R"("one-two")"},
        {"'it''s'", R"("it's")"},
        {"length('\xC3\xA9\xF0\x9F\x98\x80')", "3"},  // UTF-16 units
        {"substring('\xF0\x9F\x98\x80"
         "ab', 2, 1)",
         R"("a")"},
    });
}

TEST_CASE("functions on arrays and objects give what the documentation shows", "[template]") {
    check({
        {"array(1)", "[1]"},
        {"array('efgh')", R"(["efgh"])"},
        {"array(createObject('a','b'))", R"([{"a":"b"}])"},
        {"array(createArray(1))", "[1]"},
        {"concat(createArray('1-1','1-2'), createArray('2-1'))", R"(["1-1","1-2","2-1"])"},
        {"contains('OneTwoThree', 'e')", "true"},
        {"contains('OneTwoThree', 'z')", "false"},
        {"contains('OneTwoThree', 'one')", "false"},
        {"contains(createObject('one','a'), 'ONE')", "true"},
        {"contains(createObject('one','a'), 'a')", "false"},
        {"contains(createArray('one','two','three'), 'three')", "true"},
        {"contains(createArray('one','two','three'), 'four')", "false"},
        {"contains(createArray(1, 2), 2)", "true"},
        {"createArray()", "[]"},
        {"createObject('intProp', 1, 'arrayProp', createArray('a'))",
         R"({"intProp":1,"arrayProp":["a"]})"},
        {"empty(createArray())", "true"},
        {"empty(createObject())", "true"},
        {"empty('')", "true"},
        {"empty('a')", "false"},
        {"first(createArray('one','two','three'))", R"("one")"},
        {"last(createArray('one','two','three'))", R"("three")"},
        {"flatten(createArray(createArray('a'), createArray('b','c')))", R"(["a","b","c"])"},
        {"intersection(createObject('one','a','two','b','three','c'), "
         "createObject('one','a','two','z','three','c'))",
         R"({"one":"a","three":"c"})"},
        {"intersection(createArray('one','two','three'), createArray('two','three'))",
         R"(["two","three"])"},
        {"items(createObject('item002', 2, 'item001', 1))",
         R"([{"key":"item001","value":1},{"key":"item002","value":2}])"},
        {"objectKeys(createObject('b', 2, 'a', 1))", R"(["a","b"])"},
        {"length(createArray('one','two','three'))", "3"},
        {"length(createObject('a',1,'b',2,'c',3,'d',4))", "4"},
        {"max(createArray(0,3,2,5,4))", "5"},
        {"max(0,3,2,5,4)", "5"},
        {"min(createArray(0,3,2,5,4))", "0"},
        {"range(5, 3)", "[5,6,7]"},
        {"range(0, 0)", "[]"},
        {"skip(createArray('one','two','three'), 2)", R"(["three"])"},
        {"take(createArray('one','two','three'), 2)", R"(["one","two"])"},
        {"shallowMerge(createArray(createObject('a',createObject('x',1)),"
         "createObject('a',createObject('y',2))))",
         R"({"a":{"y":2}})"},
        {"tryGet(createObject('a',createObject('b',1)), 'a', 'b')", "1"},
        {"tryGet(createObject('a',1), 'z')", "null"},
        {"tryGet(createArray('x'), 0)", R"("x")"},
        {"tryGet(createArray('x'), 5)", "null"},
        {"union(createObject('one','a','two','b','three','c1'), "
         "createObject('three','c2','four','d','five','e'))",
         R"({"one":"a","two":"b","three":"c2","four":"d","five":"e"})"},
        {"union(createArray('one','two','three'), createArray('three','four'))",
         R"(["one","two","three","four"])"},
        {"union(createObject('property',createObject('one','a','three','c1'),"
         "'nestedArray',createArray(1,2)),createObject('property',createObject('three','c2'),"
         "'nestedArray',createArray(3,4)))",
         R"({"property":{"one":"a","three":"c2"},"nestedArray":[3,4]})"},
        {"coalesce(null(), null(), 'default')", R"("default")"},
        {"coalesce(null())", "null"},
    });
}

TEST_CASE("lambdas give what the documentation shows", "[template]") {
    check({
        {"filter(" + kDogs + ", lambda('dog', greaterOrEquals(lambdaVariables('dog').age, 5)))",
         R"([{"name":"Evie","age":5},{"name":"Kira","age":8}])"},
        {"filter(range(0, 10), lambda('i', equals(0, mod(lambdaVariables('i'), 2))))",
         "[0,2,4,6,8]"},
        {"map(" + kDogs + ", lambda('dog', format('Hello {0}!', lambdaVariables('dog').name)))",
         R"(["Hello Evie!","Hello Casper!","Hello Indy!","Hello Kira!"])"},
        {"map(createArray('a','b'), lambda('x', 'i', concat(lambdaVariables('x'), "
         "string(lambdaVariables('i')))))",
         R"(["a0","b1"])"},
        {"reduce(map(" + kDogs +
             ", lambda('dog', lambdaVariables('dog').age)), 1, lambda('cur', 'next', "
             "add(lambdaVariables('cur'), lambdaVariables('next'))))",
         "19"},
        {"reduce(createArray(createObject('foo', 123), createObject('bar', 456)), createObject(), "
         "lambda('cur', 'next', union(lambdaVariables('cur'), lambdaVariables('next'))))",
         R"({"foo":123,"bar":456})"},
        {"map(sort(" + kDogs +
             ", lambda('a', 'b', less(lambdaVariables('a').age, lambdaVariables('b').age))), "
             "lambda('d', lambdaVariables('d').name))",
         R"(["Indy","Casper","Evie","Kira"])"},
        {"toObject(createArray(createObject('name','Evie','age',5)), lambda('e', "
         "lambdaVariables('e').name))",
         R"({"Evie":{"name":"Evie","age":5}})"},
        {"toObject(createArray('a'), lambda('e', lambdaVariables('e')), lambda('e', 1))",
         R"({"a":1})"},
        {"groupBy(createArray('foo','bar','baz'), lambda('x', "
         "substring(lambdaVariables('x'), 0, 1)))",
         R"({"f":["foo"],"b":["bar","baz"]})"},
        {"mapValues(createObject('a', 1, 'b', 2), lambda('v', mul(lambdaVariables('v'), 2)))",
         R"({"a":2,"b":4})"},
        {"map(createArray('a'), lambda('x', map(createArray('b'), lambda('y', "
         "concat(lambdaVariables('x'), lambdaVariables('y'))))))",
         R"([["ab"]])"},
    });
}

TEST_CASE("numbers, comparisons and truth values", "[template]") {
    check({
        {"add(5, 3)", "8"},
        {"sub(7, 3)", "4"},
        {"mul(5, 3)", "15"},
        {"div(8, 3)", "2"},
        {"div(-8, 3)", "-2"},
        {"mod(7, 3)", "1"},
        {"int('4')", "4"},
        {"float('3.5')", "3.5"},
        {"equals(1, 1)", "true"},
        {"equals('a', 'A')", "false"},
        {"equals(createArray('a','b'), createArray('a','b'))", "true"},
        {"equals(createObject('a','b'), createObject('a','b'))", "true"},
        {"equals(1, '1')", "false"},
        {"greater(1, 2)", "false"},
        {"greater('b', 'a')", "true"},
        {"greaterOrEquals(2, 2)", "true"},
        {"less(1, 2)", "true"},
        {"lessOrEquals('a', 'b')", "true"},
        {"and(true(), false())", "false"},
        {"or(true(), false())", "true"},
        {"not(true())", "false"},
        {"bool('true')", "true"},
        {"bool(0)", "false"},
        {"if(true(), 1, div(1, 0))", "1"},  // the other branch is not evaluated
        {"true", "true"},
    });
}

TEST_CASE("CIDR blocks are cut as the documentation shows", "[template]") {
    check({
        {"parseCidr('10.144.0.0/20')",
         R"({"network":"10.144.0.0","netmask":"255.255.240.0","broadcast":"10.144.15.255","firstUsable":"10.144.0.1","lastUsable":"10.144.15.254","cidr":20})"},
        {"parseCidr('fdad:3236:5555::/48')",
         R"({"network":"fdad:3236:5555::","netmask":"ffff:ffff:ffff::","firstUsable":"fdad:3236:5555::","lastUsable":"fdad:3236:5555:ffff:ffff:ffff:ffff:ffff","cidr":48})"},
        {"cidrSubnet('10.144.0.0/20', 24, 0)", R"("10.144.0.0/24")"},
        {"cidrSubnet('10.144.0.0/20', 24, 4)", R"("10.144.4.0/24")"},
        {"cidrSubnet('10.144.0.0/20', 24, 15)", R"("10.144.15.0/24")"},
        {"cidrSubnet('fdad:3236:5555::/48', 52, 1)", R"("fdad:3236:5555:1000::/52")"},
        {"cidrSubnet('fdad:3236:5555::/48', 52, 4)", R"("fdad:3236:5555:4000::/52")"},
        {"cidrHost('10.144.3.0/24', 0)", R"("10.144.3.1")"},
        {"cidrHost('10.144.3.0/24', 4)", R"("10.144.3.5")"},
        {"cidrHost('192.168.1.0/24', 0)", R"("192.168.1.1")"},
        {"cidrHost('fdad:3236:5555:3000::/52', 4)", R"("fdad:3236:5555:3000::5")"},
        {"dateTimeFromEpoch(1683040573)", R"("2023-05-02T15:16:13Z")"},
        {"dateTimeToEpoch('2023-05-02T15:16:13Z')", "1683040573"},
        {"dateTimeToEpoch(dateTimeFromEpoch(-62135596800))", "-62135596800"},
    });
}

TEST_CASE("wrong arguments are errors that say what was found and expected", "[template]") {
    struct Wrong {
        std::string expression, found;
    };
    for (const Wrong& row : std::vector<Wrong>{
             {"substring('1234567890', 0, 11)", "index 0 and length 11 in substring"},
             {"div(1, 0)", "an integer 0 as argument 2 of div"},
             {"add('x', 1)", "a string \"x\" as argument 1 of add"},
             {"length(1)", "an integer 1 as argument 1 of length"},
             {"createObject('a')", "1 arguments of createObject"},
             {"format('{1}', 'a')", "'{1}' in the pattern of format"},
             {"format('{0', 'a')", "'{0' in the pattern of format"},
             {"cidrSubnet('10.0.0.0/16', 8, 0)", "an integer 8 as argument 2"},
             {"cidrSubnet('10.0.0.0/16', 24, 256)", "an integer 256 as argument 3"},
             {"cidrHost('10.0.0.0', 0)", "a string \"10.0.0.0\" as argument 1"},
             {"range(0, 10001)", "an integer 10001 as argument 2"},
             {"json('{')", "JSON text with the end of the file"},
             {"base64ToString('*')", "a string \"*\" as argument 1"},
             {"min(createArray())", "an empty array"},
             {"toLower()", "0 arguments of toLower"},
             {"if(1, 2, 3)", "an integer as the condition of if"},
             {"and(1)", "an integer as an argument of and"},
             {"createArray(1)[1]", "index 1 of an array of 1"},
             {"createObject('a', 1).b", "no member 'b'"},
             {"'x'.b", "member 'b' of a string"},
             {"null().b", "member 'b' of null"},
             {"lambda('x', 1)", "a lambda by itself"},
             {"map(createArray(1), 'x')", "an argument that is no lambda"},
             {"lambdaVariables('x')", "lambda variable 'x'"},
             {"copyIndex()", "copyIndex outside of a loop"},
             {"mul(9223372036854775807, 2)", "a result of mul that does not fit into 64 bits"},
             {"div(sub(-9223372036854775807, 1), -1)", "a result of div that does not fit"},
             {"concat('a'", "the end of the expression at character 12"},
             {"concat('a) ", "the end of the expression"},
             {"concat('a') x", "'x' at character"},
             {"1a(", "'a(' at character"},
             {"fail('no way')", "the template's own check failed: no way"},
         }) {
        INFO(row.expression);
        const std::string value = value_of(row.expression);
        CHECK(value.starts_with("error: "));
        CHECK(value.find(row.found) != std::string::npos);
        if (value.find(row.found) == std::string::npos) UNSCOPED_INFO(value);
    }
}

TEST_CASE("what hangs on a symbol is one, under a name that says how", "[template][symbol]") {
    const std::string body =
        R"({"parameters":{"p":{"type":"string"},"list":{"type":"array"},"o":{"type":"object"},"n":{"type":"int"},"flag":{"type":"bool"}}})";
    for (
        const Row& row : std::vector<Row>{
            {"parameters('p')", R"("⟦parameter 'p' of main.json⟧")"},
            {"concat(parameters('p'), '-nic')", R"("⟦parameter 'p' of main.json⟧-nic")"},
            {"format('{0}/x', parameters('p'))", R"("⟦parameter 'p' of main.json⟧/x")"},
            {"toLower(concat('A-', parameters('p')))",
             R"("a-⟦toLower(parameter 'p' of main.json)⟧")"},
            {"replace(concat(parameters('p'), '-loc-x'), 'loc', 'eus')",
             R"("⟦replace(parameter 'p' of main.json, 'loc', 'eus')⟧-eus-x")"},
            {"replace(concat(parameters('p'), 'c-x'), 'loc', 'eus')",
             R"("⟦replace('{parameter 'p' of main.json}c-x', 'loc', 'eus')⟧")"},
            {"parameters('o').a.b", R"("⟦parameter 'o' of main.json.a.b⟧")"},
            {"parameters('list')[0]", R"("⟦parameter 'list' of main.json[0]⟧")"},
            {"length(parameters('list'))", R"("⟦length(parameter 'list' of main.json)⟧")"},
            {"add(parameters('n'), 1)", R"("⟦add(parameter 'n' of main.json, 1)⟧")"},
            {"cidrSubnet(parameters('p'), 24, 0)",
             R"("⟦cidrSubnet(parameter 'p' of main.json, 24, 0)⟧")"},
            {"equals(parameters('p'), parameters('p'))", "true"},
            {"equals(concat(parameters('p'), 'x'), 'y')",
             R"("⟦equals('{parameter 'p' of main.json}x', 'y')⟧")"},
            {"and(false(), parameters('flag'))", "false"},
            {"and(true(), parameters('flag'))", R"("⟦parameter 'flag' of main.json⟧")"},
            {"or(parameters('flag'), true())", "true"},
            {"not(parameters('flag'))", R"("⟦not(parameter 'flag' of main.json)⟧")"},
            {"if(parameters('flag'), 'a', 'a')", R"("a")"},
            {"if(parameters('flag'), 'a', 'b')",
             R"("⟦if(parameter 'flag' of main.json, 'a', 'b')⟧")"},
            {"if(parameters('flag'), 'a', div(1, 0))", R"("a")"},
            {"empty(concat('a', parameters('p')))", "false"},
            {"empty(parameters('p'))", R"("⟦empty(parameter 'p' of main.json)⟧")"},
            {"coalesce(parameters('p'), 'x')", R"("⟦parameter 'p' of main.json⟧")"},
            {"coalesce(tryGet(parameters('o'), 'a'), 'x')",
             R"("⟦coalesce(tryGet(parameter 'o' of main.json, 'a'), 'x')⟧")"},
            {"take(concat('abcd', parameters('p')), 3)", R"("abc")"},
            {"contains(createArray('a', parameters('p')), 'a')", "true"},
            {"contains(createArray('b', parameters('p')), 'a')",
             R"("⟦contains([\"b\",\"{parameter 'p' of main.json}\"], 'a')⟧")"},
            {"length(createArray(parameters('p')))", "1"},
            {"concat(createArray('a'), createArray(parameters('p')))",
             R"(["a","⟦parameter 'p' of main.json⟧"])"},
            {"uniqueString('a')", R"("⟦uniqueString('a')⟧")"},
            {"uniqueString(resourceGroup().id)",
             R"("⟦uniqueString('∕subscriptions∕{subscription}∕resourceGroups∕{resource group}')⟧")"},
            {"split(resourceId('Microsoft.Network/virtualNetworks', parameters('p')), '/')[8]",
             R"("⟦parameter 'p' of main.json⟧")"},
            {"listKeys('x', '2019-01-01').keys[0].value",
             R"("⟦listKeys('x', '2019-01-01').keys[0].value⟧")"},
            {"resourceGroup().location", R"("⟦resourceGroup().location⟧")"},
            {"environment().suffixes.storage", R"("core.windows.net")"},
            {"notAFunction(1)", R"("⟦notAFunction(1)⟧")"},
        }) {
        INFO(row.expression);
        CHECK(value_of(row.expression, body) == row.value);
    }
    // Two lambdas over one unknown list are two values.
    CHECK(value_of("equals(map(parameters('list'), lambda('x', 1)), "
                   "map(parameters('list'), lambda('x', 2)))",
                   body)
              .find("equals(") != std::string::npos);
}

TEST_CASE("evaluation is bounded", "[template]") {
    std::string deep = "1";
    for (int i = 0; i < 300; ++i) {
        deep = "add(" + deep + ",1)";
    }
    CHECK(value_of(deep).starts_with("error: "));
    std::string chain = "createObject()";
    for (int i = 0; i < 300; ++i) {
        chain += ".a";
    }
    CHECK(value_of(chain).starts_with("error: "));
    // Doubles in each step: 2^40 bytes.
    std::string body = R"({"variables":{"v0":"xxxxxxxxxxxxxxxx")";
    for (int i = 1; i < 40; ++i) {
        const std::string before = "variables('v" + std::to_string(i - 1) + "')";
        body += ",\"v" + std::to_string(i) + "\":\"[concat(" + before + "," + before + ")]\"";
    }
    CHECK(value_of("length(variables('v39'))", body + "}}").find("a text of more than") !=
          std::string::npos);
    std::string lists = R"({"variables":{"v0":[1,2,3,4])";
    for (int i = 1; i < 40; ++i) {
        const std::string before = "variables('v" + std::to_string(i - 1) + "')";
        lists += ",\"v" + std::to_string(i) + "\":[\"[" + before + "]\",\"[" + before + "]\"]";
    }
    CHECK(value_of("length(variables('v39'))", lists + "}}").find("grow without end") !=
          std::string::npos);
    CHECK(value_of("variables('a')",
                   R"({"variables":{"a":"[variables('b')]","b":"[variables('a')]"}})")
              .find("variable 'a', which needs its own value") != std::string::npos);
    CHECK(
        value_of("parameters('a')", R"({"parameters":{"a":{"defaultValue":"[parameters('a')]"}}})")
            .find("parameter 'a', which needs its own value") != std::string::npos);
    CHECK(value_of("padLeft('a', 999999999)").find("a text of more than") != std::string::npos);
}
