// The few POSIX calls that the local file system is built from, with errors as values.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/file_system.h"

namespace bullion::storage {

/// An open file descriptor, closed when destroyed. Move-only.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  /// Gives the descriptor away; the caller closes it.
  int release();

 private:
  int fd_ = -1;
};

/// "cannot <action> <path>: <reason>; <remedy>" for an errno value. ENOENT is NotFound, all else
/// Io.
Error system_error(std::string_view action, const std::string& path, int error_number);

/// The Conflict of creating what exists.
Error already_exists(const std::string& path);

/// Opens with O_CLOEXEC, retrying when a signal interrupts.
Result<Descriptor> open_descriptor(const std::string& path, int flags);
Status write_all(const Descriptor& file, std::string_view bytes, const std::string& path);
Status sync_descriptor(const Descriptor& file, const std::string& path);
/// Opens and fsyncs a file or a folder that exists.
Status sync_path(const std::string& path);
/// The folder of an absolute path; "/" for "/a".
std::string parent_folder(const std::string& path);
/// Makes `folder` and its missing parents, each made durable in the folder that names it.
Status make_folders(const std::string& folder);

/// "<folder>/.<name>.<unique>.tmp" beside `path`: unique among processes, threads and calls.
std::string temporary_path(const std::string& path);
/// Gives a durable temporary file its name: Conflict when `path` exists already. The temporary file
/// is gone afterwards, whatever the result.
Status publish_new(const std::string& temporary, const std::string& path);

/// A writer into a temporary file beside `path` (absolute) that finish() publishes.
Result<std::unique_ptr<FileWriter>> local_file_writer(const std::string& path);

}  // namespace bullion::storage
