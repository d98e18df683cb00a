#include "src/arm/other_inputs.hpp"

#include <algorithm>

namespace azreach {

void read_service_tags(const JsonCursor& document, Snapshot& snapshot) {
    const JsonCursor cloud_name = document["cloud"];
    const std::string cloud(cloud_name.text_or(""));
    const bool first = !snapshot.service_tags;
    ServiceTagList& list = first ? snapshot.service_tags.emplace() : *snapshot.service_tags;
    if (!list.cloud.empty() && !cloud.empty() && !equal_ignoring_case(list.cloud, cloud)) {
        cloud_name.fail("'" + list.cloud + "', the cloud of the other service-tag file",
                        "clouds have different addresses: give the files of one cloud");
    }
    if (list.cloud.empty()) {
        list.cloud = cloud;
    }
    if (first) {
        list.where = document.provenance();
    }
    const long long change = document["changeNumber"].integer(0, 1'000'000'000'000).value_or(0);
    list.change_number = std::max(list.change_number, change);
    std::size_t empty = 0;
    const JsonCursor values = document["values"];
    values.for_each([&](const JsonCursor& item) {
        const JsonCursor name = item["name"];
        const std::string tag(name.text_or(""));
        if (tag.empty()) {
            name.fail("the name of a service tag");
        }
        const JsonCursor properties = item["properties"];
        const JsonCursor prefixes = properties["addressPrefixes"];
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        prefixes.for_each([&](const JsonCursor& prefix) {
            const auto parsed = parse_prefix(prefix.text_or(""));
            if (!parsed) {
                prefix.fail("a prefix of service tag '" + tag + "'");
            }
            const Address low = parsed->prefix.first();
            const Address high = parsed->prefix.last();
            if (low.family == Family::v4) {
                v4.push_back({static_cast<std::uint32_t>(low.value),
                              static_cast<std::uint32_t>(high.value)});
            } else {
                v6.push_back({low.value, high.value});
            }
        });
        if (v4.empty() && v6.empty()) {
            ++empty;  // a tag without addresses is unknown, not nobody
            return;
        }
        AddressSet set{IntervalSet<std::uint32_t>::of(std::move(v4)),
                       IntervalSet<Uint128>::of(std::move(v6))};
        auto [known, fresh] = list.tags.try_emplace(tag);
        known->second = fresh ? std::move(set) : known->second | set;
    });
    if (empty > 0) {
        values.diagnose("AZR1036", Severity::warning,
                        std::to_string(empty) +
                            " service tags without addresses; what they contain is unknown");
    }
}

namespace {

std::optional<AddressSet> expansion(const JsonCursor& rule, std::string_view key) {
    const JsonCursor list = rule[key];
    if (!list.is_array()) {
        return std::nullopt;  // null: nothing to expand
    }
    AddressSet set;
    bool any = false;
    bool whole = true;
    list.for_each([&](const JsonCursor& item) {
        if (const auto prefix = parse_prefix(item.text_or(""))) {
            set |= prefix->prefix.addresses();
            any = true;
        } else {
            whole = false;
        }
    });
    if (!whole) {
        list.diagnose("AZR1037", Severity::warning,
                      "an expansion holds something that is no prefix; it is not used");
        return std::nullopt;
    }
    return any ? std::optional(set) : std::nullopt;
}

/// The list of an evidence file: under "value", or the document itself.
JsonCursor list_of(const JsonCursor& document) {
    return document.is_array() ? document : document["value"];
}

/// An id beside the list, under one of `keys`.
Ref id_beside(const JsonCursor& document, std::initializer_list<const char*> keys) {
    if (!document.is_object()) {
        return std::nullopt;
    }
    for (const char* key : keys) {
        const JsonCursor value = document[key];
        if (value.is_string() || value.is_object()) {
            if (const Ref id = value.reference()) {
                return id;
            }
        }
    }
    return std::nullopt;
}

EffectiveRule read_effective_rule(const JsonCursor& rule, EffectiveSecurityGroup& group) {
    EffectiveRule result;
    result.name = rule["name"].text_or("");
    const JsonCursor direction = rule["direction"];
    const JsonCursor access = rule["access"];
    if (equal_ignoring_case(direction.text_or(""), "Outbound")) {
        result.direction = Direction::outbound;
    } else if (!equal_ignoring_case(direction.text_or(""), "Inbound")) {
        direction.fail("Inbound or Outbound");
    }
    if (equal_ignoring_case(access.text_or(""), "Allow")) {
        result.access = Access::allow;
    } else if (!equal_ignoring_case(access.text_or(""), "Deny")) {
        access.fail("Allow or Deny");
    }
    result.priority = static_cast<int>(rule["priority"].integer(0, 65535).value_or(0));
    result.expanded_source = expansion(rule, "expandedSourceAddressPrefix");
    result.expanded_destination = expansion(rule, "expandedDestinationAddressPrefix");
    // An expansion is that of the one tag which the side names.
    const auto tag = [&](const char* singular, const char* plural,
                         const std::optional<AddressSet>& set) {
        if (!set) {
            return;
        }
        const JsonCursor one = rule[singular];
        const JsonCursor many = rule[plural];
        std::vector<std::string> names;
        if (one.is_string()) {
            names.emplace_back(one.text_or(""));
        }
        if (many.is_array()) {
            for (std::string& name : many.texts()) {
                if (std::find(names.begin(), names.end(), name) == names.end()) {
                    names.push_back(std::move(name));
                }
            }
        }
        std::erase(names, "");
        if (names.size() == 1 && names.front() != "*" && !parse_prefix(names.front())) {
            group.tag_map[names.front()] = *set;
        }
    };
    tag("sourceAddressPrefix", "sourceAddressPrefixes", result.expanded_source);
    tag("destinationAddressPrefix", "destinationAddressPrefixes", result.expanded_destination);
    return result;
}

void read_effective_rules(const JsonCursor& document, ImportState& state) {
    EffectiveSecurityRules result;
    result.where = document.provenance();
    result.network_interface =
        id_beside(document, {"networkInterfaceId", "networkInterface", "targetResourceId", "id"});
    const JsonCursor list = list_of(document);
    list.for_each([&](const JsonCursor& item) {
        EffectiveSecurityGroup group;
        group.security_group = item["networkSecurityGroup"].reference();
        const JsonCursor association = item["association"];
        using Association = EffectiveSecurityGroup::Association;
        if (const Ref nic = association["networkInterface"].reference()) {
            group.association = Association::network_interface;
            group.associated_with = *nic;
            if (!result.network_interface) {
                result.network_interface = nic;
            }
        } else if (const Ref subnet = association["subnet"].reference()) {
            group.association = Association::subnet;
            group.associated_with = *subnet;
        } else if (const Ref manager = association["networkManager"].reference()) {
            group.association = Association::network_manager;
            group.associated_with = *manager;
        }
        const JsonCursor rules = item["effectiveSecurityRules"];
        rules.for_each([&](const JsonCursor& rule) {
            group.rules.push_back(read_effective_rule(rule, group));
        });
        const JsonCursor map = item["tagMap"];  // text in older versions of the API
        if (map.is_object()) {
            for (const auto field : simdjson::dom::object(map.element())) {
                const JsonCursor prefixes = map[field.key];
                AddressSet set;
                bool whole = prefixes.is_array();
                if (whole) {
                    prefixes.for_each([&](const JsonCursor& prefix) {
                        const auto parsed = parse_prefix(prefix.text_or(""));
                        whole = whole && parsed;
                        if (parsed) {
                            set |= parsed->prefix.addresses();
                        }
                    });
                }
                if (whole && !set.empty()) {
                    group.tag_map[std::string(field.key)] = set;
                }
            }
        }
        result.groups.push_back(std::move(group));
    });
    if (!result.network_interface) {
        document.diagnose(
            "AZR1030", Severity::warning,
            "these effective security rules do not say for which NIC they hold, so "
            "they are not used; add \"networkInterfaceId\": \"...\" beside \"value\"");
    }
    state.snapshot.effective_security_rules.push_back(std::move(result));
}

void read_effective_routes(const JsonCursor& document, ImportState& state) {
    EffectiveRoutes result;
    result.where = document.provenance();
    result.network_interface =
        id_beside(document, {"networkInterfaceId", "networkInterface", "targetResourceId", "id"});
    const JsonCursor list = list_of(document);
    list.for_each([&](const JsonCursor& item) {
        EffectiveRoute route;
        route.name = item["name"].text_or("");
        route.source = item["source"].text_or("Default");
        route.active = !equal_ignoring_case(item["state"].text_or("Active"), "Invalid");
        route.prefixes = prefixes_of_twins(item, "addressPrefix", "addressPrefixes");
        route.next_hop_type = item["nextHopType"].text_or("");
        const JsonCursor hops = item["nextHopIpAddress"];
        const auto add = [&](const JsonCursor& hop) {
            if (const auto address = address_of(hop)) {
                route.next_hop_addresses.push_back(*address);
            }
        };
        if (hops.is_array()) {
            hops.for_each(add);
        } else {
            add(hops);
        }
        result.routes.push_back(std::move(route));
    });
    if (!result.network_interface) {
        document.diagnose("AZR1031", Severity::warning,
                          "these effective routes do not say for which NIC they hold, so they are "
                          "not used; add \"networkInterfaceId\": \"...\" beside \"value\"");
    }
    state.snapshot.effective_routes.push_back(std::move(result));
}

void read_effective_vnets(const JsonCursor& document, bool cut_off, ImportState& state) {
    const Ref group = id_beside(document, {"networkGroupId", "networkGroup", "id"});
    if (!group) {
        document.diagnose("AZR1032", Severity::warning,
                          "these members do not say of which network group they are, so they are "
                          "not used; add \"networkGroupId\": \"...\" beside \"value\"");
        return;
    }
    const JsonCursor list = list_of(document);
    list.for_each([&](const JsonCursor& item) {
        const JsonCursor member = item["id"];
        const std::string_view id = member.text_or("");
        if (id.empty()) {
            member.fail("the id of a virtual network");
        }
        state.static_members.push_back({*group, ResourceId(std::string(id)), item.provenance()});
    });
    if (!cut_off) {
        state.groups_with_all_members.push_back(*group);
    }
}

void read_active_admin_rules(const JsonCursor& document, ImportState& state) {
    ActiveAdminRules active;
    const Ref vnet = id_beside(document, {"virtualNetworkId", "virtualNetwork", "id"});
    if (vnet) {
        active.virtual_network = *vnet;
    }
    const JsonCursor list = list_of(document);
    list.for_each([&](const JsonCursor& item) {
        const JsonCursor id = item["id"];
        const JsonCursor properties = properties_of(item);
        if (!properties["access"] && equal_ignoring_case(item["kind"].text_or(""), "Default")) {
            item.diagnose("AZR1035", Severity::warning,
                          "a default admin rule that does not say what it does: left out");
            return;
        }
        active.rules.push_back(
            read_admin_rule(item, ResourceId(std::string(id.text_or(""))).parent()));
    });
    if (!vnet) {
        document.diagnose("AZR1033", Severity::warning,
                          "these admin rules do not say on which virtual network they are in "
                          "force; add \"virtualNetworkId\": \"...\" beside \"value\"");
    }
    state.snapshot.active_admin_rules.push_back(std::move(active));
}

}  // namespace

void read_collection_report(const JsonCursor& document, bool allow_incomplete, Snapshot& snapshot) {
    const Place place = document.reading().places.locate(document.provenance());
    snapshot.collections.push_back({std::string(document["collectedAt"].text_or("")), place.file});
    const JsonCursor failed = document["failed"];
    failed.for_each([&](const JsonCursor& item) {
        const std::string what(item["what"].text_or("something that is not named"));
        const std::string why(item["error"].text_or("no reason given"));
        if (what.starts_with("Resource Graph")) {
            if (!allow_incomplete) {
                item.fail("every page of the listing (" + what + ": " + why + ")",
                          "collect again, or use --allow-incomplete");
            }
            snapshot.gaps.push_back({"AZR9003", what, place.file + ": " + why,
                                     "resources on the pages that are not here are unknown"});
            return;
        }
        snapshot.gaps.push_back(
            {"AZR9013", what, place.file + ": " + why, "what it would have said is unknown"});
    });
}

void read_evidence(const JsonCursor& document, InputKind kind, bool cut_off, ImportState& state) {
    // A list of which the end is missing cannot close anything: it is kept without saying for what.
    switch (kind) {
        case InputKind::effective_security_rules:
            read_effective_rules(document, state);
            if (cut_off) {
                state.snapshot.effective_security_rules.back().network_interface.reset();
            }
            return;
        case InputKind::effective_routes:
            read_effective_routes(document, state);
            if (cut_off) {
                state.snapshot.effective_routes.back().network_interface.reset();
            }
            return;
        case InputKind::active_admin_rules:
            read_active_admin_rules(document, state);
            if (cut_off) {
                state.snapshot.active_admin_rules.back().virtual_network = ResourceId();
            }
            return;
        case InputKind::effective_vnets:
            read_effective_vnets(document, cut_off, state);
            return;
        default:
            return;
    }
}

}  // namespace azreach
