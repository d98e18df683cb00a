// Things of two networks compared: facts by name, indexes by id.
#pragma once

#include "models/network/network.hpp"

namespace azreach {

bool same_guard(const Network& one, const Guard& a, const Network& other, const Guard& b);

template <class Set>
bool same_parts(const Network& one, const GuardedUnion<Set>& a, const Network& other,
                const GuardedUnion<Set>& b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (!(a[i].set == b[i].set) || !same_guard(one, a[i].when, other, b[i].when)) {
            return false;
        }
    }
    return true;
}

/// As far as packets are concerned: who wrote the route does not matter.
bool same_entry(const Network& one, const EffectiveRouteEntry& a, const Network& other,
                const EffectiveRouteEntry& b);
/// What fully describes it, with ids and names of facts; equal texts are equal meaning.
std::string text_of(const Network& network, const Owner& owner);
/// Which of them share a choice of the platform counts, their numbers do not.
std::string text_of(const Network& network, const std::vector<Translation>& ways);
std::string text_of(const Network& network, const OutboundMethod& method);
std::string text_of(const Network& network, const BehindGateway& behind);
std::string text_of(const Network& network, const Routes::OnpremEntry& entry);
std::string text_of(const Network& network, const HopTarget& target);
std::string text_of(const Network& network, const Guard& guard);

}  // namespace azreach
