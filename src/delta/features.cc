// The gate: which protocols and properties we can honour when reading and when writing.
#include <algorithm>
#include <array>
#include <cctype>

#include <fmt/format.h>

#include "delta/json_reader_internal.h"
#include "delta/log.h"

namespace bullion::delta {
namespace {

constexpr int kReaderVersionMax = 3;
constexpr int kWriterVersionMax = 7;
constexpr int kListedReaderFeatures = 3;  ///< from this version on, features are listed by name
constexpr int kListedWriterFeatures = 7;

// vacuumProtocolCheck asks nothing of readers or of writers that never vacuum.
constexpr std::array<std::string_view, 2> kReadableFeatures = {"timestampNtz",
                                                               "vacuumProtocolCheck"};
constexpr std::array<std::string_view, 3> kWritableFeatures = {"appendOnly", "invariants",
                                                               "vacuumProtocolCheck"};

/// A property that, when it is true, asks of every writer what we do not do.
struct ActiveProperty {
  std::string_view key;
  std::string_view feature;
};

constexpr std::array<ActiveProperty, 7> kUnwritableProperties = {{
    {"delta.enableChangeDataFeed", "changeDataFeed"},
    {"delta.enableRowTracking", "rowTracking"},
    {"delta.enableInCommitTimestamps", "inCommitTimestamp"},
    {"delta.enableIcebergCompatV1", "icebergCompatV1"},
    {"delta.enableIcebergCompatV2", "icebergCompatV2"},
    {"delta.enableIcebergCompatV3", "icebergCompatV3"},
    {"delta.enableTypeWidening", "typeWidening"},
}};

/// A key in a column's metadata that asks of every writer what we do not do.
constexpr std::array<ActiveProperty, 6> kUnwritableColumnKeys = {{
    {"delta.invariants", "invariants with an expression"},
    {"delta.generationExpression", "generatedColumns"},
    {"delta.identity.start", "identityColumns"},
    {"delta.identity.step", "identityColumns"},
    {"delta.identity.allowExplicitInsert", "identityColumns"},
    {"delta.columnMapping.physicalName", "columnMapping"},
}};

template <typename Names>
bool has(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// Anything but a clear no counts, so that an odd spelling is refused rather than broken.
bool is_on(const Metadata& metadata, std::string_view key) {
  const auto found = metadata.configuration.find(std::string(key));
  if (found == metadata.configuration.end()) return false;
  std::string value = found->second;
  std::transform(value.begin(), value.end(), value.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return value != "false";
}

bool maps_columns(const Metadata& metadata) {
  const auto mode = metadata.configuration.find("delta.columnMapping.mode");
  return mode != metadata.configuration.end() && mode->second != "none";
}

Error unreadable(std::string_view feature) {
  return invalid(fmt::format(
      "the table uses the Delta feature `{}`, which Bullion does not read; turn the feature off "
      "with the engine that wrote the table, or read a copy without it",
      feature));
}

Error unwritable(std::string_view feature) {
  return invalid(fmt::format(
      "the table uses the Delta feature `{}`, which Bullion does not write; writing without it "
      "would break the table for others, so nothing was written",
      feature));
}

Status check_column_writable(const Column& column, bool maps) {
  simdjson::dom::parser parser;
  simdjson::dom::object metadata;
  if (column.metadata_json != "{}" &&
      parser.parse(column.metadata_json.data(), column.metadata_json.size()).get(metadata) ==
          simdjson::SUCCESS) {
    for (const auto& [key, feature] : kUnwritableColumnKeys) {
      // Without a mapping mode the physical names left behind by one have no meaning.
      if (feature == "columnMapping" && !maps) continue;
      simdjson::dom::element value;
      if (!json_member(metadata, key, value)) continue;
      return unwritable(feature).within(fmt::format("column `{}`", column.name));
    }
  }
  if (column.type.id == TypeId::TimestampNtz) {
    return unwritable("timestampNtz").within(fmt::format("column `{}`", column.name));
  }
  for (const Column& child : column.type.children) {
    BULLION_TRY(check_column_writable(child, maps));
  }
  return ok();
}

Status check_properties_writable(const Metadata& metadata) {
  for (const auto& [key, feature] : kUnwritableProperties) {
    if (is_on(metadata, key)) return unwritable(feature);
  }
  for (const auto& [key, value] : metadata.configuration) {
    if (key.starts_with("delta.constraints.")) return unwritable("checkConstraints");
  }
  for (const Column& column : metadata.schema) {
    BULLION_TRY(check_column_writable(column, maps_columns(metadata)));
  }
  return ok();
}

}  // namespace

Status check_readable(const Protocol& protocol, const Metadata& metadata) {
  if (protocol.min_reader_version > kReaderVersionMax) {
    return invalid(
        fmt::format("the table needs a reader of Delta version {}; Bullion reads up to {}",
                    protocol.min_reader_version, kReaderVersionMax));
  }
  if (protocol.min_reader_version >= kListedReaderFeatures) {
    for (const std::string& feature : protocol.reader_features) {
      if (!has(kReadableFeatures, feature)) return unreadable(feature);
    }
  }
  // Reader version 2 only allows column mapping; the property says whether it is used.
  if (maps_columns(metadata)) return unreadable("columnMapping");
  return ok();
}

Status check_writable(const Protocol& protocol, const Metadata& metadata) {
  BULLION_TRY(check_readable(protocol, metadata));
  if (protocol.min_writer_version > kWriterVersionMax) {
    return invalid(
        fmt::format("the table needs a writer of Delta version {}; Bullion writes up to {}",
                    protocol.min_writer_version, kWriterVersionMax));
  }
  if (protocol.min_writer_version >= kListedWriterFeatures) {
    for (const std::string& feature : protocol.writer_features) {
      if (!has(kWritableFeatures, feature)) return unwritable(feature);
    }
  }
  // Versions 3 to 6 only allow their features; the metadata says which of them are used.
  return check_properties_writable(metadata);
}

}  // namespace bullion::delta
