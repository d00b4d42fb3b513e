#include <algorithm>
#include <array>
#include <cerrno>

#include <iconv.h>
#include <simdjson.h>

#include "infer/encoding_guess_internal.h"
#include "records/header.h"

namespace bullion::infer {
namespace {

// Enough bytes above 127 to tell encodings of single bytes apart.
constexpr size_t kJudgedBytesMax = size_t{4} << 20;

bool is_cut_utf8(std::string_view bytes) {
  for (size_t cut = 0; cut < 4 && cut < bytes.size(); ++cut) {
    const std::string_view head = bytes.substr(0, bytes.size() - cut);
    if (simdjson::validate_utf8(head.data(), head.size())) return true;
  }
  return false;
}

/// Of UTF-16 in Latin letters every other byte is NUL.
std::string utf16_order(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, 4096);
  std::array<size_t, 2> nul{};
  for (size_t i = 0; i < head.size(); ++i) nul[i % 2] += head[i] == '\0' ? 1 : 0;
  const size_t half = head.size() / 2;
  if (half < 2) return "";
  if (nul[1] * 10 > half * 6 && nul[0] * 10 < half) return "utf-16le";
  if (nul[0] * 10 > half * 6 && nul[1] * 10 < half) return "utf-16be";
  return "";
}

class Converter {
 public:
  explicit Converter(const std::string& encoding)
      : handle_(iconv_open("UTF-8", encoding.c_str())) {}
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  ~Converter() {
    if (is_open()) iconv_close(handle_);
  }
  bool is_open() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  std::string convert(std::string_view bytes) {
    std::string out;
    std::array<char, 16384> block{};
    char* in = const_cast<char*>(bytes.data());
    size_t left = bytes.size();
    while (left > 0) {
      char* to = block.data();
      size_t room = block.size();
      const size_t result = iconv(handle_, &in, &left, &to, &room);
      out.append(block.data(), block.size() - room);
      if (result != static_cast<size_t>(-1) || errno == E2BIG) continue;
      if (errno == EINVAL) break;  // The last character is cut.
      out += "\xEF\xBF\xBD";
      ++in;
      --left;
    }
    return out;
  }

 private:
  iconv_t handle_;
};

bool is_ascii_letter(unsigned char c) { return (c | 32U) >= 'a' && (c | 32U) <= 'z'; }

/// Whether a code point is a letter of a Latin alphabet.
bool is_latin_letter(uint32_t c) {
  return (c >= 0xC0 && c <= 0x17F && c != 0xD7 && c != 0xF7) || c == 0x218 || c == 0x219 ||
         c == 0x21A || c == 0x21B;
}

bool is_latin_capital(uint32_t c) {
  if (c <= 0xDE) return c >= 0xC0;
  if (c < 0x100) return false;
  // In Latin Extended-A capitals and small letters take turns, with two changes of step.
  const bool capitals_are_odd = (c >= 0x139 && c <= 0x148) || c >= 0x179;
  return (c % 2 == 1) == capitals_are_odd;
}

/// Points for what stands where it makes sense: letters in words, signs outside of them.
int64_t plausibility(std::string_view text) {
  int64_t points = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0xC0) continue;
    uint32_t point = lead & (lead < 0xE0 ? 0x1FU : 0x0FU);
    size_t next = i + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80U)
      point = (point << 6U) | (static_cast<unsigned char>(text[next++]) & 0x3FU);
    const bool touches =
        (i > 0 && is_ascii_letter(static_cast<unsigned char>(text[i - 1]))) ||
        (next < text.size() && is_ascii_letter(static_cast<unsigned char>(text[next])));
    const bool within = i > 0 && is_ascii_letter(static_cast<unsigned char>(text[i - 1])) &&
                        next < text.size() &&
                        is_ascii_letter(static_cast<unsigned char>(text[next]));
    if (point == 0xFFFD || (point >= 0x80 && point < 0xA0)) {
      points -= 20;
    } else if (is_latin_letter(point)) {
      const bool behind_small = i > 0 && text[i - 1] >= 'a' && text[i - 1] <= 'z';
      points += behind_small && is_latin_capital(point) ? -4 : touches ? 3 : 0;
    } else {
      // An apostrophe or a dash may stand within a word; a pound sign may not.
      points += within && point != 0x2019 && point != 0x2013 ? -2 : 1;
    }
  }
  return points;
}

}  // namespace

EncodingGuess guess_encoding(std::string_view bytes) {
  using std::string_view_literals::operator""sv;
  if (bytes.starts_with("\xEF\xBB\xBF")) return {"utf-8", true, true};
  if (bytes.starts_with("\xFF\xFE\0\0"sv)) return {"utf-32le", true, true};
  if (bytes.starts_with("\0\0\xFE\xFF"sv)) return {"utf-32be", true, true};
  if (bytes.starts_with("\xFF\xFE")) return {"utf-16le", true, true};
  if (bytes.starts_with("\xFE\xFF")) return {"utf-16be", true, true};
  const std::string order = utf16_order(bytes);
  if (!order.empty()) return {order, false, true};
  if (is_cut_utf8(bytes)) return {"utf-8", false, true};
  EncodingGuess best{"windows-1252", false, false};
  int64_t best_points = 0;
  bool is_first = true;
  // In the order of how common they are; a later one has to be better.
  for (const char* name : {"windows-1252", "windows-1250", "iso-8859-2", "cp850", "cp852"}) {
    const int64_t points = plausibility(to_utf8(bytes.substr(0, kJudgedBytesMax), name));
    if (!is_first && points <= best_points) continue;
    is_first = false;
    best_points = points;
    best.name = name;
  }
  return best;
}

std::string to_utf8(std::string_view bytes, const std::string& encoding) {
  if (encoding == "utf-8") return std::string(records::without_byte_order_marks(bytes));
  Converter converter(encoding);
  if (!converter.is_open()) return std::string(bytes);
  const std::string text = converter.convert(bytes);
  return std::string(records::without_byte_order_marks(text));
}

}  // namespace bullion::infer
