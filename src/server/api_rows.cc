// GET /tables/{table}/export and /tables/{table}/trace.
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "base/sha256.h"
#include "exports/export.h"
#include "reader/explain.h"
#include "reader/exporting.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

using reader::OpenRelease;

constexpr std::array<FileForm, 3> kForms = {{
    {"csv", "text/csv"},
    {"parquet", "application/vnd.apache.parquet"},
    {"xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
}};

/// A file of this process that goes away with its last owner.
struct TemporaryFile {
  TemporaryFile() = default;
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile() {
    std::error_code ignored;
    if (!folder.empty()) std::filesystem::remove_all(folder, ignored);
  }
  std::filesystem::path folder;
  std::string path;
};

Result<std::shared_ptr<TemporaryFile>> temporary_file() {
  auto file = std::make_shared<TemporaryFile>();
  std::error_code fault;
  std::string pattern =
      (std::filesystem::temp_directory_path(fault) / "bullion-export-XXXXXX").string();
  if (fault || mkdtemp(pattern.data()) == nullptr) {
    return io_error("there is no place for a temporary file; free some space");
  }
  file->folder = pattern;
  file->path = (file->folder / "export").string();
  return file;
}

Status send_file(const std::string& path, const ByteSink& sink) {
  std::ifstream file(path, std::ios::binary);
  constexpr size_t kBlock = 1 << 16;
  std::string block(kBlock, '\0');
  while (file) {
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    const auto read = static_cast<size_t>(file.gcount());
    if (read > 0) BULLION_TRY(sink(std::string_view(block).substr(0, read)));
  }
  return file.eof() ? ok() : Status(io_error("a temporary file could not be read"));
}

/// Files have all the time that their reader takes, but end with him.
engine::QueryLimits limits_of_file(const Request& request) {
  return {.timeout_us = 0, .rows_max = 0, .cancelled = request.gone};
}

}  // namespace

Result<FileForm> form_parameter(const Request& request) {
  const auto name = request.query_value("format");
  for (const FileForm& form : kForms) {
    if (name == form.name) return form;
  }
  return invalid(name ? fmt::format("format is `{}`; expected csv, parquet or xlsx", *name)
                      : std::string("format is missing; expected csv, parquet or xlsx"));
}

std::string etag_of_request(const Request& request, int64_t release) {
  std::string text = request.path + "\n" + pipeline::kProgramVersion;
  for (const auto& [name, value] : request.query) text += fmt::format("\n{}={}", name, value);
  constexpr size_t kDigits = 16;
  return fmt::format("\"r{}-{}\"", release, sha256_hex(text).substr(0, kDigits));
}

engine::Engine& engine_of_file(const reader::Reader& reader, const FileForm& form) {
  // Writing Parquet is the engine's work, and the one for requests may write nowhere.
  return std::string_view(form.name) == "parquet" ? reader.env().engine : reader.engine();
}

Response file_answer(const reader::Reader& reader, const Request& request, const FileForm& form,
                     const std::string& name, exports::Request wanted,
                     std::shared_ptr<void> keep_alive) {
  // Where the lake is on this machine is nobody's business; which lake it is, is.
  wanted.provenance.lake = wanted.provenance.project;
  wanted.provenance.user = request.user;
  Response response{.content_type = form.content_type};
  response.with_header("Content-Disposition",
                       fmt::format("attachment; filename=\"{}.{}\"", name, form.name));
  std::shared_ptr<engine::Engine> engine =
      engine::limited_engine(engine_of_file(reader, form), limits_of_file(request));
  if (std::string_view(form.name) == "csv") {
    response.stream = [engine = std::move(engine), wanted = std::move(wanted),
                       keep_alive = std::move(keep_alive)](const ByteSink& sink) -> Status {
      BULLION_TRY(exports::export_csv(*engine, wanted, {}, sink, {}));
      return ok();
    };
    return response;
  }
  BULLION_SERVER_ASSIGN(const auto file, temporary_file(), request);
  const bool is_parquet = std::string_view(form.name) == "parquet";
  const auto written = is_parquet ? exports::export_parquet(*engine, wanted, file->path)
                                  : exports::export_xlsx(*engine, wanted, {}, file->path, {});
  BULLION_SERVER_TRY(written, request);
  response.stream = [file](const ByteSink& sink) { return send_file(file->path, sink); };
  return response;
}

namespace {

Response export_table(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"format", "release", "columns", "sort", "filter"}),
                     request);
  BULLION_SERVER_ASSIGN(const FileForm form, form_parameter(request), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  BULLION_SERVER_ASSIGN(const auto columns, list_parameter(request, "columns"), request);
  BULLION_SERVER_ASSIGN(const auto sort, list_parameter(request, "sort"), request);
  BULLION_SERVER_ASSIGN(const auto filters, filter_parameters(request), request);
  BULLION_SERVER_ASSIGN(const auto open, api.reader().release(release), request);
  BULLION_SERVER_ASSIGN(const auto table, open->table(request.parameters.at("table")), request);
  BULLION_SERVER_ASSIGN(exports::Request wanted,
                        reader::export_request(api.reader(), *open, *table, columns, sort, filters),
                        request);
  const std::string etag = etag_of_request(request, open->number());
  if (request.has_etag(etag)) return not_modified(etag);
  if (std::string_view(form.name) == "parquet") {
    // Views are the other engine's.
    const delta::Metadata& metadata = table->snapshot.metadata;
    wanted.relation_sql =
        pipeline::files_sql(api.reader().env(), table->version.path, metadata.schema,
                            metadata.partition_columns, table->snapshot.files);
  }
  Response response =
      file_answer(api.reader(), request, form, fmt::format("{}-r{}", table->name, open->number()),
                  std::move(wanted), open);
  if (response.status == 200) response.with_header("ETag", etag);
  return response;
}

Json amount_or_null(const std::optional<Decimal>& amount) {
  return amount ? Json(to_string(*amount)) : Json(nullptr);
}

Json level_json(const pipeline::TraceLevel& level) {
  Json sample = Json::array();
  for (const auto& row : level.sample.rows) {
    Json cells = Json::array();
    for (const engine::Value& value : row) {
      cells.push_back(is_null(value) ? Json(nullptr) : Json(engine::to_text(value)));
    }
    sample.push_back(std::move(cells));
  }
  Json filter = Json::object();
  for (const auto& [column, value] : level.filter) filter[column] = value;
  return {{"table", level.table},
          {"layer", level.layer},
          {"above", level.above < 0 ? Json(nullptr) : Json(level.above)},
          {"inputs", level.inputs},
          {"version", level.version},
          {"filter", filter},
          {"conditions", level.conditions},
          {"rows", level.rows},
          {"amount_column", text_or_null(level.amount_column)},
          {"amount", amount_or_null(level.amount)},
          {"agrees", level.agrees ? Json(*level.agrees) : Json(nullptr)},
          {"notes", level.notes},
          {"columns", delta::column_names(level.sample.schema)},
          {"sample", sample}};
}

Json record_json(const reader::Reader& reader, const pipeline::TracedRecord& record) {
  return {{"key", record.key},
          {"state", to_string(record.state)},
          {"file", reader.shown_path(record.file)},
          {"file_id", record.file_id},
          {"record", record.record},
          {"line", record.line},
          {"raw", record.raw},
          {"amount", amount_or_null(record.amount)}};
}

Result<std::map<std::string, std::string>> trace_filter(const Request& request) {
  BULLION_TRY_ASSIGN(const auto filters, filter_parameters(request));
  std::map<std::string, std::string> equal;
  for (const metrics::Filter& filter : filters) {
    const bool is_equal = filter.op == metrics::FilterOp::Eq && filter.values.size() == 1;
    if (!is_equal && filter.op != metrics::FilterOp::Null) {
      return invalid(fmt::format("filter {}: a trace follows `column:eq:value` and `column:null:`",
                                 to_string(filter)));
    }
    equal[filter.column] = is_equal ? filter.values.front() : "";
  }
  return equal;
}

Response trace_table(Api& api, const Request& request) {
  BULLION_SERVER_TRY(check_parameters(request, {"release", "limit", "filter", "through"}), request);
  BULLION_SERVER_ASSIGN(const auto release, release_parameter(request), request);
  BULLION_SERVER_ASSIGN(const auto through, list_parameter(request, "through"), request);
  BULLION_SERVER_ASSIGN(const auto limit, number_parameter(request, "limit", 1, 200), request);
  BULLION_SERVER_ASSIGN(const auto filter, trace_filter(request), request);
  constexpr int64_t kShown = 20;
  return release_answer(api, request, release, [&](OpenRelease& open) -> Result<std::string> {
    BULLION_TRY_ASSIGN(
        const pipeline::TraceOutcome outcome,
        reader::trace_rows(api.reader(), open.record(), request.parameters.at("table"), filter,
                           limit.value_or(kShown), through, limits_of(api, request)));
    Json levels = Json::array();
    for (const auto& level : outcome.levels) levels.push_back(level_json(level));
    Json records = Json::array();
    for (const auto& record : outcome.records) records.push_back(record_json(api.reader(), record));
    return json_text({{"release", outcome.release},
                      {"sums_agree", outcome.sums_agree()},
                      {"verdict", to_string(outcome.verdict)},
                      {"limited", outcome.limited},
                      {"notes", outcome.notes},
                      {"levels", levels},
                      {"records", records}});
  });
}

}  // namespace

void add_row_routes(Router& router, Api& api) {
  router.add("GET", "/tables/{table}/export",
             [&api](const Request& request) { return export_table(api, request); });
  router.add("GET", "/tables/{table}/trace",
             [&api](const Request& request) { return trace_table(api, request); });
}

}  // namespace bullion::server
