#include <fmt/format.h>

#include "src/report/diff.hpp"

namespace azreach::report {

namespace {

std::string plural(std::size_t count, std::string_view what) {
    return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string packet_text(const Packet& p) {
    const std::string protocol = protocol_name(p.service.protocol);
    if (has_ports(p.service.protocol)) {
        return fmt::format("{} {}:{} -> {}:{}", protocol, to_string(p.src), p.service.a,
                           to_string(p.dst), p.service.b);
    }
    return fmt::format("{} {} -> {}", protocol, to_string(p.src), to_string(p.dst));
}

/// The hop at which a packet ends or is denied.
std::string end_of(const std::vector<Hop>& path) {
    if (path.empty()) {
        return "nobody sends it";
    }
    const Hop& hop = path.back();
    std::string text = std::string(to_string(hop.decision)) + " at " + printable(hop.at_name);
    if (!hop.by.name.empty()) {
        text += " by " + printable(hop.by.name);
        if (hop.by.priority) {
            text += fmt::format(" ({})", *hop.by.priority);
        }
    }
    return text;
}

}  // namespace

std::string change_text(const ConfigChange& change) {
    // The last two names: "nsg-web/allow-ssh".
    std::string name(change.id.name());
    const ResourceId parent = change.id.parent();
    if (!parent.empty()) {
        name = std::string(parent.name()) + "/" + name;
    }
    switch (change.kind) {
        case ConfigChange::Kind::added:
            return printable(name + ": added " + change.after);
        case ConfigChange::Kind::removed:
            return printable(name + ": removed " + change.before);
        case ConfigChange::Kind::modified:
            break;
    }
    if (change.pointer.empty()) {
        return printable(name + ": changed");
    }
    const std::string property = change.pointer.substr(change.pointer.rfind('/') + 1);
    const auto shown = [](const std::string& value) { return value.empty() ? "(none)" : value; };
    return printable(name + ": " + property + " " + shown(change.before) + " -> " +
                     shown(change.after));
}

Place place_of(const DiffContext& context, const ConfigChange& change) {
    if (change.after_where.known()) {
        return context.after.places.locate(change.after_where);
    }
    if (change.before_where.known()) {
        return context.before.places.locate(change.before_where);
    }
    return {};
}

std::string diff_headline(const DiffAnswer& answer) {
    std::size_t exposures = 0;
    std::size_t by_kind[4] = {};
    std::size_t possible = 0;
    for (const FlowChange& change : answer.changes) {
        ++by_kind[static_cast<std::size_t>(change.kind)];
        possible += change.certain() ? 0U : 1U;
        exposures += change.exposure() && change.kind == FlowChange::Kind::added ? 1U : 0U;
    }
    const std::string changes = plural(answer.config.size(), "configuration change");
    if (answer.changes.empty()) {
        const char* how = answer.compared_by_sample == 0 ? " (proved)" : " found";
        return (answer.config.empty() ? "no configuration change" : changes) +
               ", no connectivity change" + how;
    }
    std::string text = changes + " -> " + plural(answer.changes.size(), "connectivity change");
    std::string parts;
    const auto part = [&](std::size_t count, std::string_view what) {
        if (count > 0) {
            parts += (parts.empty() ? "" : ", ") + fmt::format("{} {}", count, what);
        }
    };
    part(exposures, exposures == 1 ? "new exposure" : "new exposures");
    part(by_kind[0] - exposures, "new");
    part(by_kind[1], "lost");
    part(by_kind[2], "changed");
    part(by_kind[3], "rerouted");
    part(possible, "not certain");
    return text + (parts.empty() ? "" : " (" + parts + ")");
}

bool InvariantFlip::worse() const {
    const auto rank = [](InvariantStatus status) {
        return status == InvariantStatus::violated || status == InvariantStatus::vacuous ? 2
               : status == InvariantStatus::unknown                                      ? 1
                                                                                         : 0;
    };
    return rank(after) > rank(before);
}

std::string no_exposure_text(const DiffAnswer& answer) {
    for (const FlowChange& change : answer.changes) {
        if (change.exposure() && change.kind == FlowChange::Kind::added) {
            return "";
        }
    }
    return answer.compared_by_sample == 0 ? "no new exposure (proved)" : "";
}

std::string diff_text(const DiffContext& context, const DiffAnswer& answer,
                      const InvariantFlips& flips, const TextOptions& options) {
    const auto paint = [&](std::string_view code, std::string_view text) {
        return options.color ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string(text);
    };
    std::string text = diff_headline(answer) + "\n";
    if (const std::string none = no_exposure_text(answer); !none.empty()) {
        text += none + "\n";
    }
    for (const FlowChange& change : answer.changes) {
        std::string sign = "~  changed     ";
        std::string_view color = "33";
        switch (change.kind) {
            case FlowChange::Kind::added:
                sign = change.exposure() ? "!  NEW EXPOSURE" : "+  new         ";
                color = change.exposure() ? "31" : "32";
                break;
            case FlowChange::Kind::lost:
                sign = "-  lost        ";
                break;
            case FlowChange::Kind::rerouted:
                sign = ">  rerouted    ";
                break;
            case FlowChange::Kind::changed:
                break;
        }
        text += fmt::format("\n  {}  {} -> {}   {}   was {}, now {}\n", paint(color, sign),
                            printable(change.from.name), printable(change.to.name),
                            service_text(change.service), to_string(change.before),
                            to_string(change.after));
        for (const std::size_t cause : change.caused_by) {
            const ConfigChange& config = answer.config[cause];
            const Place place = place_of(context, config);
            text += "       because  " + change_text(config);
            if (!place.file.empty()) {
                text += fmt::format("   {}:{}", printable(place.file), place.line);
            }
            text += "\n";
        }
        if (change.witness) {
            text += "       packet   " + packet_text(*change.witness) + "\n";
            text += fmt::format("       before   {}\n       after    {}\n",
                                end_of(change.path_before), end_of(change.path_after));
        }
        for (const std::string& fact : change.depends_on) {
            text += "       hangs on " + printable(fact) + "\n";
        }
    }
    if (answer.compared_by_sample > 0) {
        text += fmt::format(
            "\n  {} of packets stay unknown on both sides where the changes may matter; one packet "
            "of\n  each takes the same way and hangs on the same facts\n",
            plural(answer.compared_by_sample, "group"));
    }
    if (!answer.without_effect.empty()) {
        text += "\n  without effect on connectivity (proved):\n";
        for (const std::size_t index : answer.without_effect) {
            text += "    " + change_text(answer.config[index]) + "\n";
        }
    }
    std::size_t as_before = 0;
    std::string flipped;
    for (const InvariantFlip& flip : flips) {
        if (flip.before == flip.after) {
            ++as_before;
            continue;
        }
        flipped += fmt::format("    {}   {} -> {}\n", printable(flip.invariant->id),
                               to_string(flip.before),
                               paint(flip.worse() ? "31" : "32", to_string(flip.after)));
    }
    if (!flips.empty()) {
        text += "\n  invariants: " + std::to_string(as_before) + " as before" +
                (flipped.empty() ? "\n" : ", and\n" + flipped);
    }
    return text;
}

}  // namespace azreach::report
