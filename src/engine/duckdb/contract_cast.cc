#include <algorithm>
#include <cctype>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/duckdb/contract_cast_internal.h"
#include "engine/engine.h"

namespace bullion::engine {

namespace {

using delta::TypeId;

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

bool is_integer(TypeId id) {
  return id == TypeId::Byte || id == TypeId::Short || id == TypeId::Integer || id == TypeId::Long;
}

int integer_rank(TypeId id) {
  switch (id) {
    case TypeId::Byte:
      return 1;
    case TypeId::Short:
      return 2;
    case TypeId::Integer:
      return 3;
    default:
      return 4;
  }
}

/// Whether every value of `from` survives a plain cast to `to` unchanged.
bool is_lossless(const SqlType& from, const std::optional<delta::DataType>& from_delta,
                 const delta::DataType& to) {
  if (from.id == DUCKDB_TYPE_SQLNULL) return true;
  if (to.id == TypeId::Decimal) {
    const auto digits = digits_before_point(from);
    return digits && *digits <= to.precision - to.scale && from.scale <= to.scale;
  }
  if (is_integer(to.id)) {
    return from_delta && is_integer(from_delta->id) &&
           integer_rank(from_delta->id) <= integer_rank(to.id);
  }
  if (to.id == TypeId::Date) return from.id == DUCKDB_TYPE_DATE;
  // Texts of any type, and text read as a boolean, date or instant: the engine's strict casts fail
  // rather than change the value. A FLOAT contract is approximate by choice.
  return true;
}

Error wrong_type(const delta::Column& column, const PreparedColumn& given,
                 std::string_view remedy) {
  return invalid(fmt::format("column {}: the query gives {}, the contract says {}: {}", column.name,
                             type_name(given.type.get()), sql_type(column.type), remedy));
}

/// Casts that the contract never allows.
Status refuse_cast(const delta::Column& column, const PreparedColumn& given) {
  const SqlType from = describe(given.type.get());
  if (column.type.is_nested() || column.type.id == TypeId::TimestampNtz) {
    return invalid(fmt::format("column {}: tables of type {} cannot be written", column.name,
                               delta::to_string(column.type)));
  }
  if (column.type.id != TypeId::Decimal) return ok();
  if (from.is_float()) {
    return wrong_type(
        column, given,
        "binary floating point cannot carry exact amounts; keep DECIMAL throughout and "
        "divide with ratio()");
  }
  if (from.id != DUCKDB_TYPE_SQLNULL && !digits_before_point(from)) {
    return wrong_type(column, given, "write the CAST in the query");
  }
  return ok();
}

std::string cast_expression(const delta::Column& column, const PreparedColumn& given) {
  const SqlType from = describe(given.type.get());
  const std::string name = quote_name(given.name);
  const std::string target = sql_type(column.type);
  if (is_lossless(from, delta_type(given.type.get()), column.type)) {
    return fmt::format("CAST({} AS {})", name, target);
  }
  // There and back: TRY_CAST gives NULL when the value has too many digits and rounds when it has
  // too many decimals; in both cases the way back does not reach the value.
  return fmt::format(
      "CASE WHEN TRY_CAST(TRY_CAST({0} AS {1}) AS {2}) IS NOT DISTINCT FROM {0} THEN TRY_CAST({0} "
      "AS {1}) "
      "ELSE error({3} || CAST({0} AS VARCHAR) || {4}) END",
      name, target, type_name(given.type.get()),
      quote_text(fmt::format("column {}: the value ", column.name)),
      quote_text(fmt::format(" does not fit the contract's {} without losing digits", target)));
}

Status check_names(const std::vector<PreparedColumn>& given, const delta::Schema& contract) {
  std::vector<std::string> missing;
  std::vector<std::string> extra;
  const auto is_same = [](std::string_view a, std::string_view b) { return lower(a) == lower(b); };
  for (const delta::Column& column : contract) {
    const auto count = std::count_if(given.begin(), given.end(), [&](const PreparedColumn& other) {
      return is_same(other.name, column.name);
    });
    if (count == 0) missing.push_back(column.name);
    if (count > 1) {
      return invalid(fmt::format("the query gives column {} {} times; name each column once",
                                 column.name, count));
    }
  }
  for (const PreparedColumn& column : given) {
    const bool known =
        std::any_of(contract.begin(), contract.end(),
                    [&](const delta::Column& other) { return is_same(other.name, column.name); });
    if (!known) extra.push_back(column.name);
  }
  if (missing.empty() && extra.empty()) return ok();
  std::string message = "the query's columns are not the contract's:";
  if (!missing.empty()) message += fmt::format(" missing {};", fmt::join(missing, ", "));
  if (!extra.empty()) message += fmt::format(" not in the contract: {};", fmt::join(extra, ", "));
  message.pop_back();
  return invalid(std::move(message));
}

}  // namespace

std::string without_semicolon(const std::string& sql) {
  const size_t last = sql.find_last_not_of(" \t\r\n;");
  return last == std::string::npos ? "" : sql.substr(0, last + 1);
}

Result<std::string> contract_select(const std::string& select,
                                    const std::vector<PreparedColumn>& given,
                                    const delta::Schema& contract) {
  BULLION_TRY(check_names(given, contract));
  std::string list;
  for (const delta::Column& column : contract) {
    const auto source = std::find_if(given.begin(), given.end(), [&](const PreparedColumn& other) {
      return lower(other.name) == lower(column.name);
    });
    BULLION_TRY(refuse_cast(column, *source));
    if (!list.empty()) list += ", ";
    list += fmt::format("{} AS {}", cast_expression(column, *source), quote_name(column.name));
  }
  // The line break ends a comment in the last line of the select.
  return fmt::format("SELECT {} FROM ({}\n)", list, without_semicolon(select));
}

}  // namespace bullion::engine
