// What a change of a PaaS resource opens and closes at its endpoints.
#include "src/arm/import.hpp"
#include "src/engine/diff.hpp"
#include "src/engine/endpoint.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

/// A storage account with these networkAcls.
Imported account(const std::string& access, const std::string& action,
                 const std::string& ip_rules = "", const std::string& encryption = "Storage") {
    return import_text(
        "account.json", R"({"value": [{"id": "/subscriptions/s/resourceGroups/rg/providers/)"
                        R"(Microsoft.Storage/storageAccounts/st1", "name": "st1",
        "type": "Microsoft.Storage/storageAccounts", "apiVersion": "2023-05-01",
        "location": "westeurope", "kind": "StorageV2", "sku": {"name": "Standard_LRS"},
        "properties": {"publicNetworkAccess": ")" +
                            access + R"(", "encryption": {"keySource": "Microsoft.)" + encryption +
                            R"("}, "privateEndpointConnections": [],
          "networkAcls": {"bypass": "None", "defaultAction": ")" +
                            action + R"(", "virtualNetworkRules": [], "resourceAccessRules": [],
            "ipRules": [)" + ip_rules +
                            "]}}}]}");
}

DiffAnswer changed(const Imported& before, const Imported& after) {
    const Network old_state(before.snapshot, Assumptions(Reading::documented));
    const Network new_state(after.snapshot, Assumptions(Reading::documented));
    DiffOptions options;
    options.services = *parse_service("tcp/443");
    return diff(old_state, new_state, options);
}

const FlowChange* to_blob_from_internet(const DiffAnswer& answer) {
    for (const FlowChange& change : answer.changes) {
        if (change.to.name == "st1/blob" && change.from.internet) {
            return &change;
        }
    }
    return nullptr;
}

}  // namespace

TEST_CASE("an account that is opened is a new exposure", "[diff][ST-1][ST-2]") {
    const Imported closed = account("Enabled", "Deny");
    const Imported open = account("Enabled", "Allow");
    const DiffAnswer answer = changed(closed, open);
    const FlowChange* change = to_blob_from_internet(answer);
    REQUIRE(change != nullptr);
    CHECK(change->kind == FlowChange::Kind::added);
    CHECK(change->exposure());
    CHECK(change->from.addresses.contains(*parse_address("203.0.113.7")));
    REQUIRE(change->caused_by.size() == 1);
    CHECK(answer.config[change->caused_by[0]].pointer == "/properties/networkAcls/defaultAction");

    const DiffAnswer back = changed(open, closed);
    const FlowChange* lost = to_blob_from_internet(back);
    REQUIRE(lost != nullptr);
    CHECK(lost->kind == FlowChange::Kind::lost);
}

TEST_CASE("a switch that is turned on counts, one that changes nothing does not", "[diff][ST-1]") {
    CHECK(to_blob_from_internet(
              changed(account("Disabled", "Allow"), account("Enabled", "Allow"))) != nullptr);
    CHECK(changed(account("Enabled", "Deny"), account("Enabled", "Deny", "", "Keyvault"))
              .changes.empty());
    CHECK(changed(account("Disabled", "Deny"), account("Disabled", "Allow")).changes.empty());
}

TEST_CASE("one address rule opens for its addresses only", "[diff][ST-1]") {
    const DiffAnswer answer =
        changed(account("Enabled", "Deny"),
                account("Enabled", "Deny", R"({"value": "203.0.113.0/24", "action": "Allow"})"));
    const FlowChange* change = to_blob_from_internet(answer);
    REQUIRE(change != nullptr);
    CHECK(change->kind == FlowChange::Kind::added);
    CHECK(change->from.addresses.contains(*parse_address("203.0.113.200")));
    CHECK_FALSE(change->from.addresses.contains(*parse_address("203.0.114.1")));
}
