// One connection of either database: what a transaction is made of.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "state/database.h"

namespace bullion::state {

/// A connection keeps as many prepared statements. More texts than a program has are those of
/// insert(), which differ by their number of rows.
inline constexpr size_t kStatementsMax = 64;

/// Not thread-safe.
class Connection {
 public:
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  virtual ~Connection() = default;

  virtual Status begin(Access access) = 0;
  virtual Result<int64_t> execute(const std::string& sql, const Row& parameters) = 0;
  virtual Status query(const std::string& sql, const Row& parameters,
                       const std::function<Status(const Row&)>& on_row) = 0;
  virtual Result<bool> has_table(const std::string& name) = 0;
  virtual Status commit() = 0;
  /// Ends an open transaction; the connection is unusable when that fails.
  virtual void roll_back() = 0;
  /// False when the connection is lost.
  virtual bool usable() const = 0;
  /// Of the last error.
  virtual bool may_repeat() const = 0;
};

/// Opens one more connection of a database.
using Connect = std::function<Result<std::unique_ptr<Connection>>()>;

/// Invalid for a text that not both databases can hold.
Status check_parameters(const Row& parameters);

}  // namespace bullion::state
