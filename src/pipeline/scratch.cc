#include "pipeline/scratch.h"

#include <filesystem>
#include <utility>

#include "storage/overlay.h"

namespace bullion::pipeline {

Result<Scratch> Scratch::create(const storage::FileSystem& lake, const Clock& clock,
                                std::vector<std::string> visible_prefixes) {
  std::error_code fault;
  const std::filesystem::path parent = std::filesystem::temp_directory_path(fault);
  if (fault) return io_error("there is no folder for temporary files: " + fault.message());
  Scratch scratch;
  scratch.folder_ = (parent / ("bullion-scratch-" + clock.uuid())).string();
  std::filesystem::create_directories(scratch.folder_, fault);
  if (fault) return io_error(scratch.folder_ + ": " + fault.message());
  scratch.files_ = storage::local_file_system(scratch.folder_);
  scratch.overlay_ =
      storage::overlay_file_system(lake, *scratch.files_, std::move(visible_prefixes));
  return scratch;
}

Environment Scratch::over(const Environment& env) const {
  return {lake(), env.engine, env.clock, env.codec, env.user, env.report};
}

Scratch::~Scratch() {
  if (overlay_ == nullptr) return;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace bullion::pipeline
