#include "storage/fault_injection.h"

#include <array>
#include <charconv>
#include <csignal>
#include <utility>

#include <fmt/core.h>

namespace bullion::storage {
namespace {

constexpr std::array<std::pair<std::string_view, Fault>, 6> kFaultNames = {{
    {"io-error", Fault::IoError},
    {"no-space", Fault::NoSpace},
    {"short-write", Fault::ShortWrite},
    {"crash-before", Fault::CrashBefore},
    {"crash-after", Fault::CrashAfter},
    {"error-after", Fault::ErrorAfter},
}};

Error no_space(const std::string& where) {
  return io_error("cannot write " + where +
                  ": No space left on device (injected); free some space on that disk, then run "
                  "again");
}

Error input_output_error(const std::string& where) {
  return io_error("cannot write " + where + ": Input/output error (injected)");
}

}  // namespace

class FaultInjectingFileSystem final : public FileSystem {
 public:
  FaultInjectingFileSystem(FileSystem& inner, FaultPlan plan, std::atomic<int64_t>* calls)
      : inner_(inner), plan_(plan), calls_(calls == nullptr ? own_calls_ : *calls) {}

  Result<std::string> read(const std::string& path) const override { return inner_.read(path); }
  Result<std::string> read_range(const std::string& path, int64_t offset,
                                 int64_t length) const override {
    return inner_.read_range(path, offset, length);
  }
  Result<std::unique_ptr<FileReader>> open(const std::string& path) const override {
    return inner_.open(path);
  }
  Result<std::vector<FileInfo>> list(const std::string& folder) const override {
    return inner_.list(folder);
  }
  Result<std::vector<FileInfo>> list_recursive(const std::string& folder) const override {
    return inner_.list_recursive(folder);
  }
  Result<std::optional<FileInfo>> stat(const std::string& path) const override {
    return inner_.stat(path);
  }
  std::string location(const std::string& path) const override { return inner_.location(path); }

  Status create(const std::string& path, std::string_view bytes) override {
    return mutate(
        path, [&] { return inner_.create(path, bytes); }, [&] { return write_half(path, bytes); });
  }
  Result<std::unique_ptr<FileWriter>> create_stream(const std::string& path) override;
  Status replace(const std::string& path, std::string_view bytes) override {
    return mutate(
        path, [&] { return inner_.replace(path, bytes); }, [&] { return write_half(path, bytes); });
  }
  Status make_durable(const std::vector<std::string>& paths) override {
    return mutate(paths.empty() ? "" : paths.front(), [&] { return inner_.make_durable(paths); });
  }
  Status make_folder(const std::string& path) override {
    return mutate(path, [&] { return inner_.make_folder(path); });
  }
  Status remove(const std::string& path) override {
    return mutate(path, [&] { return inner_.remove(path); });
  }

  /// Counts one mutating call; runs `effect`, or the fault whose turn it is. `half` is what a short
  /// write leaves behind.
  Status mutate(const std::string& path, const std::function<Status()>& effect,
                const std::function<Status()>& half = ok) {
    const int64_t call = ++calls_;
    if (plan_.at_call == 0 || call != plan_.at_call) return effect();
    const std::string where = location(path);
    switch (plan_.fault) {
      case Fault::IoError:
        return input_output_error(where);
      case Fault::NoSpace:
        return no_space(where);
      case Fault::ShortWrite:
        BULLION_TRY(half());
        return no_space(where);
      case Fault::CrashBefore:
        raise(SIGKILL);
        return internal_error("survived SIGKILL");
      case Fault::CrashAfter:
        BULLION_TRY(effect());
        raise(SIGKILL);
        return internal_error("survived SIGKILL");
      case Fault::ErrorAfter:
        BULLION_TRY(effect());
        return input_output_error(where);
    }
    return internal_error("unknown fault");
  }

 private:
  Status write_half(const std::string& path, std::string_view bytes) {
    BULLION_TRY_ASSIGN(const std::unique_ptr<FileWriter> writer, inner_.create_stream(path));
    return writer->append(bytes.substr(0, bytes.size() / 2));
  }

  FileSystem& inner_;
  FaultPlan plan_;
  std::atomic<int64_t> own_calls_ = 0;
  std::atomic<int64_t>& calls_;
};

namespace {

class FaultInjectingWriter final : public FileWriter {
 public:
  FaultInjectingWriter(FaultInjectingFileSystem& files, std::string path,
                       std::unique_ptr<FileWriter> inner)
      : files_(files), path_(std::move(path)), inner_(std::move(inner)) {}

  Status append(std::string_view bytes) override { return inner_->append(bytes); }
  Status finish() override {
    return files_.mutate(path_, [&] { return inner_->finish(); });
  }

 private:
  FaultInjectingFileSystem& files_;
  std::string path_;
  std::unique_ptr<FileWriter> inner_;
};

}  // namespace

Result<std::unique_ptr<FileWriter>> FaultInjectingFileSystem::create_stream(
    const std::string& path) {
  BULLION_TRY_ASSIGN(std::unique_ptr<FileWriter> inner, inner_.create_stream(path));
  return std::unique_ptr<FileWriter>(
      std::make_unique<FaultInjectingWriter>(*this, path, std::move(inner)));
}

std::unique_ptr<FileSystem> fault_injecting_file_system(FileSystem& inner, FaultPlan plan,
                                                        std::atomic<int64_t>* calls) {
  return std::make_unique<FaultInjectingFileSystem>(inner, plan, calls);
}

Result<FaultPlan> parse_fault_plan(std::string_view text) {
  const size_t colon = text.find(':');
  const std::string_view name = text.substr(0, colon);
  const std::string_view number = colon == text.npos ? "" : text.substr(colon + 1);
  FaultPlan plan;
  const auto [end, error] = std::from_chars(number.begin(), number.end(), plan.at_call);
  const bool is_number = error == std::errc() && end == number.end() && plan.at_call > 0;
  for (const auto& [known, fault] : kFaultNames) {
    if (known != name || !is_number) continue;
    plan.fault = fault;
    return plan;
  }
  return invalid(
      fmt::format("'{}' is no fault plan: expected <fault>:<n> with n from 1 and a fault of "
                  "io-error, no-space, "
                  "short-write, crash-before, crash-after, error-after",
                  text));
}

}  // namespace bullion::storage
