#include "state/database.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/utf8.h"
#include "state/connection_internal.h"
#include "state/pool_internal.h"
#include "state/postgres_internal.h"
#include "state/sqlite_internal.h"

namespace bullion::state {
namespace {

constexpr int kTriesMax = 8;
/// Parameters of one statement: SQLite takes 32,766, PostgreSQL 65,535. More than some thousand
/// gain nothing.
constexpr size_t kParametersMax = 4000;

}  // namespace

std::string text_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<int64_t>(&value)) return std::to_string(*number);
  return "";
}

int64_t number_of(const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

Status check_parameters(const Row& parameters) {
  for (const Value& value : parameters) {
    const auto* text = std::get_if<std::string>(&value);
    if (text == nullptr) continue;
    if (text->find('\0') != std::string::npos) {
      return invalid("a text has a zero byte, which the state store cannot hold; leave it out");
    }
    if (!is_utf8(*text)) {
      return invalid(fmt::format("the text `{}` is not UTF-8; the state store takes UTF-8 only",
                                 text->substr(0, 40)));
    }
  }
  return ok();
}

Result<std::vector<Row>> Transaction::rows(const std::string& sql, const Row& parameters) {
  std::vector<Row> all;
  BULLION_TRY(query(sql, parameters, [&all](const Row& row) -> Status {
    all.push_back(row);
    return ok();
  }));
  return all;
}

Status Transaction::insert(const std::string& table, const std::vector<std::string>& columns,
                           const std::vector<Row>& rows) {
  const size_t rows_max = std::max<size_t>(1, kParametersMax / columns.size());
  const std::string head =
      fmt::format("INSERT INTO {} ({}) VALUES ", table, fmt::join(columns, ", "));
  for (size_t begin = 0; begin < rows.size(); begin += rows_max) {
    const size_t end = std::min(rows.size(), begin + rows_max);
    std::string sql = head;
    Row parameters;
    for (size_t i = begin; i < end; ++i) {
      sql += i == begin ? "(" : ", (";
      for (const Value& value : rows[i]) {
        parameters.push_back(value);
        if (!sql.ends_with('(')) sql += ", ";
        sql += fmt::format("${}", parameters.size());
      }
      sql += ")";
    }
    BULLION_TRY(execute(sql, parameters));
  }
  return ok();
}

bool is_server_url(const std::string& location) {
  return location.starts_with("postgresql://") || location.starts_with("postgres://");
}

std::string shown_location(const std::string& location) {
  return is_server_url(location) ? shown_server(location) : location;
}

Result<std::unique_ptr<Database>> open_database(const std::string& location,
                                                const OpenOptions& options) {
  const std::string place = shown_location(location);
  Connect connect;
  if (is_server_url(location)) {
    BULLION_TRY(check_server_url(location));
    connect = [location, place, options]() { return connect_postgres(location, place, options); };
  } else if (location.find("://") != std::string::npos) {
    return invalid(fmt::format(
        "state `{}`: expected the path of a file (SQLite) or postgresql://USER@HOST/DATABASE",
        location.substr(0, location.find("://") + 3)));
  } else {
    connect = [location, options]() { return connect_sqlite(location, options); };
  }
  auto pool = std::make_unique<Pool>(place, connect);
  // What is wrong with the place is said here, not at the first use.
  BULLION_TRY_ASSIGN(std::unique_ptr<Connection> first, connect());
  pool->give_back(std::move(first));
  return {std::unique_ptr<Database>(std::move(pool))};
}

Status transact(Database& database, Access access,
                const std::function<Status(Transaction&)>& work) {
  for (int attempt = 1;; ++attempt) {
    BULLION_TRY_ASSIGN(const auto transaction, database.begin(access));
    Status done = work(*transaction);
    if (done) done = transaction->commit();
    if (done) return done;
    if (!transaction->may_repeat()) return done;
    if (attempt == kTriesMax) {
      return Error(done.error().kind(),
                   fmt::format("{} (tried {} times)", done.error().message(), kTriesMax));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(5 << attempt));
  }
}

}  // namespace bullion::state
