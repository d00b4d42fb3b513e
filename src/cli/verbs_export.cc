// export: a table at a release as CSV, XLSX, Parquet or SQL for a warehouse.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/progress.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "exports/ddl.h"
#include "exports/export.h"
#include "exports/output_file.h"
#include "reader/exporting.h"

namespace bullion::cli {
namespace {

enum class ExportKind { Xlsx, Csv, Parquet, Ddl };

constexpr const char* kStandardOutput = "-";

Result<ExportKind> kind_of(const ExportOptions& options) {
  const int asked = static_cast<int>(options.xlsx) + static_cast<int>(options.csv) +
                    static_cast<int>(options.parquet) + static_cast<int>(!options.ddl.empty());
  if (asked != 1) {
    return invalid("export: expected one of --xlsx, --csv, --parquet and --ddl DIALECT");
  }
  if (options.xlsx) return ExportKind::Xlsx;
  if (options.csv) return ExportKind::Csv;
  return options.parquet ? ExportKind::Parquet : ExportKind::Ddl;
}

/// Options that the chosen form would ignore.
Status refuse_idle_options(const ExportOptions& options, ExportKind kind) {
  const bool is_csv = kind == ExportKind::Csv;
  const bool is_ddl = kind == ExportKind::Ddl;
  const bool has_totals = is_csv || kind == ExportKind::Xlsx;
  const struct {
    bool given;
    bool useful;
    const char* words;
  } rules[] = {
      {!options.delimiter.empty(), is_csv, "--delimiter goes with --csv"},
      {options.byte_order_mark, is_csv, "--bom goes with --csv"},
      {options.raw, is_csv, "--raw goes with --csv; an XLSX holds texts as they are already"},
      {options.load, is_ddl, "--load goes with --ddl"},
      {!options.location.empty(), is_ddl, "--location goes with --ddl"},
      {!options.schema.empty(), is_ddl, "--schema goes with --ddl"},
      {!options.sums.empty(), has_totals, "--sum goes with --xlsx and --csv"},
      {!options.where.empty(), !is_ddl,
       "--where chooses rows, which --ddl has none of; it goes with --parquet"},
  };
  for (const auto& rule : rules) {
    if (rule.given && !rule.useful) return invalid(std::string("export: ") + rule.words);
  }
  return ok();
}

Result<char> delimiter_of(const std::string& text) {
  if (text.empty()) return ',';
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() == 1) return text.front();
  return invalid(fmt::format("--delimiter {}: expected one character or tab", text));
}

/// What the table is at a release, ready to be written in any form.
struct Exported {
  exports::Request request;
  std::vector<std::string> partition_columns;
  std::shared_ptr<reader::OpenRelease> release;  ///< keeps the relation alive
};

Result<Exported> exported_table(Session& session, const ExportOptions& options) {
  reader::Reader reader(session.env(), session.project(), session.engine());
  BULLION_TRY_ASSIGN(const auto release, reader.release(options.release));
  BULLION_TRY_ASSIGN(const auto table, release->table(options.table));
  Exported exported;
  BULLION_TRY_ASSIGN(exported.request, reader::export_request(reader, *release, *table));
  exported.release = release;
  exported.partition_columns = table->snapshot.metadata.partition_columns;
  exports::Request& request = exported.request;
  request.columns = options.columns;
  request.where = options.where;
  request.total_columns.insert(request.total_columns.end(), options.sums.begin(),
                               options.sums.end());
  return exported;
}

Result<std::string> ddl_of(const ExportOptions& options, const Exported& exported) {
  BULLION_TRY_ASSIGN(const exports::Dialect dialect, exports::parse_dialect(options.ddl));
  exports::DdlRequest request;
  request.table = options.table;
  request.schema = exported.request.schema;
  request.columns = options.columns;
  request.partition_columns = exported.partition_columns;
  request.provenance = exported.request.provenance;
  request.location = options.location;
  request.schema_name = options.schema;
  request.load = options.load;
  return exports::ddl(dialect, request);
}

exports::Progress progress_of(const Session& session, const Exported& exported) {
  const pipeline::Report report = session.env().report;
  if (!report) return {};
  const exports::Request& request = exported.request;
  const int64_t total = request.where.empty() ? request.provenance.table_rows : 0;
  return [report, total, table = request.table](int64_t rows) {
    report("export", table, rows, total);
  };
}

/// Writes the rows in the chosen form, to `file` or to standard output.
Result<exports::Summary> write(Session& session, const ExportOptions& options,
                               const Exported& exported, ExportKind kind,
                               exports::OutputFile* file) {
  const exports::Progress progress = progress_of(session, exported);
  if (kind == ExportKind::Xlsx) {
    return exports::export_xlsx(session.engine(), exported.request, {}, file->temporary_path(),
                                progress);
  }
  if (kind == ExportKind::Parquet) {
    return exports::export_parquet(session.engine(), exported.request, file->temporary_path());
  }
  exports::CsvOptions csv;
  BULLION_TRY_ASSIGN(csv.delimiter, delimiter_of(options.delimiter));
  csv.byte_order_mark = options.byte_order_mark;
  csv.raw = options.raw;
  return exports::export_csv(
      session.engine(), exported.request, csv,
      [file](std::string_view bytes) -> Status {
        if (file != nullptr) return file->append(bytes);
        put(bytes);
        return ok();
      },
      progress);
}

std::string total_text(const exports::Summary& summary, const exports::Total& total) {
  const std::string currency =
      summary.has_currencies ? " " + total.currency.value_or("(no currency)") : "";
  return fmt::format("{} = {}{}", total.column, total.sum, currency);
}

void tell(const exports::Summary& summary, const Exported& exported, const std::string& file) {
  const exports::Request& request = exported.request;
  std::string words = fmt::format("{} rows of {} at release {}{}", summary.rows, request.table,
                                  request.provenance.release, file.empty() ? "" : " -> " + file);
  for (const exports::Total& total : summary.totals) {
    words += "\n  sum: " + total_text(summary, total);
  }
  if (summary.totals_left_out) {
    words += fmt::format("\n  no sums: `{}` has more than {} values", request.currency_column,
                         exports::kCurrenciesMax);
  }
  if (summary.marked > 0) {
    words += fmt::format("\n  {} cells are text on yellow: a number cell would lose digits",
                         summary.marked);
  }
  if (summary.defused > 0) {
    words += fmt::format(
        "\n  {} texts look like formulas and got an apostrophe in front; --raw writes them as they "
        "are",
        summary.defused);
  }
  file.empty() ? complain(words) : say(words);
}

nlohmann::ordered_json last_line(const exports::Summary& summary, const Exported& exported,
                                 const std::string& file) {
  auto totals = nlohmann::ordered_json::array();
  for (const exports::Total& total : summary.totals) {
    nlohmann::ordered_json currency;
    if (total.currency) currency = *total.currency;
    totals.push_back({{"column", total.column},
                      {"currency", currency},
                      {"sum", total.sum},
                      {"rows", total.rows}});
  }
  nlohmann::ordered_json written;
  if (!file.empty()) written = file;
  const exports::Request& request = exported.request;
  return {{"status", "ok"},
          {"table", request.table},
          {"release", request.provenance.release},
          {"file", written},
          {"rows", summary.rows},
          {"sums", totals},
          {"marked", summary.marked},
          {"defused", summary.defused},
          {"sheets", summary.sheets}};
}

std::string default_file(const std::string& table, ExportKind kind) {
  switch (kind) {
    case ExportKind::Xlsx:
      return table + ".xlsx";
    case ExportKind::Csv:
      return table + ".csv";
    case ExportKind::Parquet:
      return table + ".parquet";
    case ExportKind::Ddl:
      break;
  }
  return kStandardOutput;
}

int export_ddl(Session& session, const ExportOptions& options, exports::OutputFile* file) {
  BULLION_CLI_ASSIGN(const Exported exported, exported_table(session, options));
  BULLION_CLI_ASSIGN(const std::string sql, ddl_of(options, exported));
  if (file == nullptr) {
    put(sql);
    return kOk;
  }
  BULLION_CLI_TRY(file->append(sql));
  BULLION_CLI_TRY(file->publish());
  say(fmt::format("{} for {} -> {}", options.table, options.ddl, file->path()));
  return kOk;
}

}  // namespace

int export_table(const GlobalOptions& global, const ExportOptions& options) {
  BULLION_CLI_ASSIGN(const ExportKind kind, kind_of(options));
  BULLION_CLI_TRY(refuse_idle_options(options, kind));
  if (kind == ExportKind::Ddl) BULLION_CLI_TRY(exports::parse_dialect(options.ddl));
  const std::string path = options.file.empty() ? default_file(options.table, kind) : options.file;
  const bool to_output = path == kStandardOutput;
  if (to_output && (kind == ExportKind::Xlsx || kind == ExportKind::Parquet)) {
    return fail(invalid("--file -: only --csv and --ddl can go to standard output"));
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  std::unique_ptr<exports::OutputFile> file;
  // Before the table is looked for, an option of the wrong name must not become a file.
  BULLION_CLI_ASSIGN(const release::Record record, session->release(options.release));
  BULLION_CLI_TRY(reader::find_table(record, options.table));
  if (!to_output) {
    BULLION_CLI_ASSIGN(file, exports::OutputFile::open(path, options.force, session->clock()));
  }
  if (kind == ExportKind::Ddl) return export_ddl(*session, options, file.get());
  BULLION_CLI_ASSIGN(const Exported exported, exported_table(*session, options));
  BULLION_CLI_ASSIGN(const exports::Summary summary,
                     write(*session, options, exported, kind, file.get()));
  if (file) BULLION_CLI_TRY(file->publish());
  clear_progress();
  const std::string written = file ? file->path() : "";
  tell(summary, exported, written);
  say_last_line(global, last_line(summary, exported, written),
                file ? OutputIs::Words : OutputIs::Document);
  return kOk;
}

}  // namespace bullion::cli
