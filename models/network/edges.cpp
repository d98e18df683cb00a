#include "models/network/edges.hpp"

#include "models/network/edges_address_book.hpp"
#include "models/network/edges_doubts.hpp"
#include "models/network/edges_load_balancing.hpp"
#include "models/network/edges_outbound.hpp"
#include "models/network/edges_public_addresses.hpp"

namespace azreach {

struct Edges::State {
    Doubts doubts;
    AddressBook book;
    LoadBalancing balancing;
    PublicAddresses addresses;
    Outbound ways_out;

    explicit State(const Network& network)
        : doubts(network),
          book(network, doubts),
          balancing(network, book, doubts.partly_read()),
          addresses(network, book, balancing, doubts.partly_read()),
          ways_out(network, balancing, addresses) {}
};

Edges::Edges(const Network& network) : state_(std::make_unique<State>(network)) {}
Edges::~Edges() = default;

std::vector<Owner> Edges::owners(std::uint32_t vnet, const Address& address) const {
    return state_->book.owners(vnet, address);
}

std::vector<Edges::Part> Edges::partition(std::uint32_t vnet, const AddressSet& addresses) const {
    return state_->book.partition(vnet, addresses);
}

const std::vector<Translation>& Edges::translations(const LoadBalancer& /*balancer*/,
                                                    const LbFrontend& frontend) const {
    return state_->balancing.translations(frontend);
}

const std::vector<Edges::PublicEntry>& Edges::public_entries() const {
    return state_->addresses.entries();
}

const Edges::PublicEntry* Edges::public_entry(const Address& address) const {
    return state_->addresses.at(address);
}

std::vector<const Edges::PublicEntry*> Edges::public_entries_to(std::uint32_t config) const {
    return state_->addresses.to(config);
}

const std::vector<OutboundMethod>& Edges::outbound(std::uint32_t config) const {
    return state_->ways_out.of(config);
}

const AddressSet& Edges::internet_space() {
    static const AddressSet kSpace = [] {
        const auto block = [](std::uint32_t first, int length) {
            return Prefix::of(Address::v4(first), length)->addresses();
        };
        AddressSet space = AddressSet::all(Family::v4);
        space -= block(0x00000000U, 8);   // 0.0.0.0/8
        space -= block(0x0A000000U, 8);   // 10.0.0.0/8
        space -= block(0x64400000U, 10);  // 100.64.0.0/10
        space -= block(0x7F000000U, 8);   // 127.0.0.0/8
        space -= block(0xA83F8110U, 32);  // 168.63.129.16, the platform's own
        space -= block(0xA9FE0000U, 16);  // 169.254.0.0/16
        space -= block(0xAC100000U, 12);  // 172.16.0.0/12
        space -= block(0xC0A80000U, 16);  // 192.168.0.0/16
        space -= block(0xE0000000U, 3);   // multicast and reserved
        space |= Prefix::of(Address::v6(Uint128{0x2} << 124U), 3)->addresses();
        return space;
    }();
    return kSpace;
}

}  // namespace azreach
