// detectors/*.yml: what each detector is called, how much it proves, and where its evidence lies.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "project/readers_internal.h"

namespace bullion::project {
namespace {

constexpr int kWeightScale = 4;

void read_weight(MapReader& entry, ProblemSink& problems, Detector& detector) {
  const std::string text = entry.text("weight", "1");
  const ParsedDecimal parsed = parse_decimal(text, 5, kWeightScale);
  const Int128 one = power_of_ten(kWeightScale);
  if (parsed.fault || parsed.units < 0 || parsed.units > one) {
    problems.error(entry.mark_of("weight"), "yaml-value",
                   fmt::format("`weight` of `{}` is `{}`; expected a number from 0 to 1 with at "
                               "most four places: how much a finding proves",
                               detector.name, text));
    return;
  }
  detector.weight = {parsed.units, kWeightScale};
}

void read_evidence(MapReader& entry, ProblemSink& problems, Detector& detector) {
  const YamlNode* node = entry.take("evidence");
  if (node == nullptr) {
    problems.error(
        entry.mark(), "yaml-missing-key",
        fmt::format("detector `{}` needs `evidence: {{table: ..., key: ...}}`: where the "
                    "rows are that its `row_id` names",
                    detector.name));
    return;
  }
  MapReader evidence(*node, fmt::format("`evidence` of `{}`", detector.name), problems);
  detector.evidence_table = evidence.required_text("table");
  detector.evidence_key = evidence.required_text("key");
  evidence.finish();
}

/// `name: 5`, or `name: {value: 5, description: why}`.
void read_params(MapReader& entry, ProblemSink& problems, Detector& detector) {
  const YamlNode* node = entry.take("params");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return;
  MapReader params(*node, fmt::format("`params` of `{}`", detector.name), problems);
  for (const YamlEntry& item : node->entries) {
    if (item.value.kind != YamlNode::Kind::Map) {
      detector.params[item.key] = {params.required_text(item.key),
                                   problems.at(params.mark_of(item.key))};
      continue;
    }
    MapReader param(item.value, fmt::format("param `{}`", item.key), problems);
    detector.params[item.key] = {param.required_text("value"), problems.at(param.mark_of("value"))};
    param.text("description");
    param.finish();
  }
}

Contract contract_of(const std::string& name, delta::Schema columns) {
  Contract contract;
  contract.name = name;
  contract.columns = std::move(columns);
  contract.amount_column = "amount_at_risk";
  contract.currency_column = "currency";
  return contract;
}

void read_detector(const YamlNode& node, ProblemSink& problems, std::vector<ModelDraft>& drafts,
                   Project& project) {
  MapReader entry(node, "a detector", problems);
  Detector detector;
  detector.name = entry.required_text("name");
  detector.location = problems.at(entry.mark_of("name"));
  if (!detector.name.empty() && !is_table_name(detector.name)) {
    problems.error(entry.mark_of("name"), "name-invalid",
                   fmt::format("`{}` cannot be a detector's name; use lower-case letters, digits "
                               "and `_`, not starting with a digit",
                               detector.name));
  }
  detector.title = entry.required_text("title");
  detector.description = entry.text("description");
  detector.severity = entry.choice("severity", {"low", "medium", "high"}, "medium");
  read_weight(entry, problems, detector);
  detector.opens_cases = entry.flag("opens_cases", true);
  read_evidence(entry, problems, detector);
  read_params(entry, problems, detector);
  ModelDraft draft;
  Model& model = draft.model;
  model.contract = contract_of(detector.name, detector_columns());
  model.contract.description = detector.description;
  model.contract.location = detector.location;
  model.contract.grain = {"finding_key", "row_id"};
  read_owner(entry, problems, model.contract);
  model.layer = kFindingsLayer;
  model.kind = ModelKind::Full;
  entry.finish();
  draft.schema_file = problems.file();
  draft.params = detector.params;
  if (detector.name.empty()) return;
  drafts.push_back(std::move(draft));
  project.detectors.push_back(std::move(detector));
}

/// A SELECT over the findings of a detector that must return no row.
DataTest sql_test(const Detector& detector, const std::string& what, const std::string& condition) {
  DataTest test;
  test.name = fmt::format("{}_{}", detector.name, what);
  test.kind = "sql";
  test.table = detector.name;
  test.depends_on = {detector.name};
  test.sql =
      fmt::format("SELECT finding_key, row_id, role, amount_at_risk, strength FROM {} WHERE {}",
                  detector.name, condition);
  test.location = detector.location;
  return test;
}

void add_tests(const Detector& detector, std::vector<DataTest>& tests) {
  tests.push_back(sql_test(detector, "role_known", "role NOT IN ('flagged', 'compared')"));
  tests.push_back(sql_test(detector, "strength_in_range", "strength < 0 OR strength > 1"));
  tests.push_back(sql_test(detector, "amount_in_range",
                           "amount_at_risk < 0 OR (role = 'compared' AND amount_at_risk <> 0)"));
  DataTest evidence;
  evidence.name = detector.name + "_evidence_exists";
  evidence.kind = "relationships";
  evidence.table = detector.name;
  evidence.columns = {"row_id"};
  evidence.to_table = detector.evidence_table;
  evidence.to_column = detector.evidence_key;
  evidence.depends_on = {detector.name};
  evidence.location = detector.location;
  tests.push_back(std::move(evidence));
}

/// Whether the evidence's table and key exist; what is wrong becomes a problem.
bool check_evidence(const Project& project, const Detector& detector,
                    std::vector<Problem>& problems) {
  const auto refuse = [&](std::string code, std::string message) {
    problems.push_back(
        {detector.location, Severity::Error, std::move(code),
         fmt::format("evidence of detector `{}`: {}", detector.name, std::move(message))});
    return false;
  };
  const Contract* table = project.find_contract(detector.evidence_table);
  if (table == nullptr) {
    const std::vector<std::string> names = names_of(project.models);
    return refuse("table-unknown", fmt::format("there is no table `{}`{}", detector.evidence_table,
                                               did_you_mean(detector.evidence_table, names)));
  }
  const std::vector<std::string> columns = column_names(table->columns);
  const int at = find_column(table->columns, detector.evidence_key);
  if (at < 0) {
    return refuse(
        "column-unknown",
        fmt::format("`{}` is no column of `{}`{}; columns: {}", detector.evidence_key, table->name,
                    did_you_mean(detector.evidence_key, columns), join_names(columns)));
  }
  const delta::DataType& type = table->columns[static_cast<size_t>(at)].type;
  if (type.id != delta::TypeId::String) {
    return refuse("type-mismatch",
                  fmt::format("the key `{}` is {}; it must be string, as `row_id` is",
                              detector.evidence_key, delta::to_string(type)));
  }
  return true;
}

}  // namespace

void read_detectors(std::string_view text, ProblemSink& problems, std::vector<ModelDraft>& drafts,
                    Project& project) {
  const YamlNode document = read_yaml(text, problems);
  if (document.kind == YamlNode::Kind::Null) return;
  MapReader top(document, problems.file(), problems);
  for (const YamlNode* node : table_entries(document, "detectors", top, problems)) {
    read_detector(*node, problems, drafts, project);
  }
  const YamlNode* unit_tests = top.take("unit_tests");
  if (unit_tests != nullptr) read_unit_test_list(*unit_tests, problems, project);
  top.finish();
  std::sort(project.detectors.begin(), project.detectors.end(),
            [](const Detector& a, const Detector& b) { return a.name < b.name; });
}

std::string findings_sql(const std::vector<Detector>& detectors) {
  std::vector<std::string> columns;
  for (const delta::Column& column : detector_columns()) columns.push_back(column.name);
  std::vector<std::string> parts;
  for (const Detector& detector : detectors) {
    parts.push_back(fmt::format(
        "SELECT '{0}' AS detector, '{1}' AS severity, CAST({2} AS DECIMAL(5,4)) AS weight, {3} "
        "FROM {0}",
        detector.name, detector.severity, bullion::to_string(detector.weight),
        fmt::join(columns, ", ")));
  }
  return fmt::format("{}", fmt::join(parts, "\nUNION ALL\n"));
}

ModelDraft findings_draft(const Project& project) {
  ModelDraft draft;
  Model& model = draft.model;
  model.contract = contract_of(kFindingsTable, findings_columns());
  model.contract.description = "What all detectors found, one row per piece of evidence";
  model.contract.location = project.detectors.front().location;
  model.contract.grain = {"detector", "finding_key", "row_id"};
  model.layer = kFindingsLayer;
  model.kind = ModelKind::Full;
  model.location = project.detectors.front().location;
  draft.schema_file = model.location.file;
  draft.has_sql = true;
  return draft;
}

void finish_detectors(Project& project, std::vector<Problem>& problems) {
  for (const Detector& detector : project.detectors) {
    if (check_evidence(project, detector, problems)) add_tests(detector, project.data_tests);
  }
}

}  // namespace bullion::project
