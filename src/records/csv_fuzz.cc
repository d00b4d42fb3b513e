// libFuzzer: any bytes as CSV. The first byte picks the delimiter and the block size.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/assert.h"
#include "records/csv_reader.h"

namespace bullion::records {
namespace {

/// Every record as text, so that two ways of reading can be compared.
std::string read_all(std::string_view bytes, char delimiter, size_t block_bytes) {
  CsvReader reader(memory_byte_source(bytes), delimiter, block_bytes);
  TableRow record;
  std::string all;
  int64_t last_line = 0;
  for (;;) {
    const auto more = reader.next(record);
    BULLION_ASSERT(more.has_value());
    if (!*more) return all;
    BULLION_ASSERT(record.line > last_line);
    last_line = record.line;
    all += std::to_string(record.line) + ':' + std::string(record.raw) + '\n';
    for (const Cell& cell : record.cells) all += '[' + std::string(cell.text) + ']';
    for (const Fault& fault : record.faults) all += '!' + std::string(fault.code);
  }
}

}  // namespace
}  // namespace bullion::records

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const char delimiter = ",;\t|"[data[0] % 4];
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::string whole = bullion::records::read_all(bytes, delimiter, size_t{64} << 10);
  BULLION_ASSERT(whole == bullion::records::read_all(bytes, delimiter, 1 + data[0] / 4U));
  return 0;
}
