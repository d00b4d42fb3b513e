#include "engine/duckdb/session_internal.h"
#include "engine/engine.h"

namespace bullion::engine {

void OpenConnections::add(duckdb_connection connection) {
  const std::lock_guard lock(mutex_);
  connections_.insert(connection);
}

void OpenConnections::remove(duckdb_connection connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
}

void OpenConnections::interrupt_all() {
  ++interruptions_;
  const std::lock_guard lock(mutex_);
  for (duckdb_connection connection : connections_) duckdb_interrupt(connection);
}

Error error_of(duckdb_result* result) {
  const char* text = duckdb_result_error(result);
  std::string message = text == nullptr ? "the engine failed without a message" : text;
  switch (duckdb_result_error_type(result)) {
    case DUCKDB_ERROR_OUT_OF_MEMORY:
      return io_error(message + "\nRaise the engine's memory limit or give it fewer threads.");
    case DUCKDB_ERROR_IO:
    case DUCKDB_ERROR_PERMISSION:
      return io_error(std::move(message));
    case DUCKDB_ERROR_INTERRUPT:
      return io_error("the engine was interrupted");
    case DUCKDB_ERROR_INTERNAL:
    case DUCKDB_ERROR_FATAL:
      return internal_error(std::move(message));
    default:
      return invalid(std::move(message));
  }
}

Session::Session(duckdb_connection connection, OpenConnections& registry)
    : connection_(connection), registry_(&registry) {
  registry_->add(connection_);
}

Session::Session(Session&& other) noexcept
    : connection_(std::exchange(other.connection_, nullptr)), registry_(other.registry_) {}

Session::~Session() {
  if (connection_ == nullptr) return;
  // Out of the registry first: nobody may interrupt a closed connection.
  registry_->remove(connection_);
  duckdb_disconnect(&connection_);
}

Result<Session> Session::open(duckdb_database database, OpenConnections& registry) {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database, &connection) == DuckDBError) {
    return internal_error("the engine gave no connection");
  }
  return Session(connection, registry);
}

Status Session::look_in(const std::string& schema) {
  if (schema.empty()) return ok();
  // The path is a list of names inside a text.
  BULLION_TRY(run("SET search_path = " + quote_text(quote_name(schema) + ",main")));
  return ok();
}

Result<QueryResult> Session::run(const std::string& sql) {
  QueryResult result;
  if (duckdb_query(connection_, sql.c_str(), result.get()) == DuckDBError) {
    return error_of(result.get());
  }
  return result;
}

Result<Prepared> Session::prepare(const std::string& sql) {
  Prepared statement;
  if (duckdb_prepare(connection_, sql.c_str(), statement.out()) == DuckDBError) {
    const char* text = duckdb_prepare_error(statement.get());
    return invalid(text == nullptr ? "the engine could not read the statement" : text);
  }
  if (duckdb_nparams(statement.get()) > 0) {
    return invalid("the statement has parameters ($1 or ?), but nothing fills them in");
  }
  return statement;
}

Result<QueryResult> Session::start_streaming(const Prepared& statement) {
  QueryResult result;
  if (duckdb_execute_prepared_streaming(statement.get(), result.get()) == DuckDBError) {
    return error_of(result.get());
  }
  return result;
}

Result<Chunk> Session::fetch(QueryResult& result) {
  Chunk chunk(duckdb_fetch_chunk(*result.get()));
  if (!chunk && duckdb_result_error(result.get()) != nullptr) return error_of(result.get());
  return chunk;
}

std::vector<PreparedColumn> columns_of(const Prepared& statement) {
  std::vector<PreparedColumn> columns;
  const idx_t count = duckdb_prepared_statement_column_count(statement.get());
  for (idx_t i = 0; i < count; ++i) {
    const char* name = duckdb_prepared_statement_column_name(statement.get(), i);
    columns.push_back(
        {name == nullptr ? "" : name,
         LogicalType(duckdb_prepared_statement_column_logical_type(statement.get(), i))});
    // The C API hands out a copy of the name.
    duckdb_free(const_cast<char*>(name));
  }
  return columns;
}

}  // namespace bullion::engine
