// XML parts of a workbook, parsed while they are unpacked.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "records/archive_stream_internal.h"

namespace bullion::records {

/// The attributes of one element. Names are compared without their prefix.
class XmlAttributes {
 public:
  explicit XmlAttributes(const char* const* pairs) : pairs_(pairs) {}
  /// "" when absent.
  std::string_view get(std::string_view name) const;

 private:
  const char* const* pairs_;  // name, value, ..., nullptr
};

/// What is done with a document. Names come without their prefix, texts in pieces.
class XmlHandler {
 public:
  XmlHandler() = default;
  XmlHandler(const XmlHandler&) = delete;
  XmlHandler& operator=(const XmlHandler&) = delete;
  virtual ~XmlHandler() = default;

  virtual void on_start(std::string_view name, const XmlAttributes& attributes) = 0;
  virtual void on_end(std::string_view name) = 0;
  virtual void on_text(std::string_view text) = 0;

  /// Set by a handler that cannot go on: the document is refused with it.
  const std::string& problem() const { return problem_; }
  /// Set by a handler that has something to hand on; parsing stops there and can be resumed.
  bool take_pause() { return std::exchange(is_paused_, false); }

 protected:
  void refuse(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void pause() { is_paused_ = true; }

 private:
  std::string problem_;
  bool is_paused_ = false;
};

/// Parses the current entry of an archive. Document types, and with them entities, are refused.
/// Corrupt when the document is to blame; else the disk's errors. Not thread-safe.
class XmlParser {
 public:
  /// `bytes_max` bounds the unpacked document. `part` names it in messages; `handler` is borrowed.
  XmlParser(std::unique_ptr<ArchiveStream> stream, std::string part, int64_t bytes_max,
            XmlHandler& handler);
  XmlParser(const XmlParser&) = delete;
  XmlParser& operator=(const XmlParser&) = delete;
  ~XmlParser();

  /// Goes on until the handler pauses (true) or the document ends (false).
  Result<bool> run();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace bullion::records
