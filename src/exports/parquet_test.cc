#include "exports/export_fixture_internal.h"

namespace bullion::exports {
namespace {

using delta::DataType;
using delta::TypeId;

using Parquet = ExportFixture;

TEST_F(Parquet, KeepsTypesDigitsAndTellsItsRelease) {
  const delta::Schema schema = {column("amount", DataType::decimal(38, 6)),
                                column("day", type(TypeId::Date))};
  Request asked = request(
      schema, "('-99999999999999999999999999999999.999999', '1899-12-31'), (NULL, NULL)", 2);
  asked.provenance.lake = "it's here";
  const std::string file = path("t.parquet");
  const auto summary = export_parquet(*engine_, asked, file);
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->rows, 2);
  const auto bound = engine_->bind("SELECT * FROM read_parquet('" + file + "')");
  ASSERT_THAT(bound, IsOk());
  EXPECT_EQ(bound->at(0).sql_type, "DECIMAL(38,6)");
  const auto rows =
      engine_->query("SELECT * FROM read_parquet('" + file + "') ORDER BY amount NULLS FIRST");
  ASSERT_THAT(rows, IsOk());
  EXPECT_EQ(engine::to_text(rows->rows.at(1).at(0)), "-99999999999999999999999999999999.999999");
  const auto told = engine_->query(
      "SELECT decode(value) FROM parquet_kv_metadata('" + file +
      "') WHERE decode(key) IN ('bullion.release', 'bullion.lake') ORDER BY decode(key)");
  ASSERT_THAT(told, IsOk());
  EXPECT_EQ(engine::to_text(told->rows.at(0).at(0)), "it's here");
  EXPECT_EQ(engine::to_text(told->rows.at(1).at(0)), "7");
}

TEST_F(Parquet, TakesAFolderWhoseNameLooksLikeAPattern) {
  std::filesystem::create_directory(path("a[b]*"));
  const auto summary =
      export_parquet(*engine_, request({column("x", type(TypeId::Long))}, "(1), (2)", 2),
                     path("a[b]*") + "/t.parquet");
  ASSERT_THAT(summary, IsOk());
  EXPECT_EQ(summary->rows, 2);
  EXPECT_TRUE(std::filesystem::exists(path("a[b]*") + "/t.parquet"));
}

}  // namespace
}  // namespace bullion::exports
