#include "cli/last_line.h"

#include <nlohmann/json.hpp>

#include "cli/terminal.h"

namespace bullion::cli {

void say_last_line(const GlobalOptions& global, const nlohmann::ordered_json& fields,
                   OutputIs output) {
  if (!global.json) return;
  // Names of files need not be UTF-8.
  const std::string line =
      fields.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  output == OutputIs::Words ? say(line) : complain(line);
}

}  // namespace bullion::cli
