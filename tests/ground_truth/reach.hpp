// What came through: observed reachability and connectivity checks, against the trace.
#pragma once

#include <algorithm>

#include "src/engine/trace.hpp"
#include "tests/ground_truth/cases.hpp"

namespace azreach::ground_truth {

inline std::string text_of(const TraceResult& result) {
    return std::string(to_string(result.verdict)) + " " +
           std::string(to_string(result.walk.reason));
}

/// Both readings: the documented one gives Azure's answer, the strict one does not exclude it.
inline void compare_verdict(Compared& result, const Worlds& worlds, const Packet& packet,
                            ConfigIndex from, bool arrives, const std::string& more = "") {
    const auto excludes = [&](const TraceResult& answer) {
        return answer.verdict == (arrives ? PacketVerdict::dropped : PacketVerdict::delivered);
    };
    const TraceResult documented = trace(*worlds.documented.network, Origin(from), packet);
    const TraceResult strict = trace(*worlds.strict.network, Origin(from), packet);
    const std::string azure = arrives ? ", Azure: it arrived" : ", Azure: it did not arrive";
    result.documented(
        documented.verdict == (arrives ? PacketVerdict::delivered : PacketVerdict::dropped),
        text_of(documented) + azure + more);
    result.strict(!excludes(strict), text_of(strict) + azure);
}

/// A person's ping or ssh.                                                                  [Z2]
inline Compared compare_observed(const Json& one) {
    Compared result{one["id"]};
    const Worlds worlds(one);
    const Json& question = one["question"];
    Packet packet;
    packet.src = *parse_address(question["sourceIPAddress"].get<std::string>());
    packet.dst = *parse_address(question["destinationIPAddress"].get<std::string>());
    packet.service.protocol = protocol(question["protocol"]);
    packet.service.a = packet.service.protocol == kIcmp ? 8 : 50000;
    packet.service.b = packet.service.protocol == kIcmp
                           ? std::uint16_t{0}
                           : question["destinationPort"].get<std::uint16_t>();
    const auto& configs = worlds.documented.network->configurations();
    for (ConfigIndex i = 0; i < configs.size(); ++i) {
        if (configs[i].configuration->address == packet.src) {
            compare_verdict(result, worlds, packet, i, one["answer"]["reachable"] == true);
            return result;
        }
    }
    result.left_out.push_back("the source is not among the resources");
    return result;
}

/// A connectivity check: its verdict where no guest explains it, and every peering and gateway that
/// its hop list names.
inline Compared compare_connectivity(const Json& one) {
    Compared result{one["id"]};
    const Json& body = one["answer"]["body"];
    const bool reached = field(body, "connectionStatus") == "Reachable";
    std::string local;
    std::string remote;
    std::vector<std::string> between;
    bool guest = false;
    bool name = false;
    for (const Json& hop : body["hops"]) {
        const std::string type = hop["type"];
        if (type == "Source") {
            local = field(hop, "address");
        } else if (type == "VirtualNetworkPeering" || type == "VirtualNetworkGateway") {
            between.push_back(field(hop, "resourceId"));
        }
        if (hop["nextHopIds"].empty()) {
            remote = field(hop, "address");
        }
        for (const Json& issue : hop.value("issues", Json::array())) {
            const std::string kind = field(issue, "type");
            guest = guest || kind == "GuestFirewall" || kind == "NoListenerOnDestination";
            name = name || kind == "DNSResolution";
        }
    }
    if (name) {
        result.left_out.push_back("the guest could not resolve the name");
        return result;
    }
    const Worlds worlds(one);
    const Json& request = request_of(one);
    const auto config = worlds.documented.config(request["source"]["resourceId"], local);
    const auto destination = parse_address(remote);
    if (!config || !destination) {
        result.left_out.push_back("the source or the destination is not among the resources");
        return result;
    }
    Packet packet;
    packet.src =
        worlds.documented.network->configurations()[*config].configuration->address.value_or(
            parse_address(local).value_or(Address{}));
    packet.dst = *destination;
    packet.service.a = 50000;
    packet.service.b =
        request["destination"].contains("port") && request["destination"]["port"].is_number()
            ? request["destination"]["port"].get<std::uint16_t>()
            : std::uint16_t{80};
    if (guest) {
        result.left_out.push_back("the target's guest refused: says nothing of the network");
    } else if (reached) {
        compare_verdict(result, worlds, packet, *config, true);
    } else {
        // Guests and agents count too (caveats of the collection), so nothing is excluded by it.
        bool access = true;
        for (const auto& [id, vnet] : worlds.documented.imported.snapshot.virtual_networks) {
            for (const Peering& peering : vnet.peerings) {
                access = access && peering.allow_access;
            }
        }
        Compared documented_only{result.id};
        compare_verdict(documented_only, worlds, packet, *config, false,
                        access ? ", every peering on the way allows access"
                               : ", a peering has allowVirtualNetworkAccess false");
        documented_only.contradictions.clear();
        result = std::move(documented_only);
    }
    const TraceResult answer = trace(*worlds.documented.network, Origin(*config), packet);
    auto at = answer.walk.path.begin();
    for (const std::string& id : between) {
        at = std::find_if(at, answer.walk.path.end(), [&](const Hop& hop) {
            return hop.by.id == ResourceId(id) || hop.at == ResourceId(id);
        });
        result.documented(at != answer.walk.path.end(), "not on our way: " + id);
        if (at == answer.walk.path.end()) {
            break;
        }
    }
    return result;
}

}  // namespace azreach::ground_truth
