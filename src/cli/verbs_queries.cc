// queries, variance: the saved queries of a project.
#include "cli/verbs_queries.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/failure.h"
#include "cli/query_memory.h"
#include "cli/result_output.h"
#include "cli/saved_query.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "pipeline/environment.h"
#include "reader/sql.h"

namespace bullion::cli {
namespace {

std::string shown(const reader::SavedQuery::Parameter& parameter) {
  return fmt::format(
      "{} {}{}{}", parameter.name, parameter.type,
      (parameter.choices.empty() ? "" : fmt::format(" of {}", fmt::join(parameter.choices, "|"))) +
          (parameter.table.empty() ? ""
                                   : fmt::format(" from {}.{}", parameter.table, parameter.column)),
      parameter.default_value ? " = " + *parameter.default_value : "");
}

int list_queries(const reader::SavedQueries& saved, OutputFormat format) {
  if (saved.queries.empty() && format == OutputFormat::Table) {
    say("The project has no saved queries; write them to queries/NAME.sql.");
    return kOk;
  }
  engine::Rows rows;
  for (const char* name : {"query", "title", "parameters", "description"}) {
    rows.schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  }
  for (const reader::SavedQuery& query : saved.queries) {
    std::vector<std::string> parameters;
    for (const auto& parameter : query.parameters) parameters.push_back(shown(parameter));
    rows.rows.push_back({query.name, query.title, fmt::format("{}", fmt::join(parameters, ", ")),
                         query.description});
  }
  put(format_rows(rows, format));
  return kOk;
}

}  // namespace

int run_saved_query(const GlobalOptions& global, const QueriesOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  const GlobalOptions limited = with_query_memory(global);
  BULLION_CLI_ASSIGN(const auto session, Session::open(limited));
  const reader::SavedQueries saved = reader::load_queries(session->project());
  for (const project::Problem& problem : saved.problems) complain(to_string(problem));
  if (options.name.empty()) {
    const int code = list_queries(saved, format);
    return code != kOk || saved.problems.empty() ? code : kUsage;
  }
  BULLION_CLI_ASSIGN(const reader::SavedQuery query, find_query(saved, options.name));
  BULLION_CLI_ASSIGN(const auto values, parameter_values(options.parameters));
  BULLION_CLI_ASSIGN(const reader::SqlRequest request, reader::request_of(query, values));
  BULLION_CLI_ASSIGN(const release::Record record, session->release(options.release));
  BULLION_CLI_TRY(pipeline::create_release_views(session->env(), record));
  BULLION_CLI_TRY(check_values(session->engine(), record, query, request));
  auto sql = reader::fill_parameters(session->engine(), request);
  if (!sql) return fail(std::move(sql).error().within(fmt::format("queries/{}.sql", query.name)));
  return print_within_memory(*session, limited, *sql, options.output);
}

}  // namespace bullion::cli
