#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "records/display_text.h"
#include "records/json_elements_internal.h"

namespace bullion::records {
namespace {

constexpr size_t kDepthMax = 1000;
constexpr size_t kNameBytesMax = size_t{64} << 10;
constexpr size_t kNamesSeenMax = 20;

std::vector<std::string> split_names(std::string_view path) {
  std::vector<std::string> names;
  while (!path.empty()) {
    const size_t dot = path.find('.');
    names.emplace_back(path.substr(0, dot));
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  }
  return names;
}

std::string kind_of(int first) {
  if (first == '"') return "a text";
  if (first == 't' || first == 'f') return "a boolean";
  if (first == 'n') return "null";
  return first == '[' ? "an array" : first == '{' ? "an object" : "a number";
}

}  // namespace

JsonElements::JsonElements(std::unique_ptr<ByteSource> source, std::string_view path,
                           size_t block_bytes)
    : source_(std::move(source)), path_(split_names(path)), buffer_(block_bytes, '\0') {}

Result<std::optional<FileFault>> JsonElements::find_array() {
  auto fault = descend();
  if (fault || !is_malformed_) return fault;
  return std::optional(FileFault{"bad-json", fault.error().message(), line_, ""});
}

Result<std::optional<FileFault>> JsonElements::descend() {
  std::string place = "the top of the document";
  BULLION_TRY_ASSIGN(int first, peek());
  if (first < 0) return std::optional(FileFault{"empty-file", "the file holds no value", 0, ""});
  for (size_t i = 0; i < path_.size(); ++i) {
    if (first != '{') {
      return std::optional(FileFault{
          "json-path",
          fmt::format("line {}: `json_path` names `{}`, but at {} there is {}, not an object",
                      line_, path_[i], place, kind_of(first)),
          line_, ""});
    }
    ++position_;
    ++depth_;
    BULLION_TRY_ASSIGN(const bool found, go_to_member(path_[i]));
    if (!found) {
      return std::optional(FileFault{
          "json-path",
          fmt::format("`json_path` names `{}`, but at {} there are only: {}", path_[i], place,
                      display_text(fmt::format("{}", fmt::join(names_seen_, ", ")), 2000)),
          line_, ""});
    }
    place = fmt::format("`{}`",
                        fmt::join(path_.begin(), path_.begin() + static_cast<long>(i) + 1, "."));
    BULLION_TRY_ASSIGN(first, peek());
  }
  in_array_ = first == '[';
  if (in_array_) ++position_;
  if (in_array_ || first == '{') return std::optional<FileFault>();
  if (first < 0) return ended_early();
  return std::optional(
      FileFault{"json-path",
                fmt::format("line {}: at {} there is {}; expected an array of objects. `json_path` "
                            "of the source says where it is",
                            line_, place, kind_of(first)),
                line_, ""});
}

Result<bool> JsonElements::go_to_member(const std::string& name) {
  names_seen_.clear();
  for (bool is_first = true;; is_first = false) {
    BULLION_TRY_ASSIGN(int c, peek());
    if (c == '}') return false;
    if (!is_first) BULLION_TRY(expect(',', "between two members"));
    BULLION_TRY_ASSIGN(const std::string found, take_name());
    if (found == name) return true;
    if (names_seen_.size() < kNamesSeenMax) names_seen_.push_back(found);
    Kept nothing;
    BULLION_TRY(take_value(nothing));
  }
}

Result<std::string> JsonElements::take_name() {
  BULLION_TRY_ASSIGN(const int c, peek());
  if (c < 0) return ended_early();
  if (c != '"') return malformed("the quoted name of a member was expected");
  std::string text;
  Kept kept{.text = &text, .bytes_max = kNameBytesMax};
  BULLION_TRY(take_text(kept));
  if (kept.too_long) return malformed("the name of a member is longer than 64 KiB");
  const auto name = nlohmann::json::parse(text, nullptr, false);
  if (!name.is_string()) return malformed("the name of a member is no valid JSON text");
  BULLION_TRY(expect(':', "behind the name of a member"));
  return name.get<std::string>();
}

Result<bool> JsonElements::next(Line& line) {
  if (is_finished_) return false;
  BULLION_TRY_ASSIGN(int c, peek());
  if (in_array_) {
    if (c == ',' && elements_ > 0) {
      ++position_;
      BULLION_TRY_ASSIGN(c, peek());
      if (c == ']') return malformed("an element was expected behind the comma");
    } else if (c != ']' && elements_ > 0 && c >= 0) {
      return malformed("a comma or the end of the array was expected");
    }
  }
  const bool is_last = in_array_ ? c == ']' : elements_ > 0;
  if (is_last) {
    if (in_array_) ++position_;
    BULLION_TRY(take_rest_of_document());
    is_finished_ = true;
    return false;
  }
  if (c < 0) return ended_early();
  ++elements_;
  line.number = line_;
  element_.clear();
  Kept kept{.text = &element_, .bytes_max = kRecordBytesMax};
  BULLION_TRY(take_value(kept));
  const size_t size = kept.too_long ? std::min(element_.size(), size_t{64} << 10) : element_.size();
  element_.resize(element_.size() + kLinePadding);
  line.text = std::string_view(element_).substr(0, size);
  line.too_long = kept.too_long;
  return true;
}

Status JsonElements::take_rest_of_document() {
  while (depth_ > 0) {
    BULLION_TRY_ASSIGN(const int c, peek());
    if (c == '}') {
      ++position_;
      --depth_;
      continue;
    }
    BULLION_TRY(expect(',', "between two members"));
    BULLION_TRY(take_name());
    Kept nothing;
    BULLION_TRY(take_value(nothing));
  }
  BULLION_TRY_ASSIGN(const int c, peek());
  if (c < 0) return ok();
  return malformed(c == '{' ? "another document follows the first; for one object per line say "
                              "`format: jsonl` in the source"
                            : "nothing was expected behind the document");
}

Status JsonElements::take_value(Kept& kept) {
  BULLION_TRY_ASSIGN(const int c, peek());
  if (c < 0) return ended_early();
  if (c == '{' || c == '[') return take_container(kept);
  if (c == '"') return take_text(kept);
  return take_scalar(kept);
}

Status JsonElements::take_container(Kept& kept) {
  std::string open;  // the brackets that close what is open
  do {
    size_t from = position_;
    while (position_ < size_) {
      const char c = buffer_[position_];
      if (c == '"') {
        keep(kept, from, position_);
        BULLION_TRY(take_text(kept));
        from = position_;
        continue;
      }
      ++position_;
      if (c == '\n') ++line_;
      if (c == '{' || c == '[') {
        open += c == '{' ? '}' : ']';
        if (open.size() > kDepthMax) {
          return malformed(fmt::format("values are nested more than {} deep", kDepthMax));
        }
      } else if (c == '}' || c == ']') {
        if (open.back() != c) return malformed(fmt::format("`{}` closes what is not open", c));
        open.pop_back();
        if (open.empty()) break;
      }
    }
    keep(kept, from, position_);
    if (open.empty()) return ok();
    BULLION_TRY(fill());
  } while (!at_end_);
  return ended_early();
}

/// From the quote that opens to the one that closes.
Status JsonElements::take_text(Kept& kept) {
  bool is_open = false;
  bool is_escaped = false;
  do {
    const size_t from = position_;
    while (position_ < size_) {
      const char c = buffer_[position_++];
      if (is_escaped) {
        is_escaped = false;
      } else if (c == '\\') {
        is_escaped = true;
      } else if (c == '\n') {
        ++line_;
      } else if (c == '"') {
        if (is_open) {
          keep(kept, from, position_);
          return ok();
        }
        is_open = true;
      }
    }
    keep(kept, from, position_);
    BULLION_TRY(fill());
  } while (!at_end_);
  return ended_early();
}

Status JsonElements::take_scalar(Kept& kept) {
  size_t length = 0;
  do {
    const size_t from = position_;
    while (position_ < size_) {
      const char c = buffer_[position_];
      if (is_blank(c) || c == ',' || c == ']' || c == '}' || c == '{' || c == '[' || c == '"' ||
          c == ':') {
        break;
      }
      ++position_;
    }
    length += position_ - from;
    keep(kept, from, position_);
    if (position_ < size_) {
      return length > 0 ? ok()
                        : Status(malformed(fmt::format("a value was expected, there is `{}`",
                                                       buffer_[position_])));
    }
    BULLION_TRY(fill());
  } while (!at_end_);
  return length > 0 ? ok() : Status(ended_early());
}

void JsonElements::keep(Kept& kept, size_t from, size_t to) const {
  if (kept.text == nullptr || kept.too_long) return;
  kept.too_long = kept.text->size() + (to - from) > kept.bytes_max;
  const size_t room = kept.bytes_max - kept.text->size();
  kept.text->append(buffer_, from, std::min(to - from, room));
}

Result<int> JsonElements::peek() {
  for (;;) {
    while (position_ < size_) {
      const char c = buffer_[position_];
      if (!is_blank(c)) return static_cast<int>(static_cast<unsigned char>(c));
      if (c == '\n') ++line_;
      ++position_;
    }
    if (at_end_) return -1;
    BULLION_TRY(fill());
  }
}

Status JsonElements::expect(char wanted, std::string_view place) {
  BULLION_TRY_ASSIGN(const int c, peek());
  if (c < 0) return ended_early();
  if (c != wanted) return malformed(fmt::format("`{}` was expected {}", wanted, place));
  ++position_;
  return ok();
}

/// Takes the next block when all of this one is taken.
Status JsonElements::fill() {
  if (position_ < size_ || at_end_) return ok();
  BULLION_TRY_ASSIGN(size_, source_->read(buffer_.data(), buffer_.size()));
  position_ = 0;
  at_end_ = size_ == 0;
  return ok();
}

Error JsonElements::malformed(std::string_view what) {
  is_malformed_ = true;
  return corrupt(fmt::format("line {}: this is no valid JSON: {}", line_, what));
}

Error JsonElements::ended_early() {
  is_malformed_ = true;
  return corrupt(fmt::format(
      "line {}: the JSON document ends in the middle; the file was cut off, fetch it again",
      line_));
}

}  // namespace bullion::records
