// Reads the keys of a source that say how its files are written.
#pragma once

#include "project/file_format.h"
#include "project/problem_internal.h"
#include "project/project.h"
#include "project/yaml_reader.h"

namespace bullion::project {

FileFormat read_file_format(MapReader& config, ProblemSink& problems);
/// Overwrites what `config` says of `values`.
void read_value_format(MapReader& config, ProblemSink& problems, ValueFormat& values);
/// A column's keys over the source's values.
CellFormat read_cell_format(MapReader& entry, const ValueFormat& source, ProblemSink& problems);
Snapshot read_snapshot(MapReader& config, const Contract& contract, ProblemSink& problems);
Cadence read_cadence(MapReader& config, const Contract& contract, ProblemSink& problems);
/// Reports the value of `day` when it is no date or timestamp column of the contract.
void check_day_column(MapReader& entry, const std::string& day, const Contract& contract,
                      ProblemSink& problems);
/// Reads `files_table` and adds the source to that table of landed files.
void read_files_table(const Source& source, MapReader& config, ProblemSink& problems,
                      Project& project);
/// Reports names that are no columns of the contract, at `mark`.
void check_format(const Source& source, Mark mark, ProblemSink& problems);

}  // namespace bullion::project
