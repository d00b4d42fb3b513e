// The cases of a project as a server shows them: opened when first asked for, and following the
// newest release.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "detect/case_store.h"
#include "detect/finding.h"
#include "reader/reader.h"

namespace bullion::server {

/// Thread-safe.
class CaseDesk {
 public:
  /// Borrows `reader`. `location` is that of the state store, `project` the name of the project.
  CaseDesk(reader::Reader& reader, std::string location, std::string project)
      : reader_(reader), location_(std::move(location)), project_(std::move(project)) {}

  /// The store, with the findings of the newest release in it; what the sync finds is recorded as
  /// done by `user`. Before the first release it is as it was left. NotFound for a project without
  /// detectors; other errors are those of the store and of reading the findings.
  Result<detect::CaseStore*> open(const std::string& user);

  bool has_detectors() const { return !detectors_.empty(); }
  const detect::Detectors& detectors() const { return detectors_; }
  reader::Reader& reader() const { return reader_; }

 private:
  Status follow(const std::string& user);

  reader::Reader& reader_;
  const std::string location_;
  const std::string project_;
  const detect::Detectors detectors_ = detect::detectors_of(reader_.project());
  std::mutex mutex_;
  std::unique_ptr<detect::CaseStore> store_;
};

}  // namespace bullion::server
