#include "src/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "src/report/json.hpp"

namespace azreach::report {

namespace {

std::string port_list(const PortSet& ports) {
    std::string text;
    for (const auto& range : ports.ranges()) {
        text += text.empty() ? "" : ",";
        text += range.first == range.last ? std::to_string(range.first)
                                          : fmt::format("{}-{}", range.first, range.last);
    }
    return text;
}

/// One line a route, by address; invalid ones and those that are not certain last, the latter with
/// one next hop together.
std::string routes_text(std::vector<EffectiveRouteView> routes) {
    const auto late = [](const EffectiveRouteView& route) {
        return route.state != "Active" ? 2 : route.certain ? 0 : 1;
    };
    std::stable_sort(routes.begin(), routes.end(),
                     [&](const EffectiveRouteView& a, const EffectiveRouteView& b) {
                         const Prefix& x = a.prefixes.front();
                         const Prefix& y = b.prefixes.front();
                         return std::tuple(late(a), x.family(), x.first(), x.length()) <
                                std::tuple(late(b), y.family(), y.first(), y.length());
                     });
    std::vector<EffectiveRouteView> lines;
    for (EffectiveRouteView& route : routes) {
        if (!lines.empty() && late(route) == 1 && late(lines.back()) == 1 &&
            lines.back().source == route.source &&
            lines.back().next_hop_type == route.next_hop_type &&
            lines.back().next_hop_addresses == route.next_hop_addresses) {
            lines.back().prefixes.insert(lines.back().prefixes.end(), route.prefixes.begin(),
                                         route.prefixes.end());
        } else {
            lines.push_back(std::move(route));
        }
    }
    std::string text;
    for (const EffectiveRouteView& route : lines) {
        std::string prefixes;
        for (std::size_t i = 0; i < std::min<std::size_t>(route.prefixes.size(), 3); ++i) {
            prefixes += (i == 0 ? "" : ", ") + to_string(route.prefixes[i]);
        }
        if (route.prefixes.size() > 3) {
            prefixes += fmt::format(" and {} more", route.prefixes.size() - 3);
        }
        std::string hop = route.next_hop_type;
        for (const Address& address : route.next_hop_addresses) {
            hop += " " + to_string(address);
        }
        std::string line =
            fmt::format("  {:<22} {:<8} {:<20} {}", route.source, route.state, prefixes, hop);
        text += line + (route.certain ? "" : "  (not certain)") + "\n";
    }
    return text;
}

}  // namespace

std::string printable(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F) {
            result += fmt::format("\\x{:02x}", byte);
        } else {
            result += c;
        }
    }
    return result;
}

std::string service_text(const ServiceSet& service) {
    if (service == ServiceSet::every()) {
        return "every protocol";
    }
    std::vector<std::string> parts;
    for (const Protocol protocol : {kTcp, kUdp}) {
        const PairSet& pairs = service.pairs(protocol);
        if (pairs.empty()) {
            continue;
        }
        const PortSet ports = pairs.all_b();
        std::string part = protocol_name(protocol);
        if (!ports.is_full()) {
            part += "/" + port_list(ports);
        }
        if (pairs != PairSet::box(PortSet::full(), ports)) {
            part += " (some source ports)";
        }
        parts.push_back(std::move(part));
    }
    for (const Protocol protocol : {kIcmp, kIcmpv6}) {
        const PairSet& pairs = service.pairs(protocol);
        if (!pairs.empty()) {
            parts.push_back(
                protocol_name(protocol) +
                (ServiceSet::protocol(protocol).pairs(protocol) == pairs ? "" : " (some types)"));
        }
    }
    const Uint128 others = service.others().count();
    if (others > 4) {
        parts.push_back(fmt::format("{} other protocols", static_cast<unsigned>(others)));
    } else {
        for (const auto& range : service.others().ranges()) {
            for (unsigned protocol = range.first; protocol <= range.last; ++protocol) {
                parts.push_back(protocol_name(static_cast<Protocol>(protocol)));
            }
        }
    }
    return fmt::format("{}", fmt::join(parts, " "));
}

std::string show_text(const Network& network, const ShowAnswer& answer) {
    (void)network;
    std::string text = fmt::format("{} {}   {}\n", answer.kind, printable(answer.name),
                                   printable(answer.id.text()));
    for (const auto& [label, values] : answer.facts) {
        text += fmt::format("  {}:", label);
        if (values.empty()) {
            text += " none";
        }
        for (const std::string& value : values) {
            text += (values.size() == 1 ? " " : "\n    ") + printable(value);
        }
        text += "\n";
    }
    const auto sides = [](const Bounds<AddressSet>& bounds) {
        const std::vector<Prefix> prefixes = prefixes_of(bounds.must);
        std::string side;
        if (bounds.must == AddressSet::all()) {
            side = "*";
        } else {
            for (std::size_t i = 0; i < std::min<std::size_t>(prefixes.size(), 3); ++i) {
                side += (i == 0 ? "" : ",") + to_string(prefixes[i]);
            }
            if (prefixes.size() > 3) {
                side += fmt::format(",+{}", prefixes.size() - 3);
            }
        }
        if (side.empty()) {
            side = "-";
        }
        return bounds.exact() ? side : side + "?";
    };
    for (const Direction direction : {Direction::inbound, Direction::outbound}) {
        bool heading = false;
        ResourceId association;
        for (const EffectiveRuleView& rule : answer.rules) {
            if (rule.direction != direction) {
                continue;
            }
            if (!heading || association != rule.association) {
                text += fmt::format("\n{} rules at {}\n",
                                    direction == Direction::inbound ? "Inbound" : "Outbound",
                                    printable(rule.association.name()));
                heading = true;
                association = rule.association;
            }
            text += fmt::format(
                "  {:>5} {:<6} {:<4} {} -> {}  ports {} -> {}  {}\n", rule.priority,
                rule.access == Access::deny ? "Deny" : "Allow", rule.protocol, sides(rule.source),
                sides(rule.destination),
                rule.source_ports.is_full() ? "*" : port_list(rule.source_ports),
                rule.destination_ports.is_full() ? "*" : port_list(rule.destination_ports),
                printable(rule.name));
        }
    }
    if (!answer.routes.empty()) {
        text += "\nRoutes\n" + routes_text(answer.routes);
    }
    return text;
}

std::string endpoints_text(const std::vector<Endpoint>& items) {
    std::size_t width = 4;
    for (const Endpoint& endpoint : items) {
        width = std::max(width, std::min<std::size_t>(endpoint.use.size(), 48));
    }
    std::string text;
    for (const Endpoint& endpoint : items) {
        std::string addresses;
        for (std::size_t i = 0; i < std::min<std::size_t>(endpoint.addresses.size(), 4); ++i) {
            const Prefix& prefix = endpoint.addresses[i];
            const bool host = prefix.length() == azreach::width(prefix.family());
            addresses +=
                (i == 0 ? "" : " ") + (host ? to_string(prefix.first()) : to_string(prefix));
        }
        if (endpoint.addresses.size() > 4) {
            addresses += fmt::format(" +{}", endpoint.addresses.size() - 4);
        }
        text += fmt::format("{:<7} {:<{}}  {:<24} {}\n", endpoint.kind, printable(endpoint.use),
                            width, printable(endpoint.id.resource_group()), addresses);
    }
    return text;
}

}  // namespace azreach::report
