// A small good project in a temporary folder, to be spoiled one mistake at a time. For tests only.
#pragma once

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/duckdb/duckdb_engine.h"
#include "project/project.h"
#include "storage/temporary_folder.h"

namespace bullion::project {

inline std::map<std::string, std::string> good_inputs() {
  return {
      {"bullion.yml", R"~(name: shop
currency: USD
target: dev
targets:
  dev: {lake: ./lake}
  prod: {lake: /srv/lake}
vars: {region: eu}
)~"},
      {"sources/raw_orders.yml", R"~(version: 2
sources:
  - name: raw_orders
    description: orders as delivered
    meta: {owner: shop@example.com}
    config:
      files: incoming/*.csv
      amount: amount
    columns:
      - {name: order_id, data_type: string, constraints: [{type: not_null}]}
      - {name: version, data_type: int}
      - {name: day, data_type: date}
      - {name: amount, data_type: "decimal(18,2)"}
      - {name: weight, data_type: double}
      - {name: status, data_type: string, data_tests: [{accepted_values: {values: [open, paid]}}]}
)~"},
      {"seeds/dim_status.csv", "status,label\nopen,Open\npaid,Paid\n"},
      {"seeds/schema.yml", R"~(version: 2
seeds:
  - name: dim_status
    meta: {owner: shop@example.com}
    columns:
      - {name: status, data_type: string}
      - {name: label, data_type: string}
)~"},
  };
}

inline std::map<std::string, std::string> good_models() {
  return {
      {"models/silver/orders.sql", R"~(-- grain: order
SELECT
  r.order_id,
  r.version,
  r.day,
  r.amount,
  s.label
FROM {{ source('any', 'raw_orders') }} AS r
LEFT JOIN {{ ref('dim_status') }} AS s ON r.status = s.status
)~"},
      {"models/silver/schema.yml", R"~(version: 2
models:
  - name: orders
    meta: {owner: shop@example.com}
    config:
      kind: latest
      unique_key: [order_id]
      version_by: version
      partition_by: day
      grain: [order_id]
      conserves: {amount: amount}
      amount: amount
    columns:
      - name: order_id
        data_type: string
        constraints: [{type: not_null}]
        data_tests: [unique, not_null]
      - {name: version, data_type: int}
      - {name: day, data_type: date}
      - {name: amount, data_type: "decimal(18,2)"}
      - name: label
        data_type: string
        data_tests:
          - relationships: {to: ref('dim_status'), field: label, severity: warn}
)~"},
      {"models/gold/daily.sql", R"~(-- grain: day, label
SELECT day, label, sum(amount) AS amount, count(*) AS orders
FROM orders
GROUP BY day, label
)~"},
      {"models/gold/schema.yml", R"~(version: 2
models:
  - name: daily
    meta: {owner: shop@example.com}
    config:
      kind: aggregate
      partition_by: [day]
    columns:
      - {name: day, data_type: date}
      - {name: label, data_type: string}
      - {name: amount, data_type: "decimal(38,2)"}
      - {name: orders, data_type: bigint}
      - {name: published_at, data_type: timestamp}
    data_tests:
      - unique: {columns: [day, label]}
)~"},
  };
}

inline std::map<std::string, std::string> good_tests() {
  return {{"tests/no_negative.sql", "-- severity: warn\nSELECT * FROM daily WHERE amount < 0\n"},
          {"tests/unit.yml", R"~(unit_tests:
  - name: sums_by_day
    model: daily
    given:
      - input: ref('orders')
        rows: [{order_id: a, day: 2025-01-01, amount: 1.50}, {order_id: b, day: ~, amount: ""}]
    expect:
      rows: [{day: 2025-01-01, amount: "1.50", orders: 1}]
)~"}};
}

inline std::map<std::string, std::string> good_files() {
  std::map<std::string, std::string> files = good_inputs();
  files.merge(good_models());
  files.merge(good_tests());
  return files;
}

/// Writes files to a folder, loads and checks them with a real engine.
class ProjectTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto engine = engine::duckdb_engine({});
    ASSERT_TRUE(engine.has_value());
    engine_ = std::move(*engine);
    files_ = good_files();
  }

  std::string folder() const { return folder_.path(); }

  /// Replaces `before` in a file; fails the test when it is not there.
  void edit(const std::string& file, const std::string& before, const std::string& after) {
    std::string& text = files_[file];
    const size_t at = text.find(before);
    ASSERT_NE(at, std::string::npos) << file << " has no " << before;
    text.replace(at, before.size(), after);
  }

  LoadOutcome load(LoadOptions options = {}) {
    write();
    if (options.folder == ".") options.folder = folder();
    return load_project(options, *engine_);
  }

  /// Problems of load, or of check when the load succeeds, one per line.
  std::vector<std::string> all_problems() {
    const LoadOutcome outcome = load();
    std::vector<Problem> problems = outcome.problems;
    if (outcome.project) {
      const auto more = check_project(*outcome.project, *engine_);
      problems.insert(problems.end(), more.begin(), more.end());
    }
    std::vector<std::string> out;
    for (const Problem& problem : problems) out.push_back(to_string(problem));
    return out;
  }

  /// The model `daily` after its SQL is replaced.
  Model daily_with(const std::string& sql) {
    files_["models/gold/daily.sql"] = sql;
    const LoadOutcome outcome = load();
    for (const Problem& problem : outcome.problems) ADD_FAILURE() << to_string(problem);
    return outcome.project ? *outcome.project->find_model("daily") : Model{};
  }

  std::unique_ptr<engine::Engine> engine_;
  std::map<std::string, std::string> files_;

 private:
  void write() {
    for (const auto& entry : std::filesystem::directory_iterator(folder())) {
      std::filesystem::remove_all(entry.path());
    }
    for (const auto& [name, text] : files_) {
      const std::filesystem::path path = std::filesystem::path(folder()) / name;
      std::filesystem::create_directories(path.parent_path());
      std::ofstream(path, std::ios::binary) << text;
    }
  }

  storage::TemporaryFolder folder_;
};

}  // namespace bullion::project
