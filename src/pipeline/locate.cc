#include "pipeline/locate.h"

#include "pipeline/trace_records_internal.h"

namespace bullion::pipeline {

Result<std::vector<RecordPlace>> locate_records(const Environment& env,
                                                const project::Source& source,
                                                const release::Record& release,
                                                const std::vector<BronzePosition>& rows) {
  std::vector<BronzeRow> found;
  for (const BronzePosition& row : rows) {
    BronzeRow& bronze = found.emplace_back();
    bronze.position = row.position;
    bronze.traced.file_id = row.file_id;
  }
  std::vector<std::string> notes;
  BULLION_TRY(find_source_records(env, source, release, found, notes));
  std::vector<RecordPlace> places;
  for (const BronzeRow& row : found) {
    places.push_back(
        {.file = row.traced.file, .record = row.traced.record, .line = row.traced.line});
  }
  return places;
}

}  // namespace bullion::pipeline
