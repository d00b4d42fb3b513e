// What the files metrics/*.yml define: one number, one definition, for every place that shows it.
// docs/metrics.md says each key for its users.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "metrics/calendar.h"
#include "project/project.h"

namespace bullion::metrics {

enum class Unit { Money, Count, Quantity, Ratio };
std::string to_string(Unit unit);  ///< "money", "count", "quantity", "ratio"

/// Whether a rise is favourable.
enum class Better { Up, Down, Neither };
std::string to_string(Better better);  ///< "up", "down", "neither"

/// What its numbers are: what is, what was planned or is expected, or by how much they part.
enum class Scenario { Actual, Plan, Forecast, Variance };
std::string to_string(Scenario scenario);  ///< "actual", "plan", "forecast", "variance"

/// How values of parts make the value of the whole. None: they do not (count(distinct), ratios).
enum class Combine { None, Sum, Min, Max };

/// Something to group and filter by.
struct Dimension {
  std::string name;        ///< as requests say it
  std::string title;       ///< for people
  std::string expression;  ///< SQL over the columns of the table; the quoted column when it is one
  std::string type;        ///< SQL type, e.g. VARCHAR
  std::string column;      ///< the column it is; "" for an expression
  /// SQL over the columns of the table whose smallest value places a value among the others; "":
  /// values stand by themselves.
  std::string sort_by;
};

/// A measure of one table, or the ratio of two such metrics. Everything is bound: expressions are
/// valid SQL over the table's contract.
struct Metric {
  std::string name;
  std::string title;
  std::string description;
  std::string owner;
  std::string table;                 ///< of a ratio: its numerator's
  std::string measure;               ///< as written; of a ratio "cost / events"
  std::string measure_type;          ///< SQL type of the measure: DECIMAL(38,s), BIGINT or HUGEINT
  std::vector<std::string> filters;  ///< SQL conditions, all must hold
  std::vector<Dimension> dimensions;
  std::string time_column;    ///< DATE or TIMESTAMP (days in UTC); "" : no time
  bool time_is_date = true;   ///< false: TIMESTAMP
  std::vector<Grain> grains;  ///< empty without a time column
  Unit unit = Unit::Count;
  std::string unit_name;  ///< "events", "per 1,000 events"; may be empty
  /// Not empty: every value is of one currency, that of the rows. Ratios of money have it too.
  std::string currency_column;
  std::string currency;    ///< money without such a column: the project's; else ""
  bool flip_sign = false;  ///< values are the measure times -1
  Better better = Better::Neither;
  Scenario scenario = Scenario::Actual;
  std::string numerator;  ///< name of a metric; "" when this is no ratio
  std::string denominator;
  int scale = 0;  ///< digits of a ratio after the point, 0 to 18
  Combine combine = Combine::None;
  /// Of a period only the rows of its last day that has any count: balances, and sums to date.
  bool is_last_over_time = false;
  /// Every row behind a value has its part in it: sum(...) or count(*).
  bool drillable = false;
  std::string sum_column;       ///< plain sum(column): that column; else ""
  std::string complete_column;  ///< BOOLEAN, false on rows that are not final; "" when none
  project::Location location;

  bool is_ratio() const { return !numerator.empty(); }
  const Dimension* find_dimension(std::string_view wanted) const;
};

/// All metrics of a project. Immutable after loading; safe to read from any thread.
struct MetricSet {
  std::vector<Metric> metrics;  ///< by name
  /// The columns of each table a metric is over, for filters on columns that are no dimensions.
  std::map<std::string, delta::Schema> columns;
  PeriodCalendar calendar;

  const Metric* find(std::string_view name) const;
  /// find(), or NotFound with the nearest name.
  Result<const Metric*> get(std::string_view name) const;
};

struct MetricOutcome {
  MetricSet set;  ///< the metrics without mistakes
  std::vector<project::Problem> problems;
};

/// Reads metrics/*.yml below the project's folder and binds them against the contracts through the
/// engine (no table is needed or made). A project without that folder has no metrics. `bullion
/// check` reports the problems; a metric with one is left out.
MetricOutcome load_metrics(const project::Project& project, engine::Engine& engine);

}  // namespace bullion::metrics
