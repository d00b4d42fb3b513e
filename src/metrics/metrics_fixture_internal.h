// A small project with three tables of cost in a real engine. For tests only.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "metrics/dashboard.h"
#include "metrics/metric.h"
#include "metrics/request.h"
#include "metrics/values.h"
#include "storage/temporary_folder.h"

namespace bullion::metrics {

inline project::Model table_of(const std::string& name, const std::string& currency_column,
                               std::vector<std::pair<std::string, delta::DataType>> columns) {
  project::Model out;
  out.contract.name = name;
  out.contract.owner = "finops@example.com";
  out.contract.currency_column = currency_column;
  for (auto& [column, type] : columns) {
    out.contract.columns.push_back(
        {.name = column, .type = std::move(type), .nullable = true, .metadata_json = "{}"});
  }
  return out;
}

inline delta::DataType type_of(delta::TypeId id) {
  delta::DataType out;
  out.id = id;
  return out;
}

inline delta::DataType decimal(int precision, int scale) {
  delta::DataType out = type_of(delta::TypeId::Decimal);
  out.precision = precision;
  out.scale = scale;
  return out;
}

constexpr const char* kMetricsYaml = R"~(metrics:
  - name: cost
    title: Cost
    description: What was paid.
    table: costs
    measure: sum(amount)
    unit: money
    time_column: day
    dimensions:
      - account
      - {name: service, title: Service, column: service_name}
      - {name: kind, expression: "CASE WHEN amount < 0 THEN 'credit' ELSE 'charge' END"}
      - name: size
        expression: >-
          CASE WHEN amount < 1 THEN 'small' WHEN amount < 9 THEN 'medium' ELSE 'large' END
        sort_by: amount
    better: down
    complete_column: final
  - name: charges
    table: costs
    measure: count(*)
    unit: count
    unit_name: charges
    time_column: day
    dimensions:
      - account
      - {name: service, column: service_name}
      - name: size
        expression: >-
          CASE WHEN amount < 1 THEN 'small' WHEN amount < 9 THEN 'medium' ELSE 'large' END
        sort_by: amount
  - name: accounts
    table: costs
    measure: count(DISTINCT account)
    unit: count
    time_column: day
    dimensions: [{name: service, column: service_name}]
  - name: largest
    table: costs
    measure: max(amount)
    unit: money
    time_column: day
    dimensions: [account]
  - name: usage
    table: usage
    measure: sum(hours)
    filters: [hours > 0]
    unit: quantity
    unit_name: hours
    time_column: at
    dimensions: [account]
  - name: price
    title: Cost per hour
    numerator: cost
    denominator: usage
    scale: 4
    unit: money
    unit_name: per hour
  - name: average
    numerator: cost
    denominator: charges
    scale: 3
    unit: money
  - name: balance
    table: costs
    measure: sum(amount)
    unit: quantity
    time_column: day
    dimensions: [account]
    over_time: last
  - name: expense
    table: ledger
    measure: sum(amount)
    unit: money
    sign: flip
)~";

/// Loads metrics from YAML over contracts, and evaluates them over tables of a real engine.
class MetricsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::duckdb_engine({});
    ASSERT_TRUE(engine.has_value());
    engine_ = std::move(*engine);
    using delta::TypeId;
    project_.folder = folder_.path();
    project_.name = "shop";
    project_.currency = "EUR";
    const delta::DataType text = type_of(TypeId::String);
    project_.models = {
        table_of("costs", "currency",
                 {{"day", type_of(TypeId::Date)},
                  {"account", text},
                  {"service_name", text},
                  {"currency", text},
                  {"amount", decimal(18, 2)},
                  {"final", type_of(TypeId::Boolean)},
                  {"weight", type_of(TypeId::Double)}}),
        table_of(
            "usage", "",
            {{"at", type_of(TypeId::Timestamp)}, {"account", text}, {"hours", decimal(18, 3)}}),
        table_of("ledger", "", {{"amount", decimal(38, 4)}, {"booked", type_of(TypeId::Boolean)}})};
    write("metrics/all.yml", kMetricsYaml);
  }

  void write(const std::string& file, const std::string& text) {
    const std::filesystem::path path = std::filesystem::path(folder_.path()) / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }

  /// Loads the metrics; any problem fails the test.
  void load() {
    MetricOutcome outcome = load_metrics(project_, *engine_);
    for (const project::Problem& problem : outcome.problems) ADD_FAILURE() << to_string(problem);
    set_ = std::move(outcome.set);
  }

  /// Makes the tables of a release: `rows` are VALUES of (day, account, service, currency, amount,
  /// final).
  void release(int64_t number, const std::string& rows) {
    const std::string schema = "r" + std::to_string(number);
    run("CREATE SCHEMA IF NOT EXISTS " + schema);
    run("CREATE OR REPLACE TABLE " + schema +
        ".costs AS SELECT CAST(a AS DATE) AS day, b AS "
        "account, c AS service_name, d AS currency, CAST(e AS DECIMAL(18,2)) AS amount, f AS "
        "final, 0.5 AS weight FROM (VALUES " +
        rows + ") AS t(a, b, c, d, e, f)");
  }

  void run(const std::string& sql) { ASSERT_THAT(engine_->execute(sql), IsOk()) << sql; }

  static Result<std::string> relation(const std::string& table, int64_t release) {
    return "r" + std::to_string(release) + "." + table;
  }

  using Parameters = std::vector<std::pair<std::string, std::string>>;

  Result<MetricValues> try_ask(const std::string& name, Parameters parameters) {
    BULLION_TRY_ASSIGN(const Metric* metric, set_.get(name));
    parameters.emplace_back("release", std::to_string(release_));
    BULLION_TRY_ASSIGN(const MetricRequest request, parse_request(set_, *metric, parameters));
    return evaluate(*engine_, set_, *metric, request, relation);
  }

  MetricValues ask(const std::string& name, const Parameters& parameters) {
    auto values = try_ask(name, parameters);
    EXPECT_THAT(values, IsOk());
    return values ? std::move(*values) : MetricValues{};
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<engine::Engine> engine_;
  project::Project project_;
  MetricSet set_;
  int64_t release_ = 1;
};

}  // namespace bullion::metrics
