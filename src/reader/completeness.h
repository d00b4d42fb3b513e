// Which days a table has, which of them are complete, and which were changed after they were first
// published; and how tables are made of each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "reader/reader.h"

namespace bullion::reader {

enum class DayStatus { Complete, Incomplete, Missing };
std::string to_string(DayStatus status);  ///< "complete", ...

struct Day {
  int32_t day = 0;  ///< since 1970-01-01
  DayStatus status = DayStatus::Missing;
  int64_t rows = 0;
  std::optional<int64_t> first_release;  ///< nullopt when the log does not tell
  bool restated = false;                 ///< a later release changed the day's partition
};

struct Completeness {
  std::optional<int32_t> start;  ///< first day listed
  std::optional<int32_t> end;    ///< first day not listed
  std::vector<Day> days;         ///< every day in between
};

/// The days of a table from its first to its last, or of [start, end). A table of days is one with
/// a DATE column as partition, or as the only DATE of its grain; Invalid for others. A day with
/// rows is complete unless the table marks it `data_complete = false`, or a calendar of the project
/// does: a table with `data_complete` and a DATE in its grain that `table` is made of.
Result<Completeness> read_completeness(Reader& reader, OpenRelease& release,
                                       const std::string& table, std::optional<int32_t> start,
                                       std::optional<int32_t> end,
                                       const engine::QueryLimits& limits);

struct LineageNode {
  std::string name;
  std::string layer;
  std::string kind;  ///< source, seed, or the model's kind; "table" when the project has lost it
  int64_t rows = 0;
  std::string owner;
  std::string description;
};
struct LineageEdge {
  std::string from;
  std::string to;
};
struct Lineage {
  std::vector<LineageNode> nodes;  ///< in the order of tables_of()
  std::vector<LineageEdge> edges;  ///< as the release was computed, both ends are nodes
};
Lineage lineage_of(const project::Project& project, const release::Record& record);

}  // namespace bullion::reader
