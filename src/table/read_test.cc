#include "table/read.h"

#include "table/table_fixture_internal.h"

namespace bullion::table {
namespace {

using delta::TypeId;

class Reads : public TableFixture {
 protected:
  Result<std::string> text_of(const std::string& select, RowFormat format) {
    std::string text;
    BULLION_TRY(write_rows(*engine_, select, format, [&](std::string_view bytes) {
      text += bytes;
      return ok();
    }));
    return text;
  }
};

TEST_F(Reads, WriteCsvThatTellsNullFromEmpty) {
  const auto csv = text_of(
      "SELECT * FROM (VALUES (1, 'a', 1.50), (2, '', NULL), (NULL, NULL, 0.10), "
      "(4, 'x,\"y\"' || chr(10), -2)) v(id, \"the name\", amount)",
      RowFormat::Csv);
  ASSERT_THAT(csv, IsOk());
  EXPECT_EQ(*csv, "id,the name,amount\n1,a,1.50\n2,\"\",\n,,0.10\n4,\"x,\"\"y\"\"\n\",-2.00\n");
}

TEST_F(Reads, WriteJsonWithDecimalsAsText) {
  const auto json = text_of(
      "SELECT 1 AS id, 12345678901234567890.10::DECIMAL(38,2) AS amount, true AS flag, "
      "1.5::DOUBLE AS ratio, 'NaN'::DOUBLE AS odd, DATE '2024-01-31' AS day, NULL AS none, "
      "'\"q\"' AS text",
      RowFormat::Json);
  ASSERT_THAT(json, IsOk());
  EXPECT_EQ(*json,
            R"({"id":1,"amount":"12345678901234567890.10","flag":true,"ratio":1.5,"odd":"nan",)"
            R"("day":"2024-01-31","none":null,"text":"\"q\""})"
            "\n");
}

TEST_F(Reads, WriteNestedValuesAsJsonAndBinaryOnesAsBase64) {
  const std::string select = "SELECT {'a': 1, 'b': ['x', NULL]} AS s, '\\x01\\xFF'::BLOB AS b";
  EXPECT_EQ(*text_of(select, RowFormat::Json),
            "{\"s\":{\"a\":1,\"b\":[\"x\",null]},\"b\":\"Af8=\"}\n");
  EXPECT_EQ(*text_of(select, RowFormat::Csv),
            "s,b\n\"{\"\"a\"\":1,\"\"b\"\":[\"\"x\"\",null]}\",Af8=\n");
}

TEST_F(Reads, KeepColumnsOfOneName) {
  EXPECT_EQ(*text_of("SELECT 1 AS a, 2 AS a", RowFormat::Csv), "a,a\n1,2\n");
}

TEST_F(Reads, WriteHeadersOfEmptyResults) {
  EXPECT_EQ(*text_of("SELECT 1 AS a, 2 AS b WHERE false", RowFormat::Csv), "a,b\n");
  EXPECT_EQ(*text_of("SELECT 1 AS a WHERE false", RowFormat::Json), "");
}

TEST_F(Reads, StopWhenTheSinkFails) {
  const Status status =
      write_rows(*engine_, "SELECT range AS id FROM range(1000000)", RowFormat::Csv,
                 [](std::string_view) { return io_error("pipe closed"); });
  EXPECT_THAT(status, HasMessage("pipe closed"));
}

TEST_F(Reads, ReadATableAtAVersion) {
  create({column("id", TypeId::Long)});
  append("SELECT 1 AS id");
  append("SELECT 2 AS id");
  const auto csv_at = [&](std::optional<int64_t> version) -> Result<std::string> {
    std::string text;
    BULLION_TRY(
        read_table(*files_, *engine_, log(), version, RowFormat::Csv, [&](std::string_view bytes) {
          text += bytes;
          return ok();
        }));
    return text;
  };
  EXPECT_EQ(*csv_at(1), "id\n1\n");
  EXPECT_EQ(csv_at(std::nullopt)->size(), std::string("id\n1\n2\n").size());
  EXPECT_THAT(csv_at(9), IsErrorOf(ErrorKind::NotFound));
}

TEST_F(Reads, WriteParquetThatReadsBack) {
  const auto bytes = text_of("SELECT 7 AS id, 1.50::DECIMAL(18,2) AS amount", RowFormat::Parquet);
  ASSERT_THAT(bytes, IsOk());
  ASSERT_THAT(files_->create("out.parquet", *bytes), IsOk());
  EXPECT_EQ(rows_of("SELECT * FROM " + engine::quote_text(files_->location("out.parquet"))).front(),
            "7|1.50");
}

TEST(RowFormats, AreNamed) {
  EXPECT_EQ(*parse_row_format("csv"), RowFormat::Csv);
  EXPECT_THAT(parse_row_format("parket"), HasMessage("did you mean `parquet`?"));
}

}  // namespace
}  // namespace bullion::table
