// What a handler is given and what it answers: HTTP without sockets.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "server/event_log.h"

namespace bullion::server {

/// One request, taken apart. Everything in it comes from the client, except `request_id`, `user`,
/// `parameters`' names and `gone`.
struct Request {
  std::string method;  ///< "GET", "POST", ...; HEAD arrives as GET
  std::string path;    ///< after /api/v1, percent-decoded: "/tables/a"
  /// Decoded names and values in the order of the URL; a name may come more than once.
  std::vector<std::pair<std::string, std::string>> query;
  /// Lower-case names; several lines of one name joined by ", ".
  std::map<std::string, std::string> headers;
  std::string body;                               ///< at the most 1 MiB
  std::map<std::string, std::string> parameters;  ///< of the route's pattern, decoded
  std::string request_id;                         ///< as in the X-Request-Id of the answer
  std::string user;                               ///< who is signed in; "" on open routes
  /// Becomes true when the client has left: a handler that takes long looks at it, or hands it to
  /// the engine, and stops. Never null; outlives the handler and the stream it returns.
  const std::atomic<bool>* gone = nullptr;

  /// The first value of a query parameter.
  std::optional<std::string> query_value(std::string_view name) const;
  /// A header by its lower-case name; "" when absent.
  std::string header(const std::string& name) const;
  /// Whether If-None-Match names this ETag, so that `not_modified(etag)` is the answer.
  bool has_etag(std::string_view etag) const;
};

/// Takes bytes of a streamed answer; blocks while the client is slow. An error means that nobody
/// reads any more: return it from the stream.
using ByteSink = std::function<Status(std::string_view)>;

/// An answer. One of `body`, `stream` and `events` is used, in the order events, stream, body.
struct Response {
  int status = 200;
  /// Added to the ones every answer has. An `ETag` (quoted, e.g. "\"r12\"") is compared with
  /// If-None-Match after the handler; `Cache-Control` is "no-cache" with and "no-store" without an
  /// ETag unless given.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string content_type = "application/json";
  /// Writes the body piece by piece; called once, after the handler, on a worker thread kept
  /// for streams, with `Request` still there. An error breaks the connection off, so that no client
  /// takes half a file for whole.
  std::function<Status(const ByteSink&)> stream;
  /// Server-sent events from this log, after the event with number `events_after` (0: from the
  /// start). Ends when the log is closed. No worker is held.
  std::shared_ptr<EventLog> events;
  int64_t events_after = 0;

  Response& with_header(std::string name, std::string value);
};

/// 304 with this ETag.
Response not_modified(std::string etag);
/// 200 (or `status`) with JSON text.
Response json_response(std::string json, int status = 200);
/// The event number that Last-Event-ID asks to go on after; 0 when absent or no number.
int64_t last_event_id(const Request& request);

/// Runs on a worker thread and may block; several run at once.
using Handler = std::function<Response(const Request&)>;

}  // namespace bullion::server
