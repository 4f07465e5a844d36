# One static library a room, linked only to the rooms that src/rooms.txt lets it see, and compiled with their headers
# alone in sight: an #include of any other room's finds no file. Tests beside the source (foo_test.cc) make one binary
# a room.
set(KILN_SRC ${CMAKE_SOURCE_DIR}/src)

# Outside libraries of each room; a room that is not named needs none beyond its neighbours'.
set(KILN_LIBS_base fmt::fmt spdlog::spdlog tl::expected OpenSSL::Crypto PkgConfig::SODIUM PkgConfig::ZSTD PkgConfig::CURL Threads::Threads)
set(KILN_LIBS_wire Boost::json)
set(KILN_LIBS_provenance Boost::json)
set(KILN_LIBS_project Boost::json tomlplusplus::tomlplusplus)
set(KILN_LIBS_store_sqlite PkgConfig::SQLITE Boost::json)
set(KILN_LIBS_store_r2 Boost::json OpenSSL::Crypto)
set(KILN_LIBS_scm Boost::json)
set(KILN_LIBS_scm_forge Boost::json OpenSSL::Crypto)
set(KILN_LIBS_events_reports PkgConfig::RE2)
set(KILN_LIBS_events_traces Boost::json)
set(KILN_LIBS_ops_archive ${KILN_LIBARCHIVE} PkgConfig::ZSTD)
set(KILN_LIBS_metrics prometheus-cpp::core fmt::fmt)
set(KILN_LIBS_workers Boost::json ZLIB::ZLIB)
set(KILN_LIBS_serving Boost::json)
set(KILN_LIBS_http Boost::headers Boost::json PkgConfig::XXHASH ZLIB::ZLIB)
set(KILN_LIBS_http_tls OpenSSL::SSL OpenSSL::Crypto)
set(KILN_LIBS_serving_front Boost::headers)
set(KILN_LIBS_serving_kv Boost::json)
set(KILN_LIBS_serving_queues Boost::json)
set(KILN_LIBS_serving_r2 Boost::json)
set(KILN_LIBS_serving_d1 Boost::headers Boost::json)
set(KILN_LIBS_serving_cron Boost::json)
set(KILN_LIBS_serving_rpc PkgConfig::CAPNP)
set(KILN_LIBS_read_cache Boost::headers Boost::json)
set(KILN_LIBS_api Boost::json OpenSSL::Crypto PkgConfig::CJOSE)
set(KILN_LIBS_confine PkgConfig::SECCOMP)
set(KILN_LIBS_runner Boost::json)
set(KILN_LIBS_settings tomlplusplus::tomlplusplus)
set(KILN_LIBS_cli CLI11::CLI11 Boost::json)
set(KILN_LIBS_app CLI11::CLI11 Boost::json)

if(KILN_TESTS)
  enable_testing()
  find_package(GTest REQUIRED)
endif()

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${KILN_SRC}/rooms.txt)
file(STRINGS ${KILN_SRC}/rooms.txt KILN_ROOM_LINES REGEX "^[^#].*:")
set(KILN_ROOMS)
foreach(line IN LISTS KILN_ROOM_LINES)
  string(REGEX REPLACE ":.*" "" room "${line}")
  string(REGEX REPLACE "^[^:]*:" "" sees "${line}")
  separate_arguments(sees UNIX_COMMAND "${sees}")
  list(APPEND KILN_ROOMS ${room})
  set(KILN_SEES_${room} ${sees})
endforeach()

# Files of a room: its folder and below, less what belongs to a deeper room.
function(kiln_room_files room pattern out)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${KILN_SRC}/${room}/${pattern})
  foreach(other IN LISTS KILN_ROOMS)
    if(other MATCHES "^${room}/")
      list(FILTER files EXCLUDE REGEX "^${KILN_SRC}/${other}/")
    endif()
  endforeach()
  set(${out} ${files} PARENT_SCOPE)
endfunction()

# What a room shows to others: a folder with one line for each of its headers that includes the header itself, so that
# compilers name files of src/. What its tests share (foo_for_test.h, test_foo.h) is shown apart, to tests.
set(KILN_SHOWN ${CMAKE_BINARY_DIR}/rooms)
function(kiln_show room)
  string(REPLACE "/" "_" name ${room})
  kiln_room_files(${room} *.h headers)
  set(shown)
  foreach(header IN LISTS headers)
    set(folder ${name})
    if(header MATCHES "(/test_[^/]*|_for_tests?)\\.h$")
      set(folder ${name}.tests)
    endif()
    cmake_path(RELATIVE_PATH header BASE_DIRECTORY ${KILN_SRC} OUTPUT_VARIABLE spelled)
    file(CONFIGURE OUTPUT ${KILN_SHOWN}/${folder}/${spelled} CONTENT "#include \"${header}\"\n")
    list(APPEND shown ${KILN_SHOWN}/${folder}/${spelled})
  endforeach()
  file(GLOB_RECURSE stale ${KILN_SHOWN}/${name}/*.h ${KILN_SHOWN}/${name}.tests/*.h)
  list(REMOVE_ITEM stale ${shown})
  if(stale)
    file(REMOVE ${stale})
  endif()
endfunction()

# Lets the files of `target` include what `room` shows and what it may see, and further rooms; TESTS: what their tests
# share as well.
function(kiln_see target room)
  cmake_parse_arguments(PARSE_ARGV 2 also "TESTS" "" "")
  set(rooms ${room} ${KILN_SEES_${room}} ${also_UNPARSED_ARGUMENTS})
  list(REMOVE_DUPLICATES rooms)
  foreach(seen IN LISTS rooms)
    string(REPLACE "/" "_" name ${seen})
    target_include_directories(${target} PRIVATE ${KILN_SHOWN}/${name})
    if(also_TESTS AND EXISTS ${KILN_SHOWN}/${name}.tests)
      target_include_directories(${target} PRIVATE ${KILN_SHOWN}/${name}.tests)
    endif()
  endforeach()
endfunction()

foreach(room IN LISTS KILN_ROOMS)
  kiln_show(${room})
endforeach()

# A gibibyte of memory that tests may write to.
execute_process(COMMAND df --output=avail -k /dev/shm OUTPUT_VARIABLE shm ERROR_QUIET)
string(REGEX MATCH "[0-9]+" shm "${shm}")
if(shm AND shm GREATER 1048576)
  set(KILN_SHM ON)
else()
  set(KILN_SHM OFF)
endif()

foreach(room IN LISTS KILN_ROOMS)
  string(REPLACE "/" "_" target ${room})
  kiln_room_files(${room} *.cc sources)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/(main|agent_main|runner_main)\\.cc$")
  set(links)
  foreach(other IN LISTS KILN_SEES_${room})
    string(REPLACE "/" "_" other_target ${other})
    list(APPEND links kiln_${other_target})
  endforeach()
  if(sources)
    add_library(kiln_${target} STATIC ${sources})
    target_link_libraries(kiln_${target} PUBLIC ${links} ${KILN_LIBS_${target}})
    kiln_see(kiln_${target} ${room})
  else()
    add_library(kiln_${target} INTERFACE)
    target_link_libraries(kiln_${target} INTERFACE ${links} ${KILN_LIBS_${target}})
  endif()
  if(KILN_TESTS AND tests)
    add_executable(${target}_test ${tests})
    kiln_see(${target}_test ${room} testing ${KILN_SEES_testing} TESTS)
    target_link_libraries(${target}_test PRIVATE kiln_${target} kiln_testing GTest::gtest GTest::gmock GTest::gtest_main)
    add_test(NAME ${target} COMMAND ${target}_test --gtest_brief=1)
    set_tests_properties(${target} PROPERTIES LABELS unit)
    # What is a test's own is written to memory where there is enough: most of its time would go to the disk's
    # fsync, which durability_test's kill -9 does not need. Sandboxes are tried on a real disk.
    if(KILN_SHM AND NOT target MATCHES "^runner")
      set_tests_properties(${target} PROPERTIES ENVIRONMENT "TMPDIR=/dev/shm")
    endif()
  endif()
endforeach()

# What every program and the API's document call this version: project(VERSION), told to one file.
set_property(SOURCE ${KILN_SRC}/base/version.cc APPEND PROPERTY COMPILE_DEFINITIONS KILN_VERSION="${PROJECT_VERSION}")

if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(kiln_serving_rpc PRIVATE -Wno-maybe-uninitialized)  # inside kj::Maybe, where nothing is read
  # Of Asio's coroutine frames, when one of new and delete is inlined and the other is not.
  target_compile_options(kiln_http PRIVATE -Wno-mismatched-new-delete)
endif()
# kj's macros name their file: the same bytes wherever the sources stand.
target_compile_options(kiln_serving_rpc PRIVATE -fmacro-prefix-map=${CMAKE_SOURCE_DIR}/=)

# GET /openapi.json answers with api/openapi.yaml, turned to JSON and built in. Debian's own Python, for its python3-yaml.
set(KILN_OPENAPI_SOURCE ${CMAKE_BINARY_DIR}/generated/openapi_document.cc)
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/generated)
add_custom_command(OUTPUT ${KILN_OPENAPI_SOURCE}
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/openapi_embed.py ${CMAKE_SOURCE_DIR}/api/openapi.yaml
          ${PROJECT_VERSION} ${KILN_OPENAPI_SOURCE}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/openapi_embed.py ${CMAKE_SOURCE_DIR}/api/openapi.yaml
  COMMENT "Embedding api/openapi.yaml" VERBATIM)
target_sources(kiln_api PRIVATE ${KILN_OPENAPI_SOURCE})
set_source_files_properties(${KILN_OPENAPI_SOURCE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

# The page is built in from web/dist, which web/build.mjs makes; -DKILN_PAGE=OFF leaves it out, and so does its absence.
option(KILN_PAGE "build the page in, when web/dist is there" ON)
set(KILN_PAGE_SOURCE ${CMAKE_BINARY_DIR}/generated/page_assets.cc)
set(KILN_PAGE_DIST -)
set(KILN_PAGE_FILES)
if(KILN_PAGE)
  file(GLOB_RECURSE KILN_PAGE_FILES CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/web/dist/*)
  set(KILN_PAGE_DIST ${CMAKE_SOURCE_DIR}/web/dist)
endif()
add_custom_command(OUTPUT ${KILN_PAGE_SOURCE}
  COMMAND /usr/bin/python3 ${CMAKE_SOURCE_DIR}/tools/page_embed.py ${KILN_PAGE_DIST} ${KILN_PAGE_SOURCE}
  DEPENDS ${CMAKE_SOURCE_DIR}/tools/page_embed.py ${KILN_PAGE_FILES}
  COMMENT "Embedding the page" VERBATIM)
target_sources(kiln_api PRIVATE ${KILN_PAGE_SOURCE})
set_source_files_properties(${KILN_PAGE_SOURCE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)

if(KILN_FUZZ)
  # clang 14 cannot check calls through pointers to the pieces of a coroutine: "a difference across sections".
  foreach(room IN ITEMS kiln_http kiln_serving_front)
    target_compile_options(${room} PRIVATE -fno-sanitize=function)
  endforeach()
endif()

# The three programs: the server and CLI, the runner (no SQLite in it), and the agent inside each sandbox.
foreach(pair IN ITEMS "kiln;app/main.cc;app" "kiln-runner;runner/runner_main.cc;runner"
                      "kiln-agent;runner/agent/agent_main.cc;runner/agent")
  list(GET pair 0 program)
  list(GET pair 1 main)
  list(GET pair 2 room)
  if(EXISTS ${KILN_SRC}/${main})
    string(REPLACE "/" "_" target ${room})
    add_executable(${program} ${KILN_SRC}/${main})
    kiln_see(${program} ${room})
    target_link_libraries(${program} PRIVATE kiln_${target})
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
  endif()
endforeach()

# Static, so that it needs nothing of the sandbox's /usr and starts in a millisecond; hence without Debug's sanitizers,
# which cannot be linked statically. Without a build id, which would differ by the folder that debug information names.
set(KILN_STATIC_COMPILE -Wall -Wextra -Wpedantic -Wshadow -O2 -g1 -fstack-protector-strong
    -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(TARGET kiln-agent)
  set_target_properties(kiln-agent PROPERTIES COMPILE_OPTIONS "${KILN_STATIC_COMPILE}" LINK_OPTIONS "-static;-Wl,--build-id=none"
                        LINK_LIBRARIES "")
endif()
if(KILN_TESTS AND TARGET runner_sandbox_test)
  add_executable(kiln-sandbox-probe EXCLUDE_FROM_ALL ${CMAKE_SOURCE_DIR}/tests/sandbox_probe/probe.cc)
  set_target_properties(kiln-sandbox-probe PROPERTIES COMPILE_OPTIONS "${KILN_STATIC_COMPILE}" LINK_OPTIONS "-static")
  target_compile_definitions(runner_sandbox_test PRIVATE KILN_AGENT_FILE="$<TARGET_FILE:kiln-agent>"
                             KILN_PROBE_FILE="$<TARGET_FILE:kiln-sandbox-probe>")
  add_dependencies(runner_sandbox_test kiln-agent kiln-sandbox-probe)
endif()

# The test of query plans reads the statements out of the sources, that of the settings the page of all settings.
if(KILN_TESTS)
  set_property(SOURCE ${KILN_SRC}/settings/config_test.cc APPEND PROPERTY COMPILE_DEFINITIONS
               KILN_SETTINGS_PAGE="${CMAKE_SOURCE_DIR}/docs/configuration.md")
  set_property(SOURCE ${KILN_SRC}/store/sqlite/query_plan_test.cc APPEND PROPERTY COMPILE_DEFINITIONS
               KILN_SQL_SOURCES="${KILN_SRC}/store/sqlite")
endif()

if(KILN_TESTS AND TARGET serving_test)
  foreach(test IN ITEMS serving_test serving_cache_test serving_kv_test serving_queues_test serving_r2_test serving_d1_test serving_cron_test serving_rpc_test)
    target_compile_definitions(${test} PRIVATE
      KILN_WORKERD_FILE="${CMAKE_SOURCE_DIR}/build/tools/node/default/lib/node_modules/@cloudflare/workerd-linux-64/bin/workerd")
  endforeach()
endif()

if(KILN_BENCH)
  add_subdirectory(bench)
endif()
if(KILN_FUZZ OR KILN_TESTS)
  add_subdirectory(fuzz)
endif()
