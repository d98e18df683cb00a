// check as JSON (contract section 4).
#include <algorithm>

#include "src/report/check.hpp"

namespace azreach::report {

namespace {

/// Numbers that a reader of JSON holds exactly stay numbers.
Json number(Uint128 value) {
    constexpr std::uint64_t kExact = std::uint64_t{1} << 53U;
    if (value <= kExact) {
        return static_cast<std::uint64_t>(value);
    }
    return digits(value);
}

Json statements(const std::vector<FactStatement>& list) {
    Json result = Json::array();
    for (const FactStatement& statement : list) {
        Json facts = Json::object();
        for (const auto& [key, value] : statement) {
            facts[key] = value;
        }
        result.push_back(std::move(facts));
    }
    return result;
}

Json end(const std::string& name, const ResourceId& id) {
    return {{"name", name}, {"id", id.empty() ? Json(nullptr) : Json(id.text())}};
}

}  // namespace

std::string digits(Uint128 value) {
    std::string text;
    do {
        text += static_cast<char>('0' + static_cast<int>(value % 10));
        value /= 10;
    } while (value != 0);
    std::reverse(text.begin(), text.end());
    return text;
}

std::string statement_text(const FactStatement& statement) {
    std::string text;
    for (const auto& [key, value] : statement) {
        text += (text.empty() ? "" : " and ") + key + "=" + value;
    }
    return text;
}

Json check_result(const Context& context, const CheckAnswer& answer, const CheckRun& run) {
    Json summary;
    for (const InvariantStatus status :
         {InvariantStatus::held, InvariantStatus::violated, InvariantStatus::unknown,
          InvariantStatus::vacuous, InvariantStatus::suppressed, InvariantStatus::not_asked}) {
        summary[std::string(to_string(status))] = answer.count(status);
    }
    Json list = Json::array();
    for (std::size_t i = 0; i < answer.results.size(); ++i) {
        const InvariantResult& result = answer.results[i];
        const Invariant& invariant = *result.invariant;
        Json item;
        item["id"] = invariant.id;
        item["title"] = invariant.title.empty() ? Json(nullptr) : Json(invariant.title);
        item["severity"] = std::string(to_string(invariant.severity));
        item["verb"] = std::string(to_string(invariant.verb));
        item["status"] = std::string(to_string(result.status));
        item["source"] = {{"file", invariant.place.file}, {"line", invariant.place.line}};
        if (result.witness) {
            Json witness = packet(result.witness->packet);
            witness["from"] = end(result.witness->from_name, result.witness->from_id);
            witness["to"] = end(result.witness->to_name, result.witness->to_id);
            item["witness"] = std::move(witness);
        } else {
            item["witness"] = nullptr;
        }
        item["path"] = path(context, result.path);
        if (result.affected) {
            item["affected"] = {{"sources", number(result.affected->sources)},
                                {"destinations", number(result.affected->destinations)},
                                {"service", service(result.affected->service)},
                                {"sourceNames", result.affected->source_names},
                                {"destinationNames", result.affected->destination_names}};
        } else {
            item["affected"] = nullptr;
        }
        item["dependsOn"] = result.depends_on;
        if (result.status == InvariantStatus::unknown) {
            item["decidedBy"] = {{"held", statements(result.held_if)},
                                 {"violated", statements(result.violated_if)}};
        }
        if (result.witness) {
            item["return"] = {{"verdict", result.return_verdict
                                              ? Json(std::string(to_string(*result.return_verdict)))
                                              : Json(nullptr)},
                              {"path", path(context, result.return_path)}};
        }
        const auto text = [&](const char* key, const std::string& value) {
            if (!value.empty()) {
                item[key] = value;
            }
        };
        text("why", invariant.why);
        text("owner", invariant.owner);
        text("flow", result.broken);
        text("note", result.note);
        if (result.counted) {
            item["counted"] = {{"count", std::string(to_string(invariant.count))},
                               {"least", number(result.counted->first)},
                               {"most", number(result.counted->second)},
                               {"max", number(invariant.max)}};
        }
        if (result.suppression != nullptr) {
            const Waiver& waiver = result.suppression->waiver;
            item["suppression"] = {
                {"reason", waiver.reason},
                {"owner", waiver.owner},
                {"expires", waiver.expires ? Json(to_string(*waiver.expires)) : Json(nullptr)},
                {"status", std::string(to_string(result.beneath))}};
        }
        if (i < run.fingerprints.size() && !run.fingerprints[i].empty()) {
            item["fingerprints"] = run.fingerprints[i];
            item["known"] = run.known.contains(i);
        }
        list.push_back(std::move(item));
    }
    return {{"config", run.file},
            {"today", to_string(run.today)},
            {"summary", std::move(summary)},
            {"invariants", std::move(list)}};
}

}  // namespace azreach::report
