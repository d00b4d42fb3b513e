#include "storage/overlay.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion::storage {
namespace {

TEST(Overlay, WritesNeverReachTheBase) {
  const auto base = memory_file_system();
  const auto scratch = memory_file_system();
  ASSERT_THAT(base->create("a/one", "1"), IsOk());
  const auto overlay = overlay_file_system(*base, *scratch, {""});
  ASSERT_THAT(overlay->create("a/two", "2"), IsOk());
  EXPECT_THAT(overlay->create("a/one", "x"), IsErrorOf(ErrorKind::Conflict));
  EXPECT_EQ(*overlay->read("a/one"), "1");
  EXPECT_EQ(overlay->list("a")->size(), 2U);
  EXPECT_EQ(base->list("a")->size(), 1U);
}

TEST(Overlay, HidesWhatIsOutsideThePrefixes) {
  const auto base = memory_file_system();
  const auto scratch = memory_file_system();
  ASSERT_THAT(base->create("landing/s/1.json", "1"), IsOk());
  ASSERT_THAT(base->create("releases/1.json", "1"), IsOk());
  const auto overlay = overlay_file_system(*base, *scratch, {"landing/"});
  EXPECT_EQ(*overlay->read("landing/s/1.json"), "1");
  EXPECT_THAT(overlay->read("releases/1.json"), IsErrorOf(ErrorKind::NotFound));
  EXPECT_TRUE(overlay->list("releases")->empty());
  EXPECT_EQ(overlay->list_recursive("landing")->size(), 1U);
}

}  // namespace
}  // namespace bullion::storage
