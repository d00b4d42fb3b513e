// gzip (RFC 1952) through zlib.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/message.h"

namespace bullion::server {

std::string gzip(std::string_view bytes);
/// For our own embedded files: nullopt when the bytes are no gzip.
std::optional<std::string> gunzip(std::string_view bytes);

/// Compresses a stream on its way to a sink. Not thread-safe.
class GzipStream {
 public:
  explicit GzipStream(ByteSink sink);
  GzipStream(const GzipStream&) = delete;
  GzipStream& operator=(const GzipStream&) = delete;
  ~GzipStream();

  Status write(std::string_view bytes);
  /// Writes what is held back and the trailer.
  Status finish();

 private:
  struct State;
  Status pump(std::string_view bytes, int flush);

  ByteSink sink_;
  std::unique_ptr<State> state_;
};

/// Whether an Accept-Encoding header allows gzip (also by "*"), i.e. not with q=0.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace bullion::server
