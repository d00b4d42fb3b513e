// Events that many clients follow, each at its own pace, without a buffer per client.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace bullion::server {

struct ServerEvent {
  int64_t number = 0;  ///< 1, 2, ...: the `id` line of the event stream
  std::string type;    ///< the `event` line; "" is a plain message
  std::string data;    ///< JSON on one line
};

/// An append-only list of the newest events. A client keeps the number of the last event it got;
/// one that is so slow that events it has not seen are gone is told so and dropped. Thread-safe.
class EventLog {
 public:
  /// Keeps at the most `events_max` events; the first has the number after `last_number`.
  explicit EventLog(size_t events_max = 10'000, int64_t last_number = 0)
      : events_max_(events_max), last_number_(last_number) {}
  EventLog(const EventLog&) = delete;
  EventLog& operator=(const EventLog&) = delete;

  /// Line breaks in `type` and `data` become spaces. Ignored after close().
  void append(std::string type, std::string data);
  /// No further event will come; readers end once they have read all.
  void close();

  struct Page {
    std::vector<ServerEvent> events;
    bool closed = false;  ///< nothing comes after `events`
    bool lost = false;    ///< events between `after` and the first kept one are gone
  };
  /// Up to `count_max` events with a number above `after`.
  Page read_after(int64_t after, size_t count_max) const;
  int64_t last_number() const;

  /// Calls `wake` (quickly, from any thread, without locks of the caller) whenever there may be
  /// something to read, until unsubscribe() has returned.
  int64_t subscribe(std::function<void()> wake);
  void unsubscribe(int64_t subscription);

 private:
  void wake_all();

  const size_t events_max_;
  mutable std::mutex mutex_;
  std::deque<ServerEvent> events_;
  int64_t last_number_;
  bool closed_ = false;
  std::mutex subscribers_mutex_;
  std::map<int64_t, std::function<void()>> subscribers_;
  int64_t last_subscription_ = 0;
};

/// One event as it goes over the wire: id, event and data lines and the empty line.
std::string to_wire(const ServerEvent& event);

}  // namespace bullion::server
