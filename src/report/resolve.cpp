#include "src/report/resolve.hpp"

#include "src/report/text.hpp"

namespace azreach::report {

namespace {

std::string_view via(const NameAnswer& answer) {
    if (!answer.exists || answer.via == NameAnswer::Via::forwarded) {
        return "none";
    }
    return answer.via == NameAnswer::Via::private_zone ? "private-zone" : "public";
}

Json id_or_null(const ResourceId& id) { return id.empty() ? Json(nullptr) : Json(id.text()); }

}  // namespace

Json resolved(const Context& context, const ResolvedName& result) {
    Json answers = Json::array();
    for (const ResolvedAnswer& resolved : result.answers) {
        const NameAnswer& answer = resolved.answer;
        Json one;
        one["address"] = answer.address ? Json(to_string(*answer.address)) : Json(nullptr);
        one["via"] = via(answer);
        one["zone"] = id_or_null(answer.zone);
        one["record"] = id_or_null(answer.record);
        one["reaches"] = nullptr;
        if (!resolved.reaches.empty()) {
            one["reaches"] = {{"id", resolved.reaches.text()}, {"name", resolved.reaches.name()}};
        }
        one["names"] = answer.names;
        one["exists"] = answer.exists;
        one["note"] = answer.note;
        one["dependsOn"] = depends_on(context, resolved.facts);
        answers.push_back(std::move(one));
    }
    return {{"name", result.name},
            {"from", result.from},
            {"answers", std::move(answers)},
            {"findings", result.findings}};
}

std::string resolved_text(const Context& context, const ResolvedName& result) {
    std::string text = printable(result.name) + "  from " + printable(result.from) + "\n";
    for (const ResolvedAnswer& resolved : result.answers) {
        const NameAnswer& answer = resolved.answer;
        std::string line = "  ";
        if (!answer.exists) {
            line += "no such name";
        } else {
            line += answer.address ? to_string(*answer.address) : "address not in the snapshot";
            line += answer.via == NameAnswer::Via::private_zone  ? "  private zone"
                    : answer.via == NameAnswer::Via::public_name ? "  public"
                                                                 : "  another server";
        }
        if (!answer.zone.empty()) {
            line += "  zone " + std::string(answer.zone.name());
        }
        if (!resolved.reaches.empty()) {
            line += "  reaches " + std::string(resolved.reaches.name());
        }
        text += printable(line) + "\n";
        for (std::size_t i = 1; i < answer.names.size(); ++i) {
            text += "      alias of " + printable(answer.names[i]) + "\n";
        }
        if (!answer.note.empty()) {
            text += "      " + printable(answer.note) + "\n";
        }
        for (const Fact& fact : resolved.facts) {
            text += "      hangs on " + printable(context.network.facts().name(fact)) + "\n";
        }
    }
    for (const std::string& finding : result.findings) {
        text += "finding: " + printable(finding) + "\n";
    }
    return text;
}

}  // namespace azreach::report
