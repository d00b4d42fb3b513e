#include "records/archive.h"

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "base/sha256.h"
#include "records/packed_archive.h"

namespace bullion::records {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Archive : public testing::Test {
 protected:
  std::string put(std::string_view bytes) {
    const std::string path = "f" + std::to_string(++files_made_);
    EXPECT_THAT(files_->create(path, bytes), IsOk());
    return path;
  }
  ArchiveListing list(std::string_view bytes) {
    auto listing = list_archive(*files_, put(bytes), format_, {});
    EXPECT_THAT(listing, IsOk());
    return listing ? *std::move(listing) : ArchiveListing{};
  }
  std::vector<std::string> names(std::string_view bytes) {
    std::vector<std::string> all;
    const ArchiveListing listing = list(bytes);
    if (listing.fault) all.push_back("fault " + listing.fault->code);
    for (const ArchiveMember& member : listing.members) all.push_back(member.name);
    return all;
  }
  std::string why(std::string_view bytes) {
    const ArchiveListing listing = list(bytes);
    EXPECT_TRUE(listing.members.empty() || !listing.fault);
    return listing.fault ? listing.fault->code + ": " + listing.fault->reason : "readable";
  }
  Result<std::string> member(std::string_view bytes, const std::string& name, int64_t size) {
    BULLION_TRY_ASSIGN(const auto reader, open_member(*files_, put(bytes), name, size));
    std::string all;
    std::string buffer(7, '\0');
    for (;;) {
      BULLION_TRY_ASSIGN(const size_t count, reader->read(buffer.data(), buffer.size()));
      if (count == 0) return all;
      all.append(buffer, 0, count);
    }
  }
  ContainerKind kind(std::string_view bytes) {
    auto kind = container_kind(*files_, put(bytes));
    EXPECT_THAT(kind, IsOk());
    return *kind;
  }

  std::unique_ptr<storage::FileSystem> files_ = storage::memory_file_system();
  project::FileFormat format_;
  int files_made_ = 0;
};

TEST_F(Archive, IsToldByItsBytesWhateverItsName) {
  for (const char* format : {"tar", "tar.gz", "tar.zst"}) {
    EXPECT_EQ(kind(packed({{"a.csv", "x"}}, format)), ContainerKind::Tar) << format;
  }
  EXPECT_EQ(kind(packed({{"a.csv", "x"}})), ContainerKind::Zip);
  EXPECT_EQ(kind(packed({{"[Content_Types].xml", "x"}})), ContainerKind::Workbook);
  EXPECT_EQ(kind("a,b\n1,2\n"), ContainerKind::None);
  EXPECT_EQ(kind(std::string(600, ' ')), ContainerKind::None);
  EXPECT_EQ(kind(""), ContainerKind::None);
}

TEST_F(Archive, ListsItsFilesWithTheirHashesAndGivesTheirBytes) {
  for (const char* format : {"zip", "tar", "tar.gz", "tar.zst"}) {
    const std::string bytes = packed(
        {{"b/", ""}, {"b/two.csv", "2,2\n"}, {"one.csv", "1\n"}, {"l", "->one.csv"}}, format);
    const ArchiveListing listing = list(bytes);
    ASSERT_EQ(listing.members.size(), 2U) << format;
    EXPECT_EQ(listing.members[0].name, "b/two.csv");
    EXPECT_EQ(listing.members[0].size, 4);
    EXPECT_EQ(listing.members[0].sha256, sha256_hex("2,2\n"));
    EXPECT_EQ(listing.members[1].name, "one.csv");
    EXPECT_THAT(member(bytes, "one.csv", 2), IsOk());
    EXPECT_EQ(*member(bytes, "b/two.csv", 4), "2,2\n");
    EXPECT_THAT(member(bytes, "b/two.csv", 3), IsErrorOf(ErrorKind::Corrupt));
    EXPECT_THAT(member(bytes, "three.csv", 3), HasMessage("three.csv"));
  }
}

TEST_F(Archive, LeavesOutHiddenMembers) {
  EXPECT_THAT(names(packed({{"a.csv", "1"},
                            {"__MACOSX/._a.csv", "1"},
                            {".DS_Store", "1"},
                            {"x/.hidden/b.csv", "1"},
                            {"~$book.xlsx", "1"},
                            {"Thumbs.db", "1"}})),
              ElementsAre("a.csv"));
}

TEST_F(Archive, LeavesOutWhatNoPatternOfTheSourceMatches) {
  format_.members = {"*.csv", "deep/*.txt"};
  EXPECT_THAT(names(packed({{"x/a.csv", "1"}, {"deep/b.txt", "1"}, {"c.txt", "1"}})),
              ElementsAre("deep/b.txt", "x/a.csv"));
  EXPECT_THAT(why(packed({{"readme.md", "1"}})),
              HasSubstr("no member of the archive matches `members` (*.csv, deep/*.txt); it holds "
                        "readme.md"));
}

TEST_F(Archive, TakesNamesThatPointElsewhereAsNamesAlone) {
  EXPECT_THAT(
      names(packed({{"../../etc/x.csv", "1"}, {"/abs.csv", "2"}, {"\xE9t\xE9.csv", "3"}}, "tar")),
      testing::SizeIs(3));
}

TEST_F(Archive, RefusesEncryptedMembersByName) {
  EXPECT_THAT(why(packed({{"a.csv", "secret"}}, "zip", "password")),
              HasSubstr("encrypted-archive: member `a.csv` is encrypted"));
}

TEST_F(Archive, RefusesAnArchiveInsideAnArchive) {
  const std::string inner = packed({{"a.csv", "1"}});
  EXPECT_THAT(why(packed({{"in.zip", inner}})), HasSubstr("nested-archive: member `in.zip`"));
  EXPECT_THAT(why(packed({{"in.dat", packed({{"a", "1"}}, "tar")}}, "tar")),
              HasSubstr("nested-archive"));
  EXPECT_THAT(why(packed({{"in.tgz", packed({{"a", "1"}}, "tar.gz")}})),
              HasSubstr("nested-archive"));
  format_.members = {"*.csv"};
  EXPECT_THAT(names(packed({{"in.zip", inner}, {"b.csv", "2"}})), ElementsAre("b.csv"));
}

TEST_F(Archive, RefusesABombWhileItUnpacks) {
  const std::string zeros(size_t{80} << 20, '\0');
  EXPECT_THAT(why(packed({{"bomb.csv", zeros}})),
              HasSubstr("archive-limit: the archive unpacks to more than 250 times its"));
  EXPECT_THAT(why(packed({{"bomb.csv", zeros}}, "tar.zst")), HasSubstr("archive-limit"));
}

TEST_F(Archive, RefusesTwoMembersOfOneName) {
  EXPECT_THAT(why(packed({{"a.csv", "1"}, {"a.csv", "2"}}, "tar")), HasSubstr("archive-names"));
}

TEST_F(Archive, RefusesDamagedAndCutArchives) {
  std::string noise(100'000, '\0');
  unsigned state = 1;
  for (char& c : noise) c = static_cast<char>((state = state * 1664525U + 1013904223U) >> 24U);
  for (const char* format : {"zip", "tar", "tar.gz", "tar.zst"}) {
    const std::string bytes = packed({{"a.csv", noise}}, format);
    EXPECT_THAT(why(bytes.substr(0, bytes.size() / 2)), HasSubstr("bad-archive")) << format;
  }
  std::string flipped = packed({{"a.csv", noise}});
  flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 1);
  EXPECT_THAT(why(flipped), HasSubstr("bad-archive"));
  EXPECT_THAT(why(packed({{"a/", ""}})), HasSubstr("empty-archive"));
}

}  // namespace
}  // namespace bullion::records
