#include "cli/trace_output.h"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/result_output.h"

namespace bullion::cli {
namespace {

/// ", of daily" where the level is not of the one that stands before it.
std::string of_level(const pipeline::TraceOutcome& outcome, size_t at) {
  const int64_t above = outcome.levels[at].above;
  if (above < 0 || above + 1 == static_cast<int64_t>(at)) return "";
  return ", of " + outcome.levels[static_cast<size_t>(above)].table;
}

std::string level_text(const pipeline::TraceOutcome& outcome, size_t at) {
  const pipeline::TraceLevel& level = outcome.levels[at];
  std::vector<std::string> conditions;
  for (const auto& [column, value] : level.filter) conditions.push_back(column + "=" + value);
  for (const std::string& condition : level.conditions) conditions.push_back(condition);
  std::string text = fmt::format("{} {} (version {}){}{}{}\n", level.layer, level.table,
                                 level.version, of_level(outcome, at),
                                 conditions.empty() ? "" : ": ", fmt::join(conditions, " "));
  if (level.by_key) {
    text += fmt::format("  {} rows in all versions of these keys, {} of them kept", level.rows,
                        level.rows_kept);
  } else {
    text += fmt::format("  {} rows", level.rows);
  }
  const auto& amount = level.by_key ? level.amount_kept : level.amount;
  if (amount) text += fmt::format("; sum of {} = {}", level.amount_column, to_string(*amount));
  if (level.agrees) {
    text += fmt::format(" ({} the level above{})", *level.agrees ? "equals" : "DIFFERS from",
                        level.is_together ? ", taken together" : "");
  }
  text += "\n";
  for (const std::string& note : level.notes) text += "  note: " + note + "\n";
  if (!level.by_key && !level.sample.rows.empty()) {
    text += format_rows(level.sample, OutputFormat::Table);
  }
  return text + "\n";
}

engine::Rows record_rows(const pipeline::TraceOutcome& outcome) {
  engine::Rows rows;
  for (const char* name : {"key", "state", "amount", "file", "record", "line", "raw"}) {
    rows.schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  }
  for (const pipeline::TracedRecord& record : outcome.records) {
    rows.rows.push_back({fmt::format("{}", fmt::join(record.key, ",")), to_string(record.state),
                         record.amount ? engine::Value(*record.amount) : engine::Value(),
                         record.file, record.record, record.line, record.raw});
  }
  return rows;
}

/// The tables of levels that `is_meant` picks.
template <typename Predicate>
std::string tables_where(const pipeline::TraceOutcome& outcome, const Predicate& is_meant) {
  std::vector<std::string> tables;
  for (size_t at = 1; at < outcome.levels.size(); ++at) {
    const pipeline::TraceLevel& level = outcome.levels[at];
    const bool is_new = std::ranges::find(tables, level.table) == tables.end();
    if (is_new && is_meant(level)) tables.push_back(level.table);
  }
  return tables.empty() ? "" : fmt::format(": {}", fmt::join(tables, ", "));
}

/// What the comparison of the levels' sums came to, and where.
std::string closing_line(const pipeline::TraceOutcome& outcome) {
  using pipeline::TraceLevel;
  switch (outcome.verdict) {
    case pipeline::TraceVerdict::Agrees:
      return "The sums agree at every level.\n";
    case pipeline::TraceVerdict::Differs:
      return fmt::format(
          "The sums do NOT agree at every level{}\n",
          tables_where(outcome, [](const TraceLevel& level) { return level.agrees == false; }));
    case pipeline::TraceVerdict::Uncompared:
      return fmt::format(
          "The sums could NOT be compared at every level; the notes say why{}\n",
          tables_where(outcome, [](const TraceLevel& level) { return !level.agrees; }));
    case pipeline::TraceVerdict::NoAmount:
      return "No level has an amount whose sums could be compared.\n";
    case pipeline::TraceVerdict::NoRows:
      return fmt::format("No row of {} fits.\n", outcome.levels.front().table);
  }
  return "";
}

}  // namespace

bool has_amount(const pipeline::TraceOutcome& outcome) {
  return !outcome.levels.empty() && outcome.levels.front().amount.has_value();
}

bool is_sound(const pipeline::TraceOutcome& outcome) {
  using pipeline::TraceVerdict;
  if (outcome.verdict == TraceVerdict::NoRows) return false;
  return outcome.sums_agree() || (!has_amount(outcome) && outcome.verdict != TraceVerdict::Differs);
}

std::string trace_text(const pipeline::TraceOutcome& outcome) {
  std::string text = fmt::format("Release {}\n\n", outcome.release);
  for (size_t at = 0; at < outcome.levels.size(); ++at) text += level_text(outcome, at);
  if (!outcome.records.empty()) {
    text += "Source records\n" + format_rows(record_rows(outcome), OutputFormat::Table);
  }
  if (outcome.limited) text += "There are more records; --limit N shows them.\n";
  for (const std::string& note : outcome.notes) text += "note: " + note + "\n";
  text += closing_line(outcome);
  return text;
}

}  // namespace bullion::cli
