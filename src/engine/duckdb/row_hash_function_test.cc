// row_hash against the row-wise hasher of base, over edge values of every type.
#include <limits>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/result_matchers.h"
#include "base/row_hash.h"
#include "engine/duckdb/duckdb_engine.h"

namespace bullion::engine {
namespace {

using delta::TypeId;

class RowHash : public testing::Test {
 protected:
  RowHash() {
    auto engine = duckdb_engine({});
    EXPECT_THAT(engine, IsOk());
    engine_ = std::move(engine).value();
  }

  std::unique_ptr<Engine> engine_;
};

void add_value(RowHasher& hasher, const Value& value, const delta::DataType& type) {
  if (is_null(value)) return hasher.add_null();
  switch (type.id) {
    case TypeId::Boolean:
      return hasher.add_int32(std::get<bool>(value) ? 1 : 0);
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
      return hasher.add_int32(static_cast<int32_t>(std::get<int64_t>(value)));
    case TypeId::Long:
      return hasher.add_int64(std::get<int64_t>(value));
    case TypeId::Float:
      return hasher.add_float(static_cast<float>(std::get<double>(value)));
    case TypeId::Double:
      return hasher.add_double(std::get<double>(value));
    case TypeId::Date:
      return hasher.add_int32(std::get<DateValue>(value).days);
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return hasher.add_int64(std::get<TimestampValue>(value).micros);
    case TypeId::Decimal:
      if (type.precision > 18) return hasher.add_wide_decimal(std::get<Decimal>(value).units);
      return hasher.add_int64(static_cast<int64_t>(std::get<Decimal>(value).units));
    default:
      return hasher.add_string(std::get<std::string>(value));
  }
}

/// Rows of edge values in columns of every type; row i of each column is its i-th edge or NULL.
std::string edge_rows() {
  return R"(SELECT * FROM (VALUES
    (true, 127::TINYINT, (-32768)::SMALLINT, 2147483647, 9223372036854775807,
     0.0::FLOAT, -0.0::DOUBLE,
     0.01::DECIMAL(3,2), 1234567.89::DECIMAL(9,2), -9999999999999999.99::DECIMAL(18,2),
     99999999999999999999999999999999999.999::DECIMAL(38,3), '', DATE '1970-01-01',
     TIMESTAMPTZ '1969-12-31 23:59:59.999999+00', TIMESTAMP '0001-01-01 00:00:00', '\x00'::BLOB),
    (false, (-128)::TINYINT, 0::SMALLINT, -2147483648, -9223372036854775807,
     'nan'::FLOAT, 'nan'::DOUBLE,
     -9.99::DECIMAL(3,2), 0::DECIMAL(9,2), 0::DECIMAL(18,2),
     -99999999999999999999999999999999999.999::DECIMAL(38,3), 'a', DATE '0001-01-01',
     TIMESTAMPTZ '9999-12-31 23:59:59.999999+00', TIMESTAMP '2024-02-29 12:00:00', ''::BLOB),
    (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (true, 1::TINYINT, 1::SMALLINT, 1, 1, '-inf'::FLOAT, 'inf'::DOUBLE, 0.01::DECIMAL(3,2),
     -0.01::DECIMAL(9,2), -0.01::DECIMAL(18,2), -0.128::DECIMAL(38,3), 'zwölf Bytes!',
     DATE '9999-12-31',
     TIMESTAMPTZ '2024-06-15 19:30:45.123456+02',
     TIMESTAMP '1582-10-15 00:00:00', '\xFF\xFE'::BLOB),
    (NULL, 1::TINYINT, NULL, 1, NULL, 1.5::FLOAT, NULL, NULL, 1::DECIMAL(9,2), NULL,
     0.127::DECIMAL(38,3),
     'ein Text von mehr als zweiunddreißig Bytes, damit der lange Weg läuft', NULL,
     TIMESTAMPTZ '1970-01-01 00:00:00+00', NULL, NULL)
  ) t(c1, c2, c3, c4, c5, c6, c7, c8, c9, c10, c11, c12, c13, c14, c15, c16))";
}

TEST_F(RowHash, EqualsTheRowWiseHasherOnEdgeValuesOfEveryType) {
  const auto rows = engine_->query("SELECT * FROM (" + edge_rows() + ")");
  ASSERT_THAT(rows, IsOk());
  std::string columns;
  for (const auto& column : rows->schema) columns += ", " + column.name;
  const auto hashes = engine_->query(
      fmt::format("SELECT row_hash(42::UBIGINT{}), row_hash({}::UBIGINT{}) FROM ({})", columns,
                  kRowHashSalt, columns, edge_rows()));
  ASSERT_THAT(hashes, IsOk());
  ASSERT_EQ(hashes->rows.size(), 5U);
  for (size_t row = 0; row < rows->rows.size(); ++row) {
    for (const size_t seed : {size_t{0}, size_t{1}}) {
      RowHasher hasher(seed == 0 ? kRowHashSeed : kRowHashSalt);
      for (size_t i = 0; i < rows->schema.size(); ++i) {
        add_value(hasher, rows->rows[row][i], rows->schema[i].type);
      }
      EXPECT_EQ(std::get<int64_t>(hashes->rows[row][seed]), static_cast<int64_t>(hasher.finish()))
          << "row " << row << ", seed " << seed;
    }
  }
}

TEST_F(RowHash, HasOneNullMaskWordPer32Columns) {
  for (const size_t columns : {31U, 32U, 33U, 64U, 71U}) {
    std::string list;
    RowHasher hasher(kRowHashSeed);
    for (size_t i = 0; i < columns; ++i) {
      const bool null = i % 3 == 0;
      list += null ? ", NULL::INTEGER" : fmt::format(", {}", i);
      null ? hasher.add_null() : hasher.add_int32(static_cast<int32_t>(i));
    }
    const auto hash = engine_->query(fmt::format("SELECT row_hash(42::UBIGINT{})", list));
    ASSERT_THAT(hash, IsOk());
    EXPECT_EQ(std::get<int64_t>(hash->rows[0][0]), static_cast<int64_t>(hasher.finish()))
        << columns;
  }
}

TEST_F(RowHash, TellsWhichOfTwoColumnsIsNull) {
  const auto hashes = engine_->query(
      "SELECT row_hash(42::UBIGINT, NULL::VARCHAR, 'a') = row_hash(42::UBIGINT, 'a', "
      "NULL::VARCHAR)");
  ASSERT_THAT(hashes, IsOk());
  EXPECT_EQ(hashes->rows[0][0], Value{false});
}

TEST_F(RowHash, IsTheSameWhenAColumnHasManyNullsAndRows) {
  // A chunk with nulls takes another path than one without.
  const auto rows = engine_->query(
      "SELECT row_hash(42::UBIGINT, a, b), a, b FROM (SELECT CASE WHEN i % 7 = 0 THEN NULL ELSE i "
      "END AS a, "
      "'t' || i AS b FROM range(5000) r(i))");
  ASSERT_THAT(rows, IsOk());
  for (const auto& row : rows->rows) {
    RowHasher hasher(kRowHashSeed);
    add_value(hasher, row[1], {TypeId::Long, 0, 0, {}});
    add_value(hasher, row[2], {TypeId::String, 0, 0, {}});
    ASSERT_EQ(std::get<int64_t>(row[0]), static_cast<int64_t>(hasher.finish()));
  }
}

TEST_F(RowHash, RefusesTypesThatSparkCannotHash) {
  for (const char* value : {"1::HUGEINT", "TIME '10:00:00'", "[1, 2]", "1::UBIGINT", "NULL",
                            "TIMESTAMP_NS '2024-01-01 00:00:00'", "{'a': 1}"}) {
    const auto hash = engine_->query(fmt::format("SELECT row_hash(42::UBIGINT, 'x', {})", value));
    EXPECT_THAT(hash, IsErrorOf(ErrorKind::Invalid)) << value;
    EXPECT_THAT(hash, HasMessage("row_hash cannot hash column 2 of type")) << value;
  }
  EXPECT_THAT(engine_->query("SELECT row_hash(42::UBIGINT)"), HasMessage("at least one column"));
  EXPECT_THAT(engine_->query("SELECT row_hash(NULL::UBIGINT, 1)"),
              HasMessage("seed must not be NULL"));
}

}  // namespace
}  // namespace bullion::engine
