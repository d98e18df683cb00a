#include "src/engine/diff_causes.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace azreach {

namespace {

constexpr std::size_t kMostNetworks = 2000;
/// Configurations in all networks together that are built for one search.
constexpr std::size_t kMostConfigurations = 400000;

using Chosen = std::vector<bool>;

/// What one network does with a packet, comparable with what another one does.
struct Effect {
    FlowState state = FlowState::blocked;
    std::vector<std::string> way;
    friend bool operator==(const Effect&, const Effect&) = default;
};

class OneNetwork {
public:
    explicit OneNetwork(const Network& network)
        : network_(network), filters_(network, pool_), walk_(network, pool_, filters_) {}

    Effect effect(const SampledPacket& sample) {
        Effect result;
        std::optional<Origin> origin;
        std::optional<ConfigIndex> config;
        if (sample.kind == SenderRow::Kind::internet) {
            origin.emplace(Internet{});
        } else if (sample.kind == SenderRow::Kind::onprem) {
            origin.emplace(OnPremises{});
        } else {
            for (const ConfigIndex index : network_.configurations_of(sample.interface)) {
                if (network_.configurations()[index].configuration->id == sample.configuration) {
                    config = index;
                    origin.emplace(index);
                }
            }
        }
        if (!origin) {
            return result;
        }
        result.state = state(sample, config);
        if (sample.rerouted) {
            TraceOptions once;
            once.reply = false;
            result.way = way_of(trace(network_, *origin, sample.packet, once).walk);
        }
        return result;
    }

private:
    FlowState state(const SampledPacket& sample, std::optional<ConfigIndex> config) {
        static const WalkQuestion kAnywhere;
        const AddressSet src = AddressSet::single(sample.packet.src);
        const AddressSet dst = AddressSet::single(sample.packet.dst);
        const ServiceId service = pool_.intern(ServiceSet::single(sample.packet.service));
        Cells cells;
        if (config) {
            const auto& address = network_.configurations()[*config].configuration->address;
            if (address && *address != sample.packet.src) {
                return FlowState::blocked;  // not his address here
            }
            SourceGroup group;
            group.configs = {*config};
            group.addresses = src;
            cells = walk_.from_group(group, src, dst, service, kAnywhere);
            if (!address) {
                walk_.algebra().weaken(cells);
            }
        } else if (sample.kind == SenderRow::Kind::internet) {
            if (network_.edges().public_entry(sample.packet.dst) != nullptr) {
                cells = walk_.from_internet(src, dst, service, kAnywhere);
            }
            for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
                if (cells.empty() && entry.addresses.empty()) {
                    cells = walk_.through_unknown_entry(entry, src, dst, service, kAnywhere);
                }
            }
        } else {
            cells = walk_.from_onprem(src, dst, service, kAnywhere);
        }
        FateAlgebra algebra(pool_);
        StateClassifier::Fates fates;
        for (const Cell& cell : cells) {
            fates.packets = algebra.combined(fates.packets, cell.packets, FateAlgebra::Op::add);
            fates.sessions = algebra.combined(fates.sessions, cell.sessions, FateAlgebra::Op::add);
        }
        FlowState result = FlowState::blocked;
        StateClassifier(pool_).classify(
            {}, fates, service, StateClassifier::Same::none,
            [&](const StateClassifier::Found& found) { result = found.after; });
        return result;
    }

    const Network& network_;
    ServicePool pool_;
    FilterIndexes filters_;
    SetWalk walk_;
};

class Search {
public:
    Search(const ConfigChanges& changes, const Assumptions& assumptions,
           const std::vector<SampledPacket>& packets)
        : changes_(changes),
          assumptions_(assumptions),
          packets_(packets),
          working_(changes.before()) {
        std::size_t configurations = 0;
        for (const auto& [id, interface] : changes.after().interfaces) {
            configurations += interface.configurations.size();
        }
        budget_ =
            std::clamp<std::size_t>(kMostConfigurations / (configurations + 1), 12, kMostNetworks);
    }

    Causes found() {
        const std::size_t count = changes_.list().size();
        result_.of.resize(packets_.size());
        if (count == 1) {
            for (std::vector<std::size_t>& own : result_.of) {
                own = {0};
            }
            return std::move(result_);
        }
        const Chosen all(count, true);
        after_ = effects(all);
        // One change alone: most have such a cause.
        for (std::size_t change = 0; change < count && left() > 0; ++change) {
            if (budget_ == 0) {
                break;
            }
            Chosen one(count, false);
            one[change] = true;
            const std::vector<Effect> effect = effects(one);
            for (std::size_t packet = 0; packet < packets_.size(); ++packet) {
                if (result_.of[packet].empty() && effect[packet] == after_[packet]) {
                    result_.of[packet] = {change};
                }
            }
        }
        for (std::size_t packet = 0; packet < packets_.size(); ++packet) {
            if (result_.of[packet].empty()) {
                several(packet, all);
            }
            result_.incomplete = result_.incomplete || result_.of[packet].empty();
        }
        return std::move(result_);
    }

private:
    std::size_t left() const {
        return static_cast<std::size_t>(std::count_if(result_.of.begin(), result_.of.end(),
                                                      [](const auto& own) { return own.empty(); }));
    }

    const std::vector<Effect>& effects(const Chosen& chosen) {
        const auto [it, added] = known_.try_emplace(chosen);
        if (added) {
            budget_ -= budget_ > 0 ? 1 : 0;
            changes_.patch(working_, chosen);
            const Network network(working_, assumptions_);
            OneNetwork one(network);
            for (const SampledPacket& packet : packets_) {
                it->second.push_back(one.effect(packet));
            }
        }
        return it->second;
    }

    bool works(std::size_t packet, const Chosen& chosen) {
        return effects(chosen)[packet] == after_[packet];
    }

    /// From all changes, those are left out without which it works too: halves first, then one by
    /// one.
    void several(std::size_t packet, Chosen chosen) {
        const auto members = [&] {
            std::vector<std::size_t> list;
            for (std::size_t i = 0; i < chosen.size(); ++i) {
                if (chosen[i]) {
                    list.push_back(i);
                }
            }
            return list;
        };
        for (std::size_t size = members().size() / 2; size >= 1; size /= 2) {
            bool again = true;
            while (again) {
                again = false;
                const std::vector<std::size_t> list = members();
                for (std::size_t at = 0; at < list.size() && list.size() > 1; at += size) {
                    if (budget_ == 0) {
                        return;
                    }
                    Chosen fewer = chosen;
                    for (std::size_t i = at; i < std::min(at + size, list.size()); ++i) {
                        fewer[list[i]] = false;
                    }
                    if (std::find(fewer.begin(), fewer.end(), true) == fewer.end()) {
                        continue;
                    }
                    if (works(packet, fewer)) {
                        chosen = std::move(fewer);
                        again = size == 1;
                        break;
                    }
                }
            }
        }
        std::vector<std::size_t> list = members();
        // Of three, two may do it although no removal of one leaves it working.
        if (list.size() == 3) {
            for (std::size_t out = 0; out < 3; ++out) {
                Chosen two = chosen;
                two[list[out]] = false;
                if (works(packet, two)) {
                    list.erase(list.begin() + static_cast<std::ptrdiff_t>(out));
                    break;
                }
            }
        }
        result_.of[packet] = std::move(list);
    }

    const ConfigChanges& changes_;
    const Assumptions& assumptions_;
    const std::vector<SampledPacket>& packets_;
    Snapshot working_;
    std::size_t budget_ = 0;
    std::map<Chosen, std::vector<Effect>> known_;
    std::vector<Effect> after_;
    Causes result_;
};

}  // namespace

std::vector<std::string> way_of(const Walk& walk) {
    std::vector<std::string> way;
    for (const Hop& hop : walk.path) {
        // Who filters is on the way to somewhere; what his rules say is not the way.
        if (hop.kind != HopKind::nsg && hop.kind != HopKind::admin_rule) {
            way.push_back(std::string(to_string(hop.kind)) + " " + hop.at.text() + " " +
                          std::string(to_string(hop.decision)));
        }
    }
    way.push_back(walk.at);
    way.push_back(to_string(walk.final_packet.src) + " " + to_string(walk.final_packet.dst));
    return way;
}

Causes causes_of(const ConfigChanges& changes, const Assumptions& assumptions,
                 const std::vector<SampledPacket>& packets) {
    return Search(changes, assumptions, packets).found();
}

}  // namespace azreach
