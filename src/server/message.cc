#include "server/message.h"

#include <charconv>

namespace bullion::server {
namespace {

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<std::string> Request::query_value(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string Request::header(const std::string& name) const {
  const auto found = headers.find(name);
  return found == headers.end() ? "" : found->second;
}

bool Request::has_etag(std::string_view etag) const {
  const std::string held = header("if-none-match");
  std::string_view rest = held;
  while (!rest.empty()) {
    const size_t comma = rest.find(',');
    std::string_view one = trim(rest.substr(0, comma));
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    // GET compares weakly (RFC 9110, 13.1.2).
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (one == "*" || one == etag) return true;
  }
  return false;
}

Response& Response::with_header(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response not_modified(std::string etag) {
  Response response{.status = 304};
  response.with_header("ETag", std::move(etag));
  return response;
}

Response json_response(std::string json, int status) {
  return {.status = status, .body = std::move(json)};
}

int64_t last_event_id(const Request& request) {
  const std::string text = request.header("last-event-id");
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc() && end == text.data() + text.size() && number > 0 ? number : 0;
}

}  // namespace bullion::server
