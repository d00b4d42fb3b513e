// Any bytes as a request's target, headers and body: the parts of HTTP that we read ourselves.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "base/utf8.h"
#include "server/dispatcher.h"
#include "server/gzip_internal.h"
#include "server/url_internal.h"

namespace {

using bullion::server::Request;
using bullion::server::Response;

/// Cuts `bytes` at NUL bytes.
std::vector<std::string> pieces_of(std::string_view bytes) {
  std::vector<std::string> pieces;
  for (;;) {
    const size_t end = bytes.find('\0');
    pieces.emplace_back(bytes.substr(0, end));
    if (end == std::string_view::npos) return pieces;
    bytes.remove_prefix(end + 1);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const bullion::SystemClock clock;
  static const bullion::server::StaticFiles pages(bullion::server::embedded_web());
  static const bullion::server::Telemetry telemetry;
  bullion::server::Sessions sessions(clock);
  bullion::server::Router router;
  const auto echo = [](const Request& request) {
    for (const auto& [name, value] : request.query) {
      BULLION_ASSERT(bullion::is_utf8(name) && bullion::is_utf8(value));
    }
    for (const auto& [name, value] : request.parameters) {
      BULLION_ASSERT(!value.empty() && bullion::is_utf8(value));
    }
    return bullion::server::json_response(request.body);
  };
  router.add("GET", "/a/{b}/c", echo, bullion::server::Access::Open);
  router.add("POST", "/a/{b}", echo);
  const bullion::server::Dispatcher dispatcher({router, sessions, pages, telemetry, clock},
                                               {.user = "fuzz"});

  const auto pieces = pieces_of({reinterpret_cast<const char*>(data), size});
  bullion::server::RawRequest raw{.method = pieces[0]};
  raw.headers = {{"host", "localhost"}};
  if (pieces.size() > 1) raw.target = pieces[1];
  if (pieces.size() > 2) raw.body = pieces[2];
  for (size_t i = 4; i < pieces.size(); i += 2) raw.headers[pieces[i - 1]] = pieces[i];
  const Response response = dispatcher.answer(dispatcher.prepare(raw));
  BULLION_ASSERT(response.status >= 200 && response.status < 500);
  for (const auto& [name, value] : response.headers) {
    // Nothing of a client may end a header line and begin another.
    BULLION_ASSERT(value.find_first_of("\r\n") == std::string::npos);
  }
  return 0;
}
