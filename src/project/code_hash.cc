#include <fmt/format.h>

#include "base/sha256.h"
#include "project/alignment_internal.h"

namespace bullion::project {
namespace {

/// Hashes texts with their lengths, so that no two lists of texts hash alike.
class TextHash {
 public:
  void add(std::string_view text) {
    hash_.update(std::to_string(text.size()));
    hash_.update(":");
    hash_.update(text);
  }
  void add(const std::vector<std::string>& texts) {
    add(std::to_string(texts.size()));
    for (const std::string& text : texts) add(text);
  }
  void add(const delta::Schema& columns, bool with_nullability) {
    add(std::to_string(columns.size()));
    for (const delta::Column& column : columns) {
      add(column.name);
      add(delta::to_string(column.type));
      if (with_nullability) add(column.nullable ? "null" : "not null");
    }
  }
  std::string finish() { return hash_.finish_hex(); }

 private:
  Sha256 hash_;
};

void add_format(TextHash& hash, const FileFormat& format) {
  hash.add(format.kind);
  hash.add(format.encodings);
  hash.add(std::string{format.delimiter, format.quote, format.escape, format.comment});
  hash.add(fmt::format("{} {} {} {} {} {}", format.trim, format.header, format.header_rows,
                       format.header_within, format.skip_rows,
                       static_cast<int>(format.field_count)));
  hash.add(format.sheet);
  hash.add(format.json_path);
  hash.add(format.members);
  hash.add(std::to_string(format.exclude.size()));
  for (const ExcludeRule& rule : format.exclude) {
    hash.add({rule.reason, rule.column, rule.like});
    hash.add(rule.only);
  }
  hash.add(format.unpivot.columns);
  hash.add({format.unpivot.name_column, format.unpivot.value_column,
            format.unpivot.keep_empty ? "empty too" : ""});
  hash.add(format.unpivot.beside);
}

void add_values(TextHash& hash, const ValueFormat& values) {
  hash.add(values.null_words);
  hash.add(std::string{values.decimal_mark, values.thousands_mark});
  hash.add(fmt::format("{} {}", values.parentheses_negative, values.trailing_minus));
  hash.add(values.currency_signs);
  hash.add(values.date_formats);
  hash.add({values.time_zone, values.dst});
  if (values.shortest_floats) hash.add("shortest floats");
}

void add_snapshot(TextHash& hash, const Snapshot& snapshot) {
  hash.add({std::to_string(static_cast<int>(snapshot.covers)), snapshot.day_column, snapshot.as_of,
            snapshot.as_of_pattern, snapshot.as_of_type});
  if (snapshot.covers != Snapshot::Covers::Manifest) return;
  const SnapshotManifest& manifest = snapshot.manifest;
  hash.add({manifest.source, manifest.file_column, manifest.start_column, manifest.end_column});
}

}  // namespace

std::string model_code_hash(const Model& model, const Json& query) {
  TextHash hash;
  hash.add("bullion model 1");
  hash.add(model.contract.name);
  hash.add(to_string(model.kind));
  hash.add(model.unique_key);
  hash.add(model.version_by);
  hash.add(model.withdrawn_column);
  hash.add(model.contract.partition_by);
  hash.add(model.contract.columns, false);
  hash.add(normalised_sql(query));
  return hash.finish();
}

std::string source_hash(const Source& source) {
  TextHash hash;
  hash.add("bullion source 2");
  hash.add(source.contract.name);
  add_format(hash, source.format);
  add_values(hash, source.values);
  for (const auto& [column, cell] : source.cells) {
    hash.add(column);
    hash.add(cell.source_names);
    add_values(hash, cell.values);
  }
  add_snapshot(hash, source.snapshot);
  hash.add(source.identity);
  if (!source.rejects_of.empty()) hash.add(source.rejects_of);
  hash.add(source.contract.columns, true);
  for (const auto& [column, values] : source.contract.accepted_values) {
    hash.add(column);
    hash.add(values);
  }
  for (const auto& [column, pattern] : source.contract.patterns) {
    hash.add("matches");
    hash.add(column);
    hash.add(pattern);
  }
  for (const auto& [column, range] : source.contract.ranges) {
    hash.add("in_range");
    hash.add(column);
    hash.add(to_string(range));
  }
  return hash.finish();
}

std::string linked_hash(std::string_view a, std::string_view b) {
  TextHash hash;
  hash.add(a);
  hash.add(b);
  return hash.finish();
}

std::string seed_hash(const Seed& seed, std::string_view bytes) {
  TextHash hash;
  hash.add("bullion seed 1");
  hash.add(seed.contract.name);
  hash.add(seed.contract.columns, true);
  hash.add(bytes);
  return hash.finish();
}

}  // namespace bullion::project
