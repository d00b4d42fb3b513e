#include "pipeline/file_events.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/nearest_name.h"
#include "pipeline/coverage.h"
#include "pipeline/totals.h"
#include "records/header.h"

namespace bullion::pipeline {
namespace {

using delta::TypeId;
using engine::TimestampValue;
using engine::Value;
using Columns = std::vector<std::string>;

// A column is said to have changed its type when at least this many records, and every second one,
// cannot be read because of it.
constexpr int64_t kRetypedMin = 5;

/// The contract column that a header name feeds; "" when none.
std::string fed_column(const project::Source& source, const std::string& name) {
  const int column = records::column_of_key(source, name);
  return column < 0 ? "" : source.contract.columns[static_cast<size_t>(column)].name;
}

/// Without those that become rows: which of them a file has is what it says, not how it is made.
Columns without_wide(const project::Source& source, const Columns& columns) {
  Columns rest;
  for (const std::string& name : columns) {
    if (!records::is_unpivot_name(source, name)) rest.push_back(name);
  }
  return rest;
}

/// Differences between the columns of two files of one source.
class ColumnDrift {
 public:
  ColumnDrift(const project::Source& source, const ingest::ParsedFile& file,
              std::vector<FileEvent>& events)
      : source_(source), file_(file), events_(events) {}

  void compare(const Columns& all_before, const Columns& all_now) {
    const Columns before = without_wide(source_, all_before);
    const Columns now = without_wide(source_, all_now);
    Columns dropped = without(before, now);
    Columns added = without(now, before);
    for (auto name = dropped.begin(); name != dropped.end();) {
      const auto other = renamed(*name, added);
      if (other == added.end()) {
        ++name;
        continue;
      }
      say_renamed(*name, *other);
      added.erase(other);
      name = dropped.erase(name);
    }
    for (const std::string& name : added) say_added(name);
    for (const std::string& name : dropped) say_dropped(name);
    if (dropped.empty() && added.empty() && in_order(before) != in_order(now)) {
      say("columns_reordered", "",
          "the same columns in another order; columns are found by name, "
          "so nothing changes");
    }
  }

  void say(const char* event, const std::string& subject, std::string detail) {
    events_.push_back({event, source_.contract.name, file_.batch_id, file_.file.original_path,
                       subject, std::move(detail)});
  }

 private:
  static std::string in_order(const Columns& columns) {
    std::string text;
    for (const std::string& name : columns) text += records::folded_name(name) + "\n";
    return text;
  }

  static Columns without(const Columns& columns, const Columns& others) {
    std::set<std::string> known;
    for (const std::string& name : others) known.insert(records::folded_name(name));
    Columns rest;
    for (const std::string& name : columns) {
      const std::string folded = records::folded_name(name);
      if (!folded.empty() && !known.contains(folded)) rest.push_back(name);
    }
    return rest;
  }

  /// The added column that `name` became: it feeds the same contract column, or looks alike.
  Columns::iterator renamed(const std::string& name, Columns& added) const {
    const std::string fed = fed_column(source_, name);
    auto other = std::find_if(added.begin(), added.end(), [&](const std::string& candidate) {
      return !fed.empty() && fed_column(source_, candidate) == fed;
    });
    if (other != added.end()) return other;
    const std::string nearest = nearest_name(name, added);
    return std::find(added.begin(), added.end(), nearest);
  }

  void say_renamed(const std::string& before, const std::string& now) {
    const std::string fed = fed_column(source_, now);
    if (!fed.empty()) {
      return say("column_renamed", now,
                 fmt::format("`{}` is called `{}` now; both feed `{}`", before, now, fed));
    }
    say("column_renamed", now,
        fmt::format("`{}` is gone and `{}` is new; kept in `_extra`. If it is the same column, add "
                    "`source_names: [\"{}\"]` to `{}` in the source",
                    before, now, now,
                    fed_column(source_, before).empty() ? before : fed_column(source_, before)));
  }

  void say_added(const std::string& name) {
    const std::string fed = fed_column(source_, name);
    say("column_added", name,
        fed.empty() ? "not in the contract: kept as text in `_extra`; declare it to use it"
                    : fmt::format("feeds `{}`, which files before did not have", fed));
  }

  void say_dropped(const std::string& name) {
    const std::string fed = fed_column(source_, name);
    const delta::Column* column = delta::column_named(source_.contract.columns, fed);
    const std::string what = column == nullptr ? "it was in `_extra` only"
                             : column->nullable
                                 ? fmt::format("`{}` is NULL in the rows of this file", fed)
                                 : fmt::format(
                                       "`{}` must have a value, so the file is in "
                                       "quarantine",
                                       fed);
    say("column_dropped", name, what);
  }

  const project::Source& source_;
  const ingest::ParsedFile& file_;
  std::vector<FileEvent>& events_;
};

/// Columns because of which most records of a file are in quarantine.
void find_retyped(const project::Source& source, const ingest::ParsedFile& file,
                  ColumnDrift& drift) {
  std::map<std::string, int64_t> bad;
  std::map<std::string, std::string> example;
  for (const ingest::Rejected& rejected : file.rejected) {
    for (size_t i = 0; i < rejected.codes.size(); ++i) {
      if (!rejected.codes[i].starts_with("bad-")) continue;
      const std::string name = rejected.reasons[i].substr(0, rejected.reasons[i].find(':'));
      ++bad[name];
      example.try_emplace(name, rejected.reasons[i]);
    }
  }
  for (const auto& [name, count] : bad) {
    const delta::Column* column = delta::column_named(source.contract.columns, name);
    if (column == nullptr || count < kRetypedMin || count * 2 < file.records) continue;
    drift.say("column_retyped", name,
              fmt::format("{} of {} records are in quarantine because of it, for example {}; "
                          "declare how it is written now, or another data_type than {}",
                          count, file.records, example[name], delta::to_string(column->type)));
  }
}

/// The columns of the last file of a source in earlier runs.
Result<std::optional<Columns>> last_columns(const Environment& env, const std::string& source) {
  const std::string path = table_path("ops", "files");
  const auto snapshot = env.log(path).snapshot();
  if (!snapshot) {
    if (snapshot.error().kind() == ErrorKind::NotFound) return std::optional<Columns>();
    return snapshot.error();
  }
  BULLION_TRY_ASSIGN(const std::string relation, table_sql_at(env, path, snapshot->version));
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     env.engine.query(fmt::format(
                         "SELECT columns FROM ({}) WHERE source = {} AND columns <> '[]' ORDER BY "
                         "parsed_at DESC, position DESC LIMIT 1",
                         relation, engine::quote_text(source))));
  if (rows.rows.empty()) return std::optional<Columns>();
  const auto parsed = nlohmann::json::parse(engine::to_text(rows.rows[0][0]), nullptr, false);
  if (!parsed.is_array()) return std::optional<Columns>();
  Columns columns;
  for (const auto& name : parsed)
    columns.push_back(name.is_string() ? name.get<std::string>() : "");
  return std::optional<Columns>(std::move(columns));
}

FileEvent difference_of(const ControlTotal& total) {
  std::string detail =
      fmt::format("line {} states `{}`, which is no number", total.line, total.stated);
  if (total.is_readable) {
    detail = fmt::format("line {} states {}; the rows sum to {}, a difference of {}", total.line,
                         total.stated, to_string(total.rows_total), to_string(total.difference));
    if (total.unreadable > 0) {
      detail += fmt::format(" ({} rejected records have no readable amount)", total.unreadable);
    }
  }
  return {"control_total_differs", total.source, total.batch_id, total.file, total.stated, detail};
}

}  // namespace

Result<std::vector<ControlTotal>> control_totals(const project::Project& project,
                                                 const SourceOutcome& outcome) {
  std::vector<ControlTotal> totals;
  const project::Source* source = project.find_source(outcome.source);
  for (const ingest::ParsedFile& file : outcome.files) {
    Decimal sum = file.kept_amount;
    int64_t unreadable = 0;
    for (const ingest::Rejected& rejected : file.rejected) {
      if (rejected.amount) {
        BULLION_TRY(add_amount(sum, *rejected.amount));
      } else {
        ++unreadable;
      }
    }
    for (const records::ExcludedRecord& excluded : file.excluded.records) {
      if (excluded.reason != "control_total") continue;
      ControlTotal total{.source = outcome.source,
                         .batch_id = file.batch_id,
                         .file = file.file.original_path,
                         .line = excluded.line,
                         .stated = excluded.amount,
                         .rows_total = sum,
                         .unreadable = unreadable};
      const auto stated = ingest::read_amount(*source, excluded.amount);
      total.is_readable = stated.has_value();
      if (stated) {
        total.difference = sum;
        BULLION_TRY(add_amount(total.difference, *stated, -1));
      }
      totals.push_back(std::move(total));
    }
  }
  return totals;
}

Result<std::vector<FileEvent>> find_events(const StepContext& ctx,
                                           const std::vector<SourceOutcome>& outcomes,
                                           const std::vector<ControlTotal>& totals) {
  std::vector<FileEvent> events;
  for (const SourceOutcome& outcome : outcomes) {
    const project::Source& source = *ctx.project.find_source(outcome.source);
    for (const ingest::DuplicateFile& file : outcome.duplicates) {
      events.push_back(
          {"duplicate_file", outcome.source, file.batch_id, file.original_path, file.first_seen_as,
           fmt::format("holds the same bytes as {}; loaded once", file.first_seen_as)});
    }
    if (outcome.files.empty()) continue;
    std::optional<Columns> before;
    // After a new declaration every file is parsed again from the first one on.
    if (!outcome.reparsed) {
      BULLION_TRY_ASSIGN(before, last_columns(ctx.env, outcome.source));
    }
    for (const ingest::ParsedFile& file : outcome.files) {
      ColumnDrift drift(source, file, events);
      if (before && !file.columns.empty()) drift.compare(*before, file.columns);
      if (!file.columns.empty()) before = file.columns;
      find_retyped(source, file, drift);
    }
    for (const ControlTotal& total : totals) {
      if (total.source == outcome.source && !total.holds()) events.push_back(difference_of(total));
    }
  }
  for (const SourceOutcome& outcome : outcomes) {
    const project::Source& source = *ctx.project.find_source(outcome.source);
    BULLION_TRY_ASSIGN(auto waiting, manifest_events(ctx, source));
    for (FileEvent& event : waiting) events.push_back(std::move(event));
    if (outcome.files.empty() && outcome.duplicates.empty()) continue;
    BULLION_TRY_ASSIGN(auto periods, cadence_events(ctx.env, source, ctx.set.at(outcome.source)));
    for (FileEvent& event : periods) events.push_back(std::move(event));
  }
  return events;
}

delta::Schema files_schema() {
  return {column("run_id", TypeId::String, false),  column("position", TypeId::Long, false),
          column("source", TypeId::String, false),  column("batch_id", TypeId::String, false),
          column("file_id", TypeId::String, false), column("file", TypeId::String, false),
          column("member", TypeId::String),         column("columns", TypeId::String, false),
          column("parsed_at", TypeId::Timestamp)};
}

delta::Schema events_schema() {
  return {column("run_id", TypeId::String, false), column("event", TypeId::String, false),
          column("source", TypeId::String, false), column("batch_id", TypeId::String),
          column("file", TypeId::String),          column("subject", TypeId::String),
          column("detail", TypeId::String),        column("seen_at", TypeId::Timestamp)};
}

delta::Schema control_totals_schema() {
  return {column("run_id", TypeId::String, false),
          column("source", TypeId::String, false),
          column("batch_id", TypeId::String, false),
          column("file", TypeId::String, false),
          column("line", TypeId::Long),
          column("stated", TypeId::String),
          column("rows_total", TypeId::String),
          column("difference", TypeId::String),
          column("unreadable", TypeId::Long),
          column("status", TypeId::String, false),
          column("checked_at", TypeId::Timestamp)};
}

std::vector<ValueRow> file_rows(const StepContext& ctx,
                                const std::vector<SourceOutcome>& outcomes) {
  std::vector<ValueRow> rows;
  for (const SourceOutcome& outcome : outcomes) {
    for (const ingest::ParsedFile& file : outcome.files) {
      nlohmann::json columns = nlohmann::json::array();
      for (const std::string& name : file.columns) columns.push_back(name);
      rows.push_back({ctx.run_id, static_cast<int64_t>(rows.size()) + 1, outcome.source,
                      file.batch_id, file.file.file_id, file.file.original_path,
                      file.file.member.empty() ? Value() : Value(file.file.member),
                      columns.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                      TimestampValue{ctx.run_at_us}});
    }
  }
  return rows;
}

std::vector<ValueRow> event_rows(const StepContext& ctx, const std::vector<FileEvent>& events) {
  std::vector<ValueRow> rows;
  for (const FileEvent& event : events) {
    rows.push_back({ctx.run_id, event.event, event.source, event.batch_id, event.file,
                    event.subject, event.detail, TimestampValue{ctx.run_at_us}});
  }
  return rows;
}

std::vector<ValueRow> control_total_rows(const StepContext& ctx,
                                         const std::vector<ControlTotal>& totals) {
  std::vector<ValueRow> rows;
  for (const ControlTotal& total : totals) {
    rows.push_back({ctx.run_id, total.source, total.batch_id, total.file, total.line, total.stated,
                    to_string(total.rows_total),
                    total.is_readable ? Value(to_string(total.difference)) : Value(),
                    total.unreadable,
                    std::string(total.holds()       ? "holds"
                                : total.is_readable ? "differs"
                                                    : "unreadable"),
                    TimestampValue{ctx.run_at_us}});
  }
  return rows;
}

}  // namespace bullion::pipeline
