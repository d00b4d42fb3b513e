#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "infer/sample_internal.h"

namespace bullion::infer {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;

/// Takes decompressed bytes in order and keeps the parts that are looked at.
class Keeper {
 public:
  /// False when nothing further is wanted.
  bool add(std::string_view bytes) {
    const size_t room = kWholeBytesMax > first_.size() ? kWholeBytesMax - first_.size() : 0;
    first_.append(bytes.substr(0, room));
    total_ += bytes.size();
    if (bytes.size() > room) {
      tail_.append(bytes.substr(room));
      if (tail_.size() > 4 * kLaterBytes) tail_.erase(0, tail_.size() - kLaterBytes);
    }
    return total_ < kUnpackedBytesMax;
  }

  void finish(Sample& sample) {
    if (total_ == 0) return;
    sample.is_whole = total_ <= kWholeBytesMax;
    if (sample.is_whole) {
      sample.pieces.push_back(std::move(first_));
      return;
    }
    sample.pieces.push_back(lines_of(first_.substr(0, kFirstBytes), true));
    const size_t middle = kFirstBytes + (kWholeBytesMax - kFirstBytes) / 2;
    sample.pieces.push_back(lines_of(first_.substr(middle, kLaterBytes), false));
    const size_t tail = std::min(tail_.size(), kLaterBytes);
    sample.pieces.push_back(lines_of(tail_.substr(tail_.size() - tail), false));
    std::erase_if(sample.pieces, [](const std::string& piece) { return piece.empty(); });
  }

  /// Without the line that begins before the piece and the one that ends behind it.
  static std::string lines_of(std::string bytes, bool is_first) {
    if (!is_first) bytes.erase(0, std::min(bytes.size(), bytes.find('\n') + 1));
    const size_t end = bytes.rfind('\n');
    if (end != std::string::npos) bytes.resize(end + 1);
    return bytes;
  }

 private:
  std::string first_;
  std::string tail_;
  size_t total_ = 0;
};

void read_plain(std::ifstream& file, int64_t size, Sample& sample) {
  const auto read_at = [&](int64_t offset, size_t count) {
    std::string bytes(count, '\0');
    file.clear();
    file.seekg(offset);
    file.read(bytes.data(), static_cast<std::streamsize>(count));
    bytes.resize(static_cast<size_t>(file.gcount()));
    return bytes;
  };
  sample.is_whole = size <= static_cast<int64_t>(kWholeBytesMax);
  if (sample.is_whole) {
    sample.pieces.push_back(read_at(0, static_cast<size_t>(size)));
    return;
  }
  sample.pieces.push_back(Keeper::lines_of(read_at(0, kFirstBytes), true));
  sample.pieces.push_back(Keeper::lines_of(read_at(size / 2, kLaterBytes), false));
  sample.pieces.push_back(
      Keeper::lines_of(read_at(size - static_cast<int64_t>(kLaterBytes), kLaterBytes), false));
  std::erase_if(sample.pieces, [](const std::string& piece) { return piece.empty(); });
}

/// Reads the next block; empty at the end.
std::string_view read_block(std::ifstream& file, std::string& block) {
  block.resize(kBlockBytes);
  file.read(block.data(), static_cast<std::streamsize>(block.size()));
  return std::string_view(block).substr(0, static_cast<size_t>(file.gcount()));
}

void read_gzip(std::ifstream& file, Sample& sample) {
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return;
  const std::unique_ptr<z_stream, int (*)(z_stream*)> owner(&stream, inflateEnd);
  Keeper keeper;
  std::string in;
  std::string out(kBlockBytes, '\0');
  int code = Z_OK;
  bool wants_more = true;
  for (std::string_view block = read_block(file, in); !block.empty() && wants_more;
       block = read_block(file, in)) {
    stream.next_in = reinterpret_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(block.size());
    while (stream.avail_in > 0 && wants_more) {
      if (code == Z_STREAM_END) inflateReset(&stream);  // Another member follows.
      stream.next_out = reinterpret_cast<Bytef*>(out.data());
      stream.avail_out = static_cast<uInt>(out.size());
      code = inflate(&stream, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR) {
        sample.fault = "the gzip data are damaged";
        return keeper.finish(sample);
      }
      wants_more = keeper.add(std::string_view(out).substr(0, out.size() - stream.avail_out));
    }
  }
  if (wants_more && code != Z_STREAM_END) sample.fault = "the gzip data end too early";
  keeper.finish(sample);
}

void read_zstd(std::ifstream& file, Sample& sample) {
  const std::unique_ptr<ZSTD_DStream, size_t (*)(ZSTD_DStream*)> stream(ZSTD_createDStream(),
                                                                        ZSTD_freeDStream);
  Keeper keeper;
  std::string in;
  std::string out(kBlockBytes, '\0');
  bool wants_more = true;
  for (std::string_view block = read_block(file, in); !block.empty() && wants_more;
       block = read_block(file, in)) {
    ZSTD_inBuffer input{block.data(), block.size(), 0};
    while (input.pos < input.size && wants_more) {
      ZSTD_outBuffer output{out.data(), out.size(), 0};
      if (ZSTD_isError(ZSTD_decompressStream(stream.get(), &output, &input)) != 0) {
        sample.fault = "the zstd data are damaged";
        return keeper.finish(sample);
      }
      wants_more = keeper.add(std::string_view(out).substr(0, output.pos));
    }
  }
  keeper.finish(sample);
}

}  // namespace

Result<Sample> take_sample(const std::string& path) {
  Sample sample;
  sample.path = path;
  std::error_code code;
  sample.size = static_cast<int64_t>(std::filesystem::file_size(path, code));
  if (code) return io_error(fmt::format("{}: {}", path, code.message()));
  if (sample.size == 0) return sample;
  std::ifstream file(path, std::ios::binary);
  if (!file) return io_error(fmt::format("{}: {}", path, std::strerror(errno)));
  std::string magic(4, '\0');
  file.read(magic.data(), 4);
  file.clear();
  file.seekg(0);
  if (magic.starts_with("\x1F\x8B")) {
    read_gzip(file, sample);
  } else if (magic == "\x28\xB5\x2F\xFD") {
    read_zstd(file, sample);
  } else {
    read_plain(file, sample.size, sample);
  }
  if (file.bad()) return io_error(fmt::format("{}: cannot be read", path));
  return sample;
}

}  // namespace bullion::infer
