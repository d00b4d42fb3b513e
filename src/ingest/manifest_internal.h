// Where the landing manifests of a source are, and what they say together.
#pragma once

#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "ingest/ingest.h"

namespace bullion::ingest {

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
  /// Whether a manifest knows a file with this name, size and time, so that it need not be read.
  bool has_seen(const std::string& path, int64_t size, int64_t modified_us) const;
  /// The sequence after the last one.
  int64_t next_sequence() const { return next_sequence_; }

 private:
  std::map<std::string, FirstSeen> by_hash_;
  std::set<std::tuple<std::string, int64_t, int64_t>> seen_;
  int64_t next_sequence_ = 1;
};

}  // namespace bullion::ingest
