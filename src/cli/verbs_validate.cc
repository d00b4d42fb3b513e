// validate: a rule set on a table of a release, or directly on a file.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include "base/nearest_name.h"
#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/progress.h"
#include "cli/rule_files.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/validate_output.h"
#include "cli/verbs.h"
#include "pipeline/environment.h"
#include "pipeline/locate.h"
#include "quality/rule_run.h"

namespace bullion::cli {
namespace {

namespace fs = std::filesystem;
using engine::quote_name;
using engine::quote_text;

constexpr const char* kRowColumn = "!row";

/// The path as a pattern that matches itself only.
std::string literal_path(const std::string& path) {
  std::string pattern;
  for (const char c : path) {
    if (c == '*' || c == '?' || c == '[') {
      pattern += fmt::format("[{}]", c);
    } else {
      pattern.push_back(c);
    }
  }
  return pattern;
}

bool is_parquet(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string magic(4, '\0');
  in.read(magic.data(), 4);
  return in && magic == "PAR1";
}

/// Makes the rows of a file a relation with a row number: Parquet where it is, text as a table of
/// texts under `table`.
Result<std::string> file_relation(engine::Engine& engine, const std::string& path,
                                  const std::string& table,
                                  const std::vector<std::string>& null_words) {
  std::error_code code;
  if (!fs::is_regular_file(path, code)) return not_found(fmt::format("{}: no such file", path));
  const std::string location = quote_text(literal_path(fs::absolute(path).string()));
  if (is_parquet(path)) {
    return fmt::format(
        "(SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS {} FROM "
        "read_parquet({}, file_row_number = true))",
        quote_name(kRowColumn), location);
  }
  std::vector<std::string> words;
  for (const std::string& word : null_words) words.push_back(quote_text(word));
  const std::string nulls =
      words.empty() ? "" : fmt::format(", nullstr = [{}]", fmt::join(words, ", "));
  const Status made = engine.execute(
      fmt::format("CREATE TABLE {} AS SELECT * FROM read_csv({}, header = true, all_varchar = "
                  "true{})",
                  quote_name(table), location, nulls));
  if (!made) return made.error().within(path);
  return fmt::format("(SELECT *, rowid + 1 AS {} FROM {})", quote_name(kRowColumn),
                     quote_name(table));
}

/// Opens what is to be checked and what it is compared with.
class DataOpener {
 public:
  DataOpener(const GlobalOptions& global, const ValidateOptions& options)
      : global_(global), options_(options) {}

  Status open(const quality::RuleSet& set) {
    BULLION_TRY(read_flags());
    if (options_.target.empty()) {
      BULLION_TRY_ASSIGN(session_, Session::open_without_project(global_));
      if (options_.explain) return ok();
      return invalid("name what to check: a file (CSV or Parquet, also compressed) or a table");
    }
    std::error_code code;
    is_file_ = fs::exists(options_.target, code) ||
               options_.target.find_first_of("./") != std::string::npos;
    if (is_file_) {
      BULLION_TRY_ASSIGN(session_, Session::open_without_project(global_));
      BULLION_TRY_ASSIGN(data_.relation, file_relation(session_->engine(), options_.target,
                                                       "!checked", set.null_words));
      data_.row_column = kRowColumn;
    } else {
      BULLION_TRY_ASSIGN(session_, Session::open(global_));
      BULLION_TRY_ASSIGN(record_, session_->release(options_.release));
      BULLION_TRY(open_table());
    }
    return open_inputs(set);
  }

  Session& session() { return *session_; }
  const quality::RuleData& data() const { return data_; }
  quality::RuleData& data() { return data_; }

  /// Where each sample row of the report is.
  Result<std::vector<std::vector<std::string>>> places(const quality::RuleReport& report) const {
    std::vector<std::vector<std::string>> places(report.outcomes.size());
    const project::Source* source =
        is_bronze_ ? session_->project().find_source(options_.target) : nullptr;
    for (size_t i = 0; i < report.outcomes.size(); ++i) {
      std::vector<pipeline::BronzePosition> rows;
      for (const quality::RuleSample& sample : report.outcomes[i].sample) {
        places[i].push_back(sample.row == 0 ? "" : plain_place(sample));
        if (sample.row != 0) rows.push_back({sample.file, sample.row - 1});
      }
      if (source == nullptr || rows.size() != places[i].size()) continue;
      BULLION_TRY_ASSIGN(const auto found,
                         pipeline::locate_records(session_->env(), *source, record_, rows));
      for (size_t j = 0; j < found.size(); ++j) {
        places[i][j] =
            fmt::format("{}:{} (record {})", found[j].file, found[j].line, found[j].record);
      }
    }
    return places;
  }

 private:
  static std::string plain_place(const quality::RuleSample& sample) {
    return sample.file.empty() ? fmt::format("record {}", sample.row)
                               : fmt::format("{} row {}", sample.file, sample.row);
  }

  Status read_flags() {
    for (const std::string& pair : options_.flags) {
      const size_t equals = pair.find('=');
      const std::string word = equals == std::string::npos ? "" : pair.substr(equals + 1);
      if (word != "yes" && word != "no") {
        return invalid(fmt::format("--declare {}: expected FLAG=yes or FLAG=no", pair));
      }
      data_.flags[pair.substr(0, equals)] = word == "yes";
    }
    return ok();
  }

  Status open_table() {
    const auto found = record_.tables.find(options_.target);
    if (found == record_.tables.end()) {
      std::vector<std::string> names;
      for (const auto& [name, version] : record_.tables) names.push_back(name);
      return not_found(fmt::format("`{}` is neither a file nor a table of release {}{}; tables: {}",
                                   options_.target, record_.number,
                                   did_you_mean(options_.target, names), fmt::join(names, ", ")));
    }
    is_bronze_ = found->second.layer == "bronze";
    BULLION_TRY_ASSIGN(
        const std::string sql,
        pipeline::table_sql_at(session_->env(), found->second.path, found->second.version, true));
    // Columns of our own bookkeeping are not what the rules speak of.
    const std::string file = is_bronze_ ? "_file_id" : "_path";
    data_.file_column = file;
    data_.row_column = kRowColumn;
    data_.relation = fmt::format(
        "(SELECT COLUMNS(c -> NOT starts_with(c, '_') OR c = {}), _position + 1 AS {} FROM ({}) "
        "AS positioned)",
        quote_text(file), quote_name(kRowColumn), sql);
    return ok();
  }

  Status open_inputs(const quality::RuleSet& set) {
    for (const std::string& pair : options_.inputs) {
      const size_t equals = pair.find('=');
      if (equals == std::string::npos || equals == 0) {
        return invalid(fmt::format("--input {}: expected NAME=FILE", pair));
      }
      const std::string name = pair.substr(0, equals);
      const auto declared = set.inputs.find(name);
      if (declared == set.inputs.end()) {
        std::vector<std::string> names;
        for (const auto& [input, columns] : set.inputs) names.push_back(input);
        return invalid(fmt::format("rule set {} has no input `{}`{}; it has: {}", set.full_name(),
                                   name, did_you_mean(name, names), fmt::join(names, ", ")));
      }
      BULLION_TRY_ASSIGN(const std::string relation,
                         file_relation(session_->engine(), pair.substr(equals + 1),
                                       "!input_" + name, set.null_words));
      BULLION_TRY_ASSIGN(const auto columns, session_->engine().bind("SELECT * FROM " + relation));
      for (const std::string& column : declared->second) {
        const auto is_it = [&](const engine::BoundColumn& bound) { return bound.name == column; };
        if (std::ranges::none_of(columns, is_it)) {
          return invalid(fmt::format("{}: the input `{}` needs a column {}; it needs {}",
                                     pair.substr(equals + 1), name, column,
                                     fmt::join(declared->second, ", ")));
        }
      }
      data_.inputs[name] = relation;
    }
    return ok();
  }

  const GlobalOptions& global_;
  const ValidateOptions& options_;
  std::unique_ptr<Session> session_;
  quality::RuleData data_;
  release::Record record_;
  bool is_file_ = false;
  bool is_bronze_ = false;
};

int explain(DataOpener& opener, const quality::RuleSet& set, const ValidateOptions& options) {
  std::vector<const quality::Rule*> rules;
  if (options.rules.empty()) {
    for (const quality::Rule& rule : set.rules) rules.push_back(&rule);
  }
  std::vector<std::string> ids;
  for (const quality::Rule& rule : set.rules) ids.push_back(rule.id);
  for (const std::string& id : options.rules) {
    const quality::Rule* rule = set.find(id);
    if (rule == nullptr) {
      return fail(not_found(fmt::format("rule set {} has no rule `{}`{}", set.full_name(), id,
                                        did_you_mean(id, ids))));
    }
    rules.push_back(rule);
  }
  for (const quality::Rule* rule : rules) {
    BULLION_CLI_ASSIGN(const std::string sql,
                       quality::explain_rule(opener.session().engine(), set, *rule, opener.data()));
    say(fmt::format("-- {} ({}): {}", rule->id, rule->keyword, rule->statement));
    if (!rule->applies_if.empty()) {
      say(fmt::format("-- applies if {}", fmt::join(rule->applies_if, " and ")));
    }
    if (!rule->note.empty()) say("-- note: " + rule->note);
    say(sql + "\n");
  }
  return kOk;
}

}  // namespace

int validate(const GlobalOptions& global, const ValidateOptions& options) {
  BULLION_CLI_ASSIGN(const quality::RuleSet set,
                     find_rule_set(global.project_folder, options.rule_set, options.version));
  DataOpener opener(global, options);
  BULLION_CLI_TRY(opener.open(set));
  if (options.explain) return explain(opener, set, options);
  opener.data().only = options.rules;
  BULLION_CLI_ASSIGN(const quality::RuleReport report,
                     quality::run_rules(opener.session().engine(), set, opener.data()));
  ValidatedData data{.set = &set, .name = options.target, .report = &report, .places = {}};
  BULLION_CLI_ASSIGN(data.places, opener.places(report));
  const bool all = options.all || !options.rules.empty();
  BULLION_CLI_ASSIGN(const std::string text, format_report(data, options.output, all));
  clear_progress();
  put(text);
  if (options.output == "csv" || options.output == "junit") complain(report_summary(data));
  const auto number_of = [&](quality::Verdict verdict) { return report.count(verdict); };
  say_last_line(global,
                {{"status", report.conforms() ? "conforms" : "fails"},
                 {"rule_set", set.full_name()},
                 {"target", options.target},
                 {"rows", report.rows},
                 {"passed", number_of(quality::Verdict::Passed)},
                 {"failed", number_of(quality::Verdict::Failed)},
                 {"skipped", number_of(quality::Verdict::Skipped)},
                 {"not_applicable", number_of(quality::Verdict::NotApplicable)}},
                options.output == "table" ? OutputIs::Words : OutputIs::Document);
  return report.conforms() ? kOk : kTestFailed;
}

}  // namespace bullion::cli
