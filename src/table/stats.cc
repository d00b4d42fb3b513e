#include <algorithm>
#include <cmath>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/date.h"
#include "base/time_units.h"
#include "base/utf8.h"
#include "table/stats_internal.h"

namespace bullion::table {
namespace {

constexpr size_t kColumnsWithStats = 32;
constexpr size_t kPrefixUnits = 32;
constexpr size_t kPrefixUnitsMax = 64;
constexpr std::string_view kLargestCharacter = "\xF4\x8F\xBF\xBF";  // U+10FFFF
// Years 0001 to 9999, which is what the JSON texts of dates can say.
constexpr int32_t kDaysMin = -719'162;
constexpr int32_t kDaysMax = 2'932'896;

struct Prefix {
  size_t bytes = 0;
  size_t units = 0;  ///< UTF-16 units, in which Delta's writers count
};

// The longest prefix of whole characters that has at most `units_max` units.
std::optional<Prefix> prefix_of(std::string_view text, size_t units_max) {
  Prefix prefix;
  while (prefix.bytes < text.size()) {
    const size_t bytes = utf8_character_length(text.substr(prefix.bytes));
    if (bytes == 0) return std::nullopt;
    const size_t units = bytes == 4 ? 2 : 1;
    if (prefix.units + units > units_max) break;
    prefix.bytes += bytes;
    prefix.units += units;
  }
  return prefix;
}

std::optional<std::string> date_bound(int32_t days) {
  if (days < kDaysMin || days > kDaysMax) return std::nullopt;
  return '"' + format_date(days) + '"';
}

// The bounds have milliseconds only, so the lower one is rounded down and the upper one up.
std::optional<std::string> timestamp_bound(int64_t micros, bool is_upper, bool has_zone) {
  int64_t millis = micros / kMicrosPerMilli;
  const int64_t rest = micros % kMicrosPerMilli;
  if (rest < 0 && !is_upper) --millis;
  if (rest > 0 && is_upper) ++millis;
  if (millis < kDaysMin * kMillisPerDay || millis >= (kDaysMax + int64_t{1}) * kMillisPerDay) {
    return std::nullopt;
  }
  std::string text = format_timestamp(millis * kMicrosPerMilli);
  constexpr size_t kMicroDigitsAndZone = 4;
  text.erase(text.size() - kMicroDigitsAndZone);
  return '"' + text + (has_zone ? "Z\"" : "\"");
}

std::optional<std::string> double_bound(double value, bool is_upper) {
  if (!std::isfinite(value)) return std::nullopt;
  // Zero has two signs, and the file may hold both.
  if (value == 0) return is_upper ? "0.0" : "-0.0";
  std::string text = fmt::format("{}", value);
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text;
}

std::optional<std::string> text_bound(std::string_view text, bool is_upper) {
  const std::optional<std::string> bound =
      is_upper ? upper_text_bound(text) : lower_text_bound(text);
  if (!bound.has_value()) return std::nullopt;
  std::string json;
  append_json_text(json, *bound);
  return json;
}

// The JSON text of one bound; nullopt when none may be published.
std::optional<std::string> bound_json(const delta::DataType& type, const engine::Value& value,
                                      bool is_upper, bool has_nan) {
  using delta::TypeId;
  switch (type.id) {
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
      if (const auto* number = std::get_if<int64_t>(&value)) return fmt::format("{}", *number);
      return std::nullopt;
    case TypeId::Float:
    case TypeId::Double:
      // Readers order NaN above all numbers, so a file with one has no upper bound.
      if (is_upper && has_nan) return std::nullopt;
      if (const auto* number = std::get_if<double>(&value)) {
        // The exact value of a FLOAT, which its shortest text is not for who reads it as DOUBLE.
        return double_bound(
            type.id == TypeId::Float ? double{static_cast<float>(*number)} : *number, is_upper);
      }
      return std::nullopt;
    case TypeId::Decimal:
      if (const auto* number = std::get_if<Decimal>(&value)) return to_string(*number);
      return std::nullopt;
    case TypeId::String:
      if (const auto* text = std::get_if<std::string>(&value)) return text_bound(*text, is_upper);
      return std::nullopt;
    case TypeId::Date:
      if (const auto* date = std::get_if<engine::DateValue>(&value)) return date_bound(date->days);
      return std::nullopt;
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      if (const auto* instant = std::get_if<engine::TimestampValue>(&value)) {
        return timestamp_bound(instant->micros, is_upper, type.id == TypeId::Timestamp);
      }
      return std::nullopt;
    case TypeId::Boolean:
    case TypeId::Binary:
    case TypeId::Struct:
    case TypeId::Array:
    case TypeId::Map:
      return std::nullopt;
  }
  return std::nullopt;
}

void append_member(std::string& object, std::string_view name, std::string_view json) {
  object += object.empty() ? "" : ",";
  append_json_text(object, name);
  object += ':';
  object += json;
}

}  // namespace

std::optional<std::string> lower_text_bound(std::string_view text) {
  const std::optional<Prefix> prefix = prefix_of(text, kPrefixUnits);
  if (!prefix.has_value()) return std::nullopt;
  return std::string(text.substr(0, prefix->bytes));
}

std::optional<std::string> upper_text_bound(std::string_view text) {
  std::optional<Prefix> prefix = prefix_of(text, kPrefixUnits);
  // The largest character bounds what was cut off only when that begins with a smaller one.
  while (prefix.has_value() && prefix->bytes < text.size() &&
         text.substr(prefix->bytes).starts_with(kLargestCharacter)) {
    prefix->bytes += kLargestCharacter.size();
    prefix->units += 2;
    if (prefix->units > kPrefixUnitsMax) return std::nullopt;
  }
  if (!prefix.has_value()) return std::nullopt;
  std::string bound(text.substr(0, prefix->bytes));
  if (prefix->bytes < text.size()) {
    if (utf8_character_length(text.substr(prefix->bytes)) == 0) return std::nullopt;
    bound += kLargestCharacter;
  }
  return bound;
}

std::string stats_json(const delta::Schema& schema,
                       const std::vector<std::string>& partition_columns,
                       const engine::StagedFile& file) {
  std::string minima;
  std::string maxima;
  std::string null_counts;
  size_t columns = 0;
  for (const delta::Column& column : schema) {
    if (std::ranges::find(partition_columns, column.name) != partition_columns.end()) continue;
    if (++columns > kColumnsWithStats) break;
    const auto found = file.stats.find(column.name);
    if (found == file.stats.end() || column.type.is_nested()) continue;
    const engine::ColumnStats& stats = found->second;
    append_member(null_counts, column.name, fmt::format("{}", stats.null_count));
    if (stats.null_count == file.rows) continue;
    const auto minimum = bound_json(column.type, stats.min, false, stats.has_nan);
    const auto maximum = bound_json(column.type, stats.max, true, stats.has_nan);
    if (minimum.has_value()) append_member(minima, column.name, *minimum);
    if (maximum.has_value()) append_member(maxima, column.name, *maximum);
  }
  return fmt::format(R"({{"numRecords":{},"minValues":{{{}}},"maxValues":{{{}}},)"
                     R"("nullCount":{{{}}},"tightBounds":true}})",
                     file.rows, minima, maxima, null_counts);
}

void append_json_text(std::string& json, std::string_view text) {
  json += nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace bullion::table
