// Microsoft.Network/networkSecurityGroups, /securityRules, applicationSecurityGroups; and the sides
// of rules, which security admin rules share.
#include <algorithm>

#include "src/arm/readers.hpp"

namespace azreach {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Tags begin with a letter and hold letters, digits, dots and the like; never ':' or '/'.
bool looks_like_address(std::string_view text) {
    return text.find_first_of("/:") != std::string_view::npos ||
           (text.front() >= '0' && text.front() <= '9');
}

void add_address(const JsonCursor& value, std::string_view text, AddressSpec& spec) {
    text = trimmed(text);
    if (text.empty()) {
        return;
    }
    if (text == "*" || equal_ignoring_case(text, "Any")) {
        spec.any = true;
        return;
    }
    if (const auto parsed = parse_prefix(text)) {
        if (parsed->host_bits_cleared) {  // N19
            value.diagnose("AZR1019", Severity::warning,
                           "'" + std::string(text) + "' has host bits set; read as " +
                               to_string(parsed->prefix));
        }
        spec.prefixes |= parsed->prefix.addresses();
        spec.any_v4 = spec.any_v4 || parsed->prefix == Prefix::all(Family::v4);
        return;
    }
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto first = parse_address(trimmed(text.substr(0, dash)));
        const auto last = parse_address(trimmed(text.substr(dash + 1)));
        if (first && last && first->family == last->family && *first <= *last) {
            spec.prefixes |= AddressSet::range(*first, *last);
            return;
        }
    }
    if (looks_like_address(text)) {
        value.diagnose(
            "AZR1022", Severity::warning,
            "address '" + std::string(text.substr(0, 80)) + "' is not understood; it may be any");
        spec.unreadable.emplace_back(text);
        return;
    }
    spec.tags.emplace_back(text);
}

/// Singular, plural and application security groups together; either twin may be a list [J3] [N16].
AddressSpec read_side(const JsonCursor& rule, std::string_view prefix, std::string_view prefixes,
                      std::string_view asgs, const ResourceId& whose) {
    AddressSpec spec;
    const auto open = [&](const JsonCursor& value) {  // a symbol may be any address, tag or group
        if (value.open(whose)) {
            spec.unreadable.emplace_back(value.name_or(""));
            return true;
        }
        return false;
    };
    const auto list = [&](const JsonCursor& value) {
        if (open(value)) {
            return;
        }
        std::string_view rest = value.text_or("");
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            add_address(value, rest.substr(0, comma), spec);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    };
    for (const std::string_view key : {prefix, prefixes}) {
        const JsonCursor value = rule[key];
        if (value.is_array()) {
            value.for_each(list);
        } else {
            list(value);
        }
    }
    const JsonCursor groups = rule[asgs];
    if (!open(groups)) {
        spec.asgs = groups.references();
    }
    return spec;
}

Direction direction_of(const JsonCursor& value) {
    const std::string_view text = value.text_or("");
    if (equal_ignoring_case(text, "Inbound")) {
        return Direction::inbound;
    }
    if (equal_ignoring_case(text, "Outbound")) {
        return Direction::outbound;
    }
    value.fail("Inbound or Outbound");
}

Access access_of(const JsonCursor& value, bool admin) {
    const std::string_view text = value.text_or("");
    if (equal_ignoring_case(text, "Allow")) {
        return Access::allow;
    }
    if (equal_ignoring_case(text, "Deny")) {
        return Access::deny;
    }
    if (admin && equal_ignoring_case(text, "AlwaysAllow")) {
        return Access::always_allow;
    }
    value.fail(admin ? "Allow, AlwaysAllow or Deny" : "Allow or Deny");
}

SecurityRule rule_head(const JsonCursor& rule, const ResourceId& parent, std::string_view type) {
    Header header = child_header(rule, parent, type);
    SecurityRule result;
    result.id = std::move(header.id);
    result.name = std::move(header.name);
    result.where = header.where;
    return result;
}

int priority_of(const JsonCursor& priority, int least, int most) {
    const auto number = priority.integer(0, 65535);
    if (!number) {
        priority.fail("a priority from " + std::to_string(least) + " to " + std::to_string(most));
    }
    if (*number < least || *number > most) {
        priority.diagnose("AZR1023", Severity::warning,
                          "priority is " + std::to_string(*number) + ", expected " +
                              std::to_string(least) + " to " + std::to_string(most) +
                              "; the order is taken as written");
    }
    return static_cast<int>(*number);
}

}  // namespace

namespace {

/// What a symbol leaves open of a rule's place and action.
struct OpenParts {
    bool access = false, priority = false, direction = false;
};

/// Every rule that an open one may be, in the order of trying. A rule that is not certain may be
/// missing; so what is certain comes last.
std::vector<SecurityRule> alternatives(SecurityRule rule, const OpenParts& open) {
    constexpr int kFirst = 0;    // before every rule
    constexpr int kLast = 4097;  // behind every rule of a user's
    std::vector<SecurityRule> result = {std::move(rule)};
    const auto each = [&](const auto& split) {
        std::vector<SecurityRule> more;
        for (SecurityRule& one : result) {
            SecurityRule other = one;
            split(one, other);
            more.push_back(std::move(one));
            more.push_back(std::move(other));
        }
        result = std::move(more);
    };
    if (open.direction) {  // in one of the two lists
        each([](SecurityRule& in, SecurityRule& out) {
            in.direction = Direction::inbound;
            out.direction = Direction::outbound;
            in.certain = out.certain = false;
        });
    }
    if (open.access) {  // it allows, or else it denies
        each([](SecurityRule& allows, SecurityRule& denies) {
            allows.access = Access::allow;
            allows.certain = false;
            denies.access = Access::deny;
        });
    }
    if (open.priority) {  // it is tried first, or else whatever is tried before it matches
        each([](SecurityRule& first, SecurityRule& last) {
            first.priority = kFirst;
            first.certain = false;
            last.priority = kLast;
        });
    }
    return result;
}

}  // namespace

void read_security_rule(const JsonCursor& rule, const ResourceId& group, bool is_default,
                        std::vector<SecurityRule>& rules) {
    SecurityRule result =
        rule_head(rule, group, is_default ? "defaultSecurityRules" : "securityRules");
    result.is_default = is_default;
    const JsonCursor properties = properties_of(rule);
    OpenParts open;
    const JsonCursor priority = properties["priority"];
    open.priority = priority.open(result.id);
    if (!open.priority) {
        result.priority =
            is_default ? priority_of(priority, 65000, 65535) : priority_of(priority, 100, 4096);
    }
    const JsonCursor direction = properties["direction"];
    open.direction = direction.open(result.id);
    if (!open.direction) {
        result.direction = direction_of(direction);
    }
    const JsonCursor access = properties["access"];
    open.access = access.open(result.id);
    if (!open.access) {
        result.access = access_of(access, false);
    }
    const JsonCursor protocol = properties["protocol"];
    result.protocol = protocol_of(protocol, &result.id);
    result.source = read_side(properties, "sourceAddressPrefix", "sourceAddressPrefixes",
                              "sourceApplicationSecurityGroups", result.id);
    result.destination =
        read_side(properties, "destinationAddressPrefix", "destinationAddressPrefixes",
                  "destinationApplicationSecurityGroups", result.id);
    PortList source = ports_of_twins(properties, "sourcePortRange", "sourcePortRanges", &result.id);
    PortList destination =
        ports_of_twins(properties, "destinationPortRange", "destinationPortRanges", &result.id);
    result.ports_unreadable =
        source.unreadable || destination.unreadable || !source.given || !destination.given;
    result.source_ports = std::move(source.ports);
    result.destination_ports = std::move(destination.ports);
    const auto missing = [&](const char* what) {  // J3
        rule.diagnose("AZR1024", Severity::warning,
                      "rule '" + result.name + "' names no " + what + "; it may match any");
    };
    if (result.source.empty()) missing("source address");
    if (result.destination.empty()) missing("destination address");
    if (!source.given) missing("source port");
    if (!destination.given) missing("destination port");
    for (SecurityRule& one : alternatives(std::move(result), open)) {
        rules.push_back(std::move(one));
    }
}

SecurityRule read_admin_rule(const JsonCursor& rule, const ResourceId& collection) {
    SecurityRule result = rule_head(rule, collection, "rules");
    const JsonCursor properties = properties_of(rule);
    const JsonCursor priority = properties["priority"];
    result.priority = priority_of(priority, 1, 4096);
    const JsonCursor direction = properties["direction"];
    result.direction = direction_of(direction);
    const JsonCursor access = properties["access"];
    result.access = access_of(access, true);
    const JsonCursor protocol = properties["protocol"];
    result.protocol = protocol_of(protocol, &result.id);
    const auto side = [&](std::string_view key) {
        AddressSpec spec;
        const JsonCursor list = properties[key];
        list.for_each([&](const JsonCursor& item) {
            const JsonCursor kind = item["addressPrefixType"];
            const std::string_view type = kind.text_or("IPPrefix");
            const JsonCursor prefix = item["addressPrefix"];
            const std::string_view text = trimmed(prefix.text_or(""));
            if (equal_ignoring_case(type, "NetworkGroup")) {
                if (text.empty()) {
                    prefix.fail("the id of a network group");
                }
                spec.network_groups.emplace_back(std::string(text));
            } else if (text.empty()) {
                spec.any = true;  // A7: empty is any
            } else if (equal_ignoring_case(type, "ServiceTag") && text != "*") {
                spec.tags.emplace_back(text);
            } else {
                std::string_view rest = text;
                while (!rest.empty()) {
                    const std::size_t comma = std::min(rest.find(','), rest.size());
                    add_address(prefix, rest.substr(0, comma), spec);
                    rest.remove_prefix(std::min(comma + 1, rest.size()));
                }
            }
        });
        if (spec.empty()) {
            spec.any = true;  // A7
        }
        return spec;
    };
    result.source = side("sources");
    result.destination = side("destinations");
    PortList source =  // A7: default is all
        ports_of_twins(properties, "", "sourcePortRanges", &result.id);
    PortList destination = ports_of_twins(properties, "", "destinationPortRanges", &result.id);
    result.ports_unreadable = source.unreadable || destination.unreadable;
    result.source_ports = std::move(source.ports);
    result.destination_ports = std::move(destination.ports);
    return result;
}

void read_network_security_group(const JsonCursor& resource, const Header& header,
                                 ImportState& state) {
    NetworkSecurityGroup group;
    group.header = header;
    const JsonCursor properties = properties_of(resource);
    const auto list = [&](std::string_view key, bool is_default, std::vector<SecurityRule>& rules) {
        const JsonCursor value = properties[key];
        if (value.is_array()) {
            rules.reserve(simdjson::dom::array(value.element()).size());
        }
        value.for_each([&](const JsonCursor& rule) {
            read_security_rule(rule, header.id, is_default, rules);
        });
    };
    list("securityRules", false, group.rules);
    list("defaultSecurityRules", true, group.default_rules);
    put(state.snapshot.security_groups, header, std::move(group));
}

void read_standalone_security_rule(const JsonCursor& resource, const Header& header,
                                   ImportState& state) {
    read_security_rule(resource, header.id.parent(), false, state.security_rules);
}

void read_standalone_default_rule(const JsonCursor& resource, const Header& header,
                                  ImportState& state) {
    read_security_rule(resource, header.id.parent(), true, state.default_rules);
}

void read_application_security_group(const JsonCursor&, const Header& header, ImportState& state) {
    state.snapshot.application_security_groups.try_emplace(header.id,
                                                           ApplicationSecurityGroup{header});
}

}  // namespace azreach
