// The tables of a release and what is known of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "delta/schema.h"
#include "project/project.h"
#include "reader/reader.h"

namespace bullion::reader {

/// How values of a column are shown and filtered.
enum class ColumnKind { Text, Integer, Decimal, Float, Boolean, Date, Timestamp, Other };
std::string to_string(ColumnKind kind);  ///< "text", "integer", ...
ColumnKind kind_of(const delta::DataType& type);

struct ColumnFacts {
  std::string name;
  delta::DataType type;
  std::string sql_type;  ///< "DECIMAL(18,2)"
  ColumnKind kind = ColumnKind::Other;
  bool nullable = true;
  bool money = false;      ///< an amount in a currency
  bool key = false;        ///< part of the grain
  bool partition = false;  ///< the table is partitioned by it
  std::string description;
  std::string references;  ///< "table.column" that its values stand in, by a relationships test
};

/// What can be said of a column of an answer, which no contract describes.
ColumnFacts facts_of(const delta::Column& column);

struct TableSummary {
  std::string name;
  std::string layer;
  std::string description;
  std::string owner;
  int64_t rows = 0;
  int64_t version = 0;
  std::string amount_column;  ///< "" when the table has none
};

/// What the project says of a table today; a table it no longer has is known by its columns alone.
struct TableFacts {
  TableSummary summary;
  std::string currency_column;  ///< "" when every amount is in `currency`
  std::string currency;         ///< the project's
  std::vector<std::string> grain;
  std::vector<ColumnFacts> columns;
  std::string sql;                  ///< of a model; "" otherwise
  std::vector<std::string> inputs;  ///< of a model
  std::vector<std::string> sums;    ///< columns whose sum has a meaning, the amount first
  /// The grain is unique: a gate has checked it, or the rows were made so.
  bool grain_is_unique = false;

  const ColumnFacts* find(const std::string& column) const;
  /// Invalid with the nearest name.
  Result<const ColumnFacts*> get(const std::string& column) const;
};

/// Sources, seeds and models in the project's order, then tables it no longer has, by name.
std::vector<TableSummary> tables_of(const project::Project& project, const release::Record& record);

TableFacts facts_of(const project::Project& project, const OpenTable& table);

}  // namespace bullion::reader
