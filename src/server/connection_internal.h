// One connection: requests in, answers out, and limits on how long anything may take.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "server/dispatcher.h"
#include "server/http_server.h"
#include "server/telemetry.h"
#include "server/worker_pool_internal.h"

namespace bullion::server {

/// Errors of what is awaited come as values.
inline constexpr auto kAwait = boost::asio::as_tuple(boost::asio::use_awaitable);

/// How the server reaches its connections to end them. Thread-safe.
class ConnectionList {
 public:
  /// `end(force)` is called with the list locked; without force it ends an idle connection only.
  int64_t add(std::function<void(bool force)> end) {
    const std::lock_guard lock(mutex_);
    ends_[++last_] = std::move(end);
    return last_;
  }
  void remove(int64_t number) {
    const std::lock_guard lock(mutex_);
    ends_.erase(number);
  }
  void end_all(bool force) {
    const std::lock_guard lock(mutex_);
    for (const auto& [number, end] : ends_) end(force);
  }

 private:
  std::mutex mutex_;
  std::map<int64_t, std::function<void(bool)>> ends_;
  int64_t last_ = 0;
};

/// Shared by all connections of a server.
struct ConnectionContext {
  const Dispatcher& dispatcher;
  Telemetry& telemetry;
  const Clock& clock;
  const Limits limits;
  WorkerPool& workers;         ///< for handlers
  WorkerPool& stream_workers;  ///< for streams, which wait for their readers
  boost::asio::ssl::context* tls = nullptr;
  ConnectionList connections;
  std::atomic<bool> stopping = false;      ///< no further request on a connection
  std::atomic<bool> breaking_off = false;  ///< running ones end too
  std::atomic<int64_t> busy = 0;           ///< requests between their last byte and their answer's
};

/// Serves the connection until it ends; returns at once. The socket's executor is a strand. The
/// context must outlive it: Telemetry::connections() says when all are gone.
void serve_connection(boost::asio::ip::tcp::socket socket, ConnectionContext& context);
/// Answers 503 and closes.
void refuse_connection(boost::asio::ip::tcp::socket socket, ConnectionContext& context);

}  // namespace bullion::server
