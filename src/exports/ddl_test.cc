#include "exports/ddl.h"

#include "exports/ddl_types_internal.h"
#include "exports/export_fixture_internal.h"

namespace bullion::exports {
namespace {

using delta::DataType;
using delta::TypeId;
using testing::HasSubstr;
using testing::Not;

DdlRequest request() {
  DdlRequest made;
  made.table = "order";
  made.schema = {column("select", DataType::decimal(38, 6), false),
                 column("day", type(TypeId::Date)), column("say \"x\"", type(TypeId::String))};
  made.partition_columns = {"day"};
  made.provenance.table_path = "tables/gold/order";
  made.provenance.release = 7;
  made.provenance.description = "It's\nDROP TABLE x; -- \\";
  made.provenance.column_descriptions["select"] = "It's 1\\2";
  return made;
}

TEST(Ddl, PointsAtTheLiveTableAndSaysThatNoReleaseIsPinned) {
  for (const Dialect dialect : {Dialect::Snowflake, Dialect::Athena, Dialect::BigQuery}) {
    const auto sql = ddl(dialect, request());
    ASSERT_THAT(sql, IsOk());
    EXPECT_THAT(*sql, HasSubstr("is not pinned"));
    EXPECT_THAT(*sql, HasSubstr("tables/gold/order"));
    EXPECT_THAT(*sql, Not(HasSubstr("\nDROP TABLE")));
  }
}

TEST(Ddl, TakesTheBucketApartForSnowflake) {
  DdlRequest asked = request();
  asked.location = "s3://bucket/lake/tables/gold/order/";
  const auto sql = ddl(Dialect::Snowflake, asked);
  ASSERT_THAT(sql, IsOk());
  EXPECT_THAT(*sql, HasSubstr("BASE_LOCATION = 'lake/tables/gold/order'"));
  EXPECT_THAT(*sql, Not(HasSubstr("YOUR-BUCKET")));
}

TEST(Ddl, RefusesALocationThePlatformDoesNotRead) {
  DdlRequest asked = request();
  asked.location = "gs://bucket/x";
  EXPECT_THAT(ddl(Dialect::Athena, asked), HasMessage("athena reads s3://"));
  asked.location = "s3://bucket/x\n; DROP TABLE y";
  EXPECT_THAT(ddl(Dialect::Athena, asked), IsErrorOf(ErrorKind::Invalid));
}

TEST(Ddl, QuotesNamesAndTextsAsEachDialectDoes) {
  DdlRequest asked = request();
  asked.load = true;
  const auto snowflake = ddl(Dialect::Snowflake, asked);
  ASSERT_THAT(snowflake, IsOk());
  EXPECT_THAT(*snowflake, HasSubstr("\"select\" NUMBER(38, 6) NOT NULL COMMENT 'It''s 1\\\\2'"));
  EXPECT_THAT(*snowflake, HasSubstr("\"say \"\"x\"\"\" VARCHAR"));
  EXPECT_THAT(*snowflake, HasSubstr("CLUSTER BY (\"day\")"));
  const auto bigquery = ddl(Dialect::BigQuery, asked);
  ASSERT_THAT(bigquery, IsOk());
  EXPECT_THAT(*bigquery, HasSubstr("`select` BIGNUMERIC(38, 6) NOT NULL OPTIONS (description = "
                                   "'It\\'s 1\\\\2')"));
  EXPECT_THAT(*bigquery, HasSubstr("PARTITION BY `day`"));
  const auto athena = ddl(Dialect::Athena, asked);
  ASSERT_THAT(athena, IsOk());
  EXPECT_THAT(*athena, HasSubstr("`select` DECIMAL(38, 6) COMMENT"));
  EXPECT_THAT(*athena, Not(HasSubstr("NOT NULL")));
  asked.columns = {"day"};
  const auto redshift = ddl(Dialect::Redshift, asked);
  ASSERT_THAT(redshift, IsOk());
  EXPECT_THAT(*redshift, HasSubstr("(\n  \"day\" DATE\n)\nSORTKEY (\"day\")"));
  EXPECT_THAT(*redshift, HasSubstr("--columns day"));
}

TEST(Ddl, KnowsTheLimitsOfDecimals) {
  const auto decimal_type = [](Dialect dialect, int precision, int scale) {
    const auto name = ddl_type(dialect, column("a", DataType::decimal(precision, scale)));
    return name ? *name : name.error().message();
  };
  EXPECT_EQ(decimal_type(Dialect::BigQuery, 38, 9), "NUMERIC(38, 9)");
  EXPECT_EQ(decimal_type(Dialect::BigQuery, 38, 8), "BIGNUMERIC(38, 8)");
  EXPECT_EQ(decimal_type(Dialect::BigQuery, 20, 10), "BIGNUMERIC(20, 10)");
  EXPECT_EQ(decimal_type(Dialect::BigQuery, 29, 0), "NUMERIC(29, 0)");
  EXPECT_EQ(decimal_type(Dialect::BigQuery, 30, 0), "BIGNUMERIC(30, 0)");
  EXPECT_EQ(decimal_type(Dialect::Athena, 38, 38), "DECIMAL(38, 38)");
  EXPECT_EQ(decimal_type(Dialect::Redshift, 38, 37), "DECIMAL(38, 37)");
  EXPECT_THAT(decimal_type(Dialect::Redshift, 38, 38), HasSubstr("at most 37 digits"));
  EXPECT_THAT(decimal_type(Dialect::Snowflake, 38, 38), HasSubstr("at most 37 digits"));
}

TEST(Ddl, RefusesNamesAndOptionsThatCannotBe) {
  DdlRequest asked = request();
  asked.columns = {"day"};
  EXPECT_THAT(ddl(Dialect::Athena, asked), HasMessage("--columns goes with --load"));
  asked = request();
  asked.schema_name = "a`b";
  EXPECT_THAT(ddl(Dialect::BigQuery, asked), HasMessage("cannot have the name"));
  asked = request();
  asked.schema.push_back(column("_file_id", type(TypeId::String)));
  EXPECT_THAT(ddl(Dialect::BigQuery, asked), HasMessage("column _file_id: BigQuery keeps"));
  EXPECT_THAT(ddl(Dialect::Snowflake, asked), IsOk());
  EXPECT_THAT(parse_dialect("big_query"), HasMessage("did you mean `bigquery`"));
}

TEST(Ddl, ShortensDescriptionsBetweenCharacters) {
  EXPECT_EQ(description_of("a\n  b", 10), "a b");
  EXPECT_EQ(description_of("ééééé", 8), "éé...");
}

}  // namespace
}  // namespace bullion::exports
