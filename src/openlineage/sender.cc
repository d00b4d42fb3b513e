#include "openlineage/sender.h"

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

namespace bullion::openlineage {
namespace {

constexpr int64_t kTimeoutMicros = 5'000'000;

Status append(const std::string& path, const std::vector<std::string>& events) {
  std::error_code ignored;
  const auto folder = std::filesystem::path(path).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  std::ofstream file(path, std::ios::app | std::ios::binary);
  for (const std::string& event : events) file << event << '\n';
  file.close();
  if (file.good()) return ok();
  return io_error(fmt::format("OpenLineage events cannot be written to {}", path));
}

Status post(const Config& config, const Variables& variables,
            const std::vector<std::string>& events) {
  BULLION_TRY_ASSIGN(auto transfer, transfer::Transfer::open(
                                        {config.url, "http,https", kTimeoutMicros}, variables));
  transfer.add_header("Content-Type: application/json");
  if (!config.api_key.empty()) transfer.add_header("Authorization: Bearer " + config.api_key);
  for (size_t i = 0; i < events.size(); ++i) {
    const Status posted = transfer.post(events[i]);
    if (posted) continue;
    return io_error(fmt::format("{} of {} OpenLineage events were not sent to {}: {}",
                                events.size() - i, events.size(), config.url,
                                posted.error().message()));
  }
  return ok();
}

}  // namespace

Status send(const Config& config, const Variables& variables,
            const std::vector<std::string>& events) {
  const Status written = config.file.empty() ? ok() : append(config.file, events);
  const Status posted = config.url.empty() ? ok() : post(config, variables, events);
  return written ? posted : written;
}

}  // namespace bullion::openlineage
