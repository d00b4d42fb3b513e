// libFuzzer: any bytes as JSON lines. Cells and `_extra` of accepted records must be well-formed.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "records/jsonl_records_internal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using bullion::records::TextRecord;
  bullion::project::Source source;
  source.contract.name = "fuzz";
  for (const char* name : {"a", "b", "cost"}) {
    source.contract.columns.push_back(
        {name, {bullion::delta::TypeId::String, 0, 0, {}}, true, "{}"});
  }
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto opened =
      bullion::records::open_jsonl_records(bullion::records::memory_byte_source(bytes), source);
  BULLION_ASSERT(opened.has_value());
  if (opened->fault) return 0;
  TextRecord record;
  int64_t last_line = 0;
  for (;;) {
    const auto more = opened->reader->next(record);
    BULLION_ASSERT(more.has_value());
    if (!*more) return 0;
    BULLION_ASSERT(record.line > last_line);
    last_line = record.line;
    if (!record.faults.empty()) continue;
    BULLION_ASSERT(record.extra.empty() || nlohmann::json::accept(record.extra));
    BULLION_ASSERT(nlohmann::json::accept(record.raw));
  }
}
