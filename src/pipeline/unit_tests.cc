#include "pipeline/unit_tests.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "ingest/ingest.h"
#include "pipeline/typed_text.h"
#include "pipeline/version_order.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;
using engine::Value;

/// A value in the one form that equal values share, whatever the scale or width of their type.
std::string comparable_text(const Value& value) {
  if (engine::is_null(value)) return "null";
  if (const auto* whole = std::get_if<int64_t>(&value)) return fmt::format("{}", *whole);
  const auto* decimal = std::get_if<Decimal>(&value);
  if (decimal == nullptr) return engine::to_text(value);
  std::string text = to_string(*decimal);
  if (text.find('.') == std::string::npos) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

/// Rows as texts that are equal when the rows are, and the form people read.
struct Sheet {
  std::multimap<std::string, std::string> rows;  ///< comparable text -> shown text

  void add(const std::vector<std::string>& columns, const std::vector<Value>& row) {
    std::string key;
    std::vector<std::string> cells;
    for (size_t i = 0; i < columns.size(); ++i) {
      const std::string text = comparable_text(row.at(i));
      // The length keeps neighbours apart; a NULL is not the text "null".
      key += fmt::format("{}{}:{}", engine::is_null(row.at(i)) ? "n" : "", text.size(), text);
      cells.push_back(fmt::format(
          "{}: {}", columns[i], engine::is_null(row.at(i)) ? "null" : engine::to_text(row.at(i))));
    }
    rows.emplace(key, fmt::format("{{{}}}", fmt::join(cells, ", ")));
  }
};

/// The shown rows of `a` that `b` has no partner for.
std::vector<std::string> rows_only_in(const Sheet& a, const Sheet& b) {
  std::vector<std::string> only;
  for (auto row = a.rows.begin(); row != a.rows.end();) {
    const size_t here = a.rows.count(row->first);
    const size_t there = b.rows.count(row->first);
    for (size_t i = 0; i < here; ++i, ++row) {
      if (i >= there) only.push_back(row->second);
    }
  }
  return only;
}

class UnitTestRun {
 public:
  UnitTestRun(const Environment& env, const project::Project& project,
              const project::UnitTest& test)
      : env_(env), project_(project), test_(test) {}

  Result<UnitTestOutcome> run();

 private:
  Error wrong(const std::string& message) const {
    const std::string place = to_string(test_.location);
    return invalid(
        fmt::format("{}{}unit test {}: {}", place, place.empty() ? "" : ": ", test_.name, message));
  }
  Status find_subject();
  Result<delta::Schema> input_schema(const std::string& input) const;
  Result<std::string> rows_sql(const std::string& input) const;
  Result<std::vector<std::string>> compared_columns() const;
  Result<Sheet> expected_rows(const std::vector<std::string>& columns) const;
  Status read_result(const std::vector<std::string>& columns, Sheet& actual) const;
  Status compare(UnitTestOutcome& outcome);

  const Environment& env_;
  const project::Project& project_;
  const project::UnitTest& test_;
  const project::Model* model_ = nullptr;  ///< nullptr: the test has SQL of its own
  std::vector<std::string> inputs_;
  delta::Schema schema_;  ///< of the result
};

/// What is tested, and what it reads.
Status UnitTestRun::find_subject() {
  if (!test_.sql.empty()) {
    inputs_ = test_.reads;
    return ok();
  }
  model_ = project_.find_model(test_.model);
  if (model_ == nullptr) {
    return wrong(fmt::format("there is no model `{}`{}", test_.model,
                             did_you_mean(test_.model, project::names_of(project_.models))));
  }
  inputs_ = model_->depends_on;
  schema_ = model_->contract.columns;
  for (const auto& [input, rows] : test_.given) {
    if (std::find(inputs_.begin(), inputs_.end(), input) != inputs_.end()) continue;
    return wrong(fmt::format("model {} does not read `{}`{}; it reads {}", test_.model, input,
                             did_you_mean(input, inputs_), fmt::join(inputs_, ", ")));
  }
  return ok();
}

/// A table that stands only in a test: the columns that its rows name, all of them text.
delta::Schema text_columns(const std::vector<project::TextRow>& rows) {
  std::map<std::string, delta::Column> columns;
  for (const project::TextRow& row : rows) {
    for (const auto& [name, text] : row) {
      columns[name] = {.name = name, .type = {}, .nullable = true, .metadata_json = "{}"};
    }
  }
  delta::Schema schema;
  for (auto& [name, column] : columns) schema.push_back(std::move(column));
  return schema;
}

Result<delta::Schema> UnitTestRun::input_schema(const std::string& input) const {
  if (const project::Source* source = project_.find_source(input)) {
    return project::bronze_schema(*source);
  }
  const project::Contract* contract = project_.find_contract(input);
  if (contract != nullptr) return contract->columns;
  const auto given = test_.given.find(input);
  if (given == test_.given.end() || given->second.empty()) {
    return wrong(
        fmt::format("the project has no table {}, and the test gives no row of it", input));
  }
  return text_columns(given->second);
}

/// A SELECT of the given rows of one input, typed by its contract.
Result<std::string> UnitTestRun::rows_sql(const std::string& input) const {
  BULLION_TRY_ASSIGN(const delta::Schema schema, input_schema(input));
  const auto given = test_.given.find(input);
  const std::vector<project::TextRow> none;
  const auto& rows = given == test_.given.end() ? none : given->second;
  std::vector<std::string> names;
  for (const delta::Column& column : schema) names.push_back(quote_name(column.name));
  // A first row of typed NULLs, filtered away, types every column of an input without rows too.
  std::vector<std::string> tuples;
  std::vector<std::string> cells = {"false"};
  for (const delta::Column& column : schema) {
    cells.push_back(fmt::format("CAST(NULL AS {})", engine::sql_type(column.type)));
  }
  tuples.push_back(fmt::format("({})", fmt::join(cells, ", ")));
  for (size_t i = 0; i < rows.size(); ++i) {
    for (const auto& [name, text] : rows[i]) {
      if (delta::column_named(schema, name) != nullptr) continue;
      return wrong(fmt::format("row {} of input {}: there is no column `{}`{}", i + 1, input, name,
                               did_you_mean(name, delta::column_names(schema))));
    }
    cells = {"true"};
    for (const delta::Column& column : schema) {
      const auto cell = rows[i].find(column.name);
      auto literal = typed_literal(column, cell == rows[i].end() ? std::nullopt : cell->second);
      if (!literal) {
        return wrong(
            fmt::format("row {} of input {}: {}", i + 1, input, literal.error().message()));
      }
      cells.push_back(std::move(*literal));
    }
    tuples.push_back(fmt::format("({})", fmt::join(cells, ", ")));
  }
  return fmt::format("SELECT {0} FROM (VALUES {1}) AS given(is_given, {0}) WHERE is_given",
                     fmt::join(names, ", "), fmt::join(tuples, ", "));
}

/// The columns any expected row names, in the result's order; all of them when none is expected.
Result<std::vector<std::string>> UnitTestRun::compared_columns() const {
  delta::Schema schema = schema_;
  std::erase_if(schema, [](const delta::Column& column) {
    return column.name == "published_at" || column.name == "first_published_at";
  });
  if (test_.expect.empty()) return delta::column_names(schema);
  std::vector<std::string> columns;
  for (size_t i = 0; i < test_.expect.size(); ++i) {
    for (const auto& [name, text] : test_.expect[i]) {
      if (delta::column_named(schema, name) != nullptr) continue;
      if (delta::column_named(schema_, name) != nullptr) {
        return wrong(
            fmt::format("expected row {}: {} is set when a release is published and cannot "
                        "be expected here; leave it out",
                        i + 1, name));
      }
      const std::string subject = model_ == nullptr ? "the SQL" : "model " + test_.model;
      return wrong(fmt::format("expected row {}: {} has no column `{}`{}", i + 1, subject, name,
                               did_you_mean(name, delta::column_names(schema))));
    }
  }
  for (const delta::Column& column : schema) {
    const bool named =
        std::any_of(test_.expect.begin(), test_.expect.end(),
                    [&](const project::TextRow& row) { return row.contains(column.name); });
    if (named) columns.push_back(column.name);
  }
  if (columns.empty()) return wrong("the expected rows name no column");
  return columns;
}

Result<Sheet> UnitTestRun::expected_rows(const std::vector<std::string>& columns) const {
  Sheet sheet;
  for (size_t i = 0; i < test_.expect.size(); ++i) {
    std::vector<Value> row;
    for (const std::string& name : columns) {
      const auto cell = test_.expect[i].find(name);
      auto value = parse_typed_text(*delta::column_named(schema_, name),
                                    cell == test_.expect[i].end() ? std::nullopt : cell->second);
      if (!value) return wrong(fmt::format("expected row {}: {}", i + 1, value.error().message()));
      row.push_back(std::move(*value));
    }
    sheet.add(columns, row);
  }
  return sheet;
}

/// Runs the model, or the test's SQL, over the given rows.
Status UnitTestRun::read_result(const std::vector<std::string>& columns, Sheet& actual) const {
  const std::string output =
      fmt::format("({}\n) AS model", model_ == nullptr ? test_.sql : model_->sql);
  const std::string relation =
      model_ != nullptr && model_->kind == project::ModelKind::Latest
          ? fmt::format("({}) AS published", published_versions_sql(*model_, output))
          : output;
  std::vector<std::string> names;
  for (const std::string& name : columns) names.push_back(quote_name(name));
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      env_.engine.query(fmt::format("SELECT {} FROM {}", fmt::join(names, ", "), relation)));
  for (size_t i = 0; i < columns.size(); ++i) {
    const delta::TypeId wanted = delta::column_named(schema_, columns[i])->type.id;
    const delta::TypeId found = rows.schema.at(i).type.id;
    const bool floats = found == delta::TypeId::Double || found == delta::TypeId::Float;
    if (wanted == delta::TypeId::Decimal && floats) {
      return invalid(
          fmt::format("column {} is a float, and its contract says a decimal: cents "
                      "would be lost",
                      columns[i]));
    }
  }
  for (const auto& row : rows.rows) actual.add(columns, row);
  return ok();
}

/// What the SQL itself does wrong stands in the outcome; what the test does wrong is an error.
Status UnitTestRun::compare(UnitTestOutcome& outcome) {
  if (model_ == nullptr) {
    const auto rows = env_.engine.query(fmt::format("SELECT * FROM ({}\n) LIMIT 0", test_.sql));
    if (!rows) {
      outcome.error = rows.error().message();
      return ok();
    }
    schema_ = rows->schema;
  }
  BULLION_TRY_ASSIGN(const auto columns, compared_columns());
  const Result<Sheet> expected = expected_rows(columns);
  if (!expected && model_ != nullptr) return expected.error();
  if (!expected) {
    // The SQL chose the type that cannot hold what is expected.
    outcome.error = expected.error().message();
    return ok();
  }
  Sheet actual;
  const Status read = read_result(columns, actual);
  if (!read) {
    outcome.error = read.error().message();
    return ok();
  }
  outcome.missing = rows_only_in(*expected, actual);
  outcome.unexpected = rows_only_in(actual, *expected);
  outcome.passed = outcome.missing.empty() && outcome.unexpected.empty();
  return ok();
}

Result<UnitTestOutcome> UnitTestRun::run() {
  BULLION_TRY(find_subject());
  UnitTestOutcome outcome;
  outcome.name = test_.name;
  outcome.model = test_.model;
  outcome.location = test_.location;
  for (const std::string& input : inputs_) {
    BULLION_TRY_ASSIGN(const std::string sql, rows_sql(input));
    BULLION_TRY(create_view(env_.engine, input, sql));
  }
  BULLION_TRY(compare(outcome));
  return outcome;
}

Status check_select(const project::Project& project, const std::vector<std::string>& select) {
  std::vector<std::string> names;
  for (const project::UnitTest& test : project.unit_tests) names.push_back(test.name);
  for (const project::Model& model : project.models) names.push_back(model.contract.name);
  for (const auto& [name, macro] : project.macros) names.push_back(name);
  for (const std::string& wanted : select) {
    if (std::find(names.begin(), names.end(), wanted) != names.end()) continue;
    return invalid(fmt::format("there is no unit test, model or macro `{}`{}", wanted,
                               did_you_mean(wanted, names)));
  }
  return ok();
}

}  // namespace

Result<std::vector<UnitTestOutcome>> run_unit_tests(const Environment& env,
                                                    const project::Project& project,
                                                    const std::vector<std::string>& select) {
  BULLION_TRY(check_select(project, select));
  std::vector<UnitTestOutcome> outcomes;
  for (const project::UnitTest& test : project.unit_tests) {
    const auto is_test = [&](const std::string& name) {
      return name == test.name || name == test.model || test.macros.contains(name);
    };
    if (!select.empty() && std::none_of(select.begin(), select.end(), is_test)) continue;
    BULLION_TRY_ASSIGN(UnitTestOutcome outcome, UnitTestRun(env, project, test).run());
    outcomes.push_back(std::move(outcome));
  }
  return outcomes;
}

}  // namespace bullion::pipeline
