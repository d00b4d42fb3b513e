#include "server/sessions.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/sha256.h"

namespace bullion::server {
namespace {

constexpr int64_t kHourUs = 3'600'000'000;
constexpr int64_t kIdleMaxUs = 12 * kHourUs;
constexpr int64_t kAgeMaxUs = 30 * 24 * kHourUs;
constexpr size_t kSessionsMax = 1'000;
constexpr size_t kBearerMin = 16;

Result<std::string> random_secret() {
  std::array<unsigned char, 32> bytes{};
  if (::RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
    return io_error("the system gives no random numbers, so no token can be made");
  }
  std::string hex;
  for (const unsigned char byte : bytes) hex += fmt::format("{:02x}", byte);
  return hex;
}

/// Both are hashes in hex, so their lengths say nothing.
bool equal(const std::string& a, const std::string& b) {
  return a.size() == b.size() && ::CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace

Result<std::string> Sessions::issue_token() {
  BULLION_TRY_ASSIGN(std::string token, random_secret());
  const std::lock_guard lock(mutex_);
  token_hash_ = sha256_hex(token);
  return token;
}

Result<std::optional<std::string>> Sessions::exchange(std::string_view token) {
  const std::string hash = sha256_hex(token);
  BULLION_TRY_ASSIGN(std::string secret, random_secret());
  const int64_t now_us = clock_.monotonic_us();
  const std::lock_guard lock(mutex_);
  if (token_hash_.empty() || !equal(hash, token_hash_)) return std::optional<std::string>();
  token_hash_.clear();
  std::erase_if(sessions_, [&](const auto& entry) { return is_over(entry.second, now_us); });
  if (sessions_.size() >= kSessionsMax) {
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.seen_us < b.second.seen_us; }));
  }
  sessions_[sha256_hex(secret)] = {now_us, now_us};
  return std::optional<std::string>(std::move(secret));
}

bool Sessions::is_over(const Session& session, int64_t now_us) const {
  return now_us - session.seen_us > kIdleMaxUs || now_us - session.begun_us > kAgeMaxUs;
}

bool Sessions::knows(std::string_view secret) {
  const std::string hash = sha256_hex(secret);
  const int64_t now_us = clock_.monotonic_us();
  const std::lock_guard lock(mutex_);
  const auto found = sessions_.find(hash);
  if (found == sessions_.end()) return false;
  if (is_over(found->second, now_us)) {
    sessions_.erase(found);
    return false;
  }
  found->second.seen_us = now_us;
  return true;
}

void Sessions::forget(std::string_view secret) {
  const std::string hash = sha256_hex(secret);
  const std::lock_guard lock(mutex_);
  sessions_.erase(hash);
}

Status Sessions::set_bearer(std::string_view token) {
  const bool visible =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7F; });
  if (token.size() < kBearerMin || !visible) {
    return invalid(
        fmt::format("the bearer token has {} characters{}; expected at least {} visible ASCII "
                    "characters, e.g. the output of `openssl rand -hex 32`",
                    token.size(), visible ? "" : ", not all of them visible ASCII", kBearerMin));
  }
  const std::lock_guard lock(mutex_);
  bearer_hash_ = sha256_hex(token);
  return ok();
}

bool Sessions::knows_bearer(std::string_view token) const {
  const std::string hash = sha256_hex(token);
  const std::lock_guard lock(mutex_);
  return !bearer_hash_.empty() && equal(hash, bearer_hash_);
}

std::optional<std::string> cookie_value(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    const size_t end = header.find(';');
    std::string_view pair = header.substr(0, end);
    header = end == std::string_view::npos ? std::string_view() : header.substr(end + 1);
    while (!pair.empty() && pair.front() == ' ') pair.remove_prefix(1);
    const size_t equals = pair.find('=');
    if (equals != std::string_view::npos && pair.substr(0, equals) == name) {
      return std::string(pair.substr(equals + 1));
    }
  }
  return std::nullopt;
}

}  // namespace bullion::server
