#include "release/store.h"

#include <algorithm>
#include <charconv>
#include <set>

#include <fmt/format.h>

namespace bullion::release {
namespace {

constexpr const char* kFolder = "releases";
constexpr std::string_view kIntentSuffix = ".intent.json";
constexpr std::string_view kRecordSuffix = ".json";

std::string record_path(int64_t number) { return fmt::format("{}/{:020}.json", kFolder, number); }
std::string intent_path(int64_t number) {
  return fmt::format("{}/{:020}.intent.json", kFolder, number);
}

/// Numbers with a record and numbers with an intent, from one listing.
struct Numbers {
  std::set<int64_t> records;
  std::set<int64_t> intents;
};

Result<Numbers> list_numbers(const storage::FileSystem& lake) {
  BULLION_TRY_ASSIGN(const auto entries, lake.list(kFolder));
  Numbers numbers;
  for (const storage::FileInfo& entry : entries) {
    const std::string_view name = entry.name();
    const bool is_intent = name.ends_with(kIntentSuffix);
    if (!is_intent && !name.ends_with(kRecordSuffix)) continue;
    const size_t digits = name.size() - (is_intent ? kIntentSuffix : kRecordSuffix).size();
    int64_t number = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + digits, number);
    if (fault != std::errc{} || end != name.data() + digits) continue;
    (is_intent ? numbers.intents : numbers.records).insert(number);
  }
  return numbers;
}

Result<Record> read_record(const storage::FileSystem& lake, int64_t number) {
  BULLION_TRY_ASSIGN(const std::string text, lake.read(record_path(number)));
  auto record = record_from_json(text);
  if (!record) return std::move(record).error().within(lake.location(record_path(number)));
  return record;
}

}  // namespace

Result<std::vector<Record>> Store::list() const {
  BULLION_TRY_ASSIGN(const Numbers numbers, list_numbers(lake_));
  std::vector<Record> records;
  for (const int64_t number : numbers.records) {
    BULLION_TRY_ASSIGN(Record record, read_record(lake_, number));
    records.push_back(std::move(record));
  }
  return records;
}

Result<std::optional<Record>> Store::latest() const {
  BULLION_TRY_ASSIGN(const Numbers numbers, list_numbers(lake_));
  for (auto number = numbers.records.rbegin(); number != numbers.records.rend(); ++number) {
    BULLION_TRY_ASSIGN(Record record, read_record(lake_, *number));
    if (!record.is_void) return std::optional(std::move(record));
  }
  return std::optional<Record>();
}

Result<Record> Store::get(int64_t number) const {
  BULLION_TRY_ASSIGN(const Numbers numbers, list_numbers(lake_));
  if (!numbers.records.contains(number)) {
    if (numbers.records.empty()) {
      return not_found("the lake has no release yet; `bullion run` publishes the first");
    }
    return not_found(fmt::format("there is no release {}; the lake has {} to {}", number,
                                 *numbers.records.begin(), *numbers.records.rbegin()));
  }
  BULLION_TRY_ASSIGN(Record record, read_record(lake_, number));
  if (record.is_void) {
    return not_found(fmt::format("release {} is void: {}", number, record.void_reason));
  }
  return record;
}

Result<int64_t> Store::next_number() const {
  BULLION_TRY_ASSIGN(const Numbers numbers, list_numbers(lake_));
  int64_t last = 0;
  if (!numbers.records.empty()) last = std::max(last, *numbers.records.rbegin());
  if (!numbers.intents.empty()) last = std::max(last, *numbers.intents.rbegin());
  return last + 1;
}

Status Store::claim(const Intent& intent) {
  return lake_.create(intent_path(intent.record.number), intent_to_json(intent));
}

/// The reason the release must be void, or nullopt when every table is committed.
Result<std::optional<std::string>> Store::commit_tables(const Intent& intent) {
  for (const TableCommit& commit : intent.commits) {
    delta::Log log(lake_, commit.path, clock_, codec_);
    delta::Transaction transaction{.read_version = commit.base_version,
                                   .actions = commit.actions,
                                   .reads = {.whole_table = true, .partitions = {}, .files = {}},
                                   .serializable = true,
                                   .exact_version = true};
    const auto committed = log.commit(transaction);
    if (committed) continue;
    if (committed.error().kind() != ErrorKind::Conflict) return committed.error();
    // Somebody took the version. It may have been another finisher of this very release.
    BULLION_TRY_ASSIGN(const delta::Snapshot snapshot, log.snapshot());
    const auto txn = snapshot.txns.find(kReleaseAppId);
    if (txn != snapshot.txns.end() && txn->second.version >= intent.record.number) continue;
    return std::optional(fmt::format("table {}: version {} was taken by a foreign commit ({})",
                                     commit.table, commit.base_version + 1,
                                     committed.error().message()));
  }
  return std::optional<std::string>();
}

Result<Record> Store::finish(const Intent& intent) {
  const int64_t number = intent.record.number;
  BULLION_TRY_ASSIGN(const auto existing, lake_.stat(record_path(number)));
  if (existing) return read_record(lake_, number);
  BULLION_TRY_ASSIGN(const std::optional<std::string> void_reason, commit_tables(intent));
  Record record = intent.record;
  if (void_reason) {
    record.is_void = true;
    record.void_reason = *void_reason;
  }
  const Status created = lake_.create(record_path(number), record_to_json(record));
  if (!created && created.error().kind() != ErrorKind::Conflict) return created.error();
  return read_record(lake_, number);
}

Result<std::vector<Record>> Store::recover() {
  BULLION_TRY_ASSIGN(const Numbers numbers, list_numbers(lake_));
  std::vector<Record> finished;
  for (const int64_t number : numbers.intents) {
    if (numbers.records.contains(number)) continue;
    BULLION_TRY_ASSIGN(const std::string text, lake_.read(intent_path(number)));
    auto intent = intent_from_json(text);
    if (!intent) return std::move(intent).error().within(lake_.location(intent_path(number)));
    BULLION_TRY_ASSIGN(Record record, finish(*intent));
    finished.push_back(std::move(record));
  }
  return finished;
}

}  // namespace bullion::release
