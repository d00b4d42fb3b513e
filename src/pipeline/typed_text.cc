#include "pipeline/typed_text.h"

#include <charconv>

#include <fmt/format.h>

#include "base/date.h"
#include "engine/engine.h"

namespace bullion::pipeline {
namespace {

using delta::TypeId;
using engine::Value;

Error not_of_type(const delta::Column& column, const std::string& text, const std::string& wanted) {
  return invalid(fmt::format("{}: `{}` is not {} ({})", column.name, text, wanted,
                             engine::sql_type(column.type)));
}

Result<Value> parse_decimal_text(const delta::Column& column, const std::string& text) {
  const ParsedDecimal parsed = parse_decimal(text, column.type.precision, column.type.scale);
  if (!parsed.fault) return Value(Decimal{parsed.units, column.type.scale});
  switch (*parsed.fault) {
    case DecimalFault::NotANumber:
      return not_of_type(column, text, "a decimal number");
    case DecimalFault::TooManyDigits:
      return invalid(fmt::format("{}: `{}` has more digits than {} can hold", column.name, text,
                                 engine::sql_type(column.type)));
    case DecimalFault::LosesDigits:
      return invalid(fmt::format("{}: `{}` has digits after the point that {} cannot hold",
                                 column.name, text, engine::sql_type(column.type)));
  }
  return internal_error("unknown decimal fault");
}

/// Bits of an integer type; 0 for other types.
int integer_bits(TypeId type) {
  switch (type) {
    case TypeId::Byte:
      return 8;
    case TypeId::Short:
      return 16;
    case TypeId::Integer:
      return 32;
    case TypeId::Long:
      return 64;
    default:
      return 0;
  }
}

Result<Value> parse_integer(const delta::Column& column, const std::string& text) {
  constexpr int kLongDigits = 19;
  const ParsedDecimal parsed = parse_decimal(text, kLongDigits, 0);
  const Int128 limit = Int128{1} << (integer_bits(column.type.id) - 1);
  if (parsed.fault || parsed.units >= limit || parsed.units < -limit) {
    return not_of_type(column, text, "a whole number in range");
  }
  return Value(static_cast<int64_t>(parsed.units));
}

Result<Value> parse_double(const delta::Column& column, const std::string& text) {
  double value = 0;
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, value);
  if (parsed.ec != std::errc() || parsed.ptr != end) return not_of_type(column, text, "a number");
  return Value(value);
}

}  // namespace

Result<Value> parse_typed_text(const delta::Column& column,
                               const std::optional<std::string>& text) {
  if (!text) return Value();
  if (integer_bits(column.type.id) > 0) return parse_integer(column, *text);
  switch (column.type.id) {
    case TypeId::Boolean:
      if (*text == "true" || *text == "True" || *text == "TRUE") return Value(true);
      if (*text == "false" || *text == "False" || *text == "FALSE") return Value(false);
      return not_of_type(column, *text, "true or false");
    case TypeId::Decimal:
      return parse_decimal_text(column, *text);
    case TypeId::Float:
    case TypeId::Double:
      return parse_double(column, *text);
    case TypeId::String:
      return Value(*text);
    case TypeId::Date:
      if (const auto days = parse_date(*text)) return Value(engine::DateValue{*days});
      return not_of_type(column, *text, "a date like 2025-01-31");
    case TypeId::Timestamp:
      if (const auto micros = parse_timestamp(*text)) return Value(engine::TimestampValue{*micros});
      return not_of_type(column, *text, "a time like 2025-01-31T12:00:00Z");
    default:
      return invalid(fmt::format("{}: values of type {} cannot be written as text", column.name,
                                 delta::to_string(column.type)));
  }
}

Result<std::string> typed_literal(const delta::Column& column,
                                  const std::optional<std::string>& text) {
  const std::string type = engine::sql_type(column.type);
  BULLION_TRY_ASSIGN(const Value value, parse_typed_text(column, text));
  if (engine::is_null(value)) return fmt::format("CAST(NULL AS {})", type);
  // A double goes through as written: its text form would have to round-trip.
  const bool as_written = std::holds_alternative<double>(value);
  return fmt::format("CAST({} AS {})",
                     engine::quote_text(as_written ? *text : engine::to_text(value)), type);
}

}  // namespace bullion::pipeline
