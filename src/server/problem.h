// Failures as RFC 9457 problem details.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "server/message.h"

namespace bullion::server {

struct FieldProblem {
  std::string field;  ///< parameter or member of the body
  std::string message;
};

struct Problem {
  int status = 400;
  std::string code;    ///< stable, for programs: "table-unknown"; "" takes the status' own
  std::string detail;  ///< for the person who can fix it
  std::vector<FieldProblem> errors;
};

/// 400 for Invalid, 404 NotFound, 408 Interrupted, 409 Conflict, 503 Io, 500 Corrupt and Internal.
int status_of(ErrorKind kind);
/// "Not found" and so on; "Error" for a number nobody knows.
std::string_view status_text(int status);

/// application/problem+json. The server takes paths of this machine out of the detail on the way.
Response problem_response(const Problem& problem, const Request& request);
/// By the error's kind; `code` as in Problem.
Response problem_response(const Error& error, const Request& request, const std::string& code = "");

}  // namespace bullion::server

/// In a handler that returns Response: goes on with the value, or answers the error as a problem.
#define BULLION_SERVER_TRY(expression, request)                                           \
  do {                                                                                    \
    auto&& bullion_server_result = (expression);                                          \
    if (!bullion_server_result.has_value()) {                                             \
      return ::bullion::server::problem_response(bullion_server_result.error(), request); \
    }                                                                                     \
  } while (false)
#define BULLION_SERVER_ASSIGN(target, expression, request)                                \
  BULLION_SERVER_ASSIGN_INNER(BULLION_CONCAT(bullion_server_value_, __COUNTER__), target, \
                              expression, request)
#define BULLION_SERVER_ASSIGN_INNER(name, target, expression, request)                      \
  auto name = (expression);                                                                 \
  if (!name.has_value()) return ::bullion::server::problem_response(name.error(), request); \
  target = std::move(name).value()
