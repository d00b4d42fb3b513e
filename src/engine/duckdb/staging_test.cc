// Staging: contracts, partitions, statistics, limits.
#include <filesystem>
#include <map>
#include <numeric>
#include <set>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "storage/temporary_folder.h"

namespace bullion::engine {
namespace {

namespace fs = std::filesystem;
using delta::DataType;
using delta::TypeId;
using testing::ElementsAre;

const DataType kInteger{TypeId::Integer, 0, 0, {}};
const DataType kLong{TypeId::Long, 0, 0, {}};
const DataType kDouble{TypeId::Double, 0, 0, {}};
const DataType kText{TypeId::String, 0, 0, {}};
const DataType kDate{TypeId::Date, 0, 0, {}};
const DataType kTimestamp{TypeId::Timestamp, 0, 0, {}};
const DataType kMoney = DataType::decimal(18, 2);

delta::Column column(std::string name, DataType type) {
  return {std::move(name), std::move(type), true, "{}"};
}
delta::Column required(std::string name, DataType type) {
  return {std::move(name), std::move(type), false, "{}"};
}

class Staging : public testing::Test {
 protected:
  Staging() { start({}); }

  void start(const EngineOptions& options) {
    auto engine = duckdb_engine(options);
    EXPECT_THAT(engine, IsOk());
    engine_ = std::move(engine).value();
  }

  StageRequest request(delta::Schema schema, std::vector<std::string> partition_columns = {}) {
    return {folder_.path(),
            fmt::format("part-{}", ++requests_),
            std::move(schema),
            std::move(partition_columns),
            {}};
  }

  /// All cells of a query, row by row, with '|' between and NULL spelled out.
  std::vector<std::string> rows_of(const std::string& sql) {
    const auto rows = engine_->query(sql);
    if (!rows) return {rows.error().message()};
    std::vector<std::string> lines;
    for (const auto& row : rows->rows) {
      std::string line;
      for (const Value& value : row)
        line += (line.empty() ? "" : "|") + (is_null(value) ? "NULL" : to_text(value));
      lines.push_back(line);
    }
    return lines;
  }

  std::string path_of(const StagedFile& file) { return folder_.path() + "/" + file.path; }

  size_t files_in_folder() {
    size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder_.path()))
      count += entry.is_regular_file();
    return count;
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<Engine> engine_;
  int requests_ = 0;
};

TEST_F(Staging, WritesOneFilePerDayWithExactStatistics) {
  const auto files = engine_->stage(
      "SELECT i AS n, DATE '2025-01-01' + (i % 3)::INTEGER AS d, 'x' || i AS t, "
      "CASE WHEN i = 3 THEN 'nan'::DOUBLE ELSE i / 3 END AS x, NULL::DECIMAL(10,2) AS z, "
      "(i::DECIMAL(10,2) - 5) AS m, TIMESTAMP '2025-01-01 10:00:00.5' AS ts FROM range(10) r(i)",
      request({required("n", kLong), required("d", kDate), column("t", kText), column("x", kDouble),
               column("m", kMoney), column("z", kMoney), column("ts", kTimestamp)},
              {"d"}));
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 3U);
  const StagedFile& first = files->at(0);
  EXPECT_EQ(first.path, "d=2025-01-01/part-1-0.parquet");
  EXPECT_EQ(first.rows, 4);
  EXPECT_EQ(first.bytes, static_cast<int64_t>(fs::file_size(path_of(first))));
  EXPECT_EQ(first.partition_values, (delta::PartitionValues{{"d", "2025-01-01"}}));
  EXPECT_FALSE(first.stats.contains("d"));
  EXPECT_EQ(first.stats.at("n").min, Value{int64_t{0}});
  EXPECT_EQ(first.stats.at("n").max, Value{int64_t{9}});
  EXPECT_EQ(first.stats.at("m").min, (Value{Decimal{-500, 2}}));
  EXPECT_EQ(first.stats.at("t").max, Value{std::string("x9")});
  EXPECT_EQ(to_text(first.stats.at("ts").max), "2025-01-01T10:00:00.500000Z");
  EXPECT_EQ(first.stats.at("z").null_count, 4);
  EXPECT_TRUE(is_null(first.stats.at("z").min));
  EXPECT_TRUE(first.stats.at("x").has_nan);
  EXPECT_THAT(
      rows_of(fmt::format("SELECT typeof(ts), typeof(d), typeof(m), m FROM read_parquet({}, "
                          "hive_partitioning = false) LIMIT 1",
                          quote_text(path_of(first)))),
      ElementsAre("TIMESTAMP WITH TIME ZONE|DATE|DECIMAL(18,2)|-5.00"));
}

TEST_F(Staging, WritesOneFileInOrderWithoutPartitions) {
  const auto files =
      engine_->stage("SELECT i FROM range(300000) r(i)", request({column("i", kLong)}));
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(files->at(0).path, "part-1-0.parquet");
  EXPECT_THAT(
      rows_of(fmt::format("SELECT count(*) FROM read_parquet({}) WHERE i <> file_row_number",
                          quote_text(path_of(files->at(0))))),
      ElementsAre("0"));
}

TEST_F(Staging, WritesNothingForNoRows) {
  EXPECT_TRUE(
      engine_->stage("SELECT 1 AS i WHERE false", request({column("i", kLong)})).value().empty());
  EXPECT_TRUE(engine_
                  ->stage("SELECT 1 AS i, DATE '2025-01-01' AS d WHERE false",
                          request({column("i", kLong), column("d", kDate)}, {"d"}))
                  .value()
                  .empty());
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(Staging, TakesColumnsByNameInAnyOrderAndNamesTheWrongOnes) {
  const auto files = engine_->stage("SELECT 'b' AS B, 1 AS a -- comment",
                                    request({column("a", kLong), column("b", kText)}));
  ASSERT_THAT(files, IsOk());
  EXPECT_THAT(rows_of("SELECT * FROM read_parquet(" + quote_text(path_of(files->at(0))) + ")"),
              ElementsAre("1|b"));
  const auto wrong = engine_->stage("SELECT 1 AS a, 2 AS c, 3 AS d",
                                    request({column("a", kLong), column("b", kText)}));
  EXPECT_THAT(wrong, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(wrong, HasMessage("missing b; not in the contract: c, d"));
  EXPECT_THAT(engine_->stage("SELECT 1 AS a, 2 AS A", request({column("a", kLong)})),
              HasMessage("column a 2 times"));
}

TEST_F(Staging, RefusesFloatingPointForADecimal) {
  for (const char* select :
       {"SELECT 1.5::DOUBLE AS m", "SELECT 1.5::FLOAT AS m", "SELECT 10.00 / 3 AS m",
        "SELECT avg(x) AS m FROM (VALUES (1.50), (2.50)) t(x)", "SELECT '1.5' AS m"}) {
    const auto files = engine_->stage(select, request({column("m", kMoney)}));
    EXPECT_THAT(files, IsErrorOf(ErrorKind::Invalid)) << select;
    EXPECT_THAT(files, HasMessage("column m: the query gives")) << select;
  }
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(Staging, RefusesToLoseDigits) {
  struct Case {
    const char* value;
    DataType type;
  };
  for (const Case& c :
       {Case{"0.129", kMoney}, Case{"99999999999999999.00::DECIMAL(38,2)", kMoney},
        Case{"170141183460469231731687303715884105727::HUGEINT", kLong}, Case{"2.5", kLong},
        Case{"2147483648", kInteger}, Case{"2.5::DOUBLE", kLong},
        Case{"99999999999999999999999999999999999999::DECIMAL(38,0)", DataType::decimal(38, 2)},
        Case{"1e300::DOUBLE", kLong}, Case{"TIMESTAMP '2025-01-01 00:00:01'", kDate}}) {
    const auto files =
        engine_->stage(fmt::format("SELECT {} AS v", c.value), request({column("v", c.type)}));
    EXPECT_THAT(files, IsErrorOf(ErrorKind::Invalid)) << c.value;
    EXPECT_THAT(files, HasMessage("column v: the value ")) << c.value;
  }
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(Staging, CastsThatLoseNothingAreDone) {
  const auto files = engine_->stage(
      "SELECT 1.500::DECIMAL(38,3) AS a, sum(2) AS b, 3.0 AS c, date_trunc('month', DATE "
      "'2025-01-05') AS d, "
      "NULL AS e, 5 AS f, DATE '2025-01-02' AS g, '2025-02-28' AS h",
      request({column("a", kMoney), column("b", kLong), column("c", kInteger), column("d", kDate),
               column("e", kMoney), column("f", kText), column("g", kTimestamp),
               column("h", kDate)}));
  ASSERT_THAT(files, IsOk());
  EXPECT_THAT(rows_of("SELECT * FROM read_parquet(" + quote_text(path_of(files->at(0))) + ")"),
              ElementsAre("1.50|2|3|2025-01-01|NULL|5|2025-01-02T00:00:00.000000Z|2025-02-28"));
  EXPECT_THAT(engine_->stage("SELECT '2025-02-30' AS d", request({column("d", kDate)})),
              HasMessage("2025-02-30"));
}

TEST_F(Staging, RefusesNullWhereTheContractForbidsIt) {
  const auto files = engine_->stage(
      "SELECT nullif(i, 3) AS i, DATE '2025-01-01' + i::INTEGER AS d FROM range(9) r(i)",
      request({required("i", kLong), column("d", kDate)}, {"d"}));
  EXPECT_THAT(files, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(files, HasMessage("column i: 1 of the rows to write hold NULL"));
  const auto partition =
      engine_->stage("SELECT 1 AS i, NULL::DATE AS d",
                     request({required("i", kLong), required("d", kDate)}, {"d"}));
  EXPECT_THAT(partition, HasMessage("column d: 1 of"));
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(Staging, PutsOddPartitionTextsInFoldersThatDoNotNameThem) {
  ASSERT_THAT(engine_->execute(
                  "CREATE TABLE t AS SELECT * FROM (VALUES (1, 'eu-west.1'), (2, 'a/b c=é''%'), "
                  "(3, NULL), (4, '..'), (5, 'NULL')) t(n, p)"),
              IsOk());
  const auto files =
      engine_->stage("FROM t", request({column("n", kInteger), column("p", kText)}, {"p"}));
  ASSERT_THAT(files, IsOk());
  std::map<std::string, std::string> value_of_row;
  std::set<std::string> paths;
  for (const StagedFile& file : *files) {
    const auto& value = file.partition_values.at("p");
    value_of_row[to_text(file.stats.at("n").min)] = value.value_or("NULL!");
    paths.insert(file.path);
    EXPECT_TRUE(fs::exists(path_of(file))) << file.path;
    EXPECT_EQ(fs::path(file.path).lexically_normal(), file.path);
    EXPECT_EQ(file.path.find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-=/"),
              std::string::npos)
        << file.path;
  }
  EXPECT_EQ(
      value_of_row,
      (std::map<std::string, std::string>{
          {"1", "eu-west.1"}, {"2", "a/b c=é'%"}, {"3", "NULL!"}, {"4", ".."}, {"5", "NULL"}}));
  EXPECT_EQ(paths.size(), 5U);
  EXPECT_TRUE(paths.contains("p=eu-west.1/part-1-0.parquet"));
  EXPECT_FALSE(fs::exists(folder_.path() + "/_staging-part-1"));
}

TEST_F(Staging, PartitionsByInstantsWithDeltasText) {
  const auto files =
      engine_->stage("SELECT 1 AS n, TIMESTAMPTZ '2025-01-01 02:00:00.25+02' AS t",
                     request({column("n", kInteger), column("t", kTimestamp)}, {"t"}));
  ASSERT_THAT(files, IsOk());
  EXPECT_EQ(files->at(0).partition_values.at("t"), "2025-01-01T00:00:00.250000Z");
}

TEST_F(Staging, RefusesPartitionsThatDeltaCannotHold) {
  EXPECT_THAT(engine_->stage("SELECT 1 AS n, '' AS p",
                             request({column("n", kLong), column("p", kText)}, {"p"})),
              HasMessage("cannot tell an empty text from NULL"));
  EXPECT_THAT(engine_->stage("SELECT 1 AS n, unnest([NULL, '__HIVE_DEFAULT_PARTITION__']) AS p",
                             request({column("n", kLong), column("p", kText)}, {"p"})),
              HasMessage("stands for NULL"));
  EXPECT_THAT(engine_->stage("SELECT 1 AS n, 1.5::DOUBLE AS p",
                             request({column("n", kLong), column("p", kDouble)}, {"p"})),
              HasMessage("cannot partition"));
  EXPECT_THAT(engine_->stage("SELECT 1 AS n", request({column("n", kLong)}, {"p"})),
              HasMessage("p is not in"));
  EXPECT_EQ(files_in_folder(), 0U);
}

TEST_F(Staging, SortsEachFileWhenAsked) {
  start({0, 2, ""});
  StageRequest sorted =
      request({column("i", kLong), column("k", kLong), column("d", kDate)}, {"d"});
  sorted.order_by = {"k"};
  const auto files = engine_->stage(
      "SELECT i, (hash(i) % 1000000)::BIGINT AS k, DATE '2025-01-01' + (i % 3)::INTEGER AS d FROM "
      "range(1000000) r(i)",
      sorted);
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 3U);
  for (const StagedFile& file : *files) {
    EXPECT_THAT(
        rows_of(fmt::format(
            "SELECT count(*) FROM (SELECT k < lag(k) OVER (ORDER BY file_row_number) AS wrong "
            "FROM read_parquet({})) WHERE wrong",
            quote_text(path_of(file)))),
        ElementsAre("0"));
  }
}

TEST_F(Staging, WritesMorePartitionsThanItsMemoryHasBuffersFor) {
  // 500 partitions of 41 columns do not fit 256 MiB at once: the rows are sorted by partition then.
  start({int64_t{256} << 20, 2, ""});
  std::string list = "i AS n, (hash(i) % 500)::INTEGER AS p";
  StageRequest wide = request({column("n", kLong), column("p", kInteger)}, {"p"});
  for (int i = 0; i < 20; ++i) {
    list += fmt::format(", i::DECIMAL(38,2) AS m{0}, 'text of column {0} of row ' || i AS t{0}", i);
    wide.schema.push_back(column(fmt::format("m{}", i), DataType::decimal(38, 2)));
    wide.schema.push_back(column(fmt::format("t{}", i), kText));
  }
  const auto files = engine_->stage(fmt::format("SELECT {} FROM range(40000) r(i)", list), wide);
  ASSERT_THAT(files, IsOk());
  EXPECT_EQ(files->size(), 500U);
  EXPECT_EQ(files->size(), files_in_folder());
  EXPECT_EQ(std::accumulate(files->begin(), files->end(), int64_t{0},
                            [](int64_t sum, const StagedFile& file) { return sum + file.rows; }),
            40000);
}

TEST_F(Staging, KeepsTheFilesOfOtherRequestsWhenOneFails) {
  const auto first = engine_->stage("SELECT 1 AS n", request({column("n", kLong)}));
  ASSERT_THAT(first, IsOk());
  EXPECT_THAT(engine_->stage("SELECT NULL::BIGINT AS n", request({required("n", kLong)})),
              HasMessage("NOT NULL"));
  EXPECT_EQ(files_in_folder(), 1U);
}

}  // namespace
}  // namespace bullion::engine
