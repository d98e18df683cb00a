// check for people: what is broken first, with its packet and the rules that let it through.
#include <fmt/format.h>

#include <algorithm>

#include "src/report/check.hpp"

namespace azreach::report {

namespace {

std::string painted(const TextOptions& options, InvariantStatus status, std::string text) {
    if (!options.color) {
        return text;
    }
    const char* code = status == InvariantStatus::held       ? "32"
                       : status == InvariantStatus::violated ? "31"
                       : status == InvariantStatus::vacuous  ? "31"
                       : status == InvariantStatus::unknown  ? "33"
                                                             : "2";
    return fmt::format("\x1b[{}m{}\x1b[0m", code, text);
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return result;
}

std::string names_text(Uint128 count, const std::vector<std::string>& names, const char* one,
                       const char* many) {
    std::string text = digits(count) + " " + (count == 1 ? one : many);
    if (names.empty()) {
        return text;
    }
    constexpr std::size_t kShown = 5;
    text += " (";
    for (std::size_t i = 0; i < std::min(names.size(), kShown); ++i) {
        text += (i == 0 ? "" : ", ") + printable(names[i]);
    }
    return text + (names.size() > kShown ? ", ...)" : ")");
}

std::string packet_text(const Packet& packet) {
    if (has_ports(packet.service.protocol)) {
        const auto end = [](const Address& address, std::uint16_t port) {
            return address.family == Family::v4 ? fmt::format("{}:{}", to_string(address), port)
                                                : fmt::format("[{}]:{}", to_string(address), port);
        };
        return fmt::format("{} -> {} {}", end(packet.src, packet.service.a),
                           end(packet.dst, packet.service.b),
                           protocol_name(packet.service.protocol));
    }
    return fmt::format("{} -> {} protocol {}", to_string(packet.src), to_string(packet.dst),
                       protocol_name(packet.service.protocol));
}

std::string details(const Context& context, const InvariantResult& result,
                    const TextOptions& options) {
    const Invariant& invariant = *result.invariant;
    std::string text;
    if (!invariant.why.empty()) {
        text += fmt::format("  why: {}\n", printable(invariant.why));
    }
    if (!result.note.empty()) {
        text += fmt::format("  {}\n", printable(result.note));
    }
    if (result.witness) {
        const CheckWitness& witness = *result.witness;
        text += fmt::format("  {}: {} -> {}   {}\n",
                            result.beneath == InvariantStatus::unknown ? "perhaps" : "packet",
                            printable(witness.from_name), printable(witness.to_name),
                            packet_text(witness.packet));
        text += path_text(context.places, result.path, options);
        const bool lost =
            result.return_verdict == PacketVerdict::dropped && invariant.verb == Verb::require;
        if (lost && !result.return_path.empty()) {
            text += "    the reply:\n";
            text += path_text(context.places, result.return_path, options);
        }
    }
    if (result.affected && result.affected->sources + result.affected->destinations != 0) {
        text += fmt::format(
            "  {}: {}, {}, {}\n",
            result.beneath == InvariantStatus::unknown ? "at most" : "affected",
            names_text(result.affected->sources, result.affected->source_names, "source",
                       "sources"),
            names_text(result.affected->destinations, result.affected->destination_names,
                       "destination", "destinations"),
            service_text(result.affected->service));
    }
    if (!result.depends_on.empty()) {
        std::string facts;
        for (const std::string& fact : result.depends_on) {
            facts += (facts.empty() ? "" : ", ") + printable(fact);
        }
        text += fmt::format("  hangs on: {}\n", facts);
    }
    for (const FactStatement& statement : result.held_if) {
        text += fmt::format("  held if {}\n", statement_text(statement));
    }
    for (const FactStatement& statement : result.violated_if) {
        text += fmt::format("  violated if {}\n", statement_text(statement));
    }
    if (result.suppression != nullptr && result.status == InvariantStatus::suppressed) {
        const Waiver& waiver = result.suppression->waiver;
        text += fmt::format("  {}, accepted {}: {} ({})\n", to_string(result.beneath),
                            waiver.expires ? "until " + to_string(*waiver.expires) : "for good",
                            printable(waiver.reason), printable(waiver.owner));
    }
    return text;
}

}  // namespace

std::string check_headline(const CheckAnswer& answer) {
    std::string text;
    for (const InvariantStatus status :
         {InvariantStatus::violated, InvariantStatus::vacuous, InvariantStatus::unknown,
          InvariantStatus::held, InvariantStatus::suppressed, InvariantStatus::not_asked}) {
        const std::size_t count = answer.count(status);
        if (count != 0) {
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, to_string(status));
        }
    }
    return fmt::format("{}{} of {} invariant{}", text, text.empty() ? "0 held" : "",
                       answer.results.size(), answer.results.size() == 1 ? "" : "s");
}

std::string check_text(const Context& context, const CheckAnswer& answer, const CheckRun& run,
                       const TextOptions& options, bool verbose) {
    std::string text = fmt::format("{}   {}   today {}\n", check_headline(answer),
                                   printable(run.file), to_string(run.today));
    std::string quiet;  // one line each
    for (std::size_t i = 0; i < answer.results.size(); ++i) {
        const InvariantResult& result = answer.results[i];
        const Invariant& invariant = *result.invariant;
        const std::string place =
            fmt::format("{}:{}", printable(invariant.place.file), invariant.place.line);
        const bool loud = result.status == InvariantStatus::violated ||
                          result.status == InvariantStatus::vacuous ||
                          result.status == InvariantStatus::unknown ||
                          (verbose && result.status == InvariantStatus::suppressed);
        if (!loud) {
            const std::string said = invariant.title.empty() ? "" : "  " + invariant.title;
            quiet += fmt::format(
                "{} {}{}{}\n",
                painted(options, result.status, fmt::format("{:<10}", to_string(result.status))),
                printable(invariant.id), printable(said),
                result.note.empty() ? "" : "  (" + printable(result.note) + ")");
            continue;
        }
        text += fmt::format("\n{} {}  {}{}{}   {}\n",
                            painted(options, result.status, upper(to_string(result.status))),
                            printable(invariant.id), to_string(invariant.severity),
                            run.known.contains(i) ? ", known" : "",
                            result.broken.empty() ? "" : "   " + printable(result.broken), place);
        if (!invariant.title.empty()) {
            text += fmt::format("  {}\n", printable(invariant.title));
        }
        text += details(context, result, options);
    }
    return text + (quiet.empty() ? "" : "\n") + quiet;
}

}  // namespace azreach::report
