// What a snapshot holds, how old it is, and above all what it does not show.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/network/snapshot.hpp"

namespace azreach {

/// Something that nobody sees in this snapshot, and how far it reaches.
struct Unseen {
    std::string code;  // of a gap; "" for what no export of this kind shows
    std::string what;
    std::string needed_for;  // who mentions it, or why it is not here
    std::string effect;
    std::size_t interfaces = 0;  // NICs whose answers it may touch
};

struct SnapshotInfo {
    std::map<std::string, std::size_t> counts;  // by the word of the kind, "subnets", ...
    std::vector<Source> sources;
    std::vector<Collection> collections;
    /// Days from the oldest collection to `today`; absent when no file says when it was collected.
    std::optional<long long> age_days;
    std::vector<Unseen> unseen;  // gaps, grouped where they are one cause
    std::vector<Unseen> never;   // what exports of this kind cannot show at all
};

/// `today`: "2026-11-28". Cost: linear in the snapshot.
SnapshotInfo info_of(const Snapshot& snapshot, const std::string& today);

/// Days of the civil calendar from one date to another; nullopt for text that is no date.
std::optional<long long> days_between(const std::string& from, const std::string& to);

}  // namespace azreach
