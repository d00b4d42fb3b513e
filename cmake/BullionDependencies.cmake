# Third-party packages. All come from Debian 12, except DuckDB, which tools/setup.sh installs by hash.
find_package(PkgConfig REQUIRED)
find_package(OpenSSL 3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(fmt 9 REQUIRED)
find_package(CLI11 2.1 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(simdjson 3 REQUIRED)
find_package(LibArchive 3.6 REQUIRED)
find_package(EXPAT 2.5 REQUIRED)
find_package(CURL 7.88 REQUIRED)
find_package(date 3 REQUIRED)  # date::date-tz: the system's time zone database; C++20's needs GCC 14
find_package(Boost 1.81 REQUIRED)  # Beast and Asio, headers only
find_package(SQLite3 3.40 REQUIRED)
find_package(PostgreSQL 15 REQUIRED)  # libpq, the client alone
find_package(Threads REQUIRED)
find_program(BULLION_GZIP gzip REQUIRED)
find_package(GTest 1.12 REQUIRED)
pkg_check_modules(YAMLCPP REQUIRED IMPORTED_TARGET yaml-cpp>=0.7)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(XXHASH REQUIRED IMPORTED_TARGET libxxhash>=0.8)
find_library(XLSXWRITER_LIBRARY xlsxwriter REQUIRED)
find_path(XLSXWRITER_INCLUDE xlsxwriter.h REQUIRED)
add_library(xlsxwriter::xlsxwriter SHARED IMPORTED)
set_target_properties(xlsxwriter::xlsxwriter PROPERTIES
  IMPORTED_LOCATION "${XLSXWRITER_LIBRARY}"
  INTERFACE_INCLUDE_DIRECTORIES "${XLSXWRITER_INCLUDE}")

# An installed DuckDB of exactly this version may be named by DUCKDB_ROOT=<prefix with lib and include>,
# as an environment variable or a CMake variable.
set(BULLION_DUCKDB_VERSION 1.5.6)
if(DEFINED ENV{BULLION_DEPS})
  set(bullion_deps_default "$ENV{BULLION_DEPS}")
else()
  set(bullion_deps_default "$ENV{HOME}/.cache/bullion/deps")
endif()
set(bullion_duckdb_default "${bullion_deps_default}/duckdb-${BULLION_DUCKDB_VERSION}")
if(DEFINED ENV{DUCKDB_ROOT})
  set(bullion_duckdb_default "$ENV{DUCKDB_ROOT}")
endif()
set(DUCKDB_ROOT "${bullion_duckdb_default}" CACHE PATH
    "Prefix that holds lib/libduckdb.so and include/duckdb.h")
find_library(DUCKDB_LIBRARY duckdb HINTS "${DUCKDB_ROOT}/lib" REQUIRED NO_DEFAULT_PATH)
find_path(DUCKDB_INCLUDE duckdb.h HINTS "${DUCKDB_ROOT}/include" REQUIRED NO_DEFAULT_PATH)
add_library(duckdb::duckdb SHARED IMPORTED)
set_target_properties(duckdb::duckdb PROPERTIES
  IMPORTED_LOCATION "${DUCKDB_LIBRARY}"
  IMPORTED_NO_SONAME TRUE
  INTERFACE_INCLUDE_DIRECTORIES "${DUCKDB_INCLUDE}")
