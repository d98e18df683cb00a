#include "src/report/diff.hpp"

namespace azreach::report {

namespace {

Json side(const FlowSide& side) {
    Json ids = Json::array();
    for (const ResourceId& id : side.ids) {
        ids.push_back(id.text());
    }
    return {{"name", side.name}, {"ids", std::move(ids)}, {"prefixes", prefixes(side.addresses)}};
}

Json config_change(const DiffContext& context, const ConfigChange& change) {
    Json item;
    item["id"] = change.id.text();
    item["pointer"] = change.pointer;
    item["old"] = change.kind == ConfigChange::Kind::added ? Json(nullptr) : Json(change.before);
    item["new"] = change.kind == ConfigChange::Kind::removed ? Json(nullptr) : Json(change.after);
    const Place place = place_of(context, change);
    item["file"] = place.file.empty() ? Json(nullptr) : Json(place.file);
    item["line"] = place.line == 0 ? Json(nullptr) : Json(place.line);
    return item;
}

}  // namespace

Json diff_result(const DiffContext& context, const DiffAnswer& answer,
                 const InvariantFlips& flips) {
    std::size_t added = 0;
    std::size_t lost = 0;
    std::size_t others = 0;
    std::size_t exposures = 0;
    Json changes = Json::array();
    for (const FlowChange& change : answer.changes) {
        switch (change.kind) {
            case FlowChange::Kind::added:
                ++added;
                exposures += change.exposure() ? 1U : 0U;
                break;
            case FlowChange::Kind::lost:
                ++lost;
                break;
            default:
                ++others;
        }
        Json item;
        item["kind"] = std::string(to_string(change.kind));
        item["certain"] = change.certain();
        item["exposure"] = change.exposure();
        item["from"] = side(change.from);
        item["to"] = side(change.to);
        item["service"] = service(change.service);
        item["before"] = std::string(to_string(change.before));
        item["after"] = std::string(to_string(change.after));
        Json causes = Json::array();
        for (const std::size_t cause : change.caused_by) {
            causes.push_back(config_change(context, answer.config[cause]));
        }
        item["causedBy"] = std::move(causes);
        item["witness"] = change.witness ? packet(*change.witness) : Json(nullptr);
        item["path"] = path(context.after, change.path_after);
        item["pathBefore"] = path(context.before, change.path_before);
        item["dependsOn"] = change.depends_on;
        changes.push_back(std::move(item));
    }
    Json config = Json::array();
    for (const ConfigChange& change : answer.config) {
        config.push_back(config_change(context, change));
    }
    Json without_effect = Json::array();
    for (const std::size_t index : answer.without_effect) {
        without_effect.push_back(index);
    }
    Json result;
    result["summary"] = {{"new", added},
                         {"lost", lost},
                         {"changed", others},
                         {"unchangedPairs", answer.unchanged_pairs},
                         {"configChanges", answer.config.size()},
                         {"newExposures", exposures},
                         {"comparedBySample", answer.compared_by_sample}};
    result["changes"] = std::move(changes);
    result["configChanges"] = std::move(config);
    result["withoutEffect"] = std::move(without_effect);
    Json invariants = Json::array();
    for (const InvariantFlip& flip : flips) {
        invariants.push_back({{"id", flip.invariant->id},
                              {"before", std::string(to_string(flip.before))},
                              {"after", std::string(to_string(flip.after))},
                              {"severity", std::string(to_string(flip.invariant->severity))}});
    }
    result["invariants"] = std::move(invariants);
    return result;
}

}  // namespace azreach::report
