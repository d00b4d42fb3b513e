#include "reader/tables.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"

namespace bullion::reader {
namespace {

using delta::TypeId;

TableSummary summary_of(const project::Project& project, const std::string& name,
                        const release::TableVersion& version) {
  TableSummary summary{.name = name,
                       .layer = version.layer,
                       .description = {},
                       .owner = {},
                       .rows = version.rows,
                       .version = version.version,
                       .amount_column = {}};
  if (const project::Contract* contract = project.find_contract(name)) {
    summary.description = contract->description;
    summary.owner = contract->owner;
    summary.amount_column = contract->amount_column;
  }
  return summary;
}

bool is_exact_number(const delta::DataType& type) {
  const ColumnKind kind = kind_of(type);
  return kind == ColumnKind::Decimal || kind == ColumnKind::Integer;
}

/// The amount of the contract, and what the model conserves.
std::vector<std::string> sums_of(const project::Project& project, const std::string& table,
                                 const delta::Schema& schema) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    const delta::Column* column = delta::column_named(schema, name);
    const bool is_new = std::ranges::find(names, name) == names.end();
    if (column != nullptr && is_new && is_exact_number(column->type)) names.push_back(name);
  };
  const project::Contract* contract = project.find_contract(table);
  if (contract != nullptr) add(contract->amount_column);
  if (const project::Model* model = project.find_model(table)) {
    for (const auto& [output, input] : model->conserves) add(output);
  }
  return names;
}

/// "table.column" where a test without a filter says that the values of a column stand.
std::string reference_of(const project::Project& project, const std::string& table,
                         const std::string& column) {
  const auto found = std::ranges::find_if(project.data_tests, [&](const project::DataTest& test) {
    return test.kind == "relationships" && test.table == table && test.columns.size() == 1 &&
           test.columns[0] == column && test.where.empty();
  });
  return found == project.data_tests.end() ? "" : found->to_table + "." + found->to_column;
}

ColumnFacts column_facts(const delta::Column& column, const TableFacts& facts,
                         const std::vector<std::string>& partition_columns,
                         const project::Project& project, const project::Contract* contract) {
  const auto is_in = [&](const std::vector<std::string>& names) {
    return std::ranges::find(names, column.name) != names.end();
  };
  ColumnFacts known{.name = column.name,
                    .type = column.type,
                    .sql_type = engine::sql_type(column.type),
                    .kind = kind_of(column.type),
                    .nullable = column.nullable,
                    .money = is_in(facts.sums),
                    .key = is_in(facts.grain),
                    .partition = is_in(partition_columns),
                    .description = {},
                    .references = {}};
  if (contract != nullptr) {
    const auto said = contract->column_descriptions.find(column.name);
    if (said != contract->column_descriptions.end()) known.description = said->second;
    known.references = reference_of(project, contract->name, column.name);
  }
  return known;
}

}  // namespace

std::string to_string(ColumnKind kind) {
  switch (kind) {
    case ColumnKind::Text:
      return "text";
    case ColumnKind::Integer:
      return "integer";
    case ColumnKind::Decimal:
      return "decimal";
    case ColumnKind::Float:
      return "float";
    case ColumnKind::Boolean:
      return "boolean";
    case ColumnKind::Date:
      return "date";
    case ColumnKind::Timestamp:
      return "timestamp";
    case ColumnKind::Other:
      break;
  }
  return "other";
}

ColumnKind kind_of(const delta::DataType& type) {
  switch (type.id) {
    case TypeId::String:
      return ColumnKind::Text;
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
      return ColumnKind::Integer;
    case TypeId::Decimal:
      return ColumnKind::Decimal;
    case TypeId::Float:
    case TypeId::Double:
      return ColumnKind::Float;
    case TypeId::Boolean:
      return ColumnKind::Boolean;
    case TypeId::Date:
      return ColumnKind::Date;
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return ColumnKind::Timestamp;
    default:
      return ColumnKind::Other;
  }
}

const ColumnFacts* TableFacts::find(const std::string& column) const {
  const auto found = std::ranges::find(columns, column, &ColumnFacts::name);
  return found == columns.end() ? nullptr : &*found;
}

Result<const ColumnFacts*> TableFacts::get(const std::string& column) const {
  const ColumnFacts* found = find(column);
  if (found != nullptr) return found;
  std::vector<std::string> names;
  for (const ColumnFacts& known : columns) names.push_back(known.name);
  return invalid(fmt::format("table {} has no column `{}`{}; it has {}", summary.name, column,
                             did_you_mean(column, names), fmt::join(names, ", ")));
}

std::vector<TableSummary> tables_of(const project::Project& project,
                                    const release::Record& record) {
  std::vector<TableSummary> tables;
  const auto add = [&](const std::string& name) {
    const auto found = record.tables.find(name);
    if (found == record.tables.end()) return;
    if (std::ranges::find(tables, name, &TableSummary::name) != tables.end()) return;
    tables.push_back(summary_of(project, name, found->second));
  };
  for (const std::string& name : project.table_names()) add(name);
  for (const auto& [name, version] : record.tables) add(name);
  return tables;
}

TableFacts facts_of(const project::Project& project, const OpenTable& table) {
  const delta::Metadata& metadata = table.snapshot.metadata;
  TableFacts facts;
  facts.summary = summary_of(project, table.name, table.version);
  facts.currency = project.currency;
  facts.sums = sums_of(project, table.name, metadata.schema);
  const auto has = [&](const std::string& name) {
    return delta::column_named(metadata.schema, name) != nullptr;
  };
  // The release may be older than the contract.
  if (!has(facts.summary.amount_column)) facts.summary.amount_column.clear();
  const project::Contract* contract = project.find_contract(table.name);
  if (contract != nullptr) {
    if (has(contract->currency_column)) facts.currency_column = contract->currency_column;
    if (std::ranges::all_of(contract->grain, has)) facts.grain = contract->grain;
  }
  if (const project::Model* model = project.find_model(table.name)) {
    facts.sql = model->sql;
    facts.inputs = model->depends_on;
    facts.grain_is_unique = !facts.grain.empty() && model->code_hash == table.version.code_hash;
  }
  for (const delta::Column& column : metadata.schema) {
    facts.columns.push_back(
        column_facts(column, facts, metadata.partition_columns, project, contract));
  }
  return facts;
}

ColumnFacts facts_of(const delta::Column& column) {
  return {.name = column.name,
          .type = column.type,
          .sql_type = engine::sql_type(column.type),
          .kind = kind_of(column.type),
          .nullable = true,
          .money = false,
          .key = false,
          .partition = false,
          .description = {},
          .references = {}};
}

}  // namespace bullion::reader
