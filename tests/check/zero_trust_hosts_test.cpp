// Hosts that no export shows, on fixtures/networks/zero-trust.
#include "src/arm/import.hpp"
#include "src/engine/query.hpp"
#include "tests/support/catch.hpp"

using namespace azreach;

namespace {

struct ZeroTrust {
    explicit ZeroTrust(Assumptions assumptions = Assumptions(Reading::strict))
        : imported(import_paths({AZREACH_ROOT_DIR "/fixtures/networks/zero-trust"})),
          network(imported.snapshot, std::move(assumptions)),
          reachability(network),
          endpoints(network) {}
    QueryAnswer ask(const std::string& from, const std::string& to, const std::string& service,
                    const TraceOptions& options = {}) const {
        return query(network, reachability, endpoints, from, to, service, *parse_service(service),
                     options);
    }
    Imported imported;
    Network network;
    Reachability reachability;
    Endpoints endpoints;
};

}  // namespace

TEST_CASE("hosts of a Bastion are unknown senders, but not past the groups", "[E46]") {
    const ZeroTrust asked;
    // tcp/22 is closed by the group of the application tier, for whoever sends.
    CHECK(asked.ask("subnet:AzureBastionSubnet", "vm-app-01", "tcp/22").verdict ==
          QueryVerdict::blocked);
    // tcp/443 is open to the virtual network, but the Bastion's own group lets it out to 22, 3389.
    CHECK(asked.ask("subnet:AzureBastionSubnet", "vm-app-01", "tcp/443").verdict ==
          QueryVerdict::blocked);
    Assumptions jit(Reading::strict);
    REQUIRE_FALSE(jit.state("jit", "open", "test"));
    const ZeroTrust opened(jit);
    const QueryAnswer open = opened.ask("subnet:AzureBastionSubnet", "vm-app-01", "tcp/22");
    CHECK(open.verdict == QueryVerdict::unknown);
    REQUIRE(open.depends_on.size() == 1);
    CHECK(opened.network.facts().subject(open.depends_on.front()).ends_with("bas-hub"));
    CHECK(opened.ask("vnet-hub", "vm-app-01", "tcp/22").verdict == QueryVerdict::unknown);
    CHECK(asked.ask("vnet-hub", "vm-app-01", "tcp/22").verdict == QueryVerdict::blocked);
    CHECK(opened.ask("vm-web-01", "vm-app-01", "tcp/22").verdict == QueryVerdict::blocked);
}
