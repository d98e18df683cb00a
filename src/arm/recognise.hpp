// What a JSON document is, told by its content (contract section 6).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "src/arm/json_scan.hpp"

namespace azreach {

enum class InputKind : std::uint8_t {
    resource_graph, resource_graph_table, arm_list, resource_array, resource, service_tags,
    effective_security_rules, effective_routes, active_admin_rules, effective_vnets,
    ground_truth_like,
    // Recognised and not read by this version:
    arm_template, template_parameters, bicep_snapshot, what_if, terraform_plan, terraform_state,
    rest_example, change_sequence, powershell, packed_snapshot,
    unknown,
};
std::string_view to_string(InputKind kind);  // "resource-graph"
/// True for the kinds that are answered with one diagnostic.
bool comes_later(InputKind kind);

struct Recognised {
    InputKind kind = InputKind::unknown;
    json::Span list{};                  // the array of resources or rows
    std::string list_pointer;           // "/data", "/value", "" for the document itself
    std::size_t rows = 0;               // items of the list
    std::size_t announced = 0;          // rows in all pages together, if the page says so
    bool cut_off = false;               // more rows announced than given
    std::string cut_off_by;             // "skip_token", "nextLink", "total_records"
    std::string seen;                   // what was seen, for messages
};

/// `text` is one JSON document. Looks at keys only.
Recognised recognise(std::string_view text);

}  // namespace azreach
