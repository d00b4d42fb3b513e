#include <algorithm>
#include <array>

#include <zlib.h>
#include <zstd.h>

#include "records/container_magic_internal.h"
#include "records/file_kind_internal.h"

namespace bullion::records {
namespace {

// Places in a TAR header and in the header of a ZIP entry (PKWARE's APPNOTE, 4.3.7).
constexpr size_t kTarSumAt = 148;
constexpr size_t kTarSumBytes = 8;
constexpr size_t kZipNameSizeAt = 26;
constexpr size_t kZipNameAt = 30;

std::string inflate_first(std::string_view compressed) {
  std::string out(kTarHeaderBytes, '\0');
  z_stream stream{};
  if (inflateInit2(&stream, 16 + MAX_WBITS) != Z_OK) return "";
  std::string in(compressed);
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  static_cast<void>(inflate(&stream, Z_SYNC_FLUSH));
  out.resize(out.size() - stream.avail_out);
  inflateEnd(&stream);
  return out;
}

std::string unzstd_first(std::string_view compressed) {
  std::string out(kTarHeaderBytes, '\0');
  ZSTD_DStream* stream = ZSTD_createDStream();
  if (stream == nullptr) return "";
  ZSTD_inBuffer in{compressed.data(), compressed.size(), 0};
  ZSTD_outBuffer room{out.data(), out.size(), 0};
  while (room.pos < room.size) {
    const size_t had_in = in.pos;
    const size_t had_out = room.pos;
    if (ZSTD_isError(ZSTD_decompressStream(stream, &room, &in)) != 0) break;
    if (in.pos == had_in && room.pos == had_out) break;
  }
  ZSTD_freeDStream(stream);
  out.resize(room.pos);
  return out;
}

}  // namespace

bool is_tar_header(std::string_view first_bytes) {
  if (first_bytes.size() < kTarHeaderBytes || first_bytes[0] == '\0') return false;
  const std::string_view stored = first_bytes.substr(kTarSumAt, kTarSumBytes);
  size_t wanted = 0;
  size_t digits = 0;
  for (const char c : stored) {
    if (c == ' ' && digits == 0) continue;
    if (c < '0' || c > '7') break;
    wanted = wanted * 8 + static_cast<size_t>(c - '0');
    ++digits;
  }
  size_t sum = 0;
  for (size_t i = 0; i < kTarHeaderBytes; ++i) {
    const bool is_sum = i >= kTarSumAt && i < kTarSumAt + kTarSumBytes;
    sum += is_sum ? size_t{' '} : static_cast<unsigned char>(first_bytes[i]);
  }
  return digits > 0 && sum == wanted;
}

bool is_workbook_start(std::string_view first_bytes) {
  if (!first_bytes.starts_with("PK\3\4") || first_bytes.size() < kZipNameAt) return false;
  const size_t low = static_cast<unsigned char>(first_bytes[kZipNameSizeAt]);
  const size_t high = static_cast<unsigned char>(first_bytes[kZipNameSizeAt + 1]);
  const size_t size = high * 256 + low;
  const std::string_view name = first_bytes.substr(kZipNameAt, size);
  static constexpr std::array<std::string_view, 4> kFolders{"_rels/", "docProps/", "xl/",
                                                            "customXml/"};
  return name == "[Content_Types].xml" ||
         std::any_of(kFolders.begin(), kFolders.end(),
                     [&](std::string_view folder) { return name.starts_with(folder); });
}

std::string first_unpacked_bytes(std::string_view first_bytes) {
  switch (compression_of(first_bytes)) {
    case Compression::Gzip:
      return inflate_first(first_bytes);
    case Compression::Zstd:
      return unzstd_first(first_bytes);
    case Compression::None:
      break;
  }
  return "";
}

}  // namespace bullion::records
