#include "src/arm/flow_log.hpp"

#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "models/azure/diagnostic.hpp"
#include "src/arm/json_text.hpp"

namespace azreach {

namespace {

using Json = nlohmann::json;

constexpr std::size_t kMostMessages = 20;
constexpr const char* kExpected =
    "a flow log of a security group or virtual network ({\"records\": [...]}, an array of records, "
    "or one record a line), or CSV with the columns src, dst, protocol, dstPort";

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (std::size_t begin = 0;;) {
        const std::size_t end = text.find(separator, begin);
        parts.push_back(text.substr(begin, end == std::string_view::npos ? end : end - begin));
        if (end == std::string_view::npos) {
            return parts;
        }
        begin = end + 1;
    }
}

std::string_view trimmed(std::string_view text) {
    const auto blank = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '"'; };
    while (!text.empty() && blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

std::optional<unsigned> number_of(std::string_view text, unsigned most) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value <= most
               ? std::optional(value)
               : std::nullopt;
}

std::optional<Protocol> protocol_of(std::string_view text) {
    static const std::map<std::string, Protocol, std::less<>> kNames = {
        {"T", kTcp},   {"U", kUdp},     {"tcp", kTcp},   {"TCP", kTcp},       {"udp", kUdp},
        {"UDP", kUdp}, {"icmp", kIcmp}, {"ICMP", kIcmp}, {"icmpv6", kIcmpv6}, {"esp", kEsp},
        {"ah", kAh},   {"Tcp", kTcp},   {"Udp", kUdp},   {"I", kIcmp},        {"Icmp", kIcmp}};
    const auto known = kNames.find(text);
    if (known != kNames.end()) {
        return known->second;
    }
    const auto number = number_of(text, 255);
    return number ? std::optional(static_cast<Protocol>(*number)) : std::nullopt;
}

class Reader {
public:
    explicit Reader(std::string name) : name_(std::move(name)) {}

    FlowLog read(std::string_view text) {
        const std::size_t begin = text.find_first_not_of(" \t\r\n");
        if (begin == std::string_view::npos) {
            refuse("an empty file");
        }
        if (text[begin] == '{' || text[begin] == '[') {
            json(text);
        } else {
            csv(text);
        }
        return std::move(log_);
    }

private:
    [[noreturn]] void refuse(const std::string& found) const {
        Place place;
        place.file = name_;
        throw InputError(place, "", found, kExpected);
    }

    void note(const std::string& what) {
        if (log_.unreadable.size() < kMostMessages) {
            log_.unreadable.push_back("record " + std::to_string(record_) + ": " + what);
        } else {
            ++log_.left_out;
        }
    }

    void add(std::string_view src, std::string_view dst, std::string_view src_port,
             std::string_view dst_port, std::string_view protocol, bool inbound, bool allowed,
             const std::string& seen_by, const std::string& rule) {
        ++log_.tuples;
        const auto from = parse_address(src);
        const auto to = parse_address(dst);
        const auto number = protocol_of(protocol);
        const auto sport = src_port.empty() ? std::optional(49152U) : number_of(src_port, 65535);
        const auto dport = dst_port.empty() ? std::optional(0U) : number_of(dst_port, 65535);
        if (!from || !to || !number || !sport || !dport || from->family != to->family) {
            note("'" + std::string(src) + "' -> '" + std::string(dst) + "' port '" +
                 std::string(dst_port) + "' protocol '" + std::string(protocol) + "' is no packet");
            return;
        }
        ObservedFlow flow;
        flow.packet.src = *from;
        flow.packet.dst = *to;
        flow.packet.service.protocol = *number;
        if (has_ports(*number)) {
            flow.packet.service.a = static_cast<std::uint16_t>(*sport);
            flow.packet.service.b = static_cast<std::uint16_t>(*dport);
        }
        flow.inbound = inbound;
        flow.allowed = allowed;
        flow.seen_by = ResourceId(seen_by);
        flow.rule = rule;
        flow.record = record_;
        // Client ports tell nothing apart; the first one stands for all.
        Packet key = flow.packet;
        if (has_ports(*number)) {
            key.service.a = 0;
        }
        const auto [known, added] = index_.try_emplace(
            std::tuple(key, inbound, allowed, flow.seen_by, rule), log_.flows.size());
        if (added) {
            log_.flows.push_back(std::move(flow));
        } else {
            ++log_.flows[known->second].times;
        }
    }

    static std::string text_of(const Json& object, std::initializer_list<const char*> names) {
        for (const char* name : names) {
            if (object.is_object() && object.contains(name) && object[name].is_string()) {
                return object[name].get<std::string>();
            }
        }
        return "";
    }

    /// Version 1: time,src,dst,srcPort,dstPort,T|U,I|O,A|D; version 2 adds state and counts.
    void group_tuple(const std::string& tuple, const std::string& group, const std::string& rule) {
        const auto parts = split(tuple, ',');
        if (parts.size() < 8 || (parts[6] != "I" && parts[6] != "O") ||
            (parts[7] != "A" && parts[7] != "D")) {
            ++log_.tuples;
            note("'" + tuple.substr(0, 100) + "' is no tuple of a security-group flow log");
            return;
        }
        add(parts[1], parts[2], parts[3], parts[4], parts[5], parts[6] == "I", parts[7] == "A",
            group, rule);
    }

    /// time,src,dst,srcPort,dstPort,protocol,I|O,B|C|E|D,encryption,counts
    void network_tuple(const std::string& tuple, const std::string& network,
                       const std::string& rule) {
        const auto parts = split(tuple, ',');
        if (parts.size() < 8 || (parts[6] != "I" && parts[6] != "O") || parts[7].size() != 1) {
            ++log_.tuples;
            note("'" + tuple.substr(0, 100) + "' is no tuple of a virtual-network flow log");
            return;
        }
        add(parts[1], parts[2], parts[3], parts[4], parts[5], parts[6] == "I", parts[7] != "D",
            network, rule);
    }

    /// True if this was a record of a flow log.
    bool record(const Json& one) {
        ++record_;
        if (!one.is_object()) {
            return false;
        }
        if (one.contains("flowRecords") && one["flowRecords"].contains("flows")) {
            const std::string network = text_of(one, {"targetResourceID", "targetResourceId"});
            for (const Json& acl : one["flowRecords"]["flows"]) {
                for (const Json& group : acl.value("flowGroups", Json::array())) {
                    for (const Json& tuple : group.value("flowTuples", Json::array())) {
                        if (tuple.is_string()) {
                            network_tuple(tuple.get<std::string>(), network,
                                          text_of(group, {"rule"}));
                        }
                    }
                }
            }
            return true;
        }
        if (one.contains("properties") && one["properties"].contains("flows")) {
            const std::string group = text_of(one, {"resourceId", "resourceid"});
            for (const Json& rule : one["properties"]["flows"]) {
                for (const Json& at : rule.value("flows", Json::array())) {
                    for (const Json& tuple : at.value("flowTuples", Json::array())) {
                        if (tuple.is_string()) {
                            group_tuple(tuple.get<std::string>(), group, text_of(rule, {"rule"}));
                        }
                    }
                }
            }
            return true;
        }
        return false;
    }

    void json(std::string_view text) {
        bool some = false;
        try {
            const Json whole = Json::parse(text, nullptr, false);
            if (!whole.is_discarded()) {
                const Json& list =
                    whole.is_object() && whole.contains("records") ? whole["records"] : whole;
                if (list.is_array()) {
                    for (const Json& one : list) {
                        some = record(one) || some;
                    }
                } else {
                    some = record(list);
                }
            } else {
                // One record a line, as exports and streams write them.
                for (const std::string_view line : split(text, '\n')) {
                    if (trimmed(line).empty()) {
                        continue;
                    }
                    const Json one = Json::parse(line, nullptr, false);
                    if (one.is_discarded()) {
                        ++record_;
                        note("is no JSON");
                        continue;
                    }
                    some = record(one) || some;
                }
            }
        } catch (const Json::exception& error) {
            refuse(std::string("JSON of another shape (") + error.what() + ")");
        }
        if (!some) {
            refuse("JSON without records of flows");
        }
    }

    void csv(std::string_view text) {
        std::map<std::string, std::size_t> columns;
        for (std::string_view line : split(text, '\n')) {
            ++record_;
            if (trimmed(line).empty() || line.front() == '#') {
                continue;
            }
            const auto parts = split(line, line.find(';') != std::string_view::npos ? ';' : ',');
            if (columns.empty()) {
                for (std::size_t i = 0; i < parts.size(); ++i) {
                    std::string name;
                    for (const char c : trimmed(parts[i])) {
                        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9')) {
                            name += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
                        }
                    }
                    columns.emplace(aliased(name), i);
                }
                if (!columns.contains("src") || !columns.contains("dst") ||
                    !columns.contains("protocol")) {
                    refuse("text whose first line is no header with src, dst and protocol");
                }
                continue;
            }
            const auto cell = [&](const char* name) -> std::string_view {
                const auto column = columns.find(name);
                return column == columns.end() || column->second >= parts.size()
                           ? std::string_view()
                           : trimmed(parts[column->second]);
            };
            const std::string_view direction = cell("direction");
            const std::string_view decision = cell("decision");
            const bool inbound = direction == "I" || direction == "in" || direction == "Inbound" ||
                                 direction == "inbound";
            const bool denied = decision == "D" || decision == "deny" || decision == "Deny" ||
                                decision == "denied" || decision == "Denied";
            add(cell("src"), cell("dst"), cell("srcport"), cell("dstport"), cell("protocol"),
                inbound, !denied, "", std::string(cell("rule")));
        }
        if (columns.empty()) {
            refuse("text without a header");
        }
    }

    static std::string aliased(const std::string& name) {
        static const std::map<std::string, std::string> kAliases = {{"source", "src"},
                                                                    {"sourceip", "src"},
                                                                    {"srcip", "src"},
                                                                    {"destination", "dst"},
                                                                    {"destinationip", "dst"},
                                                                    {"dstip", "dst"},
                                                                    {"dest", "dst"},
                                                                    {"destip", "dst"},
                                                                    {"sourceport", "srcport"},
                                                                    {"sport", "srcport"},
                                                                    {"destinationport", "dstport"},
                                                                    {"destport", "dstport"},
                                                                    {"dport", "dstport"},
                                                                    {"port", "dstport"},
                                                                    {"proto", "protocol"},
                                                                    {"action", "decision"},
                                                                    {"flowdirection", "direction"}};
        const auto known = kAliases.find(name);
        return known == kAliases.end() ? name : known->second;
    }

    std::string name_;
    FlowLog log_;
    std::size_t record_ = 0;
    std::map<std::tuple<Packet, bool, bool, ResourceId, std::string>, std::size_t> index_;
};

}  // namespace

FlowLog parse_flow_log(const std::string& name, std::string_view text) {
    return Reader(name).read(text);
}

FlowLog read_flow_log(const std::string& path) {
    const TextLimits limits{std::size_t{4} << 30U, 1000};
    TextBuffer text = as_utf8(path, decompressed(path, read_file(path, limits), limits));
    return parse_flow_log(path, text.view());
}

}  // namespace azreach
