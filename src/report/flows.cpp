#include "src/report/flows.hpp"

#include <fmt/format.h>

#include <map>

#include "src/engine/config_change_values.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

namespace {

constexpr std::size_t kShown = 50;

std::string packet_text(const Packet& p) {
    std::string text =
        protocol_name(p.service.protocol) + " " + to_string(p.src) + " -> " + to_string(p.dst);
    if (has_ports(p.service.protocol)) {
        text += fmt::format(":{}", p.service.b);
    }
    return text;
}

Json flow_json(const ObservedFlow& flow) {
    return {{"packet", packet(flow.packet)},
            {"direction", flow.inbound ? "inbound" : "outbound"},
            {"logged", flow.allowed ? "allowed" : "denied"},
            {"seenBy", flow.seen_by.empty() ? Json(nullptr) : Json(flow.seen_by.text())},
            {"rule", flow.rule.empty() ? Json(nullptr) : Json(flow.rule)},
            {"times", flow.times},
            {"record", flow.record}};
}

}  // namespace

std::string_view FlowEffect::effect() const {
    if (flow->allowed && before != FlowState::blocked && after == FlowState::blocked) {
        return "breaks";
    }
    if (flow->allowed && arrives(before) && after == FlowState::possible) {
        return "may-break";
    }
    if (before == FlowState::blocked && arrives(after)) {
        return "opens";
    }
    if (before == FlowState::blocked && after == FlowState::possible) {
        return "may-open";
    }
    return "";
}

Json flows_result(const Context& context, const FlowLog& log, const FlowsAnswer& answer) {
    std::map<std::string, std::size_t> counts;
    Json flows = Json::array();
    for (const JudgedFlow& judged : answer.flows) {
        const std::string seen(to_string(judged.verdict.seen));
        ++counts[seen];
        Json item = flow_json(*judged.flow);
        item["seen"] = seen;
        item["decidedBy"] = judged.verdict.why;
        flows.push_back(std::move(item));
    }
    Json unused = Json::array();
    for (const SecurityRule* rule : answer.unused) {
        Json item{{"id", rule->id.text()}, {"name", rule->name}};
        item.update(place_fields(context, rule->where));
        unused.push_back(std::move(item));
    }
    Json summary;
    summary["tuples"] = log.tuples;
    summary["distinct"] = answer.flows.size();
    for (const char* seen :
         {"agrees", "open", "impossible-allow", "unexpected-deny", "not-in-snapshot"}) {
        summary[seen] = counts[seen];
    }
    summary["unreadable"] = log.unreadable.size() + log.left_out;
    return {{"summary", std::move(summary)},
            {"flows", std::move(flows)},
            {"unusedRules", std::move(unused)},
            {"unreadable", log.unreadable}};
}

std::string flows_text(const Context& context, const FlowLog& log, const FlowsAnswer& answer) {
    std::map<Seen, std::size_t> counts;
    std::string text;
    std::size_t shown = 0;
    for (const JudgedFlow& judged : answer.flows) {
        const Seen seen = judged.verdict.seen;
        ++counts[seen];
        if (seen != Seen::impossible && seen != Seen::denied_here) {
            continue;
        }
        if (++shown > kShown) {
            continue;
        }
        text += fmt::format("{}  {}  logged {} {}{}; the snapshot {} it: {}   record {}\n",
                            seen == Seen::impossible ? "IMPOSSIBLE ALLOW" : "UNEXPECTED DENY ",
                            packet_text(judged.flow->packet),
                            judged.flow->allowed ? "allowed" : "denied",
                            judged.flow->inbound ? "inbound" : "outbound",
                            judged.flow->rule.empty() ? "" : " by " + printable(judged.flow->rule),
                            seen == Seen::impossible ? "denies" : "allows",
                            printable(judged.verdict.why), judged.flow->record);
    }
    if (shown > kShown) {
        text += fmt::format("... and {} more (-o json lists all)\n", shown - kShown);
    }
    if (!answer.unused.empty()) {
        text += "\nAllow rules that no logged flow used:\n";
        for (std::size_t i = 0; i < std::min(answer.unused.size(), kShown); ++i) {
            const SecurityRule& rule = *answer.unused[i];
            text += "  " + printable(rule.id.parent().name()) + "/" + printable(rule.name) + ": " +
                    printable(values::text(rule));
            if (rule.where.known()) {
                const Place place = context.places.locate(rule.where);
                text += fmt::format("   {}:{}", printable(place.file), place.line);
            }
            text += "\n";
        }
        if (answer.unused.size() > kShown) {
            text += fmt::format("  ... and {} more\n", answer.unused.size() - kShown);
        }
    }
    for (const std::string& line : log.unreadable) {
        text += "not read: " + printable(line) + "\n";
    }
    if (log.left_out > 0) {
        text += fmt::format("not read: {} more\n", log.left_out);
    }
    return text + fmt::format(
                      "{} tuples, {} distinct: {} agree, {} impossible allows, {} unexpected "
                      "denies, {} open, {} outside the snapshot\n",
                      log.tuples, answer.flows.size(), counts[Seen::agrees],
                      counts[Seen::impossible], counts[Seen::denied_here], counts[Seen::open],
                      counts[Seen::not_in_snapshot]);
}

Json effects_json(const std::vector<FlowEffect>& effects) {
    Json list = Json::array();
    for (const FlowEffect& effect : effects) {
        if (effect.effect().empty()) {
            continue;
        }
        Json item = flow_json(*effect.flow);
        item["effect"] = std::string(effect.effect());
        item["before"] = std::string(to_string(effect.before));
        item["after"] = std::string(to_string(effect.after));
        list.push_back(std::move(item));
    }
    return list;
}

std::string effects_text(const std::vector<FlowEffect>& effects) {
    std::map<std::string_view, std::size_t> counts;
    std::string text;
    std::size_t shown = 0;
    for (const FlowEffect& effect : effects) {
        ++counts[effect.effect()];
        if (effect.effect().empty() || ++shown > kShown) {
            continue;
        }
        text += fmt::format("  {:<9} {}   was {}, now {}   seen {} times\n", effect.effect(),
                            packet_text(effect.flow->packet), to_string(effect.before),
                            to_string(effect.after), effect.flow->times);
    }
    return fmt::format(
               "\nObserved flows: {} distinct, {} would break, {} might break, {} would open, {} "
               "might open\n",
               effects.size(), counts["breaks"], counts["may-break"], counts["opens"],
               counts["may-open"]) +
           text;
}

}  // namespace azreach::report
