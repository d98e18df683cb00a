#include "src/report/finding_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace azreach::report {

std::string hop_text(const Hop& hop) {
    std::string text = hop.at_name + ": " + std::string(to_string(hop.decision));
    if (!hop.by.name.empty()) {
        text += " by " + hop.by.name;
        if (hop.by.priority) {
            text += fmt::format(" ({})", *hop.by.priority);
        }
    }
    return text;
}

std::vector<FindingStep> steps(const Context& context, const std::vector<Hop>& hops) {
    std::vector<FindingStep> result;
    for (const Hop& hop : hops) {
        FindingStep step;
        step.text = hop_text(hop);
        if (hop.by.where.known()) {
            step.place = context.places.locate(hop.by.where);
        }
        result.push_back(std::move(step));
    }
    return result;
}

bool is_source_code(const Context& context, const std::string& file) {
    static constexpr std::array<std::string_view, 4> kWritten = {"arm-template", "bicep-snapshot",
                                                                 "terraform-plan", "what-if"};
    const std::vector<Source>& sources = context.network.snapshot().sources;
    return std::any_of(sources.begin(), sources.end(), [&](const Source& source) {
        return source.path == file &&
               std::find(kWritten.begin(), kWritten.end(), source.kind) != kWritten.end();
    });
}

}  // namespace azreach::report
