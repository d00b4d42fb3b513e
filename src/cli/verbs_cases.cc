// cases: the list that people work through, one case with its evidence, and what they do about it.
#include "cli/verbs_cases.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/case_output.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "detect/case_export.h"
#include "detect/case_store.h"
#include "detect/evidence.h"
#include "exports/export.h"
#include "exports/output_file.h"
#include "project/state_location.h"
#include "reader/exporting.h"

namespace bullion::cli {
namespace {

constexpr int64_t kListLimit = 50;
constexpr size_t kFindingsShown = 20;
/// More rows than this stand below each other, not side by side.
constexpr size_t kSideBySideMax = 4;
constexpr size_t kNoteShownMax = 80;

Result<std::unique_ptr<detect::CaseStore>> open_cases(const Session& session) {
  BULLION_TRY(session.release(std::nullopt));  // Without any there are no cases either.
  BULLION_TRY_ASSIGN(const std::string location, project::state_location(session.project()));
  return detect::CaseStore::open(location, session.project().name, session.clock());
}

Result<detect::CaseFilter> filter_of(const CaseOptions& options) {
  detect::CaseFilter filter;
  for (const std::string& name : options.states) {
    BULLION_TRY_ASSIGN(const detect::CaseState state, detect::parse_case_state(name));
    filter.states.push_back(state);
  }
  filter.all = options.all;
  filter.owner = options.owner;
  filter.detector = options.detector;
  filter.currency = options.currency;
  if (!options.money_min.empty()) {
    BULLION_TRY_ASSIGN(filter.money_min, detect::parse_amount(options.money_min));
  }
  BULLION_TRY_ASSIGN(filter.order, detect::parse_case_order(options.order));
  return filter;
}

struct ChosenCases {
  std::vector<detect::Case> items;
  int64_t open = 0;  ///< of all there are
};

/// The cases that the options choose.
Result<ChosenCases> chosen(const CaseOptions& options, const detect::CaseFilter& filter,
                           const Session& session, detect::CaseStore& cases) {
  const std::string& currency = session.project().currency;
  BULLION_TRY_ASSIGN(auto everything, cases.list({.all = true}, currency));
  BULLION_TRY(detect::check_detector(options.detector, detect::detectors_of(session.project()),
                                     everything));
  BULLION_TRY(detect::check_currency(options.currency, currency, everything));
  const int64_t open = std::ranges::count_if(everything, detect::is_open);
  return ChosenCases{detect::chosen_cases(std::move(everything), filter, currency), open};
}

/// Why a list is empty.
std::string nothing_to_list(const CaseOptions& options, std::optional<int64_t> release,
                            int64_t open) {
  if (!release)
    return "There are no cases yet; `bullion detect` makes them from the newest release.";
  const bool has_filter = !options.states.empty() || !options.owner.empty() ||
                          !options.detector.empty() || !options.currency.empty() ||
                          !options.money_min.empty();
  if (has_filter) {
    return fmt::format("No case matches the filters; without them {} {} open at release {}.", open,
                       open == 1 ? "is" : "are", *release);
  }
  if (options.all) return fmt::format("There are no cases at release {}.", *release);
  return fmt::format("No case is open at release {}; --all shows the others.", *release);
}

/// The rows of a finding as columns: what differs is side by side.
engine::Rows side_by_side(const detect::FindingEvidence& evidence) {
  engine::Rows turned;
  std::vector<std::string> names = {"column"};
  for (const auto& row : evidence.rows.rows) {
    const std::string id = engine::to_text(row.at(0));
    const auto of_row = std::ranges::find(evidence.finding.evidence, id, &detect::Evidence::row_id);
    const bool flagged =
        of_row != evidence.finding.evidence.end() && of_row->role == detect::Role::Flagged;
    names.push_back(fmt::format("{} {}", flagged ? "flagged" : "compared", id));
  }
  turned.schema = named(names);
  for (size_t column = 1; column < evidence.rows.schema.size(); ++column) {
    std::vector<engine::Value> line = {evidence.rows.schema[column].name};
    for (const auto& row : evidence.rows.rows) line.emplace_back(engine::to_text(row[column]));
    turned.rows.push_back(std::move(line));
  }
  return turned;
}

void say_evidence(const detect::FindingEvidence& evidence) {
  const detect::Finding& finding = evidence.finding;
  say("");
  say(fmt::format("{} (weight {}, strength {}): {}", finding.detector, to_string(finding.weight),
                  to_string(finding.strength), finding.reason));
  if (evidence.table.empty()) {
    engine::Rows rows;
    rows.schema = named({"row_id", "role", "amount_at_risk", "currency"});
    for (const detect::Evidence& row : finding.evidence) {
      rows.rows.push_back({row.row_id,
                           std::string(row.role == detect::Role::Flagged ? "flagged" : "compared"),
                           detect::shown_amount(row.amount_at_risk), row.currency});
    }
    put(format_rows(rows, OutputFormat::Table));
    return;
  }
  put(format_rows(
      evidence.rows.rows.size() <= kSideBySideMax ? side_by_side(evidence) : evidence.rows,
      OutputFormat::Table));
  if (finding.evidence.size() > detect::kEvidenceRowsMax) {
    say(fmt::format("The first {} of {} rows.", detect::kEvidenceRowsMax, finding.evidence.size()));
  }
  say(fmt::format("To the source files: bullion trace {} '{}={}' --release {}", evidence.table,
                  evidence.key, finding.evidence.front().row_id, evidence.release));
}

nlohmann::ordered_json json_of(const engine::Rows& rows) {
  return nlohmann::ordered_json::parse(format_rows(rows, OutputFormat::Json));
}

void put_detail_json(const detect::CaseDetail& detail, const std::string& currency,
                     const std::vector<detect::FindingEvidence>& evidence) {
  nlohmann::ordered_json json = json_of(case_rows({detail.item}, currency)).at(0);
  json["money"] = nlohmann::ordered_json::array();
  for (const detect::CaseMoney& money : detail.item.money) {
    json["money"].push_back(
        {{"currency", money.currency},
         {"at_risk", detect::shown_amount(money.at_risk)},
         {"confirmed", money.confirmed
                           ? nlohmann::ordered_json(detect::shown_amount(*money.confirmed))
                           : nlohmann::ordered_json()},
         {"recovered", detect::shown_amount(money.recovered)}});
  }
  json["finding_list"] = json_of(finding_rows(detail.findings));
  json["history"] = json_of(event_rows(detail.events));
  json["patterns"] = json_of(pattern_rows(detail.patterns));
  json["evidence"] = nlohmann::ordered_json::array();
  for (const detect::FindingEvidence& one : evidence) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const detect::Evidence& row : one.finding.evidence) {
      rows.push_back({{"row_id", row.row_id},
                      {"role", row.role == detect::Role::Flagged ? "flagged" : "compared"},
                      {"amount_at_risk", detect::shown_amount(row.amount_at_risk)},
                      {"currency", row.currency}});
    }
    json["evidence"].push_back({{"detector", one.finding.detector},
                                {"finding_key", one.finding.key},
                                {"release", one.release},
                                {"table", one.table},
                                {"key", one.key},
                                {"rows", rows},
                                {"values", json_of(one.rows)}});
  }
  put(json.dump(2) + "\n");
}

/// A note that would widen the table, or break it, stands below.
void say_history(std::vector<detect::Event> events) {
  std::vector<std::string> notes;
  for (detect::Event& event : events) {
    const bool fits =
        event.note.size() <= kNoteShownMax && event.note.find('\n') == std::string::npos;
    if (fits) continue;
    notes.push_back(std::move(event.note));
    event.note = fmt::format("[{}]", notes.size());
  }
  put(format_rows(event_rows(events), OutputFormat::Table));
  for (size_t i = 0; i < notes.size(); ++i) say(fmt::format("[{}] {}", i + 1, notes[i]));
}

void say_detail(const detect::CaseDetail& detail,
                const std::vector<detect::FindingEvidence>& evidence) {
  const detect::Case& item = detail.item;
  say(fmt::format("Case {}: {}{}{}, score {}, severity {}", item.id, to_string(item.state),
                  item.owner.empty() ? "" : ", " + item.owner, item.cleared ? ", cleared" : "",
                  to_string(item.score), item.severity));
  say(item.title);
  say(fmt::format("Subject: {} {}", item.subject_type, item.subject_id));
  for (const std::string& line : money_lines(item)) say("Money: " + line);
  if (item.grown) say("More money is at risk now than when it was decided.");
  if (item.merged_into) say(fmt::format("Joined case {}.", *item.merged_into));
  for (const detect::FindingEvidence& one : evidence) say_evidence(one);
  if (detail.findings.size() > kFindingsShown) {
    say(fmt::format("The first {} of {} findings; --output json has them all.", kFindingsShown,
                    detail.findings.size()));
  }
  say("");
  say_history(detail.events);
  if (!detail.patterns.empty()) {
    say("");
    put(format_rows(pattern_rows(detail.patterns), OutputFormat::Table));
  }
}

/// Money that came back is a fact and no decision, so a reopened case keeps it.
void say_still_recovered(const detect::Case& item) {
  for (const detect::CaseMoney& money : item.money) {
    if (money.recovered.units == 0) continue;
    const std::string amount = detect::shown_amount(money.recovered);
    say(fmt::format(
        "  {0} {1} stays recorded as recovered. If it never came: bullion cases recover {2} "
        "--amount -{0} --currency {1} --reason WHY",
        amount, money.currency, item.id));
  }
}

/// Does one thing to a case and says what came of it.
int act(const GlobalOptions& global, const CaseOptions& options, detect::Action action) {
  action.case_id = options.id;
  action.note = options.note;
  action.force = options.force;
  action.currency = options.currency;
  if (!options.amount.empty()) {
    BULLION_CLI_ASSIGN(action.amount, detect::parse_signed_amount(options.amount));
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  action.user = session->env().user;
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  detect::Refusal refusal = detect::Refusal::Final;
  const auto acted = cases->act(action, &refusal);
  if (!acted && refusal == detect::Refusal::Force) {
    const Error& error = acted.error();
    return fail(
        Error(error.kind(), error.message() + "; with --force it is recorded all the same"));
  }
  BULLION_CLI_ASSIGN(const detect::Case item, acted);
  say(fmt::format("Case {} is {}{}{}.", item.id, to_string(item.state),
                  item.owner.empty() ? "" : ", owner " + item.owner,
                  action.kind == detect::ActionKind::Comment ? "; the comment is kept" : ""));
  if (action.kind == detect::ActionKind::Confirm || action.kind == detect::ActionKind::Recover) {
    for (const std::string& line : money_lines(item)) say("  " + line);
  }
  if (action.kind == detect::ActionKind::Reopen) say_still_recovered(item);
  say_last_line(global, {{"status", "ok"}, {"case", item.id}, {"state", to_string(item.state)}});
  return kOk;
}

/// How many of a detector's findings of now a pattern fits. One that fits none may be meant for
/// what is still to come, or be a slip; the subjects of the findings tell.
std::string match_text(const std::vector<detect::KnownFinding>& findings, int64_t matched,
                       std::optional<int64_t> release) {
  if (!release) return "There are no cases yet, so it is not known what it matches.";
  if (matched > 0) {
    return fmt::format("It matches {} of the detector's {} findings in cases at release {}.",
                       matched, findings.size(), *release);
  }
  if (findings.empty()) {
    return fmt::format(
        "It matches nothing now: the detector has no findings in cases at release {}.", *release);
  }
  const detect::KnownFinding& one = findings.front();
  return fmt::format(
      "It matches none of the detector's {} findings in cases at release {}; one of them is `{}` "
      "about {}:{}.",
      findings.size(), *release, one.key, one.subject_type, one.subject_id);
}

}  // namespace

int list_cases(const GlobalOptions& global, const CaseOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const detect::CaseFilter filter, filter_of(options));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  BULLION_CLI_ASSIGN(auto found, chosen(options, filter, *session, *cases));
  std::vector<detect::Case>& items = found.items;
  const size_t all = items.size();
  const bool limited = options.limit.has_value() || format == OutputFormat::Table;
  if (limited) {
    items.resize(std::min(all, static_cast<size_t>(options.limit.value_or(kListLimit))));
  }
  const std::string& currency =
      options.currency.empty() ? session->project().currency : options.currency;
  engine::Rows rows = case_rows(items, currency);
  if (format != OutputFormat::Table) {
    put(format_rows(rows, format));
    return kOk;
  }
  if (all == 0) {
    BULLION_CLI_ASSIGN(const auto release, cases->synced_release());
    say(nothing_to_list(options, release, found.open));
    return kOk;
  }
  put(format_rows(shortened(std::move(rows)), format));
  if (items.size() < all) {
    complain(fmt::format("The first {} of {} cases; --limit N shows more.", items.size(), all));
  }
  return kOk;
}

int show_case(const GlobalOptions& global, const CaseOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  if (format == OutputFormat::Csv || format == OutputFormat::Markdown) {
    return fail(invalid("cases show: --output is table or json; `cases list` has csv and md"));
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  BULLION_CLI_ASSIGN(const detect::CaseDetail detail, cases->get(options.id));
  BULLION_CLI_ASSIGN(const auto release, cases->synced_release());
  reader::Reader reader(session->env(), session->project(), session->engine());
  BULLION_CLI_ASSIGN(
      const auto evidence,
      detect::read_evidence(
          reader, detect::detectors_of(session->project()), release.value_or(0), detail.findings,
          format == OutputFormat::Json ? detail.findings.size() : kFindingsShown));
  if (format == OutputFormat::Json) {
    put_detail_json(detail, session->project().currency, evidence);
  } else {
    say_detail(detail, evidence);
  }
  return kOk;
}

int assign_case(const GlobalOptions& global, const CaseOptions& options) {
  return act(global, options, {.kind = detect::ActionKind::Assign, .owner = options.owner});
}
int confirm_case(const GlobalOptions& global, const CaseOptions& options) {
  return act(global, options, {.kind = detect::ActionKind::Confirm});
}
int recover_case(const GlobalOptions& global, const CaseOptions& options) {
  return act(global, options, {.kind = detect::ActionKind::Recover});
}
int comment_case(const GlobalOptions& global, const CaseOptions& options) {
  return act(global, options, {.kind = detect::ActionKind::Comment});
}
int reopen_case(const GlobalOptions& global, const CaseOptions& options) {
  return act(global, options, {.kind = detect::ActionKind::Reopen});
}

int dismiss_case(const GlobalOptions& global, const CaseOptions& options) {
  detect::Action action{.kind = detect::ActionKind::Dismiss};
  if (options.teach == "subject") {
    action.teach = detect::Teach::Subject;
  } else if (options.teach == "finding") {
    action.teach = detect::Teach::Finding;
  } else if (!options.teach.empty()) {
    return fail(
        invalid(fmt::format("--teach {}: expected subject (nothing new about it from these "
                            "detectors) or finding (these alone)",
                            options.teach)));
  }
  return act(global, options, action);
}

int export_cases(const GlobalOptions& global, const CaseOptions& options) {
  if (options.xlsx == options.csv) {
    return fail(invalid("cases export: expected one of --xlsx and --csv"));
  }
  BULLION_CLI_ASSIGN(const detect::CaseFilter filter, filter_of(options));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  BULLION_CLI_ASSIGN(const auto release, cases->synced_release());
  if (!release) {
    return fail(not_found("there are no cases yet; `bullion detect` makes them"));
  }
  BULLION_CLI_ASSIGN(const auto found, chosen(options, filter, *session, *cases));
  const std::vector<detect::Case>& items = found.items;
  BULLION_CLI_ASSIGN(const release::Record record, session->release(*release));
  exports::Provenance provenance =
      reader::provenance_of(session->project(), record, session->env().user);
  provenance.table_path = cases->place();
  BULLION_CLI_ASSIGN(const auto exported,
                     detect::case_export(session->engine(), items, std::move(provenance)));
  const std::string path =
      !options.file.empty() ? options.file : (options.xlsx ? "cases.xlsx" : "cases.csv");
  BULLION_CLI_ASSIGN(const auto file,
                     exports::OutputFile::open(path, options.force, session->clock()));
  exports::Summary summary;
  if (options.xlsx) {
    BULLION_CLI_ASSIGN(summary, exports::export_xlsx(session->engine(), exported.request, {},
                                                     file->temporary_path(), {}));
  } else {
    BULLION_CLI_ASSIGN(
        summary,
        exports::export_csv(session->engine(), exported.request, {},
                            [&file](std::string_view bytes) { return file->append(bytes); }, {}));
  }
  BULLION_CLI_TRY(file->publish());
  say(fmt::format("{} cases at release {} -> {}", items.size(), *release, file->path()));
  say_last_line(global, {{"status", "ok"},
                         {"release", *release},
                         {"cases", items.size()},
                         {"rows", summary.rows},
                         {"file", file->path()}});
  return kOk;
}

int list_patterns(const GlobalOptions& global, const CaseOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  BULLION_CLI_ASSIGN(const auto patterns, cases->patterns(options.all));
  if (patterns.empty() && format == OutputFormat::Table) {
    say("No pattern is in force; `bullion cases dismiss ID --teach subject` teaches one.");
    return kOk;
  }
  put(format_rows(pattern_rows(patterns), format));
  return kOk;
}

int add_pattern(const GlobalOptions& global, const CaseOptions& options) {
  detect::Pattern pattern;
  pattern.detector = options.detector;
  pattern.finding_key = options.finding;
  pattern.note = options.note;
  if (!options.subject.empty()) {
    const size_t colon = options.subject.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 == options.subject.size()) {
      return fail(invalid(
          fmt::format("--subject {}: expected TYPE:ID, such as vendor:V-17", options.subject)));
    }
    pattern.subject_type = options.subject.substr(0, colon);
    pattern.subject_id = options.subject.substr(colon + 1);
  }
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_TRY(
      detect::check_detector(pattern.detector, detect::detectors_of(session->project()), {}));
  pattern.created_by = session->env().user;
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  BULLION_CLI_ASSIGN(const detect::Pattern taught, cases->teach(pattern));
  say(fmt::format("Pattern {} is in force; `bullion cases patterns revoke {}` takes it back.",
                  taught.id, taught.id));
  BULLION_CLI_ASSIGN(const auto findings, cases->findings_of(taught.detector));
  BULLION_CLI_ASSIGN(const auto release, cases->synced_release());
  const auto matched = std::ranges::count_if(findings, [&taught](const auto& finding) {
    return detect::fits(taught, finding.detector, finding.key, finding.subject_type,
                        finding.subject_id);
  });
  say("  " + match_text(findings, matched, release));
  say_last_line(global, {{"status", "ok"}, {"pattern", taught.id}, {"matched", matched}});
  return kOk;
}

int revoke_pattern(const GlobalOptions& global, const CaseOptions& options) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const auto cases, open_cases(*session));
  BULLION_CLI_ASSIGN(const detect::Pattern revoked, cases->revoke(options.id, session->env().user));
  say(fmt::format("Pattern {} is revoked; cases that it alone suppressed are new again.",
                  revoked.id));
  say_last_line(global, {{"status", "ok"}, {"pattern", revoked.id}});
  return kOk;
}

}  // namespace bullion::cli
