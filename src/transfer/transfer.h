// What Bullion sends over a network: one transfer with libcurl, set up alike for all who send.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <curl/curl.h>

#include "base/result.h"

namespace bullion::transfer {

/// The value of an environment variable; nullopt when it is not set.
using Variables = std::function<std::optional<std::string>(const std::string& name)>;

/// A list of texts as libcurl takes it.
class TextList {
 public:
  void add(const std::string& text);
  curl_slist* get() const { return list_.get(); }

 private:
  struct Free {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };
  std::unique_ptr<curl_slist, Free> list_;
};

struct Target {
  std::string url;
  std::string protocols;   ///< the URL may begin with, e.g. "http,https"
  int64_t timeout_us = 0;  ///< for connecting, and for each transfer as a whole
};

/// A connection to one server, kept open between transfers; used by one thread at a time. Redirects
/// are not followed, what the server answers is dropped. SSL_CERT_FILE names the roots to trust.
class Transfer {
 public:
  static Result<Transfer> open(const Target& target, const Variables& variables);

  /// A line "Name: value" that goes before the body.
  void add_header(const std::string& line) { headers_.add(line); }
  /// Sends the body with POST; IoError with libcurl's reason, or when the answer is no 2xx.
  Status post(const std::string& body);
  /// Does what was asked of handle(); IoError with libcurl's reason.
  Status perform();
  /// For the options of other protocols. Lives as long as the transfer.
  CURL* handle() const { return easy_.get(); }

 private:
  struct Free {
    void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
  };
  explicit Transfer(CURL* easy) : easy_(easy) {}

  TextList headers_;
  std::unique_ptr<CURL, Free> easy_;
};

}  // namespace bullion::transfer
