#include "reader/completeness.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/date.h"
#include "delta/log.h"
#include "reader/tables.h"
#include "release/store.h"

namespace bullion::reader {
namespace {

using delta::TypeId;
using engine::quote_name;

constexpr const char* kCompleteColumn = "data_complete";
// More days than any calendar shows: 100 years.
constexpr int32_t kDaysMax = 36525;

std::optional<std::string> only_date(const std::vector<std::string>& names,
                                     const delta::Schema& schema) {
  std::optional<std::string> found;
  for (const std::string& name : names) {
    const delta::Column* column = delta::column_named(schema, name);
    if (column == nullptr || column->type.id != TypeId::Date) continue;
    if (found) return std::nullopt;
    found = name;
  }
  return found;
}

bool has_complete_mark(const delta::Schema& schema) {
  const delta::Column* column = delta::column_named(schema, kCompleteColumn);
  return column != nullptr && column->type.id == TypeId::Boolean;
}

Result<std::string> day_column(const Reader& reader, const OpenTable& table) {
  const delta::Metadata& metadata = table.snapshot.metadata;
  auto column = only_date(metadata.partition_columns, metadata.schema);
  const project::Contract* contract = reader.project().find_contract(table.name);
  if (!column && contract != nullptr) column = only_date(contract->grain, metadata.schema);
  if (column) return *column;
  return invalid(
      fmt::format("table {} has no days: it is neither partitioned by a DATE nor is there one DATE "
                  "in its grain",
                  table.name));
}

/// A calendar that the table is made of, directly or not.
Result<std::shared_ptr<const OpenTable>> find_calendar(OpenRelease& release,
                                                       const std::string& table) {
  std::vector<std::string> open = {table};
  std::vector<std::string> seen;
  while (!open.empty()) {
    const std::string name = open.back();
    open.pop_back();
    if (std::ranges::find(seen, name) != seen.end()) continue;
    seen.push_back(name);
    const auto version = release.record().tables.find(name);
    if (version == release.record().tables.end()) continue;
    BULLION_TRY_ASSIGN(const auto opened, release.table(name));
    if (name != table && has_complete_mark(opened->snapshot.metadata.schema)) return opened;
    for (const auto& [input, at] : version->second.inputs) open.push_back(input);
  }
  return std::shared_ptr<const OpenTable>();
}

struct DayFacts {
  int64_t rows = 0;
  bool complete = true;
};

/// Rows by day, and whether all of them are marked complete.
Result<std::map<int32_t, DayFacts>> days_of(Reader& reader, const OpenTable& table,
                                            const std::string& column,
                                            const engine::QueryLimits& limits) {
  const bool marked = has_complete_mark(table.snapshot.metadata.schema);
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      reader.engine().query(
          fmt::format("SELECT {0}, count(*), {1} FROM {2} WHERE {0} IS NOT NULL GROUP BY 1",
                      quote_name(column),
                      marked ? fmt::format("coalesce(bool_and({}), true)", kCompleteColumn)
                             : std::string("true"),
                      table.relation),
          {.limits = limits, .schema = {}}));
  std::map<int32_t, DayFacts> days;
  for (const auto& row : rows.rows) {
    days[std::get<engine::DateValue>(row.at(0)).days] = {std::get<int64_t>(row.at(1)),
                                                         std::get<bool>(row.at(2))};
  }
  return days;
}

struct PartitionHistory {
  int64_t first_version = 0;
  int64_t changes = 0;  ///< commits with rows of the partition
};

/// The commits of a table that wrote each day, from its log. A log that was cleaned tells nothing.
Result<std::map<int32_t, PartitionHistory>> history_of(Reader& reader, const OpenTable& table,
                                                       const std::string& column) {
  std::map<int32_t, PartitionHistory> history;
  const auto& partitions = table.snapshot.metadata.partition_columns;
  if (std::ranges::find(partitions, column) == partitions.end()) return history;
  const delta::Log log = reader.env().log(table.version.path);
  for (int64_t version = 0; version <= table.version.version; ++version) {
    const auto commit = log.read_commit(version);
    if (!commit && commit.error().kind() == ErrorKind::NotFound) {
      return std::map<int32_t, PartitionHistory>();
    }
    BULLION_TRY(commit);
    std::map<int32_t, bool> touched;
    const auto touch = [&](const delta::PartitionValues& values) {
      const auto value = values.find(column);
      if (value == values.end() || !value->second) return;
      if (const auto day = parse_date(*value->second)) touched[*day] = true;
    };
    for (const delta::AddFile& add : commit->adds) touch(add.partition_values);
    for (const delta::RemoveFile& remove : commit->removes) touch(remove.partition_values);
    for (const auto& [day, is_touched] : touched) {
      PartitionHistory& known = history[day];
      if (known.changes++ == 0) known.first_version = version;
    }
  }
  return history;
}

/// The release that published each version of a table.
Result<std::map<int64_t, int64_t>> releases_of(const Reader& reader, const std::string& table) {
  const release::Store store(reader.env().lake, reader.env().clock, nullptr);
  BULLION_TRY_ASSIGN(const auto records, store.list());
  std::map<int64_t, int64_t> releases;
  for (const release::Record& record : records) {
    const auto found = record.tables.find(table);
    if (!record.is_void && found != record.tables.end()) {
      releases.emplace(found->second.version, record.number);
    }
  }
  return releases;
}

std::string kind_of_table(const project::Project& project, const std::string& name) {
  if (project.find_source(name) != nullptr) return "source";
  if (project.find_seed(name) != nullptr) return "seed";
  const project::Model* model = project.find_model(name);
  return model == nullptr ? "table" : to_string(model->kind);
}

DayStatus status_of(const DayFacts* rows, const DayFacts* calendar) {
  if (rows == nullptr || rows->rows == 0) return DayStatus::Missing;
  const bool complete = rows->complete && (calendar == nullptr || calendar->complete);
  return complete ? DayStatus::Complete : DayStatus::Incomplete;
}

const DayFacts* find_day(const std::map<int32_t, DayFacts>& days, int32_t day) {
  const auto found = days.find(day);
  return found == days.end() ? nullptr : &found->second;
}

}  // namespace

std::string to_string(DayStatus status) {
  if (status == DayStatus::Complete) return "complete";
  return status == DayStatus::Incomplete ? "incomplete" : "missing";
}

Result<Completeness> read_completeness(Reader& reader, OpenRelease& release,
                                       const std::string& table, std::optional<int32_t> start,
                                       std::optional<int32_t> end,
                                       const engine::QueryLimits& limits) {
  BULLION_TRY_ASSIGN(const auto opened, release.table(table));
  BULLION_TRY_ASSIGN(const std::string column, day_column(reader, *opened));
  BULLION_TRY_ASSIGN(const auto days, days_of(reader, *opened, column, limits));
  std::map<int32_t, DayFacts> calendar;
  if (!has_complete_mark(opened->snapshot.metadata.schema)) {
    BULLION_TRY_ASSIGN(const auto found, find_calendar(release, table));
    if (found) {
      BULLION_TRY_ASSIGN(const std::string day, day_column(reader, *found));
      BULLION_TRY_ASSIGN(calendar, days_of(reader, *found, day, limits));
    }
  }
  BULLION_TRY_ASSIGN(const auto history, history_of(reader, *opened, column));
  BULLION_TRY_ASSIGN(const auto releases, releases_of(reader, table));
  Completeness all;
  all.start = start;
  all.end = end;
  if (!days.empty()) {
    if (!start) all.start = days.begin()->first;
    if (!end) all.end = days.rbegin()->first + 1;
  }
  if (!all.start || !all.end) return all;
  if (*all.end - *all.start > kDaysMax) {
    return invalid(
        fmt::format("the days from {} to {} are more than {}; choose fewer by start and "
                    "end",
                    format_date(*all.start), format_date(*all.end), kDaysMax));
  }
  for (int32_t number = *all.start; number < *all.end; ++number) {
    const DayFacts* facts = find_day(days, number);
    Day day{.day = number,
            .status = status_of(facts, find_day(calendar, number)),
            .rows = facts == nullptr ? 0 : facts->rows,
            .first_release = {},
            .restated = false};
    const auto known = history.find(number);
    if (known != history.end()) {
      // A version that no record names was published by the first release after it.
      const auto published = releases.lower_bound(known->second.first_version);
      if (published != releases.end()) day.first_release = published->second;
      day.restated = known->second.changes > 1;
    }
    all.days.push_back(day);
  }
  return all;
}

Lineage lineage_of(const project::Project& project, const release::Record& record) {
  Lineage lineage;
  for (const TableSummary& table : tables_of(project, record)) {
    lineage.nodes.push_back({.name = table.name,
                             .layer = table.layer,
                             .kind = kind_of_table(project, table.name),
                             .rows = table.rows,
                             .owner = table.owner,
                             .description = table.description});
    for (const auto& [input, version] : record.tables.at(table.name).inputs) {
      if (record.tables.contains(input)) lineage.edges.push_back({input, table.name});
    }
  }
  return lineage;
}

}  // namespace bullion::reader
