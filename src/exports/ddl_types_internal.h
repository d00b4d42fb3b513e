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
/// The type of a loaded column. Invalid with the platform's limit. Sources, read in 2025:
/// docs.snowflake.com "Data types for fixed-point numbers" (NUMBER(38,37)),
/// cloud.google.com "BigQuery data types" (NUMERIC(p,s): s <= 9, p - s <= 29; BIGNUMERIC(p,s):
/// s <= 38, p - s <= 38), docs.aws.amazon.com "Amazon Redshift numeric types" (DECIMAL(38,37)),
/// "Data types in Amazon Athena" (DECIMAL(38,38)).
Result<std::string> ddl_type(Dialect dialect, const delta::Column& column);

}  // namespace bullion::exports
