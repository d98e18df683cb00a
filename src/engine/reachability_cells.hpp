// Outcomes over rectangles of addresses, and how alternatives combine.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "models/net/address_set.hpp"
#include "src/engine/reachability_service_pool.hpp"

namespace azreach {

/// The four sets of an Outcome, interned.
struct Fate {
    enum Quantity : std::uint8_t { always_must, can_must, always_may, can_may };
    std::array<ServiceId, 4> sets{};

    static Fate all(ServiceId services) { return {{services, services, services, services}}; }
    /// Delivered in some world at most.
    static Fate perhaps(ServiceId services) {
        return {{kNoService, kNoService, services, services}};
    }
    bool empty() const { return sets[can_may] == kNoService; }
    friend bool operator==(const Fate&, const Fate&) = default;
};

/// What happened to destination ports on the way.
struct PortMap {
    enum class Kind : std::uint8_t { kept, to_port, mixed } kind = Kind::kept;
    std::uint16_t port = 0;
    friend bool operator==(const PortMap&, const PortMap&) = default;
};

/// Where packets end.
struct EndPlace {
    enum class Kind : std::uint8_t { config, internet, onprem, several } kind = Kind::several;
    std::uint32_t config = 0;
    friend bool operator==(const EndPlace&, const EndPlace&) = default;
};

/// Every packet from `src` to `dst` fares so, by service; all in the coordinates of the place
/// where the cell is looked at.
struct Cell {
    AddressSet src, dst;
    Fate packets, sessions;
    PortMap ports;
    EndPlace end;
};

/// What happens to packets of a region; what lies in no cell arrives nowhere. Cells may overlap
/// where their services are disjoint: then they add up.
using Cells = std::vector<Cell>;

class CellAlgebra {
public:
    explicit CellAlgebra(ServicePool& pool) : pool_(pool) {}

    Fate restricted(const Fate& fate, ServiceId must, ServiceId may);
    Fate intersected(const Fate& x, const Fate& y);
    Fate added(const Fate& x, const Fate& y);  // disjoint services

    /// The worlds disagree which of the two happens.
    Cells either_fact(Cells x, Cells y) { return combined(std::move(x), std::move(y), Op::fact); }
    /// The platform chooses between the two.
    Cells either_choice(Cells x, Cells y) {
        return combined(std::move(x), std::move(y), Op::choice);
    }
    /// A sure alternative, and one that exists in some worlds and then is chosen from as well.
    Cells maybe_choice(Cells sure, Cells unsure) {
        return combined(std::move(sure), std::move(unsure), Op::unsure_choice);
    }
    /// Perhaps nothing of it happens.
    static void weaken(Cells& cells);
    /// Everything of `cells` that `must` surely and `may` perhaps lets through.
    void restrict(Cells& cells, ServiceId must, ServiceId may);

    /// Cells of a source region in which the packet's source is one of `from`; whoever is in `to`
    /// gets it. By choice, or by an open fact.
    Cells collapsed_sources(Cells cells, const AddressSet& from, const AddressSet& to, bool choice);

    /// Same cells in fewer rectangles: first equal destinations, then equal sources.
    Cells merged(Cells cells);
    /// True if surely no two cells overlap; false says nothing.
    static bool surely_disjoint(const Cells& cells);
    /// Disjoint in (src, dst) per port map: overlapping cells are cut and added.
    Cells disjoint(Cells cells);

private:
    enum class Op : std::uint8_t { fact, choice, unsure_choice, add };
    Fate combined(const Fate& x, const Fate& y, Op op);
    Cell combined(const Cell& x, const Cell& y, AddressSet src, AddressSet dst, Op op);
    Cells combined(Cells x, Cells y, Op op);
    ServicePool& pool_;
};

}  // namespace azreach
