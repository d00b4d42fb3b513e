#include "server/child_runs.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "base/child_process.h"

namespace bullion::server {
namespace {

constexpr size_t kRunsMax = 100;
constexpr size_t kLinesMax = 1'000;
constexpr size_t kLineBytesMax = 8 * 1024;
constexpr size_t kEventsMax = 10'000;
constexpr int64_t kKeyLifeUs = 24 * 3'600'000'000LL;
constexpr int64_t kPatienceUs = 10'000'000;
constexpr int kLookMs = 200;

std::string dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

RunState state_of(const std::string& status) {
  if (status == "published") return RunState::Published;
  if (status == "unchanged") return RunState::Unchanged;
  if (status == "blocked") return RunState::Blocked;
  return RunState::Failed;
}

bool is_same(const RunRequest& a, const RunRequest& b) {
  return a.select == b.select && a.full_refresh == b.full_refresh;
}

}  // namespace

std::string_view to_string(RunState state) {
  switch (state) {
    case RunState::Running:
      return "running";
    case RunState::Published:
      return "published";
    case RunState::Unchanged:
      return "unchanged";
    case RunState::Blocked:
      return "blocked";
    case RunState::Failed:
      return "failed";
    case RunState::Cancelled:
      return "cancelled";
  }
  return "failed";
}

/// Guarded by the owner's mutex, but for the child's output, which one thread reads.
struct ChildRuns::Run {
  ServedRun facts;
  std::shared_ptr<EventLog> events = std::make_shared<EventLog>(kEventsMax);
  PipedChild child;
  std::string outcome;          ///< "status" of what the child said last; "": not yet
  int64_t asked_to_end_us = 0;  ///< 0: not
  bool killed = false;
};

struct ChildRuns::Key {
  std::string run_id;
  RunRequest request;
  int64_t at_us = 0;
};

ChildRuns::ChildRuns(ChildRunsOptions options, const Clock& clock)
    : options_(std::move(options)), clock_(clock) {}

ChildRuns::~ChildRuns() { stop(0); }

Result<std::optional<ServedRun>> ChildRuns::remembered(const RunRequest& request,
                                                       const std::string& key) {
  std::erase_if(keys_, [&](const auto& entry) {
    return clock_.monotonic_us() - entry.second.at_us > kKeyLifeUs;
  });
  const auto known = keys_.find(key);
  if (key.empty() || known == keys_.end()) return std::optional<ServedRun>();
  if (!is_same(known->second.request, request)) {
    return invalid(fmt::format(
        "Idempotency-Key {}: run {} was started with this key and another request; use a new key",
        key, known->second.run_id));
  }
  const auto run = find_run(known->second.run_id);
  if (run == nullptr) return std::optional<ServedRun>();
  return std::optional<ServedRun>(run->facts);
}

Result<ServedRun> ChildRuns::start(const RunRequest& request, const std::string& user,
                                   const std::string& idempotency_key) {
  const std::unique_lock lock(mutex_);
  BULLION_TRY_ASSIGN(const std::optional<ServedRun> known, remembered(request, idempotency_key));
  if (known) return *known;
  if (stopping_) return conflict("the server is stopping; start the run again in a moment");
  if (!runs_.empty() && runs_.front()->facts.state == RunState::Running) {
    return conflict(
        fmt::format("run {} goes on; wait for it, or cancel it", runs_.front()->facts.id));
  }
  // The follower of the run before has nothing more to lock.
  if (follower_.joinable()) follower_.join();
  auto run = std::make_shared<Run>();
  run->facts.id = options_.new_id();
  run->facts.user = user;
  run->facts.started_us = clock_.now_us();
  runs_.push_front(run);
  if (runs_.size() > kRunsMax) runs_.pop_back();
  if (!idempotency_key.empty()) {
    keys_[idempotency_key] = {run->facts.id, request, clock_.monotonic_us()};
  }
  // The child ends with the thread that starts it, so the one that waits for it does.
  follower_ = std::thread([this, run, command = options_.command(request, run->facts.id, user)] {
    auto child = start_piped_child(command);
    if (child) {
      {
        const std::lock_guard inner(mutex_);
        run->child = *child;
      }
      follow(run);
      return;
    }
    const std::lock_guard inner(mutex_);
    run->facts.log.push_back(options_.scrubber.scrub(child.error().message()));
    finish(*run, -1);
  });
  tell(*run, "");
  return run->facts;
}

std::shared_ptr<ChildRuns::Run> ChildRuns::find_run(const std::string& id) const {
  const auto found = std::find_if(runs_.begin(), runs_.end(),
                                  [&](const auto& run) { return run->facts.id == id; });
  return found == runs_.end() ? nullptr : *found;
}

std::vector<ServedRun> ChildRuns::list() const {
  const std::lock_guard lock(mutex_);
  std::vector<ServedRun> out;
  for (const auto& run : runs_) out.push_back(run->facts);
  return out;
}

std::optional<ServedRun> ChildRuns::find(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto run = find_run(id);
  return run == nullptr ? std::nullopt : std::optional<ServedRun>(run->facts);
}

Result<std::shared_ptr<EventLog>> ChildRuns::events(const std::string& id) const {
  const std::lock_guard lock(mutex_);
  const auto run = find_run(id);
  if (run == nullptr) {
    return not_found(fmt::format("this server has not started a run {} since it began", id));
  }
  return run->events;
}

Result<ServedRun> ChildRuns::cancel(const std::string& id) {
  const std::lock_guard lock(mutex_);
  const auto run = find_run(id);
  if (run == nullptr) {
    return not_found(fmt::format("this server has not started a run {} since it began", id));
  }
  if (run->facts.state != RunState::Running) {
    return conflict(fmt::format("run {} has ended: {}", id, to_string(run->facts.state)));
  }
  if (run->asked_to_end_us == 0) run->asked_to_end_us = clock_.monotonic_us();
  if (run->child.process != 0) signal_child(run->child.process, SIGTERM);
  return run->facts;
}

void ChildRuns::stop(int64_t patience_us) {
  std::unique_lock lock(mutex_);
  stopping_ = true;
  const auto none_runs = [&] {
    return runs_.empty() || runs_.front()->facts.state != RunState::Running;
  };
  ended_.wait_for(lock, std::chrono::microseconds(patience_us), none_runs);
  if (!none_runs()) {
    const std::string id = runs_.front()->facts.id;
    lock.unlock();
    const auto ignored = cancel(id);
    lock.lock();
  }
  lock.unlock();
  if (follower_.joinable()) follower_.join();
}

void ChildRuns::follow(const std::shared_ptr<Run>& run) {
  std::string held;
  std::array<char, 16384> piece{};
  bool is_open = true;
  std::optional<int> code;
  while (is_open || !code) {
    pollfd state{.fd = is_open ? run->child.output : -1, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&state, 1, kLookMs);
    const ssize_t count =
        ready > 0 ? ::read(run->child.output, piece.data(), piece.size()) : ssize_t{-1};
    if (ready > 0 && count <= 0) is_open = false;
    if (count > 0) held.append(piece.data(), static_cast<size_t>(count));
    for (size_t end = held.find('\n'); end != std::string::npos; end = held.find('\n')) {
      take_line(*run, held.substr(0, end));
      held.erase(0, end + 1);
    }
    if (held.size() > kLineBytesMax) take_line(*run, std::exchange(held, ""));
    // Reaped under the lock, so that cancel() never signals a process id that is somebody else's.
    const std::lock_guard lock(mutex_);
    if (!code) {
      const auto ended = exit_of_child(run->child.process);
      code = ended ? *ended : std::optional<int>(-1);
      if (code) run->child.process = 0;
    }
    // A grandchild may hold the pipe open; nobody waits for it.
    if (code && ready == 0) is_open = false;
    if (!code && run->asked_to_end_us != 0 && !run->killed &&
        clock_.monotonic_us() - run->asked_to_end_us > kPatienceUs) {
      run->killed = true;
      signal_child(run->child.process, SIGKILL);
    } else if (!code && run->asked_to_end_us != 0 && !run->killed) {
      signal_child(run->child.process, SIGTERM);
    }
  }
  ::close(run->child.output);
  if (!held.empty()) take_line(*run, held);
  const std::lock_guard lock(mutex_);
  finish(*run, *code);
}

void ChildRuns::take_line(Run& run, std::string line) {
  while (!line.empty() && line.back() == '\r') line.pop_back();
  if (line.empty()) return;
  const auto json = line.front() == '{' ? nlohmann::ordered_json::parse(line, nullptr, false)
                                        : nlohmann::ordered_json();
  const std::lock_guard lock(mutex_);
  if (json.is_object() && json.contains("phase")) return tell(run, line);
  if (json.is_object() && json.contains("status") && json.contains("release")) {
    if (json["status"].is_string()) run.outcome = json["status"].get<std::string>();
    if (json["release"].is_number_integer()) run.facts.release = json["release"].get<int64_t>();
    return;
  }
  line = options_.scrubber.scrub(line.substr(0, kLineBytesMax));
  run.facts.log.push_back(line);
  if (run.facts.log.size() > kLinesMax) run.facts.log.erase(run.facts.log.begin());
  tell(run, dump({{"line", line}}));
}

void ChildRuns::finish(Run& run, int code) {
  ServedRun& facts = run.facts;
  facts.finished_us = clock_.now_us();
  facts.state = state_of(run.outcome);
  if (facts.state == RunState::Failed && run.asked_to_end_us != 0) {
    facts.state = RunState::Cancelled;
    facts.detail = "stopped on request; nothing was published";
  } else if (facts.state == RunState::Failed) {
    facts.detail =
        facts.log.empty() ? fmt::format("the run's process left with {}", code) : facts.log.back();
  } else if (facts.state == RunState::Blocked) {
    facts.detail = "a gate failed; readers stay on the last release";
  } else if (facts.release) {
    facts.detail = fmt::format("release {} published", *facts.release);
  } else {
    facts.detail = "nothing new";
  }
  tell(run, "");
  run.events->close();
  ended_.notify_all();
}

void ChildRuns::tell(const Run& run, const std::string& more) {
  nlohmann::ordered_json json = {{"id", run.facts.id}, {"status", to_string(run.facts.state)}};
  if (!more.empty()) json.update(nlohmann::ordered_json::parse(more, nullptr, false));
  run.events->append("run", dump(json));
}

}  // namespace bullion::server
