#include "engine/value.h"

#include <gtest/gtest.h>

#include "engine/engine.h"

namespace bullion::engine {
namespace {

TEST(Value, HasTheTextThatCsvShows) {
  EXPECT_EQ(to_text(Value{}), "");
  EXPECT_EQ(to_text(Value{true}), "true");
  EXPECT_EQ(to_text(Value{int64_t{-7}}), "-7");
  EXPECT_EQ(to_text(Value{0.1}), "0.1");
  EXPECT_EQ(to_text(Value{Decimal{-1205, 2}}), "-12.05");
  EXPECT_EQ(to_text(Value{std::string("a,b")}), "a,b");
  EXPECT_EQ(to_text(Value{DateValue{20089}}), "2025-01-01");
  EXPECT_EQ(to_text(Value{TimestampValue{1}}), "1970-01-01T00:00:00.000001Z");
}

TEST(SqlText, QuotesDoubleTheQuote) {
  EXPECT_EQ(quote_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(quote_text("it's"), "'it''s'");
}

TEST(SqlText, ComparesColumnsOfTwoRelations) {
  EXPECT_EQ(same_columns({"day", "a\"b"}, "l", "r"),
            "l.\"day\" IS NOT DISTINCT FROM r.\"day\" AND "
            "l.\"a\"\"b\" IS NOT DISTINCT FROM r.\"a\"\"b\"");
  EXPECT_EQ(same_columns({}, "l", "r"), "true");
}

TEST(SqlText, NamesTypesAsSqlDoes) {
  EXPECT_EQ(sql_type(delta::DataType::decimal(18, 2)), "DECIMAL(18,2)");
  EXPECT_EQ(sql_type({delta::TypeId::Timestamp, 0, 0, {}}), "TIMESTAMP WITH TIME ZONE");
  const delta::Column element{"element", {delta::TypeId::Long, 0, 0, {}}, true, "{}"};
  EXPECT_EQ(sql_type({delta::TypeId::Array, 0, 0, {element}}), "BIGINT[]");
}

}  // namespace
}  // namespace bullion::engine
