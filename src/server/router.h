// Which handler answers a method and a path below /api/v1.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/message.h"

namespace bullion::server {

enum class Access {
  SignedIn,      ///< needs a session cookie or a bearer token
  Open,          ///< anybody who reaches the port
  OpenAndQuick,  ///< Open, and answered without a worker even when all are busy: must not block
};

/// Patterns such as "/tables/{table}/rows". A parameter stands for one whole, non-empty segment; a
/// literal segment wins over a parameter. Filled before the server starts, read-only afterwards;
/// then thread-safe.
class Router {
 public:
  /// Asserts that the pattern begins with '/' and that nobody answers it for this method yet.
  void add(const std::string& method, const std::string& pattern, Handler handler,
           Access access = Access::SignedIn);

  struct Match {
    const Handler* handler = nullptr;  ///< null: the path is known, the method is not
    Access access = Access::SignedIn;
    std::string pattern;  ///< for counters
    std::map<std::string, std::string> parameters;
    std::vector<std::string> methods;  ///< that the path knows, sorted; for Allow
  };
  /// `raw_path` is still percent-encoded and begins with '/', so that an encoded '/' stays inside
  /// its segment. nullopt when no pattern fits, or when a segment is not valid percent-encoding.
  std::optional<Match> match(std::string_view method, std::string_view raw_path) const;
  /// Every pattern with its methods, for tests that compare them with the OpenAPI document.
  std::vector<std::pair<std::string, std::string>> routes() const;

 private:
  struct Entry {
    Handler handler;
    Access access = Access::SignedIn;
  };
  struct Route {
    std::string pattern;
    std::vector<std::string> segments;
    std::map<std::string, Entry> entries;  ///< by method
  };
  std::vector<Route> routes_;
};

}  // namespace bullion::server
