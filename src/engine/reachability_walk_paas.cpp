// The set walk at the public endpoint of a PaaS resource.
//
// Destinations are the candidates for its address; what is admitted stands in the service's
// coordinates and is collapsed over the candidates by the caller: what every candidate delivers is
// sure, what some candidate delivers is possible.
#include <algorithm>

#include "src/engine/reachability_walk_parts.hpp"

namespace azreach {

Cells SetWalk::to_service(const PaasEndpoint& endpoint, std::uint8_t entries,
                          const std::function<Cells(const WalkQuestion&, const AddressSet&)>& walk,
                          ServiceId services) {
    static const std::vector<ConfigIndex> kNobody;
    WalkQuestion question;
    question.targets = &kNobody;
    question.paas = &endpoint;
    question.paas_entries = entries;
    question.as_delivered = services;
    public_space();
    const AddressSet candidates =
        endpoint.candidates - public_addresses_ - Filters::exempt_addresses();
    Cells result;
    for (const Family family : {Family::v4, Family::v6}) {
        const AddressSet from = of_family(candidates, family);
        if (from.empty()) {
            continue;
        }
        const AddressSet named = AddressSet::single({family, 0});
        Cells cells = algebra_.merged(walk(question, from));
        for (Cell& cell : cells) {
            std::swap(cell.src, cell.dst);
        }
        cells = algebra_.collapsed_sources(std::move(cells), from, named, false);
        for (Cell& cell : cells) {
            std::swap(cell.src, cell.dst);
        }
        if (family == Family::v6) {
            algebra_.weaken(cells);  // whether it has such an address is not known
        }
        append(result, algebra_.merged(std::move(cells)));
    }
    return result;
}

Cells SetWalk::admitted(const Region& region, const Entrance& entrance, const Way& way) {
    const std::uint8_t entry = entrance.kind == Entrance::Kind::service_endpoint
                                   ? WalkQuestion::kByServiceEndpoint
                                   : WalkQuestion::kByPublic;
    if (way.reply() || (way.question->paas_entries & entry) == 0 || region.src.empty()) {
        return {};
    }
    const PaasEndpoint& endpoint = *way.question->paas;
    const Bounds<ServiceSet> ports = bounds_of(endpoint.ports);
    Region open = region;
    open.services = pool_.intersect(region.services, pool_.intern(ports.may));
    Cells cells = admitted_by(admission(network_, endpoint, entrance), 0, open, way);
    algebra_.restrict(cells, pool_.intern(ports.must), pool_.intern(ports.may));
    return cells;
}

/// Steps from `next` on; the first that matches decides.                                       [Z3]
Cells SetWalk::admitted_by(const std::vector<AdmissionStep>& steps, std::size_t next, Region region,
                           const Way& way) {
    Cells result;
    for (; next < steps.size() && !region.src.empty(); ++next) {
        const AdmissionStep& step = steps[next];
        const Bounds<AddressSet> sources = bounds_of(step.sources);
        Region inside = region;
        inside.src &= sources.may;
        if (inside.src.empty()) {
            continue;
        }
        region.src -= inside.src;
        Region sure = inside;
        if (step.when.empty()) {
            sure.src &= sources.must;
        } else {
            sure.src = {};
        }
        const auto decided = [&](const Region& part) {
            return step.allow ? delivered(part, {EndPlace::Kind::internet, 0}, way) : Cells{};
        };
        if (!sure.src.empty()) {
            append(result, decided(sure));
        }
        inside.src -= sure.src;
        if (!inside.src.empty()) {
            append(result, algebra_.either_fact(decided(inside),
                                                admitted_by(steps, next + 1, inside, way)));
        }
    }
    return result;
}

Cells SetWalk::admitted_unseen(const Region& region, const Way& way) {
    Entrance entrance;
    entrance.kind = Entrance::Kind::unknown;
    Cells cells = admitted_from_anywhere(region, entrance, way);
    algebra_.weaken(cells);
    return cells;
}

Cells SetWalk::admitted_from_anywhere(const Region& region, const Entrance& entrance,
                                      const Way& way) {
    const AddressSet anywhere = of_family(Edges::internet_space(), family_of(region.dst));
    return algebra_.collapsed_sources(
        admitted({anywhere, region.dst, region.services}, entrance, way), anywhere, region.src,
        false);
}

/// Who sent it is the emitter's network: its region is what same-region rules ask for.
std::string SetWalk::region_of(SubnetIndex subnet) const {
    return subnet == kNoIndex ? std::string()
                              : folded_region(network_.subnets()[subnet].vnet->header.location);
}

}  // namespace azreach
