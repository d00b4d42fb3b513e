// Readers of the YAML files of a project, one function per kind of file.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "project/problem_internal.h"
#include "project/project.h"
#include "project/templates_internal.h"
#include "project/yaml_reader.h"

namespace bullion::project {

/// Reads bullion.yml into name, currency, time zone, target, lake and vars.
void read_config(const LoadOptions& options, std::string_view text, ProblemSink& problems,
                 Project& project);

/// "decimal(18,2)", "string"...; Invalid with what was expected.
Result<delta::DataType> parse_data_type(std::string_view text);

enum class TableKind { Source, Seed, Model };

/// Takes the keys of one column that only some kinds of table have.
using ColumnKeys = std::function<void(MapReader& entry, const std::string& column)>;

/// Reads name, description, owner, columns and data tests of one table, and the config keys that
/// every kind of table has. The caller takes the rest of `config` and finishes both readers.
Contract read_contract(TableKind kind, MapReader& entry, MapReader& config, ProblemSink& problems,
                       std::vector<DataTest>& tests, const ColumnKeys& more_keys = {});

/// Takes `meta` and its `owner`; a table without one is a warning.
void read_owner(MapReader& entry, ProblemSink& problems, Contract& contract);

/// Reports each text of a config key that is no column.
void expect_columns(const std::string& key, const std::vector<std::string>& names,
                    const MapReader& config, const Contract& contract, ProblemSink& problems);

/// The tables of a file: the items of `<key>:`, or the file itself when it names one table.
std::vector<const YamlNode*> table_entries(const YamlNode& document, const std::string& key,
                                           MapReader& top, ProblemSink& problems);

void read_sources(std::string_view text, ProblemSink& problems, Project& project);
void read_seed_schema(std::string_view text, ProblemSink& problems, Project& project);
/// Checks the header of a seed's CSV against its contract and fills file and hash.
void read_seed_file(std::string_view bytes, const std::string& file, Seed& seed,
                    std::vector<Problem>& problems);

/// A model as its schema.yml declares it, with the places of what only the SQL can confirm.
struct ModelDraft {
  Model model;
  Mark conserves;           ///< of the `conserves` mapping
  std::string schema_file;  ///< where `conserves` is written
  ResolvedSql sql;
  bool has_sql = false;
  std::map<std::string, Param> params;  ///< of a detector
};
/// Also reads `unit_tests:` written beside the models.
void read_model_schema(std::string_view text, ProblemSink& problems,
                       std::vector<ModelDraft>& drafts, Project& project);

/// The layer of detectors and of the table of all findings.
inline constexpr const char* kFindingsLayer = "findings";

/// detectors/*.yml: adds to project.detectors, and to the drafts the model that each is.
void read_detectors(std::string_view text, ProblemSink& problems, std::vector<ModelDraft>& drafts,
                    Project& project);
/// The SELECT of the table of all findings; its columns are findings_columns().
std::string findings_sql(const std::vector<Detector>& detectors);
/// The model of that table; call once all detectors are read and there is one.
ModelDraft findings_draft(const Project& project);
/// Checks the evidence of each detector and adds the tests that all findings must pass.
void finish_detectors(Project& project, std::vector<Problem>& problems);

/// tests/*.yml.
void read_unit_tests(std::string_view text, ProblemSink& problems, Project& project);
void read_unit_test_list(const YamlNode& list, ProblemSink& problems, Project& project);
/// Resolves the SQL of unit tests that have one; call once all tables and macros are read.
void read_unit_test_sql(engine::Engine& engine, Project& project, std::vector<Problem>& problems);
/// tests/*.sql; the engine's parser says which tables it reads.
void read_sql_test(const std::string& file, std::string_view text, engine::Engine& engine,
                   ProblemSink& problems, Project& project);
/// Checks that names of unit tests and relationships exist; gives every data test a unique name.
/// `unclear` are models whose SQL does not tell what they read; that was reported.
void link_tests(Project& project, const std::set<std::string>& unclear,
                std::vector<Problem>& problems);

}  // namespace bullion::project
