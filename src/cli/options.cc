#include "cli/options.h"

#include <array>
#include <charconv>
#include <string_view>

#include <fmt/format.h>

namespace bullion::cli {

Result<int64_t> parse_bytes(const std::string& text) {
  struct Unit {
    std::string_view name;
    int64_t bytes;
  };
  constexpr std::array<Unit, 10> kUnits{{{"", 1},
                                         {"B", 1},
                                         {"KB", 1'000},
                                         {"MB", 1'000'000},
                                         {"GB", 1'000'000'000},
                                         {"TB", 1'000'000'000'000},
                                         {"KiB", int64_t{1} << 10},
                                         {"MiB", int64_t{1} << 20},
                                         {"GiB", int64_t{1} << 30},
                                         {"TiB", int64_t{1} << 40}}};
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  const std::string_view suffix(end, static_cast<size_t>(text.data() + text.size() - end));
  if (fault == std::errc{} && number > 0) {
    for (const Unit& unit : kUnits) {
      if (suffix == unit.name) return number * unit.bytes;
    }
  }
  return invalid(fmt::format("--memory-limit {}: expected a size like 512MiB or 2GiB", text));
}

}  // namespace bullion::cli
