#include "models/network/topology.hpp"

#include <algorithm>
#include <boost/graph/breadth_first_search.hpp>
#include <boost/graph/compressed_sparse_row_graph.hpp>
#include <boost/graph/strong_components.hpp>
#include <deque>
#include <map>
#include <set>

#include "models/network/connectivity.hpp"

namespace azreach {

namespace {

using Graph =
    boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                       boost::no_property, std::uint32_t, std::uint32_t>;
using Ends = std::vector<std::pair<std::uint32_t, std::uint32_t>>;

/// Edges are numbered in the order of `ends`, which is sorted by the first.
Graph graph_of(const Ends& ends, std::size_t vertices) {
    return {boost::edges_are_sorted, ends.begin(), ends.end(),
            static_cast<std::uint32_t>(vertices)};
}

/// What one subnet's routes send to one appliance.
struct Forward {
    SubnetIndex to = kNoIndex;  // the appliance's
    ConfigIndex appliance = kNoIndex;
    AddressSet destinations;
    ResourceId by;
    bool certain = true;
};

}  // namespace

struct Topology::State {
    const Network& network;
    Depth depth;
    std::vector<Vertex> vertices;
    std::vector<Link> links;
    std::optional<Graph> graph;  // edges are numbered as links are
    VertexIndex internet = 0, onprem = 1;
    std::vector<VertexIndex> vnets, subnets;
    std::map<ResourceId, VertexIndex> by_id;       // gateways, NICs, things not read
    std::vector<VertexIndex> configs;              // by ConfigIndex
    std::vector<std::vector<Forward>> forwarding;  // by SubnetIndex
    std::set<ConfigIndex> appliances;

    State(const Network& n, Depth d) : network(n), depth(d) {
        add({Vertex::Kind::internet, {}, "internet"});
        add({Vertex::Kind::onprem, {}, "onprem"});
        add_networks();
        if (depth == Depth::everything) {
            add_subnets();
            read_routes();
            add_endpoints();
            link_routes();
            link_balancers();
            link_ways_in();
        }
        finish();
    }

    VertexIndex add(Vertex vertex) {
        vertices.push_back(std::move(vertex));
        return static_cast<VertexIndex>(vertices.size() - 1);
    }
    VertexIndex known(const ResourceId& id, Vertex::Kind kind, bool read) {
        const auto [it, added] = by_id.emplace(id, static_cast<VertexIndex>(vertices.size()));
        if (added) {
            add({kind, id, std::string(id.name()), kNoIndex, read});
        }
        return it->second;
    }
    void link(Link::Kind kind, VertexIndex from, VertexIndex to, const ResourceId& via,
              bool certain = true) {
        links.push_back({kind, from, to, via, certain});
    }
    void link_both(Link::Kind kind, VertexIndex a, VertexIndex b, const ResourceId& via,
                   bool certain = true) {
        link(kind, a, b, via, certain);
        link(kind, b, a, via, certain);
    }

    void add_networks();
    void add_gateways(VnetIndex vnet);
    void add_subnets();
    void add_endpoints();
    void read_routes();
    void forward(SubnetIndex subnet, const Routes::Part& part);
    void link_routes();
    void link_balancers();
    void link_ways_in();
    void finish();
    RouteLoop loop_from(SubnetIndex start, const std::vector<AddressSet>& live) const;
};

// --- VNets and gateways ------------------------------------------------------------------------

void Topology::State::add_networks() {
    for (VnetIndex v = 0; v < network.vnets().size(); ++v) {
        const Header& header = network.vnets()[v]->header;
        vnets.push_back(add({Vertex::Kind::vnet, header.id, header.name, v}));
        by_id.emplace(header.id, vnets.back());
    }
    for (VnetIndex v = 0; v < network.vnets().size(); ++v) {
        for (const PeeringLink& peering : peering_links(network, v)) {
            if (!peering.live) {
                continue;
            }
            const VertexIndex remote =
                peering.remote != kNoIndex
                    ? vnets[peering.remote]
                    : known(peering.local->remote.value_or(peering.local->header.id),
                            Vertex::Kind::vnet, false);
            link(Link::Kind::peering, vnets[v], remote, peering.local->header.id,
                 peering.when.empty());
        }
        for (const GroupLink& group : group_links(network, v)) {
            link(Link::Kind::connected_group, vnets[v], vnets[group.member], group.group,
                 group.when.empty());
        }
        add_gateways(v);
    }
    for (const auto& [id, gateway] : network.snapshot().gateways) {
        const VertexIndex place = known(id, Vertex::Kind::gateway, true);
        for (const BehindGateway& behind : network.routes().behind(id)) {
            if (behind.kind != BehindGateway::Kind::vnet) {
                link_both(Link::Kind::site, place, onprem, behind.via, behind.when.empty());
            } else if (behind.vnet != kNoIndex) {
                link(Link::Kind::tunnel, place, vnets[behind.vnet], behind.via,
                     behind.when.empty());
            } else {
                link(Link::Kind::tunnel, place,
                     known(behind.remote_gateway.empty() ? behind.via : behind.remote_gateway,
                           Vertex::Kind::gateway, false),
                     behind.via, behind.when.empty());
            }
        }
    }
    for (const Routes::OnpremEntry& entry : network.routes().onprem_entries()) {
        if (entry.gateway_subnet == kNoIndex &&
            !network.snapshot().gateways.contains(entry.gateway)) {
            // A hub: what it joins is not known here, so it may join everything.     [R12] [R64]
            const VertexIndex hub = known(entry.gateway, Vertex::Kind::gateway, true);
            link_both(Link::Kind::site, hub, onprem, entry.gateway, false);
        }
    }
}

void Topology::State::add_gateways(VnetIndex vnet) {
    for (const UsableGateway& usable : usable_gateways(network, vnet)) {
        const VertexIndex gateway =
            known(usable.id, Vertex::Kind::gateway, usable.gateway != nullptr);
        link_both(Link::Kind::gateway, vnets[vnet], gateway, usable.id, usable.when.empty());
    }
}

// --- subnets, appliances, endpoints ------------------------------------------------------------

void Topology::State::add_subnets() {
    for (SubnetIndex s = 0; s < network.subnets().size(); ++s) {
        const SubnetPlace& subnet = network.subnets()[s];
        const Header& header = subnet.subnet->header;
        subnets.push_back(add(
            {Vertex::Kind::subnet, header.id, subnet.vnet->header.name + "/" + header.name, s}));
        by_id.emplace(header.id, subnets.back());
        link_both(Link::Kind::part_of, subnets.back(), vnets[subnet.vnet_index], header.id);
    }
}

void Topology::State::add_endpoints() {
    configs.resize(network.configurations().size(), 0);
    for (ConfigIndex c = 0; c < network.configurations().size(); ++c) {
        const ConfigPlace& config = network.configurations()[c];
        const Header& header = config.interface->header;
        const auto [it, added] =
            by_id.emplace(header.id, static_cast<VertexIndex>(vertices.size()));
        if (added) {
            add({appliances.contains(c) ? Vertex::Kind::appliance : Vertex::Kind::endpoint,
                 header.id, header.name, c});
        } else if (appliances.contains(c)) {
            vertices[it->second].kind = Vertex::Kind::appliance;
        }
        configs[c] = it->second;
        if (config.subnet != kNoIndex) {
            link_both(Link::Kind::part_of, it->second, subnets[config.subnet],
                      config.configuration->id);
        }
    }
}

/// Who answers at the address that a route names, by the rules of the walk.         [R28] [R30]
void Topology::State::forward(SubnetIndex subnet, const Routes::Part& part) {
    for (const EffectiveRouteEntry* entry : part.candidates) {
        if (entry->hop != NextHop::virtual_appliance) {
            continue;
        }
        const bool sure = part.candidates.size() == 1 && entry->when.empty();
        for (const HopTarget& target :
             network.routes().appliance_vnets(network.subnets()[subnet].vnet_index)) {
            if (target.vnet == kNoIndex) {
                continue;
            }
            std::vector<std::pair<ConfigIndex, bool>> found;
            for (const Owner& owner : network.edges().owners(target.vnet, entry->address)) {
                if (owner.kind == Owner::Kind::configuration) {
                    found.emplace_back(owner.config, true);
                } else if (owner.kind == Owner::Kind::frontend) {
                    const auto& ways =
                        network.edges().translations(*owner.balancer, *owner.frontend);
                    for (const Translation& way : ways) {
                        if (way.config != kNoIndex) {
                            found.emplace_back(way.config, ways.size() == 1 && way.when.empty());
                        }
                    }
                }
            }
            std::sort(found.begin(), found.end());
            found.erase(
                std::unique(found.begin(), found.end(),
                            [](const auto& a, const auto& b) { return a.first == b.first; }),
                found.end());
            for (const auto& [config, only] : found) {
                const ConfigPlace& place = network.configurations()[config];
                appliances.insert(config);
                if (place.subnet == kNoIndex || !place.interface->ip_forwarding ||
                    network.assumptions().nva(entry->address) == NvaMode::drop) {
                    continue;
                }
                AddressSet destinations = part.destinations;
                for (const ConfigIndex own :
                     network.configurations_of(place.interface->header.id)) {
                    if (const auto& address =
                            network.configurations()[own].configuration->address) {
                        destinations -= AddressSet::single(*address);
                    }
                }
                forwarding[subnet].push_back(
                    {place.subnet, config, std::move(destinations), entry->by,
                     sure && only && target.when.empty() && found.size() == 1});
            }
            if (!found.empty()) {
                break;
            }
        }
    }
}

void Topology::State::read_routes() {
    forwarding.resize(network.subnets().size());
    for (SubnetIndex s = 0; s < network.subnets().size(); ++s) {
        const auto& table = network.routes().table(s);
        AddressSet forwarded;
        for (const EffectiveRouteEntry& entry : table) {
            if (entry.hop == NextHop::virtual_appliance && !entry.invalid) {
                forwarded |= entry.prefix.addresses();
            }
        }
        if (!forwarded.empty()) {
            for (const Routes::Part& part : network.routes().partition(s, forwarded)) {
                forward(s, part);
            }
        }
    }
}

void Topology::State::link_routes() {
    for (SubnetIndex s = 0; s < network.subnets().size(); ++s) {
        std::set<std::pair<VertexIndex, ResourceId>> linked;
        const EffectiveRouteEntry* out = nullptr;
        for (const EffectiveRouteEntry& entry : network.routes().table(s)) {
            if (entry.invalid) {
                continue;
            }
            if (entry.hop == NextHop::internet && (out == nullptr || !out->when.empty())) {
                out = &entry;
            }
            if (entry.hop != NextHop::virtual_appliance) {
                continue;
            }
            bool seen = false;
            for (const HopTarget& target :
                 network.routes().appliance_vnets(network.subnets()[s].vnet_index)) {
                if (target.vnet == kNoIndex || seen) {
                    continue;
                }
                for (const Owner& owner : network.edges().owners(target.vnet, entry.address)) {
                    std::vector<VertexIndex> to;
                    if (owner.kind == Owner::Kind::configuration) {
                        to.push_back(configs[owner.config]);
                    } else if (owner.kind == Owner::Kind::frontend) {
                        for (const Translation& way :
                             network.edges().translations(*owner.balancer, *owner.frontend)) {
                            if (way.config != kNoIndex) {
                                to.push_back(configs[way.config]);
                            }
                        }
                    } else if (owner.kind == Owner::Kind::unmodelled) {
                        to.push_back(known(owner.at, Vertex::Kind::appliance, true));
                    }
                    for (const VertexIndex place : to) {
                        seen = true;
                        if (linked.emplace(place, entry.by).second) {
                            link(Link::Kind::next_hop, subnets[s], place, entry.by,
                                 entry.when.empty() && to.size() == 1);
                        }
                    }
                }
            }
            if (!seen) {
                const ResourceId address(to_string(entry.address));
                const auto [it, added] =
                    by_id.emplace(address, static_cast<VertexIndex>(vertices.size()));
                if (added) {
                    add({Vertex::Kind::appliance, {}, address.text(), kNoIndex, false});
                }
                if (linked.emplace(it->second, entry.by).second) {
                    link(Link::Kind::next_hop, subnets[s], it->second, entry.by, false);
                }
            }
        }
        if (out != nullptr) {
            link(Link::Kind::way_out, subnets[s], internet, out->by, out->when.empty());
        }
    }
}

void Topology::State::link_balancers() {
    for (const auto& [id, balancer] : network.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            const auto subnet =
                frontend.subnet ? network.subnet_index(*frontend.subnet) : std::nullopt;
            if (!subnet) {
                continue;
            }
            std::set<VertexIndex> members;
            for (const Translation& way : network.edges().translations(balancer, frontend)) {
                if (way.config != kNoIndex && members.insert(configs[way.config]).second) {
                    link(Link::Kind::balancer, subnets[*subnet], configs[way.config], id,
                         way.when.empty());
                }
            }
        }
    }
}

void Topology::State::link_ways_in() {
    for (const Edges::PublicEntry& entry : network.edges().public_entries()) {
        std::set<VertexIndex> members;
        for (const Translation& way : entry.ways) {
            if (way.config != kNoIndex && members.insert(configs[way.config]).second) {
                link(Link::Kind::way_in, internet, configs[way.config], entry.public_ip,
                     way.when.empty());
            }
        }
    }
}

void Topology::State::finish() {
    std::stable_sort(links.begin(), links.end(),
                     [](const Link& a, const Link& b) { return a.from < b.from; });
    Ends ends;
    ends.reserve(links.size());
    for (const Link& link : links) {
        ends.emplace_back(link.from, link.to);
    }
    graph.emplace(graph_of(ends, vertices.size()));
}

// --- questions ---------------------------------------------------------------------------------

Topology::Topology(const Network& network, Depth depth)
    : state_(std::make_unique<State>(network, depth)) {}
Topology::~Topology() = default;

const std::vector<Vertex>& Topology::vertices() const { return state_->vertices; }
const std::vector<Link>& Topology::links() const { return state_->links; }
std::optional<VertexIndex> Topology::internet() const { return state_->internet; }

std::optional<VertexIndex> Topology::of_vnet(VnetIndex vnet) const {
    return vnet < state_->vnets.size() ? std::optional(state_->vnets[vnet]) : std::nullopt;
}
std::optional<VertexIndex> Topology::of_subnet(SubnetIndex subnet) const {
    return subnet < state_->subnets.size() ? std::optional(state_->subnets[subnet]) : std::nullopt;
}
std::optional<VertexIndex> Topology::of_config(ConfigIndex config) const {
    return config < state_->configs.size() ? std::optional(state_->configs[config]) : std::nullopt;
}

namespace {

/// Remembers the link by which every place was first met; a place outside Azure is an end.
class NearestFirst : public boost::default_bfs_visitor {
public:
    NearestFirst(std::vector<std::uint32_t>& by, std::vector<VertexIndex>& order)
        : by_(&by), order_(&order) {}
    void discover_vertex(VertexIndex place, const Graph& /*graph*/) { order_->push_back(place); }
    template <class Edge, class G>
    void tree_edge(const Edge& edge, const G& graph) {
        (*by_)[boost::target(edge, graph)] = get(boost::edge_index, graph, edge);
    }

private:
    std::vector<std::uint32_t>* by_;
    std::vector<VertexIndex>* order_;
};

/// For every place the link by which it is first met from `from`; kNoIndex: not met. Places for
/// which `passes` is false are met and not left again.
template <class Passes>
std::vector<std::uint32_t> first_links(const Graph& graph, VertexIndex from, const Passes& passes,
                                       std::vector<VertexIndex>& order) {
    std::vector<std::uint32_t> by(boost::num_vertices(graph), kNoIndex);
    // A colour set beforehand keeps the search out of a place; such vertices are met afterwards.
    using Colour = boost::color_traits<boost::default_color_type>;
    std::vector<boost::default_color_type> colours(boost::num_vertices(graph), Colour::white());
    for (VertexIndex place = 0; place < colours.size(); ++place) {
        if (place != from && !passes(place)) {
            colours[place] = Colour::black();
        }
    }
    boost::queue<VertexIndex> queue;
    boost::breadth_first_visit(
        graph, from, queue, NearestFirst(by, order),
        boost::make_iterator_property_map(colours.begin(), get(boost::vertex_index, graph)));
    for (const VertexIndex place : std::vector<VertexIndex>(order)) {
        for (auto [edge, end] = boost::out_edges(place, graph); edge != end; ++edge) {
            const VertexIndex to = static_cast<VertexIndex>(boost::target(*edge, graph));
            if (to != from && !passes(to) && by[to] == kNoIndex) {
                by[to] = get(boost::edge_index, graph, *edge);
            }
        }
    }
    return by;
}

}  // namespace

std::vector<const Link*> Topology::way(VertexIndex from, VertexIndex to,
                                       bool through_outside) const {
    const State& s = *state_;
    std::vector<VertexIndex> order;
    const std::vector<std::uint32_t> by = first_links(
        *s.graph, from,
        [&](VertexIndex place) {
            return through_outside || (place != s.internet && place != s.onprem);
        },
        order);
    std::vector<const Link*> way;
    for (VertexIndex place = to; place != from && by[place] != kNoIndex;
         place = s.links[by[place]].from) {
        way.push_back(&s.links[by[place]]);
    }
    std::reverse(way.begin(), way.end());
    return way;
}

std::vector<Topology::Near> Topology::near(VnetIndex vnet) const {
    const State& s = *state_;
    std::vector<VertexIndex> order;
    const VertexIndex from = s.vnets[vnet];
    const std::vector<std::uint32_t> by = first_links(
        *s.graph, from, [&](VertexIndex place) { return place != s.internet && place != s.onprem; },
        order);
    std::vector<Near> result;
    for (const VertexIndex place : order) {
        if (place == from || s.vertices[place].kind != Vertex::Kind::vnet ||
            !s.vertices[place].read) {
            continue;
        }
        Near near{s.vertices[place].index, {}};
        for (VertexIndex at = place; at != from; at = s.links[by[at]].from) {
            near.way.push_back(&s.links[by[at]]);
        }
        std::reverse(near.way.begin(), near.way.end());
        result.push_back(std::move(near));
    }
    return result;
}

// --- loops -------------------------------------------------------------------------------------

/// Follows one destination that never leaves `live` until a subnet comes again.
RouteLoop Topology::State::loop_from(SubnetIndex start, const std::vector<AddressSet>& live) const {
    const Address destination = *live[start].smallest();
    std::vector<RouteLoop::Step> steps;
    std::vector<const Forward*> taken;
    SubnetIndex at = start;
    while (true) {
        const auto again = std::find_if(steps.begin(), steps.end(),
                                        [&](const RouteLoop::Step& s) { return s.subnet == at; });
        if (again != steps.end()) {
            const auto first = again - steps.begin();
            RouteLoop loop{{again, steps.end()}, live[at], true};
            for (auto i = static_cast<std::size_t>(first); i < taken.size(); ++i) {
                loop.destinations &= taken[i]->destinations;
                loop.certain = loop.certain && taken[i]->certain;
            }
            return loop;
        }
        for (const Forward& forward : forwarding[at]) {
            if (forward.destinations.contains(destination) &&
                live[forward.to].contains(destination)) {
                steps.push_back({at, forward.appliance, forward.by});
                taken.push_back(&forward);
                at = forward.to;
                break;
            }
        }
    }
}

std::vector<RouteLoop> Topology::loops(std::size_t limit) const {
    const State& s = *state_;
    const std::size_t count = s.forwarding.size();
    // Subnets that can come back to themselves lie in one strong component.
    Ends ends;
    for (SubnetIndex subnet = 0; subnet < count; ++subnet) {
        for (const Forward& forward : s.forwarding[subnet]) {
            ends.emplace_back(subnet, forward.to);
        }
    }
    const Graph graph = graph_of(ends, count);
    std::vector<std::uint32_t> component(count, 0);
    if (count > 0) {
        boost::strong_components(graph, boost::make_iterator_property_map(
                                            component.begin(), get(boost::vertex_index, graph)));
    }
    // Destinations that go on for ever: the greatest sets that every step keeps.
    std::vector<AddressSet> live(count);
    for (SubnetIndex subnet = 0; subnet < count; ++subnet) {
        for (const Forward& forward : s.forwarding[subnet]) {
            if (component[forward.to] == component[subnet]) {
                live[subnet] |= forward.destinations;
            }
        }
    }
    const auto settle = [&] {
        for (bool changed = true; changed;) {
            changed = false;
            for (SubnetIndex subnet = 0; subnet < count; ++subnet) {
                if (live[subnet].empty()) {
                    continue;
                }
                AddressSet kept;
                for (const Forward& forward : s.forwarding[subnet]) {
                    kept |= forward.destinations & live[forward.to];
                }
                kept &= live[subnet];
                if (kept != live[subnet]) {
                    live[subnet] = std::move(kept);
                    changed = true;
                }
            }
        }
    };
    std::vector<RouteLoop> loops;
    for (SubnetIndex subnet = 0; subnet < count; ++subnet) {
        settle();
        while (loops.size() < limit && !live[subnet].empty()) {
            RouteLoop loop = s.loop_from(subnet, live);
            for (const RouteLoop::Step& step : loop.steps) {
                live[step.subnet] -= loop.destinations;
            }
            loops.push_back(std::move(loop));
            settle();
        }
    }
    return loops;
}

std::string_view to_string(Vertex::Kind kind) {
    constexpr std::string_view kNames[] = {"internet", "onprem",    "vnet",    "subnet",
                                           "gateway",  "appliance", "endpoint"};
    return kNames[static_cast<std::size_t>(kind)];
}

std::string_view to_string(Link::Kind kind) {
    constexpr std::string_view kNames[] = {"part of", "peering", "connected group", "gateway",
                                           "site",    "tunnel",  "next hop",        "balancer",
                                           "way out", "way in"};
    return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace azreach
