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
  hash.add("bullion source 1");
  hash.add(source.contract.name);
  hash.add(source.format);
  hash.add(std::string_view(&source.delimiter, 1));
  hash.add(source.header ? "header" : "no header");
  hash.add(source.null_words);
  hash.add(source.contract.columns, true);
  for (const auto& [column, values] : source.contract.accepted_values) {
    hash.add(column);
    hash.add(values);
  }
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
