// runs: what past runs did and cost.
#include <fmt/format.h>

#include "cli/failure.h"
#include "cli/result_output.h"
#include "cli/run_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace bullion::cli {
namespace {

/// The rows of an ops table at its newest version as a relation; NotFound when there is none yet.
Result<std::string> ops_relation(const Session& session, const std::string& table) {
  const std::string path = pipeline::table_path("ops", table);
  const auto snapshot = session.env().log(path).snapshot();
  if (!snapshot) {
    if (snapshot.error().kind() == ErrorKind::NotFound) {
      return not_found("no run has been recorded in this lake yet; `bullion run` records one");
    }
    return snapshot.error();
  }
  return pipeline::table_sql_at(session.env(), path, snapshot->version);
}

/// Tables that a run from before they existed has no rows in.
Result<engine::Rows> rows_of_run(Session& session, const std::string& table,
                                 const std::string& columns, const std::string& run_id,
                                 const std::string& order) {
  auto relation = ops_relation(session, table);
  if (!relation && relation.error().kind() == ErrorKind::NotFound) return engine::Rows{};
  if (!relation) return relation.error();
  return session.engine().query(fmt::format("SELECT {} FROM ({}) WHERE run_id = {} ORDER BY {}",
                                            columns, *relation, engine::quote_text(run_id), order));
}

Result<std::string> find_run(Session& session, const std::string& name) {
  BULLION_TRY_ASSIGN(const std::string runs, ops_relation(session, "runs"));
  const std::string condition =
      name == "last" ? "true" : fmt::format("starts_with(run_id, {})", engine::quote_text(name));
  BULLION_TRY_ASSIGN(const engine::Rows rows,
                     session.engine().query(fmt::format(
                         "SELECT run_id FROM ({}) WHERE {} ORDER BY started_at DESC, run_id LIMIT "
                         "2",
                         runs, condition)));
  if (rows.rows.empty()) {
    return not_found(fmt::format("there is no run `{}`; `bullion runs list` shows them", name));
  }
  if (name != "last" && rows.rows.size() > 1) {
    return invalid(fmt::format("several runs begin with `{}`; write more of the id", name));
  }
  return engine::to_text(rows.rows.at(0).at(0));
}

}  // namespace

int list_runs(const GlobalOptions& global, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const std::string runs, ops_relation(*session, "runs"));
  BULLION_CLI_ASSIGN(const engine::Rows rows,
                     session->engine().query(fmt::format(
                         "SELECT run_id, started_at, date_diff('millisecond', started_at, "
                         "finished_at) AS milliseconds, \"user\", command, status, release, "
                         "files_loaded, rows_loaded, rows_quarantined FROM ({}) ORDER BY "
                         "started_at, run_id",
                         runs)));
  put(format_rows(rows, format));
  return kOk;
}

int show_run(const GlobalOptions& global, const std::string& run_id, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const std::string id, find_run(*session, run_id));
  BULLION_CLI_ASSIGN(
      const engine::Rows steps,
      rows_of_run(*session, "steps",
                  "step, table_name AS \"table\", duration_us // 1000 AS milliseconds, cpu_us // "
                  "1000 AS cpu_ms, peak_bytes // 1048576 AS peak_mib, read_bytes, written_bytes, "
                  "files, rows, amount",
                  id, "position"));
  if (format != OutputFormat::Table) {
    put(format_rows(steps, format));
    return kOk;
  }
  BULLION_CLI_ASSIGN(const engine::Rows run,
                     rows_of_run(*session, "runs",
                                 "run_id, started_at, finished_at, \"user\", command, status, "
                                 "release, detail",
                                 id, "1"));
  put(format_rows(run, format));
  say("");
  put(format_rows(steps, format));
  BULLION_CLI_ASSIGN(
      const engine::Rows gates,
      rows_of_run(*session, "gate_results",
                  "test, table_name AS \"table\", status, failures, sample", id, "test"));
  engine::Rows bad{gates.schema, {}};
  for (const auto& row : gates.rows) {
    if (engine::to_text(row.at(2)) != "pass") bad.rows.push_back(row);
  }
  say(fmt::format("\nGates: {} checked, {} not passed", gates.rows.size(), bad.rows.size()));
  if (!bad.rows.empty()) put(format_rows(bad, format));
  return kOk;
}

}  // namespace bullion::cli
