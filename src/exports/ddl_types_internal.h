// Names, texts and types as each warehouse writes them.
#pragma once

#include <string>
#include <string_view>

#include "exports/ddl.h"

namespace bullion::exports {

/// An identifier, quoted always, so that reserved words and case are no matter. Invalid when the
/// platform cannot have such a name.
Result<std::string> ddl_name(Dialect dialect, const std::string& name);
/// A string literal.
std::string ddl_text(Dialect dialect, std::string_view text);
/// The text on one line, for a comment behind `--`.
std::string one_line(std::string_view text);
/// The description a platform takes: on one line, shortened to at most `bytes_max` bytes.
std::string description_of(std::string_view text, size_t bytes_max);
/// The type of a loaded column. Invalid with the platform's limit. Limits of decimals: Snowflake
/// "Numeric data types" (NUMBER(38,37)); BigQuery, precision of TableFieldSchema (NUMERIC: s <= 9,
/// p - s <= 29; BIGNUMERIC: s <= 38, p - s <= 38); Redshift DECIMAL(38,37) and Athena
/// DECIMAL(38,38) as their references of types say. None was tried on the platform.
Result<std::string> ddl_type(Dialect dialect, const delta::Column& column);

}  // namespace bullion::exports
