// The parts below load_project: YAML trees, templates, engine messages.
#include <gmock/gmock.h>

#include "project/engine_message_internal.h"
#include "project/format_reader_internal.h"
#include "project/readers_internal.h"

namespace bullion::project {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string resolved(std::string_view text, std::vector<Problem>& problems) {
  ProblemSink sink("a.sql", problems);
  Project project;
  project.vars = {{"day", "2025-01-01"}};
  return resolve_templates(text, project, sink).text;
}

TEST(Templates, ReferencesBecomePlainNames) {
  std::vector<Problem> problems;
  EXPECT_EQ(resolved("FROM {{ ref('x') }}, {{ref(\"y\")}}, {{- source('a', 'z') -}}", problems),
            "FROM x, y, z");
  EXPECT_EQ(resolved("{{ config(materialized='table', tags=['a', f(1)]) }}SELECT 1", problems),
            "SELECT 1");
  EXPECT_EQ(resolved("'{{ var('day') }}' {{ var('no', 'other') }} {# note #}", problems),
            "'2025-01-01' other ");
  EXPECT_EQ(resolved("-- {{ nothing }}\n/* {% x %} */ 'it''s -- {{ var('day') }}'", problems),
            "-- {{ nothing }}\n/* {% x %} */ 'it''s -- 2025-01-01'");
  EXPECT_TRUE(problems.empty());
}

TEST(Templates, PlacesLeadBackToTheFile) {
  std::vector<Problem> problems;
  ProblemSink sink("a.sql", problems);
  const ResolvedSql sql = resolve_templates(
      "{{ config(a='b') }}\nFROM {{ ref('long_name') }} AS ä, b", Project(), sink);
  ASSERT_EQ(sql.text, "\nFROM long_name AS ä, b");
  const auto place = [&](std::string_view what) {
    const Mark mark = sql.mark_at(sql.text.find(what));
    return std::pair(mark.line, mark.column);
  };
  EXPECT_EQ(place("FROM"), std::pair(2, 1));
  EXPECT_EQ(place("long_name"), std::pair(2, 6));
  EXPECT_EQ(place("name"), std::pair(2, 6));
  EXPECT_EQ(place("AS"), std::pair(2, 29));
  EXPECT_EQ(place(", b"), std::pair(2, 33));
}

TEST(Templates, ReferencesInYamlNameTheTable) {
  EXPECT_EQ(table_of_reference("ref('x')"), "x");
  EXPECT_EQ(table_of_reference("{{ source('a', \"y\") }}"), "y");
  EXPECT_EQ(table_of_reference("plain"), "plain");
  EXPECT_EQ(table_of_reference("other('x')"), "");
}

TEST(Yaml, TextThatBeginsNoValueIsAProblemAndEnds) {
  for (const std::string_view text : {",", ",~[\x1d", "a: 1\n---\n,", "}", "]\n]"}) {
    std::vector<Problem> problems;
    ProblemSink sink("a.yml", problems);
    read_yaml(text, sink);
    ASSERT_FALSE(problems.empty()) << text;
    EXPECT_EQ(problems[0].code, "yaml-syntax") << text;
  }
}

TEST(Yaml, ASecondDocumentIsNamedByItsLine) {
  std::vector<Problem> problems;
  ProblemSink sink("a.yml", problems);
  read_yaml("a: 1\n---\nb: 2\n", sink);
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].location.line, 2);
  EXPECT_THAT(problems[0].message, HasSubstr("a second document begins here"));
}

TEST(Yaml, KeepsPlacesAndQuotes) {
  std::vector<Problem> problems;
  ProblemSink sink("a.yml", problems);
  const YamlNode node = read_yaml("a: 1\nb:\n  - \"2\"\n  - ~\nc:\n", sink);
  ASSERT_EQ(node.entries.size(), 3U);
  EXPECT_FALSE(node.entries[0].value.quoted);
  EXPECT_TRUE(node.entries[1].value.items[0].quoted);
  EXPECT_EQ(node.entries[1].value.items[0].mark.line, 3);
  EXPECT_EQ(node.entries[1].value.items[0].mark.column, 5);
  EXPECT_EQ(node.entries[1].value.items[1].kind, YamlNode::Kind::Null);
  EXPECT_EQ(node.entries[2].value.mark.line, 5);
  EXPECT_TRUE(problems.empty());
}

TEST(Yaml, AliasesThatGrowWithoutEndAreRefused) {
  std::string text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + before;
    for (int k = 0; k < 9; ++k) text += ", " + before;
    text += "]\n";
  }
  std::vector<Problem> problems;
  ProblemSink sink("a.yml", problems);
  read_yaml(text, sink);
  read_yaml("a: &a [*a, *a]\n", sink);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(problems[0].message, HasSubstr("without aliases"));
  EXPECT_THAT(problems[1].message, HasSubstr("without aliases"));
}

TEST(Yaml, SecondDocumentsAndStrangeKeysAreReported) {
  std::vector<Problem> problems;
  ProblemSink sink("a.yml", problems);
  read_yaml("a: 1\n---\nb: 2\n", sink);
  read_yaml("[a]: 1\n", sink);
  std::vector<std::string> codes;
  for (const Problem& problem : problems) codes.push_back(problem.code);
  EXPECT_THAT(codes, ElementsAre("yaml-syntax", "yaml-type"));
}

TEST(EngineMessages, CaretsLeadToTheFile) {
  std::vector<Problem> problems;
  ProblemSink sink("a.sql", problems);
  const ResolvedSql sql =
      resolve_templates("SELECT a\nFROM {{ ref('t') }} x WHERE bb = 1", Project(), sink);
  const EngineMessage message = read_engine_message(
      "Binder Error: no column \"bb\"\nCandidates: \"b\"\n\nLINE 2: FROM t x WHERE bb = 1\n"
      "                       ^",
      sql);
  EXPECT_EQ(message.text, "Binder Error: no column \"bb\" Candidates: \"b\"");
  EXPECT_EQ(message.mark.line, 2);
  EXPECT_EQ(message.mark.column, 29);
  const EngineMessage other = read_engine_message("syntax error (position 9)", sql);
  EXPECT_EQ(other.text, "syntax error");
  EXPECT_EQ(other.mark.line, 2);
  EXPECT_EQ(other.mark.column, 1);
}

FileFormat file_format(std::string_view yaml, std::vector<Problem>& problems,
                       ValueFormat* values = nullptr) {
  ProblemSink sink("a.yml", problems);
  const YamlNode node = read_yaml(yaml, sink);
  MapReader config(node, "the config", sink);
  const FileFormat format = read_file_format(config, sink);
  ValueFormat ignored;
  read_value_format(config, sink, values == nullptr ? ignored : *values);
  config.finish();
  return format;
}

/// The only problem of a config, as text.
std::string problem_of(std::string_view yaml) {
  std::vector<Problem> problems;
  file_format(yaml, problems);
  return problems.size() == 1 ? to_string(problems[0])
                              : std::to_string(problems.size()) + " problems";
}

TEST(FileFormats, HaveDefaultsOfAPlainFile) {
  std::vector<Problem> problems;
  ValueFormat values;
  const FileFormat format = file_format("{}", problems, &values);
  EXPECT_EQ(format.kind, "csv");
  EXPECT_THAT(format.encodings, ElementsAre("utf-8"));
  EXPECT_EQ(format.delimiter, ',');
  EXPECT_EQ(format.quote, '"');
  EXPECT_EQ(format.header_rows, 1);
  EXPECT_EQ(format.field_count, FieldCount::Exact);
  EXPECT_THAT(values.null_words, ElementsAre(""));
  EXPECT_EQ(values.dst, "reject");
}

TEST(FileFormats, ReadEveryKey) {
  std::vector<Problem> problems;
  ValueFormat values;
  const FileFormat format = file_format(R"~(
encoding: [utf-8, windows-1252]
delimiter: tab
quote: none
escape: "\\"
comment: "#"
trim: true
header_rows: 2
header_within: 30
skip_rows: 3
field_count: pad_short
exclude:
  - {reason: control_total, column: supplier, like: "Total*"}
  - {reason: note, only: [amount]}
unpivot: {columns: ["20*"], name: year, value: amount, keep_empty: true, beside: [Total]}
null_words: ["", "NULL"]
decimal_mark: ","
thousands_mark: space
negatives: [minus, parentheses, trailing_minus]
currency_signs: EUR
date_formats: ["%d.%m.%Y", "%Y-%m"]
time_zone: Europe/Berlin
dst: later
floats: shortest
)~",
                                        problems, &values);
  for (const Problem& problem : problems) ADD_FAILURE() << to_string(problem);
  EXPECT_THAT(format.encodings, ElementsAre("utf-8", "windows-1252"));
  EXPECT_EQ(format.delimiter, '\t');
  EXPECT_EQ(format.quote, '\0');
  EXPECT_EQ(format.escape, '\\');
  EXPECT_EQ(format.comment, '#');
  EXPECT_TRUE(format.trim);
  EXPECT_EQ(format.header_rows, 2);
  EXPECT_EQ(format.header_within, 30);
  EXPECT_EQ(format.skip_rows, 3);
  EXPECT_EQ(format.field_count, FieldCount::PadShort);
  ASSERT_EQ(format.exclude.size(), 2U);
  EXPECT_EQ(format.exclude[0].reason, "control_total");
  EXPECT_EQ(format.exclude[0].like, "Total*");
  EXPECT_THAT(format.exclude[1].only, ElementsAre("amount"));
  EXPECT_TRUE(format.unpivot.keep_empty);
  EXPECT_THAT(format.unpivot.beside, ElementsAre("Total"));
  EXPECT_EQ(format.unpivot.value_column, "amount");
  EXPECT_EQ(values.decimal_mark, ',');
  EXPECT_EQ(values.thousands_mark, ' ');
  EXPECT_TRUE(values.parentheses_negative && values.trailing_minus);
  EXPECT_THAT(values.currency_signs, ElementsAre("EUR"));
  EXPECT_THAT(values.date_formats, ElementsAre("%d.%m.%Y", "%Y-%m"));
  EXPECT_EQ(values.time_zone, "Europe/Berlin");
  EXPECT_EQ(values.dst, "later");
  EXPECT_TRUE(values.shortest_floats);
}

TEST(FileFormats, NameWhatCannotBe) {
  EXPECT_THAT(problem_of("delimiter: \"::\""), HasSubstr("`delimiter` is `::`; expected one"));
  EXPECT_THAT(problem_of("{delimiter: \"'\", quote: \"'\"}"), HasSubstr("another than `quote`"));
  EXPECT_THAT(problem_of("encoding: klingon"), HasSubstr("`encoding` is `klingon`"));
  EXPECT_THAT(problem_of("header_rows: 0"), HasSubstr("at least 1"));
  EXPECT_THAT(problem_of("header_within: many"), HasSubstr("from 0 to 1000"));
  EXPECT_THAT(problem_of("exclude: [{reason: footer}]"), HasSubstr("`column` and `like`"));
  EXPECT_THAT(problem_of("exclude: [{reason: total, only: [a]}]"), HasSubstr("total"));
  EXPECT_THAT(problem_of("unpivot: {name: a, value: b}"), HasSubstr("`columns`"));
  EXPECT_THAT(problem_of("{header: false, unpivot: {columns: [a], name: b, value: c}}"),
              HasSubstr("remove `header: false`"));
  EXPECT_THAT(problem_of("date_formats: \"%d/%Q/%Y\""), HasSubstr("has `%Q`"));
  EXPECT_THAT(problem_of("date_formats: [\"%d/%m\"]"), HasSubstr("names no year"));
  EXPECT_THAT(problem_of("date_formats: [\"%Y\"]"), HasSubstr("names no month"));
  EXPECT_THAT(problem_of("{decimal_mark: \",\", thousands_mark: \",\"}"),
              HasSubstr("the same character"));
  EXPECT_THAT(problem_of("negatives: [red]"), HasSubstr("`negatives` holds `red`"));
  EXPECT_THAT(problem_of("dst: summer"), HasSubstr("summer"));
  EXPECT_THAT(problem_of("thousand_mark: x"), HasSubstr("thousands_mark"));
}

TEST(DataTypes, ReadTheirNames) {
  EXPECT_EQ(parse_data_type("DECIMAL(18, 2)")->precision, 18);
  EXPECT_EQ(parse_data_type("bigint")->id, delta::TypeId::Long);
  EXPECT_FALSE(parse_data_type("decimal(2,3)").has_value());
  EXPECT_FALSE(parse_data_type("decimal(x,3)").has_value());
  EXPECT_FALSE(parse_data_type("").has_value());
}

}  // namespace
}  // namespace bullion::project
