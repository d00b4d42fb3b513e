#include <fstream>

#include "table/table_fixture_internal.h"

namespace bullion::table {
namespace {

using delta::TypeId;
using testing::ElementsAre;
using testing::IsEmpty;

class Relations : public TableFixture {
 protected:
  // A Parquet file below the table "t" that another program wrote.
  delta::AddFile foreign_file(const std::string& name, const std::string& select,
                              delta::PartitionValues values = {}) {
    const std::string path = "t/" + name;
    const size_t slash = path.rfind('/');
    EXPECT_THAT(files_->make_folder(path.substr(0, slash)), IsOk());
    EXPECT_THAT(engine_->execute("COPY (" + select + ") TO " +
                                 engine::quote_text(files_->location(path)) + " (FORMAT parquet)"),
                IsOk());
    delta::AddFile add;
    add.path = delta::encoded_path(name);
    add.partition_values = std::move(values);
    return add;
  }
};

TEST_F(Relations, WithoutFilesHaveTheColumnsAndNoRows) {
  const Relation relation{
      {column("id", TypeId::Long), decimal_column("amount", 38, 2)}, {}, {}, "t"};
  const auto rows = engine_->query(relation_sql(*files_, relation, true));
  ASSERT_THAT(rows, IsOk());
  EXPECT_THAT(rows->rows, IsEmpty());
  ASSERT_EQ(rows->schema.size(), 4U);
  EXPECT_EQ(rows->schema[0].name, "id");
  EXPECT_EQ(rows->schema[1].type, delta::DataType::decimal(38, 2));
  EXPECT_EQ(rows->schema[2].name, "_path");
  EXPECT_EQ(rows->schema[3].type.id, TypeId::Long);
}

TEST_F(Relations, TakePartitionValuesFromTheLogNotFromFolders) {
  Relation relation{
      {column("id", TypeId::Long), column("day", TypeId::Date), column("country", TypeId::String)},
      {"day", "country"},
      {},
      "t"};
  relation.files.push_back(foreign_file("day=1999-01-01/a.parquet", "SELECT 1 AS id",
                                        {{"day", "2024-01-31"}, {"country", "d'e"}}));
  relation.files.push_back(foreign_file("country=x/b.parquet", "SELECT 2 AS id",
                                        {{"day", std::nullopt}, {"country", std::nullopt}}));
  EXPECT_THAT(rows_of(relation_sql(*files_, relation)),
              ElementsAre("1|2024-01-31|d'e", "2|NULL|NULL"));
}

TEST_F(Relations, ReadPartitionValuesOfEveryType) {
  const std::vector<std::pair<delta::DataType, std::string>> cases = {
      {{TypeId::Boolean, 0, 0, {}}, "true"},
      {{TypeId::Byte, 0, 0, {}}, "-7"},
      {{TypeId::Long, 0, 0, {}}, "9007199254740993"},
      {{TypeId::Double, 0, 0, {}}, "1.0E-5"},
      {delta::DataType::decimal(38, 18), "1.230000000000000000"},
      {{TypeId::Timestamp, 0, 0, {}}, "2024-06-15T19:30:45.000000Z"},
      {{TypeId::Timestamp, 0, 0, {}}, "2024-06-15 12:30:45.123456"},
      {{TypeId::Binary, 0, 0, {}}, "a\\x41"},
  };
  std::vector<std::string> texts;
  for (const auto& [type, text] : cases) {
    Relation relation{{column("id", TypeId::Long), {"p", type, true, "{}"}}, {"p"}, {}, "t"};
    relation.files.push_back(foreign_file("f.parquet", "SELECT 1 AS id", {{"p", text}}));
    texts.push_back(rows_of(relation_sql(*files_, relation)).front());
  }
  EXPECT_THAT(texts, ElementsAre("1|true", "1|-7", "1|9007199254740993", "1|1e-05",
                                 "1|1.230000000000000000", "1|2024-06-15T19:30:45.000000Z",
                                 "1|2024-06-15T12:30:45.123456Z", "1|a\\x41"));
}

TEST_F(Relations, FillColumnsThatAFileLacksWithNull) {
  Relation relation{{column("id", TypeId::Long), column("later", TypeId::Date),
                     column("never", TypeId::Timestamp)},
                    {},
                    {},
                    "t"};
  relation.files.push_back(foreign_file("a.parquet", "SELECT 1::BIGINT AS id"));
  relation.files.push_back(
      foreign_file("b.parquet", "SELECT DATE '2024-01-01' AS later, 2::BIGINT AS id"));
  EXPECT_THAT(rows_of(relation_sql(*files_, relation)),
              ElementsAre("1|NULL|NULL", "2|2024-01-01|NULL"));
}

TEST_F(Relations, CastForeignFilesToTheDeclaredTypes) {
  Relation relation{{column("n", TypeId::Long), decimal_column("d", 18, 2)}, {}, {}, "t"};
  relation.files.push_back(
      foreign_file("a.parquet", "SELECT 1::INTEGER AS n, 1.5::DECIMAL(4,1) AS d"));
  const auto rows = engine_->query(relation_sql(*files_, relation));
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(rows->schema[1].type, delta::DataType::decimal(18, 2));
  EXPECT_EQ(row_text(rows->rows.at(0)), "1|1.50");
}

TEST_F(Relations, NameEachRowByFileAndPosition) {
  Relation relation{{column("id", TypeId::Long)}, {}, {}, "t"};
  relation.files.push_back(foreign_file("a b.parquet", "SELECT unnest([10, 11, 12]) AS id"));
  relation.files.push_back(foreign_file("b.parquet", "SELECT 20 AS id"));
  EXPECT_THAT(rows_of(relation_sql(*files_, relation, true)),
              ElementsAre("10|a%20b.parquet|0", "11|a%20b.parquet|1", "12|a%20b.parquet|2",
                          "20|b.parquet|0"));
}

TEST_F(Relations, OpenFilesWhoseNamesLookLikePatterns) {
  Relation relation{{column("id", TypeId::Long)}, {}, {}, "t"};
  relation.files.push_back(foreign_file("plain/a.parquet", "SELECT 1 AS id"));
  EXPECT_THAT(files_->make_folder("t/[p]*"), IsOk());
  std::filesystem::copy(files_->location("t/plain/a.parquet"),
                        files_->location("t/[p]*/what?.parquet"));
  relation.files.front().path = delta::encoded_path("[p]*/what?.parquet");
  EXPECT_THAT(rows_of(relation_sql(*files_, relation, true)),
              ElementsAre("1|" + relation.files.front().path + "|0"));
}

TEST_F(Relations, OpenAbsolutePaths) {
  Relation relation{{column("id", TypeId::Long)}, {}, {}, "t"};
  relation.files.push_back(foreign_file("a.parquet", "SELECT 1 AS id"));
  relation.files.front().path = "file://" + files_->location("t/a.parquet");
  EXPECT_THAT(rows_of(relation_sql(*files_, relation)), ElementsAre("1"));
}

TEST_F(Relations, OfOurOwnTablesReadTheFilesAsTheyAre) {
  create({column("id", TypeId::Long), column("day", TypeId::Date)}, {"day"});
  append("SELECT 1 AS id, DATE '2024-01-01' AS day UNION ALL SELECT 2, NULL");
  const auto snapshot = log().snapshot();
  ASSERT_THAT(snapshot, IsOk());
  const std::string sql = relation_sql(*files_, relation_of(*snapshot, "t"));
  EXPECT_THAT(sql, testing::Not(testing::AnyOf(testing::HasSubstr("JOIN"),
                                               testing::HasSubstr("union_by_name"))));
  EXPECT_THAT(rows_of(sql), ElementsAre("1|2024-01-01", "2|NULL"));
}

TEST_F(Relations, OfOurOwnTablesOpenOnlyTheFilesOfTheAskedPartitions) {
  create({column("id", TypeId::Long), column("day", TypeId::Date), column("kind", TypeId::String)},
         {"day", "kind"});
  append(
      "SELECT 1 AS id, DATE '2024-01-01' AS day, 'a' AS kind UNION ALL SELECT 2, '2024-01-02', "
      "'2024' UNION ALL SELECT 3, '2024-01-03', NULL UNION ALL SELECT 4, NULL, 'a'");
  auto snapshot = log().snapshot();
  ASSERT_THAT(snapshot, IsOk());
  const Relation relation = relation_of(*snapshot, "t");
  const std::string sql = relation_sql(*files_, relation);
  const auto where = [&](const std::string& condition) {
    return rows_of("SELECT * FROM (" + sql + ") WHERE " + condition);
  };
  EXPECT_THAT(rows_of(sql), testing::UnorderedElementsAre("1|2024-01-01|a", "2|2024-01-02|2024",
                                                          "3|2024-01-03|NULL", "4|NULL|a"));
  EXPECT_THAT(where("day IS NULL"), ElementsAre("4|NULL|a"));
  EXPECT_THAT(where("kind = '2024'"), ElementsAre("2|2024-01-02|2024"));
  // The first file tells the columns; another that is not asked for may as well be broken.
  for (size_t i = 1; i < relation.files.size(); ++i) {
    const delta::AddFile& add = relation.files[i];
    if (add.partition_values.at("day") == "2024-01-03") {
      std::ofstream(files_->location("t/" + delta::decoded_path(add))) << "no Parquet";
    }
  }
  EXPECT_THAT(where("day < DATE '2024-01-03'"),
              testing::UnorderedElementsAre("1|2024-01-01|a", "2|2024-01-02|2024"));
}

TEST_F(Relations, FoldersThatMeanSomethingElseAreNotBelieved) {
  // "null" would be read as NULL, and a value with a blank has a folder that does not name it.
  create({column("id", TypeId::Long), column("kind", TypeId::String)}, {"kind"});
  append("SELECT 1 AS id, 'null' AS kind UNION ALL SELECT 2, 'b c' UNION ALL SELECT 3, 'd'");
  const auto snapshot = log().snapshot();
  ASSERT_THAT(snapshot, IsOk());
  const std::string sql = relation_sql(*files_, relation_of(*snapshot, "t"));
  EXPECT_THAT(rows_of(sql), testing::UnorderedElementsAre("1|null", "2|b c", "3|d"));
  EXPECT_THAT(rows_of("SELECT * FROM (" + sql + ") WHERE kind = 'null'"), ElementsAre("1|null"));
}

TEST_F(Relations, OfOurOwnTablesSurviveANewColumn) {
  create({column("id", TypeId::Long), column("day", TypeId::Date)}, {"day"});
  append("SELECT 1 AS id, DATE '2024-01-01' AS day");
  auto snapshot = log().snapshot();
  ASSERT_THAT(snapshot, IsOk());
  Relation relation = relation_of(*snapshot, "t");
  relation.schema.push_back(column("note", TypeId::String));
  EXPECT_THAT(rows_of(relation_sql(*files_, relation)), ElementsAre("1|2024-01-01|NULL"));
}

TEST(HashedColumns, LeaveOutWhatDiffersBetweenEqualRuns) {
  EXPECT_THAT(hashed_columns({column("_batch_id", TypeId::String), column("id", TypeId::Long),
                              column("published_at", TypeId::Timestamp),
                              column("first_published_at", TypeId::Timestamp),
                              column("amount", TypeId::Long)}),
              ElementsAre("id", "amount"));
}

}  // namespace
}  // namespace bullion::table
