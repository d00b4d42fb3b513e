#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "base/sha256.h"
#include "ingest/parse_fixture_internal.h"
#include "records/packed_archive.h"

namespace bullion::ingest {
namespace {

using records::packed;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const char* const kHeader = "event_id,usage_date,cost,currency,note\n";

class LandingArchives : public ParseFixture {
 protected:
  LandingArchives() {
    project_.folder = folder_.path();
    project_.lake = folder_.path() + "/not-looked-at";
    source_.files = {"incoming/*"};
  }

  std::string write(const std::string& name, const std::string& bytes) {
    const std::string path = folder_.path() + "/incoming/" + name;
    std::filesystem::create_directories(folder_.path() + "/incoming");
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  LandOutcome land_ok() {
    auto outcome = land(*lake_, project_, source_, clock_, {});
    EXPECT_THAT(outcome, IsOk());
    return outcome ? *std::move(outcome) : LandOutcome{};
  }
  /// Names behind incoming/ of what landed.
  static std::vector<std::string> names(const LandOutcome& outcome) {
    std::vector<std::string> all;
    if (!outcome.batch) return all;
    for (const LandedFile& file : outcome.batch->files) all.push_back(tail(file.original_path));
    return all;
  }
  static std::string tail(const std::string& path) {
    return path.substr(path.find("incoming/") + 9);
  }
  static std::vector<std::string> duplicates(const LandOutcome& outcome) {
    std::vector<std::string> all;
    for (const DuplicateFile& file : outcome.duplicates) {
      all.push_back(tail(file.original_path) + " = " + tail(file.first_seen_as));
    }
    return all;
  }
  size_t copies() const {
    const auto files = lake_->list_recursive("landing");
    size_t count = 0;
    for (const auto& file : *files) count += file.path.ends_with(".json") ? 0 : 1;
    return count;
  }

  SystemClock clock_;
  project::Project project_;
};

TEST_F(LandingArchives, CopyTheArchiveOnceAndNameItsMembers) {
  const std::string bytes = packed({{"jan.csv", "1"}, {"x/feb.csv", "22"}, {".hidden", "3"}});
  const std::string path = write("a.zip", bytes);
  const LandOutcome outcome = land_ok();
  EXPECT_THAT(names(outcome), ElementsAre("a.zip/jan.csv", "a.zip/x/feb.csv"));
  const LandedFile& second = outcome.batch->files[1];
  EXPECT_EQ(second.member, "x/feb.csv");
  EXPECT_EQ(second.size, 2);
  EXPECT_EQ(second.sha256, sha256_hex("22"));
  EXPECT_EQ(second.file_id, sha256_hex("22").substr(0, 16));
  EXPECT_EQ(second.landed_path, outcome.batch->files[0].landed_path);
  EXPECT_EQ(lake_->read(second.landed_path).value(), bytes);
  ASSERT_THAT(outcome.batch->archives, SizeIs(1));
  EXPECT_EQ(outcome.batch->archives[0].original_path, path);
  EXPECT_EQ(copies(), 1U);

  const LandOutcome again = land_ok();
  EXPECT_FALSE(again.batch.has_value());
  EXPECT_THAT(again.duplicates, IsEmpty());
}

TEST_F(LandingArchives, LoadBytesOnceWhereverTheyAre) {
  write("a.csv", "1");
  write("b.zip", packed({{"a.csv", "1"}, {"b.csv", "2"}, {"c.csv", "2"}}));
  write("c.csv", "2");
  LandOutcome outcome = land_ok();
  EXPECT_THAT(names(outcome), ElementsAre("a.csv", "b.zip/b.csv"));
  EXPECT_THAT(duplicates(outcome), ElementsAre("b.zip/a.csv = a.csv", "b.zip/c.csv = b.zip/b.csv",
                                               "c.csv = b.zip/b.csv"));
  EXPECT_EQ(copies(), 2U);

  write("d.tgz", packed({{"z.csv", "2"}}, "tar.gz"));
  outcome = land_ok();
  EXPECT_FALSE(outcome.batch.has_value());
  EXPECT_THAT(duplicates(outcome), ElementsAre("d.tgz/z.csv = b.zip/b.csv"));
  EXPECT_EQ(copies(), 2U);
  EXPECT_THAT(land_ok().duplicates, IsEmpty());

  write("e.zip", packed({{"a.csv", "1"}, {"b.csv", "2"}, {"c.csv", "2"}}));
  EXPECT_THAT(duplicates(land_ok()), SizeIs(testing::Ge(1U)));
  EXPECT_EQ(copies(), 2U);
}

TEST_F(LandingArchives, NameACopyOfAWholeArchiveOnce) {
  const std::string bytes = packed({{"a.csv", "1"}, {"b.csv", "2"}});
  write("a.zip", bytes);
  write("b.zip", bytes);
  EXPECT_THAT(duplicates(land_ok()), ElementsAre("b.zip = a.zip"));
  write("c.zip", bytes);
  EXPECT_THAT(duplicates(land_ok()), ElementsAre("c.zip = a.zip"));
  EXPECT_EQ(copies(), 1U);
}

TEST_F(LandingArchives, AreLookedAtAgainWhenTheirPatternsChange) {
  source_.format.members = {"jan*"};
  write("a.zip", packed({{"jan.csv", "1"}, {"feb.csv", "2"}}));
  EXPECT_THAT(names(land_ok()), ElementsAre("a.zip/jan.csv"));
  source_.format.members = {"*.csv"};
  const LandOutcome outcome = land_ok();
  EXPECT_THAT(names(outcome), ElementsAre("a.zip/feb.csv"));
  EXPECT_THAT(outcome.duplicates, IsEmpty());
  EXPECT_EQ(copies(), 1U);
  EXPECT_FALSE(land_ok().batch.has_value());
}

TEST_F(LandingArchives, AreMeantWithAllTheirMembersOrByMember) {
  const std::string path = write("a.zip", packed({{"x/jan.csv", "1"}, {"feb.csv", "2"}}));
  land_ok();
  const auto batches = read_batches(*lake_, source_.contract.name);
  ASSERT_THAT(batches, IsOk());
  EXPECT_THAT(find_landed(*batches, path), SizeIs(2));
  EXPECT_THAT(find_landed(*batches, "a.zip"), SizeIs(2));
  EXPECT_THAT(find_landed(*batches, "a.zip/feb.csv"), SizeIs(1));
  EXPECT_THAT(find_landed(*batches, "jan.csv"), SizeIs(1));
  EXPECT_THAT(find_landed(*batches, "x"), IsEmpty());
}

TEST_F(LandingArchives, ThatAreRefusedLandAsOneUnreadableFile) {
  write("a.zip", packed({{"in.zip", packed({{"x", "1"}})}, {"b.csv", "2"}}));
  LandOutcome outcome = land_ok();
  ASSERT_THAT(names(outcome), ElementsAre("a.zip"));
  const ParsedFile parsed = parse(outcome.batch->files[0]);
  ASSERT_TRUE(parsed.unreadable);
  EXPECT_THAT(parsed.rejected[0].codes, ElementsAre("nested-archive"));
  source_.format.members = {"*.csv"};
  EXPECT_THAT(names(land_ok()), ElementsAre("a.zip/b.csv"));
  EXPECT_FALSE(land_ok().batch.has_value());
}

TEST_F(LandingArchives, AreParsedAndFoundByMemberAndLine) {
  const std::string csv = std::string(kHeader) + "e1,,1.50,USD,\ne2,,x,USD,\ne3,,2,USD,three\n";
  for (const char* format : {"zip", "tar", "tar.gz", "tar.zst"}) {
    const std::string name = std::string("a.") + format;
    write(name, packed({{"other.csv", std::string(kHeader) + format + ",,1,USD,\n"},
                        {"m.csv", csv + "e4,,1,USD," + format + "\n"}},
                       format));
    const LandOutcome outcome = land_ok();
    ASSERT_THAT(names(outcome), ElementsAre(name + "/m.csv", name + "/other.csv"));
    const LandedFile& member = outcome.batch->files[0];
    const ParsedFile parsed = parse(member);
    EXPECT_EQ(parsed.records, 4);
    EXPECT_EQ(parsed.kept, 3);
    EXPECT_EQ(to_string(parsed.kept_amount), "4.50");
    ASSERT_THAT(parsed.rejected, SizeIs(1));
    EXPECT_EQ(parsed.rejected[0].line, 3);
    const auto found = find_records(*lake_, source_, member, {3});
    ASSERT_THAT(found, IsOk());
    EXPECT_EQ(found->at(0).line, 4);
    EXPECT_EQ(found->at(0).raw, "e3,,2,USD,three");
  }
}

TEST_F(LandingArchives, HoldCompressedFilesAndFilesOfOtherFormats) {
  source_.format.kind = "json";
  write("a.zip", packed({{"a.json", R"([{"event_id": "e1", "cost": 1.10}, {"event_id": "e2"}])"}}));
  const LandOutcome outcome = land_ok();
  const ParsedFile parsed = parse(outcome.batch->files.at(0));
  EXPECT_THAT(staged_rows(parsed, "event_id, cost"), ElementsAre("e1|1.10", "e2|NULL"));
}

TEST_F(LandingArchives, OfParquetFilesAreRefused) {
  source_.format.kind = "parquet";
  write("a.zip", packed({{"a.parquet", "PAR1"}}));
  const LandOutcome outcome = land_ok();
  ASSERT_THAT(names(outcome), ElementsAre("a.zip"));
  EXPECT_THAT(parse(outcome.batch->files[0]).rejected.at(0).reasons.at(0),
              HasSubstr("deliver them unpacked"));
}

TEST_F(ParseFixture, JsonArraysAreRecordsWithExactNumbers) {
  source_.format.kind = "json";
  const ParsedFile parsed = parse_text(
      "[\n{\"event_id\": \"a\", \"cost\": 0.10, \"x\": {\"y\":\n1.0}},\n{\"event_id\": 2},\n3,\n"
      "{\"event_id\": \"b\", \"cost\": 1e2}]");
  EXPECT_EQ(parsed.kept, 3);
  ASSERT_THAT(parsed.rejected, SizeIs(1));
  EXPECT_EQ(parsed.rejected[0].line, 5);
  EXPECT_EQ(parsed.rejected[0].record, 3);
  EXPECT_THAT(parsed.rejected[0].reasons, ElementsAre(HasSubstr("the element is no JSON object")));
  EXPECT_THAT(staged_rows(parsed, "event_id, cost, _extra"),
              ElementsAre("a|0.10|{\"x\":{\"y\":\n1.0}}", "2|NULL|NULL", "b|100.00|NULL"));
  source_.format.json_path = "data.rows";
  EXPECT_EQ(parse_text(R"({"n": 1, "data": {"rows": [{"event_id": "z"}]}})").kept, 1);
  EXPECT_THAT(why_unreadable(R"({"data": [1]})"), HasSubstr("json-path: "));
  EXPECT_THAT(why_unreadable(R"({"data": {"rows": [{"event_id": "z"}, {"event_)"),
              HasSubstr("damaged-file: line 1: the JSON document ends in the middle"));
}

}  // namespace
}  // namespace bullion::ingest
