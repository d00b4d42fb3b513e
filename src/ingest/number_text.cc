#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "ingest/number_text_internal.h"

namespace bullion::ingest {
namespace {

constexpr std::string_view kNoBreakBlank = "\xC2\xA0";
constexpr std::string_view kNarrowBlank = "\xE2\x80\xAF";

/// Bytes of the blank that `text` begins with; 0 when it begins with none.
size_t leading_blank(std::string_view text) {
  if (text.starts_with(' ') || text.starts_with('\t')) return 1;
  if (text.starts_with(kNoBreakBlank)) return kNoBreakBlank.size();
  if (text.starts_with(kNarrowBlank)) return kNarrowBlank.size();
  return 0;
}

size_t trailing_blank(std::string_view text) {
  if (text.ends_with(' ') || text.ends_with('\t')) return 1;
  if (text.ends_with(kNoBreakBlank)) return kNoBreakBlank.size();
  if (text.ends_with(kNarrowBlank)) return kNarrowBlank.size();
  return 0;
}

std::string_view without_blanks(std::string_view text) {
  while (const size_t bytes = leading_blank(text)) text.remove_prefix(bytes);
  while (const size_t bytes = trailing_blank(text)) text.remove_suffix(bytes);
  return text;
}

/// Takes signs and currency signs off both ends, one of each at most.
class Wrapping {
 public:
  explicit Wrapping(const project::ValueFormat& format) : format_(format) {}

  /// What is left is the number itself.
  std::string_view take_off(std::string_view text) {
    text = without_blanks(text);
    while (take_sign(text) || take_currency(text)) {
    }
    return text;
  }
  bool is_negative() const { return is_negative_; }

 private:
  bool take_sign(std::string_view& text) {
    if (has_sign_) return false;
    if (text.starts_with('-') || text.starts_with('+')) {
      is_negative_ = text[0] == '-';
      text.remove_prefix(1);
    } else if (format_.trailing_minus && text.ends_with('-')) {
      is_negative_ = true;
      text = without_blanks(text.substr(0, text.size() - 1));
    } else if (format_.parentheses_negative && text.size() > 2 && text.front() == '(' &&
               text.back() == ')') {
      is_negative_ = true;
      text = without_blanks(text.substr(1, text.size() - 2));
    } else {
      return false;
    }
    has_sign_ = true;
    return true;
  }

  bool take_currency(std::string_view& text) {
    if (has_currency_) return false;
    for (const std::string& sign : format_.currency_signs) {
      if (sign.empty() || text.size() <= sign.size()) continue;
      if (text.starts_with(sign)) {
        text.remove_prefix(sign.size());
      } else if (text.ends_with(sign)) {
        text.remove_suffix(sign.size());
      } else {
        continue;
      }
      text = without_blanks(text);
      has_currency_ = true;
      return true;
    }
    return false;
  }

  const project::ValueFormat& format_;
  bool has_sign_ = false;
  bool has_currency_ = false;
  bool is_negative_ = false;
};

/// Bytes of the thousands mark that `text` begins with; 0 when it begins with none.
size_t leading_mark(std::string_view text, char mark) {
  if (mark == '\0') return 0;
  if (mark == ' ') return leading_blank(text);
  return text.starts_with(mark) ? 1 : 0;
}

size_t append_digits(std::string_view& text, std::string& out) {
  size_t count = 0;
  while (count < text.size() && is_digit(text[count])) ++count;
  out.append(text.substr(0, count));
  text.remove_prefix(count);
  return count;
}

/// Appends the digits before the decimal mark. False when their groups are wrong.
bool take_whole(std::string_view& text, char mark, std::string& out, bool& has_groups) {
  const size_t begin = out.size();
  const size_t first = append_digits(text, out);
  size_t bytes = leading_mark(text, mark);
  has_groups = bytes > 0;
  if (!has_groups) return true;
  if (first == 0 || first > 3 || out[begin] == '0') return false;
  while (bytes > 0) {
    text.remove_prefix(bytes);
    if (append_digits(text, out) != 3) return false;
    bytes = leading_mark(text, mark);
  }
  return true;
}

}  // namespace

bool is_plain(const project::ValueFormat& format) {
  return format.decimal_mark == '.' && format.thousands_mark == '\0' &&
         !format.parentheses_negative && !format.trailing_minus && format.currency_signs.empty();
}

std::optional<std::string> plain_number(std::string_view text, const project::ValueFormat& format) {
  Wrapping wrapping(format);
  text = wrapping.take_off(text);
  std::string out;
  if (wrapping.is_negative()) out += '-';
  bool has_groups = false;
  if (!take_whole(text, format.thousands_mark, out, has_groups)) return std::nullopt;
  if (text.starts_with(format.decimal_mark)) {
    out += '.';
    text.remove_prefix(1);
    append_digits(text, out);
  }
  if (text.empty()) return out;
  if (has_groups || (text[0] != 'e' && text[0] != 'E')) return std::nullopt;
  out += 'e';
  text.remove_prefix(1);
  if (text.starts_with('-') || text.starts_with('+')) {
    out += text[0];
    text.remove_prefix(1);
  }
  if (append_digits(text, out) == 0 || !text.empty()) return std::nullopt;
  return out;
}

std::string number_examples(const project::ValueFormat& format, int scale) {
  std::string number = "1";
  if (format.thousands_mark != '\0') number += format.thousands_mark;
  number += "234";
  if (scale > 0) {
    number += format.decimal_mark;
    number += scale == 1 ? "5" : "50";
  }
  if (!format.currency_signs.empty()) number = format.currency_signs.front() + number;
  std::string examples = '-' + number;
  if (format.parentheses_negative) examples += fmt::format(" or ({})", number);
  if (format.trailing_minus) examples += fmt::format(" or {}-", number);
  return examples;
}

}  // namespace bullion::ingest
