#include "exports/output_file.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "storage/file_system.h"

namespace bullion::exports {

namespace fs = std::filesystem;

namespace {

std::string reason(int error_number) { return std::generic_category().message(error_number); }

Error exists_already(const std::string& path) {
  return conflict(
      fmt::format("{} exists already; name another --file, or --force to replace it", path));
}

// Takes the name only when it is free. Not every file system knows the one call or the other.
int rename_to_free_name(const std::string& from, const std::string& to) {
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return 0;
  if (errno != EINVAL && errno != ENOSYS) return errno;
  return ::link(from.c_str(), to.c_str()) == 0 ? 0 : errno;
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::open(const std::string& path, bool overwrite,
                                                     const Clock& clock) {
  std::error_code fault;
  const fs::path target = fs::absolute(path, fault).lexically_normal();
  if (fault || !target.has_filename() || fs::is_directory(target, fault)) {
    return invalid(fmt::format("--file {}: this is a folder; name a file in it", path));
  }
  const std::string folder = target.parent_path().string();
  if (!fs::is_directory(folder, fault)) {
    return not_found(fmt::format("--file {}: the folder {} does not exist", path, folder));
  }
  if (!overwrite && fs::exists(fs::symlink_status(target, fault))) {
    return exists_already(target.string());
  }
  std::string temporary =
      fmt::format("{}/.bullion-{}.tmp", folder == "/" ? "" : folder, clock.uuid());
  const int descriptor =
      ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);  // NOLINT: mode
  if (descriptor < 0) {
    return io_error(fmt::format("cannot write into the folder {}: {}", folder, reason(errno)));
  }
  return std::make_unique<OutputFile>(Passkey{}, target.string(), std::move(temporary), overwrite,
                                      descriptor);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  std::error_code ignored;
  if (!temporary_.empty()) fs::remove(temporary_, ignored);
}

Status OutputFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error(fmt::format("cannot write {}: {}", path_, reason(errno)));
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return ok();
}

Status OutputFile::publish() {
  if (::close(descriptor_) != 0) {
    descriptor_ = -1;
    return io_error(fmt::format("cannot write {}: {}", path_, reason(errno)));
  }
  descriptor_ = -1;
  const fs::path temporary = temporary_;
  const auto files = storage::local_file_system(temporary.parent_path().string());
  BULLION_TRY(files->make_durable({temporary.filename().string()}));
  if (overwrite_) {
    if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
      return io_error(fmt::format("cannot write {}: {}", path_, reason(errno)));
    }
  } else {
    const int failure = rename_to_free_name(temporary_, path_);
    if (failure == EEXIST) return exists_already(path_);
    if (failure != 0) return io_error(fmt::format("cannot write {}: {}", path_, reason(failure)));
  }
  return files->make_durable({fs::path(path_).filename().string()});
}

}  // namespace bullion::exports
