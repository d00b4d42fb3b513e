#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/row_hash.h"
#include "pipeline/table_diff_internal.h"
#include "pipeline/working_set.h"
#include "table/table.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;
using engine::quote_text;

bool is_exact_number(delta::TypeId id) {
  switch (id) {
    case delta::TypeId::Decimal:
    case delta::TypeId::Byte:
    case delta::TypeId::Short:
    case delta::TypeId::Integer:
    case delta::TypeId::Long:
      return true;
    default:
      return false;
  }
}

/// Writes the SQL that compares the two sides and reads its answer.
class Comparison {
 public:
  Comparison(const Environment& env, const TableSides& sides) : env_(env), sides_(sides) {
    if (sides.before) before_schema_ = sides.before->metadata.schema;
    if (sides.after) after_schema_ = sides.after->metadata.schema;
    const delta::Snapshot& newest = sides.after ? *sides.after : *sides.before;
    // The later schema is the measure; a column the earlier one lacks is NULL there.
    schema_ = newest.metadata.schema;
    if (!newest.metadata.partition_columns.empty()) {
      partition_ = newest.metadata.partition_columns.front();
    }
    change_ = compare_files(sides.before ? sides.before->files : std::vector<delta::AddFile>{},
                            sides.after ? sides.after->files : std::vector<delta::AddFile>{});
    if (sides.contract != nullptr) {
      for (const std::string& key : sides.contract->grain) {
        const bool everywhere =
            (!sides.before || delta::column_named(before_schema_, key) != nullptr) &&
            (!sides.after || delta::column_named(after_schema_, key) != nullptr);
        if (everywhere) grain_.push_back(key);
      }
      if (grain_.size() != sides.contract->grain.size()) grain_.clear();
    }
  }

  Result<std::map<std::string, PartitionTally>> run();

 private:
  std::string value_of(const std::string& name, const delta::Schema& schema) const;
  std::string amount_of(const delta::Schema& schema) const;
  std::string currency_of(const delta::Schema& schema) const;
  std::string partition_of(const delta::Schema& schema) const;
  std::string side_sql(const std::vector<delta::AddFile>& files, const delta::Schema& schema,
                       bool with_keys) const;
  std::string one_sided_sql() const;
  std::string matched_sql() const;
  Status read_answer(const std::string& sql, std::map<std::string, PartitionTally>& tallies) const;
  Status add_kept(std::map<std::string, PartitionTally>& tallies) const;
  bool has_amount() const {
    return amount_of(before_schema_) != kNoAmount || amount_of(after_schema_) != kNoAmount;
  }

  static constexpr const char* kNoAmount = "CAST(NULL AS DECIMAL(38,0))";

  const Environment& env_;
  const TableSides& sides_;
  delta::Schema before_schema_;
  delta::Schema after_schema_;
  delta::Schema schema_;
  std::string partition_;
  std::vector<std::string> grain_;
  FileChange change_;
};

/// A column of one side in the type of the measuring schema.
std::string Comparison::value_of(const std::string& name, const delta::Schema& schema) const {
  const delta::DataType& wanted = delta::column_named(schema_, name)->type;
  const delta::Column* column = delta::column_named(schema, name);
  if (column == nullptr) return fmt::format("CAST(NULL AS {})", engine::sql_type(wanted));
  if (column->type == wanted) return quote_name(name);
  return fmt::format("TRY_CAST({} AS {})", quote_name(name), engine::sql_type(wanted));
}

std::string Comparison::amount_of(const delta::Schema& schema) const {
  if (sides_.contract == nullptr || sides_.contract->amount_column.empty()) return kNoAmount;
  const delta::Column* column = delta::column_named(schema, sides_.contract->amount_column);
  if (column == nullptr || !is_exact_number(column->type.id)) return kNoAmount;
  return quote_name(column->name);
}

std::string Comparison::currency_of(const delta::Schema& schema) const {
  if (sides_.contract == nullptr) return "''";
  const std::string& name = sides_.contract->currency_column;
  if (name.empty()) return quote_text(sides_.default_currency);
  if (delta::column_named(schema, name) == nullptr) return "''";
  return fmt::format("coalesce(CAST({} AS VARCHAR), '')", quote_name(name));
}

std::string Comparison::partition_of(const delta::Schema& schema) const {
  if (partition_.empty() || delta::column_named(schema, partition_) == nullptr) return "''";
  return fmt::format("coalesce(CAST({} AS VARCHAR), '')", quote_name(partition_));
}

/// Rows of some files as partition p, currency c, amount m and, to match them, keys k0.. and the
/// two content hashes. Without a grain the content is the key, numbered among equal rows.
std::string Comparison::side_sql(const std::vector<delta::AddFile>& files,
                                 const delta::Schema& schema, bool with_keys) const {
  std::vector<std::string> items = {partition_of(schema) + " AS p", currency_of(schema) + " AS c",
                                    amount_of(schema) + " AS m"};
  if (with_keys) {
    std::vector<std::string> content;
    for (const std::string& name : table::hashed_columns(schema_)) {
      content.push_back(value_of(name, schema));
    }
    items.push_back("true AS here");
    items.push_back(
        fmt::format("row_hash({}::UBIGINT, {}) AS ha", kRowHashSeed, fmt::join(content, ", ")));
    items.push_back(
        fmt::format("row_hash({}::UBIGINT, {}) AS hb", kRowHashSalt, fmt::join(content, ", ")));
    for (size_t i = 0; i < grain_.size(); ++i) {
      items.push_back(fmt::format("{} AS k{}", value_of(grain_[i], schema), i));
    }
  }
  // Files that both versions share are read with the schema of the side asked for.
  const std::string rows =
      files_sql(env_, sides_.path, schema,
                partition_.empty() || delta::column_named(schema, partition_) == nullptr
                    ? std::vector<std::string>{}
                    : std::vector<std::string>{partition_},
                files);
  const std::string sql = fmt::format("SELECT {} FROM ({}) AS rows", fmt::join(items, ", "), rows);
  if (!with_keys || !grain_.empty()) return sql;
  return fmt::format(
      "SELECT *, p AS k0, ha AS k1, hb AS k2, row_number() OVER (PARTITION BY p, ha, hb) AS k3 "
      "FROM "
      "({})",
      sql);
}

/// Nothing to match: every row of the added files is added, every row of the removed ones removed.
std::string Comparison::one_sided_sql() const {
  std::vector<std::string> parts;
  const auto add = [&](const char* side, const char* kind, const std::vector<delta::AddFile>& files,
                       const delta::Schema& schema) {
    if (files.empty()) return;
    parts.push_back(fmt::format("SELECT '{}', p, '{}', c, count(*), sum(m) FROM ({}) GROUP BY p, c",
                                side, kind, side_sql(files, schema, false)));
  };
  add("before", "removed", change_.removed, before_schema_);
  add("after", "added", change_.added, after_schema_);
  return fmt::format("{}", fmt::join(parts, " UNION ALL "));
}

std::string Comparison::matched_sql() const {
  std::vector<std::string> keys;
  const size_t count = grain_.empty() ? 4 : grain_.size();
  for (size_t i = 0; i < count; ++i) keys.push_back(fmt::format("k{}", i));
  return fmt::format(
      "WITH pairs AS MATERIALIZED (SELECT b.here AS was, a.here AS is_now, b.p AS bp, a.p AS ap, "
      "b.c "
      "AS bc, a.c AS ac, b.m AS bm, a.m AS am, CASE WHEN b.here IS NULL THEN 'added' WHEN a.here "
      "IS "
      "NULL THEN 'removed' WHEN b.p <> a.p THEN 'moved' WHEN b.ha <> a.ha OR b.hb <> a.hb THEN "
      "'changed' ELSE 'same' END AS kind FROM ({}) AS b FULL JOIN ({}) AS a ON {}) "
      "SELECT 'before', bp, kind, bc, count(*), sum(bm) FROM pairs WHERE was GROUP BY bp, kind, bc "
      "UNION ALL "
      "SELECT 'after', ap, kind, ac, count(*), sum(am) FROM pairs WHERE is_now GROUP BY ap, kind, "
      "ac",
      side_sql(change_.removed, before_schema_, true), side_sql(change_.added, after_schema_, true),
      engine::same_columns(keys, "b", "a"));
}

/// One group of rows on one side.
struct Group {
  bool is_after = false;
  std::string kind;
  std::string currency;
  int64_t rows = 0;
  Decimal amount;
};

Status add_group(const Group& group, bool with_money, PartitionTally& tally) {
  PartitionDiff& diff = tally.diff;
  (group.is_after ? diff.rows_after : diff.rows_before) += group.rows;
  const bool joins = group.is_after && (group.kind == "added" || group.kind == "moved");
  const bool leaves = !group.is_after && (group.kind == "removed" || group.kind == "moved");
  if (joins) diff.rows_added += group.rows;
  if (leaves) diff.rows_removed += group.rows;
  if (group.kind == "moved") (group.is_after ? tally.moved_in : tally.moved_out) += group.rows;
  if (group.kind == "changed" && group.is_after) diff.rows_changed += group.rows;
  if (!with_money) return ok();
  MoneyDiff& money = money_in(diff, group.currency);
  BULLION_TRY(add_amount(group.is_after ? money.after : money.before, group.amount));
  if (joins) return add_amount(money.added, group.amount);
  if (leaves) return add_amount(money.removed, group.amount);
  if (group.kind == "changed") {
    return add_amount(money.changed, group.amount, group.is_after ? 1 : -1);
  }
  return ok();
}

Status Comparison::read_answer(const std::string& sql,
                               std::map<std::string, PartitionTally>& tallies) const {
  BULLION_TRY_ASSIGN(const engine::Rows rows, env_.engine.query(sql));
  for (const auto& row : rows.rows) {
    Group group;
    group.is_after = engine::to_text(row.at(0)) == "after";
    const std::string partition = engine::to_text(row.at(1));
    group.kind = engine::to_text(row.at(2));
    group.currency = engine::to_text(row.at(3));
    group.rows = std::get<int64_t>(row.at(4));
    if (const auto* amount = std::get_if<Decimal>(&row.at(5))) group.amount = *amount;
    PartitionTally& tally = tallies[partition];
    tally.diff.partition = partition;
    BULLION_TRY(add_group(group, has_amount(), tally));
  }
  return ok();
}

/// Rows of the files both sides share, in the partitions that differ: they count before and after.
Status Comparison::add_kept(std::map<std::string, PartitionTally>& tallies) const {
  if (!sides_.before || !sides_.after) return ok();
  std::vector<delta::AddFile> kept = compare_files(change_.added, sides_.after->files).added;
  if (!partition_.empty()) {
    std::set<std::string> texts;
    for (const auto& [text, tally] : tallies) texts.insert(text);
    kept = files_in(kept, partition_, texts);
  }
  if (kept.empty()) return ok();
  const std::string rows = side_sql(kept, after_schema_, false);
  return read_answer(
      fmt::format("SELECT side, p, 'same', c, n, m FROM (SELECT p, c, count(*) AS n, "
                  "sum(m) AS m FROM ({}) GROUP BY p, c), (VALUES ('before'), "
                  "('after')) AS sides(side)",
                  rows),
      tallies);
}

Result<std::map<std::string, PartitionTally>> Comparison::run() {
  std::map<std::string, PartitionTally> tallies;
  if (change_.empty()) return tallies;
  const bool both = !change_.added.empty() && !change_.removed.empty();
  BULLION_TRY(read_answer(both && sides_.match_rows ? matched_sql() : one_sided_sql(), tallies));
  BULLION_TRY(add_kept(tallies));
  for (auto& [text, tally] : tallies) {
    std::sort(tally.diff.money.begin(), tally.diff.money.end(),
              [](const MoneyDiff& a, const MoneyDiff& b) { return a.currency < b.currency; });
  }
  return tallies;
}

}  // namespace

MoneyDiff& money_in(PartitionDiff& diff, const std::string& currency) {
  for (MoneyDiff& money : diff.money) {
    if (money.currency == currency) return money;
  }
  MoneyDiff& made = diff.money.emplace_back();
  made.currency = currency;
  return made;
}

Result<std::map<std::string, PartitionTally>> tally_partitions(const Environment& env,
                                                               const TableSides& sides) {
  if (!sides.before && !sides.after) return std::map<std::string, PartitionTally>();
  return Comparison(env, sides).run();
}

}  // namespace bullion::pipeline
