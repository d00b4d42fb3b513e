#include "cli/query_memory.h"

#include <cerrno>
#include <cstring>
#include <new>

#include <fmt/format.h>
#include <sys/resource.h>

#include "cli/failure.h"
#include "cli/result_output.h"
#include "cli/terminal.h"
#include "reader/sql.h"

namespace bullion::cli {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kHasSanitizer = true;
#else
constexpr bool kHasSanitizer = false;
#endif

Error too_large(const std::string& memory) {
  return interrupted(fmt::format(
      "the query was stopped, because it needs more memory than --memory-limit {} gives; read "
      "fewer rows or columns, group by fewer values, write rows with --output csv, or give it more",
      memory));
}

/// All rows, which a table needs to be as wide as its widest cell. Interrupted when they take more
/// than `bytes_max`.
Result<engine::Rows> rows_within(engine::Engine& engine, const std::string& sql,
                                 int64_t bytes_max) {
  engine::Rows rows;
  int64_t bytes = 0;
  BULLION_TRY(engine.stream(
      sql,
      [&](const delta::Schema& schema) {
        rows.schema = schema;
        return ok();
      },
      [&](const std::vector<engine::Value>& row) -> Status {
        bytes += static_cast<int64_t>(sizeof(row) + row.size() * sizeof(engine::Value));
        for (const engine::Value& value : row) {
          const auto* text = std::get_if<std::string>(&value);
          bytes += text == nullptr ? 0 : static_cast<int64_t>(text->size());
        }
        if (bytes > bytes_max) {
          return interrupted(
              fmt::format("the answer is too large for a table after {} rows; write it row by row "
                          "with --output csv, or read fewer",
                          rows.rows.size()));
        }
        rows.rows.push_back(row);
        return ok();
      }));
  return rows;
}

Status print_rows(engine::Engine& engine, const std::string& sql, OutputFormat format,
                  int64_t bytes_max) {
  if (format == OutputFormat::Table || format == OutputFormat::Markdown) {
    BULLION_TRY_ASSIGN(const engine::Rows rows, rows_within(engine, sql, bytes_max));
    put(format_rows(rows, format));
    if (rows.rows.empty()) put("(no rows)\n");
    return ok();
  }
  BULLION_TRY(print_query(engine, sql, format));
  return ok();
}

}  // namespace

Status limit_private_memory(int64_t bytes) {
  if (kHasSanitizer) return ok();
  const auto most = static_cast<rlim_t>(bytes);
  const rlimit both{.rlim_cur = most, .rlim_max = most};
  if (::setrlimit(RLIMIT_DATA, &both) == 0) return ok();
  return io_error(fmt::format("cannot limit the memory of the process: {}", std::strerror(errno)));
}

GlobalOptions with_query_memory(GlobalOptions global) {
  if (global.memory_limit.empty()) global.memory_limit = kQueryMemory;
  return global;
}

int print_within_memory(Session& session, const GlobalOptions& global, const std::string& sql,
                        const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const engine::EngineOptions engine, engine_options(global));
  BULLION_CLI_TRY(limit_private_memory(2 * engine.memory_limit_bytes));
  try {
    // The table's text takes several times what its cells do.
    const Status printed = print_rows(session.engine(), sql, format, engine.memory_limit_bytes / 8);
    if (!printed && reader::is_out_of_memory(printed.error())) {
      return fail(too_large(global.memory_limit));
    }
    BULLION_CLI_TRY(printed);
    return kOk;
  } catch (const std::bad_alloc&) {
    return fail(too_large(global.memory_limit));
  }
}

}  // namespace bullion::cli
