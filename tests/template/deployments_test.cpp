// From templates to resources: loops, conditions, children, nested and linked deployments,
// reference(), parameter files. The shapes are those of the documentation
// (learn.microsoft.com/azure/azure-resource-manager/templates).
#include "tests/support/catch.hpp"
#include "tests/template/template_text.hpp"

using namespace azreach;
using namespace azreach::arm_template;

namespace {

const std::string kSchema =
    R"("$schema":"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#","contentVersion":"1.0.0.0")";

/// A template from its members.
std::string with(const std::string& members) { return "{" + kSchema + "," + members + "}"; }

const std::string kHere = "/subscriptions/⟦subscription⟧/resourceGroups/⟦resource group⟧";

/// What a resource looks like: id, name, type, then the rest.
std::string made(const std::string& path, const std::string& type, const std::string& rest = "",
                 const std::string& prefix = kHere) {
    return R"({"id":")" + prefix + "/providers/" + path + R"(","name":")" +
           path.substr(path.rfind('/') + 1) + R"(","type":")" + type + "\"" + rest + "}";
}

std::string group(const std::string& name, const std::string& more = "") {
    return R"({"type":"Microsoft.Network/networkSecurityGroups","apiVersion":"2023-04-01","name":")" +
           name + "\"" + more + "}";
}
std::string made_group(const std::string& name, const std::string& rest = "",
                       const std::string& prefix = kHere) {
    return made("Microsoft.Network/networkSecurityGroups/" + name,
                "Microsoft.Network/networkSecurityGroups", rest, prefix);
}

}  // namespace

TEST_CASE("parameters come from the file, the default, or stay symbols", "[template][symbol]") {
    const std::string main = with(
        R"("parameters":{"a":{"type":"string","defaultValue":"da"},"b":{"type":"string"},"c":{"type":"string","nullable":true},"d":{"type":"string","defaultValue":"[concat(parameters('a'),'!')]"}},"resources":[)" +
        group(
            "n",
            R"(,"tags":{"a":"[parameters('A')]","b":"[parameters('b')]","c":"[parameters('c')]","d":"[parameters('d')]"})") +
        "]");
    CHECK(resources_of({{"main.json", main}}) ==
          made_group(
              "n", R"(,"tags":{"a":"da","b":"⟦parameter 'b' of main.json⟧","c":null,"d":"da!"})"));
    CHECK(resources_of(
              {{"main.json", main}},
              {{"p.json", R"({"parameters":{"a":{"value":"x"},"B":{"value":["y"]},"c":null}})"}}) ==
          made_group("n", R"(,"tags":{"a":"x","b":["y"],"c":null,"d":"x!"})"));
    CHECK(resources_of(
              {{"main.json", main}},
              {{"p.json",
                R"({"parameters":{"b":{"reference":{"keyVault":{"id":"/v"},"secretName":"s"}}}})"}})
              .find("⟦secret for parameter 'b' of main.json⟧") != std::string::npos);
}

TEST_CASE("two parameter files that differ leave the value open", "[template][symbol]") {
    const std::string main =
        with(R"("parameters":{"a":{"type":"string"},"b":{"type":"int"}},"resources":[)" +
             group("n", R"(,"tags":{"a":"[parameters('a')]","b":"[parameters('b')]"})") + "]");
    const Files files = {{"dev.json", R"({"parameters":{"a":{"value":"x"},"b":{"value":1}}})"},
                         {"prod.json", R"({"parameters":{"a":{"value":"y"},"b":{"value":1}}})"}};
    CHECK(resources_of({{"main.json", main}}, files) ==
          made_group("n", R"(,"tags":{"a":"⟦parameter 'a' of main.json⟧","b":1})"));
    CHECK(derived_of({{"main.json", main}}, files).diagnostics.front().code == "AZR1043");
}

TEST_CASE("a parameter file belongs to the template that declares its parameters", "[template]") {
    const auto template_with = [](const std::string& parameter, const std::string& name) {
        return with(R"("parameters":{")" + parameter + R"(":{"type":"string"}},"resources":[)" +
                    group(name, R"(,"tags":{"t":"[parameters(')" + parameter + R"(')]"})") + "]");
    };
    CHECK(
        resources_of({{"a.json", template_with("pa", "na")}, {"b.json", template_with("pb", "nb")}},
                     {{"x.json", R"({"parameters":{"pb":{"value":"v"}}})"}}) ==
        made_group("na", R"(,"tags":{"t":"⟦parameter 'pa' of a.json⟧"})") + "\n" +
            made_group("nb", R"(,"tags":{"t":"v"})"));
    // The name decides between two that fit; without one, none is used.
    const Files twins = {{"d/a.json", template_with("p", "na")},
                         {"d/b.json", template_with("p", "nb")}};
    const std::string value = R"({"parameters":{"p":{"value":"v"}}})";
    CHECK(resources_of(twins, {{"d/b.parameters.json", value}}) ==
          made_group("na", R"(,"tags":{"t":"⟦parameter 'p' of a.json⟧"})") + "\n" +
              made_group("nb", R"(,"tags":{"t":"v"})"));
    CHECK(derived_of(twins, {{"x.json", value}}).diagnostics.size() == 1);
    CHECK(resources_of(twins, {{"x.json", value}}).find("\"v\"") == std::string::npos);
}

TEST_CASE("copy loops of resources, properties, variables and outputs", "[template]") {
    CHECK(resources_of({{"main.json", with(R"("resources":[)" +
                                           group("[concat('n', copyIndex(1), copyIndex('loop'))]",
                                                 R"(,"copy":{"name":"loop","count":2})") +
                                           "]")}}) == made_group("n10") + "\n" + made_group("n21"));
    CHECK(
        resources_of(
            {{"main.json",
              with(
                  R"("variables":{"copy":[{"name":"ports","count":2,"input":"[add(80, copyIndex('ports'))]"}],"o":{"copy":[{"name":"in","count":2,"input":"[copyIndex('in', 5)]"}]}},"resources":[)" +
                  group(
                      "n",
                      R"(,"properties":{"ports":"[variables('ports')]","o":"[variables('o').in]","copy":[{"name":"securityRules","count":2,"input":{"name":"[concat('r', copyIndex('securityRules'))]","copy":[{"name":"inner","count":1,"input":"[concat(copyIndex('securityRules'), copyIndex('inner'))]"}]}}]})") +
                  "]")}}) ==
        made_group(
            "n",
            R"(,"properties":{"ports":[80,81],"o":[5,6],"securityRules":[{"name":"r0","inner":["00"]},{"name":"r1","inner":["10"]}]})"));
    CHECK(resources_of(
              {{"main.json", with(R"("resources":[)" +
                                  group("n", R"(,"copy":{"name":"l","count":801})") + "]")}}) ==
          "error: 0#/resources/0/copy 801 as the count of a loop / a number from 0 to 800");
    CHECK(resources_of({{"main.json", with(R"("resources":[)" +
                                           group("n", R"(,"copy":{"name":"l","count":0})") + "]")}})
              .empty());
}

TEST_CASE("a loop of unknown length is one resource that may not exist", "[template][symbol]") {
    CHECK(resources_of({{"main.json",
                         with(R"("parameters":{"n":{"type":"int"}},"resources":[)" +
                              group("[concat('n', copyIndex())]",
                                    R"(,"copy":{"name":"loop","count":"[parameters('n')]"})") +
                              "]")}}) == made_group("n⟦index up to parameter 'n' of main.json⟧") +
                                             " if parameter 'n' of main.json");
    CHECK(
        resources_of(
            {{"main.json",
              with(
                  R"("parameters":{"n":{"type":"int"}},"resources":[)" +
                  group(
                      "x",
                      R"(,"properties":{"copy":[{"name":"securityRules","count":"[parameters('n')]","input":{}}]})") +
                  "]")}})
            .find(R"("securityRules":"⟦loop 'securityRules' up to parameter 'n' of main.json #)") !=
        std::string::npos);
}

TEST_CASE("conditions that are false, true and open", "[template][symbol]") {
    const auto conditional = [](const std::string& condition) {
        return resources_of(
            {{"main.json", with(R"("parameters":{"p":{"type":"bool"}},"resources":[)" +
                                group("n", R"(,"condition":)" + condition) + "]")}});
    };
    CHECK(conditional("false").empty());
    CHECK(conditional("true") == made_group("n"));
    CHECK(conditional(R"("[equals('a','b')]")").empty());
    CHECK(conditional(R"("[parameters('p')]")") ==
          made_group("n") + " if parameter 'p' of main.json");
    CHECK(conditional("1") ==
          "error: 0#/resources/0/condition an integer as a condition / a boolean");
}

TEST_CASE("children stand inline with relative names, or alone with full ones", "[template]") {
    const std::string vnet = "Microsoft.Network/virtualNetworks";
    CHECK(
        resources_of(
            {{"main.json",
              with(
                  R"("resources":[{"type":"Microsoft.Network/virtualNetworks","apiVersion":"x","name":"v","resources":[{"type":"subnets","apiVersion":"x","name":"a"},{"type":"Microsoft.Network/virtualNetworks/subnets","apiVersion":"x","name":"v/b"},{"type":"providers/locks","apiVersion":"x","name":"Microsoft.Authorization/l"}]},{"type":"Microsoft.Network/virtualNetworks/subnets","apiVersion":"x","name":"v/c"},{"type":"Microsoft.Network/virtualNetworks/providers/locks","apiVersion":"x","name":"v/Microsoft.Authorization/m"},{"type":"Microsoft.Authorization/locks","apiVersion":"x","name":"s","scope":"Microsoft.Network/virtualNetworks/v"}])")}}) ==
        made(vnet + "/v", vnet) + "\n" + made(vnet + "/v/subnets/a", vnet + "/subnets") + "\n" +
            made(vnet + "/v/subnets/b", vnet + "/subnets") + "\n" +
            made(vnet + "/v/providers/Microsoft.Authorization/locks/l", vnet + "/providers/locks") +
            "\n" + made(vnet + "/v/subnets/c", vnet + "/subnets") + "\n" +
            made(vnet + "/v/providers/Microsoft.Authorization/locks/m", vnet + "/providers/locks") +
            "\n" +
            made(vnet + "/v/providers/Microsoft.Authorization/locks/s",
                 "Microsoft.Authorization/locks"));
    CHECK(
        resources_of(
            {{"main.json",
              with(
                  R"("resources":[{"type":"Microsoft.Network/virtualNetworks/subnets","apiVersion":"x","name":"a"}])")}}) ==
        "error: 0#/resources/0 the name 'a' of 1 segments / 2, one for each of "
        "Microsoft.Network/virtualNetworks/subnets");
}

TEST_CASE("ids of resources in this, another and no group", "[template]") {
    const auto id = [](const std::string& expression) { return value_of(expression); };
    CHECK(id("resourceId('Microsoft.Network/virtualNetworks/subnets', 'v', 's')") ==
          "\"" + kHere + "/providers/Microsoft.Network/virtualNetworks/v/subnets/s\"");
    CHECK(id("resourceId('other', 'Microsoft.Network/routeTables/', 'r')") ==
          "\"/subscriptions/⟦subscription⟧/resourceGroups/other/providers/Microsoft.Network/"
          "routeTables/r\"");
    CHECK(id("resourceId('sub', 'other', 'Microsoft.Network/routeTables', 'r')") ==
          R"("/subscriptions/sub/resourceGroups/other/providers/Microsoft.Network/routeTables/r")");
    CHECK(id("subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'x')") ==
          R"("/subscriptions/⟦subscription⟧/providers/Microsoft.Authorization/roleDefinitions/x")");
    CHECK(id("tenantResourceId('Microsoft.Authorization/policyDefinitions', 'x')") ==
          R"("/providers/Microsoft.Authorization/policyDefinitions/x")");
    CHECK(id("extensionResourceId(resourceGroup().id, 'Microsoft.Authorization/locks', 'x')") ==
          "\"" + kHere + "/providers/Microsoft.Authorization/locks/x\"");
    CHECK(id("resourceId('Microsoft.Network/virtualNetworks', 'v', 's')").starts_with("error: "));
    CHECK(id("resourceGroup().name") == R"("⟦resource group⟧")");
}

TEST_CASE("a nested deployment sees its own values inside, its parent's outside", "[template]") {
    // The example of the documentation's page on linked templates.
    const auto nested = [](const std::string& scope) {
        return with(
            R"("variables":{"exampleVar":"from parent template"},"resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"2020-10-01","name":"nestedTemplate1","properties":{"expressionEvaluationOptions":{"scope":")" +
            scope +
            R"("},"mode":"Incremental","template":{"variables":{"exampleVar":"from nested template"},"resources":[],"outputs":{"testVar":{"type":"string","value":"[variables('exampleVar')]"}}}}},)" +
            group("n", R"(,"tags":{"t":"[reference('nestedTemplate1').outputs.testVar.value]"})") +
            "]");
    };
    CHECK(resources_of({{"main.json", nested("inner")}}) ==
          made_group("n", R"(,"tags":{"t":"from nested template"})"));
    CHECK(resources_of({{"main.json", nested("outer")}}) ==
          made_group("n", R"(,"tags":{"t":"from parent template"})"));
}

TEST_CASE("a nested deployment goes to its own group and subscription", "[template]") {
    CHECK(
        resources_of(
            {{"main.json",
              R"({"$schema":"https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#","contentVersion":"1.0.0.0","resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"x","name":"d","resourceGroup":"rg","subscriptionId":"sub","properties":{"expressionEvaluationOptions":{"scope":"inner"},"parameters":{"p":{"value":"v"}},"template":{"parameters":{"p":{"type":"string"},"q":{"type":"string","defaultValue":"[resourceGroup().name]"},"r":{"type":"string"}},"resources":[)" +
                  group(
                      "n",
                      R"(,"tags":{"p":"[parameters('p')]","q":"[parameters('q')]","r":"[parameters('r')]"})") +
                  "]}}}]}"}}) ==
        made_group("n", R"(,"tags":{"p":"v","q":"rg","r":"⟦parameter 'r' of main.json∕d⟧"})",
                   "/subscriptions/sub/resourceGroups/rg"));
}

TEST_CASE("what the outer evaluation leaves of two brackets, the nested one evaluates",
          "[template]") {
    CHECK(
        resources_of(
            {{"main.json",
              with(
                  R"("variables":{"v":"outer"},"resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"x","name":"d","properties":{"template":{"variables":{"v":"inner"},"resources":[)" +
                  group("n",
                        R"(,"tags":{"a":"[variables('v')]","b":"[[variables('v')]","c":"[[[x]"})") +
                  "]}}}]")}})
            .find(R"("tags":{"a":"outer","b":"inner","c":"[[x]"})") != std::string::npos);
    CHECK(resources_of({{"main.json", with(R"("resources":[)" +
                                           group("n", R"(,"tags":{"a":"[[x]"})") + "]")}}) ==
          made_group("n", R"(,"tags":{"a":"[x]"})"));
}

TEST_CASE("a linked template is found among the files by the end of its URI", "[template]") {
    const std::string main = with(
        R"("parameters":{"_artifactsLocation":{"type":"string","defaultValue":"[deployment().properties.templateLink.uri]"},"token":{"type":"securestring"}},"resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"x","name":"d","properties":{"templateLink":{"uri":"[uri(parameters('_artifactsLocation'), concat('nested/nsg.json', parameters('token')))]"},"parameters":{"name":{"value":"linked"}}}},{"type":"Microsoft.Resources/deployments","apiVersion":"x","name":"lost","properties":{"templateLink":{"uri":"https://example.org/other.json"}}}])");
    const std::string nsg = with(
        R"("parameters":{"name":{"type":"string"}},"resources":[)" + group("[parameters('name')]") +
        R"(],"outputs":{"id":{"type":"string","value":"[resourceId('Microsoft.Network/networkSecurityGroups', parameters('name'))]"}})");
    const Files files = {{"t/nested/nsg.json", nsg}, {"t/azuredeploy.json", main}};
    CHECK(resources_of(files) == made_group("linked"));
    const Derived derived = derived_of(files);
    REQUIRE(derived.diagnostics.size() == 1);
    CHECK(derived.diagnostics[0].code == "AZR1042");
    CHECK(derived.diagnostics[0].place.file == "t/azuredeploy.json");
    CHECK(derived.diagnostics[0].place.pointer == "/resources/1/properties/templateLink/uri");
    CHECK(derived.gaps.front().what == "https://example.org/other.json");
    // Alone, it is deployed by itself.
    CHECK(resources_of({files[0]}) == made_group("⟦parameter 'name' of nsg.json⟧"));
}

TEST_CASE("reference() sees what the same template says; the rest is a symbol",
          "[template][symbol]") {
    const std::string rest = R"(,"properties":{"publicIPAllocationMethod":"Static"})";
    const std::string ip =
        R"({"type":"Microsoft.Network/publicIPAddresses","apiVersion":"x","name":"ip","location":"here")" +
        rest + "}";
    const std::string main = with(
        R"("resources":[)" + ip + "," +
        group(
            "n",
            R"(,"tags":{"a":"[reference('ip').publicIPAllocationMethod]","b":"[reference(resourceId('Microsoft.Network/publicIPAddresses','ip')).ipAddress]","c":"[reference('ip','x','Full').location]","d":"[reference('/x/y').z]"})") +
        "]");
    const std::string result = resources_of({{"main.json", main}});
    CHECK(result.find(R"("a":"Static")") != std::string::npos);
    CHECK(
        result.find(
            R"("b":"⟦reference('∕subscriptions∕{subscription}∕resourceGroups∕{resource group}∕providers∕Microsoft.Network∕publicIPAddresses∕ip').ipAddress⟧")") !=
        std::string::npos);
    CHECK(result.find(R"("c":"here")") != std::string::npos);
    CHECK(result.find(R"("d":"⟦reference('∕x∕y').z⟧")") != std::string::npos);
}

TEST_CASE("language version 2: resources under symbolic names, existing ones, types",
          "[template]") {
    CHECK(
        resources_of(
            {{"main.json",
              with(
                  R"("languageVersion":"2.0","definitions":{"opt":{"type":"string","nullable":true}},"parameters":{"o":{"$ref":"#/definitions/opt"}},"resources":{"old":{"existing":true,"type":"Microsoft.Network/virtualNetworks","apiVersion":"x","name":"v"},"nsg":)" +
                  group(
                      "n",
                      R"(,"tags":{"o":"[parameters('o')]","a":"[reference('loop[1]').x]","b":"[reference('old').addressSpace]"})") +
                  R"(,"loop":)" +
                  group("[format('m{0}', copyIndex())]",
                        R"(,"copy":{"name":"loop","count":2},"properties":{"x":"[copyIndex()]"})") +
                  "}")}}) ==
        made_group("n", R"(,"tags":{"o":null,"a":1,"b":"⟦reference('old').addressSpace⟧"})") +
            "\n" + made_group("m0", R"(,"properties":{"x":0})") + "\n" +
            made_group("m1", R"(,"properties":{"x":1})"));
}

TEST_CASE("a resource of an extension is passed over, and told", "[template]") {
    const std::string main = with(
        R"("languageVersion":"2.1-experimental","resources":{"app":{"import":"graph","type":"Microsoft.Graph/applications@v1.0","properties":{}},"n":)" +
        group("n", R"(,"tags":{"id":"[reference('app').id]"})") + "}");
    CHECK(resources_of({{"main.json", main}}) ==
          made_group("n", R"(,"tags":{"id":"⟦reference('app').id⟧"})"));
    CHECK(derived_of({{"main.json", main}}).diagnostics.front().code == "AZR1044");
}

TEST_CASE("functions of the template's own", "[template]") {
    const std::string body =
        R"({"functions":[{"namespace":"contoso","members":{"name":{"parameters":[{"name":"base","type":"string"}],"output":{"type":"string","value":"[concat(toLower(parameters('base')), '-x')]"}},"twice":{"parameters":[{"name":"p","type":"string"}],"output":{"type":"string","value":"[contoso.name(contoso.name(parameters('p')))]"}}}}],"resources":[]})";
    CHECK(value_of("contoso.name('ABC')", body) == R"("abc-x")");
    CHECK(value_of("Contoso.Twice('A')", body) == R"("a-x-x")");
    CHECK(value_of("contoso.name()", body).starts_with("error: 0 arguments of contoso.name"));
    CHECK(value_of("contoso.other('x')", body).starts_with("error: function 'contoso.other'"));
}

TEST_CASE("what is wrong is told with its place and a remedy", "[template]") {
    const auto error = [](const std::string& members) {
        return resources_of({{"main.json", with(members)}});
    };
    CHECK(error(R"("parameters":{"vnetName":{"type":"string"}},"resources":[)" +
                group("n", R"(,"tags":{"a":"[parameters('vnetNam')]"})") + "]") ==
          "error: 0#/resources/0/tags/a parameter 'vnetNam' / a parameter that the template "
          "declares");
    CHECK(error(R"("resources":[1])") ==
          "error: 0#/resources/0 an integer among the resources / a resource");
    CHECK(error(R"("resources":[{"name":"x"}])") ==
          "error: 0#/resources/0 a resource without type / a resource with name and type");
    CHECK(error(R"("resources":[)" + group("[concat('a'") + "]").empty() == false);
    CHECK(value_of("parameters('vnetNam')", R"({"parameters":{"vnetName":{}}})") ==
          "error: parameter 'vnetNam' / a parameter that the template declares / did you mean "
          "'vnetName'?");
    // A deployment that contains itself.
    std::string inside = R"("resources":[])";
    for (int i = 0; i < 20; ++i) {
        inside =
            R"("resources":[{"type":"Microsoft.Resources/deployments","apiVersion":"x","name":"d","properties":{"template":{)" +
            inside + "}}}]";
    }
    CHECK(error(inside).find("deployments nested more than 16 deep") != std::string::npos);
}

TEST_CASE("values keep the place where they were written", "[template]") {
    const std::string main = with(
        R"("parameters":{"rules":{"type":"array"},"p":{"type":"string","defaultValue":"10.0.0.0/24"}},"variables":{"v":{"x":"[parameters('p')]"}},"resources":[)" +
        group(
            "n",
            R"(,"properties":{"securityRules":"[parameters('rules')]","a":"[concat('x', 'y')]","b":"[variables('v').x]","c":"literal"})") +
        "]");
    const Derived derived =
        derived_of({{"main.json", main}},
                   {{"p.json", R"({"parameters":{"rules":{"value":[{"name":"r"}]}}})"}});
    REQUIRE(derived.resources.size() == 1);
    std::string places;
    for (const WrittenAt& at : derived.resources[0].origins) {
        places += at.at + " " + std::to_string(at.source) + "#" + at.pointer +
                  (at.verbatim ? "" : " (made)") + "\n";
    }
    CHECK(places ==
          " 0#/resources/0\n"
          "/id 0#/resources/0/name (made)\n"
          "/name 0#/resources/0/name (made)\n"
          "/type 0#/resources/0/type (made)\n"
          "/properties/securityRules 1#/parameters/rules/value\n"
          "/properties/a 0#/resources/0/properties/a (made)\n"
          "/properties/b 0#/parameters/p/defaultValue\n");
}
