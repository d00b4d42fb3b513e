#include "openlineage/events.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/date.h"
#include "base/sha256.h"
#include "openlineage/dataset_facets_internal.h"

namespace bullion::openlineage {
namespace {

using quality::TestOutcome;
using quality::TestStatus;

struct JobRun {
  std::string job;   ///< name in the namespace
  std::string kind;  ///< RUN, MODEL, SOURCE, SEED or TEST
  Json job_facets = Json::object();
  Json inputs = Json::array();
  Json outputs = Json::array();
};

/// "2025-01-31T10:00:00.000000Z"
std::string moment(int64_t at_us) { return format_timestamp(at_us); }

std::string run_job(const RunFacts& facts) { return facts.project.name + ".run"; }

Json parent_facet(const RunFacts& facts) {
  const std::string job = run_job(facts);
  return facet("ParentRunFacet", "1-2-0",
               {{"run", {{"runId", run_uuid(facts.run_id, job)}}},
                {"job", {{"namespace", facts.space}, {"name", job}}}});
}

Json job_type_facet(const std::string& kind) {
  return facet("JobTypeJobFacet", "2-0-4",
               {{"processingType", "BATCH"}, {"integration", "BULLION"}, {"jobType", kind}});
}

Json engine_facet() {
  return facet("ProcessingEngineRunFacet", "1-1-1",
               {{"version", pipeline::kProgramVersion}, {"name", "Bullion"}});
}

std::string event(const RunFacts& facts, const JobRun& run, const char* type, int64_t at_us,
                  Json run_facets) {
  run_facets["processing_engine"] = engine_facet();
  if (run.kind != "RUN") run_facets["parent"] = parent_facet(facts);
  Json job_facets = run.job_facets;
  job_facets["jobType"] = job_type_facet(run.kind);
  const Json out = {
      {"eventTime", moment(at_us)},
      {"eventType", type},
      {"producer", producer()},
      {"schemaURL", "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent"},
      {"run", {{"runId", run_uuid(facts.run_id, run.job)}, {"facets", std::move(run_facets)}}},
      {"job", {{"namespace", facts.space}, {"name", run.job}, {"facets", std::move(job_facets)}}},
      {"inputs", run.inputs},
      {"outputs", run.outputs}};
  return out.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json error_facet(const std::string& message) {
  return facet("ErrorMessageRunFacet", "1-0-1",
               {{"message", message}, {"programmingLanguage", "SQL"}});
}

JobRun run_of_all(const RunFacts& facts) { return {.job = run_job(facts), .kind = "RUN"}; }

Json owners_of(const project::Contract& contract) {
  return facet("OwnershipJobFacet", "1-0-1",
               {{"owners", Json::array({{{"name", contract.owner}, {"type", "MAINTAINER"}}})}});
}

/// The patterns that a source reads, below the folder of the project.
Json files_of(const RunFacts& facts, const project::Source& source) {
  Json out = Json::array();
  for (const std::string& pattern : source.files) {
    const auto path = std::filesystem::path(facts.project.folder) / pattern;
    out.push_back({{"namespace", "file"}, {"name", path.lexically_normal().string()}});
  }
  return out;
}

Json output_of(const RunFacts& facts, const std::string& table,
               const release::TableVersion& version, const pipeline::StepReport& step,
               const std::map<std::string, lineage::TableNode>& nodes) {
  Json out = table_id(facts.project, table);
  Json& dataset = out["facets"];
  dataset = {{"version", facet("DatasetVersionDatasetFacet", "1-0-1",
                               {{"datasetVersion", std::to_string(version.version)}})}};
  if (const project::Contract* contract = facts.project.find_contract(table)) {
    dataset["schema"] = schema_facet(*contract);
  }
  const auto node = nodes.find(table);
  if (node != nodes.end() && !node->second.inputs.empty()) {
    dataset["columnLineage"] = column_lineage_facet(facts.project, node->second);
  }
  out["outputFacets"] = {
      {"outputStatistics", facet("OutputStatisticsOutputDatasetFacet", "1-0-2",
                                 {{"rowCount", version.rows}, {"fileCount", step.files}})}};
  return out;
}

/// What made a table, from what to what.
JobRun run_of_table(const RunFacts& facts, const std::string& table,
                    const release::TableVersion& version, const pipeline::StepReport& step,
                    const std::map<std::string, lineage::TableNode>& nodes) {
  JobRun run{.job = fmt::format("{}.{}", facts.project.name, table), .kind = "MODEL"};
  if (const project::Source* source = facts.project.find_source(table)) {
    run.kind = "SOURCE";
    run.inputs = files_of(facts, *source);
  } else if (facts.project.find_seed(table) != nullptr) {
    run.kind = "SEED";
  } else if (const project::Model* model = facts.project.find_model(table)) {
    run.job_facets["sql"] = facet("SQLJobFacet", "1-1-0", {{"query", model->sql}});
  }
  if (const project::Contract* contract = facts.project.find_contract(table)) {
    if (!contract->owner.empty()) run.job_facets["ownership"] = owners_of(*contract);
  }
  for (const auto& [input, read] : version.inputs) {
    Json dataset = table_id(facts.project, input);
    dataset["facets"] = {{"version", facet("DatasetVersionDatasetFacet", "1-0-1",
                                           {{"datasetVersion", std::to_string(read)}})}};
    run.inputs.push_back(std::move(dataset));
  }
  run.outputs.push_back(output_of(facts, table, version, step, nodes));
  return run;
}

/// The tests of a table, with the rows that they saw where a release tells.
JobRun run_of_tests(const RunFacts& facts, const std::string& table,
                    const std::vector<const TestOutcome*>& tests,
                    const std::optional<release::Record>& record) {
  JobRun run{.job = fmt::format("{}.{}.tests", facts.project.name, table), .kind = "TEST"};
  Json dataset = table_id(facts.project, table);
  Json& input = dataset["inputFacets"];
  input = {{"dataQualityAssertions", assertions_facet(facts.project, tests)}};
  if (record && record->tables.contains(table)) {
    Json members = {{"rowCount", record->tables.at(table).rows}};
    members["columnMetrics"] = Json::object();
    input["dataQualityMetrics"] =
        facet("DataQualityMetricsInputDatasetFacet", "1-0-3", std::move(members));
  }
  run.inputs.push_back(std::move(dataset));
  return run;
}

std::map<std::string, std::vector<const TestOutcome*>> tests_by_table(
    const pipeline::RunOutcome& outcome) {
  std::map<std::string, std::vector<const TestOutcome*>> out;
  for (const TestOutcome& test : outcome.tests) out[test.table].push_back(&test);
  return out;
}

bool is_failed(const TestOutcome* test) { return test->status == TestStatus::Fail; }

/// Why a run was blocked, for its FAIL.
std::string gates_that_failed(const pipeline::RunOutcome& outcome) {
  std::string names;
  for (const TestOutcome& test : outcome.tests) {
    if (is_failed(&test)) names += (names.empty() ? "" : ", ") + test.name;
  }
  return "gates failed, so nothing was published: " + names;
}

}  // namespace

std::string run_uuid(const std::string& run_id, const std::string& job) {
  std::string hex = sha256_hex(run_id + "\n" + job).substr(0, 32);
  hex[12] = '8';  // RFC 9562: version 8, of one's own making
  hex[16] = 'a';  // and its variant
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

std::vector<std::string> events_of_start(const RunFacts& facts, int64_t at_us) {
  return {event(facts, run_of_all(facts), "START", at_us, Json::object())};
}

std::vector<std::string> events_of_end(const RunFacts& facts, const pipeline::RunOutcome& outcome,
                                       const std::map<std::string, lineage::TableNode>& nodes,
                                       int64_t at_us) {
  std::vector<std::string> out;
  const auto add = [&](const JobRun& run, const char* end, const Json& run_facets) {
    out.push_back(event(facts, run, "START", at_us, Json::object()));
    out.push_back(event(facts, run, end, at_us, run_facets));
  };
  std::set<std::string> told;
  for (const pipeline::StepReport& step : outcome.steps) {
    // Landing has no table of its own: it ends in the source's.
    if (!outcome.record || step.table.empty() || step.step == "land") continue;
    const auto version = outcome.record->tables.find(step.table);
    const auto& changed = outcome.record->changed_tables;
    const bool is_new = std::ranges::find(changed, step.table) != changed.end();
    if (version == outcome.record->tables.end() || !is_new) continue;
    if (!told.insert(step.table).second) continue;
    add(run_of_table(facts, step.table, version->second, step, nodes), "COMPLETE", Json::object());
  }
  for (const auto& [table, tests] : tests_by_table(outcome)) {
    const bool failed = std::ranges::any_of(tests, is_failed);
    Json run_facets = Json::object();
    if (failed) run_facets["errorMessage"] = error_facet("a test of " + table + " failed");
    add(run_of_tests(facts, table, tests, outcome.record), failed ? "FAIL" : "COMPLETE",
        run_facets);
  }
  const bool blocked = outcome.status == pipeline::RunStatus::Blocked;
  Json run_facets = Json::object();
  if (blocked) run_facets["errorMessage"] = error_facet(gates_that_failed(outcome));
  out.push_back(event(facts, run_of_all(facts), blocked ? "FAIL" : "COMPLETE", at_us, run_facets));
  return out;
}

std::vector<std::string> events_of_error(const RunFacts& facts, const Error& error, int64_t at_us) {
  return {event(facts, run_of_all(facts), "FAIL", at_us,
                {{"errorMessage", error_facet(error.message())}})};
}

}  // namespace bullion::openlineage
