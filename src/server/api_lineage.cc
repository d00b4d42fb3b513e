// GET /lineage/{table}: what the columns of a table are made of, and what is made of them.
#include "lineage/graph.h"
#include "lineage/render.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

using project::ColumnInput;
using project::ColumnInputs;

/// Of what reads the table; only those are parsed.
Result<std::map<std::string, ColumnInputs>> outputs_of(const project::Project& project,
                                                       engine::Engine& engine,
                                                       const std::string& table) {
  std::map<std::string, ColumnInputs> out;
  for (const project::Model& model : project.models) {
    const auto& inputs = model.depends_on;
    if (std::find(inputs.begin(), inputs.end(), table) == inputs.end()) continue;
    BULLION_TRY_ASSIGN(const auto made_of, project::column_lineage(project, model, engine));
    for (const auto& [column, used] : made_of.columns) {
      for (const ColumnInput& input : used) {
        if (input.table == table) {
          out[input.column].insert({model.contract.name, column, input.use});
        }
      }
    }
  }
  return out;
}

Result<std::string> table_body(const Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  const project::Project& project = api.reader().project();
  engine::Engine& engine = api.reader().engine();
  BULLION_TRY_ASSIGN(const lineage::TableNode node,
                     lineage::node_of(project, engine, request.parameters.at("table")));
  BULLION_TRY_ASSIGN(auto outputs, outputs_of(project, engine, node.name));
  Json columns = Json::array();
  for (const std::string& column : node.columns) {
    columns.push_back({{"name", column},
                       {"inputs", lineage::json_of(node.inputs_of(column))},
                       {"outputs", lineage::json_of(outputs[column])}});
  }
  return json_text({{"table", node.name},
                    {"kind", node.kind},
                    {"columns", columns},
                    {"rows", lineage::json_of(node.made_of.rows)},
                    {"complete", node.made_of.is_complete}});
}

}  // namespace

void add_lineage_routes(Router& router, Api& api) {
  router.add("GET", "/lineage/{table}", [&api](const Request& request) {
    return answer_of(table_body(api, request), request);
  });
}

}  // namespace bullion::server
