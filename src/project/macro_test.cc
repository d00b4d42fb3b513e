// Macros: read, bound and expanded, with mistakes at their places.
#include <gmock/gmock.h>

#include "project/readers_internal.h"

namespace bullion::project {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Macros : public testing::Test {
 protected:
  void read(std::string_view text) {
    ProblemSink sink("macros/m.sql", problems_);
    read_macros(text, sink, project_);
  }
  std::string expand(std::string_view text) {
    ProblemSink sink("models/a.sql", problems_);
    const ResolvedSql sql = resolve_templates(text, project_, sink);
    used_ = sql.macros;
    return sql.text;
  }
  std::string problem() const {
    return problems_.empty() ? "" : to_string(problems_[0].location) + ": " + problems_[0].message;
  }

  Project project_;
  std::vector<Problem> problems_;
  std::set<std::string> used_;
};

TEST_F(Macros, StandForTheirBodyWithArgumentsByPositionByNameAndByDefault) {
  read(
      "-- Cents.\n{% macro money(column, digits=2, unit='EUR') -%}\n  round({{ column }} / 100, "
      "{{ digits }}) || '{{ unit }}'\n{%- endmacro %}\n{# more #}\n");
  EXPECT_EQ(expand("SELECT {{ money('a.b') }}, {{ money('c', unit = \"USD\", digits=3) }}"),
            "SELECT round(a.b / 100, 2) || 'EUR', round(c / 100, 3) || 'USD'");
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_THAT(used_, ElementsAre("money"));
}

TEST_F(Macros, UseOtherMacrosVariablesAndTables) {
  project_.vars = {{"floor", "10"}};
  read(
      "{% macro large(t) %}SELECT * FROM {{ ref('bills') }} AS {{ t }} WHERE {{ above(t) }}"
      "{% endmacro %}\n{% macro above(t, least='{{') %}{{ t }}.amount > {{ var('floor') }}"
      "{% endmacro %}");
  EXPECT_EQ(expand("FROM ({{ large('b') }}) AS x"),
            "FROM (SELECT * FROM bills AS b WHERE b.amount > 10) AS x");
  EXPECT_THAT(problems_, IsEmpty());
  EXPECT_THAT(used_, ElementsAre("above", "large"));
}

TEST_F(Macros, ACommentAtTheEndOfABodyHidesNothingBehindTheCall) {
  read("{% macro one() %}1 -- the first\n{% endmacro %}");
  EXPECT_EQ(expand("SELECT {{ one() }} AS a"), "SELECT 1 -- the first\n AS a");
}

TEST_F(Macros, AMistakeInABodyIsReportedInItsFile) {
  read("\n{% macro m() %}\n  1 + {{ vat('x') }}\n{% endmacro %}");
  expand("SELECT {{ m() }}");
  EXPECT_THAT(problem(), HasSubstr("macros/m.sql:3:7: `{{ vat('x') }}` is not supported"));
  EXPECT_THAT(problem(), HasSubstr("did you mean `var`"));
}

TEST_F(Macros, ACallThatDoesNotFitSaysWhatItTakes) {
  read("{% macro m(a, b) %}{{ a }}{{ b }}{% endmacro %}");
  for (const auto& [call, what] : std::vector<std::pair<std::string, std::string>>{
           {"m('x')", "is not given `b`"},
           {"m('x', 'y', 'z')", "takes 2 values"},
           {"m('x', c='y')", "has no parameter `c`"},
           {"m('x', a='y')", "is given `a` twice"},
           {"m('x', 1 + 1)", "takes texts in quotes and numbers"},
           {"m('x', y)", "takes texts in quotes and numbers"}}) {
    problems_.clear();
    expand("SELECT {{ " + call + " }}");
    EXPECT_THAT(problem(), HasSubstr("models/a.sql:1:8: macro `m(a, b)` " + what)) << call;
    EXPECT_THAT(problem(), HasSubstr("macros/m.sql:1:1")) << call;
  }
}

TEST_F(Macros, CirclesAreRefused) {
  read("{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}");
  expand("{{ a() }}");
  EXPECT_THAT(problem(), HasSubstr("macro `a` uses itself: a -> b -> a"));
}

TEST_F(Macros, ThatMultiplyWithoutEndAreRefused) {
  std::string text = "{% macro m0() %}x{% endmacro %}";
  for (int i = 1; i <= 40; ++i) {
    const std::string below = "{{ m" + std::to_string(i - 1) + "() }}";
    text.append("{% macro m").append(std::to_string(i)).append("() %}");
    text.append(below).append(below).append("{% endmacro %}");
  }
  read(text);
  expand("SELECT {{ m40() }}");
  EXPECT_THAT(problem(), HasSubstr("more than 10000 macros are expanded"));
}

TEST_F(Macros, FilesHoldMacrosOnly) {
  for (const auto& [text, what] : std::vector<std::pair<std::string, std::string>>{
           {"SELECT 1", "1:1: only macros and comments may stand here"},
           {"{% macro a() %}1", "1:1: the macro is never closed"},
           {"{% macro a() %}1{% macro b() %}2{% endmacro %}", "1:1: the macro is never closed"},
           {"\n{% if x %}", "2:1: expected {% macro"},
           {"{% macro a %}1{% endmacro %}", "1:1: `a` is no head of a macro"},
           {"{% macro a('x') %}1{% endmacro %}", "1:1: macro `a` has a parameter that is neither"},
           {"{% macro a(x, x) %}1{% endmacro %}", "there twice (`x`)"},
           {"{% macro ref(x) %}1{% endmacro %}", "a macro cannot be called `ref`"},
           {"{% macro a() %}1{% endmacro %}\n{% macro a() %}2{% endmacro %}",
            "2:1: macro `a` stands already at macros/m.sql:1:1"}}) {
    problems_.clear();
    project_.macros.clear();
    read(text);
    EXPECT_THAT(problem(), HasSubstr(what)) << text;
  }
}

}  // namespace
}  // namespace bullion::project
