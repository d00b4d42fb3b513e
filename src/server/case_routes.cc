#include "server/case_routes.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/date.h"
#include "detect/case_export.h"
#include "detect/evidence.h"
#include "reader/cursor.h"
#include "reader/exporting.h"
#include "server/api_internal.h"
#include "server/case_json_internal.h"
#include "server/json_body_internal.h"

namespace bullion::server {
namespace {

using detect::Case;
using detect::CaseStore;

constexpr int64_t kPageMax = 1000;
constexpr size_t kFindingsMax = 50;

Result<detect::CaseFilter> filter_of(const Request& request) {
  detect::CaseFilter filter;
  BULLION_TRY_ASSIGN(const auto states, list_parameter(request, "state"));
  for (const std::string& name : states) {
    BULLION_TRY_ASSIGN(const detect::CaseState state, detect::parse_case_state(name));
    filter.states.push_back(state);
  }
  const std::string all = request.query_value("all").value_or("false");
  if (all != "true" && all != "false") {
    return invalid(fmt::format("all is `{}`; expected true or false", all));
  }
  filter.all = all == "true";
  filter.owner = request.query_value("owner").value_or("");
  filter.detector = request.query_value("detector").value_or("");
  filter.currency = request.query_value("currency").value_or("");
  const auto least = request.query_value("min_money");
  if (least) {
    BULLION_TRY_ASSIGN(filter.money_min, detect::parse_amount(*least));
  }
  BULLION_TRY_ASSIGN(filter.order,
                     detect::parse_case_order(request.query_value("sort").value_or("score")));
  return filter;
}

/// How many cases each state has, and their money: the funnel.
Json summary_json(const std::vector<Case>& cases) {
  struct Sums {
    int64_t cases = 0;
    std::map<std::string, detect::MoneySums> money;
  };
  std::map<std::string_view, Sums> states;
  for (const Case& item : cases) {
    Sums& sums = states[detect::to_string(item.state)];
    ++sums.cases;
    detect::add_money(item, sums.money);
  }
  Json out = Json::array();
  for (const auto& [state, sums] : states) {
    Json at_risk = Json::array();
    Json confirmed = Json::array();
    Json recovered = Json::array();
    for (const auto& [currency, sum] : sums.money) {
      at_risk.push_back(case_money(sum.at_risk, currency));
      if (sum.confirmed.units > 0) confirmed.push_back(case_money(sum.confirmed, currency));
      if (sum.recovered.units > 0) recovered.push_back(case_money(sum.recovered, currency));
    }
    out.push_back({{"state", state},
                   {"cases", sums.cases},
                   {"at_risk", at_risk},
                   {"confirmed", confirmed},
                   {"recovered", recovered}});
  }
  return out;
}

/// What a list can be filtered by: all detectors, owners and currencies there are.
Json choices_json(const CaseDesk& desk, const std::vector<Case>& cases) {
  std::set<std::string> owners;
  for (const Case& item : cases) {
    if (!item.owner.empty()) owners.insert(item.owner);
  }
  return {{"detectors", detect::detector_names(desk.detectors(), cases)},
          {"owners", owners},
          {"currencies", detect::currencies_of(cases)}};
}

/// After the case that ranks so: whatever happens to the cases before it, the next page goes on
/// where this one ended.
std::string cursor_after(const detect::CaseRank& rank, const std::string& question) {
  const auto text = [](Int128 units) { return to_string(Decimal{units, 0}); };
  return reader::cursor_text({.release = 0,
                              .question = question,
                              .keys = {text(rank.doubt), text(rank.block), rank.currency,
                                       text(rank.lightness), text(rank.id)},
                              .offset = 0});
}

/// What cursor_after() was given; nullopt for the first page.
Result<std::optional<detect::CaseRank>> rank_before(const Request& request,
                                                    const std::string& question) {
  const auto text = request.query_value("cursor");
  if (!text) return std::optional<detect::CaseRank>();
  BULLION_TRY_ASSIGN(const reader::Cursor cursor, reader::parse_cursor(*text));
  const Error foreign = invalid("the cursor belongs to another list; ask for the first page");
  constexpr size_t kKeys = 5;
  if (cursor.question != question || cursor.keys.size() != kKeys) return foreign;
  std::vector<Int128> numbers;
  for (const size_t place : {0, 1, 3, 4}) {
    const auto number = decimal_of(cursor.keys[place].value_or(""));
    if (!number || number->scale != 0) return foreign;
    numbers.push_back(number->units);
  }
  return std::optional(detect::CaseRank{.doubt = numbers[0],
                                        .block = static_cast<int>(numbers[1]),
                                        .currency = cursor.keys[2].value_or(""),
                                        .lightness = numbers[2],
                                        .id = static_cast<int64_t>(numbers[3])});
}

/// Those of all cases that the filter lets through, in its order.
Result<std::vector<Case>> chosen_cases(const CaseDesk& desk, const std::vector<Case>& everything,
                                       const detect::CaseFilter& filter) {
  const std::string& currency = desk.reader().project().currency;
  BULLION_TRY(detect::check_detector(filter.detector, desk.detectors(), everything));
  BULLION_TRY(detect::check_currency(filter.currency, currency, everything));
  return detect::chosen_cases(everything, filter, currency);
}

Result<std::string> cases_body(CaseDesk& desk, const Request& request) {
  BULLION_TRY(check_parameters(request, {"state", "all", "owner", "detector", "currency",
                                         "min_money", "sort", "limit", "cursor"}));
  BULLION_TRY_ASSIGN(const detect::CaseFilter filter, filter_of(request));
  BULLION_TRY_ASSIGN(const auto limit, number_parameter(request, "limit", 1, kPageMax));
  // A cursor belongs to its question.
  std::string question = "cases";
  for (const char* name : {"state", "all", "owner", "detector", "currency", "min_money", "sort"}) {
    question += "\n" + request.query_value(name).value_or("");
  }
  BULLION_TRY_ASSIGN(const auto before, rank_before(request, question));
  if (!desk.has_detectors()) {
    return json_text({{"release", nullptr},
                      {"cases", Json::array()},
                      {"total", 0},
                      {"open", 0},
                      {"next_cursor", nullptr},
                      {"by_state", Json::array()},
                      {"choices", choices_json(desk, {})}});
  }
  BULLION_TRY_ASSIGN(CaseStore * store, desk.open(request.user));
  const std::string& currency = desk.reader().project().currency;
  BULLION_TRY_ASSIGN(const auto everything, store->list({.all = true}, currency));
  BULLION_TRY_ASSIGN(const auto cases, chosen_cases(desk, everything, filter));
  BULLION_TRY_ASSIGN(const auto release, store->synced_release());
  const auto rank = [&](const Case& item) { return detect::rank_of(item, filter, currency); };
  const auto first = before ? std::ranges::upper_bound(cases, *before, {}, rank) : cases.begin();
  const auto end = first + std::min(cases.end() - first, limit.value_or(kPage));
  Json page = Json::array();
  for (const Case& item : std::ranges::subrange(first, end)) page.push_back(case_json(item));
  const bool has_more = first != end && end != cases.end();
  return json_text({{"release", number_or_null(release)},
                    {"cases", page},
                    {"total", cases.size()},
                    {"open", std::ranges::count_if(everything, detect::is_open)},
                    {"next_cursor", has_more ? Json(cursor_after(rank(*std::prev(end)), question))
                                             : Json(nullptr)},
                    {"by_state", summary_json(everything)},
                    {"choices", choices_json(desk, everything)}});
}

Response export_cases(CaseDesk& desk, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"format", "state", "all", "owner", "detector",
                                                "currency", "min_money", "sort"}),
                     request);
  BULLION_SERVER_ASSIGN(const FileForm form, form_parameter(request), request);
  BULLION_SERVER_ASSIGN(const detect::CaseFilter filter, filter_of(request), request);
  BULLION_SERVER_ASSIGN(CaseStore * store, desk.open(request.user), request);
  const reader::Reader& reader = desk.reader();
  BULLION_SERVER_ASSIGN(const auto everything,
                        store->list({.all = true}, reader.project().currency), request);
  BULLION_SERVER_ASSIGN(const auto cases, chosen_cases(desk, everything, filter), request);
  BULLION_SERVER_ASSIGN(const auto release, store->synced_release(), request);
  if (!release) {
    return problem_response(not_found("there are no cases before the first release"), request);
  }
  BULLION_SERVER_ASSIGN(const auto open, desk.reader().release(release), request);
  exports::Provenance provenance =
      reader::provenance_of(reader.project(), open->record(), request.user);
  provenance.table_path = "cases";
  BULLION_SERVER_ASSIGN(
      auto exported,
      detect::case_export(engine_of_file(reader, form), cases, std::move(provenance)), request);
  return file_answer(reader, request, form, fmt::format("cases-r{}", *release),
                     std::move(exported.request), std::move(exported.rows));
}

Result<int64_t> id_of(const Request& request, const char* what) {
  const std::string& text = request.parameters.at("id");
  const auto number = decimal_of(text);
  constexpr size_t kDigitsMax = 18;
  const bool is_whole = !text.empty() && text.size() <= kDigitsMax &&
                        text.find_first_not_of("0123456789") == std::string::npos;
  if (!number || !is_whole) return not_found(fmt::format("there is no {} `{}`", what, text));
  return static_cast<int64_t>(number->units);
}

Result<std::string> detail_body(CaseDesk& desk, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  BULLION_TRY_ASSIGN(const int64_t id, id_of(request, "case"));
  BULLION_TRY_ASSIGN(CaseStore * store, desk.open(request.user));
  BULLION_TRY_ASSIGN(const detect::CaseDetail detail, store->get(id));
  BULLION_TRY_ASSIGN(const auto release, store->synced_release());
  BULLION_TRY_ASSIGN(const auto evidence,
                     detect::read_evidence(desk.reader(), desk.detectors(), release.value_or(0),
                                           detail.findings, kFindingsMax));
  return detail_text(detail, evidence, desk.detectors());
}

Result<detect::ActionKind> action_kind(const std::string& name) {
  using enum detect::ActionKind;
  for (const detect::ActionKind kind : {Assign, Confirm, Dismiss, Recover, Comment, Reopen}) {
    if (detect::to_string(kind) == name) return kind;
  }
  return invalid("expected assign, confirm, dismiss, recover, comment or reopen");
}

/// {"amount": "12.34", "currency": "EUR"}
Status read_money(const nlohmann::json& value, detect::Action& action) {
  const bool fits = value.is_object() && value.size() == 2 && value.contains("amount") &&
                    value.contains("currency") && value["amount"].is_string() &&
                    value["currency"].is_string();
  if (!fits) return invalid("expected an amount and its currency, both texts");
  BULLION_TRY_ASSIGN(action.amount,
                     detect::parse_signed_amount(value["amount"].get<std::string>()));
  action.currency = value["currency"].get<std::string>();
  return ok();
}

Status read_member(const std::string& name, const nlohmann::json& value, detect::Action& action) {
  if (name == "amount") return value.is_null() ? ok() : read_money(value, action);
  if (name == "force") {
    if (!value.is_boolean()) return invalid("expected true or false");
    action.force = value.get<bool>();
    return ok();
  }
  if (name == "version") {
    if (!value.is_number_integer()) return invalid("expected the version of the case, a number");
    action.version = value.get<int64_t>();
    return ok();
  }
  const bool known = name == "action" || name == "owner" || name == "note" || name == "teach";
  if (!known) {
    return invalid("is not known; expected action, owner, amount, note, force, teach and version");
  }
  if (!value.is_string()) return invalid("expected a text");
  const auto text = value.get<std::string>();
  if (name == "owner") {
    action.owner = text;
  } else if (name == "note") {
    action.note = text;
  } else if (name == "teach") {
    if (text != "nothing" && text != "subject" && text != "finding") {
      return invalid("expected nothing, subject or finding");
    }
    if (text == "subject") action.teach = detect::Teach::Subject;
    if (text == "finding") action.teach = detect::Teach::Finding;
  } else {
    BULLION_TRY_ASSIGN(action.kind, action_kind(text));
  }
  return ok();
}

/// Whether a member of the body says something about such an action.
bool belongs_to(detect::ActionKind kind, std::string_view member) {
  using enum detect::ActionKind;
  if (member == "owner") return kind == Assign;
  if (member == "amount") return kind == Confirm || kind == Recover;
  if (member == "force") return kind == Confirm || kind == Recover || kind == Dismiss;
  if (member == "teach") return kind == Dismiss;
  return true;
}

/// The code of a refused action: what would let it through.
std::string code_of(detect::Refusal refusal) {
  switch (refusal) {
    case detect::Refusal::Stale:
      return "case-changed";
    case detect::Refusal::Force:
      return "needs-force";
    case detect::Refusal::Final:
      return "";
  }
  return "";
}

Response act(CaseDesk& desk, const Request& request) {
  detect::Action action;
  std::vector<std::string> members;
  const auto problem = read_json_body(request, {.required = "action"},
                                      [&](const std::string& name, const nlohmann::json& value) {
                                        members.push_back(name);
                                        const Status read = read_member(name, value, action);
                                        return read ? std::string() : read.error().message();
                                      });
  if (problem) return problem_response(*problem, request);
  for (const std::string& name : members) {
    if (belongs_to(action.kind, name)) continue;
    const std::string message = fmt::format("does not belong to {}", to_string(action.kind));
    return problem_response(field_problem(name, message), request);
  }
  BULLION_SERVER_ASSIGN(action.case_id, id_of(request, "case"), request);
  action.user = request.user;
  BULLION_SERVER_ASSIGN(CaseStore * store, desk.open(request.user), request);
  detect::Refusal refusal = detect::Refusal::Final;
  const auto item = store->act(action, &refusal);
  if (!item) {
    const ErrorKind kind = item.error().kind();
    return problem_response({.status = kind == ErrorKind::Invalid ? 422 : status_of(kind),
                             .code = code_of(refusal),
                             .detail = item.error().message()},
                            request);
  }
  return json_response(json_text(case_json(*item)));
}

Result<std::string> patterns_body(CaseDesk& desk, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  BULLION_TRY_ASSIGN(CaseStore * store, desk.open(request.user));
  BULLION_TRY_ASSIGN(const auto patterns, store->patterns(true));
  Json out = Json::array();
  for (const detect::Pattern& pattern : patterns) out.push_back(pattern_json(pattern));
  return json_text({{"patterns", out}});
}

Response revoke(CaseDesk& desk, const Request& request) {
  const auto problem = read_json_body(request, {.may_be_empty = true},
                                      [](const std::string&, const nlohmann::json&) {
                                        return std::string("is not known; the body has no members");
                                      });
  if (problem) return problem_response(*problem, request);
  BULLION_SERVER_ASSIGN(const int64_t id, id_of(request, "pattern"), request);
  BULLION_SERVER_ASSIGN(CaseStore * store, desk.open(request.user), request);
  BULLION_SERVER_ASSIGN(const detect::Pattern pattern, store->revoke(id, request.user), request);
  return json_response(json_text(pattern_json(pattern)));
}

}  // namespace

void add_case_routes(Router& router, CaseDesk& desk) {
  const auto add = [&](const char* method, const char* path, auto body) {
    router.add(method, path, [&desk, body](const Request& request) {
      return answer_of(body(desk, request), request);
    });
  };
  add("GET", "/cases", cases_body);
  router.add("GET", "/cases/export",
             [&desk](const Request& request) { return export_cases(desk, request); });
  add("GET", "/cases/patterns", patterns_body);
  add("GET", "/cases/{id}", detail_body);
  router.add("POST", "/cases/patterns/{id}/revoke",
             [&desk](const Request& request) { return revoke(desk, request); });
  router.add("POST", "/cases/{id}/actions",
             [&desk](const Request& request) { return act(desk, request); });
}

}  // namespace bullion::server
