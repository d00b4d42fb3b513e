#include "server/static_files.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/sha256.h"
#include "server/gzip_internal.h"
#include "server/problem.h"

namespace bullion::server {
namespace {

struct Ending {
  std::string_view ending;
  std::string_view type;
};

constexpr std::array<Ending, 14> kEndings = {{
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".json", "application/json"},
    {".map", "application/json"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webp", "image/webp"},
    {".woff2", "font/woff2"},
    {".txt", "text/plain; charset=utf-8"},
    {".wasm", "application/wasm"},
    {".webmanifest", "application/manifest+json"},
}};

/// Whether the last part of a path looks like the name of a file.
bool names_a_file(std::string_view path) {
  return path.substr(path.rfind('/') + 1).find('.') != std::string_view::npos;
}

}  // namespace

std::string content_type_of(std::string_view path) {
  const auto* found = std::find_if(kEndings.begin(), kEndings.end(),
                                   [&](const Ending& e) { return path.ends_with(e.ending); });
  return std::string(found == kEndings.end() ? "application/octet-stream" : found->type);
}

StaticFiles::StaticFiles(std::span<const EmbeddedFile> files) {
  for (const EmbeddedFile& file : files) {
    const std::string etag = fmt::format("\"{}\"", sha256_hex(file.gzipped).substr(0, 16));
    files_.emplace(file.path, File{file.gzipped, etag});
  }
}

Response StaticFiles::answer(const std::string& path, const Request& request) const {
  const std::string_view name = std::string_view(path).substr(path.empty() ? 0 : 1);
  auto found = files_.find(name);
  if (found == files_.end() && !names_a_file(path)) found = files_.find("index.html");
  if (found == files_.end()) {
    return problem_response({.status = 404, .detail = "there is no such page or file"}, request);
  }
  const File& file = found->second;
  Response response{.content_type = content_type_of(found->first)};
  response.with_header("Cache-Control", found->first.starts_with("assets/")
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  response.with_header("ETag", file.etag);
  response.with_header("Vary", "Accept-Encoding");
  if (request.has_etag(file.etag)) {
    response.status = 304;
    return response;
  }
  if (accepts_gzip(request.header("accept-encoding"))) {
    response.with_header("Content-Encoding", "gzip");
    response.body = file.gzipped;
  } else if (auto plain = gunzip(file.gzipped)) {
    response.body = std::move(*plain);
  } else {
    return problem_response({.status = 500, .detail = "an embedded file is damaged"}, request);
  }
  return response;
}

}  // namespace bullion::server
