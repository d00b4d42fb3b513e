#include "delta/actions.h"

#include <utility>

#include <fmt/format.h>

#include "delta/json_reader_internal.h"
#include "delta/json_writer_internal.h"

namespace bullion::delta {
namespace {

std::string partition_values_json(const PartitionValues& values) {
  JsonObject object;
  for (const auto& [column, value] : values) {
    // Delta has no empty partition value: it is null.
    if (value.has_value() && !value->empty()) {
      object.text(column, *value);
    } else {
      object.json(column, "null");
    }
  }
  return std::move(object).finish();
}

std::string wrap(std::string_view action, std::string body) {
  JsonObject object;
  object.json(action, body);
  return std::move(object).finish();
}

std::string to_json(const CommitInfo& info) {
  JsonObject object;
  object.number("timestamp", info.timestamp_ms);
  object.text("operation", info.operation);
  object.texts("operationParameters", info.operation_parameters);
  if (info.read_version.has_value()) object.number("readVersion", *info.read_version);
  object.text("isolationLevel", info.isolation_level);
  object.flag("isBlindAppend", info.is_blind_append);
  if (!info.operation_metrics.empty()) object.texts("operationMetrics", info.operation_metrics);
  if (!info.engine_info.empty()) object.text("engineInfo", info.engine_info);
  if (!info.txn_id.empty()) object.text("txnId", info.txn_id);
  return wrap("commitInfo", std::move(object).finish());
}

std::string to_json(const Protocol& protocol) {
  JsonObject object;
  object.number("minReaderVersion", protocol.min_reader_version);
  object.number("minWriterVersion", protocol.min_writer_version);
  // The lists exist exactly from these versions on; elsewhere they make a table unreadable.
  if (protocol.min_reader_version >= 3) object.names("readerFeatures", protocol.reader_features);
  if (protocol.min_writer_version >= 7) object.names("writerFeatures", protocol.writer_features);
  return wrap("protocol", std::move(object).finish());
}

std::string to_json(const Metadata& metadata) {
  JsonObject object;
  object.text("id", metadata.id);
  if (!metadata.name.empty()) object.text("name", metadata.name);
  if (!metadata.description.empty()) object.text("description", metadata.description);
  object.json("format", R"({"provider":"parquet","options":{}})");
  object.text("schemaString", metadata.schema_string.empty() ? schema_to_json(metadata.schema)
                                                             : metadata.schema_string);
  object.names("partitionColumns", metadata.partition_columns);
  object.texts("configuration", metadata.configuration);
  if (metadata.created_time_ms != 0) object.number("createdTime", metadata.created_time_ms);
  return wrap("metaData", std::move(object).finish());
}

std::string to_json(const Txn& txn) {
  JsonObject object;
  object.text("appId", txn.app_id);
  object.number("version", txn.version);
  if (txn.last_updated_ms != 0) object.number("lastUpdated", txn.last_updated_ms);
  return wrap("txn", std::move(object).finish());
}

std::string to_json(const RemoveFile& remove) {
  JsonObject object;
  object.text("path", remove.path);
  object.number("deletionTimestamp", remove.deletion_timestamp_ms);
  object.flag("dataChange", remove.data_change);
  object.flag("extendedFileMetadata", true);
  object.json("partitionValues", partition_values_json(remove.partition_values));
  object.number("size", remove.size);
  return wrap("remove", std::move(object).finish());
}

std::string to_json(const AddFile& add) {
  JsonObject object;
  object.text("path", add.path);
  object.json("partitionValues", partition_values_json(add.partition_values));
  object.number("size", add.size);
  object.number("modificationTime", add.modification_time_ms);
  object.flag("dataChange", add.data_change);
  if (!add.stats_json.empty()) object.text("stats", add.stats_json);
  if (!add.tags.empty()) object.texts("tags", add.tags);
  if (!add.deletion_vector_json.empty()) object.json("deletionVector", add.deletion_vector_json);
  return wrap("add", std::move(object).finish());
}

/// One JSON object per action, in the order they are written.
template <typename Consume>
void for_each_action_json(const Commit& commit, const Consume& consume) {
  if (commit.info) consume(to_json(*commit.info));
  if (commit.protocol) consume(to_json(*commit.protocol));
  if (commit.metadata) consume(to_json(*commit.metadata));
  for (const Txn& txn : commit.txns) consume(to_json(txn));
  for (const RemoveFile& remove : commit.removes) consume(to_json(remove));
  for (const AddFile& add : commit.adds) consume(to_json(add));
}

bool needs_percent(unsigned char c) {
  // Besides what Hadoop's URIs encode: non-ASCII, and ':' which would read as a URI scheme.
  constexpr std::string_view kReserved = "%\"#<>?[\\]^{|}`:";
  return c <= 0x20 || c >= 0x7f || kReserved.find(static_cast<char>(c)) != std::string_view::npos;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string commit_to_json(const Commit& commit) {
  std::string out;
  for_each_action_json(commit, [&out](const std::string& action) {
    out += action;
    out += '\n';
  });
  return out;
}

std::string actions_to_json_array(const Commit& commit) {
  std::string out = "[";
  for_each_action_json(commit, [&out](const std::string& action) {
    if (out.size() > 1) out += ',';
    out += action;
  });
  return out + "]";
}

std::optional<int64_t> num_records(const AddFile& add) {
  if (add.stats_json.empty()) return std::nullopt;
  // On demand, so that bounds of 38 digits beside the count are stepped over, not parsed.
  const simdjson::padded_string padded(add.stats_json);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  int64_t count = 0;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS ||
      object.find_field_unordered("numRecords").get_int64().get(count) != simdjson::SUCCESS ||
      count < 0) {
    return std::nullopt;
  }
  return count;
}

std::string decoded_path(const AddFile& add) {
  const std::string& path = add.path;
  std::string decoded;
  decoded.reserve(path.size());
  for (size_t i = 0; i < path.size(); ++i) {
    const int high = path[i] == '%' && i + 2 < path.size() ? hex_digit(path[i + 1]) : -1;
    const int low = high >= 0 ? hex_digit(path[i + 2]) : -1;
    if (low >= 0) {
      decoded += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      decoded += path[i];
    }
  }
  return decoded;
}

std::string encoded_path(std::string_view relative_path) {
  std::string encoded;
  encoded.reserve(relative_path.size());
  for (const char c : relative_path) {
    const auto byte = static_cast<unsigned char>(c);
    if (needs_percent(byte)) {
      encoded += fmt::format("%{:02X}", byte);
    } else {
      encoded += c;
    }
  }
  return encoded;
}

RemoveFile removal_of(const AddFile& add, int64_t now_ms) {
  RemoveFile remove;
  remove.path = add.path;
  remove.deletion_timestamp_ms = now_ms;
  remove.data_change = add.data_change;
  remove.partition_values = add.partition_values;
  remove.size = add.size;
  return remove;
}

}  // namespace bullion::delta
