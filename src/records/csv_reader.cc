#include "records/csv_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <fmt/format.h>
#include <simdjson.h>

#include "base/assert.h"
#include "base/utf8.h"
#include "records/display_text.h"

namespace bullion::records {
namespace {

// The first line is looked for in this many bytes, to learn what ends a line.
constexpr size_t kFirstLineBytesMax = size_t{1} << 20;
// A line end has at most two bytes, which do not count as part of the record.
constexpr size_t kLineEndBytesMax = 2;

// No byte is equal to it.
constexpr int kNoCharacter = 256;

/// Offset of the first line end outside of quotes; npos when there is none.
size_t first_line_end(std::string_view text, int quote) {
  bool in_quotes = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == quote) in_quotes = !in_quotes;
    if (!in_quotes && (text[i] == '\n' || text[i] == '\r')) return i;
  }
  return std::string_view::npos;
}

Fault too_long_fault() {
  return {"record-too-long",
          fmt::format("the record is longer than {} MiB; a quote that is never closed is a common "
                      "cause",
                      kRecordBytesMax >> 20)};
}

}  // namespace

CsvDialect csv_dialect(const project::FileFormat& format) {
  return {.delimiter = format.delimiter,
          .quote = format.quote,
          // A quote before a quote is the doubling that is understood anyway.
          .escape = format.escape == format.quote ? '\0' : format.escape,
          .comment = format.comment,
          .skip_lines = format.skip_rows};
}

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, CsvDialect dialect, size_t block_bytes)
    : source_(std::move(source)),
      dialect_(dialect),
      quote_(dialect.quote == '\0' ? kNoCharacter : dialect.quote),
      comment_(dialect.comment == '\0' ? kNoCharacter : dialect.comment),
      specials_{.delimiter = dialect.delimiter,
                .quote = dialect.quote == '\0' ? '\n' : dialect.quote,
                .carriage_return_ends = false},
      block_bytes_(block_bytes) {
  BULLION_ASSERT(block_bytes > 0);
}

Result<bool> CsvReader::next(TableRow& record) {
  record.faults.clear();
  if (!prepared_) BULLION_TRY(prepare());
  for (;;) {
    if (start_ == size_) {
      if (at_end_) return false;
      BULLION_TRY(refill());
      continue;
    }
    if (data()[start_] == comment_) {
      BULLION_TRY(skip_line());
      continue;
    }
    switch (scan_record(record)) {
      case Scan::Record:
        finish_record(record);
        return true;
      case Scan::Blank:
        start_ = next_start_;
        cursor_ = scan_;
        ++line_;
        break;
      case Scan::NeedsMore:
        BULLION_TRY(refill());
        break;
      case Scan::BadQuote:
        BULLION_TRY(reject_first_line(
            record, {"bad-quote",
                     "text follows a closing quote; quote the whole field and double the quotes "
                     "inside it"}));
        return true;
      case Scan::OpenQuote:
        BULLION_TRY(reject_first_line(
            record, {"unterminated-quote",
                     "a quote opens a field and is not closed before the end of the file"}));
        return true;
      case Scan::TooLong:
        BULLION_TRY(reject_first_line(record, too_long_fault()));
        return true;
      case Scan::Field:
        return internal_error("the CSV reader stopped inside a record");
    }
  }
}

Status CsvReader::prepare() {
  prepared_ = true;
  size_t end = std::string_view::npos;
  while (!at_end_ && size_ < kFirstLineBytesMax) {
    BULLION_TRY(refill());
    // Lines to skip may hold any quotes.
    end = first_line_end({data(), size_}, dialect_.skip_lines > 0 ? kNoCharacter : quote_);
    if (end != std::string_view::npos && end + 1 < size_) break;
  }
  if (end != std::string_view::npos && data()[end] == '\r' &&
      !(end + 1 < size_ && data()[end + 1] == '\n')) {
    specials_.carriage_return_ends = true;
    index_.clear();
    has_nul_ = index_.append(data(), 0, size_, specials_);
    check_block();
  }
  for (int i = 0; i < dialect_.skip_lines; ++i) {
    BULLION_TRY_ASSIGN(const bool more, skip_line());
    if (!more) break;
  }
  return ok();
}

/// Leaves out the line at start_. False when there is none.
Result<bool> CsvReader::skip_line() {
  while (start_ == size_) {
    if (at_end_) return false;
    BULLION_TRY(refill());
  }
  BULLION_TRY(skip_long_line());
  ++line_;
  return true;
}

Status CsvReader::refill() {
  const size_t kept = size_ - start_;
  if (start_ > 0) {
    moved_ += static_cast<int64_t>(start_);
    std::memmove(buffer_.data(), buffer_.data() + start_, kept);
    index_.drop_front(cursor_, static_cast<uint32_t>(start_));
    start_ = 0;
    cursor_ = 0;
  }
  // Doubling keeps the cost of scanning a long record again linear.
  const size_t wanted = kept + std::max(block_bytes_, kept);
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  size_ = kept;
  while (size_ < wanted && !at_end_) {
    BULLION_TRY_ASSIGN(const size_t got, source_->read(buffer_.data() + size_, wanted - size_));
    at_end_ = got == 0;
    size_ += got;
  }
  const bool sees_nul = index_.append(data(), kept, size_, specials_);
  has_nul_ = sees_nul || (has_nul_ && kept > 0);
  check_block();
  return ok();
}

void CsvReader::check_block() {
  // A line end is never part of a longer character, so the check may stop behind the last one.
  clean_end_ = 0;
  size_t end = at_end_ ? size_ : 0;
  for (size_t i = index_.size(); end == 0 && i > 0; --i) {
    if (is_line_end(index_[i - 1])) end = index_[i - 1] + size_t{1};
  }
  if (!has_nul_ && simdjson::validate_utf8(data(), end)) clean_end_ = end;
}

CsvReader::Scan CsvReader::scan_record(TableRow& record) {
  record.cells.clear();
  unquoted_.clear();
  scan_ = cursor_;
  inner_lines_ = 0;
  columns_ = 0;
  size_t field_start = start_;
  Scan scan = Scan::Field;
  while (scan == Scan::Field) {
    if (field_start < size_ && data()[field_start] == quote_) {
      scan = take_quoted_field(record, field_start);
      field_start = next_start_;
      continue;
    }
    while (scan_ < index_.size() && data()[index_[scan_]] == quote_) ++scan_;
    if (scan_ == index_.size()) {
      scan = end_of_input(record, field_start);
      break;
    }
    const size_t at = index_[scan_];
    if (data()[at] == specials_.delimiter) {
      push_field(record, {data() + field_start, at - field_start}, CellKind::Bare);
      ++scan_;
      field_start = at + 1;
      continue;
    }
    scan = end_line(at);
    if (scan == Scan::Record) {
      if (columns_ == 0 && record_end_ == start_) return Scan::Blank;
      push_field(record, {data() + field_start, record_end_ - field_start}, CellKind::Bare);
    }
  }
  if (scan == Scan::NeedsMore && size_ - start_ > kRecordBytesMax + kLineEndBytesMax) {
    return Scan::TooLong;
  }
  if (scan == Scan::OpenQuote && size_ - start_ > kRecordBytesMax) return Scan::TooLong;
  if (scan == Scan::Record && record_end_ - start_ > kRecordBytesMax) return Scan::TooLong;
  return scan;
}

/// The input ends inside an unquoted field.
CsvReader::Scan CsvReader::end_of_input(TableRow& record, size_t field_start) {
  if (!at_end_) return Scan::NeedsMore;
  next_start_ = size_;
  record_end_ = size_;
  if (record_end_ > field_start && data()[record_end_ - 1] == '\r') --record_end_;
  if (columns_ == 0 && record_end_ == start_) return Scan::Blank;
  push_field(record, {data() + field_start, record_end_ - field_start}, CellKind::Bare);
  return Scan::Record;
}

/// Field: a delimiter follows, and next_start_ is behind it. Record: the line ends behind the
/// quote.
CsvReader::Scan CsvReader::take_quoted_field(TableRow& record, size_t field_start) {
  bool has_doubled_quotes = false;
  size_t close = 0;
  for (++scan_;; ++scan_) {
    if (scan_ == index_.size()) return at_end_ ? Scan::OpenQuote : Scan::NeedsMore;
    const size_t at = index_[scan_];
    const char c = data()[at];
    if (c == quote_) {
      if (dialect_.escape != '\0' && is_escaped(at, field_start)) continue;
      if (at + 1 == size_ && !at_end_) return Scan::NeedsMore;
      if (at + 1 < size_ && data()[at + 1] == quote_) {
        has_doubled_quotes = true;
        ++scan_;
        continue;
      }
      close = at;
      break;
    }
    // CR LF counts once, at its LF.
    if (c == '\n' ||
        (c == '\r' && is_line_end(at) && !(at + 1 < size_ && data()[at + 1] == '\n'))) {
      ++inner_lines_;
    }
  }
  ++scan_;
  std::string_view text{data() + field_start + 1, close - field_start - 1};
  if (dialect_.escape != '\0') {
    text = without_escapes(text);
  } else if (has_doubled_quotes) {
    text = without_doubled_quotes(text);
  }
  push_field(record, text, CellKind::Quoted);

  size_t after = close + 1;
  if (after < size_ && data()[after] == specials_.delimiter) {
    ++scan_;
    next_start_ = after + 1;
    return Scan::Field;
  }
  if (after < size_ && is_line_end(after)) return end_line(after);
  if (after < size_ && data()[after] == '\r') ++after;
  if (after == size_) {
    if (!at_end_) return Scan::NeedsMore;
    record_end_ = close + 1;
    next_start_ = size_;
    return Scan::Record;
  }
  if (after > close + 1 && data()[after] == '\n') return end_line(after);
  return close - start_ > kRecordBytesMax ? Scan::TooLong : Scan::BadQuote;
}

CsvReader::Scan CsvReader::end_line(size_t at) {
  record_end_ = at;
  next_start_ = at + 1;
  ++scan_;
  if (data()[at] == '\n') {
    if (record_end_ > start_ && data()[record_end_ - 1] == '\r') --record_end_;
    return Scan::Record;
  }
  if (at + 1 == size_) return at_end_ ? Scan::Record : Scan::NeedsMore;
  if (data()[at + 1] == '\n') {
    ++next_start_;
    ++scan_;
  }
  return Scan::Record;
}

void CsvReader::push_field(TableRow& record, std::string_view text, CellKind kind) {
  if (++columns_ <= kColumnsMax) record.cells.push_back({text, kind});
}

std::string_view CsvReader::without_doubled_quotes(std::string_view text) {
  // Reserved for the whole buffer once, so that earlier views into it stay valid.
  unquoted_.reserve(size_ - start_);
  const size_t begin = unquoted_.size();
  for (size_t quote = text.find(dialect_.quote); quote != std::string_view::npos;
       quote = text.find(dialect_.quote)) {
    unquoted_.append(text.substr(0, quote + 1));
    text.remove_prefix(quote + 2);
  }
  unquoted_.append(text);
  return std::string_view(unquoted_).substr(begin);
}

/// Whether the quote at `at` stands behind an odd number of escape characters of its field.
bool CsvReader::is_escaped(size_t at, size_t field_start) const {
  size_t escapes = 0;
  while (at - escapes > field_start + 1 && data()[at - escapes - 1] == dialect_.escape) ++escapes;
  return escapes % 2 != 0;
}

/// `text` stands between its quotes: an escape before a quote or an escape, and the first of two
/// quotes, are no content.
std::string_view CsvReader::without_escapes(std::string_view text) {
  if (text.find(dialect_.escape) == std::string_view::npos &&
      text.find(dialect_.quote) == std::string_view::npos) {
    return text;
  }
  unquoted_.reserve(size_ - start_);
  const size_t begin = unquoted_.size();
  for (size_t i = 0; i < text.size(); ++i) {
    const bool has_next = i + 1 < text.size();
    if (text[i] == dialect_.escape && has_next &&
        (text[i + 1] == dialect_.quote || text[i + 1] == dialect_.escape)) {
      ++i;
    } else if (text[i] == dialect_.quote && has_next && text[i + 1] == dialect_.quote) {
      ++i;
    }
    unquoted_ += text[i];
  }
  return std::string_view(unquoted_).substr(begin);
}

void CsvReader::finish_record(TableRow& record) {
  record.line = line_;
  record.raw = {data() + start_, record_end_ - start_};
  if (columns_ > kColumnsMax) {
    record.faults.push_back(
        {"record-too-long",
         fmt::format("the record has {} fields; at most {} are allowed", columns_, kColumnsMax)});
    record.cells.clear();
  }
  if (record_end_ > clean_end_) {
    if (record.raw.find('\0') != std::string_view::npos) {
      record.faults.push_back({"nul-byte", "the record holds a NUL byte; remove it from the file"});
    }
    if (!simdjson::validate_utf8(record.raw.data(), record.raw.size())) {
      record.faults.push_back(encoding_fault(record.raw));
    }
  }
  start_ = next_start_;
  cursor_ = scan_;
  line_ += 1 + inner_lines_;
}

Fault CsvReader::encoding_fault(std::string_view raw) const {
  const size_t bad = start_ + valid_utf8_prefix(raw);
  const ByteOrigin origin = source_->origin_of(moved_ + static_cast<int64_t>(bad));
  const std::string place =
      origin.offset < 0 ? "" : fmt::format(" at byte offset {} of the file", origin.offset);
  if (origin.encoding == "utf-8") {
    return {"invalid-utf8",
            fmt::format("byte 0x{:02X}{} is not valid UTF-8; convert the file to UTF-8, or declare "
                        "its `encoding`, for example windows-1252",
                        static_cast<unsigned char>(data()[bad]), place)};
  }
  return {"undecodable-text",
          fmt::format("the record holds bytes{} that are no character of {}; check the `encoding` "
                      "of the source",
                      place, origin.encoding)};
}

bool CsvReader::find_first_line_end(size_t& at) {
  for (size_t i = cursor_; i < index_.size(); ++i) {
    at = index_[i];
    if (!is_line_end(at)) continue;
    scan_ = i;
    return true;
  }
  return false;
}

Status CsvReader::reject_first_line(TableRow& record, Fault fault) {
  record.cells.clear();
  record.faults.push_back(std::move(fault));
  record.line = line_++;
  for (;;) {
    size_t at = 0;
    if (find_first_line_end(at)) {
      if (end_line(at) == Scan::Record) {
        record.raw = {data() + start_, record_end_ - start_};
        start_ = next_start_;
        cursor_ = scan_;
        return ok();
      }
    } else if (at_end_) {
      record.raw = {data() + start_, size_ - start_};
      start_ = size_;
      cursor_ = index_.size();
      return ok();
    } else if (size_ - start_ > kRecordBytesMax) {
      long_line_.assign(data() + start_, kRawBytesMax + 1);
      record.raw = long_line_;
      return skip_long_line();
    }
    BULLION_TRY(refill());
  }
}

/// Reads on without keeping anything until the line ends.
Status CsvReader::skip_long_line() {
  size_t at = 0;
  while (!find_first_line_end(at)) {
    start_ = size_;
    cursor_ = index_.size();
    if (at_end_) return ok();
    BULLION_TRY(refill());
  }
  start_ = at + 1;
  cursor_ = scan_ + 1;
  if (data()[at] == '\n' || at_end_ || start_ < size_) {
    if (data()[at] == '\r' && start_ < size_ && data()[start_] == '\n') {
      ++start_;
      ++cursor_;
    }
    return ok();
  }
  BULLION_TRY(refill());
  if (start_ < size_ && data()[start_] == '\n') {
    ++start_;
    ++cursor_;
  }
  return ok();
}

}  // namespace bullion::records
