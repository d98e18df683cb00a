#include "models/net/packet.hpp"

#include <utility>

namespace azreach {

Packet reply_to(const Packet& packet) {
    Packet reply = packet;
    std::swap(reply.src, reply.dst);
    Service& service = reply.service;
    if (has_ports(service.protocol)) {
        std::swap(service.a, service.b);
    } else if (service.protocol == kIcmp && (service.a == 8 || service.a == 0)) {
        service.a = service.a == 8 ? 0 : 8;
    } else if (service.protocol == kIcmpv6 && (service.a == 128 || service.a == 129)) {
        service.a = service.a == 128 ? 129 : 128;
    }
    return reply;
}

}  // namespace azreach
