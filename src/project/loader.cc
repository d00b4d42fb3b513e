// load_project: from files to a Project, collecting every problem on the way.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/alignment_internal.h"
#include "project/project_files.h"
#include "project/readers_internal.h"

namespace bullion::project {
namespace {

namespace fs = std::filesystem;

class Loader {
 public:
  Loader(const LoadOptions& options, engine::Engine& engine) : options_(options), engine_(engine) {}

  LoadOutcome load() {
    project_.folder = find_project_folder(options_.folder);
    if (project_.folder.empty()) {
      problem({options_.folder, 0, 0}, "project-missing",
              "no bullion.yml here or in any folder above; run `bullion init cloud_cost <folder>` "
              "to make a project, or change into one");
      return {std::nullopt, std::move(problems_)};
    }
    read_file("bullion.yml", [&](std::string_view text, ProblemSink& sink) {
      read_config(options_, text, sink, project_);
    });
    for (const std::string& file : list("macros", {".sql"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_macros(text, sink, project_);
      });
    }
    read_tables();
    check_names();
    read_model_sql();
    order_models();
    finish_models();
    read_tests();
    read_unit_test_sql(engine_, project_, problems_);
    finish_detectors(project_, problems_);
    link_tests(project_, unclear_, problems_);
    sort_problems();
    LoadOutcome out;
    const bool failed = std::any_of(problems_.begin(), problems_.end(),
                                    [](const Problem& p) { return p.severity == Severity::Error; });
    if (!failed) out.project = std::move(project_);
    out.problems = std::move(problems_);
    return out;
  }

 private:
  void problem(Location location, std::string code, std::string message) {
    problems_.push_back(
        {std::move(location), Severity::Error, std::move(code), std::move(message)});
  }

  template <typename Read>
  void read_file(const std::string& file, const Read& read) {
    auto text = read_text_file((fs::path(project_.folder) / file).string());
    if (!text) {
      problem({file, 0, 0}, "file-unreadable", text.error().message());
      return;
    }
    ProblemSink sink(file, problems_);
    read(std::string_view(*text), sink);
  }

  std::vector<std::string> list(const std::string& folder,
                                const std::vector<std::string>& suffixes) const {
    return list_files(project_.folder, folder, suffixes);
  }

  bool has_folder(const std::string& name) const {
    return folder_exists((fs::path(project_.folder) / name).string());
  }

  void read_tables() {
    if (!has_folder("models")) {
      problem({"models", 0, 0}, "folder-missing",
              "the project has no folder models/; create models/silver and models/gold, or run "
              "`bullion init cloud_cost <folder>` for a complete project");
    }
    if (!has_folder("sources") && !has_folder("seeds")) {
      problem({"sources", 0, 0}, "folder-missing",
              "the project has neither sources/ nor seeds/, so there is nothing to read; create "
              "sources/NAME.yml, or run `bullion init cloud_cost <folder>` for a complete project");
    }
    for (const std::string& file : list("sources", {".yml", ".yaml"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_sources(text, sink, project_);
      });
    }
    for (const std::string& file : list("seeds", {".yml", ".yaml"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_seed_schema(text, sink, project_);
      });
    }
    for (const std::string& file : list("models", {".yml", ".yaml"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_model_schema(text, sink, drafts_, project_);
      });
    }
    for (const std::string& file : list("detectors", {".yml", ".yaml"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_detectors(text, sink, drafts_, project_);
      });
    }
    if (!project_.detectors.empty()) drafts_.push_back(findings_draft(project_));
    link_rejects(project_, problems_);
    for (const Source& source : project_.sources) {
      ProblemSink sink(source.contract.location.file, problems_);
      check_snapshot_manifest(project_, source, sink);
    }
    read_seed_data();
  }

  void read_seed_data() {
    const std::vector<std::string> names = names_of(project_.seeds);
    std::vector<std::string> stems;
    for (const std::string& file : list("seeds", {".csv"})) {
      const std::string stem = stem_of(file);
      stems.push_back(stem);
      const auto seed = std::find_if(project_.seeds.begin(), project_.seeds.end(),
                                     [&](const Seed& s) { return s.contract.name == stem; });
      if (seed == project_.seeds.end()) {
        problem(
            {file, 0, 0}, "seed-without-schema",
            fmt::format("seed `{}` is not declared in seeds/schema.yml{}; add `- name: {}` with "
                        "its columns",
                        stem, did_you_mean(stem, names), stem));
        continue;
      }
      read_file(file, [&](std::string_view text, ProblemSink&) {
        read_seed_file(text, file, *seed, problems_);
      });
    }
    for (const Seed& seed : project_.seeds) {
      if (!seed.made.empty() || contains(stems, seed.contract.name)) continue;
      problem(seed.contract.location, "schema-without-seed",
              fmt::format("there is no seeds/{}.csv{}", seed.contract.name,
                          did_you_mean(seed.contract.name, stems)));
    }
  }

  void check_names() {
    std::map<std::string, Location> seen;
    const auto check = [&](const Contract& contract) {
      const auto [first, fresh] = seen.emplace(lower(contract.name), contract.location);
      if (fresh) return;
      problem(contract.location, "name-duplicate",
              fmt::format("`{}` is already the name of a table, declared at {}", contract.name,
                          to_string(first->second)));
    };
    for (const Source& source : project_.sources) check(source.contract);
    for (const Seed& seed : project_.seeds) check(seed.contract);
    for (const ModelDraft& draft : drafts_) check(draft.model.contract);
  }

  void read_model_sql() {
    std::vector<std::string> stems;
    for (const std::string& file : list("models", {".sql"})) {
      check_layer(file);
      read_sql_file(file, false, stems);
    }
    for (const std::string& file : list("detectors", {".sql"})) read_sql_file(file, true, stems);
    for (const ModelDraft& draft : drafts_) {
      if (draft.has_sql) continue;
      const bool detector = draft.model.layer == kFindingsLayer;
      problem(
          draft.model.contract.location, "schema-without-sql",
          fmt::format("there is no {}/{}.sql{}", detector ? "detectors" : "models/**",
                      draft.model.contract.name, did_you_mean(draft.model.contract.name, stems)));
    }
    read_findings_sql();
    for (ModelDraft& draft : drafts_) find_dependencies(draft);
  }

  /// One file of models/ or detectors/.
  void read_sql_file(const std::string& file, bool is_detector, std::vector<std::string>& stems) {
    const std::string stem = stem_of(file);
    const auto draft = std::find_if(drafts_.begin(), drafts_.end(), [&](const ModelDraft& d) {
      return d.model.contract.name == stem && (d.model.layer == kFindingsLayer) == is_detector;
    });
    if (contains(stems, stem)) {
      problem({file, 0, 0}, "name-duplicate",
              fmt::format("two files are named {}.sql; a model's name must be unique", stem));
      return;
    }
    stems.push_back(stem);
    if (draft == drafts_.end()) {
      without_schema(file, stem, is_detector);
      return;
    }
    draft->has_sql = true;
    draft->model.location = {file, 1, 0};
    if (!is_detector) draft->model.layer = layer_of_file(file);
    read_file(file,
              [&](std::string_view text, ProblemSink& sink) { read_sql(text, sink, *draft); });
  }

  void read_sql(std::string_view text, ProblemSink& sink, ModelDraft& draft) {
    const size_t before = problems_.size();
    draft.sql = resolve_templates(text, project_, sink, draft.params);
    draft.model.sql = draft.sql.text;
    draft.model.macros = draft.sql.macros;
    if (problems_.size() != before) return;
    auto query = parse_select(draft.sql, engine_, sink);
    if (query) queries_[draft.model.contract.name] = std::move(*query);
  }

  void without_schema(const std::string& file, const std::string& stem, bool is_detector) {
    std::vector<std::string> declared;
    for (const ModelDraft& draft : drafts_) {
      if ((draft.model.layer == kFindingsLayer) == is_detector) {
        declared.push_back(draft.model.contract.name);
      }
    }
    if (is_detector) {
      problem(
          {file, 0, 0}, "detector-without-schema",
          fmt::format("detector `{}` has no entry in detectors/*.yml{}; add `- name: {}` to the "
                      "list `detectors:` of detectors/detectors.yml",
                      stem, did_you_mean(stem, declared), stem));
      return;
    }
    problem({file, 0, 0}, "model-without-schema",
            fmt::format("model `{}` has no entry in a schema.yml{}; add `- name: {}` with its "
                        "columns to {}/schema.yml",
                        stem, did_you_mean(stem, declared), stem,
                        fs::path(file).parent_path().generic_string()));
  }

  /// The table of all findings is a model whose SQL nobody wrote.
  void read_findings_sql() {
    for (ModelDraft& draft : drafts_) {
      if (draft.model.contract.name != kFindingsTable || project_.detectors.empty()) continue;
      ProblemSink sink(draft.model.location.file, problems_);
      read_sql(findings_sql(project_.detectors), sink, draft);
    }
  }

  static std::string layer_of_file(const std::string& file) {
    const size_t begin = std::string_view("models/").size();
    const size_t end = file.find('/', begin);
    return end == std::string::npos ? "" : file.substr(begin, end - begin);
  }

  void check_layer(const std::string& file) {
    const std::string layer = layer_of_file(file);
    if (layer == "silver" || layer == "gold") return;
    problem({file, 0, 0}, "layer-unknown",
            fmt::format("models live in models/silver/ or models/gold/{}; move the file there",
                        did_you_mean(layer, {"silver", "gold"})));
  }

  std::vector<std::string> all_tables() const {
    std::vector<std::string> names;
    for (const Source& source : project_.sources) names.push_back(source.contract.name);
    for (const Seed& seed : project_.seeds) names.push_back(seed.contract.name);
    for (const ModelDraft& draft : drafts_) names.push_back(draft.model.contract.name);
    return names;
  }

  void find_dependencies(ModelDraft& draft) {
    const auto query = queries_.find(draft.model.contract.name);
    if (query == queries_.end()) {
      unclear_.insert(draft.model.contract.name);
      return;
    }
    const std::vector<std::string> tables = all_tables();
    ProblemSink sink(draft.model.location.file, problems_);
    const size_t before = problems_.size();
    for (const TableUse& use : table_uses(query->second)) {
      const std::string name = lower(use.table);
      const Mark mark = use.offset ? draft.sql.mark_at(*use.offset) : Mark{1, 1};
      if (!contains(tables, name)) {
        sink.error(mark, "table-unknown",
                   fmt::format("there is no source, seed or model `{}`{}", use.table,
                               did_you_mean(use.table, tables)));
      } else if (!use.qualifier.empty()) {
        sink.error(mark, "table-qualified",
                   fmt::format("write `{}` instead of `{}.{}`: tables are named plainly", name,
                               use.qualifier, use.table));
      } else if (!contains(draft.model.depends_on, name)) {
        draft.model.depends_on.push_back(name);
        edges_[{draft.model.contract.name, name}] = mark;
      }
    }
    if (problems_.size() != before) unclear_.insert(draft.model.contract.name);
  }

  /// Moves the drafts into project_.models: inputs first, ties by name; reports cycles.
  void order_models() {
    std::sort(drafts_.begin(), drafts_.end(), [](const ModelDraft& a, const ModelDraft& b) {
      return a.model.contract.name < b.model.contract.name;
    });
    std::set<std::string> waiting;
    for (const ModelDraft& draft : drafts_) waiting.insert(draft.model.contract.name);
    std::vector<ModelDraft> ordered;
    bool moved = true;
    while (moved) {
      moved = false;
      for (ModelDraft& draft : drafts_) {
        const std::string name = draft.model.contract.name;
        const auto& inputs = draft.model.depends_on;
        if (waiting.count(name) == 0 ||
            std::any_of(inputs.begin(), inputs.end(),
                        [&](const std::string& input) { return waiting.count(input) != 0; })) {
          continue;
        }
        ordered.push_back(std::move(draft));
        waiting.erase(name);
        moved = true;
        break;  // Begin again, so that ties are taken by name.
      }
    }
    report_cycles(waiting);
    for (const ModelDraft& draft : ordered) project_.models.push_back(draft.model);
    for (const ModelDraft& draft : drafts_) {
      if (waiting.count(draft.model.contract.name) != 0) project_.models.push_back(draft.model);
    }
    for (ModelDraft& draft : drafts_) {
      if (waiting.count(draft.model.contract.name) != 0) ordered.push_back(std::move(draft));
    }
    drafts_ = std::move(ordered);
  }

  void report_cycles(std::set<std::string> waiting) {
    while (!waiting.empty()) {
      // Every waiting model has a waiting input, so following these must come round.
      std::vector<std::string> path = {*waiting.begin()};
      while (true) {
        const ModelDraft& draft = *std::find_if(
            drafts_.begin(), drafts_.end(),
            [&](const ModelDraft& d) { return d.model.contract.name == path.back(); });
        const auto& inputs = draft.model.depends_on;
        const auto next = std::find_if(inputs.begin(), inputs.end(), [&](const std::string& input) {
          return waiting.count(input) != 0;
        });
        if (next == inputs.end()) {  // Its cycle was reported and removed.
          waiting.erase(path.back());
          break;
        }
        const auto seen = std::find(path.begin(), path.end(), *next);
        if (seen == path.end()) {
          path.push_back(*next);
          continue;
        }
        std::vector<std::string> cycle(seen, path.end());
        std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
        report_cycle(cycle);
        for (const std::string& name : cycle) waiting.erase(name);
        break;
      }
    }
  }

  void report_cycle(std::vector<std::string> cycle) {
    cycle.push_back(cycle.front());
    const auto draft = std::find_if(drafts_.begin(), drafts_.end(), [&](const ModelDraft& d) {
      return d.model.contract.name == cycle.front();
    });
    const Mark mark = edges_[{cycle[0], cycle[1]}];
    problem({draft->model.location.file, mark.line, mark.column}, "sql-cycle",
            fmt::format("models read each other in a circle: {}; one of them must read something "
                        "else",
                        fmt::join(cycle, " -> ")));
  }

  void finish_models() {
    for (size_t i = 0; i < drafts_.size(); ++i) {
      ModelDraft& draft = drafts_[i];
      Model& model = project_.models[i];
      const auto query = queries_.find(model.contract.name);
      if (query == queries_.end()) continue;
      ProblemSink sink(model.location.file, problems_);
      if (!unclear_.contains(model.contract.name)) check_conserves(draft, model);
      check_row_wise(query->second, draft.sql, project_, model, sink);
      prove_alignment(query->second, draft.sql, project_, model);
      find_origins(query->second, project_, model);
      check_snapshot(project_, model, sink);
      read_manifest_too(model);
      model.code_hash = model_code_hash(model, query->second);
    }
  }

  /// What a file covers decides the rows of a snapshot model, so the manifest is an input of it.
  void read_manifest_too(Model& model) const {
    if (model.kind != ModelKind::Snapshot || model.depends_on.empty()) return;
    const Source* source = project_.find_source(model.depends_on[0]);
    if (source == nullptr || source->snapshot.covers != Snapshot::Covers::Manifest) return;
    model.depends_on.push_back(source->snapshot.manifest.source);
  }

  void check_conserves(const ModelDraft& draft, const Model& model) {
    if (model.conserves.empty()) return;
    ProblemSink sink(draft.schema_file, problems_);
    const Contract* input =
        model.depends_on.empty() ? nullptr : project_.find_contract(model.depends_on[0]);
    if (input == nullptr) {
      sink.error(draft.conserves, "column-unknown",
                 "`conserves` compares with the first input, but the model reads none");
      return;
    }
    for (const auto& [output, column] : model.conserves) {
      if (find_column(input->columns, column) >= 0) continue;
      sink.error(draft.conserves, "column-unknown",
                 fmt::format("`conserves` compares `{}` with `{}`, which is no column of the first "
                             "input `{}`{}; columns: {}",
                             output, column, input->name,
                             did_you_mean(column, column_names(input->columns)),
                             join_names(column_names(input->columns))));
    }
  }

  void read_tests() {
    for (const std::string& file : list("tests", {".yml", ".yaml"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_unit_tests(text, sink, project_);
      });
    }
    for (const std::string& file : list("tests", {".sql"})) {
      read_file(file, [&](std::string_view text, ProblemSink& sink) {
        read_sql_test(file, text, engine_, sink, project_);
      });
    }
  }

  void sort_problems() {
    std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) {
      return std::tie(a.location.file, a.location.line, a.location.column) <
             std::tie(b.location.file, b.location.line, b.location.column);
    });
    // A mistake inside a macro is met wherever it is used.
    problems_.erase(std::unique(problems_.begin(), problems_.end(),
                                [](const Problem& a, const Problem& b) {
                                  return to_string(a.location) == to_string(b.location) &&
                                         a.code == b.code && a.message == b.message;
                                }),
                    problems_.end());
  }

  const LoadOptions& options_;
  engine::Engine& engine_;
  Project project_;
  std::vector<Problem> problems_;
  std::vector<ModelDraft> drafts_;
  std::map<std::string, Json> queries_;  ///< by model
  std::set<std::string> unclear_;        ///< models whose inputs are not all known
  std::map<std::pair<std::string, std::string>, Mark> edges_;
};

}  // namespace

LoadOutcome load_project(const LoadOptions& options, engine::Engine& engine) {
  return Loader(options, engine).load();
}

}  // namespace bullion::project
