#include "delta/schema.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion::delta {
namespace {

TEST(DataType, HasTheNameDeltaGivesIt) {
  for (const char* name :
       {"boolean", "byte", "short", "integer", "long", "float", "double", "string", "binary",
        "date", "timestamp", "timestamp_ntz", "decimal(38,0)", "decimal(18,2)"}) {
    const auto type = parse_primitive_type(name);
    ASSERT_THAT(type, IsOk()) << name;
    EXPECT_EQ(to_string(*type), name);
  }
}

TEST(DataType, ReadsDecimalsWithBlanksAndWithoutDigits) {
  EXPECT_TRUE(*parse_primitive_type("decimal(18, 2)") == DataType::decimal(18, 2));
  EXPECT_TRUE(*parse_primitive_type("decimal") == DataType::decimal(10, 0));
}

TEST(DataType, RefusesNamesThatAreNone) {
  for (const char* name : {"", "int", "decimal(39,0)", "decimal(2,3)", "decimal(0,0)", "decimal()",
                           "decimal(1", "decimal(a,b)", "decimal(18,-1)", "variant"}) {
    EXPECT_THAT(parse_primitive_type(name), IsErrorOf(ErrorKind::Invalid)) << name;
  }
  EXPECT_THAT(parse_primitive_type("strng"), HasMessage("did you mean `string`"));
}

TEST(Schema, WritesSparksJson) {
  const Schema schema = {{"id", {TypeId::Long, 0, 0, {}}, false, "{}"},
                         {"say \"x\"", DataType::decimal(18, 2), true, R"({"comment":"net"})"}};
  const std::string expected = R"({"type":"struct","fields":[)"
                               R"({"name":"id","type":"long","nullable":false,"metadata":{}},)"
                               R"j({"name":"say \"x\"","type":"decimal(18,2)","nullable":true,)j"
                               R"("metadata":{"comment":"net"}}]})";
  EXPECT_EQ(schema_to_json(schema), expected);
}

TEST(Schema, SurvivesARoundTripWithNestedTypes) {
  const std::string json =
      R"({"type":"struct","fields":[)"
      R"({"name":"s","type":{"type":"struct","fields":[)"
      R"({"name":"x","type":"date","nullable":true,"metadata":{}}]},)"
      R"("nullable":true,"metadata":{"delta.columnMapping.id":9007199254740993}},)"
      R"({"name":"a","type":{"type":"array","elementType":"string","containsNull":false},)"
      R"("nullable":true,"metadata":{}},)"
      R"({"name":"m","type":{"type":"map","keyType":"string","valueType":"long",)"
      R"("valueContainsNull":true},"nullable":false,"metadata":{}}]})";
  const auto schema = schema_from_json(json);
  ASSERT_THAT(schema, IsOk());
  EXPECT_EQ(schema_to_json(*schema), json);
  EXPECT_EQ(to_string((*schema)[0].type), "struct<x:date>");
  EXPECT_EQ(to_string((*schema)[1].type), "array<string>");
  EXPECT_EQ(to_string((*schema)[2].type), "map<string,long>");
  EXPECT_TRUE((*schema)[0].type.is_nested());
  const auto again = schema_from_json(schema_to_json(*schema));
  ASSERT_THAT(again, IsOk());
  EXPECT_TRUE(*again == *schema);
}

TEST(Schema, NamesTheColumnOfAnUnknownType) {
  EXPECT_THAT(schema_from_json(R"({"type":"struct","fields":[{"name":"v","type":"variant"}]})"),
              HasMessage("column `v`: unknown type `variant`"));
}

TEST(Schema, CallsBrokenJsonCorrupt) {
  for (const char* json :
       {"", "{", "[]", "{}", R"({"type":"map"})", R"({"type":"struct"})",
        R"({"type":"struct","fields":[1]})", R"({"type":"struct","fields":[{"type":"long"}]})",
        R"({"type":"struct","fields":[{"name":"a"}]})",
        R"({"type":"struct","fields":[{"name":"a","type":{"type":"array"}}]})"}) {
    EXPECT_THAT(schema_from_json(json), IsErrorOf(ErrorKind::Corrupt)) << json;
  }
}

}  // namespace
}  // namespace bullion::delta
