#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "records/file_kind_internal.h"

namespace bullion::records {
namespace {

struct Magic {
  std::string_view bytes;
  std::string_view name;
};

// Longer marks come before shorter ones that they begin with.
constexpr std::array<Magic, 5> kEncodings{{{{"\xFF\xFE\0\0", 4}, "utf-32le"},
                                           {{"\0\0\xFE\xFF", 4}, "utf-32be"},
                                           {"\xFF\xFE", "utf-16le"},
                                           {"\xFE\xFF", "utf-16be"},
                                           {"\xEF\xBB\xBF", "utf-8"}}};

constexpr std::array<Magic, 16> kFormats{{
    {"PAR1", "a Parquet file"},
    {{"PK\3\4", 4}, "an Excel workbook (.xlsx) or another ZIP archive"},
    {"\xD0\xCF\x11\xE0", "an old Excel workbook (.xls)"},
    {"\x1F\x8B", "gzip data inside a compressed file"},
    {"\x28\xB5\x2F\xFD", "zstd data inside a compressed file"},
    {{"\xFD\x37zXZ\0", 6}, "xz data; compress it with gzip or zstd instead"},
    {"BZh", "bzip2 data; compress it with gzip or zstd instead"},
    {"7z\xBC\xAF", "a 7-Zip archive"},
    {"%PDF-", "a PDF document"},
    {"ORC", "an ORC file"},
    {{"Obj\1", 4}, "an Avro file"},
    {"ARROW1", "an Arrow file"},
    {"SQLite format 3", "an SQLite database"},
    {"\x89PNG", "a PNG image"},
    {"\xFF\xD8\xFF", "a JPEG image"},
    {"\x7F"
     "ELF",
     "a program"},
}};

template <size_t N>
std::string_view find_magic(const std::array<Magic, N>& known, std::string_view first_bytes) {
  for (const Magic& magic : known) {
    if (first_bytes.starts_with(magic.bytes)) return magic.name;
  }
  return "";
}

/// NUL bytes at even and at odd places.
std::array<size_t, 2> count_nuls(std::string_view block) {
  std::array<size_t, 2> nuls{};
  for (size_t i = 0; i < block.size(); ++i) {
    if (block[i] == '\0') ++nuls[i % 2];
  }
  return nuls;
}

/// UTF-16 without a mark: half of the bytes of plain text are NUL, all on the same side.
bool looks_like_utf16(std::string_view block) {
  if (block.size() < 4) return false;
  const auto [even, odd] = count_nuls(block);
  return std::max(even, odd) * 4 > block.size() && std::min(even, odd) * 16 < block.size();
}

FileFault utf16_fault(std::string_view encoding) {
  return {.code = "encoding",
          .reason = fmt::format("the file looks like UTF-16 without a byte order mark; declare "
                                "`encoding: {}` in its source",
                                encoding),
          .line = 0,
          .raw = ""};
}

}  // namespace

Compression compression_of(std::string_view first_bytes) {
  if (first_bytes.starts_with("\x1F\x8B")) return Compression::Gzip;
  if (first_bytes.starts_with("\x28\xB5\x2F\xFD")) return Compression::Zstd;
  // Skippable zstd frames: 0x184D2A50 to 0x184D2A5F, little-endian.
  if (first_bytes.size() >= 4 && (static_cast<unsigned char>(first_bytes[0]) & 0xF0) == 0x50 &&
      first_bytes.substr(1, 3) == "\x2A\x4D\x18") {
    return Compression::Zstd;
  }
  return Compression::None;
}

std::string marked_encoding(std::string_view first_block) {
  return std::string(find_magic(kEncodings, first_block));
}

std::string utf16_byte_order(std::string_view first_block) {
  const auto [even, odd] = count_nuls(first_block);
  return even > odd ? "utf-16be" : "utf-16le";
}

std::string binary_format_name(std::string_view first_bytes) {
  return std::string(find_magic(kFormats, first_bytes));
}

std::optional<FileFault> fault_of_text(std::string_view first_block) {
  if (first_block.empty()) {
    return FileFault{
        .code = "empty-file", .reason = "empty file: it has no bytes", .line = 0, .raw = ""};
  }
  if (looks_like_utf16(first_block)) return utf16_fault(utf16_byte_order(first_block));

  std::string looks_like;
  const std::string_view first_line = first_block.substr(0, first_block.find_first_of("\r\n"));
  const auto nuls = static_cast<size_t>(std::count(first_block.begin(), first_block.end(), '\0'));
  // Text formats may begin with the letters of a magic ("ORC,..."), so those need a NUL as a
  // witness.
  const std::string_view format = find_magic(kFormats, first_block);
  const bool is_certain = !format.empty() && (static_cast<unsigned char>(first_block[0]) >= 0x80 ||
                                              static_cast<unsigned char>(first_block[0]) < 0x20 ||
                                              first_block.starts_with("PK\3\4"));
  if (is_certain || (!format.empty() && nuls > 0) || first_block.starts_with("%PDF-")) {
    looks_like = format;
  } else if (first_line.find('\0') != std::string_view::npos || nuls * 32 > first_block.size()) {
    looks_like =
        fmt::format("binary data ({} NUL bytes in its first {} bytes)", nuls, first_block.size());
  }
  if (looks_like.empty()) return std::nullopt;
  return FileFault{
      .code = "binary-file",
      .reason = fmt::format("binary file: it looks like {}, and text was expected; export it "
                            "as CSV or JSON lines, or correct `format` of the source",
                            looks_like),
      .line = 0,
      .raw = ""};
}

}  // namespace bullion::records
