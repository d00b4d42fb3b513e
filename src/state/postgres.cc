#include <charconv>
#include <map>
#include <vector>

#include <fmt/format.h>
#include <libpq-fe.h>

#include "state/postgres_internal.h"

namespace bullion::state {
namespace {

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct Clear {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeOptions {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using Answer = std::unique_ptr<PGresult, Clear>;

// Type numbers of PostgreSQL's catalog pg_type.
constexpr Oid kInt8 = 20;
constexpr Oid kInt2 = 21;
constexpr Oid kInt4 = 23;

/// Advisory locks are numbers for the whole database. This one is for Bullion ("bullion" as ASCII),
/// and the name of the schema makes it one per store.
constexpr const char* kWriterLock =
    "SELECT pg_advisory_xact_lock(hashtextextended(current_schema(), 27712307863939950))";

/// "ERROR:  no such table\nLINE 1: ..." -> its first line without what is around it.
std::string first_line(std::string_view text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  for (const std::string_view prefix : {"ERROR:  ", "FATAL:  "}) {
    if (line.starts_with(prefix)) line.remove_prefix(prefix.size());
  }
  return std::string(line);
}

class PostgresConnection final : public Connection {
 public:
  PostgresConnection(std::string place, int64_t wait_us)
      : place_(std::move(place)), wait_us_(wait_us) {}

  Status open(const std::string& url) {
    // Keys before `dbname` are defaults that the URL goes over; those after it go over the URL.
    const char* const keys[] = {"connect_timeout", "fallback_application_name", "dbname",
                                "client_encoding", nullptr};
    const char* const values[] = {"10", "bullion", url.c_str(), "UTF8", nullptr};
    handle_.reset(PQconnectdbParams(keys, values, 1));
    if (handle_ == nullptr || PQstatus(handle_.get()) != CONNECTION_OK) {
      // libpq leaves passwords out of its messages.
      return io_error(
          fmt::format("state `{}`: {}; check that the server runs and takes this user, and the URL "
                      "under `state` of the target in bullion.yml",
                      place_, handle_ ? first_line(PQerrorMessage(handle_.get())) : "no memory"));
    }
    // Notices are for people at a terminal of PostgreSQL.
    PQsetNoticeProcessor(handle_.get(), [](void*, const char*) {}, nullptr);
    BULLION_TRY(execute(fmt::format("SET lock_timeout = {}", wait_us_ / 1000), {}));
    return ok();
  }

  Status begin(Access access) override {
    if (access == Access::Read) {
      BULLION_TRY(execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", {}));
      return ok();
    }
    // Writers wait for each other at the lock, and each statement after it sees all that was
    // committed before.
    BULLION_TRY(execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", {}));
    const auto locked = execute(kWriterLock, {});
    if (locked) return ok();
    roll_back();
    return locked.error();
  }

  Result<int64_t> execute(const std::string& sql, const Row& parameters) override {
    BULLION_TRY_ASSIGN(const Answer answer, answer_of(sql, parameters));
    const std::string_view changed = PQcmdTuples(answer.get());
    int64_t rows = 0;
    std::from_chars(changed.data(), changed.data() + changed.size(), rows);
    return rows;
  }

  Status query(const std::string& sql, const Row& parameters,
               const std::function<Status(const Row&)>& on_row) override {
    BULLION_TRY_ASSIGN(const Answer answer, answer_of(sql, parameters));
    const int rows = PQntuples(answer.get());
    const int columns = PQnfields(answer.get());
    Row row;
    for (int i = 0; i < rows; ++i) {
      row.clear();
      for (int j = 0; j < columns; ++j) row.push_back(cell(answer.get(), i, j));
      BULLION_TRY(on_row(row));
    }
    return ok();
  }

  Result<bool> has_table(const std::string& name) override {
    bool found = false;
    BULLION_TRY(
        query("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND "
              "tablename = $1",
              {name}, [&found](const Row&) {
                found = true;
                return ok();
              }));
    return found;
  }

  Status commit() override {
    const auto done = answer_of("COMMIT", {});
    if (done) {
      // COMMIT of a transaction that failed before answers ROLLBACK.
      if (std::string_view(PQcmdStatus(done->get())) == "COMMIT") return ok();
      return conflict(
          fmt::format("state `{}`: nothing was changed, as a statement had failed", place_));
    }
    if (usable()) return done.error();
    return io_error(fmt::format(
        "state `{}`: the connection was lost while changes were saved ({}); look whether they are "
        "there before you repeat them",
        place_, done.error().message()));
  }

  void roll_back() override {
    if (PQtransactionStatus(handle_.get()) == PQTRANS_IDLE) return;
    const bool repeat = may_repeat_;
    const auto done = execute("ROLLBACK", {});
    lost_ = lost_ || !done.has_value();
    may_repeat_ = repeat;
  }
  bool usable() const override { return !lost_ && PQstatus(handle_.get()) == CONNECTION_OK; }
  bool may_repeat() const override { return may_repeat_; }

 private:
  /// Prepared under a name once. Statements of a transaction that control it take no preparing.
  Result<std::string> prepared(const std::string& sql) {
    const auto found = statements_.find(sql);
    if (found != statements_.end()) return found->second;
    if (statements_.size() >= kStatementsMax) {
      BULLION_TRY(checked(Answer(PQexec(handle_.get(), "DEALLOCATE ALL")), sql));
      statements_.clear();
    }
    const std::string name = fmt::format("s{}", ++prepared_);
    BULLION_TRY(
        checked(Answer(PQprepare(handle_.get(), name.c_str(), sql.c_str(), 0, nullptr)), sql));
    statements_[sql] = name;
    return name;
  }

  Result<Answer> answer_of(const std::string& sql, const Row& parameters) {
    may_repeat_ = false;
    if (parameters.empty()) return checked(Answer(PQexec(handle_.get(), sql.c_str())), sql);
    BULLION_TRY_ASSIGN(const std::string name, prepared(sql));
    std::vector<std::string> texts(parameters.size());
    std::vector<const char*> values(parameters.size(), nullptr);
    for (size_t i = 0; i < parameters.size(); ++i) {
      if (is_null(parameters[i])) continue;
      const auto* text = std::get_if<std::string>(&parameters[i]);
      if (text == nullptr) texts[i] = text_of(parameters[i]);
      values[i] = text == nullptr ? texts[i].c_str() : text->c_str();
    }
    return checked(
        Answer(PQexecPrepared(handle_.get(), name.c_str(), static_cast<int>(values.size()),
                              values.data(), nullptr, nullptr, 0)),
        sql);
  }

  Result<Answer> checked(Answer answer, const std::string& sql) {
    const ExecStatusType status = PQresultStatus(answer.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) return answer;
    return error_of(answer.get(), sql);
  }

  static Value cell(const PGresult* answer, int row, int column) {
    if (PQgetisnull(answer, row, column) != 0) return {};
    const std::string_view text(PQgetvalue(answer, row, column),
                                static_cast<size_t>(PQgetlength(answer, row, column)));
    const Oid type = PQftype(answer, column);
    if (type != kInt8 && type != kInt4 && type != kInt2) return std::string(text);
    int64_t number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
  }

  /// The states are those of appendix A of PostgreSQL's manual.
  Error error_of(const PGresult* answer, const std::string& sql) {
    const char* field = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const std::string code = field == nullptr ? "" : field;
    const std::string reason =
        first_line(field == nullptr ? PQerrorMessage(handle_.get()) : PQresultErrorMessage(answer));
    may_repeat_ = code == "40001" || code == "40P01";
    const std::string what = fmt::format("state `{}`: {}", place_, reason);
    if (code == "55P03") {
      return conflict(fmt::format(
          "state `{}`: another process has been writing for more than {} s; try again when it is "
          "done",
          place_, wait_us_ / 1'000'000));
    }
    if (may_repeat_ || code.starts_with("23")) return conflict(what);
    if (code == "42501" || code == "3F000") {
      return io_error(what +
                      "; grant this user CREATE and USAGE on the schema, or name one with "
                      "?options=-csearch_path%3DSCHEMA");
    }
    if (code == "57014") return interrupted(what);
    if (code == "25006") return io_error(what + "; the server takes no changes now");
    if (code.empty() || code.starts_with("08") || code.starts_with("57") ||
        code.starts_with("53")) {
      return io_error(what + "; check the server");
    }
    return internal_error(fmt::format("{} in: {}", what, sql));
  }

  const std::string place_;
  const int64_t wait_us_;
  std::unique_ptr<PGconn, Finish> handle_;
  std::map<std::string, std::string> statements_;
  int64_t prepared_ = 0;
  bool may_repeat_ = false;
  bool lost_ = false;
};

std::unique_ptr<PQconninfoOption, FreeOptions> parsed(const std::string& url) {
  char* fault = nullptr;
  std::unique_ptr<PQconninfoOption, FreeOptions> options(PQconninfoParse(url.c_str(), &fault));
  PQfreemem(fault);
  return options;
}

}  // namespace

Status check_server_url(const std::string& url) {
  if (parsed(url) != nullptr) return ok();
  // libpq's reason may quote the password.
  return invalid(
      "the URL under `state` of the target in bullion.yml cannot be read; expected "
      "postgresql://USER:PASSWORD@HOST:PORT/DATABASE?KEY=VALUE, with % and other special "
      "characters "
      "of each part percent-encoded (% is %25)");
}

std::string shown_server(const std::string& url) {
  const auto options = parsed(url);
  if (options == nullptr) return "postgresql://(a URL that cannot be read)";
  std::map<std::string, std::string> values;
  for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  std::string shown = "postgresql://";
  if (values.contains("user")) shown += values["user"] + "@";
  shown += values["host"];
  if (values.contains("port")) shown += ":" + values["port"];
  return shown + "/" + values["dbname"];
}

Result<std::unique_ptr<Connection>> connect_postgres(const std::string& url,
                                                     const std::string& place,
                                                     const OpenOptions& options) {
  auto connection = std::make_unique<PostgresConnection>(place, options.wait_us);
  BULLION_TRY(connection->open(url));
  return {std::unique_ptr<Connection>(std::move(connection))};
}

}  // namespace bullion::state
