// detect: the findings of the newest release become cases.
#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/sha256.h"
#include "cli/case_output.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/result_output.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs_cases.h"
#include "detect/backtest.h"
#include "detect/case_store.h"
#include "exports/output_file.h"
#include "project/project_files.h"
#include "project/state_location.h"

namespace bullion::cli {
namespace {

using engine::Value;

constexpr size_t kTopCases = 10;

std::string changes_of(const detect::SyncOutcome& outcome) {
  if (!outcome.changed()) return "nothing changed";
  std::string words;
  const std::pair<int64_t, const char*> counts[] = {{outcome.opened, "new"},
                                                    {outcome.joined, "with more findings"},
                                                    {outcome.merged, "joined others"},
                                                    {outcome.cleared, "cleared"},
                                                    {outcome.returned, "returned"},
                                                    {outcome.grown, "grown after their decision"},
                                                    {outcome.suppressed, "suppressed by patterns"},
                                                    {outcome.rescored, "with another score"},
                                                    {outcome.updated, "with other money or words"}};
  for (const auto& [count, what] : counts) {
    if (count > 0) words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count, what);
  }
  return words;
}

int sync_cases(const GlobalOptions& global, const std::string& output) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  reader::Reader reader(session->env(), session->project(), session->engine());
  BULLION_CLI_ASSIGN(const auto release, reader.release(std::nullopt));
  BULLION_CLI_ASSIGN(
      const auto findings,
      detect::read_findings(reader, *release, detect::detectors_of(session->project())));
  BULLION_CLI_ASSIGN(const std::string location, project::state_location(session->project()));
  const std::string& currency = session->project().currency;
  BULLION_CLI_ASSIGN(const auto cases,
                     detect::CaseStore::open(location, session->project().name, session->clock()));
  BULLION_CLI_ASSIGN(const detect::SyncOutcome outcome,
                     cases->sync(release->number(), findings, session->env().user));
  BULLION_CLI_ASSIGN(const auto open, cases->list({}, currency));
  std::map<std::string, detect::MoneySums> sums;
  for (const detect::Case& item : open) detect::add_money(item, sums);
  if (format == OutputFormat::Table) {
    say(fmt::format("Release {}: {} findings, {} open cases ({}).", outcome.release,
                    outcome.findings, open.size(), changes_of(outcome)));
    for (const auto& [code, sum] : sums) {
      say(fmt::format("  {} {} at risk", detect::shown_amount(sum.at_risk), code));
    }
    std::vector<detect::Case> top(
        open.begin(), open.begin() + static_cast<std::ptrdiff_t>(std::min(open.size(), kTopCases)));
    if (!top.empty()) {
      say("");
      put(format_rows(shortened(case_rows(top, currency)), format));
      say("");
      say("`bullion cases list` has all of them, `bullion cases show ID` the evidence of one.");
    }
  } else {
    put(format_rows(case_rows(open, currency), format));
  }
  nlohmann::ordered_json at_risk = nlohmann::ordered_json::object();
  for (const auto& [code, sum] : sums) at_risk[code] = detect::shown_amount(sum.at_risk);
  say_last_line(global,
                {{"status", outcome.changed() ? "changed" : "unchanged"},
                 {"release", outcome.release},
                 {"findings", outcome.findings},
                 {"open", open.size()},
                 {"new", outcome.opened},
                 {"merged", outcome.merged},
                 {"cleared", outcome.cleared},
                 {"suppressed", outcome.suppressed},
                 {"rescored", outcome.rescored},
                 {"updated", outcome.updated},
                 {"at_risk", at_risk}},
                format == OutputFormat::Table ? OutputIs::Words : OutputIs::Document);
  return kOk;
}

Value share_or_null(const std::optional<Decimal>& share) { return share ? Value{*share} : Value{}; }

std::string money_text(const std::vector<detect::Money>& sums) {
  std::string text;
  for (const detect::Money& money : sums) {
    text += fmt::format("{}{}{}{}", text.empty() ? "" : " + ", detect::shown_amount(money.amount),
                        money.currency.empty() ? "" : " ", money.currency);
  }
  return text;
}

engine::Rows backtest_rows(const detect::Backtest& result) {
  engine::Rows rows;
  rows.schema = named({"what", "name", "labels", "hits", "recall", "found", "true", "precision",
                       "mean_score", "money_found", "money_missed"});
  const auto add = [&rows](const char* what, const std::string& name,
                           const detect::Measure& measure, bool has_precision) {
    rows.rows.push_back({std::string(what), name, measure.labels, measure.hits,
                         share_or_null(measure.recall()),
                         has_precision ? Value{measure.found} : Value{},
                         has_precision ? Value{measure.true_found} : Value{},
                         has_precision ? share_or_null(measure.precision()) : Value{}, Value{},
                         money_text(measure.money_found), money_text(measure.money_missed)});
  };
  for (const auto& [name, measure] : result.detectors) add("detector", name, measure, true);
  for (const auto& [name, measure] : result.kinds) add("kind", name, measure, false);
  add("cases", "", result.cases, true);
  for (const detect::ScoreBin& bin : result.scores.bins) {
    rows.rows.push_back({std::string("score"), to_string(bin.from), Value{}, Value{}, Value{},
                         bin.cases, bin.true_cases, bin.true_share, bin.mean_score, Value{},
                         Value{}});
  }
  return rows;
}

/// Writes a file in one step, so that a reader sees the old one or the new one.
Status replace_file(const Session& session, const std::string& path, const std::string& text) {
  BULLION_TRY_ASSIGN(const auto file, exports::OutputFile::open(path, true, session.clock()));
  BULLION_TRY(file->append(text));
  return file->publish();
}

Result<std::vector<detect::Finding>> newest_findings(Session& session) {
  reader::Reader reader(session.env(), session.project(), session.engine());
  BULLION_TRY_ASSIGN(const auto release, reader.release(std::nullopt));
  return detect::read_findings(reader, *release, detect::detectors_of(session.project()));
}

/// A fit, kept as the calibration of the project.
Result<detect::Calibration> keep_fit(const Session& session,
                                     const std::vector<detect::Verdict>& verdicts,
                                     const std::string& source) {
  detect::Calibration calibration = detect::fit(verdicts);
  const std::string path = detect::calibration_path(session.project().folder);
  BULLION_TRY(replace_file(session, path, detect::calibration_json(calibration, source)));
  complain(fmt::format("Calibrated {} detectors by {} findings: {}", calibration.detectors.size(),
                       verdicts.size(), path));
  return calibration;
}

int compare_with_baseline(const GlobalOptions& global, const DetectOptions& options,
                          const Session& session, const detect::Backtest& result,
                          const std::string& labels_sum) {
  const OutputIs output = options.output == "table" ? OutputIs::Words : OutputIs::Document;
  const nlohmann::ordered_json error = result.scores.error
                                           ? nlohmann::ordered_json(to_string(*result.scores.error))
                                           : nlohmann::ordered_json();
  const std::string baseline = options.baseline.empty()
                                   ? session.project().folder + "/detectors/baseline.json"
                                   : options.baseline;
  const auto known = project::read_text_file(baseline);
  if (!known && known.error().kind() == ErrorKind::NotFound && options.baseline.empty()) {
    complain("No baseline to compare with; --save-baseline keeps this result as one.");
    say_last_line(global,
                  {{"status", "measured"}, {"calibration_error", error}, {"baseline", nullptr}},
                  output);
    return kOk;
  }
  BULLION_CLI_TRY(known);
  auto worse = detect::worse_than(result, *known, labels_sum);
  if (!worse) return fail(worse.error().within(baseline));
  for (const std::string& line : *worse) complain("worse than the baseline: " + line);
  say_last_line(global,
                {{"status", worse->empty() ? "as_good" : "worse"},
                 {"calibration_error", error},
                 {"baseline", baseline},
                 {"worse", *worse}},
                output);
  return worse->empty() ? kOk : kTestFailed;
}

int measure_detectors(const GlobalOptions& global, const DetectOptions& options) {
  BULLION_CLI_ASSIGN(const OutputFormat format, parse_output_format(options.output));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  const std::string path = std::filesystem::absolute(options.labels).string();
  BULLION_CLI_ASSIGN(const std::string bytes, project::read_text_file(path));
  BULLION_CLI_ASSIGN(const auto labels, detect::read_labels(session->engine(), path));
  BULLION_CLI_ASSIGN(auto findings, newest_findings(*session));
  if (options.calibrate) {
    BULLION_CLI_ASSIGN(const auto calibration,
                       keep_fit(*session, detect::verdicts(findings, labels),
                                "labels " + std::filesystem::path(path).filename().string()));
    detect::set_likelihoods(calibration, findings);
  }
  BULLION_CLI_ASSIGN(const detect::Backtest result, detect::backtest(findings, labels));
  put(format_rows(backtest_rows(result), format));
  if (format == OutputFormat::Table && result.scores.error) {
    say("");
    say(fmt::format("Calibration error {}: the mean distance of score and share that is true.",
                    to_string(*result.scores.error)));
  }
  const std::string sum = sha256_hex(bytes);
  if (!options.save_baseline) {
    return compare_with_baseline(global, options, *session, result, sum);
  }
  const std::string baseline = options.baseline.empty()
                                   ? session->project().folder + "/detectors/baseline.json"
                                   : options.baseline;
  BULLION_CLI_TRY(replace_file(*session, baseline, detect::baseline_json(result, sum)));
  complain("Baseline saved: " + baseline);
  say_last_line(global, {{"status", "saved"}, {"baseline", baseline}},
                format == OutputFormat::Table ? OutputIs::Words : OutputIs::Document);
  return kOk;
}

/// Learns from what people decided about cases.
int calibrate_by_decisions(const GlobalOptions& global) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const std::string location, project::state_location(session->project()));
  BULLION_CLI_ASSIGN(const auto cases,
                     detect::CaseStore::open(location, session->project().name, session->clock()));
  BULLION_CLI_ASSIGN(const auto verdicts, cases->verdicts());
  if (verdicts.empty()) {
    return fail(invalid(
        "nobody has confirmed or dismissed a case yet, so there is nothing to learn from; decide "
        "some cases, or give labels: bullion detect --backtest LABELS --calibrate"));
  }
  BULLION_CLI_ASSIGN(const auto calibration, keep_fit(*session, verdicts, "decisions"));
  say("`bullion detect` gives the cases their new scores.");
  say_last_line(global,
                {{"status", "calibrated"},
                 {"detectors", calibration.detectors.size()},
                 {"findings", verdicts.size()}},
                OutputIs::Words);
  return kOk;
}

}  // namespace

int detect_findings(const GlobalOptions& global, const DetectOptions& options) {
  if (!options.labels.empty()) return measure_detectors(global, options);
  if (options.save_baseline || !options.baseline.empty()) {
    return fail(invalid("detect: --baseline and --save-baseline go with --backtest LABELS"));
  }
  if (options.calibrate) return calibrate_by_decisions(global);
  return sync_cases(global, options.output);
}

}  // namespace bullion::cli
