// The tables of a run while it runs: as released, and as they would be published.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "pipeline/environment.h"
#include "release/record.h"

namespace bullion::pipeline {

/// Files that differ between two states of a table, found by path.
struct FileChange {
  std::vector<delta::AddFile> added;
  std::vector<delta::AddFile> removed;
  bool empty() const { return added.empty() && removed.empty(); }
};
FileChange compare_files(const std::vector<delta::AddFile>& before,
                         const std::vector<delta::AddFile>& after);

/// One table between the last release and the next.
struct WorkingTable {
  std::string name;
  std::string layer;
  std::string path;
  delta::Schema schema;
  std::vector<std::string> partition_columns;
  std::string code_hash;
  std::map<std::string, std::string> macros;  ///< of a model's SQL, with the hash of each
  std::map<std::string, int64_t> inputs;      ///< input versions of the release it was computed at

  int64_t head_version = -1;         ///< the log's latest version; -1 when there is no table
  std::vector<delta::AddFile> head;  ///< files at head_version
  delta::Schema head_schema;
  std::optional<delta::Metadata> head_metadata;
  std::vector<delta::AddFile> released;  ///< files as of the last release
  int64_t released_version = -1;
  std::string released_code_hash;  ///< "" when never released
  std::map<std::string, std::string> released_macros;
  delta::Schema released_schema;

  std::vector<delta::AddFile> files;  ///< as they would be published, sorted by path
  bool computed = false;              ///< this run looked at it (selected and not up to date)

  bool changed() const { return !compare_files(released, files).empty() || head_version < 0; }
};

/// All tables of a project during one run.
class WorkingSet {
 public:
  /// Reads the head of every table of the project, checks that nobody else committed to it, and
  /// starts from the last release. Conflict names a table with a foreign commit and the remedy;
  /// the tolerated table may have one (it is about to be reverted).
  static Result<WorkingSet> open(const Environment& env, const project::Project& project,
                                 const std::optional<release::Record>& last,
                                 const std::string& tolerated_table = "");

  WorkingTable& at(const std::string& name) { return tables_.at(name); }
  const WorkingTable& at(const std::string& name) const { return tables_.at(name); }
  std::map<std::string, WorkingTable>& tables() { return tables_; }
  const std::map<std::string, WorkingTable>& tables() const { return tables_; }

  /// Files that `model` has not seen yet of `input`: from the version it was computed from to now.
  Result<FileChange> input_change(const Environment& env, const std::string& model,
                                  const std::string& input) const;

 private:
  std::map<std::string, WorkingTable> tables_;
};

/// Partition texts (of a table with one partition column) of files, sorted; nullopt-valued
/// partitions are "".
std::set<std::string> partition_texts(const std::vector<delta::AddFile>& files,
                                      const std::string& column);
/// The files of the given partitions, or outside of them.
std::vector<delta::AddFile> files_in(const std::vector<delta::AddFile>& files,
                                     const std::string& column, const std::set<std::string>& texts,
                                     bool inside = true);

/// Replaces the table's files of the partitions `texts` by `staged`, except partitions whose row
/// hashes are equal, which keep the files they have. Returns the adds that were not needed.
Result<std::vector<delta::AddFile>> replace_partitions(WorkingTable& table,
                                                       const std::set<std::string>& texts,
                                                       std::vector<delta::AddFile> staged);
/// The same for a whole table: equal content keeps the files.
Result<std::vector<delta::AddFile>> replace_all(WorkingTable& table,
                                                std::vector<delta::AddFile> staged);
void append_files(WorkingTable& table, std::vector<delta::AddFile> staged);

/// The Delta commit that turns the table's head into its working files.
release::TableCommit commit_of(const WorkingTable& table, const Environment& env,
                               const std::string& operation);

}  // namespace bullion::pipeline
