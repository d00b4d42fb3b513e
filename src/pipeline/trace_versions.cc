#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/trace_versions_internal.h"
#include "pipeline/version_order.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

/// Working tables of a trace live in a schema of their own inside the engine.
constexpr const char* kVersionCandidates = "bullion_trace.candidates";
constexpr const char* kVersions = "bullion_trace.versions";

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(quote_name(name));
  return out;
}

/// Columns of the bronze table that carry the model's key, in order; empty when one of them does
/// not.
std::vector<std::string> key_origins(const project::Model& model,
                                     const std::vector<std::string>& key,
                                     const PinnedTable& bronze) {
  std::vector<std::string> columns;
  for (const std::string& name : key) {
    const auto origin = model.origins.find(name);
    if (origin == model.origins.end() || origin->second.table != bronze.name ||
        delta::column_named(bronze.schema, origin->second.column) == nullptr) {
      return {};
    }
    columns.push_back(origin->second.column);
  }
  return columns;
}

/// The work on one model and its source.
class VersionSearch {
 public:
  VersionSearch(const TraceScope& scope, const project::Model& model, const PinnedTable& output,
                const PinnedTable& bronze)
      : scope_(scope),
        model_(model),
        output_(output),
        bronze_(bronze),
        key_(model.kind == project::ModelKind::Latest ? model.unique_key : model.contract.grain),
        origins_(key_origins(model, key_, bronze)) {}

  Result<KeyVersions> run(TraceLevel level) const;

 private:
  Status collect_candidates() const;
  Status rank(const std::string& amount_column) const;
  Status drop_other_keys() const;
  Status measure(TraceLevel& level) const;
  Result<engine::Rows> records() const;

  Status execute(const std::string& sql) const { return scope_.env.engine.execute(sql); }

  const TraceScope& scope_;
  const project::Model& model_;
  const PinnedTable& output_;
  const PinnedTable& bronze_;
  std::vector<std::string> key_;
  std::vector<std::string> origins_;  ///< of the key; empty when one has none
};

/// The bronze rows that share a key with the rows above; all of them when their columns do not
/// tell.
Status VersionSearch::collect_candidates() const {
  BULLION_TRY(execute("CREATE SCHEMA IF NOT EXISTS bullion_trace"));
  std::string select = fmt::format("SELECT b.* FROM ({}) AS b", bronze_.sql);
  if (!origins_.empty()) {
    std::vector<std::string> keys;
    for (size_t i = 0; i < key_.size(); ++i) {
      keys.push_back(fmt::format("{} AS {}", quote_name(key_[i]), quote_name(origins_[i])));
    }
    select += fmt::format(" SEMI JOIN (SELECT {} FROM ({}) AS output WHERE {}) AS keys ON {}",
                          fmt::join(keys, ", "), output_.sql, output_.where,
                          engine::same_columns(origins_, "b", "keys"));
  }
  return execute(fmt::format("CREATE OR REPLACE TABLE {} AS {}", kVersionCandidates, select));
}

/// Runs the model over each candidate row by itself, so that every output row knows the row it was
/// made of, and ranks the versions of each key as the pipeline does.
Status VersionSearch::rank(const std::string& amount_column) const {
  for (const std::string& input : model_.depends_on) {
    if (input == bronze_.name || !scope_.record.tables.contains(input)) continue;
    BULLION_TRY_ASSIGN(const PinnedTable table, scope_.pin_input(model_.contract.name, input));
    BULLION_TRY(create_view(scope_.env.engine, input, table.sql));
  }
  std::vector<std::string> cells;
  for (const std::string& name : delta::column_names(bronze_.schema)) {
    cells.push_back(fmt::format("b.{0} AS {0}", quote_name(name)));
  }
  const bool latest = model_.kind == project::ModelKind::Latest;
  const std::string rank =
      latest ? fmt::format(
                   "row_number() OVER (PARTITION BY trace_present, {} ORDER BY {}, trace_file, "
                   "trace_position)",
                   key_list(model_), version_order(model_))
             : "1";
  const std::string state = fmt::format(
      "CASE WHEN trace_present IS NULL THEN 'excluded' WHEN trace_rank > 1 THEN 'superseded' WHEN "
      "{} THEN 'withdrawn' ELSE 'kept' END",
      latest ? withdrawn_condition(model_) : "false");
  return execute(fmt::format(
      "CREATE OR REPLACE TABLE {table} AS SELECT *, {state} AS trace_state FROM (SELECT *, {rank} "
      "AS trace_rank FROM (SELECT b._path AS trace_path, b._position AS trace_position, b._file_id "
      "AS trace_file, {amount} AS trace_amount, m.* FROM {candidates} AS b LEFT JOIN LATERAL (WITH "
      "{input} AS (SELECT {cells}) SELECT true AS trace_present, model.* FROM ({sql}\n) AS model) "
      "AS m ON true))",
      fmt::arg("table", kVersions), fmt::arg("state", state), fmt::arg("rank", rank),
      fmt::arg("amount", amount_column.empty() ? "NULL" : "b." + quote_name(amount_column)),
      fmt::arg("candidates", kVersionCandidates), fmt::arg("input", quote_name(bronze_.name)),
      fmt::arg("cells", fmt::join(cells, ", ")), fmt::arg("sql", model_.sql)));
}

/// Of all bronze rows only those stay whose output is, or competes with, a row above.
Status VersionSearch::drop_other_keys() const {
  const std::string keep = key_.empty()
                               ? output_.where
                               : "trace_present AND " + is_in_level(quoted(key_), key_, output_);
  BULLION_TRY(execute(fmt::format("DELETE FROM {} WHERE ({}) IS NOT TRUE", kVersions, keep)));
  return execute(
      fmt::format("DELETE FROM {} WHERE (_path, _position) NOT IN (SELECT "
                  "(trace_path, trace_position) FROM {})",
                  kVersionCandidates, kVersions));
}

Status VersionSearch::measure(TraceLevel& level) const {
  const bool has_amount = !level.amount_column.empty();
  const std::string sum = has_amount ? "sum(trace_amount)" : "NULL";
  BULLION_TRY_ASSIGN(
      const engine::Rows totals,
      scope_.env.engine.query(fmt::format(
          "SELECT count(*), {0}, count(*) FILTER (WHERE trace_state = 'kept'), {0}{1} FROM {2}",
          sum, has_amount ? " FILTER (WHERE trace_state = 'kept')" : "", kVersions)));
  const auto& row = totals.rows.at(0);
  level.rows = std::get<int64_t>(row.at(0));
  level.rows_kept = std::get<int64_t>(row.at(2));
  if (has_amount) {
    const auto* all = std::get_if<Decimal>(&row.at(1));
    const auto* kept = std::get_if<Decimal>(&row.at(3));
    level.amount = all == nullptr ? Decimal{} : *all;
    level.amount_kept = kept == nullptr ? Decimal{} : *kept;
  }
  BULLION_TRY_ASSIGN(level.sample, scope_.env.engine.query(fmt::format(
                                       "SELECT {0} FROM {1} ORDER BY {0}{2}",
                                       fmt::join(quoted(delta::column_names(bronze_.schema)), ", "),
                                       kVersionCandidates, scope_.limit_clause())));
  return ok();
}

Result<engine::Rows> VersionSearch::records() const {
  std::string keys;
  std::string order;
  for (const std::string& name : quoted(key_)) {
    keys += ", " + name;
    order += name + ", ";
  }
  return scope_.env.engine.query(
      fmt::format("SELECT trace_file, trace_position, trace_state, trace_amount{} FROM {} ORDER BY "
                  "{}trace_rank, trace_file, trace_position{}",
                  keys, kVersions, order, scope_.limit_clause()));
}

Result<KeyVersions> VersionSearch::run(TraceLevel level) const {
  BULLION_TRY(collect_candidates());
  BULLION_TRY(rank(level.amount_column));
  if (origins_.empty()) {
    level.notes.push_back(
        fmt::format("the key of {} is not passed on unchanged from {}: its rows are "
                    "found through the whole table",
                    model_.contract.name, bronze_.name));
    BULLION_TRY(drop_other_keys());
  }
  BULLION_TRY(measure(level));
  BULLION_TRY_ASSIGN(engine::Rows rows, records());
  BULLION_TRY(execute("DROP SCHEMA IF EXISTS bullion_trace CASCADE"));
  return KeyVersions{std::move(level), std::move(rows)};
}

}  // namespace

Result<KeyVersions> trace_versions(const TraceScope& scope, const project::Model& model,
                                   const PinnedTable& output, const PinnedTable& bronze,
                                   TraceLevel level) {
  return VersionSearch(scope, model, output, bronze).run(std::move(level));
}

}  // namespace bullion::pipeline
