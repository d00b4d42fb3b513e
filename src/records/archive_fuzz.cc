// libFuzzer: any bytes as an archive. What is listed can be read again, with the same bytes.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "base/sha256.h"
#include "records/archive.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace records = bullion::records;
  const auto files = bullion::storage::memory_file_system();
  const bullion::project::FileFormat format;
  BULLION_ASSERT(files->create("f", {reinterpret_cast<const char*>(data), size}).has_value());
  const auto kind = records::container_kind(*files, "f");
  BULLION_ASSERT(kind.has_value());
  if (!records::is_archive_for(format, *kind)) return 0;
  const auto listing = records::list_archive(*files, "f", format, {});
  BULLION_ASSERT(listing.has_value());
  BULLION_ASSERT(!listing->fault || listing->members.empty());
  for (const records::ArchiveMember& member : listing->members) {
    auto reader = records::open_member(*files, "f", member.name, member.size);
    BULLION_ASSERT(reader.has_value());
    bullion::Sha256 hash;
    std::string buffer(4096, '\0');
    int64_t bytes = 0;
    for (;;) {
      const auto count = (*reader)->read(buffer.data(), buffer.size());
      BULLION_ASSERT(count.has_value());
      if (*count == 0) break;
      bytes += static_cast<int64_t>(*count);
      hash.update(std::string_view(buffer).substr(0, *count));
    }
    BULLION_ASSERT(bytes == member.size && hash.finish_hex() == member.sha256);
  }
  return 0;
}
