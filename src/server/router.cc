#include "server/router.h"

#include <algorithm>

#include "base/assert.h"
#include "server/url_internal.h"

namespace bullion::server {
namespace {

std::vector<std::string> split(std::string_view path) {
  std::vector<std::string> segments;
  size_t begin = 1;
  for (;;) {
    const size_t end = path.find('/', begin);
    segments.emplace_back(path.substr(begin, end - begin));
    if (end == std::string_view::npos) return segments;
    begin = end + 1;
  }
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

/// Compares two fitting patterns: the one with a literal where the other has a parameter first.
bool more_literal(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  for (size_t i = 0; i < a.size(); ++i) {
    if (is_parameter(a[i]) != is_parameter(b[i])) return is_parameter(b[i]);
  }
  return false;
}

bool fits(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
  if (pattern.size() != path.size()) return false;
  for (size_t i = 0; i < path.size(); ++i) {
    if (is_parameter(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
  }
  return true;
}

}  // namespace

void Router::add(const std::string& method, const std::string& pattern, Handler handler,
                 Access access) {
  BULLION_ASSERT(!pattern.empty() && pattern.front() == '/');
  auto route = std::find_if(routes_.begin(), routes_.end(),
                            [&](const Route& known) { return known.pattern == pattern; });
  if (route == routes_.end()) {
    routes_.push_back({pattern, split(pattern), {}});
    route = std::prev(routes_.end());
  }
  const bool added = route->entries.emplace(method, Entry{std::move(handler), access}).second;
  BULLION_ASSERT(added);
}

std::optional<Router::Match> Router::match(std::string_view method,
                                           std::string_view raw_path) const {
  if (raw_path.empty() || raw_path.front() != '/') return std::nullopt;
  std::vector<std::string> path = split(raw_path);
  for (std::string& segment : path) {
    auto decoded = decode_percent(segment, false);
    if (!decoded) return std::nullopt;
    segment = std::move(*decoded);
  }
  const Route* best = nullptr;
  for (const Route& route : routes_) {
    if (!fits(route.segments, path)) continue;
    if (best == nullptr || more_literal(route.segments, best->segments)) best = &route;
  }
  if (best == nullptr) return std::nullopt;
  Match match;
  match.pattern = best->pattern;
  for (size_t i = 0; i < path.size(); ++i) {
    const std::string& segment = best->segments[i];
    if (is_parameter(segment)) match.parameters[segment.substr(1, segment.size() - 2)] = path[i];
  }
  for (const auto& [known, entry] : best->entries) {
    match.methods.push_back(known);
    if (known != method) continue;
    match.handler = &entry.handler;
    match.access = entry.access;
  }
  return match;
}

std::vector<std::pair<std::string, std::string>> Router::routes() const {
  std::vector<std::pair<std::string, std::string>> out;
  for (const Route& route : routes_) {
    for (const auto& [method, entry] : route.entries) out.emplace_back(route.pattern, method);
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace bullion::server
