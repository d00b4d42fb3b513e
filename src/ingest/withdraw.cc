// A wrong file taken back: recorded in landing like a file, so that every rebuild sees it.
#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "ingest/ingest.h"
#include "ingest/manifest_internal.h"

namespace bullion::ingest {
namespace {

constexpr size_t kHashDigitsMin = 8;

bool is_hash_prefix(const std::string& name) {
  return name.size() >= kHashDigitsMin &&
         name.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool means(const std::string& name, const Batch& batch, const LandedFile& file) {
  if (name == batch.batch_id) return true;
  if (is_hash_prefix(name) && file.sha256.starts_with(name)) return true;
  // A member is meant by its own path and by its archive's.
  std::string_view archive = file.original_path;
  if (!file.member.empty()) archive.remove_suffix(file.member.size() + 1);
  for (const std::string_view path : {std::string_view(file.original_path), archive}) {
    if (path == name || path.ends_with("/" + name)) return true;
  }
  return false;
}

}  // namespace

std::set<std::string> withdrawn_files(const std::vector<Batch>& batches) {
  std::set<std::string> withdrawn;
  for (const Batch& batch : batches) {
    for (const Withdrawal& withdrawal : batch.withdrawals) {
      if (withdrawal.restores) {
        withdrawn.erase(withdrawal.file_id);
      } else {
        withdrawn.insert(withdrawal.file_id);
      }
    }
  }
  return withdrawn;
}

std::vector<LandedEntry> find_landed(const std::vector<Batch>& batches, const std::string& name) {
  const std::set<std::string> withdrawn = withdrawn_files(batches);
  std::vector<LandedEntry> found;
  for (const Batch& batch : batches) {
    for (const LandedFile& file : batch.files) {
      if (!means(name, batch, file)) continue;
      found.push_back({batch.source, batch.batch_id, file, withdrawn.contains(file.file_id)});
    }
  }
  return found;
}

Result<Batch> land_withdrawal(storage::FileSystem& lake, const project::Source& source,
                              const Clock& clock, const std::vector<LandedEntry>& files,
                              const std::string& reason, const std::string& user, bool restores) {
  BULLION_ASSERT(!files.empty());
  Batch batch;
  batch.source = source.contract.name;
  batch.source_hash = source.hash;
  for (const LandedEntry& entry : files) {
    batch.withdrawals.push_back(
        {entry.file.file_id, entry.file.original_path, entry.batch_id, reason, user, restores});
  }
  for (int attempt = 0; attempt < kClaimsMax; ++attempt) {
    BULLION_TRY_ASSIGN(const auto batches, read_batches(lake, batch.source));
    batch.sequence = LandedIndex(batches).next_sequence();
    batch.batch_id = batch_id_of(batch.source, batch.sequence);
    batch.received_at_us = clock.now_us();
    const Status created =
        lake.create(manifest_path(batch.source, batch.sequence), batch_to_json(batch));
    if (created) return batch;
    if (created.error().kind() != ErrorKind::Conflict) return created.error();
  }
  return conflict(fmt::format("source {}: others landed {} batches meanwhile; run again",
                              batch.source, kClaimsMax));
}

}  // namespace bullion::ingest
