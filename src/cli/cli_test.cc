#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "cli/job_log.h"
#include "cli/options.h"
#include "cli/result_output.h"
#include "cli/trace_output.h"
#include "storage/file_system.h"
#include "storage/temporary_folder.h"

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

class JobLog : public testing::Test {
 protected:
  JobLog() : folder_(storage::local_file_system(temporary_.path())) {}

  std::string text(const std::string& name) const { return folder_->read(name).value_or("-"); }

  storage::TemporaryFolder temporary_;
  std::unique_ptr<storage::FileSystem> folder_;
};

TEST_F(JobLog, KeepsTheNewestRuns) {
  for (int run = 1; run <= kJobLogsKept + 3; ++run) {
    EXPECT_EQ(rotate_job_log(temporary_.path()), temporary_.path() + "/log.txt");
    ASSERT_THAT(folder_->create("log.txt", fmt::format("run {}", run)), IsOk());
  }
  EXPECT_EQ(text("log.txt"), fmt::format("run {}", kJobLogsKept + 3));
  EXPECT_EQ(text("log.1.txt"), fmt::format("run {}", kJobLogsKept + 2));
  EXPECT_EQ(text(fmt::format("log.{}.txt", kJobLogsKept - 1)), "run 4");
  EXPECT_EQ(text(fmt::format("log.{}.txt", kJobLogsKept)), "-");
}

TEST_F(JobLog, ARunThatSaysTooMuchIsCut) {
  ASSERT_THAT(folder_->create("log.txt", "12345"), IsOk());
  limit_job_log(temporary_.path(), 5);
  EXPECT_EQ(text("log.txt"), "12345");
  limit_job_log(temporary_.path(), 4);
  EXPECT_EQ(text("log.txt"), "");
  EXPECT_EQ(text("log.1.txt"), "12345");
  EXPECT_EQ(rotate_job_log(temporary_.path()), temporary_.path() + "/log.txt");
  EXPECT_EQ(text("log.1.txt"), "12345");
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
  outcome.verdict = pipeline::TraceVerdict::Differs;
  const std::string text = trace_text(outcome);
  EXPECT_NE(text.find("sum of cost = 1.00 (DIFFERS from the level above)"), std::string::npos);
  EXPECT_NE(text.find("do NOT agree"), std::string::npos);
}

TEST(TraceOutput, OfATableWithoutAnAmountNothingDisagrees) {
  pipeline::TraceOutcome outcome;
  outcome.verdict = pipeline::TraceVerdict::NoAmount;
  outcome.levels.push_back({.table = "decisions", .layer = "silver", .rows = 1});
  EXPECT_FALSE(has_amount(outcome));
  EXPECT_TRUE(is_sound(outcome));
  EXPECT_NE(trace_text(outcome).find("No level has an amount"), std::string::npos);
  outcome.verdict = pipeline::TraceVerdict::Uncompared;
  outcome.levels.push_back({.table = "lines", .layer = "silver"});
  EXPECT_TRUE(is_sound(outcome));
  outcome.levels.front().amount = Decimal{100, 2};
  EXPECT_TRUE(has_amount(outcome));
  EXPECT_FALSE(is_sound(outcome));
  EXPECT_NE(
      trace_text(outcome).find("could NOT be compared at every level; the notes say why: lines\n"),
      std::string::npos);
  outcome.verdict = pipeline::TraceVerdict::Agrees;
  EXPECT_NE(trace_text(outcome).find("sums agree at every level"), std::string::npos);
}

TEST(TraceOutput, SumsThatDisagreeFurtherDownAreNoSoundTrace) {
  pipeline::TraceOutcome outcome;
  outcome.levels.push_back({.table = "links", .layer = "gold", .rows = 1});
  outcome.levels.push_back({.table = "lines", .layer = "silver", .amount = Decimal{100, 2}});
  outcome.levels.push_back({.table = "raw", .layer = "bronze", .agrees = false});
  outcome.verdict = pipeline::TraceVerdict::Differs;
  EXPECT_FALSE(is_sound(outcome));
  EXPECT_NE(trace_text(outcome).find("do NOT agree at every level: raw\n"), std::string::npos);
}

TEST(TraceOutput, WithoutRowsClaimsNothing) {
  pipeline::TraceOutcome outcome;
  outcome.verdict = pipeline::TraceVerdict::NoRows;
  outcome.levels.push_back({.table = "lines", .layer = "gold"});
  outcome.notes = {"no row of lines has id=NOPE"};
  EXPECT_FALSE(is_sound(outcome));
  EXPECT_TRUE(
      trace_text(outcome).ends_with("note: no row of lines has id=NOPE\nNo row of lines fits.\n"));
}

}  // namespace
}  // namespace bullion::cli
