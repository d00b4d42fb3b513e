// Findings of a real release become cases that people work through, by the real program.
#include <chrono>
#include <filesystem>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>
#include <signal.h>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kDetector = R"(SELECT earlier.line_id || '-' || later.line_id AS finding_key,
  'invoice' AS subject_type, later.vendor || '/' || later.number AS subject_id,
  later.line_id AS row_id, 'flagged' AS role, later.paid_on AS occurred_on,
  CAST(later.amount AS DECIMAL(28,6)) AS amount_at_risk, 'EUR' AS currency,
  CAST(0.9 AS DECIMAL(5,4)) AS strength, 'Invoice ' || later.number || ' was paid twice' AS reason
FROM invoices AS later
JOIN invoices AS earlier ON earlier.vendor = later.vendor AND earlier.number = later.number
  AND earlier.amount = later.amount AND earlier.line_id < later.line_id
UNION ALL
SELECT earlier.line_id || '-' || later.line_id, 'invoice', later.vendor || '/' || later.number,
  earlier.line_id, 'compared', earlier.paid_on, CAST(0 AS DECIMAL(28,6)), 'EUR',
  CAST(0.9 AS DECIMAL(5,4)), 'Invoice ' || later.number || ' was paid before'
FROM invoices AS later
JOIN invoices AS earlier ON earlier.vendor = later.vendor AND earlier.number = later.number
  AND earlier.amount = later.amount AND earlier.line_id < later.line_id
)";

void deliver(const fs::path& project, const std::string& name, const std::string& lines) {
  write_file(project / "incoming" / name, "line_id,vendor,number,paid_on,amount\n" + lines);
}

void make_invoices(const fs::path& project, const std::string& state = "") {
  fs::create_directories(project / "models/silver");
  write_file(project / "bullion.yml",
             "name: spend\ncurrency: EUR\ntarget: dev\ntargets:\n  dev: {lake: ./lake" +
                 (state.empty() ? "" : ", state: \"" + state + "\"") + "}\n");
  write_file(project / "sources/invoices.yml",
             "name: invoices\nconfig: {files: \"incoming/*.csv\"}\nmeta: {owner: ap}\ncolumns:\n"
             "  - {name: line_id, data_type: string}\n  - {name: vendor, data_type: string}\n"
             "  - {name: number, data_type: string}\n  - {name: paid_on, data_type: date}\n"
             "  - {name: amount, data_type: \"decimal(18,2)\"}\n");
  write_file(project / "detectors/detectors.yml",
             "detectors:\n  - name: paid_twice\n    title: Invoice paid twice\n    description: d\n"
             "    severity: high\n    weight: 0.95\n"
             "    evidence: {table: invoices, key: line_id}\n    meta: {owner: ap}\n");
  write_file(project / "detectors/paid_twice.sql", kDetector);
  deliver(project, "1.csv",
          "L1,ACME,1045,2025-01-03,1200.00\nL2,ACME,1045,2025-01-28,1200.00\n"
          "L3,Zeta,7,2025-02-01,310.15\nL4,Zeta,7,2025-02-02,310.15\n");
}

/// The same, run, with its cases.
void make_cases(const fs::path& project, const std::string& state = "") {
  make_invoices(project, state);
  must(project, {"run", "-q"});
  must(project, {"detect"});
}

json cases(const fs::path& project, std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "cases");
  arguments.insert(arguments.end(), {"--output", "json"});
  return json::parse(must(project, arguments).out, nullptr, false);
}

TEST(CasesOfAProject, AreFoundShownDecidedAndKeptOverRuns) {
  const TestFolder folder("cases");
  const fs::path project = folder / "p";
  make_invoices(project);
  EXPECT_THAT(bullion(project, {"detect"}).err, HasSubstr("`bullion run` publishes the first"));
  must(project, {"run", "-q"});
  const Outcome detected = must(project, {"detect", "--json"});
  EXPECT_THAT(detected.out, HasSubstr("2 findings, 2 open cases (2 new)"));
  EXPECT_THAT(detected.out, HasSubstr("1510.15 EUR at risk"));
  EXPECT_THAT(detected.out, HasSubstr(R"("status":"changed")"));
  EXPECT_THAT(must(project, {"detect"}).out, HasSubstr("nothing changed"));

  const json listed = cases(project, {"list"});
  ASSERT_EQ(listed.size(), 2U);
  EXPECT_EQ(listed[0]["subject"], "invoice:ACME/1045");
  EXPECT_EQ(listed[0]["score"], "0.8550");
  EXPECT_EQ(listed[0]["at_risk"], "1200.00");
  const Outcome shown = must(project, {"cases", "show", "1"});
  EXPECT_THAT(shown.out, HasSubstr("flagged L2"));
  EXPECT_THAT(shown.out, HasSubstr("compared L1"));
  EXPECT_THAT(shown.out, HasSubstr("bullion trace invoices 'line_id=L2' --release 1"));
  must(project, {"trace", "invoices", "line_id=L2", "--release", "1"});

  must(project, {"cases", "assign", "1", "ann", "--user", "chief"});
  EXPECT_THAT(bullion(project, {"cases", "confirm", "1", "--amount", "1200.01"}).err,
              HasSubstr("more than the 1200.00 at risk; with --force it is recorded all the same"));
  must(project, {"cases", "confirm", "1", "--amount", "1100", "--user", "ann"});
  must(project, {"cases", "recover", "1", "--amount", "100", "--user", "ann"});
  EXPECT_THAT(bullion(project, {"cases", "recover", "1", "--amount", "-40.00"}).err,
              HasSubstr("say why"));
  must(project, {"cases", "dismiss", "2", "--reason", "instalments", "--teach", "subject"});
  deliver(project, "2.csv", "L5,Zeta,7,2025-03-01,310.15\nL6,Beta,1,2025-03-01,5.00\n");
  must(project, {"run", "-q"});
  must(project, {"detect"});
  const json one = cases(project, {"show", "1"});
  EXPECT_EQ(one["state"], "confirmed");
  EXPECT_EQ(one["confirmed"], "1100.00");
  EXPECT_EQ(one["recovered"], "100.00");
  std::vector<std::string> who;
  for (const json& line : one["history"]) who.push_back(line["who"].get<std::string>());
  EXPECT_EQ(who.size(), 4U);
  EXPECT_EQ(who[1] + who[2], "chiefann");
  EXPECT_EQ(cases(project, {"patterns"})[0]["subject"], "invoice:Zeta/7");
  // A third payment of the invoice is other money than what was dismissed.
  const json suppressed = cases(project, {"list", "--state", "suppressed"});
  ASSERT_EQ(suppressed.size(), 1U);
  EXPECT_EQ(suppressed[0]["at_risk"], "310.15");
  must(project, {"cases", "patterns", "revoke", "1"});
  EXPECT_EQ(cases(project, {"list", "--state", "new"}).size(), 1U);

  EXPECT_THAT(bullion(project, {"cases", "list", "--state", "nw"}).err, HasSubstr("`new`"));
  must(project, {"cases", "export", "--csv", "--all"});
  EXPECT_THAT(read_file(project / "cases.csv"), HasSubstr("ACME/1045"));
  EXPECT_EQ(bullion(project, {"cases", "export", "--csv", "--all"}).code, 2);
  must(project, {"cases", "export", "--xlsx"});
}

TEST(CasesOfAProject, TakeBackAWrongRecoveryAndSayWhatMatchesNothing) {
  const TestFolder folder("slips");
  const fs::path project = folder / "p";
  make_cases(project);
  must(project, {"cases", "confirm", "1"});
  must(project, {"cases", "recover", "1", "--amount", "500.00"});
  EXPECT_THAT(must(project, {"cases", "reopen", "1", "--reason", "wrong case"}).out,
              HasSubstr("500.00 EUR stays recorded as recovered"));
  const Outcome taken =
      must(project, {"cases", "recover", "1", "--amount", "-500.00", "--reason", "wrong case"});
  EXPECT_THAT(taken.out, HasSubstr("0.00 recovered"));
  const json one = cases(project, {"show", "1"});
  EXPECT_EQ(one["state"], "new");
  EXPECT_EQ(one["money"][0]["recovered"], "0.00");
  EXPECT_EQ(one["history"].back()["amount"], "-500.00");

  EXPECT_THAT(must(project, {"cases", "list", "--owner", "zoe"}).out,
              HasSubstr("No case matches the filters; without them 2 are open at release 1."));
  EXPECT_THAT(bullion(project, {"cases", "list", "--detector", "paid_twic"}).err,
              HasSubstr("did you mean `paid_twice`?"));
  EXPECT_THAT(bullion(project, {"cases", "list", "--currency", "EURO"}).err,
              HasSubstr("no case has money in `EURO`"));
  const std::string story = "asked them\n" + std::string(200, 'x');
  must(project, {"cases", "comment", "1", story});
  EXPECT_THAT(must(project, {"cases", "show", "1"}).out, HasSubstr("\n[1] " + story + "\n"));
  EXPECT_THAT(must(project, {"cases", "patterns", "add", "--detector", "paid_twice", "--subject",
                             "vendor:ACME", "--reason", "rent"})
                  .out,
              HasSubstr("none of the detector's 2 findings in cases at release 1"));
  const std::vector<std::string> fits = {"cases",          "patterns",   "add",
                                         "--detector",     "paid_twice", "--subject",
                                         "invoice:Zeta/7", "--reason",   "rent"};
  EXPECT_THAT(must(project, fits).out, HasSubstr("matches 1 of the detector's 2 findings"));
  std::string weights = read_file(project / "detectors/detectors.yml");
  weights.replace(weights.find("0.95"), 4, "0.55");
  write_file(project / "detectors/detectors.yml", weights);
  must(project, {"run", "-q"});
  EXPECT_THAT(must(project, {"detect"}).out, HasSubstr("2 with another score"));
}

TEST(CasesOfAProject, MeasureTheirDetectorsAgainstABaseline) {
  const TestFolder folder("backtest");
  const fs::path project = folder / "p";
  make_invoices(project);
  must(project, {"run", "-q"});
  write_file(project / "labels.csv",
             "detector,row_id,amount,currency\npaid_twice,L2,1200.00,EUR\n"
             "paid_twice,L4,310.15,EUR\n");
  const Outcome first = must(project, {"detect", "--backtest", "labels.csv"});
  EXPECT_THAT(first.out, HasSubstr("1510.15 EUR"));
  EXPECT_THAT(first.err, HasSubstr("No baseline"));
  must(project, {"detect", "--backtest", "labels.csv", "--save-baseline"});
  must(project, {"detect", "--backtest", "labels.csv"});
  std::string sql = kDetector;
  sql.replace(sql.find("earlier.line_id < later.line_id"), 31,
              "earlier.line_id < later.line_id AND later.vendor = 'ACME'");
  write_file(project / "detectors/paid_twice.sql", sql);
  must(project, {"run", "-q"});
  const Outcome worse = bullion(project, {"detect", "--backtest", "labels.csv"});
  EXPECT_EQ(worse.code, 1) << worse.out;
  EXPECT_THAT(worse.err, HasSubstr("recall is 0.5000, it was 1.0000"));
}

TEST(CasesOfAProject, AreCalibratedByLabelsAndByWhatPeopleDecided) {
  const TestFolder folder("calibrate");
  const fs::path project = folder / "p";
  make_invoices(project);
  must(project, {"run", "-q"});
  EXPECT_THAT(bullion(project, {"detect", "--calibrate"}).err, HasSubstr("nobody has confirmed"));
  write_file(project / "labels.csv", "detector,row_id\npaid_twice,L2\n");
  const Outcome by_labels = must(project, {"detect", "--backtest", "labels.csv", "--calibrate"});
  EXPECT_THAT(by_labels.out, HasSubstr("Calibration error"));
  EXPECT_THAT(read_file(project / "detectors/calibration.json"), HasSubstr("labels labels.csv"));
  must(project, {"detect"});
  const std::string score = cases(project, {"list"})[0]["score"];
  must(project, {"cases", "dismiss", "1", "--reason", "fine"});
  must(project, {"detect", "--calibrate"});
  EXPECT_THAT(read_file(project / "detectors/calibration.json"), HasSubstr("decisions"));
  must(project, {"detect"});
  EXPECT_NE(cases(project, {"list", "--state", "new"})[0]["score"], score);
  write_file(project / "detectors/calibration.json", "{}");
  const Outcome broken = bullion(project, {"detect"});
  EXPECT_EQ(broken.code, 2);
  EXPECT_THAT(broken.err, HasSubstr("calibration.json"));
}

TEST(CasesOfAProject, LoseNothingAcknowledgedWhenTheProgramIsKilled) {
  const TestFolder folder("killed");
  const fs::path project = folder / "p";
  make_cases(project);
  std::mt19937 random(6);
  std::set<std::string> acknowledged;
  int killed = 0;
  for (int i = 0; i < 30; ++i) {
    const std::string text = fmt::format("comment {}", i);
    const pid_t process = start_bullion(project, {"cases", "comment", "1", text}, folder / "log");
    std::this_thread::sleep_for(std::chrono::milliseconds(random() % 160));
    ::kill(process, SIGKILL);
    const int code = wait_for(process);
    if (code == 0) acknowledged.insert(text);
    if (code == 128 + SIGKILL) ++killed;
  }
  EXPECT_GT(killed, 0);
  must(project, {"cases", "comment", "1", "the last"});
  acknowledged.insert("the last");
  std::set<std::string> kept;
  const json shown = cases(project, {"show", "1"});
  for (const json& line : shown["history"]) kept.insert(line["note"].get<std::string>());
  for (const std::string& text : acknowledged) EXPECT_TRUE(kept.contains(text)) << text;
}

TEST(CasesOfAProject, NameThePlaceOfTheStoreAndNeverItsPassword) {
  const TestFolder folder("place");
  const fs::path project = folder / "p";
  make_invoices(project, "postgresql://ann:${NOT_SET_ANYWHERE}@127.0.0.1:1/db");
  // Who needs no store needs no password.
  must(project, {"run", "-q"});
  EXPECT_THAT(bullion(project, {"detect"}).err, HasSubstr("NOT_SET_ANYWHERE"));
  const Outcome refused = bullion(project, {"detect"}, {{"NOT_SET_ANYWHERE", "s3cret"}});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("postgresql://ann@127.0.0.1:1/db"));
  EXPECT_THAT(refused.err, Not(HasSubstr("s3cret")));
}

TEST(CasesOfAProject, AreKeptInPostgresqlWhenItIsConfigured) {
  const char* server = std::getenv("BULLION_TEST_POSTGRES");
  if (server == nullptr) GTEST_SKIP() << "BULLION_TEST_POSTGRES names no server";
  const TestFolder folder("server");
  const fs::path project = folder / "p";
  make_cases(project, server);
  must(project, {"cases", "dismiss", "1", "--reason", "agreed"});
  EXPECT_EQ(cases(project, {"show", "1"})["state"], "dismissed");
  EXPECT_FALSE(fs::exists(project / "lake/state.db"));
}

}  // namespace
}  // namespace bullion::end_to_end
