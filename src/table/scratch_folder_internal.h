// A private folder on local disk for what must pass through a file, removed with its contents.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "storage/file_system.h"

namespace bullion::table {

/// Made below the system's folder for temporary files. Not thread-safe.
class ScratchFolder {
 public:
  static Result<std::unique_ptr<ScratchFolder>> make();

  explicit ScratchFolder(std::string path);
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();

  storage::FileSystem& files() { return *files_; }

 private:
  std::string path_;
  std::unique_ptr<storage::FileSystem> files_;
};

}  // namespace bullion::table
