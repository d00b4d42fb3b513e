// What a release is on disk: the intent that claims a number and the record that makes it visible.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "delta/actions.h"

namespace bullion::release {

/// One table as of a release.
struct TableVersion {
  std::string path;   ///< relative to the lake, e.g. "tables/gold/daily_account_cost"
  std::string layer;  ///< bronze | seeds | silver | gold
  int64_t version = 0;
  std::string code_hash;  ///< of the model, source contract or seed that made it
  int64_t rows = 0;
  /// Inputs of a model and the version of each it was computed from.
  std::map<std::string, int64_t> inputs;
  /// Macros in a model's SQL and the hash of each.
  std::map<std::string, std::string> macros;
};

/// Sum of a table's amount column before and after, per currency ("" when the table has none).
struct MoneyChange {
  std::string table;
  std::string currency;
  Decimal before;
  Decimal after;
  int64_t rows_before = 0;
  int64_t rows_after = 0;
};

struct GateResult {
  std::string name;
  std::string table;
  std::string status;  ///< pass | warn | fail
  int64_t failures = 0;
};

/// Where every input row of a row-wise model went: in = kept + superseded + excluded, in rows and
/// in one amount. Totals over the model's whole history, not of one run.
struct Ledger {
  std::string model;
  std::string amount_column;
  int64_t rows_in = 0;
  int64_t rows_kept = 0;
  int64_t rows_superseded = 0;
  int64_t rows_excluded = 0;
  Decimal amount_in;
  Decimal amount_kept;
  Decimal amount_superseded;
  Decimal amount_excluded;

  /// in = kept + superseded + excluded, in rows and in the amount.
  bool holds() const;
};

/// What of a source a release has consumed: every batch up to and including `through_sequence`.
struct ConsumedSource {
  int64_t through_sequence = 0;
  int64_t files = 0;
  std::string source_hash;
};

/// releases/N.json (docs/formats/releases.md). Created once, never changed.
struct Record {
  int64_t number = 0;
  bool is_void = false;     ///< claimed but could not be finished; readers skip it
  std::string void_reason;  ///< only when void
  std::string run_id;
  std::string user;  ///< as claimed by --user, BULLION_USER or the OS account
  std::string project;
  std::string bullion_version;
  int64_t created_at_us = 0;
  std::string tests_hash;  ///< of all data tests that gated it
  std::map<std::string, TableVersion> tables;
  std::vector<std::string> changed_tables;  ///< in commit order
  std::map<std::string, ConsumedSource> sources;
  std::vector<GateResult> gates;
  std::vector<MoneyChange> money;
  std::vector<Ledger> ledgers;
  std::string summary;  ///< one line: what the run did
};

/// The Delta commit one table gets.
struct TableCommit {
  std::string table;
  std::string path;
  int64_t base_version = -1;  ///< the log's latest version the actions were computed against
  delta::Commit actions;
};

/// releases/N.intent.json: everything needed to finish release N by whoever finds it.
struct Intent {
  Record record;
  std::vector<TableCommit> commits;  ///< upstream first
};

std::string record_to_json(const Record& record);
Result<Record> record_from_json(std::string_view json);
std::string intent_to_json(const Intent& intent);
Result<Intent> intent_from_json(std::string_view json);

}  // namespace bullion::release
