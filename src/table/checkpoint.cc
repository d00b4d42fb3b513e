// Classic checkpoints, written and read with the engine's SQL.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "table/relation_internal.h"
#include "table/scratch_folder_internal.h"
#include "table/table.h"

namespace bullion::table {
namespace {

using engine::quote_name;
using engine::quote_text;

struct Field {
  std::string_view name;
  std::string_view type;
};

/// One nullable struct column of a checkpoint. A row holds the action whose `required` field is
/// there.
struct ActionColumn {
  std::string_view name;
  std::string_view required;
  std::vector<Field> fields;
};

// The columns in Spark's order. What other writers add (parsed stats, row ids) is neither written
// nor read. `deletionVector` is read, so that the feature check can see it, and never written.
const std::vector<ActionColumn>& action_columns() {
  static const std::vector<ActionColumn> kColumns = {
      {"txn", "appId", {{"appId", "VARCHAR"}, {"version", "BIGINT"}, {"lastUpdated", "BIGINT"}}},
      {"add",
       "path",
       {{"path", "VARCHAR"},
        {"partitionValues", "MAP(VARCHAR, VARCHAR)"},
        {"size", "BIGINT"},
        {"modificationTime", "BIGINT"},
        {"dataChange", "BOOLEAN"},
        {"tags", "MAP(VARCHAR, VARCHAR)"},
        {"stats", "VARCHAR"}}},
      {"remove",
       "path",
       {{"path", "VARCHAR"},
        {"deletionTimestamp", "BIGINT"},
        {"dataChange", "BOOLEAN"},
        {"extendedFileMetadata", "BOOLEAN"},
        {"partitionValues", "MAP(VARCHAR, VARCHAR)"},
        {"size", "BIGINT"}}},
      {"metaData",
       "schemaString",
       {{"id", "VARCHAR"},
        {"name", "VARCHAR"},
        {"description", "VARCHAR"},
        {"format", "STRUCT(\"provider\" VARCHAR, \"options\" MAP(VARCHAR, VARCHAR))"},
        {"schemaString", "VARCHAR"},
        {"partitionColumns", "VARCHAR[]"},
        {"configuration", "MAP(VARCHAR, VARCHAR)"},
        {"createdTime", "BIGINT"}}},
      {"protocol",
       "minReaderVersion",
       {{"minReaderVersion", "INTEGER"},
        {"minWriterVersion", "INTEGER"},
        {"readerFeatures", "VARCHAR[]"},
        {"writerFeatures", "VARCHAR[]"}}},
  };
  return kColumns;
}

constexpr std::string_view kDeletionVector = "deletionVector";

std::string struct_type(const ActionColumn& column) {
  std::string fields;
  for (const Field& field : column.fields) {
    fields +=
        fmt::format("{}{} {}", fields.empty() ? "" : ", ", quote_name(field.name), field.type);
  }
  return "STRUCT(" + fields + ")";
}

bool has_name(const std::vector<engine::BoundColumn>& columns, std::string_view name) {
  return std::ranges::find(columns, name, &engine::BoundColumn::name) != columns.end();
}

// Copies in parts, so that a checkpoint need not fit in memory.
Status copy_file(const storage::FileSystem& from, const std::string& from_path,
                 storage::FileSystem& to, const std::string& to_path) {
  BULLION_TRY_ASSIGN(const auto reader, from.open(from_path));
  BULLION_TRY_ASSIGN(const auto writer, to.create_stream(to_path));
  std::string buffer(size_t{1} << 20, '\0');
  while (true) {
    BULLION_TRY_ASSIGN(const size_t count, reader->read(buffer.data(), buffer.size()));
    if (count == 0) return writer->finish();
    BULLION_TRY(writer->append(std::string_view(buffer).substr(0, count)));
  }
}

class EngineCheckpointCodec final : public delta::CheckpointCodec {
 public:
  explicit EngineCheckpointCodec(engine::Engine& engine) : engine_(engine) {}

  Result<delta::Commit> read(const storage::FileSystem& files, const std::string& path) override {
    std::string location = files.location(path);
    std::unique_ptr<ScratchFolder> scratch;
    if (!location.starts_with('/')) {
      BULLION_TRY_ASSIGN(scratch, ScratchFolder::make());
      BULLION_TRY(copy_file(files, path, scratch->files(), "checkpoint"));
      location = scratch->files().location("checkpoint");
    }
    auto actions = read_location(location);
    if (!actions && actions.error().kind() != ErrorKind::Io) {
      return corrupt("the checkpoint " + files.location(path) +
                     " cannot be read: " + actions.error().message());
    }
    return actions;
  }

  Status write(storage::FileSystem& files, const std::string& path,
               const delta::Commit& actions) override {
    BULLION_TRY_ASSIGN(const auto scratch, ScratchFolder::make());
    BULLION_TRY_ASSIGN(const std::string json, checkpoint_json(actions));
    BULLION_TRY(scratch->files().create("actions.json", json));
    std::vector<std::string> names;
    std::vector<std::string> types;
    for (const ActionColumn& column : action_columns()) {
      names.push_back(quote_name(column.name));
      types.push_back(quote_text(column.name) + ": " + quote_text(struct_type(column)));
    }
    BULLION_TRY(engine_.execute(fmt::format(
        "COPY (SELECT {} FROM read_json({}, format = 'newline_delimited', "
        "maximum_object_size = {}, columns = {{{}}})) TO {} (FORMAT parquet, COMPRESSION snappy)",
        fmt::join(names, ", "),
        quote_text(literal_pattern(scratch->files().location("actions.json"))), longest_line(json),
        fmt::join(types, ", "), quote_text(scratch->files().location("checkpoint")))));
    return copy_file(scratch->files(), "checkpoint", files, path);
  }

 private:
  static Result<std::string> checkpoint_json(const delta::Commit& actions) {
    delta::Commit copy = actions;
    copy.info.reset();
    for (delta::AddFile& add : copy.adds) {
      if (!add.deletion_vector_json.empty()) {
        return internal_error("a checkpoint with deletion vectors cannot be written: " + add.path);
      }
      // A checkpoint changes nothing; that is what readers of changes look at.
      add.data_change = false;
    }
    for (delta::RemoveFile& remove : copy.removes) remove.data_change = false;
    return delta::commit_to_json(copy);
  }

  // The engine must hold a line in memory; the schema of a wide table can pass its default.
  static size_t longest_line(std::string_view json) {
    constexpr size_t kLineMin = size_t{1} << 20;
    size_t longest = kLineMin;
    for (size_t start = 0; start < json.size();) {
      const size_t end = std::min(json.find('\n', start), json.size());
      longest = std::max(longest, end - start + 1);
      start = end + 1;
    }
    return longest;
  }

  Result<delta::Commit> read_location(const std::string& location) {
    const std::string scan = fmt::format("read_parquet({}, hive_partitioning = false)",
                                         quote_text(literal_pattern(location)));
    BULLION_TRY_ASSIGN(const auto present, engine_.bind("SELECT * FROM " + scan));
    delta::Commit commit;
    for (const ActionColumn& column : action_columns()) {
      if (!has_name(present, column.name)) continue;
      BULLION_TRY_ASSIGN(const std::string sql, actions_sql(column, scan));
      if (!sql.empty()) BULLION_TRY(read_actions(sql, commit));
    }
    return commit;
  }

  // A SELECT of one JSON action per row, of those fields that this file has; "" without any row.
  Result<std::string> actions_sql(const ActionColumn& column, const std::string& scan) {
    const std::string name = quote_name(column.name);
    BULLION_TRY_ASSIGN(const auto present,
                       engine_.bind(fmt::format("SELECT {}.* FROM {}", name, scan)));
    if (!has_name(present, column.required)) return std::string();
    std::vector<std::string> fields;
    const auto add_field = [&](std::string_view field) {
      if (!has_name(present, field)) return;
      fields.push_back(fmt::format("{} := {}.{}", quote_name(field), name, quote_name(field)));
    };
    for (const Field& field : column.fields) add_field(field.name);
    if (column.name == "add") add_field(kDeletionVector);
    return fmt::format(
        "SELECT CAST(to_json(struct_pack({} := struct_pack({}))) AS VARCHAR) FROM {} "
        "WHERE {}.{} IS NOT NULL",
        name, fmt::join(fields, ", "), scan, name, quote_name(column.required));
  }

  Status read_actions(const std::string& sql, delta::Commit& commit) {
    constexpr size_t kBatchBytes = size_t{8} << 20;
    std::string lines;
    const auto no_schema = [](const delta::Schema&) { return ok(); };
    BULLION_TRY(
        engine_.stream(sql, no_schema, [&](const std::vector<engine::Value>& row) -> Status {
          const auto* line = row.size() == 1 ? std::get_if<std::string>(row.data()) : nullptr;
          if (line == nullptr)
            return internal_error("the engine answered an action that is no text");
          lines += *line;
          lines += '\n';
          if (lines.size() < kBatchBytes) return ok();
          return parse_lines(lines, commit);
        }));
    return parse_lines(lines, commit);
  }

  static Status parse_lines(std::string& lines, delta::Commit& commit) {
    BULLION_TRY_ASSIGN(delta::Commit part, delta::commit_from_json(lines));
    lines.clear();
    if ((part.metadata && commit.metadata) || (part.protocol && commit.protocol)) {
      return corrupt("it has a second metaData or protocol");
    }
    if (part.metadata) commit.metadata = std::move(part.metadata);
    if (part.protocol) commit.protocol = std::move(part.protocol);
    const auto move_all = [](auto& from, auto& to) {
      to.insert(to.end(), std::make_move_iterator(from.begin()),
                std::make_move_iterator(from.end()));
    };
    move_all(part.adds, commit.adds);
    move_all(part.removes, commit.removes);
    move_all(part.txns, commit.txns);
    return ok();
  }

  engine::Engine& engine_;
};

}  // namespace

std::unique_ptr<delta::CheckpointCodec> checkpoint_codec(engine::Engine& engine) {
  return std::make_unique<EngineCheckpointCodec>(engine);
}

}  // namespace bullion::table
