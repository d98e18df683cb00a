// Whole answers by Z3 and by the packet sets on generated networks: questions to PaaS endpoints by
// every way.
//
//   AZREACH_SEEDS=FIRST-LAST  which seeds.
#include <iostream>

#include "src/engine/query_proof.hpp"
#include "tests/differential/agreement.hpp"

#ifdef AZREACH_PROVER_MODULE

namespace azreach::differential {

TEST_CASE("Z3 answers questions to PaaS endpoints as the packet sets do",
          "[differential][solver]") {
    Seeds range = seeds();
    if (std::getenv("AZREACH_SEEDS") == nullptr) {
        range.last = 4;
    }
    std::size_t asked = 0;
    std::size_t sharper = 0;
    std::map<std::string, std::size_t> verdicts;
    for (std::uint64_t seed = range.first; seed <= range.last; ++seed) {
        const oracle::Generated generated = oracle::generate(seed);
        const Imported imported = import(generated, seed);
        for (const auto& [name, assumptions] : worlds(generated)) {
            const Network network(imported.snapshot, assumptions);
            const Reachability reachability(network);
            const Endpoints endpoints(network);
            const auto prover = solver::load_prover(network, AZREACH_PROVER_MODULE);
            std::vector<std::string> sources{"internet", "onprem"};
            for (const Endpoint& endpoint : endpoints.all()) {
                if (endpoint.kind == "subnet" || (endpoint.kind == "vm" && sources.size() < 6)) {
                    sources.push_back(endpoint.use);
                }
            }
            for (const PaasEndpoint& to : network.paas().endpoints()) {
                const std::string destination = to.name;
                for (std::size_t i = seed % 2; i < sources.size(); i += 2) {
                    const std::string& from = sources[i];
                    for (const char* text : {"tcp/443", "any"}) {
                        const ServiceSet service = *parse_service(text);
                        INFO("seed " << seed << " " << name << ": " << from << " -> " << destination
                                     << " " << text);
                        QueryAnswer sets = query(network, reachability, endpoints, from,
                                                 destination, text, service);
                        const QueryAnswer z3 = query_by_prover(network, endpoints, *prover, from,
                                                               destination, text, service, {}, {});
                        ++asked;
                        ++verdicts[std::string(to_string(z3.verdict))];
                        CHECK(z3.proof.status == "proved");
                        CHECK_NOTHROW(compare(sets, z3));
                        sharper += sets.proof.status == "sharper" ? 1U : 0U;
                    }
                }
            }
        }
    }
    std::cout << "proof: seeds " << range.first << "-" << range.last << ", " << asked
              << " questions to PaaS endpoints, " << sharper << " sharper:";
    for (const auto& [verdict, count] : verdicts) std::cout << " " << count << " " << verdict;
    std::cout << "\n";
    CHECK(asked > 0);
}

}  // namespace azreach::differential

#endif
