// Answers of query and explain: the verdict, the way hop by hop, what stands in it, what would
// decide.
#include <fmt/format.h>

#include <algorithm>

#include "src/report/json.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

namespace {

std::string upper(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    });
    return result;
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
            return "no public address leads here, or none leads out";
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
        case Reason::pe_group_port:
            return "the private endpoint's service does not listen there";
        case Reason::paas_port:
            return "the service does not listen there";
        case Reason::paas_public_disabled:
            return "public access is off";
        case Reason::paas_deny:
            return "the service's firewall does not admit it";
        case Reason::asymmetric:
            return "the reply misses a stateful device";
        default:
            return "";
    }
}

/// What the hop is, in one word.
std::string verb(const Hop& hop, const TextOptions& options) {
    const auto padded = [&](std::string_view code, std::string word) {
        const std::string blanks(word.size() < 9 ? 9 - word.size() : 0, ' ');
        return (code.empty() ? word : paint(options, code, word)) + blanks;
    };
    switch (hop.decision) {
        case HopDecision::deny:
        case HopDecision::drop:
            return padded("31", upper(to_string(hop.decision)));
        case HopDecision::unknown:
            return padded("33", "?");
        case HopDecision::deliver:
            return padded("", "arrive");
        case HopDecision::forward:
            // How a packet is handed on; an appliance or firewall forwards.
            return padded("", hop.kind == HopKind::firewall ? "forward"
                              : hop.kind == HopKind::load_balancer
                                  ? "balance"
                                  : std::string(to_string(hop.kind)));
        case HopDecision::translate:
            return padded("", hop.kind == HopKind::load_balancer ? "balance" : "translate");
        case HopDecision::allow:
            break;
    }
    return padded("", std::string(to_string(hop.decision)));
}

std::string at_text(const Hop& hop) {
    std::string at = printable(hop.at_name);
    if (hop.kind == HopKind::nsg || hop.kind == HopKind::admin_rule) {
        at += hop.direction == Direction::inbound ? " inbound" : " outbound";
    }
    return at;
}

/// What decided, and why.
std::string by_text(const Hop& hop) {
    std::vector<std::string> parts;
    if (std::string name = rule_name(hop); !name.empty() && name != printable(hop.at_name)) {
        parts.push_back(std::move(name));
    }
    if (!hop.note.empty()) {
        parts.push_back(printable(hop.note));
    }
    const std::string why = explanation(hop.reason);
    if (!why.empty() && hop.decision != HopDecision::forward) {
        parts.push_back(why);
    }
    return fmt::format("{}", fmt::join(parts, "  "));
}

/// "arm.json:250"; explain adds the pointer. Long paths keep their last two parts.
std::string place_text(const Locator& places, const Provenance& where, const TextOptions& options) {
    if (!where.known()) {
        return "";
    }
    const Place place = places.locate(where);
    std::string file = printable(place.file);
    if (!options.explain && file.size() > 40) {
        const std::size_t last = file.rfind('/');
        const std::size_t before =
            last == std::string::npos || last == 0 ? last : file.rfind('/', last - 1);
        if (before != std::string::npos && before != 0) {
            file = "..." + file.substr(before);
        }
    }
    std::string text = fmt::format("{}:{}", file, place.line);
    return options.explain ? text + " " + printable(place.pointer) : text;
}

/// The public endpoint that an address stands for; "" for a real address.
std::string service_name(const Address& address, const std::vector<std::string>& names) {
    return address.value > 0 && address.value <= names.size()
               ? printable(names[static_cast<std::size_t>(address.value) - 1])
               : std::string();
}

std::string flows_text(const PacketSet& set, std::string_view heading, std::size_t limit,
                       const std::vector<std::string>& names) {
    const PacketSet simple = set.simplified();
    if (simple.empty()) {
        return "";
    }
    const auto shortened = [&](const AddressSet& addresses) {
        const std::vector<Prefix> prefixes = prefixes_of(addresses);
        std::string text;
        for (std::size_t i = 0; i < std::min<std::size_t>(prefixes.size(), 3); ++i) {
            const Prefix& prefix = prefixes[i];
            const bool host = prefix.length() == width(prefix.family());
            const std::string service = service_name(prefix.first(), names);
            text += (i == 0 ? "" : ", ") + (!service.empty() ? service
                                            : host           ? to_string(prefix.first())
                                                             : to_string(prefix));
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

/// How to learn the fact, or to state it.
std::string remedy(const Network& network, Fact fact, const std::string& name) {
    if (name.starts_with("AZR9020")) {
        return "not known before deployment: give its value";
    }
    if (fact.key <= FactKey::last_contested) {
        return fmt::format(
            "--assume {}=yes or =no; --reading documented takes {}", name,
            contested_facts()[static_cast<std::size_t>(fact.key)].documented ? "yes" : "no");
    }
    switch (fact.key) {
        case FactKey::nva:
            return fmt::format("--assume {}=transparent, snat or drop", name);
        case FactKey::bgp:
            return "learned routes stand in no resource: give effective routes of a NIC, or "
                   "--assume bgp=none or =PREFIX,...";
        case FactKey::missing_resource:
        case FactKey::unread_neighbour:
            return parse_address(network.facts().subject(fact))
                       ? "nobody in the snapshot has this address"
                       : "not in the snapshot: collect it";
        case FactKey::unknown_tag:
            return "no addresses for this tag: give the service-tag file";
        case FactKey::contested_copy:
            return "two copies differ: give one of them";
        default:
            return "";
    }
}

}  // namespace

std::string path_text(const Locator& places, const std::vector<Hop>& path,
                      const TextOptions& options) {
    std::size_t at_width = 0;
    std::size_t by_width = 0;
    for (const Hop& hop : path) {
        at_width = std::max(at_width, std::min<std::size_t>(at_text(hop).size(), 40));
        if (hop.by.where.known()) {
            by_width = std::max(by_width, std::min<std::size_t>(by_text(hop).size(), 60));
        }
    }
    std::string text;
    std::size_t number = 0;
    for (const Hop& hop : path) {
        const std::string by = by_text(hop);
        const std::string place = place_text(places, hop.by.where, options);
        std::string line = fmt::format("{:>3} {} {:<{}}  {}", ++number, verb(hop, options),
                                       at_text(hop), at_width, by);
        if (!place.empty()) {
            line +=
                std::string(by.size() < by_width ? by_width - by.size() : 0, ' ') + "   " + place;
        }
        while (!line.empty() && line.back() == ' ') {
            line.pop_back();
        }
        text += line + "\n";
        if (options.explain) {
            for (const Considered& item : hop.considered) {
                text +=
                    fmt::format("        {:<9} {} ({}){}{}\n", item.outcome, printable(item.name),
                                item.priority, item.why.empty() ? "" : "   ", printable(item.why));
            }
        }
    }
    return text;
}

namespace {

/// What the prover said, if it was asked.
std::string proof_text(const QueryProof& proof) {
    if (proof.status == "not-asked") {
        return {};
    }
    std::string text = "\nProof: ";
    if (proof.status == "gave-up") {
        text += "Z3 gave up (" + printable(proof.reason) + ")";
    } else if (proof.status == "sharper") {
        text += fmt::format("Z3 decides what the packet sets leave open: {}",
                            to_string(*proof.verdict));
    } else {
        text += proof.engine == "both" ? "Z3 finds the same" : "by Z3 alone";
    }
    text += "\n";
    const auto list = [&](const std::string& label, const std::vector<std::string>& facts) {
        for (std::size_t i = 0; i < facts.size(); ++i) {
            text += fmt::format("  {} {}\n", i == 0 ? label : "  and", printable(facts[i]));
        }
    };
    list(proof.claim + " if", proof.holds_when);
    list("not so if", proof.fails_when);
    return text;
}

/// Every way into the PaaS endpoints asked for, and who else is admitted.
std::string entries_text(const Locator& places, const QueryAnswer& answer,
                         const TextOptions& options) {
    std::string text;
    if (!answer.entries.empty()) {
        text += "\nWays in:\n";
        for (const QueryEntry& entry : answer.entries) {
            const bool other = entry.kind == QueryEntry::Kind::private_endpoint ||
                               entry.kind == QueryEntry::Kind::foreign_endpoint ||
                               entry.kind == QueryEntry::Kind::injected;
            text += fmt::format("  {:<11} {} by {}{}\n", upper(to_string(entry.answer.verdict)),
                                printable(entry.endpoint), to_string(entry.kind),
                                other ? " " + printable(entry.id.name()) : std::string());
            std::vector<Hop> told;
            std::copy_if(entry.answer.path.begin(), entry.answer.path.end(),
                         std::back_inserter(told), [&](const Hop& hop) {
                             return options.explain || hop.kind == HopKind::paas_firewall ||
                                    hop.kind == HopKind::private_endpoint ||
                                    hop.decision == HopDecision::deny ||
                                    hop.decision == HopDecision::drop;
                         });
            text += path_text(places, told, options);
        }
    }
    if (!answer.residuals.empty()) {
        text += "\nAlso admitted, whatever their network:\n";
        for (const QueryResidual& item : answer.residuals) {
            const Residual& residual = item.residual;
            text += fmt::format(
                "  {}{} {}{}   {}\n", residual.certain ? "" : "perhaps ", printable(item.endpoint),
                printable(residual.note),
                residual.who.empty() ? std::string() : " " + printable(residual.who.text()),
                printable(residual.by.text()));
        }
    }
    return text;
}

}  // namespace

std::string query_text(const Network& network, const Locator& places, const QueryAnswer& answer,
                       const TextOptions& options) {
    std::string text =
        fmt::format("{}   {} -> {}   {}\n",
                    paint(options, color_of(answer.verdict), upper(to_string(answer.verdict))),
                    printable(answer.from_label), printable(answer.to_label), answer.service);
    if (answer.witness) {
        const Packet& p = *answer.witness;
        const std::string service = service_name(p.dst, answer.service_names);
        const std::string to = service.empty() ? to_string(p.dst) : service;
        text +=
            has_ports(p.service.protocol)
                ? fmt::format("  packet  {} {}:{} -> {}:{}\n", protocol_name(p.service.protocol),
                              to_string(p.src), p.service.a, to, p.service.b)
                : fmt::format("  packet  {} {} -> {}\n", protocol_name(p.service.protocol),
                              to_string(p.src), to);
    }
    text += "\n" + path_text(places, answer.path, options);
    // The first blocker ends the path; the others would have to change too.
    std::vector<Hop> more;
    for (const Hop& blocker : answer.blockers) {
        const bool shown = !answer.path.empty() && answer.path.back().at == blocker.at &&
                           answer.path.back().by.id == blocker.by.id &&
                           answer.path.back().direction == blocker.direction;
        if (!shown) {
            more.push_back(blocker);
        }
    }
    if (!more.empty()) {
        text += fmt::format("\n  also in the way; {} would have to change:\n",
                            more.size() == 1 ? "both" : "all");
        text += path_text(places, more, options);
    }
    if (answer.return_verdict) {
        text += fmt::format("\n  return    {}{}\n", to_string(*answer.return_verdict),
                            answer.symmetric ? "" : ", by another way than the request");
        if (options.explain || *answer.return_verdict != PacketVerdict::delivered) {
            text += path_text(places, answer.return_path, options);
        }
    }
    if (answer.verdict != QueryVerdict::reachable && answer.verdict != QueryVerdict::blocked) {
        text += flows_text(answer.allowed, "\n  always arrives:", 10, answer.service_names);
        text += flows_text(answer.possible, "\n  may arrive:", 10, answer.service_names);
    }
    text += entries_text(places, answer, options);
    if (!answer.note.empty()) {
        text += "\n  " + printable(answer.note) + "\n";
    }
    if (!answer.depends_on.empty()) {
        text += "\nWhat would decide it:\n";
        std::vector<std::string> names;
        for (const Fact fact : answer.depends_on) {
            const std::string name = network.facts().name(fact);
            if (std::find(names.begin(), names.end(), name) != names.end()) {
                continue;
            }
            names.push_back(name);
            const std::string how = remedy(network, fact, name);
            text += "  " + printable(name) + (how.empty() ? "" : "   (" + how + ")") + "\n";
        }
    }
    text += proof_text(answer.proof);
    if (!options.explain && answer.verdict != QueryVerdict::reachable) {
        const auto word = [](const std::string& name) {
            return name.find_first_of(" *?'\"$&|;<>()") == std::string::npos ? name
                                                                             : "'" + name + "'";
        };
        text += fmt::format("\nEvery rule considered: azreach explain {} {} -p {}\n",
                            printable(word(answer.from)), printable(word(answer.to)),
                            printable(word(answer.service)));
    }
    return text;
}

}  // namespace azreach::report
