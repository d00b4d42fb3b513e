#include "server/http_server.h"

#include <array>
#include <chrono>
#include <thread>
#include <vector>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <fmt/format.h>
#include <openssl/ssl.h>

#include "server/connection_internal.h"

namespace bullion::server {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kNetworkThreads = 2;
constexpr auto kPause = std::chrono::milliseconds(100);
constexpr int64_t kPauseUs = 10'000;
constexpr int64_t kFarewellUs = 3'000'000;  // for connections to notice that they are broken off

Result<asio::ip::address> parse_address(const std::string& host) {
  if (host == "localhost") return asio::ip::address(asio::ip::address_v4::loopback());
  error_code fault;
  const auto address = asio::ip::make_address(host, fault);
  if (fault) {
    return invalid(fmt::format(
        "--host {}: expected an address of this machine such as 127.0.0.1, 0.0.0.0 or ::1", host));
  }
  return address;
}

Result<std::unique_ptr<asio::ssl::context>> tls_context(const TlsFiles& files) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  ::SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_3_VERSION);
  error_code fault;
  context->use_certificate_chain_file(files.certificate, fault);
  if (fault) {
    return invalid(fmt::format("--tls-cert {}: expected a certificate in PEM format: {}",
                               files.certificate, fault.message()));
  }
  context->use_private_key_file(files.key, asio::ssl::context::pem, fault);
  if (fault) {
    return invalid(fmt::format("--tls-key {}: expected the certificate's key in PEM format: {}",
                               files.key, fault.message()));
  }
  return context;
}

class AsioServer final : public HttpServer {
 public:
  AsioServer(const HttpOptions& options, const Dispatcher& dispatcher, Telemetry& telemetry,
             const Clock& clock)
      : workers_(std::make_unique<WorkerPool>(options.workers, options.limits.queued)),
        stream_workers_(
            std::make_unique<WorkerPool>(options.stream_workers, options.limits.queued)),
        context_{dispatcher, telemetry, clock, options.limits, *workers_, *stream_workers_} {}

  ~AsioServer() override { stop(0); }

  Status listen(const HttpOptions& options) {
    BULLION_TRY_ASSIGN(const asio::ip::address address, parse_address(options.host));
    if (options.tls) {
      BULLION_TRY_ASSIGN(tls_, tls_context(*options.tls));
      context_.tls = tls_.get();
    }
    const tcp::endpoint endpoint(address, static_cast<uint16_t>(options.port));
    error_code fault;
    acceptor_.open(endpoint.protocol(), fault);
    if (!fault) acceptor_.set_option(tcp::acceptor::reuse_address(true), fault);
    if (!fault) acceptor_.bind(endpoint, fault);
    if (!fault) acceptor_.listen(asio::socket_base::max_listen_connections, fault);
    if (fault == asio::error::address_in_use) {
      return io_error(fmt::format(
          "port {} of {} is in use, perhaps by another `bullion serve`; choose another with --port "
          "(0 takes any free one)",
          options.port, options.host));
    }
    if (fault) {
      return io_error(
          fmt::format("cannot listen on port {} of {}: {}; choose another with --port "
                      "or --host",
                      options.port, options.host, fault.message()));
    }
    port_ = acceptor_.local_endpoint(fault).port();
    asio::co_spawn(acceptor_.get_executor(), accept(), asio::detached);
    for (int i = 0; i < kNetworkThreads; ++i) {
      threads_.emplace_back([this] { io_.run(); });
    }
    return ok();
  }

  int port() const override { return port_; }

  void stop(int64_t patience_us) override {
    if (threads_.empty()) return;
    context_.stopping = true;
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
    });
    context_.connections.end_all(false);
    wait_until(patience_us, [&] { return context_.busy == 0; });
    context_.breaking_off = true;
    context_.connections.end_all(true);
    wait_until(kFarewellUs, [&] { return context_.telemetry.connections() == 0; });
    // Workers may wait for the network, so they end while it still runs.
    workers_.reset();
    stream_workers_.reset();
    io_.stop();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

 private:
  template <typename Condition>
  void wait_until(int64_t limit_us, const Condition& condition) {
    const int64_t end_us = context_.clock.monotonic_us() + limit_us;
    while (!condition() && context_.clock.monotonic_us() < end_us) {
      std::this_thread::sleep_for(std::chrono::microseconds(kPauseUs));
    }
  }

  asio::awaitable<void> accept() {
    while (!context_.stopping) {
      auto [fault, socket] = co_await acceptor_.async_accept(asio::make_strand(io_), kAwait);
      if (fault) {
        // Out of descriptors, for instance: the others go on, and somebody will leave.
        asio::steady_timer timer(acceptor_.get_executor(), kPause);
        co_await timer.async_wait(kAwait);
        continue;
      }
      error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      tcp::socket accepted(std::move(socket));
      if (context_.telemetry.connections() >= context_.limits.connections) {
        refuse_connection(std::move(accepted), context_);
      } else {
        serve_connection(std::move(accepted), context_);
      }
    }
  }

  std::unique_ptr<WorkerPool> workers_;
  std::unique_ptr<WorkerPool> stream_workers_;
  std::unique_ptr<asio::ssl::context> tls_;
  ConnectionContext context_;
  asio::io_context io_;  // destroyed before what its coroutines refer to
  tcp::acceptor acceptor_{asio::make_strand(io_)};
  std::vector<std::thread> threads_;
  int port_ = 0;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpOptions& options,
                                                      const Dispatcher& dispatcher,
                                                      Telemetry& telemetry, const Clock& clock) {
  auto server = std::make_unique<AsioServer>(options, dispatcher, telemetry, clock);
  BULLION_TRY(server->listen(options));
  return std::unique_ptr<HttpServer>(std::move(server));
}

bool is_loopback(const std::string& host) {
  const auto address = parse_address(host);
  return address.has_value() && address->is_loopback();
}

}  // namespace bullion::server
