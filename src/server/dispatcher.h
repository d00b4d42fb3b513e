// What happens to a request between the connection and the handler, and to its answer on the way
// back: no sockets here.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "server/router.h"
#include "server/scrubber.h"
#include "server/sessions.h"
#include "server/static_files.h"
#include "server/telemetry.h"

namespace bullion::server {

/// A request as it came over the wire.
struct RawRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  ///< lower-case names
  std::string body;
};

/// A request with who answers it. Refusals have a handler as well.
struct Prepared {
  Request request;
  Handler handler;
  std::string method;  ///< as sent, of the known ones; "OTHER" for counters otherwise
  std::string route;   ///< pattern, for counters
  bool head = false;   ///< the answer goes without its body
  bool quick = false;  ///< the handler does not block
};

struct DispatcherParts {
  const Router& router;
  Sessions& sessions;
  const StaticFiles& pages;
  const Telemetry& telemetry;
  const Clock& clock;
};

struct DispatcherOptions {
  std::string user;         ///< who everybody is that has the token
  bool signs_in = true;     ///< false: no token is asked for
  bool is_loopback = true;  ///< then requests for foreign host names are refused (DNS rebinding)
  bool has_tls = false;
  Scrubber scrubber;
  /// Told of answers with status 500 and above, in one line without line breaks.
  std::function<void(const std::string&)> log;
};

/// Thread-safe. The parts must outlive it.
class Dispatcher {
 public:
  Dispatcher(const DispatcherParts& parts, DispatcherOptions options);

  /// Decides who answers. Does not block.
  Prepared prepare(RawRequest raw) const;
  /// Runs the handler and completes the answer: ETag, compression, headers. A stream is left for
  /// the caller to run, already compressing when the client takes gzip.
  Response answer(const Prepared& prepared) const;
  /// A refusal outside of any request: too large, malformed, too many.
  Response refusal(int status, const std::string& detail) const;

 private:
  void route_api(Prepared& prepared, const std::string& raw_path) const;
  void route_rest(Prepared& prepared, const std::string& raw_path) const;
  bool check_access(Prepared& prepared, Access access) const;
  bool check_unsafe(Prepared& prepared) const;
  bool is_signed_in(const Request& request) const;
  bool is_same_origin(const Request& request) const;
  void complete(Response& response, const Request& request) const;
  void compress(Response& response, const Request& request) const;

  DispatcherParts parts_;
  DispatcherOptions options_;
};

/// The name of a Host header without its port: "[::1]" of "[::1]:80"; "" when it is malformed.
std::string host_name(std::string_view host);

}  // namespace bullion::server
