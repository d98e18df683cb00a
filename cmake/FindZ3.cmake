# Z3::Z3 where Z3 ships no package of its own (Debian has z3.pc only).
find_package(PkgConfig QUIET)
if(PkgConfig_FOUND)
    pkg_check_modules(PC_Z3 QUIET z3)
endif()
find_path(Z3_INCLUDE_DIR z3++.h HINTS ${PC_Z3_INCLUDE_DIRS})
find_library(Z3_LIBRARY z3 HINTS ${PC_Z3_LIBRARY_DIRS})
if(Z3_INCLUDE_DIR AND EXISTS ${Z3_INCLUDE_DIR}/z3_version.h)
    foreach(part IN ITEMS MAJOR MINOR BUILD)
        file(STRINGS ${Z3_INCLUDE_DIR}/z3_version.h line REGEX "Z3_${part}[A-Z_]* ")
        string(REGEX MATCH "[0-9]+$" number "${line}")
        list(APPEND numbers ${number})
    endforeach()
    list(JOIN numbers "." Z3_VERSION)
    unset(numbers)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(Z3
    REQUIRED_VARS Z3_LIBRARY Z3_INCLUDE_DIR
    VERSION_VAR Z3_VERSION)
if(Z3_FOUND AND NOT TARGET Z3::Z3)
    add_library(Z3::Z3 UNKNOWN IMPORTED)
    set_target_properties(Z3::Z3 PROPERTIES
        IMPORTED_LOCATION ${Z3_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${Z3_INCLUDE_DIR})
endif()
mark_as_advanced(Z3_INCLUDE_DIR Z3_LIBRARY)
