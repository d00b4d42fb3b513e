// GET /releases/{number}/diff.
#include <limits>

#include "reader/explain.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

Json money_diff_json(const pipeline::MoneyDiff& money, const project::Project& project) {
  const std::string currency = money.currency.empty() ? project.currency : money.currency;
  return {{"currency", currency},
          {"before", money_json(money.before, currency)},
          {"after", money_json(money.after, currency)},
          {"added", money_json(money.added, currency)},
          {"removed", money_json(money.removed, currency)},
          {"changed", money_json(money.changed, currency)}};
}

Json partition_json(const pipeline::PartitionDiff& diff, const project::Project& project) {
  Json money = Json::array();
  for (const pipeline::MoneyDiff& one : diff.money) money.push_back(money_diff_json(one, project));
  Json causes = Json::object();
  for (const auto& [cause, keys] : diff.causes) causes[cause] = keys;
  return {{"partition", diff.partition},
          {"rows_before", diff.rows_before},
          {"rows_after", diff.rows_after},
          {"rows_added", diff.rows_added},
          {"rows_removed", diff.rows_removed},
          {"rows_changed", diff.rows_changed},
          {"money", money},
          {"causes", causes}};
}

Json table_diff_json(const pipeline::TableDiff& diff, const project::Project& project) {
  Json partitions = Json::array();
  for (const pipeline::PartitionDiff& one : diff.partitions) {
    partitions.push_back(partition_json(one, project));
  }
  return {{"table", diff.table},
          {"layer", diff.layer},
          {"logic_changed", diff.logic_changed},
          {"total", partition_json(diff.total, project)},
          {"partitions", partitions}};
}

Response diff(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"base"}), request);
  BULLION_SERVER_ASSIGN(const int64_t number, number_in_path(request), request);
  BULLION_SERVER_ASSIGN(auto base,
                        number_parameter(request, "base", 0, std::numeric_limits<int64_t>::max()),
                        request);
  if (!base) {
    BULLION_SERVER_ASSIGN(base, reader::release_before(api.reader(), number), request);
  }
  return release_answer(api, request, number, [&](reader::OpenRelease&) -> Result<std::string> {
    BULLION_TRY_ASSIGN(const pipeline::DiffOutcome outcome,
                       reader::diff_of(api.reader(), *base, number, limits_of(api, request)));
    Json tables = Json::array();
    for (const auto& table : outcome.tables) {
      tables.push_back(table_diff_json(table, api.reader().project()));
    }
    return json_text({{"before", outcome.before}, {"after", outcome.after}, {"tables", tables}});
  });
}

}  // namespace

void add_diff_routes(Router& router, Api& api) {
  router.add("GET", "/releases/{number}/diff",
             [&api](const Request& request) { return diff(api, request); });
}

}  // namespace bullion::server
