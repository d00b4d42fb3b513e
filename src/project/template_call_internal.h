// What stands between {{ and }}: a name with arguments.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bullion::project {

/// `name('a', "b", 3, other, key = 'text')`.
struct TemplateCall {
  struct Argument {
    enum class Kind { Text, Number, Name, Other };
    std::string key;  ///< of key=value; "" for an argument by position
    Kind kind = Kind::Other;
    std::string text;  ///< without quotes; "" for Other
  };
  std::string name;
  std::vector<Argument> arguments;

  /// The arguments by position; nullopt when one of them is anything but a quoted text.
  std::optional<std::vector<std::string>> texts() const;
  /// The text of key=value; "" when there is none or it is no quoted text.
  std::string option(std::string_view key) const;
};

/// Reads one call with nothing but blanks around it; nullopt when the text is no call.
std::optional<TemplateCall> parse_template_call(std::string_view text);

}  // namespace bullion::project
