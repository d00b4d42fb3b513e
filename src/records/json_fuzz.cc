// libFuzzer: any bytes as a JSON document. Accepted elements are well-formed, and what the document
// holds does not depend on how it is read; a document that a strict parser takes is taken whole.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/assert.h"
#include "records/json_elements_internal.h"

namespace {

using bullion::records::JsonElements;
using bullion::records::Line;

struct Elements {
  std::vector<std::string> texts;
  bool has_ended = false;  ///< as a document, not because of a fault
};

Elements elements_of(std::string_view bytes, std::string_view path, size_t block) {
  Elements elements;
  JsonElements reader(bullion::records::memory_byte_source(bytes), path, block);
  const auto fault = reader.find_array();
  BULLION_ASSERT(fault.has_value());
  if (*fault) return elements;
  Line line;
  int64_t last_line = 1;
  for (;;) {
    const auto more = reader.next(line);
    if (!more) return elements;
    if (!*more) break;
    BULLION_ASSERT(line.number >= last_line);
    last_line = line.number;
    elements.texts.emplace_back(line.text);
  }
  elements.has_ended = true;
  return elements;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const std::string_view path : {"", "a.b"}) {
    const Elements whole = elements_of(bytes, path, 1000);
    const Elements pieces = elements_of(bytes, path, 1);
    BULLION_ASSERT(whole.texts == pieces.texts && whole.has_ended == pieces.has_ended);
    const auto strict = nlohmann::json::parse(bytes, nullptr, false);
    if (path.empty() && strict.is_array()) {
      BULLION_ASSERT(whole.has_ended && whole.texts.size() == strict.size());
      for (size_t i = 0; i < strict.size(); ++i) {
        BULLION_ASSERT(nlohmann::json::parse(whole.texts[i], nullptr, false) == strict[i]);
      }
    }
  }
  return 0;
}
