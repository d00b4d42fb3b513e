// A temporary folder laid over a lake: reads see the lake, writes stay in the folder, which goes
// away with this object.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "pipeline/environment.h"
#include "storage/file_system.h"

namespace bullion::pipeline {

class Scratch {
 public:
  /// In the system's temporary folder (TMPDIR).
  static Result<Scratch> create(const storage::FileSystem& lake, const Clock& clock,
                                std::vector<std::string> visible_prefixes);
  Scratch(Scratch&&) noexcept = default;
  Scratch& operator=(Scratch&&) = delete;
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  ~Scratch();

  storage::FileSystem& lake() const { return *overlay_; }
  /// The same environment with the scratch for a lake; borrows this object.
  Environment over(const Environment& env) const;

 private:
  Scratch() = default;
  std::string folder_;
  std::unique_ptr<storage::FileSystem> files_;
  std::unique_ptr<storage::FileSystem> overlay_;
};

}  // namespace bullion::pipeline
