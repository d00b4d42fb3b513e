// SQL that strangers wrote, each SELECT in a process of its own: what it takes of memory and time
// is the operating system's to limit (docs/decisions/0008-sql-processes.md).
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "reader/sql.h"

namespace bullion::server {

/// One SELECT at a release.
struct SqlQuestion {
  int64_t release = 0;
  reader::SqlRequest request;
};

/// Runs it in this process; the body of POST /sql.
Result<std::string> sql_body(reader::Reader& reader, const SqlQuestion& question,
                             const engine::QueryLimits& limits);

/// What one of these processes is told on its standard input.
struct SqlOrder {
  std::string lake;            ///< absolute path
  std::string project_folder;  ///< absolute path
  std::string temp_folder;     ///< its own; the only folder it may write to
  int64_t memory_bytes = 0;    ///< private memory that the process may have
  SqlQuestion question;
};
std::string to_json(const SqlOrder& order);
Result<SqlOrder> sql_order(std::string_view json);
/// What it says on its standard output, and the way back; nullopt when it did not say all of it.
std::string to_message(const Result<std::string>& body);
std::optional<Result<std::string>> body_of_message(std::string_view message);

struct SqlProcessesOptions {
  std::vector<std::string> command;  ///< reads a SqlOrder, writes to_message()
  std::string lake;
  std::string project_folder;
  int64_t memory_bytes = int64_t{448} << 20;
  int at_once = 2;
  int waiting = 2;
  int64_t patience_us = 10'000'000;  ///< how long one waits for its turn
  /// Told when a process failed.
  std::function<void(const std::string&)> log;
};

/// Thread-safe.
class SqlProcesses {
 public:
  /// `clock` must outlive it.
  SqlProcesses(SqlProcessesOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  /// The body of POST /sql; nullopt when too many are asked for at once. Interrupted at the limits.
  Result<std::optional<std::string>> answer(const SqlQuestion& question,
                                            const engine::QueryLimits& limits);

 private:
  bool enter(const engine::QueryLimits& limits);
  void leave();
  Result<std::string> ask(const SqlQuestion& question, const engine::QueryLimits& limits);

  const SqlProcessesOptions options_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable left_;
  int inside_ = 0;
  int waiting_ = 0;
};

}  // namespace bullion::server
