// Who holds a private address.                                                    [J6] [J7] [J8]
#include <algorithm>

#include "models/network/edges_state.hpp"

namespace azreach {

namespace {

bool is_platform_subnet(const std::string& name) {
    for (const char* platform :
         {"AzureFirewallSubnet", "AzureFirewallManagementSubnet", "GatewaySubnet",
          "AzureBastionSubnet", "RouteServerSubnet", "VirtualNetworkApplianceSubnet"}) {
        if (equal_ignoring_case(name, platform)) {
            return true;
        }
    }
    return false;
}

AddressSet addresses_of(const Subnet& subnet) {
    AddressSet set;
    for (const Prefix& prefix : subnet.prefixes) {
        set |= prefix.addresses();
    }
    return set;
}

}  // namespace

void Edges::State::fill_book() {
    books.resize(network.vnets().size());
    const Snapshot& snapshot = network.snapshot();

    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const ConfigPlace& place = network.configurations()[i];
        if (place.subnet == kNoIndex || !place.configuration->address) {
            continue;
        }
        Owner owner;
        owner.kind = Owner::Kind::configuration;
        owner.config = i;
        owner.at = place.interface->header.id;
        books[network.subnets()[place.subnet].vnet_index].claims.push_back(
            {*place.configuration->address, owner});
    }
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (!frontend.address || !frontend.subnet) {
                continue;
            }
            const auto subnet = network.subnet_index(*frontend.subnet);
            if (!subnet) {
                continue;
            }
            Owner owner;
            owner.kind = Owner::Kind::frontend;
            owner.balancer = &balancer;
            owner.frontend = &frontend;
            owner.at = id;
            books[network.subnets()[*subnet].vnet_index].claims.push_back(
                {*frontend.address, owner});
        }
    }

    // Regions: subnets that hold something whose addresses are not known.
    std::vector<std::vector<std::pair<Owner::Kind, Literal>>> unsure(network.subnets().size());
    std::vector<ResourceId> unsure_id(network.subnets().size());
    const auto mark = [&](SubnetIndex subnet, Owner::Kind kind, FactKey key, const ResourceId& id) {
        if (unsure[subnet].empty()) {
            unsure_id[subnet] = id;
        }
        unsure[subnet].push_back({kind, {network.about(key, id.text()), true}});
    };
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const ConfigPlace& place = network.configurations()[i];
        if (place.subnet != kNoIndex && !place.configuration->address) {
            mark(place.subnet, Owner::Kind::unknown, FactKey::unknown_instance,
                 network.subnets()[place.subnet].subnet->header.id);
        }
    }
    for (const auto& [id, set] : snapshot.scale_sets) {
        std::size_t read = 0;
        for (const auto& [nic_id, nic] : snapshot.interfaces) {
            if (nic.scale_set == id) {
                ++read;
            }
        }
        const std::size_t templates = std::max<std::size_t>(1, set.interfaces.size());
        const bool all_read =
            set.capacity ? read >= static_cast<std::size_t>(*set.capacity) * templates
                         : set.flexible && read > 0;
        if (all_read) {
            continue;
        }
        for (const ScaleSetInterface& interface : set.interfaces) {
            for (const IpConfiguration& configuration : interface.configurations) {
                if (configuration.subnet) {
                    if (const auto subnet = network.subnet_index(*configuration.subnet)) {
                        mark(*subnet, Owner::Kind::unknown, FactKey::unknown_instance,
                             network.subnets()[*subnet].subnet->header.id);
                    }
                }
            }
        }
    }
    for (const auto& [id, other] : snapshot.others) {
        for (const ResourceId& subnet : other.subnets) {
            if (const auto index = network.subnet_index(subnet)) {
                mark(*index, Owner::Kind::unmodelled, FactKey::unmodelled, id);
            }
        }
    }
    for (const auto& [id, bastion] : snapshot.bastions) {
        if (bastion.subnet) {
            if (const auto index = network.subnet_index(*bastion.subnet)) {
                mark(*index, Owner::Kind::unmodelled, FactKey::unmodelled, id);
            }
        }
    }
    for (const auto& [id, gateway] : snapshot.gateways) {
        for (const ResourceId& subnet : gateway.subnets) {
            if (const auto index = network.subnet_index(subnet)) {
                mark(*index, Owner::Kind::unmodelled, FactKey::unmodelled, id);
            }
        }
    }
    for (const auto& [id, endpoint] : snapshot.private_endpoints) {
        bool seen = false;
        for (const ResourceId& nic : endpoint.interfaces) {
            seen = seen || snapshot.interfaces.contains(nic);
        }
        for (const auto& [nic_id, nic] : snapshot.interfaces) {
            seen = seen || nic.private_endpoint == id;
        }
        if (!seen && endpoint.subnet) {
            if (const auto index = network.subnet_index(*endpoint.subnet)) {
                mark(*index, Owner::Kind::unmodelled, FactKey::unmodelled, id);
            }
        }
    }
    for (SubnetIndex s = 0; s < network.subnets().size(); ++s) {
        const Subnet& subnet = *network.subnets()[s].subnet;
        if (is_platform_subnet(subnet.header.name) && unsure[s].empty()) {
            mark(s, Owner::Kind::unmodelled, FactKey::unmodelled, subnet.header.id);
        }
        if (!subnet.delegations.empty()) {
            mark(s, Owner::Kind::unmodelled, FactKey::unmodelled, subnet.header.id);
        }
        for (const ResourceId& user : subnet.ip_configurations) {
            // "<NIC id>/ipConfigurations/<name>", or a frontend, gateway, ... configuration.
            if (network.configuration_index(user) || snapshot.interfaces.contains(user.parent())) {
                continue;
            }
            if (frontends.contains(user) || snapshot.load_balancers.contains(user.parent()) ||
                snapshot.gateways.contains(user.parent()) ||
                snapshot.bastions.contains(user.parent())) {
                continue;
            }
            if (snapshot.others.contains(user.parent())) {
                mark(s, Owner::Kind::unmodelled, FactKey::unmodelled, user.parent());
            } else {
                mark(s, Owner::Kind::unknown, FactKey::missing_resource, user);
            }
        }
        if (subnet.header.contested.contains("addressPrefix") ||
            subnet.header.contested.contains("addressPrefixes")) {
            mark(s, Owner::Kind::unknown, FactKey::contested_copy, subnet.header.id);
        }
    }

    for (SubnetIndex s = 0; s < network.subnets().size(); ++s) {
        const SubnetPlace& place = network.subnets()[s];
        Book& book = books[place.vnet_index];
        const AddressSet all = addresses_of(*place.subnet);
        book.subnets |= all;
        AddressSet reserved;
        for (const Prefix& prefix : place.subnet->prefixes) {
            if (prefix.family() == Family::v4 && prefix.length() <= 29) {
                const Uint128 first = prefix.first().value;
                reserved |= AddressSet::range(prefix.first(), {Family::v4, first + 3});
                reserved |= AddressSet::single(prefix.last());
            }
        }
        book.reserved |= reserved;
        if (!unsure[s].empty()) {
            Region region;
            region.addresses = all - reserved;
            region.owner.kind = unsure[s].front().first;
            region.owner.when = {unsure[s].front().second};
            region.owner.at = unsure_id[s];
            book.regions.push_back(std::move(region));
        }
    }
    for (Book& book : books) {
        std::stable_sort(book.claims.begin(), book.claims.end(),
                         [](const Claim& a, const Claim& b) { return a.address < b.address; });
    }
}

std::vector<Owner> Edges::owners(std::uint32_t vnet, const Address& address) const {
    const State::Book& book = state_->books[vnet];
    std::vector<Owner> result;
    auto claim = std::lower_bound(
        book.claims.begin(), book.claims.end(), address,
        [](const State::Claim& c, const Address& a) { return c.address < a; });
    for (; claim != book.claims.end() && claim->address == address; ++claim) {
        result.push_back(claim->owner);
    }
    if (!result.empty()) {
        return result;
    }
    Owner owner;
    if (book.reserved.contains(address)) {
        owner.kind = Owner::Kind::reserved;
    } else {
        for (const State::Region& region : book.regions) {
            if (region.addresses.contains(address)) {
                return {region.owner};
            }
        }
    }
    const VirtualNetwork& network = *state_->network.vnets()[vnet];
    owner.at = network.header.id;
    for (const Subnet& subnet : network.subnets) {
        for (const Prefix& prefix : subnet.prefixes) {
            if (prefix.contains(address)) {
                owner.at = subnet.header.id;
            }
        }
    }
    return {owner};
}

std::vector<Edges::Part> Edges::partition(std::uint32_t vnet, const AddressSet& addresses) const {
    const State::Book& book = state_->books[vnet];
    std::vector<Part> parts;
    AddressSet rest = addresses;
    AddressSet claimed;
    std::vector<Range<std::uint32_t>> v4;
    std::vector<Range<Uint128>> v6;
    for (std::size_t i = 0; i < book.claims.size(); ++i) {
        const Address& address = book.claims[i].address;
        if (!addresses.contains(address)) {
            continue;
        }
        if (i > 0 && book.claims[i - 1].address == address) {
            parts.back().owners.push_back(book.claims[i].owner);
            continue;
        }
        parts.push_back({AddressSet::single(address), {book.claims[i].owner}});
        if (address.family == Family::v4) {
            v4.push_back({static_cast<std::uint32_t>(address.value),
                          static_cast<std::uint32_t>(address.value)});
        } else {
            v6.push_back({address.value, address.value});
        }
    }
    claimed.v4 = IntervalSet<std::uint32_t>::of(std::move(v4));
    claimed.v6 = IntervalSet<Uint128>::of(std::move(v6));
    rest -= claimed;
    if (rest.empty()) {
        return parts;
    }
    if (const AddressSet reserved = rest & book.reserved; !reserved.empty()) {
        Owner owner;
        owner.kind = Owner::Kind::reserved;
        owner.at = state_->network.vnets()[vnet]->header.id;
        parts.push_back({reserved, {owner}});
        rest -= reserved;
    }
    for (const State::Region& region : book.regions) {
        if (const AddressSet inside = rest & region.addresses; !inside.empty()) {
            parts.push_back({inside, {region.owner}});
            rest -= inside;
        }
    }
    if (!rest.empty()) {
        Owner owner;
        owner.at = state_->network.vnets()[vnet]->header.id;
        parts.push_back({rest, {owner}});
    }
    return parts;
}

}  // namespace azreach
