#include "records/header.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/nearest_name.h"
#include "records/display_text.h"

namespace bullion::records {
namespace {

// A message names this many columns at most; wide files would make it unreadable.
constexpr size_t kNamesShownMax = 30;

std::string list_names(std::vector<std::string> names) {
  const size_t count = names.size();
  if (count > kNamesShownMax) names.resize(kNamesShownMax);
  std::string text = display_text(fmt::format("{}", fmt::join(names, ", ")), 2000);
  if (count > kNamesShownMax) text += fmt::format(" and {} more", count - kNamesShownMax);
  return text;
}

std::optional<FileFault> fault_of_names(const std::vector<std::string>& names) {
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string folded = folded_name(names[i]);
    if (folded.empty()) {
      return FileFault{
          "empty-header",
          fmt::format("the header's field {} of {} has no name; name every column, and "
                      "look for a delimiter too many at the end of the line",
                      i + 1, names.size()),
          0, ""};
    }
    const auto [first, is_new] = seen.emplace(folded, i);
    if (!is_new) {
      return FileFault{
          "duplicate-header",
          fmt::format("the header names column {} twice, in fields {} and {}; each column "
                      "needs its own name",
                      quoted_for_message(names[i]), first->second + 1, i + 1),
          0, ""};
    }
  }
  return std::nullopt;
}

FileFault missing_column_fault(const std::string& column, const std::vector<std::string>& names,
                               const std::vector<std::string>& expected,
                               const std::vector<std::string>& unknown) {
  return {
      "missing-column",
      fmt::format("column `{}` is missing and must have a value (not_null){}; the header has: {}; "
                  "expected: {}",
                  column, did_you_mean(column, unknown), list_names(names), list_names(expected)),
      0, ""};
}

}  // namespace

std::string folded_name(std::string_view name) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!name.empty() && is_blank(name.front())) name.remove_prefix(1);
  while (!name.empty() && is_blank(name.back())) name.remove_suffix(1);
  std::string folded(name);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

ColumnMap map_columns(const std::vector<std::string>& names, const project::Contract& contract,
                      int64_t line, std::string_view raw) {
  ColumnMap map;
  map.cells = names.size();
  std::vector<bool> is_used(names.size(), false);
  std::vector<std::string> expected;
  for (const auto& column : contract.columns) {
    expected.push_back(column.name);
    auto found = std::find(names.begin(), names.end(), column.name);
    if (found == names.end()) {
      found = std::find_if(names.begin(), names.end(), [&](const std::string& name) {
        return folded_name(name) == folded_name(column.name);
      });
    }
    const auto index = static_cast<size_t>(found - names.begin());
    const bool is_there = found != names.end() && !is_used[index];
    map.cell_of_column.push_back(is_there ? static_cast<int>(index) : -1);
    if (is_there) is_used[index] = true;
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (is_used[i]) continue;
    map.unknown_cells.push_back(static_cast<int>(i));
    map.unknown_columns.push_back(names[i]);
  }
  map.fault = fault_of_names(names);
  for (size_t c = 0; c < contract.columns.size(); ++c) {
    if (map.cell_of_column[c] >= 0) continue;
    if (contract.columns[c].nullable) {
      map.missing_columns.push_back(contract.columns[c].name);
    } else if (!map.fault) {
      map.fault =
          missing_column_fault(contract.columns[c].name, names, expected, map.unknown_columns);
    }
  }
  if (map.fault) {
    map.fault->line = line;
    map.fault->raw = display_text(raw, kRawBytesMax);
    if (line > 0) map.fault->reason = fmt::format("line {}: {}", line, map.fault->reason);
  }
  return map;
}

ColumnMap positional_columns(const project::Contract& contract) {
  ColumnMap map;
  map.cells = contract.columns.size();
  map.cell_of_column.resize(contract.columns.size());
  std::iota(map.cell_of_column.begin(), map.cell_of_column.end(), 0);
  return map;
}

}  // namespace bullion::records
