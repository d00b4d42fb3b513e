#include "server/change_watcher.h"

#include <chrono>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bullion::server {
namespace {

constexpr auto kInterval = std::chrono::seconds(1);

}  // namespace

// Event numbers begin at the time, so that a client that comes back after a restart with an older
// number is not taken for one that has seen the new events.
ChangeWatcher::ChangeWatcher(WatchedThings things, const Clock& clock)
    : things_(std::move(things)),
      events_(std::make_shared<EventLog>(1'000, clock.now_us())),
      first_number_(events_->last_number() + 1),
      known_files_(files()) {
  look();
}

ChangeWatcher::~ChangeWatcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  stop_.notify_all();
  if (thread_.joinable()) thread_.join();
  events_->close();
}

void ChangeWatcher::start() {
  thread_ = std::thread([this] {
    std::unique_lock lock(mutex_);
    while (!stop_.wait_for(lock, kInterval, [&] { return stopping_; })) {
      lock.unlock();
      look();
      lock.lock();
    }
  });
}

void ChangeWatcher::on_project_change(
    std::function<void(const std::vector<std::string>&)> listener) {
  listener_ = std::move(listener);
}

std::map<std::string, std::pair<int64_t, int64_t>> ChangeWatcher::files() const {
  std::map<std::string, std::pair<int64_t, int64_t>> out;
  for (const std::string& folder : things_.folders) {
    const auto listed = things_.project.list_recursive(folder);
    if (!listed) continue;
    for (const storage::FileInfo& file : *listed) {
      const bool is_yaml = file.path.ends_with(".yml") || file.path.ends_with(".yaml");
      if (is_yaml) out[file.path] = {file.size, file.modified_us};
    }
  }
  return out;
}

void ChangeWatcher::look() {
  const auto release = things_.latest_release();
  if (release && *release) {
    const std::lock_guard lock(mutex_);
    if (**release != latest_release_) {
      latest_release_ = **release;
      events_->append("release", fmt::format("{{\"release\":{}}}", latest_release_));
      release_event_ = events_->last_number();
    }
  }
  auto now = files();
  if (now == known_files_) return;
  std::vector<std::string> changed;
  for (const auto& [path, state] : now) {
    const auto before = known_files_.find(path);
    if (before == known_files_.end() || before->second != state) changed.push_back(path);
  }
  for (const auto& [path, state] : known_files_) {
    if (!now.contains(path)) changed.push_back(path);
  }
  known_files_ = std::move(now);
  if (listener_) listener_(changed);
  const nlohmann::json json = {{"files", changed}};
  events_->append("project", json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

int64_t ChangeWatcher::latest_release() const {
  const std::lock_guard lock(mutex_);
  return latest_release_;
}

int64_t ChangeWatcher::go_on_after(int64_t last_event_id) const {
  const std::lock_guard lock(mutex_);
  const bool is_known = last_event_id >= first_number_ && last_event_id <= events_->last_number() &&
                        !events_->read_after(last_event_id, 1).lost;
  if (is_known) return last_event_id;
  return release_event_ > 0 ? release_event_ - 1 : events_->last_number();
}

void add_change_routes(Router& router, const ChangeWatcher& watcher) {
  router.add("GET", "/changes", [&watcher](const Request& request) {
    Response response{.content_type = "text/event-stream"};
    response.events = watcher.events();
    response.events_after = watcher.go_on_after(last_event_id(request));
    return response;
  });
}

}  // namespace bullion::server
