// The public endpoint of a PaaS resource: its ports, then whom its own firewall admits.
//
// Its address is in no file: it is one word, a part of the world, among the candidates. Whoever
// comes from somewhere that no file shows has such a word as his source.          [P-6] [SE-3] [T7]
#include "solver/encode_walk.hpp"

namespace azreach::solver {

namespace {

Topic of_admission() {
    Topic topic;
    topic.kind = Topic::Kind::admission;
    return topic;
}

}  // namespace

bool WalkEncoder::aimed(const PacketTerm& packet, const Way& way) const {
    return goal_.aim && way.request == nullptr &&
           packet.dst.word.key() == goal_.aim->address.word.key();
}

std::string WalkEncoder::region_of(SubnetIndex subnet) const {
    return subnet == kNoIndex ? std::string()
                              : folded_region(network_.subnets()[subnet].vnet->header.location);
}

/// match:  the packet is at the public endpoint
/// result: it listens there, and the first step of its firewall that matches allows
Formula WalkEncoder::admitted(const PacketTerm& packet, const Entrance& entrance) {
    const PaasEndpoint& endpoint = *goal_.aim->endpoint;
    const Formula listens = e_.filters.member(endpoint.ports, packet.service, false);
    if (listens.is(false)) {
        return false;
    }
    const std::vector<AdmissionStep> steps = admission(network_, endpoint, entrance);
    Formula allows = false;
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        std::vector<Formula> sources;
        for (const Guarded<AddressSet>& part : step->sources) {
            const Formula inside = terms_.in(packet.src, part.set);
            if (!inside.is(false)) {
                sources.push_back(inside && facts_.holds(part.when, of_admission()));
            }
        }
        const Formula here = facts_.holds(step->when, of_admission()) && any_of(sources);
        allows = if_then_else(here, step->allow, allows);
    }
    return listens && allows;
}

/// match:  it left what was read, and may come to the endpoint from any internet address
Formula WalkEncoder::admitted_unseen(const PacketTerm& packet, const Entrance& entrance) {
    PacketTerm somehow = packet;
    somehow.dst = goal_.aim->address;
    somehow.src = facts_.unknown_address(
        network_.about(FactKey::unread_neighbour, "source at " + goal_.aim->endpoint->id.text()),
        packet.dst.family, Edges::internet_space());
    return admitted(somehow, entrance);
}

/// match:  next hop: the service itself, from an emitter's subnet
/// result: admitted as that subnet; one that forwards lends its place                [SE-3] [SE-6]
Formula WalkEncoder::admitted_from_subnet(const Emitter& emitter, const PacketTerm& packet) {
    Entrance entrance;
    entrance.kind = Entrance::Kind::service_endpoint;
    entrance.subnet = emitter.subnet;
    entrance.region = region_of(emitter.subnet);
    const auto as = [&](bool lent) {
        entrance.lent = lent;
        return admitted(packet, entrance);
    };
    if (emitter.forwarded.is(false) || emitter.forwarded.is(true)) {
        return as(emitter.forwarded.is(true));
    }
    return if_then_else(emitter.forwarded, as(true), as(false));
}

/// match:  by a way out to the internet, with one of these sources
Formula WalkEncoder::admitted_from_outside(const Emitter& emitter,
                                           const std::vector<AddressTerm>& sources,
                                           const PacketTerm& packet, const Way& way) {
    Entrance entrance;
    entrance.kind = Entrance::Kind::azure;
    entrance.region = region_of(emitter.subnet);
    std::vector<Alternative> ways;
    for (const AddressTerm& source : sources) {
        PacketTerm sent = packet;
        sent.src = source;
        const Formula in = admitted(sent, entrance);
        ways.push_back({true, in.is(false) || goal_.end == Goal::End::arrives
                                  ? in
                                  : in && answer_from_internet(emitter, sent, way)});
    }
    return choose(ways, false);
}

}  // namespace azreach::solver
