#include "quality/rule_set.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "project/problem_sink.h"
#include "project/yaml_reader.h"

namespace bullion::quality {
namespace {

using project::MapReader;
using project::Mark;
using project::ProblemSink;
using project::YamlEntry;
using project::YamlNode;

const std::vector<std::string>& column_types() {
  static const std::vector<std::string> kTypes = {"string", "decimal", "datetime"};
  return kTypes;
}

const std::vector<std::string>& formats() {
  static const std::vector<std::string> kFormats = {
      "datetime_iso", "datetime_utc", "datetime_utc_z", "json_flat", "json_object",
      "json_unique",  "key_value",    "numeric",        "text"};
  return kFormats;
}

const std::vector<std::string>& keywords() {
  static const std::vector<std::string> kKeywords = {"MUST",       "MUST NOT", "SHOULD",
                                                     "SHOULD NOT", "MAY",      "RECOMMENDED"};
  return kKeywords;
}

struct CheckWord {
  std::string_view word;
  CheckKind kind;
};
constexpr std::array<CheckWord, 4> kPlainChecks{{{"column_present", CheckKind::ColumnPresent},
                                                 {"not_null", CheckKind::NotNull},
                                                 {"is_null", CheckKind::IsNull},
                                                 {"permission", CheckKind::Permission}}};

std::string plain_check_words() {
  std::vector<std::string_view> words;
  for (const CheckWord& check : kPlainChecks) words.push_back(check.word);
  return fmt::format("{}", fmt::join(words, ", "));
}

std::optional<WhenMissing> parse_when_missing(MapReader& reader, const std::string& key) {
  const std::string word = reader.choice(key, {"skipped", "passed", "failed", "ignored"}, "");
  if (word == "passed") return WhenMissing::Passed;
  if (word == "failed") return WhenMissing::Failed;
  if (word == "ignored") return WhenMissing::Ignored;
  if (word == "skipped") return WhenMissing::Skipped;
  return std::nullopt;
}

/// Reads one file into a set; what it extends is already there.
class RuleSetReader {
 public:
  RuleSetReader(RuleSet& set, ProblemSink& problems) : set_(set), problems_(problems) {}

  void read(MapReader& top) {
    set_.title = top.text("title", set_.title);
    set_.source = top.text("source", set_.source);
    if (const auto missing = parse_when_missing(top, "when_column_missing")) {
      set_.when_missing = *missing;
    }
    if (top.has("null_words")) set_.null_words = top.texts("null_words");
    top.take("null_words");
    read_columns(top.take("columns"));
    read_flags(top.take("applicability"));
    read_lists(top.take("inputs"), "inputs", set_.inputs);
    read_lists(top.take("lists"), "lists", set_.lists);
    if (const YamlNode* without = top.take("without")) {
      MapReader reader(*without, "`without`", problems_);
      remove(reader.texts("columns"), reader.texts("rules"));
      reader.finish();
    }
    const YamlNode* rules = top.take("rules");
    if (rules == nullptr) return;
    if (rules->kind != YamlNode::Kind::List) {
      problems_.error(rules->mark, "yaml-type", "`rules` must be a list of rules");
      return;
    }
    std::set<std::string> seen;
    for (const YamlNode& node : rules->items) {
      Rule rule = read_rule(node);
      if (rule.id.empty()) continue;
      if (!seen.insert(rule.id).second) {
        problems_.error(node.mark, "rule-duplicate",
                        fmt::format("rule `{}` is written twice; keep one of them", rule.id));
        continue;
      }
      add(std::move(rule));
    }
  }

  /// Names that must exist, and no circle of dependencies.
  void link() {
    std::set<std::string> ids;
    for (const Rule& rule : set_.rules) ids.insert(rule.id);
    for (const Rule& rule : set_.rules) {
      const Mark mark{rule.location.line, rule.location.column};
      std::vector<std::string> named = rule.depends_on;
      if (is_composite(rule)) {
        named.insert(named.end(), rule.check.values.begin(), rule.check.values.end());
      }
      for (const std::string& id : named) {
        if (ids.contains(id)) continue;
        problems_.error(mark, "rule-unknown",
                        fmt::format("rule `{}` names the rule `{}`, which is not there{}", rule.id,
                                    id, did_you_mean(id, {ids.begin(), ids.end()})));
      }
    }
    refuse_circles();
  }

 private:
  static bool is_composite(const Rule& rule) {
    return rule.check.kind == CheckKind::All || rule.check.kind == CheckKind::Any;
  }

  void read_columns(const YamlNode* node) {
    if (node == nullptr) return;
    MapReader reader(*node, "`columns`", problems_);
    for (const YamlEntry& entry : node->entries) {
      const std::string type = reader.choice(entry.key, column_types(), "string");
      const auto found =
          std::ranges::find(set_.columns, entry.key, &std::pair<std::string, std::string>::first);
      if (found != set_.columns.end()) {
        found->second = type;
      } else {
        set_.columns.emplace_back(entry.key, type);
      }
    }
  }

  void read_flags(const YamlNode* node) {
    if (node == nullptr) return;
    MapReader reader(*node, "`applicability`", problems_);
    for (const YamlEntry& entry : node->entries) {
      if (entry.value.kind == YamlNode::Kind::Map) {
        reader.take(entry.key);
        MapReader flag(entry.value, fmt::format("flag `{}`", entry.key), problems_);
        set_.flags[entry.key] = {.about = flag.required_text("about"),
                                 .evidence = flag.texts("evidence")};
        flag.finish();
        continue;
      }
      set_.declared[entry.key] = reader.flag(entry.key, false);
      if (!set_.flags.contains(entry.key)) {
        problems_.error(entry.mark, "rule-flag",
                        fmt::format("there is no flag `{}`{}", entry.key,
                                    did_you_mean(entry.key, flag_names())));
      }
    }
  }

  std::vector<std::string> flag_names() const {
    std::vector<std::string> names;
    for (const auto& [name, flag] : set_.flags) names.push_back(name);
    return names;
  }

  void read_lists(const YamlNode* node, const std::string& key,
                  std::map<std::string, std::vector<std::string>>& lists) {
    if (node == nullptr) return;
    MapReader reader(*node, "`" + key + "`", problems_);
    for (const YamlEntry& entry : node->entries) lists[entry.key] = reader.texts(entry.key);
  }

  void remove(const std::vector<std::string>& columns, const std::vector<std::string>& ids) {
    const auto named = [](const std::vector<std::string>& names, const std::string& name) {
      return std::ranges::find(names, name) != names.end();
    };
    const auto is_named = [&](const std::string& column) { return named(columns, column); };
    std::set<std::string> gone;
    for (Rule& rule : set_.rules) {
      if (rule.when_missing == WhenMissing::Ignored) std::erase_if(rule.columns, is_named);
    }
    std::erase_if(set_.rules, [&](const Rule& rule) {
      const bool drop = named(ids, rule.id) || std::ranges::any_of(rule.reads, is_named) ||
                        std::ranges::any_of(rule.columns, is_named) ||
                        (rule.when_missing == WhenMissing::Ignored && rule.columns.empty());
      if (drop) gone.insert(rule.id);
      return drop;
    });
    for (Rule& rule : set_.rules) {
      const auto is_gone = [&](const std::string& id) { return gone.contains(id); };
      std::erase_if(rule.depends_on, is_gone);
      if (is_composite(rule)) std::erase_if(rule.check.values, is_gone);
    }
    std::erase_if(set_.columns, [&](const auto& column) { return named(columns, column.first); });
  }

  void add(Rule rule) {
    const auto found = std::ranges::find(set_.rules, rule.id, &Rule::id);
    if (found != set_.rules.end()) {
      *found = std::move(rule);
    } else {
      set_.rules.push_back(std::move(rule));
    }
  }

  Rule read_rule(const YamlNode& node) {
    Rule rule;
    MapReader reader(node, "a rule", problems_);
    rule.location = problems_.at(node.mark);
    rule.id = reader.required_text("id");
    rule.statement = reader.text("statement");
    rule.keyword = reader.choice("keyword", keywords(), "MUST");
    rule.is_dynamic = reader.choice("kind", {"static", "dynamic"}, "static") == "dynamic";
    rule.columns = reader.texts("columns");
    for (const std::string& column : reader.texts("column")) rule.columns.push_back(column);
    rule.reads = reader.texts("reads");
    rule.applies_if = reader.texts("applies_if");
    rule.when = reader.text("when");
    rule.inputs = reader.texts("inputs");
    rule.depends_on = reader.texts("depends_on");
    rule.when_missing = parse_when_missing(reader, "when_missing");
    rule.note = reader.text("note");
    expect_names(reader, rule);
    if (const YamlNode* check = reader.take("check")) {
      read_check(*check, rule);
    } else {
      problems_.error(node.mark, "yaml-missing-key",
                      fmt::format("rule `{}` needs a `check`", rule.id));
    }
    reader.finish();
    if (rule.statement.empty()) rule.statement = statement_of(rule);
    return rule;
  }

  void expect_names(const MapReader& reader, const Rule& rule) {
    for (const std::string& flag : rule.applies_if) {
      if (set_.flags.contains(flag)) continue;
      problems_.error(reader.mark_of("applies_if"), "rule-flag",
                      fmt::format("rule `{}` applies if `{}`, which `applicability` does not "
                                  "define{}",
                                  rule.id, flag, did_you_mean(flag, flag_names())));
    }
    for (const std::string& input : rule.inputs) {
      if (set_.inputs.contains(input)) continue;
      problems_.error(reader.mark_of("inputs"), "rule-input",
                      fmt::format("rule `{}` reads the input `{}`, which `inputs` does not define",
                                  rule.id, input));
    }
  }

  void read_check(const YamlNode& node, Rule& rule) {
    const std::string what = fmt::format("`check` of rule `{}`", rule.id);
    if (node.kind == YamlNode::Kind::Scalar) {
      for (const CheckWord& check : kPlainChecks) {
        if (check.word == node.text) {
          rule.check.kind = check.kind;
          expect_columns(node.mark, rule);
          return;
        }
      }
      problems_.error(node.mark, "yaml-value",
                      fmt::format("{} is `{}`; expected {} or a mapping like `type: decimal`", what,
                                  node.text, plain_check_words()));
      return;
    }
    MapReader reader(node, what, problems_);
    read_argument(reader, rule);
    if (node.kind == YamlNode::Kind::Map && node.entries.size() != 1) {
      problems_.error(node.mark, "yaml-value",
                      fmt::format("{} must have one key, found {}", what, node.entries.size()));
    }
    reader.finish();
    expect_columns(node.mark, rule);
  }

  void read_argument(MapReader& reader, Rule& rule) {
    RuleCheck& check = rule.check;
    const auto text_check = [&](const std::string& key, CheckKind kind) {
      if (!reader.has(key)) {
        reader.take(key);
        return;
      }
      check.kind = kind;
      check.argument = reader.required_text(key);
    };
    if (reader.has("type")) {
      check.kind = CheckKind::Type;
      check.argument = reader.choice("type", column_types(), "string");
    }
    if (reader.has("format")) {
      check.kind = CheckKind::Format;
      check.argument = reader.choice("format", formats(), "text");
    }
    reader.take("type");
    reader.take("format");
    text_check("matches", CheckKind::Matches);
    text_check("row", CheckKind::Row);
    text_check("query", CheckKind::Query);
    text_check("unchecked", CheckKind::Unchecked);
    for (const auto& [key, kind] : {std::pair{"accepted_values", CheckKind::AcceptedValues},
                                    {"rejected_values", CheckKind::RejectedValues}}) {
      const YamlNode* values = reader.take(key);
      if (values == nullptr) continue;
      check.kind = kind;
      read_values(key, *values, reader, rule);
    }
    for (const auto& [key, kind] : {std::pair{"all", CheckKind::All}, {"any", CheckKind::Any}}) {
      if (reader.take(key) == nullptr) continue;
      check.kind = kind;
      check.values = reader.texts(key);
    }
    if (const YamlNode* product = reader.take("product")) {
      check.kind = CheckKind::Product;
      read_product(*product, rule);
    }
  }

  void read_values(const std::string& key, const YamlNode& node, MapReader& reader, Rule& rule) {
    if (node.kind != YamlNode::Kind::Map) {
      rule.check.values = reader.texts(key);
      return;
    }
    MapReader named(node, "`" + key + "`", problems_);
    const std::string name = named.required_text("list");
    named.finish();
    const auto found = set_.lists.find(name);
    if (found != set_.lists.end()) {
      rule.check.values = found->second;
      rule.check.argument = name;
    } else if (!name.empty()) {
      std::vector<std::string> names;
      for (const auto& [list, values] : set_.lists) names.push_back(list);
      problems_.error(node.mark, "rule-list",
                      fmt::format("`lists` has no list `{}`{}", name, did_you_mean(name, names)));
    }
  }

  void read_product(const YamlNode& node, Rule& rule) {
    MapReader reader(node, "`product`", problems_);
    rule.check.values = reader.texts("of");
    rule.check.values.push_back(reader.required_text("is"));
    const std::string within = reader.text("within", "0");
    reader.finish();
    const ParsedDecimal amount = parse_decimal(within, 38, 18);
    if (amount.fault.has_value() || amount.units < 0) {
      problems_.error(reader.mark_of("within"), "yaml-value",
                      fmt::format("`within` is `{}`; expected a decimal like 0.000001, not "
                                  "negative, of at most 18 digits after the point",
                                  within));
    } else {
      rule.check.within = {amount.units, 18};
    }
    if (rule.check.values.size() != 3) {
      problems_.error(node.mark, "yaml-value", "`product` needs two columns in `of`");
    }
    for (const std::string& column : rule.check.values) {
      if (std::ranges::find(rule.columns, column) == rule.columns.end()) {
        rule.columns.push_back(column);
      }
    }
  }

  void expect_columns(Mark mark, const Rule& rule) {
    switch (rule.check.kind) {
      case CheckKind::ColumnPresent:
      case CheckKind::NotNull:
      case CheckKind::IsNull:
      case CheckKind::Type:
      case CheckKind::Format:
      case CheckKind::Matches:
      case CheckKind::AcceptedValues:
      case CheckKind::RejectedValues:
        if (rule.columns.empty()) {
          problems_.error(mark, "yaml-missing-key",
                          fmt::format("rule `{}` needs a `column`", rule.id));
        }
        break;
      default:
        break;
    }
  }

  void refuse_circles() {
    std::map<std::string, int> state;  // 1: on the way, 2: done
    for (const Rule& rule : set_.rules) {
      if (visit(rule, state)) continue;
      problems_.error({rule.location.line, rule.location.column}, "rule-circle",
                      fmt::format("rule `{}` depends on itself through other rules", rule.id));
      return;
    }
  }

  bool visit(const Rule& rule, std::map<std::string, int>& state) {
    int& mine = state[rule.id];
    if (mine != 0) return mine == 2;
    mine = 1;
    std::vector<std::string> named = rule.depends_on;
    if (is_composite(rule)) {
      named.insert(named.end(), rule.check.values.begin(), rule.check.values.end());
    }
    for (const std::string& id : named) {
      const Rule* other = set_.find(id);
      if (other != nullptr && !visit(*other, state)) return false;
    }
    state[rule.id] = 2;
    return true;
  }

  RuleSet& set_;
  ProblemSink& problems_;
};

Error all_problems(const std::vector<project::Problem>& problems) {
  std::vector<std::string> lines;
  for (const project::Problem& problem : problems) lines.push_back(to_string(problem));
  return invalid(fmt::format("{}", fmt::join(lines, "\n")));
}

bool has_errors(const std::vector<project::Problem>& problems) {
  return std::ranges::any_of(problems, [](const project::Problem& problem) {
    return problem.severity == project::Severity::Error;
  });
}

/// Depth of `extends` that is still no circle.
constexpr int kExtendsMax = 8;

std::optional<RuleSet> read_set(const std::string& file, std::string_view text,
                                const RuleSetSource& other, int depth,
                                std::vector<project::Problem>& found) {
  ProblemSink problems(file, found);
  const YamlNode document = project::read_yaml(text, problems);
  if (has_errors(found)) return std::nullopt;
  MapReader top(document, "a rule set", problems);
  RuleSet set;
  const std::string name = top.required_text("rule_set");
  const std::string version = top.text("version");
  if (const YamlNode* base = top.take("extends")) {
    MapReader reader(*base, "`extends`", problems);
    const std::string base_name = reader.required_text("rule_set");
    const std::string base_version = reader.text("version");
    reader.finish();
    const auto bytes = other(base_name, base_version);
    if (!bytes || depth >= kExtendsMax) {
      problems.error(base->mark, "rule-set-unknown",
                     fmt::format("there is no rule set `{}` {} to extend{}", base_name,
                                 base_version, bytes ? ": `extends` goes in a circle" : ""));
      return std::nullopt;
    }
    auto extended =
        read_set(fmt::format("{} {}", base_name, base_version), *bytes, other, depth + 1, found);
    if (!extended) return std::nullopt;
    set = *std::move(extended);
  }
  set.name = name;
  set.version = version;
  RuleSetReader reader(set, problems);
  reader.read(top);
  top.finish();
  reader.link();
  if (has_errors(found)) return std::nullopt;
  return set;
}

}  // namespace

const Rule* RuleSet::find(const std::string& id) const {
  const auto found = std::ranges::find(rules, id, &Rule::id);
  return found == rules.end() ? nullptr : &*found;
}

bool is_format(std::string_view name) {
  return std::ranges::find(formats(), name) != formats().end();
}

std::string RuleSet::full_name() const {
  return version.empty() ? name : fmt::format("{} {}", name, version);
}

Result<RuleSetTitle> read_rule_set_title(const std::string& file, std::string_view text) {
  std::vector<project::Problem> found;
  ProblemSink problems(file, found);
  const YamlNode document = project::read_yaml(text, problems);
  MapReader top(document, "a rule set", problems);
  RuleSetTitle title;
  title.name = top.required_text("rule_set");
  title.version = top.text("version");
  title.title = top.text("title");
  if (has_errors(found)) return all_problems(found);
  return title;
}

Result<RuleSet> read_rule_set(const std::string& file, std::string_view text,
                              const RuleSetSource& other) {
  std::vector<project::Problem> found;
  auto set = read_rule_set(file, text, other, found);
  if (!set) return all_problems(found);
  return *std::move(set);
}

std::optional<RuleSet> read_rule_set(const std::string& file, std::string_view text,
                                     const RuleSetSource& other,
                                     std::vector<project::Problem>& problems) {
  return read_set(file, text, other, 0, problems);
}

}  // namespace bullion::quality
