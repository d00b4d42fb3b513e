#include <algorithm>
#include <cctype>

#include "base/sha256.h"
#include "engine/engine.h"

namespace bullion::engine {

bool is_file_name_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '.' || c == '_' || c == '-';
  });
}

std::string partition_folder(const std::string& column, const std::optional<std::string>& value) {
  // A name that could be mistaken for another value, or be read as a path, is replaced by a digest.
  const auto safe = [](const std::string& text) {
    constexpr size_t kFolderNameBytes = 100;
    constexpr size_t kDigits = 16;
    if (is_file_name_text(text) && text.size() <= kFolderNameBytes) return text;
    return "_" + sha256_hex(text).substr(0, kDigits);
  };
  return safe(column) + "=" + (value ? safe(*value) : kNullFolder);
}

}  // namespace bullion::engine
