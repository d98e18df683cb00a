// What a JSON document is, told by its content (contract section 6).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/arm/json_scan.hpp"

namespace azreach {

enum class InputKind : std::uint8_t {
    resource_graph,
    resource_graph_table,
    arm_list,
    az_list,
    resource_array,
    resource,
    case_resources,  // {"resources": [...], "question": ...}
    powershell,
    service_tags,
    effective_security_rules,
    effective_routes,
    active_admin_rules,
    effective_vnets,
    collection_report,  // what the collector says of its own work
    // Recognised and not read by this version:
    arm_template,
    template_parameters,
    bicep_snapshot,
    what_if,
    terraform_plan,
    terraform_state,
    rest_example,
    change_sequence,
    packed_snapshot,
    unknown,
};
std::string_view to_string(InputKind kind);  // "resource-graph"
/// True for the kinds that are answered with one diagnostic.
bool comes_later(InputKind kind);

/// What a page says about the pages around it.
struct PageInfo {
    std::size_t rows = 0;            // given here
    std::optional<long long> total;  // announced for the whole series
    std::optional<long long> count;  // announced for this page
    std::string next;                // token or link of the following page
    std::string next_key;            // "skip_token", "nextLink", ...
    bool truncated = false;          // resultTruncated
    /// Of a page that the collector marked: whose children it lists ("<parent id>/firewallRules"),
    /// and which page of that list it is, from 1.
    std::string children_of;
    long long children_page = 0;
};

struct Recognised {
    InputKind kind = InputKind::unknown;
    json::Span list{};         // the array of resources or rows, or the table
    std::string list_pointer;  // "/data", "/value", "" for the document itself
    PageInfo page;
    std::string seen;  // what was seen, for messages
};

/// `text` is one JSON document. Looks at keys only.
Recognised recognise(std::string_view text, const json::Outline& outline);

}  // namespace azreach
