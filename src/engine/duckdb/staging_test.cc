// Staging: contracts, partitions, statistics, limits.
#include <filesystem>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "storage/temporary_folder.h"

namespace bullion::engine {
namespace {

using delta::DataType;
using delta::TypeId;

const DataType kLong{TypeId::Long, 0, 0, {}};
const DataType kText{TypeId::String, 0, 0, {}};
const DataType kDate{TypeId::Date, 0, 0, {}};

class Staging : public testing::Test {
 protected:
  Staging() {
    auto engine = duckdb_engine({});
    EXPECT_THAT(engine, IsOk());
    engine_ = std::move(engine).value();
  }

  StageRequest request(delta::Schema schema, std::vector<std::string> partition_columns = {}) {
    return {folder_.path(), "part-t-1", std::move(schema), std::move(partition_columns), {}};
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(Staging, WritesOneFilePerDay) {
  const auto files = engine_->stage(
      "SELECT i AS n, DATE '2025-01-01' + (i % 3)::INTEGER AS d, 'x' || i AS t, i / 3 AS x, NULL::DECIMAL(10,2) AS z, (i::DECIMAL(10,2) - 5) AS m,"
      "TIMESTAMPTZ '2025-01-01 10:00:00.5+00' AS ts FROM range(10) r(i)",
      request({{"n", kLong, false, "{}"},
               {"d", kDate, false, "{}"},
               {"t", kText, true, "{}"},
               {"x", {TypeId::Double, 0, 0, {}}, true, "{}"},
               {"m", DataType::decimal(18, 2), true, "{}"},
               {"z", DataType::decimal(18, 2), true, "{}"},
               {"ts", {TypeId::Timestamp, 0, 0, {}}, true, "{}"}},
              {"d"}));
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ(files->at(0).path, "d=2025-01-01/part-t-1-0.parquet");
}

}  // namespace
}  // namespace bullion::engine
