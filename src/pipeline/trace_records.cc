#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "ingest/ingest.h"
#include "pipeline/trace_records_internal.h"

namespace bullion::pipeline {
namespace {

using engine::quote_text;

/// Rejected record numbers of the given files, sorted, by file.
Result<std::map<std::string, std::vector<int64_t>>> rejected_records(
    const Environment& env, const std::string& source, const std::string& source_hash,
    const std::set<std::string>& file_ids) {
  std::map<std::string, std::vector<int64_t>> rejected;
  const std::string path = table_path("quarantine", source);
  BULLION_TRY_ASSIGN(const auto version, env.log(path).latest_version());
  if (!version) return rejected;
  BULLION_TRY_ASSIGN(const std::string sql, table_sql_at(env, path, *version));
  std::vector<std::string> ids;
  for (const std::string& id : file_ids) ids.push_back(quote_text(id));
  BULLION_TRY_ASSIGN(
      const engine::Rows rows,
      env.engine.query(fmt::format("SELECT DISTINCT file_id, record FROM ({}) AS quarantine WHERE "
                                   "record > 0 AND source_hash = "
                                   "{} AND file_id IN ({}) ORDER BY file_id, record",
                                   sql, quote_text(source_hash), fmt::join(ids, ", "))));
  for (const auto& row : rows.rows) {
    rejected[engine::to_text(row.at(0))].push_back(std::get<int64_t>(row.at(1)));
  }
  return rejected;
}

/// Reads the wanted records of one landed file and fills its rows.
Status read_file_records(const Environment& env, const project::Source& source,
                         const ingest::LandedFile& file, const std::vector<BronzeRow*>& rows,
                         std::vector<std::string>& notes) {
  std::set<int64_t> wanted;
  for (const BronzeRow* row : rows) wanted.insert(row->traced.record);
  auto found = ingest::find_records(env.lake, source, file, {wanted.begin(), wanted.end()});
  if (!found) {
    if (found.error().kind() == ErrorKind::Internal) return std::move(found).error();
    notes.push_back(fmt::format("lines and texts of {} are not shown: {}", file.original_path,
                                found.error().message()));
    return ok();
  }
  std::map<int64_t, const ingest::RecordText*> texts;
  for (const ingest::RecordText& text : *found) texts[text.record] = &text;
  for (BronzeRow* row : rows) {
    const auto text = texts.find(row->traced.record);
    if (text == texts.end()) {
      notes.push_back(
          fmt::format("{} has no record {} any more", file.original_path, row->traced.record));
      continue;
    }
    row->traced.line = text->second->line;
    row->traced.raw = text->second->raw;
  }
  return ok();
}

}  // namespace

int64_t record_number(int64_t position, const std::vector<int64_t>& rejected) {
  int64_t record = position + 1;
  for (const int64_t gone : rejected) {
    if (gone > record) break;
    ++record;
  }
  return record;
}

namespace {

/// A row of a source that keeps rejected records is one entry of the quarantine: the k-th row of a
/// file its k-th entry.
Status find_rejected_records(const Environment& env, const project::Source& source,
                             const release::Record& release, std::vector<BronzeRow>& rows) {
  const auto consumed = release.sources.find(source.rejects_of);
  const std::string path = table_path("quarantine", source.rejects_of);
  BULLION_TRY_ASSIGN(const auto version, env.log(path).latest_version());
  if (!version || consumed == release.sources.end()) return ok();
  BULLION_TRY_ASSIGN(const std::string sql, table_sql_at(env, path, *version));
  BULLION_TRY_ASSIGN(
      const engine::Rows entries,
      env.engine.query(fmt::format("SELECT DISTINCT file_id, record, line, raw, file FROM ({}) AS "
                                   "quarantine WHERE source_hash = {} ORDER BY file_id, record",
                                   sql, quote_text(consumed->second.source_hash))));
  std::map<std::string, std::vector<const std::vector<engine::Value>*>> by_file;
  for (const auto& entry : entries.rows) by_file[engine::to_text(entry.at(0))].push_back(&entry);
  for (BronzeRow& row : rows) {
    const auto& of_file = by_file[row.traced.file_id];
    if (row.position >= static_cast<int64_t>(of_file.size())) continue;
    const auto& entry = *of_file[static_cast<size_t>(row.position)];
    row.traced.record = std::get<int64_t>(entry.at(1));
    if (const auto* line = std::get_if<int64_t>(&entry.at(2))) row.traced.line = *line;
    row.traced.raw = engine::is_null(entry.at(3)) ? "" : engine::to_text(entry.at(3));
    row.traced.file = engine::to_text(entry.at(4));
  }
  return ok();
}

}  // namespace

Status find_source_records(const Environment& env, const project::Source& source,
                           const release::Record& release, std::vector<BronzeRow>& rows,
                           std::vector<std::string>& notes) {
  if (rows.empty()) return ok();
  if (!source.rejects_of.empty()) return find_rejected_records(env, source, release, rows);
  const std::string& name = source.contract.name;
  const auto consumed = release.sources.find(name);
  const std::string hash =
      consumed == release.sources.end() ? source.hash : consumed->second.source_hash;
  if (hash != source.hash) {
    notes.push_back(
        fmt::format("source {} is declared differently than in release {}: records are "
                    "read with today's declaration",
                    name, release.number));
  }
  std::map<std::string, std::vector<BronzeRow*>> by_file;
  std::set<std::string> file_ids;
  for (BronzeRow& row : rows) {
    by_file[row.traced.file_id].push_back(&row);
    file_ids.insert(row.traced.file_id);
  }
  BULLION_TRY_ASSIGN(const auto rejected, rejected_records(env, name, hash, file_ids));
  BULLION_TRY_ASSIGN(const auto batches, ingest::read_batches(env.lake, name));
  std::map<std::string, const ingest::LandedFile*> landed;
  for (const ingest::Batch& batch : batches) {
    for (const ingest::LandedFile& file : batch.files) landed.emplace(file.file_id, &file);
  }
  const std::vector<int64_t> none;
  for (auto& [file_id, file_rows] : by_file) {
    const auto gone = rejected.find(file_id);
    for (BronzeRow* row : file_rows) {
      row->traced.record =
          record_number(row->position, gone == rejected.end() ? none : gone->second);
    }
    const auto file = landed.find(file_id);
    if (file == landed.end()) {
      notes.push_back(fmt::format("no manifest of source {} names the file {}", name, file_id));
      continue;
    }
    for (BronzeRow* row : file_rows) row->traced.file = file->second->original_path;
    BULLION_TRY(read_file_records(env, source, *file->second, file_rows, notes));
  }
  return ok();
}

}  // namespace bullion::pipeline
