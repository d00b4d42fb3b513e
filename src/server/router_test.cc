#include "server/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bullion::server {
namespace {

using testing::ElementsAre;
using testing::Pair;

Handler answering(const std::string& body) {
  return [body](const Request&) { return json_response(body); };
}

TEST(Router, GivesThePathsParametersDecoded) {
  Router router;
  router.add("GET", "/tables/{table}/rows", answering("rows"));
  const auto match = router.match("GET", "/tables/a%20b%2Fc/rows");
  ASSERT_TRUE(match.has_value());
  ASSERT_NE(match->handler, nullptr);
  EXPECT_THAT(match->parameters, ElementsAre(Pair("table", "a b/c")));
  EXPECT_EQ(match->pattern, "/tables/{table}/rows");
}

TEST(Router, PrefersALiteralSegmentOverAParameter) {
  Router router;
  router.add("GET", "/runs/{id}", answering("one"));
  router.add("GET", "/runs/latest", answering("latest"));
  const auto match = router.match("GET", "/runs/latest");
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ((*match->handler)(Request{}).body, "latest");
  EXPECT_EQ((*router.match("GET", "/runs/7")->handler)(Request{}).body, "one");
}

TEST(Router, KnowsWhichMethodsAPathHas) {
  Router router;
  router.add("POST", "/runs", answering("start"), Access::Open);
  router.add("GET", "/runs", answering("list"));
  const auto match = router.match("DELETE", "/runs");
  ASSERT_TRUE(match.has_value());
  EXPECT_EQ(match->handler, nullptr);
  EXPECT_THAT(match->methods, ElementsAre("GET", "POST"));
  EXPECT_EQ(router.match("POST", "/runs")->access, Access::Open);
  EXPECT_EQ(router.match("GET", "/runs")->access, Access::SignedIn);
}

TEST(Router, FitsWholeNonEmptySegmentsOnly) {
  Router router;
  router.add("GET", "/tables/{table}", answering("table"));
  for (const char* path : {"", "tables/a", "/tables", "/tables/", "/tables/a/", "/tables/a/b",
                           "/TABLES/a", "/tables/%zz", "/tables/%ff", "/tables/%00"}) {
    EXPECT_FALSE(router.match("GET", path).has_value()) << path;
  }
}

}  // namespace
}  // namespace bullion::server
