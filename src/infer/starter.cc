#include "infer/starter.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "engine/engine.h"
#include "infer/name_match_internal.h"
#include "infer/source_draft_internal.h"

namespace bullion::infer {
namespace {

using delta::TypeId;

/// As a contract says a type.
std::string type_text(const delta::DataType& type) {
  switch (type.id) {
    case TypeId::Decimal:
      return fmt::format("decimal({},{})", type.precision, type.scale);
    case TypeId::Boolean:
      return "boolean";
    case TypeId::Byte:
      return "tinyint";
    case TypeId::Short:
      return "smallint";
    case TypeId::Integer:
      return "int";
    case TypeId::Long:
      return "bigint";
    case TypeId::Double:
    case TypeId::Float:
      return "double";
    case TypeId::Date:
      return "date";
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return "timestamp";
    default:
      return "string";
  }
}

/// Quoted only where SQL needs it.
std::string sql_name(const std::string& name) {
  static const std::set<std::string> kReserved{
      "all",    "analyse",  "and",    "any",     "array",   "as",         "asc",     "both",
      "case",   "cast",     "check",  "collate", "column",  "constraint", "create",  "default",
      "desc",   "distinct", "do",     "else",    "end",     "except",     "false",   "fetch",
      "for",    "foreign",  "from",   "grant",   "group",   "having",     "in",      "into",
      "join",   "leading",  "left",   "limit",   "natural", "not",        "null",    "offset",
      "on",     "only",     "or",     "order",   "outer",   "placing",    "primary", "references",
      "right",  "select",   "show",   "some",    "table",   "then",       "to",      "trailing",
      "true",   "union",    "unique", "user",    "using",   "values",     "when",    "where",
      "window", "with",     "pivot",  "qualify", "is",      "inner",      "full",    "cross"};
  return kReserved.contains(name) ? engine::quote_name(name) : name;
}

std::string model_of(const std::string& source) {
  return source.starts_with("raw_") ? source.substr(4) : "clean_" + source;
}

std::string column_yaml(const std::string& name, const delta::DataType& type, bool not_null) {
  std::string text =
      fmt::format("      - name: {}\n        data_type: {}\n", name, type_text(type));
  if (not_null) text += "        constraints: [{type: not_null}]\n";
  return text;
}

StarterFile silver_sql(const InferredSource& source) {
  std::vector<std::string> names;
  for (const auto& column : source.source.contract.columns)
    names.push_back("  " + sql_name(column.name));
  return {fmt::format("models/silver/{}.sql", model_of(source.name)),
          fmt::format("-- One row per record of {}, as it was delivered.\n-- grain: {}\n"
                      "-- A first model: rename, filter and join here; the source stays as the "
                      "files are.\nSELECT\n{}\nFROM {}\n",
                      source.name,
                      source.source.contract.grain.empty()
                          ? std::string("a record of a file")
                          : fmt::format("{}", fmt::join(source.source.contract.grain, ", ")),
                      fmt::join(names, ",\n"), source.name)};
}

std::string silver_yaml(const InferredSource& source) {
  const project::Contract& contract = source.source.contract;
  std::string text = fmt::format(
      "  - name: {}\n    description: {}\n    meta: {{owner: you@example.com}}\n    config:\n      "
      "kind: append\n",
      model_of(source.name), yaml_text(fmt::format("Records of {}.", source.name)));
  if (!contract.amount_column.empty())
    text +=
        fmt::format("      amount: {0}\n      conserves: {{{0}: {0}}}\n", contract.amount_column);
  if (!contract.currency_column.empty())
    text += fmt::format("      currency_column: {}\n", contract.currency_column);
  text += "    columns:\n";
  for (const auto& column : contract.columns)
    text += column_yaml(column.name, column.type, !column.nullable);
  return text;
}

std::string readme(const std::string& name, const std::vector<InferredSource>& sources) {
  std::string text = fmt::format(
      "# {}\n\nMade by `bullion init` from files. `sources/` says how each family of files is "
      "written, "
      "`models/silver/` holds one table for each.\n\n",
      name);
  text += "| source | files | records | refused | amount |\n|---|---:|---:|---:|---|\n";
  for (const InferredSource& source : sources) {
    const std::string& amount = source.source.contract.amount_column;
    text += fmt::format("| `{}` | {} | {} | {} | {} |\n", source.name, source.trial.files,
                        source.trial.records, source.trial.rejected,
                        amount.empty() ? std::string("none found") : fmt::format("`{}`", amount));
  }
  text +=
      "\nNext:\n\n1. Read the `check:` lines of `sources/*.yml`, and name owners and the "
      "currency.\n"
      "2. `bullion check`, then `bullion run`.\n"
      "3. `bullion show MODEL`, `bullion quarantine list`, `bullion trace MODEL COLUMN=VALUE`.\n";
  return text;
}

enum class TypeFamily { Text, Number, Day, Flag };
TypeFamily family_of(const delta::DataType& type) {
  switch (type.id) {
    case TypeId::Decimal:
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
    case TypeId::Double:
    case TypeId::Float:
      return TypeFamily::Number;
    case TypeId::Date:
    case TypeId::Timestamp:
    case TypeId::TimestampNtz:
      return TypeFamily::Day;
    case TypeId::Boolean:
      return TypeFamily::Flag;
    default:
      return TypeFamily::Text;
  }
}

/// How well a source's column fills a contract's column.
MappedColumn judge(const InferredSource& source, const delta::Column& from,
                   const project::Contract& target, const delta::Column& to) {
  MappedColumn mapped{to.name, from.name, 0, ""};
  const TypeFamily family = family_of(from.type);
  const TypeFamily wanted = family_of(to.type);
  // Any value can be a text; nothing else turns into another kind.
  if (family != wanted && wanted != TypeFamily::Text) return mapped;
  int names = name_likeness(from.name, to.name);
  const auto cell = source.source.cells.find(from.name);
  if (cell != source.source.cells.end()) {
    for (const std::string& other : cell->second.source_names)
      names = std::max(names, name_likeness(other, to.name));
  }
  mapped.confidence = names / 10;
  mapped.reason = names >= 1000 ? "the same name" : names > 0 ? "the names are alike" : "";
  const auto role = [&](bool fits, int confidence, const char* reason) {
    if (!fits || confidence <= mapped.confidence) return;
    mapped.confidence = confidence;
    mapped.reason = reason;
  };
  role(to.name == target.amount_column && from.name == source.source.contract.amount_column, 80,
       "both are the amount");
  role(to.name == target.currency_column && from.name == source.source.contract.currency_column, 90,
       "both are the currency");
  const bool is_first_day = family == TypeFamily::Day && from.name == source.day_column;
  role(is_first_day && wanted == TypeFamily::Day &&
           std::find(target.partition_by.begin(), target.partition_by.end(), to.name) !=
               target.partition_by.end(),
       75, "both are the day of the facts");
  if (family != wanted) mapped.confidence = mapped.confidence * 8 / 10;
  return mapped;
}

std::string select_line(const MappedColumn& column, const delta::Column& to,
                        const delta::Column* from) {
  const std::string type = engine::sql_type(to.type);
  if (from == nullptr) return fmt::format("  CAST(NULL AS {}) AS {}", type, sql_name(to.name));
  const bool same = from->type.id == to.type.id && from->type.precision == to.type.precision &&
                    from->type.scale == to.type.scale;
  const std::string value =
      same ? sql_name(column.from) : fmt::format("CAST({} AS {})", sql_name(column.from), type);
  return same && column.from == to.name ? "  " + value
                                        : fmt::format("  {} AS {}", value, sql_name(to.name));
}

}  // namespace

std::vector<StarterFile> starter_project(const std::string& name, const std::string& currency,
                                         const std::vector<InferredSource>& sources) {
  std::vector<StarterFile> files;
  files.push_back(
      {"bullion.yml",
       fmt::format("# A Bullion project. Every path is relative to this file.\nname: {}\n\n"
                   "# check: the currency of every amount that carries none.\ncurrency: "
                   "{}\ntime_zone: UTC\n\n"
                   "target: dev\ntargets:\n  dev: {{lake: ./lake}}\n",
                   name, currency)});
  std::string models = "version: 2\nmodels:\n";
  for (const InferredSource& source : sources) {
    files.push_back({fmt::format("sources/{}.yml", source.name), source.yaml});
    files.push_back(silver_sql(source));
    models += silver_yaml(source);
  }
  files.push_back({"models/silver/schema.yml", models});
  files.push_back({"README.md", readme(name, sources)});
  return files;
}

Mapping map_onto(const InferredSource& source, const project::Contract& target) {
  constexpr int kConfidenceMin = 30;
  Mapping mapping;
  mapping.model = fmt::format("{}_as_{}", source.name, target.name);
  const auto& columns = source.source.contract.columns;
  std::vector<MappedColumn> all;
  for (const delta::Column& to : target.columns) {
    mapping.columns.push_back({to.name, "", 0, "no column fits"});
    for (const delta::Column& from : columns) {
      MappedColumn mapped = judge(source, from, target, to);
      if (mapped.confidence >= kConfidenceMin) all.push_back(std::move(mapped));
    }
  }
  std::stable_sort(all.begin(), all.end(),
                   [](const auto& a, const auto& b) { return a.confidence > b.confidence; });
  std::set<std::string> used;
  for (const MappedColumn& mapped : all) {
    const auto to =
        std::find_if(mapping.columns.begin(), mapping.columns.end(),
                     [&](const auto& column) { return column.target == mapped.target; });
    if (!to->from.empty() || !used.insert(mapped.from).second) continue;
    *to = mapped;
  }
  std::string sql = fmt::format(
      "-- {} from {}: which column feeds which, and how sure that is.\n-- grain: a record of a "
      "file\nSELECT\n",
      target.name, source.name);
  std::string yaml = fmt::format(
      "version: 2\nmodels:\n  - name: {}\n    description: {}\n    meta: {{owner: "
      "you@example.com}}\n    config:\n      kind: append\n",
      mapping.model,
      yaml_text(fmt::format("Records of {} in the columns of {}.", source.name, target.name)));
  bool has_amount = false;
  std::string body;
  for (size_t i = 0; i < target.columns.size(); ++i) {
    const delta::Column& to = target.columns[i];
    const MappedColumn& column = mapping.columns[i];
    const auto from = std::find_if(columns.begin(), columns.end(), [&](const delta::Column& one) {
      return one.name == column.from;
    });
    const bool is_found = from != columns.end();
    has_amount |= is_found && to.name == target.amount_column;
    const bool is_sure = column.confidence >= 70;
    sql += select_line(column, to, is_found ? &*from : nullptr) +
           (i + 1 < target.columns.size() ? "," : "");
    sql += fmt::format(
        "  -- {}{}\n", is_sure ? "" : "check: ",
        is_found ? fmt::format("{}%, {}", column.confidence, column.reason) : column.reason);
    body += column_yaml(to.name, to.type, is_found && !to.nullable && !from->nullable);
  }
  sql += fmt::format("FROM {}\n", source.name);
  if (has_amount) yaml += fmt::format("      amount: {}\n", target.amount_column);
  yaml += "    columns:\n" + body;
  mapping.files = {{fmt::format("models/silver/{}.sql", mapping.model), sql},
                   {fmt::format("models/silver/{}.yml", mapping.model), yaml}};
  return mapping;
}

}  // namespace bullion::infer
