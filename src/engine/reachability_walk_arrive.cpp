// The set walk: arriving at a NIC, and the translations on the way to it.
#include <algorithm>

#include "src/engine/reachability_walk_parts.hpp"

namespace azreach {

Cells SetWalk::arrive(ConfigIndex config, const Region& region, const Translation* through,
                      bool from_outside, const Way& way) {
    const ConfigPlace& place = network_.configurations()[config];
    if (way.reply()) {
        const Way& request = *way.request->way;
        if (request.start != Start::nic) {
            return {};
        }
        const bool home = is_home(*request.sender, config);
        return home ? reply_ended(region, way) : Cells{};  // N35: a new packet for somebody else
    }
    if (!wanted(config, way)) {
        return {};
    }
    Way here = way;
    if (!pass(here, [&](const Waypoints& w) {
            return w.has(config) || (place.endpoint != nullptr && w.has(place.endpoint->header.id));
        })) {
        return {};
    }
    bool certain = true;
    const PrivateLink* link = nullptr;
    const bool endpoint = place.endpoint != nullptr;
    if (endpoint) {
        link = &network_.paas().link(*place.endpoint);
        if (link->approval == PrivateLink::Approval::no) {  // R37
            return {};
        }
        certain = link->approval == PrivateLink::Approval::yes;
    }
    Cells cells = delivered(region, {EndPlace::Kind::config, config}, here);
    if (algebra_.symbolic() && !way.shown_source) {
        for (Cell& cell : cells) {
            for (Fate* fate : {&cell.packets, &cell.sessions}) {
                *fate = Fate::all(algebra_.expressions().arrival(fate->sets[0]));
            }
        }
    } else {
        filter(cells, filters_.chain(config, Direction::inbound), through, from_outside, way);
    }
    if (link != nullptr) {
        const Bounds<ServiceSet> ports = bounds_of(link->services);
        algebra_.restrict(cells, pool_.intern(ports.must), pool_.intern(ports.may));
    }
    if (!certain) {
        algebra_.weaken(cells);
    }
    if (cells.empty() || !way.question->sessions) {
        return cells;
    }
    if (endpoint) {
        if (!way.devices.empty()) {  // R47
            algebra_.weaken_sessions(cells);
        }
        return cells;
    }
    AddressSet sources;
    for (const Cell& cell : cells) {
        sources |= cell.src;
    }
    const auto& address = place.configuration->address;
    AddressSet from = region.dst;  // several alike, in a symbolic walk
    if (address && !from.contains(*address)) {
        from = AddressSet::single(*address);
    } else if (address && !algebra_.symbolic()) {
        from = AddressSet::single(*address);
    }
    if (!algebra_.symbolic() || place.interface->ip_forwarding || place.subnet == kNoIndex) {
        return with_sessions(std::move(cells), replies_of(config, from, sources, way), true);
    }
    // The same for all receivers of a subnet.
    std::vector<KnownReplies>& known = replies_[place.subnet];
    const bool inside = space_of(network_.subnets()[place.subnet].vnet_index).contains_all(from);
    for (const KnownReplies& entry : known) {
        if (inside && entry.sender == way.sender && entry.start == way.start &&
            entry.devices == way.devices && entry.balanced == way.balanced &&
            entry.shown_source == way.shown_source && entry.firewall == way.firewall &&
            entry.to == sources) {
            return with_sessions(std::move(cells), entry.replies, true);
        }
    }
    Cells replies = algebra_.disjoint(algebra_.merged(replies_of(config, from, sources, way)));
    if (inside) {
        known.push_back({way.sender, way.start, way.devices, way.balanced, way.shown_source,
                         way.firewall, sources, replies});
    }
    return with_sessions(std::move(cells), replies, true);
}

Cells SetWalk::translate(const std::vector<Translation>& ways, const Region& region,
                         bool from_outside, const SourceGroup* sender, const Way& way) {
    if (algebra_.symbolic()) {
        Cells cells = delivered(region, {}, way);
        for (Cell& cell : cells) {
            cell.packets = cell.sessions = Fate::all(algebra_.expressions().opaque());
        }
        return cells;
    }
    // The services by the ways that take them.
    struct Bucket {
        ServiceId services;
        std::vector<const Translation*> ways;
    };
    std::vector<Bucket> buckets{{region.services, {}}};
    for (const Translation& translation : ways) {
        const ServiceId accepted = pool_.intern(translation.accepts);
        const std::size_t count = buckets.size();
        for (std::size_t i = 0; i < count; ++i) {
            const ServiceId inside = pool_.intersect(buckets[i].services, accepted);
            if (inside == kNoService) {
                continue;
            }
            const ServiceId rest = pool_.subtract(buckets[i].services, accepted);
            if (rest != kNoService) {
                buckets.push_back({rest, buckets[i].ways});
            }
            buckets[i].services = inside;
            buckets[i].ways.push_back(&translation);
        }
    }
    Cells result;
    for (const Bucket& bucket : buckets) {
        if (bucket.ways.empty()) {
            continue;  // no rule takes it
        }
        Region piece = region;
        piece.services = bucket.services;
        std::vector<std::pair<bool, Cells>> alternatives;
        for (const Translation* translation : bucket.ways) {
            alternatives.emplace_back(
                translation->when.empty(),
                translate_one(*translation, piece, from_outside, sender, way));
        }
        append(result, chosen(std::move(alternatives)));
    }
    return result;
}

Cells SetWalk::translate_one(const Translation& translation, const Region& region,
                             bool from_outside, const SourceGroup* sender, const Way& way) {
    if (translation.kind == Translation::Kind::unmodelled ||
        translation.kind == Translation::Kind::unread) {
        return unknown(region, way);
    }
    if (translation.kind == Translation::Kind::firewall) {
        return to_firewall(translation.firewall, region, true, way);
    }
    if (translation.config == kNoIndex) {
        return {};
    }
    Region to = region;
    if (sender != nullptr && translation.kind != Translation::Kind::instance_ip &&
        sender->contains(translation.config)) {  // E10
        const auto& own = network_.configurations()[translation.config].configuration->address;
        if (sender->configs.size() == 1) {
            return {};
        }
        if (own) {
            to.src -= AddressSet::single(*own);
        }
        if (to.src.empty()) {
            return {};
        }
    }
    // Ports: TCP and UDP get the rule's port, if it has one; nothing else has ports.
    if (translation.to_port) {
        static const ServiceSet kPorted = ServiceSet::protocol(kTcp) | ServiceSet::protocol(kUdp);
        const ServiceId ported = pool_.intersect(to.services, pool_.intern(kPorted));
        if (ported != to.services) {
            Region others = region;
            others.services = pool_.subtract(region.services, ported);
            Translation kept = translation;
            kept.to_port.reset();
            Cells cells = translate_one(kept, others, from_outside, sender, way);
            if (ported != kNoService) {
                Region only = region;
                only.services = ported;
                append(cells, translate_one(translation, only, from_outside, sender, way));
            }
            return cells;
        }
    }
    const ServiceId accepted = to.services;
    const ServiceId sent_on = translation.to_port
                                  ? pool_.with_destination_port(accepted, *translation.to_port)
                                  : accepted;
    const ConfigPlace& place = network_.configurations()[translation.config];
    const auto& address = place.configuration->address;
    Way onward = way;
    onward.version = address ? version_of(*address, sent_on) : ++unknown_versions_;
    if (!pass(onward, [&](const Waypoints& w) { return w.has(translation.by); })) {
        return {};
    }
    const auto to_destination = [&](const AddressSet& dst) {
        Region piece{to.src, dst, sent_on};
        Cells cells = arrive(translation.config, piece, &translation, from_outside, onward);
        for (Cell& cell : cells) {
            cell.dst = region.dst;
            if (translation.to_port) {
                for (Fate* fate : {&cell.packets, &cell.sessions}) {
                    for (ServiceId& set : fate->sets) {
                        set = pool_.before_destination_port(set, *translation.to_port, accepted);
                    }
                }
                cell.ports = {PortMap::Kind::to_port, *translation.to_port};
            }
        }
        return cells;
    };
    if (!address) {  // one of the subnet's addresses
        AddressSet space;
        if (place.subnet != kNoIndex) {
            for (const Prefix& prefix : network_.subnets()[place.subnet].subnet->prefixes) {
                space |= prefix.addresses();
            }
        }
        space = of_family(space, family_of(region.dst));
        Cells cells = space.empty() ? unknown(to, way) : to_destination(space);
        algebra_.weaken(cells);
        return algebra_.disjoint(std::move(cells));
    }
    if (translation.floating_ip) {  // N44
        switch (tri(FactKey::floating_ip_nsg_sees_frontend)) {
            case Tri::yes:
                return to_destination(region.dst);
            case Tri::no:
                return to_destination(AddressSet::single(*address));
            case Tri::open:
                return algebra_.either_fact(to_destination(region.dst),
                                            to_destination(AddressSet::single(*address)));
        }
    }
    return to_destination(AddressSet::single(*address));
}

}  // namespace azreach
