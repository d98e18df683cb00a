#include "src/arm/other_inputs.hpp"

#include <algorithm>

namespace azreach {

void read_service_tags(simdjson::dom::element document, const std::string& name,
                       Snapshot& snapshot) {
    Place place;
    place.file = name;
    const auto text = [](simdjson::dom::element object, std::string_view key) {
        std::string_view value;
        return object.at_key(key).get(value) == simdjson::SUCCESS ? std::string(value)
                                                                  : std::string();
    };
    const std::string cloud = text(document, "cloud");
    ServiceTagList& list = snapshot.service_tags ? *snapshot.service_tags
                                                 : snapshot.service_tags.emplace();
    if (!list.cloud.empty() && !cloud.empty() && !equal_ignoring_case(list.cloud, cloud)) {
        throw InputError(place, "service tags", "the cloud '" + cloud + "'",
                         "'" + list.cloud + "', as in the other service-tag file",
                         "clouds have different addresses: give the files of one cloud");
    }
    if (list.cloud.empty()) {
        list.cloud = cloud;
    }
    std::int64_t change = 0;
    if (document.at_key("changeNumber").get(change) == simdjson::SUCCESS) {
        list.change_number = std::max<long long>(list.change_number, change);
    }
    simdjson::dom::array values;
    if (document.at_key("values").get(values) != simdjson::SUCCESS) {
        throw InputError(place, "service tags", "no list 'values'", "a list of tags");
    }
    for (const simdjson::dom::element item : values) {
        const std::string tag = text(item, "name");
        simdjson::dom::array prefixes;
        if (tag.empty() ||
            item.at_pointer("/properties/addressPrefixes").get(prefixes) != simdjson::SUCCESS) {
            throw InputError(place, "service tags", simdjson::minify(item).substr(0, 80),
                             "an object with name and properties.addressPrefixes");
        }
        std::vector<Range<std::uint32_t>> v4;
        std::vector<Range<Uint128>> v6;
        for (const simdjson::dom::element prefix : prefixes) {
            std::string_view written;
            if (prefix.get(written) != simdjson::SUCCESS) {
                throw InputError(place, "service tag '" + tag + "'", simdjson::minify(prefix),
                                 "a prefix as text");
            }
            const auto parsed = parse_prefix(written);
            if (!parsed) {
                throw InputError(place, "service tag '" + tag + "'", "'" + std::string(written) + "'",
                                 "a prefix");
            }
            const Address first = parsed->prefix.first();
            const Address last = parsed->prefix.last();
            if (first.family == Family::v4) {
                v4.push_back({static_cast<std::uint32_t>(first.value),
                              static_cast<std::uint32_t>(last.value)});
            } else {
                v6.push_back({first.value, last.value});
            }
        }
        AddressSet set{IntervalSet<std::uint32_t>::of(std::move(v4)),
                       IntervalSet<Uint128>::of(std::move(v6))};
        auto [known, fresh] = list.tags.try_emplace(tag);
        known->second = fresh ? std::move(set) : known->second | set;
    }
}

namespace {

std::optional<AddressSet> expansion(const JsonCursor& rule, std::string_view key) {
    const JsonCursor list = rule[key];
    if (!list || !list.is_array()) {
        return std::nullopt;
    }
    AddressSet set;
    bool any = false;
    list.for_each([&](const JsonCursor& item) {
        if (const auto prefix = parse_prefix(item.text_or(""))) {
            set |= prefix->prefix.addresses();
            any = true;
        }
    });
    return any ? std::optional(set) : std::nullopt;
}

void read_effective_rules(const JsonCursor& document, ImportState& state) {
    EffectiveSecurityRules result;
    result.where = document.provenance();
    const JsonCursor value = document["value"];
    const JsonCursor& list = value.is_array() ? value : document;
    if (const Ref id = document["networkInterfaceId"].reference()) {
        result.network_interface = id;
    }
    list.for_each([&](const JsonCursor& item) {
        EffectiveSecurityGroup group;
        group.security_group = item["networkSecurityGroup"].reference();
        const JsonCursor association = item["association"];
        using Association = EffectiveSecurityGroup::Association;
        if (const Ref nic = association["networkInterface"].reference()) {
            group.association = Association::network_interface;
            group.associated_with = *nic;
            result.network_interface = nic;
        } else if (const Ref subnet = association["subnet"].reference()) {
            group.association = Association::subnet;
            group.associated_with = *subnet;
        } else if (const Ref manager = association["networkManager"].reference()) {
            group.association = Association::network_manager;
            group.associated_with = *manager;
        }
        const JsonCursor rules = item["effectiveSecurityRules"];
        rules.for_each([&](const JsonCursor& rule) {
            EffectiveRule read;
            read.name = rule["name"].text_or("");
            read.direction = equal_ignoring_case(rule["direction"].text_or(""), "Outbound")
                                 ? Direction::outbound
                                 : Direction::inbound;
            read.access = equal_ignoring_case(rule["access"].text_or(""), "Allow") ? Access::allow
                                                                                  : Access::deny;
            read.priority = static_cast<int>(rule["priority"].integer(0, 65535).value_or(0));
            read.expanded_source = expansion(rule, "expandedSourceAddressPrefix");
            read.expanded_destination = expansion(rule, "expandedDestinationAddressPrefix");
            const auto tag = [&](const char* key, const std::optional<AddressSet>& set) {
                const std::string name = rule[key].text_or("");
                if (set && !name.empty() && name != "*" && !parse_prefix(name)) {
                    group.tag_map[name] = *set;
                }
            };
            tag("sourceAddressPrefix", read.expanded_source);
            tag("destinationAddressPrefix", read.expanded_destination);
            group.rules.push_back(std::move(read));
        });
        const JsonCursor map = item["tagMap"];
        if (map.is_object()) {
            for (const auto field : simdjson::dom::object(map.element())) {
                const JsonCursor prefixes = map[field.key];
                AddressSet set;
                if (prefixes.is_array()) {
                    prefixes.for_each([&](const JsonCursor& prefix) {
                        if (const auto parsed = parse_prefix(prefix.text_or(""))) {
                            set |= parsed->prefix.addresses();
                        }
                    });
                }
                if (!set.empty()) {
                    group.tag_map[std::string(field.key)] = set;
                }
            }
        }
        result.groups.push_back(std::move(group));
    });
    if (!result.network_interface) {
        document.diagnose("AZR1030", Severity::warning,
                          "effective security rules that do not say for which NIC: not used; add "
                          "\"networkInterfaceId\" beside \"value\"");
    }
    state.snapshot.effective_security_rules.push_back(std::move(result));
}

void read_effective_routes(const JsonCursor& document, ImportState& state) {
    EffectiveRoutes result;
    result.where = document.provenance();
    const JsonCursor value = document["value"];
    const JsonCursor& list = value.is_array() ? value : document;
    result.network_interface = document["networkInterfaceId"].reference();
    list.for_each([&](const JsonCursor& item) {
        EffectiveRoute route;
        route.name = item["name"].text_or("");
        route.source = item["source"].text_or("Default");
        route.active = !equal_ignoring_case(item["state"].text_or("Active"), "Invalid");
        route.prefixes = prefixes_of_twins(item, "", "addressPrefix");
        route.next_hop_type = item["nextHopType"].text_or("");
        const JsonCursor hops = item["nextHopIpAddress"];
        if (hops.is_array()) {
            hops.for_each([&](const JsonCursor& hop) {
                if (const auto address = parse_address(hop.text_or(""))) {
                    route.next_hop_addresses.push_back(*address);
                }
            });
        }
        result.routes.push_back(std::move(route));
    });
    if (!result.network_interface) {
        document.diagnose("AZR1031", Severity::warning,
                          "effective routes that do not say for which NIC: not used; add "
                          "\"networkInterfaceId\" beside \"value\"");
    }
    state.snapshot.effective_routes.push_back(std::move(result));
}

}  // namespace

void read_evidence(const JsonCursor& document, InputKind kind, ImportState& state) {
    switch (kind) {
        case InputKind::effective_security_rules: read_effective_rules(document, state); return;
        case InputKind::effective_routes: read_effective_routes(document, state); return;
        case InputKind::effective_vnets: {
            const Ref group = document["networkGroupId"].reference();
            const JsonCursor value = document["value"];
            if (!group) {
                document.diagnose("AZR1032", Severity::warning,
                                  "members of a network group that do not say of which: not used; "
                                  "add \"networkGroupId\" beside \"value\"");
                return;
            }
            value.for_each([&](const JsonCursor& item) {
                const std::string member = item["id"].text_or("");
                if (!member.empty()) {
                    state.static_members.emplace_back(*group, ResourceId(member));
                }
            });
            return;
        }
        case InputKind::active_admin_rules: {
            ActiveAdminRules active;
            if (const Ref vnet = document["virtualNetworkId"].reference()) {
                active.virtual_network = *vnet;
            }
            const JsonCursor value = document["value"];
            value.for_each([&](const JsonCursor& item) {
                const ResourceId id(item["id"].text_or(""));
                const JsonCursor properties = properties_of(item);
                if (properties["access"]) {
                    active.rules.push_back(read_admin_rule(item, id.parent()));
                }
            });
            if (active.virtual_network.empty()) {
                document.diagnose("AZR1033", Severity::warning,
                                  "active admin rules that do not say for which network: not used; "
                                  "add \"virtualNetworkId\" beside \"value\"");
            }
            state.snapshot.active_admin_rules.push_back(std::move(active));
            return;
        }
        default: return;
    }
}

}  // namespace azreach
