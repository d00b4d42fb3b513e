#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <compare>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/assert.h"
#include "base/date.h"
#include "base/decimal.h"
#include "engine/engine.h"
#include "ingest/number_text_internal.h"
#include "ingest/typed_column_internal.h"
#include "records/display_text.h"

namespace bullion::ingest {
namespace {

using delta::TypeId;

// A message lists this many accepted values at most.
constexpr size_t kValuesShownMax = 20;

std::string_view without_margins(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// parse_decimal for the common case: few digits, no exponent, no fault. nullopt: take the slow
/// path.
std::optional<int64_t> short_decimal(std::string_view text, int precision, int scale) {
  if (text.size() > 18) return std::nullopt;
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  int64_t units = 0;
  size_t i = 0;
  while (i < text.size() && is_digit(text[i])) units = units * 10 + (text[i++] - '0');
  const size_t whole = i;
  size_t fraction = 0;
  if (i < text.size() && text[i] == '.') {
    ++i;
    while (i < text.size() && is_digit(text[i])) units = units * 10 + (text[i++] - '0');
    fraction = i - whole - 1;
  }
  if (i != text.size() || whole + fraction == 0) return std::nullopt;
  const int missing = scale - static_cast<int>(fraction);
  if (missing < 0 || static_cast<int>(whole) > precision - scale) return std::nullopt;
  if (static_cast<int>(whole) + scale > 18) return std::nullopt;
  units *= static_cast<int64_t>(power_of_ten(missing));
  return negative ? -units : units;
}

/// parse_date without the calendar library: days from the civil date (Howard Hinnant's formula).
std::optional<int32_t> iso_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (const size_t i : {0U, 1U, 2U, 3U, 5U, 6U, 8U, 9U}) {
    if (!is_digit(text[i])) return std::nullopt;
  }
  const auto two = [text](size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  int year = two(0) * 100 + two(2);
  const int month = two(5);
  const int day = two(8);
  // Days after the 28th need the calendar, and so does whatever is wrong.
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > 28) return parse_date(text);
  if (month <= 2) --year;
  const int era = year / 400;
  const int year_of_era = year - era * 400;
  const int day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
  const int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

std::optional<bool> parse_boolean(std::string_view text) {
  constexpr size_t kLettersMax = 5;
  if (text.empty() || text.size() > kLettersMax) return std::nullopt;
  std::array<char, kLettersMax> letters{};
  for (size_t i = 0; i < text.size(); ++i) {
    letters[i] =
        text[i] >= 'A' && text[i] <= 'Z' ? static_cast<char>(text[i] - 'A' + 'a') : text[i];
  }
  using std::string_view_literals::operator""sv;
  constexpr std::array kTrue{"true"sv, "t"sv, "1"sv, "yes"sv, "y"sv};
  constexpr std::array kFalse{"false"sv, "f"sv, "0"sv, "no"sv, "n"sv};
  const std::string_view folded(letters.data(), text.size());
  if (std::find(kTrue.begin(), kTrue.end(), folded) != kTrue.end()) return true;
  if (std::find(kFalse.begin(), kFalse.end(), folded) != kFalse.end()) return false;
  return std::nullopt;
}

int64_t integer_max(TypeId id) {
  switch (id) {
    case TypeId::Byte:
      return std::numeric_limits<int8_t>::max();
    case TypeId::Short:
      return std::numeric_limits<int16_t>::max();
    case TypeId::Integer:
      return std::numeric_limits<int32_t>::max();
    default:
      return std::numeric_limits<int64_t>::max();
  }
}

std::string_view code_of(ValueFault fault) {
  switch (fault) {
    case ValueFault::MissingValue:
      return "missing-value";
    case ValueFault::NotAccepted:
      return "not-accepted";
    case ValueFault::NotMatching:
      return "not-matching";
    case ValueFault::NotInRange:
      return "not-in-range";
    case ValueFault::NestedValue:
      return "nested-value";
    case ValueFault::BadDecimal:
      return "bad-decimal";
    case ValueFault::LostDigits:
      return "lost-digits";
    case ValueFault::TooManyDigits:
      return "too-many-digits";
    case ValueFault::BadInteger:
      return "bad-integer";
    case ValueFault::OutOfRange:
      return "out-of-range";
    case ValueFault::BadNumber:
      return "bad-number";
    case ValueFault::BadBoolean:
      return "bad-boolean";
    case ValueFault::BadDate:
      return "bad-date";
    case ValueFault::BadTimestamp:
      return "bad-timestamp";
    case ValueFault::TimeComesTwice:
      return "time-comes-twice";
    case ValueFault::TimeNeverComes:
      return "time-never-comes";
    case ValueFault::UnknownZone:
      return "unknown-time-zone";
    case ValueFault::None:
      break;
  }
  return "none";
}

/// The vector of a batch that holds values of a type.
enum class Storage { Fixed32, Fixed64, Fixed128, Doubles, Text };

Storage storage_of(const delta::DataType& type) {
  switch (type.id) {
    case TypeId::Boolean:
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Date:
      return Storage::Fixed32;
    case TypeId::Decimal:
      return type.precision <= 18 ? Storage::Fixed64 : Storage::Fixed128;
    case TypeId::Long:
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return Storage::Fixed64;
    case TypeId::Float:
    case TypeId::Double:
      return Storage::Doubles;
    default:
      return Storage::Text;
  }
}

/// The text appended last to a batch of texts.
std::string_view last_text(const engine::ColumnBatch& batch) {
  const size_t rows = batch.ends.size();
  return std::string_view(batch.bytes).substr(rows > 1 ? batch.ends[rows - 2] : 0);
}

/// Adds the place of a NULL or of a refused value.
void append_default(engine::ColumnBatch& batch) {
  switch (storage_of(batch.type)) {
    case Storage::Fixed32:
      return batch.fixed32.push_back(0);
    case Storage::Fixed64:
      return batch.fixed64.push_back(0);
    case Storage::Fixed128:
      return batch.fixed128.push_back(0);
    case Storage::Doubles:
      return batch.doubles.push_back(0);
    case Storage::Text:
      return batch.append_text("");
  }
}

}  // namespace

void append_null(engine::ColumnBatch& batch) {
  append_default(batch);
  batch.nulls.push_back(1);
}

void drop_last(engine::ColumnBatch& batch) {
  batch.nulls.pop_back();
  switch (storage_of(batch.type)) {
    case Storage::Fixed32:
      return batch.fixed32.pop_back();
    case Storage::Fixed64:
      return batch.fixed64.pop_back();
    case Storage::Fixed128:
      return batch.fixed128.pop_back();
    case Storage::Doubles:
      return batch.doubles.pop_back();
    case Storage::Text:
      batch.ends.pop_back();
      return batch.bytes.resize(batch.ends.empty() ? 0 : batch.ends.back());
  }
}

void clear(engine::ColumnBatch& batch) {
  batch.fixed32.clear();
  batch.fixed64.clear();
  batch.fixed128.clear();
  batch.doubles.clear();
  batch.bytes.clear();
  batch.ends.clear();
  batch.nulls.clear();
}

TypedColumn::TypedColumn(const project::Source& source, size_t column, bool allow_non_finite)
    : column_(source.contract.columns[column]),
      format_(source.values_of(column_.name)),
      dates_(format_),
      is_plain_number_(is_plain(format_)),
      trim_(source.format.trim),
      allow_non_finite_(allow_non_finite) {
  for (const std::string& word : format_.null_words) {
    if (word.empty()) {
      empty_is_null_ = true;
    } else {
      null_words_.push_back(word);
    }
  }
  take_rules(source.contract);
}

/// What the contract says of single values of the column.
void TypedColumn::take_rules(const project::Contract& contract) {
  const auto pattern = contract.patterns.find(column_.name);
  if (pattern != contract.patterns.end()) {
    // The loader has refused what is no pattern.
    auto parsed = TextPattern::parse(pattern->second);
    if (parsed) pattern_ = *std::move(parsed);
    pattern_text_ = pattern->second;
  }
  const auto range = contract.ranges.find(column_.name);
  range_values_.type = column_.type;
  if (range != contract.ranges.end()) {
    range_ = range->second;
    const auto add = [&](RangeEnd end, const std::optional<std::string>& text) {
      if (!text || append_plain_value(*text, range_values_) != ValueFault::None) return;
      range_ends_.push_back(end);
    };
    add(RangeEnd::Above, range_.above);
    add(RangeEnd::AtLeast, range_.at_least);
    add(RangeEnd::Below, range_.below);
    add(RangeEnd::AtMost, range_.at_most);
  }
  const auto accepted = contract.accepted_values.find(column_.name);
  is_checked_ = pattern_ || !range_ends_.empty() || accepted != contract.accepted_values.end();
  accepted_.type = column_.type;
  if (accepted == contract.accepted_values.end()) return;
  accepted_texts_ = accepted->second;
  for (const std::string& text : accepted_texts_) {
    // A text that is no value of the type can match nothing. It is written in YAML, not in a file,
    // so the file's format is not its own.
    if (append_plain_value(text, accepted_) == ValueFault::None) {
      accepted_.nulls.push_back(0);
    } else {
      append_default(accepted_);
      accepted_.nulls.push_back(1);
    }
  }
}

bool TypedColumn::is_null(const records::Cell& cell, std::string_view text) const {
  // Quoted text is text; in a column that is no text, quotes make no difference.
  if (cell.kind == records::CellKind::Quoted && column_.type.id == TypeId::String) return false;
  if (text.empty()) return empty_is_null_;
  return !null_words_.empty() &&
         std::find(null_words_.begin(), null_words_.end(), text) != null_words_.end();
}

ValueFault TypedColumn::append(const records::Cell& cell, engine::ColumnBatch& batch) const {
  const bool keeps_blanks =
      column_.type.id == TypeId::String && !(trim_ && cell.kind == records::CellKind::Bare);
  const std::string_view text = keeps_blanks ? cell.text : without_margins(cell.text);
  if (cell.kind == records::CellKind::Missing || is_null(cell, text)) {
    append_null(batch);
    return column_.nullable ? ValueFault::None : ValueFault::MissingValue;
  }
  const ValueFault fault =
      cell.kind == records::CellKind::Nested ? ValueFault::NestedValue : append_value(text, batch);
  batch.nulls.push_back(0);
  if (fault != ValueFault::None) {
    append_default(batch);
    return fault;
  }
  return is_checked_ ? check_last(batch) : ValueFault::None;
}

ValueFault TypedColumn::check_last(const engine::ColumnBatch& batch) const {
  if (!accepted_texts_.empty() && !is_accepted(batch)) return ValueFault::NotAccepted;
  if (pattern_ && !pattern_->matches(last_text(batch))) return ValueFault::NotMatching;
  return range_ends_.empty() || is_in_range(batch) ? ValueFault::None : ValueFault::NotInRange;
}

/// Appends the value, without its null mark, only when there is no fault.
ValueFault TypedColumn::append_value(std::string_view text, engine::ColumnBatch& batch) const {
  switch (column_.type.id) {
    case TypeId::Decimal:
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
    case TypeId::Float:
    case TypeId::Double: {
      if (is_plain_number_) return append_plain_value(text, batch);
      const auto plain = plain_number(text, format_);
      // What is not written as declared is refused as the type refuses a text.
      return append_plain_value(plain ? std::string_view(*plain) : "not a number", batch);
    }
    case TypeId::Date:
      if (dates_.has_formats()) return append_date(text, batch);
      return append_plain_value(text, batch);
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return append_time(text, batch);
    default:
      return append_plain_value(text, batch);
  }
}

ValueFault TypedColumn::append_date(std::string_view text, engine::ColumnBatch& batch) const {
  const auto days = dates_.date(text);
  if (!days) return ValueFault::BadDate;
  batch.fixed32.push_back(*days);
  return ValueFault::None;
}

ValueFault TypedColumn::append_time(std::string_view text, engine::ColumnBatch& batch) const {
  if (column_.type.id == TypeId::TimestampNtz) {
    const auto micros = dates_.wall_time(text);
    if (!micros) return ValueFault::BadTimestamp;
    batch.fixed64.push_back(*micros);
    return ValueFault::None;
  }
  const auto instant = dates_.instant(text);
  if (!instant) return ValueFault::BadTimestamp;
  switch (instant->fault) {
    case LocalTimeFault::Twice:
      return ValueFault::TimeComesTwice;
    case LocalTimeFault::Never:
      return ValueFault::TimeNeverComes;
    case LocalTimeFault::UnknownZone:
      return ValueFault::UnknownZone;
    case LocalTimeFault::None:
      break;
  }
  batch.fixed64.push_back(instant->micros);
  return ValueFault::None;
}

/// The forms that need no declaration; values of the contract are written so too.
ValueFault TypedColumn::append_plain_value(std::string_view text,
                                           engine::ColumnBatch& batch) const {
  switch (column_.type.id) {
    case TypeId::String:
      batch.append_text(text);
      return ValueFault::None;
    case TypeId::Decimal:
      return append_decimal(text, batch);
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
      return append_integer(text, batch);
    case TypeId::Float:
    case TypeId::Double:
      return append_double(text, batch);
    case TypeId::Boolean: {
      const auto value = parse_boolean(text);
      if (!value) return ValueFault::BadBoolean;
      batch.fixed32.push_back(*value ? 1 : 0);
      return ValueFault::None;
    }
    case TypeId::Date: {
      const auto days = iso_date(text);
      if (!days) return ValueFault::BadDate;
      batch.fixed32.push_back(*days);
      return ValueFault::None;
    }
    case TypeId::Timestamp:
    case TypeId::TimestampNtz: {
      const auto micros = parse_timestamp(text);
      if (!micros) return ValueFault::BadTimestamp;
      batch.fixed64.push_back(*micros);
      return ValueFault::None;
    }
    default:
      return ValueFault::NestedValue;
  }
}

ValueFault TypedColumn::append_integer(std::string_view text, engine::ColumnBatch& batch) const {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  int64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, value);
  if (code == std::errc::invalid_argument || stopped != end) return ValueFault::BadInteger;
  const int64_t limit = integer_max(column_.type.id);
  if (code != std::errc{} || value > limit || value < -limit - 1) return ValueFault::OutOfRange;
  if (column_.type.id == TypeId::Long) {
    batch.fixed64.push_back(value);
  } else {
    batch.fixed32.push_back(static_cast<int32_t>(value));
  }
  return ValueFault::None;
}

ValueFault TypedColumn::append_decimal(std::string_view text, engine::ColumnBatch& batch) const {
  const delta::DataType& type = column_.type;
  Int128 units = 0;
  if (const auto value = short_decimal(text, type.precision, type.scale)) {
    units = *value;
  } else {
    const ParsedDecimal parsed = parse_decimal(text, type.precision, type.scale);
    if (parsed.fault == DecimalFault::NotANumber) return ValueFault::BadDecimal;
    if (parsed.fault == DecimalFault::LosesDigits) return ValueFault::LostDigits;
    if (parsed.fault == DecimalFault::TooManyDigits) return ValueFault::TooManyDigits;
    units = parsed.units;
  }
  if (type.precision <= 18) {
    batch.fixed64.push_back(static_cast<int64_t>(units));
  } else {
    batch.fixed128.push_back(units);
  }
  return ValueFault::None;
}

ValueFault TypedColumn::append_double(std::string_view text, engine::ColumnBatch& batch) const {
  if (text.starts_with('+') && text.size() > 1 && text[1] != '-') text.remove_prefix(1);
  double value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, code] = std::from_chars(text.data(), end, value);
  if (code == std::errc::invalid_argument || stopped != end) return ValueFault::BadNumber;
  if (code != std::errc{}) return ValueFault::OutOfRange;
  if (!std::isfinite(value) && !allow_non_finite_) return ValueFault::BadNumber;
  if (column_.type.id == TypeId::Float) {
    const auto narrow = static_cast<float>(value);
    if (std::isfinite(value) && !std::isfinite(narrow)) return ValueFault::OutOfRange;
    value = narrow;
  }
  batch.doubles.push_back(value);
  return ValueFault::None;
}

bool TypedColumn::is_accepted(const engine::ColumnBatch& batch) const {
  const Storage storage = storage_of(column_.type);
  if (storage == Storage::Text) {
    const std::string_view text = last_text(batch);
    return std::find(accepted_texts_.begin(), accepted_texts_.end(), text) != accepted_texts_.end();
  }
  for (size_t i = 0; i < accepted_.nulls.size(); ++i) {
    if (accepted_.nulls[i] != 0) continue;
    if ((storage == Storage::Fixed32 && accepted_.fixed32[i] == batch.fixed32.back()) ||
        (storage == Storage::Fixed64 && accepted_.fixed64[i] == batch.fixed64.back()) ||
        (storage == Storage::Fixed128 && accepted_.fixed128[i] == batch.fixed128.back()) ||
        (storage == Storage::Doubles && accepted_.doubles[i] == batch.doubles.back())) {
      return true;
    }
  }
  return false;
}

bool TypedColumn::is_in_range(const engine::ColumnBatch& batch) const {
  const Storage storage = storage_of(column_.type);
  for (size_t i = 0; i < range_ends_.size(); ++i) {
    std::partial_ordering order = std::partial_ordering::unordered;
    if (storage == Storage::Fixed32) order = batch.fixed32.back() <=> range_values_.fixed32[i];
    if (storage == Storage::Fixed64) order = batch.fixed64.back() <=> range_values_.fixed64[i];
    if (storage == Storage::Fixed128) order = batch.fixed128.back() <=> range_values_.fixed128[i];
    if (storage == Storage::Doubles) order = batch.doubles.back() <=> range_values_.doubles[i];
    const bool holds = range_ends_[i] == RangeEnd::Above     ? order > 0
                       : range_ends_[i] == RangeEnd::AtLeast ? order >= 0
                       : range_ends_[i] == RangeEnd::Below   ? order < 0
                                                             : order <= 0;
    if (!holds) return false;
  }
  return true;
}

records::Fault TypedColumn::describe(ValueFault fault, const records::Cell& cell,
                                     std::string_view place) const {
  const std::string name =
      place.empty() ? column_.name : fmt::format("{} ({})", column_.name, place);
  if (fault == ValueFault::MissingValue) {
    return {code_of(fault),
            fmt::format("{}: the value is missing; the contract says not_null", name)};
  }
  return {code_of(fault), fmt::format("{}: {} {}", name, records::quoted_for_message(cell.text),
                                      what_is_wrong(fault))};
}

std::string TypedColumn::what_is_wrong(ValueFault fault) const {
  const delta::DataType& type = column_.type;
  const std::string type_name = engine::sql_type(type);
  switch (fault) {
    case ValueFault::NotAccepted: {
      std::vector<std::string> shown = accepted_texts_;
      if (shown.size() > kValuesShownMax) {
        shown.resize(kValuesShownMax);
        shown.emplace_back("...");
      }
      return fmt::format("is not an accepted value; expected one of: {}", fmt::join(shown, ", "));
    }
    case ValueFault::NotMatching:
      return fmt::format("does not have the form `{}`", pattern_text_);
    case ValueFault::NotInRange:
      return fmt::format("is out of range; expected {}", to_string(range_));
    case ValueFault::NestedValue:
      return fmt::format("is an object or an array; expected {}", type_name);
    case ValueFault::BadDecimal:
      return fmt::format("is not a number; expected {} such as {}", type_name,
                         is_plain_number_ ? "-12.34" : number_examples(format_, type.scale));
    case ValueFault::LostDigits:
      return fmt::format("has digits that {} cannot hold; expected at most {} after the point",
                         type_name, type.scale);
    case ValueFault::TooManyDigits:
      return fmt::format("has too many digits for {}; expected at most {} before the point",
                         type_name, type.precision - type.scale);
    case ValueFault::BadInteger:
      return fmt::format("is not a whole number; expected {}", type_name);
    case ValueFault::OutOfRange:
      return fmt::format("is outside the range of {}", type_name);
    case ValueFault::BadNumber:
      return fmt::format("is not a finite number; expected {}", type_name);
    case ValueFault::BadBoolean:
      return "is not a boolean; expected true or false";
    case ValueFault::BadDate:
      return fmt::format("is not a date of the calendar; expected {}", dates_.expected(true));
    case ValueFault::BadTimestamp:
      return fmt::format("is not a time; expected {}", dates_.expected(false));
    case ValueFault::TimeComesTwice:
      return fmt::format(
          "comes twice in {}, where the clock is set back; say `dst: earlier` or "
          "`dst: later`, or deliver times with their offset",
          format_.time_zone);
    case ValueFault::TimeNeverComes:
      return fmt::format(
          "never comes in {}, where the clock is set forward; say `dst: earlier` or "
          "`dst: later`, or deliver times with their offset",
          format_.time_zone);
    case ValueFault::UnknownZone:
      return "names a time zone that is not in the zone database; expected a name such as "
             "Europe/Berlin";
    case ValueFault::MissingValue:
    case ValueFault::None:
      break;
  }
  return "is not valid";
}

std::optional<Decimal> TypedColumn::readable_amount(std::string_view text, int scale) const {
  text = without_margins(text);
  std::optional<std::string> plain;
  if (!is_plain_number_) {
    plain = plain_number(text, format_);
    if (!plain) return std::nullopt;
    text = *plain;
  }
  for (int s = scale; s <= kDecimalPrecisionMax; ++s) {
    const ParsedDecimal parsed = parse_decimal(text, kDecimalPrecisionMax, s);
    if (!parsed.fault) return Decimal{parsed.units, s};
    if (parsed.fault != DecimalFault::LosesDigits) return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace bullion::ingest
