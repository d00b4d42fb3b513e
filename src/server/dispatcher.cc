#include "server/dispatcher.h"

#include <algorithm>
#include <array>
#include <exception>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "server/gzip_internal.h"
#include "server/problem.h"
#include "server/url_internal.h"

namespace bullion::server {
namespace {

constexpr std::string_view kApi = "/api/v1";
constexpr size_t kCompressFrom = 1024;

constexpr std::array<std::pair<const char*, const char*>, 7> kSecurityHeaders = {{
    {"Content-Security-Policy",
     "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
     "form-action 'self'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"},
}};

void refuse(Prepared& prepared, Problem problem) {
  prepared.quick = true;
  prepared.handler = [problem = std::move(problem)](const Request& request) {
    return problem_response(problem, request);
  };
}

void refuse_method(Prepared& prepared, std::vector<std::string> methods) {
  if (std::count(methods.begin(), methods.end(), "GET") != 0) methods.emplace_back("HEAD");
  methods.emplace_back("OPTIONS");
  const std::string allowed = fmt::format("{}", fmt::join(methods, ", "));
  prepared.quick = true;
  const bool is_question = prepared.method == "OPTIONS";
  prepared.handler = [allowed, is_question](const Request& request) {
    Response response =
        is_question
            ? Response{.status = 204}
            : problem_response(
                  {.status = 405, .detail = "this address answers " + allowed + " only"}, request);
    response.with_header("Allow", allowed);
    return response;
  };
}

bool is_safe(const std::string& method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::string known_method(const std::string& method) {
  static constexpr std::array<const char*, 8> kKnown = {"GET",   "HEAD",   "POST",    "PUT",
                                                        "PATCH", "DELETE", "OPTIONS", "TRACE"};
  const bool is_known = std::find(kKnown.begin(), kKnown.end(), method) != kKnown.end();
  return is_known ? method : "OTHER";
}

bool is_request_id(const std::string& text) {
  const auto fine = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_' || c == '.';
  };
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), fine);
}

bool has_header(const Response& response, std::string_view name) {
  return std::any_of(response.headers.begin(), response.headers.end(),
                     [&](const auto& header) { return header.first == name; });
}

std::string header_of(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return "";
}

bool is_compressible(std::string_view content_type) {
  return content_type.starts_with("text/") || content_type.find("json") != std::string_view::npos ||
         content_type.find("xml") != std::string_view::npos;
}

bool is_local_name(const std::string& name) {
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" ||
         name.ends_with(".localhost");
}

Response handle(const Handler& handler, const Request& request) {
  // Third parties below a handler may throw; nothing of it goes to the client.
  try {
    return handler(request);
  } catch (const std::exception& fault) {
    return problem_response(internal_error(fault.what()), request);
  }
}

}  // namespace

std::string host_name(std::string_view host) {
  if (host.starts_with('[')) {
    const size_t end = host.find(']');
    return end == std::string_view::npos ? "" : std::string(host.substr(0, end + 1));
  }
  std::string name(host.substr(0, host.find(':')));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

Dispatcher::Dispatcher(const DispatcherParts& parts, DispatcherOptions options)
    : parts_(parts), options_(std::move(options)) {}

Prepared Dispatcher::prepare(RawRequest raw) const {
  Prepared prepared;
  prepared.method = known_method(raw.method);
  prepared.head = raw.method == "HEAD";
  prepared.route = "(none)";
  Request& request = prepared.request;
  request.method = prepared.head ? "GET" : std::move(raw.method);
  request.headers = std::move(raw.headers);
  request.body = std::move(raw.body);
  request.request_id = request.header("x-request-id");
  if (!is_request_id(request.request_id)) request.request_id = parts_.clock.uuid();
  auto target = parse_target(raw.target);
  if (!target) {
    refuse(prepared, {.status = 400,
                      .detail = "the address cannot be read; expected a path with at most 200 "
                                "parameters in percent-encoded UTF-8"});
    return prepared;
  }
  request.query = std::move(target->query);
  const std::string host = host_name(request.header("host"));
  if (host.empty() || (options_.is_loopback && !is_local_name(host))) {
    refuse(prepared, {.status = 400,
                      .code = "host-unknown",
                      .detail = "this server listens on this machine only; open it as localhost or "
                                "127.0.0.1"});
    return prepared;
  }
  const std::string& path = target->raw_path;
  if (path == "/api" || path.starts_with("/api/")) {
    route_api(prepared, path);
  } else {
    route_rest(prepared, path);
  }
  return prepared;
}

void Dispatcher::route_api(Prepared& prepared, const std::string& raw_path) const {
  Request& request = prepared.request;
  std::optional<Router::Match> match;
  if (raw_path.starts_with(kApi)) {
    const std::string below = raw_path.substr(kApi.size());
    match = parts_.router.match(request.method, below);
    request.path = decode_percent(below, false).value_or("");
  }
  if (!match) {
    return refuse(prepared, {.status = 404,
                             .code = "address-unknown",
                             .detail = "nothing is at this address; /api/v1/openapi.json lists "
                                       "what is"});
  }
  prepared.route = std::string(kApi) + match->pattern;
  if (match->handler == nullptr) return refuse_method(prepared, match->methods);
  request.parameters = std::move(match->parameters);
  if (!check_access(prepared, match->access) || !check_unsafe(prepared)) return;
  prepared.handler = *match->handler;
  prepared.quick = match->access == Access::OpenAndQuick;
}

void Dispatcher::route_rest(Prepared& prepared, const std::string& raw_path) const {
  Request& request = prepared.request;
  const auto path = decode_percent(raw_path, false);
  // A browser that goes there wants the page of that name, which has the same address.
  const bool is_scrape =
      raw_path == "/metrics" && request.header("accept").find("text/html") == std::string::npos;
  prepared.route = is_scrape ? raw_path : "(pages)";
  if (!path) return refuse(prepared, {.status = 400, .detail = "the address cannot be read"});
  request.path = *path;
  if (request.method != "GET") return refuse_method(prepared, {"GET"});
  if (is_scrape) {
    if (!check_access(prepared, Access::SignedIn)) return;
    prepared.handler = [this](const Request&) {
      return Response{.body = parts_.telemetry.prometheus(),
                      .content_type = "text/plain; version=0.0.4; charset=utf-8"};
    };
    return;
  }
  prepared.quick = true;
  prepared.handler = [this](const Request& asked) {
    return parts_.pages.answer(asked.path, asked);
  };
}

bool Dispatcher::is_signed_in(const Request& request) const {
  if (!options_.signs_in) return true;
  const std::string authorization = request.header("authorization");
  constexpr std::string_view kBearer = "bearer ";
  if (authorization.size() > kBearer.size()) {
    std::string scheme = authorization.substr(0, kBearer.size());
    std::transform(scheme.begin(), scheme.end(), scheme.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    // A wrong token is not made good by a cookie.
    return scheme == kBearer &&
           parts_.sessions.knows_bearer(std::string_view(authorization).substr(kBearer.size()));
  }
  const auto secret = cookie_value(request.header("cookie"), kSessionCookie);
  return secret && parts_.sessions.knows(*secret);
}

bool Dispatcher::check_access(Prepared& prepared, Access access) const {
  const bool signed_in = is_signed_in(prepared.request);
  if (signed_in) prepared.request.user = options_.user;
  if (signed_in || access != Access::SignedIn) return true;
  prepared.quick = true;
  prepared.handler = [](const Request& request) {
    Response response = problem_response(
        {.status = 401,
         .detail = "sign in with the link that `bullion serve` printed, or send a bearer token "
                   "(--token-file or BULLION_TOKEN)"},
        request);
    return response.with_header("WWW-Authenticate", "Bearer");
  };
  return false;
}

bool Dispatcher::is_same_origin(const Request& request) const {
  const std::string site = request.header("sec-fetch-site");
  if (!site.empty() && site != "same-origin" && site != "none") return false;
  const std::string origin = request.header("origin");
  if (origin.empty()) return true;  // No browser, which would have said where it stands.
  const std::string own = (options_.has_tls ? "https://" : "http://") + request.header("host");
  return origin == own;
}

bool Dispatcher::check_unsafe(Prepared& prepared) const {
  const Request& request = prepared.request;
  if (is_safe(request.method)) return true;
  if (!is_same_origin(request)) {
    refuse(prepared, {.status = 403,
                      .code = "foreign-origin",
                      .detail = "a page of another site may not change anything here"});
    return false;
  }
  const std::string type = request.header("content-type");
  if (!request.body.empty() && type.substr(0, type.find(';')) != "application/json") {
    refuse(prepared,
           {.status = 415,
            .detail = fmt::format("the body has the content type '{}'; expected application/json",
                                  type.substr(0, 100))});
    return false;
  }
  return true;
}

Response Dispatcher::answer(const Prepared& prepared) const {
  const Request& request = prepared.request;
  Response response = handle(prepared.handler, request);
  const std::string etag = header_of(response, "ETag");
  if (response.status == 200 && !etag.empty() && request.has_etag(etag)) {
    response.status = 304;
    response.body.clear();
    response.stream = nullptr;
    response.events = nullptr;
  }
  if (response.status >= 500 && options_.log) {
    options_.log(fmt::format("{} {} answered {} (request {}): {}", prepared.method, prepared.route,
                             response.status, request.request_id, response.body));
  }
  compress(response, request);
  complete(response, request);
  return response;
}

Response Dispatcher::refusal(int status, const std::string& detail) const {
  Request request;
  request.request_id = parts_.clock.uuid();
  Response response = problem_response({.status = status, .detail = detail}, request);
  complete(response, request);
  return response;
}

void Dispatcher::compress(Response& response, const Request& request) const {
  if (response.content_type == "application/problem+json") {
    response.body = options_.scrubber.scrub(std::move(response.body));
  }
  const bool has_content = response.stream || response.body.size() > kCompressFrom;
  if (response.events || !has_content || !is_compressible(response.content_type) ||
      has_header(response, "Content-Encoding")) {
    return;
  }
  response.with_header("Vary", "Accept-Encoding");
  if (!accepts_gzip(request.header("accept-encoding"))) return;
  response.with_header("Content-Encoding", "gzip");
  for (auto& [name, value] : response.headers) {
    // The bytes are others than without compression, so the tag may no longer be a strong one.
    if (name == "ETag" && !value.starts_with("W/")) value = "W/" + value;
  }
  if (response.stream) {
    response.stream = [plain = std::move(response.stream)](const ByteSink& sink) -> Status {
      GzipStream compressed(sink);
      BULLION_TRY(plain([&](std::string_view bytes) { return compressed.write(bytes); }));
      return compressed.finish();
    };
  } else {
    response.body = gzip(response.body);
  }
}

void Dispatcher::complete(Response& response, const Request& request) const {
  for (const auto& [name, value] : kSecurityHeaders) response.with_header(name, value);
  response.with_header("X-Request-Id", request.request_id);
  if (!has_header(response, "Cache-Control")) {
    response.with_header("Cache-Control", has_header(response, "ETag") ? "no-cache" : "no-store");
  }
}

}  // namespace bullion::server
