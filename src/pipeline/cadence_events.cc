// Periods that no file of a source is of, or several.
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "pipeline/file_events.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

/// Every supplied file by its id, with all names its bytes came under.
std::map<std::string, std::vector<std::string>> supplied_names(
    const std::vector<ingest::Batch>& batches) {
  std::map<std::string, std::vector<std::string>> names;
  const auto name_of = [](const std::string& path) { return path.substr(path.rfind('/') + 1); };
  for (const ingest::Batch& batch : batches) {
    for (const ingest::LandedFile& file : batch.files) {
      names[file.file_id].push_back(name_of(file.original_path));
    }
    for (const ingest::DuplicateFile& file : batch.duplicates) {
      names[file.sha256.substr(0, 16)].push_back(name_of(file.original_path));
    }
  }
  return names;
}

/// "2014-05" for a month, "2014" for a year; the first day for the others.
std::string period_text(const std::string& first_day, const std::string& every) {
  if (every == "year") return first_day.substr(0, 4);
  if (every == "month") return first_day.substr(0, 7);
  return first_day;
}

}  // namespace

Result<std::vector<FileEvent>> cadence_events(const Environment& env, const project::Source& source,
                                              const WorkingTable& bronze) {
  std::vector<FileEvent> events;
  const std::string& every = source.cadence.every;
  if (every.empty()) return events;
  BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(env.lake, source.contract.name));
  auto names = supplied_names(batches);
  const std::string rows = files_sql(env, bronze.path, bronze.schema, {}, bronze.files);
  // Each file's period is the one most of its rows are in; the expected ones lie in between.
  const std::string sql = fmt::format(
      "WITH counted AS (SELECT _file_id, CAST(date_trunc('{0}', {1}) AS DATE) AS period, count(*) "
      "AS n FROM ({2}) WHERE {1} IS NOT NULL GROUP BY ALL), of_file AS (SELECT _file_id, period "
      "FROM counted QUALIFY row_number() OVER (PARTITION BY _file_id ORDER BY n DESC, period) = "
      "1), "
      "expected AS (SELECT CAST(unnest(generate_series(min(period), max(period), INTERVAL 1 {0})) "
      "AS DATE) AS period FROM of_file) SELECT CAST(expected.period AS VARCHAR), "
      "coalesce(_file_id, '') FROM expected LEFT JOIN of_file USING (period) ORDER BY ALL",
      every, quote_name(source.cadence.day_column), rows);
  BULLION_TRY_ASSIGN(const engine::Rows answer, env.engine.query(sql));
  std::map<std::string, std::vector<std::string>> supplied;
  for (const auto& row : answer.rows) {
    std::vector<std::string>& files = supplied[engine::to_text(row.at(0))];
    const auto found = names.find(engine::to_text(row.at(1)));
    if (found == names.end()) continue;
    files.insert(files.end(), found->second.begin(), found->second.end());
  }
  for (const auto& [first_day, files] : supplied) {
    if (files.size() == 1) continue;
    const std::string period = period_text(first_day, every);
    events.push_back({files.empty() ? "period_missing" : "period_supplied_twice",
                      source.contract.name, "", files.empty() ? "" : files.back(), period,
                      files.empty()
                          ? fmt::format("no file's rows are mostly of the {} {}", every, period)
                          : fmt::format("the rows of {} files are mostly of the {} {}: {}",
                                        files.size(), every, period, fmt::join(files, ", "))});
  }
  return events;
}

}  // namespace bullion::pipeline
