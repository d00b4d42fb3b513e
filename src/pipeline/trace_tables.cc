#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/trace_tables_internal.h"

namespace bullion::pipeline {

Result<PinnedTable> TraceScope::pin(const std::string& name, int64_t version) const {
  PinnedTable table;
  table.name = name;
  table.path = record.tables.at(name).path;
  table.version = version;
  BULLION_TRY_ASSIGN(const delta::Snapshot snapshot, env.log(table.path).snapshot(version));
  table.schema = snapshot.metadata.schema;
  // Positions are cheap to ask for, and only a source's rows can be found in a file.
  table.sql = files_sql(env, table.path, table.schema, snapshot.metadata.partition_columns,
                        snapshot.files, project.find_source(name) != nullptr);
  return table;
}

Result<PinnedTable> TraceScope::pin_input(const std::string& model,
                                          const std::string& input) const {
  const auto& inputs = record.tables.at(model).inputs;
  const auto version = inputs.find(input);
  return pin(input, version == inputs.end() ? record.tables.at(input).version : version->second);
}

std::string TraceScope::limit_clause() const {
  return limit < 0 ? "" : fmt::format(" LIMIT {}", limit);
}

std::string is_in_level(const std::vector<std::string>& values,
                        const std::vector<std::string>& names, const PinnedTable& table) {
  // As fields of a record NULL is equal to NULL.
  std::vector<std::string> here;
  std::vector<std::string> there;
  for (size_t i = 0; i < names.size(); ++i) {
    here.push_back(fmt::format("'k{}': {}", i, values[i]));
    there.push_back(fmt::format("'k{}': {}", i, engine::quote_name(names[i])));
  }
  return fmt::format("{{{}}} IN (SELECT {{{}}} FROM ({}) AS above WHERE {})", fmt::join(here, ", "),
                     fmt::join(there, ", "), table.sql, table.where);
}

}  // namespace bullion::pipeline
