#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "base/assert.h"
#include "records/archive_stream_internal.h"
#include "records/display_text.h"

namespace bullion::records {
namespace {

constexpr int64_t kReadBytes = int64_t{256} << 10;
constexpr size_t kEntryNameBytesMax = 4096;

class LibArchiveStream final : public ArchiveStream {
 public:
  explicit LibArchiveStream(std::shared_ptr<RandomBytes> bytes)
      : bytes_(std::move(bytes)), archive_(archive_read_new()) {
    BULLION_ASSERT(archive_ != nullptr);
  }
  ~LibArchiveStream() override { archive_read_free(archive_); }

  Status open() {
    // Only what is documented: the library knows more formats than we test.
    BULLION_ASSERT(archive_read_support_format_zip_seekable(archive_) == ARCHIVE_OK);
    BULLION_ASSERT(archive_read_support_format_tar(archive_) == ARCHIVE_OK);
    // Not ok when the library would start a foreign program to unpack.
    BULLION_ASSERT(archive_read_support_filter_gzip(archive_) == ARCHIVE_OK);
    BULLION_ASSERT(archive_read_support_filter_zstd(archive_) == ARCHIVE_OK);
    archive_read_set_callback_data(archive_, this);
    archive_read_set_read_callback(archive_, &LibArchiveStream::on_read);
    archive_read_set_seek_callback(archive_, &LibArchiveStream::on_seek);
    archive_read_set_skip_callback(archive_, &LibArchiveStream::on_skip);
    if (archive_read_open1(archive_) != ARCHIVE_OK) return fault();
    return ok();
  }

  Result<bool> next(ArchiveEntry& entry) override {
    archive_entry* header = nullptr;
    const int code = archive_read_next_header(archive_, &header);
    if (code == ARCHIVE_EOF) return false;
    // A warning means a name outside the locale's characters; it is read below all the same.
    if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return fault();
    const char* name = archive_entry_pathname_utf8(header);
    if (name == nullptr) name = archive_entry_pathname(header);
    entry.name = name == nullptr ? "" : display_text(name, kEntryNameBytesMax);
    entry.is_file = archive_entry_filetype(header) == AE_IFREG &&
                    archive_entry_hardlink(header) == nullptr && !entry.name.ends_with('/');
    entry.is_encrypted = archive_entry_is_encrypted(header) != 0;
    return true;
  }

  Result<size_t> read(char* buffer, size_t capacity) override {
    const la_ssize_t count = archive_read_data(archive_, buffer, capacity);
    if (count < 0) return fault();
    return static_cast<size_t>(count);
  }

 private:
  static la_ssize_t on_read(archive* archive, void* self, const void** block) {
    return static_cast<LibArchiveStream*>(self)->read_block(archive, block);
  }
  static la_int64_t on_skip(archive*, void* self, la_int64_t request) {
    auto& stream = *static_cast<LibArchiveStream*>(self);
    const int64_t skipped = std::clamp<int64_t>(request, 0, stream.bytes_->size() - stream.offset_);
    stream.offset_ += skipped;
    return skipped;
  }
  static la_int64_t on_seek(archive*, void* self, la_int64_t offset, int whence) {
    auto& stream = *static_cast<LibArchiveStream*>(self);
    const int64_t base = whence == SEEK_SET   ? 0
                         : whence == SEEK_CUR ? stream.offset_
                                              : stream.bytes_->size();
    stream.offset_ = std::clamp<int64_t>(base + offset, 0, stream.bytes_->size());
    return stream.offset_;
  }

  la_ssize_t read_block(archive* archive, const void** block) {
    auto bytes = bytes_->read_at(offset_, kReadBytes);
    if (!bytes) {
      disk_error_ = bytes.error();
      archive_set_error(archive, EIO, "the disk failed");
      return ARCHIVE_FATAL;
    }
    block_ = *std::move(bytes);
    offset_ += static_cast<int64_t>(block_.size());
    *block = block_.data();
    return static_cast<la_ssize_t>(block_.size());
  }

  Error fault() {
    if (disk_error_) return *disk_error_;
    const char* text = archive_error_string(archive_);
    return corrupt(fmt::format("the archive is damaged or cut off ({}); fetch it again",
                               text == nullptr ? "no reason known" : display_text(text, 200)));
  }

  std::shared_ptr<RandomBytes> bytes_;
  archive* archive_;
  int64_t offset_ = 0;
  std::string block_;
  std::optional<Error> disk_error_;
};

}  // namespace

Result<std::unique_ptr<ArchiveStream>> open_archive_stream(std::shared_ptr<RandomBytes> bytes) {
  auto stream = std::make_unique<LibArchiveStream>(std::move(bytes));
  BULLION_TRY(stream->open());
  return std::unique_ptr<ArchiveStream>(std::move(stream));
}

}  // namespace bullion::records
