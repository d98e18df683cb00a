# Install rules and the package that find_package(azreach) reads.

include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY AZREACH_ROOMS)
set(azreach_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/azreach)

install(TARGETS ${rooms}
    EXPORT azreachTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET azreach)
    # Libraries that a tarball brings along lie beside the program; a package has none there.
    set_target_properties(azreach PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/azreach")
    install(TARGETS azreach RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})

    # Manual pages and completions are made by the program itself.
    if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_CROSSCOMPILING)
        set(manuals ${PROJECT_BINARY_DIR}/share)
        add_custom_command(OUTPUT ${manuals}/stamp
            COMMAND ${CMAKE_COMMAND} -DPROGRAM=$<TARGET_FILE:azreach> -DOUT=${manuals}
                -DSTAMP=${manuals}/stamp -P ${PROJECT_SOURCE_DIR}/cmake/AzreachManuals.cmake
            DEPENDS azreach ${PROJECT_SOURCE_DIR}/cmake/AzreachManuals.cmake
            COMMENT "Manual pages and completions"
            VERBATIM)
        add_custom_target(azreach_manuals ALL DEPENDS ${manuals}/stamp)
        install(DIRECTORY ${manuals}/man ${manuals}/bash-completion ${manuals}/zsh ${manuals}/fish
            DESTINATION ${CMAKE_INSTALL_DATADIR})
        install(DIRECTORY ${PROJECT_SOURCE_DIR}/ci ${PROJECT_SOURCE_DIR}/docs/rules
            DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/azreach USE_SOURCE_PERMISSIONS)
        install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
            DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/azreach)
    endif()

    # A tarball for systems without our libraries: AZREACH_BUNDLE=1 cpack -G TGZ. Of the system it
    # needs the C library only.
    install(CODE [[
        if(DEFINED ENV{AZREACH_BUNDLE})
            file(GLOB modules "${CMAKE_INSTALL_PREFIX}/lib/azreach/*.so")
            file(GET_RUNTIME_DEPENDENCIES
                EXECUTABLES "${CMAKE_INSTALL_PREFIX}/bin/azreach"
                MODULES ${modules}
                RESOLVED_DEPENDENCIES_VAR libraries
                UNRESOLVED_DEPENDENCIES_VAR missing
                PRE_EXCLUDE_REGEXES "^lib(c|m|pthread|dl|rt)\\.so" "^ld-linux")
            if(missing)
                message(FATAL_ERROR "not found: ${missing}")
            endif()
            file(INSTALL DESTINATION "${CMAKE_INSTALL_PREFIX}/lib/azreach"
                FILES ${libraries} FOLLOW_SYMLINK_CHAIN)
        endif()
    ]])
endif()

# Installed sources keep their paths below include/azreach, so includes read the same everywhere.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models ${PROJECT_SOURCE_DIR}/src
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/azreach
    FILES_MATCHING PATTERN "*.hpp" PATTERN "azreach.hpp" EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/solver/prover.hpp
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/azreach/solver)
install(FILES ${PROJECT_SOURCE_DIR}/src/azreach.hpp
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/azreach
    OPTIONAL)

install(EXPORT azreachTargets
    NAMESPACE azreach::
    DESTINATION ${azreach_config_dir})
configure_package_config_file(
    ${PROJECT_SOURCE_DIR}/cmake/azreachConfig.cmake.in
    ${PROJECT_BINARY_DIR}/azreachConfig.cmake
    INSTALL_DESTINATION ${azreach_config_dir})
write_basic_package_version_file(
    ${PROJECT_BINARY_DIR}/azreachConfigVersion.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/azreachConfig.cmake
    ${PROJECT_BINARY_DIR}/azreachConfigVersion.cmake
    DESTINATION ${azreach_config_dir})

set(CPACK_PACKAGE_NAME azreach)
set(CPACK_PACKAGE_CONTACT "azreach maintainers")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY ${PROJECT_DESCRIPTION})
set(CPACK_GENERATOR TGZ DEB)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_STRIP_FILES ON)
include(CPack)
