// Parts of the reader of schedule.yml.
#pragma once

#include <string>

#include "project/yaml_reader.h"
#include "schedule/config.h"

namespace bullion::schedule {

/// A calendar with its holidays, also those of a CSV file below `folder`.
Calendar read_calendar(const std::string& folder, project::MapReader& entry,
                       project::ProblemSink& problems);

/// An alert channel. Secrets must be written as ${NAME}.
Channel read_channel(const std::string& folder, project::MapReader& entry,
                     project::ProblemSink& problems);

RetryPolicy read_retries(project::MapReader& entry, project::ProblemSink& problems);

/// Microseconds of a duration; `fallback` when absent or wrong (which is reported).
int64_t read_duration(project::MapReader& entry, const std::string& key, int64_t fallback,
                      project::ProblemSink& problems);
int64_t read_count(project::MapReader& entry, const std::string& key, int64_t fallback,
                   int64_t lowest, int64_t highest, project::ProblemSink& problems);

}  // namespace bullion::schedule
