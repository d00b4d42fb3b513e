#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/readers_internal.h"

namespace bullion::project {
namespace {

ModelKind kind_of(const std::string& text) {
  if (text == "append") return ModelKind::Append;
  if (text == "latest") return ModelKind::Latest;
  if (text == "snapshot") return ModelKind::Snapshot;
  if (text == "aggregate") return ModelKind::Aggregate;
  return ModelKind::Full;
}

void read_latest_keys(MapReader& config, ProblemSink& problems, Model& model) {
  const Contract& contract = model.contract;
  model.unique_key = config.texts("unique_key");
  model.version_by = config.texts("version_by");
  model.withdrawn_column = config.text("withdrawn");
  expect_columns("unique_key", model.unique_key, config, contract, problems);
  expect_columns("version_by", model.version_by, config, contract, problems);
  if (model.kind == ModelKind::Latest) {
    if (model.unique_key.empty()) {
      problems.error(config.mark_of("unique_key"), "yaml-missing-key",
                     fmt::format("`{}` is of kind latest and needs `unique_key`: the columns that "
                                 "name one thing",
                                 contract.name));
    }
    if (model.version_by.empty()) {
      problems.error(config.mark_of("version_by"), "yaml-missing-key",
                     fmt::format("`{}` is of kind latest and needs `version_by`: the columns whose "
                                 "largest values are the newest version",
                                 contract.name));
    }
  } else {
    for (const char* key : {"unique_key", "version_by", "withdrawn"}) {
      if (!config.has(key)) continue;
      problems.error(config.mark_of(key), "yaml-value",
                     fmt::format("`{}` has no effect on kind `{}`; remove it, or use kind `latest`",
                                 key, to_string(model.kind)));
    }
  }
  // The withdrawn column may be left out of the contract: then only the SQL can tell (check).
  const int withdrawn = find_column(contract.columns, model.withdrawn_column);
  if (withdrawn >= 0 &&
      contract.columns[static_cast<size_t>(withdrawn)].type.id != delta::TypeId::Boolean) {
    problems.error(
        config.mark_of("withdrawn"), "type-mismatch",
        fmt::format("`withdrawn` names `{}`, which is {}; it must be boolean",
                    model.withdrawn_column,
                    delta::to_string(contract.columns[static_cast<size_t>(withdrawn)].type)));
  }
}

void read_partition(MapReader& config, ProblemSink& problems, Model& model) {
  Contract& contract = model.contract;
  contract.partition_by = config.texts("partition_by");
  expect_columns("partition_by", contract.partition_by, config, contract, problems);
  if (contract.partition_by.size() > 1) {
    problems.error(config.mark_of("partition_by", 1), "partition-type",
                   fmt::format("`partition_by` of `{}` names {} columns; name one", contract.name,
                               contract.partition_by.size()));
    contract.partition_by.resize(1);
  }
  if (contract.partition_by.empty()) return;
  const int at = find_column(contract.columns, contract.partition_by[0]);
  if (at < 0) return;
  const delta::Column& column = contract.columns[static_cast<size_t>(at)];
  contract.partition_by[0] = column.name;
  if (column.type.id != delta::TypeId::Date && column.type.id != delta::TypeId::String) {
    problems.error(config.mark_of("partition_by", 0), "partition-type",
                   fmt::format("`partition_by` names `{}`, which is {}; it must be date or string",
                               column.name, delta::to_string(column.type)));
  }
}

void read_conserves(MapReader& config, ProblemSink& problems, ModelDraft& draft) {
  const YamlNode* node = config.take("conserves");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return;
  draft.conserves = node->mark;
  MapReader shape(*node, "`conserves`", problems);
  for (const YamlEntry& entry : node->entries) {
    draft.model.conserves[entry.key] = shape.text(entry.key, entry.key);
    const std::vector<std::string> known = column_names(draft.model.contract.columns);
    const int at = find_column(draft.model.contract.columns, entry.key);
    if (at < 0) {
      problems.error(
          entry.mark, "column-unknown",
          fmt::format("`conserves` names `{}`, which is no column of `{}`{}; columns: {}",
                      entry.key, draft.model.contract.name, did_you_mean(entry.key, known),
                      join_names(known)));
      continue;
    }
    const delta::DataType& type = draft.model.contract.columns[static_cast<size_t>(at)].type;
    if (type.id == delta::TypeId::Double || type.id == delta::TypeId::Float) {
      problems.error(entry.mark, "float-money",
                     fmt::format("`conserves` names `{}`, which is {}; money is decimal(p,s)",
                                 entry.key, delta::to_string(type)));
    }
  }
}

void read_model(const YamlNode& node, ProblemSink& problems, std::vector<ModelDraft>& drafts,
                Project& project) {
  MapReader entry(node, "a model", problems);
  ModelDraft draft;
  Model& model = draft.model;
  const YamlNode nothing{.kind = YamlNode::Kind::Map, .mark = node.mark};
  const YamlNode* config_node = entry.take("config");
  MapReader config(config_node != nullptr ? *config_node : nothing,
                   fmt::format("the config of model `{}`", entry.text("name")), problems);
  model.kind =
      kind_of(config.choice("kind", {"append", "latest", "snapshot", "aggregate", "full"}, "full"));
  draft.schema_file = problems.file();
  model.contract = read_contract(TableKind::Model, entry, config, problems, project.data_tests);
  read_latest_keys(config, problems, model);
  read_partition(config, problems, model);
  read_conserves(config, problems, draft);
  config.finish();
  entry.finish();
  if (!model.contract.name.empty()) drafts.push_back(std::move(draft));
}

}  // namespace

void read_model_schema(std::string_view text, ProblemSink& problems,
                       std::vector<ModelDraft>& drafts, Project& project) {
  const YamlNode document = read_yaml(text, problems);
  if (document.kind == YamlNode::Kind::Null) return;
  MapReader top(document, problems.file(), problems);
  for (const YamlNode* node : table_entries(document, "models", top, problems)) {
    read_model(*node, problems, drafts, project);
  }
  const YamlNode* unit_tests = top.take("unit_tests");
  if (unit_tests != nullptr) read_unit_test_list(*unit_tests, problems, project);
  top.finish();
}

}  // namespace bullion::project
