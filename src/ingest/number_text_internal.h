// Numbers as people and programs write them, to the one form that is parsed.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "project/file_format.h"

namespace bullion::ingest {

/// No blanks, no marks, '.' before the fraction: what parse_decimal takes as it stands.
bool is_plain(const project::ValueFormat& format);

/// `[-]digits[.digits][e[+-]digits]` of a text in `format`; nullopt when it is not written so.
/// - Thousands marks are all there or none is: one to three digits, not beginning with 0 when
/// groups
///   follow, then groups of three. None stands in the fraction or with an exponent. A blank as mark
///   is met by no-break blanks too.
/// - One sign at most: before the number or before its currency sign; parentheses and a trailing
///   minus are signs.
/// - One currency sign at most, before or behind the number; blanks may part them.
std::optional<std::string> plain_number(std::string_view text, const project::ValueFormat& format);

/// Numbers of `scale` decimals as they are expected, for messages: "-1.234,50 or (1.234,50)".
std::string number_examples(const project::ValueFormat& format, int scale);

}  // namespace bullion::ingest
