// Parses files as a written source would, without landing or publishing anything.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "infer/file_look_internal.h"
#include "infer/infer.h"
#include "infer/source_draft_internal.h"

namespace bullion::infer {

/// A folder in the system's temporary one, removed with the object.
class ScratchFolder {
 public:
  static Result<ScratchFolder> create();
  ScratchFolder(ScratchFolder&& other) noexcept;
  ScratchFolder& operator=(ScratchFolder&&) = delete;
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

/// The source that `yaml` declares, read by the loader of projects. Internal when it has mistakes:
/// what is written must be readable.
Result<project::Source> load_yaml(engine::Engine& engine, const std::string& folder,
                                  const std::string& name, const std::string& yaml);

/// The outcome of parsing, and the rows that were kept as files of the engine.
struct TrialRows {
  Trial trial;
  std::vector<std::string> staged;        ///< absolute
  std::vector<int64_t> rejected_records;  ///< of the first file
};

/// Parses every file of `looks` that `files` names; of a big one its beginning.
Result<TrialRows> try_source(engine::Engine& engine, const project::Source& source,
                             const std::vector<FileLook>& looks, const std::vector<size_t>& files,
                             const std::string& folder, const Progress& progress);

}  // namespace bullion::infer
