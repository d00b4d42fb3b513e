#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/sha256.h"
#include "ingest/file_search.h"
#include "ingest/ingest.h"
#include "ingest/manifest_internal.h"
#include "records/archive.h"
#include "records/display_text.h"

namespace bullion::ingest {
namespace {

constexpr size_t kCopyBytes = size_t{1} << 20;
constexpr size_t kCopyThreadsMax = 2;
// Names are kept readable in the lake, but not without bound.
constexpr size_t kNameTailBytes = 100;

/// The file's name with everything replaced that a path, a URL or an engine's pattern could
/// misread.
std::string plain_name(std::string_view path) {
  std::string name(path.substr(path.rfind('/') + 1));
  for (char& c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    if (!is_plain) c = '_';
  }
  // The end of a name says more than its beginning: it has the date and the suffix.
  return name.size() <= kNameTailBytes ? name : name.substr(name.size() - kNameTailBytes);
}

/// Copies the files of one landing into its own folder, each once per content.
class Copier {
 public:
  Copier(storage::FileSystem& lake, const LandedIndex& index, const project::FileFormat& format,
         std::vector<FoundFile> files, std::string folder, const Progress& progress)
      : lake_(lake),
        index_(index),
        format_(format),
        files_(std::move(files)),
        folder_(std::move(folder)),
        progress_(progress),
        hashes_(files_.size()) {
    for (const FoundFile& file : files_) bytes_total_ += file.size;
  }

  /// Removes what it copied when something fails.
  Status copy_all() {
    std::vector<Status> results(files_.size());
    std::atomic<size_t> next = 0;
    std::atomic<bool> failed = false;
    const auto work = [&] {
      for (size_t i = next++; i < files_.size() && !failed; i = next++) {
        results[i] = copy(i);
        if (!results[i]) failed = true;
      }
    };
    {
      std::vector<std::jthread> threads;
      for (size_t i = 1; i < std::min(kCopyThreadsMax, files_.size()); ++i)
        threads.emplace_back(work);
      work();
    }
    for (const Status& result : results) {
      if (result) continue;
      for (const auto& [hash, path] : landed_paths_) discard(path);
      return result;
    }
    return ok();
  }

  /// The landed files in the order of their names; of equal ones the first. The others, and those
  /// landed before, are duplicates.
  void list(Batch& batch) {
    for (size_t i = 0; i < files_.size(); ++i) {
      const FoundFile& file = files_[i];
      const auto listed = listed_.find(hashes_[i]);
      const LandedIndex::Archive* archive = index_.find_archive(hashes_[i]);
      if (listed != listed_.end() && listed->second.is_open) {
        list_archive(file, hashes_[i], listed->second, batch);
      } else if (listed != listed_.end()) {
        add_duplicate(batch, file, hashes_[i], listed->second.original_path, "");
      } else if (archive != nullptr) {
        add_duplicate(batch, file, hashes_[i], archive->original_path, archive->batch_id);
      } else {
        list_file({.file_id = hashes_[i].substr(0, 16),
                   .sha256 = hashes_[i],
                   .landed_path = landed_path_of(hashes_[i]),
                   .original_path = file.path,
                   .size = file.size,
                   .modified_us = file.modified_us},
                  batch);
      }
    }
    std::sort(batch.files.begin(), batch.files.end(),
              [](const auto& a, const auto& b) { return a.original_path < b.original_path; });
  }

  /// Best effort: what stays is unreferenced, and `bullion clean` removes it.
  void discard(const std::string& path) { static_cast<void>(lake_.remove(path)); }

 private:
  /// An archive of this landing and what it holds.
  struct Listed {
    std::string landed_path;
    records::ArchiveListing listing;
    std::string original_path;  ///< of the first file with these bytes
    bool is_open = true;        ///< not in the batch yet
  };

  /// What came first with some bytes in this landing.
  struct FirstName {
    std::string path;
    bool is_member = false;
  };

  static void add_duplicate(Batch& batch, const FoundFile& file, const std::string& hash,
                            const std::string& first_seen_as, const std::string& batch_id) {
    batch.duplicates.push_back({.original_path = file.path,
                                .sha256 = hash,
                                .first_seen_as = first_seen_as,
                                .batch_id = batch_id,
                                .size = file.size,
                                .modified_us = file.modified_us});
  }

  std::string landed_path_of(const std::string& hash) const {
    const auto landed = landed_paths_.find(hash);
    return landed == landed_paths_.end() ? "" : landed->second;
  }

  /// False when its bytes are known: then it is a duplicate, unless it is the very file that is
  /// known, met again.
  bool list_file(LandedFile file, Batch& batch) {
    const LandedIndex::FirstSeen* seen = index_.find(file.sha256);
    const auto [first, is_first] =
        first_names_.try_emplace(file.sha256, FirstName{file.original_path, !file.member.empty()});
    if (seen == nullptr && is_first) {
      batch.files.push_back(std::move(file));
      return true;
    }
    const bool is_met_again = seen != nullptr && seen->original_path == file.original_path;
    if (!is_met_again || file.member.empty()) {
      add_duplicate(batch, {file.original_path, file.size, file.modified_us}, file.sha256,
                    seen != nullptr ? seen->original_path : first->second.path,
                    seen != nullptr ? seen->batch_id : "");
    }
    // A member that came first has the same bytes, so that this copy is for nothing.
    if (file.member.empty() && seen == nullptr && first->second.is_member &&
        landed_paths_.erase(file.sha256) > 0) {
      discard(file.landed_path);
    }
    return false;
  }

  void list_archive(const FoundFile& file, const std::string& hash, Listed& listed, Batch& batch) {
    listed.is_open = false;
    listed.original_path = file.path;
    LandedArchive archive{.original_path = file.path,
                          .sha256 = hash,
                          .landed_path = listed.landed_path,
                          .size = file.size,
                          .modified_us = file.modified_us,
                          .patterns = format_.members};
    LandedFile landed{.file_id = hash.substr(0, 16),
                      .sha256 = hash,
                      .landed_path = listed.landed_path,
                      .original_path = file.path,
                      .size = file.size,
                      .modified_us = file.modified_us};
    bool is_needed = false;
    if (listed.listing.fault) {
      // Refused again with other patterns: it is landed already.
      is_needed = index_.find(hash) != nullptr || list_file(std::move(landed), batch);
    } else {
      for (const records::ArchiveMember& member : listed.listing.members) {
        landed.file_id = member.sha256.substr(0, 16);
        landed.sha256 = member.sha256;
        landed.member = member.name;
        landed.original_path = file.path + "/" + member.name;
        landed.size = member.size;
        if (list_file(landed, batch)) is_needed = true;
      }
    }
    if (!is_needed && landed_paths_.erase(hash) > 0) {
      discard(listed.landed_path);
      archive.landed_path.clear();
    }
    batch.archives.push_back(std::move(archive));
  }

  Status copy(size_t i) {
    const FoundFile& file = files_[i];
    const auto machine = machine_files();
    BULLION_TRY_ASSIGN(const auto reader, machine->open(machine_path(file.path)));
    const std::string landed_path =
        fmt::format("{}/{:06}-{}", folder_, i + 1, plain_name(file.path));
    BULLION_TRY_ASSIGN(const auto writer, lake_.create_stream(landed_path));
    Sha256 hash;
    std::string buffer(kCopyBytes, '\0');
    int64_t size = 0;
    // A file that grows as fast as it is read has no end; its listed size is enough to know.
    while (size <= file.size) {
      BULLION_TRY_ASSIGN(const size_t count, reader->read(buffer.data(), buffer.size()));
      if (count == 0) break;
      const std::string_view bytes = std::string_view(buffer).substr(0, count);
      hash.update(bytes);
      BULLION_TRY(writer->append(bytes));
      size += static_cast<int64_t>(count);
      report(file, static_cast<int64_t>(count));
    }
    BULLION_TRY_ASSIGN(const auto after, machine->stat(machine_path(file.path)));
    if (!after || after->size != file.size || after->modified_us != file.modified_us ||
        size != file.size) {
      return invalid(
          fmt::format("{} changed while it was read; wait until it is complete and run again, or "
                      "have it written under a name that ends with .tmp and renamed",
                      file.path));
    }
    hashes_[i] = hash.finish_hex();
    const LandedIndex::Archive* archive = index_.find_archive(hashes_[i]);
    if (archive != nullptr && archive->patterns.contains(format_.members)) return ok();
    if (archive != nullptr && !archive->landed_path.empty()) {
      return look_inside(file, hashes_[i], archive->landed_path);
    }
    if (!claim(hashes_[i], landed_path)) return ok();
    BULLION_TRY(writer->finish());
    return look_inside(file, hashes_[i], landed_path);
  }

  /// Lists the members of an archive; does nothing for other files.
  Status look_inside(const FoundFile& file, const std::string& hash,
                     const std::string& landed_path) {
    BULLION_TRY_ASSIGN(const auto kind, records::container_kind(lake_, landed_path));
    if (!records::is_archive_for(format_, kind)) return ok();
    {
      const std::lock_guard lock(mutex_);
      if (!listing_.insert(hash).second) return ok();
    }
    const auto on_unpacked = [&](int64_t bytes) { report_unpacked(file, bytes); };
    BULLION_TRY_ASSIGN(auto listing,
                       records::list_archive(lake_, landed_path, format_, on_unpacked));
    const std::lock_guard lock(mutex_);
    listed_.emplace(hash, Listed{.landed_path = landed_path,
                                 .listing = std::move(listing),
                                 .original_path = "",
                                 .is_open = true});
    return ok();
  }

  /// True for the first file of this content.
  bool claim(const std::string& hash, const std::string& landed_path) {
    const std::lock_guard lock(mutex_);
    return index_.find(hash) == nullptr && landed_paths_.try_emplace(hash, landed_path).second;
  }

  void report(const FoundFile& file, int64_t bytes) {
    if (!progress_) return;
    const std::lock_guard lock(mutex_);
    bytes_done_ += bytes;
    progress_("land", file.path, bytes_done_, bytes_total_);
  }

  /// How much an archive unpacks to is known when it is unpacked: the total grows with it.
  void report_unpacked(const FoundFile& file, int64_t bytes) {
    if (!progress_) return;
    const std::lock_guard lock(mutex_);
    bytes_total_ += bytes;
    bytes_done_ += bytes;
    progress_("land", file.path, bytes_done_, bytes_total_);
  }

  storage::FileSystem& lake_;
  const LandedIndex& index_;
  const project::FileFormat& format_;
  std::vector<FoundFile> files_;
  std::string folder_;
  const Progress& progress_;
  std::vector<std::string> hashes_;  // by file
  int64_t bytes_total_ = 0;

  std::mutex mutex_;
  std::map<std::string, std::string> landed_paths_;  // by hash; copied by this landing
  std::set<std::string> listing_;                    // hashes of archives that are looked into
  std::map<std::string, Listed> listed_;             // archives by hash
  std::map<std::string, FirstName> first_names_;     // by hash
  int64_t bytes_done_ = 0;
};

/// Somebody else claimed a sequence: what they landed is no longer ours to land.
void drop_known(Copier& copier, const LandedIndex& index, const std::vector<std::string>& patterns,
                Batch& batch) {
  std::vector<LandedFile> files = std::exchange(batch.files, {});
  std::set<std::string> dropped;
  for (LandedFile& file : files) {
    const LandedIndex::FirstSeen* seen = index.find(file.sha256);
    if (seen == nullptr) {
      batch.files.push_back(std::move(file));
      continue;
    }
    dropped.insert(file.landed_path);
    batch.duplicates.push_back({.original_path = file.original_path,
                                .sha256 = file.sha256,
                                .first_seen_as = seen->original_path,
                                .batch_id = seen->batch_id,
                                .size = file.size,
                                .modified_us = file.modified_us});
  }
  // Members of one archive share its copy.
  for (const LandedFile& file : batch.files) dropped.erase(file.landed_path);
  for (const std::string& path : dropped) copier.discard(path);
  std::erase_if(batch.duplicates, [&](const DuplicateFile& file) {
    return index.has_seen(file.original_path, file.size, file.modified_us, patterns);
  });
  std::erase_if(batch.archives, [&](const LandedArchive& archive) {
    return index.has_seen(archive.original_path, archive.size, archive.modified_us, patterns);
  });
  for (LandedArchive& archive : batch.archives) {
    if (dropped.contains(archive.landed_path)) archive.landed_path.clear();
  }
}

/// Claims the next sequence with `batch`; false when nothing is left to claim it for.
Result<bool> claim_sequence(storage::FileSystem& lake, Copier& copier, const Clock& clock,
                            const std::vector<std::string>& patterns, Batch& batch,
                            int64_t sequence) {
  for (int attempt = 0; attempt < kClaimsMax; ++attempt) {
    if (batch.files.empty() && batch.duplicates.empty() && batch.archives.empty()) return false;
    batch.sequence = sequence;
    batch.batch_id = batch_id_of(batch.source, sequence);
    batch.received_at_us = clock.now_us();
    Batch written = batch;
    for (DuplicateFile& file : written.duplicates) {
      if (file.batch_id.empty()) file.batch_id = batch.batch_id;
    }
    const Status created =
        lake.create(manifest_path(batch.source, sequence), batch_to_json(written));
    if (created) {
      batch = std::move(written);
      return true;
    }
    if (created.error().kind() != ErrorKind::Conflict) return created.error();
    BULLION_TRY_ASSIGN(const auto batches, read_batches(lake, batch.source));
    const LandedIndex index(batches);
    drop_known(copier, index, patterns, batch);
    sequence = index.next_sequence();
  }
  return conflict(fmt::format("source {}: others landed {} batches meanwhile; run again",
                              batch.source, kClaimsMax));
}

Status check_name(const std::string& path) {
  if (simdjson::validate_utf8(path.data(), path.size())) return ok();
  return invalid(fmt::format("the file name {} is not valid UTF-8; rename the file",
                             records::display_text(path, records::kRawBytesMax)));
}

}  // namespace

Result<LandOutcome> land(storage::FileSystem& lake, const project::Project& project,
                         const project::Source& source, const Clock& clock,
                         const Progress& progress) {
  const std::string& name = source.contract.name;
  BULLION_TRY_ASSIGN(const auto found, find_files(source.files, project.folder, project.lake));
  BULLION_TRY_ASSIGN(const auto batches, read_batches(lake, name));
  const LandedIndex index(batches);

  LandOutcome outcome;
  outcome.files_seen = static_cast<int64_t>(found.size());
  std::vector<FoundFile> unseen;
  for (const FoundFile& file : found) {
    BULLION_TRY(check_name(file.path));
    if (!index.has_seen(file.path, file.size, file.modified_us, source.format.members)) {
      unseen.push_back(file);
    }
  }
  if (unseen.empty()) return outcome;

  const std::string folder = landing_folder(name) + "/" + clock.uuid();
  Copier copier(lake, index, source.format, std::move(unseen), folder, progress);
  const Status copied = copier.copy_all();
  if (!copied) return copied.error().within(fmt::format("source {}", name));
  Batch batch;
  batch.source = name;
  batch.source_hash = source.hash;
  copier.list(batch);
  BULLION_TRY_ASSIGN(const bool claimed, claim_sequence(lake, copier, clock, source.format.members,
                                                        batch, index.next_sequence()));
  if (batch.files.empty()) copier.discard(folder);
  if (!claimed) return outcome;
  outcome.duplicates = batch.duplicates;
  for (const LandedFile& file : batch.files) outcome.bytes_landed += file.size;
  if (!batch.files.empty()) outcome.batch = std::move(batch);
  return outcome;
}

}  // namespace bullion::ingest
