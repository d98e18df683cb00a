#include "src/engine/diff_facts.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace azreach {

namespace {

bool same_fact(const Network& one, Fact a, const Network& other, Fact b) {
    return a.key == b.key &&
           (a.key <= FactKey::last_contested || one.facts().subject(a) == other.facts().subject(b));
}

ResourceId vnet_id(const Network& network, VnetIndex vnet) {
    return vnet == kNoIndex ? ResourceId() : network.vnets()[vnet]->header.id;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return result;
}

std::string text(const AddressSet& set) {
    std::string result;
    for (const auto& range : set.v4.ranges()) {
        result += fmt::format("{:x}-{:x},", range.first, range.last);
    }
    for (const auto& range : set.v6.ranges()) {
        result +=
            to_string(Address::v6(range.first)) + "-" + to_string(Address::v6(range.last)) + ",";
    }
    return result;
}

std::string text(const ServiceSet& set) {
    std::string result;
    for (const Protocol protocol : {kTcp, kUdp, kIcmp, kIcmpv6}) {
        for (const PairSet::Band& band : set.pairs(protocol).bands()) {
            result += fmt::format("{}:{}-{}:", protocol, band.b.first, band.b.last);
            for (const auto& range : band.a.ranges()) {
                result += fmt::format("{}-{},", range.first, range.last);
            }
        }
    }
    for (const auto& range : set.others().ranges()) {
        result += fmt::format("{}-{};", range.first, range.last);
    }
    return result;
}

std::string id_of(const Network& network, ConfigIndex config) {
    if (config == kNoIndex) {
        return "";
    }
    const ConfigPlace& place = network.configurations()[config];
    return lower(place.interface->header.id.text()) + "#" + lower(place.configuration->id.text());
}

}  // namespace

bool same_guard(const Network& one, const Guard& a, const Network& other, const Guard& b) {
    return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const Literal& x) {
               return std::any_of(b.begin(), b.end(), [&](const Literal& y) {
                   return x.value == y.value && same_fact(one, x.fact, other, y.fact);
               });
           });
}

bool same_entry(const Network& one, const EffectiveRouteEntry& a, const Network& other,
                const EffectiveRouteEntry& b) {
    return a.prefix == b.prefix && a.hop == b.hop && a.address == b.address &&
           vnet_id(one, a.vnet) == vnet_id(other, b.vnet) && a.via == b.via &&
           a.origin == b.origin && a.forwarded_never == b.forwarded_never &&
           a.onprem_never == b.onprem_never && a.never_delivers == b.never_delivers &&
           same_guard(one, a.when, other, b.when) &&
           same_guard(one, a.delivers_when, other, b.delivers_when) &&
           same_guard(one, a.forwarded_when, other, b.forwarded_when) &&
           same_guard(one, a.onprem_when, other, b.onprem_when);
}

std::string text_of(const Network& network, const Guard& guard) {
    std::vector<std::string> parts;
    for (const Literal& literal : guard) {
        parts.push_back(fmt::format("{}{}={}", static_cast<int>(literal.fact.key),
                                    literal.fact.key <= FactKey::last_contested
                                        ? ""
                                        : ":" + network.facts().subject(literal.fact),
                                    literal.value));
    }
    std::sort(parts.begin(), parts.end());
    return fmt::format("[{}]", fmt::join(parts, " "));
}

std::string text_of(const Network& network, const Owner& owner) {
    std::string result = fmt::format("{} {} {}", static_cast<int>(owner.kind),
                                     lower(owner.at.text()), text_of(network, owner.when));
    if (owner.kind == Owner::Kind::configuration) {
        const ConfigPlace& place = network.configurations()[owner.config];
        result += " " + id_of(network, owner.config) +
                  (place.interface->ip_forwarding ? " forwards" : "");
        if (place.endpoint != nullptr) {
            result += " endpoint " + lower(place.endpoint->header.id.text());
            for (const PrivateEndpoint::Connection& connection : place.endpoint->connections) {
                result += fmt::format(" {}:{}", static_cast<int>(connection.status),
                                      connection.target ? lower(connection.target->text()) : "");
                for (const std::string& group : connection.group_ids) {
                    result += "," + group;
                }
            }
        }
    }
    if (owner.kind == Owner::Kind::frontend) {
        result += " " + lower(owner.frontend->id.text());
        result +=
            " " + text_of(network, network.edges().translations(*owner.balancer, *owner.frontend));
    }
    return result;
}

std::string text_of(const Network& network, const std::vector<Translation>& ways) {
    std::vector<std::uint32_t> groups;
    std::string result;
    for (const Translation& way : ways) {
        const auto known = std::find(groups.begin(), groups.end(), way.choice_group);
        const auto group = known - groups.begin();
        if (known == groups.end()) {
            groups.push_back(way.choice_group);
        }
        result += fmt::format("{} {} {} {} {}{}{}{} {} {} {};", static_cast<int>(way.kind),
                              id_of(network, way.config), text(way.accepts),
                              way.to_port ? std::to_string(*way.to_port) : "", way.floating_ip,
                              way.standard_closed, way.basic_open, way.internal,
                              lower(way.target.text()), text_of(network, way.when), group);
    }
    return result;
}

std::string text_of(const Network& network, const OutboundMethod& method) {
    std::string result =
        fmt::format("{} {} {} {}", static_cast<int>(method.kind), text(method.services),
                    text(method.source_addresses), text_of(network, method.when));
    for (const auto& part : method.destinations) {
        result += " " + text_of(network, part.when) + text(part.set);
    }
    return result;
}

std::string text_of(const Network& network, const BehindGateway& behind) {
    return fmt::format("{} {} {} {} {} {}", text(behind.addresses), static_cast<int>(behind.kind),
                       lower(vnet_id(network, behind.vnet).text()), lower(behind.via.text()),
                       lower(behind.remote_gateway.text()), text_of(network, behind.when));
}

std::string text_of(const Network& network, const Routes::OnpremEntry& entry) {
    return fmt::format("{} {} {}", lower(entry.gateway.text()), text(entry.sources),
                       text_of(network, entry.when));
}

std::string text_of(const Network& network, const HopTarget& target) {
    return fmt::format("{} {} {} {}", lower(vnet_id(network, target.vnet).text()),
                       text(target.space), lower(target.via.text()), text_of(network, target.when));
}

}  // namespace azreach
