#include "cli/trace_output.h"

#include <algorithm>
#include <string_view>

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
    const bool is_alone =
        std::ranges::count(outcome.levels, level.above, &pipeline::TraceLevel::above) == 1;
    text += fmt::format(" ({} the level above{})", *level.agrees ? "equals" : "DIFFERS from",
                        is_alone ? "" : ", taken together");
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

bool any_differs(const pipeline::TraceOutcome& outcome) {
  return std::any_of(outcome.levels.begin(), outcome.levels.end(),
                     [](const pipeline::TraceLevel& level) { return level.agrees == false; });
}

/// What the comparison of the levels' sums came to.
std::string_view verdict(const pipeline::TraceOutcome& outcome) {
  if (outcome.sums_agree) return "The sums agree at every level.\n";
  if (any_differs(outcome)) return "The sums do NOT agree at every level.\n";
  if (!has_amount(outcome)) return "The table has no amount whose sums could be compared.\n";
  return "The sums could NOT be compared at every level; the notes say why.\n";
}

}  // namespace

bool has_amount(const pipeline::TraceOutcome& outcome) {
  return !outcome.levels.empty() && outcome.levels.front().amount.has_value();
}

bool is_sound(const pipeline::TraceOutcome& outcome) {
  return outcome.sums_agree || (!has_amount(outcome) && !any_differs(outcome));
}

std::string trace_text(const pipeline::TraceOutcome& outcome) {
  std::string text = fmt::format("Release {}\n\n", outcome.release);
  for (size_t at = 0; at < outcome.levels.size(); ++at) text += level_text(outcome, at);
  if (!outcome.records.empty()) {
    text += "Source records\n" + format_rows(record_rows(outcome), OutputFormat::Table);
  }
  if (outcome.limited) text += "There are more records; --limit N shows them.\n";
  for (const std::string& note : outcome.notes) text += "note: " + note + "\n";
  text += verdict(outcome);
  return text;
}

}  // namespace bullion::cli
