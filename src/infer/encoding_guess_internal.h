// The character encoding of a file, and its text in UTF-8.
#pragma once

#include <string>
#include <string_view>

namespace bullion::infer {

struct EncodingGuess {
  std::string name = "utf-8";  ///< as iconv knows it
  bool has_mark = false;       ///< a byte order mark says so
  bool is_certain = true;      ///< false: other encodings of single bytes fit as well
};

/// By the byte order mark; else UTF-16 by its NUL bytes, UTF-8 when the bytes are valid UTF-8 (a
/// character that is cut at the end is no fault), else the encoding of single bytes in which the
/// bytes above 127 are letters within words most often.
EncodingGuess guess_encoding(std::string_view bytes);

/// Without byte order marks; a byte that is no character becomes U+FFFD.
std::string to_utf8(std::string_view bytes, const std::string& encoding);

}  // namespace bullion::infer
