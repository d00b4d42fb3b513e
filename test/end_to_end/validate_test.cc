// `bullion validate` through the program: FOCUS by rule id on files and tables, invoices, user
// rules.
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "program.h"

namespace bullion::end_to_end {
namespace {

using nlohmann::json;
using testing::HasSubstr;

std::string cents(int64_t amount) {
  const int64_t size = amount < 0 ? -amount : amount;
  return fmt::format("{}{}.{:02}", amount < 0 ? "-" : "", size / 100, size % 100);
}

/// Three months of charges on one invoice each: usage, a purchase, a credit, and a correction of
/// the month before. Amounts in cents; `missing` is taken from the last charge.
struct Bill {
  std::string charges =
      "InvoiceId,BillingAccountId,BillingCurrency,ChargeCategory,ChargeClass,"
      "BilledCost\n";
  std::string invoices = "InvoiceId,PayableAmount,Currency\n";
};

Bill make_bill(int64_t missing) {
  Bill bill;
  for (int month = 1; month <= 3; ++month) {
    const std::string invoice = fmt::format("INV-2025-0{}", month);
    int64_t payable = 0;
    const auto charge = [&](const std::string& category, const std::string& kind, int64_t amount,
                            int64_t written) {
      payable += amount;
      bill.charges += fmt::format("{},A-1,EUR,{},{},{}\n", invoice, category, kind, cents(written));
    };
    for (int64_t line = 1; line <= 40; ++line) {
      charge("Usage", "", line * 137 % 1009 + month, line * 137 % 1009 + month);
    }
    charge("Purchase", "", 120'000, 120'000);
    charge("Credit", "", -5'003, -5'003);
    const int64_t correction = month == 1 ? 0 : -217 * month;
    charge("Usage", "Correction", correction, month == 3 ? correction - missing : correction);
    bill.invoices += fmt::format("{},{},EUR\n", invoice, cents(payable));
  }
  return bill;
}

std::map<std::string, json> rules_of(const Outcome& outcome) {
  std::map<std::string, json> rules;
  const json report = json::parse(outcome.out);
  for (const json& rule : report.at("rules")) {
    rules[rule.at("id").get<std::string>()] = rule;
  }
  return rules;
}

class Validate : public testing::Test {
 protected:
  Validate() : folder_("validate") {}

  Outcome check(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "validate");
    return bullion(folder_.path(), arguments);
  }

  TestFolder folder_;
};

TEST_F(Validate, ChargesOfEachInvoiceAddUpToItsPayableAmount) {
  const Bill bill = make_bill(0);
  write_file(folder_ / "charges.csv", bill.charges);
  write_file(folder_ / "invoices.csv", bill.invoices);
  const Outcome outcome =
      check({"focus", "charges.csv", "--input", "invoices=invoices.csv", "--rule",
             "BilledCost-C-007-M,BillingCurrency-C-005-M", "-o", "json"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  EXPECT_EQ(rules_of(outcome).at("BilledCost-C-007-M").at("verdict"), "passed");
  EXPECT_EQ(rules_of(outcome).at("BillingCurrency-C-005-M").at("verdict"), "passed");
}

TEST_F(Validate, AMissingCentNamesTheInvoice) {
  const Bill bill = make_bill(1);
  write_file(folder_ / "charges.csv", bill.charges);
  write_file(folder_ / "invoices.csv", bill.invoices);
  const Outcome outcome = check({"focus", "charges.csv", "--input", "invoices=invoices.csv",
                                 "--rule", "BilledCost-C-007-M", "-o", "json"});
  EXPECT_EQ(outcome.code, 1);
  const json rule = rules_of(outcome).at("BilledCost-C-007-M");
  EXPECT_EQ(rule.at("verdict"), "failed");
  EXPECT_EQ(rule.at("violations"), 1);
  EXPECT_THAT(rule.at("sample").at(0).get<std::string>(), HasSubstr("InvoiceId=INV-2025-03"));
  EXPECT_THAT(rule.at("sample").at(0).get<std::string>(),
              HasSubstr("difference=-0.010000000000000000"));
}

TEST_F(Validate, InvoicesWithoutChargesAndChargesWithoutInvoiceAreFound) {
  const Bill bill = make_bill(0);
  write_file(folder_ / "charges.csv", bill.charges + "INV-2025-09,A-1,EUR,Usage,,1.00\n");
  write_file(folder_ / "invoices.csv", bill.invoices + "INV-2025-08,2.00,EUR\n");
  const Outcome outcome = check({"focus", "charges.csv", "--input", "invoices=invoices.csv",
                                 "--rule", "BilledCost-C-007-M", "-o", "json"});
  EXPECT_EQ(rules_of(outcome).at("BilledCost-C-007-M").at("violations"), 2);
}

TEST_F(Validate, WithoutInvoicesTheRuleIsSkippedAndSaysWhatItNeeds) {
  write_file(folder_ / "charges.csv", make_bill(0).charges);
  const Outcome outcome = check({"focus", "charges.csv", "--rule", "BilledCost-C-007-M"});
  EXPECT_EQ(outcome.code, 0);
  EXPECT_THAT(outcome.out, HasSubstr("needs the input `invoices`"));
}

TEST_F(Validate, EveryVersionReadsAFileAndCountsItsRules) {
  write_file(folder_ / "charges.csv", make_bill(0).charges);
  const std::map<std::string, size_t> published = {{"1.0", 133}, {"1.1", 0}, {"1.2", 621}};
  for (const auto& [version, count] : published) {
    const Outcome outcome = check({"focus", "charges.csv", "--version", version, "-o", "json"});
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    size_t rules = 0;
    for (const auto& [id, rule] : rules_of(outcome)) rules += id.starts_with("x-") ? 0 : 1;
    if (count > 0) {
      EXPECT_EQ(rules, count) << version;
    } else {
      EXPECT_GT(rules, 500U);
      EXPECT_FALSE(rules_of(outcome).contains("BilledCost-C-007-M")) << "1.1 has no InvoiceId";
    }
  }
}

TEST_F(Validate, SavingsAddUp) {
  const std::string header =
      "ListCost,ContractedCost,EffectiveCost,x_NegotiatedDiscountSavings,"
      "x_CommitmentDiscountSavings,x_TotalSavings\n";
  write_file(folder_ / "good.csv", header + "10.00,8.50,8.10,1.50,0.40,1.90\n");
  write_file(folder_ / "bad.csv", header + "10.00,8.50,8.10,1.51,0.40,1.90\n");
  const std::string ids = "x-savings-negotiated,x-savings-commitment,x-savings-total";
  EXPECT_EQ(check({"focus", "good.csv", "--rule", ids}).code, 0);
  const Outcome bad = check({"focus", "bad.csv", "--rule", ids, "-o", "json"});
  EXPECT_EQ(bad.code, 1);
  EXPECT_EQ(rules_of(bad).at("x-savings-negotiated").at("verdict"), "failed");
  EXPECT_EQ(rules_of(bad).at("x-savings-total").at("verdict"), "passed");
}

TEST_F(Validate, RulesOfTheProjectRunOnBronzeRowsWithTheirPlace) {
  const auto project = folder_ / "lake_project";
  make_project(project);
  write_file(project / "incoming" / "billing-2025-01-02.csv",
             billing_header() + billing_line("E1", 1, "acct-001", "2025-01-02", "10.00") +
                 billing_line("E2", 1, "acct-002", "2025-01-02", "-3.00"));
  write_file(project / "rules" / "mine.yml",
             "rule_set: mine\n"
             "rules:\n"
             "  - {id: no-credit, columns: [cost], check: {row: cost > 0}}\n");
  ASSERT_EQ(bullion(project, {"run"}).code, 0);
  const Outcome outcome = bullion(project, {"validate", "mine", "raw_billing_events"});
  EXPECT_EQ(outcome.code, 1) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("billing-2025-01-02.csv:3 (record 2): cost=-3.00"));
  EXPECT_THAT(bullion(project, {"validate", "mine", "raw_billing_event"}).err,
              HasSubstr("did you mean `raw_billing_events`?"));
}

TEST_F(Validate, CheckNamesTheLineOfARuleThatCannotRun) {
  const auto project = folder_ / "lake_project";
  make_project(project);
  const auto rules = project / "rules" / "mine.yml";
  write_file(rules,
             "rule_set: mine\n"
             "columns: {cost: decimal}\n"
             "inputs: {budget: [account, amount]}\n"
             "rules:\n"
             "  - {id: fine, columns: [cost], reads: [account_id], check: {row: cost > 0 OR "
             "account_id = 'x'}}\n"
             "  - {id: dates, reads: [usage_date], check: {row: usage_date > DATE '2020-01-01'}}\n"
             "  - id: budgets\n"
             "    inputs: [budget]\n"
             "    check: {query: 'SELECT amount FROM budget, data WHERE cost > 1'}\n");
  const Outcome good = bullion(project, {"check"});
  EXPECT_EQ(good.code, 0) << good.out;
  std::string text = read_file(rules);
  text.replace(text.find("cost > 0"), 8, "costs > 0");
  text.replace(text.find("amount FROM"), 11, "amunt FROM");
  write_file(rules, text);
  const Outcome bad = bullion(project, {"check"});
  EXPECT_EQ(bad.code, 2);
  EXPECT_THAT(bad.out, HasSubstr("rules/mine.yml:5"));
  EXPECT_THAT(bad.out, HasSubstr("rule `fine` cannot run"));
  EXPECT_THAT(bad.out, HasSubstr("rules/mine.yml:7"));
  EXPECT_THAT(bad.out, HasSubstr("amunt"));
  EXPECT_THAT(bad.out, HasSubstr("2 errors"));
  write_file(rules, "rule_set: mine\nrules:\n  - {id: x, chek: not_null}\n");
  const Outcome broken = bullion(project, {"check"});
  EXPECT_EQ(broken.code, 2);
  EXPECT_THAT(broken.out, HasSubstr("rules/mine.yml:3"));
  EXPECT_THAT(broken.out, HasSubstr("did you mean `check`"));
}

TEST_F(Validate, WrongInputIsRefusedWithWhatToDo) {
  write_file(folder_ / "charges.csv", make_bill(0).charges);
  EXPECT_THAT(check({"focsu", "charges.csv"}).err, HasSubstr("did you mean `focus`?"));
  EXPECT_THAT(check({"focus", "charges.csv", "--version", "3.0"}).err, HasSubstr("focus 1.2"));
  EXPECT_THAT(check({"focus", "./charge.csv"}).err, HasSubstr("no such file"));
  EXPECT_THAT(check({"focus"}).err, HasSubstr("name what to check"));
  EXPECT_THAT(check({"focus", "charges.csv", "--declare", "TAGGING_SUPPORTED"}).err,
              HasSubstr("expected FLAG=yes or FLAG=no"));
  EXPECT_THAT(check({"focus", "charges.csv", "--input", "invoices=charges.csv"}).err,
              HasSubstr("needs a column PayableAmount"));
  EXPECT_THAT(check({"focus", "charges.csv", "-o", "xml"}).err, HasSubstr("expected table, csv"));
  EXPECT_EQ(check({"focus", "charges.csv", "--rule", "nothing"}).code, 2);
}

TEST_F(Validate, ReportsForPeopleAndMachines) {
  write_file(folder_ / "charges.csv", make_bill(0).charges);
  const std::vector<std::string> rules = {"focus",     "charges.csv",
                                          "--version", "1.0",
                                          "--rule",    "BilledCost_IsDecimal,ListCost_Required",
                                          "-o"};
  const auto as = [&](const std::string& format) {
    std::vector<std::string> arguments = rules;
    arguments.push_back(format);
    return check(arguments).out;
  };
  EXPECT_THAT(as("junit"), HasSubstr("tests=\"2\" failures=\"1\""));
  EXPECT_THAT(as("junit"), HasSubstr("name=\"ListCost_Required\">\n    <failure message="));
  EXPECT_THAT(as("md"), HasSubstr("| ListCost_Required"));
  EXPECT_THAT(as("csv"), HasSubstr("BilledCost_IsDecimal,MUST,static,passed,0,"));
  EXPECT_THAT(as("table"), HasSubstr("2 rules: 1 passed, 1 failed"));
  EXPECT_THAT(check({"focus", "--rule", "BilledCost-C-004-M", "--explain"}).out,
              HasSubstr("SELECT * FROM data WHERE \"BilledCost!text\" IS NOT NULL"));
}

TEST_F(Validate, TheSampleOfFocus10HasTheVerdictsOfItsValidator) {
  if (shared_data().empty()) GTEST_SKIP() << "set BULLION_SHARED_DATA to the folder of public data";
  const std::string file =
      (shared_data() / "cloud_cost/focus_1_0_sample/focus_sample.csv.gz").string();
  std::vector<std::string> failed;
  for (const auto& [id, rule] :
       rules_of(check({"focus", file, "--version", "1.0", "-o", "json"}))) {
    if (rule.at("verdict") == "failed" && !id.starts_with("x-")) failed.push_back(id);
  }
  EXPECT_THAT(failed, testing::ElementsAre(
                          "BillingPeriodEnd_IsDateTime", "BillingPeriodStart_IsDateTime",
                          "ChargeFrequency_Enum", "ChargePeriodEnd_IsDateTime",
                          "ChargePeriodStart_IsDateTime", "ContractedCost_NotNull",
                          "InvoiceIssuer_Required", "Provider_Required", "Publisher_Required",
                          "ResourceID_Required", "SkuPriceId_Nullable"));
}

}  // namespace
}  // namespace bullion::end_to_end
