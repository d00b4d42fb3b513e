#include "pipeline/environment.h"

#include <map>
#include <set>

#include <fmt/format.h>

#include "pipeline/ops_tables.h"
#include "pipeline/outside_tables.h"

namespace bullion::pipeline {

using engine::quote_name;

std::string table_path(std::string_view layer, std::string_view name) {
  return fmt::format("tables/{}/{}", layer, name);
}

std::string files_sql(const Environment& env, const std::string& path, const delta::Schema& schema,
                      const std::vector<std::string>& partition_columns,
                      const std::vector<delta::AddFile>& files, bool positions) {
  return table::relation_sql(env.lake,
                             {.schema = schema,
                              .partition_columns = partition_columns,
                              .files = files,
                              .table_path = path},
                             positions);
}

Result<std::string> table_sql_at(const Environment& env, const std::string& path, int64_t version,
                                 bool positions) {
  BULLION_TRY_ASSIGN(const delta::Snapshot snapshot, env.log(path).snapshot(version));
  return files_sql(env, path, snapshot.metadata.schema, snapshot.metadata.partition_columns,
                   snapshot.files, positions);
}

Status create_view(engine::Engine& engine, const std::string& name, const std::string& sql) {
  return engine.execute(fmt::format("CREATE OR REPLACE VIEW {} AS {}", quote_name(name), sql));
}

namespace {

/// `known` are the tables that are there also before anything was written to them.
Status create_outside_views(const Environment& env, const std::string& layer,
                            const std::map<std::string, delta::Schema>& known) {
  BULLION_TRY_ASSIGN(const auto folders, env.lake.list("tables/" + layer));
  BULLION_TRY(env.engine.execute("CREATE SCHEMA IF NOT EXISTS " + quote_name(layer)));
  std::set<std::string> made;
  for (const storage::FileInfo& folder : folders) {
    if (!folder.is_directory) continue;
    auto snapshot = env.log(folder.path).snapshot();
    if (!snapshot && snapshot.error().kind() == ErrorKind::NotFound) continue;
    if (!snapshot) return std::move(snapshot).error();
    BULLION_TRY(env.engine.execute(fmt::format(
        "CREATE OR REPLACE VIEW {}.{} AS {}", quote_name(layer), quote_name(folder.name()),
        files_sql(env, folder.path, snapshot->metadata.schema, snapshot->metadata.partition_columns,
                  snapshot->files))));
    made.emplace(folder.name());
  }
  for (const auto& [name, schema] : known) {
    if (made.contains(name)) continue;
    BULLION_TRY(create_empty_view(env.engine, layer, name, schema));
  }
  return ok();
}

}  // namespace

Status create_release_views(const Environment& env, const release::Record& record) {
  std::map<std::string, delta::Schema> sources;
  for (const auto& [name, table] : record.tables) {
    BULLION_TRY_ASSIGN(const std::string sql, table_sql_at(env, table.path, table.version));
    BULLION_TRY(create_view(env.engine, name, sql));
    if (table.layer == "bronze") sources.emplace(name, quarantine_schema());
  }
  BULLION_TRY(create_outside_views(env, "ops", ops_schemas()));
  return create_outside_views(env, "quarantine", sources);
}

Result<int64_t> row_count(const std::vector<delta::AddFile>& files) {
  int64_t rows = 0;
  for (const delta::AddFile& file : files) {
    const auto records = delta::num_records(file);
    if (!records) return corrupt("the data file " + file.path + " has no row count in the log");
    rows += *records;
  }
  return rows;
}

}  // namespace bullion::pipeline
