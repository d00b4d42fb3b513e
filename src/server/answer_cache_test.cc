#include "server/answer_cache.h"

#include <atomic>
#include <thread>
#include <vector>

#include <gmock/gmock.h>

#include "base/result_matchers.h"

namespace bullion::server {
namespace {

int64_t value_of(const AnswerCache& cache, const std::string& name) {
  for (const Sample& sample : cache.samples()) {
    if (sample.name == name) return sample.value;
  }
  return -1;
}

TEST(AnswerCache, MakesAnAnswerOnceAndNamesItByItsContent) {
  AnswerCache cache;
  int made = 0;
  const auto make = [&]() -> Result<std::string> {
    ++made;
    return std::string("body");
  };
  const auto first = cache.get("k", 3, make);
  const auto second = cache.get("k", 3, make);
  ASSERT_THAT(first, IsOk());
  EXPECT_EQ(first->get(), second->get());
  EXPECT_EQ(made, 1);
  EXPECT_THAT((*first)->etag, testing::StartsWith("\"r3-"));
  EXPECT_EQ(value_of(cache, "bullion_cache_hits_total"), 1);
  EXPECT_EQ(value_of(cache, "bullion_cache_misses_total"), 1);
}

TEST(AnswerCache, KeepsToItsBytesAndForgetsTheLeastRecentlyUsed) {
  AnswerCache cache(10'000);
  const auto make = [] { return Result<std::string>(std::string(1500, 'x')); };
  for (const char* key : {"a", "b", "c", "d", "e"}) EXPECT_THAT(cache.get(key, 1, make), IsOk());
  EXPECT_THAT(cache.get("a", 1, make), IsOk());
  for (const char* key : {"f", "g"}) EXPECT_THAT(cache.get(key, 1, make), IsOk());
  EXPECT_LE(value_of(cache, "bullion_cache_bytes"), 10'000);
  const int64_t hits = value_of(cache, "bullion_cache_hits_total");
  EXPECT_THAT(cache.get("a", 1, make), IsOk());
  EXPECT_EQ(value_of(cache, "bullion_cache_hits_total"), hits + 1);
  EXPECT_THAT(cache.get("b", 1, make), IsOk());
  EXPECT_EQ(value_of(cache, "bullion_cache_hits_total"), hits + 1);
}

TEST(AnswerCache, DoesNotKeepFailuresOrAnswersThatPushOutTheRest) {
  AnswerCache cache(10'000);
  int made = 0;
  const auto fail = [&]() -> Result<std::string> {
    ++made;
    return invalid("no");
  };
  EXPECT_THAT(cache.get("k", 1, fail), IsErrorOf(ErrorKind::Invalid));
  EXPECT_THAT(cache.get("k", 1, fail), IsErrorOf(ErrorKind::Invalid));
  EXPECT_EQ(made, 2);
  EXPECT_THAT(cache.get("big", 1, [] { return Result<std::string>(std::string(5000, 'x')); }),
              IsOk());
  EXPECT_EQ(value_of(cache, "bullion_cache_entries"), 0);
}

TEST(AnswerCache, LetsOneMakeWhatManyWaitFor) {
  AnswerCache cache;
  std::atomic<int> made = 0;
  std::atomic<int> asked = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      ++asked;
      const auto answer = cache.get("k", 1, [&]() -> Result<std::string> {
        ++made;
        while (asked < 8) std::this_thread::yield();
        return std::string("body");
      });
      EXPECT_THAT(answer, IsOk());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(made, 1);
}

TEST(AnswerCache, LetsTheNextOneMakeWhatTheFirstHasLeft) {
  AnswerCache cache;
  std::atomic<bool> second_waits = false;
  std::atomic<bool> first_makes = false;
  std::thread first([&] {
    const auto answer = cache.get("k", 1, [&]() -> Result<std::string> {
      first_makes = true;
      while (!second_waits) std::this_thread::yield();
      return interrupted("left");
    });
    EXPECT_THAT(answer, IsErrorOf(ErrorKind::Interrupted));
  });
  while (!first_makes) std::this_thread::yield();
  second_waits = true;
  const auto answer = cache.get("k", 1, [] { return Result<std::string>(std::string("mine")); });
  first.join();
  ASSERT_THAT(answer, IsOk());
  EXPECT_EQ((*answer)->body, "mine");
}

}  // namespace
}  // namespace bullion::server
