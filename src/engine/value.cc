#include "engine/value.h"

#include <fmt/format.h>

#include "base/date.h"

namespace bullion::engine {

namespace {

struct TextOf {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(int64_t value) const { return std::to_string(value); }
  // The shortest text that reads back as the same number.
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const Decimal& value) const { return bullion::to_string(value); }
  std::string operator()(const std::string& value) const { return value; }
  std::string operator()(const DateValue& value) const { return format_date(value.days); }
  std::string operator()(const TimestampValue& value) const {
    return format_timestamp(value.micros);
  }
};

}  // namespace

std::string to_text(const Value& value) { return std::visit(TextOf{}, value); }

}  // namespace bullion::engine
