#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "engine/engine.h"
#include "metrics/compile_internal.h"
#include "metrics/condition_internal.h"
#include "metrics/expression_internal.h"

namespace bullion::metrics {
namespace {

std::string date_literal(int32_t day) { return fmt::format("DATE '{}'", format_date(day)); }

/// Everything that depends on the request and not on the metric: keys, sort, periods.
class Statement {
 public:
  Statement(const MetricSet& set, const Metric& metric, const MetricRequest& request,
            const Plan& plan, const RelationLookup& relation)
      : set_(set), metric_(metric), request_(request), plan_(plan), relation_(relation) {
    for (size_t i = 0; i < request.by.size(); ++i) {
      dimensions_.push_back(fmt::format("_bullion_d{}", i));
      const Dimension* dimension = metric.find_dimension(request.by[i]);
      if (dimension != nullptr && !dimension->sort_by.empty()) placed_.push_back(i);
    }
    keys_ = dimensions_;
    keys_.emplace_back("_bullion_currency");
  }

  Result<std::string> text() {
    add_calendar();
    BULLION_TRY(add_sums());
    add_pairs();
    return fmt::format("WITH {}\n{}", fmt::join(parts_, ",\n"), selection());
  }

 private:
  void add(const std::string& name, const std::string& body) {
    parts_.push_back(fmt::format("{} AS (\n{}\n)", name, body));
  }

  std::string list(const std::vector<std::string>& names) const {
    return fmt::format("{}", fmt::join(names, ", "));
  }

  /// Periods, atoms, the days of the atoms, and the atoms of the periods.
  void add_calendar() {
    if (!plan_.by_day()) return;
    std::vector<std::string> periods;
    for (const Period& period : plan_.periods) {
      periods.push_back(fmt::format("({}, {}, {}, {}, {})", period.side,
                                    period.time ? date_literal(*period.time) : "CAST(NULL AS DATE)",
                                    date_literal(period.days.start), date_literal(period.days.end),
                                    date_literal(period.bucket_start)));
    }
    std::vector<std::string> atoms;
    for (size_t i = 0; i < plan_.atoms.size(); ++i) {
      atoms.push_back(fmt::format("({}, {}, {})", i, date_literal(plan_.atoms[i].start),
                                  date_literal(plan_.atoms[i].end)));
    }
    add("_bullion_periods(_side, _time, _start, _end, _bucket)",
        fmt::format("VALUES {}", fmt::join(periods, ", ")));
    add("_bullion_atoms(_atom, _start, _end)", fmt::format("VALUES {}", fmt::join(atoms, ", ")));
    add("_bullion_days",
        "SELECT _atom AS _bullion_atom, CAST(unnest(generate_series(_start, _end - 1, INTERVAL 1 "
        "DAY)) AS DATE) AS _bullion_day FROM _bullion_atoms");
    add("_bullion_covers",
        "SELECT p._side AS _bullion_side, p._time AS _bullion_time, p._bucket AS _bullion_bucket, "
        "a._atom AS _bullion_atom\nFROM _bullion_periods AS p JOIN _bullion_atoms AS a ON a._start "
        ">= p._start AND a._end <= p._end");
  }

  /// "GROUP BY GROUPING SETS ((before, dimensions, currency), (before, currency))".
  std::string grouping(const std::string& before) const {
    const std::string whole = before + keys_.back();
    if (dimensions_.empty()) return fmt::format("GROUP BY GROUPING SETS (({}))", whole);
    return fmt::format("GROUP BY GROUPING SETS (({}{}), ({}))", before, list(keys_), whole);
  }
  std::string level() const {
    return dimensions_.empty() ? "1" : fmt::format("GROUPING({})", dimensions_[0]);
  }

  /// The rows that count, with their keys.
  Result<std::string> rows(const Metric& part, const std::string& table) {
    std::vector<std::string> columns;
    for (size_t i = 0; i < request_.by.size(); ++i) {
      const Dimension* dimension = part.find_dimension(request_.by[i]);
      if (dimension == nullptr) {
        return invalid(fmt::format("metric `{}` has no dimension `{}`", part.name, request_.by[i]));
      }
      columns.push_back(
          fmt::format("{} AS {}", in_parentheses(dimension->expression), dimensions_[i]));
      if (!dimension->sort_by.empty()) {
        columns.push_back(fmt::format("{} AS {}", in_parentheses(dimension->sort_by), place(i)));
      }
    }
    const std::string currency = currency_column_of(set_, metric_, part);
    columns.push_back(fmt::format(
        "{} AS {}", currency.empty() ? "CAST(NULL AS VARCHAR)" : engine::quote_name(currency),
        keys_.back()));
    if (plan_.by_day()) columns.push_back(day_expression(part) + " AS _bullion_day");
    std::vector<std::string> conditions;
    for (const std::string& filter : part.filters) conditions.push_back(in_parentheses(filter));
    for (const Filter& filter : request_.filters) {
      BULLION_TRY_ASSIGN(std::string condition, condition_of(set_, part, filter));
      conditions.push_back("(" + condition + ")");
    }
    std::optional<int32_t> start = plan_.start;
    std::optional<int32_t> end = plan_.end;
    if (plan_.by_day()) {
      start = plan_.atoms.front().start;
      end = plan_.atoms.back().end;
    }
    for (std::string& condition : time_conditions(part, start, end)) {
      conditions.push_back(std::move(condition));
    }
    std::string last;
    if (part.is_last_over_time && !plan_.by_day()) {
      last = fmt::format("\nQUALIFY {0} = max({0}) OVER ()", day_expression(part));
    }
    return fmt::format(
        "SELECT *, {}\nFROM {} AS {}{}{}", list(columns), table, engine::quote_name(part.table),
        conditions.empty() ? "" : fmt::format("\nWHERE {}", fmt::join(conditions, " AND ")), last);
  }

  static std::string incomplete(const Metric& part) {
    if (part.complete_column.empty()) return "false";
    return fmt::format("bool_or(NOT coalesce({}, false))",
                       engine::quote_name(part.complete_column));
  }

  /// Adds `<name>_sums`: level, side, time, keys, _v, _n, _i of one metric at one release.
  Status add_part(const std::string& name, const Metric& part, int64_t release, int side) {
    BULLION_TRY_ASSIGN(const std::string table, relation_(part.table, release));
    BULLION_TRY_ASSIGN(const std::string body, rows(part, table));
    add(name + "_rows", body);
    const std::string measure = (part.flip_sign ? "-" : "") + in_parentheses(part.measure);
    const std::string from = name + "_rows";
    if (!plan_.by_day()) {
      add(name + "_sums",
          fmt::format("SELECT {} AS _level, {} AS _side, CAST(NULL AS DATE) AS _time, {}, {} AS "
                      "_v, count(*) AS _n, {} AS _i\nFROM {}\n{}",
                      level(), side, list(keys_), measure, incomplete(part), from, grouping("")));
      return ok();
    }
    // Sums of sums need each row once, whatever the number of periods that its day is in.
    const std::string sums_keys = "_bullion_side, _bullion_time, ";
    const std::string head =
        fmt::format("SELECT {} AS _level, _bullion_side + {} AS _side, _bullion_time AS _time, {}",
                    level(), side, list(keys_));
    if (part.combine == Combine::None) {
      const std::string last =
          part.is_last_over_time ? "\nQUALIFY _bullion_day = max(_bullion_day) OVER (PARTITION BY "
                                   "_bullion_side, _bullion_time)"
                                 : "";
      add(name + "_counted",
          fmt::format("SELECT * FROM {} JOIN _bullion_days USING (_bullion_day) JOIN "
                      "_bullion_covers USING (_bullion_atom){}{}",
                      from, no_future(from, "_bullion_day"), last));
      add(name + "_sums", fmt::format("{}, {} AS _v, count(*) AS _n, {} AS _i\nFROM {}_counted\n{}",
                                      head, measure, incomplete(part), name, grouping(sums_keys)));
      return ok();
    }
    add(name + "_parts",
        fmt::format("SELECT _bullion_atom, {0}, {1} AS _v, count(*) AS _n, {2} AS _i, "
                    "max(_bullion_day) AS _last\nFROM {3} JOIN _bullion_days USING "
                    "(_bullion_day)\nGROUP BY _bullion_atom, {0}",
                    list(keys_), in_parentheses(part.measure), incomplete(part), from));
    add(name + "_sums",
        fmt::format("{}, {}{}(_v) AS _v, CAST(sum(_n) AS BIGINT) AS _n, bool_or(_i) AS _i\nFROM "
                    "{}_parts JOIN _bullion_covers USING (_bullion_atom){}\n{}",
                    head, part.flip_sign ? "-" : "", combine_function(part.combine), name,
                    no_future(name + "_parts", "_last"), grouping(sums_keys)));
    return ok();
  }

  static std::string combine_function(Combine combine) {
    if (combine == Combine::Min) return "min";
    return combine == Combine::Max ? "max" : "sum";
  }

  /// A running total ends with the last day that has rows: what comes after is not known yet.
  std::string no_future(const std::string& from, const std::string& day) const {
    if (!request_.window) return "";
    return fmt::format("\nWHERE _bullion_side <> {} OR _bullion_bucket <= (SELECT max({}) FROM {})",
                       kSideValue, day, from);
  }

  /// A ratio at one release: numerator joined with denominator, key by key.
  void add_ratio(const std::string& name, const std::string& over, const std::string& under,
                 bool by_currency) {
    std::vector<std::string> same{"_time"};
    std::vector<std::string> columns{"n._level", "n._side", "n._time"};
    for (const std::string& key : keys_) {
      columns.push_back("n." + key);
      if (key == keys_.back() && !by_currency) continue;
      same.push_back(key);
    }
    add(name + "_sums",
        fmt::format("SELECT {}, ratio_{}(n._v, d._v) AS _v, n._n, n._i\nFROM {}_sums AS n LEFT "
                    "JOIN {}_sums AS d ON n._level = d._level AND n._side = d._side AND {}",
                    list(columns), metric_.scale, over, under,
                    engine::same_columns(same, "n", "d")));
  }

  Status add_release(const std::string& name, int64_t release, int side) {
    if (!metric_.is_ratio()) return add_part(name, metric_, release, side);
    BULLION_TRY_ASSIGN(const Metric* numerator, set_.get(metric_.numerator));
    BULLION_TRY_ASSIGN(const Metric* denominator, set_.get(metric_.denominator));
    BULLION_TRY(add_part(name + "_over", *numerator, release, side));
    BULLION_TRY(add_part(name + "_under", *denominator, release, side));
    const bool by_currency =
        !currency_column_of(set_, metric_, *denominator).empty() || metric_.currency_column.empty();
    add_ratio(name, name + "_over", name + "_under", by_currency);
    return ok();
  }

  Status add_sums() {
    BULLION_TRY(add_release("_bullion_now", request_.release, 0));
    std::string all = "SELECT * FROM _bullion_now_sums";
    if (request_.compare == Compare::Release) {
      BULLION_TRY(add_release("_bullion_then", request_.compare_release, 1));
      all += " UNION ALL SELECT * FROM _bullion_then_sums";
    }
    parts_.push_back(fmt::format("_bullion_sums AS MATERIALIZED (\n{}\n)", all));
    for (const size_t at : placed_) add_places(at);
    return ok();
  }

  static std::string place(size_t dimension) { return fmt::format("_bullion_p{}", dimension); }

  /// The values of a dimension with their places, over the rows of all releases that are asked for.
  void add_places(size_t at) {
    const char* rows = metric_.is_ratio() ? "_over_rows" : "_rows";
    const std::string columns = fmt::format("{}, {}", dimensions_[at], place(at));
    std::string all = fmt::format("SELECT {} FROM _bullion_now{}", columns, rows);
    if (request_.compare == Compare::Release) {
      all += fmt::format(" UNION ALL SELECT {} FROM _bullion_then{}", columns, rows);
    }
    add(fmt::format("_bullion_places{}", at),
        fmt::format("SELECT {0} AS _member, row_number() OVER (ORDER BY min({1}) ASC NULLS LAST, "
                    "{0} ASC NULLS LAST) AS _place FROM ({2}) AS _all GROUP BY {0}",
                    dimensions_[at], place(at), all));
  }

  /// The pairs, each with the places of its values.
  std::string placed_pairs() const {
    if (placed_.empty()) return "SELECT * FROM _bullion_pairs";
    std::string columns = "_bullion_pairs.*";
    std::string from = "_bullion_pairs";
    for (const size_t at : placed_) {
      columns += fmt::format(", _bullion_places{}._place AS {}", at, place(at));
      from += fmt::format(
          " LEFT JOIN _bullion_places{0} ON {1} IS NOT DISTINCT FROM _bullion_places{0}._member",
          at, dimensions_[at]);
    }
    return fmt::format("SELECT {} FROM {}", columns, from);
  }

  /// A term of ORDER BY.
  std::string order_of(size_t key, const std::string& direction) const {
    const bool is_placed = std::find(placed_.begin(), placed_.end(), key) != placed_.end();
    return fmt::format("{} {}", is_placed ? place(key) : keys_[key], direction);
  }

  /// A value beside what it compares with.
  std::string pairs(int side, int level, bool keeps_time) const {
    const std::string time = keeps_time ? "_time" : "CAST(NULL AS DATE) AS _time";
    return fmt::format(
        "SELECT {0}, {1}, max(_v) FILTER (WHERE _side = {2}) AS _value, coalesce(max(_n) FILTER "
        "(WHERE _side = {2}), 0) AS _rows, max(_v) FILTER (WHERE _side = {3}) AS _compared, "
        "coalesce(max(_n) FILTER (WHERE _side = {3}), 0) AS _compared_rows, "
        "coalesce(bool_or(_i) FILTER (WHERE _side = {2}), false) AS _incomplete\nFROM "
        "_bullion_sums WHERE _level = {4} AND _side IN ({2}, {3})\nGROUP BY {5}{1}",
        time, list(keys_), side, side + 1, level, keeps_time ? "_time, " : "");
  }

  void add_pairs() {
    add("_bullion_pairs", pairs(kSideValue, dimensions_.empty() ? 1 : 0, true));
    add("_bullion_answer",
        fmt::format("{} ORDER BY {} LIMIT {}", placed_pairs(), order(), request_.limit + 1));
    add("_bullion_totals", pairs(plan_.total_side, 1, false));
  }

  std::string order() const {
    std::string sort = request_.sort;
    const bool down = sort.starts_with("-");
    if (down) sort.erase(0, 1);
    const std::string direction = down ? "DESC NULLS LAST" : "ASC NULLS LAST";
    std::vector<std::string> terms;
    if (sort.empty()) {
      terms = {"_time ASC NULLS LAST", "_value DESC NULLS LAST"};
    } else if (sort == "change") {
      const bool adds = metric_.combine == Combine::Sum;
      terms.push_back(fmt::format(
          "{} {}", adds ? "coalesce(_value, 0) - coalesce(_compared, 0)" : "_value - _compared",
          direction));
    } else if (sort == "value" || sort == "time") {
      terms.push_back(fmt::format("_{} {}", sort, direction));
    } else {
      const auto at = std::find(request_.by.begin(), request_.by.end(), sort);
      terms.push_back(order_of(static_cast<size_t>(at - request_.by.begin()), direction));
    }
    terms.emplace_back("_time ASC NULLS LAST");
    for (size_t key = 0; key < keys_.size(); ++key) {
      terms.push_back(order_of(key, "ASC NULLS LAST"));
    }
    return list(terms);
  }

  std::string selection() const {
    const std::string rest =
        fmt::format("{}, _value, _rows, _compared, _compared_rows, _incomplete", list(keys_));
    std::string places;
    std::string no_places;
    for (const size_t at : placed_) {
      places += ", " + place(at);
      no_places += ", NULL";
    }
    std::string out = fmt::format("SELECT {} AS _kind, _time, {}{} FROM _bullion_answer\n",
                                  kKindRow, rest, places);
    if (!dimensions_.empty()) {
      std::vector<std::string> columns{fmt::format("{}", kKindShare), "_time"};
      for (const std::string& dimension : dimensions_) columns.push_back("NULL AS " + dimension);
      columns.push_back(keys_.back());
      out += fmt::format(
          "UNION ALL SELECT {}, _v, _n, NULL, 0, false{} FROM _bullion_sums WHERE "
          "_level = 1 AND _side = {}\n",
          list(columns), no_places, kSideValue);
    }
    out += fmt::format("UNION ALL SELECT {}, _time, {}{} FROM _bullion_totals\n", kKindTotal, rest,
                       no_places);
    return fmt::format("SELECT * FROM (\n{}) ORDER BY _kind, {}", out, order());
  }

  const MetricSet& set_;
  const Metric& metric_;
  const MetricRequest& request_;
  const Plan& plan_;
  const RelationLookup& relation_;
  std::vector<std::string> dimensions_;
  std::vector<size_t> placed_;      ///< of the dimensions: those with a sort_by
  std::vector<std::string> keys_;   ///< the dimensions, then the currency
  std::vector<std::string> parts_;  ///< of WITH
};

}  // namespace

std::string currency_column_of(const MetricSet& set, const Metric& whole, const Metric& metric) {
  if (whole.currency_column.empty()) return "";
  if (!metric.currency_column.empty()) return metric.currency_column;
  const auto columns = set.columns.find(metric.table);
  if (columns == set.columns.end()) return "";
  const delta::Column* column = find_column(columns->second, whole.currency_column);
  return column == nullptr ? "" : column->name;
}

Result<std::string> compile_plan(const MetricSet& set, const Metric& metric,
                                 const MetricRequest& request, const Plan& plan,
                                 const RelationLookup& relation) {
  return Statement(set, metric, request, plan, relation).text();
}

}  // namespace bullion::metrics
