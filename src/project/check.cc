// check_project: what can be said about a project by binding it against empty tables.
#include <algorithm>
#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/alignment_internal.h"
#include "project/bind_selects.h"
#include "project/engine_message_internal.h"
#include "project/lint_internal.h"
#include "project/project_files.h"

namespace bullion::project {
namespace {

namespace fs = std::filesystem;

/// The SQL of a file as the loader saw it, with the way back to its lines; without that way when
/// the file has changed since.
ResolvedSql sql_of_file(const Project& project, const std::string& file, const std::string& sql) {
  const Detector* detector = project.find_detector(stem_of(file));
  ResolvedSql plain;
  plain.source = sql;
  plain.text = sql;
  const auto text = read_text_file((fs::path(project.folder) / file).string());
  if (!text) return plain;
  std::vector<Problem> ignored;
  ProblemSink sink(file, ignored);
  ResolvedSql resolved =
      resolve_templates(*text, project, sink,
                        detector == nullptr ? std::map<std::string, Param>() : detector->params);
  return resolved.text == sql ? resolved : plain;
}

bool is_filled_by_bullion(const std::string& column) {
  return column == "published_at" || column == "first_published_at";
}

/// Empty views named like the tables of the project, dropped again at the end.
class EmptyTables {
 public:
  EmptyTables(const Project& project, engine::Engine& engine) : engine_(engine) {
    for (const Source& source : project.sources) add(source.contract, bronze_schema(source));
    for (const Seed& seed : project.seeds) add(seed.contract, seed.contract.columns);
    for (const Model& model : project.models) add(model.contract, model.contract.columns);
  }
  EmptyTables(const EmptyTables&) = delete;
  EmptyTables& operator=(const EmptyTables&) = delete;
  ~EmptyTables() {
    for (const std::string& name : names_) {
      // Nothing depends on the view being gone: the next check replaces it.
      static_cast<void>(
          engine_.execute("DROP VIEW IF EXISTS " + engine::quote_name(name)).has_value());
    }
  }
  const std::vector<Problem>& problems() const { return problems_; }

 private:
  void add(const Contract& contract, const delta::Schema& schema) {
    std::vector<std::string> columns;
    for (const delta::Column& column : schema) {
      columns.push_back(fmt::format("CAST(NULL AS {}) AS {}", engine::sql_type(column.type),
                                    engine::quote_name(column.name)));
    }
    const Status made =
        engine_.execute(fmt::format("CREATE OR REPLACE VIEW {} AS SELECT {} WHERE false",
                                    engine::quote_name(contract.name), fmt::join(columns, ", ")));
    if (made) {
      names_.push_back(contract.name);
    } else {
      problems_.push_back({contract.location, Severity::Error, "engine",
                           fmt::format("the engine cannot make an empty table `{}`: {}",
                                       contract.name, made.error().message())});
    }
  }

  engine::Engine& engine_;
  std::vector<std::string> names_;
  std::vector<Problem> problems_;
};

struct TypeVerdict {
  std::string code;  ///< "" when the types fit
  Severity severity = Severity::Error;
  std::string remedy;
};

TypeVerdict decimal_verdict(const engine::BoundColumn& bound, const delta::DataType& declared,
                            TypeClass from) {
  const std::string cast = fmt::format("CAST(... AS {})", engine::sql_type(declared));
  if (from == TypeClass::Double) {
    return {
        "float-money", Severity::Error,
        fmt::format("a binary float never becomes money; compute in DECIMAL and write {}", cast)};
  }
  if (from == TypeClass::Decimal) {
    if (bound.type && bound.type->scale > declared.scale) {
      return {"type-scale", Severity::Warn,
              fmt::format("a value with more digits fails the run; write {} to round half up, or "
                          "declare more digits",
                          cast)};
    }
    return {};
  }
  if (from == TypeClass::Integer) return {};
  return {"type-mismatch", Severity::Error, fmt::format("write {}", cast)};
}

/// Whether a bound column may be cast to the contract's type without loss or surprise.
TypeVerdict compare_types(const engine::BoundColumn& bound, const delta::DataType& declared) {
  const TypeClass from = class_of_name(bound.sql_type);
  const TypeClass to = class_of(declared);
  if (bound.sql_type == "NULL" || bound.sql_type == "\"NULL\"") return {};
  if (to == TypeClass::Decimal) return decimal_verdict(bound, declared, from);
  if (from == to && from != TypeClass::Other) return {};
  if (bound.type && *bound.type == declared) return {};
  const std::string cast = fmt::format("write CAST(... AS {})", engine::sql_type(declared));
  if (from == TypeClass::Integer && to == TypeClass::Double) return {};
  if (from == TypeClass::Date && to == TypeClass::Timestamp) return {};
  if (from == TypeClass::Timestamp && to == TypeClass::Date) {
    return {"type-timestamp-to-date", Severity::Warn,
            "the time of day would be cut off; write CAST(... AS DATE) to say so"};
  }
  return {"type-mismatch", Severity::Error, cast};
}

class ModelCheck {
 public:
  ModelCheck(const Project& project, const Model& model, engine::Engine& engine,
             std::vector<Problem>& problems)
      : project_(project),
        model_(model),
        engine_(engine),
        sink_(model.location.file, problems),
        sql_(sql_of_file(project, model.location.file, model.sql)) {}

  void run() {
    const auto query = parse_select(sql_, engine_, sink_);
    if (!query) return;
    std::vector<Finding> findings = lint_query(*query, sql_, project_, model_, outputs_);
    const auto bound = engine_.bind(sql_.text);
    if (!bound) {
      const EngineMessage message = read_engine_message(bound.error().message(), sql_);
      sink_.error(message.mark.line > 0 ? message.mark : Mark{1, 0}, "sql-bind", message.text);
    } else {
      names(*bound);
      for (const engine::BoundColumn& column : *bound) types(column, findings);
    }
    report_findings(findings, sql_, sink_);
  }

 private:
  std::optional<size_t> offset_of_output(const std::string& name) const {
    for (const ColumnFacts& column : outputs_.columns) {
      if (lower(column.name) == lower(name)) return column.offset;
    }
    return std::nullopt;
  }
  Mark mark_of_output(const std::string& name) const {
    const auto offset = offset_of_output(name);
    return offset ? sql_.mark_at(*offset) : Mark{1, 0};
  }

  void names(const std::vector<engine::BoundColumn>& bound) {
    const delta::Schema& columns = model_.contract.columns;
    std::set<std::string> selected;
    std::vector<std::string> extra;
    for (const engine::BoundColumn& column : bound) {
      if (!selected.insert(lower(column.name)).second) {
        sink_.error(mark_of_output(column.name), "name-duplicate",
                    fmt::format("the SELECT yields two columns named `{}`", column.name));
      } else if (find_column(columns, column.name) < 0 &&
                 lower(column.name) != lower(model_.withdrawn_column)) {
        extra.push_back(column.name);
      }
    }
    std::vector<std::string> missing;
    for (const delta::Column& column : columns) {
      if (selected.count(lower(column.name)) != 0 || is_filled_by_bullion(column.name)) continue;
      missing.push_back(column.name);
      sink_.error(
          {1, 0}, "column-missing",
          fmt::format("the SELECT does not yield `{}`, which {} declares{}", column.name,
                      to_string(model_.contract.location), did_you_mean(column.name, extra)));
    }
    for (const std::string& name : extra) {
      sink_.error(mark_of_output(name), "column-extra",
                  fmt::format("`{}` is not declared in {}{}; declare it or remove it", name,
                              to_string(model_.contract.location), did_you_mean(name, missing)));
    }
    if (!model_.withdrawn_column.empty() && selected.count(lower(model_.withdrawn_column)) == 0) {
      std::vector<std::string> yielded;
      for (const engine::BoundColumn& column : bound) yielded.push_back(column.name);
      sink_.error(
          {1, 0}, "column-missing",
          fmt::format("the SELECT does not yield the `withdrawn` column `{}`{}",
                      model_.withdrawn_column, did_you_mean(model_.withdrawn_column, yielded)));
    }
  }

  void types(const engine::BoundColumn& column, const std::vector<Finding>& findings) {
    if (lower(column.name) == lower(model_.withdrawn_column) && column.sql_type != "BOOLEAN") {
      sink_.error(mark_of_output(column.name), "type-mismatch",
                  fmt::format("the `withdrawn` column `{}` is {}; it must be BOOLEAN", column.name,
                              column.sql_type));
    }
    const int at = find_column(model_.contract.columns, column.name);
    if (at < 0) return;
    const delta::DataType& declared = model_.contract.columns[static_cast<size_t>(at)].type;
    const TypeVerdict verdict = compare_types(column, declared);
    if (verdict.code.empty() || explained(column.name, verdict.code, findings)) return;
    const std::string message =
        fmt::format("`{}` is {} in the SELECT and {} in the contract: {}", column.name,
                    column.sql_type, delta::to_string(declared), verdict.remedy);
    const Mark mark = mark_of_output(column.name);
    if (verdict.severity == Severity::Error) {
      sink_.error(mark, verdict.code, message);
    } else {
      sink_.warn(mark, verdict.code, message);
    }
  }

  /// A finding inside the expression already says where the float comes from. Findings may be
  /// allowed by a comment; a float that arrives at the column may not.
  bool explained(const std::string& name, const std::string& code,
                 const std::vector<Finding>& findings) const {
    if (code != "float-money") return false;
    for (const ColumnFacts& column : outputs_.columns) {
      if (lower(column.name) != lower(name) || !column.float_at) continue;
      const Mark mark = sql_.mark_at(*column.float_at);
      const bool allowed = sql_.source.find("bullion: allow") != std::string::npos;
      return mark.line > 0 && !allowed &&
             std::any_of(findings.begin(), findings.end(), [&](const Finding& finding) {
               return finding.code == code && finding.offset == column.float_at;
             });
    }
    return false;
  }

  const Project& project_;
  const Model& model_;
  engine::Engine& engine_;
  ProblemSink sink_;
  ResolvedSql sql_;
  Relation outputs_;
};

void check_test(const Project& project, const DataTest& test, engine::Engine& engine,
                std::vector<Problem>& problems) {
  ProblemSink sink(test.location.file, problems);
  if (test.kind == "sql") {
    const ResolvedSql sql = sql_of_file(project, test.location.file, test.sql);
    const auto bound = engine.bind(sql.text);
    if (bound) return;
    const EngineMessage message = read_engine_message(bound.error().message(), sql);
    sink.error(message.mark.line > 0 ? message.mark : Mark{1, 0}, "sql-bind", message.text);
    return;
  }
  if (test.where.empty()) return;
  ResolvedSql sql;
  sql.text = fmt::format("SELECT 1 FROM {} WHERE ({})", engine::quote_name(test.table), test.where);
  sql.source = sql.text;
  const auto bound = engine.bind(sql.text);
  if (bound) return;
  sink.error({test.location.line, test.location.column}, "sql-bind",
             fmt::format("`where` of data test `{}`: {}", test.name,
                         read_engine_message(bound.error().message(), sql).text));
}

}  // namespace

std::vector<Problem> bind_selects(const Project& project, const std::vector<LooseSelect>& selects,
                                  engine::Engine& engine) {
  const EmptyTables tables(project, engine);
  std::vector<Problem> problems = tables.problems();
  for (const LooseSelect& select : selects) {
    ResolvedSql sql;
    // The lines above it are counted, so that places are those of the file.
    sql.source = std::string(static_cast<size_t>(select.line - 1), '\n') + select.sql;
    sql.text = sql.source;
    const auto bound = engine.bind(sql.text);
    if (bound) continue;
    const EngineMessage message = read_engine_message(bound.error().message(), sql);
    ProblemSink(select.file, problems)
        .error(message.mark.line > 0 ? message.mark : Mark{select.line, 0}, "sql-bind",
               message.text);
  }
  return problems;
}

std::vector<Problem> check_project(const Project& project, engine::Engine& engine) {
  std::vector<Problem> problems;
  const EmptyTables tables(project, engine);
  problems = tables.problems();
  for (const Model& model : project.models) ModelCheck(project, model, engine, problems).run();
  for (const DataTest& test : project.data_tests) check_test(project, test, engine, problems);
  std::stable_sort(problems.begin(), problems.end(), [](const Problem& a, const Problem& b) {
    return std::tie(a.location.file, a.location.line, a.location.column) <
           std::tie(b.location.file, b.location.line, b.location.column);
  });
  return problems;
}

}  // namespace bullion::project
