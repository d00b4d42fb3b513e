// One field of a CSV file, as every writer of Bullion quotes it (RFC 4180).
#pragma once

#include <string>
#include <string_view>

namespace bullion {

/// Appends the text as a field; quoted when a reader could take it for something else: when it has
/// the delimiter, a quote or a line end in it, a space at an end, or nothing at all (which is
/// NULL).
void append_csv_text(std::string& line, std::string_view text, char delimiter = ',');

}  // namespace bullion
