// The domains shipped inside the binary: every file of domains/<name>/, byte for byte.
#pragma once

#include <span>
#include <string_view>

namespace bullion::domains {

/// One shipped file. Both views live as long as the program.
struct EmbeddedFile {
  /// Below domains/, '/' separated: "cloud_cost/models/silver/billing_events.sql".
  std::string_view path;
  std::string_view bytes;  ///< the whole content
};

/// All shipped files, sorted by path. Safe to call from any thread.
std::span<const EmbeddedFile> embedded_files();

}  // namespace bullion::domains
