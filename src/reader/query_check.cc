// check_queries: what can be said about saved queries without running them.
#include <algorithm>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "pipeline/ops_tables.h"
#include "pipeline/outside_tables.h"
#include "project/bind_selects.h"
#include "reader/parameter_values_internal.h"
#include "reader/sql_guard_internal.h"

namespace bullion::reader {
namespace {

using project::Problem;

/// A value that its type allows, for a parameter without a default. Any text may be compared with
/// anything, so that NULL is the only one that never fails.
std::optional<std::string> sample_of(const std::string& type) {
  if (type == "integer" || type == "decimal") return "1";
  if (type == "date") return "2000-01-01";
  if (type == "timestamp") return "2000-01-01T00:00:00Z";
  if (type == "boolean") return "true";
  return std::nullopt;
}

class QueryCheck {
 public:
  QueryCheck(const project::Project& project, const SavedQuery& query, engine::Engine& engine,
             std::vector<Problem>& problems)
      : project_(project),
        query_(query),
        engine_(engine),
        problems_(problems),
        before_(problems.size()) {}

  void run() {
    const auto tree = tree_of(engine_, query_.sql);
    if (!tree) return report_at(tree.error().message());
    const auto inputs = inputs_of(*tree);
    if (!inputs) return report_at(inputs.error().message());
    check_parameters(*inputs);
    check_tables(*inputs);
    make_outside(*inputs);
    if (problems_.size() != before_) return;
    SqlRequest request{.sql = query_.sql, .parameters = {}};
    for (const SavedQuery::Parameter& parameter : query_.parameters) {
      request.parameters.push_back(
          {parameter.name, literal_type(parameter.type),
           parameter.default_value ? parameter.default_value : sample_of(parameter.type)});
    }
    const auto filled = filled_in(engine_, *tree, *inputs, request);
    if (!filled) return report(query_.line, filled.error().message());
    std::vector<Problem> found = bind(*filled);
    if (found.empty()) return;
    // The engine has written that SQL on one line, and does not say where parameters stand.
    const std::vector<Problem> placed = bind(on_their_lines(request));
    if (!placed.empty()) found = placed;
    for (Problem& problem : found) {
      // A value is longer or shorter than the name it stands for.
      if (!query_.parameters.empty()) problem.location.column = 0;
      problems_.push_back(std::move(problem));
    }
  }

 private:
  void report(int line, std::string message) {
    problems_.push_back({.location = {.file = "queries/" + query_.name + ".sql", .line = line},
                         .severity = project::Severity::Error,
                         .code = "query",
                         .message = std::move(message)});
  }

  int line_of(size_t offset) const {
    const auto end =
        query_.sql.begin() + static_cast<std::ptrdiff_t>(std::min(offset, query_.sql.size()));
    return query_.line + static_cast<int>(std::count(query_.sql.begin(), end, '\n'));
  }

  /// A message that ends with " (position n)".
  void report_at(std::string message) {
    constexpr std::string_view kWord = " (position ";
    const size_t at = message.rfind(kWord);
    if (at == std::string::npos) return report(query_.line, std::move(message));
    size_t position = 0;
    std::from_chars(message.data() + at + kWord.size(), message.data() + message.size(), position);
    report(line_of(position), message.substr(0, at));
  }

  void check_parameters(const SqlInputs& inputs) {
    std::vector<std::string> names;
    for (const SavedQuery::Parameter& parameter : query_.parameters) {
      names.push_back(parameter.name);
      if (!inputs.parameters.contains(parameter.name)) {
        report(parameter.line,
               fmt::format("the parameter `{}` does not stand in the SQL; write ${} or remove it",
                           parameter.name, parameter.name));
      }
      check_table_of(parameter);
      if (!parameter.default_value) continue;
      const auto literal = parameter_literal(
          {parameter.name, literal_type(parameter.type), parameter.default_value});
      if (!literal) report(parameter.line, "the default: " + literal.error().message());
    }
    for (const std::string& name : inputs.parameters) {
      if (std::ranges::find(names, name) != names.end()) continue;
      const size_t at = query_.sql.find("$" + name);
      report(line_of(at == std::string::npos ? 0 : at),
             fmt::format("the parameter ${} is not declared{}; add `-- parameter: {} TYPE` to the "
                         "head",
                         name, did_you_mean(name, names), name));
    }
  }

  /// A table that a parameter takes its values from.
  void check_table_of(const SavedQuery::Parameter& parameter) {
    if (parameter.table.empty()) return;
    const project::Contract* found = project_.find_contract(parameter.table);
    if (found == nullptr) {
      return report(parameter.line,
                    fmt::format("the project has no table `{}`{}", parameter.table,
                                did_you_mean(parameter.table, project_.table_names())));
    }
    if (delta::column_named(found->columns, parameter.column) != nullptr) return;
    report(parameter.line,
           fmt::format("the table `{}` has no column `{}`{}", parameter.table, parameter.column,
                       did_you_mean(parameter.column, delta::column_names(found->columns))));
  }

  /// The SQL with every $name replaced, in texts too: good enough to find a line.
  std::string on_their_lines(const SqlRequest& request) const {
    std::string sql = query_.sql;
    for (const SqlParameter& parameter : request.parameters) {
      const auto literal = parameter_literal(parameter);
      const std::string name = "$" + parameter.name;
      for (size_t at = sql.find(name); literal && at != std::string::npos;
           at = sql.find(name, at + literal->size())) {
        sql.replace(at, name.size(), *literal);
      }
    }
    return sql;
  }

  /// A name that is nobody's table would be taken for a file.
  void check_tables(const SqlInputs& inputs) {
    const std::vector<std::string> names = project_.table_names();
    for (const std::string& name : inputs.tables) {
      const bool is_known = std::ranges::any_of(
          names, [&](const std::string& known) { return lower(known) == lower(name); });
      if (is_known) continue;
      const size_t at = query_.sql.find(name);
      report(line_of(at == std::string::npos ? 0 : at),
             fmt::format("the project has no table `{}`{}", name, did_you_mean(name, names)));
    }
  }

  /// What a run makes beside the release, empty; a name that no run makes is a mistake.
  void make_outside(const SqlInputs& inputs) {
    const std::map<std::string, delta::Schema> ops = pipeline::ops_schemas();
    for (const auto& [schema, name] : inputs.outside) {
      std::vector<std::string> names;
      if (schema == "ops") {
        for (const auto& [table, columns] : ops) names.push_back(table);
      } else {
        names = project::names_of(project_.sources);
      }
      if (std::ranges::find(names, name) == names.end()) {
        const size_t at = query_.sql.find(name);
        report(line_of(at == std::string::npos ? 0 : at),
               fmt::format("there is no table {}.{}{}", schema, name, did_you_mean(name, names)));
        continue;
      }
      const Status made = pipeline::create_empty_view(
          engine_, schema, name, schema == "ops" ? ops.at(name) : pipeline::quarantine_schema());
      if (!made) report(query_.line, made.error().message());
    }
  }

  std::vector<Problem> bind(const std::string& sql) const {
    const std::string file = "queries/" + query_.name + ".sql";
    return project::bind_selects(project_, {{.file = file, .line = query_.line, .sql = sql}},
                                 engine_);
  }

  const project::Project& project_;
  const SavedQuery& query_;
  engine::Engine& engine_;
  std::vector<Problem>& problems_;
  const size_t before_;
};

}  // namespace

std::vector<Problem> check_queries(const project::Project& project, engine::Engine& engine) {
  SavedQueries found = load_queries(project);
  for (const SavedQuery& query : found.queries) {
    QueryCheck(project, query, engine, found.problems).run();
  }
  std::ranges::stable_sort(found.problems, [](const Problem& a, const Problem& b) {
    return std::tie(a.location.file, a.location.line) < std::tie(b.location.file, b.location.line);
  });
  return std::move(found.problems);
}

}  // namespace bullion::reader
