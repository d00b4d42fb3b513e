#include "engine/duckdb/duckdb_engine.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "engine/duckdb/call_watch_internal.h"
#include "engine/duckdb/contract_cast_internal.h"
#include "engine/duckdb/local_date_function_internal.h"
#include "engine/duckdb/money_functions_internal.h"
#include "engine/duckdb/result_reader_internal.h"
#include "engine/duckdb/row_hash_function_internal.h"
#include "engine/duckdb/row_source_scan_internal.h"
#include "engine/duckdb/session_internal.h"
#include "engine/duckdb/spill_folder_internal.h"
#include "engine/duckdb/staging_internal.h"

namespace bullion::engine {

namespace {

constexpr int64_t kDefaultMemoryBytes = int64_t{2} << 30;
/// Disk that SQL of strangers may take for larger work.
constexpr int64_t kStrangersSpillBytes = int64_t{2} << 30;
constexpr int64_t kSmallestMemoryBytes = int64_t{64} << 20;

int64_t default_memory_bytes() {
  const auto pages = static_cast<int64_t>(sysconf(_SC_PHYS_PAGES));
  const auto page_bytes = static_cast<int64_t>(sysconf(_SC_PAGESIZE));
  const int64_t machine = pages > 0 && page_bytes > 0 ? pages * page_bytes : kDefaultMemoryBytes;
  return std::max(kSmallestMemoryBytes, std::min(kDefaultMemoryBytes, machine / 2));
}

class DuckDbEngine final : public Engine {
 public:
  Status open(const EngineOptions& options);

  Status execute(const std::string& sql) override { return execute(sql, QueryLimits()); }
  Status execute(const std::string& sql, const QueryLimits& limits) override;
  Result<Rows> query(const std::string& sql) override { return query(sql, QueryOptions()); }
  Result<Rows> query(const std::string& sql, const QueryOptions& options) override;
  Result<StreamEnd> stream(const std::string& sql, const QueryOptions& options,
                           const std::function<Status(const delta::Schema&)>& on_schema,
                           const RowVisitor& on_row) override;
  Status stream(const std::string& sql,
                const std::function<Status(const delta::Schema&)>& on_schema,
                const RowVisitor& on_row) override;
  Result<std::vector<BoundColumn>> bind(const std::string& select) override;
  Result<std::string> syntax_tree(const std::string& select) override;
  Result<std::vector<StagedFile>> stage(const std::string& select,
                                        const StageRequest& request) override;
  Result<std::vector<StagedFile>> stage_rows(RowSource& source,
                                             const StageRequest& request) override;
  void interrupt() override { connections_.interrupt_all(); }

 private:
  Result<Session> connect() { return Session::open(database_.get(), connections_); }
  Status set_up();
  Status lock_up(const std::vector<std::string>& folders);

  // Destroyed from the last to the first: the database before what it may still use.
  SpillFolder spill_;
  RowSources sources_;
  OpenConnections connections_;
  CallWatch watch_;
  Database database_;
};

Status set_option(duckdb_config config, const char* name, const std::string& value) {
  if (duckdb_set_config(config, name, value.c_str()) == DuckDBError) {
    return internal_error(fmt::format("the engine refused the setting {} = {}", name, value));
  }
  return ok();
}

Status DuckDbEngine::open(const EngineOptions& options) {
  if (options.threads < 0)
    return invalid(fmt::format("the number of threads is {}", options.threads));
  const int64_t memory =
      options.memory_limit_bytes == 0 ? default_memory_bytes() : options.memory_limit_bytes;
  if (memory < kSmallestMemoryBytes) {
    return invalid(fmt::format("the engine needs a memory limit of at least {} MiB, got {} bytes",
                               kSmallestMemoryBytes >> 20, memory));
  }
  BULLION_TRY(spill_.create(options.temp_folder));
  Config config;
  if (duckdb_create_config(config.out()) == DuckDBError) {
    return internal_error("the engine gave no configuration");
  }
  BULLION_TRY(set_option(config.get(), "memory_limit", fmt::format("{}KiB", memory >> 10)));
  if (options.threads > 0) {
    BULLION_TRY(set_option(config.get(), "threads", std::to_string(options.threads)));
  }
  BULLION_TRY(set_option(config.get(), "temp_directory", spill_.path()));
  if (options.only_folders) {
    BULLION_TRY(set_option(config.get(), "max_temp_directory_size",
                           fmt::format("{}KiB", kStrangersSpillBytes >> 10)));
  }
  BULLION_TRY(set_option(config.get(), "autoinstall_known_extensions", "false"));
  BULLION_TRY(set_option(config.get(), "autoload_known_extensions", "false"));
  char* message = nullptr;
  if (duckdb_open_ext(":memory:", database_.out(), config.get(), &message) == DuckDBError) {
    return internal_error("the engine did not start: " + take_text(message));
  }
  BULLION_TRY(set_up());
  return options.only_folders ? lock_up(*options.only_folders) : ok();
}

Status DuckDbEngine::set_up() {
  BULLION_TRY_ASSIGN(Session session, connect());
  BULLION_TRY(
      session.run("SET GLOBAL TimeZone = 'UTC';"
                  // More partitions at once than a table of a year of days has.
                  "SET GLOBAL partitioned_write_max_open_files = 400;"
                  "CREATE MACRO month_key(d) AS strftime(d, '%Y-%m');"));
  BULLION_TRY(register_row_source_scan(session.get(), sources_));
  BULLION_TRY(register_money_functions(session.get()));
  BULLION_TRY(register_local_date(session.get()));
  return register_row_hash(session.get());
}

Status DuckDbEngine::lock_up(const std::vector<std::string>& folders) {
  std::vector<std::string> texts;
  for (const std::string& folder : folders) {
    texts.push_back(quote_text(folder.ends_with('/') ? folder : folder + "/"));
  }
  BULLION_TRY_ASSIGN(Session session, connect());
  // The engine adds the folder it spills to by itself. The order matters: the last two cannot be
  // taken back.
  BULLION_TRY(session.run(fmt::format(
      "SET GLOBAL allowed_directories = [{}]; SET GLOBAL enable_external_access = false; "
      "SET GLOBAL lock_configuration = true;",
      fmt::join(texts, ", "))));
  return ok();
}

Status DuckDbEngine::execute(const std::string& sql, const QueryLimits& limits) {
  BULLION_TRY_ASSIGN(Session session, connect());
  const CallWatch::Call call(watch_, session.get(), limits);
  if (auto end = call.ended()) return *std::move(end);
  const auto done = session.run(sql);
  if (done) return ok();
  if (auto end = call.ended()) return *std::move(end);
  return done.error();
}

/// The columns of a statement as Values show them, and the SQL that yields only readable ones.
struct ReadablePlan {
  delta::Schema schema;
  std::string sql;  ///< empty: run the statement as it is
};

Result<ReadablePlan> plan_reading(const std::string& sql, const Prepared& statement) {
  ReadablePlan plan;
  const std::vector<PreparedColumn> columns = columns_of(statement);
  std::string names;
  std::string list;
  bool cast = false;
  for (size_t i = 0; i < columns.size(); ++i) {
    const duckdb_type id = duckdb_get_type_id(columns[i].type.get());
    const bool readable = is_readable(id) || id == DUCKDB_TYPE_SQLNULL;
    cast = cast || !readable;
    plan.schema.push_back({columns[i].name, value_type(columns[i].type.get()), true, "{}"});
    if (!readable) plan.schema.back().type = delta::DataType{};
    const std::string name = fmt::format("c{}", i);
    if (i > 0) names += ", ";
    if (i > 0) list += ", ";
    names += name;
    list += readable ? name : "CAST(" + name + " AS VARCHAR)";
  }
  if (!cast) return plan;
  if (duckdb_prepared_statement_type(statement.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return invalid("the statement yields columns that cannot be shown; use a SELECT");
  }
  plan.sql = fmt::format("SELECT {} FROM ({}\n) AS t({})", list, without_semicolon(sql), names);
  return plan;
}

Status visit_chunk(duckdb_data_chunk chunk, const RowVisitor& on_row) {
  std::vector<ColumnReader> readers;
  const idx_t columns = duckdb_data_chunk_get_column_count(chunk);
  for (idx_t i = 0; i < columns; ++i) {
    duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
    const LogicalType type(duckdb_vector_get_column_type(vector));
    readers.emplace_back(vector, describe(type.get()));
  }
  const idx_t rows = duckdb_data_chunk_get_size(chunk);
  std::vector<Value> values(columns);
  for (idx_t row = 0; row < rows; ++row) {
    for (idx_t i = 0; i < columns; ++i) values[i] = readers[i].at(row);
    BULLION_TRY(on_row(values));
  }
  return ok();
}

namespace {

/// Ends a stream in the middle without an error of its own.
struct StreamState {
  bool engine_failed = false;  ///< tells an error of the engine from one of the visitor
  bool at_row_limit = false;
};

/// Hands every row to the visitor, or as many as it may.
Status stream_rows(Session& session, const Prepared& statement, const CallWatch::Call& call,
                   const RowVisitor& on_row, StreamState& state) {
  state.engine_failed = true;
  BULLION_TRY_ASSIGN(QueryResult result, session.start_streaming(statement));
  while (!state.at_row_limit) {
    BULLION_TRY_ASSIGN(const Chunk chunk, session.fetch(result));
    if (!chunk) return ok();
    state.engine_failed = false;
    if (auto end = call.ended()) return *std::move(end);
    const Status visited = visit_chunk(chunk.get(), on_row);
    if (!visited) return state.at_row_limit ? ok() : visited;
    state.engine_failed = true;
  }
  return ok();
}

/// Passes on at most rows_max rows; the next one ends the stream.
RowVisitor limited(const RowVisitor& on_row, int64_t rows_max, bool& at_limit) {
  if (rows_max <= 0) return on_row;
  return [&on_row, &at_limit, rows_max, seen = int64_t{0}](const std::vector<Value>& row) mutable {
    if (seen++ < rows_max) return on_row(row);
    at_limit = true;
    return Status(invalid("the limit of rows"));
  };
}

}  // namespace

Status DuckDbEngine::stream(const std::string& sql,
                            const std::function<Status(const delta::Schema&)>& on_schema,
                            const RowVisitor& on_row) {
  BULLION_TRY(stream(sql, QueryOptions(), on_schema, on_row));
  return ok();
}

Result<StreamEnd> DuckDbEngine::stream(const std::string& sql, const QueryOptions& options,
                                       const std::function<Status(const delta::Schema&)>& on_schema,
                                       const RowVisitor& on_row) {
  BULLION_TRY_ASSIGN(Session session, connect());
  BULLION_TRY(session.look_in(options.schema));
  const CallWatch::Call call(watch_, session.get(), options.limits);
  if (auto end = call.ended()) return *std::move(end);
  Result<Prepared> prepared = session.prepare(sql);
  // Binding computes what is constant, which takes its time too.
  if (auto end = call.ended()) return *std::move(end);
  BULLION_TRY_ASSIGN(Prepared statement, std::move(prepared));
  BULLION_TRY_ASSIGN(const ReadablePlan plan, plan_reading(sql, statement));
  if (!plan.sql.empty()) {
    BULLION_TRY_ASSIGN(statement, session.prepare(plan.sql));
  }
  BULLION_TRY(on_schema(plan.schema));
  const int64_t interruptions = connections_.interruptions();
  StreamState state;
  const RowVisitor visitor = limited(on_row, options.limits.rows_max, state.at_row_limit);
  const Status done = stream_rows(session, statement, call, visitor, state);
  if (done) return state.at_row_limit ? StreamEnd::RowLimit : StreamEnd::Complete;
  if (state.engine_failed) {
    if (auto end = call.ended()) return *std::move(end);
  }
  const bool was_interrupted = state.engine_failed && done.error().kind() == ErrorKind::Io;
  if (!was_interrupted || connections_.interruptions() != interruptions) return done.error();
  // When one thread of a streamed query fails, the engine interrupts the others, and now and then
  // that is the error it hands out. Run whole, it tells the cause.
  BULLION_TRY_ASSIGN(Session again, connect());
  BULLION_TRY(again.look_in(options.schema));
  const CallWatch::Call again_call(watch_, again.get(), options.limits);
  const auto whole = again.run(plan.sql.empty() ? sql : plan.sql);
  if (auto end = again_call.ended()) return *std::move(end);
  return whole ? done.error() : whole.error();
}

Result<Rows> DuckDbEngine::query(const std::string& sql, const QueryOptions& options) {
  Rows rows;
  BULLION_TRY(stream(
      sql, options,
      [&rows](const delta::Schema& schema) {
        rows.schema = schema;
        return ok();
      },
      [&rows](const std::vector<Value>& row) {
        rows.rows.push_back(row);
        return ok();
      }));
  return rows;
}

Result<std::vector<BoundColumn>> DuckDbEngine::bind(const std::string& select) {
  BULLION_TRY_ASSIGN(Session session, connect());
  BULLION_TRY_ASSIGN(const Prepared statement, session.prepare(select));
  if (duckdb_prepared_statement_type(statement.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
    return invalid("only a SELECT can be bound");
  }
  std::vector<BoundColumn> bound;
  for (const PreparedColumn& column : columns_of(statement)) {
    bound.push_back({column.name, type_name(column.type.get()), delta_type(column.type.get())});
  }
  return bound;
}

Result<std::string> DuckDbEngine::syntax_tree(const std::string& select) {
  BULLION_TRY_ASSIGN(const Rows rows, query(fmt::format("SELECT json_serialize_sql({})::VARCHAR",
                                                        quote_text(select))));
  const auto* text = std::get_if<std::string>(&rows.rows.at(0).at(0));
  if (text == nullptr) return internal_error("the engine gave no syntax tree");
  const auto tree = nlohmann::json::parse(*text, nullptr, false);
  if (tree.is_discarded()) return internal_error("the engine gave a broken syntax tree");
  if (!tree.value("error", false)) return *text;
  std::string message = tree.value("error_message", "the SELECT cannot be read");
  const std::string position = tree.value("position", "");
  if (!position.empty()) message += fmt::format(" (position {})", position);
  return invalid(std::move(message));
}

Result<std::vector<StagedFile>> DuckDbEngine::stage(const std::string& select,
                                                    const StageRequest& request) {
  BULLION_TRY_ASSIGN(Session session, connect());
  return stage_select(session, select, request);
}

Result<std::vector<StagedFile>> DuckDbEngine::stage_rows(RowSource& source,
                                                         const StageRequest& request) {
  for (const delta::Column& column : source.schema()) {
    if (column.type.is_nested()) {
      return invalid(fmt::format("column {}: nested columns cannot be staged", column.name));
    }
  }
  BULLION_TRY_ASSIGN(Session session, connect());
  const uint64_t ticket = sources_.offer(source);
  auto files = stage_select(session, select_of_ticket(ticket), request);
  const std::optional<Error> failure = sources_.find(ticket)->failure;
  sources_.withdraw(ticket);
  if (failure) return *failure;
  return files;
}

}  // namespace

Result<std::unique_ptr<Engine>> duckdb_engine(const EngineOptions& options) {
  auto engine = std::make_unique<DuckDbEngine>();
  BULLION_TRY(engine->open(options));
  return std::unique_ptr<Engine>(std::move(engine));
}

}  // namespace bullion::engine
