#include "records/byte_source.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include "base/assert.h"
#include "records/file_kind_internal.h"
#include "records/header.h"
#include "records/text_encoding_internal.h"

namespace bullion::records {
namespace {

constexpr size_t kInputBytes = size_t{256} << 10;
constexpr size_t kSniffBytes = size_t{64} << 10;

class MemorySource final : public ByteSource {
 public:
  MemorySource(std::string_view bytes, size_t step_max) : bytes_(bytes), step_max_(step_max) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    const size_t count = std::min({capacity, step_max_, bytes_.size()});
    std::memcpy(buffer, bytes_.data(), count);
    bytes_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view bytes_;
  size_t step_max_;
};

/// The file as it is on disk.
class PlainSource final : public ByteSource {
 public:
  PlainSource(std::unique_ptr<storage::FileReader> file, int64_t* bytes_read)
      : file_(std::move(file)), bytes_read_(bytes_read) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    BULLION_TRY_ASSIGN(const size_t count, file_->read(buffer, capacity));
    if (bytes_read_ != nullptr) *bytes_read_ += static_cast<int64_t>(count);
    return count;
  }

 private:
  std::unique_ptr<storage::FileReader> file_;
  int64_t* bytes_read_;
};

/// First bytes that were already looked at, then the rest of another source.
class ReplayedSource final : public ByteSource {
 public:
  ReplayedSource(std::string first, size_t skip, std::unique_ptr<ByteSource> rest)
      : first_(std::move(first)), skip_(skip), offset_(skip), rest_(std::move(rest)) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    if (offset_ == first_.size()) return rest_->read(buffer, capacity);
    const size_t count = std::min(capacity, first_.size() - offset_);
    std::memcpy(buffer, first_.data() + offset_, count);
    offset_ += count;
    return count;
  }
  ByteOrigin origin_of(int64_t at) const override {
    return rest_->origin_of(at + static_cast<int64_t>(skip_));
  }

 private:
  std::string first_;
  size_t skip_;
  size_t offset_;
  std::unique_ptr<ByteSource> rest_;
};

/// Reads up to `count` bytes; fewer only at the end. The fault of a stream is given back by the
/// next read.
Result<std::string> read_first(ByteSource& source, size_t count) {
  std::string bytes(count, '\0');
  size_t have = 0;
  while (have < count) {
    BULLION_TRY_ASSIGN(const size_t got, source.read(bytes.data() + have, count - have));
    if (got == 0) break;
    have += got;
  }
  bytes.resize(have);
  return bytes;
}

/// Compressed input in one buffer, refilled when it is used up.
class CompressedInput {
 public:
  explicit CompressedInput(std::unique_ptr<ByteSource> source)
      : source_(std::move(source)), buffer_(kInputBytes, '\0') {}

  /// Makes bytes available when there are none; after it, an empty rest() means the end.
  Status fill() {
    if (offset_ < size_ || at_end_) return ok();
    BULLION_TRY_ASSIGN(size_, source_->read(buffer_.data(), buffer_.size()));
    offset_ = 0;
    at_end_ = size_ == 0;
    return ok();
  }
  std::string_view rest() const {
    return std::string_view(buffer_).substr(offset_, size_ - offset_);
  }
  char* data() { return buffer_.data() + offset_; }
  void consume(size_t count) { offset_ += count; }

 private:
  std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  size_t offset_ = 0;
  size_t size_ = 0;
  bool at_end_ = false;
};

Error truncated(std::string_view format) {
  return corrupt(
      fmt::format("the {} data end in the middle; the file was cut off, fetch it again", format));
}

class GzipSource final : public ByteSource {
 public:
  explicit GzipSource(std::unique_ptr<ByteSource> source) : input_(std::move(source)) {
    // 16 asks for the gzip wrapper with its checksum; the only failure possible here is memory.
    BULLION_ASSERT(inflateInit2(&stream_, 16 + MAX_WBITS) == Z_OK);
  }
  ~GzipSource() override { inflateEnd(&stream_); }

  Result<size_t> read(char* buffer, size_t capacity) override {
    size_t produced = 0;
    while (produced == 0) {
      BULLION_TRY(input_.fill());
      if (!in_member_) {
        BULLION_TRY_ASSIGN(const bool more, begin_member());
        if (!more) return size_t{0};
      }
      if (input_.rest().empty()) return truncated("gzip");
      BULLION_TRY_ASSIGN(produced, inflate_some(buffer, capacity));
    }
    return produced;
  }

 private:
  /// False when nothing but zero padding follows the last member.
  Result<bool> begin_member() {
    while (!input_.rest().empty() && members_ > 0 && input_.rest()[0] == '\0') {
      input_.consume(1);
      BULLION_TRY(input_.fill());
    }
    if (input_.rest().empty()) return false;
    if (members_ > 0 && static_cast<unsigned char>(input_.rest()[0]) != 0x1F) {
      return corrupt("other bytes follow the gzip data; the file is damaged, fetch it again");
    }
    if (inflateReset(&stream_) != Z_OK) return internal_error("inflateReset failed");
    in_member_ = true;
    ++members_;
    return true;
  }

  Result<size_t> inflate_some(char* buffer, size_t capacity) {
    const size_t available = input_.rest().size();
    const size_t room = std::min<size_t>(capacity, UINT32_MAX);
    stream_.next_in = reinterpret_cast<Bytef*>(input_.data());
    stream_.avail_in = static_cast<uInt>(available);
    stream_.next_out = reinterpret_cast<Bytef*>(buffer);
    stream_.avail_out = static_cast<uInt>(room);
    const int code = inflate(&stream_, Z_NO_FLUSH);
    input_.consume(available - stream_.avail_in);
    if (code == Z_STREAM_END) {
      in_member_ = false;
    } else if (code != Z_OK && code != Z_BUF_ERROR) {
      return corrupt(fmt::format("the gzip data are damaged ({}); fetch the file again",
                                 stream_.msg == nullptr ? "bad checksum or header" : stream_.msg));
    }
    return room - stream_.avail_out;
  }

  CompressedInput input_;
  z_stream stream_{};
  bool in_member_ = false;
  int64_t members_ = 0;
};

class ZstdSource final : public ByteSource {
 public:
  explicit ZstdSource(std::unique_ptr<ByteSource> source)
      : input_(std::move(source)), stream_(ZSTD_createDStream()) {
    BULLION_ASSERT(stream_ != nullptr);
  }
  ~ZstdSource() override { ZSTD_freeDStream(stream_); }

  Result<size_t> read(char* buffer, size_t capacity) override {
    ZSTD_outBuffer out{buffer, capacity, 0};
    while (out.pos == 0) {
      BULLION_TRY(input_.fill());
      const std::string_view rest = input_.rest();
      if (rest.empty() && !in_frame_) return size_t{0};
      ZSTD_inBuffer in{rest.data(), rest.size(), 0};
      const size_t code = ZSTD_decompressStream(stream_, &out, &in);
      if (ZSTD_isError(code) != 0) {
        return corrupt(fmt::format("the zstd data are damaged ({}); fetch the file again",
                                   ZSTD_getErrorName(code)));
      }
      input_.consume(in.pos);
      in_frame_ = code != 0;
      if (rest.empty() && out.pos == 0) return truncated("zstd");
    }
    return out.pos;
  }

 private:
  CompressedInput input_;
  ZSTD_DStream* stream_;
  bool in_frame_ = false;
};

std::unique_ptr<ByteSource> decompressed(std::unique_ptr<ByteSource> source,
                                         Compression compression) {
  switch (compression) {
    case Compression::Gzip:
      return std::make_unique<GzipSource>(std::move(source));
    case Compression::Zstd:
      return std::make_unique<ZstdSource>(std::move(source));
    case Compression::None:
      break;
  }
  return source;
}

}  // namespace

std::unique_ptr<ByteSource> memory_byte_source(std::string_view bytes, size_t step_max) {
  return std::make_unique<MemorySource>(bytes, step_max);
}

namespace {

/// The file's bytes, unpacked.
Result<std::unique_ptr<ByteSource>> open_unpacked(const OpenFile& open, int64_t* bytes_read) {
  BULLION_TRY_ASSIGN(auto file, open());
  std::unique_ptr<ByteSource> plain = std::make_unique<PlainSource>(std::move(file), bytes_read);
  BULLION_TRY_ASSIGN(std::string magic, read_first(*plain, 8));
  const Compression compression = compression_of(magic);
  return decompressed(std::make_unique<ReplayedSource>(std::move(magic), 0, std::move(plain)),
                      compression);
}

/// What the file is encoded in, by its mark or by its source.
Result<std::string> choose_encoding(std::string_view first, const OpenFile& open,
                                    const project::FileFormat& format) {
  std::string marked = marked_encoding(first);
  if (!marked.empty()) return marked;
  std::vector<std::string> encodings;
  for (const std::string& name : format.encodings) {
    std::string encoding = encoding_name(name);
    if (encoding == "utf-16") encoding = utf16_byte_order(first);
    encodings.push_back(std::move(encoding));
  }
  if (encodings.size() == 1) return encodings.front();
  BULLION_TRY_ASSIGN(auto bytes, open_unpacked(open, nullptr));
  return fitting_encoding(*bytes, encodings);
}

FileFault unknown_encoding(const std::string& name) {
  return {"encoding",
          fmt::format("`{}` is no encoding that is known here; expected utf-8, utf-16, "
                      "windows-1252, iso-8859-15 or another name from `iconv --list`",
                      name),
          0, ""};
}

Result<OpenedText> open_decoded(const OpenFile& open, const project::FileFormat& format,
                                int64_t* bytes_read) {
  BULLION_TRY_ASSIGN(auto bytes, open_unpacked(open, bytes_read));
  BULLION_TRY_ASSIGN(std::string first, read_first(*bytes, kSniffBytes));
  BULLION_TRY_ASSIGN(const std::string encoding, choose_encoding(first, open, format));
  // Marks of binary formats are bytes, not characters; wide characters are full of NUL bytes.
  const bool is_wide = encoding.starts_with("utf-16") || encoding.starts_with("utf-32");
  if (!is_wide) {
    if (auto fault = fault_of_text(first)) return OpenedText{nullptr, std::move(fault)};
  }
  bytes = std::make_unique<ReplayedSource>(std::move(first), 0, std::move(bytes));
  if (encoding != "utf-8") {
    auto decoder = text_decoder(encoding);
    if (decoder == nullptr) return OpenedText{nullptr, unknown_encoding(encoding)};
    bytes = decoded(std::move(bytes), encoding, std::move(decoder));
  }
  BULLION_TRY_ASSIGN(first, read_first(*bytes, kSniffBytes));
  if (is_wide) {
    if (auto fault = fault_of_text(first)) return OpenedText{nullptr, std::move(fault)};
  }
  const size_t marks = first.size() - without_byte_order_marks(first).size();
  return OpenedText{std::make_unique<ReplayedSource>(std::move(first), marks, std::move(bytes)),
                    std::nullopt};
}

}  // namespace

Result<OpenedText> open_text(const OpenFile& open, const project::FileFormat& format,
                             int64_t* bytes_read) {
  auto text = open_decoded(open, format, bytes_read);
  if (text || text.error().kind() != ErrorKind::Corrupt) return text;
  return OpenedText{nullptr, FileFault{"bad-compression", text.error().message(), 0, ""}};
}

}  // namespace bullion::records
