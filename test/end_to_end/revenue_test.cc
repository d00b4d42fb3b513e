// The revenue domain as a user meets it: samples that can be added up by hand, a made-up company
// whose books tie, customers that are merged and taken apart.
#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

#include "end_to_end/program.h"

namespace bullion::end_to_end {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;

fs::path make_company(const TestFolder& parent, const std::string& name = "company") {
  must(parent.path(), {"init", "revenue", name, "-q"});
  fs::create_directories(parent / name / "incoming");
  return parent / name;
}

void generate(const fs::path& folder, const std::string& invoices) {
  must(folder, {"generate", "revenue", "--invoices", invoices, "--to", "incoming", "-q"});
}

/// Lines of a query's answer "a,b" with the header left out.
std::set<std::string> rows(const fs::path& folder, const std::string& sql) {
  std::istringstream lines(csv(folder, sql));
  std::set<std::string> found;
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) found.insert(line);
  return found;
}

/// Row ids of the planted errors of a kind.
std::set<std::string> planted(const fs::path& folder, const std::string& kind) {
  std::istringstream labels(read_file(folder / "incoming-labels.csv"));
  std::set<std::string> found;
  for (std::string line; std::getline(labels, line);) {
    std::vector<std::string> cells;
    std::istringstream parts(line);
    for (std::string cell; std::getline(parts, cell, ',');) cells.push_back(cell);
    if (cells.at(0) == kind) found.insert(cells.at(2));
  }
  return found;
}

TEST(Revenue, SamplesAddUpAsTheReaderIsTold) {
  const TestFolder parent("revenue");
  const fs::path folder = make_company(parent);
  deliver_sample(folder, "batch1");
  must(folder, {"run", "-q"});
  const std::string statement =
      must(folder, {"queries", "profit_and_loss", "--param", "month=2024-03", "--output", "csv"})
          .out;
  for (const char* line :
       {"Sales,EUR,FY2024-03,800.00,500.00,0.00,300.00,2300.00,2300.00,2600.00\n",
        "Revenue,EUR,FY2024-03,770.00,", "Gross profit,EUR,FY2024-03,420.00,",
        "Operating profit,EUR,FY2024-03,-730.00,500.00,",
        "Net profit,EUR,FY2024-03,-730.00,500.00,0.00,-1230.00,770.00,770.00,1070.00\n"}) {
    EXPECT_THAT(statement, HasSubstr(line));
  }
  EXPECT_EQ(csv(folder,
                "SELECT receivable_id, days_past_due, bucket, open_amount FROM receivables_ageing "
                "WHERE is_latest ORDER BY receivable_id"),
            "receivable_id,days_past_due,bucket,open_amount\n"
            "I2,15,1-30,300.0000\nI4,12,1-30,20.0000\nI5,91,90+,300.0000\n"
            "I6,-19,current,700.0000\n");
  EXPECT_EQ(csv(folder,
                "SELECT credit_id, invoice_id, rule, amount FROM payment_allocations ORDER BY ALL"),
            "credit_id,invoice_id,rule,amount\nCM1,I3,named,30.0000\nPP1,I1,oldest,1000.0000\n"
            "PP1,I2,oldest,200.0000\nPP2,I3,named,50.0000\n");
  EXPECT_EQ(query_value(folder, "SELECT days_outstanding FROM receivables_days WHERE is_latest"),
            "52.33");
  EXPECT_THAT(must(folder, {"metric", "payment_success"}).out, HasSubstr("0.6667"));
  EXPECT_EQ(must(folder, {"queries", "overspent", "--output", "csv"}).out,
            "department,account,currency,budget_year,actual_ytd,committed_ytd,available,"
            "overspent_ytd,by_orders_alone\n"
            "D200,6200,EUR,300.00,150.00,250.00,-100.00,100.00,yes\n");
  const std::string customers =
      "SELECT account_ids, why_one, lifetime_value, open_amount, overdue_amount, may_be_contacted, "
      "payment_risk, risk_reason FROM customer_360 ORDER BY customer_cluster";
  const std::string head =
      "account_ids,why_one,lifetime_value,open_amount,overdue_amount,may_be_contacted,"
      "payment_risk,risk_reason\n";
  EXPECT_EQ(csv(folder, customers),
            head +
                "\"C1, C3\",same e-mail address,70.0000,20.0000,20.0000,false,low,\n"
                "C2,,1500.0000,300.0000,300.0000,true,medium,pays 40.00 days late on average\n"
                "C4,,1000.0000,1000.0000,300.0000,true,high,overdue for 91 days; 1 disputed\n");

  EXPECT_THAT(
      must(folder, {"trace", "fact_invoice", "invoice_id=I1"}).out,
      AllOf(HasSubstr("I1,1,INV-1002,invoice"), HasSubstr("The sums agree at every level.")));
  // The fiscal month stands in a calendar; its lines of the ledger are found all the same.
  EXPECT_THAT(
      must(folder, {"trace", "profit_and_loss", "period=FY2024-03", "statement_line=sales"}).out,
      AllOf(HasSubstr("raw_ledger"), HasSubstr("The sums agree at every level.")));

  deliver_sample(folder, "batch2");
  must(folder, {"run", "-q"});
  EXPECT_EQ(csv(folder, customers),
            head +
                "\"C1, C3\",same e-mail address,70.0000,0.0000,0.0000,false,low,\n"
                "\"C2, C4\",merged by jane on 2024-04-02,2500.0000,1300.0000,600.0000,true,high,"
                "overdue for 93 days; pays 40.00 days late on average; 1 disputed\n");
  EXPECT_EQ(query_value(folder,
                        "SELECT sum(closing) FROM account_balances WHERE account = '1200' "
                        "AND period_start = DATE '2024-04-01'"),
            "1300.00");
}

TEST(Revenue, ATrialBalanceThatIsOffByACentBlocksTheRelease) {
  const TestFolder parent("revenue");
  const fs::path folder = make_company(parent);
  deliver_sample(folder, "batch1");
  const fs::path path = folder / "incoming/trial_balance.csv";
  std::string text = read_file(path);
  const std::string line = "2024-03-01,5000,1,0.00,350.00,0.00,350.00,EUR";
  const size_t at = text.find(line);
  ASSERT_NE(at, std::string::npos);
  fs::remove(path);
  write_file(path, text.replace(at, line.size(), "2024-03-01,5000,1,0.00,350.01,0.00,350.01,EUR"));
  const Outcome run = bullion(folder, {"run", "-q"});
  EXPECT_EQ(run.code, 3) << run.out << run.err;
  EXPECT_THAT(run.out + run.err, HasSubstr("profit_and_loss_ties_to_trial_balance"));
}

TEST(Revenue, TheGeneratedCompanyTiesAndItsErrorsAreSeen) {
  const TestFolder parent("revenue");
  const fs::path folder = make_company(parent);
  generate(folder, "1000");
  must(folder, {"generate", "revenue", "--invoices", "1000", "--to", "again", "-q"});
  for (const auto& entry : fs::directory_iterator(folder / "incoming")) {
    EXPECT_EQ(read_file(entry.path()), read_file(folder / "again" / entry.path().filename()));
  }
  must(folder, {"run", "-q"});
  must(folder, {"test", "-q"});

  // To the cent: every closed month of every account, and account 1200 against the ageing.
  EXPECT_EQ(query_value(folder, "SELECT count(DISTINCT period_start) FROM trial_balance"), "18");
  EXPECT_EQ(query_value(folder,
                        "SELECT (SELECT sum(open_amount) FROM receivables_ageing WHERE is_latest) "
                        "- (SELECT sum(closing) FROM trial_balance WHERE account = '1200' AND "
                        "period_start = (SELECT max(period_start) FROM trial_balance))"),
            "0.0000");

  std::set<std::string> refused = planted(folder, "bad_amount");
  refused.merge(planted(folder, "other_currency"));
  EXPECT_FALSE(refused.empty());
  EXPECT_EQ(query_value(folder, "SELECT sum(rows_quarantined) FROM ops.runs"),
            std::to_string(refused.size()));
  const std::set<std::string> kept = rows(folder, "SELECT invoice_id FROM invoices");
  for (const std::string& id : planted(folder, "withdrawn")) EXPECT_EQ(kept.count(id), 0U) << id;
  for (const std::string& id : refused) EXPECT_EQ(kept.count(id), 0U) << id;
  for (const char* kind : {"corrected", "twice", "paid_twice", "unknown_payer"}) {
    EXPECT_FALSE(planted(folder, kind).empty()) << kind;
    for (const std::string& id : planted(folder, kind)) EXPECT_EQ(kept.count(id), 1U) << id;
  }
  EXPECT_EQ(rows(folder, "SELECT invoice_id FROM invoices WHERE invoice_version = 2"),
            planted(folder, "corrected"));
  // Whoever came twice is one customer, by four kinds of evidence, and nobody else is.
  EXPECT_EQ(rows(folder,
                 "SELECT customer_id FROM customer_clusters WHERE customer_id <> "
                 "customer_cluster"),
            planted(folder, "same_customer"));
  EXPECT_EQ(rows(folder, "SELECT DISTINCT reason FROM customer_links").size(), 4U);
  EXPECT_EQ(rows(folder,
                 "SELECT department || ' ' || account FROM budget_position WHERE "
                 "overspent_ytd > 0"),
            std::set<std::string>{"D200 6200"});
  // And somebody hears of it: the line's department has a case with what it is over.
  EXPECT_THAT(must(folder, {"detect"}).out, HasSubstr("1 findings, 1 open cases (1 new)"));
  EXPECT_EQ(rows(folder,
                 "SELECT subject_id FROM findings AS f JOIN budget_position AS b ON "
                 "b.budget_line_month = f.row_id WHERE f.detector = 'budget_overspend' AND "
                 "f.amount_at_risk >= b.overspent_ytd")
                .size(),
            1U);
}

/// The hashes of the tables that are not what people decided.
std::string marts(const fs::path& folder) {
  std::istringstream lines(release_hashes(folder));
  std::string kept;
  for (std::string line; std::getline(lines, line);) {
    if (line.find("customer_decisions") == std::string::npos) kept += line + "\n";
  }
  return kept;
}

std::set<std::string> tables_of(const std::string& hashes) {
  std::istringstream lines(hashes);
  std::set<std::string> tables;
  for (std::string line; std::getline(lines, line);) tables.insert(line.substr(0, line.find(' ')));
  return tables;
}

/// Tables whose hashes differ.
std::set<std::string> changed(const std::string& before, const std::string& after) {
  const auto split = [](const std::string& text) {
    std::istringstream lines(text);
    std::set<std::string> parts;
    for (std::string line; std::getline(lines, line);) parts.insert(line);
    return parts;
  };
  const std::set<std::string> a = split(before);
  const std::set<std::string> b = split(after);
  std::string differing;
  for (const std::string& line : a) differing += b.count(line) == 0 ? line + "\n" : "";
  for (const std::string& line : b) differing += a.count(line) == 0 ? line + "\n" : "";
  return tables_of(differing);
}

void decide(const fs::path& folder, int number, const std::string& decision,
            const std::string& customer, const std::string& other) {
  write_file(folder / fmt::format("incoming/customer_decisions-{}.csv", number),
             fmt::format("decision_id,decided_on,decision,customer_id,other_customer_id,decided_by,"
                         "reason\n{},2025-07-{:02},{},{},{},jane,checked\n",
                         number, number, decision, customer, other));
  must(folder, {"run", "-q"});
}

TEST(Revenue, MergingCustomersChangesEveryMartAtOnceAndUnmergingRestoresThem) {
  const TestFolder parent("revenue");
  const fs::path folder = make_company(parent);
  generate(folder, "400");
  must(folder, {"run", "-q"});
  const std::string first = marts(folder);
  const std::string picked =
      "SELECT customer_cluster FROM customer_360 WHERE accounts = 1 AND open_amount > 0 AND "
      "invoices > 3 ORDER BY lifetime_value DESC, customer_cluster LIMIT 1 OFFSET ";
  const std::string one = query_value(folder, picked + "0");
  const std::string other = query_value(folder, picked + "1");

  decide(folder, 1, "merge", one, other);
  const std::string merged = marts(folder);
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM ops.runs WHERE status = 'published'"), "2");
  EXPECT_EQ(changed(first, merged),
            (std::set<std::string>{
                "customer_360", "customer_clusters", "customer_concentration", "customer_links",
                "customer_months", "daily_kpis", "dim_customer", "fact_invoice", "fact_order_line",
                "fact_payment", "monthly_kpis", "payment_stages", "receivables_ageing"}));
  EXPECT_EQ(query_value(folder, fmt::format("SELECT count(*) FROM customer_360 WHERE "
                                            "customer_cluster IN ('{}', '{}')",
                                            one, other)),
            "1");

  decide(folder, 2, "unmerge", one, other);
  EXPECT_EQ(marts(folder), first);
  EXPECT_EQ(query_value(folder, "SELECT count(*) FROM customer_decisions"), "2");
}

}  // namespace
}  // namespace bullion::end_to_end
