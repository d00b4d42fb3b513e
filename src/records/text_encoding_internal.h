// Bytes of other encodings to UTF-8, with the place of every byte that is no character.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/byte_source.h"

namespace bullion::records {

/// Stands in the output for one undecodable unit: never part of valid UTF-8, so the record that
/// holds it shows itself as faulty.
inline constexpr char kUndecodable = '\xFF';

/// An undecodable unit: offsets into the input and the output of one call.
struct Undecodable {
  size_t in = 0;
  size_t out = 0;
};

/// Not thread-safe.
class TextDecoder {
 public:
  TextDecoder() = default;
  TextDecoder(const TextDecoder&) = delete;
  TextDecoder& operator=(const TextDecoder&) = delete;
  virtual ~TextDecoder() = default;

  /// Appends `input` as UTF-8 to `out`, kUndecodable for what is no character, and returns the
  /// bytes taken: all of them, but for a character that is cut off and not `at_end`.
  virtual size_t decode(std::string_view input, bool at_end, std::string& out,
                        std::vector<Undecodable>& bad) = 0;

  /// ASCII bytes are themselves.
  virtual bool is_ascii_superset() const { return false; }
};

/// nullptr when nothing knows the name. Windows-1252 and Latin-1 are built in, the others are the
/// system's iconv. The five bytes that Windows-1252 leaves undefined (81, 8D, 8F, 90, 9D) are no
/// characters.
std::unique_ptr<TextDecoder> text_decoder(std::string_view encoding);

/// Lower case; the usual other names of utf-8, utf-16le, windows-1252 and iso-8859-1 as these.
std::string encoding_name(std::string_view name);

/// The text of `source` in UTF-8.
std::unique_ptr<ByteSource> decoded(std::unique_ptr<ByteSource> source, std::string encoding,
                                    std::unique_ptr<TextDecoder> decoder);

/// The first of `encodings` in which every byte of `source` is a character; else the one with the
/// fewest that are none, the first of equals. Reads to the end.
Result<std::string> fitting_encoding(ByteSource& source, const std::vector<std::string>& encodings);

}  // namespace bullion::records
