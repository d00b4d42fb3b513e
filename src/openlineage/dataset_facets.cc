#include <algorithm>
#include <filesystem>
#include <map>

#include <fmt/format.h>

#include "openlineage/dataset_facets_internal.h"

namespace bullion::openlineage {
namespace {

std::string layer_of(const project::Project& project, const std::string& table) {
  if (project.find_source(table) != nullptr) return "bronze";
  if (project.find_seed(table) != nullptr) return "seeds";
  const project::Model* model = project.find_model(table);
  return model == nullptr ? "gold" : model->layer;
}

/// {"type": "INDIRECT", "subtype": "GROUP_BY"}
Json transformation_of(project::ColumnUse use) {
  std::string subtype = to_string(use);
  std::ranges::transform(subtype, subtype.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  return {{"type", project::makes_values(use) ? "DIRECT" : "INDIRECT"},
          {"subtype", subtype},
          {"description", ""},
          {"masking", false}};
}

/// Inputs with all that they are used for, each column once.
Json input_fields(const project::Project& project, const project::ColumnInputs& inputs) {
  std::map<std::pair<std::string, std::string>, Json> by_column;
  for (const project::ColumnInput& input : inputs) {
    Json& uses = by_column[{input.table, input.column}];
    uses.push_back(transformation_of(input.use));
  }
  Json out = Json::array();
  for (const auto& [key, uses] : by_column) {
    Json field = table_id(project, key.first);
    field["field"] = key.second;
    field["transformations"] = uses;
    out.push_back(std::move(field));
  }
  return out;
}

}  // namespace

const std::string& producer() {
  static const std::string kProducer = fmt::format("urn:bullion:{}", pipeline::kProgramVersion);
  return kProducer;
}

Json facet(const char* name, const char* version, Json members) {
  Json out = {
      {"_producer", producer()},
      {"_schemaURL",
       fmt::format("https://openlineage.io/spec/facets/{0}/{1}.json#/$defs/{1}", version, name)}};
  for (auto& [key, value] : members.items()) out[key] = std::move(value);
  return out;
}

Json table_id(const project::Project& project, const std::string& table) {
  const auto path =
      std::filesystem::path(project.lake) / pipeline::table_path(layer_of(project, table), table);
  return {{"namespace", "file"}, {"name", path.lexically_normal().string()}};
}

Json schema_facet(const project::Contract& contract) {
  Json fields = Json::array();
  int64_t position = 0;
  for (const delta::Column& column : contract.columns) {
    Json field = {{"name", column.name},
                  {"type", engine::sql_type(column.type)},
                  {"ordinal_position", ++position}};
    const auto said = contract.column_descriptions.find(column.name);
    if (said != contract.column_descriptions.end()) field["description"] = said->second;
    fields.push_back(std::move(field));
  }
  return facet("SchemaDatasetFacet", "1-2-0", {{"fields", std::move(fields)}});
}

Json column_lineage_facet(const project::Project& project, const lineage::TableNode& node) {
  Json fields = Json::object();
  for (const std::string& column : node.columns) {
    const project::ColumnInputs& inputs = node.inputs_of(column);
    if (inputs.empty()) continue;
    fields[column] = {{"inputFields", input_fields(project, inputs)}};
  }
  return facet(
      "ColumnLineageDatasetFacet", "1-2-0",
      {{"fields", std::move(fields)}, {"dataset", input_fields(project, node.made_of.rows)}});
}

Json assertions_facet(const project::Project& project,
                      const std::vector<const quality::TestOutcome*>& tests) {
  Json assertions = Json::array();
  for (const quality::TestOutcome* test : tests) {
    Json assertion = {{"assertion", test->kind},
                      {"name", test->name},
                      {"success", test->status == quality::TestStatus::Pass}};
    const auto declared =
        std::ranges::find(project.data_tests, test->name, &project::DataTest::name);
    if (declared != project.data_tests.end()) {
      if (declared->columns.size() == 1) assertion["column"] = declared->columns[0];
      assertion["severity"] = declared->severity == project::Severity::Error ? "error" : "warn";
    }
    assertions.push_back(std::move(assertion));
  }
  return facet("DataQualityAssertionsDatasetFacet", "1-1-0",
               {{"assertions", std::move(assertions)}});
}

}  // namespace bullion::openlineage
