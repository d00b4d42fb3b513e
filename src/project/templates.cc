#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/templates_internal.h"

namespace bullion::project {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `name('a', "b", key = anything)`.
struct Call {
  std::string name;
  std::vector<std::string> arguments;          ///< quoted positional arguments
  std::map<std::string, std::string> options;  ///< key = 'text'; other values are ""
  bool only_texts = true;                      ///< no argument was anything but a quoted text
};

/// Reads one call with nothing around it. nullopt when the text is no call.
class CallParser {
 public:
  explicit CallParser(std::string_view text) : text_(text) {}

  std::optional<Call> parse() {
    Call call;
    skip_spaces();
    call.name = word();
    skip_spaces();
    if (call.name.empty() || !eat('(')) return std::nullopt;
    skip_spaces();
    while (!eat(')')) {
      if (at_ >= text_.size() || !argument(call)) return std::nullopt;
      skip_spaces();
      if (eat(',')) skip_spaces();
    }
    skip_spaces();
    if (at_ != text_.size()) return std::nullopt;
    return call;
  }

 private:
  bool argument(Call& call) {
    if (const auto value = quoted()) {
      call.arguments.push_back(*value);
      return true;
    }
    const std::string key = word();
    skip_spaces();
    if (!key.empty() && eat('=')) {
      skip_spaces();
      call.options[key] = quoted().value_or("");
      skip_value();
      return true;
    }
    call.only_texts = false;
    const size_t before = at_;
    skip_value();
    return at_ > before || !key.empty();
  }

  /// Passes over an expression up to the next ',' or ')' of this call.
  void skip_value() {
    int depth = 0;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (depth == 0 && (c == ',' || c == ')')) return;
      if ((c == '\'' || c == '"') && quoted()) continue;
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      ++at_;
    }
  }

  std::optional<std::string> quoted() {
    if (at_ >= text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return std::nullopt;
    const size_t end = text_.find(text_[at_], at_ + 1);
    if (end == std::string_view::npos) return std::nullopt;
    std::string value(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return value;
  }

  std::string word() {
    const size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }
  void skip_spaces() {
    while (at_ < text_.size() && is_space(text_[at_])) ++at_;
  }
  bool eat(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  std::string_view text_;
  size_t at_ = 0;
};

class Resolver {
 public:
  Resolver(std::string_view source, const std::map<std::string, std::string>& vars,
           const std::map<std::string, std::string>& params, ProblemSink& problems)
      : source_(source), vars_(vars), params_(params), problems_(problems) {
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
            "`{% ... %}` is not supported: a model is one plain SELECT; write the SQL out, or use "
            "{{ var('name') }} for a value that changes");
      replace(end + 2, "");
      return true;
    }
    if (open != "{{") return false;
    const size_t end = end_of_expression();
    if (end == std::string_view::npos) return unclosed("{{", "}}");
    std::string_view inner = source_.substr(at_ + 2, end - at_ - 2);
    if (inner.starts_with("-")) inner.remove_prefix(1);
    if (inner.ends_with("-")) inner.remove_suffix(1);
    const std::string text = value_of(inner);
    replace(end + 2, text);
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
    const auto call = CallParser(inner).parse();
    if (call && call->name == "config") {
      const auto severity = call->options.find("severity");
      if (severity != call->options.end()) out_.config_severity = lower(severity->second);
      return "";
    }
    if (call && call->only_texts) {
      const size_t count = call->arguments.size();
      if (call->name == "ref" && (count == 1 || count == 2)) return table(call->arguments.back());
      if (call->name == "source" && count == 2) return table(call->arguments.back());
      if (call->name == "var" && (count == 1 || count == 2)) return variable(*call);
      if (call->name == "param" && count == 1) return param(call->arguments[0]);
    }
    const std::vector<std::string> names = {"ref", "source", "var", "param", "config"};
    error("template-unsupported",
          fmt::format("`{{{{{}}}}}` is not supported{}; expected {{{{ ref('table') }}}}, "
                      "{{{{ source('any', 'table') }}}}, {{{{ var('name') }}}}, "
                      "{{{{ param('name') }}}} (in detectors) or {{{{ config(...) }}}}",
                      inner, call ? did_you_mean(call->name, names) : ""));
    return "";
  }

  std::string table(const std::string& name) {
    if (is_table_name(name)) return name;
    error(
        "template-unsupported",
        fmt::format("`{}` cannot be a table: names are lower-case letters, digits and `_`", name));
    return "";
  }

  std::string variable(const Call& call) {
    const auto found = vars_.find(call.arguments[0]);
    if (found != vars_.end()) return found->second;
    if (call.arguments.size() == 2) return call.arguments[1];
    std::vector<std::string> names;
    for (const auto& [name, value] : vars_) names.push_back(name);
    error("var-unknown",
          fmt::format("var `{}` has no value{}; write it under `vars:` in bullion.yml, give "
                      "--vars {}=..., or a default: {{{{ var('{}', 'default') }}}}",
                      call.arguments[0], did_you_mean(call.arguments[0], names), call.arguments[0],
                      call.arguments[0]));
    return "";
  }

  std::string param(const std::string& name) {
    const auto found = params_.find(name);
    if (found != params_.end()) return found->second;
    std::vector<std::string> names;
    for (const auto& [known, value] : params_) names.push_back(known);
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
    problems_.error(mark_of_offset(source_, at_), std::move(code), std::move(message));
  }

  void copy(size_t count) {
    if (out_.pieces.empty() || !out_.pieces.back().copied) {
      out_.pieces.push_back({out_.text.size(), at_, true});
    }
    out_.text.append(source_.substr(at_, count));
    at_ += count;
  }

  void replace(size_t source_end, std::string_view text) {
    out_.pieces.push_back({out_.text.size(), at_, false});
    out_.text.append(text);
    at_ = source_end;
  }

  std::string_view source_;
  const std::map<std::string, std::string>& vars_;
  const std::map<std::string, std::string>& params_;
  ProblemSink& problems_;
  ResolvedSql out_;
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

size_t ResolvedSql::source_offset(size_t offset) const {
  offset = std::min(offset, text.size());
  const auto after =
      std::upper_bound(pieces.begin(), pieces.end(), offset,
                       [](size_t value, const Piece& piece) { return value < piece.begin; });
  if (after == pieces.begin()) return offset;
  const Piece& piece = *std::prev(after);
  return piece.copied ? piece.source_begin + (offset - piece.begin) : piece.source_begin;
}

Mark ResolvedSql::mark_at(size_t offset) const {
  return mark_of_offset(source, source_offset(offset));
}

ResolvedSql resolve_templates(std::string_view source,
                              const std::map<std::string, std::string>& vars, ProblemSink& problems,
                              const std::map<std::string, std::string>& params) {
  return Resolver(source, vars, params, problems).run();
}

std::string table_of_reference(std::string_view text) {
  if (is_table_name(text)) return std::string(text);
  if (text.starts_with("{{") && text.ends_with("}}")) text = text.substr(2, text.size() - 4);
  const auto call = CallParser(text).parse();
  if (!call || !call->only_texts || call->arguments.empty()) return "";
  if (call->name != "ref" && call->name != "source") return "";
  return is_table_name(call->arguments.back()) ? call->arguments.back() : "";
}

}  // namespace bullion::project
