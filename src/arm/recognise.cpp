#include "src/arm/recognise.hpp"

#include <algorithm>
#include <charconv>
#include <map>

namespace azreach {

std::string_view to_string(InputKind kind) {
    switch (kind) {
        case InputKind::resource_graph: return "resource-graph";
        case InputKind::resource_graph_table: return "resource-graph-table";
        case InputKind::arm_list: return "arm-list";
        case InputKind::resource_array: return "resource-array";
        case InputKind::resource: return "resource";
        case InputKind::service_tags: return "service-tags";
        case InputKind::effective_security_rules: return "effective-security-rules";
        case InputKind::effective_routes: return "effective-routes";
        case InputKind::active_admin_rules: return "active-admin-rules";
        case InputKind::effective_vnets: return "effective-virtual-networks";
        case InputKind::ground_truth_like: return "case-with-resources";
        case InputKind::arm_template: return "arm-template";
        case InputKind::template_parameters: return "template-parameters";
        case InputKind::bicep_snapshot: return "bicep-snapshot";
        case InputKind::what_if: return "what-if";
        case InputKind::terraform_plan: return "terraform-plan";
        case InputKind::terraform_state: return "terraform-state";
        case InputKind::rest_example: return "rest-example";
        case InputKind::change_sequence: return "change-sequence";
        case InputKind::powershell: return "powershell-export";
        case InputKind::packed_snapshot: return "packed-snapshot";
        case InputKind::unknown: return "unknown";
    }
    return "unknown";
}

bool comes_later(InputKind kind) {
    return kind >= InputKind::arm_template && kind < InputKind::unknown;
}

namespace {

using Keys = std::map<std::string_view, json::Span>;

Keys keys_of(const std::vector<json::Member>& members) {
    Keys keys;
    for (const json::Member& member : members) {
        keys.emplace(member.key, member.value);
    }
    return keys;
}

char first(std::string_view text, json::Span span) { return text[span.begin]; }

bool is_text(std::string_view text, json::Span span) {
    return first(text, span) == '"' && span.end - span.begin > 2;
}

std::optional<long long> number(std::string_view text, json::Span span) {
    long long value = 0;
    const char* begin = text.data() + span.begin;
    const auto [end, error] = std::from_chars(begin, text.data() + span.end, value);
    return error == std::errc{} ? std::optional(value) : std::nullopt;
}

/// The keys of the first item of an array.
Keys first_item(std::string_view text, json::Span list, std::size_t& count) {
    count = 0;
    const auto spans = json::items(text, list.begin);
    if (!spans) {
        return {};
    }
    count = spans->size();
    if (spans->empty() || first(text, spans->front()) != '{') {
        return {};
    }
    const auto members = json::members(text, spans->front().begin);
    return members ? keys_of(*members) : Keys{};
}

InputKind kind_of_items(std::string_view text, const Keys& item) {
    const auto has = [&](std::string_view key) { return item.contains(key); };
    if (has("effectiveSecurityRules")) return InputKind::effective_security_rules;
    if (has("nextHopType") && (has("addressPrefix") || has("addressPrefixes")) && !has("id")) {
        return InputKind::effective_routes;
    }
    if (has("membershipType")) return InputKind::effective_vnets;
    if (has("ruleCollectionAppliesToGroups") || has("ruleGroups")) {
        return InputKind::active_admin_rules;
    }
    if (has("changeType") && has("resourceId")) return InputKind::what_if;
    if ((has("Id") && has("Name")) || has("ResourceType") || has("ResourceId")) {
        return InputKind::powershell;
    }
    if (has("method") && (has("request") || has("response"))) return InputKind::change_sequence;
    (void)text;
    return has("id") || has("type") ? InputKind::resource_array : InputKind::unknown;
}

}  // namespace

Recognised recognise(std::string_view text) {
    Recognised result;
    const std::size_t at = json::skip_space(text, 0);
    if (at >= text.size()) {
        result.seen = "an empty file";
        return result;
    }
    std::size_t count = 0;
    if (text[at] == '[') {
        const auto end = json::skip_value(text, at);
        if (!end) {
            result.seen = "an array that never ends";
            return result;
        }
        result.list = {at, *end};
        const Keys item = first_item(text, result.list, count);
        result.kind = count == 0 ? InputKind::arm_list : kind_of_items(text, item);
        result.seen = count == 0 ? "an empty array" : "an array";
        return result;
    }
    if (text[at] != '{') {
        result.seen = "neither an object nor an array";
        return result;
    }
    const auto members = json::members(text, at);
    if (!members) {
        result.seen = "an object that is malformed or cut off";
        return result;
    }
    const Keys keys = keys_of(*members);
    const auto has = [&](std::string_view key) { return keys.contains(key); };
    const auto is_array = [&](std::string_view key) {
        return has(key) && first(text, keys.at(key)) == '[';
    };
    const auto is_object = [&](std::string_view key) {
        return has(key) && first(text, keys.at(key)) == '{';
    };
    for (const json::Member& member : *members) {
        result.seen += (result.seen.empty() ? "an object with the keys " : ", ");
        if (result.seen.size() > 160) {
            result.seen += "...";
            break;
        }
        result.seen += std::string(member.key);
    }
    const auto announce = [&](std::size_t rows) {
        result.rows = rows;
        for (const std::string_view key : {"total_records", "totalRecords"}) {
            if (has(key)) {
                const auto total = number(text, keys.at(key));
                if (total && *total > static_cast<long long>(rows)) {
                    result.announced = static_cast<std::size_t>(*total);
                    result.cut_off = true;
                    result.cut_off_by = key;
                }
            }
        }
        for (const std::string_view key :
             {"skip_token", "skipToken", "$skipToken", "nextLink", "@odata.nextLink"}) {
            if (has(key) && is_text(text, keys.at(key))) {
                result.cut_off = true;
                result.cut_off_by = key;
            }
        }
        if (has("resultTruncated") && first(text, keys.at("resultTruncated")) == '"' &&
            text.substr(keys.at("resultTruncated").begin, 6) == "\"true\"") {
            result.cut_off = true;
            result.cut_off_by = "resultTruncated";
        }
    };

    if (has("$schema") && has("contentVersion")) {
        const json::Span schema = keys.at("$schema");
        const std::string_view value = text.substr(schema.begin, schema.end - schema.begin);
        result.kind = value.find("arameters.json") != std::string_view::npos
                          ? InputKind::template_parameters
                          : InputKind::arm_template;
        return result;
    }
    if (has("azreach")) {
        result.kind = InputKind::packed_snapshot;
        return result;
    }
    if (has("predictedResources")) {
        result.kind = InputKind::bicep_snapshot;
        return result;
    }
    if (has("planned_values") || has("resource_changes")) {
        result.kind = InputKind::terraform_plan;
        return result;
    }
    if (has("terraform_version") || (has("format_version") && has("values"))) {
        result.kind = InputKind::terraform_state;
        return result;
    }
    if (is_array("changes")) {
        const Keys item = first_item(text, keys.at("changes"), count);
        result.kind = item.contains("changeType") || count == 0 ? InputKind::what_if
                                                                  : InputKind::change_sequence;
        return result;
    }
    if (is_object("properties") && !has("id")) {
        const auto inner = json::members(text, keys.at("properties").begin);
        if (inner && keys_of(*inner).contains("changes")) {
            result.kind = InputKind::what_if;
            return result;
        }
    }
    if (is_object("parameters") && is_object("responses")) {
        result.kind = InputKind::rest_example;
        return result;
    }
    if (is_array("operations") || is_array("steps")) {
        result.kind = InputKind::change_sequence;
        return result;
    }
    if (has("changeNumber") && is_array("values")) {
        result.kind = InputKind::service_tags;
        return result;
    }
    if (is_array("data")) {
        result.kind = InputKind::resource_graph;
        result.list = keys.at("data");
        result.list_pointer = "/data";
        first_item(text, result.list, count);
        announce(count);
        return result;
    }
    if (is_object("data")) {
        const auto inner = json::members(text, keys.at("data").begin);
        if (inner && keys_of(*inner).contains("columns") && keys_of(*inner).contains("rows")) {
            result.kind = InputKind::resource_graph_table;
            result.list = keys.at("data");
            result.list_pointer = "/data";
            std::size_t rows = 0;
            first_item(text, keys_of(*inner).at("rows"), rows);
            announce(rows);
            return result;
        }
    }
    if (is_array("value")) {
        result.list = keys.at("value");
        result.list_pointer = "/value";
        const Keys item = first_item(text, result.list, count);
        const InputKind kind = count == 0 ? InputKind::arm_list : kind_of_items(text, item);
        result.kind = kind == InputKind::resource_array ? InputKind::arm_list : kind;
        announce(count);
        return result;
    }
    if (has("id") && (has("type") || has("properties"))) {
        result.kind = InputKind::resource;
        result.list = {at, json::skip_value(text, at).value_or(text.size())};
        return result;
    }
    if (is_array("resources") && has("question")) {
        result.kind = InputKind::ground_truth_like;
        result.list = keys.at("resources");
        result.list_pointer = "/resources";
        return result;
    }
    if (has("Id") || has("ResourceId") || has("Etag")) {
        result.kind = InputKind::powershell;
        return result;
    }
    return result;
}

}  // namespace azreach
