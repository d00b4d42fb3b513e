// The parts of an Excel workbook (ECMA-376, Office Open XML; transitional and strict).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "records/archive_stream_internal.h"
#include "records/random_bytes_internal.h"
#include "records/xml_parser_internal.h"

namespace bullion::records {

/// Limits of one part, unpacked; docs/containers.md states them.
inline constexpr int64_t kWorkbookPartMax = int64_t{64} << 20;
inline constexpr int64_t kSharedStringsPartMax = int64_t{2} << 30;
inline constexpr int64_t kSheetPartMax = int64_t{16} << 30;

struct SheetInfo {
  std::string name;
  bool is_visible = true;
  std::string part;  ///< path inside the workbook
};

/// What a cell's style says of a number.
enum class NumberStyle : uint8_t { Plain, Date, TimeOfDay, Elapsed };

/// The texts that cells refer to by number. Views live as long as this.
class SharedStrings {
 public:
  size_t count() const { return ends_.size(); }
  std::string_view get(size_t index) const {
    const size_t start = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(start, ends_[index] - start);
  }
  std::string& bytes() { return bytes_; }
  void end_string() { ends_.push_back(bytes_.size()); }

 private:
  std::string bytes_;
  std::vector<size_t> ends_;
};

/// A workbook's tables. Corrupt when its bytes are to blame. Not thread-safe.
class XlsxPackage {
 public:
  static Result<std::unique_ptr<XlsxPackage>> open(std::shared_ptr<RandomBytes> bytes);

  const std::vector<SheetInfo>& sheets() const { return sheets_; }
  bool counts_from_1904() const { return counts_from_1904_; }
  const SharedStrings& strings() const { return strings_; }
  /// By the index that a cell gives; Plain when there is no such style.
  NumberStyle style(size_t index) const {
    return index < styles_.size() ? styles_[index] : NumberStyle::Plain;
  }

  /// The part, at its beginning; null when there is none.
  Result<std::unique_ptr<ArchiveStream>> open_part(std::string_view path) const;

 private:
  explicit XlsxPackage(std::shared_ptr<RandomBytes> bytes) : bytes_(std::move(bytes)) {}

  struct Relation {
    std::string id;
    std::string type;    // last part of its URI
    std::string target;  // path inside the workbook
  };
  Status read();
  Result<std::vector<Relation>> read_relations(const std::string& part);
  Status read_workbook(const std::string& part);
  Status read_strings(const std::string& part);
  Status read_styles(const std::string& part);
  /// False when the part is absent.
  Result<bool> parse(const std::string& part, int64_t bytes_max, XmlHandler& handler);

  std::shared_ptr<RandomBytes> bytes_;
  std::vector<SheetInfo> sheets_;
  bool counts_from_1904_ = false;
  SharedStrings strings_;
  std::vector<NumberStyle> styles_;
};

}  // namespace bullion::records
