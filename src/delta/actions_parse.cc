// Reading half of the actions: one JSON object per action.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "delta/actions.h"
#include "delta/json_reader_internal.h"

namespace bullion::delta {
namespace {

using simdjson::dom::element;
using simdjson::dom::key_value_pair;
using simdjson::dom::object;

/// commitInfo is free form, and other writers put numbers and objects where we put strings.
std::string free_text(element value) {
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) return std::string(text);
  return simdjson::minify(value);
}

std::map<std::string, std::string> free_texts(object parent, std::string_view key) {
  std::map<std::string, std::string> texts;
  element value;
  object members;
  if (!json_member(parent, key, value) || value.get(members) != simdjson::SUCCESS) return texts;
  for (const key_value_pair member : members) {
    if (!member.value.is_null()) texts.emplace(member.key, free_text(member.value));
  }
  return texts;
}

CommitInfo parse_commit_info(object json) {
  CommitInfo info;
  info.timestamp_ms = json_integer(json, "timestamp", 0).value_or(0);
  info.operation = json_text(json, "operation", "").value_or("");
  info.operation_parameters = free_texts(json, "operationParameters");
  info.operation_metrics = free_texts(json, "operationMetrics");
  element read_version;
  int64_t version = 0;
  if (json_member(json, "readVersion", read_version) &&
      read_version.get(version) == simdjson::SUCCESS) {
    info.read_version = version;
  }
  // Only a literal true makes a blind append; anything else must be treated as one that has read.
  info.is_blind_append = json_flag(json, "isBlindAppend", false).value_or(false);
  info.isolation_level = json_text(json, "isolationLevel", "").value_or("");
  info.engine_info = json_text(json, "engineInfo", "").value_or("");
  info.txn_id = json_text(json, "txnId", "").value_or("");
  return info;
}

Result<Protocol> parse_protocol(object json) {
  Protocol protocol;
  BULLION_TRY_ASSIGN(const int64_t reader, json_integer(json, "minReaderVersion", 0));
  BULLION_TRY_ASSIGN(const int64_t writer, json_integer(json, "minWriterVersion", 0));
  if (reader < 1 || reader > 1000 || writer < 1 || writer > 1000) {
    return corrupt(fmt::format("protocol versions ({},{}) are out of range", reader, writer));
  }
  protocol.min_reader_version = static_cast<int>(reader);
  protocol.min_writer_version = static_cast<int>(writer);
  BULLION_TRY_ASSIGN(protocol.reader_features, json_names(json, "readerFeatures"));
  BULLION_TRY_ASSIGN(protocol.writer_features, json_names(json, "writerFeatures"));
  return protocol;
}

Result<Metadata> parse_metadata(object json) {
  Metadata metadata;
  BULLION_TRY_ASSIGN(metadata.id, json_text(json, "id", ""));
  BULLION_TRY_ASSIGN(metadata.name, json_text(json, "name", ""));
  BULLION_TRY_ASSIGN(metadata.description, json_text(json, "description", ""));
  BULLION_TRY_ASSIGN(metadata.schema_string, json_text(json, "schemaString", ""));
  if (metadata.schema_string.empty()) return corrupt("metaData has no schemaString");
  BULLION_TRY_ASSIGN(metadata.schema, schema_from_json(metadata.schema_string));
  BULLION_TRY_ASSIGN(metadata.partition_columns, json_names(json, "partitionColumns"));
  BULLION_TRY_ASSIGN(metadata.configuration, json_texts(json, "configuration"));
  BULLION_TRY_ASSIGN(metadata.created_time_ms, json_integer(json, "createdTime", 0));
  return metadata;
}

Result<PartitionValues> parse_partition_values(object parent) {
  PartitionValues values;
  element json;
  if (!json_member(parent, "partitionValues", json)) return values;
  object members;
  if (json.get(members) != simdjson::SUCCESS) return corrupt("`partitionValues` is not an object");
  for (const key_value_pair member : members) {
    std::string_view text;
    if (!member.value.is_null() && member.value.get(text) != simdjson::SUCCESS) {
      return corrupt(fmt::format("the value of partition column `{}` is not a string", member.key));
    }
    auto& value = values[std::string(member.key)];
    if (!text.empty()) value = std::string(text);
  }
  return values;
}

Result<std::string> parse_path(object json) {
  BULLION_TRY_ASSIGN(std::string path, json_text(json, "path", ""));
  if (path.empty()) return corrupt("a file action has no path");
  return path;
}

Result<AddFile> parse_add(object json) {
  AddFile add;
  BULLION_TRY_ASSIGN(add.path, parse_path(json));
  BULLION_TRY_ASSIGN(add.partition_values, parse_partition_values(json));
  BULLION_TRY_ASSIGN(add.size, json_integer(json, "size", 0));
  BULLION_TRY_ASSIGN(add.modification_time_ms, json_integer(json, "modificationTime", 0));
  BULLION_TRY_ASSIGN(add.data_change, json_flag(json, "dataChange", true));
  BULLION_TRY_ASSIGN(add.stats_json, json_text(json, "stats", ""));
  BULLION_TRY_ASSIGN(add.tags, json_texts(json, "tags"));
  add.deletion_vector_json = json_verbatim(json, "deletionVector");
  return add;
}

Result<RemoveFile> parse_remove(object json) {
  RemoveFile remove;
  BULLION_TRY_ASSIGN(remove.path, parse_path(json));
  BULLION_TRY_ASSIGN(remove.deletion_timestamp_ms, json_integer(json, "deletionTimestamp", 0));
  BULLION_TRY_ASSIGN(remove.data_change, json_flag(json, "dataChange", true));
  BULLION_TRY_ASSIGN(remove.partition_values, parse_partition_values(json));
  BULLION_TRY_ASSIGN(remove.size, json_integer(json, "size", 0));
  return remove;
}

Result<Txn> parse_txn(object json) {
  Txn txn;
  BULLION_TRY_ASSIGN(txn.app_id, json_text(json, "appId", ""));
  if (txn.app_id.empty()) return corrupt("a txn has no appId");
  BULLION_TRY_ASSIGN(txn.version, json_integer(json, "version", 0));
  BULLION_TRY_ASSIGN(txn.last_updated_ms, json_integer(json, "lastUpdated", 0));
  return txn;
}

Status parse_member(std::string_view name, object body, Commit& commit) {
  if (name == "add") {
    BULLION_TRY_ASSIGN(AddFile add, parse_add(body));
    commit.adds.push_back(std::move(add));
  } else if (name == "remove") {
    BULLION_TRY_ASSIGN(RemoveFile remove, parse_remove(body));
    commit.removes.push_back(std::move(remove));
  } else if (name == "txn") {
    BULLION_TRY_ASSIGN(Txn txn, parse_txn(body));
    commit.txns.push_back(std::move(txn));
  } else if (name == "metaData") {
    if (commit.metadata) return corrupt("a second metaData in one commit");
    BULLION_TRY_ASSIGN(commit.metadata, parse_metadata(body));
  } else if (name == "protocol") {
    if (commit.protocol) return corrupt("a second protocol in one commit");
    BULLION_TRY_ASSIGN(commit.protocol, parse_protocol(body));
  } else if (name == "commitInfo") {
    commit.info = parse_commit_info(body);
  }
  return ok();
}

/// One action: an object whose single member names it. Null members are skipped, because writers
/// that go through a fixed schema emit one member per kind of action.
Status parse_action(element json, Commit& commit) {
  object wrapper;
  if (json.get(wrapper) != simdjson::SUCCESS) return corrupt("an action is not a JSON object");
  for (const key_value_pair member : wrapper) {
    object body;
    if (member.value.get(body) != simdjson::SUCCESS) continue;
    BULLION_TRY(parse_member(member.key, body, commit));
  }
  return ok();
}

bool is_blank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

}  // namespace

Result<Commit> commit_from_json(std::string_view text) {
  Commit commit;
  // One padded copy, so that no line is copied again: what follows a line serves as its padding.
  const simdjson::padded_string padded(text);
  simdjson::dom::parser parser;
  size_t start = 0;
  for (int64_t number = 1; start < text.size(); ++number) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::string_view line(padded.data() + start, end - start);
    start = end + 1;
    if (is_blank(line)) continue;
    element json;
    const simdjson::error_code error = parser.parse(line.data(), line.size(), false).get(json);
    if (error != simdjson::SUCCESS) {
      return corrupt(fmt::format("line {}: {}", number, simdjson::error_message(error)));
    }
    const Status parsed = parse_action(json, commit);
    if (!parsed) return parsed.error().within(fmt::format("line {}", number));
  }
  return commit;
}

Result<Commit> actions_from_json_array(std::string_view json) {
  const simdjson::padded_string padded(json);
  simdjson::dom::parser parser;
  simdjson::dom::array actions;
  const simdjson::error_code error = parser.parse(padded).get(actions);
  if (error != simdjson::SUCCESS) {
    return corrupt(
        fmt::format("the actions are no JSON array: {}", simdjson::error_message(error)));
  }
  Commit commit;
  int64_t number = 0;
  for (const element action : actions) {
    ++number;
    const Status parsed = parse_action(action, commit);
    if (!parsed) return parsed.error().within(fmt::format("action {}", number));
  }
  return commit;
}

}  // namespace bullion::delta
