// A few threads and a bounded queue in front of them.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace bullion::server {

/// Thread-safe. The destructor runs what is queued and waits for it.
class WorkerPool {
 public:
  WorkerPool(int threads, size_t queued_max);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

  /// False when the queue is full; `work` is then not run.
  bool submit(std::function<void()> work);

 private:
  void run();

  const size_t queued_max_;
  std::mutex mutex_;
  std::condition_variable something_;
  std::deque<std::function<void()>> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace bullion::server
