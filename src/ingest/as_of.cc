#include <algorithm>
#include <regex>

#include <fmt/format.h>

#include "base/date.h"
#include "ingest/as_of_internal.h"

namespace bullion::ingest {
namespace {

constexpr size_t kDigitsMax = 18;
constexpr size_t kNameBytesMax = 4096;

bool all_digits(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string padded(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return std::string(kDigitsMax - std::min(kDigitsMax, digits.size()), '0') + std::string(digits);
}

/// "20180207" as "2018-02-07", "20180207T101112Z" as "2018-02-07T10:11:12Z".
std::string with_separators(const std::string& text) {
  if (text.size() < 8 || !all_digits(std::string_view(text).substr(0, 8))) return text;
  std::string out = text.substr(0, 4) + "-" + text.substr(4, 2) + "-" + text.substr(6, 2);
  std::string rest = text.substr(8);
  if (rest.size() >= 7 && (rest[0] == 'T' || rest[0] == '_' || rest[0] == '-') &&
      all_digits(std::string_view(rest).substr(1, 6))) {
    rest = "T" + rest.substr(1, 2) + ":" + rest.substr(3, 2) + ":" + rest.substr(5);
  }
  return out + rest;
}

}  // namespace

std::optional<std::string> ordered_as_of(std::string_view text, const std::string& type) {
  if (type == "integer") {
    if (!all_digits(text) || text.size() > kDigitsMax) return std::nullopt;
    return padded(text);
  }
  const std::string spelled = with_separators(std::string(text));
  if (type == "date") {
    const auto days = parse_date(spelled);
    if (!days) return std::nullopt;
    return format_date(*days);
  }
  const auto micros = parse_timestamp(spelled);
  if (!micros) return std::nullopt;
  return format_timestamp(*micros);
}

Result<std::string> as_of_file(const project::Snapshot& snapshot, std::string_view path) {
  const std::string name(path.substr(path.rfind('/') + 1));
  std::smatch match;
  // The standard library's matcher recurses once per character.
  if (name.size() > kNameBytesMax) return invalid("the file's name is too long");
  try {
    const std::regex pattern(snapshot.as_of_pattern, std::regex::ECMAScript);
    if (!std::regex_search(name, match, pattern) || match.size() < 2) {
      return invalid(
          fmt::format("the file's name `{}` does not match the pattern `{}` of the "
                      "snapshot's `as_of`; rename the file or correct the pattern",
                      name, snapshot.as_of_pattern));
    }
  } catch (const std::regex_error& error) {
    return invalid(
        fmt::format("the pattern `{}` of the snapshot's `as_of` is no regular "
                    "expression: {}",
                    snapshot.as_of_pattern, error.what()));
  }
  auto ordered = ordered_as_of(match[1].str(), snapshot.as_of_type);
  if (!ordered) {
    return invalid(fmt::format("`{}` in the file's name `{}` is no {}, which `as_of` needs",
                               match[1].str(), name, snapshot.as_of_type));
  }
  return *ordered;
}

std::string as_of_value(const engine::ColumnBatch& column, size_t row) {
  using delta::TypeId;
  switch (column.type.id) {
    case TypeId::Date:
      return format_date(column.fixed32[row]);
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return format_timestamp(column.fixed64[row]);
    case TypeId::Long:
      return padded(std::to_string(std::max<int64_t>(column.fixed64[row], 0)));
    case TypeId::Integer:
    case TypeId::Short:
    case TypeId::Byte:
      return padded(std::to_string(std::max(column.fixed32[row], 0)));
    default: {
      const uint32_t begin = row == 0 ? 0 : column.ends[row - 1];
      return column.bytes.substr(begin, column.ends[row] - begin);
    }
  }
}

}  // namespace bullion::ingest
