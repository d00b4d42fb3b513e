// What the tests of this module share: an engine, a request over literal rows, and a folder.
#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "base/result_matchers.h"
#include "engine/duckdb/duckdb_engine.h"
#include "exports/export.h"
#include "storage/temporary_folder.h"

namespace bullion::exports {

inline delta::Column column(std::string name, delta::DataType type, bool nullable = true) {
  return {std::move(name), std::move(type), nullable, "{}"};
}
inline delta::DataType type(delta::TypeId id) { return {id, 0, 0, {}}; }

inline std::string file_bytes(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

class ExportFixture : public testing::Test {
 protected:
  void SetUp() override {
    engine::EngineOptions options;
    options.threads = 2;
    auto engine = engine::duckdb_engine(options);
    ASSERT_THAT(engine, IsOk());
    engine_ = *std::move(engine);
  }

  /// A table "t" whose rows are `values` (after VALUES); the columns take the schema's types.
  Request request(const delta::Schema& schema, const std::string& values, int64_t rows) {
    Request made;
    made.table = "t";
    made.schema = schema;
    std::string names;
    std::string casts;
    for (const delta::Column& each : schema) {
      const std::string name = engine::quote_name(each.name);
      names += (names.empty() ? "" : ", ") + name;
      casts += (casts.empty() ? "" : ", ") + ("CAST(" + name + " AS ") +
               engine::sql_type(each.type) + ") AS " + name;
    }
    made.relation_sql = "SELECT " + casts + " FROM (VALUES " + values + ") AS v(" + names + ")";
    made.provenance.table_rows = rows;
    made.provenance.release = 7;
    made.provenance.released_at_us = 1'735'689'600'000'000;
    made.provenance.row_hash = "1:a:b";
    made.provenance.program_version = "0.1.0";
    made.provenance.table_path = "tables/gold/t";
    return made;
  }

  std::string path(const std::string& name) const { return folder_.path() + "/" + name; }

  storage::TemporaryFolder folder_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace bullion::exports
