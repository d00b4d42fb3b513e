// A file that appears under its name whole or not at all, and takes no other file's place unasked.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace bullion::exports {

/// A temporary file beside the wanted one. Not thread-safe.
class OutputFile {
 public:
  /// Conflict when `path` exists and `overwrite` is false; NotFound when its folder is missing; Io
  /// when the folder cannot be written.
  static Result<std::unique_ptr<OutputFile>> open(const std::string& path, bool overwrite,
                                                  const Clock& clock);

  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  /// Removes the temporary file when it was not published.
  ~OutputFile();

  /// Absolute; empty at first. Others may write it by this name instead of append().
  const std::string& temporary_path() const { return temporary_; }
  const std::string& path() const { return path_; }

  Status append(std::string_view bytes);
  /// Makes the bytes durable and gives them their name. Conflict as in open().
  Status publish();

 private:
  /// Lets std::make_unique reach the constructor, and nobody outside.
  struct Passkey {};

 public:
  OutputFile(Passkey, std::string path, std::string temporary, bool overwrite, int descriptor)
      : path_(std::move(path)),
        temporary_(std::move(temporary)),
        overwrite_(overwrite),
        descriptor_(descriptor) {}

 private:
  std::string path_;
  std::string temporary_;
  bool overwrite_;
  int descriptor_;
};

}  // namespace bullion::exports
