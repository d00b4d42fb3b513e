// Staging of rows that come from a RowSource: types, order, errors, two at once.
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "storage/temporary_folder.h"

namespace bullion::engine {
namespace {

using delta::DataType;
using delta::TypeId;

/// Rows 0, 1, 2.. of one column per type; every seventh row is all NULL but for the first column.
class CountingRows : public RowSource {
 public:
  explicit CountingRows(int64_t rows) : rows_(rows) {
    add("i", {TypeId::Long, 0, 0, {}});
    add("flag", {TypeId::Boolean, 0, 0, {}});
    add("tiny", {TypeId::Byte, 0, 0, {}});
    add("short", {TypeId::Short, 0, 0, {}});
    add("int", {TypeId::Integer, 0, 0, {}});
    add("day", {TypeId::Date, 0, 0, {}});
    add("instant", {TypeId::Timestamp, 0, 0, {}});
    add("d4", DataType::decimal(4, 2));
    add("d9", DataType::decimal(9, 2));
    add("d18", DataType::decimal(18, 2));
    add("d38", DataType::decimal(38, 2));
    add("single", {TypeId::Float, 0, 0, {}});
    add("double", {TypeId::Double, 0, 0, {}});
    add("text", {TypeId::String, 0, 0, {}});
  }

  const delta::Schema& schema() const override { return schema_; }

  Status next(RowBatch& batch) override {
    batch.columns.resize(schema_.size());
    batch.rows = static_cast<size_t>(std::min<int64_t>(kBatchRows, rows_ - next_));
    for (size_t i = 0; i < schema_.size(); ++i) {
      batch.columns[i] = ColumnBatch{};
      batch.columns[i].type = schema_[i].type;
      for (size_t row = 0; row < batch.rows; ++row)
        append(batch.columns[i], i, next_ + static_cast<int64_t>(row));
    }
    next_ += static_cast<int64_t>(batch.rows);
    if (fail_at_ && next_ > *fail_at_) return *failure_;
    return ok();
  }

  void fail_at(int64_t row, Error failure) {
    fail_at_ = row;
    failure_ = std::move(failure);
  }
  void set_text(std::string text) { text_ = std::move(text); }

 private:
  void add(std::string name, DataType type) {
    schema_.push_back({std::move(name), std::move(type), true, "{}"});
  }

  void append(ColumnBatch& column, size_t index, int64_t number) const {
    const bool null = index > 0 && number % 7 == 6;
    column.nulls.push_back(null ? 1 : 0);
    const int64_t value = null ? 0 : number;
    switch (column.type.id) {
      case TypeId::Boolean:
        column.fixed32.push_back(static_cast<int32_t>(value % 2));
        break;
      case TypeId::Byte:
        column.fixed32.push_back(static_cast<int32_t>(value % 100));
        break;
      case TypeId::Short:
      case TypeId::Integer:
      case TypeId::Date:
        column.fixed32.push_back(static_cast<int32_t>(value % 30000));
        break;
      case TypeId::Long:
      case TypeId::Timestamp:
        column.fixed64.push_back(value);
        break;
      case TypeId::Decimal:
        if (column.type.precision > 18) {
          column.fixed128.push_back(-value * power_of_ten(20));
        } else {
          column.fixed64.push_back(-(value % 9999));
        }
        break;
      case TypeId::Float:
      case TypeId::Double:
        column.doubles.push_back(static_cast<double>(value) / 2);
        break;
      default:
        column.append_text(null ? "" : text_ + std::to_string(number));
    }
  }

  delta::Schema schema_;
  int64_t rows_;
  int64_t next_ = 0;
  std::string text_ = "a text long enough not to be stored inline: ä ";
  std::optional<int64_t> fail_at_;
  std::optional<Error> failure_;
};

class StagingRows : public testing::Test {
 protected:
  StagingRows() {
    auto engine = duckdb_engine({});
    EXPECT_THAT(engine, IsOk());
    engine_ = std::move(engine).value();
  }

  StageRequest request(const RowSource& source, const std::string& prefix = "part") {
    return {folder_.path(), prefix, source.schema(), {}, {}};
  }

  std::string rows_where(const StagedFile& file, const std::string& condition) {
    const auto rows =
        engine_->query(fmt::format("SELECT count(*) FROM read_parquet({}) WHERE {}",
                                   quote_text(folder_.path() + "/" + file.path), condition));
    return rows ? to_text(rows->rows[0][0]) : rows.error().message();
  }

  storage::TemporaryFolder folder_;
  std::unique_ptr<Engine> engine_;
};

TEST_F(StagingRows, KeepsEveryValueAndTheOrder) {
  CountingRows source(10000);
  const auto files = engine_->stage_rows(source, request(source));
  ASSERT_THAT(files, IsOk());
  ASSERT_EQ(files->size(), 1U);
  EXPECT_EQ(files->at(0).rows, 10000);
  EXPECT_EQ(files->at(0).stats.at("text").null_count, 1428);
  EXPECT_EQ(rows_where(files->at(0), "i = file_row_number"), "10000");
  EXPECT_EQ(
      rows_where(
          files->at(0),
          "i % 7 <> 6 AND flag = (i % 2 = 1) AND tiny = i % 100 AND short = i AND int = i "
          "AND day = DATE '1970-01-01' + i::INTEGER AND epoch_us(instant) = i "
          "AND d4 = -(i % 9999)::DECIMAL(18,2) / 100 AND d9 = d4 AND d18 = d4 "
          "AND d38 = -i * 1000000000000000000::DECIMAL(38,2) AND single = i / 2 AND double = i / 2 "
          "AND text = 'a text long enough not to be stored inline: ä ' || i"),
      "8572");
  EXPECT_EQ(rows_where(files->at(0), "flag IS NULL AND d38 IS NULL AND text IS NULL"), "1428");
}

TEST_F(StagingRows, WritesNoFileForNoRows) {
  CountingRows source(0);
  const auto files = engine_->stage_rows(source, request(source));
  ASSERT_THAT(files, IsOk());
  EXPECT_TRUE(files->empty());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(StagingRows, PassesTheSourcesErrorOnAsItIs) {
  CountingRows source(100000);
  source.fail_at(50000, io_error("the file ended in the middle"));
  const auto files = engine_->stage_rows(source, request(source));
  ASSERT_THAT(files, IsErrorOf(ErrorKind::Io));
  EXPECT_EQ(files.error().message(), "the file ended in the middle");
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(StagingRows, RefusesBytesThatAreNoText) {
  CountingRows source(10);
  source.set_text("\xC3");
  EXPECT_THAT(engine_->stage_rows(source, request(source)),
              HasMessage("column text: a text is not valid UTF-8"));
}

TEST_F(StagingRows, ChecksTheContractsNullsAndNames) {
  CountingRows source(10);
  StageRequest strict = request(source);
  strict.schema[13].nullable = false;
  EXPECT_THAT(engine_->stage_rows(source, strict), HasMessage("column text: 1 of the rows"));
  strict.schema.pop_back();
  EXPECT_THAT(engine_->stage_rows(source, strict), HasMessage("not in the contract: text"));
}

TEST_F(StagingRows, RunsTwoSourcesAtOnce) {
  std::vector<Result<std::vector<StagedFile>>> outcomes(2, std::vector<StagedFile>{});
  {
    std::vector<std::jthread> threads;
    for (size_t i = 0; i < outcomes.size(); ++i) {
      threads.emplace_back([&, i] {
        CountingRows source(30000 + static_cast<int64_t>(i));
        outcomes[i] = engine_->stage_rows(source, request(source, fmt::format("part-{}", i)));
      });
    }
  }
  for (size_t i = 0; i < outcomes.size(); ++i) {
    ASSERT_THAT(outcomes[i], IsOk());
    EXPECT_EQ(outcomes[i]->at(0).rows, 30000 + static_cast<int64_t>(i));
    EXPECT_EQ(rows_where(outcomes[i]->at(0), "i <> file_row_number"), "0");
  }
}

}  // namespace
}  // namespace bullion::engine
