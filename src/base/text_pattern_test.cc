#include "base/text_pattern.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion {
namespace {

bool matches(std::string_view pattern, std::string_view text) {
  const auto parsed = TextPattern::parse(pattern);
  EXPECT_THAT(parsed, IsOk());
  return parsed && parsed->matches(text);
}

TEST(TextPattern, MatchesTheWholeTextOrNothing) {
  EXPECT_TRUE(matches("C[0-9]{4,}", "C0001"));
  EXPECT_TRUE(matches("C[0-9]{4,}", "C123456"));
  EXPECT_FALSE(matches("C[0-9]{4,}", "C001"));
  EXPECT_FALSE(matches("C[0-9]{4,}", "xC0001"));
  EXPECT_FALSE(matches("C[0-9]{4,}", "C0001 "));
  EXPECT_FALSE(matches("C[0-9]{4,}", ""));
}

TEST(TextPattern, KnowsClassesRangesAndRepeats) {
  const std::string uuid = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
  EXPECT_TRUE(matches(uuid, "6f1b7c1e-03aa-4f0e-9d3c-0a1b2c3d4e5f"));
  EXPECT_FALSE(matches(uuid, "6f1b7c1e-03aa-4f0e-9d3c-0a1b2c3d4e5g"));
  EXPECT_FALSE(matches(uuid, "6f1b7c1e03aa4f0e9d3c0a1b2c3d4e5f"));
  EXPECT_TRUE(matches("[A-Z][a-z]*,?.+", "Berlin, Mitte"));
  EXPECT_TRUE(matches("[^,]+[.][0-9]{2,3}", "a b.125"));
  EXPECT_FALSE(matches("[^,]+[.][0-9]{2,3}", "a,b.125"));
  EXPECT_TRUE(matches("[a-]+", "a-a"));
}

TEST(TextPattern, GivesBackWhatALaterItemNeeds) {
  EXPECT_TRUE(matches("[A-Z]*A", "BABA"));
  EXPECT_TRUE(matches("[0-9]{1,3}[0-9]{2}", "123"));
  EXPECT_FALSE(matches("[A-Z]*A", "BABAB"));
}

TEST(TextPattern, EndsInTimeOnTextsMadeToBeSlow) {
  std::string pattern;
  for (int i = 0; i < 30; ++i) pattern += "a*";
  EXPECT_FALSE(matches(pattern + "b", std::string(500, 'a')));
}

TEST(TextPattern, RefusesWhatIsNoPatternAndNamesThePlace) {
  for (const char* bad : {"", "(a|b)", "a|b", "^a", "a$", "[0-9", "[]", "a{2", "a{3,2}", "*a",
                          "[z-a]", "a\\d", "a{9999}"}) {
    EXPECT_THAT(TextPattern::parse(bad), IsErrorOf(ErrorKind::Invalid)) << bad;
  }
  EXPECT_THAT(TextPattern::parse("ab(c"), HasMessage("character 3"));
}

}  // namespace
}  // namespace bullion
