#include "src/report/drawing.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "src/report/escape.hpp"
#include "src/report/text.hpp"

namespace azreach::report {

namespace {

/// A link between two networks or the outside, as drawings show it.
struct Line {
    std::string from, to;  // keys of boxes: "v3", "internet", "onprem"
    std::string label;
    bool dashed = false;
    friend auto operator<=>(const Line&, const Line&) = default;
};

/// Lines between boxes: peerings, groups and gateways of networks; and, by subnet, what the
/// internet and on-premises reach.
class Lines {
public:
    Lines(const Context& context, const Overview& overview)
        : network_(context.network), overview_(overview) {
        networks();
        outside();
    }
    std::set<Line> between_networks, from_outside;
    bool internet = false, onprem = false;

private:
    void networks() {
        const Topology topology(network_, Topology::Depth::networks);
        std::map<VertexIndex, std::string> key;
        for (VertexIndex i = 0; i < topology.vertices().size(); ++i) {
            const Vertex& vertex = topology.vertices()[i];
            if (vertex.kind == Vertex::Kind::vnet && vertex.index != kNoIndex) {
                key[i] = "v" + std::to_string(vertex.index);
            } else if (vertex.kind == Vertex::Kind::onprem) {
                key[i] = "onprem";
            }
        }
        for (const Link& link : topology.links()) {
            if (link.kind == Link::Kind::gateway && key.contains(link.from)) {
                key.try_emplace(link.to, key[link.from]);
            }
        }
        for (const Link& link : topology.links()) {
            const auto from = key.find(link.from);
            const auto to = key.find(link.to);
            if (from == key.end() || to == key.end() || from->second == to->second ||
                link.kind == Link::Kind::gateway || link.kind == Link::Kind::part_of) {
                continue;
            }
            onprem = onprem || from->second == "onprem" || to->second == "onprem";
            between_networks.insert({std::min(from->second, to->second),
                                     std::max(from->second, to->second),
                                     std::string(to_string(link.kind)), !link.certain});
        }
    }

    void outside() {
        using Kind = Reachability::AxisEntry::Kind;
        for (const Reachability::Block& block : overview_.blocks) {
            for (const auto& range : block.from) {
                for (std::uint32_t i = range.first; i <= range.last; ++i) {
                    const Kind kind = overview_.axis.entries[i].kind;
                    if (kind == Kind::configs) {
                        continue;
                    }
                    const bool is_internet = kind == Kind::internet;
                    for (const auto& to : block.to) {
                        for (std::uint32_t k = to.first; k <= to.last; ++k) {
                            const auto subnet = network_.subnet_index(overview_.axis.ids[k]);
                            if (!subnet) {
                                continue;
                            }
                            internet = internet || is_internet;
                            onprem = onprem || !is_internet;
                            const ServiceSet& sure = block.packets.can_must;
                            from_outside.insert(
                                {is_internet ? "internet" : "onprem", "s" + std::to_string(*subnet),
                                 sure.empty() ? "perhaps " + service_text(block.packets.can_may)
                                              : service_text(sure),
                                 sure.empty()});
                        }
                    }
                }
            }
        }
    }

    const Network& network_;
    const Overview& overview_;
};

std::string dot_text(std::string_view text) {
    std::string result = "\"";
    for (const char c : printable(text)) {
        if (c == '"' || c == '\\') {
            result += '\\';
        }
        result += c;
    }
    return result + "\"";
}

std::string prefixes_text(const std::vector<Prefix>& prefixes) {
    std::string text;
    for (const Prefix& prefix : prefixes) {
        text += (text.empty() ? "" : " ") + to_string(prefix);
    }
    return text;
}

std::vector<std::size_t> endpoints_per_subnet(const Context& context, const Overview& overview) {
    std::vector<std::size_t> counts(context.network.subnets().size());
    for (const OverviewEndpoint& one : overview.endpoints) {
        if (one.subnet != kNoIndex) {
            ++counts[one.subnet];
        }
    }
    return counts;
}

/// Mermaid takes quotes as entities, and nothing else may end a label.
std::string mermaid_label(std::string_view text) {
    std::string result;
    for (const char c : printable(text)) {
        const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                           (c >= '0' && c <= '9') || c == ' ' || c == '-' || c == '_' || c == '.' ||
                           c == '/' || c == ',' || static_cast<unsigned char>(c) >= 0x80;
        result +=
            plain ? std::string(1, c) : "#" + std::to_string(static_cast<unsigned char>(c)) + ";";
    }
    return result;
}

constexpr std::size_t kMermaidText = 50000;
constexpr std::size_t kMermaidEdges = 500;

std::string mermaid_text(const Context& context, const Overview& overview, const Lines& lines,
                         bool with_subnets, std::size_t& edges) {
    const std::vector<std::size_t> counts = endpoints_per_subnet(context, overview);
    std::string text = "flowchart LR\n";
    if (lines.internet) {
        text += "  internet([\"internet\"])\n";
    }
    if (lines.onprem) {
        text += "  onprem([\"onprem\"])\n";
    }
    const auto& vnets = context.network.vnets();
    for (std::size_t v = 0; v < vnets.size(); ++v) {
        const std::string label =
            mermaid_label(vnets[v]->header.name + " " + prefixes_text(vnets[v]->address_space));
        if (!with_subnets || vnets[v]->subnets.empty()) {
            text += "  v" + std::to_string(v) + "[\"" + label + "\"]\n";
            continue;
        }
        text += "  subgraph v" + std::to_string(v) + "[\"" + label + "\"]\n";
        for (const Subnet& subnet : vnets[v]->subnets) {
            if (const auto index = context.network.subnet_index(subnet.header.id)) {
                text += "    s" + std::to_string(*index) + "[\"" +
                        mermaid_label(subnet.header.name + ", " + std::to_string(counts[*index]) +
                                      " endpoints") +
                        "\"]\n";
            }
        }
        text += "  end\n";
    }
    edges = 0;
    const auto line = [&](const Line& one, const std::string& to, const char* arrow) {
        ++edges;
        text += "  " + one.from + " " + (one.dashed ? "-.-" : "---") + arrow + "|\"" +
                mermaid_label(one.label) + "\"| " + to + "\n";
    };
    for (const Line& one : lines.between_networks) {
        line(one, one.to, "");
    }
    std::set<Line> outside;
    for (Line one : lines.from_outside) {
        if (!with_subnets) {
            const auto subnet = static_cast<SubnetIndex>(std::stoul(one.to.substr(1)));
            one.to = "v" + std::to_string(context.network.subnets()[subnet].vnet_index);
        }
        outside.insert(std::move(one));
    }
    for (const Line& one : outside) {
        line(one, one.to, ">");
    }
    return text;
}

/// draw.io boxes stand on shelves, like those of the report's map.
struct Shelf {
    int x = 20, y = 20, tallest = 0;
    int line;
    explicit Shelf(int width) : line(width) {}
    std::pair<int, int> place(int width, int height) {
        if (x > 20 && x + width > line) {
            x = 20;
            y += tallest + 30;
            tallest = 0;
        }
        const std::pair<int, int> at{x, y};
        x += width + 30;
        tallest = std::max(tallest, height);
        return at;
    }
};

}  // namespace

std::string csv_field(std::string_view text) {
    std::string safe;
    if (!text.empty() &&
        std::string_view("=+-@\t\r").find(text.front()) != std::string_view::npos) {
        safe = "'";
    }
    safe += text;
    if (safe.find_first_of(",\"\r\n") == std::string::npos) {
        return safe;
    }
    std::string field = "\"";
    for (const char c : safe) {
        field += c;
        if (c == '"') {
            field += '"';
        }
    }
    return field + "\"";
}

std::string reach_csv(const Overview& overview) {
    std::string text = "from,to,verdict,service,possible\r\n";
    for (const Reachability::Block& block : overview.blocks) {
        const std::string rest =
            csv_field(to_string(verdict_of(block, overview.asked))) + "," +
            csv_field(service_text(block.packets.always_must)) + "," +
            csv_field(service_text(block.packets.can_may - block.packets.always_must)) + "\r\n";
        for (const auto& from : block.from) {
            for (std::uint32_t i = from.first; i <= from.last; ++i) {
                for (const auto& to : block.to) {
                    for (std::uint32_t k = to.first; k <= to.last; ++k) {
                        text += csv_field(printable(overview.axis.labels[i])) + "," +
                                csv_field(printable(overview.axis.labels[k])) + "," + rest;
                    }
                }
            }
        }
    }
    return text;
}

std::string dot(const Context& context, const Overview& overview) {
    const Lines lines(context, overview);
    const std::vector<std::size_t> counts = endpoints_per_subnet(context, overview);
    std::string text =
        "digraph azreach {\n"
        "  graph [rankdir=LR, compound=true, fontname=\"sans-serif\", newrank=true];\n"
        "  node [shape=box, style=rounded, fontname=\"sans-serif\", fontsize=10];\n"
        "  edge [fontname=\"sans-serif\", fontsize=9];\n";
    if (lines.internet) {
        text += "  internet [label=\"internet\", shape=ellipse];\n";
    }
    if (lines.onprem) {
        text += "  onprem [label=\"onprem\", shape=ellipse];\n";
    }
    const auto& vnets = context.network.vnets();
    for (std::size_t v = 0; v < vnets.size(); ++v) {
        const std::string id = "v" + std::to_string(v);
        text += "  subgraph cluster_" + id + " {\n    label=" +
                dot_text(vnets[v]->header.name + "  " + prefixes_text(vnets[v]->address_space)) +
                ";\n    " + id + " [label=\"\", shape=point, style=invis];\n";
        for (const Subnet& subnet : vnets[v]->subnets) {
            if (const auto index = context.network.subnet_index(subnet.header.id)) {
                text += "    s" + std::to_string(*index) + " [label=" +
                        dot_text(subnet.header.name + " " + prefixes_text(subnet.prefixes) + ", " +
                                 std::to_string(counts[*index]) + " endpoints") +
                        "];\n";
            }
        }
        text += "  }\n";
    }
    const auto cluster = [](const std::string& key) {
        return key.front() == 'v' ? "cluster_" + key : std::string();
    };
    for (const Line& line : lines.between_networks) {
        text += "  " + line.from + " -> " + line.to + " [dir=both, label=" + dot_text(line.label);
        if (const std::string tail = cluster(line.from); !tail.empty()) {
            text += ", ltail=" + tail;
        }
        if (const std::string head = cluster(line.to); !head.empty()) {
            text += ", lhead=" + head;
        }
        text += std::string(line.dashed ? ", style=dashed" : "") + "];\n";
    }
    for (const Line& line : lines.from_outside) {
        text += "  " + line.from + " -> " + line.to + " [label=" + dot_text(line.label) +
                (line.dashed ? ", style=dashed" : "") + ", color=\"#b3261e\"];\n";
    }
    return text + "}\n";
}

std::string mermaid(const Context& context, const Overview& overview) {
    const Lines lines(context, overview);
    for (const bool with_subnets : {true, false}) {
        std::size_t edges = 0;
        std::string text = mermaid_text(context, overview, lines, with_subnets, edges);
        if (text.size() <= kMermaidText && edges <= kMermaidEdges) {
            return text;
        }
    }
    std::string text = "| From | To | Link |\n|---|---|---|\n";
    for (const Line& line : lines.between_networks) {
        const auto name = [&](const std::string& key) {
            return key.front() == 'v'
                       ? mermaid_label(
                             context.network.vnets()[std::stoul(key.substr(1))]->header.name)
                       : key;
        };
        text += "| " + name(line.from) + " | " + name(line.to) + " | " + mermaid_label(line.label) +
                " |\n";
    }
    return text;
}

std::string drawio(const Context& context, const Overview& overview) {
    const Lines lines(context, overview);
    const std::vector<std::size_t> counts = endpoints_per_subnet(context, overview);
    std::string cells;
    const auto box = [&](const std::string& id, const std::string& parent, const std::string& label,
                         const std::string& style, int x, int y, int width, int height) {
        cells += "        <mxCell id=\"" + id + "\" value=\"" + xml(label) + "\" style=\"" + style +
                 "\" vertex=\"1\" parent=\"" + parent + "\"><mxGeometry x=\"" + std::to_string(x) +
                 "\" y=\"" + std::to_string(y) + "\" width=\"" + std::to_string(width) +
                 "\" height=\"" + std::to_string(height) + "\" as=\"geometry\"/></mxCell>\n";
    };
    constexpr int kWidth = 190;
    constexpr int kHeight = 60;
    const auto& vnets = context.network.vnets();
    Shelf shelf(1600);
    int next = 20;
    if (lines.internet) {
        box("internet", "1", "internet", "ellipse;shape=cloud;whiteSpace=wrap;html=0", next, -110,
            140, 80);
        next += 180;
    }
    if (lines.onprem) {
        box("onprem", "1", "onprem", "rounded=1;whiteSpace=wrap;html=0", next, -100, 140, 60);
    }
    for (std::size_t v = 0; v < vnets.size(); ++v) {
        const int columns = vnets[v]->subnets.size() > 6 ? 3 : vnets[v]->subnets.size() > 2 ? 2 : 1;
        const int rows =
            std::max(1, (static_cast<int>(vnets[v]->subnets.size()) + columns - 1) / columns);
        const int width = columns * (kWidth + 15) + 15;
        const int height = rows * (kHeight + 15) + 45;
        const auto [x, y] = shelf.place(width, height);
        const std::string id = "v" + std::to_string(v);
        box(id, "1", vnets[v]->header.name + "  " + prefixes_text(vnets[v]->address_space),
            "swimlane;html=0;startSize=26;rounded=1;whiteSpace=wrap;container=1;collapsible=0", x,
            y, width, height);
        box(id + "-icon", id, "",
            "image;html=0;image=img/lib/azure2/networking/Virtual_Networks.svg", width - 24, 3, 20,
            20);
        int at = 0;
        for (const Subnet& subnet : vnets[v]->subnets) {
            const auto index = context.network.subnet_index(subnet.header.id);
            if (!index) {
                continue;
            }
            box("s" + std::to_string(*index), id,
                subnet.header.name + "\n" + prefixes_text(subnet.prefixes) + "\n" +
                    std::to_string(counts[*index]) + " endpoints",
                "rounded=1;whiteSpace=wrap;html=0;fontSize=11", 15 + at % columns * (kWidth + 15),
                36 + at / columns * (kHeight + 15), kWidth, kHeight);
            ++at;
        }
    }
    int edge = 0;
    const auto line = [&](const Line& one, const std::string& style) {
        cells += "        <mxCell id=\"e" + std::to_string(edge++) + "\" value=\"" +
                 xml(one.label) + "\" style=\"" + style + (one.dashed ? ";dashed=1" : "") +
                 "\" edge=\"1\" parent=\"1\" source=\"" + one.from + "\" target=\"" + one.to +
                 "\"><mxGeometry relative=\"1\" as=\"geometry\"/></mxCell>\n";
    };
    for (const Line& one : lines.between_networks) {
        line(one, "html=0;rounded=1;startArrow=classic;endArrow=classic");
    }
    for (const Line& one : lines.from_outside) {
        line(one, "html=0;rounded=1;endArrow=classic;strokeColor=#B3261E");
    }
    return "<mxfile host=\"azreach\">\n  <diagram name=\"network\">\n    <mxGraphModel "
           "grid=\"0\" page=\"0\">\n      <root>\n        <mxCell id=\"0\"/>\n        <mxCell "
           "id=\"1\" parent=\"0\"/>\n" +
           cells + "      </root>\n    </mxGraphModel>\n  </diagram>\n</mxfile>\n";
}

}  // namespace azreach::report
