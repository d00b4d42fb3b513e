// GET /lineage, /quarantine, /quality and /completeness.
#include <fmt/format.h>

#include "base/date.h"
#include "reader/completeness.h"
#include "reader/work.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

using reader::OpenRelease;

Json maybe_text(const std::optional<std::string>& text) {
  return text ? Json(*text) : Json(nullptr);
}

Response lineage(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"release"}), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  return release_answer(api, request, release, [&](OpenRelease& open) -> Result<std::string> {
    const reader::Lineage found = reader::lineage_of(api.reader().project(), open.record());
    Json nodes = Json::array();
    for (const auto& node : found.nodes) {
      nodes.push_back({{"name", node.name},
                       {"layer", node.layer},
                       {"kind", node.kind},
                       {"rows", node.rows},
                       {"owner", node.owner},
                       {"description", node.description}});
    }
    Json edges = Json::array();
    for (const auto& edge : found.edges) edges.push_back({{"from", edge.from}, {"to", edge.to}});
    return json_text({{"release", open.number()}, {"nodes", nodes}, {"edges", edges}});
  });
}

Result<std::string> quarantine_body(Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {"source", "reason", "limit", "cursor"}));
  reader::QuarantineRequest wanted;
  wanted.source = request.query_value("source").value_or("");
  wanted.reason = request.query_value("reason").value_or("");
  BULLION_TRY_ASSIGN(const auto limit, number_parameter(request, "limit", 1, 1000));
  wanted.limit = limit.value_or(kPage);
  BULLION_TRY_ASSIGN(wanted.offset,
                     offset_of_cursor(request, wanted.source + "\n" + wanted.reason));
  BULLION_TRY_ASSIGN(const reader::QuarantinePage page,
                     reader::read_quarantine(api.reader(), wanted, limits_of(api, request)));
  Json rows = Json::array();
  for (const reader::RejectedRow& row : page.rows) {
    rows.push_back({{"source", row.source},
                    {"batch_id", row.batch_id},
                    {"file", row.file},
                    {"record", row.record},
                    {"line", number_or_null(row.line)},
                    {"reasons", row.reasons},
                    {"amount", maybe_text(row.amount)},
                    {"raw", row.raw}});
  }
  Json reasons = Json::array();
  for (const reader::ReasonCount& count : page.by_reason) {
    reasons.push_back({{"source", count.source},
                       {"reason", count.reason},
                       {"example", count.example},
                       {"rows", count.rows}});
  }
  const int64_t shown = wanted.offset + static_cast<int64_t>(page.rows.size());
  return json_text(
      {{"rows", rows},
       {"total", page.total},
       {"by_reason", reasons},
       {"next_cursor", shown < page.total && !page.rows.empty()
                           ? Json(cursor_of_offset(shown, wanted.source + "\n" + wanted.reason))
                           : Json(nullptr)}});
}

Json tests_json(const reader::Quality& quality) {
  Json tests = Json::array();
  for (const reader::TestRow& test : quality.tests) {
    tests.push_back({{"test", test.test},
                     {"kind", test.kind},
                     {"table", test.table},
                     {"owner", test.owner},
                     {"status", test.status},
                     {"failures", test.failures},
                     {"run_id", quality.run_id},
                     {"finished_at", format_timestamp(test.finished_us)}});
  }
  return tests;
}

Json conservation_json(const reader::Quality& quality) {
  Json lines = Json::array();
  for (const reader::ConservationRow& line : quality.conservation) {
    lines.push_back({{"scope", line.scope},
                     {"name", line.name},
                     {"rows_in", line.rows_in},
                     {"rows_kept", line.rows_kept},
                     {"rows_superseded", line.rows_superseded},
                     {"rows_quarantined", line.rows_quarantined},
                     {"rows_excluded", line.rows_excluded},
                     {"amount_in", maybe_text(line.amount_in)},
                     {"amount_kept", maybe_text(line.amount_kept)},
                     {"holds", line.holds}});
  }
  return lines;
}

Result<std::string> quality_body(Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  BULLION_TRY_ASSIGN(const reader::Quality quality,
                     reader::read_quality(api.reader(), limits_of(api, request)));
  Json totals = Json::array();
  for (const reader::ControlTotalRow& total : quality.control_totals) {
    totals.push_back({{"source", total.source},
                      {"file", total.file},
                      {"line", number_or_null(total.line)},
                      {"stated", total.stated},
                      {"rows_total", maybe_text(total.rows_total)},
                      {"difference", maybe_text(total.difference)},
                      {"status", total.status}});
  }
  Json events = Json::array();
  for (const reader::EventRow& event : quality.events) {
    events.push_back({{"event", event.event},
                      {"source", event.source},
                      {"file", maybe_text(event.file)},
                      {"subject", event.subject},
                      {"detail", event.detail},
                      {"seen_at", format_timestamp(event.seen_us)}});
  }
  return json_text({{"release", number_or_null(quality.release)},
                    {"tests", tests_json(quality)},
                    {"conservation", conservation_json(quality)},
                    {"control_totals", totals},
                    {"events", events},
                    {"score", maybe_text(quality.score)}});
}

Json day_or_null(const std::optional<int32_t>& day) {
  return day ? Json(format_date(*day)) : Json(nullptr);
}

Response completeness(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"table", "release", "start", "end"}), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  BULLION_SERVER_ASSIGN(const auto start, day_parameter(request, "start"), request);
  BULLION_SERVER_ASSIGN(const auto end, day_parameter(request, "end"), request);
  const auto table = request.query_value("table");
  if (!table) {
    return problem_response({.status = 400, .detail = "table is missing; which table's days?"},
                            request);
  }
  return release_answer(api, request, release, [&](OpenRelease& open) -> Result<std::string> {
    BULLION_TRY_ASSIGN(
        const reader::Completeness found,
        reader::read_completeness(api.reader(), open, *table, start, end, limits_of(api, request)));
    Json days = Json::array();
    for (const reader::Day& day : found.days) {
      days.push_back({{"day", format_date(day.day)},
                      {"status", to_string(day.status)},
                      {"rows", day.rows},
                      {"first_release", number_or_null(day.first_release)},
                      {"restated", day.restated}});
    }
    return json_text({{"release", open.number()},
                      {"table", *table},
                      {"start", day_or_null(found.start)},
                      {"end", day_or_null(found.end)},
                      {"days", days}});
  });
}

}  // namespace

void add_trust_routes(Router& router, Api& api) {
  router.add("GET", "/lineage", [&api](const Request& request) { return lineage(api, request); });
  router.add("GET", "/quarantine", [&api](const Request& request) {
    return answer_of(quarantine_body(api, request), request);
  });
  router.add("GET", "/quality", [&api](const Request& request) {
    return answer_of(quality_body(api, request), request);
  });
  router.add("GET", "/completeness",
             [&api](const Request& request) { return completeness(api, request); });
}

}  // namespace bullion::server
