#include <algorithm>
#include <numeric>
#include <optional>
#include <set>

#include <fmt/format.h>

#include "infer/column_merge_internal.h"
#include "infer/name_match_internal.h"
#include "infer/text_rows_internal.h"
#include "records/header.h"

namespace bullion::infer {
namespace {

// Two columns are one from this likeness on, of 1000.
constexpr int kSame = 450;
constexpr int kCertain = 700;

std::string header_text(const std::string& name) {
  return std::string(trimmed(records::without_byte_order_marks(name)));
}

/// Compact names of a file's header, in order; "" for no name, and "x#2" for the second "x".
std::vector<std::string> keys_of(const FileLook& look) {
  std::vector<std::string> keys;
  std::map<std::string, int> seen;
  if (!look.header.has_header) {
    for (size_t i = 0; i < look.columns.size(); ++i) keys.push_back(fmt::format("column{}", i + 1));
    return keys;
  }
  for (const std::string& name : look.header.names) {
    std::string key = compact_name(name);
    if (key.empty() && !trimmed(name).empty()) key = records::folded_name(name);
    const int count = key.empty() ? 0 : ++seen[key];
    if (count > 1) key += fmt::format("#{}", count);
    keys.push_back(std::move(key));
  }
  return keys;
}

using KeySet = std::set<std::string>;

KeySet key_set(const FileLook& look) {
  KeySet keys;
  for (const std::string& key : keys_of(look)) {
    if (!key.empty()) keys.insert(key);
  }
  return keys;
}

bool share_names(const KeySet& a, const KeySet& b) {
  const auto shared = static_cast<size_t>(
      std::count_if(a.begin(), a.end(), [&](const std::string& key) { return b.contains(key); }));
  const size_t smaller = std::min(a.size(), b.size());
  return smaller > 0 && shared * 2 >= smaller && shared * 3 >= std::max(a.size(), b.size());
}

/// The name of the first column when that is an identifier's: "card_id", "Loan ID".
std::string own_key(const FileLook& look) {
  if (!look.header.has_header || look.header.names.empty()) return "";
  const auto words = words_of(look.header.names.front());
  return words.size() > 1 && words.back() == "id" ? compact_name(look.header.names.front()) : "";
}

/// Tables that begin with identifiers of different things are different tables, though they share
/// the columns that join them; unless nearly all is the same.
bool are_of_different_things(const FileLook& a, const FileLook& b) {
  const std::string key = own_key(a);
  const std::string other = own_key(b);
  if (key.empty() || other.empty() || key == other) return false;
  const KeySet names = key_set(a);
  const KeySet others = key_set(b);
  const auto shared = static_cast<size_t>(std::count_if(
      names.begin(), names.end(), [&](const std::string& name) { return others.contains(name); }));
  return shared * 4 < std::max(names.size(), others.size()) * 3;
}

/// Groups by shared names; looks without a header by their number of columns.
std::vector<std::vector<size_t>> group_files(const std::vector<FileLook>& looks) {
  std::vector<std::vector<size_t>> groups;
  std::vector<std::vector<KeySet>> kinds;
  for (size_t i = 0; i < looks.size(); ++i) {
    if (!looks[i].fault.empty() || looks[i].columns.empty()) continue;
    const KeySet keys = key_set(looks[i]);
    const auto fits = [&](size_t g) {
      const FileLook& first = looks[groups[g].front()];
      if (first.header.has_header != looks[i].header.has_header) return false;
      if (first.format != looks[i].format || first.json_path != looks[i].json_path) return false;
      if (first.dialect.dialect.delimiter != looks[i].dialect.dialect.delimiter &&
          looks[i].rows > 1)
        return false;
      if (!looks[i].header.has_header) return first.columns.size() == looks[i].columns.size();
      if (are_of_different_things(first, looks[i])) return false;
      return std::any_of(kinds[g].begin(), kinds[g].end(),
                         [&](const KeySet& kind) { return share_names(kind, keys); });
    };
    size_t g = 0;
    while (g < groups.size() && !fits(g)) ++g;
    if (g == groups.size()) {
      groups.emplace_back();
      kinds.emplace_back();
    }
    groups[g].push_back(i);
    if (std::find(kinds[g].begin(), kinds[g].end(), keys) == kinds[g].end())
      kinds[g].push_back(keys);
  }
  const auto rows_of = [&](const std::vector<size_t>& group) {
    return std::accumulate(group.begin(), group.end(), int64_t{0},
                           [&](int64_t sum, size_t i) { return sum + looks[i].rows; });
  };
  std::stable_sort(groups.begin(), groups.end(),
                   [&](const auto& a, const auto& b) { return rows_of(a) > rows_of(b); });
  return groups;
}

/// The columns of a group, one for each compact name.
std::vector<MergedColumn> columns_by_name(const std::vector<FileLook>& looks,
                                          const std::vector<size_t>& files) {
  std::vector<MergedColumn> columns;
  std::map<std::string, size_t> index;
  std::vector<std::pair<size_t, size_t>> places;  // sum, count
  for (const size_t file : files) {
    const FileLook& look = looks[file];
    const auto keys = keys_of(look);
    for (size_t c = 0; c < keys.size() && c < look.columns.size(); ++c) {
      if (keys[c].empty()) continue;
      const auto [at, is_new] = index.try_emplace(keys[c], columns.size());
      if (is_new) {
        columns.emplace_back();
        places.emplace_back(0, 0);
      }
      MergedColumn& column = columns[at->second];
      if (look.header.has_header) ++column.spellings[header_text(look.header.names[c])];
      column.cell_of_file[file] = c;
      column.stats.merge(look.columns[c]);
      places[at->second].first += 1000 * c / keys.size();
      ++places[at->second].second;
    }
  }
  for (size_t i = 0; i < columns.size(); ++i) columns[i].place = places[i].first / places[i].second;
  return columns;
}

bool stand_together(const MergedColumn& a, const MergedColumn& b) {
  return std::any_of(a.cell_of_file.begin(), a.cell_of_file.end(),
                     [&](const auto& entry) { return b.cell_of_file.contains(entry.first); });
}

enum class Family { Nothing, Number, Date, Text };

Family family_of(const ColumnStats& stats) {
  const int64_t filled = stats.filled();
  if (filled <= 0) return Family::Nothing;
  if (stats.dates * 10 >= filled * 8) return Family::Date;
  if (stats.numbers * 10 >= filled * 8) return Family::Number;
  return Family::Text;
}

/// Whether most dates are months without a day.
bool is_monthly(const ColumnStats& stats) {
  int64_t months = 0;
  for (const auto& [style, count] : stats.styles)
    months += style.order == DateStyle::Order::YearMonth ? count.count : 0;
  return months * 2 > stats.dates;
}

const std::string& usual_spelling(const MergedColumn& column) {
  static const std::string kNone;
  const auto most =
      std::max_element(column.spellings.begin(), column.spellings.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == column.spellings.end() ? kNone : most->first;
}

struct Likeness {
  int points = 0;
  std::string reason;
};

/// How sure it is that two columns which no file has both of are one.
Likeness likeness_of(const MergedColumn& a, const MergedColumn& b) {
  const Family family = family_of(a.stats);
  const Family other = family_of(b.stats);
  if (family != other && family != Family::Nothing && other != Family::Nothing) return {};
  int names = 0;
  for (const auto& [mine, files] : a.spellings) {
    for (const auto& [theirs, more] : b.spellings)
      names = std::max(names, name_likeness(mine, theirs));
  }
  if (names >= 800) return {names, "a spelling of the same name"};
  if (family == Family::Nothing || other == Family::Nothing) return {};
  const auto distance = a.place > b.place ? a.place - b.place : b.place - a.place;
  const int place = distance < 150 ? 60 : 0;
  const int64_t distinct = std::min(a.stats.values.distinct(), b.stats.values.distinct());
  const int overlap = a.stats.values.overlap(b.stats.values);
  if (family == Family::Text) {
    // Few different values meet by chance, in columns such as yes and no.
    const int worth = distinct >= 8   ? overlap
                      : distinct >= 2 ? overlap / 2
                                      : overlap / 3 + (names > 0 ? 200 : 0);
    const std::string reason = fmt::format("{}% of its values are the same", overlap / 10);
    if (worth >= 400) return {std::min(1000, worth + names / 3 + place), reason};
    if (names >= 230 && worth >= 60)
      return {400 + worth / 2 + place + names / 10, reason + ", and the names are alike"};
    return {};
  }
  if (family == Family::Date && is_monthly(a.stats) != is_monthly(b.stats)) return {};
  if (names < 170) {
    // "Amount" for what is called "Gross" elsewhere: all that is left is its place.
    const bool has_decimals =
        a.stats.marks[0].fraction_max > 0 && b.stats.marks[0].fraction_max > 0;
    const bool may_be = family == Family::Number && has_decimals && distance < 30;
    return may_be ? Likeness{kSame + 10, "numbers at the same place"} : Likeness{};
  }
  const bool same_look =
      (a.stats.marks[0].fraction_max > 0) == (b.stats.marks[0].fraction_max > 0) ||
      family == Family::Date;
  return {300 + names / 2 + place + (same_look ? 60 : -100),
          family == Family::Date ? "dates, and the names are alike"
                                 : "numbers, and the names are alike"};
}

void merge_into(MergedColumn& column, const MergedColumn& other, const Likeness& likeness) {
  const auto take = [&column](const TakenName& taken) {
    const bool is_known =
        std::any_of(column.taken.begin(), column.taken.end(),
                    [&](const TakenName& one) { return one.header == taken.header; });
    if (!is_known) column.taken.push_back(taken);
  };
  for (const TakenName& taken : other.taken) take(taken);
  for (const auto& [header, files] : other.spellings) {
    take({header, likeness.reason, likeness.points >= kCertain});
    column.spellings[header] += files;
  }
  column.cell_of_file.insert(other.cell_of_file.begin(), other.cell_of_file.end());
  column.stats.merge(other.stats);
}

/// Merges the pairs that are most alike, until none is alike enough.
void merge_alike(std::vector<MergedColumn>& columns) {
  std::map<std::pair<size_t, size_t>, Likeness> alike;
  const auto judge = [&](size_t a, size_t b) {
    if (!stand_together(columns[a], columns[b])) {
      Likeness likeness = likeness_of(columns[a], columns[b]);
      if (likeness.points >= kSame) alike[{a, b}] = std::move(likeness);
    }
  };
  for (size_t a = 0; a < columns.size(); ++a) {
    for (size_t b = a + 1; b < columns.size(); ++b) judge(a, b);
  }
  std::set<size_t> gone;
  while (!alike.empty()) {
    auto best = alike.begin();
    for (auto it = alike.begin(); it != alike.end(); ++it) {
      if (it->second.points > best->second.points) best = it;
    }
    auto [a, b] = best->first;
    const Likeness likeness = best->second;
    // The one that more files have keeps its name.
    if (columns[b].cell_of_file.size() > columns[a].cell_of_file.size()) std::swap(a, b);
    merge_into(columns[a], columns[b], likeness);
    gone.insert(b);
    std::erase_if(alike, [&](const auto& entry) {
      const auto [x, y] = entry.first;
      return x == b || y == b || ((x == a || y == a) && stand_together(columns[x], columns[y]));
    });
  }
  std::vector<MergedColumn> kept;
  for (size_t i = 0; i < columns.size(); ++i) {
    if (!gone.contains(i)) kept.push_back(std::move(columns[i]));
  }
  columns = std::move(kept);
}

/// The usual spelling, unless a misspelling is usual.
std::string title_of(const MergedColumn& column) {
  std::string title = usual_spelling(column);
  for (const auto& [header, files] : column.spellings) {
    if (name_likeness(title, header) >= 800) title = better_spelling(title, header);
  }
  return title;
}

void name_columns(std::vector<MergedColumn>& columns) {
  std::stable_sort(columns.begin(), columns.end(),
                   [](const auto& a, const auto& b) { return a.place < b.place; });
  std::set<std::string> used;
  for (size_t i = 0; i < columns.size(); ++i) {
    columns[i].title = title_of(columns[i]);
    std::string name = column_name(columns[i].title);
    if (name.empty()) name = fmt::format("column_{}", i + 1);
    std::string unique = name;
    for (int n = 2; !used.insert(unique).second; ++n) unique = fmt::format("{}_{}", name, n);
    columns[i].name = unique;
  }
}

bool has_duplicates(const std::vector<FileLook>& looks, const std::vector<size_t>& files) {
  return std::any_of(files.begin(), files.end(), [&](size_t file) {
    std::set<std::string> seen;
    const auto& names = looks[file].header.names;
    return std::any_of(names.begin(), names.end(), [&](const std::string& name) {
      const std::string folded = records::folded_name(name);
      return !folded.empty() && !seen.insert(folded).second;
    });
  });
}

/// Whether most columns of a file's group are found among those of the first.
bool belongs(const std::vector<MergedColumn>& columns, const std::vector<MergedColumn>& others) {
  std::set<size_t> used;
  size_t found = 0;
  for (const MergedColumn& other : others) {
    int best = kSame - 1;
    std::optional<size_t> at;
    for (size_t c = 0; c < columns.size(); ++c) {
      const int points = likeness_of(columns[c], other).points;
      if (used.contains(c) || points <= best) continue;
      best = points;
      at = c;
    }
    if (!at) continue;
    used.insert(*at);
    ++found;
  }
  return found * 10 >= others.size() * 6 && found >= 3;
}

}  // namespace

std::vector<Merged> merge_columns(const std::vector<FileLook>& looks) {
  std::vector<std::vector<size_t>> groups = group_files(looks);
  // A group that looks like an earlier one under other names joins it.
  for (size_t g = 0; g < groups.size(); ++g) {
    if (!looks[groups[g].front()].header.has_header) continue;
    const auto columns = columns_by_name(looks, groups[g]);
    for (size_t h = g + 1; h < groups.size();) {
      const FileLook& other = looks[groups[h].front()];
      const bool same_dialect =
          other.dialect.dialect.delimiter == looks[groups[g].front()].dialect.dialect.delimiter;
      const bool same_format = other.format == looks[groups[g].front()].format &&
                               other.json_path == looks[groups[g].front()].json_path;
      if (other.header.has_header && same_dialect && same_format &&
          !are_of_different_things(looks[groups[g].front()], other) &&
          belongs(columns, columns_by_name(looks, groups[h]))) {
        groups[g].insert(groups[g].end(), groups[h].begin(), groups[h].end());
        groups.erase(groups.begin() + static_cast<std::ptrdiff_t>(h));
      } else {
        ++h;
      }
    }
    std::sort(groups[g].begin(), groups[g].end());
  }
  std::vector<Merged> all;
  for (const std::vector<size_t>& group : groups) {
    Merged merged;
    merged.files = group;
    merged.has_header = looks[group.front()].header.has_header;
    merged.columns = columns_by_name(looks, group);
    if (merged.has_header) merge_alike(merged.columns);
    name_columns(merged.columns);
    merged.has_duplicate_names = has_duplicates(looks, group);
    for (const auto& other : groups) {
      if (&other != &group) merged.others.insert(merged.others.end(), other.begin(), other.end());
    }
    all.push_back(std::move(merged));
  }
  return all;
}

}  // namespace bullion::infer
