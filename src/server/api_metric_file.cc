// GET /metrics/{metric}/export: the values as they are shown, as a file.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "metrics/values.h"
#include "reader/condition.h"
#include "reader/exporting.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

using delta::DataType;
using delta::TypeId;
using metrics::MetricRow;
using metrics::MetricValues;

constexpr const char* kOrder = "_position";

/// The relation of the values: columns, and one line of literals for each row.
class ValueTable {
 public:
  void add_column(const std::string& name, DataType type) {
    schema_.push_back(
        {.name = name, .type = std::move(type), .nullable = true, .metadata_json = "{}"});
  }
  void begin_row() { rows_.emplace_back(); }
  /// A literal for the next column; nullopt is NULL.
  Status add(const std::optional<std::string>& text) {
    const delta::Column& column = schema_.at(rows_.back().size());
    if (!text) {
      rows_.back().push_back("NULL");
      return ok();
    }
    BULLION_TRY_ASSIGN(std::string literal, reader::literal_of(column.name, column.type, *text));
    rows_.back().push_back(std::move(literal));
    return ok();
  }

  const delta::Schema& schema() const { return schema_; }
  std::string sql() const {
    std::vector<std::string> items;
    for (size_t i = 0; i < schema_.size(); ++i) {
      items.push_back(fmt::format("CAST(c{} AS {}) AS {}", i, engine::sql_type(schema_[i].type),
                                  engine::quote_name(schema_[i].name)));
    }
    std::vector<std::string> lines;
    for (const auto& row : rows_) lines.push_back(fmt::format("({})", fmt::join(row, ", ")));
    std::vector<std::string> names;
    for (size_t i = 0; i < schema_.size(); ++i) names.push_back(fmt::format("c{}", i));
    if (lines.empty()) {
      std::vector<std::string> nulls(schema_.size(), "NULL");
      return fmt::format("SELECT {} FROM (SELECT {}) AS v({}) WHERE false", fmt::join(items, ", "),
                         fmt::join(nulls, ", "), fmt::join(names, ", "));
    }
    return fmt::format("SELECT {} FROM (VALUES {}) AS v({})", fmt::join(items, ", "),
                       fmt::join(lines, ", "), fmt::join(names, ", "));
  }

 private:
  delta::Schema schema_;
  std::vector<std::vector<std::string>> rows_;
};

const DataType kText = {TypeId::String, 0, 0, {}};
const DataType kWhole = {TypeId::Long, 0, 0, {}};
const DataType kDay = {TypeId::Date, 0, 0, {}};

std::optional<std::string> text_of(const std::optional<Decimal>& value) {
  return value ? std::optional(to_string(*value)) : std::nullopt;
}

/// The scale that holds every value of the answer.
int scale_of(const MetricValues& values) {
  int scale = 0;
  for (const MetricRow& row : values.rows) {
    for (const auto* value : {&row.value, &row.compared, &row.change}) {
      if (*value) scale = std::max(scale, (*value)->scale);
    }
  }
  return scale;
}

void add_columns(const MetricValues& values, ValueTable& table) {
  const DataType number = DataType::decimal(kDecimalPrecisionMax, scale_of(values));
  table.add_column(kOrder, kWhole);
  if (values.grain) table.add_column(to_string(*values.grain), kDay);
  for (const std::string& name : values.by) table.add_column(name, kText);
  table.add_column("currency", kText);
  table.add_column(values.metric.name, number);
  table.add_column("rows", kWhole);
  if (values.compare != metrics::Compare::None) {
    table.add_column("compared", number);
    table.add_column("change", number);
    table.add_column("growth_percent", kText);
  }
  if (!values.by.empty()) table.add_column("share_percent", kText);
}

Status add_row(const MetricValues& values, const MetricRow& row, int64_t position,
               ValueTable& table) {
  table.begin_row();
  BULLION_TRY(table.add(std::to_string(position)));
  if (values.grain) {
    BULLION_TRY(table.add(row.time ? std::optional(format_date(*row.time)) : std::nullopt));
  }
  for (const auto& dimension : row.dimensions) BULLION_TRY(table.add(dimension));
  BULLION_TRY(table.add(row.currency));
  BULLION_TRY(table.add(text_of(row.value)));
  BULLION_TRY(table.add(std::to_string(row.rows)));
  if (values.compare != metrics::Compare::None) {
    BULLION_TRY(table.add(text_of(row.compared)));
    BULLION_TRY(table.add(text_of(row.change)));
    BULLION_TRY(table.add(row.growth));
  }
  if (!values.by.empty()) BULLION_TRY(table.add(row.share));
  return ok();
}

}  // namespace

Result<exports::Request> file_of_values(const Api& api, const MetricValues& values,
                                        const release::Record& record) {
  ValueTable table;
  add_columns(values, table);
  int64_t position = 0;
  for (const MetricRow& row : values.rows) BULLION_TRY(add_row(values, row, ++position, table));
  exports::Request request;
  request.table = values.metric.name;
  request.relation_sql = table.sql();
  request.schema = table.schema();
  for (const delta::Column& column : request.schema) {
    if (column.name != kOrder) request.columns.push_back(column.name);
  }
  request.order_by = {kOrder};
  request.provenance =
      reader::provenance_of(api.reader().project(), record, api.reader().env().user);
  exports::Provenance& from = request.provenance;
  from.table_path = "metrics/" + values.metric.name;
  from.table_rows = position;
  from.description = values.metric.description;
  from.owner = values.metric.owner;
  return request;
}

}  // namespace bullion::server
