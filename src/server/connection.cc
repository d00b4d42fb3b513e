#include <chrono>
#include <condition_variable>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>
#include <poll.h>

#include "server/connection_internal.h"

namespace bullion::server {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using boost::system::error_code;
using std::chrono::microseconds;

constexpr int64_t kLookUs = 100'000;     // how often a waiting request looks after its client
constexpr int64_t kDrainUs = 2'000'000;  // for what a refused client still sends
constexpr size_t kDrainBytes = 4UL * 1024 * 1024;
constexpr size_t kEventsAtOnce = 100;
constexpr unsigned kHttp11 = 11;

/// Whether the client has closed its side, or the connection broke. Works with bytes pending, too.
bool has_left(tcp::socket& socket) {
  pollfd state{.fd = socket.native_handle(), .events = POLLRDHUP, .revents = 0};
  if (::poll(&state, 1, 0) <= 0) return false;
  return (state.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/// A timer that other threads wake early. Lives as long as somebody may wake it.
class Alarm : public std::enable_shared_from_this<Alarm> {
 public:
  explicit Alarm(const asio::any_io_executor& strand) : timer_(strand) {}

  /// From any thread.
  void wake() {
    asio::post(timer_.get_executor(), [self = shared_from_this()] {
      self->rung_ = true;
      self->timer_.cancel();
    });
  }
  /// On the strand: true when woken, now or since the last call; false after this time.
  asio::awaitable<bool> wait(int64_t us) {
    if (!rung_) {
      timer_.expires_after(microseconds(us));
      co_await timer_.async_wait(kAwait);
    }
    co_return std::exchange(rung_, false);
  }

 private:
  asio::steady_timer timer_;
  bool rung_ = false;
};

/// Lets a worker wait for the outcome of one write.
class Written {
 public:
  void set(const error_code& fault) {
    // Notified under the lock: the worker may destroy this as soon as it sees the outcome.
    const std::lock_guard lock(mutex_);
    fault_ = fault;
    is_set_ = true;
    changed_.notify_one();
  }
  error_code wait() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return is_set_; });
    return fault_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  error_code fault_;
  bool is_set_ = false;
};

tcp::socket& socket_of(beast::tcp_stream& stream) { return stream.socket(); }
tcp::socket& socket_of(beast::ssl_stream<beast::tcp_stream>& stream) {
  return stream.next_layer().socket();
}

template <typename Stream>
void limit(Stream& stream, int64_t us) {
  beast::get_lowest_layer(stream).expires_after(microseconds(us));
}

RawRequest raw_request(http::request<http::string_body>&& message) {
  RawRequest raw;
  raw.method = std::string(message.method_string());
  raw.target = std::string(message.target());
  for (const auto& field : message.base()) {
    std::string name(field.name_string());
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    const std::string value(field.value());
    auto [at, added] = raw.headers.emplace(std::move(name), value);
    if (!added) at->second += ", " + value;
  }
  raw.body = std::move(message.body());
  return raw;
}

/// What a request that could not be read is answered, if anything: 0 is nothing.
int status_of_fault(const error_code& fault) {
  if (fault == http::error::header_limit) return 431;
  if (fault == http::error::body_limit) return 413;
  if (fault == http::error::end_of_stream || fault == http::error::partial_message) return 0;
  const error_code any_http_fault = http::error::bad_method;
  return fault.category() == any_http_fault.category() ? 400 : 0;
}

const char* detail_of(int status) {
  if (status == 431) return "the request's headers are longer than this server reads";
  if (status == 413) return "the request's body is longer than this server reads (1 MiB)";
  return "this is not a request in HTTP/1.1";
}

template <typename Body>
void fill_header(http::response<Body>& message, const Response& response) {
  message.result(static_cast<unsigned>(response.status));
  for (const auto& [name, value] : response.headers) message.insert(name, value);
  if (response.status != 204 && response.status != 304) {
    message.set(http::field::content_type, response.content_type);
  }
}

/// Writes bytes on the strand while a worker waits.
template <typename Stream>
Status write_and_wait(Stream& stream, int64_t limit_us, const asio::const_buffer& bytes) {
  Written written;
  asio::post(stream.get_executor(), [&] {
    limit(stream, limit_us);
    asio::async_write(stream, bytes, [&](const error_code& fault, size_t) { written.set(fault); });
  });
  const error_code fault = written.wait();
  if (fault) return io_error("the client has left: " + fault.message());
  return ok();
}

std::string chunk_of(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string size;
  for (size_t left = bytes.size(); left > 0; left /= 16) {
    size.insert(size.begin(), kDigits[left % 16]);
  }
  std::string chunk = size + "\r\n";
  chunk.append(bytes);
  return chunk + "\r\n";
}

/// The status line and headers of an answer whose length is not known yet.
std::string open_header(const Response& response, unsigned version, bool keep_alive) {
  http::response<http::empty_body> message;
  message.version(version);
  fill_header(message, response);
  message.keep_alive(keep_alive);
  if (version >= kHttp11) message.chunked(true);
  http::response_serializer<http::empty_body> serializer(message);
  serializer.split(true);
  std::string text;
  error_code fault;
  serializer.next(
      fault, [&](error_code&, const auto& buffers) { text = beast::buffers_to_string(buffers); });
  return text;
}

/// Serves one client over one kind of stream.
template <typename Stream>
class Connection : public std::enable_shared_from_this<Connection<Stream>> {
 public:
  Connection(Stream stream, ConnectionContext& context)
      : stream_(std::move(stream)), context_(context) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { context_.connections.remove(number_); }

  asio::awaitable<void> run() {
    number_ = context_.connections.add(
        [strand = stream_.get_executor(), weak = this->weak_from_this()](bool force) {
          asio::post(strand, [weak, force] {
            const auto self = weak.lock();
            if (self && (force || self->is_idle_)) {
              beast::get_lowest_layer(self->stream_).cancel();
            }
          });
        });
    for (bool goes_on = true; goes_on && !context_.stopping;) {
      goes_on = co_await serve_one();
    }
    co_await close();
  }

  Stream& stream() { return stream_; }

  asio::awaitable<void> answer_and_close(int status, const char* detail) {
    const Response response = context_.dispatcher.refusal(status, detail);
    co_await write_whole(response, kHttp11, false, false);
    co_await drain();
  }

 private:
  struct Running {
    std::shared_ptr<Alarm> alarm;
    std::atomic<bool> gone = false;
    Prepared prepared;
    Response response;
    Status streamed;
    bool began = false;  ///< bytes of a stream have gone out
    unsigned version = kHttp11;
    bool keep_alive = false;
  };

  /// Waits for the first byte of a request.
  asio::awaitable<bool> wait_for_request() {
    if (buffer_.size() > 0) co_return true;
    limit(stream_, is_first_ ? context_.limits.header_us : context_.limits.idle_us);
    is_idle_ = true;
    const auto [fault, count] =
        co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kAwait);
    is_idle_ = false;
    buffer_.commit(count);
    co_return !fault && count > 0;
  }

  /// Reads, answers; whether the connection goes on.
  asio::awaitable<bool> serve_one() {
    const bool arrived = co_await wait_for_request();
    if (!arrived) co_return false;
    is_first_ = false;
    http::request_parser<http::string_body> parser;
    parser.header_limit(context_.limits.header_bytes);
    parser.body_limit(context_.limits.body_bytes);
    limit(stream_, context_.limits.header_us);
    auto [fault, count] = co_await http::async_read_header(stream_, buffer_, parser, kAwait);
    if (!fault && !parser.is_done()) {
      fault = co_await read_body(parser);
    }
    if (fault) {
      const int status = status_of_fault(fault);
      if (status != 0) co_await answer_and_close(status, detail_of(status));
      co_return false;
    }
    // A handler may take long; it is limited by itself and by its client's presence.
    beast::get_lowest_layer(stream_).expires_never();
    http::request<http::string_body> message = parser.release();
    co_return co_await answer(std::move(message));
  }

  asio::awaitable<error_code> read_body(http::request_parser<http::string_body>& parser) {
    limit(stream_, context_.limits.body_us);
    if (beast::iequals(parser.get()[http::field::expect], "100-continue")) {
      constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
      co_await asio::async_write(stream_, asio::buffer(kGoOn), kAwait);
    }
    auto [fault, count] = co_await http::async_read(stream_, buffer_, parser, kAwait);
    co_return fault;
  }

  asio::awaitable<bool> answer(http::request<http::string_body> message) {
    const int64_t begun_us = context_.clock.monotonic_us();
    ++context_.busy;
    auto running = std::make_shared<Running>();
    running->alarm = std::make_shared<Alarm>(stream_.get_executor());
    running->version = message.version();
    running->keep_alive = message.keep_alive() && !context_.stopping;
    running->prepared = context_.dispatcher.prepare(raw_request(std::move(message)));
    running->prepared.request.gone = &running->gone;
    co_await run_handler(*running);
    const bool goes_on = co_await finish(*running);
    context_.telemetry.count_request(running->prepared.method, running->prepared.route,
                                     running->response.status,
                                     context_.clock.monotonic_us() - begun_us);
    if (running->gone) context_.telemetry.client_left();
    --context_.busy;
    co_return goes_on;
  }

  /// The handler on a worker, unless the answer is at hand; then its stream on another, so that
  /// clients who read slowly keep no handler waiting.
  asio::awaitable<void> run_handler(Running& running) {
    if (running.prepared.quick) {
      running.response = context_.dispatcher.answer(running.prepared);
      co_return;
    }
    bool taken = co_await on_worker(context_.workers, running, [this, &running] {
      running.response = context_.dispatcher.answer(running.prepared);
    });
    const bool streams = taken && running.response.stream && !running.response.events;
    if (streams && !running.prepared.head) {
      taken = co_await on_worker(context_.stream_workers, running,
                                 [this, &running] { send_stream(running); });
    }
    if (taken) co_return;
    running.response = context_.dispatcher.refusal(
        429, "too many requests are waiting already; try again in a second");
  }

  /// Waits for the work and looks after the client meanwhile; false when the queue is full.
  asio::awaitable<bool> on_worker(WorkerPool& pool, Running& running, std::function<void()> work) {
    // The alarm is kept beyond the wake-up, after which `running` may be gone.
    const bool taken = pool.submit([this, &running, work, alarm = running.alarm] {
      if (running.gone) {
        running.response = context_.dispatcher.refusal(503, "the client left while waiting");
      } else {
        work();
      }
      alarm->wake();
    });
    if (!taken) co_return false;
    for (bool done = false; !done;) {
      done = co_await running.alarm->wait(kLookUs);
      if (context_.breaking_off || has_left(socket_of(stream_))) running.gone = true;
      // A stream's writes would wait for the client, who is no longer waited for.
      if (context_.breaking_off && !done) beast::get_lowest_layer(stream_).cancel();
    }
    co_return true;
  }

  /// On a worker thread.
  void send_stream(Running& running) {
    const auto send = [&](std::string_view bytes) -> Status {
      if (running.gone) return io_error("the client has left");
      if (bytes.empty()) return ok();
      std::string text;
      if (!running.began) {
        text = open_header(running.response, running.version, running.keep_alive);
      }
      running.began = true;
      if (running.version >= kHttp11) {
        text += chunk_of(bytes);
      } else {
        text.append(bytes);
      }
      return write_and_wait(stream_, context_.limits.write_us, asio::buffer(text));
    };
    running.streamed = running.response.stream(send);
    if (running.streamed && !running.began) {
      running.response.stream = nullptr;  // An empty body, whose length is known after all.
    } else if (running.streamed && running.version >= kHttp11) {
      running.streamed =
          write_and_wait(stream_, context_.limits.write_us, asio::buffer("0\r\n\r\n", 5));
    }
  }

  asio::awaitable<bool> finish(Running& running) {
    const Response& response = running.response;
    const bool keep_alive = running.keep_alive && !running.gone;
    if (response.events && !running.prepared.head) {
      co_return co_await write_events(running);
    }
    if (response.stream && !running.prepared.head) {
      if (running.streamed) co_return keep_alive&& running.version >= kHttp11;
      if (running.began) co_return false;  // Broken off: the client sees that the end is missing.
      running.response = context_.dispatcher.refusal(500, "the answer could not be written");
    }
    co_return co_await write_whole(running.response, running.version, keep_alive,
                                   running.prepared.head);
  }

  asio::awaitable<bool> write_whole(const Response& response, unsigned version, bool keep_alive,
                                    bool head) {
    http::response<http::string_body> message;
    message.version(version);
    fill_header(message, response);
    message.keep_alive(keep_alive);
    if (response.status != 204 && response.status != 304) {
      if (!response.stream && !response.events) message.content_length(response.body.size());
      if (!head) message.body() = response.body;
    }
    limit(stream_, context_.limits.write_us);
    http::response_serializer<http::string_body> serializer(message);
    const auto [fault, count] = co_await http::async_write(stream_, serializer, kAwait);
    co_return !fault && keep_alive;
  }

  asio::awaitable<bool> write_events(Running& running) {
    EventLog& log = *running.response.events;
    const int64_t subscription = log.subscribe([alarm = running.alarm] { alarm->wake(); });
    // Waiting for events is no work to be waited for when the server stops.
    --context_.busy;
    const bool whole = co_await follow(running, log);
    ++context_.busy;
    log.unsubscribe(subscription);
    co_return whole&& running.keep_alive&& running.version >= kHttp11;
  }

  asio::awaitable<bool> write_piece(const std::string& bytes, unsigned version) {
    limit(stream_, context_.limits.write_us);
    const std::string text = version >= kHttp11 && !bytes.empty() ? chunk_of(bytes) : bytes;
    const auto [fault, count] = co_await asio::async_write(stream_, asio::buffer(text), kAwait);
    beast::get_lowest_layer(stream_).expires_never();
    co_return !fault;
  }

  /// Sends events until the log is closed (true), or the client left or fell behind (false).
  asio::awaitable<bool> follow(Running& running, EventLog& log) {
    const std::string header = open_header(running.response, running.version, running.keep_alive);
    const auto [fault, count] = co_await asio::async_write(stream_, asio::buffer(header), kAwait);
    bool good = !fault && co_await write_piece("retry: 2000\n\n", running.version);
    int64_t after = running.response.events_after;
    int64_t silent_since_us = context_.clock.monotonic_us();
    while (good && !context_.stopping && !has_left(socket_of(stream_))) {
      const EventLog::Page page = log.read_after(after, kEventsAtOnce);
      if (page.lost) co_return false;
      std::string text;
      for (const ServerEvent& event : page.events) {
        text += to_wire(event);
        after = event.number;
      }
      const int64_t now_us = context_.clock.monotonic_us();
      if (text.empty() && now_us - silent_since_us >= context_.limits.keep_alive_us) {
        text = ": still here\n\n";
      }
      if (!text.empty()) {
        good = co_await write_piece(text, running.version);
        silent_since_us = now_us;
      }
      if (page.closed) {
        if (running.version < kHttp11) co_return false;
        const auto [fault_at_end, ignored] =
            co_await asio::async_write(stream_, asio::buffer("0\r\n\r\n", 5), kAwait);
        co_return !fault_at_end;
      }
      if (page.events.empty()) co_await running.alarm->wait(kLookUs * 5);
    }
    co_return false;
  }

  /// Reads what a refused client still sends, so that it gets to see the answer.
  asio::awaitable<void> drain() {
    error_code ignored;
    socket_of(stream_).shutdown(tcp::socket::shutdown_send, ignored);
    limit(stream_, kDrainUs);
    std::string sink(kFirstRead, '\0');
    for (size_t total = 0; total < kDrainBytes;) {
      const auto [fault, count] =
          co_await beast::get_lowest_layer(stream_).async_read_some(asio::buffer(sink), kAwait);
      if (fault) co_return;
      total += count;
    }
  }

  asio::awaitable<void> close() {
    if constexpr (!std::is_same_v<Stream, beast::tcp_stream>) {
      limit(stream_, kDrainUs);
      co_await stream_.async_shutdown(kAwait);
    }
    error_code ignored;
    socket_of(stream_).shutdown(tcp::socket::shutdown_both, ignored);
    socket_of(stream_).close(ignored);
  }

  static constexpr size_t kFirstRead = 4096;

  Stream stream_;
  ConnectionContext& context_;
  beast::flat_buffer buffer_;
  bool is_first_ = true;
  bool is_idle_ = false;
  int64_t number_ = 0;  // in the list of connections
};

using PlainStream = beast::tcp_stream;
using TlsStream = beast::ssl_stream<beast::tcp_stream>;

asio::awaitable<void> serve_plain(tcp::socket socket, ConnectionContext& context) {
  const auto connection =
      std::make_shared<Connection<PlainStream>>(PlainStream(std::move(socket)), context);
  co_await connection->run();
}

asio::awaitable<void> serve_tls(tcp::socket socket, ConnectionContext& context) {
  const auto connection = std::make_shared<Connection<TlsStream>>(
      TlsStream(PlainStream(std::move(socket)), *context.tls), context);
  limit(connection->stream(), context.limits.handshake_us);
  const auto [fault] =
      co_await connection->stream().async_handshake(asio::ssl::stream_base::server, kAwait);
  if (!fault) co_await connection->run();
}

asio::awaitable<void> refuse_plain(tcp::socket socket, ConnectionContext& context) {
  const auto connection =
      std::make_shared<Connection<PlainStream>>(PlainStream(std::move(socket)), context);
  co_await connection->answer_and_close(503, "too many connections are open; try again soon");
}

}  // namespace

void serve_connection(tcp::socket socket, ConnectionContext& context) {
  context.telemetry.connection_opened();
  const auto strand = socket.get_executor();
  auto served = context.tls == nullptr ? serve_plain(std::move(socket), context)
                                       : serve_tls(std::move(socket), context);
  asio::co_spawn(strand, std::move(served),
                 [&context](const std::exception_ptr&) { context.telemetry.connection_closed(); });
}

void refuse_connection(tcp::socket socket, ConnectionContext& context) {
  context.telemetry.connection_refused();
  if (context.tls != nullptr || context.telemetry.connections() > 2 * context.limits.connections) {
    error_code ignored;
    socket.close(ignored);
    return;
  }
  context.telemetry.connection_opened();
  const auto strand = socket.get_executor();
  asio::co_spawn(strand, refuse_plain(std::move(socket), context),
                 [&context](const std::exception_ptr&) { context.telemetry.connection_closed(); });
}

}  // namespace bullion::server
