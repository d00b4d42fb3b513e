#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "delta/log_folder_internal.h"

namespace bullion::delta {
namespace {

constexpr size_t kVersionDigits = 20;
constexpr size_t kPartDigits = 10;
constexpr std::string_view kCheckpointMark = ".checkpoint.";
constexpr std::string_view kParquetEnding = "parquet";

/// The number in exactly `width` digits at the start of `text`; -1 otherwise.
int64_t leading_number(std::string_view text, size_t width) {
  if (text.size() < width) return -1;
  int64_t number = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + width, number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + width ? number : -1;
}

/// Parts seen so far of one checkpoint, by number.
using Parts = std::map<int64_t, std::string>;

struct ListingBuilder {
  LogListing listing;
  std::map<std::pair<int64_t, int64_t>, Parts> parts;  ///< by version and count of parts

  void take(std::string_view name, const std::string& path) {
    const int64_t version = leading_number(name, kVersionDigits);
    if (version < 0) return;
    const std::string_view rest = name.substr(kVersionDigits);
    if (rest == ".json") {
      listing.commits.push_back(version);
    } else if (rest.starts_with(kCheckpointMark)) {
      take_checkpoint(version, rest.substr(kCheckpointMark.size()), path);
    }
  }

  void take_checkpoint(int64_t version, std::string_view rest, const std::string& path) {
    if (rest == kParquetEnding) {
      listing.checkpoints.push_back({version, {path}});
      return;
    }
    // <part>.<parts>.parquet; anything else belongs to a kind of checkpoint we do not read.
    if (rest.size() != 2 * kPartDigits + 2 + kParquetEnding.size() || rest[kPartDigits] != '.' ||
        rest[2 * kPartDigits + 1] != '.' || !rest.ends_with(kParquetEnding)) {
      return;
    }
    const int64_t part = leading_number(rest, kPartDigits);
    const int64_t count = leading_number(rest.substr(kPartDigits + 1), kPartDigits);
    if (part >= 1 && part <= count) parts[{version, count}][part] = path;
  }

  LogListing finish() && {
    for (auto& [key, found] : parts) {
      const auto& [version, count] = key;
      if (static_cast<int64_t>(found.size()) != count) continue;
      CheckpointFiles checkpoint{version, {}};
      for (auto& [number, path] : found) checkpoint.paths.push_back(std::move(path));
      listing.checkpoints.push_back(std::move(checkpoint));
    }
    std::sort(listing.commits.begin(), listing.commits.end());
    std::stable_sort(
        listing.checkpoints.begin(), listing.checkpoints.end(), [](const auto& a, const auto& b) {
          // Of two of one version the single file comes last, and is tried first.
          return std::pair(a.version, b.paths.size()) < std::pair(b.version, a.paths.size());
        });
    return std::move(listing);
  }
};

}  // namespace

std::string version_digits(int64_t version) { return fmt::format("{:020}", version); }

int64_t LogListing::latest() const {
  const int64_t commit = commits.empty() ? -1 : commits.back();
  const int64_t checkpoint = checkpoints.empty() ? -1 : checkpoints.back().version;
  return std::max(commit, checkpoint);
}

int64_t LogListing::oldest() const {
  if (!commits.empty() && commits.front() == 0) return 0;
  if (!checkpoints.empty()) return checkpoints.front().version;
  return commits.empty() ? -1 : commits.front();
}

std::string LogFolder::path_of(const std::string& name) const {
  return storage::join_path(storage::join_path(table_path_, "_delta_log"), name);
}

std::string LogFolder::commit_path(int64_t version) const {
  return path_of(version_digits(version) + ".json");
}

std::string LogFolder::checkpoint_name(int64_t version) const {
  return version_digits(version) + std::string(kCheckpointMark) + std::string(kParquetEnding);
}

Result<LogListing> LogFolder::list() const {
  BULLION_TRY_ASSIGN(const std::vector<storage::FileInfo> entries, files_.list(path_of("")));
  ListingBuilder builder;
  for (const storage::FileInfo& entry : entries) {
    if (!entry.is_directory) builder.take(entry.name(), entry.path);
  }
  return std::move(builder).finish();
}

Status LogFolder::check_contiguous(const LogListing& listing, int64_t first, int64_t last) const {
  auto next = std::lower_bound(listing.commits.begin(), listing.commits.end(), first);
  for (int64_t version = first; version <= last; ++version) {
    if (next != listing.commits.end() && *next == version) {
      ++next;
      continue;
    }
    BULLION_TRY_ASSIGN(const auto found, files_.stat(commit_path(version)));
    if (!found.has_value()) {
      return corrupt(fmt::format(
          "table `{}`: commit {} of its log is missing ({}); restore that file from a copy",
          table_path_, version, files_.location(commit_path(version))));
    }
  }
  return ok();
}

Result<std::optional<Commit>> LogFolder::read_commit(int64_t version) const {
  const std::string path = commit_path(version);
  auto text = files_.read(path);
  if (!text) {
    if (text.error().kind() == ErrorKind::NotFound) return std::optional<Commit>();
    return std::move(text).error();
  }
  if (text->empty()) {
    return corrupt(fmt::format("{}: the commit is empty; whoever wrote it did not finish",
                               files_.location(path)));
  }
  auto commit = commit_from_json(*text);
  if (!commit) return commit.error().within(files_.location(path));
  return std::optional<Commit>(std::move(commit).value());
}

}  // namespace bullion::delta
