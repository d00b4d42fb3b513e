// What past runs did and found: the tables of ops and quarantine as values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "reader/reader.h"

namespace bullion::reader {

struct RunRow {
  std::string id;
  std::string status;
  std::string command;
  std::string user;
  int64_t started_us = 0;  ///< since 1970-01-01 UTC
  int64_t finished_us = 0;
  std::optional<int64_t> release;
  std::optional<int64_t> files_loaded;
  std::optional<int64_t> rows_loaded;
  std::optional<int64_t> rows_quarantined;
  std::string detail;
};

struct StepRow {
  int64_t position = 0;
  std::string step;
  std::string table;
  int64_t duration_us = 0;
  int64_t cpu_us = 0;
  int64_t peak_bytes = 0;
  int64_t read_bytes = 0;
  int64_t written_bytes = 0;
  int64_t files = 0;
  int64_t rows = 0;
  std::optional<std::string> amount;  ///< exact decimal text
};

/// Newest first. A lake without runs has none.
Result<std::vector<RunRow>> list_runs(Reader& reader, int64_t offset, int64_t limit,
                                      const engine::QueryLimits& limits);
/// The one with this id; nullopt when there is none.
Result<std::optional<RunRow>> find_run(Reader& reader, const std::string& id,
                                       const engine::QueryLimits& limits);
Result<std::vector<StepRow>> steps_of_run(Reader& reader, const std::string& id,
                                          const engine::QueryLimits& limits);

struct TestRow {
  std::string test;
  std::string kind;
  std::string table;
  std::string owner;
  std::string status;
  int64_t failures = 0;
  int64_t finished_us = 0;
};

struct ConservationRow {
  std::string scope;
  std::string name;
  int64_t rows_in = 0;
  int64_t rows_kept = 0;
  int64_t rows_superseded = 0;
  int64_t rows_quarantined = 0;
  int64_t rows_excluded = 0;
  std::optional<std::string> amount_in;
  std::optional<std::string> amount_kept;
  bool holds = false;  ///< in = kept + superseded + quarantined + excluded, in rows and amounts
};

struct ControlTotalRow {
  std::string source;
  std::string file;
  std::optional<int64_t> line;
  std::string stated;
  std::optional<std::string> rows_total;
  std::optional<std::string> difference;
  std::string status;
};

struct EventRow {
  std::string event;
  std::string source;
  std::optional<std::string> file;
  std::string subject;
  std::string detail;
  int64_t seen_us = 0;
};

/// What the newest recorded run found.
struct Quality {
  std::string run_id;  ///< "" before the first run
  std::optional<int64_t> release;
  std::vector<TestRow> tests;
  std::vector<ConservationRow> conservation;
  std::vector<ControlTotalRow> control_totals;
  std::vector<EventRow> events;
  std::optional<std::string> score;  ///< passed tests in percent, one digit
};
Result<Quality> read_quality(Reader& reader, const engine::QueryLimits& limits);

struct RejectedRow {
  std::string source;
  std::string batch_id;
  std::string file;
  int64_t record = 0;
  std::optional<int64_t> line;
  std::vector<std::string> reasons;
  std::optional<std::string> amount;
  std::string raw;
};

struct ReasonCount {
  std::string source;
  std::string reason;   ///< a code (docs/formats/quarantine.md)
  std::string example;  ///< the sentence of the first record with it, by file and record
  int64_t rows = 0;
};

struct QuarantineRequest {
  std::string source;  ///< "" for all
  std::string reason;  ///< a code; "" for all
  int64_t offset = 0;
  int64_t limit = 100;
};

struct QuarantinePage {
  std::vector<RejectedRow> rows;
  int64_t total = 0;                   ///< that fit, whatever the page
  std::vector<ReasonCount> by_reason;  ///< of all, whatever the request
};

/// Records that the sources as they are declared today reject, by source, file and record. NotFound
/// for an unknown source.
Result<QuarantinePage> read_quarantine(Reader& reader, const QuarantineRequest& request,
                                       const engine::QueryLimits& limits);
/// The rows behind it as a SELECT with the columns of docs/formats/quarantine.md; nullopt when
/// nothing was ever rejected. `source` as above.
Result<std::optional<std::string>> quarantine_rows(const Reader& reader, const std::string& source);

}  // namespace bullion::reader
