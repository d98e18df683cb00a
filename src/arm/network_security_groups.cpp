// Microsoft.Network/networkSecurityGroups, /securityRules, applicationSecurityGroups.
#include "src/arm/readers.hpp"

namespace azreach {

namespace {

bool looks_like_address(const std::string& text) {
    // Tags begin with a letter and hold neither ':' nor '/'.
    return !text.empty() && (text.find('/') != std::string::npos ||
                             text.find(':') != std::string::npos ||
                             (text.front() >= '0' && text.front() <= '9'));
}

void add_address(const JsonCursor& value, std::string_view raw, AddressSpec& spec) {
    std::string text(raw);
    while (!text.empty() && text.front() == ' ') text.erase(0, 1);
    while (!text.empty() && text.back() == ' ') text.pop_back();
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
                           "'" + text + "' has host bits set; read as " + to_string(parsed->prefix));
        }
        spec.prefixes |= parsed->prefix.addresses();
        spec.any_v4 = spec.any_v4 || parsed->prefix == Prefix::all(Family::v4);
        return;
    }
    const std::size_t dash = text.find('-');
    if (dash != std::string::npos) {
        const auto first = parse_address(text.substr(0, dash));
        const auto last = parse_address(text.substr(dash + 1));
        if (first && last && first->family == last->family && *first <= *last) {
            spec.prefixes |= AddressSet::range(*first, *last);
            return;
        }
    }
    if (looks_like_address(text)) {
        value.diagnose("AZR1022", Severity::warning,
                       "address '" + text + "' is not understood; the rule may match any address");
        spec.unreadable.push_back(text);
        return;
    }
    spec.tags.push_back(text);
}

AddressSpec read_side(const JsonCursor& rule, std::string_view prefix, std::string_view prefixes,
                      std::string_view asgs) {
    AddressSpec spec;
    const auto list = [&](const JsonCursor& value) {
        const std::string text = value.text_or("");
        std::string_view rest = text;
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            add_address(value, rest.substr(0, comma), spec);
            rest.remove_prefix(std::min(comma + 1, rest.size()));
        }
    };
    const JsonCursor one = rule[prefix];
    list(one);
    const JsonCursor many = rule[prefixes];
    many.for_each(list);
    spec.asgs = rule[asgs].references();
    return spec;
}

Direction direction_of(const JsonCursor& value) {
    const std::string text = value.text_or("");
    if (equal_ignoring_case(text, "Inbound")) {
        return Direction::inbound;
    }
    if (equal_ignoring_case(text, "Outbound")) {
        return Direction::outbound;
    }
    value.fail("Inbound or Outbound");
}

Access access_of(const JsonCursor& value, bool admin) {
    const std::string text = value.text_or("");
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
    const Header header = child_header(rule, parent, type);
    SecurityRule result;
    result.id = header.id;
    result.name = header.name;
    result.where = header.where;
    return result;
}

}  // namespace

SecurityRule read_security_rule(const JsonCursor& rule, const ResourceId& group, bool is_default) {
    SecurityRule result =
        rule_head(rule, group, is_default ? "defaultSecurityRules" : "securityRules");
    result.is_default = is_default;
    const JsonCursor properties = properties_of(rule);
    const JsonCursor priority = properties["priority"];
    const auto number = priority.integer(0, is_default ? 65535 : 65535);
    if (!number) {
        priority.fail("a priority from 100 to 4096");
    }
    result.priority = static_cast<int>(*number);
    if (!is_default && (result.priority < 100 || result.priority > 4096)) {
        priority.diagnose("AZR1023", Severity::warning,
                          "priority is " + std::to_string(result.priority) +
                              ", expected 100 to 4096; the order is taken as written");
    }
    const JsonCursor direction = properties["direction"];
    result.direction = direction_of(direction);
    const JsonCursor access = properties["access"];
    result.access = access_of(access, false);
    const JsonCursor protocol = properties["protocol"];
    result.protocol = protocol_of(protocol);
    result.source = read_side(properties, "sourceAddressPrefix", "sourceAddressPrefixes",
                              "sourceApplicationSecurityGroups");
    result.destination =
        read_side(properties, "destinationAddressPrefix", "destinationAddressPrefixes",
                  "destinationApplicationSecurityGroups");
    result.source_ports = ports_of_twins(properties, "sourcePortRange", "sourcePortRanges",
                                         result.ports_unreadable);
    result.destination_ports = ports_of_twins(properties, "destinationPortRange",
                                              "destinationPortRanges", result.ports_unreadable);
    for (const auto& [side, name] : {std::pair(&result.source, "source"),
                                     std::pair(&result.destination, "destination")}) {
        if (side->empty()) {  // J3
            rule.diagnose("AZR1024", Severity::warning,
                          "rule '" + result.name + "' names no " + name +
                              " address; it may match any");
        }
    }
    return result;
}

SecurityRule read_admin_rule(const JsonCursor& rule, const ResourceId& collection) {
    SecurityRule result = rule_head(rule, collection, "rules");
    const JsonCursor properties = properties_of(rule);
    const JsonCursor priority = properties["priority"];
    result.priority = static_cast<int>(priority.integer(0, 65535).value_or(4096));
    const JsonCursor direction = properties["direction"];
    result.direction = direction_of(direction);
    const JsonCursor access = properties["access"];
    result.access = access_of(access, true);
    const JsonCursor protocol = properties["protocol"];
    result.protocol = protocol_of(protocol);
    const auto side = [&](std::string_view key) {
        AddressSpec spec;
        const JsonCursor list = properties[key];
        list.for_each([&](const JsonCursor& item) {
            const std::string kind = item["addressPrefixType"].text_or("IPPrefix");
            const JsonCursor prefix = item["addressPrefix"];
            const std::string text = prefix.text_or("");
            if (equal_ignoring_case(kind, "NetworkGroup")) {
                spec.network_groups.emplace_back(text);
            } else if (equal_ignoring_case(kind, "ServiceTag") && text != "*") {
                spec.tags.push_back(text);
            } else {
                add_address(prefix, text.empty() ? "*" : text, spec);
            }
        });
        if (spec.empty()) {
            spec.any = true;  // A7: empty is any
        }
        return spec;
    };
    result.source = side("sources");
    result.destination = side("destinations");
    result.source_ports =
        ports_of_twins(properties, "", "sourcePortRanges", result.ports_unreadable);
    result.destination_ports =
        ports_of_twins(properties, "", "destinationPortRanges", result.ports_unreadable);
    return result;
}

void read_network_security_group(const JsonCursor& resource, const Header& header,
                                 ImportState& state) {
    NetworkSecurityGroup group;
    group.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor rules = properties["securityRules"];
    rules.for_each([&](const JsonCursor& rule) {
        group.rules.push_back(read_security_rule(rule, header.id, false));
    });
    const JsonCursor defaults = properties["defaultSecurityRules"];
    defaults.for_each([&](const JsonCursor& rule) {
        group.default_rules.push_back(read_security_rule(rule, header.id, true));
    });
    state.snapshot.security_groups.insert_or_assign(header.id, std::move(group));
}

void read_standalone_security_rule(const JsonCursor& resource, const Header& header,
                                   ImportState& state) {
    state.security_rules.push_back(read_security_rule(resource, header.id.parent(), false));
}

void read_application_security_group(const JsonCursor&, const Header& header, ImportState& state) {
    state.snapshot.application_security_groups.insert_or_assign(header.id,
                                                               ApplicationSecurityGroup{header});
}

}  // namespace azreach
