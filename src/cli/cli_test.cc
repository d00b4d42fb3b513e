#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "cli/options.h"
#include "cli/result_output.h"
#include "cli/trace_output.h"

namespace bullion::cli {
namespace {

engine::Rows sample_rows() {
  engine::Rows rows;
  rows.schema = {{.name = "name", .type = {}}, {.name = "cost", .type = {}}};
  rows.rows = {{std::string("a|b"), Decimal{-150, 2}},
               {std::string("say \"hi\"\n"), engine::Value()},
               {std::string("äö"), Decimal{1234567, 2}}};
  return rows;
}

TEST(ResultOutput, AlignsNumbersRightAndCountsLettersNotBytes) {
  EXPECT_EQ(format_rows(sample_rows(), OutputFormat::Table),
            "name            cost\n"
            "----------  --------\n"
            "a|b            -1.50\n"
            "say \"hi\"\\n\n"
            "äö          12345.67\n");
}

TEST(ResultOutput, EscapesWhatEachFormatMustEscape) {
  EXPECT_EQ(format_rows(sample_rows(), OutputFormat::Csv),
            "name,cost\na|b,-1.50\n\"say \"\"hi\"\"\n\",\näö,12345.67\n");
  EXPECT_EQ(format_rows(sample_rows(), OutputFormat::Json),
            "[\n  {\"name\": \"a|b\", \"cost\": \"-1.50\"},\n"
            "  {\"name\": \"say \\\"hi\\\"\\n\", \"cost\": null},\n"
            "  {\"name\": \"äö\", \"cost\": \"12345.67\"}\n]\n");
  EXPECT_NE(format_rows(sample_rows(), OutputFormat::Markdown).find("| a\\|b "), std::string::npos);
}

TEST(ResultOutput, NamesTheFormatsItKnows) {
  EXPECT_THAT(parse_output_format("xml"), HasMessage("table, csv, json or md"));
}

TEST(Options, ReadSizesWithUnits) {
  EXPECT_EQ(*parse_bytes("1GiB"), int64_t{1} << 30);
  EXPECT_EQ(*parse_bytes("2MB"), 2'000'000);
  EXPECT_EQ(*parse_bytes("17"), 17);
  for (const char* text : {"", "GiB", "-1GiB", "1.5GiB", "1Gb", "0"}) {
    EXPECT_THAT(parse_bytes(text), IsErrorOf(ErrorKind::Invalid)) << text;
  }
}

TEST(TraceOutput, SaysWhenSumsDisagree) {
  pipeline::TraceOutcome outcome;
  outcome.release = 3;
  outcome.levels.push_back({.table = "t",
                            .layer = "gold",
                            .rows = 1,
                            .amount_column = "cost",
                            .amount = Decimal{100, 2},
                            .agrees = false});
  const std::string text = trace_text(outcome);
  EXPECT_NE(text.find("sum of cost = 1.00 (DIFFERS from the level above)"), std::string::npos);
  EXPECT_NE(text.find("do NOT agree"), std::string::npos);
}

}  // namespace
}  // namespace bullion::cli
