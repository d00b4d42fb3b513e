#include "reader/exporting.h"

#include <algorithm>

#include "reader/condition.h"
#include "reader/rows.h"
#include "reader/tables.h"
#include "table/table.h"

namespace bullion::reader {
namespace {

Result<std::string> row_hash_of(const std::vector<delta::AddFile>& files) {
  BULLION_TRY_ASSIGN(const auto partitions, table::partition_hashes(files));
  RowHashSum sum;
  for (const auto& [partition, hash] : partitions) sum += hash;
  return to_string(sum);
}

}  // namespace

exports::Provenance provenance_of(const project::Project& project, const release::Record& record,
                                  const std::string& user) {
  exports::Provenance from;
  from.project = project.name;
  from.lake = project.lake;
  from.user = user;
  from.program_version = pipeline::kProgramVersion;
  from.release = record.number;
  from.released_at_us = record.created_at_us;
  from.release_summary = record.summary;
  return from;
}

Result<exports::Request> export_request(const Reader& reader, const OpenRelease& release,
                                        const OpenTable& table) {
  const TableFacts facts = facts_of(reader.project(), table);
  exports::Request request;
  request.table = table.name;
  request.schema = table.snapshot.metadata.schema;
  request.relation_sql = "SELECT * FROM " + table.relation;
  request.total_columns = facts.sums;
  request.currency_column = facts.currency_column;
  request.order_by = facts.grain;
  request.provenance = provenance_of(reader.project(), release.record(), reader.env().user);
  exports::Provenance& from = request.provenance;
  from.table_path = table.version.path;
  from.table_version = table.version.version;
  from.table_rows = table.version.rows;
  BULLION_TRY_ASSIGN(from.row_hash, row_hash_of(table.snapshot.files));
  from.description = facts.summary.description;
  from.owner = facts.summary.owner;
  for (const ColumnFacts& column : facts.columns) {
    if (!column.description.empty()) {
      from.column_descriptions[column.name] = column.description;
    }
  }
  return request;
}

Result<exports::Request> export_request(const Reader& reader, const OpenRelease& release,
                                        const OpenTable& table,
                                        const std::vector<std::string>& columns,
                                        const std::vector<std::string>& sort,
                                        const std::vector<metrics::Filter>& filters) {
  BULLION_TRY_ASSIGN(exports::Request request, export_request(reader, release, table));
  const TableFacts facts = facts_of(reader.project(), table);
  for (const std::string& name : columns) BULLION_TRY(facts.get(name));
  request.columns = columns;
  BULLION_TRY_ASSIGN(request.where, conditions_of(facts, filters));
  if (sort.empty()) return request;
  BULLION_TRY_ASSIGN(std::vector<std::string> order, checked_sort(facts, sort));
  // What the sort leaves open is as it is without it.
  for (const std::string& name : request.order_by) {
    const bool is_there = std::ranges::any_of(
        order, [&](const std::string& key) { return key == name || key == "-" + name; });
    if (!is_there) order.push_back(name);
  }
  request.order_by = std::move(order);
  return request;
}

}  // namespace bullion::reader
