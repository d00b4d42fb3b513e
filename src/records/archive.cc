#include "records/archive.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/sha256.h"
#include "records/archive_stream_internal.h"
#include "records/container_magic_internal.h"
#include "records/display_text.h"
#include "records/file_kind_internal.h"
#include "records/name_pattern.h"
#include "records/random_bytes_internal.h"

namespace bullion::records {
namespace {

constexpr size_t kBufferBytes = size_t{256} << 10;
constexpr size_t kUnwantedShownMax = 10;

bool is_hidden(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    const bool is_folder_itself = part == "." || part == "..";
    if ((part.starts_with('.') && !is_folder_itself) || part.starts_with("~$") ||
        part == "__MACOSX" || part == "Thumbs.db" || part == "desktop.ini") {
      return true;
    }
    path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  }
  return false;
}

/// A pattern without '/' is compared with the last part of the path alone.
bool is_wanted(const std::vector<std::string>& patterns, std::string_view path) {
  if (patterns.empty()) return true;
  return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
    const bool is_path = pattern.find('/') != std::string::npos;
    return matches_pattern(pattern, is_path ? path : path.substr(path.rfind('/') + 1));
  });
}

FileFault archive_fault(std::string code, std::string reason) {
  return {.code = std::move(code), .reason = std::move(reason), .line = 0, .raw = ""};
}

/// Lists one archive; the first fault ends it.
class Listing {
 public:
  Listing(ArchiveStream& stream, int64_t archive_bytes, const project::FileFormat& format,
          const std::function<void(int64_t)>& on_unpacked)
      : stream_(stream),
        archive_bytes_(archive_bytes),
        format_(format),
        on_unpacked_(on_unpacked),
        buffer_(kBufferBytes, '\0') {}

  Status run() {
    ArchiveEntry entry;
    for (;;) {
      BULLION_TRY_ASSIGN(const bool more, stream_.next(entry));
      if (!more) break;
      if (++entries_ > kArchiveEntriesMax) {
        fail("archive-limit",
             fmt::format("the archive has more than {} entries; split it", kArchiveEntriesMax));
      } else if (entry.is_file && !is_hidden(entry.name)) {
        BULLION_TRY(take(entry));
      }
      if (listing_.fault) return ok();
    }
    if (listing_.members.empty()) fail_empty();
    std::sort(listing_.members.begin(), listing_.members.end(),
              [](const auto& a, const auto& b) { return a.name < b.name; });
    return ok();
  }

  ArchiveListing listing() && { return std::move(listing_); }

 private:
  Status take(const ArchiveEntry& entry) {
    if (!is_wanted(format_.members, entry.name)) {
      if (unwanted_.size() < kUnwantedShownMax) unwanted_.push_back(display_text(entry.name, 200));
      return ok();
    }
    const std::string shown = display_text(entry.name, 200);
    if (entry.is_encrypted) {
      fail("encrypted-archive",
           fmt::format("member `{}` is encrypted; unpack the archive with its password and deliver "
                       "the files, or have it sent without a password",
                       shown));
    } else if (!names_.insert(entry.name).second) {
      fail("archive-names", fmt::format("two members are named `{}`; pack the archive again with "
                                        "each file once",
                                        shown));
    } else if (names_.size() > static_cast<size_t>(kArchiveMembersMax)) {
      fail("archive-limit", fmt::format("more than {} members are to be read; split the archive",
                                        kArchiveMembersMax));
    } else {
      return hash(entry, shown);
    }
    return ok();
  }

  Status hash(const ArchiveEntry& entry, const std::string& shown) {
    Sha256 hash;
    ArchiveMember member{.name = entry.name, .sha256 = "", .size = 0};
    std::string first;
    for (;;) {
      BULLION_TRY_ASSIGN(const size_t count, stream_.read(buffer_.data(), buffer_.size()));
      if (count == 0) break;
      const std::string_view bytes = std::string_view(buffer_).substr(0, count);
      if (first.size() < kTarHeaderBytes) first += bytes.substr(0, kTarHeaderBytes - first.size());
      hash.update(bytes);
      member.size += static_cast<int64_t>(count);
      unpacked_ += static_cast<int64_t>(count);
      if (is_bomb(shown)) return ok();
      if (on_unpacked_) on_unpacked_(static_cast<int64_t>(count));
    }
    if (is_nested(entry.name, first)) {
      fail(
          "nested-archive",
          fmt::format("member `{}` is an archive itself; unpack the outer archive and deliver what "
                      "is inside, or leave this member out with `members`",
                      shown));
      return ok();
    }
    member.sha256 = hash.finish_hex();
    listing_.members.push_back(std::move(member));
    return ok();
  }

  /// What expands without bound is stopped while it expands; sizes in the archive are not believed.
  bool is_bomb(const std::string& shown) {
    if (unpacked_ > kArchiveUnpackedMax) {
      fail("archive-limit", fmt::format("the archive unpacks to more than {} GiB; split it",
                                        kArchiveUnpackedMax >> 30));
    } else if (unpacked_ > kArchiveRatioFrom && unpacked_ / kArchiveRatioMax > archive_bytes_) {
      fail("archive-limit",
           fmt::format("the archive unpacks to more than {} times its {} bytes, at member `{}`: it "
                       "may be made to fill disks; if the data are good, deliver them unpacked",
                       kArchiveRatioMax, archive_bytes_, shown));
    }
    return listing_.fault.has_value();
  }

  bool is_nested(std::string_view name, std::string_view first) const {
    if (is_tar_header(first)) return true;
    if (first.starts_with("PK\3\4")) {
      return !is_workbook_start(first) && format_.kind != "xlsx";
    }
    return compression_of(first) != Compression::None &&
           (name.ends_with(".tgz") || name.ends_with(".tar.gz") || name.ends_with(".tar.zst"));
  }

  void fail_empty() {
    if (unwanted_.empty()) {
      fail("empty-archive", "the archive holds no file that is not hidden");
      return;
    }
    fail("empty-archive",
         fmt::format("no member of the archive matches `members` ({}); it holds {}",
                     fmt::join(format_.members, ", "), fmt::join(unwanted_, ", ")));
  }

  void fail(std::string code, std::string reason) {
    if (!listing_.fault) listing_.fault = archive_fault(std::move(code), std::move(reason));
  }

  ArchiveStream& stream_;
  int64_t archive_bytes_;
  const project::FileFormat& format_;
  const std::function<void(int64_t)>& on_unpacked_;
  std::string buffer_;
  int64_t entries_ = 0;
  int64_t unpacked_ = 0;
  std::set<std::string> names_;
  std::vector<std::string> unwanted_;
  ArchiveListing listing_;
};

/// The current entry of a stream as a file.
class MemberReader final : public storage::FileReader {
 public:
  MemberReader(std::unique_ptr<ArchiveStream> stream, int64_t size)
      : stream_(std::move(stream)), left_(size) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    BULLION_TRY_ASSIGN(const size_t count, stream_->read(buffer, capacity));
    left_ -= static_cast<int64_t>(count);
    if (left_ < 0) return corrupt("the archive's member has more bytes than when it landed");
    return count;
  }

 private:
  std::unique_ptr<ArchiveStream> stream_;
  int64_t left_;
};

}  // namespace

Result<ContainerKind> container_kind(const storage::FileSystem& files, const std::string& path) {
  constexpr int64_t kFirstBytes = 4096;
  BULLION_TRY_ASSIGN(std::string first, files.read_range(path, 0, kFirstBytes));
  if (first.starts_with("PK\3\4")) {
    return is_workbook_start(first) ? ContainerKind::Workbook : ContainerKind::Zip;
  }
  // An archive without entries, and one in several volumes.
  if (first.starts_with("PK\5\6") || first.starts_with("PK\7\b")) return ContainerKind::Zip;
  if (compression_of(first) != Compression::None) {
    // zstd gives nothing before the end of its first block.
    constexpr int64_t kBlockBytes = int64_t{256} << 10;
    BULLION_TRY_ASSIGN(first, files.read_range(path, 0, kBlockBytes));
    first = first_unpacked_bytes(first);
  }
  return is_tar_header(first) ? ContainerKind::Tar : ContainerKind::None;
}

bool is_archive_for(const project::FileFormat& format, ContainerKind kind) {
  if (format.kind == "parquet") return false;
  return kind == ContainerKind::Zip || kind == ContainerKind::Tar;
}

Result<ArchiveListing> list_archive(const storage::FileSystem& files, const std::string& path,
                                    const project::FileFormat& format,
                                    const std::function<void(int64_t)>& on_unpacked) {
  BULLION_TRY_ASSIGN(auto bytes, file_random_bytes(files, path, nullptr));
  const int64_t archive_bytes = bytes->size();
  const auto faulty = [](const Error& error) -> Result<ArchiveListing> {
    if (error.kind() != ErrorKind::Corrupt) return error;
    return ArchiveListing{{}, archive_fault("bad-archive", error.message())};
  };
  auto stream = open_archive_stream(std::move(bytes));
  if (!stream) return faulty(stream.error());
  Listing listing(**stream, archive_bytes, format, on_unpacked);
  const Status listed = listing.run();
  if (!listed) return faulty(listed.error());
  ArchiveListing found = std::move(listing).listing();
  if (found.fault) found.members.clear();
  return found;
}

Result<std::unique_ptr<storage::FileReader>> open_member(const storage::FileSystem& files,
                                                         const std::string& path,
                                                         const std::string& member, int64_t size) {
  BULLION_TRY_ASSIGN(auto bytes, file_random_bytes(files, path, nullptr));
  BULLION_TRY_ASSIGN(auto stream, open_archive_stream(std::move(bytes)));
  ArchiveEntry entry;
  for (;;) {
    BULLION_TRY_ASSIGN(const bool more, stream->next(entry));
    if (!more) {
      return not_found(
          fmt::format("{} has no member {}", files.location(path), quoted_for_message(member)));
    }
    if (entry.is_file && entry.name == member) break;
  }
  return std::unique_ptr<storage::FileReader>(
      std::make_unique<MemberReader>(std::move(stream), size));
}

}  // namespace bullion::records
