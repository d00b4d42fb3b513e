#include "domains/embedded.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bullion::domains {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string_view bytes_of(std::string_view path) {
  const auto files = embedded_files();
  const auto found = std::ranges::find(files, path, &EmbeddedFile::path);
  return found == files.end() ? std::string_view() : found->bytes;
}

TEST(EmbeddedFiles, AreSortedByPathWithoutRepetition) {
  const auto files = embedded_files();
  EXPECT_FALSE(files.empty());
  EXPECT_EQ(std::ranges::adjacent_find(files, std::greater_equal<>(), &EmbeddedFile::path),
            files.end());
}

TEST(EmbeddedFiles, HoldEveryFileOfTheSourceTreeByteForByte) {
  const fs::path folder = BULLION_DOMAINS_FOLDER;
  std::set<std::string> on_disk;
  for (const auto& domain : fs::directory_iterator(folder)) {
    if (!domain.is_directory()) continue;
    for (const auto& entry : fs::recursive_directory_iterator(domain)) {
      if (!entry.is_regular_file()) continue;
      const std::string path = fs::relative(entry.path(), folder).generic_string();
      on_disk.insert(path);
      EXPECT_TRUE(bytes_of(path) == read_file(entry.path()))
          << path << " is missing in domains/CMakeLists.txt or differs";
    }
  }
  EXPECT_EQ(on_disk.size(), embedded_files().size());
}

TEST(EmbeddedFiles, KeepQuotesAndTheLastLineBreak) {
  EXPECT_THAT(bytes_of("cloud_cost/tests/sign_rule.sql"),
              testing::HasSubstr("'{{ var('sign_preset') }}' = 'strict'"));
  EXPECT_THAT(bytes_of("cloud_cost/models/silver/billing_events.sql"),
              testing::EndsWith("FROM raw_billing_events\n"));
}

}  // namespace
}  // namespace bullion::domains
