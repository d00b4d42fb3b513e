#include "project/project.h"

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "project/project_fixture_internal.h"
#include "project/state_location.h"

namespace bullion::project {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ProjectLoad : public ProjectTest {};

TEST_F(ProjectLoad, GoodProjectHasNoProblem) { EXPECT_THAT(all_problems(), IsEmpty()); }

TEST_F(ProjectLoad, ReadsWhatTheFilesDeclare) {
  const auto outcome = load();
  ASSERT_TRUE(outcome.project);
  const Project& project = *outcome.project;
  EXPECT_EQ(project.name, "shop");
  EXPECT_EQ(project.lake, folder() + "/lake");
  ASSERT_EQ(project.models.size(), 2U);
  EXPECT_EQ(project.models[0].contract.name, "orders");
  EXPECT_EQ(project.models[0].kind, ModelKind::Latest);
  EXPECT_THAT(project.models[0].depends_on, ElementsAre("raw_orders", "dim_status"));
  EXPECT_EQ(project.models[0].conserves.at("amount"), "amount");
  EXPECT_EQ(project.models[0].origins.at("label").table, "dim_status");
  EXPECT_EQ(project.models[1].layer, "gold");
  EXPECT_EQ(project.layer_of("raw_orders"), "bronze");
  EXPECT_THAT(project.sources[0].contract.accepted_values.at("status"),
              ElementsAre("open", "paid"));
  EXPECT_FALSE(project.sources[0].contract.columns[0].nullable);
  EXPECT_EQ(project.seeds[0].file, "seeds/dim_status.csv");
  std::vector<std::string> tests;
  for (const DataTest& test : project.data_tests) tests.push_back(test.name);
  EXPECT_THAT(tests,
              ::testing::UnorderedElementsAre("unique_orders_order_id", "not_null_orders_order_id",
                                              "relationships_orders_label_dim_status",
                                              "unique_daily_day_label", "no_negative"));
  ASSERT_EQ(project.unit_tests.size(), 1U);
  const TextRow& second = project.unit_tests[0].given.at("orders")[1];
  EXPECT_EQ(second.at("day"), std::nullopt);
  EXPECT_EQ(second.at("amount"), "");
}

TEST_F(ProjectLoad, FindsTheProjectFromAFolderBelow) {
  load();
  LoadOptions options;
  options.folder = folder() + "/models/gold";
  const auto outcome = load_project(options, *engine_);
  ASSERT_TRUE(outcome.project);
  EXPECT_EQ(outcome.project->folder, folder());
}

TEST_F(ProjectLoad, OptionsGoOverTheFile) {
  LoadOptions options;
  options.target = "prod";
  options.vars = {{"region", "us"}};
  const auto outcome = load(options);
  ASSERT_TRUE(outcome.project);
  EXPECT_EQ(outcome.project->lake, "/srv/lake");
  EXPECT_EQ(outcome.project->vars.at("region"), "us");
}

TEST_F(ProjectLoad, EnvironmentIsExpandedInTheProjectFile) {
  setenv("BULLION_TEST_LAKE", "/data/lake", 1);
  edit("bullion.yml", "./lake", "\"${BULLION_TEST_LAKE}/{{ env_var('BULLION_TEST_NONE', 'x') }}\"");
  const auto outcome = load();
  ASSERT_TRUE(outcome.project);
  EXPECT_EQ(outcome.project->lake, "/data/lake/x");
}

TEST_F(ProjectLoad, TheStateIsReadWhenAskedForAlone) {
  EXPECT_EQ(*state_location(*load().project), folder() + "/lake/state.db");
  edit("bullion.yml", "{lake: ./lake}", "{lake: ./lake, state: people.db}");
  EXPECT_EQ(*state_location(*load().project), folder() + "/people.db");
  LoadOptions elsewhere;
  elsewhere.lake_override = folder() + "/scratch";
  EXPECT_EQ(*state_location(*load(elsewhere).project), folder() + "/scratch/state.db");
  edit("bullion.yml", "people.db", "\"postgresql://ann:${BULLION_TEST_PASSWORD}@host/db\"");
  const auto outcome = load();
  ASSERT_TRUE(outcome.project);
  EXPECT_THAT(state_location(*outcome.project), HasMessage("BULLION_TEST_PASSWORD"));
  setenv("BULLION_TEST_PASSWORD", "s3cret", 1);
  EXPECT_EQ(*state_location(*outcome.project), "postgresql://ann:s3cret@host/db");
  edit("bullion.yml", "postgresql://", "mysql://");
  EXPECT_THAT(state_location(*load().project), HasMessage("is `mysql://...`; expected the path"));
}

TEST_F(ProjectLoad, NoProjectNamesTheRemedy) {
  files_.clear();
  EXPECT_THAT(all_problems(), ElementsAre(HasSubstr("run `bullion init")));
}

TEST_F(ProjectLoad, AllProblemsAreCollected) {
  edit("sources/raw_orders.yml", "files: incoming", "fiels: incoming");
  edit("models/silver/schema.yml", "kind: latest", "kind: lastest");
  edit("models/gold/daily.sql", "FROM orders", "FROM order");
  const auto problems = all_problems();
  EXPECT_GE(problems.size(), 3U);
}

TEST_F(ProjectLoad, CodeHashIgnoresCommentsAndSpacesOnly) {
  const std::string first = load().project->models[1].code_hash;
  edit("models/gold/daily.sql", "SELECT day", "SELECT -- the day\n\n   day");
  EXPECT_EQ(load().project->models[1].code_hash, first);
  edit("models/gold/daily.sql", "count(*)", "count(amount)");
  EXPECT_NE(load().project->models[1].code_hash, first);
}

TEST_F(ProjectLoad, SourceHashFollowsTheParse) {
  const std::string first = load().project->sources[0].hash;
  edit("sources/raw_orders.yml", "as delivered", "as received");
  EXPECT_EQ(load().project->sources[0].hash, first);
  edit("sources/raw_orders.yml", "decimal(18,2)", "decimal(18,3)");
  EXPECT_NE(load().project->sources[0].hash, first);
}

TEST_F(ProjectLoad, SourcesShareATableOfTheirLandedFiles) {
  edit("sources/raw_orders.yml", "files: incoming",
       "files_table: {name: came, day: day}\n      files: incoming");
  const std::string alone = load().project->find_seed("came")->hash;
  std::string other = files_["sources/raw_orders.yml"];
  other.replace(other.find("raw_orders"), 10, "raw_offers");
  files_["sources/raw_offers.yml"] = other;
  const auto outcome = load();
  ASSERT_TRUE(outcome.project) << all_problems().at(0);
  const Seed* table = outcome.project->find_seed("came");
  ASSERT_NE(table, nullptr);
  ASSERT_EQ(table->files_of.size(), 2U);
  EXPECT_EQ(table->files_of[0].source, "raw_offers");
  EXPECT_EQ(table->files_of[1].source, "raw_orders");
  EXPECT_EQ(table->files_of[1].day_column, "day");
  EXPECT_NE(table->hash, alone);
  EXPECT_EQ(delta::column_names(table->contract.columns).at(0), "file_key");
  for (const delta::Column& column : table->contract.columns) {
    EXPECT_TRUE(table->contract.column_descriptions.contains(column.name)) << column.name;
  }
}

TEST_F(ProjectLoad, ATableOfLandedFilesHasAFreeNameAndADay) {
  edit("sources/raw_orders.yml", "files: incoming",
       "files_table: {nmae: came, day: amount}\n      files: incoming");
  EXPECT_THAT(all_problems(), Contains(HasSubstr("unknown key `nmae` in `files_table`")));
  EXPECT_THAT(all_problems(), Contains(HasSubstr("must be a date or timestamp column")));
  edit("sources/raw_orders.yml", "nmae: came, day: amount", "name: daily");
  EXPECT_THAT(all_problems(), Contains(HasSubstr("`daily` is already the name of a table")));
  edit("sources/raw_orders.yml", "name: daily", "name: Came-In");
  EXPECT_THAT(all_problems(), Contains(HasSubstr("expected the name of a table")));
}

TEST_F(ProjectLoad, SourcesOfRejectedRecordsStandBehindOthersAndFollowTheirHash) {
  const std::string before = load().project->sources[0].hash;
  const std::string rejects =
      "name: a_refused\nmeta: {owner: a@example.com}\nconfig: {rejects_of: raw_orders}\n"
      "columns:\n  - {name: code, data_type: string, constraints: [{type: not_null}]}\n"
      "  - {name: amount, data_type: \"decimal(18,2)\"}\n";
  files_["sources/a_refused.yml"] = rejects;
  EXPECT_THAT(all_problems(), IsEmpty());
  const Project with = *load().project;
  ASSERT_EQ(with.sources.size(), 2U);
  EXPECT_EQ(with.sources[1].rejects_of, "raw_orders");
  // The files are parsed once more, so that records refused before are there as well.
  EXPECT_NE(with.sources[0].hash, before);
  edit("sources/raw_orders.yml", "[open, paid]", "[open, paid, void]");
  EXPECT_NE(load().project->sources[1].hash, with.sources[1].hash);
  files_["sources/a_refused.yml"] = rejects + "  - {name: cost, data_type: bigint}\n";
  EXPECT_THAT(all_problems(), Contains(HasSubstr("`cost` is no column of rejected records")));
}

TEST_F(ProjectLoad, ModelsThatReadEachOtherAreNamedInACircle) {
  edit("models/silver/orders.sql", "{{ ref('dim_status') }}", "daily");
  EXPECT_THAT(all_problems(), Contains(AllOf(StartsWith("models/gold/daily.sql:3:6: error"),
                                             HasSubstr("daily -> orders -> daily"))));
}

/// One mistake: what is replaced where, and what the problem must say.
struct Mistake {
  std::string what;
  std::string file;
  std::string before;
  std::string after;
  std::string place;  ///< start of the problem's line
  std::string code;
  std::string message;  ///< part of the message
};

void PrintTo(const Mistake& mistake, std::ostream* out) { *out << mistake.what; }

class ProjectMistake : public ProjectTest, public ::testing::WithParamInterface<Mistake> {};

TEST_P(ProjectMistake, IsReportedWithPlaceAndRemedy) {
  const Mistake& mistake = GetParam();
  if (mistake.before.empty()) {
    files_[mistake.file] = mistake.after;
  } else {
    edit(mistake.file, mistake.before, mistake.after);
  }
  EXPECT_THAT(all_problems(),
              Contains(AllOf(StartsWith(mistake.place + ": "), HasSubstr("[" + mistake.code + "]"),
                             HasSubstr(mistake.message))));
}

std::vector<Mistake> mistakes_of_inputs() {
  const std::string source = "sources/raw_orders.yml";
  return {
      {"UnknownProjectKey", "bullion.yml", "currency:", "curency:", "bullion.yml:2:1",
       "yaml-unknown-key", "did you mean `currency`?"},
      {"MissingProjectKey", "bullion.yml", "currency: USD\n", "", "bullion.yml:1:1",
       "yaml-missing-key", "needs a `currency`"},
      {"BadFiscalMonth", "bullion.yml", "currency: USD\n",
       "currency: USD\nfiscal_calendar: {year_start_month: 13}\n", "bullion.yml:3:37", "yaml-value",
       "1 (January) to 12"},
      {"BadCurrency", "bullion.yml", "USD", "dollars", "bullion.yml:2:11", "yaml-value",
       "ISO 4217"},
      {"UnknownTarget", "bullion.yml", "target: dev", "target: pord", "bullion.yml:3:9",
       "target-unknown", "did you mean `prod`?"},
      {"MissingEnvironment", "bullion.yml", "{lake: ./lake}", "{lake: \"${BULLION_NOT_SET}\"}",
       "bullion.yml:5:15", "env-missing", "BULLION_NOT_SET"},
      {"BrokenYaml", source, "columns:", "columns: [", "sources/raw_orders.yml:10:7", "yaml-syntax",
       "not valid YAML"},
      {"DuplicateKey", source, "amount: amount\n", "amount: amount\n      amount: amount\n",
       "sources/raw_orders.yml:9:7", "yaml-duplicate-key", "written twice"},
      {"UnknownSourceKey", source, "files:", "file:", "sources/raw_orders.yml:7:7",
       "yaml-unknown-key", "did you mean `files`?"},
      {"BadFormat", source, "amount: amount", "format: cvs", "sources/raw_orders.yml:8:15",
       "yaml-value", "did you mean `csv`?"},
      {"BadFlag", source, "amount: amount", "header: yes please", "sources/raw_orders.yml:8:15",
       "yaml-type", "true or false"},
      {"UnknownType", source, "data_type: date", "data_type: dat", "sources/raw_orders.yml:12:32",
       "type-unknown", "did you mean `date`?"},
      {"DecimalWithoutDigits", source, "\"decimal(18,2)\"", "decimal",
       "sources/raw_orders.yml:13:35", "type-unknown", "decimal(18,2)"},
      {"DecimalTooWide", source, "decimal(18,2)", "decimal(40,2)", "sources/raw_orders.yml:13:35",
       "type-unknown", "1 to 38"},
      {"UnknownConstraint", source, "type: not_null", "type: not_nul",
       "sources/raw_orders.yml:10:66", "yaml-value", "not_null"},
      {"AmountIsDouble", source, "amount: amount", "amount: weight", "sources/raw_orders.yml:8:15",
       "float-money", "decimal(p,s)"},
      {"AmountIsNoColumn", source, "amount: amount", "amount: amont", "sources/raw_orders.yml:8:15",
       "column-unknown", "did you mean `amount`?"},
      {"ReservedColumn", source, "name: weight", "name: _weight", "sources/raw_orders.yml:14:16",
       "name-reserved", "_weight"},
      {"DuplicateColumn", source, "name: weight", "name: Amount", "sources/raw_orders.yml:14:16",
       "name-duplicate", "twice"},
      {"NoOwner", source, "{owner: shop@example.com}", "{ownr: shop@example.com}",
       "sources/raw_orders.yml:5:11", "owner-missing", "`ownr` should be `owner`"},
      {"UnknownTest", source, "accepted_values:", "accepted_value:", "sources/raw_orders.yml:15:56",
       "test-unknown", "did you mean `accepted_values`?"},
      {"BadPattern", source, "{accepted_values: {values: [open, paid]}}",
       "{matches: {pattern: \"(open|paid)\"}}", "sources/raw_orders.yml:15:76", "yaml-value",
       "character 1"},
      {"PatternOfANumber", source, "{name: version, data_type: int}",
       "{name: version, data_type: int, data_tests: [{matches: {pattern: \"[0-9]\"}}]}",
       "sources/raw_orders.yml:11:74", "type-mismatch", "string columns"},
      {"RangeWithoutEnds", source, "{accepted_values: {values: [open, paid]}}", "in_range",
       "sources/raw_orders.yml:15:56", "yaml-missing-key", "above, at_least, below, at_most"},
      {"RangeOfAnotherType", source, "{name: version, data_type: int}",
       "{name: version, data_type: int, data_tests: [{in_range: {above: one}}]}",
       "sources/raw_orders.yml:11:73", "yaml-value", "no value of `version`"},
      {"RejectsOfNothing", source, "files: incoming/*.csv", "rejects_of: raw_order",
       "sources/raw_orders.yml:3:11", "table-unknown", "no source of files"},
      {"RejectsWithFiles", source, "files: incoming/*.csv",
       "files: incoming/*.csv\n      rejects_of: raw_bills", "sources/raw_orders.yml:7:14",
       "yaml-value", "no files of its own"},
      {"BadTableName", source, "name: raw_orders", "name: Raw-Orders",
       "sources/raw_orders.yml:3:11", "name-invalid", "lower-case"},
      {"DuplicateTable", source, "name: raw_orders", "name: daily", "models/gold/schema.yml:3:11",
       "name-duplicate", "sources/raw_orders.yml:3:11"},
  };
}

std::vector<Mistake> mistakes_of_schemas() {
  const std::string silver = "models/silver/schema.yml";
  const std::string gold = "models/gold/schema.yml";
  return {
      {"UnknownKind", silver, "kind: latest", "kind: lates", "models/silver/schema.yml:6:13",
       "yaml-value", "did you mean `latest`?"},
      {"LatestWithoutKey", silver, "unique_key: [order_id]\n", "\n", "models/silver/schema.yml:6:7",
       "yaml-missing-key", "unique_key"},
      {"UnknownKeyColumn", silver, "unique_key: [order_id]", "unique_key: [version, ordr_id]",
       "models/silver/schema.yml:7:29", "column-unknown", "did you mean `order_id`?"},
      {"PartitionByNumber", silver, "partition_by: day", "partition_by: version",
       "models/silver/schema.yml:9:21", "partition-type", "date or string"},
      {"WithdrawnIsNoBoolean", silver, "grain:", "withdrawn: label\n      grain:",
       "models/silver/schema.yml:10:18", "type-mismatch", "boolean"},
      {"WithdrawnNotSelected", silver, "grain:", "withdrawn: is_gone\n      grain:",
       "models/silver/orders.sql:1", "column-missing", "is_gone"},
      {"ConservesUnknownOutput", silver, "{amount: amount}", "{amont: amount}",
       "models/silver/schema.yml:11:19", "column-unknown", "did you mean `amount`?"},
      {"ConservesUnknownInput", silver, "{amount: amount}", "{amount: amoutn}",
       "models/silver/schema.yml:11:18", "column-unknown", "did you mean `amount`?"},
      {"RelationshipToNowhere", silver, "ref('dim_status')", "ref('dim_statu')",
       "models/silver/schema.yml:24:13", "table-unknown", "did you mean `dim_status`?"},
      {"RelationshipToNoColumn", silver, "field: label", "field: lable",
       "models/silver/schema.yml:24:13", "column-unknown", "did you mean `label`?"},
      {"VersionOfAggregate", gold, "kind: aggregate", "kind: aggregate\n      version_by: day",
       "models/gold/schema.yml:7:19", "yaml-value", "no effect"},
      {"ContractOff", gold, "kind: aggregate", "kind: aggregate\n      contract: {enforced: false}",
       "models/gold/schema.yml:7:28", "yaml-value", "always enforced"},
      {"ModelWithoutSchema", "models/gold/dayly.sql", "", "SELECT 1", "models/gold/dayly.sql",
       "model-without-schema", "did you mean `daily`?"},
      {"SchemaWithoutSql", gold, "name: daily", "name: dialy", "models/gold/schema.yml:3:11",
       "schema-without-sql", "did you mean `daily`?"},
      {"UnknownLayer", "models/golden/x.sql", "", "SELECT 1", "models/golden/x.sql",
       "layer-unknown", "models/gold/"},
  };
}

std::vector<Mistake> mistakes_of_sql() {
  const std::string sql = "models/gold/daily.sql";
  return {
      {"SeedWithoutSchema", "seeds/dim_statu.csv", "", "a\n1\n", "seeds/dim_statu.csv",
       "seed-without-schema", "did you mean `dim_status`?"},
      {"SeedWithoutColumn", "seeds/dim_status.csv", "label", "labl", "seeds/dim_status.csv:1",
       "seed-column-missing", "did you mean `labl`?"},
      {"UnknownTable", sql, "FROM orders", "FROM ordres", "models/gold/daily.sql:3:6",
       "table-unknown", "did you mean `orders`?"},
      {"UnknownTemplateTable", sql, "FROM orders", "FROM {{ ref('ordres') }}",
       "models/gold/daily.sql:3:6", "table-unknown", "did you mean `orders`?"},
      {"QualifiedTable", sql, "FROM orders", "FROM silver.orders", "models/gold/daily.sql:3:6",
       "table-qualified", "`orders`"},
      {"SqlSyntax", sql, "GROUP BY", "GROUP BYE", "models/gold/daily.sql:4:7", "sql-syntax",
       "syntax error"},
      {"TwoStatements", sql, "", "SELECT 1 AS day;\nSELECT 2 AS day", "models/gold/daily.sql:2:8",
       "sql-not-select", "2 statements"},
      {"NoSelect", sql, "", "INSERT INTO x VALUES (1)", "models/gold/daily.sql", "sql-not-select",
       "one SELECT"},
      {"EmptySql", sql, "", "-- nothing\n", "models/gold/daily.sql:1:1", "sql-not-select",
       "no SELECT"},
      {"UnknownTemplate", sql, "FROM orders", "FROM {{ reff('orders') }}",
       "models/gold/daily.sql:3:6", "template-unsupported", "did you mean `ref`?"},
      {"ControlTemplate", sql, "FROM orders", "FROM orders {% if x %}",
       "models/gold/daily.sql:3:13", "template-unsupported", "one plain SELECT"},
      {"UnclosedTemplate", sql, "FROM orders", "FROM {{ ref('orders')", "models/gold/daily.sql:3:6",
       "template-syntax", "never closed"},
      {"UnknownVar", sql, "FROM orders", "FROM orders WHERE label = '{{ var('regoin') }}'",
       "models/gold/daily.sql:3:28", "var-unknown", "did you mean `region`?"},
  };
}

std::vector<Mistake> mistakes_of_binding() {
  const std::string sql = "models/gold/daily.sql";
  return {
      {"UnknownColumn", sql, "SELECT day, label", "SELECT day, lable AS label",
       "models/gold/daily.sql:2:13", "sql-bind", "label"},
      {"MissingColumn", sql, "count(*) AS orders", "count(*) AS order_count",
       "models/gold/daily.sql:1", "column-missing", "`orders`"},
      {"ExtraColumn", sql, "count(*) AS orders", "count(*) AS orders, 1 AS one",
       "models/gold/daily.sql:2:63", "column-extra", "`one`"},
      {"WrongType", sql, "count(*) AS orders", "'x' AS orders", "models/gold/daily.sql:2:43",
       "type-mismatch", "CAST(... AS BIGINT)"},
      {"AggregateInLatest", "models/silver/orders.sql", "r.amount,", "max(r.amount) AS amount,",
       "models/silver/orders.sql:6:3", "model-not-row-wise", "the aggregate `max`"},
      {"TwoInputsInLatest", "models/silver/orders.sql", "{{ ref('dim_status') }}", "raw_orders",
       "models/silver/orders.sql:9:11", "model-not-row-wise", "second input"},
      {"RightJoinInLatest", "models/silver/orders.sql", "LEFT JOIN", "RIGHT JOIN",
       "models/silver/orders.sql:9:1", "model-not-row-wise", "RIGHT JOIN"},
      {"TestOfUnknownTable", "tests/no_negative.sql", "FROM daily", "FROM dialy",
       "tests/no_negative.sql:2:15", "table-unknown", "did you mean `daily`?"},
      {"TestOfUnknownColumn", "tests/no_negative.sql", "amount <", "amont <",
       "tests/no_negative.sql:2:27", "sql-bind", "amont"},
      {"UnitTestOfUnknownModel", "tests/unit.yml", "model: daily", "model: dialy",
       "tests/unit.yml:2:11", "table-unknown", "did you mean `daily`?"},
      {"UnitTestOfUnknownColumn", "tests/unit.yml", "orders: 1}", "oders: 1}",
       "tests/unit.yml:2:11", "column-unknown", "did you mean `orders`?"},
      {"UnitTestOfUnreadInput", "tests/unit.yml", "ref('orders')", "raw_orders",
       "tests/unit.yml:2:11", "table-unknown", "does not read"},
      {"UnitTestOfTwoThings", "tests/unit.yml", "model: daily", "model: daily\n    sql: SELECT 1",
       "tests/unit.yml:2:5", "yaml-missing-key", "either `model:`"},
      {"UnitTestSqlSyntax", "tests/unit.yml", "model: daily", "sql: SELECT FROM orders",
       "tests/unit.yml:3:10", "sql-syntax", "unit test `sums_by_day`"},
      {"UnitTestSqlOfUnknownTable", "tests/unit.yml", "model: daily", "sql: SELECT 1 FROM ordrs",
       "tests/unit.yml:3:10", "table-unknown", "did you mean `orders`?"},
      {"UnitTestSqlMacro", "tests/unit.yml", "model: daily",
       "sql: SELECT {{ net(1) }} AS orders FROM orders", "tests/unit.yml:3:10",
       "template-unsupported", "unit test `sums_by_day`"},
      {"UnitTestSqlGivesUnread", "tests/unit.yml", "model: daily", "sql: SELECT 1 FROM daily",
       "tests/unit.yml:2:11", "table-unknown", "does not read"},
      {"UnitTestKey", "tests/unit.yml", "expect:", "expects:", "tests/unit.yml:7:5",
       "yaml-unknown-key", "did you mean `expect`?"},
  };
}

const auto kWhat = [](const auto& test) { return test.param.what; };
INSTANTIATE_TEST_SUITE_P(Inputs, ProjectMistake, ::testing::ValuesIn(mistakes_of_inputs()), kWhat);
INSTANTIATE_TEST_SUITE_P(Schemas, ProjectMistake, ::testing::ValuesIn(mistakes_of_schemas()),
                         kWhat);
INSTANTIATE_TEST_SUITE_P(Sql, ProjectMistake, ::testing::ValuesIn(mistakes_of_sql()), kWhat);
INSTANTIATE_TEST_SUITE_P(Binding, ProjectMistake, ::testing::ValuesIn(mistakes_of_binding()),
                         kWhat);

}  // namespace
}  // namespace bullion::project
