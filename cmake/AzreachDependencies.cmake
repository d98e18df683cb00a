# Every library that a room may use, found once. azreachConfig.cmake.in finds the same ones.

find_package(Boost 1.74 REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json 3.10 REQUIRED)
find_package(simdjson REQUIRED)
find_package(TBB REQUIRED)
find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(zstd REQUIRED)
find_package(CLI11 REQUIRED)
find_package(yaml-cpp 0.7 REQUIRED)
if(AZREACH_PROVER)
    find_package(Z3 4.8 REQUIRED)
endif()

# zstd exports no name that says "whichever is there".
if(TARGET zstd::libzstd_shared)
    set(AZREACH_ZSTD zstd::libzstd_shared)
else()
    set(AZREACH_ZSTD zstd::libzstd_static)
endif()

# yaml-cpp: named differently from version 0.8 on.
if(TARGET yaml-cpp::yaml-cpp)
    set(AZREACH_YAML yaml-cpp::yaml-cpp)
else()
    set(AZREACH_YAML yaml-cpp)
endif()
