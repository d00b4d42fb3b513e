#include "pipeline/coverage.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace bullion::pipeline {

using engine::quote_name;
using engine::quote_text;

std::string path_of_file(const std::vector<ingest::Batch>& batches, const std::string& file_id) {
  for (const ingest::Batch& batch : batches) {
    for (const ingest::LandedFile& file : batch.files) {
      if (file.file_id == file_id) return file.original_path;
    }
  }
  return file_id;
}

Result<std::string> coverage_sql(const StepContext& ctx, const project::Source& source,
                                 const std::string& rows) {
  BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(ctx.env.lake, source.contract.name));
  std::vector<std::string> files;
  const auto add = [&](const std::string& file_id, const std::string& path) {
    files.push_back(fmt::format("({}, {}, {})", quote_text(file_id), quote_text(path),
                                quote_text(path.substr(path.rfind('/') + 1))));
  };
  for (const ingest::Batch& batch : batches) {
    for (const ingest::LandedFile& file : batch.files) add(file.file_id, file.original_path);
    // The manifest may name the bytes as any of the names that they came under.
    for (const ingest::DuplicateFile& file : batch.duplicates) {
      add(file.sha256.substr(0, 16), file.original_path);
    }
  }
  if (files.empty()) files.emplace_back("(NULL, NULL, NULL)");
  const project::SnapshotManifest& manifest = source.snapshot.manifest;
  // The last part of the name joins quickly; the whole path decides.
  return fmt::format(
      "SELECT DISTINCT landed.file_id, listed.{start} AS first_day, listed.{end} AS last_day FROM "
      "({rows}) AS listed JOIN (VALUES {files}) AS landed(file_id, path, name) ON landed.name = "
      "regexp_extract(listed.{file}, '[^/]*$') AND ends_with('/' || landed.path, '/' || "
      "ltrim(listed.{file}, '/'))",
      fmt::arg("start", quote_name(manifest.start_column)),
      fmt::arg("end", quote_name(manifest.end_column)),
      fmt::arg("file", quote_name(manifest.file_column)), fmt::arg("rows", rows),
      fmt::arg("files", fmt::join(files, ", ")));
}

Result<std::string> coverage_sql(const StepContext& ctx, const project::Source& source) {
  return coverage_sql(ctx, source, input_sql(ctx, source.snapshot.manifest.source));
}

Result<std::vector<FileEvent>> manifest_events(const StepContext& ctx,
                                               const project::Source& source) {
  std::vector<FileEvent> events;
  if (source.snapshot.covers != project::Snapshot::Covers::Manifest) return events;
  const std::string& name = source.contract.name;
  BULLION_TRY_ASSIGN(const std::string covers, coverage_sql(ctx, source));
  BULLION_TRY_ASSIGN(
      const engine::Rows waiting,
      ctx.env.engine.query(fmt::format(
          "SELECT _file_id, any_value(_batch_id), count(*) FROM ({}) AS rows ANTI JOIN ({}) AS "
          "covers ON covers.file_id = rows._file_id GROUP BY _file_id ORDER BY ALL",
          input_sql(ctx, name), covers)));
  if (waiting.rows.empty()) return events;
  BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(ctx.env.lake, name));
  for (const auto& row : waiting.rows) {
    const std::string path = path_of_file(batches, engine::to_text(row.at(0)));
    events.push_back(
        {"manifest_missing", name, engine::to_text(row.at(1)), path,
         source.snapshot.manifest.source,
         fmt::format("its {} rows wait: no row of `{}` has `{}` in `{}`; deliver the "
                     "file's manifest, or withdraw the file",
                     engine::to_text(row.at(2)), source.snapshot.manifest.source,
                     path.substr(path.rfind('/') + 1), source.snapshot.manifest.file_column)});
  }
  return events;
}

}  // namespace bullion::pipeline
