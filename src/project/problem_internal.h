// Small words of the readers: types, names and columns as messages and checks need them.
#pragma once

#include <string>
#include <vector>

#include "base/ascii.h"
#include "project/problem_sink.h"

namespace bullion::project {

/// A type without digits or children.
delta::DataType plain_type(delta::TypeId id);
/// "a, b, c".
std::string join_names(const std::vector<std::string>& names);
bool contains(const std::vector<std::string>& names, std::string_view name);
/// Index of the column with that name, ignoring case; -1 when there is none.
int find_column(const delta::Schema& schema, std::string_view name);
/// Lower-case letters, digits and '_', not starting with a digit: what a table may be called.
bool is_table_name(std::string_view name);

}  // namespace bullion::project
