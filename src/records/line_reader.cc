#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "records/display_text.h"
#include "records/line_reader_internal.h"
#include "records/text_record.h"

namespace bullion::records {

LineReader::LineReader(std::unique_ptr<ByteSource> source, size_t block_bytes)
    : source_(std::move(source)), block_bytes_(block_bytes) {
  BULLION_ASSERT(block_bytes > 0);
}

Result<bool> LineReader::next(Line& line) {
  for (;;) {
    const void* found = searched_ < size_
                            ? std::memchr(buffer_.data() + searched_, '\n', size_ - searched_)
                            : nullptr;
    searched_ = size_;
    size_t end = size_;
    if (found != nullptr) {
      end = static_cast<size_t>(static_cast<const char*>(found) - buffer_.data());
    } else if (!at_end_ && size_ - start_ <= kRecordBytesMax + 1) {
      BULLION_TRY(refill());
      continue;
    } else if (at_end_ && start_ == size_) {
      return false;
    }
    line.number = ++line_;
    line.too_long = false;
    size_t text_end = end;
    if (text_end > start_ && buffer_[text_end - 1] == '\r') --text_end;
    line.text = std::string_view(buffer_).substr(start_, text_end - start_);
    start_ = std::min(end + 1, size_);
    searched_ = start_;
    if (line.text.size() > kRecordBytesMax) {
      long_line_.assign(line.text, 0, kRawBytesMax + 1);
      line.text = long_line_;
      line.too_long = true;
      if (found == nullptr && !at_end_) BULLION_TRY(skip_long_line());
    }
    return true;
  }
}

Status LineReader::refill() {
  const size_t kept = size_ - start_;
  if (start_ > 0) std::memmove(buffer_.data(), buffer_.data() + start_, kept);
  searched_ -= start_;
  start_ = 0;
  const size_t wanted = kept + std::max(block_bytes_, kept);
  if (buffer_.size() < wanted + kLinePadding) buffer_.resize(wanted + kLinePadding);
  size_ = kept;
  while (size_ < wanted && !at_end_) {
    BULLION_TRY_ASSIGN(const size_t got, source_->read(buffer_.data() + size_, wanted - size_));
    at_end_ = got == 0;
    size_ += got;
  }
  return ok();
}

Status LineReader::skip_long_line() {
  for (;;) {
    start_ = size_;
    searched_ = size_;
    if (at_end_) return ok();
    BULLION_TRY(refill());
    const void* found = size_ == 0 ? nullptr : std::memchr(buffer_.data(), '\n', size_);
    if (found == nullptr) continue;
    start_ = static_cast<size_t>(static_cast<const char*>(found) - buffer_.data()) + 1;
    searched_ = start_;
    return ok();
  }
}

}  // namespace bullion::records
