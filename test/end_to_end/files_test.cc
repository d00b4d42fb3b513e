// Files that replace, overlap and turn out wrong: snapshots, identity, withdrawal.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "base/shared_data.h"
#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kProject = "name: files\ncurrency: USD\ntargets:\n  dev: {lake: lake}\n";

/// A project with one source and one model; `source_config` and `model_config` are lines of YAML.
void make_small_project(const fs::path& folder, const std::string& source_config,
                        const std::string& model_config, const std::string& sql,
                        const std::string& key_column) {
  write_file(folder / "bullion.yml", kProject);
  write_file(folder / "sources/bill.yml",
             "version: 2\nsources:\n  - name: bill\n    meta: {owner: o}\n    config:\n"
             "      files: incoming/*.csv\n      amount: cost\n" +
                 source_config +
                 "    columns:\n"
                 "      - {name: day, data_type: date, constraints: [{type: not_null}]}\n"
                 "      - {name: what, data_type: string}\n"
                 "      - {name: cost, data_type: \"decimal(18,2)\"}\n");
  write_file(folder / "models/silver/lines.sql", sql);
  write_file(folder / "models/schema.yml",
             "version: 2\nmodels:\n  - name: lines\n    meta: {owner: o}\n    config:\n"
             "      amount: cost\n      partition_by: day\n      conserves: {cost: cost}\n" +
                 model_config + "    columns:\n" + key_column +
                 "      - {name: day, data_type: date, constraints: [{type: not_null}]}\n"
                 "      - {name: what, data_type: string}\n"
                 "      - {name: cost, data_type: \"decimal(18,2)\"}\n");
  fs::create_directories(folder / "incoming");
}

void make_snapshot_project(const fs::path& folder) {
  make_small_project(folder,
                     "      snapshot: {covers: range, day: day, as_of: file_name, pattern: "
                     "\"known_([0-9-]+)\", type: date}\n",
                     "      kind: snapshot\n", "SELECT day, what, cost FROM bill\n", "");
}

void make_identity_project(const fs::path& folder) {
  make_small_project(
      folder, "      identity: occurrence\n",
      "      kind: latest\n      unique_key: [row_id]\n      version_by: [day]\n",
      "SELECT _row_id AS row_id, day, what, cost FROM bill\n",
      "      - {name: row_id, data_type: string, constraints: [{type: not_null}]}\n");
}

void deliver(const fs::path& folder, const std::string& name, const std::string& lines) {
  write_file(folder / "incoming" / name, "day,what,cost\n" + lines);
}

void expect_run(const fs::path& folder) {
  const Outcome run = bullion(folder, {"run", "-q"});
  ASSERT_EQ(run.code, 0) << run.out << run.err;
}

std::string lines_of(const fs::path& folder) {
  return query_value(folder,
                     "SELECT string_agg(line, '; ' ORDER BY line) FROM (SELECT day || ' ' || what "
                     "|| ' ' || cost AS line FROM lines)");
}

void expect_verified(const fs::path& folder) {
  const Outcome verified = bullion(folder, {"verify", "-q"});
  EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
}

TEST(Snapshot, TheNewestFileOfADayReplacesItAndAbsentDaysStay) {
  const TestFolder folder("snapshot");
  make_snapshot_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv",
          "2025-01-01,a,1.00\n2025-01-02,a,2.00\n2025-01-02,a,2.00\n2025-01-03,a,4.00\n");
  expect_run(folder.path());
  EXPECT_EQ(query_value(folder.path(), "SELECT sum(cost) FROM lines"), "9.00");
  // Known later: day 1 grew, day 2 has one line less, day 3 is not there although in the range.
  deliver(folder.path(), "known_2025-01-05.csv",
          "2025-01-01,a,1.00\n2025-01-01,b,7.00\n2025-01-02,a,2.00\n2025-01-04,a,3.00\n");
  expect_run(folder.path());
  const std::string newest =
      "2025-01-01 a 1.00; 2025-01-01 b 7.00; 2025-01-02 a 2.00; 2025-01-03 a 4.00; 2025-01-04 a "
      "3.00";
  EXPECT_EQ(lines_of(folder.path()), newest);
  // An older snapshot that arrives last changes nothing but a day that nobody else has.
  deliver(folder.path(), "known_2024-12-31.csv", "2024-12-31,z,9.00\n2025-01-01,z,9.00\n");
  expect_run(folder.path());
  EXPECT_EQ(lines_of(folder.path()), "2024-12-31 z 9.00; " + newest);
  expect_verified(folder.path());
  // Withdrawn, the older files' days come back.
  const Outcome undone =
      bullion(folder.path(), {"withdraw", "known_2025-01-05.csv", "--reason", "wrong export"});
  ASSERT_EQ(undone.code, 0) << undone.out << undone.err;
  EXPECT_EQ(lines_of(folder.path()),
            "2024-12-31 z 9.00; 2025-01-01 a 1.00; 2025-01-02 a 2.00; 2025-01-02 a 2.00; "
            "2025-01-03 a 4.00");
  expect_verified(folder.path());
}

TEST(Snapshot, ATraceEndsAtTheNewestFileOfTheDay) {
  const TestFolder folder("snapshot-trace");
  make_snapshot_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv", "2025-01-01,a,1.00\n2025-01-02,a,2.00\n");
  deliver(folder.path(), "known_2025-01-05.csv", "2025-01-01,a,1.00\n2025-01-01,b,7.00\n");
  expect_run(folder.path());
  const Outcome replaced = bullion(folder.path(), {"trace", "lines", "day=2025-01-01"});
  EXPECT_EQ(replaced.code, 0) << replaced.err;
  EXPECT_THAT(replaced.out, HasSubstr("2 rows; sum of cost = 8.00 (equals the level above)"));
  EXPECT_THAT(replaced.out, HasSubstr("known_2025-01-05.csv"));
  EXPECT_THAT(replaced.out, Not(HasSubstr("known_2025-01-02.csv")));
  EXPECT_THAT(replaced.out, HasSubstr("rows of a day that a newer file replaced"));
  const Outcome kept = bullion(folder.path(), {"trace", "lines", "day=2025-01-02"});
  EXPECT_THAT(kept.out, HasSubstr("1 rows; sum of cost = 2.00 (equals the level above)"));
  EXPECT_THAT(kept.out, HasSubstr("known_2025-01-02.csv"));
}

TEST(Snapshot, TheOrderOfArrivalDoesNotMatter) {
  const std::vector<std::pair<std::string, std::string>> files = {
      {"known_2025-01-02.csv", "2025-01-01,a,1.00\n2025-01-02,a,2.00\n"},
      {"known_2025-01-03.csv", "2025-01-02,b,5.00\n2025-01-03,b,6.00\n"},
      {"known_2025-01-04.csv", "2025-01-01,c,7.00\n2025-01-03,c,8.00\n"}};
  std::set<std::string> results;
  std::vector<size_t> order = {0, 1, 2};
  do {
    const TestFolder folder("snapshot-order");
    make_snapshot_project(folder.path());
    for (const size_t i : order) {
      deliver(folder.path(), files[i].first, files[i].second);
      expect_run(folder.path());
    }
    results.insert(lines_of(folder.path()));
  } while (std::next_permutation(order.begin(), order.end()));
  EXPECT_THAT(results, testing::ElementsAre("2025-01-01 c 7.00; 2025-01-02 b 5.00; 2025-01-03 c "
                                            "8.00"));
}

TEST(Snapshot, TiesAreRefusedByNameAndAWithdrawalSettlesThem) {
  const TestFolder folder("snapshot-tie");
  make_snapshot_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv", "2025-01-01,a,1.00\n");
  deliver(folder.path(), "again_known_2025-01-02.csv", "2025-01-01,a,2.00\n");
  const Outcome tied = bullion(folder.path(), {"run", "-q"});
  EXPECT_EQ(tied.code, 2);
  EXPECT_THAT(tied.err, HasSubstr("again_known_2025-01-02.csv"));
  EXPECT_THAT(tied.err, HasSubstr("both have 2025-01-01"));
  EXPECT_THAT(tied.err, HasSubstr("bullion withdraw"));
  const Outcome settled = bullion(
      folder.path(), {"withdraw", "again_known_2025-01-02.csv", "--reason", "a copy by hand"});
  ASSERT_EQ(settled.code, 0) << settled.out << settled.err;
  EXPECT_EQ(lines_of(folder.path()), "2025-01-01 a 1.00");
}

TEST(Snapshot, AFileWhoseNameDoesNotTellItsTimeGoesToQuarantineWhole) {
  const TestFolder folder("snapshot-name");
  make_snapshot_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv", "2025-01-01,a,1.00\n");
  deliver(folder.path(), "export.csv", "2025-01-01,a,2.00\n");
  expect_run(folder.path());
  EXPECT_EQ(lines_of(folder.path()), "2025-01-01 a 1.00");
  const Outcome list = bullion(folder.path(), {"quarantine", "list"});
  EXPECT_THAT(list.out, HasSubstr("does not match the pattern"));
}

/// The bill's days are those that a list of periods names, delivered into lists/.
void make_manifest_project(const fs::path& folder) {
  make_small_project(folder,
                     "      snapshot: {covers: manifest, manifest: {source: periods, file: name, "
                     "start: first, end: last}, day: day, as_of: file_name, pattern: "
                     "\"known_([0-9-]+)\", type: date}\n",
                     "      kind: snapshot\n", "SELECT day, what, cost FROM bill\n", "");
  write_file(folder / "sources/periods.yml",
             "version: 2\nsources:\n  - name: periods\n    meta: {owner: o}\n    config: {files: "
             "lists/*}\n    columns:\n"
             "      - {name: name, data_type: string, constraints: [{type: not_null}]}\n"
             "      - {name: first, data_type: date, constraints: [{type: not_null}]}\n"
             "      - {name: last, data_type: date, constraints: [{type: not_null}]}\n");
  fs::create_directories(folder / "lists");
}

void deliver_periods(const fs::path& folder, const std::string& name, const std::string& lines) {
  write_file(folder / "lists" / name, "name,first,last\n" + lines);
}

std::string events_of(const fs::path& folder) {
  return query_value(folder,
                     "SELECT string_agg(event || ' ' || regexp_extract(file, '[^/]*$'), '; ' ORDER "
                     "BY seen_at, file) FROM ops.events");
}

TEST(SnapshotManifest, DaysItNamesWithoutRowsAreEmpty) {
  const TestFolder folder("manifest");
  make_manifest_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv",
          "2025-01-01,a,1.00\n2025-01-02,a,2.00\n2025-01-03,a,4.00\n");
  deliver_periods(folder.path(), "1.csv", "known_2025-01-02.csv,2025-01-01,2025-01-03\n");
  expect_run(folder.path());
  const std::string first = "2025-01-01 a 1.00; 2025-01-02 a 2.00; 2025-01-03 a 4.00";
  EXPECT_EQ(lines_of(folder.path()), first);
  // Known later: day 2 was taken back whole; of day 3 nothing is said.
  deliver(folder.path(), "known_2025-01-05.csv", "2025-01-01,b,7.00\n");
  deliver_periods(folder.path(), "2.csv", "incoming/known_2025-01-05.csv,2025-01-01,2025-01-02\n");
  expect_run(folder.path());
  EXPECT_EQ(lines_of(folder.path()), "2025-01-01 b 7.00; 2025-01-03 a 4.00");
  EXPECT_FALSE(fs::exists(folder / "lake/tables/ops/events")) << "there is nothing to remark";
  expect_verified(folder.path());
  const Outcome undone =
      bullion(folder.path(), {"withdraw", "known_2025-01-05.csv", "--reason", "wrong export"});
  ASSERT_EQ(undone.code, 0) << undone.out << undone.err;
  EXPECT_EQ(lines_of(folder.path()), first);
  expect_verified(folder.path());
}

TEST(SnapshotManifest, AFileWaitsUntilItsManifestIsThereAndGoesWithIt) {
  const TestFolder folder("manifest-late");
  make_manifest_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv", "2025-01-01,a,1.00\n2025-01-02,a,2.00\n");
  deliver_periods(folder.path(), "1.csv", "known_2025-01-02.csv,2025-01-01,2025-01-02\n");
  expect_run(folder.path());
  deliver(folder.path(), "known_2025-01-05.csv", "2025-01-01,b,7.00\n");
  const Outcome waits = bullion(folder.path(), {"run"});
  ASSERT_EQ(waits.code, 0) << waits.err;
  EXPECT_THAT(
      waits.out + waits.err,
      HasSubstr("its 1 rows wait: no row of `periods` has `known_2025-01-05.csv` in `name`"));
  EXPECT_EQ(lines_of(folder.path()), "2025-01-01 a 1.00; 2025-01-02 a 2.00");
  EXPECT_EQ(events_of(folder.path()), "manifest_missing known_2025-01-05.csv");
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT rows_excluded || ' ' || rows_superseded FROM ops.conservation "
                        "WHERE name = 'lines' ORDER BY finished_at DESC LIMIT 1"),
            "1 0");
  deliver_periods(folder.path(), "2.csv", "known_2025-01-05.csv,2025-01-01,2025-01-02\n");
  expect_run(folder.path());
  EXPECT_EQ(lines_of(folder.path()), "2025-01-01 b 7.00");
  expect_verified(folder.path());
  // Without the list the file waits again, and what it replaced is back.
  const Outcome undone = bullion(folder.path(), {"withdraw", "2.csv", "--reason", "wrong days"});
  ASSERT_EQ(undone.code, 0) << undone.out << undone.err;
  EXPECT_EQ(lines_of(folder.path()), "2025-01-01 a 1.00; 2025-01-02 a 2.00");
  expect_verified(folder.path());
}

TEST(SnapshotManifest, RowsOfDaysItDoesNotNameAreRefused) {
  const TestFolder folder("manifest-outside");
  make_manifest_project(folder.path());
  deliver(folder.path(), "known_2025-01-02.csv", "2025-01-01,a,1.00\n2025-02-01,a,2.00\n");
  deliver_periods(folder.path(), "1.csv", "known_2025-01-02.csv,2025-01-01,2025-01-31\n");
  const Outcome refused = bullion(folder.path(), {"run", "-q"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("known_2025-01-02.csv"));
  EXPECT_THAT(refused.err, HasSubstr("has rows of 2025-02-01, which its manifest `periods` does"));
}

TEST(SnapshotManifest, ItsSourceAndColumnsMustExist) {
  const TestFolder folder("manifest-wrong");
  make_manifest_project(folder.path());
  const auto path = folder / "sources/bill.yml";
  const std::string yaml = read_file(path);
  const auto message_with = [&](const std::string& from, const std::string& to) {
    std::string wrong = yaml;
    wrong.replace(wrong.find(from), from.size(), to);
    write_file(path, wrong);
    const Outcome checked = bullion(folder.path(), {"check"});
    EXPECT_EQ(checked.code, 2);
    return checked.out + checked.err;
  };
  EXPECT_THAT(message_with("source: periods", "source: period"),
              HasSubstr("did you mean `periods`"));
  EXPECT_THAT(message_with("start: first", "start: name"), HasSubstr("must be a date column"));
  EXPECT_THAT(message_with("end: last", "end: lats"), HasSubstr("did you mean `last`"));
  EXPECT_THAT(message_with("covers: manifest", "covers: range"),
              HasSubstr("without `covers: manifest`"));
  EXPECT_THAT(
      message_with("manifest: {source: periods, file: name, start: first, end: last}, ", ""),
      HasSubstr("`covers: manifest` needs `manifest:"));
}

TEST(Identity, EqualRowsOfOneFileAreTwoAndAnOverlappingExportAddsNothing) {
  const TestFolder folder("identity");
  make_identity_project(folder.path());
  deliver(folder.path(), "january.csv",
          "2025-01-10,coffee,3.50\n2025-01-10,coffee,3.50\n2025-01-11,rent,900.00\n");
  expect_run(folder.path());
  const std::string january =
      "2025-01-10 coffee 3.50; 2025-01-10 coffee 3.50; 2025-01-11 rent "
      "900.00";
  EXPECT_EQ(lines_of(folder.path()), january);
  // The next export overlaps, in another order, and knows of a third coffee.
  deliver(folder.path(), "february.csv",
          "2025-02-01,tea,2.00\n2025-01-11,rent,900.00\n2025-01-10,coffee,3.50\n2025-01-10,coffee,"
          "3.50\n2025-01-10,coffee,3.50\n");
  expect_run(folder.path());
  EXPECT_EQ(lines_of(folder.path()),
            "2025-01-10 coffee 3.50; " + january + "; 2025-02-01 tea 2.00");
  expect_verified(folder.path());
  const Outcome undone =
      bullion(folder.path(), {"withdraw", "february.csv", "--reason", "another account"});
  ASSERT_EQ(undone.code, 0) << undone.out << undone.err;
  EXPECT_EQ(lines_of(folder.path()), january);
  expect_verified(folder.path());
}

TEST(Withdraw, RecomputesJustWhatTheFileTouchedAndCanBeUndone) {
  const TestFolder folder("withdraw");
  make_project(folder.path());
  deliver_sample(folder.path(), "batch1");
  expect_run(folder.path());
  const std::string total = "SELECT sum(total_cost_usd) FROM daily_account_cost";
  const std::string before = query_value(folder.path(), total);
  deliver_sample(folder.path(), "batch2");
  expect_run(folder.path());
  const std::string after = query_value(folder.path(), total);
  EXPECT_NE(before, after);

  const std::vector<std::string> take_back = {"withdraw", "billing-2025-01-09.csv", "--reason",
                                              "wrong tenant"};
  std::vector<std::string> dry = take_back;
  dry.push_back("--dry-run");
  const Outcome plan = bullion(folder.path(), dry);
  EXPECT_EQ(plan.code, 0) << plan.err;
  EXPECT_THAT(plan.out, HasSubstr("2025-01-03  corrected"));
  EXPECT_EQ(query_value(folder.path(), total), after);

  ASSERT_EQ(bullion(folder.path(), take_back).code, 0);
  EXPECT_EQ(query_value(folder.path(), total), before);
  expect_verified(folder.path());
  // The same bytes are still in the folder: the next run does not bring them back.
  const Outcome idle = bullion(folder.path(), {"run"});
  EXPECT_THAT(idle.out, HasSubstr("Nothing new"));
  const Outcome again = bullion(folder.path(), take_back);
  EXPECT_EQ(again.code, 2);
  EXPECT_THAT(again.err, HasSubstr("is withdrawn already"));
  EXPECT_THAT(bullion(folder.path(), {"files"}).out, HasSubstr("wrong tenant (by "));

  std::vector<std::string> restore = take_back;
  restore.push_back("--undo");
  ASSERT_EQ(bullion(folder.path(), restore).code, 0);
  EXPECT_EQ(query_value(folder.path(), total), after);
  expect_verified(folder.path());
}

TEST(Withdraw, AnUnknownFileAndAMissingReasonAreUsageErrors) {
  const TestFolder folder("withdraw-unknown");
  make_project(folder.path());
  deliver_sample(folder.path(), "batch1");
  expect_run(folder.path());
  const Outcome unknown = bullion(folder.path(), {"withdraw", "nope.csv", "--reason", "x"});
  EXPECT_EQ(unknown.code, 2);
  EXPECT_THAT(unknown.err, HasSubstr("bullion files"));
  EXPECT_EQ(bullion(folder.path(), {"withdraw", "billing-2025-01-02.csv"}).code, 2);
}

TEST(Ingest, LandsAndParsesWithoutPublishingAndADryRunWritesNothing) {
  const TestFolder folder("ingest");
  make_project(folder.path());
  deliver_sample(folder.path(), "batch1");
  const Outcome dry = bullion(folder.path(), {"ingest", "--dry-run"});
  EXPECT_EQ(dry.code, 0) << dry.err;
  EXPECT_THAT(dry.out, HasSubstr("Would load 35 rows"));
  EXPECT_FALSE(fs::exists(folder / "lake" / "landing"));
  const Outcome landed = bullion(folder.path(), {"ingest"});
  EXPECT_EQ(landed.code, 0) << landed.err;
  EXPECT_THAT(landed.out, HasSubstr("nothing is published"));
  EXPECT_TRUE(fs::exists(folder / "lake" / "landing"));
  EXPECT_FALSE(fs::exists(folder / "lake" / "releases"));
  fs::remove_all(folder / "incoming");
  expect_run(folder.path());
  EXPECT_EQ(query_value(folder.path(), "SELECT count(*) FROM billing_events"), "35");
}

TEST(Drift, EachKindOfChangeIsAnEventWithWhatWasDone) {
  const TestFolder folder("drift");
  make_small_project(folder.path(), "", "      kind: append\n",
                     "SELECT day, what, cost FROM bill\n", "");
  const fs::path in = folder / "incoming";
  write_file(in / "1.csv", "day,what,cost\n2025-01-01,a,1.00\n");
  write_file(in / "2.csv", "day,what,cost,project\n2025-01-02,a,1.00,x\n");
  write_file(in / "3.csv", "cost,project,day,what\n1.00,x,2025-01-03,a\n");
  write_file(in / "4.csv", "cost,projects,day\n1.00,x,2025-01-04\n");
  std::string retyped = "cost,projects,day\n";
  for (int i = 0; i < 8; ++i) retyped += "one euro,x,2025-01-05\n";
  write_file(in / "5.csv", retyped);
  write_file(in / "6.csv", "cost,projects\n1.00,x\n");
  write_file(in / "7.csv", read_file(in / "1.csv"));
  expect_run(folder.path());
  const auto events = [&](const std::string& file) {
    return query_value(folder.path(),
                       "SELECT string_agg(event || ' ' || coalesce(subject, ''), '; ' ORDER BY "
                       "event) FROM ops.events WHERE file LIKE '%/" +
                           file + "'");
  };
  EXPECT_EQ(events("1.csv"), "");
  EXPECT_EQ(events("2.csv"), "column_added project");
  EXPECT_EQ(events("3.csv"), "columns_reordered ");
  EXPECT_EQ(events("4.csv"), "column_dropped what; column_renamed projects");
  EXPECT_EQ(events("5.csv"), "column_retyped cost");
  EXPECT_EQ(events("6.csv"), "") << "an unreadable file has no columns to compare";
  EXPECT_EQ(events("7.csv").substr(0, 15), "duplicate_file ");
  // What was not in the contract is kept; a column that went is NULL; nothing is lost.
  EXPECT_EQ(query_value(folder.path(), "SELECT sum(cost) FROM lines"), "4.00");
  EXPECT_EQ(query_value(folder.path(), "SELECT count(*) FROM bill WHERE _extra IS NOT NULL"), "3");
  EXPECT_EQ(query_value(folder.path(), "SELECT count(*) FROM bill WHERE what IS NULL"), "1");
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT sum(rows_in - rows_kept - rows_quarantined - rows_excluded) FROM "
                        "ops.conservation WHERE scope = 'file'"),
            "0");
  // A later run compares with the last file of the run before.
  write_file(in / "8.csv", "day,what,cost\n2025-01-08,a,1.00\n");
  expect_run(folder.path());
  EXPECT_EQ(events("8.csv"), "column_added what; column_dropped projects");
}

TEST(Drift, ColumnsThatBecomeRowsComeAndGoWithoutAnEvent) {
  const TestFolder folder("wide");
  make_small_project(folder.path(),
                     "      unpivot: {columns: [\"20*\"], name: day, value: cost, beside: "
                     "[\"*total\"]}\n",
                     "      kind: append\n", "SELECT day, what, cost FROM bill\n", "");
  const fs::path in = folder / "incoming";
  write_file(in / "1.csv", "what,2025-01-01,2025-01-02,2025 total\na,1.00,2.00,3.00\n");
  write_file(in / "2.csv", "what,2025-02-01,2025-02-02,2025-02-03,2025 total\na,1,1,1,3\n");
  write_file(in / "3.csv", "2025-03-01,what,note\n1.00,a,x\n");
  expect_run(folder.path());
  EXPECT_EQ(csv(folder.path(),
                "SELECT parse_filename(file) AS file, event, subject FROM ops.events ORDER BY ALL"),
            "file,event,subject\n3.csv,column_added,note\n3.csv,column_dropped,2025 total\n");
  EXPECT_EQ(query_value(folder.path(), "SELECT sum(cost) FROM lines"), "7.00");
}

TEST(Cadence, NamesTheMonthThatIsMissingAndTheOneSuppliedTwice) {
  const TestFolder folder("cadence");
  make_small_project(folder.path(), "      cadence: {every: month, day: day}\n",
                     "      kind: append\n", "SELECT day, what, cost FROM bill\n", "");
  const fs::path in = folder / "incoming";
  // Each file may hold some days of the next month.
  write_file(in / "2014-04.csv",
             "day,what,cost\n2014-04-01,a,1.00\n2014-04-09,a,1.00\n2014-05-01,a,1.00\n");
  write_file(in / "2014-05.csv", "day,what,cost\n2014-06-02,a,1.00\n2014-06-03,a,1.00\n");
  write_file(in / "2014-06.csv", "day,what,cost\n2014-06-02,a,1.00\n2014-06-03,a,1.00\n");
  write_file(in / "2014-07.csv", "day,what,cost\n2014-07-02,a,1.00\n");
  expect_run(folder.path());
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT string_agg(event || ' ' || subject, '; ' ORDER BY "
                        "subject) FROM ops.events WHERE event LIKE 'period%'"),
            "period_missing 2014-05; period_supplied_twice 2014-06");
}

TEST(ControlTotals, AreKeptOutOfFactsAndChecked) {
  const TestFolder folder("totals");
  make_small_project(folder.path(),
                     "      exclude:\n"
                     "        - {reason: control_total, column: what, like: \"Grand Total*\"}\n"
                     "        - {reason: control_total, only: [cost]}\n",
                     "      kind: append\n", "SELECT day, what, cost FROM bill\n", "");
  const fs::path in = folder / "incoming";
  write_file(in / "holds.csv", "day,what,cost\n2025-01-01,a,1.00\n2025-01-01,b,2.50\n,,\n,,3.50\n");
  write_file(in / "differs.csv",
             "day,what,cost\n2025-01-02,a,1.00\n2025-13-02,b,2.00\n,Grand Total 2025,3.01\n");
  expect_run(folder.path());
  EXPECT_EQ(query_value(folder.path(), "SELECT sum(cost) FROM lines"), "4.50");
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT string_agg(status || ' ' || stated || ' ' || rows_total || ' ' || "
                        "difference, '; ' ORDER BY file) FROM ops.control_totals"),
            "differs 3.01 3.00 -0.01; holds 3.50 3.50 0.00");
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT detail FROM ops.events WHERE event = "
                        "'control_total_differs'"),
            "\"line 4 states 3.01; the rows sum to 3.00, a difference of -0.01\"");
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT string_agg(rows_in || '=' || rows_kept || '+' || "
                        "rows_quarantined || '+' || rows_excluded, '; ' ORDER BY "
                        "name) FROM ops.conservation WHERE scope = 'file'"),
            "3=1+1+1; 4=2+0+2");
}

TEST(Snapshot, FourExportsOfARealCloudBillEndExactlyWhereTheirTotalsSay) {
  if (shared_data().empty()) GTEST_SKIP() << "set BULLION_SHARED_DATA to the folder of public data";
  const TestFolder folder("mybinder");
  fs::copy(source_folder() / "test/end_to_end/projects/mybinder", folder.path(),
           fs::copy_options::recursive);
  fs::create_directories(folder / "incoming");
  const std::vector<std::string> totals = {"9218.024991", "9702.837037", "22199.200712",
                                           "32464.863161"};
  const std::vector<std::string> incomplete = {"1", "55", "1", "1"};
  const std::vector<std::string> names = {"snapshot_1_2018-02-07", "snapshot_2_2018-04-05",
                                          "snapshot_3_2018-04-05", "snapshot_4_2018-05-18"};
  for (size_t i = 0; i < names.size(); ++i) {
    fs::copy(shared_data() / "cloud_cost/mybinder_gcp_billing" / (names[i] + ".csv.gz"),
             folder / "incoming");
    expect_run(folder.path());
    EXPECT_EQ(query_value(folder.path(), "SELECT sum(cost) FROM cloud_bill"), totals[i]);
    EXPECT_EQ(query_value(folder.path(),
                          "SELECT count(*) FROM bill_calendar WHERE NOT "
                          "data_complete"),
              incomplete[i]);
  }
  EXPECT_EQ(query_value(folder.path(),
                        "SELECT usage_date FROM bill_calendar WHERE NOT "
                        "data_complete"),
            "2018-02-03");
  const Outcome groups = bullion(
      folder.path(), {"diff", "3", "4", "--table", "cloud_bill", "--by",
                      "project_id,usage_date,line_item,description,category", "--where",
                      "usage_date IN (DATE '2018-04-03', DATE '2018-04-04')", "--output", "json"});
  ASSERT_EQ(groups.code, 0) << groups.err;
  std::map<std::string, int> groups_by_change;
  int changed_in_sum = 0;
  for (const auto& group : nlohmann::json::parse(groups.out)) {
    const std::string change = group["change"];
    ++groups_by_change[change];
    if (change == "changed" && group["amount_change"] != "0.000000") ++changed_in_sum;
  }
  EXPECT_EQ(groups_by_change, (std::map<std::string, int>{{"added", 4}, {"changed", 89}}));
  EXPECT_EQ(changed_in_sum, 28);
  expect_verified(folder.path());
}

}  // namespace
}  // namespace bullion::end_to_end
