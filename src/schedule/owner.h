// Which process holds a claim, and whether that process still lives.
#pragma once

#include <cstdint>
#include <string>

#include <nlohmann/json_fwd.hpp>

namespace bullion::schedule {

/// A process, so that another one can tell whether it is gone. A process id alone is reused; with
/// the boot, the process namespace and the start time it is not.
struct Owner {
  std::string host;
  std::string boot;       ///< random id of the machine's boot
  std::string processes;  ///< the process namespace
  int64_t pid = 0;
  std::string started;  ///< start of the process in the kernel's clock ticks since the boot
  std::string token;    ///< unique per process
};

/// This process.
Owner this_process(const std::string& token);

enum class Liveness {
  Alive,
  Dead,
  Unknown,  ///< another machine, boot or namespace: only the heartbeat tells
};
Liveness liveness_of(const Owner& owner, const Owner& observer);

void to_json(nlohmann::json& json, const Owner& owner);
void from_json(const nlohmann::json& json, Owner& owner);

}  // namespace bullion::schedule
