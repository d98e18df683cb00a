// The oracle, the trace and the packet sets on generated networks of the network layer.
#include "tests/differential/agreement.hpp"

using namespace azreach;

TEST_CASE("oracle and trace agree on generated networks", "[differential][Z1][Z2][Z4]") {
    differential::compare_trace(oracle::generate);
}

TEST_CASE("packet sets bound the oracle on generated networks", "[differential][Z1][Z2][Z3][Z4]") {
    differential::compare_sets(oracle::generate);
}
