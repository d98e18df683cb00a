// How an answer is made of flows: verdict, sets, a witness and its way. Shared by questions to
// addresses and NICs, and by questions to PaaS endpoints.
#pragma once

#include <algorithm>
#include <functional>
#include <set>
#include <utility>
#include <vector>

#include "src/engine/query.hpp"

namespace azreach {

/// One rectangle of asked packets, of one family.
struct Asked {
    AddressSet src, dst;
    /// How many endpoints stand for the addresses: several can have the same one.
    Uint128 sources = 0, destinations = 0;
    Uint128 loops = 0;  // pairs of an endpoint with itself, which are not asked
    bool as_delivered = false;
    bool coverable = true;  // false: some of it surely does not arrive, or cannot be named
    Family family = Family::v4;
};

/// What the question asks, apart from its service.
class Question {
public:
    /// `to_internet`: asked for by that name; our own public addresses are then possible
    /// destinations, but nobody expects to reach them all.
    Question(const Network& network, const SourceSet& from, const DestinationSet& to,
             bool to_internet)
        : network_(network), from_(from), to_(to), to_internet_(to_internet) {
        for (const Family family : {Family::v4, Family::v6}) {
            ask(family);
        }
    }

    const std::vector<Asked>& asked() const { return asked_; }
    /// Destinations that the internet asks for and that have no public address.
    const std::vector<ConfigIndex>& unpublished() const { return unpublished_; }

private:
    struct Side {
        AddressSet addresses;
        Uint128 count = 0;
        bool complete = true;
    };
    Side configs(const std::vector<ConfigIndex>& list, Family family) const {
        Side side;
        for (const ConfigIndex config : list) {
            const IpConfiguration& configuration = *network_.configurations()[config].configuration;
            if (!configuration.address) {
                side.complete = side.complete && configuration.family != family;
            } else if (configuration.address->family == family) {
                side.addresses |= AddressSet::single(*configuration.address);
                ++side.count;
            }
        }
        return side;
    }

    void add(const Side& src, const Side& dst, Uint128 loops, bool as_delivered, Family family) {
        if ((src.addresses.empty() && src.complete) || (dst.addresses.empty() && dst.complete) ||
            (loops == 1 && src.count == 1 && dst.count == 1 && src.complete && dst.complete)) {
            return;  // nobody, or an endpoint with itself
        }
        Asked asked;
        asked.src = src.addresses;
        asked.dst = dst.addresses;
        asked.sources = src.count;
        asked.destinations = dst.count;
        asked.loops = loops;
        asked.as_delivered = as_delivered;
        asked.coverable = src.complete && dst.complete;
        asked.family = family;
        asked_.push_back(std::move(asked));
    }

    void ask(Family family) {
        const Side own = configs(from_.configs, family);
        Side elsewhere;  // on-premises, and what nobody holds
        elsewhere.addresses = of_family(from_.onprem | from_.nobody, family);
        elsewhere.count = elsewhere.addresses.count();
        elsewhere.complete = true;
        Side internet;
        internet.addresses = of_family(from_.internet, family);
        internet.count = internet.addresses.count();

        const Side targets = configs(to_.configs, family);
        Side literal;
        literal.addresses = of_family(to_.addresses, family);
        if (to_internet_) {
            for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
                literal.addresses -= entry.addresses;
            }
        }
        literal.count = literal.addresses.count();

        Uint128 loops = 0;
        for (const ConfigIndex config : from_.configs) {
            const auto& address = network_.configurations()[config].configuration->address;
            const bool both =
                std::find(to_.configs.begin(), to_.configs.end(), config) != to_.configs.end();
            loops += both && address && address->family == family ? 1U : 0U;
        }
        add(own, targets, loops, true, family);
        Uint128 literal_loops = 0;
        for (const ConfigIndex config : from_.configs) {
            const auto& address = network_.configurations()[config].configuration->address;
            literal_loops += address && literal.addresses.contains(*address) ? 1U : 0U;
        }
        add(own, literal, literal_loops, false, family);
        add(elsewhere, targets, 0, true, family);
        add(elsewhere, literal, 0, false, family);
        add(internet, literal, 0, false, family);
        if (internet.addresses.empty()) {
            return;
        }
        // From the internet a NIC is asked for by its public entries.
        Side entries;
        Side hidden;
        std::set<const Edges::PublicEntry*> seen;
        for (const ConfigIndex config : to_.configs) {
            const IpConfiguration& configuration = *network_.configurations()[config].configuration;
            bool some = false;
            for (const Edges::PublicEntry* entry : network_.edges().public_entries_to(config)) {
                const AddressSet addresses = of_family(entry->addresses, family);
                if (entry->addresses.empty()) {
                    entries.complete = entries.complete && family != Family::v4;
                    some = true;
                } else if (!addresses.empty()) {
                    some = true;
                    if (seen.insert(entry).second) {
                        entries.count += (addresses - entries.addresses).count();
                        entries.addresses |= addresses;
                    }
                }
            }
            if (!some && configuration.family == family) {
                unpublished_.push_back(config);
                if (configuration.address) {
                    hidden.addresses |= AddressSet::single(*configuration.address);
                    ++hidden.count;
                }
            }
        }
        add(internet, entries, 0, true, family);
        add(internet, hidden, 0, true, family);
    }

    const Network& network_;
    const SourceSet& from_;
    const DestinationSet& to_;
    bool to_internet_;
    std::vector<Asked> asked_;
    std::vector<ConfigIndex> unpublished_;
};

/// Whether every asked pair of addresses lies in a flow for which `full` holds.
template <class Full>
bool covered(const Asked& asked, const std::vector<const Flow*>& flows, const Full& full) {
    if (!asked.coverable) {
        return false;
    }
    if (asked.family == Family::v4) {
        Uint128 have = 0;
        for (const Flow* flow : flows) {
            const AddressSet src = flow->src & asked.src;
            const AddressSet dst = flow->dst & asked.dst;
            if (!src.empty() && !dst.empty() && full(*flow)) {
                have += src.count() * dst.count();
                have -= asked.loops == 0 ? Uint128{0} : (src & dst).count();
            }
        }
        return have >= asked.sources * asked.destinations - asked.loops;
    }
    // IPv6 counts overflow: what remains is cut instead.
    std::vector<std::pair<AddressSet, AddressSet>> rest{{asked.src, asked.dst}};
    for (const Flow* flow : flows) {
        if (!full(*flow)) {
            continue;
        }
        std::vector<std::pair<AddressSet, AddressSet>> next;
        for (auto& [src, dst] : rest) {
            const AddressSet inside = src & flow->src;
            if (inside.empty() || !dst.intersects(flow->dst)) {
                next.emplace_back(std::move(src), std::move(dst));
                continue;
            }
            AddressSet beside = dst - flow->dst;
            if (!beside.empty()) {
                next.emplace_back(inside, std::move(beside));
            }
            AddressSet left = src - inside;
            if (!left.empty()) {
                next.emplace_back(std::move(left), std::move(dst));
            }
        }
        rest = std::move(next);
    }
    return std::all_of(rest.begin(), rest.end(), [&](const auto& piece) {
        return asked.loops != 0 && piece.first == piece.second && piece.first.count() == 1;
    });
}

class Answering {
public:
    /// Walks one packet of the question.
    using Tracer = std::function<TraceResult(const Origin&, const Packet&, const TraceOptions&)>;

    Answering(const Network& network, const SourceSet& from, const DestinationSet& to,
              bool to_internet, const ServiceSet& service, const TraceOptions& options,
              std::vector<Flow> flows, Tracer tracer)
        : network_(network),
          from_(from),
          to_(to),
          service_(service),
          options_(options),
          question_(network, from, to, to_internet),
          flows_(std::move(flows)),
          trace_(std::move(tracer)) {
        // Nobody is asked to reach himself.
        std::erase_if(flows_, [&](const Flow& flow) {
            return flow.src == flow.dst && flow.src.count() == 1 &&
                   std::any_of(from.configs.begin(), from.configs.end(), [&](ConfigIndex config) {
                       return network.configurations()[config].configuration->address ==
                              flow.src.smallest();
                   });
        });
    }

    void answer(QueryAnswer& answer);

private:
    static Family family_of(const Flow& flow) {
        return flow.src.v4.empty() ? Family::v6 : Family::v4;
    }
    const ServiceSet& asked_services(Family family) const {
        return family == Family::v4 ? services_v4_ : services_v6_;
    }
    /// The flow's part that was asked, in sent services.
    ServiceSet wanted(const Flow& flow, const ServiceSet& sent) const {
        return to_.configs.empty() ? sent & asked_services(family_of(flow)) : sent;
    }
    static const Outcome& compared(const Flow& flow, bool as_delivered, bool sessions) {
        return as_delivered ? (sessions ? flow.sessions_delivered : flow.packets_delivered)
                            : (sessions ? flow.sessions : flow.packets);
    }
    std::vector<const Flow*> flows_of(const Asked& asked) const {
        std::vector<const Flow*> result;
        for (const Flow& flow : flows_) {
            if (flow.src.intersects(asked.src) && flow.dst.intersects(asked.dst)) {
                result.push_back(&flow);
            }
        }
        return result;
    }
    template <class Part>
    bool all_covered(bool sessions, const Part& part) const {
        return std::all_of(question_.asked().begin(), question_.asked().end(),
                           [&](const Asked& asked) {
                               const ServiceSet& services = asked_services(asked.family);
                               return covered(asked, flows_of(asked), [&](const Flow& flow) {
                                   return part(compared(flow, asked.as_delivered, sessions))
                                       .contains_all(services);
                               });
                           });
    }
    template <class Part>
    bool some(bool sessions, const Part& part) const {
        return std::any_of(flows_.begin(), flows_.end(), [&](const Flow& flow) {
            const ServiceSet& services = asked_services(family_of(flow));
            return !(part(compared(flow, !to_.configs.empty(), sessions)) & services).empty();
        });
    }

    QueryVerdict verdict() const;
    std::vector<Fact> publishers() const;
    void sets(QueryAnswer& answer) const;
    std::optional<Origin> origin_of(const Address& source) const;
    std::optional<Packet> packet_in(const AddressSet& src, const AddressSet& dst,
                                    const ServiceSet& services) const;
    std::optional<Packet> witness() const;
    void explain(QueryAnswer& answer);
    void check(const Packet& packet, const TraceResult& result) const;
    bool counts(const Walk& walk) const;
    void collect_facts(QueryAnswer& answer, std::vector<Fact> known) const;

    const Network& network_;
    const SourceSet& from_;
    const DestinationSet& to_;
    const ServiceSet& service_;
    const TraceOptions& options_;
    const ServiceSet services_v4_ = asked_of(service_, Family::v4);
    const ServiceSet services_v6_ = asked_of(service_, Family::v6);
    Question question_;
    std::vector<Flow> flows_;
    Tracer trace_;
};

/// A blocked answer about a place where hosts stand that no export shows (Bastion, application
/// gateways, injected services) is unknown, unless even a NIC in their subnet could not reach the
/// destination: then it stays blocked. Widens only. Cost: one more network.        [E46]
void ask_hidden_hosts(const Network& network, const ResolvedEndpoint& source,
                      const SourceSet& sources, std::string_view to, std::string_view service_text,
                      const ServiceSet& service, const TraceOptions& options, QueryAnswer& answer);

}  // namespace azreach
