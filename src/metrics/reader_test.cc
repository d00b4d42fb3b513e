// Mistakes in metrics/*.yml and dashboards/*.yml, and what people are told about them.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "metrics/metrics_fixture_internal.h"

namespace bullion::metrics {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct Mistake {
  const char* before;  ///< of the good file; "" for none
  const char* after;
  const char* place;  ///< "line:column"
  const char* code;
  const char* says;
};

std::string replaced(std::string text, const std::string& before, const std::string& after) {
  const size_t at = text.find(before);
  EXPECT_NE(at, std::string::npos) << before;
  return at == std::string::npos ? text : text.replace(at, before.size(), after);
}

constexpr const char* kGood = R"~(metrics:
  - name: cost
    table: costs
    measure: sum(amount)
    unit: money
    time_column: day
    grains: [day, month]
    filters: [amount > 0]
    dimensions: [account, {name: service, column: service_name}]
    complete_column: final
  - name: rows
    table: costs
    measure: count(*)
    unit: count
    time_column: day
  - name: price
    numerator: cost
    denominator: rows
)~";

const Mistake kMetricMistakes[] = {
    {"measure: sum(amount)", "mesure: sum(amount)", "4:5", "yaml-unknown-key",
     "did you mean `measure`?"},
    {"table: costs", "table: cots", "3:12", "table-unknown", "did you mean `costs`?"},
    {"sum(amount)", "sum(amuont)", "4:14", "column-unknown", "did you mean `amount`?"},
    {"sum(amount)", "amount", "4:14", "metric-measure", "adds nothing up"},
    {"sum(amount)", "avg(amount)", "4:14", "float-money", "`numerator` and `denominator`"},
    {"sum(amount)", "sum(weight)", "4:14", "float-money", "DOUBLE"},
    {"sum(amount)", "max(account)", "4:14", "metric-measure", "VARCHAR; a measure is a number"},
    {"sum(amount)", "sum(amount", "4:14", "metric-measure", "is no SQL expression"},
    {"sum(amount)", "sum(amount), 1", "4:14", "metric-measure", "a measure is a number"},
    {"sum(amount)", "sum(amount) + amount", "4:14", "metric-measure", "GROUP BY"},
    {"sum(amount)", "sum(amount) + (SELECT 1)", "4:14", "metric-measure", "subquery"},
    {"sum(amount)", "sum(sum(amount)) OVER ()", "4:14", "metric-measure", "window"},
    {"sum(amount)", "sum(amount) FILTER (WHERE day < current_date)", "4:14", "metric-measure",
     "answer changes"},
    {"sum(amount)", "sum(amount * random())", "4:14", "metric-measure", "answer changes"},
    {"unit: money", "unit: mony", "5:11", "yaml-value", "did you mean `money`?"},
    {"    unit: money\n", "", "2:5", "yaml-missing-key", "needs a `unit`"},
    {"unit: money", "unit: ratio", "5:11", "metric-unit", "`numerator` and `denominator`"},
    {"unit: count", "unit: count\n    currency_column: currency", "15:22", "metric-unit",
     "`unit: money` only"},
    {"unit: money", "unit: money\n    currency_column: curency", "6:22", "column-unknown",
     "did you mean `currency`?"},
    {"unit: money", "unit: money\n    currency_column: day", "6:22", "metric-unit",
     "must be string"},
    {"time_column: day", "time_column: dya", "6:18", "column-unknown", "did you mean `day`?"},
    {"time_column: day", "time_column: account", "6:18", "metric-time",
     "must be date or timestamp"},
    {"    time_column: day\n    grains", "    grains", "2:5", "metric-time", "no `time_column`"},
    {"[day, month]", "[day, monht]", "7:19", "yaml-value", "did you mean `month`?"},
    {"[amount > 0]", "[amuont > 0]", "8:15", "column-unknown", "did you mean `amount`?"},
    {"[amount > 0]", "[amount + 1]", "8:15", "metric-filter", "a filter is a condition"},
    {"[amount > 0]", "[sum(amount) > 0]", "8:15", "metric-filter", "judges one row"},
    {"[amount > 0]", "[day > 5]", "8:15", "metric-filter", "DATE"},
    {"[account, {", "[acount, {", "9:18", "column-unknown", "did you mean `account`?"},
    {"[account, {", "[weight, {", "9:18", "metric-dimension", "floats that look equal"},
    {"[account, {", "[account, account, {", "9:27", "name-duplicate", "there twice"},
    {"column: service_name", "expression: sum(amount)", "9:27", "metric-dimension",
     "is an aggregate"},
    {"column: service_name", "expression: \"lower(\"", "9:27", "metric-dimension",
     "no SQL expression"},
    {"column: service_name", "expression: account, column: day", "9:72", "yaml-value", "keep one"},
    {"column: service_name", "colum: service_name", "9:43", "yaml-unknown-key",
     "did you mean `column`?"},
    {"column: service_name", "column: service_name, sort_by: acount", "9:74", "column-unknown",
     "did you mean `account`?"},
    {"column: service_name", "column: service_name, sort_by: sum(amount)", "9:74",
     "metric-dimension", "`sort_by` of dimension `service` is an aggregate"},
    {"column: service_name", "column: service_name, sort_by: weight", "9:74", "metric-dimension",
     "floats that look equal"},
    {"complete_column: final", "complete_column: day", "10:22", "metric-complete",
     "must be boolean"},
    {"name: cost\n", "name: Cost\n", "2:11", "metric-name", "lower-case"},
    {"name: rows", "name: cost", "11:5", "name-duplicate", "metrics/all.yml:2:5"},
    {"numerator: cost", "numerator: cots", "17:16", "metric-unknown", "did you mean `cost`?"},
    {"denominator: rows", "denominator: price", "18:18", "metric-unknown",
     "no metric without mistakes"},
    {"denominator: rows\n", "", "16:5", "yaml-missing-key", "`denominator`"},
    {"denominator: rows", "denominator: rows\n    scale: 19", "19:12", "yaml-value", "0 to 18"},
    {"denominator: rows", "denominator: rows\n    table: costs", "19:12", "yaml-value",
     "from its two metrics"},
    {"denominator: rows", "denominator: rows\n    unit: count", "19:11", "metric-unit",
     "money, ratio or quantity"},
    {"unit: count", "unit: count\n    scale: 2", "15:12", "yaml-value", "only a ratio has a scale"},
    {"unit: money", "unit: money\n    better: upp", "6:13", "yaml-value", "did you mean `up`?"},
    {"unit: money", "unit: money\n    scenario: planned", "6:15", "yaml-value", "variance"},
    {"unit: money", "unit: money\n    sign: minus", "6:11", "yaml-value", "keep, flip"},
    {"unit: money\n    time_column: day\n    grains: [day, month]",
     "unit: money\n    over_time: last", "6:16", "metric-time", "needs a `time_column`"},
    {"unit: money", "unit: money\n    over_time: first", "6:16", "yaml-value", "sum, last"},
    {"metrics:", "metrisc:", "1:1", "yaml-unknown-key", "did you mean `metrics`?"},
};

class ReaderTest : public MetricsTest {
 protected:
  std::vector<std::string> problems_of(const std::string& yaml) {
    write("metrics/all.yml", yaml);
    std::vector<std::string> out;
    for (const auto& problem : load_metrics(project_, *engine_).problems) {
      out.push_back(to_string(problem));
    }
    return out;
  }

  void expect(const std::vector<std::string>& problems, const std::string& file,
              const Mistake& mistake) {
    ASSERT_FALSE(problems.empty()) << mistake.after;
    const std::string whole = fmt::format("{}", fmt::join(problems, "\n"));
    EXPECT_THAT(whole, HasSubstr(fmt::format("{}:{}", file, mistake.place))) << mistake.after;
    EXPECT_THAT(whole, AllOf(HasSubstr(mistake.code), HasSubstr(mistake.says))) << mistake.after;
  }
};

TEST_F(ReaderTest, AcceptsWhatIsRight) { EXPECT_THAT(problems_of(kGood), IsEmpty()); }

TEST_F(ReaderTest, NamesThePlaceOfEachMistakeInAMetric) {
  for (const Mistake& mistake : kMetricMistakes) {
    expect(problems_of(replaced(kGood, mistake.before, mistake.after)), "metrics/all.yml", mistake);
  }
  EXPECT_THAT(problems_of("metrics: 3\n"), ElementsAre(HasSubstr("must be a list")));
  EXPECT_THAT(problems_of("metrics:\n  - 3\n"), ::testing::Not(IsEmpty()));
  EXPECT_THAT(problems_of(""), IsEmpty());
}

TEST_F(ReaderTest, KeepsCurrenciesApartInRatios) {
  const std::string yaml = R"~(metrics:
  - {name: cost, table: costs, measure: sum(amount), unit: money}
  - {name: hours, table: usage, measure: sum(hours), unit: quantity}
  - {name: booked, table: ledger, measure: sum(amount), unit: money}
)~";
  EXPECT_THAT(
      problems_of(yaml + "  - {name: a, numerator: cost, denominator: booked}\n"),
      ElementsAre(AllOf(HasSubstr("metrics/all.yml:5:45"), HasSubstr("the project's currency"))));
  EXPECT_THAT(problems_of(yaml + "  - {name: a, numerator: booked, denominator: cost}\n"),
              ElementsAre(HasSubstr("the project's currency")));
  EXPECT_THAT(problems_of(yaml + "  - {name: a, numerator: hours, denominator: cost}\n"),
              ElementsAre(AllOf(HasSubstr("metrics/all.yml:5:26"), HasSubstr("has not"))));
  EXPECT_THAT(problems_of(yaml + "  - {name: a, numerator: cost, denominator: hours}\n"),
              IsEmpty());
}

TEST_F(ReaderTest, LeavesOutMetricsWithMistakesAndKeepsTheOthers) {
  write("metrics/all.yml", replaced(kGood, "sum(amount)", "sum(nothing)"));
  const MetricOutcome outcome = load_metrics(project_, *engine_);
  ASSERT_EQ(outcome.set.metrics.size(), 1U);
  EXPECT_EQ(outcome.set.metrics[0].name, "rows");
  EXPECT_EQ(outcome.set.metrics[0].owner, "finops@example.com");
  EXPECT_THAT(outcome.set.get("row"), HasMessage("did you mean `rows`?"));
}

TEST_F(ReaderTest, HasNoMetricsWithoutTheFolder) {
  project_.folder += "/nowhere";
  const MetricOutcome outcome = load_metrics(project_, *engine_);
  EXPECT_THAT(outcome.problems, IsEmpty());
  EXPECT_THAT(outcome.set.get("cost"), HasMessage("the project has none"));
  EXPECT_THAT(load_dashboards(project_, outcome.set).problems, IsEmpty());
}

TEST_F(ReaderTest, RefusesRequestsWithTheNearestName) {
  load();
  const std::pair<Parameters, const char*> cases[] = {
      {{{"by", "servic"}}, "did you mean `service`?"},
      {{{"by", "service,service"}}, "twice"},
      {{{"grain", "mnth"}}, "did you mean `month`?"},
      {{{"start", "2025-13-01"}}, "expected a day such as"},
      {{{"start", "2025-03-02"}, {"end", "2025-03-02"}}, "the range is empty"},
      {{{"range", "this_mont"}}, "did you mean `this_month`?"},
      {{{"range", "all"}, {"start", "2025-03-02"}}, "give `range`, or"},
      {{{"compare", "prior_yaer"}}, "did you mean `prior_year`?"},
      {{{"compare", "release:0"}}, "above 0"},
      {{{"compare", "prior_period"}}, "needs a range"},
      {{{"window", "mtd"}}, "needs a `grain`"},
      {{{"window", "xtd"}}, "mtd, qtd, ytd, ltm"},
      {{{"sort", "valeu"}}, "did you mean `value`?"},
      {{{"sort", "change"}}, "expected one of: value"},
      {{{"limit", "0"}}, "above 0"},
      {{{"limit", "10001"}}, "1 to 10000"},
      {{{"filter", "servce:eq:x"}}, "did you mean `service`?"},
      {{{"filter", "service"}}, "not complete"},
      {{{"filter", "service:eqq:x"}}, "did you mean `eq`?"},
      {{{"filter", "service:eq"}}, "no value"},
      {{{"filter", "service:null:x"}}, "takes no value"},
      {{{"filter", "amount:gt:abc"}}, "is no number"},
      {{{"filter", "day:ge:yesterday"}}, "is no day"},
      {{{"filter", "final:eq:maybe"}}, "true or false"},
      {{{"grian", "day"}}, "did you mean `grain`?"},
      {{{"limit", "1"}, {"limit", "2"}}, "given twice"},
  };
  const Metric& metric = *set_.find("cost");
  for (const auto& [parameters, message] : cases) {
    EXPECT_THAT(parse_request(set_, metric, parameters), HasMessage(message));
  }
  EXPECT_THAT(parse_request(set_, *set_.find("expense"), {{"grain", "day"}}),
              HasMessage("no time column"));
  EXPECT_THAT(parse_request(set_, *set_.find("price"), {{"filter", "amount:gt:1"}}),
              HasMessage("cannot be filtered"));
  EXPECT_THAT(try_ask("cost", {{"grain", "day"}, {"start", "1900-01-01"}, {"end", "2100-01-01"}}),
              HasMessage("larger grain"));
}

constexpr const char* kDashboard = R"~(title: Cost
metric: cost
filters: [account, {dimension: service, title: Services}]
default_range: this_month
rows:
  - - {kind: number, metric: cost, compare: prior_period, width: 4}
    - {kind: line, metrics: [cost, charges], grain: day, width: 8}
  - - {kind: cumulative, metric: cost, grain: day, window: mtd}
  - - {kind: table, metric: cost, by: [service], sort: -value, limit: 5, filters: ["account:eq:a1"]}
  - - {kind: text, text: "Read **this**."}
  - - {kind: pareto, metric: cost, by: [service]}
  - - {kind: query, query: dear, title: Dear, parameters: {least: 5}, links: {event: costs.account},
       follows: {account: who, service: $service}, time_column: at}
range_of: cost
)~";

TEST_F(ReaderTest, ReadsADashboard) {
  load();
  write("dashboards/cost.yml", kDashboard);
  write("queries/dear.sql", "SELECT 1\n");
  const DashboardOutcome outcome = load_dashboards(project_, set_);
  for (const auto& problem : outcome.problems) ADD_FAILURE() << to_string(problem);
  ASSERT_EQ(outcome.dashboards.size(), 1U);
  const Dashboard& dashboard = outcome.dashboards[0];
  EXPECT_EQ(dashboard.name, "cost");
  ASSERT_EQ(dashboard.rows.size(), 6U);
  EXPECT_EQ(dashboard.filters[0].title, "Account");
  EXPECT_EQ(dashboard.filters[1].title, "Services");
  EXPECT_EQ(dashboard.range_of, "cost");
  EXPECT_EQ(dashboard.rows[0][0].title, "Cost");
  EXPECT_THAT(dashboard.rows[0][1].metrics, ElementsAre("cost", "charges"));
  EXPECT_EQ(dashboard.rows[2][0].filters[0].column, "account");
  EXPECT_EQ(dashboard.rows[5][0].query, "dear");
  EXPECT_EQ(dashboard.rows[5][0].parameters.at("least"), "5");
  EXPECT_EQ(dashboard.rows[5][0].follows.at("account"), "who");
  EXPECT_EQ(dashboard.rows[5][0].follows.at("service"), "$service");
  EXPECT_EQ(dashboard.rows[5][0].time_column, "at");
  EXPECT_EQ(dashboard.rows[5][0].links.at("event"), "costs.account");
}

TEST_F(ReaderTest, NamesThePlaceOfEachMistakeInADashboard) {
  load();
  write("queries/dear.sql", "SELECT 1\n");
  const Mistake mistakes[] = {
      {"title: Cost\n", "", "1:1", "yaml-missing-key", "`title`"},
      {"metric: cost\n", "metric: cots\n", "2:9", "metric-unknown", "did you mean `cost`?"},
      {"metric: cost\n", "", "2:10", "yaml-missing-key", "need a `metric`"},
      {"[account,", "[acount,", "3:11", "dimension-unknown", "did you mean `account`?"},
      {"this_month", "this_mont", "4:16", "yaml-value", "did you mean `this_month`?"},
      {"range_of: cost", "range_of: cots", "14:11", "metric-unknown", "did you mean `cost`?"},
      {"kind: number", "kind: nubmer", "6:14", "yaml-value", "did you mean `number`?"},
      {"number, metric: cost", "number, metric: cst", "6:30", "metric-unknown",
       "did you mean `cost`?"},
      {"[cost, charges]", "[cost, chargs]", "7:36", "metric-unknown", "did you mean `charges`?"},
      {"number, metric: cost", "number", "6:7", "yaml-missing-key", "needs a `metric`"},
      {"number, metric: cost", "number, metric: cost, metrics: [cost]", "6:45", "yaml-value",
       "for several"},
      {"prior_period", "prior_preiod", "6:45", "yaml-value", "did you mean `prior_period`?"},
      {"width: 4", "width: 13", "6:66", "yaml-value", "1 to 12"},
      {"width: 4", "width: 5", "6:5", "panel-width", "13 twelfths"},
      {"width: 4", "wdith: 4", "6:59", "yaml-unknown-key", "did you mean `width`?"},
      {"grain: day, width", "grain: dya, width", "7:53", "yaml-value", "did you mean `day`?"},
      {"grain: day, width: 8", "width: 8", "7:7", "panel-grain", "needs a `grain`"},
      {"window: mtd", "limit: 3", "8:7", "panel-window", "needs a `window`"},
      {"[service]", "[servise]", "9:7", "panel-request", "did you mean `service`?"},
      {"sort: -value", "sort: -valu", "9:7", "panel-request", "did you mean `value`?"},
      {"account:eq:a1", "account:is:a1", "9:84", "panel-filter", "unknown operator"},
      {"account:eq:a1", "amount:eq:a1", "9:7", "panel-request", "no number"},
      {"text: \"Read **this**.\"", "metric: cost", "10:7", "yaml-missing-key", "needs a `text`"},
      {"table, metric", "table, text: x, metric", "9:27", "yaml-value", "panels of kind text"},
      {"{kind: text,", "{id: panel1, kind: text,", "10:12", "name-duplicate", "there twice"},
      {"[service]}\n  - - {kind: q", "[]}\n  - - {kind: q", "11:7", "panel-by", "one dimension"},
      {"query: dear", "query: dera", "12:28", "query-unknown", "did you mean `dear`?"},
      {"query: dear, ", "", "12:7", "yaml-missing-key", "`query`"},
      {"kind: query, query", "kind: table, metric: cost, query", "12:42", "yaml-value",
       "panels of kind query"},
      {"title: Dear", "metric: cost", "12:7", "yaml-value", "shows no metric"},
      {"{least: 5}", "[least]", "12:59", "yaml-type", "a mapping"},
      {"costs.account", "cost.account", "12:86", "panel-link", "did you mean `costs`?"},
      {"costs.account", "costs.acount", "12:86", "panel-link", "no column `acount`"},
      {"follows: {account", "follows: {acount", "13:26", "dimension-unknown",
       "did you mean `account`?"},
      {"{kind: pareto", "{time_column: at, kind: pareto", "11:21", "yaml-value",
       "panels of kind query"},
      {"rows:", "rwos:", "5:1", "yaml-unknown-key", "did you mean `rows`?"},
  };
  for (const Mistake& mistake : mistakes) {
    write("dashboards/cost.yml", replaced(kDashboard, mistake.before, mistake.after));
    const DashboardOutcome outcome = load_dashboards(project_, set_);
    std::vector<std::string> problems;
    for (const auto& problem : outcome.problems) problems.push_back(to_string(problem));
    expect(problems, "dashboards/cost.yml", mistake);
    EXPECT_THAT(outcome.dashboards, IsEmpty()) << mistake.after;
  }
}

}  // namespace
}  // namespace bullion::metrics
