// One program for each target, made by AZREACH_FUZZ=ON with clang; scripts/fuzz runs them.
#include <cstdint>

#include "tests/fuzz/target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    azreach::fuzz::AZREACH_FUZZ_TARGET(
        {reinterpret_cast<const char*>(data), size});  // NOLINT: bytes as text
    return 0;
}
