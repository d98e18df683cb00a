// Observed flows as text and JSON.
#pragma once

#include "models/azure/flow_log.hpp"
#include "src/engine/observed.hpp"
#include "src/report/json.hpp"

namespace azreach::report {

struct JudgedFlow {
    const ObservedFlow* flow = nullptr;
    SeenVerdict verdict;
};

/// What a change does to an observed flow.
struct FlowEffect {
    const ObservedFlow* flow = nullptr;
    FlowState before = FlowState::blocked, after = FlowState::blocked;
    /// "breaks", "may-break", "opens", "may-open"; "" when nothing changes for it.
    std::string_view effect() const;
};

struct FlowsAnswer {
    std::vector<JudgedFlow> flows;
    std::vector<const SecurityRule*> unused;  // allow rules of the logged groups that nothing used
};

Json flows_result(const Context& context, const FlowLog& log, const FlowsAnswer& answer);
std::string flows_text(const Context& context, const FlowLog& log, const FlowsAnswer& answer);
Json effects_json(const std::vector<FlowEffect>& effects);
std::string effects_text(const std::vector<FlowEffect>& effects);

}  // namespace azreach::report
