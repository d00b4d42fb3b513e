// Options every verb shares, and the exit codes scripts rely on.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"

namespace bullion::cli {

/// 0 ok (bad rows are a warning); see `bullion --help`.
enum ExitCode {
  kOk = 0,
  kTestFailed = 1,     ///< a test, check or verification found a difference
  kUsage = 2,          ///< usage, configuration, disk, permission or lake format
  kGateBlocked = 3,    ///< a gate blocked publishing
  kNeedsApproval = 4,  ///< reserved
};

struct GlobalOptions {
  std::string project_folder = ".";
  std::string target;
  std::string lake;
  std::string user;
  std::string memory_limit;  ///< "1GiB"; "" for the default
  int threads = 0;
  bool quiet = false;
  bool json = false;              ///< a machine-readable last line
  bool json_progress = false;     ///< progress as JSON lines, for a server that started this
  std::vector<std::string> vars;  ///< "name=value"
};

/// Bytes of "512MiB", "1GiB", "2GB", "1000000". Invalid otherwise.
Result<int64_t> parse_bytes(const std::string& text);

}  // namespace bullion::cli
