// Bytes at a path, behind one interface with create-if-absent, so that everything above is the
// same on local disk, in memory, under injected faults and, later, in an object store.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bullion::storage {

/// One entry of a listing. `path` is relative to the file system's root, with '/' separators.
struct FileInfo {
  std::string path;
  int64_t size = 0;
  int64_t modified_us = 0;  ///< microseconds since the epoch, UTC
  bool is_directory = false;

  std::string_view name() const {
    const std::string_view all = path;
    return all.substr(all.rfind('/') + 1);
  }
};

/// A file being written; invisible under its name until finish() succeeds.
/// Destroying it unfinished leaves nothing under the name. Not thread-safe.
class FileWriter {
 public:
  FileWriter() = default;
  FileWriter(const FileWriter&) = delete;
  FileWriter& operator=(const FileWriter&) = delete;
  virtual ~FileWriter() = default;

  virtual Status append(std::string_view bytes) = 0;
  /// Makes the file durable and visible, all or nothing. Conflict when the name exists already.
  virtual Status finish() = 0;
};

/// A file being read front to back. Not thread-safe.
class FileReader {
 public:
  FileReader() = default;
  FileReader(const FileReader&) = delete;
  FileReader& operator=(const FileReader&) = delete;
  virtual ~FileReader() = default;

  /// Reads up to `capacity` bytes into `buffer`; 0 at the end of the file.
  virtual Result<size_t> read(char* buffer, size_t capacity) = 0;
};

/// A tree of files under one root. Paths are relative to the root, without a leading '/', "..", or
/// ".". Thread-safe. Every error message names the full path and the system's reason.
class FileSystem {
 public:
  FileSystem() = default;
  FileSystem(const FileSystem&) = delete;
  FileSystem& operator=(const FileSystem&) = delete;
  virtual ~FileSystem() = default;

  /// The whole file. NotFound when absent.
  virtual Result<std::string> read(const std::string& path) const = 0;
  /// `length` bytes from `offset`, fewer at the end of the file.
  virtual Result<std::string> read_range(const std::string& path, int64_t offset,
                                         int64_t length) const = 0;
  virtual Result<std::unique_ptr<FileReader>> open(const std::string& path) const = 0;

  /// Creates the file with these bytes, atomically and durably; missing folders are made.
  /// Conflict when the name exists: exactly one of many racing callers succeeds.
  virtual Status create(const std::string& path, std::string_view bytes) = 0;
  /// create() for what does not fit in memory.
  virtual Result<std::unique_ptr<FileWriter>> create_stream(const std::string& path) = 0;
  /// Creates or overwrites atomically and durably. Never for commits; for hints only.
  virtual Status replace(const std::string& path, std::string_view bytes) = 0;

  /// Makes files that somebody else (an engine) wrote durable, with the folders that name them.
  virtual Status make_durable(const std::vector<std::string>& paths) = 0;
  virtual Status make_folder(const std::string& path) = 0;

  /// Direct children of a folder, sorted by name; empty when the folder does not exist.
  virtual Result<std::vector<FileInfo>> list(const std::string& folder) const = 0;
  /// All files below a folder (folders left out), sorted by path; empty when it does not exist.
  virtual Result<std::vector<FileInfo>> list_recursive(const std::string& folder) const = 0;
  /// nullopt when absent.
  virtual Result<std::optional<FileInfo>> stat(const std::string& path) const = 0;
  /// Removes a file or an empty folder; ok when it is absent already.
  virtual Status remove(const std::string& path) = 0;

  /// What an engine opens to reach this path: an absolute local path here, a URL elsewhere.
  virtual std::string location(const std::string& path) const = 0;
};

/// "a/b" from "a" and "b"; either may be empty.
std::string join_path(std::string_view folder, std::string_view name);

/// Local disk below `root` (absolute or relative to the working directory; made when missing by the
/// first write). create = temporary file + fsync + link + fsync of the folder; temporary names
/// start with '.' and end with ".tmp".
std::unique_ptr<FileSystem> local_file_system(std::string root);

/// Everything in this process's memory; location() answers "memory:<path>", which no engine opens.
std::unique_ptr<FileSystem> memory_file_system();

}  // namespace bullion::storage
