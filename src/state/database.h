// The transactional store of what people enter: SQLite in a file, or PostgreSQL. One SQL for both.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/result.h"

namespace bullion::state {

/// One parameter or cell; monostate is NULL. Decimals are kept as text, instants as microseconds
/// since 1970-01-01 UTC, dates as days, truth as 0 and 1.
using Value = std::variant<std::monostate, int64_t, std::string>;
using Row = std::vector<Value>;

/// The cell as text; "" when it is NULL.
std::string text_of(const Value& value);
/// The cell as a number; 0 when it is NULL. The caller asks for columns of whole numbers only.
int64_t number_of(const Value& value);
bool is_null(const Value& value);

/// Everything a transaction reads is of one moment.
enum class Access {
  Read,
  Write,  ///< one at a time in the whole store, whatever process it is in
};

/// A transaction: nothing of it stays unless commit() said so. Not thread-safe.
///
/// SQL that both databases take: types BIGINT and TEXT, parameters $1, $2... whose type follows
/// from where they stand, ON CONFLICT (...) DO, RETURNING; sum() of a BIGINT wants a CAST to
/// BIGINT. Texts must be UTF-8 without a zero byte; Invalid otherwise.
class Transaction {
 public:
  Transaction() = default;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  /// Takes everything back that was not committed.
  virtual ~Transaction() = default;

  /// Rows changed.
  virtual Result<int64_t> execute(const std::string& sql, const Row& parameters = {}) = 0;
  /// Hands out the rows one by one. The visitor must not use this transaction.
  virtual Status query(const std::string& sql, const Row& parameters,
                       const std::function<Status(const Row&)>& on_row) = 0;
  virtual Result<bool> has_table(const std::string& name) = 0;
  /// Once it is ok, the changes are on disk. After an error of a lost connection nobody knows
  /// whether they are; the message says so.
  virtual Status commit() = 0;
  /// True after an error that another try may not meet: somebody else got there first.
  virtual bool may_repeat() const = 0;

  /// A whole small result.
  Result<std::vector<Row>> rows(const std::string& sql, const Row& parameters = {});
  /// Adds many rows, in statements of many rows each.
  Status insert(const std::string& table, const std::vector<std::string>& columns,
                const std::vector<Row>& rows);
};

/// A store. Thread-safe; each transaction has a connection of its own.
class Database {
 public:
  Database() = default;
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;
  virtual ~Database() = default;

  /// Conflict when another writer did not end within the time of OpenOptions.
  virtual Result<std::unique_ptr<Transaction>> begin(Access access) = 0;
  /// Where it is, for messages; without a password.
  virtual const std::string& place() const = 0;
};

struct OpenOptions {
  int64_t wait_us = 15'000'000;  ///< for another writer to end
};

/// "postgresql://..." or "postgres://..." opens a server's database, anything else is the path of
/// an SQLite file, which is made when it is not there; its folder must be. Io with what to do.
Result<std::unique_ptr<Database>> open_database(const std::string& location,
                                                const OpenOptions& options = {});
bool is_server_url(const std::string& location);
/// The location without a password, for messages.
std::string shown_location(const std::string& location);

/// Runs `work` in a transaction and commits it; an error of `work` takes everything back. When
/// another process got there first, `work` runs again from the start, a few times: it must hold no
/// results of an earlier try.
Status transact(Database& database, Access access, const std::function<Status(Transaction&)>& work);

}  // namespace bullion::state
