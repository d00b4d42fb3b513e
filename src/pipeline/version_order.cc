#include "pipeline/version_order.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/row_hash.h"
#include "engine/engine.h"
#include "table/table.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

/// The columns that make up a row's content, as the contract types them.
std::string typed_content(const project::Model& model) {
  std::vector<std::string> typed;
  const std::vector<std::string> names = table::hashed_columns(model.contract.columns);
  for (const delta::Column& column : model.contract.columns) {
    if (std::find(names.begin(), names.end(), column.name) == names.end()) continue;
    typed.push_back(
        fmt::format("CAST({} AS {})", quote_name(column.name), engine::sql_type(column.type)));
  }
  return fmt::format("{}", fmt::join(typed, ", "));
}

}  // namespace

std::string version_order(const project::Model& model) {
  std::vector<std::string> terms;
  for (const std::string& column : model.version_by) {
    terms.push_back(quote_name(column) + " DESC NULLS LAST");
  }
  const std::string content = typed_content(model);
  for (const uint64_t seed : {kRowHashSeed, kRowHashSalt}) {
    terms.push_back(fmt::format("row_hash({}::UBIGINT, {}) DESC", seed, content));
  }
  // Whether it is withdrawn may be no part of the content.
  if (!model.withdrawn_column.empty()) terms.push_back(withdrawn_condition(model) + " DESC");
  return fmt::format("{}", fmt::join(terms, ", "));
}

std::string content_hash(const project::Model& model) {
  return fmt::format("row_hash({}::UBIGINT, {})", kRowHashSeed, typed_content(model));
}

std::string withdrawn_condition(const project::Model& model) {
  if (model.withdrawn_column.empty()) return "false";
  return fmt::format("coalesce({}, false)", quote_name(model.withdrawn_column));
}

std::string key_list(const project::Model& model) {
  std::vector<std::string> keys;
  for (const std::string& key : model.unique_key) keys.push_back(quote_name(key));
  return fmt::format("{}", fmt::join(keys, ", "));
}

std::string published_versions_sql(const project::Model& model, const std::string& relation) {
  return fmt::format(
      "SELECT * EXCLUDE (version_rank) FROM (SELECT *, row_number() OVER (PARTITION BY {} ORDER BY "
      "{}) AS version_rank FROM {}) WHERE version_rank = 1 AND NOT {}",
      key_list(model), version_order(model), relation, withdrawn_condition(model));
}

}  // namespace bullion::pipeline
