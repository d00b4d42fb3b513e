// A small project made by hand, its files in a temporary folder and a lake that real runs publish
// to. For tests only.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/environment.h"
#include "pipeline/run.h"
#include "project/project.h"
#include "storage/temporary_folder.h"
#include "table/table.h"

namespace bullion::pipeline {

inline delta::Column typed(std::string name, delta::TypeId type, bool nullable = true) {
  return {std::move(name), {type, 0, 0, {}}, nullable, "{}"};
}
inline delta::Column money(std::string name, int precision = 18, int scale = 2) {
  return {std::move(name), delta::DataType::decimal(precision, scale), true, "{}"};
}

/// events_raw (files) -> events (latest) -> daily (aggregate, by day) -> by_owner (full, with a
/// seed).
class SmallLake : public testing::Test {
 protected:
  void SetUp() override {
    engine::EngineOptions options;
    options.threads = 2;
    auto engine = engine::duckdb_engine(options);
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    codec_ = table::checkpoint_codec(*engine_);
    project_.folder = folder_.path();
    project_.name = "small";
    project_.currency = "USD";
    project_.lake = folder_.path() + "/lake";
    lake_ = storage::local_file_system(project_.lake);
    write("seeds/owners.csv", "account_id,owner\nA1,ann\nA2,bob\n");
    project_.sources = {events_raw()};
    project_.seeds = {owners("seed-1")};
    project_.models = {events(), daily(), by_owner()};
  }

  Environment env() { return {*lake_, *engine_, clock_, *codec_, "tester", {}}; }

  void write(const std::string& path, const std::string& text) const {
    const std::filesystem::path file = std::filesystem::path(folder_.path()) / path;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }

  /// Puts lines under the header into incoming/<name>.
  void arrive(const std::string& name, const std::string& lines) const {
    write("incoming/" + name,
          "event_id,event_version,account_id,usage_date,cost,currency,is_withdrawn\n" + lines);
  }

  /// Publishes a release, which must succeed.
  release::Record publish(const RunOptions& options = {}) {
    auto outcome = pipeline::run(env(), project_, options);
    EXPECT_THAT(outcome, IsOk());
    if (!outcome || !outcome->record) {
      ADD_FAILURE() << "nothing was published";
      return {};
    }
    return *outcome->record;
  }

  static project::Source events_raw() {
    using delta::TypeId;
    project::Source source;
    source.contract.name = "events_raw";
    source.contract.columns = {typed("event_id", TypeId::String, false),
                               typed("event_version", TypeId::Integer),
                               typed("account_id", TypeId::String),
                               typed("usage_date", TypeId::Date),
                               money("cost"),
                               typed("currency", TypeId::String),
                               typed("is_withdrawn", TypeId::Boolean)};
    source.contract.amount_column = "cost";
    source.contract.currency_column = "currency";
    source.files = {"incoming/*.csv"};
    source.hash = "0123456789abcdef-source";
    return source;
  }

  static project::Seed owners(const std::string& hash) {
    project::Seed seed;
    seed.contract.name = "owners";
    seed.contract.columns = {typed("account_id", delta::TypeId::String, false),
                             typed("owner", delta::TypeId::String)};
    seed.contract.grain = {"account_id"};
    seed.file = "seeds/owners.csv";
    seed.hash = hash + "-0123456789abcdef";
    return seed;
  }

  static project::Model events() {
    using delta::TypeId;
    project::Model model;
    model.contract.name = "events";
    model.contract.columns = {typed("event_id", TypeId::String, false),
                              typed("event_version", TypeId::Integer),
                              typed("account_id", TypeId::String),
                              typed("usage_date", TypeId::Date),
                              money("cost_usd"),
                              typed("currency", TypeId::String),
                              typed("is_withdrawn", TypeId::Boolean)};
    model.contract.grain = {"event_id"};
    model.contract.partition_by = {"usage_date"};
    model.contract.amount_column = "cost_usd";
    model.contract.currency_column = "currency";
    model.layer = "silver";
    model.kind = project::ModelKind::Latest;
    model.sql =
        "SELECT event_id, event_version, account_id, usage_date, cost AS cost_usd, currency, "
        "coalesce(is_withdrawn, false) AS is_withdrawn FROM events_raw -- every version";
    model.unique_key = {"event_id"};
    model.version_by = {"event_version"};
    model.withdrawn_column = "is_withdrawn";
    model.conserves = {{"cost_usd", "cost"}};
    model.depends_on = {"events_raw"};
    for (const char* name : {"event_id", "event_version", "account_id", "usage_date", "currency"}) {
      model.origins[name] = {"events_raw", name};
    }
    model.origins["cost_usd"] = {"events_raw", "cost"};
    model.code_hash = "events-1";
    return model;
  }

  static project::Model daily() {
    using delta::TypeId;
    project::Model model;
    model.contract.name = "daily";
    model.contract.columns = {
        typed("account_id", TypeId::String), typed("usage_date", TypeId::Date),
        typed("currency", TypeId::String),   money("total_cost", 38, 2),
        typed("event_count", TypeId::Long),  typed("published_at", TypeId::Timestamp)};
    model.contract.grain = {"account_id", "usage_date", "currency"};
    model.contract.partition_by = {"usage_date"};
    model.contract.amount_column = "total_cost";
    model.contract.currency_column = "currency";
    model.layer = "gold";
    model.kind = project::ModelKind::Aggregate;
    model.sql =
        "SELECT account_id, usage_date, currency, CAST(sum(cost_usd) AS DECIMAL(38,2)) AS "
        "total_cost, CAST(count(*) AS BIGINT) AS event_count FROM events GROUP BY ALL";
    model.conserves = {{"total_cost", "cost_usd"}};
    model.depends_on = {"events"};
    model.aligned_inputs = {{"events", {.column = "usage_date"}}};
    for (const char* name : {"account_id", "usage_date", "currency"}) {
      model.origins[name] = {"events", name};
    }
    model.code_hash = "daily-1";
    return model;
  }

  static project::Model by_owner() {
    using delta::TypeId;
    project::Model model;
    model.contract.name = "by_owner";
    model.contract.columns = {typed("owner", TypeId::String), money("total_cost", 38, 2)};
    model.contract.grain = {"owner"};
    model.contract.amount_column = "total_cost";
    model.layer = "gold";
    model.kind = project::ModelKind::Full;
    model.sql =
        "SELECT o.owner, CAST(sum(d.total_cost) AS DECIMAL(38,2)) AS total_cost FROM daily AS d "
        "LEFT JOIN owners AS o ON o.account_id = d.account_id GROUP BY o.owner";
    model.conserves = {{"total_cost", "total_cost"}};
    model.depends_on = {"daily", "owners"};
    model.origins["owner"] = {"owners", "owner"};
    model.code_hash = "by-owner-1";
    return model;
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::FileSystem> lake_;
  SystemClock clock_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<delta::CheckpointCodec> codec_;
  project::Project project_;
};

}  // namespace bullion::pipeline
