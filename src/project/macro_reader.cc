// Reads macros/*.sql: {% macro name(a, b='text') %} body {% endmacro %}, one or more in a file.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/sha256.h"
#include "project/template_call_internal.h"
#include "project/templates_internal.h"

namespace bullion::project {
namespace {

constexpr std::array<std::string_view, 5> kTemplateWords = {"ref", "source", "var", "param",
                                                            "config"};

/// What stands in one `{% ... %}`.
struct Tag {
  size_t begin = 0;  ///< of the "{%"
  size_t end = 0;    ///< after the "%}"
  std::string_view inner;
};

class MacroReader {
 public:
  MacroReader(std::string_view text, ProblemSink& problems, Project& project)
      : text_(text), problems_(problems), project_(project) {}

  void run() {
    while (skip_between()) {
      if (!macro()) return;
    }
  }

 private:
  Mark mark(size_t offset) const { return mark_of_offset(text_, offset); }

  void error(size_t offset, std::string message) {
    problems_.error(mark(offset), "macro-syntax", std::move(message));
  }

  /// Passes over blanks and comments; true when a tag follows.
  bool skip_between() {
    while (at_ < text_.size()) {
      const std::string_view rest = text_.substr(at_);
      if (rest.find_first_not_of(" \t\r\n") != 0) {
        const size_t blanks = rest.find_first_not_of(" \t\r\n");
        if (blanks == std::string_view::npos) return false;
        at_ += blanks;
      } else if (rest.starts_with("{%")) {
        return true;
      } else if (!comment(rest)) {
        error(at_,
              "only macros and comments may stand here; expected {% macro name(parameters) %} ... "
              "{% endmacro %}");
        return false;
      }
    }
    return false;
  }

  bool comment(std::string_view rest) {
    const bool line = rest.starts_with("--");
    if (!line && !rest.starts_with("{#") && !rest.starts_with("/*")) return false;
    const std::string_view close = line ? "\n" : rest.starts_with("{#") ? "#}" : "*/";
    const size_t end = rest.find(close, line ? 0 : 2);
    at_ = end == std::string_view::npos ? text_.size() : at_ + end + close.size();
    return true;
  }

  std::optional<Tag> tag_at(size_t begin) const {
    const size_t end = text_.find("%}", begin + 2);
    if (end == std::string_view::npos) return std::nullopt;
    std::string_view inner = text_.substr(begin + 2, end - begin - 2);
    if (inner.starts_with("-")) inner.remove_prefix(1);
    if (inner.ends_with("-")) inner.remove_suffix(1);
    return Tag{begin, end + 2, trimmed(inner)};
  }

  bool macro() {
    const auto head = tag_at(at_);
    if (!head || !head->inner.starts_with("macro ")) {
      error(at_, "expected {% macro name(parameters) %}");
      return false;
    }
    const auto close = closing_tag(head->end);
    if (!close) {
      error(head->begin, "the macro is never closed by {% endmacro %}");
      return false;
    }
    at_ = close->end;
    const auto call = parse_template_call(head->inner.substr(6));
    if (!call) {
      error(head->begin, fmt::format("`{}` is no head of a macro; expected name(a, b='text', c=3)",
                                     trimmed(head->inner.substr(6))));
      return true;
    }
    Macro macro;
    macro.name = call->name;
    macro.location = problems_.at(mark(head->begin));
    const std::string_view body = text_.substr(head->end, close->begin - head->end);
    const std::string_view kept = trimmed(body);
    macro.body = std::string(kept);
    macro.body_from = problems_.at(
        mark(kept.empty() ? head->end : static_cast<size_t>(kept.data() - text_.data())));
    if (!read_parameters(*call, head->begin, macro)) return true;
    add(std::move(macro), head->begin);
    return true;
  }

  std::optional<Tag> closing_tag(size_t from) const {
    for (size_t begin = text_.find("{%", from); begin != std::string_view::npos;
         begin = text_.find("{%", begin + 2)) {
      const auto tag = tag_at(begin);
      if (!tag || tag->inner.starts_with("macro ")) return std::nullopt;
      if (tag->inner == "endmacro") return tag;
    }
    return std::nullopt;
  }

  bool read_parameters(const TemplateCall& call, size_t offset, Macro& macro) {
    using Kind = TemplateCall::Argument::Kind;
    for (const auto& argument : call.arguments) {
      const bool named = !argument.key.empty();
      const bool good = named ? argument.kind == Kind::Text || argument.kind == Kind::Number
                              : argument.kind == Kind::Name;
      const std::string& name = named ? argument.key : argument.text;
      const bool twice = std::any_of(macro.parameters.begin(), macro.parameters.end(),
                                     [&](const auto& other) { return other.name == name; });
      if (!good || twice) {
        error(offset, fmt::format("macro `{}` has a parameter that is {}; expected names, with a "
                                  "quoted text or a number as default: name(a, b='text', c=3)",
                                  macro.name,
                                  twice ? fmt::format("there twice (`{}`)", name)
                                        : "neither a name nor name='text'"));
        return false;
      }
      macro.parameters.push_back(
          {name, named ? std::optional<std::string>(argument.text) : std::nullopt});
    }
    return true;
  }

  static std::string hash_of(const Macro& macro) {
    std::string text;
    for (const Macro::Parameter& parameter : macro.parameters) {
      text += fmt::format("{}={}\n", parameter.name, parameter.value.value_or("\x1f"));
    }
    return sha256_hex(text + "\n" + macro.body);
  }

  void add(Macro macro, size_t offset) {
    if (std::find(kTemplateWords.begin(), kTemplateWords.end(), macro.name) !=
        kTemplateWords.end()) {
      error(offset, fmt::format("a macro cannot be called `{}`: {{{{ {}(...) }}}} has a meaning of "
                                "its own",
                                macro.name, macro.name));
      return;
    }
    macro.hash = hash_of(macro);
    const auto [known, fresh] = project_.macros.emplace(macro.name, macro);
    if (!fresh) {
      error(offset, fmt::format("macro `{}` stands already at {}", macro.name,
                                to_string(known->second.location)));
    }
  }

  std::string_view text_;
  ProblemSink& problems_;
  Project& project_;
  size_t at_ = 0;
};

}  // namespace

void read_macros(std::string_view text, ProblemSink& problems, Project& project) {
  MacroReader(text, problems, project).run();
}

}  // namespace bullion::project
