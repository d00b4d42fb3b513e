#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/template_call_internal.h"
#include "project/templates_internal.h"

namespace bullion::project {
namespace {

/// What names in a template stand for.
struct Names {
  const Project& project;
  const std::map<std::string, Param>& params;           ///< of a detector
  const std::map<std::string, std::string>& arguments;  ///< of the macro being expanded
  std::vector<std::string> within;                      ///< macros being expanded, outermost first
  int& expansions_left;                                 ///< shared by all macros of one file
};

/// Macros that use each other twice and twice again would never end in practice.
constexpr int kExpansionsMax = 10000;

/// Where a body of a macro begins in its file.
Mark shifted(Mark mark, const Location& begin) {
  if (mark.line == 1) mark.column += begin.column - 1;
  mark.line += begin.line - 1;
  return mark;
}

class Resolver {
 public:
  Resolver(std::string_view source, Names names, ProblemSink& problems, Location begin = {"", 1, 1})
      : source_(source), names_(std::move(names)), problems_(problems), begin_(std::move(begin)) {
    out_.source = std::string(source);
  }

  ResolvedSql run() {
    while (at_ < source_.size()) {
      if (!literal_ && !name_ && comment()) continue;
      const char c = source_[at_];
      if (c == '\'' && !name_) literal_ = !literal_;
      if (c == '"' && !literal_) name_ = !name_;
      if (c == '{' && at_ + 1 < source_.size() && template_at()) continue;
      copy(1);
    }
    return std::move(out_);
  }

 private:
  bool comment() {
    size_t end = std::string_view::npos;
    if (source_.substr(at_, 2) == "--") {
      end = source_.find('\n', at_);
    } else if (source_.substr(at_, 2) == "/*") {
      end = source_.find("*/", at_ + 2);
      if (end != std::string_view::npos) end += 2;
    } else {
      return false;
    }
    copy((end == std::string_view::npos ? source_.size() : end) - at_);
    return true;
  }

  bool template_at() {
    const std::string_view open = source_.substr(at_, 2);
    if (open == "{#") {
      const size_t end = source_.find("#}", at_ + 2);
      if (end == std::string_view::npos) return unclosed("{#", "#}");
      replace(end + 2, "");
      return true;
    }
    if (open == "{%") {
      const size_t end = source_.find("%}", at_ + 2);
      if (end == std::string_view::npos) return unclosed("{%", "%}");
      error("template-unsupported",
            "`{% ... %}` is not supported here: a model is one plain SELECT; write the SQL out, "
            "use {{ var('name') }} for a value that changes, or a macro of macros/*.sql");
      replace(end + 2, "");
      return true;
    }
    if (open != "{{") return false;
    const size_t end = end_of_expression();
    if (end == std::string_view::npos) return unclosed("{{", "}}");
    std::string_view inner = source_.substr(at_ + 2, end - at_ - 2);
    if (inner.starts_with("-")) inner.remove_prefix(1);
    if (inner.ends_with("-")) inner.remove_suffix(1);
    value_.clear();
    const std::string text = value_of(inner);
    replace(end + 2, text);
    out_.pieces.back().value = value_;
    return true;
  }

  /// Offset of the "}}" that closes the "{{" here, outside of quotes.
  size_t end_of_expression() const {
    char quote = 0;
    for (size_t i = at_ + 2; i < source_.size(); ++i) {
      const char c = source_[i];
      if (quote != 0) {
        if (c == quote) quote = 0;
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '}' && source_.substr(i, 2) == "}}") {
        return i;
      }
    }
    return std::string_view::npos;
  }

  std::string value_of(std::string_view inner) {
    const auto argument = argument_named(inner);
    if (argument) return *argument;
    const auto call = parse_template_call(inner);
    if (call && call->name == "config") {
      const std::string severity = call->option("severity");
      if (!severity.empty()) out_.config_severity = lower(severity);
      return "";
    }
    if (call && names_.project.macros.contains(call->name)) return expanded(*call);
    const auto texts = call ? call->texts() : std::nullopt;
    if (texts) {
      const size_t count = texts->size();
      if (call->name == "ref" && (count == 1 || count == 2)) return table(texts->back());
      if (call->name == "source" && count == 2) return table(texts->back());
      if (call->name == "var" && (count == 1 || count == 2)) return variable(*texts);
      if (call->name == "param" && count == 1) return param(texts->front());
    }
    unknown(inner, call ? call->name : "");
    return "";
  }

  void unknown(std::string_view inner, const std::string& name) {
    std::vector<std::string> words = {"ref", "source", "var", "param", "config"};
    for (const auto& [macro, definition] : names_.project.macros) words.push_back(macro);
    for (const auto& [argument, value] : names_.arguments) words.push_back(argument);
    error("template-unsupported",
          fmt::format("`{{{{{}}}}}` is not supported{}; expected {{{{ ref('table') }}}}, "
                      "{{{{ source('any', 'table') }}}}, {{{{ var('name') }}}}, "
                      "{{{{ param('name') }}}} (in detectors), {{{{ config(...) }}}} or a macro of "
                      "macros/*.sql",
                      inner, name.empty() ? "" : did_you_mean(name, words)));
  }

  /// The value of a bare word inside a macro.
  std::optional<std::string> argument_named(std::string_view inner) const {
    const size_t begin = inner.find_first_not_of(" \t\r\n");
    if (begin == std::string_view::npos) return std::nullopt;
    const size_t last = inner.find_last_not_of(" \t\r\n");
    const auto found = names_.arguments.find(std::string(inner.substr(begin, last - begin + 1)));
    if (found == names_.arguments.end()) return std::nullopt;
    return found->second;
  }

  std::string expanded(const TemplateCall& call) {
    const Macro& macro = names_.project.macros.at(call.name);
    if (contains(names_.within, macro.name)) {
      error("macro-cycle", fmt::format("macro `{}` uses itself: {} -> {}", macro.name,
                                       fmt::join(names_.within, " -> "), macro.name));
      return "";
    }
    if (names_.expansions_left <= 0) return "";
    if (--names_.expansions_left == 0) {
      error("macro-size",
            fmt::format("more than {} macros are expanded for this file; `{}` is used "
                        "too often by the others",
                        kExpansionsMax, macro.name));
      return "";
    }
    std::map<std::string, std::string> arguments;
    if (!bind(macro, call, arguments)) return "";
    ProblemSink sink(macro.location.file, problems_.list());
    Names inner{names_.project, names_.params, arguments, names_.within, names_.expansions_left};
    inner.within.push_back(macro.name);
    ResolvedSql body = Resolver(macro.body, std::move(inner), sink, macro.body_from).run();
    out_.macros.insert(macro.name);
    out_.macros.merge(body.macros);
    // What follows must not become part of a comment that ends the body.
    const size_t last_line = body.text.rfind('\n');
    const bool comments =
        body.text.find("--", last_line == std::string::npos ? 0 : last_line) != std::string::npos;
    return comments ? body.text + "\n" : body.text;
  }

  /// Gives each parameter its value; reports what is missing, unknown or given twice.
  bool bind(const Macro& macro, const TemplateCall& call,
            std::map<std::string, std::string>& values) {
    std::vector<std::string> names;
    for (const Macro::Parameter& parameter : macro.parameters) names.push_back(parameter.name);
    const auto wrong = [&](const std::string& what) {
      error("macro-call", fmt::format("macro `{}({})` {}; it is at {}", macro.name,
                                      fmt::join(names, ", "), what, to_string(macro.location)));
      return false;
    };
    size_t position = 0;
    for (const TemplateCall::Argument& argument : call.arguments) {
      if (argument.key.empty() && position >= names.size()) {
        return wrong(fmt::format("takes {} values, this is one more", names.size()));
      }
      const std::string& name = argument.key.empty() ? names[position++] : argument.key;
      if (!contains(names, name)) {
        return wrong(fmt::format("has no parameter `{}`{}", name, did_you_mean(name, names)));
      }
      const auto text = text_of_argument(argument);
      if (!text) {
        return wrong(
            fmt::format("takes texts in quotes and numbers; `{}` is something else", name));
      }
      if (!values.emplace(name, *text).second) {
        return wrong(fmt::format("is given `{}` twice", name));
      }
    }
    for (const Macro::Parameter& parameter : macro.parameters) {
      if (values.contains(parameter.name)) continue;
      if (!parameter.value) return wrong(fmt::format("is not given `{}`", parameter.name));
      values[parameter.name] = *parameter.value;
    }
    return true;
  }

  /// A quoted text, a number, or the value of a parameter of the macro around.
  std::optional<std::string> text_of_argument(const TemplateCall::Argument& argument) const {
    using Kind = TemplateCall::Argument::Kind;
    if (argument.kind == Kind::Name) return argument_named(argument.text);
    if (argument.kind == Kind::Other) return std::nullopt;
    return argument.text;
  }

  std::string table(const std::string& name) {
    if (is_table_name(name)) return name;
    error(
        "template-unsupported",
        fmt::format("`{}` cannot be a table: names are lower-case letters, digits and `_`", name));
    return "";
  }

  std::string variable(const std::vector<std::string>& call) {
    const std::map<std::string, std::string>& vars = names_.project.vars;
    const auto found = vars.find(call[0]);
    if (found != vars.end()) return found->second;
    if (call.size() == 2) return call[1];
    std::vector<std::string> names;
    for (const auto& [name, value] : vars) names.push_back(name);
    error("var-unknown",
          fmt::format("var `{}` has no value{}; write it under `vars:` in bullion.yml, give "
                      "--vars {}=..., or a default: {{{{ var('{}', 'default') }}}}",
                      call[0], did_you_mean(call[0], names), call[0], call[0]));
    return "";
  }

  std::string param(const std::string& name) {
    const auto found = names_.params.find(name);
    if (found != names_.params.end()) {
      value_ = fmt::format("`{}`, the value of `{}` at {}", found->second.value, name,
                           to_string(found->second.location));
      return found->second.value;
    }
    std::vector<std::string> names;
    for (const auto& [known, value] : names_.params) names.push_back(known);
    error("param-unknown",
          fmt::format("param `{}` has no value{}; only detectors have params: write it under "
                      "`params:` of the detector in detectors/*.yml",
                      name, did_you_mean(name, names)));
    return "";
  }

  bool unclosed(const char* open, const char* close) {
    error("template-syntax", fmt::format("`{}` is never closed by `{}`", open, close));
    copy(source_.size() - at_);
    return true;
  }

  void error(std::string code, std::string message) {
    problems_.error(shifted(mark_of_offset(source_, at_), begin_), std::move(code),
                    std::move(message));
  }

  void copy(size_t count) {
    if (out_.pieces.empty() || !out_.pieces.back().copied) {
      out_.pieces.push_back({out_.text.size(), at_, true, ""});
    }
    out_.text.append(source_.substr(at_, count));
    at_ += count;
  }

  void replace(size_t source_end, std::string_view text) {
    out_.pieces.push_back({out_.text.size(), at_, false, ""});
    out_.text.append(text);
    at_ = source_end;
  }

  std::string_view source_;
  Names names_;
  ProblemSink& problems_;
  Location begin_;  ///< of the source in its file
  ResolvedSql out_;
  std::string value_;  ///< Piece::value of the template being resolved
  size_t at_ = 0;
  bool literal_ = false;
  bool name_ = false;
};

}  // namespace

Mark mark_of_offset(std::string_view text, size_t offset) {
  offset = std::min(offset, text.size());
  Mark mark{1, 1};
  for (size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++mark.line;
      mark.column = 1;
    } else if ((static_cast<unsigned char>(text[i]) & 0xC0U) != 0x80U) {
      ++mark.column;  // Continuation bytes of UTF-8 belong to the character before.
    }
  }
  return mark;
}

const ResolvedSql::Piece* ResolvedSql::piece_at(size_t offset) const {
  const auto after =
      std::upper_bound(pieces.begin(), pieces.end(), offset,
                       [](size_t value, const Piece& piece) { return value < piece.begin; });
  return after == pieces.begin() ? nullptr : &*std::prev(after);
}

size_t ResolvedSql::source_offset(size_t offset) const {
  offset = std::min(offset, text.size());
  const Piece* piece = piece_at(offset);
  if (piece == nullptr) return offset;
  return piece->copied ? piece->source_begin + (offset - piece->begin) : piece->source_begin;
}

std::string ResolvedSql::value_at(size_t offset) const {
  const Piece* piece = piece_at(offset);
  return piece == nullptr ? "" : piece->value;
}

Mark ResolvedSql::mark_at(size_t offset) const {
  return mark_of_offset(source, source_offset(offset));
}

ResolvedSql resolve_templates(std::string_view source, const Project& project,
                              ProblemSink& problems, const std::map<std::string, Param>& params) {
  const std::map<std::string, std::string> no_arguments;
  int expansions_left = kExpansionsMax;
  return Resolver(source, {project, params, no_arguments, {}, expansions_left}, problems).run();
}

std::string table_of_reference(std::string_view text) {
  if (is_table_name(text)) return std::string(text);
  if (text.starts_with("{{") && text.ends_with("}}")) text = text.substr(2, text.size() - 4);
  const auto call = parse_template_call(text);
  const auto texts = call ? call->texts() : std::nullopt;
  if (!texts || texts->empty()) return "";
  if (call->name != "ref" && call->name != "source") return "";
  return is_table_name(texts->back()) ? texts->back() : "";
}

}  // namespace bullion::project
