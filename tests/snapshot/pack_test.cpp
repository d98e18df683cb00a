// Packing: one file, the same answers, no secrets.
#include "src/snapshot/pack.hpp"

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

using Json = nlohmann::json;
namespace fs = std::filesystem;

const std::string kContoso = AZREACH_ROOT_DIR "/fixtures/networks/contoso/arm.json";

/// A file of this test's own.
std::string file(const std::string& name, const std::string& text) {
    const fs::path folder = fs::temp_directory_path() / "azreach-pack-test";
    fs::create_directories(folder);
    std::ofstream(folder / name, std::ios::binary) << text;
    return (folder / name).string();
}
std::string packed_text(const Json& document) {
    return pack({{"one.json", document.dump()}}, "0.0.0").text;
}

}  // namespace

TEST_CASE("a packed snapshot is read as its sources are", "[pack]") {
    const Packed packed = pack(documents_of({kContoso}), "0.0.0");
    const std::string path = file("contoso.azr.json.zst", compressed(packed.text));
    const Imported plain = import_paths({kContoso});
    const Imported read = import_paths({path});
    CHECK(read.snapshot.size() == plain.snapshot.size());
    CHECK(read.snapshot.gaps.size() == plain.snapshot.gaps.size());
    CHECK(read.snapshot.sources.size() == 1);
    CHECK(read.snapshot.sources[0].kind == "packed-snapshot");
    CHECK(read.snapshot.sources[0].resources == plain.snapshot.sources[0].resources);
    const auto& vnet = read.snapshot.virtual_networks.begin()->second;
    const Place place = read.places->locate(vnet.header.where);
    CHECK(place.file == path + "/arm.json");
    CHECK(place.pointer.rfind("/data/", 0) == 0);
    // Packed again, also from the packed file, it is the same.
    CHECK(pack(documents_of({path}), "0.0.0").text == packed.text);
}

TEST_CASE("kinds that need each other are packed together", "[pack]") {
    const Packed packed = pack(
        documents_of({kContoso, AZREACH_ROOT_DIR "/fixtures/plan/contoso-report/what-if.json"}),
        "0.0.0");
    CHECK(packed.sources == 2);
    CHECK(import_text("x.azr.json", packed.text).snapshot.interfaces.size() == 5);
}

TEST_CASE("a page that was cut off is cut off in the pack too", "[pack]") {
    Json page = Json::parse(std::ifstream(kContoso));
    page["total_records"] = 100000;
    CHECK_THROWS_AS(import_text("x.azr.json", packed_text(page)), InputError);
}

TEST_CASE("other versions and broken packs are refused", "[pack]") {
    CHECK_THROWS_AS(
        import_text("x", R"({"azreach": {"kind": "snapshot", "version": 2}, "sources": []})"),
        InputError);
    CHECK_THROWS_AS(import_text("x", R"({"azreach": {"kind": "snapshot", "version": 1}})"),
                    InputError);
    CHECK_THROWS_AS(
        import_text("x", R"({"azreach": {"kind": "snapshot", "version": 1}, "sources": [{}]})"),
        InputError);
    CHECK_THROWS_AS(import_text("x", R"({"azreach": {"kind": "snapshot", "version": 1},
                             "sources": [{"path": "a", "document": {"azreach": {"kind": "snapshot"}}}]})"),
                    InputError);
}

TEST_CASE("no secret is packed, wherever it stands", "[pack]") {
    const char* kSecret = "Pl4nted-Secret";
    const auto planted = GENERATE_COPY(values<Json>({
        {{"adminPassword", kSecret}},
        {{"osProfile", {{"customData", kSecret}}}},
        {{"virtualMachineProfile", {{"osProfile", {{"adminPassword", kSecret}}}}}},
        {{"sharedKey", kSecret}},
        {{"authorizationKey", kSecret}},
        {{"userData", kSecret}},
        {{"protectedSettings", {{"any", kSecret}}}},
        {{"primary_access_key", kSecret}},
        {{"primaryConnectionString", kSecret}},
        {{"administratorLoginPassword", kSecret}},
        {{"radiusServerSecret", kSecret}},
        {{"clientSecret", Json::array({kSecret})}},
        {{"siteConfig", {{"appSettings", Json::array({{{"name", "A"}, {"value", kSecret}}})}}}},
        {{"list", Json::array({{{"name", "DB_PASSWORD"}, {"value", kSecret}}})}},
        {{"note", std::string("DefaultEndpointsProtocol=https;AccountKey=") + kSecret}},
        {{"url", std::string("https://x.blob.core.windows.net/a?se=2026&sig=") + kSecret}},
        {{"pem", std::string("-----BEGIN RSA PRIVATE KEY-----\n") + kSecret}},
        {{"outputs", {{"x", {{"sensitive", true}, {"value", kSecret}}}}}},
        {{"change", {{"after", {{"note", kSecret}}}, {"after_sensitive", {{"note", true}}}}}},
        {{"change",
          {{"before", {{"list", {{{"note", kSecret}}}}}},
           {"before_sensitive", {{"list", {{{"note", true}}}}}}}}},
        {{"values", {{"note", kSecret}}}, {"sensitive_values", {{"note", true}}}},
        {{"adminPassword", {{"type", "secureString"}, {"defaultValue", kSecret}}}},
        {{"parameters", {{"p", {{"type", "securestring"}, {"defaultValue", kSecret}}}}}},
        {{"parameters", {{"sqlPassword", {{"value", kSecret}}}}}},
    }));
    CAPTURE(planted.dump());
    const Json document = {
        {"value",
         Json::array({{{"id", "/subscriptions/s/x"}, {"name", "x"}, {"properties", planted}}})}};
    const Packed packed = pack({{"one.json", document.dump()}}, "0.0.0");
    CHECK(packed.text.find(kSecret) == std::string::npos);
    CHECK_FALSE(packed.removed.empty());
}

TEST_CASE("what a network needs is not taken for a secret", "[pack]") {
    for (const char* key :
         {"skip_token", "$skipToken", "nextLink", "keyVaultId", "privateLinkServiceId", "primary",
          "sharedPrivateLinkResources", "publicKeyword", "privateEndpoint", "secondaryLocation",
          "allowSharedKeyAccess", "enablePasswordAuthentication"}) {
        CAPTURE(key);
        const Json document = {{key, std::string(key) == "allowSharedKeyAccess" ||
                                             std::string(key) == "enablePasswordAuthentication"
                                         ? Json(true)
                                         : Json("x")}};
        CHECK(packed_text(document).find(key) != std::string::npos);
    }
}

TEST_CASE("a value that Terraform marks as sensitive is unknown, not absent", "[pack]") {
    const Json plan = {
        {"format_version", "1.2"},
        {"planned_values", Json::object()},
        {"resource_changes",
         Json::array({{{"address", "azurerm_network_security_rule.r"},
                       {"mode", "managed"},
                       {"type", "azurerm_network_security_rule"},
                       {"name", "r"},
                       {"change",
                        {{"actions", {"create"}},
                         {"before", nullptr},
                         {"after",
                          {{"name", "r"},
                           {"resource_group_name", "rg"},
                           {"network_security_group_name", "nsg"},
                           {"priority", 100},
                           {"direction", "Inbound"},
                           {"access", "Allow"},
                           {"protocol", "Tcp"},
                           {"source_address_prefix", "203.0.113.7"},
                           {"source_port_range", "*"},
                           {"destination_address_prefix", "*"},
                           {"destination_port_range", "22"}}},
                         {"after_unknown", {{"id", true}}},
                         {"after_sensitive", {{"source_address_prefix", true}}}}}}})}};
    const Packed packed = pack({{"plan.json", plan.dump()}}, "0.0.0");
    CHECK(packed.text.find("203.0.113.7") == std::string::npos);
    const Imported imported = import_text("x.azr.json", packed.text);
    CHECK_FALSE(imported.snapshot.symbols.empty());
}
