// Takes folders of this machine out of messages before they leave it.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bullion::server {

/// Replaces each given folder by its name, e.g. an absolute lake folder by "<lake>", wherever a
/// message holds it, also the way JSON escapes it. Immutable after construction; thread-safe.
class Scrubber {
 public:
  Scrubber() = default;
  /// Pairs of folder and name, e.g. {"/srv/finance", "<project>"}. The system's folder for
  /// temporary files is added as "<temporary>". Relative folders are made absolute; symbolic links
  /// in a folder are hidden in both forms.
  explicit Scrubber(const std::vector<std::pair<std::string, std::string>>& folders);

  std::string scrub(std::string text) const;

 private:
  std::vector<std::pair<std::string, std::string>> replacements_;  ///< longest first
};

}  // namespace bullion::server
