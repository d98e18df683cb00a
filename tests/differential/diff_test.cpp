// diff on generated networks and random changes of them: packet by packet what the oracle says of
// both sides; touched regions against everything; no difference for the same network written
// otherwise; the mirror image of a difference.
//
//   AZREACH_SEEDS=FIRST-LAST  which seeds (default 1-60); a failure prints its seed.
#include "src/engine/diff.hpp"

#include <cstdlib>
#include <iostream>
#include <map>
#include <set>

#include "src/arm/import.hpp"
#include "tests/differential/mutate.hpp"
#include "tests/oracle/generate.hpp"
#include "tests/oracle/oracle.hpp"
#include "tests/support/catch.hpp"

namespace azreach {
namespace {

std::pair<std::uint64_t, std::uint64_t> seeds() {
    std::pair<std::uint64_t, std::uint64_t> range{1, 60};
    if (const char* text = std::getenv("AZREACH_SEEDS")) {
        char* dash = nullptr;
        range.first = std::strtoull(text, &dash, 10);
        range.second =
            dash != nullptr && *dash == '-' ? std::strtoull(dash + 1, nullptr, 10) : range.first;
    }
    return range;
}

Imported read(const oracle::Generated& generated, const std::string& arm) {
    std::vector<std::pair<std::string, std::string>> texts{{"generated.json", arm}};
    if (!generated.service_tags.empty()) texts.emplace_back("tags.json", generated.service_tags);
    return import_texts(texts);
}

using States = std::pair<FlowState, FlowState>;

/// The rectangles in which a packet lies: none or one.
std::vector<const FlowChange*> changes_of(const DiffAnswer& answer, const oracle::Question& q) {
    std::vector<const FlowChange*> found;
    for (const FlowChange& change : answer.changes) {
        const bool from = q.from.kind == oracle::Start::Kind::internet ? change.from.internet
                          : q.from.kind == oracle::Start::Kind::onprem
                              ? change.from.onprem
                              : std::binary_search(change.from.interfaces.begin(),
                                                   change.from.interfaces.end(), q.from.nic);
        if (from && change.from.addresses.contains(q.packet.src) &&
            change.to.addresses.contains(q.packet.dst) &&
            change.service.contains(q.packet.service)) {
            found.push_back(&change);
        }
    }
    return found;
}

bool agrees(FlowState state, const std::string& verdict) {
    switch (state) {
        case FlowState::blocked:
            return verdict == "dropped";
        case FlowState::possible:
            return true;
        default:
            return verdict == "delivered" || verdict == "varies";
    }
}

/// What may be compared with the oracle: packets from a NIC's own address on that side.
bool asked_of(const Network& network, const oracle::Question& q) {
    if (q.from.kind != oracle::Start::Kind::nic) return true;
    for (const ConfigIndex config : network.configurations_of(q.from.nic)) {
        const ConfigPlace& place = network.configurations()[config];
        if (place.configuration->address == q.packet.src && place.endpoint == nullptr) return true;
    }
    return false;
}

std::string text_of(const oracle::Question& q) {
    return std::string(q.from.nic.name()) + " " + to_string(q.packet.src) + " -> " +
           to_string(q.packet.dst) + ":" + std::to_string(q.packet.service.b) + " protocol " +
           std::to_string(q.packet.service.protocol);
}

/// Comparable form of the changes in which states differ.
using Key =
    std::tuple<std::string, std::string, AddressSet, AddressSet, ServiceSet, FlowState, FlowState>;
std::multiset<Key> keys_of(const DiffAnswer& answer, bool mirrored = false) {
    std::multiset<Key> keys;
    for (const FlowChange& c : answer.changes) {
        if (c.before == c.after) continue;
        std::string from;
        for (const ResourceId& id : c.from.interfaces) from += std::string(id.name()) + " ";
        keys.emplace(c.from.internet ? "internet"
                     : c.from.onprem ? "onprem"
                                     : "configs",
                     from, c.from.addresses, c.to.addresses, c.service,
                     mirrored ? c.after : c.before, mirrored ? c.before : c.after);
    }
    return keys;
}

}  // namespace

TEST_CASE("a difference is the oracle's, packet by packet", "[differential][diff][Z1]") {
    const auto [first, last] = seeds();
    std::size_t packets = 0;
    std::map<std::string, std::size_t> counts;
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported before = read(generated, generated.arm);
        const Imported after =
            read(generated, testing::mutated(generated.arm, seed, 1 + static_cast<int>(seed % 3)));
        for (const Reading reading : {Reading::documented, Reading::strict}) {
            const Assumptions assumptions(reading);
            const Network old_network(before.snapshot, assumptions);
            const Network new_network(after.snapshot, assumptions);
            DiffOptions options;
            options.causes = false;
            const DiffAnswer answer = diff(old_network, new_network, options);
            for (const oracle::Question& q : generated.questions) {
                if (!asked_of(old_network, q) || !asked_of(new_network, q)) continue;
                if (q.from.kind == oracle::Start::Kind::internet &&
                    (old_network.edges().public_entry(q.packet.dst) == nullptr ||
                     new_network.edges().public_entry(q.packet.dst) == nullptr)) {
                    continue;  // elsewhere on the internet: that it arrives there is not compared
                }
                const std::string was =
                    oracle::ask(before.snapshot, assumptions, q.from, q.packet).verdict;
                const std::string is =
                    oracle::ask(after.snapshot, assumptions, q.from, q.packet).verdict;
                // By an unknown outbound address to a public address of the snapshot: the oracle
                // leaves open what the receiver's groups say, the sets ask them.
                if (q.from.kind == oracle::Start::Kind::nic &&
                    (was == "unknown" || is == "unknown") &&
                    (old_network.edges().public_entry(q.packet.dst) != nullptr ||
                     new_network.edges().public_entry(q.packet.dst) != nullptr)) {
                    continue;
                }
                const std::vector<const FlowChange*> found = changes_of(answer, q);
                ++packets;
                INFO("seed " << seed << (reading == Reading::strict ? " strict " : " documented ")
                             << text_of(q) << ": oracle " << was << " -> " << is);
                CHECK(found.size() <= 1);
                if (!found.empty()) {
                    ++counts[std::string(to_string(found[0]->kind))];
                    INFO(to_string(found[0]->before) << " -> " << to_string(found[0]->after));
                    CHECK(agrees(found[0]->before, was));
                    CHECK(agrees(found[0]->after, is));
                } else {
                    ++counts["same"];
                    // Nothing that surely arrived on one side surely does not on the other.
                    const auto can = [](const std::string& verdict) {
                        return verdict == "delivered" || verdict == "varies";
                    };
                    CHECK_FALSE((was == "dropped" && can(is)));
                    CHECK_FALSE((can(was) && is == "dropped"));
                }
            }
        }
    }
    std::cout << "diff: seeds " << first << "-" << last << ", " << packets << " packets:";
    for (const auto& [kind, count] : counts) std::cout << " " << count << " " << kind;
    std::cout << "\n";
}

TEST_CASE("what changes do not touch needs no second look", "[differential][diff][law]") {
    const auto [first, last] = seeds();
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported before = read(generated, generated.arm);
        const Imported after =
            read(generated, testing::mutated(generated.arm, seed, 1 + static_cast<int>(seed % 3)));
        for (const Reading reading : {Reading::documented, Reading::strict}) {
            CAPTURE(seed, reading == Reading::strict);
            const Network old_network(before.snapshot, Assumptions(reading));
            const Network new_network(after.snapshot, Assumptions(reading));
            DiffOptions touched;
            touched.causes = false;
            DiffOptions everything = touched;
            everything.everything = true;
            CHECK(keys_of(diff(old_network, new_network, touched)) ==
                  keys_of(diff(old_network, new_network, everything)));
        }
    }
}

TEST_CASE("the difference backwards is the mirror image", "[differential][diff][law]") {
    const auto [first, last] = seeds();
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported before = read(generated, generated.arm);
        const Imported after = read(generated, testing::mutated(generated.arm, seed, 2));
        CAPTURE(seed);
        const Network a(before.snapshot, Assumptions(Reading::documented));
        const Network b(after.snapshot, Assumptions(Reading::documented));
        DiffOptions options;
        options.causes = false;
        CHECK(keys_of(diff(a, b, options)) == keys_of(diff(b, a, options), true));
        const DiffAnswer itself = diff(a, a, options);
        CHECK(itself.changes.empty());
        CHECK(itself.config.empty());
    }
}

TEST_CASE("a cause does it alone, and no part of it does", "[differential][diff][causes]") {
    const auto [first, last] = seeds();
    std::size_t causes = 0;
    std::size_t several = 0;
    for (std::uint64_t seed = first; seed <= last; seed += 3) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported before = read(generated, generated.arm);
        const Imported after =
            read(generated, testing::mutated(generated.arm, seed, 2 + static_cast<int>(seed % 4)));
        const Assumptions assumptions(Reading::documented);
        const Network old_network(before.snapshot, assumptions);
        const Network new_network(after.snapshot, assumptions);
        const DiffAnswer answer = diff(old_network, new_network);
        const ConfigChanges changes(before.snapshot, after.snapshot);
        DiffOptions options;
        options.causes = false;
        Snapshot working = before.snapshot;
        CAPTURE(seed);
        /// The state that the witness of `change` has when only these are applied.
        const auto state_with = [&](const FlowChange& change, std::vector<bool> chosen) {
            changes.patch(working, chosen);
            const Network patched(working, assumptions);
            const DiffAnswer partial = diff(old_network, patched, options);
            for (const FlowChange& c : partial.changes) {
                if (c.before != c.after && c.from.internet == change.from.internet &&
                    c.from.onprem == change.from.onprem &&
                    (change.from.interfaces.empty() ||
                     std::includes(c.from.interfaces.begin(), c.from.interfaces.end(),
                                   change.from.interfaces.begin(),
                                   change.from.interfaces.begin() + 1)) &&
                    c.from.addresses.contains(change.witness->src) &&
                    c.to.addresses.contains(change.witness->dst) &&
                    c.service.contains(change.witness->service)) {
                    return c.after;
                }
            }
            return change.before;
        };
        CHECK_FALSE(answer.causes_incomplete);
        for (const FlowChange& change : answer.changes) {
            if (change.before == change.after || !change.witness) continue;
            INFO(change.from.name << " -> " << change.to.name << " " << to_string(change.before)
                                  << " -> " << to_string(change.after));
            CHECK_FALSE(change.caused_by.empty());
            std::vector<bool> chosen(answer.config.size(), false);
            for (const std::size_t cause : change.caused_by) chosen[cause] = true;
            CHECK(state_with(change, chosen) == change.after);
            ++causes;
            if (change.caused_by.size() == 1) continue;
            ++several;
            for (const std::size_t cause : change.caused_by) {
                std::vector<bool> fewer = chosen;
                fewer[cause] = false;
                CHECK(state_with(change, fewer) != change.after);
            }
        }
        if (!answer.without_effect.empty()) {
            std::vector<bool> chosen(answer.config.size(), true);
            for (const std::size_t index : answer.without_effect) chosen[index] = false;
            changes.patch(working, chosen);
            const Network patched(working, assumptions);
            CHECK(diff(patched, new_network, options).changes.empty());
        }
    }
    std::cout << "diff: " << causes << " causes tried alone, " << several
              << " of several changes\n";
}

TEST_CASE("the same network written otherwise is the same", "[differential][diff][J2]") {
    const auto [first, last] = seeds();
    for (std::uint64_t seed = first; seed <= last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported before = read(generated, generated.arm);
        const Imported after = read(generated, testing::rewritten(generated.arm, seed));
        for (const Reading reading : {Reading::documented, Reading::strict}) {
            CAPTURE(seed, reading == Reading::strict);
            const Network a(before.snapshot, Assumptions(reading));
            const Network b(after.snapshot, Assumptions(reading));
            DiffOptions options;
            options.causes = false;
            const DiffAnswer answer = diff(a, b, options);
            for (const FlowChange& c : answer.changes) {
                UNSCOPED_INFO(to_string(c.kind)
                              << " " << c.from.name << " -> " << c.to.name << " "
                              << to_string(c.before) << " " << to_string(c.after));
            }
            // Renaming a rule whose sides cannot be read makes the fact behind it another one.
            for (const FlowChange& c : answer.changes) {
                CHECK(c.before == FlowState::possible);
                CHECK(c.after == FlowState::possible);
            }
            if (reading == Reading::documented) {
                CHECK(answer.changes.empty());
                CHECK(answer.compared_by_sample == 0);
            }
        }
    }
}

}  // namespace azreach
