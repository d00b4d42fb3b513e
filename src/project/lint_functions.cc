#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "project/lint_internal.h"
#include "project/name_list_internal.h"

namespace bullion::project {
namespace {

constexpr std::array<std::string_view, 16> kClocks = {"now",
                                                      "current_date",
                                                      "current_timestamp",
                                                      "current_time",
                                                      "get_current_timestamp",
                                                      "get_current_time",
                                                      "transaction_timestamp",
                                                      "today",
                                                      "localtime",
                                                      "localtimestamp",
                                                      "current_localtime",
                                                      "current_localtimestamp",
                                                      "age",
                                                      "clock_timestamp",
                                                      "current_user",
                                                      "txid_current"};
constexpr std::array<std::string_view, 10> kRandoms = {
    "random",  "uuid",    "gen_random_uuid",    "uuidv4", "uuidv7",
    "setseed", "nextval", "reservoir_quantile", "rand",   "currval"};
constexpr std::array<std::string_view, 13> kAverages = {
    "avg",         "mean",     "favg",    "median",   "stddev",        "stddev_pop",
    "stddev_samp", "variance", "var_pop", "var_samp", "quantile_cont", "percentile_cont",
    "geomean"};
constexpr std::array<std::string_view, 9> kOrderedAggregates = {
    "any_value", "first",      "last",         "arbitrary", "list",
    "array_agg", "string_agg", "group_concat", "listagg"};
constexpr std::array<std::string_view, 9> kOrderedWindows = {
    "row_number", "first_value", "last_value", "first", "last",
    "lag",        "lead",        "nth_value",  "ntile"};
constexpr std::array<std::string_view, 41> kDuckDbOnly = {"strftime",
                                                          "strptime",
                                                          "date_diff",
                                                          "datediff",
                                                          "date_sub",
                                                          "list_value",
                                                          "list_contains",
                                                          "list_filter",
                                                          "list_transform",
                                                          "list_aggregate",
                                                          "list_extract",
                                                          "array_extract",
                                                          "struct_pack",
                                                          "struct_extract",
                                                          "map",
                                                          "arg_max",
                                                          "arg_min",
                                                          "argmax",
                                                          "argmin",
                                                          "epoch",
                                                          "epoch_ms",
                                                          "quantile_cont",
                                                          "regexp_matches",
                                                          "starts_with",
                                                          "strpos",
                                                          "json_extract_string",
                                                          "json_extract",
                                                          "->>",
                                                          "->",
                                                          "sha256",
                                                          "generate_series",
                                                          "unnest",
                                                          "round_even",
                                                          "//",
                                                          "timezone",
                                                          "string_split",
                                                          "isodow",
                                                          "fsum",
                                                          "kahan_sum",
                                                          "strlen",
                                                          "regexp_full_match"};

std::string constant_text(const Json& node) {
  if (text_of(node, "class") != "CONSTANT") return "";
  return text_of(child_of(node, "value"), "value");
}

/// An integer constant; nullopt for anything else.
std::optional<int64_t> constant_integer(const Json& node) {
  if (text_of(node, "class") != "CONSTANT") return std::nullopt;
  const Json& value = child_of(node, "value");
  if (!value.contains("value") || !value["value"].is_number_integer()) return std::nullopt;
  return value["value"].get<int64_t>();
}

class FunctionRules {
 public:
  FunctionRules(const Json& node, const std::vector<ColumnFacts>& children,
                const std::vector<const Json*>& parents, std::vector<Finding>& findings)
      : node_(node),
        children_(children),
        parents_(parents),
        findings_(findings),
        name_(lower(text_of(node, "function_name"))),
        arguments_(list_of(node, "children")) {}

  void run() {
    reproducibility();
    money();
    row_order();
    dates();
    texts();
    if (name_ == "log" && arguments_.size() == 1) {
      error("sql-log", "log(x) is base 10 here and base e elsewhere; write log10(x) or ln(x)");
    }
    if (is_one_of(name_, kDuckDbOnly)) {
      warn("sql-duckdb-only",
           fmt::format("`{}` exists in DuckDB only, so the model cannot move to another engine; "
                       "docs/lint.md lists portable spellings",
                       name_));
    }
  }

 private:
  TypeClass type(size_t i) const {
    return i < children_.size() ? children_[i].type : TypeClass::Unknown;
  }
  bool is_window() const { return text_of(node_, "class") == "WINDOW"; }

  void reproducibility() {
    if (is_one_of(name_, kClocks)) {
      error("sql-clock",
            fmt::format("`{}`: models see no clock, or a rerun gives other numbers; take the date "
                        "from a column, a seed or {{{{ var('name') }}}}",
                        name_));
    }
    if (is_one_of(name_, kRandoms)) {
      error("sql-random",
            fmt::format("`{}` gives another value at each run; derive the value from columns, for "
                        "example md5(key)",
                        name_));
    }
  }

  void money() {
    const bool decimal = std::any_of(children_.begin(), children_.end(), [](const ColumnFacts& c) {
      return c.type == TypeClass::Decimal;
    });
    if ((name_ == "/" || name_ == "divide") && arguments_.size() == 2) {
      if (decimal) {
        error("sql-decimal-division",
              "`/` on decimals gives a binary float, and other digits on another engine; write "
              "ratio(numerator, denominator, scale), or allocate(...) to split an amount");
      } else if (!safe_denominator(arguments_[1])) {
        warn("sql-division-by-zero",
             "`/` by zero gives infinity here and an error elsewhere; write x / nullif(y, 0)");
      }
    }
    if (is_one_of(name_, kAverages) && type(0) == TypeClass::Decimal) {
      error(
          "sql-decimal-average",
          fmt::format("{}() of decimals gives a binary float, and other digits on another engine; "
                      "write ratio(sum(x), count(x), scale){}",
                      name_, name_ == "avg" || name_ == "mean" ? "" : " or leave it to a chart"));
    }
    if ((name_ == "sum" || name_ == "sum_no_overflow") && type(0) == TypeClass::Double) {
      error("float-money",
            "sum() of a double depends on the order of the rows; declare the column decimal(p,s), "
            "or CAST each value AS DECIMAL(p,s) before summing");
    }
  }

  static bool safe_denominator(const Json& node) {
    if (const auto value = constant_integer(node)) return *value != 0;
    if (text_of(node, "class") == "CONSTANT") return true;
    if (text_of(node, "class") == "CAST") return safe_denominator(child_of(node, "child"));
    return lower(text_of(node, "function_name")) == "nullif";
  }

  void row_order() {
    if (is_window()) {
      if (is_one_of(name_, kOrderedWindows) && list_of(node_, "orders").empty()) {
        error("sql-row-order",
              fmt::format("`{}` without ORDER BY takes rows as they come; add ORDER BY with enough "
                          "columns to decide every tie",
                          name_));
      }
      return;
    }
    const bool ordered = !list_of(child_of(node_, "order_bys"), "orders").empty();
    if (is_one_of(name_, kOrderedAggregates) && !ordered) {
      error("sql-row-order",
            fmt::format("`{}` depends on the order of rows; write min(), max(), max_by(value, "
                        "order) or an ORDER BY inside the call",
                        name_));
    }
  }

  void dates() {
    const bool day_of_week = name_ == "dayofweek" || name_ == "weekday";
    const std::string part =
        name_ == "date_part" && !arguments_.empty() ? lower(constant_text(arguments_[0])) : "";
    if (day_of_week || part == "dow" || part == "weekday" || part == "dayofweek") {
      error("sql-day-of-week",
            "the number of a weekday begins with Sunday = 0 here and 1 elsewhere; compare with the "
            "week's Monday: d - a weekend day is d >= CAST(date_trunc('week', d) AS DATE) + 5");
    }
    if (part == "epoch" || part == "isodow") {
      warn("sql-duckdb-only", fmt::format("extract({} ...) exists in DuckDB only", part));
    }
    if (arguments_.size() != 2 || (name_ != "+" && name_ != "-")) return;
    if (name_ == "-" && type(0) == TypeClass::Date && type(1) == TypeClass::Date) {
      error("sql-date-difference",
            "date - date is a number here and an interval elsewhere; write date_diff('day', start, "
            "end), which cannot give another value unseen");
    }
    const bool interval = (type(0) == TypeClass::Date && type(1) == TypeClass::Interval) ||
                          (type(1) == TypeClass::Date && type(0) == TypeClass::Interval);
    const bool cast_to_date = !parents_.empty() && text_of(*parents_.back(), "class") == "CAST" &&
                              text_of(child_of(*parents_.back(), "cast_type"), "id") == "DATE";
    if (interval && !cast_to_date) {
      warn("sql-date-interval",
           "date + INTERVAL is a timestamp here and a date elsewhere; write CAST(d + INTERVAL ... "
           "AS DATE), or d + n for days");
    }
  }

  void texts() {
    if (name_ == "concat" && std::any_of(children_.begin(), children_.end(),
                                         [](const ColumnFacts& c) { return !c.not_null; })) {
      error("sql-concat-null",
            "concat() skips NULL here and becomes NULL elsewhere; write a || b, or "
            "concat(coalesce(a, ''), ...)");
    }
    if (name_ == "regexp_replace") {
      const std::string pattern = arguments_.size() > 1 ? constant_text(arguments_[1]) : "";
      if (arguments_.size() == 3 && !pattern.starts_with("^")) {
        error("sql-regexp-replace",
              "regexp_replace() replaces the first match here and all matches elsewhere; write "
              "replace() or translate(), or anchor the pattern with ^ so that it can match once");
      } else if (arguments_.size() > 3) {
        warn("sql-duckdb-only",
             "regexp_replace() with options exists in DuckDB only; write replace() or translate()");
      }
    }
    if ((name_ == "substr" || name_ == "substring") && arguments_.size() > 1 &&
        constant_integer(arguments_[1]) == 0) {
      error("sql-substr-zero",
            "substr(s, 0, n) gives n - 1 characters here and n elsewhere; positions count from 1");
    }
    if (name_ == "regexp_extract" && arguments_.size() == 2) {
      warn("sql-duckdb-only",
           "regexp_extract() without a group means another group elsewhere; write "
           "regexp_extract(s, '(pattern)', 1)");
    }
    if (name_ == "upper" || name_ == "ucase") {
      warn(
          "sql-upper",
          "upper() of some letters (as in `straße`) differs between engines; compare with lower()");
    }
  }

  void error(std::string code, std::string message) {
    add(std::move(code), Severity::Error, std::move(message));
  }
  void warn(std::string code, std::string message) {
    add(std::move(code), Severity::Warn, std::move(message));
  }
  void add(std::string code, Severity severity, std::string message) {
    auto offset = offset_of(node_);
    if (!offset && !parents_.empty()) offset = offset_of(*parents_.back());
    findings_.push_back({std::move(code), severity, offset, std::move(message)});
  }

  const Json& node_;
  const std::vector<ColumnFacts>& children_;
  const std::vector<const Json*>& parents_;
  std::vector<Finding>& findings_;
  std::string name_;
  const Json& arguments_;
};

}  // namespace

void lint_function(const Json& node, const std::vector<ColumnFacts>& children,
                   const std::vector<const Json*>& parents, std::vector<Finding>& findings) {
  FunctionRules(node, children, parents, findings).run();
}

}  // namespace bullion::project
