// A table function that reads the rows of a RowSource: SELECT * FROM bullion_rows(<ticket>).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "engine/duckdb/handles_internal.h"
#include "engine/row_source.h"

namespace bullion::engine {

/// A source that a statement may read, with the first error it met.
struct OfferedSource {
  RowSource* source = nullptr;
  RowBatch batch;                ///< reused from call to call
  std::optional<Error> failure;  ///< the source's own error, which DuckDB would only quote
};

/// The sources on offer, by ticket. Thread-safe; each source is read by one statement.
class RowSources {
 public:
  uint64_t offer(RowSource& source);
  void withdraw(uint64_t ticket);
  /// nullptr when there is no such ticket. Stays valid until withdraw(ticket).
  OfferedSource* find(uint64_t ticket);

 private:
  std::mutex mutex_;
  uint64_t last_ticket_ = 0;
  std::map<uint64_t, std::unique_ptr<OfferedSource>> offered_;
};

/// Registers bullion_rows for the whole database; `sources` must outlive the database.
Status register_row_source_scan(duckdb_connection connection, RowSources& sources);

/// "SELECT * FROM bullion_rows(7)".
std::string select_of_ticket(uint64_t ticket);

}  // namespace bullion::engine
