// libFuzzer: any bytes as a workbook, and any text as its sheet, strings and styles.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "records/packed_archive.h"
#include "records/random_bytes_internal.h"
#include "records/xlsx_records_internal.h"

namespace {

/// The input is split at NUL bytes into the parts that vary.
std::string workbook_of(std::string_view input) {
  const std::string type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/";
  const auto take = [&input] {
    const size_t end = input.find('\0');
    const std::string part(input.substr(0, end));
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
    return part;
  };
  return bullion::records::packed(
      {{"[Content_Types].xml", "<Types/>"},
       {"_rels/.rels", "<Relationships><Relationship Id='a' Type='" + type +
                           "officeDocument' Target='xl/workbook.xml'/></Relationships>"},
       {"xl/workbook.xml",
        "<workbook><sheets><sheet name='S' sheetId='1' id='r1'/></sheets>"
        "</workbook>"},
       {"xl/_rels/workbook.xml.rels",
        "<Relationships><Relationship Id='r1' Type='" + type +
            "worksheet' Target='s.xml'/><Relationship Id='r2' Type='" + type +
            "sharedStrings' Target='t.xml'/><Relationship Id='r3' Type='" + type +
            "styles' Target='y.xml'/></Relationships>"},
       {"xl/s.xml", "<worksheet><sheetData>" + take() + "</sheetData></worksheet>"},
       {"xl/t.xml", "<sst>" + take() + "</sst>"},
       {"xl/y.xml", "<styleSheet>" + take() + "</styleSheet>"}},
      "zip");
}

void read_all(std::string bytes) {
  bullion::project::Source source;
  source.contract.name = "fuzz";
  source.format.kind = "xlsx";
  for (const char* name : {"a", "b"}) {
    source.contract.columns.push_back(
        {name, {bullion::delta::TypeId::String, 0, 0, {}}, true, "{}"});
  }
  source.format.header_within = 3;
  source.format.field_count = bullion::project::FieldCount::Ignore;
  auto opened = bullion::records::open_xlsx_records(
      bullion::records::memory_random_bytes(std::move(bytes)), source);
  BULLION_ASSERT(opened.has_value());
  if (opened->fault) return;
  bullion::records::TextRecord record;
  int64_t last_line = 0;
  for (;;) {
    const auto more = opened->reader->next(record);
    if (!more) {
      BULLION_ASSERT(more.error().kind() == bullion::ErrorKind::Corrupt);
      return;
    }
    if (!*more) return;
    BULLION_ASSERT(record.line > last_line);
    last_line = record.line;
    BULLION_ASSERT(opened->reader->raw_text(record).size() <= size_t{64} << 20);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (input.starts_with("PK")) {
    read_all(std::string(input));
  } else {
    read_all(workbook_of(input));
  }
  return 0;
}
