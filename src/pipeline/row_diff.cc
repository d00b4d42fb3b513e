#include "pipeline/row_diff.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "base/row_hash.h"
#include "table/table.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

/// The comparison of one table.
class RowDiff {
 public:
  RowDiff(const project::Contract& contract, const RowDiffOptions& options)
      : contract_(contract), options_(options), by_(options.by) {
    if (by_.empty()) by_ = contract.grain;
    if (!by_.empty()) return;
    for (const delta::Column& column : contract.columns) {
      if (column.name != contract.amount_column) by_.push_back(column.name);
    }
  }

  Status check() const {
    const std::vector<std::string> names = delta::column_names(contract_.columns);
    for (const std::string& name : by_) {
      if (delta::column_named(contract_.columns, name) != nullptr) continue;
      return not_found(fmt::format("{} has no column `{}`{}; columns: {}", contract_.name, name,
                                   did_you_mean(name, names), fmt::join(names, ", ")));
    }
    return ok();
  }

  std::string sql(const std::string& before, const std::string& after) const {
    std::vector<std::string> keys;
    std::vector<std::string> names;
    for (size_t i = 0; i < by_.size(); ++i) {
      keys.push_back(fmt::format("k{}", i));
      names.push_back(fmt::format("coalesce(b.k{0}, a.k{0}) AS {1}", i, quote_name(by_[i])));
    }
    std::string money;
    if (!contract_.amount_column.empty()) {
      money =
          ", b.amount AS amount_before, a.amount AS amount_after, coalesce(a.amount, 0) - "
          "coalesce(b.amount, 0) AS amount_change";
    }
    return fmt::format(
        "SELECT {0}, CASE WHEN b.n IS NULL THEN 'added' WHEN a.n IS NULL THEN 'removed' ELSE "
        "'changed' END AS change, coalesce(b.n, 0) AS rows_before, coalesce(a.n, 0) AS rows_after"
        "{1} FROM ({2}) AS b FULL JOIN ({3}) AS a ON {4} WHERE b.n IS DISTINCT FROM a.n OR b.ha IS "
        "DISTINCT FROM a.ha OR b.hb IS DISTINCT FROM a.hb ORDER BY ALL",
        fmt::join(names, ", "), money, side(before), side(after),
        engine::same_columns(keys, "b", "a"));
  }

 private:
  /// Groups of one version: keys, count, the two sums of row hashes and the amount.
  std::string side(const std::string& rows) const {
    std::vector<std::string> items;
    for (size_t i = 0; i < by_.size(); ++i)
      items.push_back(fmt::format("{} AS k{}", quote_name(by_[i]), i));
    std::vector<std::string> content;
    for (const std::string& name : table::hashed_columns(contract_.columns))
      content.push_back(quote_name(name));
    const auto hash = [&](uint64_t seed) {
      return fmt::format("sum(row_hash({}::UBIGINT, {})::HUGEINT)", seed, fmt::join(content, ", "));
    };
    items.push_back("count(*) AS n");
    items.push_back(hash(kRowHashSeed) + " AS ha");
    items.push_back(hash(kRowHashSalt) + " AS hb");
    if (!contract_.amount_column.empty())
      items.push_back(fmt::format("sum({}) AS amount", quote_name(contract_.amount_column)));
    return fmt::format("SELECT {} FROM ({}) AS rows{} GROUP BY ALL", fmt::join(items, ", "), rows,
                       options_.where.empty() ? "" : fmt::format(" WHERE {}", options_.where));
  }

  const project::Contract& contract_;
  const RowDiffOptions& options_;
  std::vector<std::string> by_;
};

/// The table's rows at a release, or no row with the contract's columns.
Result<std::string> rows_at(const Environment& env, const project::Contract& contract,
                            const std::optional<release::Record>& record, const std::string& path) {
  if (record) {
    const auto table = record->tables.find(contract.name);
    if (table != record->tables.end()) return table_sql_at(env, path, table->second.version);
  }
  return files_sql(env, path, contract.columns, {}, {});
}

}  // namespace

Result<engine::Rows> diff_groups(const Environment& env, const project::Project& project,
                                 const std::optional<release::Record>& before,
                                 const release::Record& after, const RowDiffOptions& options) {
  const project::Contract* contract = project.find_contract(options.table);
  if (contract == nullptr) {
    std::vector<std::string> names;
    for (const auto& [name, version] : after.tables) names.push_back(name);
    return not_found(fmt::format("there is no table `{}`{}; tables: {}", options.table,
                                 did_you_mean(options.table, names), fmt::join(names, ", ")));
  }
  const RowDiff comparison(*contract, options);
  BULLION_TRY(comparison.check());
  const std::string path = table_path(project.layer_of(contract->name), contract->name);
  BULLION_TRY_ASSIGN(const std::string old_rows, rows_at(env, *contract, before, path));
  BULLION_TRY_ASSIGN(const std::string new_rows, rows_at(env, *contract, after, path));
  return env.engine.query(comparison.sql(old_rows, new_rows));
}

}  // namespace bullion::pipeline
