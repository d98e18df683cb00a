#include "tests/bench/tenant_plan.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace azreach::tenant {
namespace {

struct Place {
    std::string_view location;
    std::string_view code;
};
constexpr std::array<Place, 10> kPlaces = {{{"westeurope", "weu"},
                                            {"northeurope", "neu"},
                                            {"eastus", "eus"},
                                            {"westus2", "wus2"},
                                            {"southeastasia", "sea"},
                                            {"australiaeast", "aue"},
                                            {"uksouth", "uks"},
                                            {"japaneast", "jpe"},
                                            {"brazilsouth", "brs"},
                                            {"canadacentral", "cac"}}};

constexpr unsigned kMaxNics = 300'000;
constexpr unsigned kMaxSpokesPerRegion = 15;

unsigned divide_up(unsigned value, unsigned by) { return (value + by - 1) / by; }

std::string address(unsigned second, unsigned third, unsigned fourth) {
    return fmt::format("10.{}.{}.{}", second, third, fourth);
}

unsigned second_octet(const Spoke& spoke) { return spoke.region * 16 + 1 + spoke.index; }

}  // namespace

Random::Random(std::uint64_t seed, std::string_view purpose, std::uint64_t index) : state_(seed) {
    for (const char character : purpose) {
        state_ = next() ^ static_cast<unsigned char>(character);
    }
    state_ = next() ^ index;
    next();
}

std::uint64_t Random::next() {
    state_ += 0x9e3779b97f4a7c15;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    return mixed ^ (mixed >> 31);
}

std::uint32_t Random::below(std::uint32_t bound) {
    return static_cast<std::uint32_t>(((next() >> 32) * bound) >> 32);
}

std::uint32_t Random::between(std::uint32_t low, std::uint32_t high) {
    return low + below(high - low + 1);
}

Plan make_plan(std::uint64_t seed, unsigned nics) {
    if (nics == 0 || nics > kMaxNics) {
        throw std::invalid_argument(fmt::format("NICs: {}, expected 1 to {}", nics, kMaxNics));
    }
    Plan plan{.seed = seed, .nics = nics};
    const unsigned regions =
        std::min<unsigned>(static_cast<unsigned>(kPlaces.size()), 2 + nics / 5000);
    const unsigned subnets = std::max(16 + nics / 100, regions);
    for (unsigned r = 0; r < regions; ++r) {
        plan.regions.push_back(
            {.index = r,
             .location = kPlaces[r].location,
             .code = kPlaces[r].code,
             .subscription = fmt::format("{:08x}-0000-4000-8000-{:012x}", 0xa2e00000U + r,
                                         Random(seed, "subscription", r).next() & 0xffffffffffffU),
             .group = fmt::format("rg-net-{}", kPlaces[r].code)});
    }
    plan.nic_groups_per_region = divide_up(4 + nics / 1000, regions);

    unsigned subnet = 0;
    for (unsigned r = 0; r < regions; ++r) {
        const unsigned in_region = (subnets * (r + 1)) / regions - (subnets * r) / regions;
        const unsigned spokes = std::clamp(divide_up(in_region, 8), 1U, kMaxSpokesPerRegion);
        for (unsigned s = 0; s < spokes; ++s) {
            Spoke spoke{.region = r,
                        .index = s,
                        .first_subnet = subnet,
                        .subnets = 0,
                        .default_route = s % 4 == 3};
            spoke.subnets = (in_region * (s + 1)) / spokes - (in_region * s) / spokes;
            for (unsigned n = 0; n < spoke.subnets; ++n, ++subnet) {
                const auto first = static_cast<unsigned>(std::uint64_t{nics} * subnet / subnets);
                const auto end =
                    static_cast<unsigned>(std::uint64_t{nics} * (subnet + 1) / subnets);
                plan.subnets.push_back({.spoke = static_cast<unsigned>(plan.spokes.size()),
                                        .index = n,
                                        .first_nic = first,
                                        .nics = end - first});
            }
            plan.spokes.push_back(spoke);
        }
    }
    return plan;
}

std::string region_prefix(unsigned region) { return address(region * 16, 0, 0) + "/12"; }

std::string hub_prefix(unsigned region) { return address(region * 16, 0, 0) + "/16"; }

std::string appliance_address(unsigned region) { return address(region * 16, 1, 4); }

std::string spoke_prefix(const Spoke& spoke) { return address(second_octet(spoke), 0, 0) + "/16"; }

std::string subnet_prefix(const Plan& plan, const Subnet& subnet) {
    return address(second_octet(plan.spokes[subnet.spoke]), subnet.index, 0) + "/24";
}

std::string host_address(const Plan& plan, const Subnet& subnet, unsigned host) {
    return address(second_octet(plan.spokes[subnet.spoke]), subnet.index, 4 + host);
}

std::string site_prefix(unsigned site) { return fmt::format("172.20.{}.0/24", site); }

std::string resource_id(const Region& region, std::string_view type, std::string_view name) {
    return fmt::format("/subscriptions/{}/resourceGroups/{}/providers/{}/{}", region.subscription,
                       region.group, type, name);
}

std::string hub_name(const Region& region) { return fmt::format("vnet-{}-hub", region.code); }

std::string spoke_name(const Plan& plan, const Spoke& spoke) {
    return fmt::format("vnet-{}-s{:02}", plan.regions[spoke.region].code, spoke.index);
}

std::string subnet_name(const Subnet& subnet) { return fmt::format("snet-{:02}", subnet.index); }

std::string workload_name(const Plan& plan, const Subnet& subnet, unsigned host) {
    const Spoke& spoke = plan.spokes[subnet.spoke];
    return fmt::format("{}-s{:02}-n{:02}-{:03}", plan.regions[spoke.region].code, spoke.index,
                       subnet.index, host);
}

const Region& region_of(const Plan& plan, const Subnet& subnet) {
    return plan.regions[plan.spokes[subnet.spoke].region];
}

}  // namespace azreach::tenant
