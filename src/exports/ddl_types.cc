#include <algorithm>

#include <fmt/format.h>

#include "exports/ddl_types_internal.h"

namespace bullion::exports {
namespace {

using delta::TypeId;

/// Types but DECIMAL, in the order of the dialects: Snowflake, Athena, Redshift, BigQuery.
struct TypeNames {
  TypeId id;
  const char* names[4];
};
// Redshift gets TIMESTAMP, in UTC: its COPY of Parquet is not known to fill TIMESTAMPTZ. Its
// VARCHAR is 256 bytes when no length is said.
constexpr TypeNames kTypes[] = {
    {TypeId::Boolean, {"BOOLEAN", "BOOLEAN", "BOOLEAN", "BOOL"}},
    {TypeId::Byte, {"SMALLINT", "TINYINT", "SMALLINT", "INT64"}},
    {TypeId::Short, {"SMALLINT", "SMALLINT", "SMALLINT", "INT64"}},
    {TypeId::Integer, {"INTEGER", "INT", "INTEGER", "INT64"}},
    {TypeId::Long, {"BIGINT", "BIGINT", "BIGINT", "INT64"}},
    {TypeId::Float, {"FLOAT", "FLOAT", "REAL", "FLOAT64"}},
    {TypeId::Double, {"FLOAT", "DOUBLE", "DOUBLE PRECISION", "FLOAT64"}},
    {TypeId::String, {"VARCHAR", "STRING", "VARCHAR(65535)", "STRING"}},
    {TypeId::Binary, {"BINARY", "BINARY", "VARBYTE(1024000)", "BYTES"}},
    {TypeId::Date, {"DATE", "DATE", "DATE", "DATE"}},
    {TypeId::Timestamp, {"TIMESTAMP_LTZ(6)", "TIMESTAMP", "TIMESTAMP", "TIMESTAMP"}},
    {TypeId::TimestampNtz, {"TIMESTAMP_NTZ(6)", "TIMESTAMP", "TIMESTAMP", "DATETIME"}},
};

std::string_view display_name(Dialect dialect) {
  switch (dialect) {
    case Dialect::Snowflake:
      return "Snowflake";
    case Dialect::Athena:
      return "Athena";
    case Dialect::Redshift:
      return "Redshift";
    case Dialect::BigQuery:
      return "BigQuery";
  }
  return "";
}

Result<std::string> decimal_type(Dialect dialect, const delta::Column& column) {
  const int precision = column.type.precision;
  const int scale = column.type.scale;
  switch (dialect) {
    case Dialect::Athena:
      return fmt::format("DECIMAL({}, {})", precision, scale);
    case Dialect::BigQuery:
      return fmt::format("{}({}, {})",
                         scale <= 9 && precision - scale <= 29 ? "NUMERIC" : "BIGNUMERIC",
                         precision, scale);
    case Dialect::Snowflake:
    case Dialect::Redshift:
      break;
  }
  if (scale > 37) {
    return invalid(fmt::format("column {} is {}: {} keeps at most 37 digits after the point",
                               column.name, delta::to_string(column.type), display_name(dialect)));
  }
  return fmt::format("{}({}, {})", dialect == Dialect::Snowflake ? "NUMBER" : "DECIMAL", precision,
                     scale);
}

}  // namespace

Result<std::string> ddl_name(Dialect dialect, const std::string& name) {
  const bool has_control = std::any_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
  });
  const bool is_backticked = dialect == Dialect::Athena || dialect == Dialect::BigQuery;
  if (name.empty() || has_control || (is_backticked && name.find_first_of("`\\") != name.npos)) {
    return invalid(
        fmt::format("{} cannot have the name '{}'", display_name(dialect), one_line(name)));
  }
  const char quote = is_backticked ? '`' : '"';
  std::string quoted(1, quote);
  for (const char c : name) {
    if (c == quote) quoted += quote;
    quoted += c;
  }
  return quoted + quote;
}

std::string ddl_text(Dialect dialect, std::string_view text) {
  const bool doubles = dialect == Dialect::Snowflake || dialect == Dialect::Redshift;
  std::string literal = "'";
  for (const char c : text) {
    if (c == '\'') {
      literal += doubles ? "''" : "\\'";
    } else if (c == '\\') {
      literal += "\\\\";
    } else {
      literal += c;
    }
  }
  return literal + "'";
}

std::string one_line(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool is_blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
    if (!is_blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  if (line.ends_with(' ')) line.pop_back();
  return line;
}

std::string description_of(std::string_view text, size_t bytes_max) {
  std::string line = one_line(text);
  if (line.size() <= bytes_max) return line;
  size_t end = bytes_max - 3;
  while (end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0) == 0x80) --end;
  return line.substr(0, end) + "...";
}

Result<std::string> ddl_type(Dialect dialect, const delta::Column& column) {
  if (column.type.id == TypeId::Decimal) return decimal_type(dialect, column);
  for (const TypeNames& type : kTypes) {
    if (type.id == column.type.id) return std::string(type.names[static_cast<int>(dialect)]);
  }
  return invalid(fmt::format("column {} is {}, which {} does not load; leave it out with --columns",
                             column.name, delta::to_string(column.type), display_name(dialect)));
}

}  // namespace bullion::exports
