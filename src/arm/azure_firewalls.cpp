// Microsoft.Network/azureFirewalls, firewallPolicies, /ruleCollectionGroups, ipGroups.
#include <algorithm>

#include "src/arm/readers.hpp"

namespace azreach {

namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// An address, a prefix, or a range "10.0.0.4-10.0.0.9".
std::optional<AddressSet> addresses_in(const JsonCursor& value, std::string_view text) {
    if (const auto parsed = parse_prefix(text)) {
        if (parsed->host_bits_cleared) {
            value.diagnose("AZR1019", Severity::warning,
                           "'" + std::string(text) + "' has host bits set; read as " +
                               to_string(parsed->prefix));
        }
        return parsed->prefix.addresses();
    }
    const std::size_t dash = text.find('-');
    if (dash != std::string_view::npos) {
        const auto first = parse_address(trimmed(text.substr(0, dash)));
        const auto last = parse_address(trimmed(text.substr(dash + 1)));
        if (first && last && first->family == last->family && *first <= *last) {
            return AddressSet::range(*first, *last);
        }
    }
    return std::nullopt;
}

/// Addresses, prefixes, ranges, "*" and (in destinations) service tags.
void read_addresses(const JsonCursor& list, const ResourceId& rule, FirewallSide& side) {
    const auto add = [&](const JsonCursor& value) {
        if (value.open(rule)) {
            side.unreadable.emplace_back("");
            return;
        }
        std::string_view rest = value.text_or("");
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view text = trimmed(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            if (text.empty()) {
                continue;
            }
            if (text == "*" || equal_ignoring_case(text, "Any")) {
                side.any = true;
            } else if (const auto set = addresses_in(value, text)) {
                side.prefixes |= *set;
            } else if (text.find_first_of("/:") != std::string_view::npos ||
                       (text.front() >= '0' && text.front() <= '9')) {
                value.diagnose("AZR1022", Severity::warning,
                               "address '" + std::string(text.substr(0, 80)) +
                                   "' is not understood; it may be any");
                side.unreadable.emplace_back(text);
            } else {
                side.tags.emplace_back(text);
            }
        }
    };
    if (list.is_array()) {
        list.for_each(add);
    } else if (list) {
        add(list);
    }
}

/// Ids that stand as bare text: IP groups.
void read_ids(const JsonCursor& list, const ResourceId& rule, FirewallSide& side) {
    if (list.open(rule)) {
        side.unreadable.emplace_back("");
        return;
    }
    list.for_each([&](const JsonCursor& item) {
        const JsonCursor id = item.is_object() ? item["id"] : item;
        if (const std::string_view text = id.name_or(""); !text.empty()) {
            side.ip_groups.emplace_back(std::string(text));
        }
    });
}

std::vector<std::string> texts_in(const JsonCursor& list, const ResourceId& rule, bool& open) {
    if (list.open(rule)) {
        open = true;
        return {};
    }
    std::vector<std::string> result;
    list.for_each([&](const JsonCursor& item) {
        if (item.open(rule)) {
            open = true;
        } else if (const std::string_view text = trimmed(item.text_or("")); !text.empty()) {
            result.emplace_back(text);
        }
    });
    return result;
}

bool has_items(const JsonCursor& list) {
    return list.is_array() && simdjson::dom::array(list.element()).size() != 0;
}

std::optional<std::uint16_t> port_of(const JsonCursor& value) {
    if (!value || (value.is_string() && value.text_or("").empty())) {
        return std::nullopt;
    }
    const auto port = value.integer(0, 65535);
    return port ? std::optional(static_cast<std::uint16_t>(*port)) : std::nullopt;
}

ApplicationProtocol application_of(const JsonCursor& item) {
    using Kind = ApplicationProtocol::Kind;
    ApplicationProtocol result;
    const JsonCursor type = item["protocolType"];
    const std::string_view text = type.text_or("");
    const auto is = [&](const char* name) { return equal_ignoring_case(text, name); };
    result.kind = is("Http")    ? Kind::http
                  : is("Https") ? Kind::https
                  : is("Mssql") ? Kind::mssql
                                : Kind::other;
    if (result.kind == Kind::other) {
        type.diagnose("AZR1020", Severity::warning,
                      (text.empty() ? std::string("the protocol is not said")
                                    : "protocol '" + std::string(text) + "' is not known") +
                          "; it may be any");
    }
    const std::uint16_t usual = result.kind == Kind::http    ? 80
                                : result.kind == Kind::mssql ? 1433
                                                             : 443;
    const JsonCursor port = item["port"];
    result.port = port_of(port).value_or(usual);
    return result;
}

/// One rule; `properties` is the rule itself, which is never nested.
FirewallRule read_rule(const JsonCursor& item, const ResourceId& collection, std::size_t number) {
    FirewallRule rule;
    rule.where = item.provenance();
    rule.name = item["name"].name_or("");
    if (rule.name.empty()) {
        rule.name = std::to_string(number);
    }
    rule.id = collection.child("rules", rule.name);
    const JsonCursor source = item["sourceAddresses"];
    read_addresses(source, rule.id, rule.source);
    const JsonCursor source_groups = item["sourceIpGroups"];
    read_ids(source_groups, rule.id, rule.source);
    rule.source.by_label = has_items(item["sourceKubeSelectorGroups"]);
    const JsonCursor destination = item["destinationAddresses"];
    read_addresses(destination, rule.id, rule.destination);
    const JsonCursor destination_groups = item["destinationIpGroups"];
    read_ids(destination_groups, rule.id, rule.destination);
    bool open = false;
    rule.destination.names = texts_in(item["destinationFqdns"], rule.id, open);
    if (open) {
        rule.destination.unreadable.emplace_back("");
    }
    return rule;
}

void read_l4(const JsonCursor& item, FirewallRule& rule) {
    for (const char* key : {"ipProtocols", "protocols"}) {  // of policies, of classic rules
        const JsonCursor list = item[key];
        if (list.open(rule.id)) {
            rule.protocols.push_back(RuleProtocol::other);
            continue;
        }
        list.for_each([&](const JsonCursor& protocol) {
            if (protocol.is_object()) {
                return;
            }
            rule.protocols.push_back(protocol.open(rule.id) ? RuleProtocol::other
                                                            : protocol_of(protocol));
        });
    }
    const JsonCursor ports = item["destinationPorts"];
    if (ports.open(rule.id)) {
        rule.ports_given = rule.ports_unreadable = true;
        rule.destination_ports = PortSet::full();
        return;
    }
    PortList list = ports_of_twins(item, "", "destinationPorts");
    rule.ports_given = list.given;
    rule.ports_unreadable = list.unreadable;
    rule.destination_ports = std::move(list.ports);
}

void read_translation(const JsonCursor& item, FirewallRule& rule) {
    const JsonCursor address = item["translatedAddress"];
    if (!address.open(rule.id)) {
        const std::string_view text = trimmed(address.text_or(""));
        rule.translated_address = parse_address(text);
        if (!text.empty() && !rule.translated_address) {
            address.diagnose("AZR1022", Severity::warning,
                             "address '" + std::string(text.substr(0, 80)) +
                                 "' is not understood; it may be any");
        }
    }
    const JsonCursor name = item["translatedFqdn"];
    rule.translated_name = name.open(rule.id) ? "" : name.text_or("");
    const JsonCursor port = item["translatedPort"];
    if (!port.open(rule.id)) {
        rule.translated_port = port_of(port);
    }
}

void read_names(const JsonCursor& item, FirewallRule& rule) {
    const JsonCursor protocols = item["protocols"];
    if (!protocols.open(rule.id)) {
        protocols.for_each([&](const JsonCursor& protocol) {
            rule.applications.push_back(protocol.open(rule.id) ? ApplicationProtocol{}
                                                               : application_of(protocol));
        });
    }
    bool open = false;
    for (const char* key : {"targetFqdns", "targetUrls"}) {
        for (std::string& name : texts_in(item[key], rule.id, open)) {
            rule.target_names.push_back(std::move(name));
        }
    }
    rule.by_category = open || has_items(item["fqdnTags"]) || has_items(item["webCategories"]);
    rule.terminates_tls = item["terminateTLS"].boolean().value_or(false);
}

int priority_of(const JsonCursor& priority) {
    const auto number = priority.integer(0, 65535);
    if (!number) {
        priority.fail("a priority from 100 to 65000");
    }
    return static_cast<int>(*number);
}

FirewallAction action_of(const JsonCursor& value) {
    const std::string_view text = value.is_object() ? value["type"].text_or("") : value.text_or("");
    if (equal_ignoring_case(text, "Allow")) return FirewallAction::allow;
    if (equal_ignoring_case(text, "Deny")) return FirewallAction::deny;
    if (equal_ignoring_case(text, "Dnat")) return FirewallAction::dnat;
    value.diagnose(
        "AZR1060", Severity::warning,
        "action '" + std::string(text.substr(0, 80)) + "' is not known; the rules may do anything");
    return FirewallAction::other;
}

FirewallRule read_rule_of(FirewallPass pass, const JsonCursor& item, const ResourceId& collection,
                          std::size_t number) {
    FirewallRule rule = read_rule(item, collection, number);
    if (pass == FirewallPass::application) {
        read_names(item, rule);
    } else {
        read_l4(item, rule);
        if (pass == FirewallPass::nat) {
            read_translation(item, rule);
        }
    }
    return rule;
}

FirewallRuleCollection collection_head(const JsonCursor& item, const JsonCursor& properties,
                                       const ResourceId& parent, std::string_view type) {
    FirewallRuleCollection collection;
    collection.name = item["name"].name_or("");
    if (collection.name.empty()) {
        item.fail("a rule collection with a name");
    }
    collection.id = parent.child(type, collection.name);
    collection.where = item.provenance();
    const JsonCursor priority = properties["priority"];
    collection.priority = priority_of(priority);
    const JsonCursor action = properties["action"];
    collection.action = action_of(action);
    return collection;
}

/// A collection of a policy's group; one that mixes network and application rules becomes two.
void read_policy_collection(const JsonCursor& item, const ResourceId& group,
                            std::vector<FirewallRuleCollection>& collections) {
    const JsonCursor properties = properties_of(item);
    FirewallRuleCollection head = collection_head(item, properties, group, "ruleCollections");
    const bool nat = equal_ignoring_case(properties["ruleCollectionType"].text_or(""),
                                         "FirewallPolicyNatRuleCollection");
    const std::size_t first = collections.size();
    std::size_t number = 0;
    const JsonCursor rules = properties["rules"];
    rules.for_each([&](const JsonCursor& rule) {
        const JsonCursor kind = rule["ruleType"];
        const std::string_view type = kind.text_or("");
        FirewallPass pass = FirewallPass::network;
        if (equal_ignoring_case(type, "NatRule") || (type.empty() && nat)) {
            pass = FirewallPass::nat;
        } else if (equal_ignoring_case(type, "ApplicationRule")) {
            pass = FirewallPass::application;
        } else if (!equal_ignoring_case(type, "NetworkRule")) {
            kind.fail("NatRule, NetworkRule or ApplicationRule");
        }
        auto part =
            std::find_if(collections.begin() + static_cast<std::ptrdiff_t>(first),
                         collections.end(), [&](const auto& known) { return known.pass == pass; });
        if (part == collections.end()) {
            collections.push_back(head);
            part = collections.end() - 1;
            part->pass = pass;
        }
        part->rules.push_back(read_rule_of(pass, rule, head.id, number++));
    });
}

RuleCollectionGroup read_group(const JsonCursor& item, const Header& header) {
    RuleCollectionGroup group;
    group.header = header;
    const JsonCursor properties = properties_of(item);
    const JsonCursor priority = properties["priority"];
    group.priority = priority_of(priority);
    const JsonCursor collections = properties["ruleCollections"];
    collections.for_each([&](const JsonCursor& collection) {
        read_policy_collection(collection, group.header.id, group.collections);
    });
    return group;
}

FirewallMode mode_of(const JsonCursor& value, FirewallMode absent) {
    const std::string_view text = value.text_or("");
    if (text.empty()) return absent;
    if (equal_ignoring_case(text, "Off")) return FirewallMode::off;
    if (equal_ignoring_case(text, "Alert")) return FirewallMode::alert;
    return FirewallMode::deny;  // also a word that we do not know: it never proves anything
}

/// Ranges that are not translated; the token IANAPrivateRanges stands for the usual ones.  [FW-32]
std::optional<AddressSet> private_ranges_of(const JsonCursor& value) {
    if (!value) {
        return std::nullopt;
    }
    AddressSet set;
    bool given = false;
    const auto add = [&](const JsonCursor& item) {
        std::string_view rest = item.text_or("");
        while (!rest.empty()) {
            const std::size_t comma = std::min(rest.find(','), rest.size());
            const std::string_view text = trimmed(rest.substr(0, comma));
            rest.remove_prefix(std::min(comma + 1, rest.size()));
            if (text.empty()) {
                continue;
            }
            given = true;
            if (equal_ignoring_case(text, "IANAPrivateRanges")) {
                set |= default_private_ranges();
            } else if (const auto addresses = addresses_in(item, text)) {
                set |= *addresses;
            } else {
                item.fail("a prefix, an address or IANAPrivateRanges");
            }
        }
    };
    if (value.is_array()) {
        value.for_each(add);
    } else {
        add(value);
    }
    return given ? std::optional(std::move(set)) : std::nullopt;
}

bool is_enabled(const JsonCursor& value) {
    return value && (equal_ignoring_case(value.text_or(""), "Enabled") ||
                     equal_ignoring_case(value.text_or(""), "true"));
}

void read_settings(const JsonCursor& properties, FirewallPolicy& policy) {
    const JsonCursor snat = properties["snat"];
    policy.private_ranges = private_ranges_of(snat["privateRanges"]);
    policy.learns_ranges = is_enabled(snat["autoLearnPrivateRanges"]);
    const JsonCursor dns = properties["dnsSettings"];
    policy.dns_proxy = dns["enableProxy"].boolean().value_or(false);
    const JsonCursor proxy = properties["explicitProxy"];
    if (proxy["enableExplicitProxy"].boolean().value_or(false)) {
        for (const char* key : {"httpPort", "httpsPort"}) {
            const JsonCursor port = proxy[key];
            if (const auto number = port_of(port)) {
                policy.proxy_ports |= PortSet::single(*number);
            }
        }
        const JsonCursor file_port = proxy["pacFilePort"];
        if (proxy["enablePacFile"].boolean().value_or(false)) {
            if (const auto number = port_of(file_port)) {
                policy.proxy_file_ports = PortSet::single(*number);
            }
        }
    }
    const JsonCursor threat = properties["threatIntelMode"];
    policy.threat_intel = mode_of(threat, FirewallMode::alert);
    const JsonCursor allowlist = properties["threatIntelWhitelist"];
    const JsonCursor allowed = allowlist["ipAddresses"];
    allowed.for_each([&](const JsonCursor& item) {
        if (const auto set = addresses_in(item, trimmed(item.text_or("")))) {
            policy.threat_intel_allowlist |= *set;
        }
    });
    const JsonCursor intrusion = properties["intrusionDetection"];
    const JsonCursor mode = intrusion["mode"];
    policy.intrusion_detection = mode_of(mode, FirewallMode::off);
    const JsonCursor sql = properties["sql"];
    policy.sql_redirect = sql["allowSqlRedirect"].boolean().value_or(false);
}

void read_classic_collections(const JsonCursor& properties, AzureFirewall& firewall) {
    struct Kind {
        const char* key;
        FirewallPass pass;
    };
    static constexpr Kind kKinds[] = {
        {"natRuleCollections", FirewallPass::nat},
        {"networkRuleCollections", FirewallPass::network},
        {"applicationRuleCollections", FirewallPass::application},
    };
    for (const Kind& kind : kKinds) {
        const JsonCursor list = properties[kind.key];
        list.for_each([&](const JsonCursor& item) {
            const JsonCursor inner = properties_of(item);
            FirewallRuleCollection collection =
                collection_head(item, inner, firewall.header.id, kind.key);
            collection.pass = kind.pass;
            const JsonCursor rules = inner["rules"];
            rules.for_each([&](const JsonCursor& rule) {
                collection.rules.push_back(
                    read_rule_of(kind.pass, rule, collection.id, collection.rules.size()));
            });
            firewall.collections.push_back(std::move(collection));
        });
    }
}

AzureFirewall::Configuration read_configuration(const JsonCursor& item,
                                                const ResourceId& firewall) {
    AzureFirewall::Configuration configuration;
    configuration.where = item.provenance();
    configuration.name = item["name"].name_or("");
    configuration.id = ResourceId(std::string(item["id"].name_or("")));
    if (configuration.id.empty()) {  // templates may leave it out
        configuration.id = firewall.child("azureFirewallIpConfigurations", configuration.name);
    }
    const JsonCursor inner = properties_of(item);
    const JsonCursor address = inner["privateIPAddress"];
    if (!address.open(firewall)) {
        configuration.address = address_of(address);
    }
    configuration.subnet = inner["subnet"].reference();
    configuration.public_ip = inner["publicIPAddress"].reference();
    return configuration;
}

}  // namespace

void read_azure_firewall(const JsonCursor& resource, const Header& header, ImportState& state) {
    AzureFirewall firewall;
    firewall.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor sku = properties["sku"];
    firewall.in_hub = equal_ignoring_case(sku["name"].text_or(""), "AZFW_Hub");
    firewall.tier = sku["tier"].text_or("");
    firewall.policy = properties["firewallPolicy"].reference();
    firewall.hub = properties["virtualHub"].reference();
    firewall.in_hub = firewall.in_hub || firewall.hub.has_value();
    firewall.failed = equal_ignoring_case(properties["provisioningState"].text_or(""), "Failed");
    if (firewall.failed) {  // FW-13
        resource.diagnose("AZR1063", Severity::warning,
                          "firewall '" + header.name +
                              "' is in state Failed: parts of it may still run older rules than "
                              "these");
    }
    const JsonCursor configurations = properties["ipConfigurations"];
    configurations.for_each([&](const JsonCursor& item) {
        firewall.configurations.push_back(read_configuration(item, header.id));
    });
    if (const JsonCursor management = properties["managementIpConfiguration"]) {
        firewall.management = read_configuration(management, header.id);
    }
    const JsonCursor hub = properties["hubIPAddresses"];
    const JsonCursor hub_address = hub["privateIPAddress"];
    if (!hub_address.open(header.id)) {
        firewall.hub_address = address_of(hub_address);
    }
    const JsonCursor hub_public = hub["publicIPs"];
    const JsonCursor hub_addresses = hub_public["addresses"];
    hub_addresses.for_each([&](const JsonCursor& item) {
        const JsonCursor text = item["address"];
        if (const auto address = address_of(text)) {
            firewall.hub_public_addresses.push_back(*address);
        }
    });
    const JsonCursor threat = properties["threatIntelMode"];
    firewall.threat_intel = mode_of(threat, FirewallMode::alert);
    const JsonCursor more = properties["additionalProperties"];
    firewall.private_ranges = private_ranges_of(more["Network.SNAT.PrivateRanges"]);
    firewall.dns_proxy = is_enabled(more["Network.DNS.EnableProxy"]);
    read_classic_collections(properties, firewall);
    put(state.snapshot.firewalls, header, std::move(firewall));
}

void read_firewall_policy(const JsonCursor& resource, const Header& header, ImportState& state) {
    FirewallPolicy policy;
    policy.header = header;
    const JsonCursor properties = properties_of(resource);
    policy.base = properties["basePolicy"].reference();
    const JsonCursor sku = properties["sku"];
    policy.tier = sku["tier"].text_or("");
    read_settings(properties, policy);
    for (const char* key : {"ruleCollectionGroups", "ruleGroups"}) {
        const JsonCursor groups = properties[key];
        groups.for_each([&](const JsonCursor& item) {
            if (is_mention(item)) {
                if (const Ref id = item.reference()) {
                    policy.listed_groups.push_back(*id);
                }
                return;
            }
            policy.groups.push_back(
                read_group(item, child_header(item, header.id, "ruleCollectionGroups")));
        });
    }
    put(state.snapshot.firewall_policies, header, std::move(policy));
}

void read_rule_collection_group(const JsonCursor& resource, const Header& header,
                                ImportState& state) {
    state.firewall_groups.push_back(read_group(resource, header));
}

void read_ip_group(const JsonCursor& resource, const Header& header, ImportState& state) {
    IpGroup group;
    group.header = header;
    const JsonCursor properties = properties_of(resource);
    const JsonCursor list = properties["ipAddresses"];
    std::vector<Range<std::uint32_t>> v4;
    AddressSet others;
    list.for_each([&](const JsonCursor& item) {
        if (item.open(header.id)) {
            group.unreadable.emplace_back("");
            return;
        }
        const std::string_view text = trimmed(item.text_or(""));
        const auto set = addresses_in(item, text);
        if (!set) {
            item.diagnose("AZR1022", Severity::warning,
                          "address '" + std::string(text.substr(0, 80)) +
                              "' is not understood; it may be any");
            group.unreadable.emplace_back(text);
            return;
        }
        v4.insert(v4.end(), set->v4.ranges().begin(), set->v4.ranges().end());
        others.v6 |= set->v6;
    });
    group.addresses = {IntervalSet<std::uint32_t>::of(std::move(v4)), std::move(others.v6)};
    put(state.snapshot.ip_groups, header, std::move(group));
}

}  // namespace azreach
