#include <algorithm>

#include "base/ascii.h"
#include "project/template_call_internal.h"

namespace bullion::project {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_number(std::string_view text) {
  if (text.starts_with("-")) text.remove_prefix(1);
  const auto points = std::count(text.begin(), text.end(), '.');
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return is_digit(c) || c == '.'; });
  return digits && points <= 1 && !text.empty() && is_digit(text.front()) && is_digit(text.back());
}

using Argument = TemplateCall::Argument;

class CallParser {
 public:
  explicit CallParser(std::string_view text) : text_(text) {}

  std::optional<TemplateCall> parse() {
    TemplateCall call;
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
  bool argument(TemplateCall& call) {
    Argument argument;
    const size_t begin = at_;
    const std::string key = word();
    skip_spaces();
    if (!key.empty() && eat('=')) {
      argument.key = key;
      skip_spaces();
    } else {
      at_ = begin;
    }
    const size_t before = at_;
    value(argument);
    if (at_ == before && argument.key.empty()) return false;
    call.arguments.push_back(std::move(argument));
    return true;
  }

  /// Takes an expression up to the next ',' or ')' of this call.
  void value(Argument& argument) {
    const size_t begin = at_;
    const auto text = quoted();
    const size_t after_text = at_;
    skip_value();
    std::string_view whole = text_.substr(begin, at_ - begin);
    while (!whole.empty() && is_space(whole.back())) whole.remove_suffix(1);
    if (text && begin + whole.size() == after_text) {
      argument.kind = Argument::Kind::Text;
      argument.text = *text;
    } else if (is_number(whole)) {
      argument.kind = Argument::Kind::Number;
      argument.text = std::string(whole);
    } else if (!whole.empty() && std::all_of(whole.begin(), whole.end(), is_word)) {
      argument.kind = Argument::Kind::Name;
      argument.text = std::string(whole);
    }
  }

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

}  // namespace

std::optional<std::vector<std::string>> TemplateCall::texts() const {
  std::vector<std::string> found;
  for (const Argument& argument : arguments) {
    if (!argument.key.empty()) continue;
    if (argument.kind != Argument::Kind::Text) return std::nullopt;
    found.push_back(argument.text);
  }
  return found;
}

std::string TemplateCall::option(std::string_view key) const {
  for (const Argument& argument : arguments) {
    if (argument.key == key && argument.kind == Argument::Kind::Text) return argument.text;
  }
  return "";
}

std::optional<TemplateCall> parse_template_call(std::string_view text) {
  return CallParser(text).parse();
}

}  // namespace bullion::project
