// Outcomes over rectangles of addresses, and how alternatives combine.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "models/net/address_set.hpp"
#include "src/engine/reachability_expressions.hpp"
#include "src/engine/reachability_fate.hpp"

namespace azreach {

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

/// Combines cells. With `expressions` the fates are symbolic: every set of a fate is the id of one
/// expression, and filters are left as nodes (see reachability_expressions.hpp).
class CellAlgebra {
public:
    explicit CellAlgebra(ServicePool& pool, Expressions* expressions = nullptr)
        : fates_(pool), expressions_(expressions) {}

    bool symbolic() const { return expressions_ != nullptr; }
    Expressions& expressions() { return *expressions_; }

    // Fates, symbolic or not.
    Fate all(ServiceId services);
    bool is_everything(const Fate& fate) { return fate == all(kEveryService); }
    Fate weakened(const Fate& fate);
    Fate restricted(const Fate& fate, ServiceId must, ServiceId may);
    Fate intersected(const Fate& x, const Fate& y);
    Fate exchanged(const Fate& fate);
    Fate added(const Fate& x, const Fate& y) { return combined(x, y, Op::add); }

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
    void weaken(Cells& cells);
    void weaken_sessions(Cells& cells);
    /// Everything of `cells` that `must` surely and `may` perhaps lets through.
    void restrict(Cells& cells, ServiceId must, ServiceId may);

    /// Cells of a source region in which the packet's source is one of `from`; whoever is in `to`
    /// gets it. By choice, or by an open fact.
    Cells collapsed_sources(Cells cells, const AddressSet& from, const AddressSet& to, bool choice);

    /// Same cells in fewer rectangles: first equal destinations, then equal sources.
    static Cells merged(Cells cells);
    /// True if surely no two cells overlap; false says nothing.
    static bool surely_disjoint(const Cells& cells);
    /// Disjoint in (src, dst) per port map: overlapping cells are cut and added.
    Cells disjoint(Cells cells);

private:
    using Op = FateAlgebra::Op;
    static Fate symbol(ExprId id) { return Fate::all(id); }
    static ExprId id_of(const Fate& fate) { return fate.sets[0]; }
    Fate combined(const Fate& x, const Fate& y, Op op);
    Cell combined(const Cell& x, const Cell& y, AddressSet src, AddressSet dst, Op op);
    Cells combined(Cells x, Cells y, Op op);
    FateAlgebra fates_;
    Expressions* expressions_;
};

}  // namespace azreach
