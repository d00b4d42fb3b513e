#include "pipeline/files_table.h"

#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/csv_text.h"
#include "base/date.h"
#include "ingest/ingest.h"
#include "project/project.h"

namespace bullion::pipeline {
namespace {

using engine::quote_name;

std::string name_of(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// A CSV field. An empty one is NULL, so that it has no quotes.
std::string field(const std::string& text) {
  std::string out;
  if (!text.empty()) append_csv_text(out, text);
  return out;
}

/// What the rows of a file say of it.
struct Content {
  std::string rows = "0";
  std::string month;
  std::string currency;
};

/// By file id. A file without a row in the source's table is not in it.
Result<std::map<std::string, Content>> contents_of(const StepContext& ctx,
                                                   const project::FilesOf& files) {
  const project::Source* source = ctx.project.find_source(files.source);
  if (source == nullptr) return internal_error("a table of files names no source");
  const std::string& currency = source->contract.currency_column;
  // Of the months and currencies that rows have, that of the most; of equal ones the first.
  BULLION_TRY_ASSIGN(
      const engine::Rows answer,
      ctx.env.engine.query(fmt::format(
          "WITH kept AS (SELECT _file_id, {} AS month, {} AS currency FROM ({}) AS all_rows), "
          "counted AS (SELECT _file_id, month, currency, count(*) AS n, grouping(month) AS of_all "
          "FROM kept GROUP BY GROUPING SETS ((_file_id, month), (_file_id, currency))) SELECT "
          "_file_id, CAST(sum(n) FILTER (of_all = 0) AS VARCHAR), coalesce(first(month ORDER BY n "
          "DESC, month) FILTER (month IS NOT NULL), ''), coalesce(first(currency ORDER BY n DESC, "
          "currency) FILTER (currency IS NOT NULL), '') FROM counted GROUP BY _file_id",
          files.day_column.empty()
              ? "NULL"
              : fmt::format("strftime({}, '%Y-%m')", quote_name(files.day_column)),
          currency.empty() ? engine::quote_text(ctx.project.currency) : quote_name(currency),
          input_sql(ctx, files.source))));
  std::map<std::string, Content> contents;
  for (const auto& row : answer.rows) {
    contents[engine::to_text(row.at(0))] = {engine::to_text(row.at(1)), engine::to_text(row.at(2)),
                                            engine::to_text(row.at(3))};
  }
  return contents;
}

/// One name under which bytes came.
struct Name {
  std::string sha256;
  std::string path;
  int64_t size = 0;
  std::string same_as;  ///< the first path of these bytes; "" for that one itself
};

/// The lines of one source, in the order in which the names came.
class SourceLines {
 public:
  SourceLines(std::set<std::string> withdrawn, std::map<std::string, Content> contents)
      : withdrawn_(std::move(withdrawn)), contents_(std::move(contents)) {}

  std::string of_batch(const ingest::Batch& batch) const {
    std::string lines;
    int64_t place = 0;
    for (const ingest::LandedFile& file : batch.files) {
      lines += line(batch, {file.sha256, file.original_path, file.size, ""}, ++place);
    }
    for (const ingest::DuplicateFile& file : batch.duplicates) {
      lines +=
          line(batch, {file.sha256, file.original_path, file.size, file.first_seen_as}, ++place);
    }
    return lines;
  }

 private:
  std::string line(const ingest::Batch& batch, const Name& name, int64_t place) const {
    const std::string file_id = name.sha256.substr(0, 16);
    const auto found = contents_.find(file_id);
    const Content content = found == contents_.end() ? Content{} : found->second;
    return fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n",
                       field(fmt::format("{}/{}", batch.batch_id, place)), batch.source, file_id,
                       name.sha256, field(name_of(name.path)), batch.batch_id,
                       format_timestamp(batch.received_at_us), name.size, content.rows,
                       field(content.month), field(content.currency), !name.same_as.empty(),
                       field(name_of(name.same_as)), withdrawn_.contains(file_id));
  }

  std::set<std::string> withdrawn_;
  std::map<std::string, Content> contents_;
};

}  // namespace

Result<std::string> files_table_csv(const StepContext& ctx, const project::Seed& table,
                                    const SeenBatches& seen) {
  std::string csv =
      fmt::format("{}\n", fmt::join(delta::column_names(table.contract.columns), ","));
  for (const project::FilesOf& files : table.files_of) {
    BULLION_TRY_ASSIGN(std::vector<ingest::Batch> batches,
                       ingest::read_batches(ctx.env.lake, files.source));
    const auto newest = seen.find(files.source);
    std::erase_if(batches, [&](const ingest::Batch& batch) {
      return newest == seen.end() || batch.sequence > newest->second;
    });
    if (batches.empty()) continue;
    BULLION_TRY_ASSIGN(auto contents, contents_of(ctx, files));
    const SourceLines lines(ingest::withdrawn_files(batches), std::move(contents));
    for (const ingest::Batch& batch : batches) csv += lines.of_batch(batch);
  }
  return csv;
}

}  // namespace bullion::pipeline
