# azreach_room(<name> [SOURCES files...] [EXCLUDE files...] [PUBLIC targets...] [PRIVATE targets...]
#              [DEFINES name=value...])
#
# One room, one static library: target azreach_<name>, alias and export azreach::<name>. Without
# SOURCES it takes every .cpp of its folder, so that adding a file needs no edit here. A room that
# holds only headers is an interface library with the same name.
function(azreach_room name)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;EXCLUDE;PUBLIC;PRIVATE;DEFINES")
    if(room_UNPARSED_ARGUMENTS)
        message(FATAL_ERROR "azreach_room(${name}): unexpected ${room_UNPARSED_ARGUMENTS}")
    endif()

    set(sources ${room_SOURCES})
    if(NOT room_SOURCES)
        file(GLOB_RECURSE sources CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} *.cpp)
        if(room_EXCLUDE)
            list(REMOVE_ITEM sources ${room_EXCLUDE})
        endif()
    endif()

    set(target azreach_${name})
    if(sources)
        add_library(${target} STATIC ${sources})
        set(scope PUBLIC)
        target_link_libraries(${target} PRIVATE ${room_PRIVATE} $<BUILD_INTERFACE:azreach_warnings>)
        target_compile_definitions(${target} PRIVATE ${room_DEFINES})
    else()
        add_library(${target} INTERFACE)
        set(scope INTERFACE)
        target_link_libraries(${target} INTERFACE ${room_PRIVATE})
    endif()
    add_library(azreach::${name} ALIAS ${target})
    set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
    target_link_libraries(${target} ${scope} ${room_PUBLIC})
    target_compile_features(${target} ${scope} cxx_std_20)
    target_include_directories(${target} ${scope}
        $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
        $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/azreach>)
    set_property(GLOBAL APPEND PROPERTY AZREACH_ROOMS ${target})
endfunction()
