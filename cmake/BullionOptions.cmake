# Language level, warnings and sanitizers, carried by the interface target bullion_options.
option(BULLION_WERROR "Treat warnings as errors" ON)
set(BULLION_SANITIZE "" CACHE STRING "Sanitizers: address,undefined or thread")
option(BULLION_WEB "Carry the pages of web/ in the program" ON)
option(BULLION_FUZZ "Build the libFuzzer targets (needs Clang)" OFF)

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(BULLION_CCACHE ccache)
if(BULLION_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # What one clone compiled serves the next: names of files count from the top of the clone.
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env "CCACHE_BASEDIR=${CMAKE_SOURCE_DIR}"
      CCACHE_NOHASHDIR=true "${BULLION_CCACHE}")
endif()

add_library(bullion_options INTERFACE)
# Names of files in the program count from the top of the clone, so that every clone makes the same.
target_compile_options(bullion_options INTERFACE "-ffile-prefix-map=${CMAKE_SOURCE_DIR}/=")
target_compile_options(bullion_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                       -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual
                       -Wno-missing-field-initializers)
# GCC 12 sees overlapping copies in std::string's operator+ where there are none, when it optimises.
target_compile_options(bullion_options INTERFACE $<$<CONFIG:Release>:-Wno-restrict>)
if(BULLION_WERROR)
  target_compile_options(bullion_options INTERFACE -Werror)
endif()
if(BULLION_SANITIZE)
  target_compile_options(bullion_options INTERFACE -fsanitize=${BULLION_SANITIZE}
                         -fno-omit-frame-pointer)
  target_link_options(bullion_options INTERFACE -fsanitize=${BULLION_SANITIZE})
endif()
if(BULLION_FUZZ)
  target_compile_options(bullion_options INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
  # Clang puts the type before a function into its own section, which coroutines cannot reach.
  target_compile_options(bullion_options INTERFACE -fno-sanitize=function)
  target_link_options(bullion_options INTERFACE -fsanitize=address,undefined)
endif()
find_program(BULLION_MOLD mold)
if(BULLION_MOLD)
  target_link_options(bullion_options INTERFACE -fuse-ld=mold)
endif()
