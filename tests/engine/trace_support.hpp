// Rows of "given / packet / then" for the concrete trace.
#pragma once

#include <optional>
#include <string>

#include "src/engine/trace.hpp"
#include "tests/support/prover_verdict.hpp"
#include "tests/support/snapshot_builder.hpp"

namespace azreach::testing {

/// A finished snapshot under assumptions, ready to be asked.
struct Asked {
    SnapshotBuilder builder;
    Network network;

    Asked(SnapshotBuilder b, Assumptions assumptions)
        : builder(std::move(b)), network(builder.snapshot(), std::move(assumptions)) {}

    static Service tcp(int port) { return {kTcp, 49152, static_cast<std::uint16_t>(port)}; }
    static Service udp(int port) { return {kUdp, 49152, static_cast<std::uint16_t>(port)}; }
    static Service ping() { return {kIcmp, 8, 0}; }

    TraceResult from_vm(const std::string& vm, const std::string& to, Service service) const {
        const ConfigIndex config = config_of(network, vm);
        const Address src =
            network.configurations()[config].configuration->address.value_or(Address{});
        return ask(Origin(config), {src, address(to), service});
    }
    TraceResult from_internet(const std::string& src, const std::string& to,
                              Service service) const {
        return ask(Origin(Internet{}), {address(src), address(to), service});
    }
    TraceResult from_onprem(const std::string& src, const std::string& to, Service service) const {
        return ask(Origin(OnPremises{}), {address(src), address(to), service});
    }

private:
    /// The trace's answer; the prover's is compared with it.
    TraceResult ask(const Origin& origin, const Packet& packet) const {
        TraceResult result = trace(network, origin, packet);
        check_prover(network, origin, packet, result);
        return result;
    }
};

inline std::string verdict(const TraceResult& result) {
    return std::string(to_string(result.verdict));
}
inline std::string reply(const TraceResult& result) {
    return result.reply ? std::string(to_string(*result.reply)) : "null";
}
inline std::string reason(const TraceResult& result) {
    return std::string(to_string(result.walk.reason));
}
inline std::string decider(const TraceResult& result) {
    return std::string(result.walk.by.id.name());
}

}  // namespace azreach::testing
