// GET /releases and /releases/{number}.
#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

#include "base/date.h"
#include "release/store.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

Json money_change_json(const release::MoneyChange& change, const project::Project& project) {
  const std::string currency = change.currency.empty() ? project.currency : change.currency;
  return {{"table", change.table},
          {"currency", currency},
          {"before", money_json(change.before, currency)},
          {"after", money_json(change.after, currency)},
          {"rows_before", change.rows_before},
          {"rows_after", change.rows_after}};
}

Json release_summary_json(const release::Record& record, const project::Project& project) {
  Json money = Json::array();
  for (const release::MoneyChange& change : record.money) {
    money.push_back(money_change_json(change, project));
  }
  return {{"number", record.number},
          {"created_at", format_timestamp(record.created_at_us)},
          {"user", record.user},
          {"status", record.is_void ? "void" : "published"},
          {"summary", record.is_void ? record.void_reason : record.summary},
          {"run_id", record.run_id},
          {"money", money}};
}

Result<std::string> releases_body(const Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {"limit", "cursor"}));
  BULLION_TRY_ASSIGN(const auto limit, number_parameter(request, "limit", 1, 1000));
  // The list grows at its front only, so that the number of the last one is a cursor.
  BULLION_TRY_ASSIGN(const auto before,
                     number_parameter(request, "cursor", 1, std::numeric_limits<int64_t>::max()));
  const pipeline::Environment& env = api.reader().env();
  const release::Store store(env.lake, env.clock, nullptr);
  BULLION_TRY_ASSIGN(auto records, store.list());
  std::reverse(records.begin(), records.end());
  Json releases = Json::array();
  Json next = nullptr;
  for (const release::Record& record : records) {
    if (before && record.number >= *before) continue;
    if (static_cast<int64_t>(releases.size()) == limit.value_or(kPage)) {
      next = std::to_string(releases.back()["number"].get<int64_t>());
      break;
    }
    releases.push_back(release_summary_json(record, api.reader().project()));
  }
  return json_text({{"releases", releases}, {"next_cursor", next}});
}

Json release_json(const release::Record& record, const project::Project& project) {
  Json json = release_summary_json(record, project);
  Json tables = Json::array();
  for (const auto& [name, table] : record.tables) {
    const bool changed =
        std::ranges::find(record.changed_tables, name) != record.changed_tables.end();
    tables.push_back({{"name", name},
                      {"layer", table.layer},
                      {"version", table.version},
                      {"rows", table.rows},
                      {"changed", changed},
                      {"code_hash", table.code_hash}});
  }
  Json gates = Json::array();
  for (const release::GateResult& gate : record.gates) {
    gates.push_back({{"name", gate.name},
                     {"table", gate.table},
                     {"status", gate.status},
                     {"failures", gate.failures}});
  }
  Json sources = Json::array();
  for (const auto& [name, source] : record.sources) {
    sources.push_back(
        {{"name", name}, {"files", source.files}, {"through_sequence", source.through_sequence}});
  }
  json["tables"] = tables;
  json["gates"] = gates;
  json["sources"] = sources;
  return json;
}

}  // namespace

Result<int64_t> number_in_path(const Request& request) {
  const std::string& text = request.parameters.at("number");
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc{} && end == text.data() + text.size() && number > 0) return number;
  return invalid(fmt::format("`{}` is no release; expected a whole number from 1", text));
}

namespace {

Response get_release(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {}), request);
  BULLION_SERVER_ASSIGN(const int64_t number, number_in_path(request), request);
  return release_answer(api, request, number,
                        [&](reader::OpenRelease& open) -> Result<std::string> {
                          return json_text(release_json(open.record(), api.reader().project()));
                        });
}

}  // namespace

void add_release_routes(Router& router, Api& api) {
  router.add("GET", "/releases", [&api](const Request& request) {
    return answer_of(releases_body(api, request), request);
  });
  router.add("GET", "/releases/{number}",
             [&api](const Request& request) { return get_release(api, request); });
}

}  // namespace bullion::server
