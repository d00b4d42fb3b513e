#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "server/url_internal.h"

namespace bullion::server {
namespace {

using testing::ElementsAre;
using testing::Pair;

TEST(Url, TakesPathAndParametersApart) {
  const auto target = parse_target("/tables/a%2Fb?where=x%20%3D+1&limit=5&limit=6&flag&&empty=");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->raw_path, "/tables/a%2Fb");
  EXPECT_THAT(target->query, ElementsAre(Pair("where", "x = 1"), Pair("limit", "5"),
                                         Pair("limit", "6"), Pair("flag", ""), Pair("empty", "")));
}

TEST(Url, RefusesWhatIsNoPathOrNoUtf8) {
  for (const char* target :
       {"", "*", "http://x/", "/?a=%", "/?a=%4", "/?a=%zz", "/?%c3=1", "/?a=%00", "/?a=%c0%80",
        "/?a=%ed%a0%80", "/?a=%f4%90%80%80", "/?a=\xff"}) {
    EXPECT_FALSE(parse_target(target).has_value()) << target;
  }
  EXPECT_TRUE(parse_target("/?a=%f4%8f%bf%bf").has_value());
}

TEST(Url, RefusesMoreParametersThanAnybodyNeeds) {
  std::string target = "/?";
  for (int i = 0; i < 200; ++i) target += "a=1&";
  EXPECT_TRUE(parse_target(target).has_value());
  EXPECT_FALSE(parse_target(target + "a=1").has_value());
}

TEST(Url, KeepsPlusInPaths) {
  EXPECT_EQ(decode_percent("a+b", false), "a+b");
  EXPECT_EQ(decode_percent("a+b%2B", true), "a b+");
}

}  // namespace
}  // namespace bullion::server
