// Input text made fit for messages and for the quarantine table: valid UTF-8 and of bounded length.
#pragma once

#include <string>
#include <string_view>

namespace bullion::records {

/// The longest raw text kept of a rejected record, in bytes.
inline constexpr size_t kRawBytesMax = size_t{64} << 10;

/// `bytes` as valid UTF-8: each invalid byte becomes U+FFFD, each NUL U+2400. Cut between
/// characters so that at most `bytes_max` bytes remain, with a final "…" counted in when something
/// was cut.
std::string display_text(std::string_view bytes, size_t bytes_max);

/// A short form for messages: one line (line ends shown as \n and \r), about 120 bytes, in
/// `backquotes`.
std::string quoted_for_message(std::string_view bytes);

}  // namespace bullion::records
