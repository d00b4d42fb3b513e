// Encodings, from a file's bytes to text.
#include "records/byte_source.h"

#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "records/csv_reader.h"

namespace bullion::records {
namespace {

using std::string_literals::operator""s;
using testing::HasSubstr;

class BytesReader final : public storage::FileReader {
 public:
  explicit BytesReader(std::string_view bytes) : bytes_(bytes) {}
  Result<size_t> read(char* buffer, size_t capacity) override {
    // Odd steps cut characters of two bytes.
    const size_t count = std::min({capacity, bytes_.size(), size_t{7}});
    std::memcpy(buffer, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
};

project::FileFormat encoded(std::vector<std::string> encodings) {
  project::FileFormat format;
  format.encodings = std::move(encodings);
  return format;
}

OpenedText open(std::string_view bytes, const project::FileFormat& format) {
  auto text = open_text(
      [&]() -> Result<std::unique_ptr<storage::FileReader>> {
        return std::unique_ptr<storage::FileReader>(std::make_unique<BytesReader>(bytes));
      },
      format, nullptr);
  EXPECT_THAT(text, IsOk());
  return text ? *std::move(text) : OpenedText{};
}

/// The whole text; "code: reason" of a fault.
std::string read(std::string_view bytes, std::vector<std::string> encodings = {"utf-8"}) {
  const OpenedText text = open(bytes, encoded(std::move(encodings)));
  if (text.fault) return text.fault->code + ": " + text.fault->reason;
  std::string all;
  std::string block(100, '\0');
  for (;;) {
    const auto got = text.bytes->read(block.data(), block.size());
    EXPECT_THAT(got, IsOk());
    if (!got || *got == 0) return all;
    all.append(block, 0, *got);
  }
}

std::string utf16(std::u16string_view text, bool big_endian) {
  std::string bytes;
  for (const char16_t unit : text) {
    const auto high = static_cast<char>(unit >> 8);
    const auto low = static_cast<char>(unit & 0xFF);
    bytes += big_endian ? high : low;
    bytes += big_endian ? low : high;
  }
  return bytes;
}

TEST(OpenText, DecodesWhatIsDeclared) {
  EXPECT_EQ(read("caf\xE9 \x80 \x97", {"windows-1252"}), "caf\u00E9 \u20AC \u2014");
  EXPECT_EQ(read("caf\xE9 \xA4", {"ISO-8859-15"}), "caf\u00E9 \u20AC");
  EXPECT_EQ(read("caf\xE9 \xA4", {"latin1"}), "caf\u00E9 \u00A4");
  const std::u16string_view text = u"caf\u00E9;\u20AC;\U0001F4B6\n";
  const std::string expected = "caf\u00E9;\u20AC;\U0001F4B6\n";
  for (const bool big_endian : {false, true}) {
    const std::string bytes = utf16(text, big_endian);
    EXPECT_EQ(read(bytes, {big_endian ? "utf-16be" : "utf-16le"}), expected);
    EXPECT_EQ(read(bytes, {"UTF-16"}), expected);
    EXPECT_EQ(read((big_endian ? "\xFE\xFF" : "\xFF\xFE") + bytes), expected);
  }
}

TEST(OpenText, TakesTheFirstEncodingThatFitsTheWholeFile) {
  const std::vector<std::string> both{"utf-8", "windows-1252"};
  const std::string ascii(200'000, 'a');
  EXPECT_EQ(read(ascii + "\xC3\xA9", both), ascii + "\u00E9");
  EXPECT_EQ(read(ascii + "\xE9 \xC3\xA9", both), ascii + "\u00E9 \u00C3\u00A9");
  EXPECT_EQ(read(ascii + "\xC3\xA9", {"windows-1252", "utf-8"}), ascii + "\u00C3\u00A9");
  // Neither fits; Windows-1252 leaves one byte over, UTF-8 two.
  EXPECT_EQ(read("\xE9 \xE9 \x81", both), "\u00E9 \u00E9 \xFF");
}

TEST(OpenText, BelievesAByteOrderMarkMoreThanTheSource) {
  EXPECT_EQ(read("\xEF\xBB\xBFid,\xC3\xA9", {"windows-1252"}), "id,\u00E9");
  EXPECT_EQ(read("\xFF\xFE"s + utf16(u"id", false), {"windows-1252"}), "id");
}

TEST(OpenText, TakesMarksOffThatWereDecodedAsLetters) {
  EXPECT_EQ(read("\u00EF\u00BB\u00BFid"), "id");
  EXPECT_EQ(read("\xEF\xBB\xBF\xEF\xBB\xBFid"), "id");
  EXPECT_EQ(read("\u00C3\u00AF\u00C2\u00BB\u00C2\u00BFid"), "id");
  EXPECT_EQ(read("\u00C3\u00AF\u00BB\u00BFid"), "id");
  EXPECT_EQ(read("id\u00EF\u00BB\u00BF"), "id\u00EF\u00BB\u00BF");
}

TEST(OpenText, RefusesWhatItCannotRead) {
  EXPECT_THAT(read("x", {"klingon-1"}), HasSubstr("encoding: `klingon-1` is no encoding"));
  EXPECT_THAT(read(utf16(u"id,amount\n1,2\n", false)), HasSubstr("`encoding: utf-16le`"));
  EXPECT_THAT(read(utf16(u"id,amount\n1,2\n", true)), HasSubstr("`encoding: utf-16be`"));
}

std::vector<Fault> faults_of_csv(std::string_view bytes, std::vector<std::string> encodings,
                                 size_t block_bytes) {
  OpenedText text = open(bytes, encoded(std::move(encodings)));
  EXPECT_FALSE(text.fault);
  CsvReader reader(std::move(text.bytes), {}, block_bytes);
  TableRow row;
  std::vector<Fault> faults;
  while (*reader.next(row)) {
    for (Fault& fault : row.faults) {
      fault.reason = std::to_string(row.line) + ' ' + fault.reason;
      faults.push_back(std::move(fault));
    }
  }
  return faults;
}

TEST(OpenText, NamesTheByteThatIsNoCharacter) {
  for (const size_t block : {1U, 16U, 4096U}) {
    auto faults = faults_of_csv(
        "\xEF\xBB\xBF"
        "a,b\n1,2\n3,\xE9\n4,5\n",
        {"utf-8"}, block);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].code, "invalid-utf8");
    EXPECT_THAT(faults[0].reason, testing::StartsWith("3 byte 0xE9 at byte offset 13 of"));
    faults = faults_of_csv("\xE9,b\n1,\xE9\n3,\x81\n4,5\n", {"windows-1252"}, block);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].code, "undecodable-text");
    EXPECT_THAT(faults[0].reason, HasSubstr("at byte offset 10 of the file that are no "
                                            "character of windows-1252"));
    faults = faults_of_csv("\xFF\xFE"s + utf16(u"a\n\xD800\nb\n", false), {"utf-8"}, block);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_THAT(faults[0].reason, HasSubstr("2 the record holds bytes at byte offset 6"));
  }
}

}  // namespace
}  // namespace bullion::records
