#include "quality/rule_set.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion::quality {
namespace {

const RuleSetSource kNoOther = [](const std::string&, const std::string&) {
  return std::optional<std::string_view>();
};

Result<RuleSet> read(const std::string& rules) {
  return read_rule_set("rules/bills.yml",
                       "rule_set: bills\n"
                       "version: '1'\n"
                       "columns: {amount: decimal, currency: string}\n"
                       "applicability:\n"
                       "  TAGS: {about: rows have tags, evidence: [tags]}\n"
                       "lists: {codes: [EUR, USD]}\n"
                       "inputs: {invoices: [number]}\n"
                       "rules:\n" +
                           rules,
                       kNoOther);
}

TEST(RuleSet, ReadsEveryKindOfCheck) {
  const auto set = read(
      "  - {id: a, column: amount, check: column_present}\n"
      "  - {id: b, column: amount, check: {type: decimal}}\n"
      "  - {id: c, column: currency, check: {accepted_values: {list: codes}}}\n"
      "  - {id: d, columns: [amount], when: currency = 'EUR', check: {row: amount > 0}}\n"
      "  - {id: e, inputs: invoices, kind: dynamic, check: {query: SELECT 1 FROM invoices}}\n"
      "  - {id: f, check: {all: [a, b]}, keyword: SHOULD}\n"
      "  - {id: g, check: {product: {of: [amount, x], is: y, within: '0.01'}}}\n"
      "  - {id: h, applies_if: TAGS, check: {unchecked: nobody knows}}\n");
  ASSERT_THAT(set, IsOk());
  ASSERT_EQ(set->rules.size(), 8U);
  EXPECT_EQ(set->find("c")->check.values, (std::vector<std::string>{"EUR", "USD"}));
  EXPECT_EQ(set->find("g")->columns, (std::vector<std::string>{"amount", "x", "y"}));
  EXPECT_EQ(to_string(set->find("g")->check.within), "0.010000000000000000");
  EXPECT_TRUE(set->find("e")->is_dynamic);
  EXPECT_FALSE(set->find("f")->is_mandatory());
  EXPECT_EQ(set->find("b")->location.line, 10);
}

TEST(RuleSet, MakesSentencesFromChecks) {
  const auto set = read(
      "  - {id: a, column: amount, check: column_present}\n"
      "  - {id: b, column: amount, when: currency = 'EUR', check: not_null}\n"
      "  - {id: c, column: amount, statement: Amounts are there, check: not_null}\n");
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->find("a")->statement, "There is a column amount");
  EXPECT_EQ(set->find("b")->statement, "amount is never null where currency = 'EUR'");
  EXPECT_EQ(set->find("c")->statement, "Amounts are there");
}

TEST(RuleSet, NamesEveryMistakeWithItsPlace) {
  const auto set = read(
      "  - {id: a, colum: amount, check: not_null}\n"
      "  - {id: a, column: amount, check: {tipe: decimal}}\n"
      "  - {id: b, applies_if: TAG, column: amount, check: not_nul}\n"
      "  - {id: c, check: {all: [nowhere]}}\n"
      "  - {id: d, column: amount, check: {accepted_values: {list: code}}}\n"
      "  - {id: e, inputs: invoice, check: {query: SELECT 1}}\n");
  EXPECT_THAT(set, IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(set, HasMessage("rules/bills.yml:9:"));
  EXPECT_THAT(set, HasMessage("unknown key `colum` in a rule (did you mean `column`?)"));
  EXPECT_THAT(set, HasMessage("did you mean `type`?"));
  EXPECT_THAT(set, HasMessage("applies if `TAG`"));
  EXPECT_THAT(set, HasMessage("`check` of rule `b` is `not_nul`"));
  EXPECT_THAT(set, HasMessage("names the rule `nowhere`, which is not there"));
  EXPECT_THAT(set, HasMessage("no list `code` (did you mean `codes`?)"));
  EXPECT_THAT(set, HasMessage("reads the input `invoice`"));
}

TEST(RuleSet, RefusesCirclesAndDoubleIds) {
  EXPECT_THAT(read("  - {id: a, check: {all: [b]}}\n  - {id: b, check: {any: [a]}}\n"),
              HasMessage("depends on itself"));
  EXPECT_THAT(read("  - {id: a, check: permission}\n  - {id: a, check: permission}\n"),
              HasMessage("rule `a` is written twice"));
}

TEST(RuleSet, ExtendsAnotherSetWithoutSomeOfItsColumnsAndRules) {
  const std::string base =
      "rule_set: base\n"
      "version: '2'\n"
      "columns: {a: decimal, b: string, c: string}\n"
      "applicability: {TAGS: {about: rows have tags}}\n"
      "rules:\n"
      "  - {id: r-a, column: a, check: not_null}\n"
      "  - {id: r-b, column: b, check: not_null}\n"
      "  - {id: r-c, column: c, reads: [b], when: b = 'x', check: not_null}\n"
      "  - {id: r-bc, columns: [b, c], when_missing: ignored, check: {format: text}}\n"
      "  - {id: r-all, check: {all: [r-a, r-b, r-c]}}\n";
  const RuleSetSource other = [&](const std::string& name, const std::string& version) {
    return name == "base" && version == "2" ? std::optional<std::string_view>(base) : std::nullopt;
  };
  const auto set = read_rule_set("rules/mine.yml",
                                 "rule_set: mine\n"
                                 "extends: {rule_set: base, version: '2'}\n"
                                 "without: {columns: [b]}\n"
                                 "applicability: {TAGS: false}\n"
                                 "rules:\n"
                                 "  - {id: r-a, column: a, keyword: SHOULD, check: not_null}\n",
                                 other);
  ASSERT_THAT(set, IsOk());
  EXPECT_EQ(set->name, "mine");
  EXPECT_EQ(set->rules.size(), 3U);
  EXPECT_EQ(set->find("r-a")->keyword, "SHOULD");
  EXPECT_EQ(set->find("r-b"), nullptr);
  EXPECT_EQ(set->find("r-bc")->columns, std::vector<std::string>{"c"});
  EXPECT_EQ(set->find("r-all")->check.values, std::vector<std::string>{"r-a"});
  EXPECT_FALSE(set->declared.at("TAGS"));
  EXPECT_THAT(read_rule_set("x.yml", "rule_set: x\nextends: {rule_set: basis}\nrules: []\n", other),
              HasMessage("there is no rule set `basis`"));
}

}  // namespace
}  // namespace bullion::quality
