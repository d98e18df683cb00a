#include "src/arm/derive.hpp"

#include "src/plan/terraform.hpp"
#include "src/plan/what_if.hpp"
#include "src/template/bicep_snapshot.hpp"
#include "src/template/template_set.hpp"

namespace azreach {

bool is_derived(InputKind kind) {
    return kind == InputKind::bicep_snapshot || kind == InputKind::what_if ||
           kind == InputKind::terraform_plan || kind == InputKind::terraform_state ||
           kind == InputKind::arm_template || kind == InputKind::template_parameters;
}

std::vector<DerivedInputs> grouped(std::vector<PendingInput> pending) {
    std::vector<DerivedInputs> groups;
    DerivedInputs templates;  // which link to each other and share parameter files
    for (PendingInput& one : pending) {
        if (one.kind == InputKind::arm_template) {
            templates.kind = one.kind;
            templates.inputs.push_back(std::move(one.input));
        } else if (one.kind == InputKind::template_parameters) {
            templates.kind = InputKind::arm_template;
            templates.parameter_files.push_back(std::move(one.input));
        } else {
            groups.push_back({one.kind, {std::move(one.input)}, {}});
        }
    }
    if (templates.kind == InputKind::arm_template) {
        groups.push_back(std::move(templates));
    }
    return groups;
}

Derived derive(const DerivedInputs& group, Side side, bool overlay) {
    switch (group.kind) {
        case InputKind::bicep_snapshot:
            return derive_bicep_snapshot(group.inputs.front());
        case InputKind::arm_template:
            return derive_templates(group.inputs, group.parameter_files);
        case InputKind::what_if:
            return derive_what_if(group.inputs.front(), side);
        case InputKind::terraform_plan:
        case InputKind::terraform_state:
            return derive_terraform(group.inputs.front(), side, overlay);
        default:
            return {};
    }
}

}  // namespace azreach
