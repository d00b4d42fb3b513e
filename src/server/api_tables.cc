// GET /tables, /tables/{table} and its rows.
#include <fmt/format.h>

#include "server/api_internal.h"

namespace bullion::server {
namespace {

using reader::OpenRelease;
using reader::RowPage;
using reader::RowRequest;
using reader::RowTotal;

Json summary_json(const reader::TableSummary& table) {
  return {{"name", table.name},
          {"layer", table.layer},
          {"description", table.description},
          {"owner", table.owner},
          {"rows", table.rows},
          {"version", table.version},
          {"amount_column", text_or_null(table.amount_column)}};
}

Response list_tables(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"release"}), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  return release_answer(api, request, release, [&](OpenRelease& open) -> Result<std::string> {
    Json tables = Json::array();
    for (const auto& table : reader::tables_of(api.reader().project(), open.record())) {
      tables.push_back(summary_json(table));
    }
    return json_text({{"tables", tables}});
  });
}

Response get_table(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"release"}), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  return release_answer(api, request, release, [&](OpenRelease& open) -> Result<std::string> {
    BULLION_TRY_ASSIGN(const auto table, open.table(request.parameters.at("table")));
    const reader::TableFacts facts = reader::facts_of(api.reader().project(), *table);
    Json json = summary_json(facts.summary);
    json["amount_column"] = text_or_null(facts.summary.amount_column);
    json["currency_column"] = text_or_null(facts.currency_column);
    json["grain"] = facts.grain;
    json["columns"] = columns_json(facts.columns);
    json["sql"] = text_or_null(facts.sql);
    json["inputs"] = facts.inputs;
    json["release"] = open.number();
    return json_text(json);
  });
}

}  // namespace

Result<RowRequest> row_request(const Request& request, const std::string& table) {
  RowRequest rows;
  rows.table = table;
  BULLION_TRY_ASSIGN(rows.columns, list_parameter(request, "columns"));
  BULLION_TRY_ASSIGN(rows.sort, list_parameter(request, "sort"));
  BULLION_TRY_ASSIGN(rows.filters, filter_parameters(request));
  BULLION_TRY_ASSIGN(const auto limit, number_parameter(request, "limit", 1, reader::kPageRowsMax));
  rows.limit = limit.value_or(rows.limit);
  rows.cursor = request.query_value("cursor").value_or("");
  if (rows.cursor.empty() && request.query_value("cursor")) {
    return invalid("the cursor is empty; leave it out for the first page");
  }
  return rows;
}

namespace {

Json total_json(const RowTotal& total) {
  Json sums = Json::array();
  for (const reader::ColumnSum& sum : total.sums) {
    sums.push_back(
        {{"column", sum.column}, {"sum", money_json(sum.sum, sum.currency)}, {"rows", sum.rows}});
  }
  return {{"rows", total.rows}, {"sums", sums}};
}

std::string page_json(int64_t release, const RowPage& page, const std::string& total) {
  std::string json = fmt::format(R"({{"release":{},"columns":{},"rows":)", release,
                                 json_text(columns_json(page.columns)));
  append_rows(json, page.columns, page.rows, page.currencies);
  json += fmt::format(R"(,"total":{},"next_cursor":{}}})", total,
                      json_text(text_or_null(page.next_cursor)));
  return json;
}

}  // namespace

Result<std::string> rows_body(Api& api, const Request& request, OpenRelease& open,
                              const RowRequest& rows) {
  const engine::QueryLimits limits = limits_of(api, request);
  BULLION_TRY_ASSIGN(const RowPage page, read_rows(api.reader(), open, rows, limits));
  // All pages of one question have one total.
  std::string key = fmt::format("r{} total {}\n{}", open.number(), rows.table, rows.condition);
  for (const metrics::Filter& filter : rows.filters) key += "\n" + to_string(filter);
  BULLION_TRY_ASSIGN(
      const auto total, api.cache().get(key, open.number(), [&]() -> Result<std::string> {
        BULLION_TRY_ASSIGN(const RowTotal sum, read_total(api.reader(), open, rows, limits));
        return json_text(total_json(sum));
      }));
  return page_json(open.number(), page, total->body);
}

Result<std::optional<int64_t>> release_of_page(const Request& request, const std::string& cursor) {
  BULLION_TRY_ASSIGN(auto release, release_parameter(request));
  if (cursor.empty() || release) return release;
  // The pages of a list stay at the release of the first one.
  BULLION_TRY_ASSIGN(const int64_t of_cursor, reader::release_of_cursor(cursor));
  return std::optional(of_cursor);
}

namespace {

Response list_rows(Api& api, const Request& request) {
  BULLION_SERVER_TRY(
      check_parameters(request, {"release", "columns", "sort", "limit", "cursor", "filter"}),
      request);
  BULLION_SERVER_ASSIGN(const RowRequest rows, row_request(request, request.parameters.at("table")),
                        request);
  BULLION_SERVER_ASSIGN(const auto release, release_of_page(request, rows.cursor), request);
  return release_answer(api, request, release,
                        [&](OpenRelease& open) { return rows_body(api, request, open, rows); });
}

}  // namespace

void add_table_routes(Router& router, Api& api) {
  const auto add = [&](const char* pattern, Response (*handler)(Api&, const Request&)) {
    router.add("GET", pattern,
               [&api, handler](const Request& request) { return handler(api, request); });
  };
  add("/tables", list_tables);
  add("/tables/{table}", get_table);
  add("/tables/{table}/rows", list_rows);
}

}  // namespace bullion::server
