#include "cli/saved_query.h"

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace bullion::cli {

Result<std::map<std::string, std::optional<std::string>>> parameter_values(
    const std::vector<std::string>& parameters) {
  std::map<std::string, std::optional<std::string>> values;
  for (const std::string& text : parameters) {
    const size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return invalid(fmt::format("--param {}: expected NAME=VALUE", text));
    }
    if (!values.emplace(text.substr(0, equals), text.substr(equals + 1)).second) {
      return invalid(fmt::format("--param {} is given twice", text.substr(0, equals)));
    }
  }
  return values;
}

Result<reader::SavedQuery> find_query(const reader::SavedQueries& saved, const std::string& name) {
  std::vector<std::string> names;
  for (const reader::SavedQuery& query : saved.queries) {
    if (query.name == name) return query;
    names.push_back(query.name);
  }
  return not_found(fmt::format("the project has no query `{}`{}; write it to queries/{}.sql", name,
                               did_you_mean(name, names), name));
}

Status check_values(engine::Engine& engine, const release::Record& record,
                    const reader::SavedQuery& query, const reader::SqlRequest& request) {
  return reader::check_listed_values(
      engine, query, request, [&record](const std::string& table) -> Result<std::string> {
        if (record.tables.contains(table)) return engine::quote_name(table);
        return not_found(fmt::format("release {} has no table `{}`", record.number, table));
      });
}

}  // namespace bullion::cli
