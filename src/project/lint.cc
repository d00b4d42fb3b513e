#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "base/ascii.h"
#include "base/nearest_name.h"
#include "project/alignment_internal.h"
#include "project/lint_internal.h"

namespace bullion::project {
namespace {

/// "2024-01-01 10:00:00+02:00" and the like.
bool has_zone(std::string_view text) {
  const size_t time = text.find(':');
  if (time == std::string_view::npos) return false;
  return text.back() == 'Z' || text.find_first_of("+-", time) != std::string_view::npos;
}

bool rounds(const Json& node) {
  const std::string name = lower(text_of(node, "function_name"));
  return name == "round" || name == "floor" || name == "ceil" || name == "ceiling" ||
         name == "trunc" || name == "//";
}

class LintObserver final : public ExpressionObserver {
 public:
  LintObserver(std::vector<Finding>& findings, std::set<const Json*> unused_orders)
      : findings_(findings), unused_orders_(std::move(unused_orders)) {}

  void expression(const Json& node, const ColumnFacts& facts,
                  const std::vector<ColumnFacts>& children,
                  const std::vector<const Json*>& parents) override {
    const std::string kind = text_of(node, "class");
    if (kind == "FUNCTION" || kind == "WINDOW") lint_function(node, children, parents, findings_);
    if (kind == "CAST") cast(node, facts, children);
    if (kind == "CONSTANT") constant(node, parents);
    if (kind == "COLUMN_REF") reference(node, facts);
  }

  void order_item(const Json& order, const ColumnFacts& facts) override {
    const std::string direction = text_of(order, "type");
    const bool ascending = direction == "ORDER_DEFAULT" || direction == "ASCENDING";
    if (!ascending || text_of(order, "null_order") != "ORDER_DEFAULT") return;
    if (facts.not_null || unused_orders_.count(&order) != 0) return;
    add("sql-null-order", Severity::Error, facts.offset,
        "ORDER BY puts NULL last here and first elsewhere; write NULLS FIRST or NULLS LAST");
  }

  void query(const Json&, const Scope&) override {}

 private:
  void cast(const Json& node, const ColumnFacts& facts, const std::vector<ColumnFacts>& children) {
    if (children.empty()) return;
    const TypeClass from = children[0].type;
    const bool number = from == TypeClass::Decimal || from == TypeClass::Double;
    const std::optional<size_t> offset = facts.offset ? facts.offset : children[0].offset;
    if (facts.type == TypeClass::Integer && number && !rounds(child_of(node, "child"))) {
      add("sql-cast-integer", Severity::Error, offset,
          "CAST to an integer rounds here and cuts elsewhere; write CAST(round(x, 0) AS BIGINT) or "
          "CAST(floor(x) AS BIGINT)");
    }
    if (facts.type == TypeClass::Text && from == TypeClass::Double) {
      add("sql-double-text", Severity::Warn, offset,
          "a double as text is spelled differently elsewhere (1e+20, 1.0E20); CAST it to "
          "DECIMAL(p,s) first");
    }
    const std::string text = text_of(child_of(child_of(node, "child"), "value"), "value");
    const std::string target = text_of(child_of(node, "cast_type"), "id");
    if (target.starts_with("TIMESTAMP") && !text.empty() && has_zone(text)) {
      add("sql-zoned-text", Severity::Error, offset,
          fmt::format("`{}`: the zone in the text is dropped here and applied elsewhere; write the "
                      "time in UTC without a zone",
                      text));
    }
  }

  void constant(const Json& node, const std::vector<const Json*>&) {
    const std::string text = text_of(child_of(node, "value"), "value");
    if (text.find('\\') == std::string::npos) return;
    add("sql-backslash", Severity::Error, offset_of(node),
        "a backslash in a text means itself here and an escape elsewhere; write [0-9] for \\d, "
        "[.] for \\., chr(10) for a new line");
  }

  void reference(const Json& node, const ColumnFacts& facts) {
    const auto names = reference_names(node);
    if (names.size() != 1 || facts.origin || facts.type != TypeClass::Unknown) return;
    const std::string name = lower(names[0]);
    if (name != "current_date" && name != "current_timestamp" && name != "current_time" &&
        name != "localtime" && name != "localtimestamp") {
      return;
    }
    add("sql-clock", Severity::Error, facts.offset,
        fmt::format(
            "`{}`: models see no clock, or a rerun gives other numbers; take the date from a "
            "column, a seed or {{{{ var('name') }}}}",
            name));
  }

  void add(std::string code, Severity severity, std::optional<size_t> offset, std::string message) {
    findings_.push_back({std::move(code), severity, offset, std::move(message)});
  }

  std::vector<Finding>& findings_;
  std::set<const Json*> unused_orders_;
};

/// Rules about the shape of queries, which need no types.
class ShapeRules {
 public:
  ShapeRules(const Json& query, std::vector<Finding>& findings) : findings_(findings) {
    for (const TableUse& use : table_uses(query)) {
      if (use.offset) base_tables_.insert(*use.offset);
    }
    walk(query, false);
  }
  /// ORDER BY items that decide nothing.
  const std::set<const Json*>& unused_orders() const { return unused_orders_; }

 private:
  void walk(const Json& value, bool in_exists) {
    if (value.is_object()) {
      object(value, in_exists);
      in_exists = in_exists || text_of(value, "subquery_type") == "EXISTS";
    }
    if (!value.is_structured()) return;
    for (const Json& child : value) walk(child, in_exists);
  }

  void object(const Json& node, bool in_exists) {
    if (node.contains("modifiers")) modifiers(node);
    const std::string type = text_of(node, "type");
    if (type == "SELECT_NODE" && !in_exists) star(node);
    if (node.contains("sample") && !child_of(node, "sample").is_null()) {
      add("sql-random", Severity::Error, offset_of(node),
          "TABLESAMPLE takes other rows at each run; filter on a column instead");
    }
    const std::string ref = text_of(node, "ref_type");
    if (ref == "ASOF" || ref == "POSITIONAL") {
      add("sql-duckdb-only", Severity::Warn, offset_of(node),
          fmt::format("{} JOIN exists in DuckDB only; use row_number() over an ordinary join",
                      ref));
    }
    if (text_of(node, "setop_type") == "UNION_BY_NAME") {
      add("sql-duckdb-only", Severity::Warn, std::nullopt,
          "UNION BY NAME exists in DuckDB only; write the columns in the same order");
    }
    if (type == "TABLE_FUNCTION") table_function(node);
  }

  void modifiers(const Json& node) {
    const Json* order = nullptr;
    const Json* limit = nullptr;
    const Json* distinct_on = nullptr;
    for (const Json& modifier : list_of(node, "modifiers")) {
      const std::string type = text_of(modifier, "type");
      if (type == "ORDER_MODIFIER") order = &modifier;
      if (type.starts_with("LIMIT")) limit = &modifier;
      if (type == "DISTINCT_MODIFIER" && !list_of(modifier, "distinct_on_targets").empty()) {
        distinct_on = &modifier;
      }
    }
    if (limit != nullptr && order == nullptr) {
      add("sql-limit-order", Severity::Error, offset_of(child_of(*limit, "limit")),
          "LIMIT without ORDER BY keeps rows as they come; add ORDER BY with enough columns to "
          "decide every tie");
    }
    if (distinct_on != nullptr && order == nullptr) {
      add("sql-row-order", Severity::Error,
          offset_of(list_of(*distinct_on, "distinct_on_targets")[0]),
          "DISTINCT ON without ORDER BY keeps rows as they come; add ORDER BY, or use "
          "row_number()");
    }
    if (order != nullptr && limit == nullptr && distinct_on == nullptr) {
      const Json& items = list_of(*order, "orders");
      for (const Json& item : items) unused_orders_.insert(&item);
      add("sql-order-unused", Severity::Warn,
          items.empty() ? std::nullopt : offset_of(child_of(items[0], "expression")),
          "a table has no row order, so this ORDER BY does nothing; remove it, or ORDER BY when "
          "reading");
    }
  }

  void star(const Json& node) {
    for (const Json& item : list_of(node, "select_list")) {
      if (text_of(item, "class") != "STAR") continue;
      if (!list_of(item, "exclude_list").empty() || !list_of(item, "replace_list").empty()) {
        add("sql-duckdb-only", Severity::Warn, offset_of(item),
            "SELECT * EXCLUDE/REPLACE exists in DuckDB only; name the columns");
      } else if (const auto table = base_table_below(child_of(node, "from_table"))) {
        add("sql-select-star", Severity::Warn, offset_of(item) ? offset_of(item) : table,
            "SELECT * changes when the input does; name the columns");
      }
    }
  }

  std::optional<size_t> base_table_below(const Json& from) const {
    const auto offset = offset_of(from);
    if (text_of(from, "type") == "BASE_TABLE" && offset && base_tables_.count(*offset) != 0) {
      return offset;
    }
    if (text_of(from, "type") != "JOIN") return std::nullopt;
    const auto left = base_table_below(child_of(from, "left"));
    return left ? left : base_table_below(child_of(from, "right"));
  }

  void table_function(const Json& node) {
    const std::string name = lower(text_of(child_of(node, "function"), "function_name"));
    if (name == "range" || name == "generate_series" || name == "unnest") return;
    add("sql-outside-input", Severity::Error, offset_of(node),
        fmt::format("`{}` reads something that no release names; declare a source or a seed and "
                    "read that",
                    name));
  }

  void add(std::string code, Severity severity, std::optional<size_t> offset, std::string message) {
    findings_.push_back({std::move(code), severity, offset, std::move(message)});
  }

  std::vector<Finding>& findings_;
  std::set<size_t> base_tables_;
  std::set<const Json*> unused_orders_;
};

/// Words that the syntax tree no longer shows: VARCHAR without a length, TEXT, TIMESTAMPTZ.
void lint_type_words(std::string_view sql, std::vector<Finding>& findings) {
  char quote = 0;
  for (size_t i = 0; i < sql.size(); ++i) {
    const char c = sql[i];
    if (quote != 0) {
      if (c == quote) quote = 0;
      continue;
    }
    if (c == '\'' || c == '"') quote = c;
    if (sql.substr(i, 2) == "--") {
      i = std::min(sql.find('\n', i), sql.size());
      continue;
    }
    if (sql.substr(i, 2) == "/*") {
      i = std::min(sql.find("*/", i), sql.size());
      continue;
    }
    if (!is_word(c) || (i > 0 && is_word(sql[i - 1]))) continue;
    size_t end = i;
    while (end < sql.size() && is_word(sql[end])) ++end;
    const std::string word = lower(sql.substr(i, end - i));
    const size_t next = sql.find_first_not_of(" \t\r\n", end);
    const bool has_length = next != std::string_view::npos && sql[next] == '(';
    if ((word == "varchar" && !has_length) || word == "timestamptz") {
      findings.push_back({"sql-duckdb-only", Severity::Warn, i,
                          fmt::format("the type {} exists in DuckDB only; write {}", word,
                                      word == "varchar" ? "STRING" : "TIMESTAMP")});
    }
    i = end - 1;
  }
}

void lint_money_outputs(const Model& model, const Relation& outputs,
                        std::vector<Finding>& findings) {
  for (const ColumnFacts& column : outputs.columns) {
    const int at = find_column(model.contract.columns, column.name);
    if (at < 0 || !column.float_at) continue;
    const delta::Column& declared = model.contract.columns[static_cast<size_t>(at)];
    if (declared.type.id != delta::TypeId::Decimal) continue;
    findings.push_back(
        {"float-money", Severity::Error, column.float_at,
         fmt::format("a binary float enters `{}`, which is {}; stay with DECIMAL: CAST(... AS "
                     "DECIMAL(p,s)), ratio(...) for a division",
                     declared.name, delta::to_string(declared.type))});
  }
}

/// Codes allowed by comments, by the line of the file they count for.
std::map<int, std::set<std::string>> allowed_codes(std::string_view source) {
  constexpr std::string_view kMark = "bullion: allow";
  std::map<int, std::set<std::string>> out;
  int line = 0;
  size_t begin = 0;
  while (begin <= source.size()) {
    const size_t end = std::min(source.find('\n', begin), source.size());
    const std::string_view text = source.substr(begin, end - begin);
    ++line;
    begin = end + 1;
    const size_t comment = text.find("--");
    const size_t mark = comment == std::string_view::npos ? comment : text.find(kMark, comment);
    if (mark == std::string_view::npos) continue;
    std::string word;
    for (const char c : std::string(text.substr(mark + kMark.size())) + " ") {
      if (is_word(c) || c == '-') {
        word += c;
      } else if (!word.empty()) {
        out[line].insert(word);
        out[line + 1].insert(word);
        word.clear();
      }
    }
  }
  return out;
}

}  // namespace

std::vector<Finding> lint_query(const Json& query, const ResolvedSql& sql, const Project& project,
                                const Model& model, Relation& outputs) {
  std::vector<Finding> findings;
  const ShapeRules shape(query, findings);
  LintObserver observer(findings, shape.unused_orders());
  RelationAnalyzer analyzer(columns_of_project(project), "", "", &observer);
  outputs = analyzer.analyze(query);
  lint_type_words(sql.text, findings);
  lint_money_outputs(model, outputs, findings);
  return findings;
}

void report_findings(const std::vector<Finding>& findings, const ResolvedSql& sql,
                     ProblemSink& problems) {
  const auto allowed = allowed_codes(sql.source);
  std::set<std::pair<size_t, std::string>> seen;
  for (const Finding& finding : findings) {
    const Mark mark = finding.offset ? sql.mark_at(*finding.offset) : Mark{};
    const auto codes = allowed.find(mark.line);
    if (codes != allowed.end() && codes->second.count(finding.code) != 0) continue;
    // A repeated expression (a GROUP BY position, a reused CTE) is one mistake.
    if (finding.offset && !seen.emplace(*finding.offset, finding.code).second) continue;
    if (finding.severity == Severity::Error) {
      problems.error(mark, finding.code, finding.message);
    } else {
      problems.warn(mark, finding.code, finding.message);
    }
  }
}

}  // namespace bullion::project
