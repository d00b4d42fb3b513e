#include "base/shared_data.h"

#include <cstdlib>

namespace bullion {

std::filesystem::path source_folder() { return BULLION_SOURCE_DIR; }

std::filesystem::path shared_data_folder() {
  const char* named = std::getenv("BULLION_SHARED_DATA");
  return named != nullptr ? std::filesystem::path(named)
                          : source_folder().parent_path() / "shared" / "data";
}

}  // namespace bullion
