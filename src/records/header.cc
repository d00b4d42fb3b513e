#include "records/header.h"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/ascii.h"
#include "base/nearest_name.h"
#include "records/display_text.h"
#include "records/name_pattern.h"

namespace bullion::records {
namespace {

// A message names this many columns at most; wide files would make it unreadable.
constexpr size_t kNamesShownMax = 30;

std::string list_names(const std::vector<std::string>& names) {
  std::vector<std::string> shown;
  size_t count = 0;
  for (const std::string& name : names) {
    if (name.empty()) continue;
    if (++count <= kNamesShownMax) shown.push_back(name);
  }
  std::string text = display_text(fmt::format("{}", fmt::join(shown, ", ")), 2000);
  if (count > kNamesShownMax) text += fmt::format(" and {} more", count - kNamesShownMax);
  return text;
}

/// What the fields are called, prepared for comparison.
class FieldNames {
 public:
  explicit FieldNames(const std::vector<HeaderName>& names) : is_used_(names.size(), false) {
    std::map<std::string, int> part_uses;
    for (const HeaderName& name : names) {
      texts_.push_back(name.text);
      folded_.push_back(folded_name(name.text));
      for (const std::string& part : folded_parts(name)) ++part_uses[part];
    }
    for (const HeaderName& name : names) {
      std::vector<std::string>& parts = parts_.emplace_back();
      for (std::string& part : folded_parts(name)) {
        if (part_uses[part] == 1) parts.push_back(std::move(part));
      }
    }
  }

  size_t size() const { return texts_.size(); }
  const std::vector<std::string>& texts() const { return texts_; }
  const std::string& text(size_t field) const { return texts_[field]; }
  const std::string& folded(size_t field) const { return folded_[field]; }
  bool is_used(size_t field) const { return is_used_[field]; }
  void use(size_t field) { is_used_[field] = true; }

  /// The first unused field of that name, which is taken; -1 when there is none.
  int take(const std::string& name, bool exact) {
    const std::string folded = exact ? "" : folded_name(name);
    for (size_t i = 0; i < size(); ++i) {
      if (is_used_[i] || folded_[i].empty()) continue;
      if (exact ? texts_[i] != name
                : folded_[i] != folded &&
                      std::find(parts_[i].begin(), parts_[i].end(), folded) == parts_[i].end())
        continue;
      is_used_[i] = true;
      return static_cast<int>(i);
    }
    return -1;
  }

 private:
  static std::vector<std::string> folded_parts(const HeaderName& name) {
    std::vector<std::string> parts;
    for (const std::string& part : name.parts) {
      std::string folded = folded_name(part);
      if (!folded.empty() && std::find(parts.begin(), parts.end(), folded) == parts.end())
        parts.push_back(std::move(folded));
    }
    return parts;
  }

  std::vector<std::string> texts_;
  std::vector<std::string> folded_;
  std::vector<std::vector<std::string>> parts_;
  std::vector<bool> is_used_;
};

std::optional<FileFault> fault_of_names(const FieldNames& names) {
  std::map<std::string, size_t> seen;
  for (size_t i = 0; i < names.size(); ++i) {
    if (names.folded(i).empty()) continue;
    const auto [first, is_new] = seen.emplace(names.folded(i), i);
    if (!is_new) {
      return FileFault{
          "duplicate-header",
          fmt::format("the header names column {} twice, in fields {} and {}; each column "
                      "needs its own name",
                      quoted_for_message(names.text(i)), first->second + 1, i + 1),
          0, ""};
    }
  }
  return std::nullopt;
}

const std::vector<std::string>& source_names_of(const project::Source& source,
                                                const std::string& column) {
  static const std::vector<std::string> kNone;
  const auto cell = source.cells.find(column);
  return cell == source.cells.end() ? kNone : cell->second.source_names;
}

bool is_filled_by_unpivot(const project::Source& source, const std::string& column) {
  const project::Unpivot& unpivot = source.format.unpivot;
  return !unpivot.columns.empty() &&
         (column == unpivot.name_column || column == unpivot.value_column);
}

/// Own names go before other names, exact before folded, so that no column loses its own field.
void find_columns(const project::Source& source, FieldNames& names, ColumnMap& map) {
  const auto& columns = source.contract.columns;
  map.cell_of_column.assign(columns.size(), -1);
  for (const bool own : {true, false}) {
    for (const bool exact : {true, false}) {
      for (size_t c = 0; c < columns.size(); ++c) {
        int& cell = map.cell_of_column[c];
        if (cell >= 0 || is_filled_by_unpivot(source, columns[c].name)) continue;
        if (own) {
          cell = names.take(columns[c].name, exact);
          continue;
        }
        for (const std::string& name : source_names_of(source, columns[c].name)) {
          if (cell < 0) cell = names.take(name, exact);
        }
      }
    }
  }
}

bool has_digit(std::string_view text) { return std::any_of(text.begin(), text.end(), is_digit); }

bool matches_any(const std::vector<std::string>& patterns, std::string_view name) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches_pattern(pattern, name); });
}

/// Whether a field of this folded name that feeds no column is one of those that become rows.
bool fits_unpivot(const project::Unpivot& unpivot, std::string_view folded) {
  return matches_any(unpivot.columns, folded) && !matches_any(unpivot.beside, folded);
}

void sort_other_fields(const project::Source& source, const FieldNames& names, ColumnMap& map) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (!names.folded(i).empty()) map.cells_min = i + 1;
    if (names.is_used(i)) continue;
    if (names.folded(i).empty()) {
      map.unnamed_cells.push_back(static_cast<int>(i));
    } else if (fits_unpivot(source.format.unpivot, names.folded(i))) {
      map.unpivot_cells.push_back(static_cast<int>(i));
    } else {
      map.unknown_cells.push_back(static_cast<int>(i));
      map.unknown_columns.push_back(names.text(i));
    }
  }
}

/// A month whose name is written in another way must not lose its money in silence.
void find_watched(const project::Source& source, const FieldNames& names, ColumnMap& map) {
  if (map.unpivot_cells.empty()) return;
  const auto first = static_cast<size_t>(map.unpivot_cells.front());
  const auto last = static_cast<size_t>(map.unpivot_cells.back());
  const auto is_free = [&](size_t i) {
    return !names.is_used(i) && !matches_any(source.format.unpivot.beside, names.folded(i));
  };
  // Before the first there are codes and keys; only what adjoins it, and what is named like a
  // period before that, can be meant as the first.
  size_t from = first;
  while (from > 0 && is_free(from - 1) && (from == first || has_digit(names.folded(from - 1))))
    --from;
  bool follows_wide = false;
  for (size_t i = from; i < names.size(); ++i) {
    const bool is_wide =
        std::binary_search(map.unpivot_cells.begin(), map.unpivot_cells.end(), static_cast<int>(i));
    const bool has_name = !names.folded(i).empty();
    if (has_name) follows_wide = is_wide;
    if (is_wide || !is_free(i)) continue;
    if (has_name || i < last || follows_wide) map.watched_cells.push_back(static_cast<int>(i));
  }
  map.ends_wide = follows_wide;
}

std::optional<FileFault> fault_of_missing(const project::Source& source, const FieldNames& names,
                                          const ColumnMap& map) {
  const auto& columns = source.contract.columns;
  std::vector<std::string> expected;
  for (const auto& column : columns) expected.push_back(column.name);
  for (size_t c = 0; c < columns.size(); ++c) {
    if (map.cell_of_column[c] >= 0 || columns[c].nullable ||
        is_filled_by_unpivot(source, columns[c].name))
      continue;
    return FileFault{
        "missing-column",
        fmt::format("column `{}` is missing and must have a value (not_null){}; the "
                    "header has: {}; expected: {}",
                    columns[c].name, did_you_mean(columns[c].name, map.unknown_columns),
                    list_names(names.texts()), list_names(expected)),
        0, ""};
  }
  if (!source.format.unpivot.columns.empty() && map.unpivot_cells.empty()) {
    return FileFault{
        "missing-column",
        fmt::format("no name of the header matches `unpivot.columns` ({}); the header has: {}",
                    fmt::join(source.format.unpivot.columns, ", "), list_names(names.texts())),
        0, ""};
  }
  if (map.found == 0 && map.unpivot_cells.empty() && !columns.empty()) {
    return FileFault{"missing-column",
                     fmt::format("the header has none of the columns; check `delimiter` and "
                                 "`header`; the header has: {}; expected: {}",
                                 list_names(names.texts()), list_names(expected)),
                     0, ""};
  }
  return std::nullopt;
}

}  // namespace

std::string_view without_byte_order_marks(std::string_view text) {
  // U+FEFF in UTF-8; its bytes as Latin-1 characters; those of the second again, whole and when the
  // marks were mended half way.
  static constexpr std::array<std::string_view, 4> kMarks{
      "\xEF\xBB\xBF", "\xC3\xAF\xC2\xBB\xC2\xBF",
      "\xC3\x83\xC2\xAF\xC3\x82\xC2\xBB\xC3\x82\xC2\xBF", "\xC3\x83\xC2\xAF\xC2\xBB\xC2\xBF"};
  for (size_t i = 0; i < kMarks.size();) {
    if (!text.starts_with(kMarks[i])) {
      ++i;
      continue;
    }
    text.remove_prefix(kMarks[i].size());
    i = 0;
  }
  return text;
}

std::string folded_name(std::string_view name) {
  name = without_byte_order_marks(name);
  std::string folded;
  folded.reserve(name.size());
  bool gap = false;
  for (size_t i = 0; i < name.size(); ++i) {
    // A no-break space (U+00A0) comes with headers copied from web pages and workbooks.
    const bool no_break = name.substr(i).starts_with("\xC2\xA0");
    if (no_break || is_blank(name[i])) {
      gap = true;
      if (no_break) ++i;
      continue;
    }
    if (gap && !folded.empty()) folded += ' ';
    gap = false;
    const char c = name[i];
    folded += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return folded;
}

std::string unnamed_column(size_t cell) { return fmt::format("column_{}", cell + 1); }

ColumnMap map_columns(const std::vector<HeaderName>& header, const project::Source& source,
                      int64_t line, std::string_view raw) {
  ColumnMap map;
  FieldNames names(header);
  map.cells = names.size();
  find_columns(source, names, map);
  sort_other_fields(source, names, map);
  find_watched(source, names, map);
  const auto& columns = source.contract.columns;
  for (size_t c = 0; c < columns.size(); ++c) {
    if (map.cell_of_column[c] >= 0) {
      ++map.found;
    } else if (columns[c].nullable && !is_filled_by_unpivot(source, columns[c].name)) {
      map.missing_columns.push_back(columns[c].name);
    }
  }
  const auto missing = fault_of_missing(source, names, map);
  map.is_complete = !missing;
  map.fault = fault_of_names(names);
  if (!map.fault) map.fault = missing;
  if (map.fault) {
    map.fault->line = line;
    map.fault->raw = display_text(raw, kRawBytesMax);
    if (line > 0) map.fault->reason = fmt::format("line {}: {}", line, map.fault->reason);
  }
  return map;
}

ColumnMap map_columns(const std::vector<std::string>& names, const project::Source& source,
                      int64_t line, std::string_view raw) {
  std::vector<HeaderName> header;
  for (const std::string& name : names) header.push_back({name, {}});
  return map_columns(header, source, line, raw);
}

ColumnMap positional_columns(const project::Contract& contract) {
  ColumnMap map;
  map.cells = contract.columns.size();
  map.cells_min = map.cells;
  map.found = map.cells;
  map.is_complete = true;
  map.cell_of_column.resize(contract.columns.size());
  std::iota(map.cell_of_column.begin(), map.cell_of_column.end(), 0);
  return map;
}

int column_of_key(const project::Source& source, std::string_view key) {
  const auto& columns = source.contract.columns;
  const std::string folded = folded_name(key);
  for (const bool own : {true, false}) {
    for (const bool exact : {true, false}) {
      const auto fits = [&](const std::string& name) {
        return exact ? name == key : folded_name(name) == folded;
      };
      for (size_t c = 0; c < columns.size(); ++c) {
        const auto& others = source_names_of(source, columns[c].name);
        if (own ? fits(columns[c].name) : std::any_of(others.begin(), others.end(), fits))
          return static_cast<int>(c);
      }
    }
  }
  return -1;
}

bool is_unpivot_name(const project::Source& source, std::string_view name) {
  if (!fits_unpivot(source.format.unpivot, folded_name(name))) return false;
  const int fed = column_of_key(source, name);
  return fed < 0 ||
         is_filled_by_unpivot(source, source.contract.columns[static_cast<size_t>(fed)].name);
}

std::vector<HeaderName> join_header_rows(const std::vector<std::vector<std::string>>& rows) {
  size_t fields = 0;
  for (const auto& row : rows) fields = std::max(fields, row.size());
  std::vector<HeaderName> names(fields);
  std::vector<std::string> left(rows.size());
  for (size_t i = 0; i < fields; ++i) {
    bool has_name_below = false;
    std::vector<std::string> parts;
    for (size_t r = rows.size(); r-- > 0;) {
      std::string own = i < rows[r].size() ? rows[r][i] : "";
      const bool is_empty = folded_name(own).empty();
      if (!is_empty) left[r] = own;
      if (is_empty && has_name_below) own = left[r];
      if (!is_empty || (has_name_below && !left[r].empty())) parts.insert(parts.begin(), own);
      has_name_below |= !is_empty;
    }
    for (const std::string& part : parts) {
      if (!names[i].text.empty()) names[i].text += ' ';
      names[i].text += part;
    }
    if (rows.size() > 1) names[i].parts = std::move(parts);
  }
  return names;
}

}  // namespace bullion::records
