#include "server/session_routes.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "server/json_body_internal.h"
#include "server/problem.h"

namespace bullion::server {
namespace {

constexpr int kCookieDays = 30;

std::string cookie(const std::string& secret, int64_t seconds, bool has_tls) {
  return fmt::format("{}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}", kSessionCookie,
                     secret, seconds, has_tls ? "; Secure" : "");
}

Response project_response(const Router& router, Request request, const std::string& user) {
  const auto match = router.match("GET", "/project");
  if (!match || match->handler == nullptr) return json_response("{}");
  request.method = "GET";
  request.path = "/project";
  request.body.clear();
  request.user = user;
  return (*match->handler)(request);
}

Response open_session(const Router& router, Sessions& sessions, const SessionRoutesOptions& options,
                      const Request& request) {
  std::string token;
  const auto problem =
      read_json_body(request, {.required = "token"},
                     [&token](const std::string& name, const nlohmann::json& value) -> std::string {
                       if (name != "token") return "is not known; expected token";
                       if (!value.is_string()) return "expected a text";
                       token = value.get<std::string>();
                       return "";
                     });
  if (problem) return problem_response(*problem, request);
  BULLION_SERVER_ASSIGN(const auto secret, sessions.exchange(token), request);
  if (!secret) {
    return problem_response({.status = 401,
                             .code = "token-refused",
                             .detail = "the token is wrong or was used before; restart `bullion "
                                       "serve`, or send it SIGHUP, for a new link"},
                            request);
  }
  Response response = project_response(router, request, options.user);
  response.with_header("Set-Cookie",
                       cookie(*secret, int64_t{kCookieDays} * 24 * 3600, options.has_tls));
  return response;
}

}  // namespace

void add_session_routes(Router& router, Sessions& sessions, const SessionRoutesOptions& options) {
  router.add(
      "POST", "/session",
      [&router, &sessions, options](const Request& request) {
        return open_session(router, sessions, options, request);
      },
      Access::Open);
  router.add("DELETE", "/session", [&sessions, options](const Request& request) {
    const auto secret = cookie_value(request.header("cookie"), kSessionCookie);
    if (secret) sessions.forget(*secret);
    Response response{.status = 204};
    return response.with_header("Set-Cookie", cookie("", 0, options.has_tls));
  });
}

}  // namespace bullion::server
