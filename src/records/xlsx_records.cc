#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "records/display_text.h"
#include "records/file_kind_internal.h"
#include "records/header_search_internal.h"
#include "records/name_pattern.h"
#include "records/table_records.h"
#include "records/xlsx_package_internal.h"
#include "records/xlsx_records_internal.h"
#include "records/xlsx_sheet_internal.h"

namespace bullion::records {
namespace {

constexpr size_t kSheetsReadMax = 1000;
constexpr size_t kSheetsShownMax = 30;

/// One sheet after the other; each is opened already, so that no header is a surprise.
class XlsxRecords final : public RecordReader {
 public:
  XlsxRecords(std::unique_ptr<XlsxPackage> package,
              std::vector<std::unique_ptr<RecordReader>> sheets)
      : package_(std::move(package)), sheets_(std::move(sheets)) {
    cell_of_column_ = sheets_[0]->cell_of_column();
    column_names_ = sheets_[0]->column_names();
  }

  Result<bool> next(TextRecord& record) override {
    while (at_ < sheets_.size()) {
      BULLION_TRY_ASSIGN(const bool more, sheets_[at_]->next(record));
      if (more) return true;
      add_excluded(sheets_[at_]->excluded());
      if (at_ + 1 == sheets_.size()) return false;
      ++at_;
      cell_of_column_ = sheets_[at_]->cell_of_column();
    }
    return false;
  }

  std::string_view raw_text(const TextRecord& record) override {
    return sheets_[at_]->raw_text(record);
  }

  std::string place_of(const TextRecord& record, size_t column) const override {
    return sheets_[at_]->place_of(record, column);
  }

  std::vector<std::string> unknown_columns() const override {
    std::vector<std::string> all;
    for (const auto& sheet : sheets_) {
      for (std::string& name : sheet->unknown_columns()) {
        if (std::find(all.begin(), all.end(), name) == all.end()) all.push_back(std::move(name));
      }
    }
    return all;
  }

  /// Those that no sheet has.
  std::vector<std::string> missing_columns() const override {
    std::vector<std::string> missing = sheets_[0]->missing_columns();
    for (const auto& sheet : sheets_) {
      const auto here = sheet->missing_columns();
      std::erase_if(missing, [&](const std::string& name) {
        return std::find(here.begin(), here.end(), name) == here.end();
      });
    }
    return missing;
  }

 private:
  void add_excluded(const ExcludedRecords& more) {
    excluded_.blank += more.blank;
    excluded_.records.insert(excluded_.records.end(), more.records.begin(), more.records.end());
  }

  std::unique_ptr<XlsxPackage> package_;
  std::vector<std::unique_ptr<RecordReader>> sheets_;
  size_t at_ = 0;
};

/// An OLE file is an old workbook, or a new one inside an encrypted wrapper whose streams are named
/// in UTF-16 in its directory ([MS-CFB] 2.6.1, [MS-OFFCRYPTO] 2.3.4.4).
Result<OpenedRecords> refuse_ole(RandomBytes& bytes) {
  constexpr int64_t kLookedAt = int64_t{1} << 20;
  static constexpr std::string_view kName("E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0", 32);
  bool is_encrypted = false;
  for (const int64_t from : {int64_t{0}, std::max<int64_t>(0, bytes.size() - kLookedAt)}) {
    BULLION_TRY_ASSIGN(const std::string part, bytes.read_at(from, kLookedAt));
    is_encrypted = is_encrypted || part.find(kName) != std::string::npos;
  }
  if (is_encrypted) {
    return faulty("encrypted-workbook",
                  "the workbook is encrypted; save it without a password and deliver it again");
  }
  return faulty("old-workbook",
                "the file is an old Excel workbook (.xls); save it as .xlsx and deliver it again");
}

Result<bool> has_data(const XlsxPackage& package, const SheetInfo& sheet) {
  BULLION_TRY_ASSIGN(const auto rows, open_sheet(package, sheet, {}));
  TableRow row;
  for (;;) {
    BULLION_TRY_ASSIGN(const bool more, rows->next(row));
    if (!more) return false;
    if (!row.faults.empty() || !is_blank_row(row.cells)) return true;
  }
}

bool is_chosen(const std::string& pattern, const SheetInfo& sheet) {
  if (pattern.empty()) return sheet.is_visible;
  const bool names_one = pattern.find_first_of("*?") == std::string::npos;
  return (sheet.is_visible || names_one) && matches_pattern(pattern, sheet.name);
}

Result<std::vector<SheetInfo>> chosen_sheets(const XlsxPackage& package,
                                             const std::string& pattern) {
  std::vector<SheetInfo> chosen;
  for (const SheetInfo& sheet : package.sheets()) {
    if (!is_chosen(pattern, sheet) || chosen.size() == kSheetsReadMax) continue;
    BULLION_TRY_ASSIGN(const bool is_filled, has_data(package, sheet));
    if (is_filled) chosen.push_back(sheet);
    if (is_filled && pattern.empty()) break;
  }
  return chosen;
}

OpenedRecords no_sheet(const XlsxPackage& package, const std::string& pattern) {
  std::vector<std::string> names;
  for (const SheetInfo& sheet : package.sheets()) {
    if (names.size() == kSheetsShownMax) break;
    names.push_back(display_text(sheet.name, 100) + (sheet.is_visible ? "" : " (hidden)"));
  }
  const std::string wanted =
      pattern.empty() ? "no visible sheet of the workbook holds anything"
                      : fmt::format("no sheet that holds anything matches `sheet: {}`", pattern);
  return faulty("no-sheet", fmt::format("{}; its sheets: {}", wanted, fmt::join(names, ", ")));
}

Result<OpenedRecords> open_workbook(std::shared_ptr<RandomBytes> bytes,
                                    const project::Source& source) {
  BULLION_TRY_ASSIGN(auto package, XlsxPackage::open(std::move(bytes)));
  const std::string& pattern = source.format.sheet;
  BULLION_TRY_ASSIGN(const auto chosen, chosen_sheets(*package, pattern));
  if (chosen.empty()) return no_sheet(*package, pattern);
  std::vector<std::unique_ptr<RecordReader>> sheets;
  for (const SheetInfo& sheet : chosen) {
    const SheetOptions options{
        .skip_rows = source.format.skip_rows,
        .cells_min = source.format.header ? 0 : source.contract.columns.size(),
        .names_sheet = chosen.size() > 1};
    BULLION_TRY_ASSIGN(auto rows, open_sheet(*package, sheet, options));
    BULLION_TRY_ASSIGN(auto opened, open_table_records(std::move(rows), source));
    if (opened.fault) {
      opened.fault->reason =
          fmt::format("sheet {}: {}", quoted_for_message(sheet.name), opened.fault->reason);
      return opened;
    }
    sheets.push_back(std::move(opened.reader));
  }
  return OpenedRecords{std::make_unique<XlsxRecords>(std::move(package), std::move(sheets)),
                       std::nullopt};
}

}  // namespace

Result<OpenedRecords> open_xlsx_records(std::shared_ptr<RandomBytes> bytes,
                                        const project::Source& source) {
  const auto first = bytes->read_at(0, 8);
  if (!first) return first.error();
  if (first->starts_with("\xD0\xCF\x11\xE0")) return refuse_ole(*bytes);
  if (!first->starts_with("PK")) {
    const std::string name = binary_format_name(*first);
    return faulty("bad-workbook",
                  fmt::format("the file is no Excel workbook (.xlsx){}; correct `format` of the "
                              "source or the file",
                              name.empty() ? "" : ": it looks like " + name));
  }
  auto opened = open_workbook(std::move(bytes), source);
  if (!opened && opened.error().kind() == ErrorKind::Corrupt) {
    return faulty("bad-workbook", opened.error().message());
  }
  return opened;
}

}  // namespace bullion::records
