// The listening socket and the connections behind it. Boost stays inside the .cc files.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "server/dispatcher.h"
#include "server/telemetry.h"

namespace bullion::server {

/// What one client may take. Times in microseconds.
struct Limits {
  int64_t handshake_us = 10'000'000;
  int64_t idle_us = 60'000'000;    ///< between two requests of a connection
  int64_t header_us = 10'000'000;  ///< from the first byte of a request to the end of its header
  int64_t body_us = 30'000'000;    ///< from there to the end of its body
  int64_t write_us = 30'000'000;   ///< for each piece of an answer to be taken
  int64_t keep_alive_us = 15'000'000;  ///< between comments on a silent event stream
  uint32_t header_bytes = 16 * 1024;
  uint64_t body_bytes = 1024 * 1024;
  int64_t connections = 400;
  size_t queued = 256;  ///< requests waiting for a worker; more are answered 429
};

struct TlsFiles {
  std::string certificate;  ///< PEM, with its chain
  std::string key;          ///< PEM
};

struct HttpOptions {
  std::string host = "127.0.0.1";  ///< an address, or "localhost"
  int port = 8501;                 ///< 0: any free one
  std::optional<TlsFiles> tls;     ///< TLS 1.3 only
  int workers = 8;                 ///< handlers that run at once
  int stream_workers = 16;         ///< streams that are written at once
  Limits limits;
};

/// Serves from start() to stop(). The parts must outlive it.
class HttpServer {
 public:
  /// Listens and returns; two threads do the networking. Io when the port is taken or not allowed,
  /// Invalid for a host that is no address and for certificates that cannot be used.
  static Result<std::unique_ptr<HttpServer>> start(const HttpOptions& options,
                                                   const Dispatcher& dispatcher,
                                                   Telemetry& telemetry, const Clock& clock);
  HttpServer() = default;
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  virtual ~HttpServer() = default;

  virtual int port() const = 0;
  /// Takes no new connection, lets running requests end for up to `patience_us`, then breaks the
  /// rest off. Called once at least, also by the destructor with 0.
  virtual void stop(int64_t patience_us) = 0;
};

/// Whether only this machine reaches the address: 127.0.0.0/8, ::1, localhost.
bool is_loopback(const std::string& host);

}  // namespace bullion::server
