#include "src/report/overview.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "src/engine/config_change_values.hpp"
#include "src/report/text.hpp"
#include "src/ui/page.hpp"

namespace azreach::report {

namespace {

Json named(const ResourceId& id) { return {{"id", id.text()}, {"name", id.name()}}; }

Json named_or_null(const Ref& id) { return id ? named(*id) : Json(nullptr); }

Json prefix_list(const std::vector<Prefix>& prefixes) {
    Json list = Json::array();
    for (const Prefix& prefix : prefixes) {
        list.push_back(to_string(prefix));
    }
    return list;
}

/// What stands in subnets besides NICs and may forward, translate or end connections.
std::map<ResourceId, Json> devices(const Snapshot& snapshot) {
    std::map<ResourceId, Json> result;
    const auto add = [&](const ResourceId& subnet, std::string_view kind, const Header& header) {
        Json& list = result.try_emplace(subnet, Json::array()).first->second;
        for (const Json& known : list) {
            if (known["id"] == header.id.text()) {
                return;
            }
        }
        list.push_back({{"kind", kind}, {"id", header.id.text()}, {"name", header.id.name()}});
    };
    for (const auto& [id, firewall] : snapshot.firewalls) {
        for (const AzureFirewall::Configuration& configuration : firewall.configurations) {
            if (configuration.subnet) {
                add(*configuration.subnet, "firewall", firewall.header);
            }
        }
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        for (const ResourceId& subnet : gateway.subnets) {
            add(subnet, "gateway", gateway.header);
        }
    }
    for (const auto& [id, bastion] : snapshot.bastions) {
        if (bastion.subnet) {
            add(*bastion.subnet, "bastion", bastion.header);
        }
    }
    for (const auto& [id, other] : snapshot.others) {
        for (const ResourceId& subnet : other.subnets) {
            if (!snapshot.firewalls.contains(id) && !snapshot.paas.contains(id)) {
                add(subnet, "other", other.header);
            }
        }
    }
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) {
            if (subnet.nat_gateway) {
                const auto nat = snapshot.nat_gateways.find(*subnet.nat_gateway);
                if (nat != snapshot.nat_gateways.end()) {
                    add(subnet.header.id, "nat", nat->second.header);
                }
            }
        }
    }
    return result;
}

Json vnets(const Network& network) {
    Json list = Json::array();
    const std::map<ResourceId, Json> inside = devices(network.snapshot());
    for (const VirtualNetwork* vnet : network.vnets()) {
        Json subnets = Json::array();
        for (const Subnet& subnet : vnet->subnets) {
            Json one = {{"id", subnet.header.id.text()}, {"name", subnet.header.name}};
            one["prefixes"] = prefix_list(subnet.prefixes);
            one["securityGroup"] = named_or_null(subnet.security_group);
            one["routeTable"] = named_or_null(subnet.route_table);
            const auto own = inside.find(subnet.header.id);
            one["devices"] = own == inside.end() ? Json::array() : own->second;
            subnets.push_back(std::move(one));
        }
        const Header& header = vnet->header;
        Json one = {{"id", header.id.text()}, {"name", header.name}};
        one["location"] = header.location;
        one["subscription"] = header.id.subscription();
        one["prefixes"] = prefix_list(vnet->address_space);
        one["subnets"] = std::move(subnets);
        list.push_back(std::move(one));
    }
    return list;
}

/// Links between networks and to the outside, each once.
Json links(const Network& network) {
    const Topology topology(network, Topology::Depth::networks);
    const auto id_of = [&](VertexIndex index) -> std::string {
        const Vertex& vertex = topology.vertices()[index];
        return vertex.kind == Vertex::Kind::internet ? "internet"
               : vertex.kind == Vertex::Kind::onprem ? "onprem"
                                                     : vertex.id.text();
    };
    // A gateway is drawn at the network it stands in: its links to sites start there.
    std::map<VertexIndex, VertexIndex> vnet_of_gateway;
    for (const Link& link : topology.links()) {
        if (link.kind == Link::Kind::gateway &&
            topology.vertices()[link.from].kind == Vertex::Kind::vnet) {
            vnet_of_gateway.emplace(link.to, link.from);
        }
    }
    const auto drawn_at = [&](VertexIndex index) {
        const auto found = vnet_of_gateway.find(index);
        return found == vnet_of_gateway.end() ? index : found->second;
    };
    Json list = Json::array();
    std::set<std::tuple<std::string, VertexIndex, VertexIndex>> seen;
    for (const Link& link : topology.links()) {
        if (link.kind == Link::Kind::part_of || link.kind == Link::Kind::gateway) {
            continue;
        }
        const VertexIndex from = drawn_at(link.from);
        const VertexIndex to = drawn_at(link.to);
        const std::string kind = link.kind == Link::Kind::connected_group ? "group"
                                 : link.kind == Link::Kind::peering       ? "peering"
                                                                          : "gateway";
        if (from == to || !seen.insert({kind, std::min(from, to), std::max(from, to)}).second) {
            continue;
        }
        list.push_back({{"kind", kind},
                        {"from", id_of(from)},
                        {"to", id_of(to)},
                        {"state", link.certain ? "in use" : "not certain"},
                        {"label", link.via.name()}});
    }
    return list;
}

Json groups(const Context& context) {
    const Snapshot& snapshot = context.network.snapshot();
    std::map<ResourceId, Json> attached;
    const auto attach = [&](const Ref& group, const ResourceId& at) {
        if (group) {
            Json& list = attached.try_emplace(*group, Json::array()).first->second;
            list.push_back(named(at));
        }
    };
    for (const auto& [id, vnet] : snapshot.virtual_networks) {
        for (const Subnet& subnet : vnet.subnets) {
            attach(subnet.security_group, subnet.header.id);
        }
    }
    for (const auto& [id, nic] : snapshot.interfaces) {
        attach(nic.security_group, id);
    }
    Json list = Json::array();
    for (const auto& [id, group] : snapshot.security_groups) {
        Json rules = Json::array();
        const auto add = [&](const SecurityRule& rule) {
            Json one = place_fields(context, rule.where);
            one["name"] = rule.name;
            one["priority"] = rule.priority;
            one["direction"] = rule.direction == Direction::inbound ? "inbound" : "outbound";
            one["access"] = rule.access == Access::deny ? "deny" : "allow";
            one["protocol"] = values::text(rule.protocol);
            one["source"] = values::text(rule.source);
            one["destination"] = values::text(rule.destination);
            one["ports"] = values::text(rule.destination_ports);
            one["default"] = rule.is_default;
            rules.push_back(std::move(one));
        };
        std::for_each(group.rules.begin(), group.rules.end(), add);
        const std::vector<SecurityRule> defaults =
            group.default_rules.empty() ? default_rules_of(id) : group.default_rules;
        std::for_each(defaults.begin(), defaults.end(), add);
        const auto at = attached.find(id);
        list.push_back({{"id", id.text()},
                        {"name", group.header.name},
                        {"attachedTo", at == attached.end() ? Json::array() : at->second},
                        {"rules", std::move(rules)}});
    }
    return list;
}

std::string sources_text(const AddressSet& sources) {
    if (sources.empty()) {
        return "not counted";
    }
    const std::vector<Prefix> prefixes = prefixes_of(sources);
    if (prefixes.size() <= 4) {
        std::string text;
        for (const Prefix& prefix : prefixes) {
            text += (text.empty() ? "" : ", ") + to_string(prefix);
        }
        return text;
    }
    const AddressSet missing = Edges::internet_space() - sources;
    if ((sources.v4.empty() || missing.v4.empty()) && (sources.v6.empty() || missing.v6.empty())) {
        return sources.v6.empty()   ? "any IPv4 address"
               : sources.v4.empty() ? "any IPv6 address"
                                    : "any address";
    }
    const Uint128 count = sources.v4.count();
    std::string digits;
    for (Uint128 rest = count; rest > 0; rest /= 10) {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(rest % 10)));
    }
    return (digits.empty() ? "0" : digits) + " IPv4 addresses in " +
           std::to_string(prefixes.size()) + " prefixes";
}

Json axis(const Overview& overview) {
    Json list = Json::array();
    for (std::size_t i = 0; i < overview.axis.labels.size(); ++i) {
        using Kind = Reachability::AxisEntry::Kind;
        const Kind kind = overview.axis.entries[i].kind;
        Json one = {{"label", overview.axis.labels[i]}};
        one["kind"] = kind == Kind::internet ? "internet"
                      : kind == Kind::onprem ? "onprem"
                                             : "subnet";
        one["id"] =
            overview.axis.ids[i].empty() ? Json(nullptr) : Json(overview.axis.ids[i].text());
        list.push_back(std::move(one));
    }
    for (const std::size_t service : overview.services) {
        const Endpoint& endpoint = overview.endpoints[service].endpoint;
        list.push_back({{"label", endpoint.use}, {"kind", "service"}, {"id", endpoint.id.text()}});
    }
    return list;
}

ServiceSet services_in(const PacketSet& packets) {
    ServiceSet result;
    for (const Cube& cube : packets.cubes()) {
        result |= cube.service;
    }
    return result;
}

Json blocks(const Overview& overview) {
    const auto ranges = [](const std::vector<Range<std::uint32_t>>& list) {
        Json result = Json::array();
        for (const auto& range : list) {
            result.push_back(Json::array({range.first, range.last}));
        }
        return result;
    };
    Json list = Json::array();
    for (const Reachability::Block& block : overview.blocks) {
        list.push_back({{"from", ranges(block.from)},
                        {"to", ranges(block.to)},
                        {"verdict", to_string(verdict_of(block, overview.asked))},
                        {"service", service(block.packets.always_must)},
                        {"possible", service(block.packets.can_may - block.packets.always_must)}});
    }
    const std::size_t first_service = overview.axis.labels.size();
    for (const ServicePair& pair : overview.service_pairs) {
        const QueryAnswer& answer = overview.answers[pair.answer];
        if (answer.verdict == QueryVerdict::blocked) {
            continue;
        }
        const std::size_t column = first_service + pair.service;
        list.push_back({{"from", Json::array({Json::array({pair.from, pair.from})})},
                        {"to", Json::array({Json::array({column, column})})},
                        {"verdict", to_string(answer.verdict)},
                        {"service", service(services_in(answer.allowed))},
                        {"possible", service(services_in(answer.possible))}});
    }
    return list;
}

Json endpoint_list(const Context& context, const Overview& overview) {
    const Snapshot& snapshot = context.network.snapshot();
    Json list = Json::array();
    for (const OverviewEndpoint& one : overview.endpoints) {
        const Endpoint& endpoint = one.endpoint;
        Json item = {{"kind", endpoint.kind}, {"name", endpoint.name}, {"id", endpoint.id.text()}};
        item["resourceGroup"] = endpoint.id.resource_group();
        item["subscription"] = endpoint.id.subscription();
        std::string location;
        if (one.subnet != kNoIndex) {
            location = context.network.subnets()[one.subnet].vnet->header.location;
        } else if (const auto vm = snapshot.virtual_machines.find(endpoint.id);
                   vm != snapshot.virtual_machines.end()) {
            location = vm->second.header.location;
        }
        item["location"] = location;
        item["addresses"] = prefix_list(endpoint.addresses);
        item["use"] = endpoint.use;
        item["subnet"] = one.subnet == kNoIndex
                             ? Json(nullptr)
                             : Json(context.network.subnets()[one.subnet].subnet->header.id.text());
        item["exposure"] = to_string(one.exposure);
        list.push_back(std::move(item));
    }
    return list;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
    for (std::size_t at = text.find(from); at != std::string::npos;
         at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

/// Text inside a Markdown table cell: no markup, no new cell, no new line.
std::string cell(std::string_view text) {
    std::string result;
    for (const char c : printable(text)) {
        if (std::string_view("\\`*_{}[]<>()#+-.!|~@:").find(c) != std::string_view::npos) {
            result += c == '<'                           ? std::string("&lt;")
                      : c == '>'                         ? std::string("&gt;")
                      : c == '@'                         ? std::string("&#64;")
                      : c == ':' || c == '-' || c == '.' ? std::string(1, c)
                                                         : std::string("\\") + c;
        } else {
            result += c;
        }
    }
    return result;
}

}  // namespace

Json overview_result(const Context& context, const Overview& overview, const ReportParts& parts) {
    Json exposed = Json::array();
    for (const Exposed& one : overview.exposed) {
        const Endpoint& endpoint = overview.endpoints[one.endpoint].endpoint;
        exposed.push_back({{"endpoint", endpoint.id.text()},
                           {"name", endpoint.use},
                           {"service", service(one.service)},
                           {"possible", service(one.possible)},
                           {"sources", sources_text(one.sources)}});
    }
    Json queries = Json::array();
    for (const QueryAnswer& answer : overview.answers) {
        queries.push_back(query_result(context, answer));
    }
    Json result = {{"title", parts.title}};
    result["vnets"] = vnets(context.network);
    result["links"] = links(context.network);
    result["endpoints"] = endpoint_list(context, overview);
    result["axis"] = axis(overview);
    result["blocks"] = blocks(overview);
    result["exposed"] = std::move(exposed);
    result["queries"] = std::move(queries);
    result["groups"] = groups(context);
    result["check"] = parts.check;
    result["diff"] = parts.diff;
    result["lint"] = parts.lint;
    return result;
}

std::string html_page(const Json& document) {
    std::string page(ui::report_page());
    if (page.empty()) {
        return page;
    }
    std::string data = document.dump(-1, ' ', false, Json::error_handler_t::replace);
    // The data must not end its script block, nor be a line end for old readers of scripts.
    replace_all(data, "<", "\\u003c");
    replace_all(data, "\xE2\x80\xA8", "\\u2028");
    replace_all(data, "\xE2\x80\xA9", "\\u2029");
    static constexpr std::string_view kMarker = "@azreach-report-data@";
    page.replace(page.find(kMarker), kMarker.size(), data);
    return page;
}

std::string overview_markdown(const Context& context, const Overview& overview,
                              const ReportParts& parts) {
    const Snapshot& snapshot = context.network.snapshot();
    std::string text = "## Network reachability: " + cell(parts.title) + "\n\n";
    text += std::to_string(overview.exposed.size()) + " of " +
            std::to_string(overview.endpoints.size()) + " endpoints open to the internet, " +
            std::to_string(snapshot.gaps.size()) + " gaps in the snapshot.\n";
    if (!overview.exposed.empty()) {
        text += "\n| Open to the internet | Certainly | Perhaps | From |\n|---|---|---|---|\n";
        std::size_t shown = 0;
        for (const Exposed& one : overview.exposed) {
            if (++shown > 50) {
                text += "\nand " + std::to_string(overview.exposed.size() - 50) + " more\n";
                break;
            }
            const auto words = [](const ServiceSet& set) {
                return set.empty() ? std::string("-") : cell(service_text(set));
            };
            text += "| " + cell(overview.endpoints[one.endpoint].endpoint.use) + " | " +
                    words(one.service) + " | " + words(one.possible) + " | " +
                    cell(sources_text(one.sources)) + " |\n";
        }
    }
    if (!snapshot.gaps.empty()) {
        text += "\n<details><summary>What the snapshot could not show</summary>\n\n";
        std::size_t shown = 0;
        for (const Gap& gap : snapshot.gaps) {
            if (++shown > 30) {
                text += "- and " + std::to_string(snapshot.gaps.size() - 30) + " more\n";
                break;
            }
            text += "- " + gap.code + " " + cell(gap.what) + ": " + cell(gap.effect) + "\n";
        }
        text += "\n</details>\n";
    }
    text += "\nReading " +
            std::string(context.network.assumptions().reading() == Reading::strict ? "strict"
                                                                                   : "documented") +
            ", snapshot " + cell(snapshot.digest) + "\n";
    return text;
}

std::string overview_text(const Context& context, const Overview& overview) {
    std::string text = std::to_string(overview.exposed.size()) + " of " +
                       std::to_string(overview.endpoints.size()) +
                       " endpoints open to the internet\n";
    for (const Exposed& one : overview.exposed) {
        text += "  " + printable(overview.endpoints[one.endpoint].endpoint.use) + "  " +
                (one.service.empty() ? "perhaps " + service_text(one.possible)
                                     : service_text(one.service)) +
                "  from " + sources_text(one.sources) + "\n";
    }
    text += std::to_string(context.network.snapshot().gaps.size()) + " gaps in the snapshot\n";
    return text;
}

}  // namespace azreach::report
