// POST /sql, GET /queries, /queries/{query} and POST /queries/{query}/run.
#include <algorithm>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "reader/sql.h"
#include "server/api_internal.h"
#include "server/json_body_internal.h"

namespace bullion::server {
namespace {

constexpr int64_t kRows = 1000;

/// The body of a request to run something, or the answer that says what is wrong with it.
struct RunBody {
  std::string sql;
  std::optional<int64_t> release;
  int64_t limit = kRows;
  std::map<std::string, std::optional<std::string>> parameters;
  std::vector<metrics::Filter> filters;
  std::optional<Problem> problem;
};

bool read_parameters(const nlohmann::json& value, RunBody& body) {
  if (!value.is_object()) return false;
  for (const auto& [name, text] : value.items()) {
    if (!text.is_string() && !text.is_null()) return false;
    body.parameters[name] = text.is_null() ? std::nullopt : std::optional(text.get<std::string>());
  }
  return true;
}

/// What was expected; "" when the value is a list of filters.
std::string read_filters(const nlohmann::json& value, RunBody& body) {
  constexpr const char* kExpected = "expected a list of texts such as region:eq:eu-west-1";
  if (!value.is_array()) return kExpected;
  for (const auto& text : value) {
    if (!text.is_string()) return kExpected;
    auto filter = metrics::parse_filter(text.get<std::string>());
    if (!filter) return filter.error().message();
    body.filters.push_back(std::move(*filter));
  }
  return "";
}

/// One member of the body; what was expected when it is not that.
std::string read_member(const std::string& name, const nlohmann::json& value, bool with_sql,
                        RunBody& body) {
  if (name == "sql" && with_sql) {
    if (!value.is_string()) return "expected a text";
    body.sql = value.get<std::string>();
  } else if (name == "release") {
    if (!value.is_number_integer()) return "expected a whole number";
    body.release = value.is_number_unsigned() && value.get<uint64_t>() > INT64_MAX
                       ? INT64_MAX
                       : value.get<int64_t>();
    if (*body.release < 1) return "expected a whole number from 1";
  } else if (name == "limit") {
    const bool fits = value.is_number_integer() && value >= 1 && value <= reader::kSqlRowsMax;
    if (!fits) return fmt::format("expected a whole number from 1 to {}", reader::kSqlRowsMax);
    body.limit = value.get<int64_t>();
  } else if (name == "parameters") {
    if (!read_parameters(value, body)) return "expected an object of texts and nulls";
  } else if (name == "filters" && !with_sql) {
    return read_filters(value, body);
  } else {
    return with_sql ? "is not known; expected sql, release, limit and parameters"
                    : "is not known; expected release, limit, parameters and filters";
  }
  return "";
}

RunBody read_body(const Request& request, bool with_sql) {
  RunBody body;
  const BodyRules rules{.names_its_type = true,
                        .required = with_sql ? "sql" : "",
                        .meaning = "one SELECT over tables of the release"};
  body.problem = read_json_body(request, rules, [&](const std::string& name, const auto& value) {
    return read_member(name, value, with_sql, body);
  });
  return body;
}

Response run(Api& api, const Request& request, std::optional<int64_t> release,
             const reader::SqlRequest& sql) {
  BULLION_SERVER_ASSIGN(const auto open, api.reader().release(release), request);
  const SqlQuestion question{.release = open->number(), .request = sql};
  const engine::QueryLimits limits = limits_of(api, request);
  if (!api.options().answer_sql) {
    return answer_of(sql_body(api.reader(), question, limits), request);
  }
  BULLION_SERVER_ASSIGN(auto body, api.options().answer_sql(question, limits), request);
  if (body) return json_response(*std::move(body));
  return problem_response(
      {.status = 429,
       .code = {},
       .detail = "as many queries as may run at once do, and others wait; try again in a second",
       .errors = {}},
      request);
}

Response run_sql(Api& api, const Request& request) {
  const RunBody body = read_body(request, true);
  if (body.problem) return problem_response(*body.problem, request);
  reader::SqlRequest sql{.sql = body.sql, .parameters = {}, .rows_max = body.limit};
  for (const auto& [name, value] : body.parameters) sql.parameters.push_back({name, "", value});
  return run(api, request, body.release, sql);
}

Json query_json(const reader::SavedQuery& query) {
  Json parameters = Json::array();
  for (const auto& parameter : query.parameters) {
    parameters.push_back(
        {{"name", parameter.name},
         {"type", parameter.type},
         {"default", parameter.default_value ? Json(*parameter.default_value) : Json(nullptr)},
         {"choices", parameter.choices},
         {"choices_from",
          parameter.table.empty() ? Json(nullptr) : Json(parameter.table + "." + parameter.column)},
         {"description", parameter.description}});
  }
  return {{"name", query.name},
          {"title", query.title},
          {"description", query.description},
          {"sql", query.sql},
          {"parameters", parameters}};
}

Result<reader::SavedQuery> find_query(const Api& api, const std::string& name) {
  reader::SavedQueries found = reader::load_queries(api.reader().project());
  std::vector<std::string> names;
  for (reader::SavedQuery& query : found.queries) {
    if (query.name == name) return std::move(query);
    names.push_back(query.name);
  }
  for (const project::Problem& problem : found.problems) {
    if (problem.location.file == "queries/" + name + ".sql") return invalid(to_string(problem));
  }
  return not_found(fmt::format("there is no saved query `{}`{}", name, did_you_mean(name, names)));
}

Result<std::string> statements_body(const Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  Json queries = Json::array();
  for (const auto& query : reader::load_queries(api.reader().project()).queries) {
    queries.push_back(query_json(query));
  }
  return json_text({{"queries", queries}});
}

Result<std::string> query_body(const Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  BULLION_TRY_ASSIGN(const reader::SavedQuery query,
                     find_query(api, request.parameters.at("query")));
  return json_text(query_json(query));
}

Response run_query(Api& api, const Request& request) {
  const RunBody body = read_body(request, false);
  if (body.problem) return problem_response(*body.problem, request);
  BULLION_SERVER_ASSIGN(const reader::SavedQuery query,
                        find_query(api, request.parameters.at("query")), request);
  BULLION_SERVER_ASSIGN(reader::SqlRequest sql, reader::request_of(query, body.parameters),
                        request);
  sql.rows_max = body.limit;
  sql.filters = body.filters;
  BULLION_SERVER_ASSIGN(const auto open, api.reader().release(body.release), request);
  const auto engine = engine::limited_engine(api.reader().engine(), limits_of(api, request));
  const auto relation_of = [&open](const std::string& table) -> Result<std::string> {
    BULLION_TRY_ASSIGN(const auto opened, open->table(table));
    return opened->relation;
  };
  BULLION_SERVER_TRY(reader::check_listed_values(*engine, query, sql, relation_of), request);
  return run(api, request, open->number(), sql);
}

}  // namespace

void add_sql_routes(Router& router, Api& api) {
  router.add("POST", "/sql", [&api](const Request& request) { return run_sql(api, request); });
  router.add("GET", "/queries", [&api](const Request& request) {
    return answer_of(statements_body(api, request), request);
  });
  router.add("GET", "/queries/{query}", [&api](const Request& request) {
    return answer_of(query_body(api, request), request);
  });
  router.add("POST", "/queries/{query}/run",
             [&api](const Request& request) { return run_query(api, request); });
}

}  // namespace bullion::server
