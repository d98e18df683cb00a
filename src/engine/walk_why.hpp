// Why a rule did not match a packet, in words.
#pragma once

#include <string>

#include "models/net/packet.hpp"
#include "models/network/filter.hpp"

namespace azreach {

struct WhyNot {
    int fields = 0;    // how many of protocol, source, destination, ports and facts do not fit
    std::string text;  // "source is 10.2.1.0/24, destination port is 443"
};

/// For a rule that did not match in the world at hand. `ignore_source_port` as at private
/// endpoints [R45]. A rule that may match in other worlds says so.
WhyNot why_not(const FilterRule& rule, const Packet& packet, bool ignore_source_port);

/// The rule of a list that comes nearest to letting the packet through: an Allow before the
/// deciding rule that fails in one field; empty when there is none.
std::string nearest_allow(const FilterList& list, const FilterRule& decider, const Packet& packet,
                          bool ignore_source_port);

}  // namespace azreach
