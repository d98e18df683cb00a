// Public addresses and what they lead to.                                     [E1-E4] [N13] [E45]
#include <algorithm>

#include "models/network/edges_state.hpp"

namespace azreach {

namespace {

constexpr Uint128 kV6Bit = Uint128{1} << 127;  // v4 keys below, v6 keys (2000::/3) shifted above

Uint128 key_of(const Address& address) {
    return address.family == Family::v4 ? address.value : (address.value >> 1) | kV6Bit;
}

Translation instance_way(const Network& network, ConfigIndex config, const PublicIpAddress* ip,
                         const ResourceId& id) {
    Translation way;
    way.kind = Translation::Kind::instance_ip;
    way.config = config;
    way.accepts = ServiceSet::every();
    way.by = id;
    way.name = std::string(id.name());
    if (ip != nullptr) {
        way.where = ip->header.where;
        way.standard_closed = ip->sku != Sku::basic;
        way.basic_open = ip->sku == Sku::basic;
    } else {
        way.standard_closed = true;
    }
    const Ref& diverted = network.configurations()[config].configuration->gateway_load_balancer;
    if (diverted) {  // E13
        way.when = {{network.about(FactKey::unmodelled, diverted->text()), true}};
    }
    return way;
}

}  // namespace

void Edges::State::fill_public() {
    const Snapshot& snapshot = network.snapshot();
    std::map<ResourceId, std::vector<ConfigIndex>> configs_of_ip;
    for (ConfigIndex i = 0; i < network.configurations().size(); ++i) {
        const IpConfiguration& configuration = *network.configurations()[i].configuration;
        if (configuration.public_ip) {
            configs_of_ip[*configuration.public_ip].push_back(i);
        }
    }
    std::map<ResourceId, std::vector<ResourceId>> frontends_of_ip;
    std::map<ResourceId, std::vector<ResourceId>> frontends_of_prefix;
    for (const auto& [id, balancer] : snapshot.load_balancers) {
        for (const LbFrontend& frontend : balancer.frontends) {
            if (frontend.public_ip) {
                frontends_of_ip[*frontend.public_ip].push_back(frontend.id);
            }
            if (frontend.public_prefix) {
                frontends_of_prefix[*frontend.public_prefix].push_back(frontend.id);
            }
        }
    }
    const auto unmodelled = [&](const ResourceId& target, FactKey key) {
        Translation way;
        way.kind = key == FactKey::missing_resource ? Translation::Kind::unread
                                                    : Translation::Kind::unmodelled;
        way.accepts = ServiceSet::every();
        way.target = target;
        way.by = target;
        way.name = std::string(target.name());
        return way;
    };

    for (const auto& [id, ip] : snapshot.public_ips) {
        PublicEntry entry;
        entry.public_ip = id;
        entry.address_known = ip.address.has_value();
        if (ip.address) {
            entry.addresses = AddressSet::single(*ip.address);
        }
        std::vector<ConfigIndex> configs = configs_of_ip[id];
        if (ip.ip_configuration) {
            if (const auto config = network.configuration_index(*ip.ip_configuration)) {
                if (std::find(configs.begin(), configs.end(), *config) == configs.end()) {
                    configs.push_back(*config);
                }
            }
        }
        for (const ConfigIndex config : configs) {
            entry.ways.push_back(instance_way(network, config, &ip, id));
            entry.ways.back().choice_group = next_choice_group++;
        }
        std::vector<ResourceId> fronts = frontends_of_ip[id];
        if (ip.ip_configuration && frontends.contains(*ip.ip_configuration) &&
            std::find(fronts.begin(), fronts.end(), *ip.ip_configuration) == fronts.end()) {
            fronts.push_back(*ip.ip_configuration);
        }
        for (const ResourceId& frontend : fronts) {
            const auto ways = by_frontend.find(frontend);
            if (ways != by_frontend.end()) {
                entry.ways.insert(entry.ways.end(), ways->second.begin(), ways->second.end());
            }
            entry.balancer = frontend.parent();
            if (const auto found = frontends.find(frontend); found != frontends.end()) {
                entry.balancer = found->second.first->header.id;
            }
        }
        if (configs.empty() && fronts.empty() && ip.ip_configuration) {
            const ResourceId owner = ip.ip_configuration->parent();
            const std::string type = ip.ip_configuration->type();
            const bool nic = equal_ignoring_case(type.substr(0, 34),
                                                 "Microsoft.Network/networkInterfaces");
            const bool known = snapshot.gateways.contains(owner) ||
                               snapshot.bastions.contains(owner) || snapshot.others.contains(owner);
            (void)nic;
            entry.ways.push_back(unmodelled(
                owner.empty() ? *ip.ip_configuration : owner,
                known ? FactKey::unmodelled : FactKey::missing_resource));
        }
        entries.push_back(std::move(entry));
    }
    // Addresses of prefixes in use by load balancers.
    for (const auto& [id, fronts] : frontends_of_prefix) {
        PublicEntry entry;
        entry.public_ip = id;
        const auto prefix = snapshot.public_ip_prefixes.find(id);
        if (prefix != snapshot.public_ip_prefixes.end() && prefix->second.prefix) {
            entry.addresses = prefix->second.prefix->addresses();
        }
        entry.address_known = !entry.addresses.empty();
        for (const ResourceId& frontend : fronts) {
            const auto ways = by_frontend.find(frontend);
            if (ways != by_frontend.end()) {
                entry.ways.insert(entry.ways.end(), ways->second.begin(), ways->second.end());
            }
            entry.balancer = frontends.at(frontend).first->header.id;
        }
        entries.push_back(std::move(entry));
    }
    // Referenced and not read: the address is unknown, the way in is not.
    for (const auto& [id, configs] : configs_of_ip) {
        if (configs.empty() || snapshot.public_ips.contains(id)) {
            continue;
        }
        PublicEntry entry;
        entry.public_ip = id;
        entry.address_known = false;
        for (const ConfigIndex config : configs) {
            Translation way = instance_way(network, config, nullptr, id);
            way.when.push_back({network.about(FactKey::missing_resource, id.text()), true});
            way.choice_group = next_choice_group++;
            entry.ways.push_back(std::move(way));
        }
        entries.push_back(std::move(entry));
    }
    for (const auto& [id, fronts] : frontends_of_ip) {
        if (fronts.empty() || snapshot.public_ips.contains(id)) {
            continue;
        }
        PublicEntry entry;
        entry.public_ip = id;
        entry.address_known = false;
        for (const ResourceId& frontend : fronts) {
            const auto ways = by_frontend.find(frontend);
            for (Translation way : ways->second) {
                way.when.push_back({network.about(FactKey::missing_resource, id.text()), true});
                entry.ways.push_back(std::move(way));
            }
            entry.balancer = frontends.at(frontend).first->header.id;
        }
        entries.push_back(std::move(entry));
    }

    for (std::size_t i = 0; i < entries.size(); ++i) {
        for (const auto& range : entries[i].addresses.v4.ranges()) {
            entry_ranges.push_back({{Uint128{range.first}, Uint128{range.last}}, i});
        }
        for (const auto& range : entries[i].addresses.v6.ranges()) {
            entry_ranges.push_back(
                {{key_of(Address::v6(range.first)), key_of(Address::v6(range.last))}, i});
        }
        std::vector<ConfigIndex> targets;
        for (const Translation& way : entries[i].ways) {
            if (way.config != kNoIndex &&
                std::find(targets.begin(), targets.end(), way.config) == targets.end()) {
                targets.push_back(way.config);
                entries_to[way.config].push_back(i);
            }
        }
    }
    std::sort(entry_ranges.begin(), entry_ranges.end());
}

const std::vector<Edges::PublicEntry>& Edges::public_entries() const { return state_->entries; }

const Edges::PublicEntry* Edges::public_entry(const Address& address) const {
    const Uint128 key = key_of(address);
    const auto& ranges = state_->entry_ranges;
    auto after = std::upper_bound(ranges.begin(), ranges.end(), key,
                                  [](Uint128 k, const auto& item) { return k < item.first.first; });
    while (after != ranges.begin()) {
        --after;
        if (after->first.last >= key) {
            const PublicEntry& entry = state_->entries[after->second];
            if (entry.addresses.contains(address)) {
                return &entry;
            }
        }
        if (after->first.first != key) {
            // Ranges are hosts or prefixes and nearly never nest: one further look suffices for a
            // host inside a prefix.
            if (after == ranges.begin() || std::prev(after)->first.last < key) {
                break;
            }
        }
    }
    return nullptr;
}

std::vector<const Edges::PublicEntry*> Edges::public_entries_to(std::uint32_t config) const {
    std::vector<const PublicEntry*> result;
    const auto found = state_->entries_to.find(config);
    if (found != state_->entries_to.end()) {
        for (const std::size_t index : found->second) {
            result.push_back(&state_->entries[index]);
        }
    }
    return result;
}

const AddressSet& Edges::internet_space() {
    static const AddressSet kSpace = [] {
        AddressSet space = AddressSet::all(Family::v4);
        for (const char* special :
             {"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16",
              "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/3", "168.63.129.16/32"}) {
            space -= parse_prefix(special)->prefix.addresses();
        }
        space |= parse_prefix("2000::/3")->prefix.addresses();
        return space;
    }();
    return kSpace;
}

}  // namespace azreach
