#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <set>
#include <system_error>
#include <thread>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/time_units.h"
#include "storage/path_internal.h"
#include "storage/posix_file_internal.h"

namespace bullion::storage {
namespace {

constexpr int64_t kNanosPerMicro = 1'000;

FileInfo info_of(std::string path, const struct stat& status) {
  return {std::move(path), S_ISDIR(status.st_mode) ? 0 : int64_t{status.st_size},
          int64_t{status.st_mtim.tv_sec} * kMicrosPerSecond +
              int64_t{status.st_mtim.tv_nsec} / kNanosPerMicro,
          S_ISDIR(status.st_mode)};
}

// Reads until `bytes` is full or the file ends; bytes is cut to what was there.
Status read_into(const Descriptor& file, int64_t offset, std::string& bytes,
                 const std::string& path) {
  size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t count = pread(file.get(), bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + static_cast<int64_t>(done)));
    if (count < 0) {
      if (errno == EINTR) continue;
      return system_error("read", path, errno);
    }
    if (count == 0) break;
    done += static_cast<size_t>(count);
  }
  bytes.resize(done);
  return ok();
}

// Syncs files or folders side by side, so that the disk merges their flushes; the first error wins.
Status sync_all(const std::vector<std::string>& paths) {
  constexpr size_t kThreadsMax = 8;
  constexpr size_t kPathsPerThread = 4;
  std::vector<Status> results(paths.size());
  std::atomic<size_t> next = 0;
  const auto work = [&] {
    for (size_t i = next++; i < paths.size(); i = next++) results[i] = sync_path(paths[i]);
  };
  {
    std::vector<std::jthread> threads;
    for (size_t i = 1; i < std::min(kThreadsMax, paths.size() / kPathsPerThread); ++i) {
      threads.emplace_back(work);
    }
    work();
  }
  for (const Status& result : results) BULLION_TRY(result);
  return ok();
}

class LocalFileReader final : public FileReader {
 public:
  LocalFileReader(std::string path, Descriptor file)
      : path_(std::move(path)), file_(std::move(file)) {}

  Result<size_t> read(char* buffer, size_t capacity) override {
    ssize_t count = 0;
    do {
      count = ::read(file_.get(), buffer, capacity);
    } while (count < 0 && errno == EINTR);
    if (count < 0) return system_error("read", path_, errno);
    return static_cast<size_t>(count);
  }

 private:
  std::string path_;
  Descriptor file_;
};

class LocalFileSystem final : public FileSystem {
 public:
  explicit LocalFileSystem(std::string root) : root_(std::move(root)) {}

  Result<std::string> read(const std::string& path) const override {
    const std::string full = location(path);
    BULLION_TRY_ASSIGN(const Descriptor file, open_file(path));
    struct stat status{};
    if (fstat(file.get(), &status) != 0) return system_error("read", full, errno);
    std::string bytes(static_cast<size_t>(status.st_size), '\0');
    BULLION_TRY(read_into(file, 0, bytes, full));
    return bytes;
  }

  Result<std::string> read_range(const std::string& path, int64_t offset,
                                 int64_t length) const override {
    BULLION_TRY(check_range(path, offset, length));
    BULLION_TRY_ASSIGN(const Descriptor file, open_file(path));
    struct stat status{};
    if (fstat(file.get(), &status) != 0) return system_error("read", location(path), errno);
    const int64_t available = std::max<int64_t>(0, int64_t{status.st_size} - offset);
    std::string bytes(static_cast<size_t>(std::min(length, available)), '\0');
    BULLION_TRY(read_into(file, offset, bytes, location(path)));
    return bytes;
  }

  Result<std::unique_ptr<FileReader>> open(const std::string& path) const override {
    BULLION_TRY_ASSIGN(Descriptor file, open_file(path));
    return std::unique_ptr<FileReader>(
        std::make_unique<LocalFileReader>(location(path), std::move(file)));
  }

  Status create(const std::string& path, std::string_view bytes) override {
    BULLION_TRY_ASSIGN(const std::optional<FileInfo> existing, stat(path));
    // Only spares a loser the disk's work; the race is decided by publish_new.
    if (existing.has_value()) return already_exists(location(path));
    BULLION_TRY_ASSIGN(const std::unique_ptr<FileWriter> writer, create_stream(path));
    BULLION_TRY(writer->append(bytes));
    return writer->finish();
  }

  Result<std::unique_ptr<FileWriter>> create_stream(const std::string& path) override {
    BULLION_TRY(check_path(path));
    return local_file_writer(location(path));
  }

  Status replace(const std::string& path, std::string_view bytes) override {
    BULLION_TRY(check_path(path));
    const std::string full = location(path);
    BULLION_TRY(make_folders(parent_folder(full)));
    const std::string temporary = temporary_path(full);
    const Status written = write_durably(temporary, bytes, full);
    if (!written || rename(temporary.c_str(), full.c_str()) != 0) {
      const int reason = errno;
      unlink(temporary.c_str());
      return written ? system_error("replace", full, reason) : written.error();
    }
    // Hadoop keeps a checksum of the old bytes beside a file, and refuses the new ones because of
    // it.
    const std::string side_file =
        join_path(parent_folder(full), "." + full.substr(full.rfind('/') + 1) + ".crc");
    unlink(side_file.c_str());
    return sync_path(parent_folder(full));
  }

  Status make_durable(const std::vector<std::string>& paths) override {
    std::vector<std::string> targets;
    std::set<std::string> folders;
    for (const std::string& path : paths) {
      BULLION_TRY(check_path(path));
      targets.push_back(location(path));
      std::string folder = path;
      while (!folder.empty()) {
        const size_t slash = folder.rfind('/');
        folder = slash == std::string::npos ? "" : folder.substr(0, slash);
        if (!folders.insert(folder).second) break;
      }
    }
    BULLION_TRY(sync_all(targets));
    targets.clear();
    for (const std::string& folder : folders) targets.push_back(location(folder));
    return sync_all(targets);
  }

  Status make_folder(const std::string& path) override {
    BULLION_TRY(check_path(path));
    return make_folders(location(path));
  }

  Result<std::vector<FileInfo>> list(const std::string& folder) const override {
    BULLION_TRY(check_folder(folder));
    return list_children(folder);
  }

  Result<std::vector<FileInfo>> list_recursive(const std::string& folder) const override {
    BULLION_TRY(check_folder(folder));
    std::vector<FileInfo> files;
    std::vector<std::string> waiting = {folder};
    while (!waiting.empty()) {
      const std::string next = std::move(waiting.back());
      waiting.pop_back();
      BULLION_TRY_ASSIGN(std::vector<FileInfo> children, list_children(next));
      for (FileInfo& child : children) {
        if (child.is_directory) {
          waiting.push_back(child.path);
        } else {
          files.push_back(std::move(child));
        }
      }
    }
    std::ranges::sort(files, {}, &FileInfo::path);
    return files;
  }

  Result<std::optional<FileInfo>> stat(const std::string& path) const override {
    BULLION_TRY(check_folder(path));
    struct stat status{};
    if (::stat(location(path).c_str(), &status) == 0) {
      return std::optional<FileInfo>(info_of(path, status));
    }
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<FileInfo>();
    return system_error("look at", location(path), errno);
  }

  Status remove(const std::string& path) override {
    BULLION_TRY(check_path(path));
    const std::string full = location(path);
    if (::remove(full.c_str()) == 0 || errno == ENOENT || errno == ENOTDIR) return ok();
    return system_error("remove", full, errno);
  }

  std::string location(const std::string& path) const override {
    return path.empty() ? root_ : join_path(root_, path);
  }

 private:
  Result<Descriptor> open_file(const std::string& path) const {
    BULLION_TRY(check_path(path));
    BULLION_TRY_ASSIGN(Descriptor file, open_descriptor(location(path), O_RDONLY));
    struct stat status{};
    if (fstat(file.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
      return io_error("cannot read " + location(path) + ": it is a folder");
    }
    return file;
  }

  static Status write_durably(const std::string& temporary, std::string_view bytes,
                              const std::string& path) {
    BULLION_TRY_ASSIGN(const Descriptor file,
                       open_descriptor(temporary, O_WRONLY | O_CREAT | O_EXCL));
    BULLION_TRY(write_all(file, bytes, path));
    return sync_descriptor(file, path);
  }

  Result<std::vector<FileInfo>> list_children(const std::string& folder) const {
    const std::string full = location(folder);
    std::vector<FileInfo> children;
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(opendir(full.c_str()), closedir);
    if (stream == nullptr) {
      if (errno == ENOENT) return children;
      return system_error("list", full, errno);
    }
    while (true) {
      errno = 0;
      const dirent* entry = readdir(stream.get());
      if (entry == nullptr) {
        if (errno != 0) return system_error("list", full, errno);
        break;
      }
      const std::string name = entry->d_name;
      if (name == "." || name == "..") continue;
      struct stat status{};
      // A link that leads nowhere is listed as itself.
      if (fstatat(dirfd(stream.get()), name.c_str(), &status, 0) != 0 &&
          fstatat(dirfd(stream.get()), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
        // A file that went away meanwhile, as temporary files do.
        if (errno == ENOENT) continue;
        return system_error("look at", join_path(full, name), errno);
      }
      children.push_back(info_of(join_path(folder, name), status));
    }
    std::ranges::sort(children, {}, &FileInfo::path);
    return children;
  }

  std::string root_;
};

}  // namespace

std::unique_ptr<FileSystem> local_file_system(std::string root) {
  std::error_code ignored;
  std::string absolute = std::filesystem::absolute(root, ignored).lexically_normal().string();
  while (absolute.size() > 1 && absolute.back() == '/') absolute.pop_back();
  return std::make_unique<LocalFileSystem>(std::move(absolute));
}

}  // namespace bullion::storage
