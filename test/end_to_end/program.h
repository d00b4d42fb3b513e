// Runs the real program in folders of its own, for the end-to-end tests.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>
#include <sys/types.h>

namespace bullion::end_to_end {

/// What a finished run of the program said. `code` is the exit code, or 128 + the signal.
struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

using Environment = std::map<std::string, std::string>;

/// The program under test: what BULLION_PROGRAM of the environment names, else the built one.
std::string program_path();

/// Starts the program in `folder` and waits.
Outcome bullion(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                const Environment& environment = {});
/// The same, expecting exit code 0.
Outcome must(const std::filesystem::path& folder, const std::vector<std::string>& arguments);
/// Starts it without waiting; its output goes to `log`. Returns the process id.
pid_t start_bullion(const std::filesystem::path& folder, const std::vector<std::string>& arguments,
                    const std::filesystem::path& log, const Environment& environment = {});
/// Waits for a started process; exit code, or 128 + the signal.
int wait_for(pid_t process);

/// A folder that is removed with the object, except when the test failed.
class TestFolder {
 public:
  explicit TestFolder(const std::string& name);
  TestFolder(const TestFolder&) = delete;
  TestFolder& operator=(const TestFolder&) = delete;
  ~TestFolder();

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

void write_file(const std::filesystem::path& path, const std::string& bytes);
std::string read_file(const std::filesystem::path& path);

/// Replaces every occurrence in a file; a file without one fails the test.
void replace_in(const std::filesystem::path& path, const std::string& what,
                const std::string& with);

/// A cloud_cost project at `folder`, with an empty incoming/.
void make_project(const std::filesystem::path& folder);
/// Copies the samples of a batch ("batch1", "batch2") into incoming/.
void deliver_sample(const std::filesystem::path& folder, const std::string& batch);

/// The header line of a billing file, and one line with the given cells.
std::string billing_header();
std::string billing_line(const std::string& event_id, int version, const std::string& account,
                         const std::string& day, const std::string& cost, bool withdrawn = false);

/// The folder of public data, which is not part of the repository: BULLION_SHARED_DATA, else
/// ../shared/data beside the sources. Empty when it is not there.
std::filesystem::path shared_data();

/// What a query answers, as CSV with its header.
std::string csv(const std::filesystem::path& folder, const std::string& sql);
/// What a verb that lists rows answers with `--output json`.
nlohmann::json rows_of(const std::filesystem::path& folder, std::vector<std::string> arguments);
/// The single value a query answers.
std::string query_value(const std::filesystem::path& folder, const std::string& sql);
/// Partition hashes of every table of the latest release as text, one per line, sorted.
std::string release_hashes(const std::filesystem::path& folder);

}  // namespace bullion::end_to_end
