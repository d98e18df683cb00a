// The set walk: the internet, gateways and what lies behind them.
#include <algorithm>

#include "src/engine/reachability_walk_parts.hpp"

namespace azreach {

namespace {

bool same_guard(const Guard& a, const Guard& b) { return a == b; }

bool same_methods(const std::vector<OutboundMethod>& a, const std::vector<OutboundMethod>& b) {
    return std::equal(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const OutboundMethod& x, const OutboundMethod& y) {
            return x.kind == y.kind && x.by == y.by && x.services == y.services &&
                   x.source_addresses == y.source_addresses && same_guard(x.when, y.when) &&
                   std::equal(x.destinations.begin(), x.destinations.end(), y.destinations.begin(),
                              y.destinations.end(), [](const auto& p, const auto& q) {
                                  return same_guard(p.when, q.when) && p.set == q.set;
                              });
        });
}

}  // namespace

// --- the internet ------------------------------------------------------------------------------

Cells SetWalk::leave(const Emitter& emitter, const Region& region, const Way& way) {
    if (emitter.firewall != kNoIndex) {
        return leave_firewall(emitter, region, way);
    }
    if (emitter.group == nullptr && emitter.gateway == nullptr && !way.reply()) {
        return unknown(region, way);  // somebody unread: perhaps
    }
    if (emitter.group == nullptr) {
        return {};  // a gateway does not send to the internet
    }
    if (way.reply()) {
        return {};  // not to an internet client: nobody there has asked
    }
    Region out = region;
    public_space();
    if (way.question->paas == nullptr) {
        out.dst &= way.question->counts_elsewhere() ? Edges::internet_space() : public_addresses_;
    }
    if (out.dst.empty()) {
        return {};
    }
    const auto with_methods = [&] {
        // NICs of the group that leave by the same methods.
        std::vector<std::pair<const std::vector<OutboundMethod>*, AddressSet>> parts;
        if (emitter.group->configs.size() == 1) {
            parts.emplace_back(&network_.edges().outbound(emitter.group->configs.front()), out.src);
        } else {
            for (const ConfigIndex config : emitter.group->configs) {
                const AddressSet own = single(config).addresses & out.src;
                if (own.empty()) {
                    continue;
                }
                const std::vector<OutboundMethod>& methods = network_.edges().outbound(config);
                const auto same = std::find_if(parts.begin(), parts.end(), [&](const auto& part) {
                    return same_methods(*part.first, methods);
                });
                if (same == parts.end()) {
                    parts.emplace_back(&methods, own);
                } else {
                    same->second |= own;
                }
            }
        }
        Cells cells;
        for (const auto& [methods, src] : parts) {
            Region piece = out;
            piece.src = src;
            append(cells, leave_by(*emitter.group, *methods, 0, piece, way));
        }
        return cells;
    };
    if (!emitter.forwarded) {
        return with_methods();
    }
    switch (tri(FactKey::nva_forwarded_source_snat)) {
        case Tri::yes:
            return with_methods();
        case Tri::no:
            return outside(*emitter.group, nullptr, out, way);
        case Tri::open:
            return algebra_.either_fact(with_methods(), outside(*emitter.group, nullptr, out, way));
    }
    return {};
}

/// The first method from `next` on that carries the service, covers the destination and exists.
Cells SetWalk::leave_by(const SourceGroup& emitter, const std::vector<OutboundMethod>& methods,
                        std::size_t next, const Region& region, const Way& way) {
    if (next == methods.size() || region.dst.empty() || region.services == kNoService) {
        return {};
    }
    const OutboundMethod& method = methods[next];
    Way by_method = way;
    const bool counts = pass(by_method, [&](const Waypoints& w) { return w.has(method.by); });
    Cells result;
    const ServiceId carried = pool_.intersect(region.services, pool_.intern(method.services));
    const ServiceId others = pool_.subtract(region.services, carried);
    if (others != kNoService) {
        Region rest = region;
        rest.services = others;
        append(result, leave_by(emitter, methods, next + 1, rest, way));
    }
    if (carried == kNoService) {
        return result;
    }
    const Bounds<AddressSet> covered = bounds_of(method.destinations);
    Region beside = region;
    beside.services = carried;
    beside.dst -= covered.may;
    append(result, leave_by(emitter, methods, next + 1, beside, way));

    Region sure = region;
    sure.services = carried;
    sure.dst &= covered.must;
    Region unsure = region;
    unsure.services = carried;
    unsure.dst = (unsure.dst & covered.may) - covered.must;
    if (!method.when.empty()) {
        unsure.dst |= sure.dst;
        sure.dst = {};
    }
    if (!sure.dst.empty()) {
        append(result, counts ? outside(emitter, &method, sure, by_method) : Cells{});
    }
    if (!unsure.dst.empty()) {
        append(result,
               algebra_.either_fact(counts ? outside(emitter, &method, unsure, by_method) : Cells{},
                                    leave_by(emitter, methods, next + 1, unsure, way)));
    }
    return result;
}

/// Out by a method (null: with its own source), to the internet or to a public entry of ours.
Cells SetWalk::outside(const SourceGroup& emitter, const OutboundMethod* method,
                       const Region& region, const Way& way) {
    Cells result;
    const bool by_device = !way.devices.empty();
    if (way.question->paas != nullptr) {
        const Family family = family_of(region.dst);
        AddressSet seen_as =
            method == nullptr ? region.src : of_family(method->source_addresses, family);
        const bool known = !seen_as.empty();
        if (!known) {
            seen_as = of_family(Edges::internet_space(), family);
        }
        Entrance entrance;
        entrance.kind = Entrance::Kind::azure;
        entrance.region = region_of(network_.configurations()[emitter.configs.front()].subnet);
        Cells cells = admitted({seen_as, region.dst, region.services}, entrance, way);
        if (method != nullptr) {
            cells = algebra_.collapsed_sources(std::move(cells), seen_as, region.src, known);
        }
        if (by_device && way.question->sessions && !cells.empty()) {
            cells = with_sessions(std::move(cells),
                                  reply_from(emitter.configs.front(), region.dst, region.src, way),
                                  false);
        }
        return cells;
    }
    Region away = region;
    away.dst = (away.dst & Edges::internet_space()) - public_addresses_;
    if (way.question->counts_elsewhere() && !away.dst.empty()) {
        Cells cells = delivered(away, {EndPlace::Kind::internet, 0}, way);
        if (by_device && way.question->sessions) {
            cells =
                with_sessions(std::move(cells),
                              reply_from(emitter.configs.front(), away.dst, away.src, way), false);
        }
        append(result, std::move(cells));
    }
    if (!region.dst.intersects(public_addresses_)) {
        return result;
    }
    for (const auto& [addresses, entry] : public_space()) {
        Region piece = region;
        piece.dst &= addresses;
        if (piece.dst.empty()) {
            continue;
        }
        const bool to_group =
            emitter.configs.size() > 1 &&
            std::any_of(entry->ways.begin(), entry->ways.end(), [&](const Translation& t) {
                return t.kind != Translation::Kind::instance_ip && t.config != kNoIndex &&
                       emitter.contains(t.config);
            });
        if (to_group) {  // E10 tells the NICs apart
            for (const ConfigIndex config : emitter.configs) {
                Region own = piece;
                own.src &= single(config).addresses;
                if (!own.src.empty()) {
                    append(result, outside(single(config), method, own, way));
                }
            }
            continue;
        }
        const Family family = family_of(piece.dst);
        AddressSet seen_as =
            method == nullptr ? piece.src : of_family(method->source_addresses, family);
        const bool known = !seen_as.empty();
        if (!known) {
            seen_as = of_family(Edges::internet_space(), family);
        }
        Way onward;
        onward.question = way.question;
        onward.passed = way.passed;
        onward.start = Start::outside;
        onward.visits = way.visits;
        onward.version = way.version;
        onward.source = kOutsideSource | emitter.configs.front();
        const Region entering{seen_as, piece.dst, piece.services};
        Cells cells = translate(entry->ways, entering, true, &emitter, onward);
        if (method != nullptr) {
            cells = algebra_.collapsed_sources(std::move(cells), seen_as, piece.src, known);
            if (!known) {
                algebra_.weaken(cells);  // what hangs on the source is free
            }
        }
        if (by_device && way.question->sessions && !cells.empty()) {
            cells = with_sessions(std::move(cells),
                                  reply_from(emitter.configs.front(), piece.dst, piece.src, way),
                                  false);
        }
        append(result, std::move(cells));
    }
    return result;
}

Cells SetWalk::enter_public(const Region& region, const SourceGroup* sender, const Way& way) {
    Cells result;
    public_space();
    if (!region.dst.intersects(public_addresses_)) {
        return result;
    }
    for (const auto& [addresses, entry] : public_space()) {
        if (!region.dst.intersects(addresses)) {
            continue;
        }
        Region piece = region;
        piece.dst &= addresses;
        append(result, translate(entry->ways, piece, true, sender, way));
    }
    return result;
}

// --- gateways ----------------------------------------------------------------------------------

Cells SetWalk::to_gateway(const ResourceId& gateway, bool from_gateway_too, const Region& region,
                          const Way& way_before) {
    Way way = way_before;
    if (!pass(way, [&](const Waypoints& w) { return w.has(gateway); })) {
        return {};
    }
    struct Part {
        AddressSet dst;
        std::vector<const BehindGateway*> behind;
    };
    std::vector<Part> parts{{region.dst, {}}};
    for (const BehindGateway& behind : network_.routes().behind(gateway)) {
        const std::size_t count = parts.size();
        for (std::size_t i = 0; i < count; ++i) {
            AddressSet inside = parts[i].dst & behind.addresses;
            if (inside.empty()) {
                continue;
            }
            AddressSet rest = parts[i].dst - behind.addresses;
            if (!rest.empty()) {
                parts.push_back({std::move(rest), parts[i].behind});
            }
            parts[i].dst = std::move(inside);
            parts[i].behind.push_back(&behind);
        }
    }
    Cells result;
    for (const Part& part : parts) {
        Region piece = region;
        piece.dst = part.dst;
        // From one gateway subnet back to the gateway: its own sites; other VNets only over BGP,
        // since static tunnels do not chain.                                               [E20]
        const auto is_vnet = [](const BehindGateway* behind) {
            return behind->kind == BehindGateway::Kind::vnet;
        };
        const bool chains =
            network_.assumptions().bgp_open() &&
            std::none_of(part.behind.begin(), part.behind.end(), [&](const BehindGateway* behind) {
                return !is_vnet(behind) && behind->when.empty();
            });
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const BehindGateway* behind : part.behind) {
            const bool chained = from_gateway_too && is_vnet(behind);
            if (chained && !chains) {
                continue;
            }
            Cells cells;
            if (behind->kind != BehindGateway::Kind::vnet) {
                if (way.reply()) {
                    if (way.request->way->start == Start::onprem) {
                        cells = reply_ended(piece, way);
                    }
                } else if (way.question->paas != nullptr) {
                    cells = admitted_unseen(piece, way);  // the site may send it on
                } else if (way.question->counts_elsewhere()) {
                    cells = delivered(piece, {EndPlace::Kind::onprem, 0}, way);
                    if (way.question->sessions) {
                        const Request request{&way, kNoIndex};
                        Way back;
                        back.question = way.question;
                        back.request = &request;
                        const Region reply{piece.dst, piece.src, kEveryService};
                        cells = with_sessions(std::move(cells),
                                              enter_from_onprem(&gateway, reply, back), false);
                    }
                }
            } else if (behind->vnet == kNoIndex) {
                cells = unknown(piece, way);
            } else {
                cells =
                    from_gateway(behind->remote_gateway.empty() ? gateway : behind->remote_gateway,
                                 behind->remote_subnet, piece, way);
            }
            alternatives.emplace_back(behind->when.empty() && !chained, std::move(cells));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

Cells SetWalk::from_gateway(const ResourceId& gateway, SubnetIndex subnet, const Region& region,
                            Way way) {
    if (!pass(way, [&](const Waypoints& w) { return w.has(gateway); })) {
        return {};
    }
    if (subnet == kNoIndex) {
        return unknown(region, way);
    }
    if (seen(way, kGatewayEmitter | subnet)) {
        return {};
    }
    return route({nullptr, subnet, &gateway, true}, region, way);
}

Cells SetWalk::enter_from_onprem(const ResourceId* only, const Region& region, const Way& way) {
    struct Part {
        AddressSet src;
        std::vector<const Routes::OnpremEntry*> entries;
    };
    std::vector<Part> parts{{region.src, {}}};
    for (const Routes::OnpremEntry& entry : network_.routes().onprem_entries()) {
        if (only != nullptr && entry.gateway != *only) {
            continue;
        }
        const std::size_t count = parts.size();
        for (std::size_t i = 0; i < count; ++i) {
            AddressSet inside = parts[i].src & entry.sources;
            if (inside.empty()) {
                continue;
            }
            AddressSet rest = parts[i].src - entry.sources;
            if (!rest.empty()) {
                parts.push_back({std::move(rest), parts[i].entries});
            }
            parts[i].src = std::move(inside);
            parts[i].entries.push_back(&entry);
        }
    }
    Way inward = way;
    inward.from_onprem = true;
    Cells result;
    for (const Part& part : parts) {
        Region piece = region;
        piece.src = part.src;
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Routes::OnpremEntry* entry : part.entries) {
            alternatives.emplace_back(
                entry->when.empty(),
                from_gateway(entry->gateway, entry->gateway_subnet, piece, inward));
        }
        if (way.question->paas != nullptr && !way.reply() && !part.entries.empty()) {
            // Or by its own way to the internet, if it has one, with an address that no file shows.
            Cells direct = admitted_from_anywhere(piece, {}, way);
            if (std::none_of(part.entries.begin(), part.entries.end(),
                             [](const auto* entry) { return entry->when.empty(); })) {
                algebra_.weaken(direct);
            }
            append(result,
                   algebra_.either_fact(std::move(direct), chosen(std::move(alternatives))));
            continue;
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

}  // namespace azreach
