// The banking domain as a user meets it: samples that can be added up by hand, asked-for error
// rates, orphans that are released, days that are planted out of band, and two public data sets.
#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <map>
#include <sstream>
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
using nlohmann::json;
using testing::HasSubstr;

fs::path make_bank(const TestFolder& parent) {
  must(parent.path(), {"init", "banking", "bank", "-q"});
  fs::create_directories(parent / "bank/incoming");
  return parent / "bank";
}

void deliver(const fs::path& folder, const std::string& batch) {
  deliver_sample(folder, batch);
  must(folder, {"run", "-q"});
}

constexpr const char* kBalances =
    "SELECT account_id, closing_balance FROM account_month ORDER BY account_id";
constexpr const char* kBothRules =
    "SELECT sum(literal_amount_signed) AS literal, sum(amount_signed) AS by_accounts FROM postings";
constexpr const char* kBad = "SELECT rule, dt, records, amount FROM bad_records ORDER BY rule, dt";

TEST(Banking, SamplesGiveWhatCanBeAddedUpByHand) {
  const TestFolder parent("banking-samples");
  const fs::path folder = make_bank(parent);
  must(folder, {"check"});
  must(folder, {"test"});
  deliver(folder, "batch1");
  EXPECT_EQ(csv(folder, kBalances),
            "account_id,closing_balance\nA0001,2710.00\nA0002,5300.00\nA0003,250.00\n"
            "A0004,9800.00\nA0005,838.00\n");
  EXPECT_EQ(csv(folder, kBothRules), "literal,by_accounts\n2928.00,2198.00\n");
  EXPECT_EQ(csv(folder,
                "SELECT merchant_category, sum(spend) AS spend FROM category_day GROUP BY "
                "ALL ORDER BY ALL"),
            "merchant_category,spend\nDining,50.00\nGroceries,120.00\nUnmapped,20.00\n"
            "Utilities,12.00\n");
  EXPECT_EQ(csv(folder, kBad),
            "rule,dt,records,amount\naccount_id missing-value,2024-03-09,1,9.99\n"
            "amount not-in-range,2024-03-09,1,-5.00\nduplicate_id,2024-03-08,1,2500.00\n"
            "unknown_account,2024-03-09,1,75.00\n");
  // Both are in the quarantine with their reasons, too, and each rejected row leads to its line.
  EXPECT_THAT(must(folder, {"quarantine", "list"}).out, HasSubstr("is out of range"));
  const std::string traced =
      must(folder, {"trace", "rejected_transactions", "code=not-in-range"}).out;
  EXPECT_THAT(traced, HasSubstr("transactions-2024-03-09.csv       6     7"));
  EXPECT_THAT(traced, HasSubstr("rejected  "));
  EXPECT_THAT(traced, testing::Not(HasSubstr("kept")));
  // 02:30 never came that night; 23:30 is the next day in UTC only.
  EXPECT_EQ(csv(folder, "SELECT count(*) AS n FROM transactions WHERE dt = DATE '2024-03-10'"),
            "n\n2\n");
  EXPECT_EQ(csv(folder, "SELECT account_id FROM waiting_transactions"), "account_id\nA0006\n");
  deliver(folder, "batch2");
  EXPECT_EQ(csv(folder, kBalances),
            "account_id,closing_balance\nA0001,2705.00\nA0002,5300.00\nA0003,250.00\n"
            "A0004,9800.00\nA0005,838.00\nA0006,75.00\n");
  EXPECT_EQ(csv(folder, kBothRules), "literal,by_accounts\n2998.00,2268.00\n");
  EXPECT_EQ(csv(folder, "SELECT count(*) AS n FROM waiting_transactions"), "n\n0\n");
  EXPECT_THAT(csv(folder, kBad), HasSubstr("duplicate_id,2024-03-08,2,2620.00"));
  EXPECT_EQ(csv(folder, "SELECT account_id, difference FROM statement_check WHERE difference <> 0"),
            "account_id,difference\nA0003,-5.00\n");
  EXPECT_THAT(must(folder, {"test"}).out, HasSubstr("statements_tie"));
  must(folder, {"verify"});
}

TEST(Banking, ReadsTheSameTransactionsAsJsonLines) {
  const TestFolder parent("banking-json");
  const fs::path folder = make_bank(parent);
  write_file(folder / "incoming/customers.jsonl",
             R"({"customer_id":"C0001","state":"CA","signup_date":"2020-01-15"})"
             "\n");
  write_file(folder / "incoming/accounts.csv",
             "account_id,customer_id,account_type,balance\nA0001,C0001,Checking,10.00\n");
  write_file(
      folder / "incoming/transactions.jsonl",
      R"({"transaction_id":"00000000-0000-4000-8000-000000000001","account_id":"A0001",)"
      R"("transaction_type":"Deposit","amount":"5.00","transaction_ts":"2024-11-03T01:30:00"})"
      "\n"
      R"({"transaction_id":"17","account_id":"A0001","transaction_type":"Deposit",)"
      R"("amount":"1.00","transaction_ts":"2024-11-03T12:00:00"})"
      "\n");
  must(folder, {"run", "-q"});
  // The hour that comes twice is the earlier one, by declaration.
  EXPECT_EQ(csv(folder, "SELECT transaction_ts, dt, amount FROM transactions"),
            "transaction_ts,dt,amount\n2024-11-03T05:30:00.000000Z,2024-11-03,5.00\n");
  EXPECT_EQ(csv(folder, "SELECT code, line FROM rejected_transactions"),
            "code,line\nnot-matching,2\n");
}

/// What a rate per million of so many transactions is, give or take 1 %.
void expect_rate(int64_t found, int64_t events, int64_t per_million, const std::string& what) {
  const double asked = static_cast<double>(events) * static_cast<double>(per_million) / 1e6;
  EXPECT_NEAR(static_cast<double>(found), asked, asked * 0.01) << what;
}

TEST(Banking, GeneratedErrorsAreThoseAskedForAndOrphansAreReleased) {
  const TestFolder parent("banking-generated");
  const fs::path folder = make_bank(parent);
  constexpr int64_t kEvents = 40000;
  must(folder, {"generate",
                "banking",
                "--events",
                std::to_string(kEvents),
                "--days",
                "120",
                "--bad-amount-per-million",
                "5000",
                "--missing-account-per-million",
                "4000",
                "--bad-id-per-million",
                "3000",
                "--bad-type-per-million",
                "3000",
                "--bad-time-per-million",
                "2500",
                "--orphan-per-million",
                "10000",
                "--duplicate-per-million",
                "20000",
                "--corrected-per-million",
                "5000",
                "--to",
                "incoming",
                "-q"});
  must(folder, {"run", "-q"});
  std::map<std::string, int64_t> bad;
  for (const json& row : rows_of(
           folder, {"query", "SELECT rule, sum(records) AS n FROM bad_records GROUP BY rule"})) {
    bad[row["rule"]] =
        std::stoll(row["n"].is_string() ? row["n"].get<std::string>() : row["n"].dump());
  }
  expect_rate(bad["amount not-in-range"], kEvents, 5000, "amounts");
  expect_rate(bad["account_id missing-value"], kEvents, 4000, "accounts");
  expect_rate(bad["transaction_id not-matching"], kEvents, 3000, "ids");
  expect_rate(bad["transaction_type not-accepted"], kEvents, 3000, "types");
  expect_rate(bad["transaction_ts bad-timestamp"], kEvents, 2500, "times");
  expect_rate(bad["unknown_account"], kEvents, 10000, "orphans");
  expect_rate(bad["duplicate_id"], kEvents, 25000, "duplicates and corrections");
  // The accounts arrive, and nothing waits any more.
  const std::string posted = "SELECT count(*) AS n FROM postings WHERE leg = 'own'";
  const std::string before = query_value(folder, posted);
  must(folder,
       {"generate", "banking", "--late-accounts", "1", "--days", "120", "--to", "incoming", "-q"});
  must(folder, {"run", "-q"});
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM waiting_transactions"), "0");
  EXPECT_EQ(std::stoll(query_value(folder, posted)) - std::stoll(before), kEvents / 100);
  must(folder, {"verify"});
}

TEST(Banking, DaysPlantedOutOfBandAreFoundAndWeekendsAreNot) {
  const TestFolder parent("banking-bands");
  const fs::path folder = make_bank(parent);
  must(folder,
       {"generate", "banking", "--events", "40000", "--days", "240", "--to", "incoming", "-q"});
  must(folder, {"run", "-q"});
  std::map<std::string, std::string> planted;
  std::istringstream labels(read_file(folder / "incoming-labels.csv"));
  for (std::string line; std::getline(labels, line);) {
    if (!line.starts_with("volume,")) continue;
    const size_t day = line.find(",,") + 2;
    planted[line.substr(day, 10)] = line.substr(7, line.find(',', 7) - 7);
  }
  ASSERT_EQ(planted.size(), 4U);
  std::map<std::string, std::string> found;
  for (const json& row :
       rows_of(folder, {"query",
                        "SELECT CAST(dt AS VARCHAR) AS dt, status FROM volume_bands "
                        "WHERE measure = 'transactions' AND status IN ('drop', "
                        "'spike')"})) {
    found[row["dt"]] = row["status"];
  }
  EXPECT_EQ(found, planted);
  // They are findings, too.
  std::map<std::string, std::string> flagged;
  for (const json& row :
       rows_of(folder, {"query",
                        "SELECT subject_id AS dt, reason FROM volume_outside_band WHERE row_id "
                        "LIKE '%|transactions|%'"})) {
    const std::string reason = row["reason"];
    flagged[row["dt"]] = reason.find("a drop from") != std::string::npos ? "drop" : "spike";
  }
  EXPECT_EQ(flagged, planted);
}

/// A public data set; "" when it is not there, which the test says.
fs::path public_data(const std::string& name) {
  const fs::path data = shared_data() / "banking" / name;
  return fs::is_directory(data) ? data : fs::path();
}

std::string unpacked(const fs::path& file) {
  const std::string command = fmt::format("gzip -dc '{}'", file.string());
  std::string text;
  FILE* pipe = popen(command.c_str(), "r");
  std::array<char, 65536> buffer{};
  for (size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
    text.append(buffer.data(), n);
  }
  EXPECT_EQ(pclose(pipe), 0) << command;
  return text;
}

/// One row of a balance chain, amounts in hundredths.
struct Link {
  std::string account;
  std::string day;
  int64_t signed_amount = 0;
  int64_t balance = 0;
};

/// Rows that go on from the one before when those of a day may change places, greedily.
int64_t greedy_links(const std::vector<Link>& links) {
  std::map<std::string, std::map<std::string, std::vector<Link>>> days;
  for (const Link& link : links) days[link.account][link.day].push_back(link);
  int64_t holds = 0;
  for (auto& [account, of_account] : days) {
    int64_t balance = 0;
    for (auto& [day, left] : of_account) {
      while (!left.empty()) {
        auto next = std::ranges::find_if(
            left, [&](const Link& l) { return balance + l.signed_amount == l.balance; });
        holds += next == left.end() ? 0 : 1;
        if (next == left.end()) next = left.begin();
        balance = next->balance;
        left.erase(next);
      }
    }
  }
  return holds;
}

/// The template with the sources and silver models of the Czech bank.
fs::path make_berka(const TestFolder& parent, const fs::path& data) {
  const fs::path folder = make_bank(parent);
  for (const char* name : {"raw_customers", "raw_accounts", "raw_transactions"}) {
    fs::remove(folder / "sources" / (std::string(name) + ".yml"));
  }
  fs::remove(folder / "tests/transactions.yml");
  fs::copy(source_folder() / "test/end_to_end/projects/berka", folder,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  std::string settings = read_file(folder / "bullion.yml");
  for (const auto& [from, to] : {std::pair{"USD", "CZK"}, {"America/New_York", "Europe/Prague"}}) {
    for (size_t at = 0; (at = settings.find(from, at)) != std::string::npos;) {
      settings.replace(at, std::string(from).size(), to);
    }
  }
  write_file(folder / "bullion.yml", settings);
  for (const char* name : {"account", "client", "disp", "district"}) {
    write_file(folder / "incoming" / (std::string(name) + ".csv"),
               unpacked(data / (std::string(name) + ".csv.gz")));
  }
  // The order of the rows says more than the files do, so it becomes a column.
  std::istringstream lines(unpacked(data / "trans_test.csv.gz"));
  std::string numbered;
  int64_t number = 0;
  for (std::string line; std::getline(lines, line); ++number) {
    if (line.ends_with('\r')) line.pop_back();
    numbered += line + ";" + (number == 0 ? "file_order" : std::to_string(number)) + "\n";
  }
  write_file(folder / "incoming/trans.csv", numbered);
  return folder;
}

TEST(Banking, ACzechBankOfTheNinetiesIsReadWithItsGaps) {
  const fs::path data = public_data("berka_pkdd99_subset");
  if (data.empty()) GTEST_SKIP() << "\n*** SKIPPED: no banking/berka_pkdd99_subset ***\n";
  const TestFolder parent("banking-berka");
  const fs::path folder = make_berka(parent, data);
  must(folder, {"check"});
  // Breaks of the chain warn; accounts without transactions and the reverse are no error.
  EXPECT_THAT(must(folder, {"run"}).out, HasSubstr("balance_chain_holds on balance_chain: 9880"));
  EXPECT_EQ(csv(folder, "SELECT count(*) AS n, sum(amount) AS amount FROM transactions"),
            "n,amount\n30200,271161617.80\n");
  EXPECT_EQ(csv(folder, "SELECT count(*) AS n FROM balance_chain WHERE holds"), "n\n20320\n");
  std::vector<Link> links;
  for (const json& row :
       rows_of(folder, {"query",
                        "SELECT account_id, CAST(dt AS VARCHAR) AS dt, "
                        "CAST(100 * signed AS BIGINT) AS amount, "
                        "CAST(100 * balance AS BIGINT) AS balance FROM balance_chain "
                        "ORDER BY file_order"})) {
    links.push_back({row["account_id"], row["dt"], row["amount"], row["balance"]});
  }
  EXPECT_EQ(links.size(), 30200U);
  EXPECT_EQ(greedy_links(links), 27973);
  EXPECT_EQ(csv(folder,
                "SELECT count(*) AS accounts, count(DISTINCT account_id) AS moved FROM "
                "account_openings LEFT JOIN (SELECT DISTINCT account_id AS moved_id FROM "
                "account_day) ON moved_id = account_id WHERE moved_id IS NOT NULL"),
            "accounts,moved\n354,354\n");
  // A page for a client: the owner's account with what it closed with, and nothing for a client
  // whose account has no transactions here.
  const std::string page =
      must(folder, {"queries", "customer", "--param", "customer=31", "--output", "csv"}).out;
  EXPECT_THAT(page, HasSubstr("25,Checking,CZK,31621.90"));
  EXPECT_THAT(must(folder, {"queries", "customer", "--param", "customer=1", "--output", "csv"}).out,
              HasSubstr("1,Checking,CZK,0"));
}

TEST(Banking, SegmentsOfACampaignConvertAsCountedByHand) {
  const fs::path data = public_data("uci_bank_marketing");
  if (data.empty()) GTEST_SKIP() << "\n*** SKIPPED: no banking/uci_bank_marketing ***\n";
  const TestFolder folder("banking-marketing");
  fs::copy(source_folder() / "test/end_to_end/projects/bank_marketing", folder.path(),
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  fs::create_directories(folder / "incoming");
  for (const char* name : {"bank-full", "bank-additional-full"}) {
    write_file(folder / (fmt::format("incoming/{}.csv", name)),
               unpacked(data / fmt::format("{}.csv.gz", name)));
  }
  must(folder.path(), {"run", "-q"});
  EXPECT_EQ(csv(folder.path(),
                "SELECT sum(calls) AS calls, sum(deposits) AS deposits FROM "
                "segment_conversion GROUP BY file ORDER BY calls"),
            "calls,deposits\n41188,4640\n45211,5289\n");
  // 269 of 938 and 275 of 875 students, 34 of 288 and 37 of 330 of whom nobody knows the job.
  const std::string by_job =
      must(folder.path(), {"metric", "conversion", "--by", "job", "--output", "csv"}).out;
  EXPECT_THAT(by_job, HasSubstr("student,0.300055"));
  EXPECT_THAT(by_job, HasSubstr("not known,0.114887"));
}

}  // namespace
}  // namespace bullion::end_to_end
