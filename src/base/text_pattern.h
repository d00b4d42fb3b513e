// Patterns of whole texts, such as [A-Z]{2} or C[0-9]{4,}: a small part of regular expressions that
// means the same to every engine and is matched without backtracking.
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bullion {

/// A sequence of characters, `.` (any byte) and classes ([0-9a-f], [^,]), each of which may be
/// followed by ?, *, +, {n}, {n,} or {n,m}. `[.]` is a point. Works on bytes: characters outside
/// ASCII may stand alone but not in classes. Immutable, so shared freely by threads.
class TextPattern {
 public:
  /// Invalid, naming the place, for what is not of the form above: groups, `|`, `^`, `$` and
  /// backslashes included.
  static Result<TextPattern> parse(std::string_view text);

  /// Whether the pattern matches all of `text`. Takes at most pattern times text steps.
  bool matches(std::string_view text) const;

 private:
  struct Item {
    std::bitset<256> bytes;
    size_t least = 1;
    size_t most = 1;
  };

  std::vector<Item> items_;
};

}  // namespace bullion
