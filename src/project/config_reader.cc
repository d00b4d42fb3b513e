#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "project/alignment_internal.h"
#include "project/config_key.h"
#include "project/project_files.h"
#include "project/readers_internal.h"
#include "project/state_location.h"

namespace bullion::project {
namespace {

namespace fs = std::filesystem;

constexpr int32_t kFiscalDaysMax = 36'525;  // 100 years

std::string without_blanks(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return std::string(text);
}

/// "'X'" or "'X', 'default'" -> its quoted texts.
std::vector<std::string> quoted_texts(std::string_view text) {
  std::vector<std::string> out;
  size_t at = 0;
  while ((at = text.find_first_of("'\"", at)) != std::string_view::npos) {
    const size_t end = text.find(text[at], at + 1);
    if (end == std::string_view::npos) break;
    out.emplace_back(text.substr(at + 1, end - at - 1));
    at = end + 1;
  }
  return out;
}

/// Replaces ${X}, ${X:-default}, {{ env_var('X') }} and {{ env_var('X', 'default') }} in values.
class Environment {
 public:
  explicit Environment(ProblemSink& problems) : problems_(problems) {}

  void expand(YamlNode& node) {
    if (node.kind == YamlNode::Kind::Scalar) node.text = expanded(node.text, node.mark);
    for (YamlNode& item : node.items) expand(item);
    for (YamlEntry& entry : node.entries) expand(entry.value);
  }

 private:
  std::string expanded(const std::string& text, Mark mark) {
    std::string out;
    size_t at = 0;
    while (at < text.size()) {
      const bool shell = text.compare(at, 2, "${") == 0;
      const bool call = text.compare(at, 2, "{{") == 0;
      const size_t end = shell  ? text.find('}', at)
                         : call ? text.find("}}", at)
                                : std::string::npos;
      if (end == std::string::npos) {
        out += text[at++];
        continue;
      }
      const std::string inner = text.substr(at + 2, end - at - 2);
      out += shell ? shell_value(inner, mark) : call_value(inner, mark);
      at = end + (shell ? 1 : 2);
    }
    return out;
  }

  std::string shell_value(const std::string& inner, Mark mark) {
    const size_t dash = inner.find(":-");
    if (dash == std::string::npos) return value(without_blanks(inner), nullptr, mark);
    const std::string fallback = inner.substr(dash + 2);
    return value(without_blanks(inner.substr(0, dash)), &fallback, mark);
  }

  std::string call_value(const std::string& inner, Mark mark) {
    const std::string call = without_blanks(inner);
    const auto texts = quoted_texts(call);
    if (!call.starts_with("env_var") || texts.empty() || texts.size() > 2) {
      problems_.error(mark, "template-unsupported",
                      fmt::format("`{{{{{}}}}}` is not supported here; expected "
                                  "{{{{ env_var('NAME') }}}} or ${{NAME}}",
                                  inner));
      return "";
    }
    return value(texts[0], texts.size() == 2 ? &texts[1] : nullptr, mark);
  }

  std::string value(const std::string& name, const std::string* fallback, Mark mark) {
    const char* found = std::getenv(name.c_str());
    if (found != nullptr) return found;
    if (fallback != nullptr) return *fallback;
    problems_.error(mark, "env-missing",
                    fmt::format("the environment variable `{}` is not set; export it, or write a "
                                "default: ${{{}:-value}}",
                                name, name));
    return "";
  }

  ProblemSink& problems_;
};

std::string absolute_path(const std::string& path, const fs::path& base) {
  if (path.empty()) return "";
  std::string out = (base / path).lexically_normal().string();
  while (out.size() > 1 && out.back() == '/') out.pop_back();
  return out;
}

void read_targets(const LoadOptions& options, MapReader& top, ProblemSink& problems,
                  Project& project) {
  const YamlNode* targets = top.take("targets");
  project.target = options.target.empty() ? top.text("target", "dev") : options.target;
  top.take("target");
  std::vector<std::string> names;
  bool found = false;
  if (targets != nullptr && targets->kind != YamlNode::Kind::Null) {
    const MapReader shape(*targets, "`targets`", problems);
    for (const YamlEntry& entry : targets->entries) {
      names.push_back(entry.key);
      MapReader target(entry.value, fmt::format("target `{}`", entry.key), problems);
      const std::string lake = target.required_text("lake");
      if (lake.find("://") != std::string::npos) {
        problems.error(target.mark_of("lake"), "yaml-value",
                       fmt::format("lake `{}`: only folders on this machine are supported", lake));
      }
      target.take("state");  // For state_location() alone.
      target.finish();
      if (entry.key != project.target) continue;
      found = true;
      project.lake = absolute_path(lake, project.folder);
    }
  }
  std::error_code ignored;
  if (!options.lake_override.empty()) {
    project.lake = absolute_path(options.lake_override, fs::current_path(ignored));
  }
  if (found) return;
  const bool can_do_without = names.empty() && options.target.empty() && !project.lake.empty();
  if (can_do_without) return;
  problems.error(top.mark_of(options.target.empty() ? "target" : "targets"), "target-unknown",
                 fmt::format("target `{}` is not under `targets:`{}; known targets: {}",
                             project.target, did_you_mean(project.target, names),
                             names.empty() ? "none, write `targets: {dev: {lake: ./lake}}`"
                                           : join_names(names)));
}

void read_vars(const LoadOptions& options, MapReader& top, ProblemSink& problems,
               Project& project) {
  const YamlNode* vars = top.take("vars");
  if (vars != nullptr) {
    const MapReader shape(*vars, "`vars`", problems);
    for (const YamlEntry& entry : vars->entries) {
      if (entry.value.kind == YamlNode::Kind::Scalar) {
        project.vars[entry.key] = entry.value.text;
      } else {
        problems.error(
            entry.value.mark, "yaml-type",
            fmt::format("var `{}` must be text, found {}", entry.key, kind_name(entry.value.kind)));
      }
    }
  }
  for (const auto& [name, value] : options.vars) project.vars[name] = value;
}

/// The days that the table fiscal_days holds.
FiscalSpan read_fiscal_span(MapReader& fiscal, ProblemSink& problems) {
  const YamlNode* node = fiscal.take("days");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return {};
  MapReader days(*node, "`days`", problems);
  const auto start = parse_date(days.required_text("start"));
  const auto end = parse_date(days.required_text("end"));
  days.finish();
  if (!start || !end || *start >= *end || *end - *start > kFiscalDaysMax) {
    problems.error(node->mark, "yaml-value",
                   "`days` needs `start` and `end`, days like 2020-01-01 with the end later than "
                   "the start (it is the first day that is not in) by 100 years at most");
    return {};
  }
  return {*start, *end};
}

void add_fiscal_days(const FiscalCalendar& calendar, FiscalSpan days, Location location,
                     Project& project) {
  Seed seed;
  seed.contract.name = kFiscalDaysTable;
  seed.contract.description = "The fiscal year, quarter and period of each day";
  seed.contract.columns = fiscal_days_columns();
  seed.contract.grain = {"day"};
  seed.contract.location = location;
  seed.file = location.file;
  seed.made = fiscal_days_csv(calendar, days);
  seed.hash = seed_hash(seed, seed.made);
  project.seeds.push_back(std::move(seed));
}

void read_fiscal(MapReader& top, ProblemSink& problems, Project& project) {
  const YamlNode* node = top.take("fiscal_calendar");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return;
  MapReader fiscal(*node, "`fiscal_calendar`", problems);
  project.fiscal_calendar = read_fiscal_calendar(fiscal, problems);
  const FiscalSpan days = read_fiscal_span(fiscal, problems);
  fiscal.finish();
  if (days.start == days.end) return;
  add_fiscal_days(project.fiscal_calendar, days, problems.at(node->mark), project);
}

YamlNode* value_of(YamlNode& map, const std::string& key) {
  for (YamlEntry& entry : map.entries) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

/// Empties `state` of every target, so that no password has to be there to read the rest.
void forget_states(YamlNode& document) {
  YamlNode* targets = value_of(document, "targets");
  if (targets == nullptr) return;
  for (YamlEntry& target : targets->entries) {
    YamlNode* state = value_of(target.value, "state");
    if (state != nullptr) *state = YamlNode{.mark = state->mark};
  }
}

}  // namespace

Result<std::string> state_location(const Project& project) {
  const std::string fallback = project.lake + "/state.db";
  auto text = read_text_file(project.folder + "/bullion.yml");
  if (!text && text.error().kind() == ErrorKind::NotFound) return fallback;
  if (!text) return text.error();
  std::vector<Problem> list;
  ProblemSink problems("bullion.yml", list);
  YamlNode document = read_yaml(*text, problems);
  YamlNode* targets = value_of(document, "targets");
  YamlNode* target = targets == nullptr ? nullptr : value_of(*targets, project.target);
  if (target == nullptr) return fallback;
  Environment(problems).expand(*target);
  if (list.empty()) {
    const YamlNode* lake = value_of(*target, "lake");
    const YamlNode* state = value_of(*target, "state");
    if (state == nullptr || state->kind == YamlNode::Kind::Null) return fallback;
    // Cases belong to the findings of one lake, so another lake has other cases.
    if (lake == nullptr || absolute_path(lake->text, project.folder) != project.lake) {
      return fallback;
    }
    const size_t scheme = state->text.find("://");
    const bool is_server =
        state->text.starts_with("postgresql://") || state->text.starts_with("postgres://");
    if (state->kind == YamlNode::Kind::Scalar && !state->text.empty()) {
      if (is_server) return state->text;
      if (scheme == std::string::npos) return absolute_path(state->text, project.folder);
    }
    // What follows the scheme may hold a password.
    problems.error(state->mark, "yaml-value",
                   fmt::format("`state` of target `{}` is {}; expected the path of a file (SQLite) "
                               "or postgresql://USER@HOST/DATABASE",
                               project.target,
                               state->kind != YamlNode::Kind::Scalar || state->text.empty()
                                   ? std::string(kind_name(state->kind))
                                   : "`" + state->text.substr(0, scheme + 3) + "...`"));
  }
  return invalid(to_string(list.front()));
}

YamlNode read_config_key(const Project& project, const std::string& key, ProblemSink& problems) {
  const auto text = read_text_file(project.folder + "/bullion.yml");
  if (!text) return {};
  std::vector<Problem> told_before;
  ProblemSink unheard("bullion.yml", told_before);
  YamlNode document = read_yaml(*text, unheard);
  YamlNode* value = value_of(document, key);
  if (value == nullptr) return {};
  Environment(problems).expand(*value);
  return std::move(*value);
}

void read_config(const LoadOptions& options, std::string_view text, ProblemSink& problems,
                 Project& project) {
  YamlNode document = read_yaml(text, problems);
  const bool broken = !problems.list().empty();
  forget_states(document);
  Environment(problems).expand(document);
  MapReader top(document, "bullion.yml", problems);
  if (document.kind == YamlNode::Kind::Null) {
    if (!broken) {
      problems.error({1, 1}, "yaml-missing-key",
                     "bullion.yml is empty; it needs `name`, `currency` and `targets`");
    }
    return;
  }
  project.name = top.required_text("name");
  project.currency = top.required_text("currency");
  const bool is_code =
      project.currency.size() == 3 &&
      project.currency.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") == std::string::npos;
  if (!project.currency.empty() && !is_code) {
    problems.error(
        top.mark_of("currency"), "yaml-value",
        fmt::format("`currency` is `{}`; expected an ISO 4217 code such as USD", project.currency));
  }
  project.time_zone = top.text("time_zone", "UTC");
  const bool is_zone = project.time_zone.find_first_not_of(
                           "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/") ==
                       std::string::npos;
  if (!is_zone || project.time_zone.empty()) {
    problems.error(top.mark_of("time_zone"), "yaml-value",
                   fmt::format("`time_zone` is `{}`; expected a name such as UTC or Europe/Berlin",
                               project.time_zone));
  }
  read_fiscal(top, problems, project);
  top.take("version");
  top.take("openlineage");  // Read by the module of that name.
  read_targets(options, top, problems, project);
  read_vars(options, top, problems, project);
  top.finish();
}

}  // namespace bullion::project
