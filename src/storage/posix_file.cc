#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "storage/posix_file_internal.h"

namespace bullion::storage {
namespace {

constexpr size_t kBufferBytes = size_t{1} << 20;

// What the person can do about it, for the reasons that people meet.
std::string_view remedy(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; free some space on that disk, then run again";
    case EACCES:
    case EPERM:
      return "; give this user permission there, or choose another folder";
    case EROFS:
      return "; the file system is mounted read-only: choose another folder, or remount it";
    case EMFILE:
    case ENFILE:
      return "; raise the limit of open files (ulimit -n)";
    case ENAMETOOLONG:
      return "; shorten the name";
    case ENOTDIR:
      return "; a parent of it is a file, not a folder";
    default:
      return "";
  }
}

std::string random_suffix() {
  uint64_t bits = 0;
  // At most 256 bytes are always given at once; the process id keeps names apart even without them.
  if (getrandom(&bits, sizeof bits, 0) != static_cast<ssize_t>(sizeof bits)) bits = 0;
  return fmt::format("{:x}.{:016x}", getpid(), bits);
}

class LocalFileWriter final : public FileWriter {
 public:
  LocalFileWriter(std::string path, std::string temporary, Descriptor file)
      : path_(std::move(path)), temporary_(std::move(temporary)), file_(std::move(file)) {
    buffer_.reserve(kBufferBytes);
  }

  ~LocalFileWriter() override {
    if (file_.is_open()) unlink(temporary_.c_str());
  }

  Status append(std::string_view bytes) override {
    if (!file_.is_open()) return internal_error("append to " + path_ + " after its end");
    if (buffer_.size() + bytes.size() > kBufferBytes) BULLION_TRY(flush());
    if (bytes.size() >= kBufferBytes) return write_all(file_, bytes, path_);
    buffer_.append(bytes);
    return ok();
  }

  Status finish() override {
    if (!file_.is_open()) return internal_error("finish of " + path_ + " called twice");
    BULLION_TRY(flush());
    BULLION_TRY(sync_descriptor(file_, path_));
    file_ = Descriptor();
    return publish_new(temporary_, path_);
  }

 private:
  Status flush() {
    BULLION_TRY(write_all(file_, buffer_, path_));
    buffer_.clear();
    return ok();
  }

  std::string path_;
  std::string temporary_;
  Descriptor file_;
  std::string buffer_;
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    if (fd_ >= 0) close(fd_);
    fd_ = other.release();
  }
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

int Descriptor::release() {
  const int fd = fd_;
  fd_ = -1;
  return fd;
}

Error system_error(std::string_view action, const std::string& path, int error_number) {
  const std::string message =
      fmt::format("cannot {} {}: {}{}", action, path, std::generic_category().message(error_number),
                  remedy(error_number));
  return error_number == ENOENT ? not_found(message) : io_error(message);
}

Error already_exists(const std::string& path) {
  return conflict("cannot create " + path + ": it exists already");
}

Result<Descriptor> open_descriptor(const std::string& path, int flags) {
  constexpr mode_t kReadableByAll = 0644;
  int fd = -1;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, kReadableByAll);
  } while (fd < 0 && errno == EINTR);
  if (fd < 0) return system_error((flags & O_CREAT) != 0 ? "write" : "open", path, errno);
  return Descriptor(fd);
}

Status write_all(const Descriptor& file, std::string_view bytes, const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written = write(file.get(), bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return system_error("write", path, errno);
    }
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return ok();
}

Status sync_descriptor(const Descriptor& file, const std::string& path) {
  while (fsync(file.get()) != 0) {
    if (errno == EINTR) continue;
    // Some mounts cannot sync folders; there is nothing more that can be done on them.
    if (errno == EINVAL || errno == ENOTSUP) return ok();
    return system_error("make durable", path, errno);
  }
  return ok();
}

Status sync_path(const std::string& path) {
  BULLION_TRY_ASSIGN(const Descriptor file, open_descriptor(path, O_RDONLY));
  return sync_descriptor(file, path);
}

std::string parent_folder(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

Status make_folders(const std::string& folder) {
  constexpr mode_t kFolderMode = 0755;
  if (mkdir(folder.c_str(), kFolderMode) == 0) return sync_path(parent_folder(folder));
  const int reason = errno;
  if (reason == EEXIST) {
    struct stat info{};
    if (::stat(folder.c_str(), &info) == 0 && S_ISDIR(info.st_mode)) return ok();
    return io_error("cannot make folder " + folder + ": a file with that name exists");
  }
  if (reason != ENOENT || folder == "/") return system_error("make folder", folder, reason);
  BULLION_TRY(make_folders(parent_folder(folder)));
  if (mkdir(folder.c_str(), kFolderMode) != 0 && errno != EEXIST) {
    return system_error("make folder", folder, errno);
  }
  return sync_path(parent_folder(folder));
}

std::string temporary_path(const std::string& path) {
  const size_t slash = path.rfind('/');
  // The name is cut so that a long but legal name still has a legal temporary one.
  constexpr size_t kNameInTemporary = 180;
  const std::string name = path.substr(slash + 1, kNameInTemporary);
  return path.substr(0, slash + 1) + "." + name + "." + random_suffix() + ".tmp";
}

Status publish_new(const std::string& temporary, const std::string& path) {
  int reason = 0;
  if (link(temporary.c_str(), path.c_str()) != 0) {
    reason = errno;
    // Mounts without hard links (FAT, some network ones) may still rename without overwriting.
    if (reason == EPERM || reason == ENOTSUP || reason == ENOSYS || reason == EMLINK) {
      reason = renameat2(AT_FDCWD, temporary.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0
                   ? 0
                   : errno;
    }
  }
  if (reason != 0) {
    unlink(temporary.c_str());
    if (reason == EEXIST) return already_exists(path);
    if (reason == EINVAL || reason == ENOSYS) {
      return io_error("cannot create " + path +
                      ": this file system has neither hard links nor rename without overwriting; "
                      "choose a folder on a local disk");
    }
    return system_error("create", path, reason);
  }
  BULLION_TRY(sync_path(parent_folder(path)));
  unlink(temporary.c_str());
  return ok();
}

Result<std::unique_ptr<FileWriter>> local_file_writer(const std::string& path) {
  BULLION_TRY(make_folders(parent_folder(path)));
  std::string temporary = temporary_path(path);
  BULLION_TRY_ASSIGN(Descriptor file, open_descriptor(temporary, O_WRONLY | O_CREAT | O_EXCL));
  return std::unique_ptr<FileWriter>(
      std::make_unique<LocalFileWriter>(path, std::move(temporary), std::move(file)));
}

}  // namespace bullion::storage
