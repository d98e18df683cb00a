# Language, warnings, sanitizers, and the faster compiler launcher and linker where present.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")

include(GNUInstallDirs)

if(PROJECT_IS_TOP_LEVEL)
    find_program(AZREACH_CCACHE ccache)
    mark_as_advanced(AZREACH_CCACHE)
    if(AZREACH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
        set(CMAKE_CXX_COMPILER_LAUNCHER ${AZREACH_CCACHE})
    endif()

    include(CheckCXXSourceCompiles)
    foreach(linker IN ITEMS mold lld)
        set(CMAKE_REQUIRED_LINK_OPTIONS -fuse-ld=${linker})
        check_cxx_source_compiles("int main() { return 0; }" AZREACH_HAS_${linker})
        unset(CMAKE_REQUIRED_LINK_OPTIONS)
        if(AZREACH_HAS_${linker})
            add_link_options(-fuse-ld=${linker})
            break()
        endif()
    endforeach()
    add_link_options(-Wl,--as-needed)  # start-up loads only the libraries that are used
endif()

# Other compilers know other warnings, so only the tested ones turn them into errors.
set(werror)
if(AZREACH_WERROR
        AND (CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^12[.]"
            OR CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION MATCHES "^14[.]"))
    set(werror -Werror)
endif()

# Linked by every room as $<BUILD_INTERFACE:azreach_warnings>; consumers keep their own warnings.
add_library(azreach_warnings INTERFACE)
target_compile_options(azreach_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual -Wimplicit-fallthrough -Wcast-align -Wunused
    $<$<CXX_COMPILER_ID:GNU>:-Wduplicated-cond -Wlogical-op -Wno-missing-field-initializers>
    $<$<CXX_COMPILER_ID:Clang>:-Wno-missing-designated-field-initializers -Wno-unknown-warning-option>
    ${werror})

# Tests compare literals of many widths; conversions are checked in the rooms only.
add_library(azreach_test_warnings INTERFACE)
target_compile_options(azreach_test_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow
    $<$<CXX_COMPILER_ID:GNU>:-Wno-missing-field-initializers -Wno-parentheses>
    ${werror})

if(AZREACH_SANITIZE)
    add_compile_options(-fsanitize=${AZREACH_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${AZREACH_SANITIZE})
endif()

if(AZREACH_COVERAGE)
    add_compile_options(--coverage -fprofile-update=atomic)
    add_link_options(--coverage)
endif()
