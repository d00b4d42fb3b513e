#include "pipeline/publish.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/ops_tables.h"
#include "pipeline/totals.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;
using engine::Value;

const project::Contract& contract_of(const StepContext& ctx, const std::string& name) {
  const project::Contract* contract = ctx.project.find_contract(name);
  BULLION_ASSERT(contract != nullptr);
  return *contract;
}

std::string table_sql(const StepContext& ctx, const WorkingTable& table,
                      const std::vector<delta::AddFile>& files) {
  return files_sql(ctx.env, table.path, table.schema, table.partition_columns, files);
}

/// The columns whose NULLs were counted, and refused, in every file the model's table consists of.
std::set<std::string> never_null(const StepContext& ctx, const WorkingTable& table) {
  std::set<std::string> columns;
  const project::Model* model = ctx.project.find_model(table.name);
  // Files of another contract may hold what this one forbids.
  if (model == nullptr || (!table.computed && table.released_code_hash != table.code_hash)) {
    return columns;
  }
  for (const delta::Column& column : model->contract.columns) {
    if (!column.nullable) columns.insert(column.name);
  }
  return columns;
}

/// A view of some of a table's files under "bullion_gate"; "" for no files.
Result<std::string> create_gate_view(const StepContext& ctx, const WorkingTable& table,
                                     const char* which, const std::vector<delta::AddFile>& files) {
  if (files.empty()) return std::string{};
  const std::string name = "bullion_gate." + quote_name(fmt::format("{}_{}", which, table.name));
  BULLION_TRY(ctx.env.engine.execute(
      fmt::format("CREATE OR REPLACE VIEW {} AS {}", name, table_sql(ctx, table, files))));
  return name;
}

Result<quality::TestedTable> create_gate_views(const StepContext& ctx, const WorkingTable& table) {
  quality::TestedTable tested{.live = quote_name(table.name),
                              .changed = {},
                              .kept = {},
                              .kept_beside = {},
                              .partition_column = {},
                              .never_null = never_null(ctx, table)};
  for (const delta::Column& column : table.schema) {
    tested.types[column.name] = engine::sql_type(column.type);
  }
  BULLION_TRY(create_view(ctx.env.engine, table.name, table_sql(ctx, table, table.files)));
  const FileChange change = compare_files(table.released, table.files);
  if (change.empty()) return tested;
  // Also without rows, when files only went away.
  tested.changed = "bullion_gate." + quote_name("changed_" + table.name);
  BULLION_TRY(ctx.env.engine.execute(fmt::format("CREATE OR REPLACE VIEW {} AS {}", tested.changed,
                                                 table_sql(ctx, table, change.added))));
  const std::vector<delta::AddFile> kept = compare_files(change.added, table.files).added;
  BULLION_TRY_ASSIGN(tested.kept, create_gate_view(ctx, table, "kept", kept));
  if (table.partition_columns.size() == 1) {
    tested.partition_column = table.partition_columns.front();
    const auto partitions = partition_texts(change.added, tested.partition_column);
    BULLION_TRY_ASSIGN(tested.kept_beside,
                       create_gate_view(ctx, table, "kept_beside",
                                        files_in(kept, tested.partition_column, partitions)));
  }
  return tested;
}

/// A latest model keeps one row per key by construction, so its key needs no scan to be unique.
bool is_unique_by_construction(const project::Model& model) {
  return model.kind == project::ModelKind::Latest && model.contract.grain == model.unique_key;
}

/// Every declared grain is a gate, whether or not somebody wrote the test.
std::vector<project::DataTest> with_grain_tests(const project::Project& project) {
  std::vector<project::DataTest> tests = project.data_tests;
  for (const project::Model& model : project.models) {
    if (model.contract.grain.empty() || is_unique_by_construction(model)) continue;
    const bool declared =
        std::any_of(tests.begin(), tests.end(), [&](const project::DataTest& test) {
          return test.kind == "unique" && test.table == model.contract.name &&
                 test.columns == model.contract.grain && test.where.empty();
        });
    if (declared) continue;
    project::DataTest test;
    test.name = "grain_" + model.contract.name;
    test.kind = "unique";
    test.table = model.contract.name;
    test.columns = model.contract.grain;
    test.location = model.contract.location;
    tests.push_back(std::move(test));
  }
  return tests;
}

quality::TestOutcome conservation_outcome(const std::string& model, bool holds,
                                          const std::string& sample) {
  quality::TestOutcome outcome;
  outcome.name = "conservation_" + model;
  outcome.kind = "conservation";
  outcome.table = model;
  outcome.status = holds ? quality::TestStatus::Pass : quality::TestStatus::Fail;
  outcome.failures = holds ? 0 : 1;
  if (!holds) outcome.sample.push_back(sample);
  return outcome;
}

/// One scan of a table as it would be published tells its totals; every use of them after the steps
/// shares it.
Result<const std::map<std::string, AmountTotals>*> totals_of(StepContext& ctx,
                                                             const project::Contract& contract) {
  const auto known = ctx.totals.find(contract.name);
  if (known != ctx.totals.end()) return &known->second;
  const std::string currency = contract.currency_column.empty()
                                   ? engine::quote_text(ctx.project.currency)
                                   : quote_name(contract.currency_column);
  std::vector<std::string> null_keys;
  // Columns that are not nullable were counted when their files were staged.
  for (const delta::Column& column : contract.columns) {
    const bool is_key = std::find(contract.grain.begin(), contract.grain.end(), column.name) !=
                        contract.grain.end();
    if (is_key && column.nullable) null_keys.push_back(quote_name(column.name) + " IS NULL");
  }
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      ctx.env.engine.query(fmt::format(
          "SELECT CAST({0} AS VARCHAR) AS c, sum({1}), count(*) FILTER (WHERE {1} < 0), "
          "count(*) FILTER (WHERE {2}) FROM {3} GROUP BY c ORDER BY c NULLS FIRST",
          currency, quote_name(contract.amount_column),
          null_keys.empty() ? "false" : fmt::format("{}", fmt::join(null_keys, " OR ")),
          quote_name(contract.name))));
  std::map<std::string, AmountTotals>& totals = ctx.totals[contract.name];
  for (const auto& row : rows.rows) {
    AmountTotals& total = totals[engine::to_text(row.at(0))];
    if (const auto* sum = std::get_if<Decimal>(&row.at(1))) total.amount = *sum;
    total.negative_amounts = std::get<int64_t>(row.at(2));
    total.null_keys = std::get<int64_t>(row.at(3));
  }
  return &totals;
}

Result<Decimal> sum_of_column(StepContext& ctx, const std::string& table,
                              const std::string& column) {
  const project::Contract& contract = contract_of(ctx, table);
  if (column != contract.amount_column) {
    BULLION_TRY_ASSIGN(const Total total,
                       total_of(ctx.env.engine, quote_name(table), quote_name(column)));
    return total.amount;
  }
  BULLION_TRY_ASSIGN(const auto* totals, totals_of(ctx, contract));
  Decimal sum;
  for (const auto& [currency, total] : *totals) BULLION_TRY(add_amount(sum, total.amount, 1));
  return sum;
}

/// in = kept + superseded + excluded for row-wise models; equal sums for the others.
Status gate_conservation(StepContext& ctx, std::vector<quality::TestOutcome>& outcomes) {
  for (const project::Model& model : ctx.project.models) {
    const WorkingTable& table = ctx.set.at(model.contract.name);
    if (!table.computed) continue;
    if (model.kind == project::ModelKind::Latest || model.kind == project::ModelKind::Snapshot) {
      const release::Ledger& ledger = ctx.ledgers[table.name];
      outcomes.push_back(conservation_outcome(
          table.name, ledger.holds(),
          fmt::format("in {} rows {}; kept {} rows {}; superseded {} rows {}; excluded {} rows {}",
                      ledger.rows_in, to_string(ledger.amount_in), ledger.rows_kept,
                      to_string(ledger.amount_kept), ledger.rows_superseded,
                      to_string(ledger.amount_superseded), ledger.rows_excluded,
                      to_string(ledger.amount_excluded))));
      continue;
    }
    for (const auto& [output, input] : model.conserves) {
      BULLION_TRY_ASSIGN(const Decimal out, sum_of_column(ctx, table.name, output));
      BULLION_TRY_ASSIGN(const Decimal in, sum_of_column(ctx, model.depends_on.at(0), input));
      outcomes.push_back(conservation_outcome(
          table.name, same_value(out, in),
          fmt::format("sum of {} is {}, sum of {}.{} is {}", output, to_string(out),
                      model.depends_on.at(0), input, to_string(in))));
    }
  }
  return ok();
}

/// Warns of keys for which nothing says which version counts.
void warn_of_version_ties(const StepContext& ctx, std::vector<quality::TestOutcome>& outcomes) {
  for (const auto& [model, ties] : ctx.version_ties) {
    quality::TestOutcome& outcome = outcomes.emplace_back();
    outcome.name = "version_ties_" + model;
    outcome.kind = "version_ties";
    outcome.table = model;
    outcome.status = quality::TestStatus::Warn;
    outcome.failures = ties.keys;
    outcome.sample = ties.sample;
  }
}

std::string hash_of_tests(const project::Project& project) {
  return quality::tests_hash(with_grain_tests(project));
}

/// Money before (from the last record) and after, for every model with an amount column.
Result<std::vector<release::MoneyChange>> money_changes(
    StepContext& ctx, const std::optional<release::Record>& last) {
  std::vector<release::MoneyChange> changes;
  for (const project::Model& model : ctx.project.models) {
    const project::Contract& contract = model.contract;
    if (contract.amount_column.empty()) continue;
    const WorkingTable& table = ctx.set.at(contract.name);
    std::map<std::string, release::MoneyChange> by_currency;
    for (const auto& old : last ? last->money : std::vector<release::MoneyChange>{}) {
      if (old.table != table.name) continue;
      by_currency[old.currency] = {.table = table.name,
                                   .currency = old.currency,
                                   .before = old.after,
                                   .after = {},
                                   .rows_before = old.rows_after,
                                   .rows_after = 0};
      if (!table.changed()) by_currency[old.currency].after = old.after;
    }
    if (table.changed() || by_currency.empty()) {
      BULLION_TRY_ASSIGN(const auto* totals, totals_of(ctx, contract));
      for (const auto& [currency, total] : *totals) {
        release::MoneyChange& change = by_currency[currency];
        change.table = table.name;
        change.currency = currency;
        change.after = total.amount;
      }
    }
    BULLION_TRY_ASSIGN(const int64_t rows, row_count(table.files));
    for (auto& [currency, change] : by_currency) {
      change.rows_after = rows;
      changes.push_back(change);
    }
  }
  return changes;
}

std::string summary_of(const std::vector<SourceOutcome>& sources, const release::Record& record) {
  int64_t files = 0;
  int64_t rows = 0;
  int64_t rejected = 0;
  int64_t withdrawn = 0;
  for (const SourceOutcome& source : sources) {
    files += static_cast<int64_t>(source.files.size());
    rows += source.rows_loaded;
    rejected += source.rows_quarantined;
    withdrawn += source.files_withdrawn;
  }
  return fmt::format(
      "{} file{}, {} rows loaded, {} quarantined{}, {} table{} changed", files,
      files == 1 ? "" : "s", rows, rejected,
      withdrawn == 0 ? ""
                     : fmt::format(", {} file{} withdrawn", withdrawn, withdrawn == 1 ? "" : "s"),
      record.changed_tables.size(), record.changed_tables.size() == 1 ? "" : "s");
}

/// Tables upstream first: sources, seeds, models in dependency order.
/// The record's line about one table; versions after the commits of this release.
Result<release::TableVersion> version_of(const WorkingTable& table, bool commits, bool up_to_date) {
  release::TableVersion version;
  version.path = table.path;
  version.layer = table.layer;
  version.version = commits ? table.head_version + 1 : table.released_version;
  version.code_hash = up_to_date ? table.code_hash : table.released_code_hash;
  version.macros = up_to_date ? table.macros : table.released_macros;
  version.inputs = table.inputs;
  BULLION_TRY_ASSIGN(version.rows, row_count(table.files));
  return version;
}

}  // namespace

Result<std::vector<quality::TestOutcome>> run_gates(StepContext& ctx,
                                                    const std::optional<release::Record>& last) {
  BULLION_TRY(ctx.env.engine.execute("CREATE SCHEMA IF NOT EXISTS bullion_gate"));
  quality::GateScope scope;
  scope.whole_tables = !last || last->tests_hash != hash_of_tests(ctx.project);
  for (const auto& [name, table] : ctx.set.tables()) {
    if (table.head_version < 0 && !table.computed) continue;
    BULLION_TRY_ASSIGN(scope.tables[name], create_gate_views(ctx, table));
  }
  BULLION_TRY_ASSIGN(auto outcomes,
                     quality::run_data_tests(ctx.env.engine, with_grain_tests(ctx.project), scope));
  BULLION_TRY(gate_conservation(ctx, outcomes));
  warn_of_version_ties(ctx, outcomes);
  return outcomes;
}

Result<release::Intent> make_intent(StepContext& ctx, const std::optional<release::Record>& last,
                                    int64_t number, const std::vector<SourceOutcome>& sources,
                                    const std::set<std::string>& up_to_date,
                                    const std::vector<quality::TestOutcome>& tests) {
  release::Intent intent;
  release::Record& record = intent.record;
  record.number = number;
  record.run_id = ctx.run_id;
  record.user = ctx.env.user;
  record.project = ctx.project.name;
  record.bullion_version = kProgramVersion;
  record.created_at_us = ctx.run_at_us;
  record.tests_hash = hash_of_tests(ctx.project);
  std::map<std::string, bool> commits;
  for (const std::string& name : ctx.project.table_names()) {
    const WorkingTable& table = ctx.set.at(name);
    // The head may be ahead of the last release after a void one; the commit then takes it back.
    const bool differs =
        !compare_files(table.head, table.files).empty() ||
        (table.head_version < 0 && up_to_date.contains(name)) ||
        (table.head_version >= 0 && up_to_date.contains(name) && table.head_schema != table.schema);
    commits[name] = differs;
    if (table.head_version < 0 && !differs) continue;
    if (differs) {
      intent.commits.push_back(commit_of(table, ctx.env, table.layer));
      intent.commits.back().actions.txns = {{release::kReleaseAppId, number, ctx.run_at_us / 1000}};
      record.changed_tables.push_back(name);
    }
    BULLION_TRY_ASSIGN(record.tables[name], version_of(table, differs, up_to_date.contains(name)));
  }
  for (const project::Model& model : ctx.project.models) {
    const auto entry = record.tables.find(model.contract.name);
    if (entry == record.tables.end() || !up_to_date.contains(model.contract.name)) continue;
    entry->second.inputs.clear();
    for (const std::string& input : model.depends_on) {
      entry->second.inputs[input] = record.tables.at(input).version;
    }
  }
  if (last) record.sources = last->sources;
  for (const SourceOutcome& source : sources) record.sources[source.source] = source.consumed;
  for (const quality::TestOutcome& test : tests) {
    record.gates.push_back({test.name, test.table, quality::to_string(test.status), test.failures});
  }
  BULLION_TRY_ASSIGN(record.money, money_changes(ctx, last));
  for (const auto& [name, ledger] : ctx.ledgers) {
    record.ledgers.push_back(ledger);
  }
  record.summary = summary_of(sources, record);
  return intent;
}

Result<std::vector<std::vector<Value>>> stage_metric_rows(StepContext& ctx,
                                                          const release::Record& record) {
  std::vector<ValueRow> rows;
  for (const release::MoneyChange& money : record.money) {
    const project::Contract& contract = contract_of(ctx, money.table);
    const WorkingTable& table = ctx.set.at(money.table);
    if (!table.computed) continue;
    BULLION_TRY_ASSIGN(const auto* totals, totals_of(ctx, contract));
    const auto found = totals->find(money.currency);
    const AmountTotals total = found == totals->end() ? AmountTotals{} : found->second;
    const auto change = difference_of(money.after, money.before);
    rows.push_back({ctx.run_id, record.number, money.table, contract.owner, money.currency,
                    money.rows_after, money.rows_before, total.null_keys, total.negative_amounts,
                    to_string(money.after), to_string(money.before),
                    change ? Value(to_string(*change)) : Value(),
                    engine::TimestampValue{ctx.run_at_us}});
  }
  return rows;
}

}  // namespace bullion::pipeline
