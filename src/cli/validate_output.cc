#include "cli/validate_output.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/result_output.h"

namespace bullion::cli {
namespace {

using quality::RuleOutcome;
using quality::Verdict;

std::string sample_text(const ValidatedData& data, size_t outcome, size_t sample) {
  const std::string& place = data.places.at(outcome).at(sample);
  const std::string& text = data.report->outcomes.at(outcome).sample.at(sample).text;
  return place.empty() ? text : fmt::format("{}: {}", place, text);
}

std::vector<std::string> samples_of(const ValidatedData& data, size_t outcome) {
  std::vector<std::string> samples;
  for (size_t i = 0; i < data.report->outcomes.at(outcome).sample.size(); ++i) {
    samples.push_back(sample_text(data, outcome, i));
  }
  return samples;
}

/// `brief`: one violating row of each rule.
engine::Rows report_rows(const ValidatedData& data, bool all, bool brief) {
  engine::Rows rows;
  for (const char* name :
       {"rule", "keyword", "kind", "verdict", "violations", "checked", "statement", "why"}) {
    rows.schema.push_back({.name = name, .type = {}, .nullable = true, .metadata_json = "{}"});
  }
  const auto& outcomes = data.report->outcomes;
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const RuleOutcome& outcome = outcomes[i];
    if (!all && outcome.verdict != Verdict::Failed) continue;
    std::vector<std::string> why = samples_of(data, i);
    if (!outcome.reason.empty()) why.insert(why.begin(), outcome.reason);
    if (brief && why.size() > 1) why.resize(1);
    rows.rows.push_back({outcome.rule->id, outcome.rule->keyword,
                         std::string(outcome.rule->is_dynamic ? "dynamic" : "static"),
                         to_string(outcome.verdict), outcome.violations, outcome.checked,
                         outcome.rule->statement, fmt::format("{}", fmt::join(why, "; "))});
  }
  return rows;
}

std::string people_text(const ValidatedData& data, bool markdown, bool all) {
  engine::Rows rows = report_rows(data, all, true);
  // The kind and the number of rows looked at are for programs; a person's line is long enough.
  for (auto& row : rows.rows) {
    row.erase(row.begin() + 5);
    row.erase(row.begin() + 2);
  }
  rows.schema.erase(rows.schema.begin() + 5);
  rows.schema.erase(rows.schema.begin() + 2);
  std::string text;
  if (!rows.rows.empty()) {
    text = format_rows(rows, markdown ? OutputFormat::Markdown : OutputFormat::Table) + "\n";
  }
  return text + report_summary(data) + "\n";
}

std::string flag_word(quality::FlagState state) {
  switch (state) {
    case quality::FlagState::Off:
      return "off";
    case quality::FlagState::Declared:
      return "declared";
    case quality::FlagState::Shown:
      return "shown";
    case quality::FlagState::Unknown:
      return "unknown";
  }
  return "";
}

std::string json_report(const ValidatedData& data) {
  const quality::RuleReport& report = *data.report;
  std::vector<std::string> flags;
  for (const auto& [name, state] : report.flags) {
    flags.push_back(json_text(name) + ": " + json_text(flag_word(state)));
  }
  std::vector<std::string> verdicts;
  for (const Verdict verdict :
       {Verdict::Passed, Verdict::Failed, Verdict::Skipped, Verdict::NotApplicable}) {
    verdicts.push_back(fmt::format("\"{}\": {}", to_string(verdict), report.count(verdict)));
  }
  std::vector<std::string> rules;
  for (size_t i = 0; i < report.outcomes.size(); ++i) {
    const RuleOutcome& outcome = report.outcomes[i];
    rules.push_back(fmt::format(
        "    {{\"id\": {}, \"keyword\": {}, \"kind\": \"{}\", \"verdict\": \"{}\", "
        "\"violations\": {}, \"checked\": {}, \"reason\": {}, \"statement\": {}, \"columns\": {}, "
        "\"note\": {}, \"sample\": {}}}",
        json_text(outcome.rule->id), json_text(outcome.rule->keyword),
        outcome.rule->is_dynamic ? "dynamic" : "static", to_string(outcome.verdict),
        outcome.violations, outcome.checked, json_text(outcome.reason),
        json_text(outcome.rule->statement), json_list(outcome.rule->columns),
        json_text(outcome.rule->note), json_list(samples_of(data, i))));
  }
  return fmt::format(
      "{{\n  \"rule_set\": {},\n  \"version\": {},\n  \"source\": {},\n  \"data\": {},\n"
      "  \"rows\": {},\n  \"conforms\": {},\n  \"summary\": {{{}}},\n  \"applicability\": "
      "{{{}}},\n  \"rules\": [\n{}\n  ]\n}}\n",
      json_text(data.set->name), json_text(data.set->version), json_text(data.set->source),
      json_text(data.name), report.rows, report.conforms(), fmt::join(verdicts, ", "),
      fmt::join(flags, ", "), fmt::join(rules, ",\n"));
}

/// XML text and attribute values; control characters have no place in XML 1.0.
std::string xml_text(std::string_view text) {
  std::string xml;
  for (const char c : text) {
    if (c == '&') {
      xml += "&amp;";
    } else if (c == '<') {
      xml += "&lt;";
    } else if (c == '>') {
      xml += "&gt;";
    } else if (c == '"') {
      xml += "&quot;";
    } else if (static_cast<unsigned char>(c) < 0x20) {
      xml += ' ';
    } else {
      xml.push_back(c);
    }
  }
  return xml;
}

std::string junit_case(const ValidatedData& data, size_t i) {
  const RuleOutcome& outcome = data.report->outcomes[i];
  const std::string open = fmt::format("  <testcase classname=\"{}\" name=\"{}\"",
                                       xml_text(data.set->full_name()), xml_text(outcome.rule->id));
  if (outcome.verdict == Verdict::Passed) return open + "/>\n";
  if (outcome.verdict == Verdict::Failed && outcome.rule->is_mandatory()) {
    std::vector<std::string> lines = samples_of(data, i);
    if (!outcome.reason.empty()) lines.insert(lines.begin(), outcome.reason);
    return fmt::format(
        "{}>\n    <failure message=\"{}\">{}</failure>\n  </testcase>\n", open,
        xml_text(fmt::format("{} ({} violations)", outcome.rule->statement, outcome.violations)),
        xml_text(fmt::format("{}", fmt::join(lines, " | "))));
  }
  // A broken recommendation stops nobody.
  const std::string why = outcome.verdict == Verdict::Failed
                              ? fmt::format("{}: {} violations of: {}", outcome.rule->keyword,
                                            outcome.violations, outcome.rule->statement)
                              : outcome.reason;
  return fmt::format("{}>\n    <skipped message=\"{}\"/>\n  </testcase>\n", open, xml_text(why));
}

std::string junit_report(const ValidatedData& data) {
  std::string cases;
  int64_t failures = 0;
  int64_t passed = 0;
  for (size_t i = 0; i < data.report->outcomes.size(); ++i) {
    const RuleOutcome& outcome = data.report->outcomes[i];
    failures += outcome.verdict == Verdict::Failed && outcome.rule->is_mandatory() ? 1 : 0;
    passed += outcome.verdict == Verdict::Passed ? 1 : 0;
    cases += junit_case(data, i);
  }
  const auto tests = static_cast<int64_t>(data.report->outcomes.size());
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"{}\" tests=\"{}\" "
      "failures=\"{}\" errors=\"0\" skipped=\"{}\">\n{}</testsuite>\n",
      xml_text(fmt::format("{} on {}", data.set->full_name(), data.name)), tests, failures,
      tests - failures - passed, cases);
}

}  // namespace

std::string report_summary(const ValidatedData& data) {
  const quality::RuleReport& report = *data.report;
  int64_t recommended = 0;
  for (const RuleOutcome& outcome : report.outcomes) {
    if (outcome.verdict == Verdict::Failed && !outcome.rule->is_mandatory()) ++recommended;
  }
  return fmt::format(
      "{} on {} ({} rows): {} rules: {} passed, {} failed ({} of them only recommended), {} "
      "skipped, {} not applicable: {}",
      data.set->full_name(), data.name, report.rows, report.outcomes.size(),
      report.count(Verdict::Passed), report.count(Verdict::Failed), recommended,
      report.count(Verdict::Skipped), report.count(Verdict::NotApplicable),
      report.conforms() ? "conforms" : "does not conform");
}

Result<std::string> format_report(const ValidatedData& data, const std::string& output, bool all) {
  if (output == "table" || output == "md") return people_text(data, output == "md", all);
  if (output == "csv") return format_rows(report_rows(data, true, false), OutputFormat::Csv);
  if (output == "json") return json_report(data);
  if (output == "junit") return junit_report(data);
  return invalid(fmt::format("--output {}: expected table, csv, json, md or junit", output));
}

}  // namespace bullion::cli
