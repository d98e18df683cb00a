// What Azure says of security rules: IP flow verify, NSG diagnostics, effective rules, group view.
#pragma once

#include <algorithm>
#include <cctype>

#include "src/engine/show.hpp"
#include "tests/ground_truth/cases.hpp"

namespace azreach::ground_truth {

/// 7.6: spellings of rule names.
inline std::string normalised(std::string name) {
    for (const std::string prefix :
         {"securityRules/", "defaultSecurityRules/", "UserRule_", "DefaultRule_"}) {
        if (name.rfind(prefix, 0) == 0) {
            name = name.substr(prefix.size());
        }
    }
    for (char& c : name) {
        c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (name == "defaultinbounddenyall") return "denyallinbound";
    if (name == "defaultoutbounddenyall") return "denyalloutbound";
    return name;
}

/// The rules of one list that may decide a packet, by section 1 of the reference: all that may
/// match, up to the first that surely does.
inline std::vector<const FilterRule*> deciders(const FilterList& list, const Packet& packet) {
    std::vector<const FilterRule*> result;
    for (const FilterRule& rule : list.rules) {
        const auto source = bounds_of(rule.source);
        const auto destination = bounds_of(rule.destination);
        const auto service = bounds_of(rule.service);
        if (!source.may.contains(packet.src) || !destination.may.contains(packet.dst) ||
            !service.may.contains(packet.service) || rule.rule == nullptr) {
            continue;
        }
        result.push_back(&rule);
        if (rule.when.empty() && source.must.contains(packet.src) &&
            destination.must.contains(packet.dst) && service.must.contains(packet.service)) {
            return result;
        }
    }
    return result;
}

struct FilterAnswer {
    bool allowed = true;
    std::string rule;  // normalised name of the last decider; empty when there is no list
    friend auto operator<=>(const FilterAnswer&, const FilterAnswer&) = default;
};

/// Every answer that the chain at one NIC may give; one when nothing is open.
inline std::set<FilterAnswer> filter_answers(const Network& network, ConfigIndex config,
                                             Direction direction, const Packet& packet) {
    const FilterChain chain = network.filters().chain(config, direction);
    std::set<FilterAnswer> answers{{true, ""}};
    for (const FilterList* list : {chain.admin, chain.first, chain.second}) {
        if (list == nullptr) {
            continue;
        }
        std::set<FilterAnswer> next;
        for (const FilterAnswer& so_far : answers) {
            if (!so_far.allowed) {
                next.insert(so_far);
                continue;
            }
            const auto rules = deciders(*list, packet);
            if (rules.empty()) {
                next.insert(so_far);
            }
            for (const FilterRule* rule : rules) {
                next.insert({rule->access != Access::deny, normalised(rule->rule->name)});
            }
        }
        answers = std::move(next);
    }
    return answers;
}

inline std::string text_of(const std::set<FilterAnswer>& answers) {
    std::string text;
    for (const FilterAnswer& answer : answers) {
        text += (text.empty() ? "" : " or ") + std::string(answer.allowed ? "Allow" : "Deny") +
                " by " + (answer.rule.empty() ? "no rule" : answer.rule);
    }
    return text;
}

/// IP flow verify: access and deciding rule.                                                [G1]
inline Compared compare_ip_flow(const Json& one) {
    Compared result{one["id"]};
    const Worlds worlds(one);
    const Json& request = request_of(one);
    const bool inbound = field(request, "direction") == "Inbound";
    const std::string local = field(request, "localIPAddress");
    Packet packet;
    const Address here = *parse_address(local);
    const Address there = *parse_address(field(request, "remoteIPAddress"));
    packet.src = inbound ? there : here;
    packet.dst = inbound ? here : there;
    packet.service.protocol = protocol(field(request, "protocol"));
    const std::uint16_t local_port = port(field(request, "localPort"), 50000);
    const std::uint16_t remote_port = port(field(request, "remotePort"), 50000);
    packet.service.a = inbound ? remote_port : local_port;
    packet.service.b = inbound ? local_port : remote_port;
    const Json& body = one["answer"]["body"];
    const FilterAnswer azure{body["access"] == "Allow", normalised(body["ruleName"])};
    const auto ask = [&](const World& world) {
        const auto config = world.config(field(request, "targetResourceId"), local);
        return config ? filter_answers(*world.network, *config,
                                       inbound ? Direction::inbound : Direction::outbound, packet)
                      : std::set<FilterAnswer>{};
    };
    const auto documented = ask(worlds.documented);
    result.documented(documented == std::set{azure},
                      text_of(documented) + ", Azure: " + text_of({azure}));
    result.strict(ask(worlds.strict).contains(azure), text_of(ask(worlds.strict)));
    return result;
}

/// NSG diagnostics: the verdict, and the matched rule of every group on the way.            [G2]
inline Compared compare_diagnostic(const Json& one) {
    Compared result{one["id"]};
    const Worlds worlds(one);
    for (const Json& line : one["answer"]["body"]["results"]) {
        const Json& profile = line["profile"];
        const Direction direction =
            profile["direction"] == "Inbound" ? Direction::inbound : Direction::outbound;
        const Json& azure = line["networkSecurityGroupResult"];
        const bool allowed = azure["securityRuleAccessResult"] == "Allow";
        for (const World* world : {&worlds.documented, &worlds.strict}) {
            const Network& network = *world->network;
            const auto config = world->config(field(request_of(one), "targetResourceId"), "");
            if (!config) {
                result.left_out.push_back("the target is not among the resources");
                break;
            }
            const auto& own = network.configurations()[*config].configuration->address;
            const auto address = [&](const std::string& text) {
                const auto parsed = parse_address(text);
                return parsed ? *parsed : own.value_or(Address{});
            };
            const Packet packet{
                address(profile["source"]),
                address(profile["destination"]),
                {protocol(profile["protocol"]), 50000, port(profile["destinationPort"], 50000)}};
            const auto answers = filter_answers(network, *config, direction, packet);
            const bool possible =
                std::any_of(answers.begin(), answers.end(),
                            [&](const FilterAnswer& a) { return a.allowed == allowed; });
            const bool sure =
                possible && std::all_of(answers.begin(), answers.end(), [&](const FilterAnswer& a) {
                    return a.allowed == allowed;
                });
            if (world == &worlds.documented) {
                result.documented(sure, text_of(answers));
            } else {
                result.strict(possible, text_of(answers));
            }
            for (const Json& group : azure["evaluatedNetworkSecurityGroups"]) {
                const FilterChain chain = network.filters().chain(*config, direction);
                const std::string matched = normalised(group["matchedRule"]["ruleName"]);
                for (const FilterList* list : {chain.admin, chain.first, chain.second}) {
                    if (list == nullptr ||
                        list->association != ResourceId(group["appliedTo"].get<std::string>())) {
                        continue;
                    }
                    const auto rules = deciders(*list, packet);
                    const auto is_it = [&](const FilterRule* rule) {
                        return normalised(rule->rule->name) == matched;
                    };
                    const std::string where = matched + " at " + list->association.text();
                    if (world == &worlds.documented) {
                        result.documented(rules.size() == 1 && is_it(rules.front()), where);
                    } else {
                        result.strict(std::any_of(rules.begin(), rules.end(), is_it), where);
                    }
                }
            }
        }
    }
    return result;
}

/// Effective security rules: the same rules, and what VirtualNetwork expands to.            [G4]
inline Compared compare_effective_rules(const Json& one) {
    Compared result{one["id"]};
    const Worlds worlds(one);
    for (const World* world : {&worlds.documented, &worlds.strict}) {
        const bool documented = world == &worlds.documented;
        const auto say = [&](bool same, const std::string& difference) {
            documented ? result.documented(same, difference) : result.strict(same, difference);
        };
        const auto config = world->config(field(one["question"], "networkInterfaceId"), "");
        if (!config) {
            result.left_out.push_back("the NIC is not among the resources");
            break;
        }
        const std::vector<EffectiveRuleView> ours = effective_rules(*world->network, *config);
        std::size_t rules = 0;
        for (const Json& group : one["answer"]["body"]["value"]) {
            std::string association;
            for (const char* kind : {"subnet", "networkInterface", "networkManager"}) {
                if (group["association"].contains(kind) && group["association"][kind].is_object()) {
                    association = group["association"][kind]["id"];
                }
            }
            for (const Json& rule : group["effectiveSecurityRules"]) {
                ++rules;
                const std::string name = rule["name"];
                const auto found =
                    std::find_if(ours.begin(), ours.end(), [&](const EffectiveRuleView& view) {
                        return normalised(view.name) == normalised(name) &&
                               view.association == ResourceId(association);
                    });
                say(found != ours.end(), name + " at " + association + " is missing");
                if (found == ours.end()) {
                    continue;
                }
                say(found->priority == rule["priority"].get<int>() &&
                        (found->access == Access::deny) == (rule["access"] == "Deny") &&
                        (found->direction == Direction::inbound) ==
                            (rule["direction"] == "Inbound"),
                    name + ": priority, access or direction");
                const auto expansion = [&](const char* key, const char* tag_key,
                                           const Bounds<AddressSet>& side) {
                    if (!rule.contains(key) || !rule[key].is_array()) {
                        return;
                    }
                    AddressSet azure;
                    for (const Json& prefix : rule[key]) {
                        azure |= parse_prefix(prefix.get<std::string>())->prefix.addresses();
                    }
                    const std::string tag = rule.value(tag_key, "");
                    if (tag == "VirtualNetwork") {
                        // Listed in most recordings, not in all (notes of the collection).
                        azure |= AddressSet::single(*parse_address("168.63.129.16"));
                    }
                    if (!documented) {
                        AddressSet must = side.must;
                        if (tag == "AzureLoadBalancer") {
                            must.v6 = {};  // listed since IPv6 is there; only probes use it
                        }
                        if (tag == "Internet") {
                            must.v6 = {};  // IPv6 is not expanded in these recordings
                        }
                        result.strict(azure.contains_all(must) && side.may.contains_all(azure),
                                      name + ": " + tag);
                    } else if (tag == "VirtualNetwork") {
                        result.documented(side.must == azure, name + ": " + tag);
                    } else {
                        result.left_out.push_back(
                            tag +
                            ": its expansion differs by date; it lies between what the "
                            "strict reading takes for sure and for possible");
                    }
                };
                expansion("expandedSourceAddressPrefix", "sourceAddressPrefix", found->source);
                expansion("expandedDestinationAddressPrefix", "destinationAddressPrefix",
                          found->destination);
            }
        }
        say(rules == ours.size(),
            std::to_string(ours.size()) + " rules, Azure lists " + std::to_string(rules));
    }
    return result;
}

/// Security group view: the rules of every NIC.                                             [G4]
inline Compared compare_group_view(const Json& one) {
    Compared result{one["id"]};
    const World world(one, Reading::documented);
    if (one["answer"]["body"]["networkInterfaces"].empty()) {
        result.left_out.push_back("Azure lists no NIC");
    }
    for (const Json& nic : one["answer"]["body"]["networkInterfaces"]) {
        const std::string id = nic["id"];
        const auto configs = world.network->configurations_of(ResourceId(id));
        result.documented(!configs.empty(), id + " is missing");
        if (configs.empty()) {
            continue;
        }
        const std::vector<EffectiveRuleView> ours =
            effective_rules(*world.network, configs.front());
        std::size_t rules = 0;
        for (const Json& rule : nic["securityRuleAssociations"]["effectiveSecurityRules"]) {
            const std::string name = rule["name"];
            // The last rule of each group stands there twice, under both its names (7.6).
            rules += name == "DefaultInboundDenyAll" || name == "DefaultOutboundDenyAll" ? 0 : 1;
            const auto found =
                std::find_if(ours.begin(), ours.end(), [&](const EffectiveRuleView& view) {
                    return normalised(view.name) == normalised(name);
                });
            result.documented(found != ours.end() &&
                                  found->priority == rule["priority"].get<int>() &&
                                  (found->access == Access::deny) == (rule["access"] == "Deny"),
                              name);
        }
        result.documented(rules == ours.size(), std::to_string(ours.size()) +
                                                    " rules, Azure lists " + std::to_string(rules));
    }
    return result;
}

}  // namespace azreach::ground_truth
