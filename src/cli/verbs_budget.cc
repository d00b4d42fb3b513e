// budget template: a saved query as a sheet that people fill in and give back.
#include "cli/verbs_budget.h"

#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/saved_query.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "exports/output_file.h"
#include "exports/wide_sheet.h"
#include "pipeline/environment.h"
#include "reader/exporting.h"
#include "reader/sql.h"

namespace bullion::cli {
namespace {

constexpr const char* kQuery = "budget_template";
constexpr const char* kCurrencyColumn = "currency";

Status check(const TemplateOptions& options) {
  if (options.xlsx != options.csv) return ok();
  return invalid("budget template: expected one of --xlsx and --csv");
}

std::vector<std::string> parameters_of(const TemplateOptions& options) {
  std::vector<std::string> parameters = options.parameters;
  if (!options.year.empty()) parameters.push_back("year=" + options.year);
  if (!options.version.empty()) parameters.push_back("version=" + options.version);
  if (!options.from.empty()) parameters.push_back("from=" + options.from);
  return parameters;
}

Result<exports::WideRequest> request_of(Session& session, const TemplateOptions& options,
                                        const release::Record& record) {
  const reader::SavedQueries saved = reader::load_queries(session.project());
  BULLION_TRY_ASSIGN(const reader::SavedQuery query, find_query(saved, kQuery));
  BULLION_TRY_ASSIGN(const auto values, parameter_values(parameters_of(options)));
  BULLION_TRY_ASSIGN(const reader::SqlRequest filled, reader::request_of(query, values));
  exports::WideRequest request;
  request.title = query.title;
  request.sheet = "Budget";
  request.currency_column = kCurrencyColumn;
  request.provenance = reader::provenance_of(session.project(), record, session.env().user);
  request.facts.emplace_back("Query", fmt::format("queries/{}.sql", kQuery));
  std::vector<std::string> chosen;
  for (const reader::SqlParameter& parameter : filled.parameters) {
    const std::string value = parameter.value.value_or("NULL");
    request.facts.emplace_back("Parameter " + parameter.name, value);
    chosen.push_back(parameter.name + " " + value);
  }
  request.notes = {
      fmt::format("{}", fmt::join(chosen, ", ")),
      fmt::format("Made of release {} of {}. Change amounts, add or remove lines; keep the names "
                  "of the columns, and put the file back into the folder of the source.",
                  record.number, session.project().name)};
  BULLION_TRY(pipeline::create_release_views(session.env(), record));
  BULLION_TRY(check_values(session.engine(), record, query, filled));
  auto sql = reader::fill_parameters(session.engine(), filled);
  if (!sql) return std::move(sql).error().within(fmt::format("queries/{}.sql", kQuery));
  request.sql = *std::move(sql);
  return request;
}

}  // namespace

int write_budget_template(const GlobalOptions& global, const TemplateOptions& options) {
  BULLION_CLI_TRY(check(options));
  const std::string path = !options.file.empty()
                               ? options.file
                               : fmt::format("{}.{}", kQuery, options.xlsx ? "xlsx" : "csv");
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const release::Record record, session->release(options.release));
  BULLION_CLI_ASSIGN(const exports::WideRequest request, request_of(*session, options, record));
  BULLION_CLI_ASSIGN(const auto file,
                     exports::OutputFile::open(path, options.force, session->clock()));
  BULLION_CLI_ASSIGN(
      const exports::WideSummary summary,
      options.xlsx
          ? exports::export_wide_xlsx(session->engine(), request, file->temporary_path())
          : exports::export_wide_csv(session->engine(), request, [&file](std::string_view bytes) {
              return file->append(bytes);
            }));
  BULLION_CLI_TRY(file->publish());
  std::string words = fmt::format("{} lines and {} columns at release {} -> {}", summary.lines,
                                  summary.columns, record.number, file->path());
  auto sums = nlohmann::ordered_json::array();
  for (const exports::Total& total : summary.totals) {
    words += fmt::format("\n  sum: {} {}", total.sum, total.currency.value_or(""));
    sums.push_back({{"currency", total.currency.value_or("")}, {"sum", total.sum}});
  }
  say(words);
  say_last_line(global,
                {{"status", "ok"},
                 {"release", record.number},
                 {"file", file->path()},
                 {"lines", summary.lines},
                 {"columns", summary.columns},
                 {"sums", sums}},
                OutputIs::Words);
  return kOk;
}

}  // namespace bullion::cli
