#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "table/scratch_folder_internal.h"

namespace bullion::table {

Result<std::unique_ptr<ScratchFolder>> ScratchFolder::make() {
  std::error_code error;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(error);
  if (error) return io_error("there is no folder for temporary files: " + error.message());
  std::string pattern = (parent / "bullion-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) {
    return io_error("cannot make a temporary folder in " + parent.string() + ": " +
                    std::generic_category().message(errno));
  }
  return std::make_unique<ScratchFolder>(std::move(pattern));
}

ScratchFolder::ScratchFolder(std::string path)
    : path_(std::move(path)), files_(storage::local_file_system(path_)) {}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace bullion::table
