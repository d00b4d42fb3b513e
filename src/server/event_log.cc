#include "server/event_log.h"

#include <algorithm>

#include <fmt/format.h>

namespace bullion::server {
namespace {

std::string on_one_line(std::string text) {
  std::replace_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

void EventLog::append(std::string type, std::string data) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    events_.push_back({++last_number_, on_one_line(std::move(type)), on_one_line(std::move(data))});
    if (events_.size() > events_max_) events_.pop_front();
  }
  wake_all();
}

void EventLog::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  wake_all();
}

EventLog::Page EventLog::read_after(int64_t after, size_t count_max) const {
  const std::lock_guard lock(mutex_);
  Page page;
  const int64_t first = last_number_ - static_cast<int64_t>(events_.size()) + 1;
  // A number of an earlier server, which counted further than this one: start over.
  if (after > last_number_) after = 0;
  page.lost = after > 0 && after + 1 < first;
  const auto skip = static_cast<size_t>(std::max<int64_t>(after + 1 - first, 0));
  for (size_t i = skip; i < events_.size() && page.events.size() < count_max; ++i) {
    page.events.push_back(events_[i]);
  }
  page.closed = closed_ && skip + page.events.size() >= events_.size();
  return page;
}

int64_t EventLog::last_number() const {
  const std::lock_guard lock(mutex_);
  return last_number_;
}

int64_t EventLog::subscribe(std::function<void()> wake) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_[++last_subscription_] = std::move(wake);
  return last_subscription_;
}

void EventLog::unsubscribe(int64_t subscription) {
  const std::lock_guard lock(subscribers_mutex_);
  subscribers_.erase(subscription);
}

void EventLog::wake_all() {
  const std::lock_guard lock(subscribers_mutex_);
  for (const auto& [number, wake] : subscribers_) wake();
}

std::string to_wire(const ServerEvent& event) {
  const std::string type = event.type.empty() ? "" : fmt::format("event: {}\n", event.type);
  return fmt::format("id: {}\n{}data: {}\n\n", event.number, type, event.data);
}

}  // namespace bullion::server
