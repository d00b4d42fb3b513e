#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/project_files.h"
#include "project/readers_internal.h"
#include "project/sql_tree_internal.h"

namespace bullion::project {
namespace {

std::vector<TextRow> read_rows(MapReader& reader, ProblemSink& problems) {
  std::vector<TextRow> rows;
  const YamlNode* list = reader.take("rows");
  if (list == nullptr || list->kind == YamlNode::Kind::Null) return rows;
  if (list->kind != YamlNode::Kind::List) {
    problems.error(
        list->mark, "yaml-type",
        fmt::format("`rows` must be a list of {{column: value}}, found {}", kind_name(list->kind)));
    return rows;
  }
  for (const YamlNode& item : list->items) {
    TextRow row;
    const MapReader shape(item, "a row", problems);
    for (const YamlEntry& cell : item.entries) {
      if (cell.value.kind == YamlNode::Kind::Null) {
        row[cell.key] = std::nullopt;
      } else if (cell.value.kind == YamlNode::Kind::Scalar) {
        row[cell.key] = cell.value.text;
      } else {
        problems.error(cell.value.mark, "yaml-type",
                       fmt::format("the value of `{}` must be text, found {}", cell.key,
                                   kind_name(cell.value.kind)));
      }
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

void read_given(MapReader& test, ProblemSink& problems, UnitTest& out) {
  const YamlNode* given = test.take("given");
  if (given == nullptr) return;
  if (given->kind != YamlNode::Kind::List && given->kind != YamlNode::Kind::Null) {
    problems.error(given->mark, "yaml-type", "`given` must be a list of {input, rows}");
  }
  for (const YamlNode& item : given->items) {
    MapReader input(item, "an item of `given`", problems);
    const std::string text = input.required_text("input");
    const std::string table = table_of_reference(text);
    if (table.empty() && !text.empty()) {
      problems.error(input.mark_of("input"), "yaml-value",
                     fmt::format("`input` is `{}`; expected a table name or ref('table')", text));
    }
    input.choice("format", {"dict"}, "");
    std::vector<TextRow> rows = read_rows(input, problems);
    input.finish();
    if (table.empty()) continue;
    if (out.given.count(table) != 0) {
      problems.error(input.mark_of("input"), "name-duplicate",
                     fmt::format("input `{}` is given twice", table));
    }
    out.given[table] = std::move(rows);
  }
}

void read_unit_test(const YamlNode& node, ProblemSink& problems, Project& project) {
  MapReader test(node, "a unit test", problems);
  UnitTest out;
  out.name = test.required_text("name");
  out.location = problems.at(test.mark_of("name"));
  test.text("description");
  const std::string model = test.text("model");
  out.model = table_of_reference(model);
  out.sql = test.text("sql");
  if (model.empty() == out.sql.empty()) {
    problems.error(node.mark, "yaml-missing-key",
                   fmt::format("unit test `{}` needs either `model:`, the model that it tests, or "
                               "`sql:`, a SELECT that uses the macros it tests",
                               out.name));
  }
  if (!out.sql.empty()) out.sql_location = problems.at(test.mark_of("sql"));
  read_given(test, problems, out);
  const YamlNode nothing{.kind = YamlNode::Kind::Map, .mark = node.mark};
  const YamlNode* expect = test.take("expect");
  if (expect == nullptr) {
    problems.error(node.mark, "yaml-missing-key",
                   fmt::format("unit test `{}` needs `expect: {{rows: [...]}}`", out.name));
  }
  MapReader expected(expect != nullptr ? *expect : nothing, "`expect`", problems);
  expected.choice("format", {"dict"}, "");
  out.expect = read_rows(expected, problems);
  expected.finish();
  test.finish();
  if (out.name.empty() || model.empty() == out.sql.empty()) return;
  project.unit_tests.push_back(std::move(out));
}

/// Reports columns of rows that the contract does not have.
void check_row_columns(const std::vector<TextRow>& rows, const Contract& contract, bool is_source,
                       const UnitTest& test, std::vector<Problem>& problems) {
  std::set<std::string> reported;
  for (const TextRow& row : rows) {
    for (const auto& [column, value] : row) {
      const bool own =
          is_source && (column == "_batch_id" || column == "_file_id" || column == "_extra");
      if (own || find_column(contract.columns, column) >= 0) continue;
      if (!reported.insert(column).second) continue;
      problems.push_back(
          {test.location, Severity::Error, "column-unknown",
           fmt::format("unit test `{}`: `{}` is no column of `{}`{}", test.name, column,
                       contract.name, did_you_mean(column, column_names(contract.columns)))});
    }
  }
}

/// Given tables of a test with `sql`: those of the project have its columns, others any.
void check_given(const Project& project, const UnitTest& test, std::vector<Problem>& problems) {
  for (const auto& [input, rows] : test.given) {
    if (!contains(test.reads, input)) {
      problems.push_back(
          {test.location, Severity::Error, "table-unknown",
           fmt::format("unit test `{}` gives `{}`, which its SQL does not read{}; "
                       "it reads: {}",
                       test.name, input, did_you_mean(input, test.reads), join_names(test.reads))});
      continue;
    }
    const Contract* contract = project.find_contract(input);
    if (contract == nullptr) continue;
    check_row_columns(rows, *contract, project.find_source(input) != nullptr, test, problems);
  }
}

std::vector<std::string> names_of_given(const UnitTest& test) {
  std::vector<std::string> names;
  for (const auto& [input, rows] : test.given) names.push_back(input);
  return names;
}

void link_unit_tests(const Project& project, const std::set<std::string>& unclear,
                     std::vector<Problem>& problems) {
  const std::vector<std::string> models = names_of(project.models);
  std::set<std::string> names;
  for (const UnitTest& test : project.unit_tests) {
    if (!names.insert(test.name).second) {
      problems.push_back({test.location, Severity::Error, "name-duplicate",
                          fmt::format("two unit tests are named `{}`", test.name)});
    }
    if (!test.sql.empty()) {
      check_given(project, test, problems);
      continue;
    }
    const Model* model = project.find_model(test.model);
    if (model == nullptr) {
      problems.push_back({test.location, Severity::Error, "table-unknown",
                          fmt::format("unit test `{}` tests `{}`, which is no model{}", test.name,
                                      test.model, did_you_mean(test.model, models))});
      continue;
    }
    check_row_columns(test.expect, model->contract, false, test, problems);
    if (unclear.contains(test.model)) continue;
    for (const auto& [input, rows] : test.given) {
      const Contract* contract = project.find_contract(input);
      if (contract == nullptr || !contains(model->depends_on, input)) {
        problems.push_back(
            {test.location, Severity::Error, "table-unknown",
             fmt::format("unit test `{}` gives `{}`, which `{}` does not read{}; it "
                         "reads: {}",
                         test.name, input, test.model, did_you_mean(input, model->depends_on),
                         join_names(model->depends_on))});
        continue;
      }
      check_row_columns(rows, *contract, project.find_source(input) != nullptr, test, problems);
    }
  }
}

void link_relationship(const Project& project, DataTest& test, std::vector<Problem>& problems) {
  if (test.to_table.empty()) return;
  const Contract* to = project.find_contract(test.to_table);
  if (to == nullptr) {
    problems.push_back({test.location, Severity::Error, "table-unknown",
                        fmt::format("relationships: there is no table `{}`{}", test.to_table,
                                    did_you_mean(test.to_table, project.table_names()))});
    return;
  }
  test.depends_on.push_back(test.to_table);
  if (test.to_column.empty() || find_column(to->columns, test.to_column) >= 0) return;
  problems.push_back(
      {test.location, Severity::Error, "column-unknown",
       fmt::format("relationships: `{}` is no column of `{}`{}", test.to_column, test.to_table,
                   did_you_mean(test.to_column, column_names(to->columns)))});
}

std::string generic_name(const DataTest& test) {
  std::string name = test.kind + "_" + test.table;
  for (const std::string& column : test.columns) name += "_" + column;
  if (!test.to_table.empty()) name += "_" + test.to_table;
  return name;
}

/// "-- severity: warn" in the first line.
std::string severity_comment(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (!line.starts_with("--")) return "";
  line.remove_prefix(2);
  const size_t key = line.find("severity:");
  if (key == std::string_view::npos) return "";
  std::string value = lower(line.substr(key + 9));
  value.erase(std::remove_if(value.begin(), value.end(),
                             [](char c) { return c == ' ' || c == '\t' || c == '\r'; }),
              value.end());
  return value;
}

}  // namespace

void read_unit_test_list(const YamlNode& list, ProblemSink& problems, Project& project) {
  if (list.kind != YamlNode::Kind::List && list.kind != YamlNode::Kind::Null) {
    problems.error(list.mark, "yaml-type",
                   fmt::format("`unit_tests` must be a list, found {}", kind_name(list.kind)));
  }
  for (const YamlNode& item : list.items) read_unit_test(item, problems, project);
}

void read_unit_tests(std::string_view text, ProblemSink& problems, Project& project) {
  const YamlNode document = read_yaml(text, problems);
  if (document.kind == YamlNode::Kind::Null) return;
  MapReader top(document, problems.file(), problems);
  top.take("version");
  const YamlNode* list = top.take("unit_tests");
  if (list != nullptr) read_unit_test_list(*list, problems, project);
  top.finish();
}

void read_unit_test_sql(engine::Engine& engine, Project& project, std::vector<Problem>& problems) {
  for (UnitTest& test : project.unit_tests) {
    if (test.sql.empty()) continue;
    // The text stands indented in a YAML file: a mistake in it is told with the place of `sql:`.
    std::vector<Problem> found;
    ProblemSink sink(test.sql_location.file, found);
    const ResolvedSql sql = resolve_templates(test.sql, project, sink);
    std::optional<Json> query;
    if (found.empty()) query = parse_select(sql, engine, sink);
    for (const TableUse& use : query ? table_uses(*query) : std::vector<TableUse>{}) {
      const std::string name = lower(use.table);
      const bool known = test.given.contains(name) || project.find_contract(name) != nullptr;
      if (!known || !use.qualifier.empty()) {
        sink.error({}, "table-unknown",
                   fmt::format("there is no table `{}`{}; give its rows in `given`", use.table,
                               did_you_mean(use.table, project.table_names())));
      } else if (!contains(test.reads, name)) {
        test.reads.push_back(name);
      }
    }
    for (Problem& problem : found) {
      // A mistake inside a macro has its place there.
      if (problem.location.file == test.sql_location.file) problem.location = test.sql_location;
      problem.message = fmt::format("unit test `{}`: {}", test.name, problem.message);
      problems.push_back(std::move(problem));
    }
    // What it reads is not known then, so that no table is one that it does not read.
    if (!found.empty()) test.reads = names_of_given(test);
    test.sql = sql.text;
    test.macros = sql.macros;
  }
}

void read_sql_test(const std::string& file, std::string_view text, engine::Engine& engine,
                   ProblemSink& problems, Project& project) {
  const size_t before = problems.list().size();
  const ResolvedSql sql = resolve_templates(text, project, problems);
  if (problems.list().size() != before) return;
  const auto query = parse_select(sql, engine, problems);
  if (!query) return;
  DataTest test;
  test.name = stem_of(file);
  test.kind = "sql";
  test.sql = sql.text;
  test.location = {file, 1, 0};
  const std::string comment = severity_comment(text);
  const std::string severity = comment.empty() ? sql.config_severity : comment;
  if (severity == "warn") {
    test.severity = Severity::Warn;
  } else if (!severity.empty() && severity != "error") {
    problems.error({1, 1}, "yaml-value",
                   fmt::format("severity is `{}`{}; expected warn or error", severity,
                               did_you_mean(severity, {"warn", "error"})));
  }
  for (const TableUse& use : table_uses(*query)) {
    const std::string name = lower(use.table);
    if (project.find_contract(name) == nullptr || !use.qualifier.empty()) {
      problems.error(use.offset ? sql.mark_at(*use.offset) : Mark{1, 1}, "table-unknown",
                     fmt::format("there is no table `{}`{}", use.table,
                                 did_you_mean(use.table, project.table_names())));
    } else if (!contains(test.depends_on, name)) {
      test.depends_on.push_back(name);
    }
  }
  if (test.depends_on.empty()) {
    if (problems.list().size() == before) {
      problems.error({1, 1}, "test-unknown", "the test reads no table of the project");
    }
    return;
  }
  test.table = test.depends_on[0];
  project.data_tests.push_back(std::move(test));
}

void link_tests(Project& project, const std::set<std::string>& unclear,
                std::vector<Problem>& problems) {
  std::set<std::string> names;
  for (DataTest& test : project.data_tests) {
    link_relationship(project, test, problems);
    if (test.name.empty()) continue;
    if (!names.insert(test.name).second) {
      problems.push_back({test.location, Severity::Error, "name-duplicate",
                          fmt::format("two data tests are named `{}`", test.name)});
    }
  }
  for (DataTest& test : project.data_tests) {
    if (!test.name.empty()) continue;
    const std::string base = generic_name(test);
    test.name = base;
    for (int i = 2; !names.insert(test.name).second; ++i) test.name = fmt::format("{}_{}", base, i);
  }
  link_unit_tests(project, unclear, problems);
}

}  // namespace bullion::project
