// The actions of a Delta commit as values (PROTOCOL.md, Actions).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "delta/schema.h"

namespace bullion::delta {

/// Column -> typed value as Delta text; nullopt is null (also for the empty string).
using PartitionValues = std::map<std::string, std::optional<std::string>>;

struct Protocol {
  int min_reader_version = 1;
  int min_writer_version = 2;
  std::vector<std::string> reader_features;  ///< only with reader version 3
  std::vector<std::string> writer_features;  ///< only with writer version 7
};

struct Metadata {
  std::string id;  ///< a UUID, stable for the table's life
  std::string name;
  std::string description;
  Schema schema;
  std::vector<std::string> partition_columns;
  std::map<std::string, std::string> configuration;
  int64_t created_time_ms = 0;
  std::string schema_string;  ///< as read; written again byte for byte while non-empty
};

struct AddFile {
  std::string path;  ///< as in the log (percent-encoded, relative), never re-encoded
  PartitionValues partition_values;
  int64_t size = 0;  ///< bytes
  int64_t modification_time_ms = 0;
  bool data_change = true;
  std::string stats_json;  ///< "" when absent
  std::map<std::string, std::string> tags;
  std::string deletion_vector_json;  ///< "" when absent; such tables are refused
};

struct RemoveFile {
  std::string path;  ///< byte-identical to the add's
  int64_t deletion_timestamp_ms = 0;
  bool data_change = true;
  PartitionValues partition_values;
  int64_t size = 0;
};

struct Txn {
  std::string app_id;
  int64_t version = 0;
  int64_t last_updated_ms = 0;
};

struct CommitInfo {
  int64_t timestamp_ms = 0;
  std::string operation;  ///< Spark's names: WRITE, MERGE, CREATE TABLE...
  std::map<std::string, std::string> operation_parameters;
  std::map<std::string, std::string> operation_metrics;
  std::optional<int64_t> read_version;
  bool is_blind_append = false;
  std::string isolation_level = "WriteSerializable";
  std::string engine_info;  ///< "Bullion/<version>"
  std::string txn_id;       ///< a fresh UUID per commit
};

/// Everything one commit file says. Order inside a commit has no meaning.
struct Commit {
  std::optional<CommitInfo> info;
  std::optional<Protocol> protocol;
  std::optional<Metadata> metadata;
  std::vector<AddFile> adds;
  std::vector<RemoveFile> removes;
  std::vector<Txn> txns;
};

/// Newline-delimited JSON, deterministic key order; commitInfo first.
std::string commit_to_json(const Commit& commit);
/// Unknown actions and fields are ignored. Corrupt with the line number on malformed JSON.
Result<Commit> commit_from_json(std::string_view text);

/// JSON (de)serialisation of the parts, used by release intents too.
std::string actions_to_json_array(const Commit& commit);
Result<Commit> actions_from_json_array(std::string_view json);

/// Row count from stats_json; nullopt when absent or unreadable.
std::optional<int64_t> num_records(const AddFile& add);
/// The file's path below the table folder: the add's path percent-decoded once.
std::string decoded_path(const AddFile& add);
/// The inverse used when writing.
std::string encoded_path(std::string_view relative_path);
RemoveFile removal_of(const AddFile& add, int64_t now_ms);

}  // namespace bullion::delta
