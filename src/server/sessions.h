// Who may come in: one-time tokens, session cookies and the bearer token of programs.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace bullion::server {

inline constexpr const char* kSessionCookie = "bullion_session";

/// Only hashes of secrets are kept, in memory: a restart signs everybody out. Thread-safe.
class Sessions {
 public:
  /// A session ends after 12 hours without a request and after 30 days in any case; the 1,000th
  /// plus one pushes the one out that was idle longest. `clock` must outlive this.
  explicit Sessions(const Clock& clock) : clock_(clock) {}
  Sessions(const Sessions&) = delete;
  Sessions& operator=(const Sessions&) = delete;

  /// A new one-time token (256 random bits in hex). The one before it no longer works.
  Result<std::string> issue_token();
  /// Spends the one-time token for a session's secret (as long); nullopt when it is another or
  /// spent already.
  Result<std::optional<std::string>> exchange(std::string_view token);
  /// Whether the secret belongs to a living session, which this call keeps awake.
  bool knows(std::string_view secret);
  /// Ends the session.
  void forget(std::string_view secret);

  /// Lets programs in that send this token. Invalid when it is shorter than 16 characters or holds
  /// anything but visible ASCII.
  Status set_bearer(std::string_view token);
  /// Compares in constant time.
  bool knows_bearer(std::string_view token) const;

 private:
  struct Session {
    int64_t begun_us = 0;
    int64_t seen_us = 0;
  };
  bool is_over(const Session& session, int64_t now_us) const;

  const Clock& clock_;
  mutable std::mutex mutex_;
  std::string token_hash_;                   ///< "": none, or spent
  std::string bearer_hash_;                  ///< "": none
  std::map<std::string, Session> sessions_;  ///< by hash of the secret
};

/// The value of a cookie in a Cookie header; nullopt when absent.
std::optional<std::string> cookie_value(std::string_view header, std::string_view name);

}  // namespace bullion::server
