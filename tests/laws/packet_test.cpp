// Replies: exchanging twice is exchanging nothing.
#include "models/net/packet.hpp"

#include "tests/laws/law.hpp"

namespace azreach::laws {

TEST_CASE("the reply to the reply is the packet", "[packet]") {
    Law twice("reply_to(reply_to(p)) == p"), addresses("addresses exchanged"),
        service("ports exchanged, echo and its reply exchanged, all else as it was");
    for (unsigned protocol = 0; protocol < 256; ++protocol) {
        const auto p = static_cast<Protocol>(protocol);
        const unsigned most = has_icmp_type(p) ? 255 : has_ports(p) ? 300 : 0;
        for (unsigned a = 0; a <= most; ++a) {
            for (const unsigned b : {0U, most / 2, most}) {
                const Packet packet{
                    Address::v4(1),
                    Address::v4(2),
                    {p, static_cast<std::uint16_t>(a), static_cast<std::uint16_t>(b)}};
                const Packet reply = reply_to(packet);
                const auto what = [&] { return std::to_string(p) + " " + std::to_string(a); };
                twice.holds(reply_to(reply) == packet, what);
                addresses.holds(reply.src == packet.dst && reply.dst == packet.src, what);
                Service expected = packet.service;
                switch (protocol) {
                    case 6:
                    case 17:
                        expected = {p, packet.service.b, packet.service.a};
                        break;
                    case 1:
                        expected.a = a == 8 ? 0 : a == 0 ? 8 : expected.a;
                        break;
                    case 58:
                        expected.a = a == 128 ? 129 : a == 129 ? 128 : expected.a;
                        break;
                    default:
                        break;
                }
                service.holds(reply.service == expected, what);
            }
        }
    }
}

}  // namespace azreach::laws
