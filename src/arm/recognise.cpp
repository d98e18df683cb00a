#include "src/arm/recognise.hpp"

#include <charconv>
#include <map>

#include "models/azure/resource_id.hpp"

namespace azreach {

std::string_view to_string(InputKind kind) {
    switch (kind) {
        case InputKind::resource_graph:
            return "resource-graph";
        case InputKind::resource_graph_table:
            return "resource-graph-table";
        case InputKind::arm_list:
            return "arm-list";
        case InputKind::az_list:
            return "az-list";
        case InputKind::resource_array:
            return "resource-array";
        case InputKind::resource:
            return "resource";
        case InputKind::case_resources:
            return "case-resources";
        case InputKind::powershell:
            return "powershell-export";
        case InputKind::service_tags:
            return "service-tags";
        case InputKind::effective_security_rules:
            return "effective-security-rules";
        case InputKind::effective_routes:
            return "effective-routes";
        case InputKind::active_admin_rules:
            return "active-admin-rules";
        case InputKind::effective_vnets:
            return "effective-virtual-networks";
        case InputKind::collection_report:
            return "collection-report";
        case InputKind::arm_template:
            return "arm-template";
        case InputKind::template_parameters:
            return "template-parameters";
        case InputKind::bicep_snapshot:
            return "bicep-snapshot";
        case InputKind::what_if:
            return "what-if";
        case InputKind::terraform_plan:
            return "terraform-plan";
        case InputKind::terraform_state:
            return "terraform-state";
        case InputKind::rest_example:
            return "rest-example";
        case InputKind::change_sequence:
            return "change-sequence";
        case InputKind::packed_snapshot:
            return "packed-snapshot";
        case InputKind::unknown:
            return "unknown";
    }
    return "unknown";
}

bool comes_later(InputKind kind) {
    return kind >= InputKind::arm_template && kind < InputKind::unknown;
}

namespace {

/// The members of one object; keys compare without case, as the cursor's do.
class Keys {
public:
    Keys() = default;
    Keys(std::string_view text, const std::vector<json::Member>& members) : text_(text) {
        for (const json::Member& member : members) {
            keys_.emplace(member.key, member.value);
        }
    }
    bool empty() const { return keys_.empty(); }
    bool has(std::string_view key) const { return keys_.contains(key); }
    json::Span at(std::string_view key) const { return keys_.find(key)->second; }
    std::string_view raw(std::string_view key) const {
        return has(key) ? text_.substr(at(key).begin, at(key).end - at(key).begin)
                        : std::string_view{};
    }
    bool is_array(std::string_view key) const { return raw(key).starts_with('['); }
    bool is_object(std::string_view key) const { return raw(key).starts_with('{'); }
    /// The text between the quotes, escapes and all; empty for anything else.
    std::string_view text(std::string_view key) const {
        const std::string_view value = raw(key);
        return value.size() > 2 && value.front() == '"' ? value.substr(1, value.size() - 2)
                                                        : std::string_view{};
    }
    /// A number, also one written as text.
    std::optional<long long> number(std::string_view key) const {
        std::string_view value = raw(key);
        if (value.starts_with('"')) {
            value = text(key);
        }
        long long result = 0;
        const auto [end, error] =
            std::from_chars(value.data(), value.data() + value.size(), result);
        return error == std::errc{} && !value.empty() ? std::optional(result) : std::nullopt;
    }
    /// The key as it is written.
    std::string_view written(std::string_view key) const { return keys_.find(key)->first; }

private:
    std::string_view text_;
    std::map<std::string_view, json::Span, IgnoringCase> keys_;
};

struct Looker {
    std::string_view text;
    const json::Outline& outline;

    Keys keys_at(std::size_t at) const {
        const auto members = json::members(text, at, &outline);
        return members ? Keys(text, *members) : Keys{};
    }
    /// How many items, and the keys of the first object among them.
    Keys first_item(json::Span list, std::size_t& count) const {
        count = 0;
        const auto spans = json::items(text, list.begin, &outline);
        if (!spans) {
            return {};
        }
        count = spans->size();
        for (const json::Span& span : *spans) {
            if (text[span.begin] == '{') {
                return keys_at(span.begin);
            }
        }
        return {};
    }
};

InputKind kind_of_items(const Keys& item) {
    if (item.has("effectiveSecurityRules")) return InputKind::effective_security_rules;
    if (item.has("nextHopType") && (item.has("addressPrefix") || item.has("addressPrefixes")) &&
        !item.has("id")) {
        return InputKind::effective_routes;
    }
    if (item.has("membershipType")) return InputKind::effective_vnets;
    if (item.has("ruleCollectionAppliesToGroups") || item.has("ruleGroups")) {
        return InputKind::active_admin_rules;
    }
    if (item.has("changeType") && item.has("resourceId")) return InputKind::what_if;
    if (item.has("method") && (item.has("request") || item.has("response"))) {
        return InputKind::change_sequence;
    }
    if (item.has("id") ? item.written("id") == "Id" : item.has("ResourceId")) {
        return InputKind::powershell;
    }
    if (item.has("id") || (item.has("type") && item.has("name"))) {
        return item.has("properties") ? InputKind::resource_array : InputKind::az_list;
    }
    return InputKind::unknown;
}

}  // namespace

Recognised recognise(std::string_view text, const json::Outline& outline) {
    Recognised result;
    const Looker look{text, outline};
    const std::size_t at = json::skip_space(text, 0);
    if (at >= text.size()) {
        result.seen = "an empty file";
        return result;
    }
    std::size_t count = 0;
    if (text[at] == '[') {
        const auto end = json::skip_value(text, at, &outline);
        if (!end) {
            result.seen = "an array that never ends";
            return result;
        }
        result.list = {at, *end};
        const Keys item = look.first_item(result.list, count);
        result.kind = count == 0 ? InputKind::resource_array : kind_of_items(item);
        result.page.rows = count;
        result.seen = count == 0 ? "an empty array" : "an array of other things";
        return result;
    }
    if (text[at] != '{') {
        result.seen = "neither an object nor an array";
        return result;
    }
    const auto members = json::members(text, at, &outline);
    if (!members) {
        result.seen = "an object that is malformed or cut off";
        return result;
    }
    const Keys keys(text, *members);
    result.seen = members->empty() ? "an empty object" : "an object with the keys ";
    for (const json::Member& member : *members) {
        if (result.seen.size() > 160) {
            result.seen += ", ...";
            break;
        }
        result.seen += (&member == &members->front() ? "" : ", ") + std::string(member.key);
    }
    const auto page = [&](std::size_t rows) {
        result.page.rows = rows;
        result.page.count = keys.number("count");
        for (const char* key : {"total_records", "totalRecords"}) {
            if (const auto total = keys.number(key)) {
                result.page.total = total;
            }
        }
        for (const char* key :
             {"skip_token", "skipToken", "$skipToken", "nextLink", "@odata.nextLink"}) {
            if (const std::string_view next = keys.text(key); !next.empty()) {
                result.page.next = next;
                result.page.next_key = key;
            }
        }
        const std::string_view truncated = keys.raw("resultTruncated");
        result.page.truncated = truncated == "true" || truncated == "\"true\"";
    };
    const auto list = [&](InputKind kind, std::string_view key) {
        result.kind = kind;
        result.list = keys.at(key);
        result.list_pointer = "/" + std::string(keys.written(key));
    };

    const std::string_view schema = keys.text("$schema");
    if (schema.find("eploymentParameters.json") != std::string_view::npos) {
        result.kind = InputKind::template_parameters;
        return result;
    }
    if (schema.find("eploymentTemplate.json") != std::string_view::npos ||
        (keys.has("$schema") && keys.has("contentVersion"))) {
        result.kind = schema.find("arameters.json") != std::string_view::npos
                          ? InputKind::template_parameters
                          : InputKind::arm_template;
        return result;
    }
    if (keys.is_object("parameters") && (members->size() == 1 || keys.has("contentVersion")) &&
        !keys.has("resources")) {  // a parameter file without its schema
        result.kind = InputKind::template_parameters;
        return result;
    }
    if (keys.is_object("azreach")) {
        const Keys ours = look.keys_at(keys.at("azreach").begin);
        if (ours.text("kind") == "collection") {
            result.kind = InputKind::collection_report;
            return result;
        }
        if (ours.text("kind") != "children") {
            result.kind = InputKind::packed_snapshot;
            return result;
        }
        result.page.children_of = ours.text("of");
        result.page.children_page = ours.number("page").value_or(0);
    }
    if (keys.has("predictedResources")) {
        result.kind = InputKind::bicep_snapshot;
        return result;
    }
    if (keys.has("planned_values") || keys.has("resource_changes")) {
        result.kind = InputKind::terraform_plan;
        return result;
    }
    if (keys.has("terraform_version") || (keys.has("format_version") && keys.has("values")) ||
        keys.has("pytest-terraform")) {
        result.kind = InputKind::terraform_state;
        return result;
    }
    if (keys.is_array("changes")) {
        const Keys item = look.first_item(keys.at("changes"), count);
        result.kind =
            item.has("changeType") || count == 0 ? InputKind::what_if : InputKind::change_sequence;
        return result;
    }
    if (keys.is_object("properties") && !keys.has("id") &&
        look.keys_at(keys.at("properties").begin).has("changes")) {
        result.kind = InputKind::what_if;
        return result;
    }
    if (keys.is_object("parameters") && keys.is_object("responses")) {
        result.kind = InputKind::rest_example;
        return result;
    }
    if (keys.is_array("operations") || keys.is_array("steps")) {
        result.kind = InputKind::change_sequence;
        return result;
    }
    if (keys.is_array("values") && (keys.has("changeNumber") || keys.has("cloud"))) {
        result.kind = InputKind::service_tags;
        look.first_item(keys.at("values"), count);
        page(count);
        return result;
    }
    if (keys.is_array("data")) {
        list(InputKind::resource_graph, "data");
        look.first_item(result.list, count);
        page(count);
        return result;
    }
    if (keys.is_object("data")) {
        const Keys inner = look.keys_at(keys.at("data").begin);
        if (inner.is_array("columns") && inner.is_array("rows")) {
            list(InputKind::resource_graph_table, "data");
            look.first_item(inner.at("rows"), count);
            page(count);
            return result;
        }
    }
    if (keys.is_array("value")) {
        list(InputKind::arm_list, "value");
        const Keys item = look.first_item(result.list, count);
        const InputKind kind = count == 0 ? InputKind::resource_array : kind_of_items(item);
        if (kind != InputKind::resource_array && kind != InputKind::az_list) {
            result.kind = kind;
        }
        page(count);
        return result;
    }
    if (keys.has("id") && (keys.has("type") || keys.has("properties")) &&
        keys.written("id") == "id") {
        result.kind = InputKind::resource;
        result.list = {at, json::skip_value(text, at, &outline).value_or(text.size())};
        return result;
    }
    if (keys.is_array("resources") && keys.has("question")) {
        list(InputKind::case_resources, "resources");
        return result;
    }
    if (keys.has("Id") || keys.has("ResourceId")) {
        result.kind = InputKind::powershell;
        result.list = {at, json::skip_value(text, at, &outline).value_or(text.size())};
        return result;
    }
    return result;
}

}  // namespace azreach
