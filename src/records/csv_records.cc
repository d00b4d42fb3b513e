#include "records/csv_records.h"

#include <utility>

#include <fmt/format.h>

#include "records/csv_reader.h"
#include "records/display_text.h"
#include "records/header.h"
#include "records/json_text_internal.h"

namespace bullion::records {
namespace {

class CsvRecords final : public RecordReader {
 public:
  CsvRecords(std::unique_ptr<CsvReader> reader, ColumnMap map)
      : reader_(std::move(reader)), map_(std::move(map)) {
    cell_of_column_ = map_.cell_of_column;
  }

  Result<bool> next(TextRecord& record) override {
    csv_.fields.swap(record.cells);
    csv_.faults.swap(record.faults);
    auto more = reader_->next(csv_);
    record.cells.swap(csv_.fields);
    record.faults.swap(csv_.faults);
    if (!more || !*more) return more;
    record.line = csv_.line;
    record.raw = csv_.raw;
    record.extra.clear();
    record.has_cells = record.cells.size() == map_.cells;
    if (!record.has_cells && record.faults.empty()) {
      record.faults.push_back(field_count_fault(record.cells.size()));
    }
    if (record.faults.empty() && !map_.unknown_cells.empty()) write_extra(record);
    return true;
  }

  std::vector<std::string> unknown_columns() const override { return map_.unknown_columns; }
  std::vector<std::string> missing_columns() const override { return map_.missing_columns; }

 private:
  Fault field_count_fault(size_t fields) const {
    return {"field-count",
            fmt::format("the record has {} field{}; expected {}, as many as the {}", fields,
                        fields == 1 ? "" : "s", map_.cells,
                        fields < map_.cells ? "header has columns; is it cut off?"
                                            : "header has columns; is a field not quoted?")};
  }

  void write_extra(TextRecord& record) const {
    char before = '{';
    for (size_t i = 0; i < map_.unknown_cells.size(); ++i) {
      record.extra += before;
      append_json_string(record.extra, map_.unknown_columns[i]);
      record.extra += ':';
      append_json_string(record.extra,
                         record.cells[static_cast<size_t>(map_.unknown_cells[i])].text);
      before = ',';
    }
    record.extra += '}';
  }

  std::unique_ptr<CsvReader> reader_;
  ColumnMap map_;
  CsvRecord csv_;
};

}  // namespace

Result<OpenedRecords> open_csv_records(std::unique_ptr<ByteSource> bytes,
                                       const project::Source& source) {
  auto reader = std::make_unique<CsvReader>(std::move(bytes), source.format.delimiter);
  if (!source.format.header) {
    return OpenedRecords{
        std::make_unique<CsvRecords>(std::move(reader), positional_columns(source.contract)),
        std::nullopt};
  }
  CsvRecord header;
  auto more = reader->next(header);
  if (!more) return more.error();
  if (!*more) {
    return OpenedRecords{nullptr,
                         FileFault{"empty-file", "empty file: it has no header line", 0, ""}};
  }
  if (!header.faults.empty()) {
    const Fault& fault = header.faults.front();
    return OpenedRecords{nullptr, FileFault{"bad-header",
                                            fmt::format("line {}: the header cannot be read: {}",
                                                        header.line, fault.reason),
                                            header.line, display_text(header.raw, kRawBytesMax)}};
  }
  std::vector<std::string> names;
  names.reserve(header.fields.size());
  for (const Cell& cell : header.fields) names.emplace_back(cell.text);
  ColumnMap map = map_columns(names, source.contract, header.line, header.raw);
  if (map.fault) return OpenedRecords{nullptr, std::move(map.fault)};
  return OpenedRecords{std::make_unique<CsvRecords>(std::move(reader), std::move(map)),
                       std::nullopt};
}

}  // namespace bullion::records
