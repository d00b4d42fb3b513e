#include "server/answer_cache.h"

#include <fmt/format.h>

#include "base/sha256.h"

namespace bullion::server {
namespace {

int64_t bytes_of(const std::string& key, const KeptAnswer& answer) {
  // What lists, maps and pointers take is about this much.
  constexpr size_t kOverhead = 256;
  return static_cast<int64_t>(2 * key.size() + answer.body.size() + answer.etag.size() + kOverhead);
}

}  // namespace

void AnswerCache::keep(const std::string& key, const std::shared_ptr<const KeptAnswer>& answer) {
  const int64_t bytes = bytes_of(key, *answer);
  // One answer that pushes out a quarter of the others is not worth it.
  if (bytes > bytes_max_ / 4) return;
  entries_.push_front({key, answer});
  by_key_[key] = entries_.begin();
  bytes_ += bytes;
  while (bytes_ > bytes_max_) {
    const Entry& oldest = entries_.back();
    bytes_ -= bytes_of(oldest.key, *oldest.answer);
    by_key_.erase(oldest.key);
    entries_.pop_back();
    ++evictions_;
  }
}

Result<std::shared_ptr<const KeptAnswer>> AnswerCache::get(const std::string& key, int64_t release,
                                                           const Make& make) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
      entries_.splice(entries_.begin(), entries_, found->second);
      ++hits_;
      return entries_.front().answer;
    }
    const auto other = making_.find(key);
    if (other == making_.end()) break;
    const std::shared_ptr<Making> making = other->second;
    made_.wait(lock, [&] { return making->done; });
    const bool was_stopped =
        !*making->outcome && making->outcome->error().kind() == ErrorKind::Interrupted;
    if (was_stopped) continue;
    ++hits_;
    return *making->outcome;
  }
  ++misses_;
  const auto making = std::make_shared<Making>();
  making_[key] = making;
  lock.unlock();
  Result<std::string> body = make();
  Result<std::shared_ptr<const KeptAnswer>> outcome = internal_error("no answer was made");
  if (body) {
    constexpr size_t kDigits = 16;
    const std::string hash = sha256_hex(*body).substr(0, kDigits);
    outcome = std::make_shared<const KeptAnswer>(
        KeptAnswer{std::move(*body), fmt::format("\"r{}-{}\"", release, hash)});
  } else {
    outcome = body.error();
  }
  lock.lock();
  if (outcome) keep(key, *outcome);
  making->outcome = outcome;
  making->done = true;
  making_.erase(key);
  made_.notify_all();
  return outcome;
}

std::vector<Sample> AnswerCache::samples() const {
  const std::lock_guard lock(mutex_);
  return {
      {"bullion_cache_hits_total", "Answers that were kept already.", true, hits_},
      {"bullion_cache_misses_total", "Answers that had to be made.", true, misses_},
      {"bullion_cache_evictions_total", "Answers that made room for others.", true, evictions_},
      {"bullion_cache_bytes", "Memory that kept answers take.", false, bytes_},
      {"bullion_cache_entries", "Answers that are kept.", false,
       static_cast<int64_t>(entries_.size())},
  };
}

}  // namespace bullion::server
