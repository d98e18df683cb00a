#include "src/engine/every_address.hpp"

#include <algorithm>
#include <set>

namespace azreach {

namespace {

constexpr std::size_t kMostCases = 64;
constexpr int kLargestSubnet = 16;  // "/16": free addresses are looked for one by one

/// One NIC of the question whose address is not known: the addresses to try, a list a part.
struct Open {
    ConfigIndex config = kNoIndex;
    SubnetIndex subnet = kNoIndex;
    std::vector<std::vector<Address>> parts;
};

bool is_contested(const Subnet& subnet) {
    return subnet.header.contested.contains("addressPrefix") ||
           subnet.header.contested.contains("addressPrefixes");
}

class Cases {
public:
    Cases(const Network& network, const Endpoints& endpoints,
          const std::function<Landmarks()>& read_landmarks, std::string_view from,
          std::string_view to)
        : network_(network), read_landmarks_(read_landmarks) {
        const ResolvedEndpoint source = endpoints.resolve(from);
        const ResolvedEndpoint target = endpoints.resolve(to);
        possible_ = find(source, from_) && find(target, to_) && find_public(source, target);
        possible_ = possible_ && !(from_ && to_ && from_->config == to_->config);
        something_ = from_ || to_ || !public_ips_.empty();
    }
    bool possible() const { return possible_ && something_; }

    /// Calls `each(snapshot)` for every case until it says no; false if it did, or there are too
    /// many.
    template <class Each>
    bool all(const Each& each) const {
        const std::vector<std::vector<Address>> once = {{}};
        const auto& sources = from_ ? from_->parts : once;
        const auto& targets = to_ ? to_->parts : once;
        if (sources.size() * targets.size() > kMostCases) {
            return false;
        }
        bool some = false;
        for (const std::vector<Address>& source : sources) {
            for (const std::vector<Address>& target : targets) {
                Snapshot snapshot = network_.snapshot();
                std::optional<Address> taken;
                if (from_) {
                    taken = source.front();
                    assign(snapshot, from_->config, *taken);
                }
                if (to_) {
                    Address address = target.front();
                    if (taken && address == *taken && from_->subnet == to_->subnet) {
                        if (target.size() < 2) {
                            continue;  // one address, and two who want it
                        }
                        address = target[1];
                    }
                    assign(snapshot, to_->config, address);
                }
                for (std::size_t i = 0; i < public_ips_.size(); ++i) {
                    snapshot.public_ips.at(public_ips_[i]).address = stand_ins_[i];
                }
                some = true;
                if (!each(snapshot)) {
                    return false;
                }
            }
        }
        return some;
    }

private:
    void assign(Snapshot& snapshot, ConfigIndex config, const Address& address) const {
        const ConfigPlace& place = network_.configurations()[config];
        for (IpConfiguration& one :
             snapshot.interfaces.at(place.interface->header.id).configurations) {
            if (one.id == place.configuration->id) {
                one.address = address;
            }
        }
    }

    /// The one configuration of the endpoint without an address; false when it cannot be tried.
    bool find(const ResolvedEndpoint& endpoint, std::optional<Open>& open) {
        for (const ConfigIndex config : endpoint.configs) {
            const ConfigPlace& place = network_.configurations()[config];
            if (place.configuration->address) {
                continue;
            }
            if (open || place.subnet == kNoIndex || place.endpoint != nullptr ||
                place.configuration->family != Family::v4 ||
                !network_.snapshot().interfaces.contains(place.interface->header.id) ||
                is_contested(*network_.subnets()[place.subnet].subnet)) {
                return false;
            }
            open = Open{config, place.subnet, {}};
            for (const Prefix& prefix : network_.subnets()[place.subnet].subnet->prefixes) {
                if (prefix.family() != Family::v4) {
                    continue;
                }
                if (prefix.length() < kLargestSubnet) {
                    return false;
                }
                for (auto& part : landmarks().parts_of(
                         prefix, [&](const Address& a) { return is_free(place.subnet, a); })) {
                    open->parts.push_back(std::move(part));
                }
            }
            if (open->parts.empty()) {
                return false;
            }
        }
        return true;
    }

    bool is_free(SubnetIndex subnet, const Address& address) const {
        const std::vector<Owner> owners =
            network_.edges().owners(network_.subnets()[subnet].vnet_index, address);
        return std::all_of(owners.begin(), owners.end(), [](const Owner& owner) {
            return owner.kind == Owner::Kind::nobody || owner.kind == Owner::Kind::unknown;
        });
    }

    /// Public addresses that Azure gives on deployment, asked for from the internet alone. What
    /// stands in for them must not be looked at by anything: no firewall, no floating IP.
    bool find_public(const ResolvedEndpoint& source, const ResolvedEndpoint& target) {
        if (!source.internet || !source.configs.empty() || source.onprem) {
            return true;  // others ask for private addresses
        }
        std::set<ResourceId> seen;
        for (const ConfigIndex config : target.configs) {
            for (const Edges::PublicEntry* entry : network_.edges().public_entries_to(config)) {
                if (entry->address_known || !entry->addresses.empty() ||
                    !seen.insert(entry->public_ip).second) {
                    continue;
                }
                const auto ip = network_.snapshot().public_ips.find(entry->public_ip);
                const bool planned = ip != network_.snapshot().public_ips.end() &&
                                     network_.snapshot().symbols.contains(entry->public_ip) &&
                                     ip->second.family == Family::v4;
                const bool plain =
                    std::all_of(entry->ways.begin(), entry->ways.end(), [](const Translation& way) {
                        return (way.kind == Translation::Kind::instance_ip ||
                                way.kind == Translation::Kind::lb_rule ||
                                way.kind == Translation::Kind::nat_rule) &&
                               !way.floating_ip;
                    });
                const auto stand_in = unused();
                if (!planned || !plain || !stand_in) {
                    return false;
                }
                public_ips_.push_back(entry->public_ip);
                stand_ins_.push_back(*stand_in);
            }
        }
        return true;
    }

    /// An address for documentation (RFC 5737) that nobody has.
    std::optional<Address> unused() {
        const Prefix block = parse_prefix("203.0.113.0/24")->prefix;
        for (const auto& part : landmarks().parts_of(block, [&](const Address& address) {
                 return network_.edges().public_entry(address) == nullptr &&
                        std::find(stand_ins_.begin(), stand_ins_.end(), address) ==
                            stand_ins_.end();
             })) {
            return part.front();
        }
        return std::nullopt;
    }

    const Landmarks& landmarks() {
        if (!landmarks_) {
            landmarks_ = read_landmarks_();
        }
        return *landmarks_;
    }

    const Network& network_;
    const std::function<Landmarks()>& read_landmarks_;
    std::optional<Landmarks> landmarks_;
    std::optional<Open> from_, to_;
    std::vector<ResourceId> public_ips_;
    std::vector<Address> stand_ins_;
    bool possible_ = false, something_ = false;
};

bool is_decided(QueryVerdict verdict) {
    return verdict == QueryVerdict::reachable || verdict == QueryVerdict::blocked ||
           verdict == QueryVerdict::one_way;
}

}  // namespace

void Landmarks::add_from(std::string_view text) {
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t at = 0; at < text.size();) {
        if (!digit(text[at])) {
            ++at;
            continue;
        }
        std::string token;
        std::size_t dots = 0;
        while (at < text.size()) {
            const char c = text[at];
            if (c == '\\' && at + 1 < text.size() && text[at + 1] == '/') {
                ++at;  // JSON may escape a slash
                continue;
            }
            if (!digit(c) && c != '.' && c != '/') {
                break;
            }
            dots += c == '.' ? 1U : 0U;
            token += c;
            ++at;
        }
        if (dots < 3) {
            continue;
        }
        while (!token.empty() && !digit(token.back())) {
            token.pop_back();
        }
        if (const auto parsed = parse_prefix(token);
            parsed && parsed->prefix.family() == Family::v4) {
            starts_.push_back(static_cast<std::uint32_t>(parsed->prefix.first().value));
            const auto last = static_cast<std::uint32_t>(parsed->prefix.last().value);
            if (last != 0xFFFFFFFFU) {
                starts_.push_back(last + 1);
            }
        }
    }
}

void Landmarks::sort() {
    std::sort(starts_.begin(), starts_.end());
    starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
}

std::optional<QueryAnswer> answer_for_every_address(
    const Network& network, const Endpoints& endpoints, const std::function<Landmarks()>& landmarks,
    std::string_view from, std::string_view to, std::string_view service_text,
    const ServiceSet& service, const TraceOptions& options) {
    const Cases cases(network, endpoints, landmarks, from, to);
    if (!cases.possible()) {
        return std::nullopt;
    }
    std::optional<QueryAnswer> answer;
    const bool agree = cases.all([&](const Snapshot& snapshot) {
        const Network one(snapshot, network.assumptions());
        const Reachability reachability(one);
        const Endpoints names(one);
        QueryAnswer next =
            query(one, reachability, names, from, to, service_text, service, options);
        if (!is_decided(next.verdict) || (answer && answer->verdict != next.verdict)) {
            return false;
        }
        if (!answer) {
            answer = std::move(next);
            answer->depends_on.clear();  // facts of another network; decided is decided
        }
        return true;
    });
    if (!agree) {
        return std::nullopt;
    }
    answer->note = answer->note.empty()
                       ? "for every address that Azure may give; those shown are examples"
                       : answer->note;
    return answer;
}

}  // namespace azreach
