#include <algorithm>
#include <utility>

#include "records/random_bytes_internal.h"

namespace bullion::records {
namespace {

class FileBytes final : public RandomBytes {
 public:
  FileBytes(const storage::FileSystem& files, std::string path, int64_t size, int64_t* bytes_read)
      : files_(files), path_(std::move(path)), size_(size), bytes_read_(bytes_read) {}

  int64_t size() const override { return size_; }

  Result<std::string> read_at(int64_t offset, int64_t length) override {
    BULLION_TRY_ASSIGN(std::string bytes, files_.read_range(path_, offset, length));
    if (bytes_read_ != nullptr) {
      *bytes_read_ = std::min(*bytes_read_ + static_cast<int64_t>(bytes.size()), size_);
    }
    return bytes;
  }

 private:
  const storage::FileSystem& files_;
  std::string path_;
  int64_t size_;
  int64_t* bytes_read_;
};

class MemoryBytes final : public RandomBytes {
 public:
  explicit MemoryBytes(std::string bytes) : bytes_(std::move(bytes)) {}

  int64_t size() const override { return static_cast<int64_t>(bytes_.size()); }

  Result<std::string> read_at(int64_t offset, int64_t length) override {
    const auto start = static_cast<size_t>(std::min(offset, size()));
    return bytes_.substr(start, static_cast<size_t>(length));
  }

 private:
  std::string bytes_;
};

}  // namespace

Result<std::unique_ptr<RandomBytes>> file_random_bytes(const storage::FileSystem& files,
                                                       const std::string& path,
                                                       int64_t* bytes_read) {
  BULLION_TRY_ASSIGN(const auto info, files.stat(path));
  if (!info) return not_found(files.location(path) + ": there is no such file");
  return std::unique_ptr<RandomBytes>(
      std::make_unique<FileBytes>(files, path, info->size, bytes_read));
}

std::unique_ptr<RandomBytes> memory_random_bytes(std::string bytes) {
  return std::make_unique<MemoryBytes>(std::move(bytes));
}

}  // namespace bullion::records
