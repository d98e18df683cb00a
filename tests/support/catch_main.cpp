// Catch 2 is a header: its program is compiled here, once for all test executables.
#define CATCH_CONFIG_MAIN
#include <catch2/catch.hpp>
