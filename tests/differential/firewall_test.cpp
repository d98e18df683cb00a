// The same on networks with firewalls.
#include "tests/differential/agreement.hpp"

using namespace azreach;

TEST_CASE("oracle and trace agree on networks with firewalls", "[differential][Z1][Z2][Z4]") {
    differential::compare_trace(oracle::generate_with_firewalls);
}

TEST_CASE("packet sets bound the oracle on networks with firewalls",
          "[differential][Z1][Z2][Z3][Z4]") {
    differential::compare_sets(oracle::generate_with_firewalls);
}
