// How a verb ends when something failed.
#pragma once

#include "base/result.h"
#include "cli/options.h"

namespace bullion::cli {

/// Prints the error and maps its kind to an exit code.
int fail(const Error& error);

}  // namespace bullion::cli

/// In a verb: prints the error of a Status or Result and returns its exit code, or goes on.
#define BULLION_CLI_TRY(expression)                                                               \
  do {                                                                                            \
    auto&& bullion_cli_result = (expression);                                                     \
    if (!bullion_cli_result.has_value()) return ::bullion::cli::fail(bullion_cli_result.error()); \
  } while (false)
#define BULLION_CLI_ASSIGN(target, expression) \
  BULLION_CLI_ASSIGN_INNER(BULLION_CONCAT(bullion_cli_value_, __COUNTER__), target, expression)
#define BULLION_CLI_ASSIGN_INNER(name, target, expression)          \
  auto name = (expression);                                         \
  if (!name.has_value()) return ::bullion::cli::fail(name.error()); \
  target = std::move(name).value()
