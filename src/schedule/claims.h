// A sequence of claims below one folder of the lake: at any time at most one is open, and each was
// made in the knowledge of all before it (docs/schedule.md, "Claims").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/clock.h"
#include "base/result.h"
#include "schedule/owner.h"
#include "storage/file_system.h"

namespace bullion::schedule {

/// One claim. `what` and `outcome` are the caller's.
struct Claim {
  int64_t number = 0;
  int64_t made_at_us = 0;
  Owner owner;
  nlohmann::json what;
  bool ended = false;
  bool abandoned = false;  ///< ended by another process, because the holder was gone
  int64_t ended_at_us = 0;
  nlohmann::json outcome;
};

/// How often a holder renews its heartbeat, and how old one must be before a process that cannot
/// see the holder (another machine) takes the claim to be dead.
inline constexpr int64_t kHeartbeatUs = 20'000'000;
inline constexpr int64_t kHeartbeatLostUs = 180'000'000;

/// Files: <folder>/<number>.json, <number>.end.json, <number>.beat.json; every number and end is
/// created once or not at all, so of many racing processes one wins. Not thread-safe; many
/// processes may use one folder.
class Claims {
 public:
  Claims(storage::FileSystem& lake, std::string folder, const Clock& clock, Owner self)
      : lake_(&lake), folder_(std::move(folder)), clock_(&clock), self_(std::move(self)) {}

  /// The newest claims, oldest first; at the most `count_max`. Reads only.
  Result<std::vector<Claim>> newest(size_t count_max) const;

  /// Ends the newest claim for its holder when that process is gone. nullopt when there is nothing
  /// to take over.
  Result<std::optional<Claim>> take_over() const;

  /// Makes the claim after `last` (0: the first one). nullopt when somebody else was first; Invalid
  /// never. The caller has seen `last` ended.
  Result<std::optional<Claim>> claim(int64_t last, const nlohmann::json& what) const;

  /// Renews the heartbeat of an own claim.
  Status beat(int64_t number) const;

  /// Ends an own claim. False when another process had ended it, taking this one to be gone.
  Result<bool> end(int64_t number, const nlohmann::json& outcome) const;

  /// Whether the holder of an open claim is gone.
  Result<bool> is_dead(const Claim& claim) const;

  /// Removes all but the newest `keep` claims.
  Status prune(size_t keep) const;

 private:
  std::string path_of(int64_t number, std::string_view suffix) const;
  Result<std::vector<int64_t>> numbers() const;
  Result<std::optional<Claim>> read(int64_t number) const;
  Result<bool> write_end(int64_t number, const nlohmann::json& outcome, bool abandoned) const;

  storage::FileSystem* lake_;
  std::string folder_;
  const Clock* clock_;
  Owner self_;
};

}  // namespace bullion::schedule
