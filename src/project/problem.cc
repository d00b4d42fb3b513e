#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "project/problem_internal.h"

namespace bullion::project {

std::string to_string(const Location& location) {
  if (location.line <= 0) return location.file;
  if (location.column <= 0) return fmt::format("{}:{}", location.file, location.line);
  return fmt::format("{}:{}:{}", location.file, location.line, location.column);
}

std::string to_string(const Problem& problem) {
  const std::string place = to_string(problem.location);
  return fmt::format("{}{}{}: {} [{}]", place, place.empty() ? "" : ": ",
                     problem.severity == Severity::Error ? "error" : "warning", problem.message,
                     problem.code);
}

void ProblemSink::error(Mark mark, std::string code, std::string message) {
  list_->push_back({at(mark), Severity::Error, std::move(code), std::move(message)});
}

void ProblemSink::warn(Mark mark, std::string code, std::string message) {
  list_->push_back({at(mark), Severity::Warn, std::move(code), std::move(message)});
}

delta::DataType plain_type(delta::TypeId id) {
  delta::DataType type;
  type.id = id;
  return type;
}

std::string join_names(const std::vector<std::string>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

int find_column(const delta::Schema& schema, std::string_view name) {
  const std::string wanted = lower(name);
  for (size_t i = 0; i < schema.size(); ++i) {
    if (lower(schema[i].name) == wanted) return static_cast<int>(i);
  }
  return -1;
}

bool is_table_name(std::string_view name) {
  if (name.empty() || name.size() > 100 || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

}  // namespace bullion::project
