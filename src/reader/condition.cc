#include "reader/condition.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/utf8.h"

namespace bullion::reader {
namespace {

using delta::DataType;
using delta::TypeId;
using engine::quote_name;
using engine::quote_text;
using metrics::Filter;
using metrics::FilterOp;

// Longer texts are no value that a person looks for.
constexpr size_t kValueBytesMax = 64 << 10;

Error not_of_type(const std::string& column, const DataType& type, std::string_view text,
                  std::string_view expected) {
  constexpr size_t kShown = 60;
  const std::string shown = is_utf8(text) && text.size() <= kShown
                                ? fmt::format("`{}`", text)
                                : fmt::format("a text of {} bytes", text.size());
  return invalid(fmt::format("column {} is {}: expected {}, got {}", column, engine::sql_type(type),
                             expected, shown));
}

/// How many decimal digits any value of an integer type may have.
int digits_of(const DataType& type) {
  switch (type.id) {
    case TypeId::Byte:
      return 3;
    case TypeId::Short:
      return 5;
    case TypeId::Integer:
      return 10;
    case TypeId::Long:
      return 19;
    default:
      return type.precision;
  }
}

/// The number without zeros behind its last digit.
std::optional<Decimal> number_of(std::string_view text) {
  std::optional<Decimal> number = decimal_of(text);
  while (number && number->scale > 0 && number->units % 10 == 0) {
    number->units /= 10;
    --number->scale;
  }
  return number;
}

/// A literal of the column's type for units at its scale; nullopt when it has too many digits.
std::optional<std::string> number_literal(const DataType& type, Decimal number, int scale) {
  const Int128 limit = power_of_ten(digits_of(type));
  for (; number.scale < scale; ++number.scale) {
    if (number.units >= limit || number.units <= -limit) return std::nullopt;
    number.units *= 10;
  }
  if (number.units >= limit || number.units <= -limit) return std::nullopt;
  // An integer beyond its type's last one is a wider number, which compares as it should.
  if (type.id != TypeId::Decimal) return fmt::format("CAST('{}' AS HUGEINT)", to_string(number));
  return fmt::format("CAST('{}' AS {})", to_string(number), engine::sql_type(type));
}

int scale_of(const DataType& type) { return type.id == TypeId::Decimal ? type.scale : 0; }

bool is_exact(const DataType& type) {
  const ColumnKind kind = kind_of(type);
  return kind == ColumnKind::Integer || kind == ColumnKind::Decimal;
}

Result<std::string> exact_literal(const std::string& column, const DataType& type,
                                  std::string_view text) {
  const auto number = number_of(text);
  const auto literal = number && number->scale <= scale_of(type)
                           ? number_literal(type, *number, scale_of(type))
                           : std::nullopt;
  if (literal) return *literal;
  return not_of_type(column, type, text,
                     scale_of(type) == 0
                         ? "a whole number"
                         : fmt::format("a number with at most {} decimals", scale_of(type)));
}

/// Comparing with a number between two values of the column: x < 0.125 is x <= 0.12.
Result<std::string> between_values(const ColumnFacts& column, FilterOp op, Decimal number,
                                   std::string_view text) {
  const std::string name = quote_name(column.name);
  if (op == FilterOp::Eq || op == FilterOp::In) return std::string("false");
  if (op == FilterOp::Ne) return std::string("true");
  const bool is_negative = number.units < 0;
  while (number.scale > scale_of(column.type)) {
    number.units /= 10;
    --number.scale;
  }
  // Division goes towards zero; the value below is wanted.
  if (is_negative) --number.units;
  const auto literal = number_literal(column.type, number, scale_of(column.type));
  if (!literal) return not_of_type(column.name, column.type, text, "a number of its size");
  const bool below = op == FilterOp::Lt || op == FilterOp::Le;
  return fmt::format("{} {} {}", name, below ? "<=" : ">", *literal);
}

Result<std::string> comparison(const ColumnFacts& column, FilterOp op, const std::string& text) {
  if (is_exact(column.type)) {
    const auto number = number_of(text);
    if (number && number->scale > scale_of(column.type)) {
      return between_values(column, op, *number, text);
    }
  }
  BULLION_TRY_ASSIGN(const std::string literal, literal_of(column.name, column.type, text));
  return fmt::format("{} {} {}", quote_name(column.name), metrics::sql_sign(op), literal);
}

Result<std::string> any_of(const ColumnFacts& column, const std::vector<std::string>& texts) {
  std::vector<std::string> parts;
  for (const std::string& text : texts) {
    BULLION_TRY_ASSIGN(std::string part, comparison(column, FilterOp::Eq, text));
    parts.push_back(std::move(part));
  }
  if (parts.empty()) return std::string("false");
  return fmt::format("({})", fmt::join(parts, " OR "));
}

Result<std::string> contains(const ColumnFacts& column, const std::string& text) {
  if (column.kind == ColumnKind::Other) {
    return invalid(
        fmt::format("column {} is {}, which has no text to look in", column.name, column.sql_type));
  }
  BULLION_TRY_ASSIGN(const std::string literal, text_literal(text));
  return fmt::format("contains(lower(CAST({} AS VARCHAR)), lower({}))", quote_name(column.name),
                     literal);
}

}  // namespace

Result<std::string> text_literal(std::string_view text) {
  if (text.size() > kValueBytesMax) {
    return invalid(
        fmt::format("a value has {} bytes; at most {} are compared", text.size(), kValueBytesMax));
  }
  if (!is_utf8(text)) return invalid("a value is not valid UTF-8");
  if (text.find('\0') == std::string_view::npos) return quote_text(text);
  std::vector<std::string> parts;
  for (size_t from = 0;;) {
    const size_t end = text.find('\0', from);
    parts.push_back(quote_text(text.substr(from, end - from)));
    if (end == std::string_view::npos) break;
    from = end + 1;
  }
  return fmt::format("({})", fmt::join(parts, " || chr(0) || "));
}

Result<std::string> literal_of(const std::string& column, const DataType& type,
                               std::string_view text) {
  switch (kind_of(type)) {
    case ColumnKind::Text:
      return text_literal(text);
    case ColumnKind::Integer:
    case ColumnKind::Decimal:
      return exact_literal(column, type, text);
    case ColumnKind::Boolean:
      if (text == "true" || text == "false") return std::string(text);
      return not_of_type(column, type, text, "true or false");
    case ColumnKind::Date:
      if (parse_date(text)) return fmt::format("DATE '{}'", text);
      return not_of_type(column, type, text, "a date as YYYY-MM-DD");
    case ColumnKind::Timestamp: {
      const auto micros = parse_timestamp(text);
      if (!micros) return not_of_type(column, type, text, "a time as YYYY-MM-DDTHH:MM:SSZ");
      return fmt::format("CAST(make_timestamp({}) AS {})", *micros, engine::sql_type(type));
    }
    case ColumnKind::Float: {
      constexpr size_t kDigitsMax = 32;
      const bool is_special = text == "nan" || text == "inf" || text == "-inf";
      const bool is_number = !text.empty() && text.size() <= kDigitsMax &&
                             text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
      if (is_special || is_number) {
        return fmt::format("CAST('{}' AS {})", text, engine::sql_type(type));
      }
      return not_of_type(column, type, text, "a number");
    }
    case ColumnKind::Other:
      break;
  }
  return invalid(
      fmt::format("column {} is {}, which cannot be compared", column, engine::sql_type(type)));
}

Result<std::string> condition_of(const TableFacts& table, const Filter& filter) {
  BULLION_TRY_ASSIGN(const ColumnFacts* column, table.get(filter.column));
  const std::string name = quote_name(column->name);
  if (filter.op == FilterOp::Null) return name + " IS NULL";
  if (filter.op == FilterOp::NotNull) return name + " IS NOT NULL";
  std::string condition;
  if (filter.op == FilterOp::In) {
    BULLION_TRY_ASSIGN(condition, any_of(*column, filter.values));
  } else if (filter.values.size() != 1) {
    return invalid(fmt::format("the filter on {} needs one value", filter.column));
  } else if (filter.op == FilterOp::Contains) {
    BULLION_TRY_ASSIGN(condition, contains(*column, filter.values.front()));
  } else {
    BULLION_TRY_ASSIGN(condition, comparison(*column, filter.op, filter.values.front()));
  }
  return condition;
}

Result<std::string> conditions_of(const TableFacts& table, const std::vector<Filter>& filters) {
  std::vector<std::string> parts;
  for (const Filter& filter : filters) {
    BULLION_TRY_ASSIGN(std::string part, condition_of(table, filter));
    parts.push_back(std::move(part));
  }
  return fmt::format("{}", fmt::join(parts, " AND "));
}

}  // namespace bullion::reader
