#include "src/engine/walk_why.hpp"

#include <algorithm>

namespace azreach {

namespace {

constexpr std::size_t kShown = 3;

std::string list_text(std::vector<std::string> parts) {
    const std::size_t all = parts.size();
    parts.resize(std::min(all, kShown));
    std::string text;
    for (const std::string& part : parts) {
        text += (text.empty() ? "" : ", ") + part;
    }
    return all > kShown ? text + " and " + std::to_string(all - kShown) + " more" : text;
}

std::string side_text(const AddressSpec& side) {
    std::vector<std::string> parts;
    for (const std::string& tag : side.tags) {
        parts.push_back(tag);
    }
    for (const ResourceId& asg : side.asgs) {
        parts.push_back("asg " + std::string(asg.name()));
    }
    for (const ResourceId& group : side.network_groups) {
        parts.push_back("group " + std::string(group.name()));
    }
    for (const Prefix& prefix : prefixes_of(side.prefixes)) {
        parts.push_back(to_string(prefix));
    }
    return list_text(std::move(parts));
}

std::string ports_text(const PortSet& ports) {
    std::vector<std::string> parts;
    for (const auto& range : ports.ranges()) {
        parts.push_back(std::to_string(range.first) +
                        (range.first == range.last ? "" : "-" + std::to_string(range.last)));
    }
    return list_text(std::move(parts));
}

std::string protocol_text(RuleProtocol protocol) {
    switch (protocol) {
        case RuleProtocol::tcp:
            return "TCP";
        case RuleProtocol::udp:
            return "UDP";
        case RuleProtocol::icmp:
            return "ICMP";
        case RuleProtocol::icmpv6:
            return "ICMPv6";
        case RuleProtocol::esp:
            return "ESP";
        case RuleProtocol::ah:
            return "AH";
        default:
            return "another one";
    }
}

}  // namespace

WhyNot why_not(const FilterRule& rule, const Packet& packet, bool ignore_source_port) {
    WhyNot why;
    const auto add = [&](std::string text) {
        ++why.fields;
        why.text += (why.text.empty() ? "" : ", ") + std::move(text);
    };
    if (rule.rule == nullptr) {
        return why;
    }
    const ServiceSet services = bounds_of(rule.service).may;
    if (!services.protocols().contains(packet.service.protocol)) {
        add("protocol is " + protocol_text(rule.rule->protocol));
    } else if (has_ports(packet.service.protocol)) {
        if (!rule.rule->destination_ports.contains(packet.service.b)) {
            add("destination port is " + ports_text(rule.rule->destination_ports));
        }
        if (!ignore_source_port && !rule.rule->source_ports.contains(packet.service.a)) {
            add("source port is " + ports_text(rule.rule->source_ports));
        }
    } else if (!services.contains(packet.service)) {
        add("ports are given");
    }
    if (!bounds_of(rule.source).may.contains(packet.src)) {
        add("source is " + side_text(rule.rule->source));
    }
    if (!bounds_of(rule.destination).may.contains(packet.dst)) {
        add("destination is " + side_text(rule.rule->destination));
    }
    if (why.fields == 0) {
        add("it may match, if open facts say so");
    }
    return why;
}

std::string nearest_allow(const FilterList& list, const FilterRule& decider, const Packet& packet,
                          bool ignore_source_port) {
    for (const FilterRule& rule : list.rules) {
        if (&rule == &decider) {
            break;
        }
        if (rule.access == Access::deny || rule.rule == nullptr || rule.rule->is_default) {
            continue;
        }
        const WhyNot why = why_not(rule, packet, ignore_source_port);
        if (why.fields == 1) {
            return rule.rule->name + " (" + std::to_string(rule.rule->priority) + "): its " +
                   why.text;
        }
    }
    return "";
}

}  // namespace azreach
