#include "cli/own_command.h"

#include <fmt/format.h>

#include "base/child_process.h"

namespace bullion::cli {

std::vector<std::string> own_command(const GlobalOptions& global) {
  std::vector<std::string> command{kThisProgram, "--project-dir", global.project_folder};
  const auto add = [&](const char* flag, const std::string& value) {
    if (value.empty()) return;
    command.emplace_back(flag);
    command.push_back(value);
  };
  add("--target", global.target);
  add("--lake", global.lake);
  add("--user", global.user);
  add("--memory-limit", global.memory_limit);
  if (global.threads > 0) add("--threads", fmt::format("{}", global.threads));
  for (const std::string& pair : global.vars) add("--vars", pair);
  return command;
}

}  // namespace bullion::cli
