#include "pipeline/trace.h"

#include <algorithm>
#include <random>

#include "pipeline/small_lake_fixture.h"
#include "pipeline/trace_records_internal.h"
#include "pipeline/trace_verdict_internal.h"

namespace bullion::pipeline {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

class Trace : public SmallLake {
 protected:
  void SetUp() override {
    SmallLake::SetUp();
    arrive("1.csv",
           "e1,1,A1,2025-01-01,10.00,USD,\n"
           "e2,1,A1,2025-02-30,5.00,USD,\n"
           "e3,1,A1,2025-01-01,5.00,USD,\n"
           "e4,1,A2,2025-01-01,7.00,USD,\n"
           "e5,1,A1,2025-01-02,1.00,USD,\n");
    first_ = publish();
    arrive("2.csv",
           "e9,1,A3,2025-01-03,1.129,USD,\n"
           "e1,2,A1,2025-01-01,9.50,USD,\n"
           "e5,2,A1,2025-01-01,1.25,USD,\n"
           "e4,2,A2,2025-01-01,7.00,USD,true\n");
    second_ = publish();
  }

  TraceOutcome traced(const release::Record& record, const std::string& table,
                      const std::map<std::string, std::string>& filter, int64_t limit = -1) {
    auto outcome = trace(env(), project_, record, table, filter, limit);
    EXPECT_THAT(outcome, IsOk());
    return outcome ? *outcome : TraceOutcome();
  }

  /// A model of kind full over other tables, without origins.
  static project::Model full_model(const std::string& name, delta::Schema columns,
                                   const std::string& key, const std::string& amount,
                                   std::vector<std::string> inputs) {
    project::Model model;
    model.contract.name = name;
    model.contract.columns = std::move(columns);
    model.contract.grain = {key};
    model.contract.amount_column = amount;
    model.layer = "gold";
    model.kind = project::ModelKind::Full;
    model.depends_on = std::move(inputs);
    model.code_hash = name + "-1";
    return model;
  }

  static std::vector<std::string> texts(const TraceOutcome& outcome) {
    std::vector<std::string> lines;
    for (const TracedRecord& record : outcome.records) {
      lines.push_back(record.key.at(0) + " " + to_string(record.state) + " " +
                      record.file.substr(record.file.rfind('/') + 1) + "#" +
                      std::to_string(record.record) + ":" + std::to_string(record.line) + " " +
                      record.raw);
    }
    return lines;
  }

  release::Record first_;
  release::Record second_;
};

TEST_F(Trace, LeadsFromAPublishedRowToRecordsAndLines) {
  const TraceOutcome outcome =
      traced(second_, "daily", {{"account_id", "A1"}, {"usage_date", "2025-01-01"}});
  ASSERT_EQ(outcome.levels.size(), 3U);
  EXPECT_EQ(outcome.levels[0].table, "daily");
  EXPECT_EQ(to_string(*outcome.levels[0].amount), "15.75");
  EXPECT_EQ(outcome.levels[1].table, "events");
  EXPECT_EQ(outcome.levels[1].rows, 3);
  EXPECT_EQ(to_string(*outcome.levels[1].amount), "15.75");
  EXPECT_EQ(outcome.levels[2].table, "events_raw");
  EXPECT_EQ(outcome.levels[2].rows, 5);
  EXPECT_EQ(outcome.levels[2].rows_kept, 3);
  EXPECT_EQ(to_string(*outcome.levels[2].amount), "26.75");
  EXPECT_EQ(to_string(*outcome.levels[2].amount_kept), "15.75");
  EXPECT_TRUE(outcome.sums_agree());
  // e2 of 1.csv and e9 of 2.csv are in quarantine, so later rows are one record further down.
  EXPECT_THAT(texts(outcome), ElementsAre("e1 kept 2.csv#2:3 e1,2,A1,2025-01-01,9.50,USD,",
                                          "e1 superseded 1.csv#1:2 e1,1,A1,2025-01-01,10.00,USD,",
                                          "e3 kept 1.csv#3:4 e3,1,A1,2025-01-01,5.00,USD,",
                                          "e5 kept 2.csv#3:4 e5,2,A1,2025-01-01,1.25,USD,",
                                          "e5 superseded 1.csv#5:6 e5,1,A1,2025-01-02,1.00,USD,"));
}

TEST_F(Trace, SeesAnEarlierReleaseAsItWas) {
  const TraceOutcome outcome =
      traced(first_, "daily", {{"account_id", "A1"}, {"usage_date", "2025-01-01"}});
  EXPECT_EQ(to_string(*outcome.levels.at(0).amount), "15.00");
  EXPECT_TRUE(outcome.sums_agree());
  EXPECT_THAT(texts(outcome), ElementsAre("e1 kept 1.csv#1:2 e1,1,A1,2025-01-01,10.00,USD,",
                                          "e3 kept 1.csv#3:4 e3,1,A1,2025-01-01,5.00,USD,"));
}

TEST_F(Trace, KeepsCountsAndSumsWholeWhenRowsAreLimited) {
  const TraceOutcome outcome = traced(second_, "events", {{"usage_date", "2025-01-01"}}, 2);
  EXPECT_EQ(outcome.levels.at(0).rows, 3);
  EXPECT_EQ(outcome.levels.at(0).sample.rows.size(), 2U);
  EXPECT_EQ(outcome.records.size(), 2U);
  EXPECT_TRUE(outcome.limited);
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, FollowsWhatIsJoinedToTheInput) {
  const TraceOutcome outcome = traced(second_, "by_owner", {{"owner", "ann"}});
  ASSERT_EQ(outcome.levels.size(), 4U);
  EXPECT_EQ(outcome.levels[0].rows, 1);
  EXPECT_EQ(outcome.levels[1].table, "daily");
  EXPECT_EQ(outcome.levels[1].rows, 1);
  EXPECT_THAT(outcome.levels[1].notes.at(0), HasSubstr("joins to owners with owner=ann"));
  EXPECT_THAT(outcome.levels[0].inputs, ElementsAre("daily", "owners"));
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, FollowsAGrainThatIsJoinedToTheInput) {
  // Which owner is the first is told by no row of by_owner, and its owners by no row of daily.
  project::Model ranked =
      full_model("ranked",
                 {typed("place", delta::TypeId::Long), typed("owner", delta::TypeId::String),
                  money("total_cost", 38, 2)},
                 "owner", "total_cost", {"by_owner"});
  ranked.sql =
      "SELECT row_number() OVER (ORDER BY owner NULLS LAST) AS place, owner, total_cost FROM "
      "by_owner";
  project_.models.push_back(ranked);
  const release::Record record = publish();
  const TraceOutcome first = traced(record, "ranked", {{"place", "1"}});
  ASSERT_EQ(first.levels.size(), 5U);
  EXPECT_EQ(first.levels[2].table, "daily");
  EXPECT_EQ(first.levels[2].rows, 1);
  EXPECT_THAT(first.levels[2].notes,
              ElementsAre("rows are those with the owner of the rows above"));
  EXPECT_TRUE(first.sums_agree());
  // Days of no owner join nothing: nothing finds them.
  arrive("3.csv", "e20,1,A3,2025-01-09,4.00,USD,\n");
  const TraceOutcome nobody = traced(publish(), "ranked", {{"place", "2"}});
  EXPECT_EQ(nobody.levels[0].rows, 1);
  EXPECT_EQ(nobody.levels.back().table, "by_owner");
  EXPECT_FALSE(nobody.sums_agree());
  EXPECT_TRUE(nobody.records.empty());
}

TEST_F(Trace, EndsWhereNothingIsTold) {
  project::Model& model = project_.models[2];
  ASSERT_EQ(model.contract.name, "by_owner");
  model.sql =
      "SELECT max(o.owner) AS owner, CAST(sum(d.total_cost) AS DECIMAL(38,2)) AS total_cost "
      "FROM daily AS d LEFT JOIN owners AS o ON o.account_id = d.account_id GROUP BY o.owner";
  model.origins.clear();
  model.code_hash = "by-owner-2";
  arrive("3.csv", "e20,1,A1,2025-01-09,4.00,USD,\n");
  const release::Record record = publish();
  const TraceOutcome outcome = traced(record, "by_owner", {{"owner", "ann"}});
  ASSERT_EQ(outcome.levels.size(), 1U);
  EXPECT_THAT(outcome.levels[0].notes.at(0), HasSubstr("which rows of daily these were made of"));
  EXPECT_TRUE(outcome.records.empty());
  EXPECT_FALSE(outcome.sums_agree());
  // Whoever wants to goes on.
  const auto wanted = trace(env(), project_, record, "by_owner", {{"owner", "ann"}}, -1, {"daily"});
  ASSERT_THAT(wanted, IsOk());
  ASSERT_EQ(wanted->levels.size(), 4U);
  EXPECT_THAT(wanted->levels[1].notes.at(0), HasSubstr("by_owner.owner does not come unchanged"));
  EXPECT_EQ(wanted->levels[1].agrees, std::nullopt);
  EXPECT_TRUE(wanted->levels[2].agrees.value_or(false));
}

TEST_F(Trace, OfATableWithoutAnAmountComparesTheColumnThatAddsUpItsInput) {
  project::Model& model = project_.models[2];
  ASSERT_EQ(model.contract.name, "by_owner");
  model.contract.amount_column.clear();
  model.conserves.clear();
  model.code_hash = "by-owner-2";
  const TraceOutcome outcome = traced(publish(), "by_owner", {{"owner", "ann"}});
  ASSERT_EQ(outcome.levels.size(), 4U);
  EXPECT_EQ(outcome.levels[0].amount, std::nullopt);
  EXPECT_THAT(outcome.levels[1].notes,
              Contains(HasSubstr("by_owner has no amount of its own: its total_cost, of 15.75")));
  EXPECT_TRUE(outcome.levels[1].agrees.value_or(false));
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, WhatIsNotDeclaredMayDiffer) {
  project::Model& model = project_.models[2];
  model.contract.amount_column.clear();
  model.conserves.clear();
  model.sql =
      "SELECT o.owner, CAST(sum(d.total_cost) AS DECIMAL(38,2)) AS total_cost FROM daily AS d "
      "JOIN owners AS o ON o.account_id = d.account_id WHERE o.owner > 'b' GROUP BY 1";
  model.code_hash = "by-owner-2";
  arrive("3.csv", "e20,1,A2,2025-01-09,4.00,USD,\n");
  const TraceOutcome outcome = traced(publish(), "by_owner", {});
  EXPECT_EQ(outcome.levels.at(1).agrees, std::nullopt);
  EXPECT_EQ(outcome.verdict, TraceVerdict::Uncompared);
}

TEST(TraceVerdictOf, IsOfAllLevels) {
  const TraceLevel with{.table = "daily", .rows = 1, .amount = Decimal{100, 2}};
  const TraceLevel without{.table = "links", .rows = 1};
  const TraceLevel empty{.table = "links"};
  TraceLevel agrees = with;
  agrees.agrees = true;
  TraceLevel differs = with;
  differs.agrees = false;
  EXPECT_EQ(verdict_of({with, agrees}, false), TraceVerdict::Agrees);
  EXPECT_EQ(verdict_of({with}, false), TraceVerdict::Agrees);
  EXPECT_EQ(verdict_of({with, agrees}, true), TraceVerdict::Uncompared);
  EXPECT_EQ(verdict_of({with, agrees, without}, false), TraceVerdict::Uncompared);
  EXPECT_EQ(verdict_of({without, with, agrees}, false), TraceVerdict::Uncompared);
  EXPECT_EQ(verdict_of({without, with, differs}, true), TraceVerdict::Differs);
  EXPECT_EQ(verdict_of({without, without}, false), TraceVerdict::NoAmount);
  EXPECT_EQ(verdict_of({empty, agrees}, false), TraceVerdict::NoRows);
  EXPECT_EQ(verdict_of({empty, differs}, false), TraceVerdict::Differs);
}

/// Events beside what owners are paid for days.
class TraceUnion : public Trace {
 protected:
  void SetUp() override {
    Trace::SetUp();
    project::Model both =
        full_model("both",
                   {typed("id", delta::TypeId::String), typed("kind", delta::TypeId::String),
                    typed("account", delta::TypeId::String), money("cost", 38, 2)},
                   "id", "cost", {"events", "daily"});
    both.sql =
        "SELECT event_id AS id, 'event' AS kind, account_id AS account, CAST(cost_usd AS "
        "DECIMAL(38,2)) AS cost FROM events UNION ALL SELECT account_id || CAST(usage_date AS "
        "VARCHAR), 'day', coalesce(d.account_id, '?'), d.total_cost FROM daily AS d";
    project_.models.push_back(both);
    record_ = publish();
  }

  static std::vector<std::string> tables(const TraceOutcome& outcome) {
    std::vector<std::string> names;
    for (const TraceLevel& level : outcome.levels) {
      names.push_back(level.table + " below " + std::to_string(level.above));
    }
    return names;
  }

  release::Record record_;
};

TEST_F(TraceUnion, FollowsEachSelectThatRowsCameFrom) {
  const TraceOutcome outcome = traced(record_, "both", {{"account", "A1"}});
  EXPECT_THAT(tables(outcome),
              ElementsAre("both below -1", "events below 0", "events_raw below 1", "daily below 0",
                          "events below 3", "events_raw below 4"));
  EXPECT_EQ(to_string(*outcome.levels[0].amount), "31.50");
  EXPECT_EQ(to_string(*outcome.levels[1].amount), "15.75");
  EXPECT_EQ(to_string(*outcome.levels[3].amount), "15.75");
  EXPECT_TRUE(outcome.sums_agree());
  EXPECT_EQ(outcome.records.size(), 10U);  // Five records, each on two ways.
}

TEST_F(TraceUnion, LeavesOutSelectsThatNoRowCameFrom) {
  const TraceOutcome event = traced(record_, "both", {{"id", "e3"}});
  EXPECT_THAT(tables(event), ElementsAre("both below -1", "events below 0", "events_raw below 1"));
  EXPECT_TRUE(event.sums_agree());
  EXPECT_THAT(texts(event), ElementsAre("e3 kept 1.csv#3:4 e3,1,A1,2025-01-01,5.00,USD,"));
  const TraceOutcome day = traced(record_, "both", {{"kind", "day"}, {"account", "A1"}});
  EXPECT_EQ(tables(day).at(1), "daily below 0");
  EXPECT_EQ(day.levels[1].rows, 1);
  EXPECT_TRUE(day.sums_agree());
}

TEST_F(TraceUnion, FollowsTheSelectThatIsWantedAndComparesNoPart) {
  const auto outcome = trace(env(), project_, record_, "both", {{"account", "A1"}}, -1, {"daily"});
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(tables(*outcome).at(1), "daily below 0");
  EXPECT_EQ(outcome->levels.at(1).agrees, std::nullopt);
  EXPECT_FALSE(outcome->sums_agree());
}

TEST_F(Trace, FollowsColumnsThroughQueriesInsideTheSelect) {
  project::Model& model = project_.models[2];
  ASSERT_EQ(model.contract.name, "by_owner");
  model.sql =
      "WITH days AS (SELECT account_id AS owner, total_cost FROM daily UNION ALL SELECT owner, 0 "
      "FROM owners) SELECT owner, CAST(sum(total_cost) AS DECIMAL(38,2)) AS total_cost FROM days "
      "GROUP BY owner";
  model.origins.clear();
  model.conserves.clear();
  model.depends_on = {"owners", "daily"};
  model.code_hash = "by-owner-2";
  arrive("3.csv", "e20,1,A2,2025-01-09,4.00,USD,\n");
  const TraceOutcome outcome = traced(publish(), "by_owner", {{"owner", "A1"}});
  ASSERT_EQ(outcome.levels.size(), 4U);
  EXPECT_EQ(outcome.levels[1].table, "daily");
  EXPECT_EQ(outcome.levels[1].rows, 1);
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, LeadsFromFindingsToTheRowsThatTheyFlag) {
  project::Model large = full_model("large",
                                    {typed("row_id", delta::TypeId::String),
                                     typed("role", delta::TypeId::String), money("amount_at_risk")},
                                    "row_id", "amount_at_risk", {"events"});
  large.layer = "findings";
  large.sql =
      "SELECT event_id AS row_id, CASE WHEN cost_usd > 6 THEN 'flagged' ELSE 'compared' END AS "
      "role, CAST(1 AS DECIMAL(18,2)) AS amount_at_risk FROM events";
  project_.models.push_back(large);
  project_.detectors = {{.name = "large", .evidence_table = "events", .evidence_key = "event_id"}};
  const TraceOutcome outcome = traced(publish(), "large", {{"amount_at_risk", "1"}});
  ASSERT_EQ(outcome.levels.size(), 3U);
  EXPECT_EQ(outcome.levels[0].rows, 3);
  EXPECT_EQ(outcome.levels[1].table, "events");
  EXPECT_EQ(outcome.levels[1].rows, 1);
  EXPECT_EQ(outcome.levels[1].agrees, std::nullopt);
  EXPECT_TRUE(outcome.levels[2].agrees.value_or(false));
  EXPECT_FALSE(outcome.sums_agree());
}

TEST_F(Trace, FollowsTheGrainOfRowsThatWereChosenByWhatTheirInputDoesNotTell) {
  const TraceOutcome outcome = traced(second_, "daily", {{"event_count", "3"}});
  ASSERT_EQ(outcome.levels.size(), 3U);
  EXPECT_EQ(outcome.levels[0].rows, 1);
  EXPECT_EQ(outcome.levels[1].rows, 3);
  EXPECT_THAT(outcome.levels[1].notes.at(0),
              HasSubstr("the account_id, usage_date, currency of the rows above"));
  EXPECT_EQ(outcome.levels[2].rows_kept, 3);
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, FollowsAGrainThatHoldsNull) {
  arrive("3.csv", "e20,1,,2025-01-09,4.00,USD,\ne21,1,,2025-01-09,2.00,USD,\n");
  const TraceOutcome outcome =
      traced(publish(), "daily", {{"usage_date", "2025-01-09"}, {"event_count", "2"}});
  EXPECT_EQ(outcome.levels.at(1).rows, 2);
  EXPECT_EQ(to_string(*outcome.levels.at(1).amount), "6.00");
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, FollowsRowsThroughAJoinByTheirGrainAndComparesWhatIsConserved) {
  // Each event with its owner, and an amount of which only the owner tells whether it counts.
  project::Model owned =
      full_model("owned",
                 {typed("event_id", delta::TypeId::String), typed("owner", delta::TypeId::String),
                  money("cost_usd"), money("anns_cost")},
                 "event_id", "anns_cost", {"events", "owners"});
  owned.sql =
      "SELECT e.event_id, o.owner, e.cost_usd, CAST(CASE WHEN o.owner = 'ann' THEN -e.cost_usd "
      "ELSE "
      "0 END AS DECIMAL(18,2)) AS anns_cost FROM events AS e LEFT JOIN owners AS o ON o.account_id "
      "= "
      "e.account_id";
  owned.conserves = {{"cost_usd", "cost_usd"}};
  owned.origins = {{"event_id", {"events", "event_id"}}, {"cost_usd", {"events", "cost_usd"}}};
  project_.models.push_back(owned);
  const TraceOutcome outcome = traced(publish(), "owned", {{"owner", "ann"}});
  ASSERT_EQ(outcome.levels.size(), 3U);
  EXPECT_EQ(outcome.levels[1].rows, outcome.levels[0].rows);
  EXPECT_EQ(outcome.levels[1].amount_column, "cost_usd");
  EXPECT_THAT(outcome.levels[1].notes.at(0), HasSubstr("owned.anns_cost is not a sum of events"));
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, StartsAtASourceToo) {
  const TraceOutcome outcome = traced(second_, "events_raw", {{"cost", "7.00"}});
  EXPECT_EQ(outcome.levels.size(), 1U);
  EXPECT_EQ(to_string(*outcome.levels[0].amount), "14.00");
  ASSERT_EQ(outcome.records.size(), 2U);
  EXPECT_TRUE(outcome.sums_agree());
  std::vector<int64_t> lines = {outcome.records[0].line, outcome.records[1].line};
  std::sort(lines.begin(), lines.end());
  EXPECT_THAT(lines, ElementsAre(5, 5));
}

TEST_F(Trace, MarksRowsThatTheModelLeavesOut) {
  project_.models[0].sql += "\nWHERE event_version > 1";
  project_.models[0].code_hash = "events-2";
  const release::Record third = publish();
  const TraceOutcome outcome = traced(third, "events", {{"event_id", "e1"}});
  EXPECT_TRUE(outcome.sums_agree());
  std::vector<std::string> states;
  for (const TracedRecord& record : outcome.records) states.push_back(to_string(record.state));
  EXPECT_THAT(states, testing::UnorderedElementsAre("kept", "excluded"));
}

TEST_F(Trace, ReadsEachRowThroughAModelThatJoinsASeed) {
  project::Model& model = project_.models[0];
  model.sql =
      "SELECT r.event_id, r.event_version, o.owner AS account_id, r.usage_date, r.cost AS "
      "cost_usd, "
      "r.currency, coalesce(r.is_withdrawn, false) AS is_withdrawn FROM events_raw AS r LEFT JOIN "
      "owners AS o ON o.account_id = r.account_id";
  model.depends_on = {"events_raw", "owners"};
  model.origins["account_id"] = {"owners", "owner"};
  model.code_hash = "events-2";
  const release::Record third = publish();
  const TraceOutcome outcome = traced(third, "events", {{"account_id", "ann"}});
  EXPECT_EQ(outcome.levels.at(1).rows_kept, 3);
  EXPECT_TRUE(outcome.sums_agree());
}

TEST_F(Trace, FindsRecordsWhenTheKeyIsAnExpression) {
  project::Model& model = project_.models[0];
  model.sql =
      "SELECT upper(event_id) AS event_id, event_version, account_id, usage_date, cost AS "
      "cost_usd, "
      "currency, coalesce(is_withdrawn, false) AS is_withdrawn FROM events_raw";
  model.origins.erase("event_id");
  model.code_hash = "events-2";
  const release::Record third = publish();
  const TraceOutcome outcome = traced(third, "events", {{"event_id", "E1"}});
  EXPECT_TRUE(outcome.sums_agree());
  EXPECT_EQ(outcome.levels.at(1).rows, 2);
  EXPECT_THAT(texts(outcome), ElementsAre("E1 kept 2.csv#2:3 e1,2,A1,2025-01-01,9.50,USD,",
                                          "E1 superseded 1.csv#1:2 e1,1,A1,2025-01-01,10.00,USD,"));
}

TEST_F(Trace, FindsRecordsWhenAKeyThatIsAnExpressionIsNull) {
  project::Model& model = project_.models[0];
  model.contract.columns[0].nullable = true;
  model.sql =
      "SELECT nullif(event_id, 'e3') AS event_id, event_version, account_id, usage_date, cost AS "
      "cost_usd, currency, coalesce(is_withdrawn, false) AS is_withdrawn FROM events_raw WHERE "
      "event_id <> 'e9'";
  model.origins.erase("event_id");
  model.code_hash = "events-2";
  const TraceOutcome outcome = traced(publish(), "events", {{"cost_usd", "5.00"}});
  EXPECT_TRUE(outcome.sums_agree());
  EXPECT_THAT(texts(outcome), ElementsAre(" kept 1.csv#3:4 e3,1,A1,2025-01-01,5.00,USD,"));
}

/// daily straight over the source, with a SELECT that passes no column on as it is.
TEST_F(Trace, FollowsExpressionsDownToTheLinesThatMakeTheNumber) {
  project::Model& model = project_.models[1];
  model.sql =
      "SELECT lower(r.account_id) || '!' AS account_id, CAST(date_trunc('month', usage_date) AS "
      "DATE) AS usage_date, currency, CAST(sum(cost) AS DECIMAL(38,2)) AS total_cost, "
      "CAST(count(*) AS BIGINT) AS event_count FROM events_raw AS r WHERE r.event_version = 1 "
      "GROUP BY ALL";
  model.depends_on = {"events_raw"};
  model.aligned_inputs.clear();
  model.origins.clear();
  model.conserves.clear();
  model.kind = project::ModelKind::Full;
  model.code_hash = "daily-2";
  const TraceOutcome outcome =
      traced(publish(), "daily", {{"account_id", "a1!"}, {"usage_date", "2025-01-01"}});
  ASSERT_EQ(outcome.levels.size(), 2U);
  EXPECT_EQ(to_string(*outcome.levels[0].amount), "16.00");
  EXPECT_EQ(to_string(*outcome.levels[1].amount), "16.00");
  EXPECT_EQ(outcome.levels[1].amount_column, "cost");
  EXPECT_TRUE(outcome.levels[1].filter.empty());
  ASSERT_EQ(outcome.levels[1].conditions.size(), 3U);
  EXPECT_THAT(outcome.levels[1].conditions[0], HasSubstr("lower(account_id) || '!'"));
  EXPECT_TRUE(outcome.sums_agree());
  std::vector<std::string> lines;
  for (const TracedRecord& record : outcome.records) lines.push_back(record.raw);
  EXPECT_THAT(lines, testing::UnorderedElementsAre("e1,1,A1,2025-01-01,10.00,USD,",
                                                   "e3,1,A1,2025-01-01,5.00,USD,",
                                                   "e5,1,A1,2025-01-02,1.00,USD,"));
}

TEST_F(Trace, CarriesAConditionOnAnExpressionThroughTwoModels) {
  project::Model& model = project_.models[1];
  model.sql =
      "SELECT coalesce(e.account_id, '') || '/' || e.currency AS account_id, usage_date, currency, "
      "CAST(sum(cost_usd) AS DECIMAL(38,2)) AS total_cost, CAST(count(*) AS BIGINT) AS event_count "
      "FROM events AS e GROUP BY ALL";
  model.origins.erase("account_id");
  model.code_hash = "daily-2";
  project::Model& above = project_.models[2];
  ASSERT_EQ(above.contract.name, "by_owner");
  above.sql =
      "SELECT lower(d.account_id) AS owner, CAST(sum(d.total_cost) AS DECIMAL(38,2)) AS total_cost "
      "FROM daily AS d GROUP BY 1";
  above.origins.clear();
  above.code_hash = "by-owner-2";
  const TraceOutcome outcome = traced(publish(), "by_owner", {{"owner", "a1/usd"}});
  ASSERT_EQ(outcome.levels.size(), 4U);
  EXPECT_THAT(outcome.levels[2].conditions.at(0), HasSubstr("COALESCE(account_id"));
  EXPECT_EQ(to_string(*outcome.levels[3].amount_kept), "15.75");
  EXPECT_TRUE(outcome.sums_agree());
}

/// Each of these decides the output by more than one row of the input, or by chance.
TEST_F(Trace, DoesNotFollowWhatOneRowDoesNotDecide) {
  const auto with = [](const std::string& account, const std::string& group) {
    return "SELECT " + account +
           " AS account_id, usage_date, currency, CAST(sum(cost_usd) AS DECIMAL(38,2)) AS "
           "total_cost, CAST(count(*) AS BIGINT) AS event_count FROM events AS e GROUP BY " +
           group;
  };
  const std::vector<std::string> selects = {
      with("max(account_id)", "usage_date, currency"),
      with("account_id || (SELECT '')", "account_id, usage_date, currency"),
      with("coalesce(account_id, '-')", "ROLLUP (account_id, usage_date, currency)"),
      "WITH events AS (SELECT 'A1' AS who, * FROM events) " +
          with("who || ''", "who, usage_date, currency"),
      "SELECT lag(account_id, 0) OVER (ORDER BY event_id) AS account_id, usage_date, currency, "
      "cost_usd AS total_cost, CAST(1 AS BIGINT) AS event_count FROM events"};
  project::Model& model = project_.models[1];
  model.origins.clear();
  model.conserves.clear();
  model.contract.grain.clear();
  for (const std::string& select : selects) {
    model.sql = select;
    model.code_hash = "daily-" + select;
    SCOPED_TRACE(select);
    model.kind = project::ModelKind::Full;
    const TraceOutcome outcome = traced(publish(), "daily", {{"account_id", "A1"}});
    ASSERT_EQ(outcome.levels.size(), 1U);
    EXPECT_FALSE(outcome.sums_agree());
    EXPECT_THAT(outcome.levels[0].notes.at(0), HasSubstr("which rows of events these were made"));
  }
}

/// Versions tie, repeat, move and withdraw: what the trace calls kept is what the run published.
TEST_F(Trace, PicksTheVersionsThatTheRunPublished) {
  std::mt19937 random(20250102);
  std::string lines;
  for (int i = 0; i < 200; ++i) {
    lines += "t" + std::to_string(random() % 40) + "," + std::to_string(random() % 3) + ",A" +
             std::to_string(random() % 3) + ",2025-03-0" + std::to_string(1 + random() % 3) + "," +
             std::to_string(random() % 50) + ".25,USD," + (random() % 6 == 0 ? "true" : "") + "\n";
  }
  arrive("3.csv", lines);
  const release::Record third = publish();
  for (const char* day : {"2025-03-01", "2025-03-02", "2025-03-03"}) {
    const TraceOutcome outcome = traced(third, "events", {{"usage_date", day}});
    ASSERT_GT(outcome.levels.at(0).rows, 0);
    EXPECT_EQ(outcome.levels.at(1).rows_kept, outcome.levels.at(0).rows);
    EXPECT_GT(outcome.levels.at(1).rows, outcome.levels.at(1).rows_kept);
    EXPECT_TRUE(outcome.sums_agree()) << day;
  }
}

TEST_F(Trace, FollowsTheInputThatIsWanted) {
  const auto outcome =
      trace(env(), project_, second_, "by_owner", {{"owner", "ann"}}, 5, {"owners"});
  ASSERT_THAT(outcome, IsOk());
  EXPECT_EQ(outcome->levels.at(1).table, "owners");
  EXPECT_THAT(trace(env(), project_, second_, "by_owner", {{"owner", "ann"}}, 5, {"owner"}),
              HasMessage("no table on the way is made of it (did you mean `owners`?)"));
}

TEST_F(Trace, FollowsAllInputsThatAreWantedAndWhatLeadsToOthers) {
  const auto with = [&](const std::vector<std::string>& through) {
    return trace(env(), project_, second_, "by_owner", {{"owner", "ann"}}, 5, through);
  };
  for (const auto& through : {std::vector<std::string>{"owners", "daily"}, {"owners", "events"}}) {
    const auto outcome = with(through);
    ASSERT_THAT(outcome, IsOk());
    std::vector<std::string> tables;
    for (const TraceLevel& level : outcome->levels) tables.push_back(level.table);
    EXPECT_THAT(tables, testing::UnorderedElementsAre("by_owner", "daily", "events", "events_raw",
                                                      "owners"));
    const auto daily = std::ranges::find(outcome->levels, "daily", &TraceLevel::table);
    EXPECT_TRUE(daily->agrees.value_or(false));
    EXPECT_FALSE(daily->is_together);
  }
  EXPECT_THAT(with({"owner"}), HasMessage("; they read daily, owners, events, events_raw"));
}

TEST_F(Trace, SaysWhichValueNoRowHasAndClaimsNothing) {
  const TraceOutcome outcome = traced(second_, "events", {{"event_id", "A1"}});
  EXPECT_EQ(outcome.verdict, TraceVerdict::NoRows);
  EXPECT_FALSE(outcome.sums_agree());
  EXPECT_EQ(outcome.levels.size(), 1U);
  EXPECT_THAT(outcome.notes, ElementsAre("no row of events has event_id=A1: it is one of e1, e3, "
                                         "e5; account_id has it"));
  const TraceOutcome day = traced(second_, "events", {{"usage_date", "2031-01-01"}});
  EXPECT_THAT(day.notes, ElementsAre("no row of events has usage_date=2031-01-01: it is one of "
                                     "2025-01-01"));
  arrive("3.csv", "e20,1,A2,2025-01-09,4.00,USD,\n");
  const TraceOutcome both =
      traced(publish(), "events", {{"account_id", "A2"}, {"usage_date", "2025-01-01"}});
  EXPECT_THAT(both.notes, ElementsAre("no row of events meets all of the filter: account_id=A2 "
                                      "alone has 1, usage_date=2025-01-01 alone has 3 rows"));
}

TEST_F(Trace, NamesTheNearestValueOfMany) {
  std::string lines;
  for (int i = 10; i < 30; ++i) {
    lines += "line" + std::to_string(i) + ",1,A2,2025-01-09,4.00,USD,\n";
  }
  arrive("3.csv", lines);
  const release::Record third = publish();
  EXPECT_THAT(traced(third, "events", {{"event_id", "lime10"}}).notes,
              ElementsAre("no row of events has event_id=lime10 (did you mean `line10`?)"));
  EXPECT_THAT(traced(third, "events", {{"event_id", "NOPE"}}).notes,
              ElementsAre("no row of events has event_id=NOPE: it goes from e1 to line29"));
}

TEST_F(Trace, NamesTheNearestColumnTableAndTheWantedType) {
  EXPECT_THAT(trace(env(), project_, second_, "daily", {{"acount_id", "A1"}}, 5),
              HasMessage("table daily has no column `acount_id` (did you mean `account_id`?)"));
  EXPECT_THAT(trace(env(), project_, second_, "daly", {}, 5),
              HasMessage("has no table `daly` (did you mean `daily`?)"));
  EXPECT_THAT(trace(env(), project_, second_, "daily", {{"usage_date", "2025-02-30"}}, 5),
              HasMessage("usage_date: `2025-02-30` is not a date"));
}

TEST(RecordNumber, CountsRejectedRecordsBeforeTheRow) {
  EXPECT_EQ(record_number(0, {}), 1);
  EXPECT_EQ(record_number(0, {1, 2}), 3);
  EXPECT_EQ(record_number(2, {2, 4, 9}), 5);
  EXPECT_EQ(record_number(5, {2, 4, 9}), 8);
  EXPECT_EQ(record_number(6, {2, 4, 9}), 10);
}

}  // namespace
}  // namespace bullion::pipeline
