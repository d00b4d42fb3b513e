#include "base/text_pattern.h"

#include <charconv>
#include <limits>
#include <optional>

#include <fmt/format.h>

namespace bullion {
namespace {

constexpr size_t kUnbounded = std::numeric_limits<size_t>::max();
constexpr size_t kRepeatMax = 1000;
constexpr unsigned char kAsciiMax = 127;

unsigned char byte_of(char c) { return static_cast<unsigned char>(c); }

/// Reads one pattern from its front.
class PatternReader {
 public:
  explicit PatternReader(std::string_view text) : text_(text) {}

  bool done() const { return at_ == text_.size(); }

  Result<std::bitset<256>> bytes() {
    const char c = text_[at_];
    std::bitset<256> set;
    if (c == '[') return char_class();
    if (std::string_view("()|^$\\*+?{}]").find(c) != std::string_view::npos) {
      return refuse(
          fmt::format("`{}` has no meaning here; the character itself stands in a class, "
                      "such as [.] for a point",
                      c));
    }
    if (c == '.') {
      set.set();
    } else {
      set.set(byte_of(c));
    }
    ++at_;
    return set;
  }

  /// How often: {least, most}.
  Result<std::pair<size_t, size_t>> times() {
    if (done()) return std::pair<size_t, size_t>{1, 1};
    switch (text_[at_]) {
      case '?':
        ++at_;
        return std::pair<size_t, size_t>{0, 1};
      case '*':
        ++at_;
        return std::pair<size_t, size_t>{0, kUnbounded};
      case '+':
        ++at_;
        return std::pair<size_t, size_t>{1, kUnbounded};
      case '{':
        return counted();
      default:
        return std::pair<size_t, size_t>{1, 1};
    }
  }

 private:
  Error refuse(const std::string& why) const {
    return invalid(fmt::format("the pattern `{}` at character {}: {}", text_, at_ + 1, why));
  }

  Result<std::bitset<256>> char_class() {
    std::bitset<256> set;
    const size_t open = at_++;
    const bool negated = !done() && text_[at_] == '^';
    if (negated) ++at_;
    while (!done() && text_[at_] != ']') {
      const unsigned char first = byte_of(text_[at_]);
      unsigned char last = first;
      if (at_ + 2 < text_.size() && text_[at_ + 1] == '-' && text_[at_ + 2] != ']') {
        last = byte_of(text_[at_ + 2]);
      }
      if (first > kAsciiMax || last > kAsciiMax) {
        return refuse("classes hold ASCII characters only");
      }
      if (first == '\\' || last == '\\' || first == '[') {
        return refuse("a class may hold neither backslashes nor `[`");
      }
      if (last < first) return refuse("the range ends before it begins");
      at_ += last == first ? 1 : 3;
      for (size_t byte = first; byte <= last; ++byte) set.set(byte);
    }
    if (done() || set.none()) {
      at_ = open;
      return refuse("the class is empty or has no `]`");
    }
    ++at_;
    return negated ? ~set : set;
  }

  std::optional<size_t> number() {
    size_t value = 0;
    const char* begin = text_.data() + at_;
    const auto [end, code] = std::from_chars(begin, text_.data() + text_.size(), value);
    if (code != std::errc() || end == begin || value > kRepeatMax) return std::nullopt;
    at_ += static_cast<size_t>(end - begin);
    return value;
  }

  Result<std::pair<size_t, size_t>> counted() {
    const size_t open = at_++;
    const auto least = number();
    std::optional<size_t> most = least;
    if (least && !done() && text_[at_] == ',') {
      ++at_;
      most = !done() && text_[at_] == '}' ? std::optional(kUnbounded) : number();
    }
    if (!least || !most || *most < *least || done() || text_[at_] != '}') {
      at_ = open;
      return refuse(
          fmt::format("expected {{n}}, {{n,}} or {{n,m}} with numbers up to {}", kRepeatMax));
    }
    ++at_;
    return std::pair{*least, *most};
  }

  std::string_view text_;
  size_t at_ = 0;
};

}  // namespace

Result<TextPattern> TextPattern::parse(std::string_view text) {
  if (text.empty()) return invalid("the pattern is empty; it would match nothing but empty texts");
  TextPattern pattern;
  PatternReader reader(text);
  while (!reader.done()) {
    Item item;
    BULLION_TRY_ASSIGN(item.bytes, reader.bytes());
    BULLION_TRY_ASSIGN(const auto times, reader.times());
    item.least = times.first;
    item.most = times.second;
    pattern.items_.push_back(item);
  }
  return pattern;
}

bool TextPattern::matches(std::string_view text) const {
  const auto run_at = [&](const Item& item, size_t begin) {
    size_t length = 0;
    while (length < item.most && begin + length < text.size() &&
           item.bytes.test(byte_of(text[begin + length]))) {
      ++length;
    }
    return length;
  };
  // As much as possible of each item is the answer for almost every text that matches.
  size_t at = 0;
  bool greedy = true;
  for (const Item& item : items_) {
    const size_t length = run_at(item, at);
    greedy = greedy && length >= item.least;
    at += length;
  }
  if (greedy && at == text.size()) return true;
  // Else all places where an item may end, item by item.
  std::vector<bool> ends(text.size() + 1, false);
  ends[0] = true;
  for (const Item& item : items_) {
    std::vector<bool> next(text.size() + 1, false);
    for (size_t begin = 0; begin <= text.size(); ++begin) {
      if (!ends[begin]) continue;
      const size_t length = run_at(item, begin);
      for (size_t taken = item.least; taken <= length; ++taken) next[begin + taken] = true;
    }
    ends = std::move(next);
  }
  return ends[text.size()];
}

}  // namespace bullion
