# Install rules and the package that find_package(azreach) reads.

include(CMakePackageConfigHelpers)

get_property(rooms GLOBAL PROPERTY AZREACH_ROOMS)
set(azreach_config_dir ${CMAKE_INSTALL_LIBDIR}/cmake/azreach)

install(TARGETS ${rooms}
    EXPORT azreachTargets
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET azreach)
    install(TARGETS azreach RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

# Installed sources keep their paths below include/azreach, so includes read the same everywhere.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models ${PROJECT_SOURCE_DIR}/src
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/azreach
    FILES_MATCHING PATTERN "*.hpp" PATTERN "azreach.hpp" EXCLUDE)
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
include(CPack)
