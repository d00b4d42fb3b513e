// sql-answer: not for people.
#include "cli/verbs_sql.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>
#include <thread>

#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/child_process.h"
#include "base/clock.h"
#include "cli/failure.h"
#include "cli/query_memory.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/environment.h"
#include "reader/reader.h"
#include "server/sql_processes.h"
#include "table/table.h"

namespace bullion::cli {
namespace {

/// Each thread wants memory of its own.
constexpr int kThreadsMax = 4;
constexpr int kNiceness = 5;

std::string standard_input() {
  std::string text;
  std::array<char, 65536> piece{};
  for (;;) {
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return text;
    text.append(piece.data(), static_cast<size_t>(count));
  }
}

bool write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    text.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

Status limit_process(int64_t memory_bytes) {
  BULLION_TRY(limit_private_memory(memory_bytes));
  // What is in memory is of the tables.
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) {
    return io_error(fmt::format("cannot limit the process: {}", std::strerror(errno)));
  }
  // Those who read pages and metrics come first.
  errno = 0;
  if (::nice(kNiceness) < 0 && errno != 0) return io_error("cannot lower the process' priority");
  return ok();
}

Result<std::string> answer(const server::SqlOrder& order) {
  BULLION_TRY(limit_process(order.memory_bytes));
  // What does not fit is read through files there; this is the only thread yet.
  ::setenv("TMPDIR", order.temp_folder.c_str(), 1);  // NOLINT(concurrency-mt-unsafe)
  const auto lake = storage::local_file_system(order.lake);
  const int threads = static_cast<int>(std::thread::hardware_concurrency());
  // The rest is for what the engine does not count: strings on their way, results, its threads.
  BULLION_TRY_ASSIGN(
      const auto engine,
      engine::duckdb_engine({.memory_limit_bytes = order.memory_bytes / 2,
                             .threads = std::clamp(threads, 1, kThreadsMax),
                             .temp_folder = order.temp_folder,
                             .only_folders = {{lake->location("tables"), order.temp_folder}}}));
  const auto codec = table::checkpoint_codec(*engine);
  const SystemClock clock;
  const pipeline::Environment env{*lake, *engine, clock, *codec, "", {}};
  project::Project project;
  project.folder = order.project_folder;
  project.lake = order.lake;
  reader::Reader reader(env, project, *engine, reader::Paths::Hidden);
  return server::sql_body(reader, order.question, {});
}

}  // namespace

int answer_sql(int64_t parent) {
  BULLION_CLI_TRY(end_with_parent(parent));
  BULLION_CLI_ASSIGN(const server::SqlOrder order, server::sql_order(standard_input()));
  const bool is_told = write_all(server::to_message(answer(order)));
  // Nothing is left to put in order, and what is in memory need not be given back piece by piece.
  ::_exit(is_told ? kOk : kUsage);
}

}  // namespace bullion::cli
