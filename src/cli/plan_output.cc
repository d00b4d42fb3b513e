#include "cli/plan_output.h"

#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/run_output.h"
#include "cli/terminal.h"

namespace bullion::cli {

using engine::Value;

engine::Rows plan_rows(const std::vector<pipeline::PlanItem>& items, bool spans) {
  // A span hides nothing a reader would miss only when it is long.
  constexpr size_t kSpanMin = 5;
  engine::Rows rows;
  rows.schema = text_schema({"table", "partition", "cause", "rows", "detail"});
  const auto alike = [](const pipeline::PlanItem& a, const pipeline::PlanItem& b) {
    return a.table == b.table && a.cause == b.cause && a.detail == b.detail &&
           a.partition.empty() == b.partition.empty() && (a.rows < 0) == (b.rows < 0);
  };
  for (size_t i = 0; i < items.size();) {
    size_t end = i + 1;
    while (end < items.size() && alike(items[i], items[end])) ++end;
    const bool as_span = spans && end - i >= kSpanMin && !items[i].partition.empty();
    if (!as_span) end = i + 1;
    int64_t count = 0;
    for (size_t k = i; k < end; ++k) count += items[k].rows;
    const std::string partition = as_span ? fmt::format("{} .. {} ({})", items[i].partition,
                                                        items[end - 1].partition, end - i)
                                          : items[i].partition;
    rows.rows.push_back({items[i].table, partition.empty() ? std::string("*") : partition,
                         items[i].cause, items[i].rows < 0 ? Value() : Value(count),
                         items[i].detail});
    i = end;
  }
  return rows;
}

engine::Rows rehearsal_rows(const pipeline::DiffOutcome& diff, bool totals) {
  if (!totals) return pipeline::diff_rows(diff);
  pipeline::DiffOutcome whole = diff;
  for (pipeline::TableDiff& table : whole.tables) {
    if (table.partitions.empty()) continue;
    pipeline::PartitionDiff total = table.total;
    const size_t count = table.partitions.size();
    total.partition = table.partitions.front().partition;
    if (count > 1) {
      total.partition += fmt::format(" .. {} ({})", table.partitions.back().partition, count);
    }
    table.partitions = {std::move(total)};
  }
  return pipeline::diff_rows(whole);
}

namespace {

nlohmann::ordered_json fields_of(const pipeline::PlanOutcome& outcome, const std::string& status) {
  std::set<std::string> tables;
  for (const pipeline::PlanItem& item : outcome.items) tables.insert(item.table);
  return {{"status", status},
          {"new_files", outcome.new_files.size()},
          {"items", outcome.items.size()},
          {"tables", tables}};
}

OutputIs output_in(OutputFormat format) {
  return format == OutputFormat::Table ? OutputIs::Words : OutputIs::Document;
}

}  // namespace

void say_plan_line(const pipeline::PlanOutcome& outcome, const GlobalOptions& global,
                   OutputFormat format) {
  say_last_line(global, fields_of(outcome, outcome.items.empty() ? "unchanged" : "planned"),
                output_in(format));
}

void say_plan(const pipeline::PlanOutcome& outcome, const GlobalOptions& global,
              OutputFormat format) {
  const bool for_people = format == OutputFormat::Table;
  if (outcome.items.empty() && for_people) {
    say("Nothing to do: no new file, no changed code.");
  } else {
    put(format_rows(plan_rows(outcome.items, for_people), format));
  }
  say_plan_line(outcome, global, format);
}

int say_rehearsal(const pipeline::PlanOutcome& outcome, const pipeline::Rehearsal& rehearsal,
                  const GlobalOptions& global, OutputFormat format) {
  const bool for_people = format == OutputFormat::Table;
  const bool blocked = rehearsal.run.status == pipeline::RunStatus::Blocked;
  const engine::Rows changes = rehearsal_rows(rehearsal.diff, for_people);
  if (!for_people) {
    put(format_rows(changes, format));
  } else if (outcome.items.empty()) {
    say("Nothing to do: no new file, no changed code.");
  } else {
    put(format_rows(plan_rows(outcome.items, true), format));
    if (blocked) {
      say("");
      say_tests(rehearsal.run);
      say("A gate would block this run: nothing would be published.");
    } else if (changes.rows.empty()) {
      say("\nA run would change no row.");
    } else {
      say(rehearsal.diff.before == 0 ? "\nWhat the first release would hold:"
                                     : fmt::format("\nWhat a run would change, against release {}:",
                                                   rehearsal.diff.before));
      put(format_rows(changes, format));
    }
  }
  std::set<std::string> changed;
  for (const pipeline::TableDiff& table : rehearsal.diff.tables) changed.insert(table.table);
  auto fields = fields_of(outcome, blocked                 ? "blocked"
                                   : outcome.items.empty() ? "unchanged"
                                                           : "planned");
  fields["changed_tables"] = changed;
  say_last_line(global, fields, output_in(format));
  return blocked ? kGateBlocked : kOk;
}

}  // namespace bullion::cli
