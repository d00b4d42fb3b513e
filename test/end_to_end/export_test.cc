// `bullion export` as a user runs it: files appear whole, nothing is replaced unasked, errors help.
#include <filesystem>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

class Export : public testing::Test {
 protected:
  void SetUp() override {
    make_project(lake_);
    for (const char* batch : {"batch1", "batch2"}) {
      deliver_sample(lake_, batch);
      ASSERT_EQ(bullion(lake_, {"run", "--quiet"}).code, 0);
    }
  }
  Outcome exported(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"export", "daily_account_cost", "--quiet"});
    return bullion(lake_, arguments);
  }
  /// Names beside the project's own that an export left.
  bool has_temporary_files() const {
    for (const auto& entry : std::filesystem::directory_iterator(lake_)) {
      if (entry.path().filename().string().starts_with(".bullion-")) return true;
    }
    return false;
  }

  TestFolder folder_{"export"};
  std::filesystem::path lake_ = folder_ / "lake";
};

TEST_F(Export, WritesEachFormAndReplacesNothingUnasked) {
  for (const char* form : {"xlsx", "csv", "parquet"}) {
    const std::string flag = std::string("--") + form;
    const Outcome first = exported({flag});
    ASSERT_EQ(first.code, 0) << first.err;
    EXPECT_THAT(first.out, HasSubstr("14 rows of daily_account_cost at release 2 -> "));
    const std::filesystem::path file = lake_ / (std::string("daily_account_cost.") + form);
    const std::string bytes = read_file(file);
    const Outcome second = exported({flag});
    EXPECT_EQ(second.code, 2);
    EXPECT_THAT(second.err, HasSubstr("--force"));
    EXPECT_EQ(exported({flag, "--force"}).code, 0);
    EXPECT_EQ(read_file(file), bytes) << form;
  }
  EXPECT_FALSE(has_temporary_files());
}

TEST_F(Export, StandardOutputCarriesRowsOnly) {
  const Outcome latest = exported({"--csv", "--file", "-", "--columns", "total_cost_usd"});
  ASSERT_EQ(latest.code, 0) << latest.err;
  EXPECT_THAT(latest.out, StartsWith("total_cost_usd\r\n15.000000\r\n"));
  EXPECT_THAT(latest.out, Not(HasSubstr("release")));
  EXPECT_THAT(latest.err, HasSubstr("sum: total_cost_usd = 168.500000 USD"));
  const Outcome first = exported({"--csv", "--file", "-", "--release", "1", "--json"});
  EXPECT_THAT(first.err, HasSubstr("\"sum\":\"169.000000\""));
}

TEST_F(Export, AWrongRequestLeavesNoFileAndSaysWhatToDo) {
  const struct {
    std::vector<std::string> arguments;
    const char* words;
  } cases[] = {
      {{"--csv", "--where", "nope = 1"}, "--where nope = 1"},
      {{"--csv", "--columns", "totl_cost_usd"}, "did you mean `total_cost_usd`"},
      {{"--csv", "--release", "9"}, "release 9"},
      {{"--csv", "--file", "no/such.csv"}, "does not exist"},
      {{"--xlsx", "--file", "-"}, "standard output"},
      {{"--xlsx", "--delimiter", ";"}, "--delimiter goes with --csv"},
      {{"--ddl", "snowflake", "--where", "true"}, "--where chooses rows"},
      {{"--ddl", "snowflak"}, "did you mean `snowflake`"},
      {{"--csv", "--xlsx"}, "expected one of"},
      {{}, "expected one of"},
  };
  for (const auto& wrong : cases) {
    const Outcome outcome = exported(wrong.arguments);
    EXPECT_EQ(outcome.code, 2) << wrong.words;
    EXPECT_THAT(outcome.err, HasSubstr(wrong.words));
    EXPECT_FALSE(std::filesystem::exists(lake_ / "daily_account_cost.csv")) << wrong.words;
  }
  EXPECT_THAT(bullion(lake_, {"export", "daily_acount_cost", "--csv"}).err,
              HasSubstr("did you mean `daily_account_cost`"));
  EXPECT_FALSE(has_temporary_files());
}

TEST_F(Export, DdlGoesToStandardOutput) {
  const Outcome outcome = exported({"--ddl", "redshift", "--load", "--location", "s3://b/x"});
  ASSERT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("COPY \"daily_account_cost\"\nFROM 's3://b/x/"));
}

}  // namespace
}  // namespace bullion::end_to_end
