#include "src/report/text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "src/report/json.hpp"

namespace azreach::report {

namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return result;
}

std::string port_list(const PortSet& ports) {
    std::string text;
    for (const auto& range : ports.ranges()) {
        text += text.empty() ? "" : ",";
        text += range.first == range.last ? std::to_string(range.first)
                                          : fmt::format("{}-{}", range.first, range.last);
    }
    return text;
}

std::string paint(const TextOptions& options, std::string_view code, std::string_view text) {
    return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
}

std::string_view color_of(QueryVerdict verdict) {
    switch (verdict) {
        case QueryVerdict::reachable:
            return "32";
        case QueryVerdict::blocked:
            return "31";
        case QueryVerdict::unknown:
            return "33";
        default:
            return "36";
    }
}

std::string rule_name(const Hop& hop) {
    if (hop.by.id.empty() && hop.by.name.empty()) {
        return "";
    }
    std::string text = printable(hop.by.name.empty() ? hop.by.id.name() : hop.by.name);
    if (hop.by.priority) {
        text += fmt::format(" ({}{})", *hop.by.priority, hop.by.is_default ? ", default" : "");
    }
    return text;
}

std::string explanation(Reason reason) {
    switch (reason) {
        case Reason::no_public_ip:
            return "no public address leads here, or no way out";
        case Reason::no_such_address:
            return "nobody has this address";
        case Reason::standard_sku_closed:
            return "Standard public address and no NSG: closed";
        case Reason::spoofed_source:
            return "the source cannot send from this address";
        case Reason::route_none:
            return "no route";
        case Reason::route_loop:
            return "the packet goes round in a loop";
        case Reason::peering_not_connected:
            return "the peering does not carry it";
        case Reason::peering_missing:
            return "on-premises does not learn this network";
        case Reason::lb_no_rule:
            return "no load-balancing rule takes it";
        case Reason::lb_no_backend:
            return "no other backend";
        case Reason::nva_no_forwarding:
            return "IP forwarding is off";
        case Reason::pe_not_approved:
            return "the private endpoint is not approved";
        case Reason::asymmetric:
            return "the reply misses a stateful device";
        default:
            return "";
    }
}

std::string hop_line(const Locator& places, std::size_t number, const Hop& hop,
                     const TextOptions& options) {
    std::string decision(to_string(hop.decision));
    if (hop.decision == HopDecision::deny || hop.decision == HopDecision::drop) {
        decision = paint(options, "31", upper(decision)) + std::string(9 - decision.size(), ' ');
    } else if (hop.decision == HopDecision::unknown) {
        decision = paint(options, "33", "?") + "        ";
    } else {
        decision += std::string(9 - std::min<std::size_t>(9, decision.size()), ' ');
    }
    std::string at = printable(hop.at_name);
    if (hop.kind == HopKind::nsg || hop.kind == HopKind::admin_rule) {
        at = fmt::format("{} {}", at, hop.direction == Direction::inbound ? "inbound" : "outbound");
    }
    std::string line = fmt::format("  {} {} {:<28} {}", number, decision, at, rule_name(hop));
    if (hop.kind == HopKind::peering || hop.kind == HopKind::gateway || hop.kind == HopKind::nat ||
        hop.kind == HopKind::load_balancer) {
        line += fmt::format("  [{}]", to_string(hop.kind));
    }
    if (!hop.note.empty()) {
        line += "  " + printable(hop.note);
    }
    const std::string why = explanation(hop.reason);
    if (!why.empty() && hop.decision != HopDecision::forward) {
        line += "  " + why;
    }
    if (hop.by.where.known()) {
        const Place place = places.locate(hop.by.where);
        line += fmt::format("  {}:{} {}", printable(place.file), place.line, place.pointer);
        line += place.address.empty() ? "" : fmt::format(" ({})", printable(place.address));
    }
    while (!line.empty() && line.back() == ' ') {
        line.pop_back();
    }
    line += "\n";
    if (options.explain) {
        for (const Considered& item : hop.considered) {
            line += fmt::format("        {:<9} {} ({}){}{}\n", item.outcome, printable(item.name),
                                item.priority, item.why.empty() ? "" : "  ", item.why);
        }
    }
    return line;
}

std::string flows_text(const PacketSet& set, std::string_view heading, std::size_t limit) {
    const PacketSet simple = set.simplified();
    if (simple.empty()) {
        return "";
    }
    const auto shortened = [](const AddressSet& addresses) {
        const std::vector<Prefix> prefixes = prefixes_of(addresses);
        std::string text;
        for (std::size_t i = 0; i < std::min<std::size_t>(prefixes.size(), 3); ++i) {
            const Prefix& prefix = prefixes[i];
            const bool host = prefix.length() == width(prefix.family());
            text += (i == 0 ? "" : ", ") + (host ? to_string(prefix.first()) : to_string(prefix));
        }
        if (prefixes.size() > 3) {
            text += fmt::format(" and {} more prefixes", prefixes.size() - 3);
        }
        return text;
    };
    std::string text = fmt::format("{}\n", heading);
    for (std::size_t i = 0; i < simple.cubes().size(); ++i) {
        if (i == limit) {
            text += fmt::format("    ... {} more (-o json lists all)\n", simple.cubes().size() - i);
            break;
        }
        const Cube& cube = simple.cubes()[i];
        text += fmt::format("    {} -> {}  {}\n", shortened(cube.src), shortened(cube.dst),
                            service_text(cube.service));
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

std::string query_text(const Network& network, const Locator& places, const QueryAnswer& answer,
                       const TextOptions& options) {
    std::string text =
        fmt::format("{}   {} -> {}   {}",
                    paint(options, color_of(answer.verdict), upper(to_string(answer.verdict))),
                    printable(answer.from), printable(answer.to), answer.service);
    if (answer.witness) {
        const Packet& p = *answer.witness;
        text += "     " + to_string(p.src);
        if (has_ports(p.service.protocol)) {
            text += fmt::format(":{} -> {}:{}", p.service.a, to_string(p.dst), p.service.b);
        } else {
            text += " -> " + to_string(p.dst);
        }
        text += " " + protocol_name(p.service.protocol);
    }
    text += "\n\n";
    std::size_t number = 0;
    for (const Hop& hop : answer.path) {
        text += hop_line(places, ++number, hop, options);
    }
    if (!answer.blockers.empty()) {
        text += answer.blockers.size() == 1 ? "\nIn the way:\n"
                                            : "\nIn the way (each would have to change):\n";
        number = 0;
        for (const Hop& hop : answer.blockers) {
            text += hop_line(places, ++number, hop, options);
        }
    }
    if (answer.return_verdict) {
        text += fmt::format("\n  return    {}{}\n", to_string(*answer.return_verdict),
                            answer.symmetric ? "" : ", by another way than the request");
        if (options.explain || *answer.return_verdict != PacketVerdict::delivered) {
            number = 0;
            for (const Hop& hop : answer.return_path) {
                text += hop_line(places, ++number, hop, options);
            }
        }
    }
    if (answer.verdict != QueryVerdict::reachable && answer.verdict != QueryVerdict::blocked) {
        text += flows_text(answer.allowed, "\n  always arrives:", 10);
        text += flows_text(answer.possible, "  may arrive:", 10);
    }
    if (!answer.note.empty()) {
        text += "\n  " + printable(answer.note) + "\n";
    }
    if (!answer.depends_on.empty()) {
        text += "\nWhat would decide it:\n";
        std::vector<std::string> names;
        for (const Fact fact : answer.depends_on) {
            std::string name = network.facts().name(fact);
            if (std::find(names.begin(), names.end(), name) != names.end()) {
                continue;
            }
            names.push_back(name);
            text += "  " + printable(name);
            if (fact.key <= FactKey::last_contested) {
                text += fmt::format(
                    "   (--assume {}=yes or =no; --reading documented takes {})", name,
                    contested_facts()[static_cast<std::size_t>(fact.key)].documented ? "yes"
                                                                                     : "no");
            } else if (fact.key == FactKey::nva) {
                text += fmt::format("   (--assume {}=transparent, snat or drop)", name);
            } else if (name.starts_with("AZR9020")) {
                text += "   (not known before deployment: give its value)";
            } else if (fact.key == FactKey::missing_resource) {
                text += "   (not in the snapshot: collect it)";
            }
            text += "\n";
        }
    }
    return text;
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
        text += "\nRoutes\n";
        for (const EffectiveRouteView& route : answer.routes) {
            std::string prefixes;
            for (std::size_t i = 0; i < std::min<std::size_t>(route.prefixes.size(), 3); ++i) {
                prefixes += (i == 0 ? "" : ",") + to_string(route.prefixes[i]);
            }
            if (route.prefixes.size() > 3) {
                prefixes += fmt::format(",+{}", route.prefixes.size() - 3);
            }
            std::string hop = route.next_hop_type;
            for (const Address& address : route.next_hop_addresses) {
                hop += " " + to_string(address);
            }
            text += fmt::format("  {:<24} {:<8} {:<22} {:<28} {}\n", route.source, route.state,
                                prefixes, hop, route.certain ? "" : "(not certain)");
        }
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
