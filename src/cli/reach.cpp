// reach: all pairs, as a list of blocks.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "src/cli/session.hpp"
#include "src/cli/timeout.hpp"
#include "src/engine/axis.hpp"

namespace azreach::cli {

namespace {

using Block = Reachability::Block;
using report::Json;

RowsOf rows_of(const std::string& by) {
    if (by == "nic") {
        return RowsOf::nic;
    }
    if (by == "subnet") {
        return RowsOf::subnet;
    }
    if (by == "vnet") {
        return RowsOf::vnet;
    }
    throw UsageError("--by '" + by + "': this version groups by nic, subnet or vnet");
}

/// One side: everything, or what --from or --to names.
ReachAxis side(const Session& session, RowsOf rows, const std::string& kind_name,
               const std::optional<std::string>& name) {
    if (!name) {
        return axis_of(session.network(), session.endpoints(), rows);
    }
    const ResolvedEndpoint endpoint = session.endpoints().resolve(*name);
    if (endpoint.internet || endpoint.onprem) {
        using Kind = Reachability::AxisEntry::Kind;
        ReachAxis axis;
        axis.labels.emplace_back(endpoint.internet ? "internet" : "onprem");
        axis.ids.emplace_back();
        axis.entries.push_back({endpoint.internet ? Kind::internet : Kind::onprem, {}});
        return axis;
    }
    std::vector<ConfigIndex> within = session.endpoints().as_source(endpoint).configs;
    if (within.empty()) {
        throw UsageError(fmt::format(
            "--{} '{}': reach takes endpoints with NICs, internet or onprem", kind_name, *name));
    }
    std::sort(within.begin(), within.end());
    return axis_of(session.network(), session.endpoints(), rows, &within);
}

Json ranges(const std::vector<Range<std::uint32_t>>& list, std::uint32_t offset) {
    Json result = Json::array();
    for (const auto& range : list) {
        result.push_back(Json::array({range.first + offset, range.last + offset}));
    }
    return result;
}

}  // namespace

int reach(const Options& options, std::ostream& out, std::ostream& errors) {
    if (!options.arguments.empty()) {
        throw UsageError("reach takes its endpoints with --from and --to");
    }
    const RowsOf rows = rows_of(options.by);
    if (options.exposed && options.from) {
        throw UsageError("--exposed means --from internet; give one of them");
    }
    const Timeout timeout(options.timeout);
    const Session session(options, errors);
    const ServiceSet service = session.service(options.service, "any");
    const std::optional<std::string> from_name =
        options.exposed ? std::optional<std::string>("internet") : options.from;
    const ReachAxis from = side(session, rows, "from", from_name);
    const ReachAxis to = side(session, rows, "to", options.to);
    // One axis in the document: the sources, then the destinations that are not among them.
    std::vector<std::string> labels = from.labels;
    std::uint32_t offset = 0;
    if (from.labels != to.labels) {
        offset = static_cast<std::uint32_t>(labels.size());
        labels.insert(labels.end(), to.labels.begin(), to.labels.end());
    }
    const bool has_v6 = std::any_of(
        session.network().configurations().begin(), session.network().configurations().end(),
        [](const ConfigPlace& place) { return place.configuration->family == Family::v6; });
    const ServiceSet asked = has_v6 ? service : asked_of(service, Family::v4);
    const Reachability reachability(session.network());
    const report::Context context = session.context();

    std::uint64_t blocks = 0;
    std::uint64_t pairs = 0;
    bool uncertain = false;
    std::string json;
    std::string text;
    std::map<std::string, std::uint64_t> verdicts;
    const bool stream_json =
        options.format == Format::json && options.outputs.empty() && !options.count;
    if (stream_json) {
        out << report::document_head(context, "azreach.reach/1") << ",\n  \"result\": {\"axis\": "
            << Json(labels).dump(-1, ' ', false, Json::error_handler_t::replace)
            << ", \"blocks\": [";
    }
    const auto sink = [&](const Block& block) {
        const auto size = [](const std::vector<Range<std::uint32_t>>& list) {
            std::uint64_t n = 0;
            for (const auto& range : list) {
                n += std::uint64_t{range.last} - range.first + 1;
            }
            return n;
        };
        const std::string verdict{to_string(verdict_of(block, asked))};
        ++blocks;
        const std::uint64_t covered = size(block.from) * size(block.to);
        pairs += covered;
        verdicts[verdict] += covered;
        uncertain = uncertain || verdict == "unknown";
        if (options.count) {
            return;
        }
        Json item;
        item["from"] = ranges(block.from, 0);
        item["to"] = ranges(block.to, offset);
        item["verdict"] = verdict;
        item["service"] = report::service(block.packets.always_must);
        item["possible"] = report::service(block.packets.can_may - block.packets.always_must);
        const std::string line = (blocks == 1 ? "\n    " : ",\n    ") +
                                 item.dump(-1, ' ', false, Json::error_handler_t::replace);
        if (stream_json) {
            out << line;
            return;
        }
        json += line;
        const auto names = [&](const ReachAxis& axis,
                               const std::vector<Range<std::uint32_t>>& list) {
            std::string result;
            std::uint64_t shown = 0;
            for (const auto& range : list) {
                for (std::uint32_t i = range.first; i <= range.last; ++i) {
                    if (++shown <= 4) {
                        result += (shown == 1 ? "" : ", ") + report::printable(axis.labels[i]);
                    }
                }
            }
            return shown > 4 ? result + fmt::format(" and {} more", shown - 4) : result;
        };
        // Always for every pair; for some pairs, or by some choice; and what facts leave open.
        const Outcome& o = block.packets;
        const ServiceSet partly = o.can_must - o.always_must;
        const ServiceSet maybe = o.can_may - o.always_must - partly;
        text +=
            fmt::format("{:<10} {} -> {}  ", verdict, names(from, block.from), names(to, block.to));
        text += o.always_must.empty() ? "" : " " + report::service_text(o.always_must);
        text += partly.empty() ? "" : "  partly " + report::service_text(partly);
        text += maybe.empty() ? "" : "  maybe " + report::service_text(maybe);
        text += "\n";
    };
    reachability.all_pairs(from.entries, to.entries, asked, options.jobs, sink);
    if (stream_json) {
        out << (blocks == 0 ? "]}" : "\n  ]}") << report::document_tail(context) << std::flush;
        return kDone;
    }
    write_answer(options, out, [&](Format format) {
        if (format == Format::json) {
            std::string result = report::document_head(context, "azreach.reach/1");
            if (options.count) {
                Json counts;
                counts["blocks"] = blocks;
                counts["pairs"] = pairs;
                counts["verdicts"] = verdicts;
                result += ",\n  \"result\": " + counts.dump();
            } else {
                result += ",\n  \"result\": {\"axis\": " +
                          Json(labels).dump(-1, ' ', false, Json::error_handler_t::replace) +
                          ", \"blocks\": [" + json + (blocks == 0 ? "]}" : "\n  ]}");
            }
            return result + report::document_tail(context);
        }
        std::string counts =
            fmt::format("{} block{}, {} of {} pairs with something possible:", blocks,
                        blocks == 1 ? "" : "s", pairs, from.labels.size() * to.labels.size());
        for (const auto& [verdict, count] : verdicts) {
            counts += fmt::format(" {} {}", count, verdict);
        }
        return text + counts + "\n";
    });
    return kDone;
}

}  // namespace azreach::cli
