// show, query, releases, diff, trace, quarantine, table read: verbs that only read.
#include <algorithm>
#include <charconv>
#include <filesystem>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "cli/failure.h"
#include "cli/query_memory.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/trace_output.h"
#include "cli/verbs.h"
#include "pipeline/diff.h"
#include "pipeline/trace.h"
#include "reader/sql.h"
#include "reader/work.h"
#include "release/store.h"
#include "table/read.h"

namespace bullion::cli {
namespace {

using engine::quote_name;

constexpr int64_t kShowLimit = 200;

std::string column_list(const std::vector<std::string>& columns) {
  if (columns.empty()) return "*";
  std::vector<std::string> quoted;
  for (const std::string& column : columns) quoted.push_back(quote_name(column));
  return fmt::format("{}", fmt::join(quoted, ", "));
}

/// Rows in a stable order: by the grain, with NULLs first.
std::string order_clause(const project::Project& project, const std::string& table) {
  const project::Contract* contract = project.find_contract(table);
  if (contract == nullptr || contract->grain.empty()) return "";
  std::vector<std::string> keys;
  for (const std::string& key : contract->grain) keys.push_back(quote_name(key) + " NULLS FIRST");
  return fmt::format(" ORDER BY {}", fmt::join(keys, ", "));
}

int print(Session& session, const std::string& sql, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_TRY(print_query(session.engine(), sql, format));
  return kOk;
}

/// The engine's plan; its last column is a drawing.
int explain(Session& session, const std::string& sql) {
  BULLION_CLI_ASSIGN(const engine::Rows plan, session.engine().query("EXPLAIN " + sql));
  for (const auto& row : plan.rows) put(engine::to_text(row.back()));
  return kOk;
}

}  // namespace

int show_table(const GlobalOptions& global, const ReadOptions& read) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const release::Record record, session->release(read.release));
  BULLION_CLI_ASSIGN(const release::TableVersion table, reader::find_table(record, read.table));
  BULLION_CLI_ASSIGN(const std::string relation,
                     pipeline::table_sql_at(session->env(), table.path, table.version));
  BULLION_CLI_TRY(pipeline::create_view(session->engine(), read.table, relation));
  const std::string where = read.where.empty() ? "" : " WHERE " + read.where;
  const bool limited = !read.limit && read.output == "table";
  const int64_t limit = read.limit.value_or(kShowLimit);
  std::string sql =
      fmt::format("SELECT {} FROM {}{}{}", column_list(read.columns), quote_name(read.table), where,
                  order_clause(session->project(), read.table));
  if (read.limit || limited) sql += fmt::format(" LIMIT {}", limit);
  const int code = print(*session, sql, read.output);
  if (code == kOk && limited && table.rows > limit && read.where.empty()) {
    complain(fmt::format("The first {} of {} rows; --limit N shows more, --output csv all.", limit,
                         table.rows));
  }
  return code;
}

int query(const GlobalOptions& global, const std::string& sql, const ReadOptions& read) {
  const GlobalOptions limited = with_query_memory(global);
  BULLION_CLI_ASSIGN(const auto session, Session::open(limited));
  // The parser takes SELECT statements only, so that a query can neither write nor attach files.
  const Status select = reader::expect_one_select(session->engine(), sql);
  if (!select) return fail(select.error().within("query"));
  BULLION_CLI_ASSIGN(const release::Record record, session->release(read.release));
  BULLION_CLI_TRY(pipeline::create_release_views(session->env(), record));
  if (read.explain) return explain(*session, sql);
  return print_within_memory(*session, limited, sql, read.output);
}

int list_releases(const GlobalOptions& global, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  const release::Store store(session->env().lake, session->clock(), nullptr);
  BULLION_CLI_ASSIGN(const auto records, store.list());
  engine::Rows rows;
  for (const char* name : {"release", "when", "who", "status", "what", "money"}) {
    rows.schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  }
  for (const release::Record& record : records) {
    std::vector<std::string> money;
    for (const release::MoneyChange& change : record.money) {
      if (record.tables.contains(change.table) && record.tables.at(change.table).layer == "gold" &&
          change.before != change.after) {
        money.push_back(fmt::format("{}: {} -> {} {}", change.table, to_string(change.before),
                                    to_string(change.after), change.currency));
      }
    }
    rows.rows.push_back({record.number, format_timestamp(record.created_at_us).substr(0, 19) + "Z",
                         record.user, std::string(record.is_void ? "void" : "published"),
                         record.is_void ? record.void_reason : record.summary,
                         fmt::format("{}", fmt::join(money, "; "))});
  }
  put(format_rows(rows, format));
  return kOk;
}

int diff(const GlobalOptions& global, int64_t before, int64_t after,
         const pipeline::RowDiffOptions& rows, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  if (rows.table.empty() && (!rows.by.empty() || !rows.where.empty())) {
    return fail(invalid("--by and --where need --table"));
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  release::Record first;  // release 0: the empty lake before the first
  if (before != 0) {
    BULLION_CLI_ASSIGN(first, session->release(before));
  }
  BULLION_CLI_ASSIGN(const release::Record second, session->release(after));
  if (!rows.table.empty()) {
    const std::optional<release::Record> base = before == 0 ? std::nullopt : std::optional(first);
    BULLION_CLI_ASSIGN(
        const engine::Rows groups,
        pipeline::diff_groups(session->env(), session->project(), base, second, rows));
    if (groups.rows.empty() && format == OutputFormat::Table) {
      say(fmt::format("{} is the same in both releases.", rows.table));
      return kOk;
    }
    put(format_rows(groups, format));
    return kOk;
  }
  BULLION_CLI_ASSIGN(const pipeline::DiffOutcome outcome,
                     pipeline::diff_releases(session->env(), session->project(), first, second));
  put(format_rows(pipeline::diff_rows(outcome), format));
  return kOk;
}

int list_quarantine(const GlobalOptions& global, const ReadOptions& read) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  const reader::Reader reader(session->env(), session->project(), session->engine());
  BULLION_CLI_ASSIGN(const auto rows, reader::quarantine_rows(reader, read.table));
  if (!rows) {
    if (read.output == "table") say("Nothing is in quarantine.");
    return kOk;
  }
  std::string sql = fmt::format(
      "SELECT source, batch_id, file, record, line, reasons, amount, raw FROM ({}){} ORDER BY "
      "source, "
      "file, record, line",
      *rows, read.where.empty() ? "" : " WHERE " + read.where);
  if (read.limit) sql += fmt::format(" LIMIT {}", *read.limit);
  return print(*session, sql, read.output);
}

int trace_rows(const GlobalOptions& global, const std::vector<std::string>& filters,
               const ReadOptions& read) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const release::Record record, session->release(read.release));
  std::map<std::string, std::string> filter;
  for (const std::string& pair : filters) {
    const size_t equals = pair.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(invalid(fmt::format("{}: expected column=value", pair)));
    }
    filter[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  BULLION_CLI_ASSIGN(const pipeline::TraceOutcome outcome,
                     pipeline::trace(session->env(), session->project(), record, read.table, filter,
                                     read.limit.value_or(20), read.through));
  put(trace_text(outcome));
  return is_sound(outcome) ? kOk : kTestFailed;
}

int read_delta_table(const GlobalOptions& global, const ReadOptions& read) {
  std::string path = read.table;
  std::optional<int64_t> version;
  const size_t at = path.rfind('@');
  if (at != std::string::npos) {
    const std::string digits = path.substr(at + 1);
    int64_t number = 0;
    const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (fault != std::errc{} || end != digits.data() + digits.size()) {
      return fail(invalid(fmt::format("{}: expected PATH or PATH@VERSION", read.table)));
    }
    version = number;
    path.resize(at);
  }
  BULLION_CLI_ASSIGN(const table::RowFormat format, table::parse_row_format(read.output));
  if (format == table::RowFormat::Parquet && read.file.empty() && output_is_terminal()) {
    return fail(invalid("Parquet is not for a terminal; name a file with --file"));
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open_without_project(global));
  const std::filesystem::path folder = std::filesystem::absolute(path).lexically_normal();
  const std::string name =
      folder.has_filename() ? folder.filename().string() : folder.parent_path().filename().string();
  const std::string parent = folder.has_filename() ? folder.parent_path().string()
                                                   : folder.parent_path().parent_path().string();
  const auto files = storage::local_file_system(parent);
  const delta::Log log(*files, name, session->clock(), session->codec());
  if (read.file.empty()) {
    BULLION_CLI_TRY(table::read_table(*files, session->engine(), log, version, format,
                                      [](std::string_view bytes) -> Status {
                                        put(bytes);
                                        return ok();
                                      }));
    return kOk;
  }
  const std::filesystem::path target = std::filesystem::absolute(read.file);
  const auto target_files = storage::local_file_system(target.parent_path().string());
  BULLION_CLI_ASSIGN(const auto writer, target_files->create_stream(target.filename().string()));
  BULLION_CLI_TRY(
      table::read_table(*files, session->engine(), log, version, format,
                        [&writer](std::string_view bytes) { return writer->append(bytes); }));
  BULLION_CLI_TRY(writer->finish());
  return kOk;
}

}  // namespace bullion::cli
