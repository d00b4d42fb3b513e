#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "reader/parameter_values_internal.h"
#include "reader/sql.h"

namespace bullion::reader {

namespace fs = std::filesystem;

namespace {

constexpr const char* kFolder = "queries";

const std::vector<std::string>& type_names() {
  static const std::vector<std::string> kNames = {
      "text", "integer", "decimal", "date", "timestamp", "boolean", "day", "month", "year"};
  return kNames;
}

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r") - first + 1));
}

bool is_name(std::string_view text) {
  return !text.empty() && (text.front() < '0' || text.front() > '9') &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string_view::npos;
}

constexpr const char* kParameterForm =
    "NAME TYPE [of A|B|C] [from TABLE.COLUMN] [= DEFAULT][; TEXT]";

std::vector<std::string> split_choices(std::string_view text) {
  std::vector<std::string> choices;
  while (true) {
    const size_t bar = text.find('|');
    choices.push_back(trimmed(text.substr(0, bar)));
    if (bar == std::string_view::npos) return choices;
    text.remove_prefix(bar + 1);
  }
}

/// Takes " from TABLE.COLUMN" off the end of a declaration.
Status take_table(std::string& declared, SavedQuery::Parameter& parameter) {
  constexpr std::string_view kWord = " from ";
  const size_t from = declared.find(kWord);
  if (from == std::string::npos) return ok();
  const std::string place = trimmed(std::string_view(declared).substr(from + kWord.size()));
  const size_t dot = place.find('.');
  parameter.table = place.substr(0, dot);
  parameter.column = dot == std::string::npos ? "" : place.substr(dot + 1);
  declared = trimmed(declared.substr(0, from));
  if (is_name(parameter.table) && is_name(parameter.column)) return ok();
  return invalid(fmt::format("`from {}`: expected TABLE.COLUMN", place));
}

/// A default in braces is a fact of the project; there is one.
Status fill_default(const project::Project& project, SavedQuery::Parameter& parameter) {
  if (!parameter.default_value || !parameter.default_value->starts_with("{{")) return ok();
  if (*parameter.default_value != "{{ currency }}") {
    return invalid(
        fmt::format("the default {} is not known; expected a value or {{{{ currency }}}}",
                    *parameter.default_value));
  }
  parameter.default_value = project.currency;
  return ok();
}

/// As kParameterForm says.
Result<SavedQuery::Parameter> parse_parameter(const project::Project& project,
                                              const std::string& text) {
  SavedQuery::Parameter parameter;
  const size_t semicolon = text.find(';');
  if (semicolon != std::string::npos) parameter.description = trimmed(text.substr(semicolon + 1));
  std::string declared = trimmed(text.substr(0, semicolon));
  const size_t equals = declared.find('=');
  if (equals != std::string::npos) {
    parameter.default_value = trimmed(declared.substr(equals + 1));
    declared = trimmed(declared.substr(0, equals));
  }
  BULLION_TRY(take_table(declared, parameter));
  const size_t of = declared.find(" of ");
  if (of != std::string::npos) {
    parameter.choices = split_choices(std::string_view(declared).substr(of + 4));
    declared = trimmed(declared.substr(0, of));
  }
  const size_t blank = declared.find_first_of(" \t");
  parameter.name = declared.substr(0, blank);
  parameter.type = blank == std::string::npos ? "" : trimmed(declared.substr(blank));
  if (!is_name(parameter.name)) {
    return invalid(fmt::format("`{}`: expected {}", text, kParameterForm));
  }
  if (std::ranges::find(type_names(), parameter.type) == type_names().end()) {
    return invalid(fmt::format("parameter `{}` has the type `{}`{}; expected {}", parameter.name,
                               parameter.type, did_you_mean(parameter.type, type_names()),
                               fmt::join(type_names(), ", ")));
  }
  BULLION_TRY(fill_default(project, parameter));
  BULLION_TRY(check_value(parameter, parameter.default_value));
  return parameter;
}

/// One line of the head: "key: value".
Status take_head_line(const project::Project& project, const std::string& line, SavedQuery& query) {
  const size_t colon = line.find(':');
  const std::string key = trimmed(line.substr(0, colon));
  const std::string value = colon == std::string::npos ? "" : trimmed(line.substr(colon + 1));
  if (key == "title") {
    query.title = value;
  } else if (key == "description") {
    query.description += (query.description.empty() ? "" : " ") + value;
  } else if (key == "parameter") {
    BULLION_TRY_ASSIGN(SavedQuery::Parameter parameter, parse_parameter(project, value));
    const bool is_twice = std::ranges::find(query.parameters, parameter.name,
                                            &SavedQuery::Parameter::name) != query.parameters.end();
    if (is_twice) return invalid(fmt::format("parameter `{}` stands twice", parameter.name));
    query.parameters.push_back(std::move(parameter));
  } else {
    const std::vector<std::string> keys = {"title", "description", "parameter"};
    return invalid(fmt::format("unknown key `{}`{} in the head of the query; expected {}", key,
                               did_you_mean(key, keys), fmt::join(keys, ", ")));
  }
  return ok();
}

void read_query(const project::Project& project, const fs::path& path, SavedQueries& found) {
  const std::string shown = fmt::format("{}/{}", kFolder, path.filename().string());
  const auto report = [&](int line, std::string message) {
    found.problems.push_back({.location = {.file = shown, .line = line, .column = 0},
                              .severity = project::Severity::Error,
                              .code = "query",
                              .message = std::move(message)});
  };
  SavedQuery query;
  query.name = path.stem().string();
  if (!is_name(query.name)) {
    return report(0, "expected a name of lower-case letters, digits and `_`");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && !file.eof()) return report(0, "cannot be read");
  int number = 0;
  while (text.starts_with("--")) {
    ++number;
    const size_t end = text.find('\n');
    const Status taken = take_head_line(project, trimmed(text.substr(2, end - 2)), query);
    if (!taken) return report(number, taken.error().message());
    if (!query.parameters.empty() && query.parameters.back().line == 0) {
      query.parameters.back().line = number;
    }
    text = end == std::string::npos ? "" : text.substr(end + 1);
  }
  query.line = number + 1;
  query.sql = trimmed(text);
  while (!query.sql.empty() && query.sql.back() == '\n') query.sql.pop_back();
  if (query.sql.empty()) return report(number + 1, "a SELECT is expected below the head");
  if (query.title.empty()) query.title = query.name;
  found.queries.push_back(std::move(query));
}

}  // namespace

SavedQueries load_queries(const project::Project& project) {
  SavedQueries found;
  std::error_code fault;
  std::vector<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(fs::path(project.folder) / kFolder, fault)) {
    if (entry.path().extension() == ".sql") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  for (const fs::path& path : paths) read_query(project, path, found);
  return found;
}

}  // namespace bullion::reader
