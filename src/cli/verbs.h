// What each verb of the command line does; main.cc only parses. Every function returns an exit code
// and has already said what went wrong.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/options.h"
#include "pipeline/row_diff.h"

namespace bullion::cli {

struct ReadOptions {
  std::string table;
  std::string where;
  std::vector<std::string> columns;
  std::optional<int64_t> limit;
  std::optional<int64_t> release;
  std::string output = "table";
  std::string file;                  ///< `table read` only
  std::vector<std::string> through;  ///< `trace` only: inputs to follow instead of the main ones
  bool explain = false;              ///< `query` only: the engine's plan instead of rows
};

struct ModelOptions {
  std::vector<std::string> select;
  bool full_refresh = false;
  std::string start;
  std::string end;
  std::string run_id;  ///< run: chosen by the server that starts it
  int64_t parent = 0;  ///< run: process id of that server
};

struct InitOptions {
  std::string domain;
  std::string folder;
  std::string from;  ///< files to make a project from; "" for a domain's template
  std::string preset;
  std::vector<std::string> with;  ///< shipped sources to add
};

struct WithdrawOptions {
  std::string name;
  std::string source;
  std::string reason;
  bool restores = false;
  bool dry_run = false;
};

struct ExportOptions {
  std::string table;
  bool xlsx = false;
  bool csv = false;
  bool parquet = false;
  std::string ddl;  ///< dialect; "" when not asked for
  std::string file;
  bool force = false;
  std::string where;
  std::vector<std::string> columns;
  std::vector<std::string> sums;
  std::optional<int64_t> release;
  std::string delimiter;
  bool byte_order_mark = false;
  bool raw = false;
  bool load = false;
  std::string location;
  std::string schema;
};

struct InferOptions {
  std::string input;   ///< file, folder or pattern
  std::string name;    ///< of the source
  std::string as;      ///< model or table whose contract the columns are mapped onto
  std::string output;  ///< yaml | table | json; "": table, or yaml with `print`
  bool force = false;
  bool print = false;
};

int infer_source(const GlobalOptions& global, const InferOptions& options);
int init_from_folder(const GlobalOptions& global, const InitOptions& init);
int ingest_files(const GlobalOptions& global, bool dry_run, const std::string& output);
int list_files(const GlobalOptions& global, const std::string& source, const std::string& output);
int withdraw(const GlobalOptions& global, const WithdrawOptions& options);
/// `source add`: copies a shipped source with its models into the project.
int add_source(const GlobalOptions& global, const std::string& name);
struct ValidateOptions {
  std::string rule_set;
  std::string target;   ///< a file, or a table of a release
  std::string version;  ///< "": the newest
  std::vector<std::string> rules;
  std::vector<std::string> inputs;  ///< NAME=FILE
  std::vector<std::string> flags;   ///< NAME=yes|no
  std::optional<int64_t> release;
  bool explain = false;
  bool all = false;
  std::string output = "table";
};

int init_project(const GlobalOptions& global, const InitOptions& init);
int generate_files(const GlobalOptions& global, const std::string& domain,
                   const std::string& folder, const std::vector<std::string>& arguments);
/// With `money`, also what rows and money a run would change; it is computed beside the lake.
int show_plan(const GlobalOptions& global, const ModelOptions& models, const std::string& output,
              bool money);
int run_pipeline(const GlobalOptions& global, const ModelOptions& models);
int show_table(const GlobalOptions& global, const ReadOptions& read);
int query(const GlobalOptions& global, const std::string& sql, const ReadOptions& read);
int list_runs(const GlobalOptions& global, const std::string& output);
int show_run(const GlobalOptions& global, const std::string& run_id, const std::string& output);
int list_releases(const GlobalOptions& global, const std::string& output);
int diff(const GlobalOptions& global, int64_t before, int64_t after,
         const pipeline::RowDiffOptions& rows, const std::string& output);
int trace_rows(const GlobalOptions& global, const std::vector<std::string>& filters,
               const ReadOptions& read);
int list_quarantine(const GlobalOptions& global, const ReadOptions& read);
int run_tests(const GlobalOptions& global, const std::vector<std::string>& select);
int check(const GlobalOptions& global);
int validate(const GlobalOptions& global, const ValidateOptions& options);
int verify_release(const GlobalOptions& global);
int clean_lake(const GlobalOptions& global, bool dry_run);
int export_table(const GlobalOptions& global, const ExportOptions& options);
int read_delta_table(const GlobalOptions& global, const ReadOptions& read);
int revert(const GlobalOptions& global, const std::string& table);

}  // namespace bullion::cli
