// Metrics against the contracts of their tables.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "metrics/expression_internal.h"
#include "metrics/metric_reader_internal.h"

namespace bullion::metrics {
namespace {

using project::Mark;
using project::ProblemSink;

/// The engine's message without its excerpt of our statement.
std::string first_line(const std::string& message) { return message.substr(0, message.find('\n')); }

std::vector<std::string> names_of(const MetricSet& set) {
  std::vector<std::string> out;
  for (const Metric& metric : set.metrics) out.push_back(metric.name);
  return out;
}

bool is_time(std::string_view type) { return type.starts_with("TIMESTAMP"); }

}  // namespace

bool MetricBinder::known_columns(const delta::Schema& schema, const std::string& table,
                                 const std::vector<std::string>& columns, const std::string& what,
                                 Mark mark, ProblemSink& problems) {
  const std::vector<std::string> known = delta::column_names(schema);
  bool all = true;
  for (const std::string& column : columns) {
    if (find_column(schema, column) != nullptr) continue;
    all = false;
    problems.error(mark, "column-unknown",
                   fmt::format("{} names `{}`, which is no column of `{}`{}; columns: {}", what,
                               column, table, did_you_mean(column, known), fmt::join(known, ", ")));
  }
  return all;
}

Result<std::string> MetricBinder::type_of(const delta::Schema& schema, const std::string& table,
                                          const std::string& select) {
  const auto bound = engine_.bind(
      fmt::format("{} FROM {} AS {}", select, empty_relation(schema), engine::quote_name(table)));
  if (!bound) return invalid(first_line(bound.error().message()));
  return bound->empty() ? std::string() : (*bound)[0].sql_type;
}

bool MetricBinder::find_table(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  const project::Contract* contract = project_.find_contract(metric.table);
  if (contract == nullptr) {
    const std::vector<std::string> names = project_.table_names();
    problems.error(draft.table_mark, "table-unknown",
                   fmt::format("there is no table `{}`{}; tables: {}", metric.table,
                               did_you_mean(metric.table, names), fmt::join(names, ", ")));
    return false;
  }
  const project::Source* source = project_.find_source(metric.table);
  set_.columns[metric.table] =
      source != nullptr ? project::bronze_schema(*source) : contract->columns;
  if (metric.owner.empty()) metric.owner = contract->owner;
  return true;
}

bool MetricBinder::bind_expression(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  const delta::Schema& schema = set_.columns[metric.table];
  const auto expression = parse_expression(engine_, metric.measure);
  if (!expression) {
    problems.error(draft.measure_mark, "metric-measure", expression.error().message());
    return false;
  }
  if (!known_columns(schema, metric.table, expression->columns, "`measure`", draft.measure_mark,
                     problems)) {
    return false;
  }
  if (expression->aggregates.empty()) {
    problems.error(draft.measure_mark, "metric-measure",
                   fmt::format("`{}` adds nothing up; write an aggregate of rows, such as "
                               "sum(column), count(*) or count(DISTINCT column)",
                               metric.measure));
    return false;
  }
  const auto type = type_of(schema, metric.table, "SELECT " + in_parentheses(metric.measure));
  if (!type) {
    problems.error(draft.measure_mark, "metric-measure", type.error().message());
    return false;
  }
  if (is_binary_float(*type)) {
    problems.error(draft.measure_mark, "float-money",
                   fmt::format("`{}` is {}, which loses digits; sum decimals, and write quotients "
                               "and averages as a metric with `numerator` and `denominator`",
                               metric.measure, *type));
    return false;
  }
  if (!is_exact_number(*type)) {
    problems.error(draft.measure_mark, "metric-measure",
                   fmt::format("`{}` is {}; a measure is a number", metric.measure, *type));
    return false;
  }
  metric.measure_type = *type;
  metric.combine = expression->combine;
  metric.sum_column = expression->sum_column;
  metric.drillable = expression->adds_rows;
  return true;
}

void MetricBinder::bind_filters(MetricDraft& draft, ProblemSink& problems) {
  const Metric& metric = draft.metric;
  const delta::Schema& schema = set_.columns[metric.table];
  for (size_t i = 0; i < metric.filters.size(); ++i) {
    const std::string& filter = metric.filters[i];
    const Mark mark = draft.filter_marks[i];
    const auto expression = parse_expression(engine_, filter);
    if (!expression) {
      problems.error(mark, "metric-filter", expression.error().message());
      continue;
    }
    if (!known_columns(schema, metric.table, expression->columns, "the filter", mark, problems)) {
      continue;
    }
    if (!expression->aggregates.empty()) {
      problems.error(mark, "metric-filter",
                     fmt::format("`{}` is an aggregate; a filter judges one row", filter));
      continue;
    }
    const auto type = type_of(schema, metric.table, "SELECT " + in_parentheses(filter));
    if (!type) {
      problems.error(mark, "metric-filter", type.error().message());
    } else if (*type != "BOOLEAN") {
      problems.error(
          mark, "metric-filter",
          fmt::format("`{}` is {}; a filter is a condition, such as region = 'eu-west-1'", filter,
                      *type));
    }
  }
}

std::optional<std::string> MetricBinder::bind_of_row(const MetricDraft& draft,
                                                     const std::string& expression,
                                                     const std::string& what, Mark mark,
                                                     ProblemSink& problems) {
  const Metric& metric = draft.metric;
  const delta::Schema& schema = set_.columns[metric.table];
  const auto report = [&](std::string message) {
    problems.error(mark, "metric-dimension", std::move(message));
    return std::nullopt;
  };
  const auto parsed = parse_expression(engine_, expression);
  if (!parsed) return report(parsed.error().message());
  if (!parsed->aggregates.empty()) {
    return report(fmt::format("{} is an aggregate; a dimension says something of one row", what));
  }
  if (!known_columns(schema, metric.table, parsed->columns, what, mark, problems)) {
    return std::nullopt;
  }
  const auto type = type_of(schema, metric.table, "SELECT " + in_parentheses(expression));
  if (!type) return report(type.error().message());
  if (is_binary_float(*type)) {
    return report(
        fmt::format("{} is {}; floats that look equal are not, so group by something "
                    "else",
                    what, *type));
  }
  if (!is_groupable(*type)) {
    return report(
        fmt::format("{} is {}; expected a text, boolean, exact number, date or "
                    "timestamp",
                    what, *type));
  }
  return *type;
}

bool MetricBinder::bind_dimension(const MetricDraft& draft, DimensionDraft& entry,
                                  ProblemSink& problems) {
  Dimension& dimension = entry.dimension;
  const delta::Schema& schema = set_.columns[draft.metric.table];
  const std::string what = fmt::format("dimension `{}`", dimension.name);
  if (!dimension.column.empty()) {
    if (!known_columns(schema, draft.metric.table, {dimension.column}, what, entry.mark,
                       problems)) {
      return false;
    }
    dimension.column = find_column(schema, dimension.column)->name;
    dimension.expression = engine::quote_name(dimension.column);
  }
  const auto type = bind_of_row(draft, dimension.expression, what, entry.mark, problems);
  if (!type) return false;
  dimension.type = *type;
  return dimension.sort_by.empty() ||
         bind_of_row(draft, dimension.sort_by, "`sort_by` of " + what, entry.sort_mark, problems);
}

void MetricBinder::bind_dimensions(MetricDraft& draft, ProblemSink& problems) {
  for (DimensionDraft& entry : draft.dimensions) {
    if (bind_dimension(draft, entry, problems)) draft.metric.dimensions.push_back(entry.dimension);
  }
}

void MetricBinder::bind_time(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  if (metric.time_column.empty()) {
    if (draft.grains_given) {
      problems.error(draft.mark, "metric-time",
                     fmt::format("`{}` has `grains` and no `time_column`", metric.name));
    }
    return;
  }
  const delta::Schema& schema = set_.columns[metric.table];
  if (!known_columns(schema, metric.table, {metric.time_column}, "`time_column`", draft.time_mark,
                     problems)) {
    return;
  }
  const delta::Column& column = *find_column(schema, metric.time_column);
  metric.time_column = column.name;
  metric.time_is_date = column.type.id == delta::TypeId::Date;
  if (!metric.time_is_date && !is_time(engine::sql_type(column.type))) {
    problems.error(
        draft.time_mark, "metric-time",
        fmt::format("`time_column` names `{}`, which is {}; it must be date or timestamp",
                    column.name, delta::to_string(column.type)));
    return;
  }
  if (!draft.grains_given) {
    metric.grains = {Grain::Day, Grain::Week, Grain::Month, Grain::Quarter, Grain::Year};
  }
}

void MetricBinder::bind_unit(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  if (!draft.unit_given) {
    problems.error(
        draft.mark, "yaml-missing-key",
        fmt::format("metric `{}` needs a `unit`: money, count or quantity", metric.name));
    return;
  }
  if (metric.unit == Unit::Ratio) {
    problems.error(draft.unit_mark, "metric-unit",
                   "`unit: ratio` is for metrics with `numerator` and `denominator`");
    return;
  }
  if (metric.unit != Unit::Money) {
    if (!metric.currency_column.empty()) {
      problems.error(draft.currency_mark, "metric-unit",
                     "`currency_column` is for `unit: money` only");
    }
    return;
  }
  const delta::Schema& schema = set_.columns[metric.table];
  const project::Contract* contract = project_.find_contract(metric.table);
  if (metric.currency_column.empty()) metric.currency_column = contract->currency_column;
  if (metric.currency_column.empty()) {
    metric.currency = project_.currency;
    return;
  }
  if (!known_columns(schema, metric.table, {metric.currency_column}, "`currency_column`",
                     draft.currency_mark, problems)) {
    return;
  }
  const delta::Column& column = *find_column(schema, metric.currency_column);
  metric.currency_column = column.name;
  if (column.type.id != delta::TypeId::String) {
    problems.error(draft.currency_mark, "metric-unit",
                   fmt::format("`currency_column` names `{}`, which is {}; it must be string",
                               column.name, delta::to_string(column.type)));
  }
}

void MetricBinder::bind_complete(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  if (metric.complete_column.empty()) return;
  const delta::Schema& schema = set_.columns[metric.table];
  if (!known_columns(schema, metric.table, {metric.complete_column}, "`complete_column`",
                     draft.complete_mark, problems)) {
    return;
  }
  const delta::Column& column = *find_column(schema, metric.complete_column);
  metric.complete_column = column.name;
  if (column.type.id != delta::TypeId::Boolean) {
    problems.error(draft.complete_mark, "metric-complete",
                   fmt::format("`complete_column` names `{}`, which is {}; it must be boolean",
                               column.name, delta::to_string(column.type)));
  }
}

/// Values of days do not add up to those of periods, nor do rows of other days to the value.
void MetricBinder::bind_over_time(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  if (!metric.is_last_over_time) return;
  metric.combine = Combine::None;
  metric.drillable = false;
  if (!metric.time_column.empty()) return;
  problems.error(draft.over_time_mark, "metric-time",
                 "`over_time: last` needs a `time_column` that says which rows are the last");
}

bool MetricBinder::bind_measure(MetricDraft& draft, ProblemSink& problems) {
  const size_t before = problems.list().size();
  if (!find_table(draft, problems)) return false;
  bind_expression(draft, problems);
  bind_filters(draft, problems);
  bind_dimensions(draft, problems);
  bind_time(draft, problems);
  bind_over_time(draft, problems);
  bind_unit(draft, problems);
  bind_complete(draft, problems);
  return problems.list().size() == before;
}

void MetricBinder::bind_ratio_currency(MetricDraft& draft, const Metric& numerator,
                                       const Metric& denominator, ProblemSink& problems) {
  Metric& metric = draft.metric;
  const Metric& money = numerator.unit == Unit::Money ? numerator : denominator;
  metric.currency_column = money.currency_column;
  metric.currency = metric.unit == Unit::Money ? numerator.currency : "";
  const bool both = numerator.unit == Unit::Money && denominator.unit == Unit::Money;
  const auto place = [](const Metric& part) {
    return part.currency_column.empty() ? std::string("the project's currency")
                                        : "the currency in `" + part.currency_column + "`";
  };
  if (both && lower_case(denominator.currency_column) != lower_case(numerator.currency_column)) {
    problems.error(
        draft.denominator_mark, "metric-ratio",
        fmt::format("`{}` is in {} and `{}` in {}; amounts of two currencies are never "
                    "divided, so both need the same column",
                    numerator.name, place(numerator), denominator.name, place(denominator)));
  } else if (!metric.currency_column.empty() &&
             find_column(set_.columns[numerator.table], metric.currency_column) == nullptr) {
    problems.error(
        draft.numerator_mark, "metric-ratio",
        fmt::format("`{}` is money by `{}`, a column that the table `{}` of `{}` has "
                    "not; swap the two or add the column",
                    denominator.name, metric.currency_column, numerator.table, numerator.name));
  }
}

bool MetricBinder::bind_ratio(MetricDraft& draft, ProblemSink& problems) {
  Metric& metric = draft.metric;
  const size_t before = problems.list().size();
  const auto part = [&](const std::string& name, const char* key, Mark mark) -> const Metric* {
    const Metric* found = set_.find(name);
    if (found == nullptr) {
      const std::vector<std::string> names = names_of(set_);
      problems.error(mark, "metric-unknown",
                     fmt::format("`{}` names `{}`, which is no metric without mistakes{}", key,
                                 name, did_you_mean(name, names)));
    } else if (found->is_ratio()) {
      problems.error(
          mark, "metric-ratio",
          fmt::format("`{}` names `{}`, which is a ratio itself; divide measures", key, name));
    }
    return found;
  };
  const Metric* numerator = part(metric.numerator, "numerator", draft.numerator_mark);
  const Metric* denominator = part(metric.denominator, "denominator", draft.denominator_mark);
  if (problems.list().size() != before) return false;
  if (!draft.unit_given) metric.unit = Unit::Ratio;
  const bool is_price = numerator->unit == Unit::Money && denominator->unit != Unit::Money;
  if (metric.unit == Unit::Count || (metric.unit == Unit::Money && !is_price)) {
    problems.error(draft.unit_mark, "metric-unit",
                   fmt::format("the ratio of {} and {} is no {}; expected {}ratio or quantity",
                               to_string(numerator->unit), to_string(denominator->unit),
                               to_string(metric.unit), is_price ? "money, " : ""));
  }
  metric.table = numerator->table;
  metric.measure = metric.numerator + " / " + metric.denominator;
  metric.measure_type = fmt::format("DECIMAL(38,{})", metric.scale);
  if (metric.owner.empty()) metric.owner = numerator->owner;
  for (const Dimension& dimension : numerator->dimensions) {
    const Dimension* other = denominator->find_dimension(dimension.name);
    if (other != nullptr && other->type == dimension.type) metric.dimensions.push_back(dimension);
  }
  if (!denominator->time_column.empty()) {
    metric.time_column = numerator->time_column;
    metric.time_is_date = numerator->time_is_date;
    for (const Grain grain : numerator->grains) {
      const auto& other = denominator->grains;
      if (std::find(other.begin(), other.end(), grain) != other.end()) {
        metric.grains.push_back(grain);
      }
    }
  }
  metric.complete_column = numerator->complete_column;
  metric.is_last_over_time = numerator->is_last_over_time && denominator->is_last_over_time;
  bind_ratio_currency(draft, *numerator, *denominator, problems);
  return problems.list().size() == before;
}

}  // namespace bullion::metrics
