#include <chrono>
#include <filesystem>
#include <map>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <sqlite3.h>

#include "state/sqlite_internal.h"

namespace bullion::state {
namespace {

namespace fs = std::filesystem;

struct CloseDatabase {
  void operator()(sqlite3* database) const { sqlite3_close(database); }
};
struct FinalizeStatement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Handle = std::unique_ptr<sqlite3, CloseDatabase>;

/// A prepared statement. SQLite numbers `$n` by where it first stands, so each n is looked up once.
struct Statement {
  std::unique_ptr<sqlite3_stmt, FinalizeStatement> handle;
  std::vector<int> places;  ///< of $1, $2...; 0 when the SQL has no such parameter
};

/// Resets a statement when its use ends, so that it holds no lock.
class InUse {
 public:
  explicit InUse(sqlite3_stmt* statement) : statement_(statement) {}
  InUse(const InUse&) = delete;
  InUse& operator=(const InUse&) = delete;
  ~InUse() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

class SqliteConnection final : public Connection {
 public:
  SqliteConnection(std::string path, int64_t wait_us) : path_(std::move(path)), wait_us_(wait_us) {}

  Status open() {
    sqlite3* raw = nullptr;
    // Each connection is used by one thread at a time (Pool), so it needs no mutex of its own.
    const int code =
        sqlite3_open_v2(path_.c_str(), &raw,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
    handle_.reset(raw);
    if (code != SQLITE_OK) return open_error();
    sqlite3_extended_result_codes(raw, 1);
    sqlite3_busy_timeout(raw, static_cast<int>(wait_us_ / 1000));
    BULLION_TRY(write_ahead());
    // FULL: what was acknowledged survives a power failure too.
    BULLION_TRY(execute("PRAGMA synchronous = FULL", {}));
    BULLION_TRY(execute("PRAGMA foreign_keys = ON", {}));
    return ok();
  }

  Status begin(Access access) override {
    BULLION_TRY(execute(access == Access::Write ? "BEGIN IMMEDIATE" : "BEGIN", {}));
    return ok();
  }

  Result<int64_t> execute(const std::string& sql, const Row& parameters) override {
    BULLION_TRY(query(sql, parameters, [](const Row&) { return ok(); }));
    return sqlite3_changes64(handle_.get());
  }

  Status query(const std::string& sql, const Row& parameters,
               const std::function<Status(const Row&)>& on_row) override {
    BULLION_TRY_ASSIGN(Statement * statement, prepared(sql));
    sqlite3_stmt* const handle = statement->handle.get();
    const InUse in_use(handle);
    BULLION_TRY(bind(*statement, parameters, sql));
    const int columns = sqlite3_column_count(handle);
    Row row;
    for (;;) {
      const int code = sqlite3_step(handle);
      if (code == SQLITE_DONE) return ok();
      if (code != SQLITE_ROW) return error_of(code, sql);
      row.clear();
      for (int i = 0; i < columns; ++i) row.push_back(cell(handle, i));
      BULLION_TRY(on_row(row));
    }
  }

  Result<bool> has_table(const std::string& name) override {
    bool found = false;
    BULLION_TRY(query("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = $1", {name},
                      [&found](const Row&) {
                        found = true;
                        return ok();
                      }));
    return found;
  }

  Status commit() override {
    BULLION_TRY(execute("COMMIT", {}));
    return ok();
  }

  void roll_back() override {
    if (sqlite3_get_autocommit(handle_.get()) != 0) return;
    if (!execute("ROLLBACK", {})) lost_ = true;
  }
  bool usable() const override { return !lost_; }
  // A writer waits for its turn before it reads, so there is nothing to repeat.
  bool may_repeat() const override { return false; }

 private:
  Error open_error() const {
    const fs::path folder = fs::path(path_).parent_path();
    std::error_code ignored;
    if (!folder.empty() && !fs::exists(folder, ignored)) {
      return io_error(
          fmt::format("state `{}`: there is no folder {}; make it, or name another file "
                      "as `state` of the target in bullion.yml",
                      path_, folder.string()));
    }
    const int reason = handle_ == nullptr ? 0 : sqlite3_system_errno(handle_.get());
    return io_error(fmt::format(
        "state `{}` cannot be opened: {}; check the rights on the file and its folder", path_,
        reason != 0 ? std::generic_category().message(reason)
                    : (handle_ ? sqlite3_errmsg(handle_.get()) : "no memory")));
  }

  /// Readers and the writer do not wait for each other. The mode is kept in the file; switching it
  /// on wants the file alone and does not wait by itself.
  Status write_ahead() {
    std::string mode;
    const auto keep = [&mode](const Row& row) {
      mode = text_of(row.at(0));
      return ok();
    };
    BULLION_TRY(query("PRAGMA journal_mode", {}, keep));
    constexpr int64_t kPauseUs = 20'000;
    for (int64_t waited = 0; mode != "wal"; waited += kPauseUs) {
      const Status set = query("PRAGMA journal_mode = WAL", {}, keep);
      if (set) break;  // Where there is no shared memory, SQLite stays with the older mode.
      if (set.error().kind() != ErrorKind::Conflict || waited >= wait_us_) return set;
      std::this_thread::sleep_for(std::chrono::microseconds(kPauseUs));
    }
    return ok();
  }

  Result<Statement*> prepared(const std::string& sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return &found->second;
    if (statements_.size() >= kStatementsMax) statements_.clear();
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v2(handle_.get(), sql.c_str(),
                                        static_cast<int>(sql.size()) + 1, &raw, nullptr);
    if (code != SQLITE_OK) return error_of(code, sql);
    Statement statement;
    statement.handle.reset(raw);
    const int count = sqlite3_bind_parameter_count(raw);
    statement.places.resize(static_cast<size_t>(count));
    for (int place = 1; place <= count; ++place) {
      const char* name = sqlite3_bind_parameter_name(raw, place);
      const int number = name == nullptr ? 0 : std::atoi(name + 1);
      if (number < 1 || number > count) {
        return internal_error(fmt::format("parameters are $1 to ${} in: {}", count, sql));
      }
      statement.places[static_cast<size_t>(number - 1)] = place;
    }
    return &statements_.emplace(sql, std::move(statement)).first->second;
  }

  Status bind(const Statement& statement, const Row& parameters, const std::string& sql) {
    if (parameters.size() != statement.places.size()) {
      return internal_error(fmt::format("{} parameters were given, {} are wanted by: {}",
                                        parameters.size(), statement.places.size(), sql));
    }
    for (size_t i = 0; i < parameters.size(); ++i) {
      int code = SQLITE_OK;
      sqlite3_stmt* const handle = statement.handle.get();
      const int place = statement.places[i];
      if (const auto* text = std::get_if<std::string>(&parameters[i])) {
        // The text outlives the statement's use, so it is not copied.
        code = sqlite3_bind_text64(handle, place, text->data(), text->size(), nullptr, SQLITE_UTF8);
      } else if (const auto* number = std::get_if<int64_t>(&parameters[i])) {
        code = sqlite3_bind_int64(handle, place, *number);
      } else {
        code = sqlite3_bind_null(handle, place);
      }
      if (code != SQLITE_OK) return error_of(code, sql);
    }
    return ok();
  }

  static Value cell(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
      case SQLITE_NULL:
        return {};
      case SQLITE_INTEGER:
        return sqlite3_column_int64(statement, column);
      default: {
        const unsigned char* text = sqlite3_column_text(statement, column);
        const auto size = static_cast<size_t>(sqlite3_column_bytes(statement, column));
        return text == nullptr ? std::string() : std::string(text, text + size);
      }
    }
  }

  Error error_of(int code, const std::string& sql) const {
    const std::string reason = sqlite3_errmsg(handle_.get());
    switch (code & 0xFF) {
      case SQLITE_BUSY:
      case SQLITE_LOCKED:
        return conflict(fmt::format(
            "state `{}`: another process has been writing for more than {} s; try again when it is "
            "done",
            path_, wait_us_ / 1'000'000));
      case SQLITE_NOTADB:
      case SQLITE_CORRUPT:
        return corrupt(
            fmt::format("state `{}` is no SQLite database, or a damaged one ({}); put "
                        "your last copy of it there, or name another file",
                        path_, reason));
      case SQLITE_FULL:
        return io_error(fmt::format("state `{}`: the disk is full; nothing was changed", path_));
      case SQLITE_READONLY:
      case SQLITE_PERM:
      case SQLITE_CANTOPEN:
      case SQLITE_IOERR:
        return io_error(
            fmt::format("state `{}`: {}; check the disk and the rights on the file and "
                        "its folder",
                        path_, reason));
      case SQLITE_CONSTRAINT:
        return conflict(fmt::format("state `{}`: {}", path_, reason));
      default:
        return internal_error(fmt::format("state `{}`: {} in: {}", path_, reason, sql));
    }
  }

  const std::string path_;
  const int64_t wait_us_;
  Handle handle_;
  std::map<std::string, Statement> statements_;  // After the handle: they end before it.
  bool lost_ = false;
};

}  // namespace

Result<std::unique_ptr<Connection>> connect_sqlite(const std::string& path,
                                                   const OpenOptions& options) {
  auto connection = std::make_unique<SqliteConnection>(path, options.wait_us);
  BULLION_TRY(connection->open());
  return {std::unique_ptr<Connection>(std::move(connection))};
}

}  // namespace bullion::state
