// Fuzzes the commit reader: no input may crash it, and what it accepts must survive a round trip.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "delta/actions.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto commit = bullion::delta::commit_from_json(text);
  if (!commit) return 0;
  const std::string written = bullion::delta::commit_to_json(*commit);
  const auto again = bullion::delta::commit_from_json(written);
  BULLION_ASSERT(again.has_value());
  BULLION_ASSERT(bullion::delta::commit_to_json(*again) == written);
  for (const bullion::delta::AddFile& add : commit->adds) {
    (void)bullion::delta::num_records(add);
    (void)bullion::delta::decoded_path(add);
  }
  return 0;
}
