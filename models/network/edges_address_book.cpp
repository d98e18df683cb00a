#include "models/network/edges_address_book.hpp"

#include <algorithm>
#include <map>
#include <unordered_set>

#include "models/network/edges_doubts.hpp"
#include "models/network/network.hpp"

namespace azreach {

namespace {

/// Prefixes longer than /29 do not exist in Azure; what is reserved in them is not known.   [J7]
constexpr int kSmallestSubnet = 29;
constexpr std::uint32_t kReservedAtStart = 4;

/// What an owner says of free space: the greater, the less it narrows.
int width_of(const Owner& owner) {
    switch (owner.kind) {
        case Owner::Kind::reserved:
            return 0;
        case Owner::Kind::nobody:
            return 1;
        case Owner::Kind::unknown:
            return 2;
        default:
            return 3;
    }
}

Owner background_of(const Doubts::Doubt& doubt, const ResourceId& at) {
    Owner owner;
    owner.at = at;
    if (!doubt.unmodelled.empty()) {
        owner.kind = Owner::Kind::unmodelled;
        owner.at = doubt.at;
    } else if (!doubt.unread.empty()) {
        owner.kind = Owner::Kind::unknown;
    }
    owner.when = doubt.unmodelled;
    owner.when.insert(owner.when.end(), doubt.unread.begin(), doubt.unread.end());
    return owner;
}

struct Piece {  // of one family
    Uint128 first = 0;
    Uint128 last = 0;
    std::uint32_t background = 0;
};

/// Pieces that overlap (subnets with overlapping prefixes: malformed) are cut; of what covers a
/// place, the widest background stays.
std::vector<Piece> disjoint(std::vector<Piece> pieces, const std::vector<Owner>& backgrounds) {
    std::sort(pieces.begin(), pieces.end(),
              [](const Piece& a, const Piece& b) { return a.first < b.first; });
    const bool overlapping =
        std::adjacent_find(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
            return b.first <= a.last;
        }) != pieces.end();
    if (!overlapping) {
        return pieces;
    }
    std::vector<Uint128> cuts;  // first addresses of the new pieces
    for (const Piece& piece : pieces) {
        cuts.push_back(piece.first);
        if (piece.last != ~Uint128{0}) {
            cuts.push_back(piece.last + 1);
        }
    }
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    std::vector<Piece> result;
    std::vector<Piece> open;
    std::size_t next = 0;
    for (std::size_t i = 0; i < cuts.size(); ++i) {
        std::erase_if(open, [&](const Piece& piece) { return piece.last < cuts[i]; });
        while (next < pieces.size() && pieces[next].first == cuts[i]) {
            open.push_back(pieces[next++]);
        }
        if (open.empty()) {
            continue;
        }
        Piece piece =
            *std::max_element(open.begin(), open.end(), [&](const auto& a, const auto& b) {
                return width_of(backgrounds[a.background]) < width_of(backgrounds[b.background]);
            });
        piece.first = cuts[i];
        if (i + 1 < cuts.size()) {
            piece.last = cuts[i + 1] - 1;
        }
        result.push_back(piece);
    }
    return result;
}

}  // namespace

AddressBook::AddressBook(const Network& network, const Doubts& doubts)
    : network_(network), books_(network.vnets().size()) {
    unread_vnet_.kind = Owner::Kind::unknown;
    unread_vnet_.when = {{network_.about(FactKey::missing_resource, ""), true}};
    claim_configurations();
    claim_frontends();
    claim_firewalls();
    claim_endpoints_without_interface();
    for (Book& book : books_) {
        std::sort(book.claims.begin(), book.claims.end(), [](const Claim& a, const Claim& b) {
            return std::tie(a.address, a.holder, a.index) < std::tie(b.address, b.holder, b.index);
        });
    }
    draw_subnets(doubts);
}

// --- claims --------------------------------------------------------------------------------------

void AddressBook::claim_configurations() {
    const auto& configurations = network_.configurations();
    for (ConfigIndex i = 0; i < configurations.size(); ++i) {
        const IpConfiguration& configuration = *configurations[i].configuration;
        const SubnetIndex subnet = configurations[i].subnet;
        const VnetIndex vnet = subnet != kNoIndex
                                   ? network_.subnets()[subnet].vnet_index
                                   : Doubts::locate(network_, configuration.subnet).vnet;
        if (!configuration.address || vnet == kNoIndex) {
            continue;
        }
        std::vector<Claim>& claims = books_[vnet].claims;
        claims.push_back({*configuration.address, Holder::configuration, i});
        const Header& header = configurations[i].interface->header;
        if (header.contested.contains("ipConfigurations")) {  // [J2]: perhaps it has another one
            Owner owner;
            owner.kind = Owner::Kind::unknown;
            owner.when = {{network_.about(FactKey::contested_copy, header.id.text()), true}};
            owner.at = header.id;
            claims.push_back({*configuration.address, Holder::other,
                              static_cast<std::uint32_t>(others_.size())});
            others_.push_back(std::move(owner));
        }
    }
}

void AddressBook::claim_frontends() {
    for (const auto& [id, balancer] : network_.snapshot().load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            const Doubts::Where where = Doubts::locate(network_, frontend.subnet);
            if (frontend.address && where.vnet != kNoIndex) {
                books_[where.vnet].claims.push_back(
                    {*frontend.address, Holder::frontend,
                     static_cast<std::uint32_t>(frontends_.size())});
                frontends_.push_back({&balancer, &frontend});
            }
        }
    }
}

void AddressBook::claim_firewalls() {
    const std::vector<FirewallPlace>& places = network_.firewalls().all();
    for (FirewallIndex i = 0; i < places.size(); ++i) {
        for (const Address& address : places[i].addresses) {
            if (places[i].vnet != kNoIndex) {
                books_[places[i].vnet].claims.push_back({address, Holder::firewall, i});
            }
        }
    }
}

/// A private endpoint whose interface was not read: no configuration stands for it, so its own
/// addresses are unmodelled.
void AddressBook::claim_endpoints_without_interface() {
    std::unordered_set<const PrivateEndpoint*> complete;
    for (const ConfigPlace& place : network_.configurations()) {
        if (place.endpoint != nullptr && place.configuration->address) {
            complete.insert(place.endpoint);
        }
    }
    for (const auto& [id, endpoint] : network_.snapshot().private_endpoints) {
        const Doubts::Where where = Doubts::locate(network_, endpoint.subnet);
        if (where.vnet == kNoIndex || complete.contains(&endpoint)) {
            continue;
        }
        Owner owner;
        owner.kind = Owner::Kind::unmodelled;
        owner.when = {{network_.about(FactKey::unmodelled, id.text()), true}};
        owner.at = id;
        for (const Address& address : endpoint.addresses) {
            books_[where.vnet].claims.push_back(
                {address, Holder::other, static_cast<std::uint32_t>(others_.size())});
        }
        others_.push_back(std::move(owner));
    }
}

Owner AddressBook::owner_of(const Claim& claim) const {
    Owner owner;
    switch (claim.holder) {
        case Holder::configuration:
            owner.kind = Owner::Kind::configuration;
            owner.config = claim.index;
            owner.at = network_.configurations()[claim.index].interface->header.id;
            break;
        case Holder::frontend:
            owner.kind = Owner::Kind::frontend;
            owner.balancer = frontends_[claim.index].balancer;
            owner.frontend = frontends_[claim.index].frontend;
            owner.at = owner.balancer->header.id;
            break;
        case Holder::firewall:
            owner.kind = Owner::Kind::firewall;
            owner.firewall = claim.index;
            owner.at = network_.firewalls().at(claim.index).firewall->header.id;
            break;
        case Holder::other:
            owner = others_[claim.index];
            break;
    }
    return owner;
}

// --- background ----------------------------------------------------------------------------------

void AddressBook::draw_subnets(const Doubts& doubts) {
    std::vector<std::vector<Piece>> pieces_v4(books_.size());
    std::vector<std::vector<Piece>> pieces_v6(books_.size());
    for (VnetIndex i = 0; i < books_.size(); ++i) {
        books_[i].outside = static_cast<std::uint32_t>(backgrounds_.size());
        backgrounds_.push_back(
            background_of(doubts.outside_subnets(i), network_.vnets()[i]->header.id));
    }
    for (SubnetIndex i = 0; i < network_.subnets().size(); ++i) {
        const SubnetPlace& place = network_.subnets()[i];
        const auto free = static_cast<std::uint32_t>(backgrounds_.size());
        backgrounds_.push_back(background_of(doubts.in_subnet(i), place.subnet->header.id));
        Owner reserved;
        reserved.kind = Owner::Kind::reserved;
        reserved.at = place.subnet->header.id;
        backgrounds_.push_back(std::move(reserved));
        for (const Prefix& prefix : place.subnet->prefixes) {
            const Uint128 first = prefix.first().value;
            const Uint128 last = prefix.last().value;
            if (prefix.family() == Family::v6) {
                pieces_v6[place.vnet_index].push_back({first, last, free});
                continue;
            }
            std::vector<Piece>& pieces = pieces_v4[place.vnet_index];
            if (prefix.length() > kSmallestSubnet || doubts.contested_prefixes(i)) {
                pieces.push_back({first, last, free});
                continue;
            }
            pieces.push_back({first, first + kReservedAtStart - 1, free + 1});
            pieces.push_back({first + kReservedAtStart, last - 1, free});
            pieces.push_back({last, last, free + 1});
        }
    }
    for (std::size_t i = 0; i < books_.size(); ++i) {
        std::vector<Segment>& segments = books_[i].segments;
        for (const Piece& piece : disjoint(std::move(pieces_v4[i]), backgrounds_)) {
            segments.push_back(
                {{Family::v4, piece.first}, {Family::v4, piece.last}, piece.background});
        }
        for (const Piece& piece : disjoint(std::move(pieces_v6[i]), backgrounds_)) {
            segments.push_back(
                {{Family::v6, piece.first}, {Family::v6, piece.last}, piece.background});
        }
    }
}

// --- answers -------------------------------------------------------------------------------------

namespace {

template <class Claims>
auto first_claim(const Claims& claims, const Address& address) {
    return std::lower_bound(
        claims.begin(), claims.end(), address,
        [](const auto& claim, const Address& sought) { return claim.address < sought; });
}

/// The segment that ends at or after `address`, if any.
template <class Segments>
auto segment_from(const Segments& segments, const Address& address) {
    return std::lower_bound(
        segments.begin(), segments.end(), address,
        [](const auto& segment, const Address& sought) { return segment.last < sought; });
}

}  // namespace

std::uint32_t AddressBook::background_at(const Book& book, const Address& address) const {
    const auto segment = segment_from(book.segments, address);
    return segment != book.segments.end() && segment->first <= address ? segment->background
                                                                       : book.outside;
}

std::vector<Owner> AddressBook::owners(std::uint32_t vnet, const Address& address) const {
    if (vnet >= books_.size()) {
        return {unread_vnet_};
    }
    const Book& book = books_[vnet];
    std::vector<Owner> owners;
    for (auto claim = first_claim(book.claims, address);
         claim != book.claims.end() && claim->address == address; ++claim) {
        owners.push_back(owner_of(*claim));
    }
    if (owners.empty()) {
        owners.push_back(backgrounds_[background_at(book, address)]);
    }
    return owners;
}

namespace {

struct Ranges {
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;

    void add(Family family, Uint128 first, Uint128 last) {
        if (family == Family::v4) {
            v4.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(last)});
        } else {
            v6.push_back({first, last});
        }
    }
};

}  // namespace

std::vector<Edges::Part> AddressBook::partition(std::uint32_t vnet,
                                                const AddressSet& addresses) const {
    if (addresses.empty()) {
        return {};
    }
    if (vnet >= books_.size()) {
        return {{addresses, {unread_vnet_}}};
    }
    const Book& book = books_[vnet];
    std::vector<Edges::Part> parts;
    std::map<std::uint32_t, Ranges> free;  // by background

    const auto add_free = [&](Family family, Uint128 first, Uint128 last) {
        auto segment = segment_from(book.segments, {family, first});
        while (true) {
            const bool inside = segment != book.segments.end() && segment->first.family == family &&
                                segment->first.value <= last;
            if (!inside) {
                free[book.outside].add(family, first, last);
                return;
            }
            if (segment->first.value > first) {
                free[book.outside].add(family, first, segment->first.value - 1);
                first = segment->first.value;
            }
            const Uint128 end = std::min(last, segment->last.value);
            free[segment->background].add(family, first, end);
            if (end == last) {
                return;
            }
            first = end + 1;
            ++segment;
        }
    };
    const auto sweep = [&](Family family, Uint128 first, Uint128 last) {
        auto claim = first_claim(book.claims, {family, first});
        while (true) {
            if (claim == book.claims.end() || claim->address.family != family ||
                claim->address.value > last) {
                add_free(family, first, last);
                return;
            }
            const Address address = claim->address;
            if (address.value > first) {
                add_free(family, first, address.value - 1);
            }
            Edges::Part part{AddressSet::single(address), {}};
            for (; claim != book.claims.end() && claim->address == address; ++claim) {
                part.owners.push_back(owner_of(*claim));
            }
            parts.push_back(std::move(part));
            if (address.value == last) {
                return;
            }
            first = address.value + 1;
        }
    };
    for (const auto& range : addresses.v4.ranges()) {
        sweep(Family::v4, range.first, range.last);
    }
    for (const auto& range : addresses.v6.ranges()) {
        sweep(Family::v6, range.first, range.last);
    }
    for (auto& [background, ranges] : free) {
        parts.push_back({{IntervalSet<std::uint32_t>::of(std::move(ranges.v4)),
                          IntervalSet<Uint128>::of(std::move(ranges.v6))},
                         {backgrounds_[background]}});
    }
    return parts;
}

}  // namespace azreach
