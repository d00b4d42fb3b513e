// One metric while it is read: what the YAML says, and where.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "metrics/metric.h"
#include "project/problem_sink.h"
#include "project/project.h"
#include "project/yaml_reader.h"

namespace bullion::metrics {

/// A dimension as written: a column, or a name with an expression.
struct DimensionDraft {
  Dimension dimension;
  project::Mark mark;
  project::Mark sort_mark;  ///< of `sort_by`
};

struct MetricDraft {
  Metric metric;
  std::string file;
  std::vector<DimensionDraft> dimensions;
  std::vector<project::Mark> filter_marks;
  bool unit_given = false;
  bool grains_given = false;
  project::Mark mark;  ///< of the metric
  project::Mark table_mark, measure_mark, time_mark, unit_mark, currency_mark, complete_mark,
      over_time_mark, numerator_mark, denominator_mark;
};

/// Reads one entry of `metrics:`; mistakes of form are reported, nothing is bound.
MetricDraft read_metric(const project::YamlNode& node, project::ProblemSink& problems);

/// Binds the metrics of one project against its contracts.
class MetricBinder {
 public:
  MetricBinder(const project::Project& project, engine::Engine& engine, MetricSet& set)
      : project_(project), engine_(engine), set_(set) {}

  /// Checks a metric over a table and fills what follows from the contract. False: reported.
  bool bind_measure(MetricDraft& draft, project::ProblemSink& problems);
  /// Checks a ratio of two bound metrics of the set. False: reported.
  bool bind_ratio(MetricDraft& draft, project::ProblemSink& problems);

 private:
  /// The type of an expression over the table, or why it has none.
  Result<std::string> type_of(const delta::Schema& schema, const std::string& table,
                              const std::string& select);
  bool find_table(MetricDraft& draft, project::ProblemSink& problems);
  bool bind_expression(MetricDraft& draft, project::ProblemSink& problems);
  void bind_filters(MetricDraft& draft, project::ProblemSink& problems);
  void bind_dimensions(MetricDraft& draft, project::ProblemSink& problems);
  /// False: reported.
  bool bind_dimension(const MetricDraft& draft, DimensionDraft& entry,
                      project::ProblemSink& problems);
  /// The type of an expression that says something of one row; nullopt: reported.
  std::optional<std::string> bind_of_row(const MetricDraft& draft, const std::string& expression,
                                         const std::string& what, project::Mark mark,
                                         project::ProblemSink& problems);
  void bind_time(MetricDraft& draft, project::ProblemSink& problems);
  void bind_unit(MetricDraft& draft, project::ProblemSink& problems);
  void bind_over_time(MetricDraft& draft, project::ProblemSink& problems);
  void bind_complete(MetricDraft& draft, project::ProblemSink& problems);
  void bind_ratio_currency(MetricDraft& draft, const Metric& numerator, const Metric& denominator,
                           project::ProblemSink& problems);
  /// Reports names in `columns` that the table has not. False when there is one.
  static bool known_columns(const delta::Schema& schema, const std::string& table,
                            const std::vector<std::string>& columns, const std::string& what,
                            project::Mark mark, project::ProblemSink& problems);

  const project::Project& project_;
  engine::Engine& engine_;
  MetricSet& set_;
};

}  // namespace bullion::metrics
