// What the tests of this module share: a lake on disk, the engine, and tables in it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/clock.h"
#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "storage/temporary_folder.h"
#include "table/table.h"
#include "table/write.h"

namespace bullion::table {

/// One row as text: cells joined by '|', NULL as "NULL".
inline std::string row_text(const std::vector<engine::Value>& row) {
  std::string text;
  for (const engine::Value& value : row) {
    if (!text.empty()) text += '|';
    text += is_null(value) ? "NULL" : engine::to_text(value);
  }
  return text;
}

inline delta::Column column(std::string name, delta::TypeId type, bool nullable = true) {
  return {std::move(name), {type, 0, 0, {}}, nullable, "{}"};
}
inline delta::Column decimal_column(std::string name, int precision, int scale) {
  return {std::move(name), delta::DataType::decimal(precision, scale), true, "{}"};
}

class TableFixture : public testing::Test {
 protected:
  void SetUp() override {
    engine::EngineOptions options;
    options.threads = 2;
    auto engine = engine::duckdb_engine(options);
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
    codec_ = checkpoint_codec(*engine_);
  }

  delta::Log log(const std::string& path = "t") {
    return delta::Log(*files_, path, clock_, codec_.get());
  }

  /// Makes the table by a commit of version 0.
  void create(const delta::Schema& schema, const std::vector<std::string>& partition_columns = {},
              const std::string& path = "t") {
    delta::Transaction transaction;
    transaction.actions = create_actions(path, schema, partition_columns, clock_);
    ASSERT_THAT(log(path).commit(transaction), IsOk());
  }

  TableWrite write_at(const delta::Snapshot& snapshot, const std::string& path = "t") {
    return {*files_, *engine_, clock_, snapshot, path, {}};
  }

  void append(const std::string& select, const std::string& path = "t") {
    const auto snapshot = log(path).snapshot();
    ASSERT_THAT(snapshot, IsOk());
    const auto transaction = append_rows(write_at(*snapshot, path), select);
    ASSERT_THAT(transaction, IsOk());
    ASSERT_THAT(log(path).commit(*transaction), IsOk());
  }

  /// Rows of a SELECT as texts, sorted.
  std::vector<std::string> rows_of(const std::string& select) {
    const auto rows = engine_->query(select);
    if (!rows) return {rows.error().message()};
    std::vector<std::string> texts;
    for (const auto& row : rows->rows) texts.push_back(row_text(row));
    std::sort(texts.begin(), texts.end());
    return texts;
  }

  std::vector<std::string> table_rows(const std::string& path = "t",
                                      std::optional<int64_t> version = std::nullopt) {
    const auto snapshot = log(path).snapshot(version);
    if (!snapshot) return {snapshot.error().message()};
    return rows_of(relation_sql(*files_, relation_of(*snapshot, path)));
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<storage::FileSystem> files_ = storage::local_file_system(folder_.path());
  SystemClock clock_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<delta::CheckpointCodec> codec_;
};

}  // namespace bullion::table
