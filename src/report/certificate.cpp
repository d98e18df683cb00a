#include "src/report/certificate.hpp"

namespace azreach::report {

namespace {

Json nic(const Network& network, ConfigIndex config) {
    const ConfigPlace& place = network.configurations()[config];
    const auto& address = place.configuration->address;
    return {{"interface", place.interface->header.id.text()},
            {"address", address ? Json(to_string(*address)) : Json(nullptr)}};
}

Json sender(const Network& network, const CertificateSender& sender) {
    switch (sender.kind) {
        case CertificateSender::Kind::nic:
            return nic(network, sender.config);
        case CertificateSender::Kind::place:
            return {{"subnet", network.subnets()[sender.subnet].subnet->header.id.text()},
                    {"prefixes", prefixes(sender.addresses)}};
        case CertificateSender::Kind::internet:
            return {{"internet", prefixes(sender.addresses)}};
        case CertificateSender::Kind::onprem:
            return {{"onprem", prefixes(sender.addresses)}};
    }
    return nullptr;
}

Json box(const CertificateBox& box) {
    Json result;
    if (!box.senders.empty()) {
        result["senders"] = box.senders;
    }
    if (!box.receivers.empty()) {
        result["receivers"] = box.receivers;
    }
    if (!box.from.empty()) {
        result["from"] = prefixes(box.from);
    }
    if (!box.to.empty()) {
        result["to"] = prefixes(box.to);
    }
    result["services"] = service(box.services);
    Json stop = {{"kind", std::string(to_string(box.stop.kind))}};
    if (!box.stop.group.empty()) {
        stop["group"] = box.stop.group.text();
    }
    if (!box.stop.rule.empty()) {
        const bool rule = !box.stop.group.empty();
        stop[rule ? "rule" : "route"] = box.stop.rule.text();
    }
    if (box.stop.kind == CertificateStop::Kind::passes) {
        stop["nextHop"] = to_string(box.stop.next_hop);
    }
    result["stop"] = std::move(stop);
    return result;
}

Json rules(const std::vector<std::pair<ResourceId, ResourceId>>& list) {
    Json result = Json::array();
    for (const auto& [group, rule] : list) {
        result.push_back({{"group", group.text()}, {"rule", rule.text()}});
    }
    return result;
}

Json flow(const Network& network, const CertificateFlow& flow, const Certificate& certificate) {
    Json result;
    result["flow"] = flow.text;
    Json senders = Json::array();
    for (const CertificateSender& item : flow.senders) {
        senders.push_back(sender(network, item));
    }
    result["senders"] = std::move(senders);
    Json receivers = Json::array();
    for (const ConfigIndex config : flow.receivers) {
        receivers.push_back(nic(network, config));
    }
    result["receivers"] = std::move(receivers);
    if (!flow.to_internet.empty()) {
        result["toInternet"] = prefixes(flow.to_internet);
    }
    result["services"] = service(flow.services);
    if (!flow.avoided_next_hops.empty()) {
        result["waypoints"] = prefixes(flow.avoided_next_hops);
    }
    Json permitted = Json::array();
    for (const CertificatePermit& permit : flow.permitted) {
        permitted.push_back({{"senders", permit.senders},
                             {"receivers", permit.receivers},
                             {"services", service(permit.services)}});
    }
    result["permitted"] = std::move(permitted);
    if (certificate.claim == Certificate::Claim::everything_arrives) {
        Json ways = Json::array();
        for (const CertificateWay& way : certificate.ways) {
            ways.push_back({{"senders", way.senders},
                            {"receivers", way.receivers},
                            {"out", rules(way.out)},
                            {"in", rules(way.in)}});
        }
        result["ways"] = std::move(ways);
        return result;
    }
    Json boxes = Json::array();
    for (const CertificateBox& item : flow.boxes) {
        boxes.push_back(box(item));
    }
    result["boxes"] = std::move(boxes);
    return result;
}

}  // namespace

Json certificate_document(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                          const std::vector<Certificate>& certificates) {
    const Snapshot& snapshot = context.network.snapshot();
    Json document;
    document["schema"] = "azreach.certificate/1";
    document["tool"] = {{"name", "azreach"}, {"version", context.version}};
    Json sources = Json::array();
    for (const Source& source : snapshot.sources) {
        sources.push_back({{"path", source.path}, {"sha256", source.sha256}});
    }
    document["snapshot"] = {{"digest", snapshot.digest}, {"sources", std::move(sources)}};
    const Assumptions& assumptions = context.network.assumptions();
    document["reading"] = assumptions.reading() == Reading::strict ? "strict" : "documented";
    Json stated = Json::array();
    for (const Assumptions::Stated& item : assumptions.stated()) {
        stated.push_back({{"key", item.key}, {"value", item.value}, {"origin", item.origin}});
    }
    document["assumptions"] = std::move(stated);
    document["config"] = run.file;
    document["today"] = to_string(run.today);
    Json list = Json::array();
    for (std::size_t i = 0; i < certificates.size(); ++i) {
        const InvariantResult& result = answer.results[i];
        const Certificate& certificate = certificates[i];
        Json item;
        item["id"] = result.invariant->id;
        item["verb"] = std::string(to_string(result.invariant->verb));
        item["status"] = std::string(to_string(result.status));
        item["claim"] = std::string(to_string(certificate.claim));
        if (!certificate.missing.empty()) {
            item["missing"] = certificate.missing;
        }
        if (result.invariant->verb == Verb::limit) {
            item["limit"] = {{"count", std::string(to_string(result.invariant->count))},
                             {"max", digits(result.invariant->max)}};
        }
        if (certificate.claim == Certificate::Claim::arrives) {
            item["packet"] = packet(result.witness->packet);
            item["from"] = std::holds_alternative<ConfigIndex>(result.witness->from)
                               ? nic(context.network, std::get<ConfigIndex>(result.witness->from))
                               : Json(result.witness->from_name);
            item["path"] = path(context, result.path);
        } else if (!certificate.flows.empty()) {
            Json flows = Json::array();
            for (const CertificateFlow& one : certificate.flows) {
                flows.push_back(flow(context.network, one, certificate));
            }
            item["flows"] = std::move(flows);
        }
        list.push_back(std::move(item));
    }
    document["invariants"] = std::move(list);
    return document;
}

}  // namespace azreach::report
