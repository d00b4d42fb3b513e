// Files of a table as a SELECT.
#include <algorithm>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/sha256.h"
#include "table/relation_internal.h"
#include "table/table.h"

namespace bullion::table {
namespace {

using engine::quote_name;
using engine::quote_text;

constexpr std::string_view kFileColumn = "__bullion_file";
// The engine's option of that name adds it; it cannot be renamed.
constexpr std::string_view kPositionColumn = "file_row_number";

bool is_partition_column(const Relation& relation, const std::string& column) {
  return std::ranges::find(relation.partition_columns, column) != relation.partition_columns.end();
}

std::string empty_relation_sql(const Relation& relation, bool positions) {
  std::vector<std::string> columns;
  for (const delta::Column& column : relation.schema) {
    columns.push_back(fmt::format("CAST(NULL AS {}) AS {}", engine::sql_type(column.type),
                                  quote_name(column.name)));
  }
  if (positions) {
    columns.emplace_back("CAST(NULL AS VARCHAR) AS _path");
    columns.emplace_back("CAST(NULL AS BIGINT) AS _position");
  }
  return fmt::format("SELECT {} WHERE false", fmt::join(columns, ", "));
}

/// "day=2024-01-31/country=DE/", when the engine reads the same values from these folders; else "".
std::string plain_folders(const Relation& relation, const delta::AddFile& add) {
  std::string folders;
  for (const std::string& column : relation.partition_columns) {
    const auto found = add.partition_values.find(column);
    const auto value = found == add.partition_values.end() ? std::nullopt : found->second;
    const std::string folder = engine::partition_folder(column, value);
    const std::string_view text = value ? std::string_view(*value) : engine::kNullFolder;
    if (folder != fmt::format("{}={}", column, text)) return "";
    // The engine takes this word for a missing value.
    if (lower(text) == "null") return "";
    folders += folder + "/";
  }
  return folders;
}

// Builds the SELECT over at least one file.
class RelationSql {
 public:
  RelationSql(const storage::FileSystem& files, const Relation& relation, bool positions)
      : files_(files), relation_(relation), positions_(positions) {
    const auto has_tag = [](const delta::AddFile& add) { return add.tags.contains(kRowHashTag); };
    const std::string schema = schema_tag(relation.schema);
    const auto has_schema = [&](const delta::AddFile& add) {
      const auto tag = add.tags.find(kSchemaTag);
      return tag != add.tags.end() && tag->second == schema;
    };
    // Our own files hold their partition columns too, and name the columns they were written with.
    is_own_ = std::ranges::all_of(relation.files, has_tag);
    is_exact_ = is_own_ && std::ranges::all_of(relation.files, has_schema);
    is_pruned_ = is_exact_ && !relation.partition_columns.empty() && have_plain_folders();
    joins_files_ = positions || (!is_own_ && !relation.partition_columns.empty());
  }

  std::string text() const {
    std::string sql = fmt::format("SELECT {} FROM {}", columns(), scan());
    if (joins_files_) {
      sql += fmt::format(" JOIN {} ON f.{} = p.{}", file_values(), kFileColumn, kFileColumn);
    }
    return sql;
  }

 private:
  // Whether the folders alone tell the partition of every file. A folder above the table that looks
  // like one of a partition would be taken for a column.
  bool have_plain_folders() const {
    if (files_.location(relation_.table_path).find('=') != std::string::npos) return false;
    return std::ranges::all_of(relation_.files, [&](const delta::AddFile& add) {
      const std::string path = delta::decoded_path(add);
      const std::string folders = plain_folders(relation_, add);
      return !folders.empty() && path.starts_with(folders) &&
             path.find('/', folders.size()) == std::string::npos;
    });
  }

  // With it the engine opens the files of the asked partitions only.
  std::string partition_option() const {
    if (!is_pruned_) return "hive_partitioning = false";
    std::vector<std::string> types;
    for (const std::string& name : relation_.partition_columns) {
      const delta::Column* column = delta::column_named(relation_.schema, name);
      types.push_back(fmt::format("{}: {}", quote_text(name), engine::sql_type(column->type)));
    }
    return fmt::format("hive_partitioning = true, hive_types = {{{}}}", fmt::join(types, ", "));
  }

  bool comes_from_log(const std::string& column) const {
    return !is_own_ && is_partition_column(relation_, column);
  }

  std::string columns() const {
    std::vector<std::string> items;
    size_t partition = 0;
    for (const delta::Column& column : relation_.schema) {
      const std::string name = quote_name(column.name);
      if (comes_from_log(column.name)) {
        items.push_back(fmt::format("p.p{} AS {}", partition++, name));
      } else if (is_exact_ || column.type.is_nested()) {
        items.push_back("f." + name);
      } else {
        items.push_back(
            fmt::format("CAST(f.{} AS {}) AS {}", name, engine::sql_type(column.type), name));
      }
    }
    if (positions_) {
      items.emplace_back("p.add_path AS _path");
      items.push_back(fmt::format("f.{} AS _position", kPositionColumn));
    }
    return fmt::format("{}", fmt::join(items, ", "));
  }

  std::string scan() const {
    std::vector<std::string> locations;
    for (const delta::AddFile& add : relation_.files) {
      locations.push_back(
          quote_text(literal_pattern(file_location(files_, relation_.table_path, add))));
    }
    std::string options = partition_option();
    if (joins_files_) options += fmt::format(", filename = '{}'", kFileColumn);
    if (positions_) options += ", file_row_number = true";
    if (is_exact_) {
      return fmt::format("read_parquet([{}], {}) f", fmt::join(locations, ", "), options);
    }
    // Files of several schemas: columns are found by name, and those that no file has become NULL.
    std::vector<std::string> nulls;
    for (const delta::Column& column : relation_.schema) {
      if (comes_from_log(column.name)) continue;
      const std::string null =
          column.type.is_nested() ? "CAST(NULL AS " + engine::sql_type(column.type) + ")" : "NULL";
      nulls.push_back(fmt::format("{} AS {}", null, quote_name(column.name)));
    }
    const std::string all =
        fmt::format("SELECT * FROM read_parquet([{}], union_by_name = true, {})",
                    fmt::join(locations, ", "), options);
    if (nulls.empty()) return fmt::format("({}) f", all);
    return fmt::format("({} UNION ALL BY NAME SELECT {} WHERE false) f", all,
                       fmt::join(nulls, ", "));
  }

  // A row per file: its location, the add's path, and its partition values, typed once per file.
  std::string file_values() const {
    std::vector<std::string> names = {std::string(kFileColumn), "add_path"};
    std::vector<std::string> items = names;
    std::vector<std::string> columns;
    for (const delta::Column& column : relation_.schema) {
      if (!comes_from_log(column.name)) continue;
      const std::string name = fmt::format("p{}", columns.size());
      // Through VARCHAR, because a list of nothing but NULL has a type of its own.
      const std::string typed =
          column.type.id == delta::TypeId::Binary
              ? fmt::format("encode(CAST({} AS VARCHAR))", name)
              : fmt::format("CAST(CAST({} AS VARCHAR) AS {})", name, engine::sql_type(column.type));
      items.push_back(fmt::format("{} AS {}", typed, name));
      names.push_back(name);
      columns.push_back(column.name);
    }
    std::vector<std::string> rows;
    for (const delta::AddFile& add : relation_.files) {
      std::string row = quote_text(file_location(files_, relation_.table_path, add)) + ", " +
                        quote_text(add.path);
      for (const std::string& column : columns) {
        const auto value = add.partition_values.find(column);
        const bool is_null = value == add.partition_values.end() || !value->second.has_value();
        row += is_null ? ", NULL" : ", " + quote_text(*value->second);
      }
      rows.push_back("(" + row + ")");
    }
    return fmt::format("(SELECT {} FROM (VALUES {}) v({})) p", fmt::join(items, ", "),
                       fmt::join(rows, ", "), fmt::join(names, ", "));
  }

  const storage::FileSystem& files_;
  const Relation& relation_;
  bool positions_ = false;
  bool is_own_ = false;     ///< all files were sealed by us
  bool is_exact_ = false;   ///< and have exactly the relation's columns
  bool is_pruned_ = false;  ///< and stand in folders that tell their partitions
  bool joins_files_ = false;
};

}  // namespace

std::string file_location(const storage::FileSystem& files, const std::string& table_path,
                          const delta::AddFile& add) {
  std::string path = delta::decoded_path(add);
  constexpr std::string_view kFileScheme = "file:";
  if (path.starts_with(kFileScheme)) {
    path.erase(0, kFileScheme.size());
    if (path.starts_with("//")) path.erase(0, 2);
  }
  if (path.starts_with('/')) return path;
  return files.location(storage::join_path(table_path, path));
}

std::string literal_pattern(const std::string& location) {
  std::string pattern;
  for (const char c : location) {
    const bool is_special = c == '[' || c == '*' || c == '?';
    if (is_special) pattern += '[';
    pattern += c;
    if (is_special) pattern += ']';
  }
  return pattern;
}

std::string schema_tag(const delta::Schema& schema) {
  std::string text;
  for (const delta::Column& column : schema) {
    text += fmt::format("{}:{}\n", column.name, delta::to_string(column.type));
  }
  constexpr size_t kTagDigits = 16;
  return sha256_hex(text).substr(0, kTagDigits);
}

std::string relation_sql(const storage::FileSystem& files, const Relation& relation,
                         bool positions) {
  if (relation.files.empty()) return empty_relation_sql(relation, positions);
  return RelationSql(files, relation, positions).text();
}

Relation relation_of(const delta::Snapshot& snapshot, std::string table_path) {
  return {snapshot.metadata.schema, snapshot.metadata.partition_columns, snapshot.files,
          std::move(table_path)};
}

std::vector<std::string> hashed_columns(const delta::Schema& schema) {
  std::vector<std::string> columns;
  for (const delta::Column& column : schema) {
    if (column.name.starts_with('_') || column.name == "published_at" ||
        column.name == "first_published_at") {
      continue;
    }
    columns.push_back(column.name);
  }
  return columns;
}

}  // namespace bullion::table
