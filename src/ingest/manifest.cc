#include <algorithm>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/date.h"
#include "ingest/manifest_internal.h"

namespace bullion::ingest {
namespace {

using Json = nlohmann::ordered_json;

// Format 2 has withdrawals or archives; a manifest without is written as format 1, which older
// programs read.
constexpr int64_t kFormatVersion = 2;
constexpr size_t kSequenceDigits = 20;
constexpr std::string_view kSuffix = ".json";

Json file_to_json(const LandedFile& file) {
  Json json{{"file_id", file.file_id},
            {"sha256", file.sha256},
            {"landed_path", file.landed_path},
            {"original_path", file.original_path},
            {"size", file.size},
            {"modified_at", format_timestamp(file.modified_us)}};
  if (!file.member.empty()) json["member"] = file.member;
  return json;
}

Json archive_to_json(const LandedArchive& archive) {
  return {{"original_path", archive.original_path},
          {"sha256", archive.sha256},
          {"landed_path", archive.landed_path},
          {"size", archive.size},
          {"modified_at", format_timestamp(archive.modified_us)},
          {"members", archive.patterns}};
}

Json duplicate_to_json(const DuplicateFile& file) {
  return {{"original_path", file.original_path},
          {"sha256", file.sha256},
          {"first_seen_as", file.first_seen_as},
          {"batch_id", file.batch_id},
          {"size", file.size},
          {"modified_at", format_timestamp(file.modified_us)}};
}

Json withdrawal_to_json(const Withdrawal& withdrawal) {
  return {
      {"file_id", withdrawal.file_id},   {"original_path", withdrawal.original_path},
      {"batch_id", withdrawal.batch_id}, {"reason", withdrawal.reason},
      {"user", withdrawal.user},         {"action", withdrawal.restores ? "restore" : "withdraw"}};
}

/// Takes members out of an object, remembering the first one that is not as it must be.
class ObjectReader {
 public:
  explicit ObjectReader(const Json& object) : object_(object) {
    if (!object.is_object()) fault_ = "an object was expected";
  }

  std::string text(const char* name) {
    const Json* value = find(name);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    fail(name, "a text");
    return "";
  }
  std::string optional_text(const char* name) { return find(name) == nullptr ? "" : text(name); }
  int64_t integer(const char* name) {
    const Json* value = find(name);
    if (value != nullptr && value->is_number_integer()) return value->get<int64_t>();
    fail(name, "a whole number");
    return 0;
  }
  int64_t instant(const char* name) {
    const auto micros = parse_timestamp(text(name));
    if (!micros) fail(name, "a time");
    return micros.value_or(0);
  }
  std::vector<Json> list(const char* name) {
    const Json* value = find(name);
    if (value != nullptr && value->is_array()) return {value->begin(), value->end()};
    fail(name, "a list");
    return {};
  }
  std::vector<Json> optional_list(const char* name) {
    return find(name) == nullptr ? std::vector<Json>() : list(name);
  }
  std::vector<std::string> texts(const char* name) {
    std::vector<std::string> all;
    for (const Json& value : list(name)) {
      if (!value.is_string()) fail(name, "a list of texts");
      all.push_back(value.is_string() ? value.get<std::string>() : "");
    }
    return all;
  }
  void fail_from(const ObjectReader& part) {
    if (fault_.empty()) fault_ = part.fault_;
  }
  const std::string& fault() const { return fault_; }

 private:
  const Json* find(const char* name) const {
    if (!object_.is_object()) return nullptr;
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  void fail(const char* name, const char* expected) {
    if (fault_.empty()) fault_ = fmt::format("`{}` must be {}", name, expected);
  }

  const Json& object_;
  std::string fault_;
};

LandedFile file_from_json(const Json& json, ObjectReader& manifest) {
  ObjectReader object(json);
  LandedFile file;
  file.file_id = object.text("file_id");
  file.sha256 = object.text("sha256");
  file.landed_path = object.text("landed_path");
  file.member = object.optional_text("member");
  file.original_path = object.text("original_path");
  file.size = object.integer("size");
  file.modified_us = object.instant("modified_at");
  manifest.fail_from(object);
  return file;
}

LandedArchive archive_from_json(const Json& json, ObjectReader& manifest) {
  ObjectReader object(json);
  LandedArchive archive;
  archive.original_path = object.text("original_path");
  archive.sha256 = object.text("sha256");
  archive.landed_path = object.text("landed_path");
  archive.size = object.integer("size");
  archive.modified_us = object.instant("modified_at");
  archive.patterns = object.texts("members");
  manifest.fail_from(object);
  return archive;
}

DuplicateFile duplicate_from_json(const Json& json, ObjectReader& manifest) {
  ObjectReader object(json);
  DuplicateFile file;
  file.original_path = object.text("original_path");
  file.sha256 = object.text("sha256");
  file.first_seen_as = object.text("first_seen_as");
  file.batch_id = object.text("batch_id");
  file.size = object.integer("size");
  file.modified_us = object.instant("modified_at");
  manifest.fail_from(object);
  return file;
}

Withdrawal withdrawal_from_json(const Json& json, ObjectReader& manifest) {
  ObjectReader object(json);
  Withdrawal withdrawal;
  withdrawal.file_id = object.text("file_id");
  withdrawal.original_path = object.text("original_path");
  withdrawal.batch_id = object.text("batch_id");
  withdrawal.reason = object.text("reason");
  withdrawal.user = object.text("user");
  withdrawal.restores = object.text("action") == "restore";
  manifest.fail_from(object);
  return withdrawal;
}

bool is_manifest_name(std::string_view name) {
  return name.size() == kSequenceDigits + kSuffix.size() && name.ends_with(kSuffix) &&
         std::all_of(name.begin(), name.begin() + kSequenceDigits,
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string landing_folder(const std::string& source) { return "landing/" + source; }

std::string manifest_path(const std::string& source, int64_t sequence) {
  return fmt::format("{}/{:020}{}", landing_folder(source), sequence, kSuffix);
}

std::string batch_id_of(const std::string& source, int64_t sequence) {
  return fmt::format("{}-{}", source, sequence);
}

std::string batch_to_json(const Batch& batch) {
  const bool is_plain = batch.withdrawals.empty() && batch.archives.empty();
  Json json{{"format", is_plain ? 1 : kFormatVersion},
            {"source", batch.source},
            {"batch_id", batch.batch_id},
            {"sequence", batch.sequence},
            {"received_at", format_timestamp(batch.received_at_us)},
            {"source_hash", batch.source_hash},
            {"files", Json::array()},
            {"duplicates", Json::array()}};
  for (const LandedFile& file : batch.files) json["files"].push_back(file_to_json(file));
  for (const DuplicateFile& file : batch.duplicates) {
    json["duplicates"].push_back(duplicate_to_json(file));
  }
  for (const Withdrawal& withdrawal : batch.withdrawals) {
    json["withdrawals"].push_back(withdrawal_to_json(withdrawal));
  }
  for (const LandedArchive& archive : batch.archives) {
    json["archives"].push_back(archive_to_json(archive));
  }
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Batch> batch_from_json(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, false);
  if (parsed.is_discarded()) return corrupt("the landing manifest is no valid JSON");
  ObjectReader object(parsed);
  const int64_t format = object.integer("format");
  if (object.fault().empty() && format > kFormatVersion) {
    return invalid(
        fmt::format("the landing manifest has format {}, written by a newer Bullion; this one "
                    "reads up to {}. Update Bullion",
                    format, kFormatVersion));
  }
  Batch batch;
  batch.source = object.text("source");
  batch.batch_id = object.text("batch_id");
  batch.sequence = object.integer("sequence");
  batch.received_at_us = object.instant("received_at");
  batch.source_hash = object.text("source_hash");
  for (const Json& file : object.list("files")) batch.files.push_back(file_from_json(file, object));
  for (const Json& file : object.list("duplicates")) {
    batch.duplicates.push_back(duplicate_from_json(file, object));
  }
  for (const Json& withdrawal : object.optional_list("withdrawals")) {
    batch.withdrawals.push_back(withdrawal_from_json(withdrawal, object));
  }
  for (const Json& archive : object.optional_list("archives")) {
    batch.archives.push_back(archive_from_json(archive, object));
  }
  if (!object.fault().empty()) {
    return corrupt(fmt::format("the landing manifest is damaged: {}", object.fault()));
  }
  return batch;
}

Result<std::vector<Batch>> read_batches(const storage::FileSystem& lake,
                                        const std::string& source) {
  BULLION_TRY_ASSIGN(const auto entries, lake.list(landing_folder(source)));
  std::vector<Batch> batches;
  for (const storage::FileInfo& entry : entries) {
    if (entry.is_directory || !is_manifest_name(entry.name())) continue;
    BULLION_TRY_ASSIGN(const std::string text, lake.read(entry.path));
    auto batch = batch_from_json(text);
    if (!batch) return batch.error().within(lake.location(entry.path));
    const auto expected = static_cast<int64_t>(batches.size()) + 1;
    if (batch->sequence != expected || batch->source != source ||
        entry.path != manifest_path(source, expected)) {
      return corrupt(
          fmt::format("{}: expected manifest {} of source {}, found {} of {}; a manifest is "
                      "missing or was moved",
                      lake.location(entry.path), expected, source, batch->sequence, batch->source));
    }
    batches.push_back(*std::move(batch));
  }
  return batches;
}

LandedIndex::LandedIndex(const std::vector<Batch>& batches) {
  for (const Batch& batch : batches) {
    for (const LandedFile& file : batch.files) {
      by_hash_.try_emplace(file.sha256, FirstSeen{file.original_path, batch.batch_id});
      seen_.emplace(file.original_path, file.size, file.modified_us);
    }
    for (const DuplicateFile& file : batch.duplicates) {
      seen_.emplace(file.original_path, file.size, file.modified_us);
    }
    for (const LandedArchive& archive : batch.archives) {
      Archive& known = archives_[archive.sha256];
      if (known.landed_path.empty()) known.landed_path = archive.landed_path;
      if (known.batch_id.empty()) {
        known.original_path = archive.original_path;
        known.batch_id = batch.batch_id;
      }
      known.patterns.insert(archive.patterns);
      archives_seen_[{archive.original_path, archive.size, archive.modified_us}].insert(
          archive.patterns);
    }
    next_sequence_ = batch.sequence + 1;
  }
}

const LandedIndex::FirstSeen* LandedIndex::find(const std::string& sha256) const {
  const auto found = by_hash_.find(sha256);
  return found == by_hash_.end() ? nullptr : &found->second;
}

const LandedIndex::Archive* LandedIndex::find_archive(const std::string& sha256) const {
  const auto found = archives_.find(sha256);
  return found == archives_.end() ? nullptr : &found->second;
}

bool LandedIndex::has_seen(const std::string& path, int64_t size, int64_t modified_us,
                           const std::vector<std::string>& patterns) const {
  const Seen seen{path, size, modified_us};
  const auto archive = archives_seen_.find(seen);
  if (archive != archives_seen_.end()) return archive->second.contains(patterns);
  return seen_.contains(seen);
}

}  // namespace bullion::ingest
