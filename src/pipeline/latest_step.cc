// Latest models: the newest version of each key, recomputed for just the keys that arrived.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/row_hash.h"
#include "pipeline/step.h"
#include "pipeline/totals.h"
#include "pipeline/version_order.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;
using engine::quote_text;

/// Working tables of one step live in a schema of their own inside the engine.
constexpr const char* kKeys = "bullion_work.arriving_keys";
constexpr const char* kCandidates = "bullion_work.candidates";
constexpr const char* kWinners = "bullion_work.winners";
constexpr const char* kLiveKeys = "bullion_work.live_keys";
constexpr const char* kContested = "bullion_work.contested";
constexpr const char* kOldWinners = "bullion_work.old_winners";
constexpr const char* kNewRows = "bullion_work.new_rows";
constexpr const char* kGoneRows = "bullion_work.gone_rows";

std::string joined(const std::vector<std::string>& parts, std::string_view separator) {
  return fmt::format("{}", fmt::join(parts, separator));
}

/// The SQL fragments every statement about one latest model is made of.
struct Fragments {
  std::string keys;       ///< "k1", "k2"
  std::string key_hash;   ///< row_hash(42, keys)
  std::string columns;    ///< contract columns
  std::string content;    ///< the first hash of the business content
  std::string order;      ///< newest first, then content
  std::string withdrawn;  ///< boolean expression, never NULL
  std::string partition;  ///< quoted partition column, or "" when not partitioned
  std::string input;
  std::string amount_out;  ///< conserved output column, "" when none
  std::string amount_in;
};

Fragments fragments_of(const project::Model& model) {
  Fragments f;
  f.keys = key_list(model);
  f.key_hash = fmt::format("row_hash({}::UBIGINT, {})", kRowHashSeed, f.keys);
  std::vector<std::string> columns;
  for (const delta::Column& column : model.contract.columns) {
    columns.push_back(quote_name(column.name));
  }
  f.columns = joined(columns, ", ");
  f.content = content_hash(model);
  f.order = version_order(model);
  f.withdrawn = withdrawn_condition(model);
  if (!model.contract.partition_by.empty()) {
    f.partition = quote_name(model.contract.partition_by.front());
  }
  f.input = model.depends_on.at(0);
  if (!model.conserves.empty()) {
    f.amount_out = quote_name(model.conserves.begin()->first);
    f.amount_in = quote_name(model.conserves.begin()->second);
  }
  return f;
}

Status create_table(engine::Engine& engine, const char* name, const std::string& select) {
  return engine.execute(fmt::format("CREATE OR REPLACE TABLE {} AS {}", name, select));
}

Status drop_work(engine::Engine& engine) {
  return engine.execute("DROP SCHEMA IF EXISTS bullion_work CASCADE");
}

/// One step's state.
class LatestStep {
 public:
  LatestStep(StepContext& ctx, const project::Model& model)
      : ctx_(ctx),
        model_(model),
        table_(ctx.set.at(model.contract.name)),
        input_(ctx.set.at(model.depends_on.at(0))),
        f_(fragments_of(model)) {}

  Result<StepOutcome> run();

 private:
  Result<StepOutcome> rebuild(const std::string& cause);
  Result<StepOutcome> update(const FileChange& change);

  Result<bool> is_replaced(const FileChange& change) const;
  Status create_inputs();
  Status create_changed(const char* name, const std::vector<delta::AddFile>& files);
  Status rank_contested();
  Status rank_candidates();
  Status find_ties();
  Status find_arriving(const FileChange& change);
  Status find_live_keys();
  Status find_candidates();
  Result<std::string> first_key_among(const char* keys, int64_t count);
  Result<std::set<std::string>> affected_partitions();
  Status explain(const std::set<std::string>& affected, StepOutcome& outcome);
  Result<std::vector<delta::AddFile>> stage_update(const std::set<std::string>& affected);
  Status account_rebuild();
  Status account_update(const FileChange& change);
  Status close_account(release::Ledger& ledger);

  std::string live_sql(const std::vector<delta::AddFile>& files) const {
    return files_sql(ctx_.env, table_.path, table_.schema, table_.partition_columns, files);
  }
  /// Join condition: the rows of two relations have the same key. NULL equals NULL, as where keys
  /// are ranked.
  std::string same_key(std::string_view left, std::string_view right) const {
    return engine::same_columns(model_.unique_key, left, right);
  }
  /// The partition of a row as text; the same for all rows when there are none.
  std::string partition_text() const {
    return f_.partition.empty() ? "''" : fmt::format("CAST({} AS VARCHAR)", f_.partition);
  }
  /// The table's files in these partitions; all of them when it has no partitions.
  std::vector<delta::AddFile> live_files(const std::set<std::string>& affected) const {
    if (f_.partition.empty()) return table_.files;
    return files_in(table_.files, model_.contract.partition_by.front(), affected);
  }

  StepContext& ctx_;
  const project::Model& model_;
  WorkingTable& table_;
  const WorkingTable& input_;
  Fragments f_;
};

Status LatestStep::create_inputs() {
  for (const std::string& name : model_.depends_on) {
    BULLION_TRY(create_view(ctx_.env.engine, name, input_sql(ctx_, name)));
  }
  return ok();
}

Result<StepOutcome> LatestStep::run() {
  const std::string cause = rebuild_cause(ctx_, model_);
  BULLION_TRY_ASSIGN(const FileChange change,
                     ctx_.set.input_change(ctx_.env, model_.contract.name, f_.input));
  const bool backfill = !ctx_.start.empty() || !ctx_.end.empty();
  if (cause.empty() && change.empty() && !backfill) return StepOutcome{};
  BULLION_TRY(ctx_.env.engine.execute("CREATE SCHEMA IF NOT EXISTS bullion_work"));
  BULLION_TRY_ASSIGN(const bool replaced, is_replaced(change));
  auto outcome = !cause.empty() ? rebuild(cause)
                 : replaced     ? rebuild("input replaced")
                                : update(change);
  BULLION_TRY(drop_work(ctx_.env.engine));
  return outcome;
}

/// Whether most of the input went away (a source parsed anew), so that its keys are most keys.
Result<bool> LatestStep::is_replaced(const FileChange& change) const {
  BULLION_TRY_ASSIGN(const int64_t gone, row_count(change.removed));
  BULLION_TRY_ASSIGN(const int64_t now, row_count(input_.files));
  return gone > 0 && gone >= now;
}

/// Keys with several versions are few. Their hashes are found first, so that only their rows are
/// ranked and every other row streams from the input to the output.
Status LatestStep::rank_contested() {
  engine::Engine& engine = ctx_.env.engine;
  BULLION_TRY(
      create_table(engine, kContested,
                   fmt::format("SELECT key_hash FROM (SELECT {} AS key_hash FROM ({}\n) AS model) "
                               "GROUP BY key_hash HAVING count(*) > 1",
                               f_.key_hash, model_.sql)));
  BULLION_TRY(
      create_table(engine, kCandidates,
                   fmt::format("SELECT model.* FROM ({}\n) AS model SEMI JOIN {} AS contested ON "
                               "contested.key_hash = {}",
                               model_.sql, kContested, f_.key_hash)));
  return rank_candidates();
}

Result<StepOutcome> LatestStep::rebuild(const std::string& cause) {
  StepOutcome outcome;
  outcome.items.push_back({table_.name, "", cause,
                           cause == "input replaced" ? f_.input : rebuild_detail(ctx_, model_),
                           -1});
  if (ctx_.plan_only) {
    ctx_.assumed[table_.name] = {"*"};
    return outcome;
  }
  table_.computed = true;
  BULLION_TRY(create_inputs());
  BULLION_TRY(rank_contested());
  const std::string sql = fmt::format(
      "SELECT {0} FROM ({1}\n) AS model ANTI JOIN {4} AS contested ON contested.key_hash = {3} "
      "WHERE NOT {2} UNION ALL SELECT {0} FROM {5} WHERE NOT {2}",
      f_.columns, model_.sql, f_.withdrawn, f_.key_hash, kContested, kWinners);
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> staged,
                     stage_select(ctx_, model_.contract, table_, sql));
  BULLION_TRY_ASSIGN(const auto unneeded, replace_all(table_, std::move(staged)));
  outcome.unneeded = paths_of(table_, unneeded);
  BULLION_TRY(find_ties());
  BULLION_TRY(account_rebuild());
  return outcome;
}

/// The newest version of each candidate key, withdrawn ones too.
Status LatestStep::rank_candidates() {
  return create_table(
      ctx_.env.engine, kWinners,
      fmt::format("SELECT * EXCLUDE (version_rank) FROM (SELECT *, row_number() OVER "
                  "(PARTITION BY {} ORDER BY {}) AS version_rank FROM {}) "
                  "WHERE version_rank = 1",
                  f_.keys, f_.order, kCandidates));
}

/// Candidates that version_by does not tell from the version that won, and that are not the same.
Status LatestStep::find_ties() {
  std::vector<std::string> columns = model_.unique_key;
  columns.insert(columns.end(), model_.version_by.begin(), model_.version_by.end());
  std::vector<std::string> quoted;
  for (const std::string& column : columns) quoted.push_back(quote_name(column));
  const std::string names = joined(quoted, ", ");
  const auto versions = [&](const char* table) {
    return fmt::format("(SELECT {}, {} AS tie_content, {} AS tie_withdrawn FROM {})", names,
                       f_.content, f_.withdrawn, table);
  };
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      ctx_.env.engine.query(fmt::format(
          "SELECT {0}, count(*) OVER () FROM (SELECT DISTINCT {0} FROM (SELECT c.* FROM {1} AS c "
          "JOIN {2} AS won ON {3} WHERE c.tie_content <> won.tie_content OR c.tie_withdrawn <> "
          "won.tie_withdrawn) AS alike) AS keys ORDER BY {0} LIMIT 3",
          names, versions(kCandidates), versions(kWinners),
          engine::same_columns(columns, "c", "won"))));
  if (rows.rows.empty()) return ok();
  VersionTies& ties = ctx_.version_ties[table_.name];
  for (const auto& row : rows.rows) {
    std::vector<std::string> cells;
    for (size_t i = 0; i < columns.size(); ++i) {
      cells.push_back(columns[i] + "=" + engine::to_text(row.at(i)));
    }
    ties.sample.push_back(joined(cells, ", "));
    ties.keys = std::get<int64_t>(row.back());
  }
  return ok();
}

/// The model over some files of its input.
Status LatestStep::create_changed(const char* name, const std::vector<delta::AddFile>& files) {
  engine::Engine& engine = ctx_.env.engine;
  const std::string changed =
      files_sql(ctx_.env, input_.path, input_.schema, input_.partition_columns, files);
  for (const std::string& input : model_.depends_on) {
    BULLION_TRY(create_view(engine, input, input == f_.input ? changed : input_sql(ctx_, input)));
  }
  return create_table(engine, name, fmt::format("SELECT * FROM ({}\n) AS model", model_.sql));
}

/// The model runs over the rows that came and went first, then over every version of their keys.
Status LatestStep::find_arriving(const FileChange& change) {
  engine::Engine& engine = ctx_.env.engine;
  BULLION_TRY(create_changed(kNewRows, change.added));
  BULLION_TRY(create_changed(kGoneRows, change.removed));
  BULLION_TRY(create_inputs());
  std::string keys = fmt::format("SELECT {0} FROM {1} UNION ALL SELECT {0} FROM {2}", f_.keys,
                                 kNewRows, kGoneRows);
  if ((!ctx_.start.empty() || !ctx_.end.empty()) && !f_.partition.empty()) {
    keys += fmt::format(
        " UNION SELECT {} FROM ({}\n) AS model WHERE true{}{}", f_.keys, model_.sql,
        ctx_.start.empty()
            ? ""
            : fmt::format(" AND CAST({} AS VARCHAR) >= {}", f_.partition, quote_text(ctx_.start)),
        ctx_.end.empty()
            ? ""
            : fmt::format(" AND CAST({} AS VARCHAR) < {}", f_.partition, quote_text(ctx_.end)));
  }
  BULLION_TRY(
      create_table(engine, kKeys, fmt::format("SELECT DISTINCT {} FROM ({})", f_.keys, keys)));
  BULLION_TRY(find_live_keys());
  BULLION_TRY(find_candidates());
  return rank_candidates();
}

/// Which of the arriving keys the table holds, and in which partition.
Status LatestStep::find_live_keys() {
  return create_table(
      ctx_.env.engine, kLiveKeys,
      fmt::format(
          "SELECT {}, {} AS live_partition FROM ({}) AS live SEMI JOIN {} AS arriving ON {}",
          f_.keys, partition_text(), live_sql(table_.files), kKeys, same_key("live", "arriving")));
}

/// Every version of the arriving keys. Older ones have only those keys that the table holds, or
/// that a withdrawal may hide; they are few, and so the input, which is wide, is read for few rows.
Status LatestStep::find_candidates() {
  engine::Engine& engine = ctx_.env.engine;
  const char* known = model_.withdrawn_column.empty() ? kLiveKeys : kKeys;
  BULLION_TRY_ASSIGN(const Total keys, total_of(engine, known, ""));
  const std::string fresh = fmt::format("SELECT new.* FROM {} AS new ANTI JOIN {} AS known ON {}",
                                        kNewRows, known, same_key("new", "known"));
  if (keys.rows == 0) return create_table(engine, kCandidates, fresh);
  BULLION_TRY_ASSIGN(const std::string among, first_key_among(known, keys.rows));
  return create_table(
      engine, kCandidates,
      fmt::format("SELECT model.* FROM ({}\n) AS model SEMI JOIN {} AS known ON {} WHERE {} UNION "
                  "ALL {}",
                  model_.sql, known, same_key("model", "known"), among, fresh));
}

/// A condition with constants that the engine decides while it reads, before the columns beside the
/// key: the first key column is one of those of `keys`. "true" when they are many, or one is NULL.
Result<std::string> LatestStep::first_key_among(const char* keys, int64_t count) {
  constexpr int64_t kConstantsMax = 1000;
  const std::string anything = "true";
  if (count > kConstantsMax) return anything;
  const std::string column = quote_name(model_.unique_key.front());
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ctx_.env.engine.query(fmt::format(
                         "SELECT DISTINCT CAST({} AS VARCHAR) FROM {} ORDER BY 1", column, keys)));
  std::vector<std::string> texts;
  for (const auto& row : rows.rows) {
    if (engine::is_null(row.at(0))) return anything;
    texts.push_back(quote_text(engine::to_text(row.at(0))));
  }
  return fmt::format("CAST(model.{} AS VARCHAR) IN ({})", column, joined(texts, ", "));
}

Result<std::set<std::string>> LatestStep::affected_partitions() {
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ctx_.env.engine.query(fmt::format(
                         "SELECT live_partition AS p FROM {0} UNION SELECT {1} FROM "
                         "{2} UNION SELECT {1} FROM {3} WHERE NOT {4}",
                         kLiveKeys, partition_text(), kNewRows, kWinners, f_.withdrawn)));
  std::set<std::string> texts;
  for (const auto& row : rows.rows) texts.insert(engine::to_text(row.at(0)));
  return texts;
}

/// Says per partition how many keys are new, late, corrected, moved or withdrawn.
Status LatestStep::explain(const std::set<std::string>& affected, StepOutcome& outcome) {
  std::vector<std::string> known;
  if (!f_.partition.empty()) {
    for (const std::string& text :
         partition_texts(table_.files, model_.contract.partition_by.front())) {
      known.push_back(quote_text(text));
    }
  }
  const std::string partition = partition_text();
  const std::string sql = fmt::format(
      "WITH live AS (SELECT {keys}, {partition} AS p, {a} AS h FROM ({live}) AS l SEMI JOIN "
      "{arriving} AS arriving ON {arrives}), won AS (SELECT {keys}, {partition} AS p, {a} AS h "
      "FROM "
      "{winners} WHERE NOT {withdrawn}), pairs AS (SELECT live.p AS from_p, won.p AS to_p, live.h "
      "AS from_h, won.h AS to_h FROM live FULL JOIN won ON {wins}), causes AS ("
      "SELECT to_p AS p, CASE WHEN from_p IS NULL THEN CASE WHEN to_p IN ({known}) THEN 'late' "
      "ELSE "
      "'new' END WHEN from_p <> to_p THEN 'moved' WHEN from_h <> to_h THEN 'corrected' ELSE 'same' "
      "END AS cause FROM pairs WHERE to_p IS NOT NULL UNION ALL "
      "SELECT from_p, CASE WHEN to_p IS NULL THEN 'withdrawn' ELSE 'moved' END FROM pairs WHERE "
      "from_p IS NOT NULL AND (to_p IS NULL OR to_p <> from_p)) "
      "SELECT p, cause, count(*) FROM causes WHERE cause <> 'same' GROUP BY p, cause ORDER BY p, "
      "cause",
      fmt::arg("keys", f_.keys), fmt::arg("partition", partition), fmt::arg("a", f_.content),
      fmt::arg("live", live_sql(live_files(affected))), fmt::arg("arriving", kKeys),
      fmt::arg("arrives", same_key("l", "arriving")), fmt::arg("wins", same_key("live", "won")),
      fmt::arg("winners", kWinners), fmt::arg("withdrawn", f_.withdrawn),
      fmt::arg("known", known.empty() ? "NULL" : joined(known, ", ")));
  BULLION_TRY_ASSIGN(const engine::Rows rows, ctx_.env.engine.query(sql));
  for (const auto& row : rows.rows) {
    outcome.items.push_back({table_.name, engine::to_text(row.at(0)), engine::to_text(row.at(1)),
                             f_.input, std::get<int64_t>(row.at(2))});
  }
  if (rows.rows.empty()) {
    outcome.items.push_back({table_.name, "", "same", "arriving rows change nothing", 0});
  }
  return ok();
}

Result<std::vector<delta::AddFile>> LatestStep::stage_update(
    const std::set<std::string>& affected) {
  const std::string sql = fmt::format(
      "SELECT {} FROM ({}) AS live ANTI JOIN {} AS arriving ON {} UNION ALL SELECT {} FROM {} "
      "WHERE NOT {}",
      f_.columns, live_sql(live_files(affected)), kKeys, same_key("live", "arriving"), f_.columns,
      kWinners, f_.withdrawn);
  return stage_select(ctx_, model_.contract, table_, sql);
}

Result<StepOutcome> LatestStep::update(const FileChange& change) {
  StepOutcome outcome;
  BULLION_TRY(find_arriving(change));
  BULLION_TRY_ASSIGN(const std::set<std::string> affected, affected_partitions());
  if (ctx_.plan_only) {
    BULLION_TRY(explain(affected, outcome));
    for (const PlanItem& item : outcome.items) {
      if (item.cause != "same") {
        ctx_.assumed[table_.name].insert(item.partition.empty() ? "*" : item.partition);
      }
    }
    return outcome;
  }
  table_.computed = true;
  BULLION_TRY_ASSIGN(std::vector<delta::AddFile> staged, stage_update(affected));
  auto unneeded = f_.partition.empty() ? replace_all(table_, std::move(staged))
                                       : replace_partitions(table_, affected, std::move(staged));
  if (!unneeded) return std::move(unneeded).error();
  outcome.unneeded = paths_of(table_, *unneeded);
  BULLION_TRY(find_ties());
  BULLION_TRY(account_update(change));
  return outcome;
}

/// Counts where every input row went, each number from a query of its own, and checks the sum.
Status LatestStep::account_rebuild() {
  engine::Engine& engine = ctx_.env.engine;
  release::Ledger ledger;
  BULLION_TRY_ASSIGN(const Total candidates, total_of(engine, kCandidates, f_.amount_out));
  BULLION_TRY_ASSIGN(const Total winners, total_of(engine, kWinners, f_.amount_out));
  ledger.rows_superseded = candidates.rows - winners.rows;
  ledger.amount_superseded = candidates.amount;
  BULLION_TRY(add_amount(ledger.amount_superseded, winners.amount, -1));
  const std::string model = fmt::format("({}\n) AS model", model_.sql);
  BULLION_TRY_ASSIGN(const Total input, total_of(engine, quote_name(f_.input), f_.amount_in));
  BULLION_TRY_ASSIGN(const Total output, total_of(engine, model, f_.amount_out));
  BULLION_TRY_ASSIGN(
      const Total withdrawn_winners,
      total_of(engine, fmt::format("{} WHERE {}", kWinners, f_.withdrawn), f_.amount_out));
  Total withdrawn_single;
  if (!model_.withdrawn_column.empty()) {
    BULLION_TRY_ASSIGN(
        withdrawn_single,
        total_of(engine,
                 fmt::format("{} ANTI JOIN {} AS contested ON contested.key_hash = {} "
                             "WHERE {}",
                             model, kContested, f_.key_hash, f_.withdrawn),
                 f_.amount_out));
  }
  // Excluded: withdrawn keys, and rows the model's own filter leaves out.
  ledger.rows_excluded =
      withdrawn_winners.rows + withdrawn_single.rows + (input.rows - output.rows);
  ledger.amount_excluded = input.amount;
  BULLION_TRY(add_amount(ledger.amount_excluded, output.amount, -1));
  BULLION_TRY(add_amount(ledger.amount_excluded, withdrawn_winners.amount, 1));
  BULLION_TRY(add_amount(ledger.amount_excluded, withdrawn_single.amount, 1));
  return close_account(ledger);
}

/// The ledger of the last release plus what the arriving keys changed: their versions ranked
/// as they were before the change, and as they are.
Status LatestStep::account_update(const FileChange& change) {
  engine::Engine& engine = ctx_.env.engine;
  release::Ledger ledger = ctx_.ledgers[table_.name];
  BULLION_TRY(create_table(
      engine, kOldWinners,
      fmt::format("SELECT *, row_number() OVER (PARTITION BY {} ORDER BY {}) AS version_rank FROM "
                  "((SELECT * FROM {} EXCEPT ALL SELECT * FROM {}) UNION ALL SELECT * FROM {})",
                  f_.keys, f_.order, kCandidates, kNewRows, kGoneRows)));
  const auto superseded = [&](const std::string& all, const std::string& won, int sign) -> Status {
    BULLION_TRY_ASSIGN(const Total total, total_of(engine, all, f_.amount_out));
    BULLION_TRY_ASSIGN(const Total best, total_of(engine, won, f_.amount_out));
    ledger.rows_superseded += sign * (total.rows - best.rows);
    BULLION_TRY(add_amount(ledger.amount_superseded, total.amount, sign));
    BULLION_TRY(add_amount(ledger.amount_superseded, best.amount, -sign));
    return ok();
  };
  const auto excluded = [&](const std::string& relation, const std::string& amount,
                            int sign) -> Status {
    BULLION_TRY_ASSIGN(const Total total, total_of(engine, relation, amount));
    ledger.rows_excluded += sign * total.rows;
    BULLION_TRY(add_amount(ledger.amount_excluded, total.amount, sign));
    return ok();
  };
  const std::string old_best = fmt::format("{} WHERE version_rank = 1", kOldWinners);
  BULLION_TRY(superseded(kCandidates, kWinners, 1));
  BULLION_TRY(superseded(kOldWinners, old_best, -1));
  BULLION_TRY(excluded(fmt::format("{} WHERE {}", kWinners, f_.withdrawn), f_.amount_out, 1));
  BULLION_TRY(excluded(fmt::format("{} AND {}", old_best, f_.withdrawn), f_.amount_out, -1));
  // Rows the model's own filter leaves out.
  const auto input_rows = [&](const std::vector<delta::AddFile>& files) {
    return fmt::format(
        "({})", files_sql(ctx_.env, input_.path, input_.schema, input_.partition_columns, files));
  };
  BULLION_TRY(excluded(input_rows(change.added), f_.amount_in, 1));
  BULLION_TRY(excluded(kNewRows, f_.amount_out, -1));
  BULLION_TRY(excluded(input_rows(change.removed), f_.amount_in, -1));
  BULLION_TRY(excluded(kGoneRows, f_.amount_out, 1));
  return close_account(ledger);
}

/// Measures what came in and what is kept, from the tables themselves, and checks the sum.
Status LatestStep::close_account(release::Ledger& ledger) {
  engine::Engine& engine = ctx_.env.engine;
  ledger.model = table_.name;
  ledger.amount_column = model_.conserves.empty() ? "" : model_.conserves.begin()->first;
  BULLION_TRY_ASSIGN(ledger.rows_in, row_count(input_.files));
  BULLION_TRY_ASSIGN(ledger.rows_kept, row_count(table_.files));
  BULLION_TRY_ASSIGN(const Total input, total_of(engine, quote_name(f_.input), f_.amount_in));
  BULLION_TRY_ASSIGN(const Total kept,
                     total_of(engine, fmt::format("({})", live_sql(table_.files)), f_.amount_out));
  ledger.amount_in = input.amount;
  ledger.amount_kept = kept.amount;
  ctx_.ledgers[table_.name] = ledger;
  return ok();
}

}  // namespace

Result<StepOutcome> run_latest(StepContext& ctx, const project::Model& model) {
  return LatestStep(ctx, model).run();
}

}  // namespace bullion::pipeline
