// Releases of a lake: claim a number, publish all tables of a run together or none, recover what a
// crash left between, and read the history.
#pragma once

#include <optional>
#include <vector>

#include "base/clock.h"
#include "delta/log.h"
#include "release/record.h"
#include "storage/file_system.h"

namespace bullion::release {

/// The appId of the txn that every table commit of a release carries; its version is the release.
inline constexpr const char* kReleaseAppId = "bullion.release";

/// All functions are safe to call from many processes at once: numbers are claimed by
/// create-if-absent, and finishing is idempotent. Borrows its arguments.
class Store {
 public:
  Store(storage::FileSystem& lake, const Clock& clock, delta::CheckpointCodec* codec)
      : lake_(lake), clock_(clock), codec_(codec) {}

  /// Every record, void ones too, by number.
  Result<std::vector<Record>> list() const;
  /// The newest published record; nullopt in a lake without one.
  Result<std::optional<Record>> latest() const;
  /// NotFound names the releases that exist; a void release is NotFound with its reason.
  Result<Record> get(int64_t number) const;

  /// The number after the newest intent or record.
  Result<int64_t> next_number() const;
  /// Claims intent.record.number. Conflict when somebody else did: plan again.
  Status claim(const Intent& intent);
  /// Commits the tables of a claimed release and creates its record; returns the record that
  /// stands, which is void when a foreign commit took a version it needs.
  Result<Record> finish(const Intent& intent);
  /// Finishes every intent without a record; returns what it finished.
  Result<std::vector<Record>> recover();

 private:
  Result<std::optional<std::string>> commit_tables(const Intent& intent);

  storage::FileSystem& lake_;
  const Clock& clock_;
  delta::CheckpointCodec* codec_;
};

}  // namespace bullion::release
