// The web pages inside the binary.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "server/message.h"

namespace bullion::server {

/// A file of the web folder; both views live as long as the program.
struct EmbeddedFile {
  std::string_view path;     ///< "index.html", "assets/index-4f2a.js"
  std::string_view gzipped;  ///< its content, compressed
};

/// The files of web/dist, or one page that says that they were not built.
std::span<const EmbeddedFile> embedded_web();
/// api/openapi.json.
std::span<const EmbeddedFile> embedded_api();

/// Answers paths outside /api. Immutable; thread-safe.
class StaticFiles {
 public:
  explicit StaticFiles(std::span<const EmbeddedFile> files);

  /// The file at `path` ("/assets/x.js"), or index.html for a path that names no file, so that the
  /// pages' own addresses can be opened directly. Files below assets/ have a hash in their name and
  /// may be kept forever; the others are asked for again with their ETag.
  Response answer(const std::string& path, const Request& request) const;

 private:
  struct File {
    std::string_view gzipped;
    std::string etag;
  };
  std::map<std::string, File, std::less<>> files_;
};

/// By the ending of a name: "text/javascript; charset=utf-8" and so on.
std::string content_type_of(std::string_view path);

}  // namespace bullion::server
