#include <memory>
#include <optional>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include "exports/xlsx_check_internal.h"

namespace bullion::exports {
namespace {

constexpr size_t kBlockBytes = size_t{256} << 10;
constexpr std::string_view kRowTag = "<row r=\"";
constexpr std::string_view kEnd = "</worksheet>";

struct ArchiveCloser {
  void operator()(archive* reader) const { archive_read_free(reader); }
};

/// Rows of one sheet; nullopt when its XML is not whole.
Result<std::optional<int64_t>> count_rows(archive* reader) {
  std::string window;
  std::string block(kBlockBytes, '\0');
  int64_t rows = 0;
  while (true) {
    const la_ssize_t count = archive_read_data(reader, block.data(), block.size());
    if (count < 0) return io_error(archive_error_string(reader));
    if (count == 0) break;
    window.append(block, 0, static_cast<size_t>(count));
    size_t at = 0;
    for (size_t found = 0; (found = window.find(kRowTag, at)) != window.npos;) {
      ++rows;
      at = found + kRowTag.size();
    }
    // A tag may lie across two blocks; what was counted is not kept.
    const size_t tail = window.size() - at;
    window.erase(0, at + (tail > kEnd.size() ? tail - kEnd.size() : 0));
  }
  if (!window.ends_with(kEnd)) return std::optional<int64_t>();
  return std::optional<int64_t>(rows);
}

}  // namespace

Status check_xlsx(const std::string& path, const std::vector<int64_t>& filled_rows) {
  const std::unique_ptr<archive, ArchiveCloser> reader(archive_read_new());
  archive_read_support_format_zip(reader.get());
  if (archive_read_open_filename(reader.get(), path.c_str(), kBlockBytes) != ARCHIVE_OK) {
    return io_error(fmt::format("{}: {}", path, archive_error_string(reader.get())));
  }
  size_t sheets = 0;
  archive_entry* entry = nullptr;
  while (archive_read_next_header(reader.get(), &entry) == ARCHIVE_OK) {
    const std::string name = archive_entry_pathname(entry);
    for (size_t i = 0; i < filled_rows.size(); ++i) {
      if (name != fmt::format("xl/worksheets/sheet{}.xml", i + 1)) continue;
      auto rows = count_rows(reader.get());
      if (!rows) return rows.error().within(path);
      if (!*rows || **rows < filled_rows[i] + 1) {
        return io_error(fmt::format(
            "{} did not take all rows of sheet {}; the disk of the file or of the folder for "
            "temporary files (TMPDIR) may be full",
            path, i + 1));
      }
      ++sheets;
    }
  }
  if (sheets == filled_rows.size()) return ok();
  return io_error(fmt::format("{} has {} of {} sheets; the disk may be full", path, sheets,
                              filled_rows.size()));
}

}  // namespace bullion::exports
