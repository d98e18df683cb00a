#include "src/engine/overview.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace azreach {

std::string_view to_string(Exposure exposure) {
    switch (exposure) {
        case Exposure::none:
            return "none";
        case Exposure::narrow:
            return "narrow";
        case Exposure::wide:
            return "wide";
        case Exposure::unknown:
            return "unknown";
    }
    return "unknown";
}

namespace {

/// More sources than this are "the internet"; fewer are somebody's list.
constexpr Uint128 kNarrowSources = 65536;

class Overviewing {
public:
    Overviewing(const Network& network, const Reachability& reachability,
                const Endpoints& endpoints, const OverviewOptions& options)
        : network_(network),
          reachability_(reachability),
          endpoints_(endpoints),
          options_(options) {}

    Overview make() {
        const bool has_v6 =
            std::any_of(network_.configurations().begin(), network_.configurations().end(),
                        [](const ConfigPlace& p) { return p.configuration->family == Family::v6; });
        result_.asked = has_v6 ? ServiceSet::any() : asked_of(ServiceSet::any(), Family::v4);
        result_.axis = axis_of(network_, endpoints_, RowsOf::subnet);
        reachability_.all_pairs(
            result_.axis.entries, result_.axis.entries, result_.asked, options_.jobs,
            [&](const Reachability::Block& block) { result_.blocks.push_back(block); });
        list_endpoints();
        find_exposed();
        find_exposed_services();
        answer();
        ask_services();
        return std::move(result_);
    }

private:
    /// Machines, NICs that belong to no machine, private endpoints, frontends: what has a place.
    void list_endpoints() {
        std::map<ResourceId, std::vector<ConfigIndex>> of_machine;
        for (ConfigIndex i = 0; i < network_.configurations().size(); ++i) {
            const NetworkInterface& nic = *network_.configurations()[i].interface;
            const Ref& owner = nic.virtual_machine ? nic.virtual_machine : nic.private_endpoint;
            of_machine[owner.value_or(nic.header.id)].push_back(i);
        }
        static const std::set<std::string> kDrawn = {"vm", "vmss", "pe",   "lb",
                                                     "fw", "agw",  "paas", "nic"};
        for (const Endpoint& endpoint : endpoints_.all()) {
            const auto own = of_machine.find(endpoint.id);
            const bool part_of_machine = endpoint.kind == "nic" && own == of_machine.end();
            if (!kDrawn.contains(endpoint.kind) || part_of_machine) {
                continue;
            }
            OverviewEndpoint entry{endpoint, kNoIndex, Exposure::none};
            std::vector<ConfigIndex> configs;
            if (own != of_machine.end()) {
                configs = own->second;
                entry.subnet = network_.configurations()[configs.front()].subnet;
            }
            if (endpoint.kind == "paas") {
                result_.services.push_back(result_.endpoints.size());
            }
            result_.endpoints.push_back(std::move(entry));
            configs_.push_back(std::move(configs));
        }
    }

    void find_exposed() {
        using Entry = Reachability::AxisEntry;
        const std::vector<Entry> from = {{Entry::Kind::internet, {}}};
        std::vector<Entry> to;
        std::vector<std::size_t> endpoint_of;
        for (std::size_t i = 0; i < configs_.size(); ++i) {
            if (!configs_[i].empty()) {
                to.push_back({Entry::Kind::configs, configs_[i]});
                endpoint_of.push_back(i);
            }
        }
        if (to.empty()) {
            return;
        }
        std::map<std::size_t, Exposed> found;
        reachability_.all_pairs(from, to, result_.asked, options_.jobs,
                                [&](const Reachability::Block& block) {
                                    for (const auto& range : block.to) {
                                        for (std::uint32_t i = range.first; i <= range.last; ++i) {
                                            Exposed& one = found[endpoint_of[i]];
                                            one.endpoint = endpoint_of[i];
                                            one.service |= block.packets.can_must;
                                            one.possible |= block.packets.can_may;
                                        }
                                    }
                                });
        SourceSet internet;
        internet.internet = Edges::internet_space();
        for (auto& [index, one] : found) {
            Exposure exposure = one.service.empty() ? Exposure::unknown : Exposure::wide;
            if (result_.exposed.size() < options_.most_exposed) {
                DestinationSet to_one;
                to_one.configs = configs_[index];
                one.service = {};
                for (const Flow& flow : reachability_.flows(internet, to_one, result_.asked)) {
                    one.sources |= flow.src;
                    one.service |= flow.packets.can_must;  // from somebody, if not from everybody
                }
                exposure = one.service.empty() ? Exposure::unknown
                           : one.sources.v6.empty() && one.sources.v4.count() <= kNarrowSources
                               ? Exposure::narrow
                               : Exposure::wide;
            }
            one.possible = one.possible - one.service;
            result_.endpoints[index].exposure = exposure;
            result_.exposed.push_back(std::move(one));
        }
    }

    /// By their public endpoints.
    void find_exposed_services() {
        std::map<std::pair<ResourceId, std::string>, PaasIndex> index_of;
        const std::vector<PaasEndpoint>& all = network_.paas().endpoints();
        for (PaasIndex i = 0; i < all.size(); ++i) {
            index_of.emplace(std::pair(all[i].resource->header.id, all[i].name), i);
        }
        SourceSet internet;
        internet.internet = Edges::internet_space();
        for (const std::size_t index : result_.services) {
            OverviewEndpoint& shown = result_.endpoints[index];
            const auto service = index_of.find({shown.endpoint.id, shown.endpoint.name});
            if (service == index_of.end() || result_.exposed.size() >= options_.most_exposed) {
                continue;
            }
            Exposed one;
            one.endpoint = index;
            AddressSet certain;
            for (const Flow& flow :
                 reachability_.flows_to_service(internet, service->second, result_.asked, 1)) {
                one.service |= flow.packets.can_must;
                one.possible |= flow.packets.can_may;
                one.sources |= flow.packets.can_may.empty() ? AddressSet{} : flow.src;
                certain |= flow.packets.can_must.empty() ? AddressSet{} : flow.src;
            }
            if (one.possible.empty()) {
                continue;
            }
            one.possible -= one.service;
            const auto few = [](const AddressSet& set) {
                return set.v6.empty() && set.v4.count() <= kNarrowSources;
            };
            shown.exposure = one.service.empty()                ? Exposure::unknown
                             : few(certain) && few(one.sources) ? Exposure::narrow
                             : few(certain)                     ? Exposure::unknown
                                                                : Exposure::wide;
            result_.exposed.push_back(std::move(one));
        }
    }

    /// Every row of the axis to every service; of very many pairs those from outside.
    void ask_services() {
        if (options_.most_answers == 0) {
            return;
        }
        const std::vector<std::string>& labels = result_.axis.labels;
        using Kind = Reachability::AxisEntry::Kind;
        const bool all = labels.size() * result_.services.size() <= options_.most_service_pairs;
        std::map<std::pair<std::string, std::string>, std::size_t> known;
        for (std::size_t i = 0; i < result_.answers.size(); ++i) {
            known.emplace(std::pair(result_.answers[i].from, result_.answers[i].to), i);
        }
        for (std::size_t service = 0; service < result_.services.size(); ++service) {
            const std::string& to = result_.endpoints[result_.services[service]].endpoint.use;
            for (std::uint32_t row = 0; row < labels.size(); ++row) {
                if ((!all && result_.axis.entries[row].kind == Kind::configs) ||
                    result_.service_pairs.size() >= options_.most_service_pairs) {
                    continue;
                }
                const auto found = known.find({labels[row], to});
                if (found != known.end()) {
                    result_.service_pairs.push_back({row, service, found->second});
                } else if (answered(labels[row], to)) {
                    result_.service_pairs.push_back({row, service, result_.answers.size() - 1});
                }
            }
        }
    }

    void ask(const std::string& from, const std::string& to) {
        if (result_.answers.size() >= options_.most_answers || !asked_.insert({from, to}).second) {
            return;
        }
        answered(from, to);
    }

    bool answered(const std::string& from, const std::string& to) {
        TraceOptions trace_options;
        trace_options.blockers = true;
        try {
            result_.answers.push_back(query(network_, reachability_, endpoints_, from, to, "any",
                                            ServiceSet::any(), trace_options));
            return true;
        } catch (const NameError&) {
            // a label that names nothing by itself (an id that is not in the list): no page for it
            return false;
        }
    }

    /// The exposed endpoints, then one pair for every block, then the rest while there is room.
    void answer() {
        for (const Exposed& one : result_.exposed) {
            if (result_.answers.size() >= options_.most_answers / 3) {
                break;
            }
            ask("internet", result_.endpoints[one.endpoint].endpoint.use);
        }
        const std::vector<std::string>& labels = result_.axis.labels;
        for (const Reachability::Block& block : result_.blocks) {
            ask(labels[block.from.front().first], labels[block.to.front().first]);
        }
        for (std::size_t i = 0; i < labels.size() && labels.size() <= 40; ++i) {
            for (std::size_t k = 0; k < labels.size(); ++k) {
                if (i != k) {
                    ask(labels[i], labels[k]);
                }
            }
        }
    }

    const Network& network_;
    const Reachability& reachability_;
    const Endpoints& endpoints_;
    const OverviewOptions& options_;
    Overview result_;
    std::vector<std::vector<ConfigIndex>> configs_;
    std::set<std::pair<std::string, std::string>> asked_;
};

}  // namespace

Overview overview(const Network& network, const Reachability& reachability,
                  const Endpoints& endpoints, const OverviewOptions& options) {
    return Overviewing(network, reachability, endpoints, options).make();
}

}  // namespace azreach
