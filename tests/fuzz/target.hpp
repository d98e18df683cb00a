// What any bytes may do to azreach: an answer, or an error that says what is wrong. Everything else
// (a crash, another exception, a broken promise of the engine) is a finding.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "src/arm/import.hpp"
#include "src/config/config.hpp"
#include "src/engine/reachability.hpp"
#include "src/engine/trace.hpp"
#include "src/template/expression.hpp"

namespace azreach::fuzz {

/// A network of hostile resources is asked a few packets, along every pair of its first endpoints
/// and from outside; the packet sets must bound what the trace finds.
inline void ask(const Network& network) {
    constexpr std::size_t kAsked = 3;
    const Reachability reachability(network);
    const Service service{kTcp, 49152, 443};
    std::vector<ConfigIndex> configs;
    for (ConfigIndex i = 0; i < network.configurations().size() && configs.size() < kAsked; ++i) {
        if (network.configurations()[i].configuration->address) {
            configs.push_back(i);
        }
    }
    for (const ConfigIndex to : configs) {
        const Address dst = *network.configurations()[to].configuration->address;
        for (const ConfigIndex from : configs) {
            const Address src = *network.configurations()[from].configuration->address;
            if (from == to || src.family != dst.family) {
                continue;
            }
            const TraceResult traced = trace(network, Origin(from), {src, dst, service});
            SourceSet source;
            source.configs = {from};
            DestinationSet target;
            target.addresses = AddressSet::single(dst);
            bool may = false;
            bool must = false;
            for (const Flow& flow :
                 reachability.flows(source, target, ServiceSet::single(service))) {
                may = may || flow.packets.can_may.contains(service);
                must = must || flow.packets.always_must.contains(service);
            }
            const bool arrives = traced.verdict == PacketVerdict::delivered ||
                                 traced.verdict == PacketVerdict::varies;
            if (network.configurations()[from].endpoint == nullptr &&
                ((arrives && !may) || (must && traced.verdict == PacketVerdict::dropped))) {
                throw std::logic_error("the packet sets do not bound the trace");
            }
        }
        if (dst.family == Family::v4) {
            trace(network, Origin(Internet{}), {*parse_address("203.0.113.7"), dst, service});
            trace(network, Origin(OnPremises{}), {*parse_address("172.31.9.9"), dst, service});
        }
    }
}

/// How many inputs were read, and not refused.
inline std::size_t& accepted() {
    static std::size_t count = 0;
    return count;
}

/// Files of any kind: what they are is found by their content.
inline void import_bytes(std::string_view bytes) {
    try {
        const Imported imported = import_text("fuzz.json", bytes);
        ++accepted();
        for (const Reading reading : {Reading::strict, Reading::documented}) {
            ask(Network(imported.snapshot, Assumptions(reading)));
        }
    } catch (const InputError&) {  // refused, with a place and a remedy
    }
}

inline void config_bytes(std::string_view bytes) {
    try {
        config::parse_config(std::string(bytes), "fuzz.yaml");
    } catch (const InputError&) {
    }
}

inline void expression_bytes(std::string_view bytes) {
    try {
        const arm_template::Expression parsed = arm_template::parse_expression(bytes);
        // The same expression has one written form: it is read back as itself.
        const std::string once = arm_template::written_form(parsed);
        if (arm_template::written_form(arm_template::parse_expression(once)) != once) {
            throw std::logic_error("the written form of an expression is another expression");
        }
    } catch (const arm_template::ExpressionError&) {
    }
}

struct Target {
    std::string_view name;
    void (*run)(std::string_view bytes);
};
inline constexpr std::array<Target, 3> kTargets = {
    {{"import", import_bytes}, {"config", config_bytes}, {"expression", expression_bytes}}};

}  // namespace azreach::fuzz
