#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "delta/replay_internal.h"

namespace bullion::delta {

void Replay::apply(Commit commit) {
  if (commit.protocol) protocol_ = std::move(commit.protocol);
  if (commit.metadata) metadata_ = std::move(commit.metadata);
  for (Txn& txn : commit.txns) txns_.insert_or_assign(txn.app_id, txn);
  for (RemoveFile& remove : commit.removes) {
    files_.erase(remove.path);
    std::string path = remove.path;
    tombstones_.insert_or_assign(std::move(path), std::move(remove));
  }
  for (AddFile& add : commit.adds) {
    if (!tombstones_.empty()) tombstones_.erase(add.path);
    std::string path = add.path;
    files_.insert_or_assign(std::move(path), std::move(add));
  }
}

Status Replay::check() const {
  if (!protocol_ || !metadata_) {
    return corrupt(fmt::format("the log has no {} action", protocol_ ? "metaData" : "protocol"));
  }
  BULLION_TRY(check_readable(*protocol_, *metadata_));
  for (const auto& [path, add] : files_) {
    if (!add.deletion_vector_json.empty()) {
      return invalid(fmt::format(
          "file `{}` has a deletion vector, which Bullion does not read yet; let the engine that "
          "wrote it purge deletion vectors (REORG TABLE ... APPLY (PURGE))",
          path));
    }
    if (!is_below_table(path)) {
      return invalid(fmt::format(
          "file `{}` lies outside the table's folder, as in a shallow clone; copy the table in "
          "full",
          path));
    }
  }
  return ok();
}

Snapshot Replay::finish(int64_t version, int64_t checkpoint_version) && {
  BULLION_ASSERT(protocol_.has_value() && metadata_.has_value());
  Snapshot snapshot;
  snapshot.version = version;
  snapshot.checkpoint_version = checkpoint_version;
  snapshot.protocol = std::move(*protocol_);
  snapshot.metadata = std::move(*metadata_);
  snapshot.txns = std::move(txns_);
  const auto by_path = [](const auto& a, const auto& b) { return a.path < b.path; };
  snapshot.files.reserve(files_.size());
  for (auto& [path, add] : files_) snapshot.files.push_back(std::move(add));
  std::sort(snapshot.files.begin(), snapshot.files.end(), by_path);
  snapshot.tombstones.reserve(tombstones_.size());
  for (auto& [path, remove] : tombstones_) snapshot.tombstones.push_back(std::move(remove));
  std::sort(snapshot.tombstones.begin(), snapshot.tombstones.end(), by_path);
  return snapshot;
}

bool is_below_table(const std::string& path) {
  if (path.empty() || path.front() == '/') return false;
  const size_t colon = path.find(':');
  // "scheme:/..." is a URI of its own; a colon further on is part of a name.
  if (colon != std::string::npos && colon + 1 < path.size() && path[colon + 1] == '/' &&
      path.find('/') > colon) {
    return false;
  }
  AddFile probe;
  probe.path = path;
  const std::string decoded = decoded_path(probe);
  for (size_t start = 0; start <= decoded.size();) {
    const size_t end = std::min(decoded.find('/', start), decoded.size());
    if (std::string_view(decoded).substr(start, end - start) == "..") return false;
    start = end + 1;
  }
  return true;
}

}  // namespace bullion::delta
