#include "solver/asking_services.hpp"

namespace azreach::solver {

ServiceWays::ServiceWays(Encoders& encoders, Asking& asking, const Goal& goal,
                         const PaasDestination& destination, Family family)
    : e_(encoders), network_(encoders.network), asking_(asking), goal_(goal), family_(family) {
    const PaasEndpoint& endpoint = network_.paas().endpoints()[destination.endpoint];
    by_public_endpoint(endpoint);
    if (destination.public_only) {
        return;
    }
    for (const PrivateEndpoint* own : network_.paas().private_endpoints(destination.endpoint)) {
        by_private_endpoint(*own);
    }
    by_subnet_of_its_own(endpoint);
    by_strangers(endpoint);
}

Formula ServiceWays::arrives(Start start, const Party* party, const PacketTerm& packet) const {
    std::vector<Formula> some;
    for (const Way& way : ways_) {
        PacketTerm sent = packet;
        sent.dst = way.dst;
        Formula outcome = false;
        switch (start) {
            case Start::nic:
                outcome = way.walk->from_party(*party, sent);
                break;
            case Start::internet:
                outcome = way.walk->from_internet(sent);
                break;
            case Start::onprem:
                outcome = way.walk->from_onprem(sent);
                break;
        }
        some.push_back(way.when && outcome);
    }
    if (start == Start::internet && goal_.end != Goal::End::unanswered) {
        for (const auto& [services, there] : strangers_) {
            some.push_back(there && e_.terms.in(packet.service, services));
        }
    }
    return any_of(some);
}

void ServiceWays::add(Goal goal, AddressTerm dst, Formula when) {
    ways_.push_back({&asking_.walks.emplace_back(e_, std::move(goal)), dst, std::move(when)});
}

Formula ServiceWays::fact(FactKey key, const ResourceId& about) {
    Topic topic;
    topic.kind = Topic::Kind::outcome;
    return e_.facts.holds(network_.about(key, about.text()), topic);
}

AddressSet ServiceWays::prefixes_of(const ResourceId& subnet) const {
    AddressSet set;
    if (const auto index = network_.subnet_index(subnet)) {
        for (const Prefix& prefix : network_.subnets()[*index].subnet->prefixes) {
            set |= prefix.addresses();
        }
    }
    return of_family(set, family_);
}

/// Its address is nobody's whom the snapshot knows. Whether it has an IPv6 address is not known.
void ServiceWays::by_public_endpoint(const PaasEndpoint& endpoint) {
    AddressSet candidates = of_family(endpoint.candidates, family_);
    for (const Edges::PublicEntry& entry : network_.edges().public_entries()) {
        candidates -= entry.addresses;
    }
    candidates -= Filters::exempt_addresses();
    if (candidates.empty()) {
        return;
    }
    Goal goal = goal_;
    goal.targets.emplace();
    goal.aim = Aim{&endpoint, e_.facts.unknown_address(
                                  network_.about(FactKey::paas_address, endpoint.id.text()),
                                  family_, candidates)};
    const AddressTerm address = goal.aim->address;
    add(std::move(goal), address,
        family_ == Family::v4 ? Formula(true) : fact(FactKey::paas_ipv6, endpoint.id));
}

void ServiceWays::by_private_endpoint(const PrivateEndpoint& endpoint) {
    bool shown = false;  // by a NIC
    for (ConfigIndex i = 0; i < network_.configurations().size(); ++i) {
        const ConfigPlace& place = network_.configurations()[i];
        if (place.endpoint != &endpoint) {
            continue;
        }
        shown = true;
        Goal goal = goal_;
        goal.targets = std::vector<ConfigIndex>{i};
        if (const auto& address = place.configuration->address) {
            if (address->family == family_) {
                add(std::move(goal), e_.terms.constant(*address));
            }
        } else if (place.subnet != kNoIndex && place.configuration->family == family_) {
            const AddressSet space =
                prefixes_of(network_.subnets()[place.subnet].subnet->header.id);
            if (!space.empty()) {
                add(std::move(goal),
                    e_.facts.unknown_address(network_.about(FactKey::unknown_instance,
                                                            place.interface->header.id.text()),
                                             family_, space));
            }
        }
    }
    if (shown) {
        return;
    }
    for (const Address& address : endpoint.addresses) {
        if (address.family == family_) {
            add(goal_, e_.terms.constant(address));
        }
    }
    if (endpoint.addresses.empty() && endpoint.subnet) {
        const AddressSet space = prefixes_of(*endpoint.subnet);
        if (!space.empty()) {
            const Fact where = network_.about(FactKey::unmodelled, endpoint.header.id.text());
            add(goal_, e_.facts.unknown_address(where, family_, space),
                fact(FactKey::unmodelled, endpoint.header.id));
        }
    }
}

/// At an address of a subnet that no export shows.                          [PG-1] [RD-1] [AK-2]
void ServiceWays::by_subnet_of_its_own(const PaasEndpoint& endpoint) {
    for (const char* pointer :
         {"network/delegatedSubnetResourceId", "subnetId", "apiServerAccessProfile/subnetId"}) {
        const PaasSetting* setting = endpoint.resource->find(pointer);
        if (setting == nullptr) {
            continue;
        }
        const ResourceId subnet(setting->text);
        const AddressSet space = prefixes_of(subnet);
        if (!space.empty()) {
            const Fact where = network_.about(FactKey::unknown_instance, endpoint.id.text());
            add(goal_, e_.facts.unknown_address(where, family_, space),
                fact(FactKey::unmodelled, subnet));
        }
    }
}

/// Whoever is behind a stranger's private endpoint counts as the internet.                [PE-14]
void ServiceWays::by_strangers(const PaasEndpoint& endpoint) {
    if (family_ != Family::v4) {
        return;
    }
    for (const Residual& residual : residuals(network_, endpoint)) {
        if (residual.kind != Residual::Kind::foreign_endpoint ||
            network_.assumptions().owns(residual.who.subscription()) == true) {
            continue;
        }
        const GuardedServices ports =
            ports_of(network_, endpoint.service, endpoint.service ? endpoint.group : nullptr,
                     endpoint.resource, endpoint.resource->header.id, true);
        strangers_.emplace_back(bounds_of(ports).may,
                                fact(FactKey::foreign_endpoint, residual.who));
    }
}

}  // namespace azreach::solver
