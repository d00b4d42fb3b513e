#include "pipeline/diff.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/table_diff_internal.h"
#include "pipeline/working_set.h"

namespace bullion::pipeline {
namespace {

using engine::Value;

/// A count that is known says more than one that is not; inputs often share their origin, so counts
/// of one cause are never added up.
void note_cause(Causes& causes, const std::string& cause, int64_t count) {
  const auto [entry, is_new] = causes.emplace(cause, count);
  if (!is_new) entry->second = std::max(entry->second, count);
}

/// Sources, seeds and models in dependency order, then tables the project no longer has.
std::vector<std::string> table_order(const project::Project& project, const release::Record& before,
                                     const release::Record& after) {
  std::vector<std::string> names = project.table_names();
  for (const auto* record : {&before, &after}) {
    for (const auto& [name, table] : record->tables) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

class ReleaseDiff {
 public:
  ReleaseDiff(const Environment& env, const project::Project& project,
              const release::Record& before, const release::Record& after)
      : env_(env), project_(project), before_(before), after_(after) {}

  Result<DiffOutcome> run();

 private:
  Result<std::optional<TableDiff>> compare(const std::string& name) const;
  void explain(const std::map<std::string, PartitionTally>& tallies, TableDiff& diff) const;
  void explain_by_inputs(const project::Model& model, TableDiff& diff) const;
  void explain_changed_seeds(const project::Model& model, TableDiff& diff) const;
  bool reads_another_version(const std::string& name) const;
  /// Whether it is a table of landed files, whose rows are data that came in.
  bool lists_files(const std::string& name) const;
  const TableDiff* find_done(const std::string& name) const;

  const Environment& env_;
  const project::Project& project_;
  const release::Record& before_;
  const release::Record& after_;
  DiffOutcome outcome_;
};

const release::TableVersion* find_table(const release::Record& record, const std::string& name) {
  const auto found = record.tables.find(name);
  return found == record.tables.end() ? nullptr : &found->second;
}

Status fill_totals(const std::map<std::string, PartitionTally>& tallies, TableDiff& diff) {
  for (const auto& [text, tally] : tallies) {
    PartitionDiff& total = diff.total;
    total.rows_before += tally.diff.rows_before;
    total.rows_after += tally.diff.rows_after;
    total.rows_added += tally.diff.rows_added;
    total.rows_removed += tally.diff.rows_removed;
    total.rows_changed += tally.diff.rows_changed;
    for (const MoneyDiff& part : tally.diff.money) {
      MoneyDiff& money = money_in(total, part.currency);
      BULLION_TRY(add_amount(money.before, part.before));
      BULLION_TRY(add_amount(money.after, part.after));
      BULLION_TRY(add_amount(money.added, part.added));
      BULLION_TRY(add_amount(money.removed, part.removed));
      BULLION_TRY(add_amount(money.changed, part.changed));
    }
  }
  return ok();
}

const TableDiff* ReleaseDiff::find_done(const std::string& name) const {
  for (const TableDiff& diff : outcome_.tables) {
    if (diff.table == name) return &diff;
  }
  return nullptr;
}

Result<DiffOutcome> ReleaseDiff::run() {
  outcome_.before = before_.number;
  outcome_.after = after_.number;
  for (const std::string& name : table_order(project_, before_, after_)) {
    BULLION_TRY_ASSIGN(std::optional<TableDiff> diff, compare(name));
    if (diff) outcome_.tables.push_back(std::move(*diff));
  }
  return std::move(outcome_);
}

Result<std::optional<TableDiff>> ReleaseDiff::compare(const std::string& name) const {
  const release::TableVersion* was = find_table(before_, name);
  const release::TableVersion* is_now = find_table(after_, name);
  if (was == nullptr && is_now == nullptr) return std::optional<TableDiff>();
  if (was != nullptr && is_now != nullptr && was->version == is_now->version) {
    return std::optional<TableDiff>();
  }
  TableDiff diff;
  diff.table = name;
  diff.layer = (is_now != nullptr ? is_now : was)->layer;
  diff.version_before = was != nullptr ? was->version : -1;
  diff.version_after = is_now != nullptr ? is_now->version : -1;
  // A seed's hash covers its rows: they are data here, not logic.
  diff.logic_changed = was != nullptr && is_now != nullptr && diff.layer != "seeds" &&
                       was->code_hash != is_now->code_hash;
  TableSides sides;
  sides.path = (is_now != nullptr ? is_now : was)->path;
  sides.contract = project_.find_contract(name);
  sides.match_rows = diff.layer != "bronze";
  sides.default_currency = project_.currency;
  const delta::Log log = env_.log(sides.path);
  if (was != nullptr) {
    BULLION_TRY_ASSIGN(sides.before, log.snapshot(was->version));
  }
  if (is_now != nullptr) {
    BULLION_TRY_ASSIGN(sides.after, log.snapshot(is_now->version));
  }
  const std::vector<delta::AddFile> none;
  const FileChange change = compare_files(sides.before ? sides.before->files : none,
                                          sides.after ? sides.after->files : none);
  diff.files_added = static_cast<int64_t>(change.added.size());
  diff.files_removed = static_cast<int64_t>(change.removed.size());
  auto tallies = tally_partitions(env_, sides);
  if (!tallies) return std::move(tallies).error().within("table " + name);
  std::erase_if(*tallies, [](const auto& entry) { return entry.second.diff.empty(); });
  for (const auto& [text, tally] : *tallies) diff.partitions.push_back(tally.diff);
  BULLION_TRY(fill_totals(*tallies, diff));
  explain(*tallies, diff);
  return std::optional<TableDiff>(std::move(diff));
}

/// What happened to the keys of a partition of a row-wise table.
Causes causes_of_keys(const PartitionTally& tally) {
  Causes causes;
  const PartitionDiff& diff = tally.diff;
  const auto note = [&](const char* cause, int64_t count) {
    if (count > 0) causes[cause] += count;
  };
  note(diff.rows_before == 0 ? "new" : "late", diff.rows_added - tally.moved_in);
  note("corrected", diff.rows_changed);
  note("moved", tally.moved_in + tally.moved_out);
  note("withdrawn", diff.rows_removed - tally.moved_out);
  return causes;
}

void ReleaseDiff::explain(const std::map<std::string, PartitionTally>& tallies,
                          TableDiff& diff) const {
  const project::Model* model = project_.find_model(diff.table);
  const bool row_wise = model != nullptr && model->kind != project::ModelKind::Aggregate &&
                        model->kind != project::ModelKind::Full;
  int64_t moved = 0;
  for (PartitionDiff& part : diff.partitions) {
    const PartitionTally& tally = tallies.at(part.partition);
    moved += tally.moved_in;
    if (diff.version_before < 0) {
      part.causes["new"] = part.rows_added;
    } else if (diff.layer == "bronze" || lists_files(diff.table)) {
      if (part.rows_added > 0) part.causes["new"] = part.rows_added;
      if (part.rows_removed > 0) part.causes["withdrawn"] = part.rows_removed;
      if (part.rows_changed > 0) part.causes["input"] = part.rows_changed;
    } else if (diff.layer == "seeds") {
      part.causes["mapping"] = part.rows_added + part.rows_removed + part.rows_changed;
    } else if (row_wise) {
      part.causes = causes_of_keys(tally);
    }
    for (const auto& [cause, count] : part.causes) diff.total.causes[cause] += count;
  }
  if (diff.total.causes.contains("moved")) diff.total.causes["moved"] = moved;
  if (model != nullptr && diff.version_before >= 0) {
    if (row_wise) {
      explain_changed_seeds(*model, diff);
    } else {
      explain_by_inputs(*model, diff);
    }
  }
  const auto note_everywhere = [&](const std::string& cause) {
    for (PartitionDiff& part : diff.partitions) note_cause(part.causes, cause, kCountUnknown);
    note_cause(diff.total.causes, cause, kCountUnknown);
  };
  if (diff.logic_changed) note_everywhere("logic");
  if (diff.version_after < 0 || diff.partitions.empty()) return;
  // A model may only now have caught up with an input that changed in an earlier release, and
  // `--full-refresh` may recompute without any change at all.
  const std::string rest = reads_another_version(diff.table) ? "input" : "recomputed";
  for (PartitionDiff& part : diff.partitions) {
    if (!part.causes.empty()) continue;
    note_cause(part.causes, rest, kCountUnknown);
    note_cause(diff.total.causes, rest, kCountUnknown);
  }
}

bool ReleaseDiff::reads_another_version(const std::string& name) const {
  const release::TableVersion* was = find_table(before_, name);
  const release::TableVersion* is_now = find_table(after_, name);
  return was != nullptr && is_now != nullptr && was->inputs != is_now->inputs;
}

bool ReleaseDiff::lists_files(const std::string& name) const {
  const project::Seed* seed = project_.find_seed(name);
  return seed != nullptr && !seed->files_of.empty();
}

void ReleaseDiff::explain_changed_seeds(const project::Model& model, TableDiff& diff) const {
  for (const std::string& input : model.depends_on) {
    const TableDiff* done = find_done(input);
    if (done == nullptr || done->layer != "seeds" || lists_files(input)) continue;
    for (PartitionDiff& part : diff.partitions) note_cause(part.causes, "mapping", kCountUnknown);
    note_cause(diff.total.causes, "mapping", kCountUnknown);
  }
}

/// A partition of an aggregate inherits the causes of the input partitions it is made of, or of the
/// whole input when no partition of it can be told apart.
void ReleaseDiff::explain_by_inputs(const project::Model& model, TableDiff& diff) const {
  const bool partitioned = !model.contract.partition_by.empty();
  for (const std::string& input : model.depends_on) {
    const TableDiff* done = find_done(input);
    if (done == nullptr) continue;
    const bool seed = done->layer == "seeds" && !lists_files(input);
    const auto alignment = model.aligned_inputs.find(input);
    const bool aligned = alignment != model.aligned_inputs.end();
    for (PartitionDiff& part : diff.partitions) {
      if (seed) {
        note_cause(part.causes, "mapping", kCountUnknown);
        continue;
      }
      if (!aligned) {
        for (const auto& [cause, count] : done->total.causes) {
          note_cause(part.causes, cause, partitioned ? kCountUnknown : count);
        }
        continue;
      }
      for (const PartitionDiff& from : done->partitions) {
        if (alignment->second.output_of(from.partition) != part.partition) continue;
        for (const auto& [cause, count] : from.causes) note_cause(part.causes, cause, count);
      }
    }
    if (diff.partitions.empty()) continue;
    if (seed) {
      note_cause(diff.total.causes, "mapping", kCountUnknown);
      continue;
    }
    for (const auto& [cause, count] : done->total.causes) {
      note_cause(diff.total.causes, cause, aligned || !partitioned ? count : kCountUnknown);
    }
  }
}

int scale_of(const DiffOutcome& outcome) {
  int scale = 0;
  for (const TableDiff& table : outcome.tables) {
    for (const PartitionDiff& part : table.partitions) {
      for (const MoneyDiff& money : part.money) {
        scale = std::max({scale, money.before.scale, money.after.scale});
      }
    }
  }
  return scale;
}

delta::Column column_of(std::string name, delta::TypeId type, int scale = 0) {
  delta::Column column;
  column.name = std::move(name);
  column.type.id = type;
  if (type == delta::TypeId::Decimal) {
    column.type = delta::DataType::decimal(kDecimalPrecisionMax, scale);
  }
  return column;
}

}  // namespace

Result<DiffOutcome> diff_releases(const Environment& env, const project::Project& project,
                                  const release::Record& before, const release::Record& after) {
  return ReleaseDiff(env, project, before, after).run();
}

std::string to_string(const Causes& causes) {
  std::vector<std::string> parts;
  for (const auto& [cause, count] : causes) {
    parts.push_back(count == kCountUnknown ? cause : fmt::format("{} {}", cause, count));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

engine::Rows diff_rows(const DiffOutcome& outcome) {
  using delta::TypeId;
  const int scale = scale_of(outcome);
  engine::Rows rows;
  rows.schema = {column_of("table", TypeId::String),
                 column_of("partition", TypeId::String),
                 column_of("rows_added", TypeId::Long),
                 column_of("rows_removed", TypeId::Long),
                 column_of("rows_changed", TypeId::Long),
                 column_of("amount_before", TypeId::Decimal, scale),
                 column_of("amount_after", TypeId::Decimal, scale),
                 column_of("amount_change", TypeId::Decimal, scale),
                 column_of("currency", TypeId::String),
                 column_of("causes", TypeId::String)};
  for (const TableDiff& table : outcome.tables) {
    for (const PartitionDiff& part : table.partitions) {
      const size_t lines = std::max<size_t>(part.money.size(), 1);
      for (size_t i = 0; i < lines; ++i) {
        std::vector<Value> row(rows.schema.size());
        row[0] = table.table;
        row[1] = part.partition;
        if (i == 0) {
          row[2] = part.rows_added;
          row[3] = part.rows_removed;
          row[4] = part.rows_changed;
          row[9] = to_string(part.causes);
        }
        if (i < part.money.size()) {
          const MoneyDiff& money = part.money[i];
          row[5] = rescale_up(money.before, scale);
          row[6] = rescale_up(money.after, scale);
          const auto change = difference_of(money.after, money.before);
          if (change) row[7] = rescale_up(*change, scale);
          row[8] = money.currency;
        }
        rows.rows.push_back(std::move(row));
      }
    }
  }
  return rows;
}

}  // namespace bullion::pipeline
