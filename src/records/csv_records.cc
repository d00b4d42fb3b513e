#include "records/csv_records.h"

#include <utility>

#include "records/csv_reader.h"
#include "records/table_records.h"

namespace bullion::records {

Result<OpenedRecords> open_csv_records(std::unique_ptr<ByteSource> bytes,
                                       const project::Source& source) {
  return open_table_records(
      std::make_unique<CsvReader>(std::move(bytes), csv_dialect(source.format)), source);
}

}  // namespace bullion::records
