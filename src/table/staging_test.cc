#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "table/table_fixture_internal.h"

namespace bullion::table {
namespace {

using delta::TypeId;
using testing::ElementsAre;

class Sealing : public TableFixture {
 protected:
  engine::StageRequest request(delta::Schema schema, std::vector<std::string> partitions = {}) {
    EXPECT_THAT(files_->make_folder("t"), IsOk());
    return {files_->location("t"), "part-1", std::move(schema), std::move(partitions), {}};
  }

  Result<std::vector<delta::AddFile>> seal(const std::string& select,
                                           const engine::StageRequest& request) {
    BULLION_TRY_ASSIGN(const auto staged, engine_->stage(select, request));
    return seal_staged_files(*files_, *engine_, clock_, "t", request, staged);
  }
};

TEST_F(Sealing, SumsTheRowHashesOfEachFile) {
  const delta::Schema schema = {column("id", TypeId::Long), column("name", TypeId::String),
                                column("_file_id", TypeId::String)};
  const auto adds = seal(
      "SELECT unnest([1, -2, NULL]) AS id, unnest(['a', NULL, '\u00e9']) AS name, "
      "'ignored' AS _file_id",
      request(schema));
  ASSERT_THAT(adds, IsOk());
  ASSERT_EQ(adds->size(), 1U);
  RowHashSum expected;
  const auto add_row = [&](std::optional<int64_t> id, const char* name) {
    const auto hash = [&](uint64_t seed) {
      RowHasher hasher(seed);
      id ? hasher.add_int64(*id) : hasher.add_null();
      name != nullptr ? hasher.add_string(name) : hasher.add_null();
      return hasher.finish();
    };
    expected += {1, hash(kRowHashSeed), hash(kRowHashSalt)};
  };
  add_row(1, "a");
  add_row(-2, nullptr);
  add_row(std::nullopt, "\u00e9");
  EXPECT_EQ(adds->front().tags.at(kRowHashTag), to_string(expected));
}

TEST_F(Sealing, SumsExactlyOverManyRows) {
  const delta::Schema schema = {column("id", TypeId::Long)};
  const auto adds = seal("SELECT range AS id FROM range(50000)", request(schema));
  ASSERT_THAT(adds, IsOk());
  RowHashSum expected;
  for (int64_t id = 0; id < 50'000; ++id) {
    RowHasher a(kRowHashSeed);
    RowHasher b(kRowHashSalt);
    a.add_int64(id);
    b.add_int64(id);
    expected += {1, a.finish(), b.finish()};
  }
  RowHashSum sum;
  const auto hashes = partition_hashes(*adds);
  ASSERT_THAT(hashes, IsOk());
  for (const auto& [key, part] : *hashes) sum += part;
  EXPECT_EQ(sum, expected);
}

TEST_F(Sealing, HashesTheExampleOfTheFormatPage) {
  const delta::Schema schema = {column("a", TypeId::Long), column("b", TypeId::String),
                                decimal_column("c", 38, 2), column("d", TypeId::Date),
                                column("e", TypeId::Integer)};
  const auto adds = seal(
      "SELECT * FROM (VALUES (1, 'a', 1.50, DATE '2025-01-01', NULL), "
      "(-2, NULL, -123.45, DATE '1970-01-01', 1)) v(a, b, c, d, e)",
      request(schema));
  ASSERT_THAT(adds, IsOk());
  EXPECT_EQ(adds->front().tags.at(kRowHashTag), "2:5cdc153f95d387da:3234218150481944");
}

TEST_F(Sealing, DescribesEachFile) {
  const delta::Schema schema = {column("id", TypeId::Long), column("day", TypeId::Date)};
  const auto adds = seal(
      "SELECT range AS id, DATE '2024-01-01' + (range % 2)::INTEGER AS day "
      "FROM range(10)",
      request(schema, {"day"}));
  ASSERT_THAT(adds, IsOk());
  ASSERT_EQ(adds->size(), 2U);
  for (const delta::AddFile& add : *adds) {
    EXPECT_THAT(add.path, testing::StartsWith("day=" + *add.partition_values.at("day") + "/"));
    EXPECT_EQ(delta::num_records(add), 5);
    EXPECT_EQ(add.size, (*files_->stat("t/" + delta::decoded_path(add)))->size);
    EXPECT_TRUE(add.data_change);
    EXPECT_THAT(add.stats_json, testing::Not(testing::HasSubstr("day")));
  }
}

TEST_F(Sealing, RefusesNullsInAColumnThatMustNotHaveThem) {
  engine::StageRequest wanted = request({column("id", TypeId::Long)});
  const auto staged = engine_->stage("SELECT unnest([1, NULL]) AS id", wanted);
  ASSERT_THAT(staged, IsOk());
  wanted.schema.front().nullable = false;
  const auto adds = seal_staged_files(*files_, *engine_, clock_, "t", wanted, *staged);
  EXPECT_THAT(adds, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(adds, HasMessage("`id` must not be NULL, but 1 of 2"));
}

TEST_F(Sealing, TrustsHashesThatAreKnown) {
  const engine::StageRequest wanted = request({column("id", TypeId::Long)});
  const auto staged = engine_->stage("SELECT 1 AS id", wanted);
  ASSERT_THAT(staged, IsOk());
  const RowHashSum known{1, 2, 3};
  const auto adds = seal_staged_files(*files_, *engine_, clock_, "t", wanted, *staged,
                                      {{staged->front().path, known}});
  ASSERT_THAT(adds, IsOk());
  EXPECT_EQ(adds->front().tags.at(kRowHashTag), to_string(known));
}

TEST_F(Sealing, NoticesAFileWithOtherRows) {
  const engine::StageRequest wanted = request({column("id", TypeId::Long)});
  auto staged = engine_->stage("SELECT 1 AS id", wanted);
  ASSERT_THAT(staged, IsOk());
  staged->front().rows = 2;
  EXPECT_THAT(seal_staged_files(*files_, *engine_, clock_, "t", wanted, *staged),
              IsErrorOf(ErrorKind::Corrupt));
}

TEST(PartitionHashes, AddUpPerPartition) {
  const auto file = [](std::optional<std::string> day, uint64_t rows) {
    delta::AddFile add;
    add.partition_values["day"] = std::move(day);
    add.tags[kRowHashTag] = to_string(RowHashSum{rows, rows * 10, ~uint64_t{0}});
    return add;
  };
  const auto hashes = partition_hashes({file("a", 1), file("b", 2), file("a", 3), file({}, 4)});
  ASSERT_THAT(hashes, IsOk());
  EXPECT_EQ(hashes->size(), 3U);
  EXPECT_EQ(hashes->at(R"({"day":"a"})"), (RowHashSum{4, 40, ~uint64_t{0} - 1}));
  EXPECT_EQ(hashes->at(R"({"day":null})").rows, 4U);
}

TEST(PartitionHashes, RefuseFilesThatWeDidNotWrite) {
  delta::AddFile add;
  add.path = "x.parquet";
  EXPECT_THAT(partition_hashes({add}), IsErrorOf(ErrorKind::Corrupt));
}

// --- Soundness of stats: no row lies outside of the bounds, whatever the data -------------------

class RandomRows {
 public:
  explicit RandomRows(uint64_t seed) : random_(seed) {}

  std::string row() {
    return fmt::format("({}, {}, {}, {}, {}, {}, {}, {})", below(3), integer(), text(),
                       wide_decimal(), decimal(), floating("DOUBLE"), floating("FLOAT"), instant());
  }

 private:
  int64_t below(int64_t limit) {
    return static_cast<int64_t>(random_() % static_cast<uint64_t>(limit));
  }
  bool one_in(int64_t count) { return below(count) == 0; }

  std::string integer() {
    return one_in(9) ? "NULL" : fmt::format("CAST({} AS BIGINT)", static_cast<int64_t>(random_()));
  }
  std::string text() {
    if (one_in(9)) return "NULL";
    static const std::vector<std::string> kParts = {"a",      "Z",          "'",         "\u00e9",
                                                    "\uffee", "\U0001F600", "\U0010FFFF"};
    // Few different characters, so that long common prefixes and cuts anywhere happen often.
    const bool mostly_largest = one_in(5);
    std::string text;
    for (int64_t i = below(75); i > 0; --i) {
      text += mostly_largest && !one_in(20) ? kParts.back() : kParts[static_cast<size_t>(below(7))];
    }
    return engine::quote_text(text);
  }
  std::string digits(int64_t count) {
    std::string text(1, static_cast<char>('1' + below(9)));
    while (static_cast<int64_t>(text.size()) < count) text += static_cast<char>('0' + below(10));
    return text;
  }
  std::string wide_decimal() {
    if (one_in(9)) return "NULL";
    return fmt::format("CAST('{}{}.{}' AS DECIMAL(38,10))", one_in(2) ? "-" : "", digits(28),
                       digits(10));
  }
  std::string decimal() {
    return fmt::format("CAST('{}{}.{}' AS DECIMAL(9,2))", one_in(2) ? "-" : "", digits(7),
                       digits(2));
  }
  std::string floating(const char* type) {
    static const std::vector<std::string> kOdd = {"NaN", "Infinity", "-Infinity", "0.0", "-0.0"};
    if (one_in(9)) return fmt::format("CAST(NULL AS {})", type);
    const std::string text = one_in(200) ? kOdd[static_cast<size_t>(below(5))]
                                         : fmt::format("{}{}.{}e{}", one_in(2) ? "-" : "",
                                                       below(10), digits(9), below(70) - 35);
    return fmt::format("CAST('{}' AS {})", text, type);
  }
  std::string instant() {
    if (one_in(9)) return "NULL";
    constexpr int64_t kCentury = 3'155'760'000'000'000;
    return fmt::format("CAST(make_timestamp(CAST({} AS BIGINT)) AS TIMESTAMPTZ)",
                       below(2 * kCentury) - kCentury);
  }

  std::mt19937_64 random_;
};

// The raw text of one bound, as SQL; "" when it is absent. Numbers stay text, to keep their digits.
std::string bound_sql(const std::string& stats, const std::string& side, const std::string& name) {
  const size_t from = stats.find('"' + side + "\":{");
  const size_t key = stats.find('"' + name + "\":", from);
  const size_t next = stats.find(side == "minValues" ? "\"maxValues\"" : "\"nullCount\"", from);
  if (key == std::string::npos || key > next) return "";
  const size_t begin = key + name.size() + 3;
  if (stats[begin] == '"') {
    return engine::quote_text(nlohmann::json::parse(stats)[side][name].get<std::string>());
  }
  return engine::quote_text(stats.substr(begin, stats.find_first_of(",}", begin) - begin));
}

// Conditions that every row of the file must meet, NULLs aside.
std::vector<std::string> held_bounds(const delta::AddFile& add, const delta::Schema& schema) {
  std::vector<std::string> conditions;
  for (const delta::Column& item : schema) {
    const std::string type = engine::sql_type(item.type);
    for (const auto& [side, sign] : {std::pair("minValues", ">="), std::pair("maxValues", "<=")}) {
      const std::string bound = bound_sql(add.stats_json, side, item.name);
      if (bound.empty()) continue;
      conditions.push_back(fmt::format("coalesce(\"{}\" {} CAST({} AS {}), true)", item.name, sign,
                                       bound, type == "FLOAT" ? "DOUBLE" : type));
    }
  }
  return conditions;
}

TEST_F(Sealing, StatsBoundEveryRow) {
  const delta::Schema schema = {
      column("part", TypeId::Integer), column("i", TypeId::Long),
      column("s", TypeId::String),     decimal_column("w", 38, 10),
      decimal_column("d", 9, 2),       column("f", TypeId::Double),
      column("g", TypeId::Float),      column("happened", TypeId::Timestamp),
  };
  size_t bounds = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    RandomRows random(seed);
    std::string values = random.row();
    for (uint64_t i = 1; i < 20 * seed; ++i) values += ", " + random.row();
    engine::StageRequest wanted = request(schema, {"part"});
    wanted.file_prefix = fmt::format("part-{}", seed);
    const auto adds =
        seal("SELECT * FROM (VALUES " + values + ") v(part, i, s, w, d, f, g, happened)", wanted);
    ASSERT_THAT(adds, IsOk());
    for (const delta::AddFile& add : *adds) {
      const std::vector<std::string> held = held_bounds(add, schema);
      bounds += held.size();
      const std::string sql = fmt::format(
          "SELECT count(*) FILTER (WHERE NOT ({})) FROM read_parquet({}, hive_partitioning = "
          "false)",
          fmt::join(held, " AND "),
          engine::quote_text(files_->location("t/" + delta::decoded_path(add))));
      EXPECT_THAT(rows_of(sql), ElementsAre("0")) << sql << "\n" << add.stats_json;
    }
  }
  EXPECT_GT(bounds, 300U);
}

}  // namespace
}  // namespace bullion::table
