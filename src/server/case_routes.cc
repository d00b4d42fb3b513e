#include "server/case_routes.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/date.h"
#include "detect/evidence.h"
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
    std::map<std::string, Decimal> at_risk;
  };
  std::map<std::string_view, Sums> states;
  for (const Case& item : cases) {
    Sums& sums = states[detect::to_string(item.state)];
    ++sums.cases;
    detect::add_at_risk(item, sums.at_risk);
  }
  Json out = Json::array();
  for (const auto& [state, sums] : states) {
    Json money = Json::array();
    for (const auto& [currency, sum] : sums.at_risk) money.push_back(case_money(sum, currency));
    out.push_back({{"state", state}, {"cases", sums.cases}, {"at_risk", money}});
  }
  return out;
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
  BULLION_TRY_ASSIGN(const int64_t offset, offset_of_cursor(request, question));
  if (!desk.has_detectors()) {
    return json_text({{"release", nullptr},
                      {"cases", Json::array()},
                      {"total", 0},
                      {"next_cursor", nullptr},
                      {"by_state", Json::array()}});
  }
  BULLION_TRY_ASSIGN(CaseStore * store, desk.open(request.user));
  const std::string& currency = desk.reader().project().currency;
  BULLION_TRY_ASSIGN(const auto everything, store->list({.all = true}, currency));
  BULLION_TRY(detect::check_detector(filter.detector, desk.detectors(), everything));
  const std::vector<Case> cases = detect::chosen_cases(everything, filter, currency);
  BULLION_TRY_ASSIGN(const auto release, store->synced_release());
  const auto total = static_cast<int64_t>(cases.size());
  const int64_t end = std::min(total, offset + limit.value_or(kPage));
  Json page = Json::array();
  for (int64_t i = offset; i < end; ++i) {
    page.push_back(case_json(cases[static_cast<size_t>(i)]));
  }
  return json_text(
      {{"release", release ? Json(*release) : Json(nullptr)},
       {"cases", page},
       {"total", total},
       {"next_cursor", end < total ? Json(cursor_of_offset(end, question)) : Json(nullptr)},
       {"by_state", summary_json(everything)}});
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
  add("GET", "/cases/patterns", patterns_body);
  add("GET", "/cases/{id}", detail_body);
  router.add("POST", "/cases/patterns/{id}/revoke",
             [&desk](const Request& request) { return revoke(desk, request); });
  router.add("POST", "/cases/{id}/actions",
             [&desk](const Request& request) { return act(desk, request); });
}

}  // namespace bullion::server
