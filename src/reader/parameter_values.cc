#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "reader/parameter_values_internal.h"

namespace bullion::reader {
namespace {

bool is_choice(const SavedQuery::Parameter& parameter, const std::string& value) {
  return std::ranges::find(parameter.choices, value) != parameter.choices.end();
}

bool is_time(std::string_view type, const std::string& value) {
  const bool is_day = parse_date(value).has_value();
  const bool is_month = value.size() == 7 && parse_date(value + "-01");
  if (type == "month") return is_month || is_day;
  if (type == "year") return value.size() == 4 && parse_date(value + "-01-01");
  return is_day;
}

std::string_view form_of(std::string_view type) {
  if (type == "month") return "a month as YYYY-MM or a day of it as YYYY-MM-DD";
  if (type == "year") return "a year as YYYY";
  return "a day as YYYY-MM-DD";
}

/// "; expected FORM, or latest" for a time.
std::string expected_time(const SavedQuery::Parameter& parameter, std::string_view form) {
  const std::string words = fmt::format("{}", fmt::join(parameter.choices, ", "));
  return fmt::format("expected {}{}{}", form, words.empty() ? "" : ", or ", words);
}

/// Invalid for a time before the first or after the last of a table. `relation` is its name.
Status check_time_range(engine::Engine& engine, const SavedQuery::Parameter& parameter,
                        const std::string& value, const std::string& relation) {
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format("SELECT CAST(min({0}) AS VARCHAR), CAST(max({0}) AS VARCHAR) "
                               "FROM {1} HAVING count({0}) > 0",
                               engine::quote_name(parameter.column), relation)));
  const std::string place = fmt::format("{}.{}", parameter.table, parameter.column);
  if (rows.rows.empty()) {
    return invalid(fmt::format("the parameter `{}` is `{}`, and {} is empty at this release",
                               parameter.name, value, place));
  }
  // Times as texts have the order of times.
  const std::string first = engine::to_text(rows.rows[0].at(0)).substr(0, value.size());
  const std::string last = engine::to_text(rows.rows[0].at(1)).substr(0, value.size());
  if (first <= value && value <= last) return ok();
  return invalid(fmt::format("the parameter `{}` is `{}`; {}, as in {}", parameter.name, value,
                             expected_time(parameter, fmt::format("{} to {}", first, last)),
                             place));
}

/// Invalid, with the values that are known, for one that does not stand in a table.
Status check_listed(engine::Engine& engine, const SavedQuery::Parameter& parameter,
                    const std::string& value, const std::string& relation) {
  constexpr size_t kShownMax = 20;
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      engine.query(fmt::format("SELECT DISTINCT CAST({0} AS VARCHAR) FROM {1} WHERE {0} IS NOT "
                               "NULL ORDER BY 1",
                               engine::quote_name(parameter.column), relation)));
  std::vector<std::string> known = parameter.choices;
  for (const auto& row : rows.rows) known.push_back(engine::to_text(row.at(0)));
  if (std::ranges::find(known, value) != known.end()) return ok();
  const std::string nearest = did_you_mean(value, known);
  const bool is_cut = known.size() > kShownMax;
  if (is_cut) known.resize(kShownMax);
  return invalid(fmt::format("the parameter `{}` is `{}`{}; expected {}{}, as in {}.{}",
                             parameter.name, value, nearest, fmt::join(known, ", "),
                             is_cut ? ", ..." : "", parameter.table, parameter.column));
}

}  // namespace

bool is_time_type(std::string_view type) {
  return type == "day" || type == "month" || type == "year";
}

std::string literal_type(std::string_view type) {
  return is_time_type(type) ? "text" : std::string(type);
}

Status check_value(const SavedQuery::Parameter& parameter,
                   const std::optional<std::string>& value) {
  if (!value || is_choice(parameter, *value)) return ok();
  if (is_time_type(parameter.type)) {
    if (is_time(parameter.type, *value)) return ok();
    return invalid(fmt::format("the parameter `{}` is `{}`{}; {}", parameter.name, *value,
                               did_you_mean(*value, parameter.choices),
                               expected_time(parameter, form_of(parameter.type))));
  }
  if (parameter.choices.empty() || !parameter.table.empty()) return ok();
  return invalid(fmt::format("the parameter `{}` is `{}`{}; expected {}", parameter.name, *value,
                             did_you_mean(*value, parameter.choices),
                             fmt::join(parameter.choices, ", ")));
}

Result<SqlRequest> request_of(const SavedQuery& query,
                              const std::map<std::string, std::optional<std::string>>& values) {
  std::vector<std::string> names;
  for (const SavedQuery::Parameter& parameter : query.parameters) names.push_back(parameter.name);
  // A misspelt name first: it is why another has no value.
  for (const auto& [name, value] : values) {
    if (std::ranges::find(names, name) != names.end()) continue;
    return invalid(fmt::format(
        "the query {} has no parameter `{}`{}{}", query.name, name, did_you_mean(name, names),
        names.empty() ? "" : fmt::format("; parameters: {}", fmt::join(names, ", "))));
  }
  SqlRequest request;
  request.sql = query.sql;
  for (const SavedQuery::Parameter& parameter : query.parameters) {
    const auto given = values.find(parameter.name);
    if (given == values.end() && !parameter.default_value) {
      return invalid(fmt::format("the query {} needs a value for its parameter `{}` ({})",
                                 query.name, parameter.name, parameter.type));
    }
    const auto& value = given == values.end() ? parameter.default_value : given->second;
    BULLION_TRY(check_value(parameter, value));
    request.parameters.push_back({parameter.name, literal_type(parameter.type), value});
  }
  return request;
}

Status check_listed_values(engine::Engine& engine, const SavedQuery& query,
                           const SqlRequest& request, const TableLookup& relation_of) {
  for (const SavedQuery::Parameter& parameter : query.parameters) {
    const auto given = std::ranges::find(request.parameters, parameter.name, &SqlParameter::name);
    if (parameter.table.empty() || given == request.parameters.end() || !given->value) continue;
    if (is_choice(parameter, *given->value)) continue;
    BULLION_TRY_ASSIGN(const std::string relation, relation_of(parameter.table));
    BULLION_TRY(is_time_type(parameter.type)
                    ? check_time_range(engine, parameter, *given->value, relation)
                    : check_listed(engine, parameter, *given->value, relation));
  }
  return ok();
}

}  // namespace bullion::reader
