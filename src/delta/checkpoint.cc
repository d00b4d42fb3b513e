#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/decimal.h"
#include "delta/checkpoint_internal.h"
#include "delta/json_reader_internal.h"
#include "delta/json_writer_internal.h"

namespace bullion::delta {
namespace {

constexpr std::string_view kHintName = "_last_checkpoint";

struct IntervalUnit {
  std::string_view name;
  int64_t microseconds;
};

constexpr std::array<IntervalUnit, 7> kIntervalUnits = {{
    {"microsecond", 1},
    {"millisecond", 1000},
    {"second", 1000000},
    {"minute", 60LL * 1000000},
    {"hour", 3600LL * 1000000},
    {"day", 86400LL * 1000000},
    {"week", 7 * 86400LL * 1000000},
}};

std::string_view next_word(std::string_view& text) {
  const size_t start = std::min(text.find_first_not_of(' '), text.size());
  const size_t end = std::min(text.find(' ', start), text.size());
  const std::string_view word = text.substr(start, end - start);
  text.remove_prefix(end);
  return word;
}

std::optional<int64_t> parse_whole(std::string_view text) {
  int64_t number = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (text.empty() || parsed.ec != std::errc() || parsed.ptr != end) return std::nullopt;
  return number;
}

std::optional<int64_t> unit_microseconds(std::string_view name) {
  if (name.ends_with('s')) name.remove_suffix(1);
  for (const IntervalUnit& unit : kIntervalUnits) {
    if (unit.name == name) return unit.microseconds;
  }
  return std::nullopt;
}

std::string_view property(const Metadata& metadata, const char* key, std::string_view fallback) {
  const auto found = metadata.configuration.find(key);
  return found == metadata.configuration.end() ? fallback : std::string_view(found->second);
}

int64_t action_count(const Commit& actions) {
  return static_cast<int64_t>(actions.adds.size() + actions.removes.size() + actions.txns.size()) +
         (actions.protocol ? 1 : 0) + (actions.metadata ? 1 : 0);
}

/// What every file action says about its file that a reader cannot do without, sorted.
template <typename File>
std::vector<std::pair<std::string_view, int64_t>> sorted_files(const std::vector<File>& files) {
  std::vector<std::pair<std::string_view, int64_t>> sorted;
  sorted.reserve(files.size());
  for (const File& file : files) sorted.emplace_back(file.path, file.size);
  std::sort(sorted.begin(), sorted.end());
  return sorted;
}

Status check_equal(const Commit& wanted, const Commit& found) {
  if (action_count(wanted) == action_count(found) &&
      sorted_files(wanted.adds) == sorted_files(found.adds) &&
      sorted_files(wanted.removes) == sorted_files(found.removes)) {
    return ok();
  }
  return corrupt(fmt::format(
      "the checkpoint reads back as {} actions with {} files instead of {} "
      "with {}",
      action_count(found), found.adds.size(), action_count(wanted), wanted.adds.size()));
}

/// The version the current hint names; -1 when it is absent or unreadable.
int64_t hinted_version(const storage::FileSystem& files, const LogFolder& folder) {
  const auto text = files.read(folder.path_of(std::string(kHintName)));
  if (!text) return -1;
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text->data(), text->size()).get(object) != simdjson::SUCCESS) return -1;
  return json_integer(object, "version", -1).value_or(-1);
}

/// Hadoop readers check a file against a ".name.crc" beside it, which is stale once we replaced it.
void remove_stale_checksum(storage::FileSystem& files, const LogFolder& folder,
                           const std::string& name) {
  const std::string path = folder.path_of(fmt::format(".{}.crc", name));
  [[maybe_unused]] const Status removed = files.remove(path);
}

}  // namespace

std::optional<int64_t> parse_interval_ms(std::string_view text) {
  if (next_word(text) != "interval") return std::nullopt;
  Int128 total = 0;
  bool any = false;
  for (std::string_view word = next_word(text); !word.empty(); word = next_word(text)) {
    const auto count = parse_whole(word);
    const auto unit = unit_microseconds(next_word(text));
    if (!count || !unit || *count < 0) return std::nullopt;
    total += Int128{*count} * *unit;
    if (total / 1000 > std::numeric_limits<int64_t>::max()) return std::nullopt;
    any = true;
  }
  if (!any) return std::nullopt;
  return static_cast<int64_t>(total / 1000);
}

bool is_checkpoint_due(int64_t version, const Metadata& metadata, int64_t interval_default) {
  // These two ask for a form of statistics in the checkpoint that the codec does not write.
  if (property(metadata, "delta.checkpoint.writeStatsAsStruct", "false") == "true" ||
      property(metadata, "delta.checkpoint.writeStatsAsJson", "true") == "false") {
    return false;
  }
  const auto wanted = parse_whole(property(metadata, "delta.checkpointInterval", ""));
  const int64_t interval = wanted && *wanted > 0 ? *wanted : interval_default;
  return interval > 0 && version > 0 && version % interval == 0;
}

Commit checkpoint_actions(const Snapshot& snapshot, int64_t now_ms) {
  Commit actions;
  actions.protocol = snapshot.protocol;
  actions.metadata = snapshot.metadata;
  for (const auto& [app_id, txn] : snapshot.txns) actions.txns.push_back(txn);
  actions.adds = snapshot.files;
  for (AddFile& add : actions.adds) add.data_change = false;
  // A retention we cannot read keeps every tombstone: too many are harmless, too few are not.
  const auto retention_ms = parse_interval_ms(
      property(snapshot.metadata, "delta.deletedFileRetentionDuration", "interval 1 week"));
  for (const RemoveFile& remove : snapshot.tombstones) {
    const bool expired = retention_ms && remove.deletion_timestamp_ms <= now_ms - *retention_ms;
    if (expired) continue;
    actions.removes.push_back(remove);
    actions.removes.back().data_change = false;
  }
  return actions;
}

Result<Commit> read_checkpoint(const storage::FileSystem& files, CheckpointCodec& codec,
                               const CheckpointFiles& checkpoint) {
  Commit all;
  for (const std::string& path : checkpoint.paths) {
    auto part = codec.read(files, path);
    if (!part) return part.error().within(files.location(path));
    if (part->protocol) all.protocol = std::move(part->protocol);
    if (part->metadata) all.metadata = std::move(part->metadata);
    std::move(part->adds.begin(), part->adds.end(), std::back_inserter(all.adds));
    std::move(part->removes.begin(), part->removes.end(), std::back_inserter(all.removes));
    std::move(part->txns.begin(), part->txns.end(), std::back_inserter(all.txns));
  }
  if (!all.protocol || !all.metadata) {
    return corrupt(fmt::format("{}: the checkpoint has no {}",
                               files.location(checkpoint.paths.front()),
                               all.protocol ? "metaData" : "protocol"));
  }
  return all;
}

Status CheckpointWriter::publish(const Snapshot& snapshot) const {
  const Commit actions = checkpoint_actions(snapshot, clock.now_us() / 1000);
  const std::string name = folder.checkpoint_name(snapshot.version);
  const std::string staged = folder.path_of(fmt::format(".{}.{}.tmp", name, clock.uuid()));
  // Read back before anybody can see it: a checkpoint that lacks a file is lost data.
  const auto write_staged = [&]() -> Result<std::string> {
    BULLION_TRY(codec.write(files, staged, actions));
    BULLION_TRY_ASSIGN(const Commit found, read_checkpoint(files, codec, {0, {staged}}));
    BULLION_TRY(check_equal(actions, found));
    return files.read(staged);
  };
  const auto bytes = write_staged();
  [[maybe_unused]] const Status cleared = files.remove(staged);
  if (!bytes) return bytes.error();
  const std::string path = folder.path_of(name);
  BULLION_TRY(files.replace(path, *bytes));
  remove_stale_checksum(files, folder, name);
  BULLION_TRY_ASSIGN(const auto published, files.stat(path));
  if (!published || published->size != static_cast<int64_t>(bytes->size())) {
    return corrupt(fmt::format("{}: the checkpoint was not stored in full", files.location(path)));
  }
  // A slower writer must not point readers back to an older checkpoint.
  if (hinted_version(files, folder) > snapshot.version) return ok();
  JsonObject hint;
  hint.number("version", snapshot.version);
  hint.number("size", action_count(actions));
  hint.number("sizeInBytes", published->size);
  hint.number("numOfAddFiles", static_cast<int64_t>(actions.adds.size()));
  const std::string hint_name(kHintName);
  BULLION_TRY(files.replace(folder.path_of(hint_name), std::move(hint).finish()));
  remove_stale_checksum(files, folder, hint_name);
  return ok();
}

}  // namespace bullion::delta
