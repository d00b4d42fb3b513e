#include "end_to_end/program.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/shared_data.h"

extern char** environ;  // NOLINT: POSIX names it so

namespace bullion::end_to_end {
namespace {

/// The parent's environment with some variables replaced, as "name=value".
std::vector<std::string> merged_environment(const Environment& changes) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    if (!changes.contains(text.substr(0, text.find('=')))) all.push_back(text);
  }
  for (const auto& [name, value] : changes) all.push_back(name + "=" + value);
  return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

pid_t spawn(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
            const std::filesystem::path& out, const std::filesystem::path& err,
            const Environment& environment) {
  std::vector<std::string> words{program_path()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = merged_environment(environment);
  std::vector<char*> argv = pointers(words);
  std::vector<char*> envp = pointers(variables);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(),
                                   O_WRONLY | O_CREAT | O_APPEND, 0644);
  pid_t process = 0;
  const int fault =
      posix_spawn(&process, program_path().c_str(), &actions, nullptr, argv.data(), envp.data());
  posix_spawn_file_actions_destroy(&actions);
  EXPECT_EQ(fault, 0) << program_path();
  return process;
}

/// The sum of "rows:hash:hash" tags of a partition's files.
struct HashSum {
  uint64_t rows = 0;
  uint64_t a = 0;
  uint64_t b = 0;

  void add(const std::string& tag) {
    rows += std::stoull(tag);
    a += std::stoull(tag.substr(tag.size() - 33, 16), nullptr, 16);
    b += std::stoull(tag.substr(tag.size() - 16), nullptr, 16);
  }
};

}  // namespace

std::string program_path() {
  const char* path = std::getenv("BULLION_PROGRAM");
  return path == nullptr ? BULLION_PROGRAM : path;
}

int wait_for(pid_t process) {
  int status = 0;
  if (waitpid(process, &status, 0) != process) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Outcome bullion(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                const Environment& environment) {
  const std::filesystem::path out = folder / fmt::format(".out-{}", ::getpid());
  const std::filesystem::path err = folder / fmt::format(".err-{}", ::getpid());
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  Outcome outcome;
  outcome.code = wait_for(spawn(folder, arguments, out, err, environment));
  outcome.out = read_file(out);
  outcome.err = read_file(err);
  std::filesystem::remove(out);
  std::filesystem::remove(err);
  return outcome;
}

Outcome must(const std::filesystem::path& folder, const std::vector<std::string>& arguments) {
  Outcome outcome = bullion(folder, arguments);
  EXPECT_EQ(outcome.code, 0) << arguments[0] << "\n" << outcome.out << outcome.err;
  return outcome;
}

pid_t start_bullion(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                    const std::filesystem::path& log, const Environment& environment) {
  return spawn(folder, arguments, log, log, environment);
}

TestFolder::TestFolder(const std::string& name)
    : path_(std::filesystem::temp_directory_path() /
            fmt::format("bullion-{}-{}", name, ::getpid())) {
  std::filesystem::remove_all(path_);
  std::filesystem::create_directories(path_);
}

TestFolder::~TestFolder() {
  std::error_code ignored;
  if (!::testing::Test::HasFailure()) std::filesystem::remove_all(path_, ignored);
}

void write_file(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string read_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

void replace_in(const std::filesystem::path& path, const std::string& what,
                const std::string& with) {
  std::string text = read_file(path);
  ASSERT_NE(text.find(what), std::string::npos) << path << " has no " << what;
  for (size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += with.size()) {
    text.replace(at, what.size(), with);
  }
  write_file(path, text);
}

void make_project(const std::filesystem::path& folder) {
  const Outcome init =
      bullion(folder.parent_path(), {"init", "cloud_cost", folder.filename().string()});
  ASSERT_EQ(init.code, 0) << init.err;
  std::filesystem::create_directories(folder / "incoming");
}

void deliver_sample(const std::filesystem::path& folder, const std::string& batch) {
  for (const auto& file : std::filesystem::directory_iterator(folder / "samples" / batch)) {
    std::filesystem::copy_file(file.path(), folder / "incoming" / file.path().filename());
  }
}

std::string billing_header() {
  return "event_id,event_version,tenant_id,account_id,service_name,region,pricing_model,"
         "charge_category,charge_class,usage_date,usage_quantity,usage_unit,cost,currency,"
         "ingestion_date,is_withdrawn\n";
}

std::string billing_line(const std::string& event_id, int version, const std::string& account,
                         const std::string& day, const std::string& cost, bool withdrawn) {
  return fmt::format(
      "{},{},T1,{},Compute,us-east-1,on_demand,Usage,,{},1.0,Hours,{},USD,2025-02-01,{}\n",
      event_id, version, account, day, cost, withdrawn ? "true" : "false");
}

std::string csv(const std::filesystem::path& folder, const std::string& sql) {
  return must(folder, {"query", sql, "--output", "csv"}).out;
}

nlohmann::json rows_of(const std::filesystem::path& folder, std::vector<std::string> arguments) {
  arguments.insert(arguments.end(), {"--output", "json"});
  return nlohmann::json::parse(must(folder, arguments).out);
}

std::string query_value(const std::filesystem::path& folder, const std::string& sql) {
  const Outcome outcome = bullion(folder, {"query", sql, "--output", "csv"});
  EXPECT_EQ(outcome.code, 0) << outcome.err;
  const size_t line = outcome.out.find('\n');
  std::string value = line == std::string::npos ? "" : outcome.out.substr(line + 1);
  if (value.ends_with('\n')) value.pop_back();
  return value;
}

std::string release_hashes(const std::filesystem::path& folder) {
  const std::filesystem::path lake = folder / "lake";
  std::filesystem::path newest;
  for (const auto& file : std::filesystem::directory_iterator(lake / "releases")) {
    const std::string name = file.path().filename().string();
    if (name.size() != 25 || name.starts_with('.')) continue;
    if (nlohmann::json::parse(read_file(file.path())).at("status") != "published") continue;
    newest = std::max(newest, file.path());
  }
  const nlohmann::json record = nlohmann::json::parse(read_file(newest));
  std::map<std::string, HashSum> sums;
  for (const auto& [name, table] : record.at("tables").items()) {
    // The live files at the released version, replayed here without the product's own code.
    std::map<std::string, std::pair<std::string, std::string>> live;
    for (int64_t version = 0; version <= table.at("version").get<int64_t>(); ++version) {
      std::istringstream log(read_file(lake / table.at("path").get<std::string>() / "_delta_log" /
                                       fmt::format("{:020}.json", version)));
      for (std::string line; std::getline(log, line);) {
        const nlohmann::json action = nlohmann::json::parse(line);
        if (action.contains("add")) {
          const auto& add = action.at("add");
          live[add.at("path")] = {name + " " + add.at("partitionValues").dump(),
                                  add.at("tags").at("bullion.rowHash").get<std::string>()};
        }
        if (action.contains("remove"))
          live.erase(action.at("remove").at("path").get<std::string>());
      }
    }
    for (const auto& [path, file] : live) sums[file.first].add(file.second);
  }
  std::string text;
  for (const auto& [partition, sum] : sums) {
    text += fmt::format("{} {} {:x} {:x}\n", partition, sum.rows, sum.a, sum.b);
  }
  return text;
}

std::filesystem::path shared_data() {
  const std::filesystem::path folder = shared_data_folder();
  return std::filesystem::exists(folder) ? folder : std::filesystem::path();
}

}  // namespace bullion::end_to_end
