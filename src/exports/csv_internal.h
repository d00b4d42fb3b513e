// What the CSV forms of this module share.
#pragma once

#include <string_view>

namespace bullion::exports {

/// What a spreadsheet takes for the start of a formula (OWASP, "CSV Injection"): also the
/// full-width forms, and controls that it skips. Apostrophes in front are looked through, so that
/// taking one away always gives the text back.
bool starts_like_formula(std::string_view text);

}  // namespace bullion::exports
