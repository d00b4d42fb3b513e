// libFuzzer: any bytes as CSV by any dialect. The first bytes pick the format and the block size.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "records/csv_reader.h"
#include "records/csv_records.h"

namespace bullion::records {
namespace {

constexpr size_t kChoices = 6;
using Choices = std::array<uint8_t, kChoices>;

project::Source source_of(const Choices& choices) {
  project::Source source;
  source.contract.name = "fuzz";
  for (const char* name : {"a", "b", "c"}) {
    source.contract.columns.push_back(
        {name, {delta::TypeId::String, 0, 0, {}}, name[0] != 'a' || choices[1] % 2 == 0, "{}"});
  }
  source.contract.amount_column = "b";
  source.cells["b"].source_names = {"amount", "x y"};
  project::FileFormat& format = source.format;
  format.delimiter = ",;\t|"[choices[0] % 4];
  format.quote = std::string_view("\"'\0", 3)[choices[0] / 4 % 3];
  format.escape = std::string_view("\0\\\"", 3)[choices[0] / 16 % 3];
  format.comment = std::string_view("\0#", 2)[choices[1] / 2 % 2];
  format.header = choices[1] / 4 % 4 != 0;
  format.header_rows = 1 + choices[2] % 3;
  format.header_within = 1 + choices[2] / 4 % 5;
  format.skip_rows = choices[2] / 32 % 3;
  format.field_count = std::array{project::FieldCount::Exact, project::FieldCount::PadShort,
                                  project::FieldCount::Ignore}[choices[3] % 3];
  if (choices[3] % 8 >= 4) {
    format.exclude = {{.reason = "control_total", .column = "c", .like = "t*?", .only = {}},
                      {.reason = "footer", .column = "", .like = "", .only = {"b"}}};
  }
  if (choices[3] % 16 >= 8 && format.header) {
    format.unpivot = {.columns = {"2*", "x?"},
                      .name_column = "c",
                      .value_column = "b",
                      .keep_empty = choices[3] % 32 >= 16,
                      .beside = {"xa"}};
  }
  return source;
}

/// Every row as text, so that two ways of reading can be compared.
std::string read_rows(std::string_view bytes, const CsvDialect& dialect, size_t block_bytes) {
  CsvReader reader(memory_byte_source(bytes), dialect, block_bytes);
  TableRow row;
  std::string all;
  int64_t last_line = 0;
  for (;;) {
    const auto more = reader.next(row);
    BULLION_ASSERT(more.has_value());
    if (!*more) return all;
    BULLION_ASSERT(row.line > last_line);
    last_line = row.line;
    all += std::to_string(row.line) + ':' + std::string(row.raw) + '\n';
    for (const Cell& cell : row.cells) all += '[' + std::string(cell.text) + ']';
    for (const Fault& fault : row.faults) all += '!' + std::string(fault.code);
  }
}

void read_records(std::string_view bytes, const project::Source& source) {
  auto opened = open_csv_records(memory_byte_source(bytes), source);
  BULLION_ASSERT(opened.has_value());
  if (opened->fault) {
    BULLION_ASSERT(!opened->fault->code.empty() && !opened->fault->reason.empty());
    return;
  }
  TextRecord record;
  int64_t last_line = 0;
  for (;;) {
    const auto more = opened->reader->next(record);
    BULLION_ASSERT(more.has_value());
    if (!*more) break;
    BULLION_ASSERT(record.line >= last_line);
    last_line = record.line;
    // A record is whole, or says why not.
    BULLION_ASSERT(record.has_cells || !record.faults.empty());
    if (!record.has_cells) continue;
    for (const int cell : opened->reader->cell_of_column()) {
      BULLION_ASSERT(cell < static_cast<int>(record.cells.size()));
    }
  }
  for (const ExcludedRecord& excluded : opened->reader->excluded().records) {
    BULLION_ASSERT(!excluded.reason.empty() && excluded.raw.size() <= kExcludedRawMax);
  }
}

void run(std::string_view bytes) {
  if (bytes.size() < kChoices) return;
  Choices choices{};
  for (size_t i = 0; i < kChoices; ++i) choices[i] = static_cast<uint8_t>(bytes[i]);
  bytes.remove_prefix(kChoices);
  const project::Source source = source_of(choices);
  const CsvDialect dialect = csv_dialect(source.format);
  const std::string whole = read_rows(bytes, dialect, size_t{64} << 10);
  BULLION_ASSERT(whole == read_rows(bytes, dialect, 1 + choices[4] / 4U));
  read_records(bytes, source);
}

}  // namespace
}  // namespace bullion::records

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bullion::records::run({reinterpret_cast<const char*>(data), size});
  return 0;
}
