#include "reader/reader.h"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "engine/duckdb/duckdb_engine.h"
#include "pipeline/ops_tables.h"
#include "pipeline/outside_tables.h"
#include "release/store.h"
#include "table/table.h"

namespace bullion::reader {

using engine::quote_name;

namespace {

/// Results, texts and caches come on top, and queries in processes of their own: together 2 GiB.
constexpr int64_t kReadingMemoryBytes = int64_t{896} << 20;

/// Columns of ops and quarantine that hold the path of a file, or a sentence that may name one.
constexpr auto kPathColumns = std::to_array<std::string_view>({"file", "member", "name"});
constexpr auto kSentenceColumns =
    std::to_array<std::string_view>({"command", "detail", "reasons", "sample", "subject"});

/// The newest, the ones it is compared with, and those of people who have not reloaded.
constexpr size_t kReleasesKept = 8;

}  // namespace

Result<std::unique_ptr<engine::Engine>> reading_engine(const pipeline::Environment& env,
                                                       engine::EngineOptions options) {
  options.only_folders = {env.lake.location("tables")};
  if (options.memory_limit_bytes == 0) options.memory_limit_bytes = kReadingMemoryBytes;
  return engine::duckdb_engine(options);
}

Result<release::TableVersion> find_table(const release::Record& record, const std::string& name) {
  const auto found = record.tables.find(name);
  if (found != record.tables.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [table, version] : record.tables) names.push_back(table);
  return not_found(fmt::format("release {} has no table `{}`{}; it has {}", record.number, name,
                               did_you_mean(name, names), fmt::join(names, ", ")));
}

OpenRelease::~OpenRelease() {
  if (!has_schema_) return;
  // Queries that run go on with what they have bound; a schema that stays behind costs some bytes.
  [[maybe_unused]] const Status dropped =
      engine_.execute("DROP SCHEMA IF EXISTS " + quote_name(schema_) + " CASCADE");
}

Status OpenRelease::make_schema() {
  const std::lock_guard lock(mutex_);
  return make_schema_locked();
}

Status OpenRelease::make_schema_locked() {
  if (has_schema_) return ok();
  BULLION_TRY(engine_.execute("CREATE SCHEMA " + quote_name(schema_)));
  has_schema_ = true;
  return ok();
}

Status OpenRelease::create_view(const std::string& name, const std::string& sql) {
  BULLION_TRY(make_schema_locked());
  return engine_.execute(
      fmt::format("CREATE VIEW {}.{} AS {}", quote_name(schema_), quote_name(name), sql));
}

Result<std::shared_ptr<const OpenTable>> OpenRelease::table(const std::string& name) {
  const std::lock_guard lock(mutex_);
  const auto found = tables_.find(name);
  if (found != tables_.end()) return found->second;
  OpenTable table;
  table.name = name;
  BULLION_TRY_ASSIGN(table.version, find_table(record_, name));
  BULLION_TRY_ASSIGN(table.snapshot, env_.log(table.version.path).snapshot(table.version.version));
  const delta::Snapshot& snapshot = table.snapshot;
  BULLION_TRY(
      create_view(name, pipeline::files_sql(env_, table.version.path, snapshot.metadata.schema,
                                            snapshot.metadata.partition_columns, snapshot.files)));
  table.relation = quote_name(schema_) + "." + quote_name(name);
  auto opened = std::make_shared<const OpenTable>(std::move(table));
  tables_.emplace(name, opened);
  return opened;
}

Result<std::string> OpenRelease::relation_with_positions(const std::string& name) {
  BULLION_TRY_ASSIGN(const auto opened, table(name));
  const std::lock_guard lock(mutex_);
  const auto found = with_positions_.find(name);
  if (found != with_positions_.end()) return found->second;
  const delta::Snapshot& snapshot = opened->snapshot;
  // No table of a project has a blank in its name.
  const std::string view = name + " with positions";
  BULLION_TRY(create_view(
      view, pipeline::files_sql(env_, opened->version.path, snapshot.metadata.schema,
                                snapshot.metadata.partition_columns, snapshot.files, true)));
  const std::string relation = quote_name(schema_) + "." + quote_name(view);
  with_positions_.emplace(name, relation);
  return relation;
}

Result<std::optional<int64_t>> Reader::newest() const {
  const release::Store store(env_.lake, env_.clock, nullptr);
  BULLION_TRY_ASSIGN(const auto latest, store.latest());
  if (!latest) return std::optional<int64_t>();
  return std::optional(latest->number);
}

Result<std::shared_ptr<OpenRelease>> Reader::release(std::optional<int64_t> number) {
  const release::Store store(env_.lake, env_.clock, nullptr);
  std::optional<release::Record> record;
  if (!number) {
    BULLION_TRY_ASSIGN(record, store.latest());
    if (!record) return not_found("the lake has no release yet; `bullion run` publishes the first");
    number = record->number;
  }
  const std::lock_guard lock(mutex_);
  const auto found = std::ranges::find(open_, *number, &OpenRelease::number);
  if (found != open_.end()) {
    open_.splice(open_.begin(), open_, found);
    return open_.front();
  }
  if (!record) {
    BULLION_TRY_ASSIGN(record, store.get(*number));
  }
  open_.push_front(std::make_shared<OpenRelease>(env_, engine_, *std::move(record),
                                                 fmt::format("r{}_{}", *number, ++schemas_made_)));
  if (open_.size() > kReleasesKept) open_.pop_back();
  return open_.front();
}

std::string Reader::shown_path(const std::string& path) const {
  if (paths_ == Paths::Whole || !path.starts_with('/')) return path;
  const std::string inside = project_.folder + "/";
  if (path.starts_with(inside)) return path.substr(inside.size());
  return path.substr(path.rfind('/') + 1);
}

std::string Reader::shown_rows(const delta::Schema& schema, const std::string& rows) const {
  if (paths_ == Paths::Whole) return rows;
  const std::string inside = engine::quote_text(project_.folder + "/");
  std::vector<std::string> shown;
  for (const delta::Column& column : schema) {
    const std::string name = quote_name(column.name);
    if (std::ranges::find(kPathColumns, column.name) != kPathColumns.end()) {
      shown.push_back(fmt::format(
          "CASE WHEN starts_with({0}, {1}) THEN substr({0}, length({1}) + 1) WHEN starts_with({0}, "
          "'/') THEN regexp_extract({0}, '[^/]*$') ELSE {0} END AS {0}",
          name, inside));
    } else if (std::ranges::find(kSentenceColumns, column.name) != kSentenceColumns.end()) {
      shown.push_back(fmt::format("replace({0}, {1}, '') AS {0}", name, inside));
    }
  }
  if (shown.empty()) return rows;
  return fmt::format("SELECT * REPLACE ({}) FROM ({})", fmt::join(shown, ", "), rows);
}

Result<std::optional<std::string>> Reader::outside_rows(const std::string& layer,
                                                        const std::string& name) const {
  const std::string path = pipeline::table_path(layer, name);
  const auto snapshot = env_.log(path).snapshot();
  if (!snapshot && snapshot.error().kind() == ErrorKind::NotFound) {
    return std::optional<std::string>();
  }
  BULLION_TRY(snapshot);
  const delta::Metadata& metadata = snapshot->metadata;
  return std::optional(shown_rows(
      metadata.schema, pipeline::files_sql(env_, path, metadata.schema, metadata.partition_columns,
                                           snapshot->files)));
}

std::optional<delta::Schema> Reader::outside_schema(const std::string& layer,
                                                    const std::string& name) const {
  if (layer == "quarantine") {
    return project_.find_source(name) == nullptr ? std::nullopt
                                                 : std::optional(pipeline::quarantine_schema());
  }
  const std::map<std::string, delta::Schema> ops = pipeline::ops_schemas();
  const auto found = ops.find(name);
  return layer != "ops" || found == ops.end() ? std::nullopt : std::optional(found->second);
}

Result<bool> Reader::open_outside(const std::string& layer, const std::string& name) {
  const std::string path = pipeline::table_path(layer, name);
  const std::lock_guard lock(mutex_);
  BULLION_TRY_ASSIGN(const auto version, env_.log(path).latest_version());
  if (!version) {
    const auto schema = outside_schema(layer, name);
    if (!schema) return false;
    BULLION_TRY(pipeline::create_empty_view(engine_, layer, name, *schema));
    return true;
  }
  const auto known = outside_versions_.find(path);
  if (known != outside_versions_.end() && known->second == *version) return true;
  BULLION_TRY_ASSIGN(const auto rows, outside_rows(layer, name));
  if (!rows) return false;
  BULLION_TRY(engine_.execute("CREATE SCHEMA IF NOT EXISTS " + quote_name(layer)));
  BULLION_TRY(engine_.execute(fmt::format("CREATE OR REPLACE VIEW {}.{} AS {}", quote_name(layer),
                                          quote_name(name), *rows)));
  outside_versions_[path] = *version;
  return true;
}

}  // namespace bullion::reader
