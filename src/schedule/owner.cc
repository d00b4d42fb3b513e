#include "schedule/owner.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace bullion::schedule {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

/// Field 22 of /proc/PID/stat (proc(5)); "" when there is no such process or it is a zombie.
std::string start_of(int64_t pid) {
  const std::string line = first_line(fmt::format("/proc/{}/stat", pid));
  // The name in field 2 may hold blanks and parentheses; fields count from the last one on.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return "";
  std::istringstream rest(line.substr(name_end + 1));
  std::string field;
  for (int number = 3; number <= 22 && (rest >> field); ++number) {
    if (number == 3 && (field == "Z" || field == "X")) return "";
  }
  return field;
}

}  // namespace

Owner this_process(const std::string& token) {
  Owner owner;
  std::array<char, 256> host{};
  if (::gethostname(host.data(), host.size() - 1) == 0) owner.host = host.data();
  owner.boot = first_line("/proc/sys/kernel/random/boot_id");
  std::error_code ignored;
  owner.processes = std::filesystem::read_symlink("/proc/self/ns/pid", ignored).string();
  owner.pid = ::getpid();
  owner.started = start_of(owner.pid);
  owner.token = token;
  return owner;
}

Liveness liveness_of(const Owner& owner, const Owner& observer) {
  const bool same_machine =
      !owner.boot.empty() && owner.boot == observer.boot && owner.processes == observer.processes;
  if (!same_machine) return Liveness::Unknown;
  return start_of(owner.pid) == owner.started ? Liveness::Alive : Liveness::Dead;
}

void to_json(nlohmann::json& json, const Owner& owner) {
  json = {{"host", owner.host}, {"boot", owner.boot},       {"processes", owner.processes},
          {"pid", owner.pid},   {"started", owner.started}, {"token", owner.token}};
}

void from_json(const nlohmann::json& json, Owner& owner) {
  owner.host = json.value("host", "");
  owner.boot = json.value("boot", "");
  owner.processes = json.value("processes", "");
  owner.pid = json.value("pid", int64_t{0});
  owner.started = json.value("started", "");
  owner.token = json.value("token", "");
}

}  // namespace bullion::schedule
