#include "engine/duckdb/duckdb_engine.h"

#include <gtest/gtest.h>

#include "base/result_matchers.h"

namespace bullion::engine {
namespace {

std::unique_ptr<Engine> new_engine(EngineOptions options = {}) {
  auto engine = duckdb_engine(options);
  EXPECT_THAT(engine, IsOk());
  return std::move(engine).value();
}

/// The only cell of a query's result as text; the error's message when it fails.
std::string answer(Engine& engine, const std::string& sql) {
  const auto rows = engine.query(sql);
  if (!rows) return rows.error().message();
  return rows->rows.size() == 1 ? to_text(rows->rows[0].at(0)) : "not one row";
}

TEST(DuckDbEngine, AnswersASelect) {
  const auto engine = new_engine();
  EXPECT_EQ(answer(*engine, "SELECT 1 + 1"), "2");
}

}  // namespace
}  // namespace bullion::engine
