#include <chrono>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "engine/duckdb/spill_folder_internal.h"
#include "storage/temporary_folder.h"

namespace bullion::engine {
namespace {

namespace fs = std::filesystem;

/// A folder with a file in it that was last changed some hours ago.
fs::path old_folder(const storage::TemporaryFolder& base, const std::string& name, int hours) {
  const fs::path folder = fs::path(base.path()) / name;
  fs::create_directories(folder);
  std::ofstream(folder / "duckdb_temp_storage-0.tmp") << "rows";
  fs::last_write_time(folder, fs::file_time_type::clock::now() - std::chrono::hours(hours));
  return folder;
}

TEST(SpillFolder, IsRemovedWithItsEngine) {
  const storage::TemporaryFolder base;
  std::string path;
  {
    SpillFolder folder;
    ASSERT_THAT(folder.create(base.path()), IsOk());
    path = folder.path();
    EXPECT_TRUE(fs::exists(path));
  }
  EXPECT_FALSE(fs::exists(path));
}

TEST(SpillFolder, OfAKilledProcessIsRemovedByTheNext) {
  const storage::TemporaryFolder base;
  const fs::path killed = old_folder(base, "bullion-spill-killed", 1);
  std::ofstream(killed / "lock") << "";
  fs::last_write_time(killed, fs::file_time_type::clock::now() - std::chrono::hours(1));
  const fs::path before_locks = old_folder(base, "bullion-spill-earlier", 25);
  const fs::path other = old_folder(base, "somebody-else", 99);
  SpillFolder folder;
  ASSERT_THAT(folder.create(base.path()), IsOk());
  EXPECT_FALSE(fs::exists(killed));
  EXPECT_FALSE(fs::exists(before_locks));
  EXPECT_TRUE(fs::exists(other));
}

TEST(SpillFolder, OfALivingProcessStaysHoweverOldItIs) {
  const storage::TemporaryFolder base;
  SpillFolder living;
  ASSERT_THAT(living.create(base.path()), IsOk());
  fs::last_write_time(living.path(), fs::file_time_type::clock::now() - std::chrono::hours(48));
  const fs::path young = old_folder(base, "bullion-spill-young", 0);
  const fs::path earlier = old_folder(base, "bullion-spill-earlier", 2);
  SpillFolder folder;
  ASSERT_THAT(folder.create(base.path()), IsOk());
  EXPECT_TRUE(fs::exists(living.path()));
  EXPECT_TRUE(fs::exists(young));
  EXPECT_TRUE(fs::exists(earlier));
}

}  // namespace
}  // namespace bullion::engine
