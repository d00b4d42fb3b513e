#include <algorithm>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infer/cadence_guess_internal.h"
#include "infer/name_match_internal.h"
#include "infer/sample_internal.h"
#include "infer/source_draft_internal.h"
#include "infer/text_rows_internal.h"
#include "records/header.h"

namespace bullion::infer {
namespace {

using delta::TypeId;

std::string plural(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", with_commas(count), what, count == 1 ? "" : "s");
}

/// The value most files of the family have, and how many.
template <typename Value, typename Get>
std::pair<Value, size_t> usual(const std::vector<FileLook>& looks, const std::vector<size_t>& files,
                               Get get) {
  std::map<Value, size_t> counts;
  for (const size_t file : files) ++counts[get(looks[file])];
  const auto most =
      std::max_element(counts.begin(), counts.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  return *most;
}

std::string name_of_character(char c) {
  if (c == '\t') return "tab";
  if (c == ' ') return "space";
  return std::string(1, c);
}

class Drafter {
 public:
  Drafter(const std::vector<FileLook>& looks, const Merged& merged, SourceDraft& draft)
      : looks_(looks), merged_(merged), draft_(draft) {}

  void run() {
    for (const size_t file : merged_.files) draft_.rows += looks_[file].rows;
    draft_.file_count = merged_.files.size();
    const FileLook& first = looks_[merged_.files.front()];
    draft_.format.kind = first.format;
    draft_.format.json_path = first.json_path;
    members();
    const bool is_table = first.format == "csv" || first.format == "xlsx";
    if (first.format == "csv") {
      dialect();
      encodings();
    }
    if (is_table) {
      header();
      field_count();
    }
    columns();
    roles();
    if (is_table) {
      draft_.excludes = guess_excludes(looks_, merged_, draft_.amount, draft_.checks);
      for (const ExcludeGuess& guess : draft_.excludes) draft_.format.exclude.push_back(guess.rule);
    }
    periods();
    cadence();
    notes();
  }

 private:
  /// Of an archive with tables of other kinds, those of this one.
  void members() {
    std::set<std::string> archives;
    for (const size_t file : merged_.files) {
      if (!looks_[file].container.empty()) archives.insert(looks_[file].container);
    }
    const bool has_others = std::any_of(looks_.begin(), looks_.end(), [&](const FileLook& look) {
      const auto at = static_cast<size_t>(&look - looks_.data());
      return archives.contains(look.container) &&
             std::find(merged_.files.begin(), merged_.files.end(), at) == merged_.files.end();
    });
    if (!has_others) return;
    std::set<std::string> names;
    for (const size_t file : merged_.files) {
      if (!looks_[file].member.empty()) names.insert(looks_[file].member);
    }
    draft_.format.members.assign(names.begin(), names.end());
    draft_.evidence["members"] = "the archive has other tables too";
  }

  /// Files with dates in their names come at regular times, perhaps.
  void cadence() {
    if (draft_.day_column.empty()) return;
    std::vector<std::string> names;
    for (const size_t file : merged_.files) names.push_back(file_name(looks_[file].path));
    const CadenceGuess guess = guess_cadence(names);
    if (guess.every.empty()) return;
    draft_.hints.push_back(fmt::format("cadence: {{every: {}, day: {}}}  # {}", guess.every,
                                       draft_.day_column, guess.evidence));
  }

  void dialect() {
    const auto of = [](const FileLook& look) {
      const Dialect& d = look.dialect.dialect;
      return std::tuple(d.delimiter, d.quote, d.escape, look.dialect.comment);
    };
    // Files without quotes or comments say nothing about them, so the rarest dialect of the usual
    // delimiter is the one that all of them fit.
    const auto [delimiter, count] = usual<char>(
        looks_, merged_.files, [](const FileLook& look) { return look.dialect.dialect.delimiter; });
    draft_.format.delimiter = delimiter;
    draft_.format.quote = usual<char>(looks_, merged_.files, [](const FileLook& look) {
                            return look.dialect.dialect.quote;
                          }).first;
    for (const size_t file : merged_.files) {
      const auto [own, quote, escape, comment] = of(looks_[file]);
      if (own != delimiter) continue;
      if (escape != '\0') draft_.format.escape = escape;
      if (comment != '\0') draft_.format.comment = comment;
    }
    const FileLook& first = looks_[merged_.files.front()];
    draft_.evidence["delimiter"] = fmt::format(
        "{} of {} files; {}% of the rows of {} have {} fields", count, merged_.files.size(),
        first.dialect.same_width / 10, file_name(first.path), first.dialect.width);
    if (!first.dialect.is_certain) {
      draft_.checks.push_back(fmt::format("another delimiter than {} makes as good a table of {}",
                                          yaml_text(name_of_character(delimiter)),
                                          file_name(first.path)));
    }
    int64_t padded = 0;
    for (const MergedColumn& column : merged_.columns) padded += column.stats.padded;
    draft_.format.trim = padded > 0;
    if (padded > 0)
      draft_.evidence["trim"] = fmt::format("{} have blanks around them", plural(padded, "value"));
  }

  void encodings() {
    std::map<std::string, size_t> counts;
    bool is_certain = true;
    for (const size_t file : merged_.files) {
      ++counts[looks_[file].encoding.name];
      is_certain &= looks_[file].encoding.is_certain;
    }
    std::string single;
    std::vector<std::string> shown;
    draft_.format.encodings.clear();
    if (counts.contains("utf-8")) draft_.format.encodings.emplace_back("utf-8");
    for (const auto& [name, count] : counts) {
      shown.push_back(fmt::format("{} {}", plural(static_cast<int64_t>(count), "file"), name));
      if (name.starts_with("utf-")) {
        if (name != "utf-8") draft_.format.encodings.push_back(name);
      } else if (single.empty() || count > counts[single]) {
        single = name;
      }
    }
    // An encoding of single bytes fits everything, so it is tried last, and one is enough.
    if (!single.empty()) draft_.format.encodings.push_back(single);
    draft_.evidence["encoding"] = fmt::format("{}", fmt::join(shown, ", "));
    if (!is_certain)
      draft_.checks.push_back(fmt::format(
          "{} is the most plausible encoding of single bytes; look at names with accents", single));
  }

  void header() {
    project::FileFormat& format = draft_.format;
    format.header = merged_.has_header;
    const FileLook& first = looks_[merged_.files.front()];
    if (!first.header.is_certain) {
      draft_.checks.push_back(
          fmt::format("whether {} begins with a header is not sure", file_name(first.path)));
    }
    if (!merged_.has_header) {
      draft_.evidence["header"] =
          fmt::format("the first row of {} is like those below it", file_name(first.path));
      return;
    }
    format.header_rows = usual<int>(looks_, merged_.files, [](const FileLook& look) {
                           return look.header.rows;
                         }).first;
    size_t last = 0;
    size_t with_preamble = 0;
    std::string example;
    for (const size_t file : merged_.files) {
      const FileLook& look = looks_[file];
      if (look.header.at == 0) continue;
      if (with_preamble++ == 0)
        example = fmt::format("{} line {}", file_name(look.path), look.header_line);
      last = std::max(last, look.header.at);
    }
    if (merged_.has_duplicate_names) return by_place(first);
    if (last > 0) {
      format.header_within = static_cast<int>(std::min<size_t>(last + 1 + 5, 1000));
      draft_.evidence["header_within"] = fmt::format(
          "{} a preamble, e.g. the header of {}",
          with_preamble == 1 ? "1 file has" : fmt::format("{} files have", with_preamble), example);
    }
    for (const size_t file : merged_.files) {
      if (looks_[file].header.rows != format.header_rows)
        draft_.checks.push_back(fmt::format("the header of {} has {} rows",
                                            file_name(looks_[file].path),
                                            looks_[file].header.rows));
    }
  }

  /// A header that names two columns alike cannot be searched for names.
  void by_place(const FileLook& first) {
    draft_.format.header = false;
    draft_.format.header_rows = 1;
    draft_.format.skip_rows = static_cast<int>(first.header_line) + first.header.rows - 1;
    draft_.evidence["header"] = "names come twice in it, so columns are taken by their place";
    if (merged_.files.size() > 1)
      draft_.checks.emplace_back(
          "columns are taken by their place; all files must have the same order");
  }

  void field_count() {
    int64_t short_rows = 0;
    int64_t long_rows = 0;
    int64_t faulty = 0;
    std::string example;
    for (const size_t file : merged_.files) {
      const FileLook& look = looks_[file];
      short_rows += look.short_rows;
      long_rows += look.long_rows;
      faulty += look.faulty_rows;
      if (example.empty() && look.short_rows + look.long_rows > 0) example = file_name(look.path);
    }
    // Cut rows are a mistake when they are few, and a habit of the program that wrote them when
    // many.
    const bool is_habit =
        draft_.rows > 20 ? short_rows * 50 > draft_.rows : short_rows * 2 > draft_.rows;
    if (is_habit) draft_.format.field_count = project::FieldCount::PadShort;
    if (long_rows * 2 > draft_.rows) {
      draft_.format.field_count = project::FieldCount::Ignore;
      draft_.checks.emplace_back(
          "most rows have more fields than the header; the others go to `_extra`");
    }
    if (short_rows + long_rows > 0) {
      draft_.evidence["field_count"] =
          fmt::format("{} with fewer fields than the header, {} with more, e.g. in {}",
                      plural(short_rows, "row"), with_commas(long_rows), example);
    }
    if (faulty > 0)
      draft_.checks.push_back(
          fmt::format("{} with a misplaced quote would be quarantined", plural(faulty, "row")));
  }

  void columns() {
    draft_.numbers = guess_number_style(merged_.columns);
    if (!draft_.numbers.check.empty()) draft_.checks.push_back(draft_.numbers.check);
    const DayOrder order = guess_day_order(merged_.columns);
    std::set<std::string> certain_nulls;
    for (const MergedColumn& merged : merged_.columns) {
      DraftColumn column;
      column.name = merged.name;
      column.type = guess_type(merged, draft_.numbers, order);
      column.checks = column.type.checks;
      names(merged, column);
      for (const std::string& word : column.type.null_words) {
        if (is_certain_null_word(word)) certain_nulls.insert(word);
      }
      draft_.columns.push_back(std::move(column));
    }
    draft_.null_words = {""};
    draft_.null_words.insert(draft_.null_words.end(), certain_nulls.begin(), certain_nulls.end());
    for (DraftColumn& column : draft_.columns) {
      const bool needs_more =
          std::any_of(column.type.null_words.begin(), column.type.null_words.end(),
                      [&](const std::string& word) { return !certain_nulls.contains(word); });
      if (!needs_more) continue;
      column.null_words = draft_.null_words;
      for (const std::string& word : column.type.null_words) {
        if (!certain_nulls.contains(word)) column.null_words.push_back(word);
      }
    }
  }

  void names(const MergedColumn& merged, DraftColumn& column) const {
    if (!draft_.format.header) {
      if (!merged.title.empty()) column.notes.push_back("header: " + merged.title);
      return;
    }
    std::vector<std::pair<std::string, int>> spellings(merged.spellings.begin(),
                                                       merged.spellings.end());
    std::stable_sort(spellings.begin(), spellings.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    // What differs in capitals and blanks alone is found without being said twice.
    std::set<std::string> folded;
    for (const auto& [header, files] : spellings) {
      if (header != column.name && folded.insert(records::folded_name(header)).second)
        column.source_names.push_back(header);
    }
    for (const TakenName& taken : merged.taken) {
      const auto file = std::find_if(merged_.files.begin(), merged_.files.end(), [&](size_t index) {
        const auto& header = looks_[index].header.names;
        return std::any_of(header.begin(), header.end(), [&](const std::string& name) {
          return trimmed(records::without_byte_order_marks(name)) == taken.header;
        });
      });
      const std::string where =
          file == merged_.files.end() ? "" : " (" + file_name(looks_[*file].path) + ")";
      (taken.is_certain ? column.notes : column.checks)
          .push_back(fmt::format("`{}`{}: {}", taken.header, where, taken.reason));
    }
    if (merged.cell_of_file.size() < merged_.files.size())
      column.notes.push_back(
          fmt::format("in {} of {} files", merged.cell_of_file.size(), merged_.files.size()));
  }

  /// Which columns are the amount, its currency and its day.
  void roles() {
    int best = 0;
    int64_t best_day = 0;
    int candidates = 0;
    for (size_t i = 0; i < draft_.columns.size(); ++i) {
      const DraftColumn& column = draft_.columns[i];
      const MergedColumn& merged = merged_.columns[i];
      const int points = amount_points(column, merged);
      candidates += points > 0 ? 1 : 0;
      if (points > best) {
        best = points;
        draft_.amount = column.name;
      }
      if (column.type.type.id == TypeId::String && names_currency(merged.title) &&
          merged.stats.length_max == 3) {
        currency(column.name, merged);
      }
      const bool is_day = column.type.type.id == TypeId::Date;
      const int64_t day_points = is_day ? merged.stats.dates + merged.stats.compact_dates : 0;
      if (day_points > best_day) {
        best_day = day_points;
        draft_.day_column = column.name;
      }
    }
    if (candidates > 1) draft_.evidence["amount"] = "check: other columns are amounts too";
    for (size_t i = 0; i < draft_.columns.size(); ++i) {
      DraftColumn& column = draft_.columns[i];
      const ColumnStats& stats = merged_.columns[i].stats;
      const bool in_all = merged_.columns[i].cell_of_file.size() == merged_.files.size();
      const bool is_role = column.name == draft_.amount || column.name == draft_.day_column;
      column.not_null =
          is_role && in_all && stats.empty == 0 && stats.null_words == 0 && stats.cells >= 20;
    }
  }

  /// A currency that some rows lack is none to rely on.
  void currency(const std::string& name, const MergedColumn& merged) {
    const bool is_whole = merged.cell_of_file.size() == merged_.files.size() &&
                          merged.stats.empty == 0 && merged.stats.null_words == 0;
    if (is_whole && draft_.currency_column.empty()) {
      draft_.currency_column = name;
    } else {
      draft_.hints.push_back(fmt::format("currency_column: {}  # check: filled in {} of {} rows",
                                         name, with_commas(merged.stats.filled()),
                                         with_commas(draft_.rows)));
    }
  }

  static int amount_points(const DraftColumn& column, const MergedColumn& merged) {
    if (column.type.type.id != TypeId::Decimal) return 0;
    const auto words = words_of(merged.title);
    const auto has = [&](std::initializer_list<std::string_view> wanted) {
      return std::any_of(words.begin(), words.end(), [&](const std::string& word) {
        return std::find(wanted.begin(), wanted.end(), word) != wanted.end();
      });
    };
    int points = 10 + (names_amount(merged.title) ? 20 : 0);
    if (has({"amount", "amt", "value", "spend", "cost", "betrag"})) points += 10;
    if (has({"gross"})) points += 12;
    if (has({"net"})) points += 8;
    if (has({"vat", "tax"}) && !has({"net", "gross"})) points -= 25;
    if (has({"balance", "saldo", "rate", "price", "unit", "percent", "quantity", "qty", "fee",
             "limit"}))
      points -= 15;
    if (merged.stats.negatives > 0) points += 2;
    if (merged.stats.empty * 2 > merged.stats.cells) points -= 8;
    return points;
  }

  /// Columns whose names are months or years are values of one column.
  void periods() {
    std::vector<std::string> names;
    for (const MergedColumn& column : merged_.columns) {
      if (names_period(column.title)) names.push_back(column.title);
    }
    if (names.size() < 4) return;
    draft_.checks.push_back(fmt::format(
        "{} columns are periods ({} ... {}): `unpivot` makes rows of them; declare `period` "
        "and `amount` in their place",
        names.size(), names.front(), names.back()));
    std::vector<std::string> quoted;
    for (const std::string& name : names) quoted.push_back(yaml_text(name));
    draft_.hints.push_back(fmt::format("unpivot: {{columns: [{}], name: period, value: amount}}",
                                       fmt::join(quoted, ", ")));
  }

  void notes() {
    std::map<uint64_t, std::string> seen;
    for (const size_t file : merged_.files) {
      const FileLook& look = looks_[file];
      if (!look.nested.empty()) {
        draft_.notes.push_back(
            fmt::format("{}: {} hold objects or arrays; they stay as text in "
                        "`_extra`",
                        file_name(look.path), fmt::join(look.nested, ", ")));
      }
      if (!look.is_whole)
        draft_.notes.push_back(fmt::format(
            "{} is big: its beginning, middle and end were looked at", file_name(look.path)));
      const auto [first, is_new] = seen.emplace(look.digest, look.path);
      if (!is_new)
        draft_.notes.push_back(fmt::format("{} has the same bytes as {}; it loads once",
                                           file_name(look.path), file_name(first->second)));
    }
    for (size_t i = 0; i < looks_.size(); ++i) {
      if (!looks_[i].fault.empty())
        draft_.notes.push_back(fmt::format("{}: {}", file_name(looks_[i].path), looks_[i].fault));
    }
    std::vector<std::string> others;
    for (const size_t file : merged_.others) others.push_back(file_name(looks_[file].path));
    if (others.empty()) return;
    const size_t count = others.size();
    if (others.size() > 5) others.resize(5);
    draft_.checks.push_back(fmt::format(
        "{} of another kind{}: {}{}", count == 1 ? "1 file is" : fmt::format("{} files are", count),
        " and would be refused", fmt::join(others, ", "), count > 5 ? ", ..." : ""));
  }

  const std::vector<FileLook>& looks_;
  const Merged& merged_;
  SourceDraft& draft_;
};

}  // namespace

SourceDraft draft_source(const std::vector<FileLook>& looks, const Merged& merged,
                         const std::string& name, const std::vector<std::string>& patterns) {
  SourceDraft draft;
  draft.name = name;
  draft.files = patterns;
  Drafter(looks, merged, draft).run();
  return draft;
}

}  // namespace bullion::infer
