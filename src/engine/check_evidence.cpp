// Evidence: names, exact counts, and a packet that people understand.
#include <algorithm>
#include <array>

#include "src/engine/check_parts.hpp"

namespace azreach {

namespace {

constexpr std::size_t kMaxFindings = 10'000;

/// How little an engineer has to think: well-known TCP ports first.
int rank_of(const Service& service) {
    static constexpr std::array<std::uint16_t, 12> kKnown = {443,  80,  22, 3389, 1433, 3306,
                                                             5432, 445, 53, 8080, 8443, 25};
    const int protocol = service.protocol == kTcp ? 0 : service.protocol == kUdp ? 100 : 200;
    if (has_ports(service.protocol)) {
        const auto* known = std::find(kKnown.begin(), kKnown.end(), service.b);
        return protocol + static_cast<int>(known - kKnown.begin());
    }
    return protocol + (has_icmp_type(service.protocol) ? 0 : 50);
}

Address familiar(const AddressSet& set) {
    static const std::array<Address, 4> kFamiliar = {
        Address::v4(0xCB007107U) /* 203.0.113.7, for documentation */,
        Address::v4(0xC6336407U) /* 198.51.100.7, too */, Address::v4(0x08080808U),
        Address::v6((Uint128{0x2606470000000000ULL} << 64U) | 1U)};
    for (const Address& address : kFamiliar) {
        if (set.contains(address)) {
            return address;
        }
    }
    return *set.smallest();
}

}  // namespace

// --- names ---------------------------------------------------------------------------------------

CheckNames::CheckNames(const Network& network, const Endpoints& endpoints) : network_(network) {
    for (const Endpoint& endpoint : endpoints.all()) {
        uses_.emplace(endpoint.id, endpoint.use);
    }
}

const ResourceId& CheckNames::id(ConfigIndex config) const {
    const ConfigPlace& place = network_.configurations()[config];
    if (place.endpoint != nullptr) {
        return place.endpoint->header.id;
    }
    const Ref& vm = place.interface->virtual_machine;
    return vm && uses_.contains(*vm) ? *vm : place.interface->header.id;
}

std::string CheckNames::name(ConfigIndex config) const {
    const auto use = uses_.find(id(config));
    return use == uses_.end() ? std::string(id(config).name()) : use->second;
}

// --- counts --------------------------------------------------------------------------------------

/// The configurations at which the piece arrives; `addresses`: what else.
std::vector<ConfigIndex> PieceCount::receivers(const FlowPiece& piece,
                                               AddressSet& addresses) const {
    std::vector<ConfigIndex> result;
    if (piece.own != nullptr) {
        const auto add = [&](const Address& address) {
            const auto config = piece.own->find(address);
            if (config != piece.own->end()) {
                result.push_back(config->second);
            }
        };
        if (piece.dst.count() <= piece.own->size()) {
            for (const Range<std::uint32_t>& range : piece.dst.v4.ranges()) {
                for (std::uint64_t a = range.first; a <= range.last; ++a) {
                    add(Address::v4(static_cast<std::uint32_t>(a)));
                }
            }
            for (const Range<Uint128>& range : piece.dst.v6.ranges()) {
                for (Uint128 a = range.first; a <= range.last; ++a) {
                    add(Address::v6(a));
                    if (a == ~Uint128{0}) {
                        break;
                    }
                }
            }
        } else {
            for (const auto& [address, config] : *piece.own) {
                if (piece.dst.contains(address)) {
                    result.push_back(config);
                }
            }
        }
    } else if (piece.targets != nullptr && !piece.targets->empty()) {
        result = *piece.targets;
    } else {
        addresses = piece.dst;
    }
    return result;
}

std::uint32_t PieceCount::number(ConfigIndex config) {
    return numbers_
        .emplace(network_.configurations()[config].interface,
                 static_cast<std::uint32_t>(numbers_.size()))
        .first->second;
}

void PieceCount::add(const FlowPiece& piece, const ServiceSet& services) {
    if (services.empty()) {
        return;
    }
    services_ |= services;
    if (piece.start == FlowPiece::Start::unmodelled) {
        unbounded_ = true;
        return;
    }
    from_internet_ = from_internet_ || piece.start == FlowPiece::Start::internet;
    AddressSet to_addresses;
    const std::vector<ConfigIndex> receiving = receivers(piece, to_addresses);
    std::vector<ConfigIndex> sending;
    AddressSet from_addresses;
    if (piece.start == FlowPiece::Start::nics) {
        for (const ConfigIndex config : piece.group->configs) {
            const auto& address = network_.configurations()[config].configuration->address;
            if (address && piece.src.contains(*address)) {
                sending.push_back(config);
            }
        }
    } else {
        from_addresses = piece.src;
    }
    // Nobody is asked to reach himself.
    const bool straight = piece.own != nullptr && piece.start == FlowPiece::Start::nics;
    const auto alone = [&](const std::vector<ConfigIndex>& others, ConfigIndex self) {
        return straight && others.size() == 1 && others.front() == self;
    };
    for (const ConfigIndex config : sending) {
        if (!alone(receiving, config)) {
            src_.nics.emplace(network_.configurations()[config].interface, config);
        }
    }
    src_.addresses |= from_addresses;
    for (const ConfigIndex config : receiving) {
        if (!alone(sending, config)) {
            dst_.nics.emplace(network_.configurations()[config].interface, config);
        }
    }
    dst_.addresses |= to_addresses;
    if (!count_pairs_) {
        return;
    }
    for (const ConfigIndex from : sending) {
        const std::uint32_t sender = number(from);
        std::vector<bool>& row = nic_to_nic_[sender];
        for (const ConfigIndex to : receiving) {
            if (straight && from == to) {
                continue;
            }
            const std::uint32_t receiver = number(to);
            if (row.size() <= receiver) {
                row.resize(std::max<std::size_t>(receiver + 1, row.size() * 2));
            }
            row[receiver] = true;
        }
        if (!to_addresses.empty()) {
            nic_to_addresses_[sender] |= to_addresses;
        }
    }
    if (from_addresses.empty()) {
        return;
    }
    for (const ConfigIndex to : receiving) {
        addresses_to_nic_[number(to)] |= from_addresses;
    }
    if (!to_addresses.empty()) {
        std::vector<std::pair<AddressSet, AddressSet>> rest{{from_addresses, to_addresses}};
        for (const auto& [src, dst] : address_pairs_) {
            std::vector<std::pair<AddressSet, AddressSet>> next;
            for (auto& [a, b] : rest) {
                const AddressSet inside = a & src;
                if (inside.empty() || !b.intersects(dst)) {
                    next.emplace_back(std::move(a), std::move(b));
                    continue;
                }
                if (AddressSet beside = b - dst; !beside.empty()) {
                    next.emplace_back(inside, std::move(beside));
                }
                if (AddressSet left = a - inside; !left.empty()) {
                    next.emplace_back(std::move(left), std::move(b));
                }
            }
            rest = std::move(next);
        }
        address_pairs_.insert(address_pairs_.end(), rest.begin(), rest.end());
    }
}

Uint128 PieceCount::sources() const { return src_.nics.size() + src_.addresses.count(); }
Uint128 PieceCount::destinations() const { return dst_.nics.size() + dst_.addresses.count(); }

Uint128 PieceCount::pairs() const {
    Uint128 total = 0;
    for (const auto& [sender, row] : nic_to_nic_) {
        total += static_cast<std::uint64_t>(std::count(row.begin(), row.end(), true));
    }
    for (const auto* map : {&nic_to_addresses_, &addresses_to_nic_}) {
        for (const auto& [nic, addresses] : *map) {
            total += addresses.count();
        }
    }
    for (const auto& [src, dst] : address_pairs_) {
        const Uint128 a = src.count();
        const Uint128 b = dst.count();
        total = b != 0 && a > (~Uint128{0} - total) / b ? ~Uint128{0} : total + a * b;
    }
    return total;
}

Uint128 PieceCount::ports() const {
    Uint128 total = 0;
    for (const Protocol protocol : {kTcp, kUdp}) {
        total += services_.pairs(protocol).all_b().count();
    }
    for (const Protocol protocol : {kIcmp, kIcmpv6}) {
        total += services_.pairs(protocol).empty() ? 0U : 1U;
    }
    return total + services_.others().count();
}

std::vector<ConfigIndex> PieceCount::source_nics() const {
    std::vector<ConfigIndex> result;
    for (const auto& [nic, config] : src_.nics) {
        result.push_back(config);
    }
    std::sort(result.begin(), result.end());
    return result;
}

std::vector<ConfigIndex> PieceCount::destination_nics() const {
    std::vector<ConfigIndex> result;
    for (const auto& [nic, config] : dst_.nics) {
        result.push_back(config);
    }
    std::sort(result.begin(), result.end());
    return result;
}

// --- packets -------------------------------------------------------------------------------------

std::optional<PickedPacket> pick_packet(const Network& network, const FlowPiece& piece,
                                        const ServiceSet& services) {
    if (piece.start == FlowPiece::Start::unmodelled) {
        return std::nullopt;
    }
    for (const Family family : {Family::v4, Family::v6}) {
        const AddressSet src = of_family(piece.src, family);
        const AddressSet dst = of_family(piece.dst, family);
        const std::optional<Service> service = asked_of(services, family).witness();
        if (src.empty() || dst.empty() || !service) {
            continue;
        }
        PickedPacket picked;
        picked.packet.service = *service;
        picked.rank = rank_of(*service);
        const auto towards = [&](const Address& sender) -> std::optional<Address> {
            if (piece.own == nullptr || piece.start != FlowPiece::Start::nics) {
                return familiar(dst);
            }
            const AddressSet others = dst - AddressSet::single(sender);
            if (!others.empty()) {
                return *others.smallest();
            }
            const auto target = piece.own->find(sender);  // its own address, at somebody else?
            return target != piece.own->end() && !piece.group->contains(target->second)
                       ? std::optional(sender)
                       : std::nullopt;
        };
        if (piece.start == FlowPiece::Start::nics) {
            for (const ConfigIndex config : piece.group->configs) {
                const auto& address = network.configurations()[config].configuration->address;
                if (!address || !src.contains(*address)) {
                    continue;
                }
                if (const auto to = towards(*address)) {
                    picked.sender = config;
                    picked.from.emplace<ConfigIndex>(config);
                    picked.packet.src = *address;
                    picked.packet.dst = *to;
                    return picked;
                }
            }
            continue;
        }
        if (piece.start == FlowPiece::Start::internet) {
            picked.from.emplace<Internet>();
        } else {
            picked.from.emplace<OnPremises>();
        }
        picked.packet.src = familiar(src);
        picked.packet.dst = familiar(dst);
        return picked;
    }
    return std::nullopt;
}

void show_witness(const Network& network, const CheckNames& names, const PickedPacket& picked,
                  TraceResult traced, InvariantResult& result) {
    CheckWitness witness;
    witness.packet = picked.packet;
    witness.from = picked.from;
    if (picked.sender != kNoIndex) {
        witness.from_name = names.name(picked.sender);
        witness.from_id = names.id(picked.sender);
    } else {
        witness.from_name = std::holds_alternative<Internet>(picked.from) ? "internet" : "onprem";
    }
    const ResourceId end(traced.walk.at);
    if (!end.empty() && end.text().front() == '/') {
        const std::vector<ConfigIndex> configs = network.configurations_of(end);
        witness.to_id = configs.empty() ? end : names.id(configs.front());
        witness.to_name = configs.empty() ? std::string(end.name()) : names.name(configs.front());
    } else {
        witness.to_name = end.text();
    }
    result.witness = std::move(witness);
    result.path = std::move(traced.walk.path);
    result.return_verdict = traced.reply;
    result.return_path = std::move(traced.walk.return_path);
}

void describe_affected(const CheckNames& names, const PieceCount& count, InvariantResult& result) {
    Affected affected;
    affected.sources = count.sources();
    affected.destinations = count.destinations();
    affected.service = count.services();
    const auto list = [&](const std::vector<ConfigIndex>& nics, const AddressSet& addresses,
                          bool internet) {
        std::vector<std::string> shown;
        const auto add = [&](std::string name) {
            if (shown.size() < Affected::kMaxNames &&
                std::find(shown.begin(), shown.end(), name) == shown.end()) {
                shown.push_back(std::move(name));
            }
        };
        if (internet) {
            add("internet");
        }
        for (const ConfigIndex config : nics) {
            if (shown.size() == Affected::kMaxNames) {
                break;
            }
            add(names.name(config));
        }
        if (!internet) {
            for (const Prefix& prefix : prefixes_of(addresses)) {
                add(to_string(prefix));
            }
        }
        return shown;
    };
    affected.source_names =
        list(count.source_nics(), count.source_addresses(), count.from_internet());
    affected.destination_names =
        list(count.destination_nics(), count.destination_addresses(), false);
    const auto find = [&](std::string finding) {
        if (result.findings.size() < kMaxFindings) {
            result.findings.push_back(std::move(finding));
        }
    };
    for (const ConfigIndex config : count.destination_nics()) {
        find(names.id(config).text());
    }
    for (const Prefix& prefix : prefixes_of(count.destination_addresses())) {
        find(to_string(prefix));
    }
    result.affected = std::move(affected);
}

bool arrives_as_asked(const Network& network, const FlowPiece& piece, const ForbiddenFlow& flow,
                      const Walk& walk) {
    const auto stands_at = [&](ConfigIndex config, const ResourceId& at) {
        const ConfigPlace& place = network.configurations()[config];
        return place.interface->header.id == at ||
               (place.endpoint != nullptr && place.endpoint->header.id == at);
    };
    const ResourceId end(walk.at);
    if (piece.own != nullptr) {
        const bool there = std::any_of(piece.targets->begin(), piece.targets->end(),
                                       [&](ConfigIndex config) { return stands_at(config, end); });
        if (!there) {
            return false;
        }
    } else if (piece.targets != nullptr) {
        const bool nowhere = piece.targets->empty();  // at no configuration
        const bool there = std::any_of(piece.targets->begin(), piece.targets->end(),
                                       [&](ConfigIndex config) { return stands_at(config, end); });
        const bool at_nic = network.snapshot().interfaces.contains(end) ||
                            network.snapshot().private_endpoints.contains(end);
        if (nowhere ? at_nic : !there) {
            return false;
        }
    }
    const auto passes = [&](const Waypoints& waypoints) {
        const auto is_nic = [&](const ResourceId& id) {
            return std::any_of(waypoints.configs.begin(), waypoints.configs.end(),
                               [&](ConfigIndex config) { return stands_at(config, id); });
        };
        if (waypoints.has(end) || is_nic(end)) {
            return true;
        }
        return std::any_of(walk.path.begin(), walk.path.end(), [&](const Hop& hop) {
            switch (hop.kind) {
                case HopKind::firewall:
                case HopKind::private_endpoint:
                    return waypoints.has(hop.at) || is_nic(hop.at);
                case HopKind::load_balancer:
                case HopKind::gateway:
                case HopKind::nat:
                    return waypoints.has(hop.at) || waypoints.has(hop.by.id);
                default:
                    return false;
            }
        });
    };
    if (!flow.avoid.empty() && passes(flow.avoid)) {
        return false;
    }
    return std::all_of(flow.pass.begin(), flow.pass.end(), passes);
}

}  // namespace azreach
