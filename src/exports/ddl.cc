#include "exports/ddl.h"

#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "exports/ddl_types_internal.h"

namespace bullion::exports {
namespace {

using Names = std::vector<std::string>;

constexpr std::string_view kPlaceholderBucket = "YOUR-BUCKET";
constexpr size_t kNoLimit = 100'000;
constexpr size_t kGlueCommentMax = 255;
constexpr size_t kBigQueryColumnMax = 1024;
constexpr size_t kBigQueryTableMax = 16'384;

Names schemes_of(Dialect dialect) {
  switch (dialect) {
    case Dialect::Snowflake:
      return {"s3://", "s3gov://", "gcs://", "azure://"};
    case Dialect::BigQuery:
      return {"gs://"};
    case Dialect::Athena:
    case Dialect::Redshift:
      break;
  }
  return {"s3://"};
}

/// Writes the statements of one request.
class DdlWriter {
 public:
  DdlWriter(Dialect dialect, const DdlRequest& request) : dialect_(dialect), request_(request) {}

  Result<std::string> write() {
    BULLION_TRY(choose_columns());
    BULLION_TRY(choose_location());
    BULLION_TRY_ASSIGN(name_, qualified_name());
    write_head();
    if (request_.load) {
      BULLION_TRY(write_load());
    } else {
      BULLION_TRY(write_pointer());
    }
    return sql_;
  }

 private:
  Status choose_columns() {
    if (!request_.load && !request_.columns.empty()) {
      return invalid(
          "--columns goes with --load: a table that points at the Delta table has all "
          "of its columns");
    }
    for (const std::string& name : request_.columns) {
      const delta::Column* column = delta::column_named(request_.schema, name);
      if (column == nullptr) {
        const Names names = delta::column_names(request_.schema);
        return invalid(fmt::format("--columns: table {} has no column `{}`{}; it has {}",
                                   request_.table, name, did_you_mean(name, names),
                                   fmt::join(names, ", ")));
      }
      columns_.push_back(*column);
    }
    if (request_.columns.empty()) columns_ = request_.schema;
    for (const delta::Column& column : columns_) BULLION_TRY(refuse_reserved_prefix(column.name));
    return ok();
  }

  // BigQuery's own prefixes, as its rules of column names list them.
  Status refuse_reserved_prefix(const std::string& name) const {
    if (dialect_ != Dialect::BigQuery) return ok();
    std::string upper = name;
    for (char& c : upper) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    for (const char* prefix : {"_TABLE_", "_FILE_", "_PARTITION", "_ROW_TIMESTAMP", "__ROOT__",
                               "_COLIDENTIFIER", "_CHANGE_"}) {
      if (!upper.starts_with(prefix)) continue;
      return invalid(
          fmt::format("column {}: BigQuery keeps names that begin with {} for itself; "
                      "leave the column out: --load --columns ...",
                      name, prefix));
    }
    return ok();
  }

  Status choose_location() {
    const Names schemes = schemes_of(dialect_);
    location_ = request_.location;
    if (location_.empty()) {
      location_ = fmt::format("{}{}/{}", schemes.front(), kPlaceholderBucket,
                              request_.load ? "exports" : request_.provenance.table_path);
      placeholder_ = true;
    }
    while (location_.ends_with('/')) location_.pop_back();
    const auto scheme = std::find_if(schemes.begin(), schemes.end(), [this](const auto& known) {
      return location_.starts_with(known) && location_.size() > known.size();
    });
    if (scheme == schemes.end() || one_line(location_) != location_) {
      return invalid(fmt::format("--location {}: {} reads {}", request_.location,
                                 to_string(dialect_), fmt::join(schemes, ", ")));
    }
    const size_t slash = location_.find('/', scheme->size());
    bucket_ = location_.substr(0, slash);
    below_bucket_ = slash == location_.npos ? "" : location_.substr(slash + 1);
    return ok();
  }

  Result<std::string> qualified_name() const {
    BULLION_TRY_ASSIGN(const std::string table, ddl_name(dialect_, request_.table));
    if (request_.schema_name.empty()) return table;
    BULLION_TRY_ASSIGN(const std::string schema, ddl_name(dialect_, request_.schema_name));
    return schema + "." + table;
  }

  void comment(std::string_view text) { sql_ += fmt::format("-- {}\n", one_line(text)); }

  void write_head() {
    const Provenance& from = request_.provenance;
    comment(fmt::format("{} of project {}, for {}; written by Bullion {}.", request_.table,
                        from.project, to_string(dialect_), from.program_version));
    if (!from.description.empty()) comment(from.description);
    if (request_.load) {
      const std::string chosen =
          request_.columns.empty() ? ""
                                   : fmt::format(" --columns {}", fmt::join(request_.columns, ","));
      comment(
          fmt::format("A copy: load the Parquet file that `bullion export {} --parquet "
                      "--release {}{}` writes, put as {}.",
                      request_.table, from.release, chosen, file_url()));
      comment(fmt::format("Release {} of {}: {} rows, row hash {}.", from.release,
                          format_timestamp(from.released_at_us), from.table_rows, from.row_hash));
    } else {
      comment(
          fmt::format("Points at the live Delta table: readers follow its newest version. "
                      "Release {} ({} rows, table version {}) is not pinned; --load makes a "
                      "copy of one release.",
                      from.release, from.table_rows, from.table_version));
    }
    if (placeholder_) {
      comment(fmt::format("Replace {} by your own, or name it with --location.", location_));
    }
  }

  std::string file_url() const { return fmt::format("{}/{}.parquet", location_, request_.table); }
  std::string text(std::string_view value) const { return ddl_text(dialect_, value); }

  std::string description(const delta::Column& column, size_t bytes_max) const {
    const auto& all = request_.provenance.column_descriptions;
    const auto found = all.find(column.name);
    return found == all.end() ? "" : description_of(found->second, bytes_max);
  }
  std::string table_description(size_t bytes_max) const {
    return description_of(request_.provenance.description, bytes_max);
  }

  // Columns known to the platform by itself are told as comments only.
  Status comment_columns() {
    comment("Columns:");
    for (const delta::Column& column : columns_) {
      const std::string words = description(column, kNoLimit);
      comment(fmt::format("  {} {}{}{}", column.name, delta::to_string(column.type),
                          column.nullable ? "" : " not null", words.empty() ? "" : ": " + words));
    }
    return ok();
  }

  Status write_pointer() {
    switch (dialect_) {
      case Dialect::Snowflake:
        comment("Needs an external volume \"bullion\" whose STORAGE_BASE_URL is the bucket " +
                bucket_ + "/, and once:");
        comment(
            "  CREATE CATALOG INTEGRATION \"bullion_delta\" CATALOG_SOURCE = OBJECT_STORE "
            "TABLE_FORMAT = DELTA ENABLED = TRUE;");
        BULLION_TRY(comment_columns());
        sql_ += fmt::format(
            "CREATE ICEBERG TABLE {}\n  EXTERNAL_VOLUME = 'bullion'\n  CATALOG = 'bullion_delta'\n"
            "  BASE_LOCATION = {}\n  AUTO_REFRESH = TRUE;\n",
            name_, text(below_bucket_));
        return ok();
      case Dialect::Athena:
        comment("Athena engine 3 reads the columns from the Delta log.");
        BULLION_TRY(comment_columns());
        sql_ += fmt::format(
            "CREATE EXTERNAL TABLE {}\nLOCATION {}\nTBLPROPERTIES ('table_type' = 'DELTA');\n",
            name_, text(location_ + "/"));
        return ok();
      case Dialect::BigQuery:
        comment(
            "Needs a connection `us.bullion` (BigLake) that may read the bucket, in the region "
            "of the dataset.");
        BULLION_TRY(comment_columns());
        sql_ += fmt::format(
            "CREATE EXTERNAL TABLE {}\nWITH CONNECTION `us.bullion`\nOPTIONS "
            "(format = 'DELTA_LAKE', uris = [{}]);\n",
            name_, text(location_));
        return ok();
      case Dialect::Redshift:
        return write_spectrum();
    }
    return ok();
  }

  Status write_spectrum() {
    comment(
        "Redshift reads a Delta table through Spectrum, the Glue catalog and a manifest of its "
        "files, which Bullion does not write. After each release, Spark with Delta:");
    comment("  GENERATE symlink_format_manifest FOR TABLE delta.`" + location_ + "`");
    comment("Readers see the version the manifest was made from.");
    const std::string schema = request_.schema_name.empty() ? "bullion" : request_.schema_name;
    BULLION_TRY_ASSIGN(const std::string schema_name, ddl_name(dialect_, schema));
    BULLION_TRY_ASSIGN(const std::string table_name, ddl_name(dialect_, request_.table));
    const auto is_partition = [this](const delta::Column& column) {
      const Names& names = request_.partition_columns;
      return std::find(names.begin(), names.end(), column.name) != names.end();
    };
    Names columns;
    Names partitions;
    for (const delta::Column& column : columns_) {
      BULLION_TRY_ASSIGN(const std::string name, ddl_name(dialect_, column.name));
      BULLION_TRY_ASSIGN(const std::string type, ddl_type(dialect_, column));
      (is_partition(column) ? partitions : columns).push_back(name + " " + type);
    }
    BULLION_TRY(comment_columns());
    sql_ += fmt::format(
        "CREATE EXTERNAL SCHEMA IF NOT EXISTS {} FROM DATA CATALOG\nDATABASE {}\n"
        "IAM_ROLE DEFAULT\nCREATE EXTERNAL DATABASE IF NOT EXISTS;\n\n",
        schema_name, text(schema));
    const std::string manifest = location_ + "/_symlink_format_manifest/";
    sql_ += fmt::format(
        "CREATE EXTERNAL TABLE {}.{} (\n  {}\n)\n{}ROW FORMAT SERDE "
        "'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe'\nSTORED AS INPUTFORMAT "
        "'org.apache.hadoop.hive.ql.io.SymlinkTextInputFormat'\nOUTPUTFORMAT "
        "'org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat'\nLOCATION {};\n",
        schema_name, table_name, fmt::join(columns, ",\n  "),
        partitions.empty() ? "" : fmt::format("PARTITIONED BY ({})\n", fmt::join(partitions, ", ")),
        text(manifest));
    for (const std::string& column : request_.partition_columns) {
      comment("Each partition is added once:");
      comment(
          fmt::format("  ALTER TABLE {0}.{1} ADD PARTITION (\"{2}\" = 'VALUE') LOCATION "
                      "'{3}{2}=VALUE/';",
                      schema_name, table_name, column, manifest));
    }
    return ok();
  }

  // A column of CREATE TABLE: name, type, NOT NULL and description as the dialect has them.
  Result<std::string> column_item(const delta::Column& column) const {
    BULLION_TRY_ASSIGN(const std::string name, ddl_name(dialect_, column.name));
    BULLION_TRY_ASSIGN(const std::string type, ddl_type(dialect_, column));
    std::string item = name + " " + type;
    if (!column.nullable && dialect_ != Dialect::Athena) item += " NOT NULL";
    if (dialect_ == Dialect::BigQuery) {
      const std::string words = description(column, kBigQueryColumnMax);
      if (!words.empty()) item += fmt::format(" OPTIONS (description = {})", text(words));
    } else if (dialect_ != Dialect::Redshift) {
      const std::string words =
          description(column, dialect_ == Dialect::Athena ? kGlueCommentMax : kNoLimit);
      if (!words.empty()) item += " COMMENT " + text(words);
    }
    return item;
  }

  /// The partition column when it is among the loaded ones, quoted; "" otherwise.
  Result<std::string> loaded_partition() const {
    for (const std::string& name : request_.partition_columns) {
      const delta::Column* column = delta::column_named(columns_, name);
      const bool is_usable = column != nullptr && (dialect_ != Dialect::BigQuery ||
                                                   column->type.id == delta::TypeId::Date);
      if (is_usable) return ddl_name(dialect_, name);
    }
    return std::string();
  }

  Status write_load() {
    Names items;
    for (const delta::Column& column : columns_) {
      BULLION_TRY_ASSIGN(std::string item, column_item(column));
      items.push_back(std::move(item));
    }
    const std::string columns = fmt::format("(\n  {}\n)", fmt::join(items, ",\n  "));
    BULLION_TRY_ASSIGN(const std::string partition, loaded_partition());
    switch (dialect_) {
      case Dialect::Snowflake:
        write_snowflake_load(columns, partition);
        return ok();
      case Dialect::Athena:
        write_athena_load(columns);
        return ok();
      case Dialect::BigQuery:
        write_bigquery_load(columns, partition);
        return ok();
      case Dialect::Redshift:
        return write_redshift_load(columns, partition);
    }
    return ok();
  }

  void write_snowflake_load(const std::string& columns, const std::string& partition) {
    comment(
        "Needs a storage integration \"bullion\" that may read the location. Instants show in "
        "the session's time zone.");
    sql_ += fmt::format("CREATE TABLE {} {}", name_, columns);
    if (!partition.empty()) sql_ += fmt::format("\nCLUSTER BY ({})", partition);
    const std::string words = table_description(kNoLimit);
    if (!words.empty()) sql_ += "\nCOMMENT = " + text(words);
    sql_ += fmt::format(
        ";\n\nCOPY INTO {}\nFROM {}\nSTORAGE_INTEGRATION = \"bullion\"\nFILES = ({})\nFILE_FORMAT "
        "= "
        "(TYPE = PARQUET USE_LOGICAL_TYPE = TRUE)\nMATCH_BY_COLUMN_NAME = CASE_SENSITIVE;\n",
        name_, text(location_ + "/"), text(request_.table + ".parquet"));
  }

  void write_athena_load(const std::string& columns) {
    comment("Athena reads every file of the folder: keep this one file alone in it.");
    sql_ += fmt::format("CREATE EXTERNAL TABLE {} {}", name_, columns);
    const std::string words = table_description(kGlueCommentMax);
    if (!words.empty()) sql_ += "\nCOMMENT " + text(words);
    sql_ += fmt::format("\nSTORED AS PARQUET\nLOCATION {};\n", text(location_ + "/"));
  }

  void write_bigquery_load(const std::string& columns, const std::string& partition) {
    sql_ += fmt::format("CREATE TABLE {} {}", name_, columns);
    if (!partition.empty()) sql_ += "\nPARTITION BY " + partition;
    const std::string words = table_description(kBigQueryTableMax);
    if (!words.empty()) sql_ += fmt::format("\nOPTIONS (description = {})", text(words));
    sql_ += fmt::format(
        ";\n\nLOAD DATA INTO {}\nFROM FILES (format = 'PARQUET', uris = [{}], "
        "decimal_target_types = ['NUMERIC', 'BIGNUMERIC']);\n",
        name_, text(file_url()));
  }

  Status write_redshift_load(const std::string& columns, const std::string& partition) {
    comment("Columns are loaded by position, instants as UTC; a text holds at most 65,535 bytes.");
    sql_ += fmt::format("CREATE TABLE {} {}", name_, columns);
    if (!partition.empty()) sql_ += fmt::format("\nSORTKEY ({})", partition);
    sql_ += fmt::format(";\n\nCOPY {}\nFROM {}\nIAM_ROLE DEFAULT\nFORMAT AS PARQUET;\n", name_,
                        text(file_url()));
    const std::string words = table_description(kNoLimit);
    if (!words.empty()) sql_ += fmt::format("\nCOMMENT ON TABLE {} IS {};\n", name_, text(words));
    for (const delta::Column& column : columns_) {
      const std::string column_words = description(column, kNoLimit);
      if (column_words.empty()) continue;
      BULLION_TRY_ASSIGN(const std::string column_name, ddl_name(dialect_, column.name));
      sql_ +=
          fmt::format("COMMENT ON COLUMN {}.{} IS {};\n", name_, column_name, text(column_words));
    }
    return ok();
  }

  Dialect dialect_;
  const DdlRequest& request_;
  delta::Schema columns_;
  std::string name_;
  std::string location_;
  std::string bucket_;        ///< with its scheme
  std::string below_bucket_;  ///< the rest of the location
  bool placeholder_ = false;
  std::string sql_;
};

}  // namespace

Result<Dialect> parse_dialect(std::string_view text) {
  for (const Dialect dialect :
       {Dialect::Snowflake, Dialect::Athena, Dialect::Redshift, Dialect::BigQuery}) {
    if (text == to_string(dialect)) return dialect;
  }
  return invalid(fmt::format("--ddl {}: expected snowflake, athena, redshift or bigquery{}", text,
                             did_you_mean(text, {"snowflake", "athena", "redshift", "bigquery"})));
}

std::string_view to_string(Dialect dialect) {
  switch (dialect) {
    case Dialect::Snowflake:
      return "snowflake";
    case Dialect::Athena:
      return "athena";
    case Dialect::Redshift:
      return "redshift";
    case Dialect::BigQuery:
      return "bigquery";
  }
  return "";
}

Result<std::string> ddl(Dialect dialect, const DdlRequest& request) {
  return DdlWriter(dialect, request).write();
}

}  // namespace bullion::exports
