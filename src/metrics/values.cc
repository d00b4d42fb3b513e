#include "metrics/values.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "metrics/compile_internal.h"
#include "metrics/condition_internal.h"
#include "metrics/expression_internal.h"
#include "metrics/summary_internal.h"

namespace bullion::metrics {
namespace {

/// ISO 4217's code for "no currency", of rows that name none.
const std::string kNoCurrency(3, 'X');

using engine::Value;

/// More digits than any column holds: the engine's own limit is a little higher.
bool is_too_large(const Value& value) {
  const auto* decimal = std::get_if<Decimal>(&value);
  if (decimal == nullptr) return false;
  const Int128 limit = power_of_ten(kDecimalPrecisionMax);
  return decimal->units >= limit || decimal->units <= -limit;
}

std::optional<Decimal> decimal_of_value(const Value& value) {
  if (const auto* number = std::get_if<int64_t>(&value)) return Decimal{*number, 0};
  if (const auto* decimal = std::get_if<Decimal>(&value)) return *decimal;
  return std::nullopt;
}

int64_t count_of(const Value& value) {
  const auto* number = std::get_if<int64_t>(&value);
  return number == nullptr ? 0 : *number;
}

std::optional<int32_t> day_of_value(const Value& value) {
  const auto* day = std::get_if<engine::DateValue>(&value);
  return day == nullptr ? std::nullopt : std::optional(day->days);
}

/// Turns the rows of the compiled SELECT into the answer.
class Answer {
 public:
  Answer(const Metric& metric, const MetricRequest& request, const Plan& plan, MetricValues& out)
      : metric_(metric), request_(request), plan_(plan), out_(out), dimensions_(request.by.size()) {
    for (const Period& period : plan.periods) {
      if (period.side == kSideValue) days_[period.time] = period.days;
      if (period.side == kSideValue + 1) compared_times_.insert(period.time);
    }
    size_t column = at(6);
    for (size_t i = 0; i < request.by.size(); ++i) {
      const Dimension* dimension = metric.find_dimension(request.by[i]);
      if (dimension != nullptr && !dimension->sort_by.empty()) place_columns_[i] = column++;
    }
    has_totals_compared_ = request.compare == Compare::Release || plan.compared.has_value();
  }

  void read(const std::vector<std::vector<Value>>& rows) {
    for (const auto& row : rows) {
      if (count_of(row[0]) == kKindShare) {
        bases_[{day_of_value(row[1]), currency_text(row)}] = decimal_of_value(row[at(1)]);
      }
    }
    for (const auto& row : rows) {
      if (count_of(row[0]) == kKindRow) add_row(row);
      if (count_of(row[0]) == kKindTotal) add_total(row);
    }
    const auto limit = static_cast<size_t>(request_.limit);
    out_.truncated = out_.rows.size() > limit;
    if (out_.truncated) out_.rows.resize(limit);
    name_members();
    std::sort(out_.totals.begin(), out_.totals.end(), [](const MetricRow& a, const MetricRow& b) {
      return a.currency.value_or("") < b.currency.value_or("");
    });
  }

 private:
  /// Index of the n-th column after the keys: 1 value, 2 rows, 3 compared, 4 its rows, 5
  /// incomplete, from 6 the places.
  size_t at(size_t n) const { return 2 + dimensions_ + n; }

  std::optional<std::string> currency_text(const std::vector<Value>& row) const {
    const auto* code = std::get_if<std::string>(&row[at(0)]);
    if (code == nullptr) return std::nullopt;
    return *code;
  }

  MetricRow read_common(const std::vector<Value>& row, bool comparable) const {
    MetricRow out;
    const auto code = currency_text(row);
    if (!metric_.currency_column.empty()) {
      out.currency = code ? *code : kNoCurrency;
    } else if (metric_.unit == Unit::Money) {
      out.currency = metric_.currency;
    }
    out.value = decimal_of_value(row[at(1)]);
    out.rows = count_of(row[at(2)]);
    out.compared = decimal_of_value(row[at(3)]);
    if (request_.compare != Compare::None) compare(comparable, out);
    return out;
  }

  void compare(bool comparable, MetricRow& out) const {
    std::optional<Decimal> value = out.value;
    std::optional<Decimal> base = out.compared;
    const bool adds = metric_.combine == Combine::Sum && !metric_.is_ratio();
    const bool to_come = request_.window && !value;
    if (adds && comparable && !to_come) {
      if (!value && base) value = Decimal{0, base->scale};
      if (value && base) out.change = difference_of(*value, *base);
      if (value && !base) out.change = value;
    } else if (value && base) {
      out.change = difference_of(*value, *base);
    }
    out.growth = growth_of(value, base);
  }

  void add_row(const std::vector<Value>& row) {
    const std::optional<int32_t> time = day_of_value(row[1]);
    const bool comparable =
        request_.compare == Compare::Release || compared_times_.count(time) != 0;
    MetricRow out = read_common(row, comparable);
    out.time = time;
    for (size_t i = 0; i < dimensions_; ++i) {
      const Value& value = row[2 + i];
      out.dimensions.push_back(engine::is_null(value) ? std::nullopt
                                                      : std::optional(engine::to_text(value)));
    }
    for (const auto& [dimension, column] : place_columns_) {
      places_[dimension][out.dimensions[dimension]] = count_of(row[column]);
    }
    if (dimensions_ > 0 && metric_.combine == Combine::Sum && out.value) {
      const auto base = bases_.find({time, currency_text(row)});
      if (base != bases_.end() && base->second) out.share = percent_of(*out.value, *base->second);
    }
    add_drill(currency_text(row), out);
    out_.rows.push_back(std::move(out));
  }

  /// The values that the rows have, by their places.
  void name_members() {
    for (const auto& [dimension, column] : place_columns_) {
      std::map<int64_t, std::optional<std::string>> by_place;
      for (const MetricRow& row : out_.rows) {
        const auto& value = row.dimensions[dimension];
        by_place[places_[dimension][value]] = value;
      }
      auto& members = out_.members[request_.by[dimension]];
      for (const auto& [place, value] : by_place) members.push_back(value);
    }
  }

  void add_total(const std::vector<Value>& row) {
    MetricRow out = read_common(row, has_totals_compared_);
    add_drill(currency_text(row), out);
    const auto* incomplete = std::get_if<bool>(&row[at(5)]);
    out_.incomplete = out_.incomplete || (incomplete != nullptr && *incomplete);
    out_.totals.push_back(std::move(out));
  }

  void add_drill(const std::optional<std::string>& currency, MetricRow& out) const {
    if (!metric_.drillable) return;
    out.rows_filter = request_.filters;
    for (size_t i = 0; i < out.dimensions.size(); ++i) {
      out.rows_filter.push_back(equal(request_.by[i], out.dimensions[i]));
    }
    if (!metric_.currency_column.empty()) {
      out.rows_filter.push_back(equal(metric_.currency_column, currency));
    }
    out.rows_start = plan_.start;
    out.rows_end = plan_.end;
    const auto days = days_.find(out.time);
    if (days == days_.end() || !out.time) return;
    out.rows_start = days->second.start;
    out.rows_end = days->second.end;
  }

  static Filter equal(const std::string& name, const std::optional<std::string>& value) {
    if (!value) return {name, FilterOp::Null, {}};
    return {name, FilterOp::Eq, {*value}};
  }

  const Metric& metric_;
  const MetricRequest& request_;
  const Plan& plan_;
  MetricValues& out_;
  size_t dimensions_;
  std::map<std::optional<int32_t>, DayRange> days_;
  std::set<std::optional<int32_t>> compared_times_;
  /// By dimension: the column with the place of its value; only those with a sort_by.
  std::map<size_t, size_t> place_columns_;
  std::map<size_t, std::map<std::optional<std::string>, int64_t>> places_;
  std::map<std::pair<std::optional<int32_t>, std::optional<std::string>>, std::optional<Decimal>>
      bases_;
  bool has_totals_compared_ = false;
};

/// The table whose days decide what a named range is.
const Metric* measured(const MetricSet& set, const Metric& metric) {
  const Metric* numerator = metric.is_ratio() ? set.find(metric.numerator) : nullptr;
  return numerator == nullptr ? &metric : numerator;
}

Result<Plan> plan_of(engine::Engine& engine, const MetricSet& set, const Metric& metric,
                     const MetricRequest& request, const RelationLookup& relation) {
  BULLION_TRY(check_request(set, metric, request));
  std::optional<DayRange> bounds;
  if (needs_bounds(request)) {
    BULLION_TRY_ASSIGN(const auto found,
                       time_bounds(engine, set, metric, request.release, relation));
    if (found) bounds = DayRange{found->first, found->second + 1};
  }
  return make_plan(set.calendar, request, bounds);
}

}  // namespace

Result<MetricValues> evaluate(engine::Engine& engine, const MetricSet& set, const Metric& metric,
                              const MetricRequest& request, const RelationLookup& relation) {
  BULLION_TRY_ASSIGN(const Plan plan, plan_of(engine, set, metric, request, relation));
  BULLION_TRY_ASSIGN(const std::string sql, compile_plan(set, metric, request, plan, relation));
  BULLION_TRY_ASSIGN(const engine::Rows rows, engine.query(sql));
  for (const auto& row : rows.rows) {
    if (std::any_of(row.begin(), row.end(), is_too_large)) {
      return invalid(fmt::format(
          "a sum of metric `{}` has more than {} digits; narrow the request, or give the column "
          "fewer digits after the point",
          metric.name, kDecimalPrecisionMax));
    }
  }
  MetricValues out;
  out.metric = metric;
  out.release = request.release;
  out.grain = request.grain;
  out.by = request.by;
  out.start = plan.start;
  out.end = plan.end;
  out.compare = request.compare;
  out.compare_release = request.compare_release;
  if (plan.compared) out.compared_start = plan.compared->start;
  if (plan.compared) out.compared_end = plan.compared->end;
  out.window = request.window;
  out.filters = request.filters;
  Answer(metric, request, plan, out).read(rows.rows);
  out.summary = summary_of(out, set.calendar);
  return out;
}

Result<std::string> compile(engine::Engine& engine, const MetricSet& set, const Metric& metric,
                            const MetricRequest& request, const RelationLookup& relation) {
  BULLION_TRY_ASSIGN(const Plan plan, plan_of(engine, set, metric, request, relation));
  return compile_plan(set, metric, request, plan, relation);
}

Result<std::optional<std::pair<int32_t, int32_t>>> time_bounds(engine::Engine& engine,
                                                               const MetricSet& set,
                                                               const Metric& metric,
                                                               int64_t release,
                                                               const RelationLookup& relation) {
  using Bounds = std::optional<std::pair<int32_t, int32_t>>;
  if (metric.time_column.empty()) return Bounds();
  const Metric& part = *measured(set, metric);
  BULLION_TRY_ASSIGN(const std::string table, relation(part.table, release));
  const std::string column = engine::quote_name(part.time_column);
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format("SELECT CAST(min({0}) AS DATE), CAST(max({0}) AS DATE) FROM {1} AS "
                               "{2}",
                               column, table, engine::quote_name(part.table))));
  const auto first = rows.rows.empty() ? std::nullopt : day_of_value(rows.rows[0][0]);
  const auto last = rows.rows.empty() ? std::nullopt : day_of_value(rows.rows[0][1]);
  if (!first || !last) return Bounds();
  return Bounds(std::pair(*first, *last));
}

Result<std::vector<std::optional<std::string>>> members(engine::Engine& engine,
                                                        const MetricSet& set, const Metric& metric,
                                                        const std::string& dimension,
                                                        const std::string& contains, int64_t limit,
                                                        int64_t release,
                                                        const RelationLookup& relation) {
  const Metric& part = *measured(set, metric);
  MetricRequest request;
  request.by = {dimension};
  BULLION_TRY(check_request(set, metric, request));
  BULLION_TRY_ASSIGN(const std::string table, relation(part.table, release));
  std::vector<std::string> conditions;
  for (const std::string& filter : part.filters) conditions.push_back(in_parentheses(filter));
  if (!contains.empty()) {
    BULLION_TRY_ASSIGN(std::string condition,
                       condition_of(set, part, {dimension, FilterOp::Contains, {contains}}));
    conditions.push_back(std::move(condition));
  }
  std::string where;
  for (const std::string& condition : conditions) {
    where += (where.empty() ? " WHERE " : " AND ") + condition;
  }
  const Dimension& asked = *part.find_dimension(dimension);
  const std::string place = asked.sort_by.empty() ? ""
                                                  : fmt::format("min({}) ASC NULLS LAST, ",
                                                                in_parentheses(asked.sort_by));
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format("SELECT {0} AS _bullion_member FROM {1} AS {2}{3} GROUP BY 1 "
                               "ORDER BY {4}1 ASC NULLS LAST LIMIT {5}",
                               in_parentheses(asked.expression), table,
                               engine::quote_name(part.table), where, place, limit)));
  std::vector<std::optional<std::string>> out;
  for (const auto& row : rows.rows) {
    out.push_back(engine::is_null(row[0]) ? std::nullopt : std::optional(engine::to_text(row[0])));
  }
  return out;
}

}  // namespace bullion::metrics
