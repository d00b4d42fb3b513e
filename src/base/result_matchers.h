// GoogleMock matchers for Result and Status, for tests only.
#pragma once

#include <string>

#include <gmock/gmock.h>

#include "base/result.h"

namespace bullion {

MATCHER(IsOk, "is ok") {
  if (arg.has_value()) return true;
  *result_listener << to_string(arg.error().kind()) << ": " << arg.error().message();
  return false;
}

MATCHER_P(IsErrorOf, kind, "is an error of that kind") {
  if (arg.has_value()) return false;
  *result_listener << to_string(arg.error().kind()) << ": " << arg.error().message();
  return arg.error().kind() == kind;
}

MATCHER_P(HasMessage, text, std::string("is an error whose message has: ") + text) {
  if (arg.has_value()) return false;
  *result_listener << arg.error().message();
  return arg.error().message().find(text) != std::string::npos;
}

}  // namespace bullion
