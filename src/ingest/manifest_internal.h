// Where the landing manifests of a source are, and what they say together.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "ingest/ingest.h"

namespace bullion::ingest {

/// A batch tries as many sequences: others may take them all the time, but not for ever.
inline constexpr int kClaimsMax = 1000;

std::string landing_folder(const std::string& source);
std::string manifest_path(const std::string& source, int64_t sequence);
std::string batch_id_of(const std::string& source, int64_t sequence);

/// What is landed already.
class LandedIndex {
 public:
  explicit LandedIndex(const std::vector<Batch>& batches);

  struct FirstSeen {
    std::string original_path;
    std::string batch_id;
  };
  /// nullptr when these bytes are new.
  const FirstSeen* find(const std::string& sha256) const;
  /// An archive by the hash of its own bytes.
  struct Archive {
    std::string landed_path;  ///< "" when no copy was kept
    std::string original_path;
    std::string batch_id;
    std::set<std::vector<std::string>> patterns;  ///< that it was listed with
  };
  /// nullptr when it was never listed.
  const Archive* find_archive(const std::string& sha256) const;
  /// Whether a manifest knows a file with this name, size and time, so that it need not be read. An
  /// archive is looked at again when the patterns of its members have changed.
  bool has_seen(const std::string& path, int64_t size, int64_t modified_us,
                const std::vector<std::string>& patterns) const;
  /// The sequence after the last one.
  int64_t next_sequence() const { return next_sequence_; }

 private:
  using Seen = std::tuple<std::string, int64_t, int64_t>;  // path, size, time

  std::map<std::string, FirstSeen> by_hash_;
  std::map<std::string, Archive> archives_;
  std::set<Seen> seen_;
  std::map<Seen, std::set<std::vector<std::string>>> archives_seen_;
  int64_t next_sequence_ = 1;
};

}  // namespace bullion::ingest
