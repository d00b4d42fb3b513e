// One connection to the shared database, known to the engine while it lives so that it can be
// interrupted.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/duckdb/handles_internal.h"
#include "engine/duckdb/sql_types_internal.h"

namespace bullion::engine {

/// The connections that are open now. Thread-safe.
class OpenConnections {
 public:
  void add(duckdb_connection connection);
  void remove(duckdb_connection connection);
  void interrupt_all();
  /// How often interrupt_all was called; tells our interruptions from the engine's own.
  int64_t interruptions() const { return interruptions_; }

 private:
  std::mutex mutex_;
  std::atomic<int64_t> interruptions_{0};
  std::set<duckdb_connection> connections_;
};

/// A column of a prepared statement.
struct PreparedColumn {
  std::string name;
  LogicalType type;
};

/// A connection of one call. Used by one thread; interrupt_all of its registry may come from
/// others.
class Session {
 public:
  static Result<Session> open(duckdb_database database, OpenConnections& registry);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  Session(Session&& other) noexcept;
  Session& operator=(Session&&) = delete;
  ~Session();

  duckdb_connection get() const { return connection_; }
  /// Names without a schema are looked for in `schema` before `main`; "" leaves it as it is.
  Status look_in(const std::string& schema);
  /// Runs any number of statements; the rows of the last one, all in memory.
  Result<QueryResult> run(const std::string& sql);
  /// Prepares exactly one statement without parameters.
  Result<Prepared> prepare(const std::string& sql);
  /// Starts a prepared statement; its rows come by fetch().
  Result<QueryResult> start_streaming(const Prepared& statement);
  /// The next rows; an empty handle at the end.
  Result<Chunk> fetch(QueryResult& result);

 private:
  Session(duckdb_connection connection, OpenConnections& registry);

  duckdb_connection connection_;
  OpenConnections* registry_;
};

std::vector<PreparedColumn> columns_of(const Prepared& statement);

/// The error of a failed result: our kind for DuckDB's, DuckDB's message.
Error error_of(duckdb_result* result);

}  // namespace bullion::engine
