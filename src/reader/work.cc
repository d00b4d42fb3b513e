#include "reader/work.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/decimal.h"
#include "metrics/values.h"
#include "reader/condition.h"

namespace bullion::reader {
namespace {

using engine::quote_text;
using engine::Value;

using Row = std::vector<Value>;

std::string text_of(const Value& value) { return engine::to_text(value); }

std::optional<std::string> maybe_text(const Value& value) {
  return is_null(value) ? std::nullopt : std::optional(engine::to_text(value));
}

std::optional<int64_t> maybe_number(const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? std::nullopt : std::optional(*number);
}

int64_t number_of(const Value& value) { return maybe_number(value).value_or(0); }

int64_t micros_of(const Value& value) {
  const auto* time = std::get_if<engine::TimestampValue>(&value);
  return time == nullptr ? 0 : time->micros;
}

/// The rows of an ops table; none when no run has written it yet. `rest` follows FROM.
Result<engine::Rows> ops_rows(Reader& reader, const std::string& table, const std::string& columns,
                              const std::string& rest, const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const auto relation, reader.outside_rows("ops", table));
  if (!relation) return engine::Rows{};
  return reader.engine().query(fmt::format("SELECT {} FROM ({}) {}", columns, *relation, rest),
                               {.limits = limits, .schema = {}});
}

constexpr const char* kRunColumns =
    "run_id, status, command, \"user\", started_at, finished_at, release, files_loaded, "
    "rows_loaded, rows_quarantined, detail";

RunRow run_of(const Row& row) {
  return {.id = text_of(row[0]),
          .status = text_of(row[1]),
          .command = text_of(row[2]),
          .user = text_of(row[3]),
          .started_us = micros_of(row[4]),
          .finished_us = micros_of(row[5]),
          .release = maybe_number(row[6]),
          .files_loaded = maybe_number(row[7]),
          .rows_loaded = maybe_number(row[8]),
          .rows_quarantined = maybe_number(row[9]),
          .detail = text_of(row[10])};
}

/// Parts without an amount count as zero; without an amount at all nothing can differ.
bool amounts_add_up(const Row& row, size_t in, size_t first_part, size_t parts) {
  if (is_null(row[in])) return true;
  const auto whole = decimal_of(text_of(row[in]));
  Decimal sum;
  for (size_t i = first_part; i < first_part + parts; ++i) {
    if (is_null(row[i])) continue;
    const auto part = decimal_of(text_of(row[i]));
    const auto total = part ? sum_of(sum, *part) : std::nullopt;
    if (!total) return false;
    sum = *total;
  }
  return whole && same_value(*whole, sum);
}

Status read_tests(Reader& reader, const std::string& of_run, Quality& quality,
                  const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      ops_rows(reader, "gate_results", "test, kind, table_name, status, failures, finished_at",
               of_run + " ORDER BY test", limits));
  int64_t passed = 0;
  for (const Row& row : rows.rows) {
    TestRow test{.test = text_of(row[0]),
                 .kind = text_of(row[1]),
                 .table = text_of(row[2]),
                 .owner = {},
                 .status = text_of(row[3]),
                 .failures = number_of(row[4]),
                 .finished_us = micros_of(row[5])};
    const project::Contract* contract = reader.project().find_contract(test.table);
    if (contract != nullptr) test.owner = contract->owner;
    if (test.status == "pass") ++passed;
    quality.tests.push_back(std::move(test));
  }
  const auto all = static_cast<int64_t>(quality.tests.size());
  if (all > 0) quality.score = metrics::percent_of({passed, 0}, {all, 0});
  return ok();
}

Status read_conservation(Reader& reader, const std::string& of_run, Quality& quality,
                         const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      ops_rows(reader, "conservation",
               "scope, name, rows_in, rows_kept, rows_superseded, rows_quarantined, rows_excluded, "
               "amount_in, amount_kept, amount_superseded, amount_quarantined, amount_excluded",
               of_run + " ORDER BY scope, name, batch_id", limits));
  for (const Row& row : rows.rows) {
    ConservationRow line{.scope = text_of(row[0]),
                         .name = text_of(row[1]),
                         .rows_in = number_of(row[2]),
                         .rows_kept = number_of(row[3]),
                         .rows_superseded = number_of(row[4]),
                         .rows_quarantined = number_of(row[5]),
                         .rows_excluded = number_of(row[6]),
                         .amount_in = maybe_text(row[7]),
                         .amount_kept = maybe_text(row[8]),
                         .holds = false};
    const int64_t parts =
        line.rows_kept + line.rows_superseded + line.rows_quarantined + line.rows_excluded;
    line.holds = line.rows_in == parts && amounts_add_up(row, 7, 8, 4);
    quality.conservation.push_back(std::move(line));
  }
  return ok();
}

Status read_control_totals(Reader& reader, const std::string& of_run, Quality& quality,
                           const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ops_rows(reader, "control_totals",
                              "source, file, line, stated, rows_total, difference, status",
                              of_run + " ORDER BY source, file, line", limits));
  for (const Row& row : rows.rows) {
    quality.control_totals.push_back({.source = text_of(row[0]),
                                      .file = text_of(row[1]),
                                      .line = maybe_number(row[2]),
                                      .stated = text_of(row[3]),
                                      .rows_total = maybe_text(row[4]),
                                      .difference = maybe_text(row[5]),
                                      .status = text_of(row[6])});
  }
  return ok();
}

Status read_events(Reader& reader, const std::string& of_run, Quality& quality,
                   const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ops_rows(reader, "events", "event, source, file, subject, detail, seen_at",
                              of_run + " ORDER BY event, source, file, subject", limits));
  for (const Row& row : rows.rows) {
    quality.events.push_back({.event = text_of(row[0]),
                              .source = text_of(row[1]),
                              .file = maybe_text(row[2]),
                              .subject = text_of(row[3]),
                              .detail = text_of(row[4]),
                              .seen_us = micros_of(row[5])});
  }
  return ok();
}

/// A sentence of a reason begins with its column; sentences hold "; " themselves.
bool begins_reason(std::string_view text) {
  const size_t end = text.find(": ");
  return end != std::string_view::npos && end > 0 &&
         text.substr(0, end).find_first_of(" ;`") == std::string_view::npos;
}

std::vector<std::string> split_reasons(const std::string& text) {
  std::vector<std::string> reasons = {""};
  for (size_t from = 0;;) {
    const size_t end = text.find("; ", from);
    reasons.back() += text.substr(from, end - from);
    if (end == std::string::npos) return reasons;
    from = end + 2;
    if (begins_reason(std::string_view(text).substr(from))) {
      reasons.emplace_back();
    } else {
      reasons.back() += "; ";
    }
  }
}

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> parts;
  for (size_t from = 0;;) {
    const size_t end = text.find("; ", from);
    parts.push_back(text.substr(from, end - from));
    if (end == std::string::npos) return parts;
    from = end + 2;
  }
}

RejectedRow rejected_of(const Row& row) {
  RejectedRow rejected{.source = text_of(row[0]),
                       .batch_id = text_of(row[1]),
                       .file = text_of(row[2]),
                       .record = number_of(row[3]),
                       .line = maybe_number(row[4]),
                       .reasons = split_reasons(text_of(row[6])),
                       .amount = maybe_text(row[7]),
                       .raw = text_of(row[8])};
  // A Parquet file has no lines; and reasons without a column cannot be told apart.
  if (rejected.line == 0) rejected.line.reset();
  if (rejected.reasons.size() != split_list(text_of(row[5])).size()) {
    rejected.reasons = {text_of(row[6])};
  }
  return rejected;
}

/// The sentence that belongs to the code, or all of them when they cannot be told apart.
std::string sentence_of(const std::string& code, const std::string& codes,
                        const std::string& reasons) {
  const std::vector<std::string> names = split_list(codes);
  const std::vector<std::string> sentences = split_reasons(reasons);
  const auto found = std::ranges::find(names, code);
  if (names.size() != sentences.size() || found == names.end()) return reasons;
  return sentences[static_cast<size_t>(found - names.begin())];
}

Result<std::vector<ReasonCount>> count_reasons(Reader& reader, const std::string& rows,
                                               const engine::QueryOptions& options) {
  BULLION_TRY_ASSIGN(
      const engine::Rows counts,
      reader.engine().query(
          fmt::format("SELECT source, code, count(*), arg_min(codes, place), arg_min(reasons, "
                      "place) FROM (SELECT source, codes, reasons, row(file, batch_id, record) AS "
                      "place, unnest(string_split(codes, '; ')) AS code FROM ({})) GROUP BY "
                      "source, code ORDER BY 3 DESC, 1, 2",
                      rows),
          options));
  std::vector<ReasonCount> reasons;
  for (const Row& row : counts.rows) {
    const std::string code = text_of(row[1]);
    reasons.push_back({.source = text_of(row[0]),
                       .reason = code,
                       .example = sentence_of(code, text_of(row[3]), text_of(row[4])),
                       .rows = number_of(row[2])});
  }
  return reasons;
}

}  // namespace

Result<std::vector<RunRow>> list_runs(Reader& reader, int64_t offset, int64_t limit,
                                      const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      ops_rows(reader, "runs", kRunColumns,
               fmt::format("ORDER BY started_at DESC, run_id LIMIT {} OFFSET {}", limit, offset),
               limits));
  std::vector<RunRow> runs;
  for (const Row& row : rows.rows) runs.push_back(run_of(row));
  return runs;
}

Result<std::optional<RunRow>> find_run(Reader& reader, const std::string& id,
                                       const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const std::string literal, text_literal(id));
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     ops_rows(reader, "runs", kRunColumns,
                              fmt::format("WHERE run_id = {} LIMIT 1", literal), limits));
  if (rows.rows.empty()) return std::optional<RunRow>();
  return std::optional(run_of(rows.rows.front()));
}

Result<std::vector<StepRow>> steps_of_run(Reader& reader, const std::string& id,
                                          const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const std::string literal, text_literal(id));
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      ops_rows(reader, "steps",
               "position, step, table_name, duration_us, cpu_us, peak_bytes, read_bytes, "
               "written_bytes, files, rows, amount",
               fmt::format("WHERE run_id = {} ORDER BY position", literal), limits));
  std::vector<StepRow> steps;
  for (const Row& row : rows.rows) {
    steps.push_back({.position = number_of(row[0]),
                     .step = text_of(row[1]),
                     .table = text_of(row[2]),
                     .duration_us = number_of(row[3]),
                     .cpu_us = number_of(row[4]),
                     .peak_bytes = number_of(row[5]),
                     .read_bytes = number_of(row[6]),
                     .written_bytes = number_of(row[7]),
                     .files = number_of(row[8]),
                     .rows = number_of(row[9]),
                     .amount = maybe_text(row[10])});
  }
  return steps;
}

Result<Quality> read_quality(Reader& reader, const engine::QueryLimits& limits) {
  Quality quality;
  BULLION_TRY_ASSIGN(const std::vector<RunRow> newest, list_runs(reader, 0, 1, limits));
  if (newest.empty()) return quality;
  quality.run_id = newest.front().id;
  quality.release = newest.front().release;
  BULLION_TRY_ASSIGN(const std::string literal, text_literal(quality.run_id));
  const std::string of_run = "WHERE run_id = " + literal;
  BULLION_TRY(read_tests(reader, of_run, quality, limits));
  BULLION_TRY(read_conservation(reader, of_run, quality, limits));
  BULLION_TRY(read_control_totals(reader, of_run, quality, limits));
  BULLION_TRY(read_events(reader, of_run, quality, limits));
  return quality;
}

Result<std::optional<std::string>> quarantine_rows(const Reader& reader,
                                                   const std::string& source) {
  if (!source.empty()) BULLION_TRY(reader.project().expect_source(source));
  std::vector<std::string> parts;
  for (const project::Source& one : reader.project().sources) {
    if (!source.empty() && one.contract.name != source) continue;
    BULLION_TRY_ASSIGN(const auto rows, reader.outside_rows("quarantine", one.contract.name));
    if (!rows) continue;
    parts.push_back(
        fmt::format("SELECT * FROM ({}) WHERE source_hash = {}", *rows, quote_text(one.hash)));
  }
  if (parts.empty()) return std::optional<std::string>();
  return std::optional(fmt::format("{}", fmt::join(parts, " UNION ALL ")));
}

Result<QuarantinePage> read_quarantine(Reader& reader, const QuarantineRequest& request,
                                       const engine::QueryLimits& limits) {
  QuarantinePage page;
  BULLION_TRY_ASSIGN(const auto chosen, quarantine_rows(reader, request.source));
  BULLION_TRY_ASSIGN(const auto all, quarantine_rows(reader, ""));
  const engine::QueryOptions options{.limits = limits, .schema = {}};
  if (all) {
    BULLION_TRY_ASSIGN(page.by_reason, count_reasons(reader, *all, options));
  }
  if (!chosen) return page;
  std::string where;
  if (!request.reason.empty()) {
    BULLION_TRY_ASSIGN(const std::string reason, text_literal(request.reason));
    where = fmt::format(" WHERE list_contains(string_split(codes, '; '), {})", reason);
  }
  BULLION_TRY_ASSIGN(
      const engine::Rows total,
      reader.engine().query(fmt::format("SELECT count(*) FROM ({}){}", *chosen, where), options));
  page.total = number_of(total.rows.at(0).at(0));
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      reader.engine().query(
          fmt::format("SELECT source, batch_id, file, record, line, codes, reasons, amount, raw "
                      "FROM ({}){} ORDER BY source, file, batch_id, record, line LIMIT {} OFFSET "
                      "{}",
                      *chosen, where, request.limit, request.offset),
          options));
  for (const Row& row : rows.rows) page.rows.push_back(rejected_of(row));
  return page;
}

}  // namespace bullion::reader
