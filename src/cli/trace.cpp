// trace: concrete packets in, answers out (contract section 5).
#include <fmt/format.h>

#include <fstream>
#include <iostream>

#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"

namespace azreach::cli {

namespace {

using report::Json;

/// A line that cannot be answered: its error, not the end of the run.
class BadLine : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

std::string text_field(const Json& line, const char* key) {
    const auto found = line.find(key);
    if (found == line.end() || found->is_null()) {
        return "";
    }
    if (!found->is_string()) {
        throw BadLine(fmt::format("'{}' is {}, expected text", key, found->dump()));
    }
    return found->get<std::string>();
}

std::uint16_t number_field(const Json& line, const char* key, std::uint16_t fallback, int most) {
    const auto found = line.find(key);
    if (found == line.end() || found->is_null()) {
        return fallback;
    }
    if (!found->is_number_integer() || found->get<long long>() < 0 ||
        found->get<long long>() > most) {
        throw BadLine(fmt::format("'{}' is {}, expected 0 to {}", key, found->dump(), most));
    }
    return found->get<std::uint16_t>();
}

Protocol protocol_field(const Json& line) {
    const auto found = line.find("protocol");
    if (found == line.end() || found->is_null()) {
        return kTcp;
    }
    if (found->is_number_integer()) {
        return static_cast<Protocol>(number_field(line, "protocol", 0, 255));
    }
    std::string text = text_field(line, "protocol");
    for (char& c : text) {
        c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    static const std::pair<const char*, Protocol> kNames[] = {{"tcp", kTcp},   {"udp", kUdp},
                                                              {"icmp", kIcmp}, {"icmpv6", kIcmpv6},
                                                              {"esp", kEsp},   {"ah", kAh}};
    for (const auto& [name, number] : kNames) {
        if (text == name) {
            return number;
        }
    }
    if (!text.empty() && text.size() <= 3 &&
        text.find_first_not_of("0123456789") == std::string::npos && std::stoi(text) <= 255) {
        return static_cast<Protocol>(std::stoi(text));
    }
    throw BadLine("'protocol' is '" + text +
                  "', expected tcp, udp, icmp, icmpv6, esp, ah or 0-255");
}

Address address_of(const std::string& text, const char* key) {
    const std::optional<Address> address = parse_address(text);
    if (!address) {
        throw BadLine(fmt::format("'{}' is '{}', expected an address", key, text));
    }
    return *address;
}

/// The configurations of a NIC, or of a VM's NICs, by ARM id.
std::vector<ConfigIndex> configurations_of(const Session& session, const std::string& id) {
    const Network& network = session.network();
    std::vector<ConfigIndex> configs = network.configurations_of(ResourceId(id));
    if (configs.empty()) {
        if (const auto config = network.configuration_index(ResourceId(id))) {
            configs = {*config};
        }
    }
    if (configs.empty() && !id.empty() && id.front() == '/') {
        try {
            configs = session.endpoints().resolve(id).configs;
        } catch (const NameError& error) {
            throw BadLine(error.what());
        }
    }
    if (configs.empty()) {
        throw BadLine("'" + id +
                      "' is no NIC or VM of this snapshot; expected its ARM id, internet "
                      "or onprem");
    }
    return configs;
}

/// The endpoint that `to` and `service` name; `service` may be left out where there is one.
PaasIndex service_of(const Network& network, const std::string& to, const std::string& service) {
    const ResourceId id(to);
    if (const auto index = network.paas().find(id, service)) {
        return *index;
    }
    std::string names;
    for (const PaasIndex index : network.paas().of(id)) {
        names += (names.empty() ? "" : ", ") +
                 std::string(network.paas().endpoints()[index].group->name);
    }
    throw BadLine(service.empty() ? "'service' is missing: '" + to + "' has " + names
                                  : "'service' is '" + service + "', expected " + names);
}

Json answer(const Session& session, const report::Context& context, const Json& line) {
    if (!line.is_object()) {
        throw BadLine("expected one JSON object on a line");
    }
    const Network& network = session.network();
    const std::string from = text_field(line, "from");
    if (from.empty()) {
        throw BadLine("'from' is missing: expected the ARM id of a NIC, internet or onprem");
    }
    Packet packet;
    packet.service.protocol = protocol_field(line);
    if (has_ports(packet.service.protocol)) {
        packet.service.a = number_field(line, "srcPort", 49152, 65535);
        if (!line.contains("dstPort")) {
            throw BadLine("'dstPort' is missing");
        }
        packet.service.b = number_field(line, "dstPort", 0, 65535);
    } else if (has_icmp_type(packet.service.protocol)) {
        packet.service.a =
            number_field(line, "icmpType", packet.service.protocol == kIcmp ? 8 : 128, 255);
        packet.service.b = number_field(line, "icmpCode", 0, 255);
    }
    const std::string dst = text_field(line, "dst");
    const std::string to = text_field(line, "to");
    if (dst.empty() && to.empty()) {
        throw BadLine("'dst' is missing (or 'to' with 'service' for a PaaS resource)");
    }
    std::optional<PaasIndex> service;  // its public endpoint is the destination
    const Json id = line.contains("id") ? line["id"] : Json(nullptr);
    if (dst.empty()) {
        const std::vector<ConfigIndex> targets = network.configurations_of(ResourceId(to));
        if (!network.paas().of(ResourceId(to)).empty()) {
            service = service_of(network, to, text_field(line, "service"));
        } else if (targets.empty() ||
                   !network.configurations()[targets.front()].configuration->address) {
            // A resource that is not in the snapshot, or of which nothing is modelled.
            TraceResult unknown;
            unknown.verdict = PacketVerdict::unknown;
            unknown.walk.at = to;
            unknown.walk.reason = Reason::gap;
            unknown.depends_on = {network.about(FactKey::unmodelled, to)};
            return report::trace_line(context, id, unknown);
        } else {
            packet.dst = *network.configurations()[targets.front()].configuration->address;
        }
    } else {
        packet.dst = address_of(dst, "dst");
    }
    Origin origin;
    const std::string src = text_field(line, "src");
    if (from == "internet" || from == "onprem") {
        if (src.empty()) {
            throw BadLine("'src' is missing: a packet from " + from + " needs it");
        }
        packet.src = address_of(src, "src");
        origin = from == "internet" ? Origin(Internet{}) : Origin(OnPremises{});
    } else {
        const std::vector<ConfigIndex> configs = configurations_of(session, from);
        ConfigIndex chosen = configs.front();
        if (src.empty()) {
            bool found = false;
            for (const ConfigIndex config : configs) {
                const auto& address = network.configurations()[config].configuration->address;
                if (!found && address &&
                    (service ? address->family == Family::v4
                             : address->family == packet.dst.family)) {
                    packet.src = *address;
                    chosen = config;
                    found = true;
                }
            }
            if (!found) {
                throw BadLine("'src' is missing and '" + from +
                              "' has no known address of that family");
            }
        } else {
            packet.src = address_of(src, "src");
            for (const ConfigIndex config : configs) {
                if (network.configurations()[config].configuration->address == packet.src) {
                    chosen = config;
                }
            }
        }
        origin = chosen;
    }
    if (service) {
        return report::trace_line(
            context, id, trace_to_service(network, origin, packet.src, *service, packet.service));
    }
    if (packet.src.family != packet.dst.family) {
        throw BadLine("'src' and 'dst' are of different families");
    }
    return report::trace_line(context, id, azreach::trace(network, origin, packet));
}

}  // namespace

int trace(const Options& options, std::ostream& out, std::ostream& errors) {
    if (!options.packets) {
        throw UsageError("trace needs --packets FILE.jsonl (- is standard input)");
    }
    if (!options.arguments.empty()) {
        throw UsageError("trace takes no names: packets stand in the file of --packets");
    }
    if (!options.outputs.empty()) {
        throw UsageError("trace writes JSON Lines to stdout; -O is not for it");
    }
    std::ifstream file;
    if (*options.packets != "-") {
        file.open(*options.packets, std::ios::binary);
        if (!file) {
            throw InputError("cannot read " + *options.packets);
        }
    }
    std::istream& lines = *options.packets == "-" ? std::cin : file;
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const report::Context context = session.context();
    bool bad = false;
    std::string text;
    while (std::getline(lines, text)) {
        if (text.find_first_not_of(" \t\r") == std::string::npos) {
            continue;
        }
        Json result;
        Json id = nullptr;
        try {
            const Json line = Json::parse(text, nullptr, false);
            if (line.is_discarded()) {
                throw BadLine("not JSON: " + text.substr(0, 80));
            }
            if (line.is_object() && line.contains("id")) {
                id = line["id"];
            }
            result = answer(session, context, line);
        } catch (const BadLine& error) {
            bad = true;
            result["id"] = id;
            result["error"] = error.what();
        }
        out << result.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    }
    out << std::flush;
    return bad ? kUsage : kDone;
}

}  // namespace azreach::cli
