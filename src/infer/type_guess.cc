#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infer/name_match_internal.h"
#include "infer/type_guess_internal.h"

namespace bullion::infer {
namespace {

using delta::TypeId;

constexpr int kHeadroom = 3;
constexpr int kPrecisionMin = 18;
constexpr int kPrecisionMax = 38;
constexpr int kScaleMax = 18;

size_t mark_of(const NumberStyle& style) { return style.decimal_mark == ',' ? 1 : 0; }

bool is_numeric(const ColumnStats& stats) {
  return stats.numbers > 0 && stats.numbers * 10 >= stats.filled() * 9;
}

std::string shown(const std::vector<std::string>& examples) {
  return fmt::format("{}", fmt::join(examples, ", "));
}

ColumnType text_type(const ColumnStats& stats) {
  ColumnType type;
  type.type.id = TypeId::String;
  type.text = "string";
  const int64_t distinct = stats.values.distinct();
  if (stats.filled() <= 0) {
    type.evidence = stats.cells == 0
                        ? "no value seen"
                        : fmt::format("{} values, all empty", with_commas(stats.cells));
    type.checks.emplace_back("no value was seen; the type is a guess");
    return type;
  }
  type.evidence = fmt::format("{} values, {}{} different", with_commas(stats.filled()),
                              distinct >= static_cast<int64_t>(ValueSketch::kSize) ? "about " : "",
                              with_commas(distinct));
  if (!stats.examples.empty()) type.evidence += ": " + shown(stats.examples);
  return type;
}

/// "2 of 5,000 are none: `10298896.31.`" for a column that is typed although not all fits.
void add_misfits(const ColumnStats& stats, int64_t fitting, std::string_view what,
                 ColumnType& type) {
  const int64_t misfits = stats.filled() - fitting;
  if (misfits <= 0) return;
  type.checks.push_back(
      fmt::format("{} of {} values are no {} and would be quarantined{}", with_commas(misfits),
                  with_commas(stats.filled()), what,
                  stats.odd_examples.empty() ? "" : ": " + shown(stats.odd_examples)));
}

std::string count_of_order(const DateStyle& style, const DateCount& count) {
  std::string text = fmt::format("{} like {}", with_commas(count.count), count.example);
  if (style.order == DateStyle::Order::YearLast && count.first_max > 12)
    text += fmt::format(" (first number up to {})", count.first_max);
  if (style.order == DateStyle::Order::YearLast && count.second_max > 12)
    text += fmt::format(" (second number up to {})", count.second_max);
  return text;
}

DayOrder order_of(const DateCount& count) {
  if (count.first_max > 12 && count.second_max > 12) return DayOrder::Both;
  if (count.first_max > 12) return DayOrder::DayFirst;
  return count.second_max > 12 ? DayOrder::MonthFirst : DayOrder::Unknown;
}

void add_formats(const DateStyle& style, const DateCount& count, DayOrder order, ColumnType& type) {
  DayOrder own = style.order == DateStyle::Order::YearLast ? order_of(count) : DayOrder::DayFirst;
  if (own == DayOrder::Unknown) {
    own = order;
    if (order == DayOrder::Unknown || order == DayOrder::Both) {
      own = DayOrder::DayFirst;
      type.checks.push_back(
          fmt::format("no value says whether {} begins with the day or the month; "
                      "taken for the day",
                      count.example));
    } else {
      type.checks.push_back(
          fmt::format("{}: day and month are told apart by other columns only", count.example));
    }
  }
  if (own == DayOrder::Both) {
    type.checks.push_back(
        "some dates begin with the day, some with the month; those that can be both "
        "are taken by the first format");
  }
  std::vector<bool> orders;
  if (own != DayOrder::MonthFirst) orders.push_back(true);
  if (own != DayOrder::DayFirst) orders.push_back(false);
  for (const bool day_first : orders) {
    std::string format = strftime_format(style, day_first);
    if (std::find(type.date_formats.begin(), type.date_formats.end(), format) ==
        type.date_formats.end())
      type.date_formats.push_back(std::move(format));
  }
}

ColumnType date_type(const MergedColumn& column, DayOrder order) {
  const ColumnStats& stats = column.stats;
  ColumnType type;
  const bool has_time = std::any_of(stats.styles.begin(), stats.styles.end(),
                                    [](const auto& entry) { return entry.first.time_parts > 0; });
  type.type.id = has_time ? TypeId::Timestamp : TypeId::Date;
  type.text = has_time ? "timestamp" : "date";
  std::vector<std::pair<DateStyle, DateCount>> styles(stats.styles.begin(), stats.styles.end());
  std::stable_sort(styles.begin(), styles.end(),
                   [](const auto& a, const auto& b) { return a.second.count > b.second.count; });
  std::vector<std::string> counts;
  bool is_iso = true;
  for (const auto& [style, count] : styles) {
    add_formats(style, count, order, type);
    is_iso &= style.order == DateStyle::Order::YearFirst && style.separator == '-' &&
              !style.meridiem && !style.short_year && !style.blank_offset;
    if (style.order == DateStyle::Order::YearMonth)
      type.checks.push_back(
          fmt::format("{} is a month; it becomes the month's first day", count.example));
    counts.push_back(count_of_order(style, count));
  }
  if (stats.dates == 0) {
    type.date_formats = {"%Y%m%d"};
    counts.push_back(
        fmt::format("{} like {}", with_commas(stats.compact_dates), shown(stats.number_examples)));
    is_iso = false;
  }
  // ISO 8601 needs no format.
  if (is_iso) type.date_formats.clear();
  if (counts.size() > 4) counts.resize(4);
  type.evidence = fmt::format("{}", fmt::join(counts, "; "));
  add_misfits(stats, std::max(stats.dates, stats.compact_dates), has_time ? "time" : "date", type);
  return type;
}

ColumnType integer_type(const ColumnStats& stats, const NumberCount& count) {
  ColumnType type;
  type.type.id = count.whole_max <= 9 ? TypeId::Integer : TypeId::Long;
  type.text = count.whole_max <= 9 ? "int" : "bigint";
  type.evidence = fmt::format("{} whole numbers of up to {} digits: {}", with_commas(stats.numbers),
                              count.whole_max, shown(stats.number_examples));
  return type;
}

ColumnType decimal_type(const ColumnStats& stats, const NumberStyle& style) {
  const NumberCount& count = stats.marks[mark_of(style)];
  ColumnType type;
  const int scale = std::clamp(count.fraction_max, 2, kScaleMax);
  const int precision =
      std::clamp(count.whole_max + scale + kHeadroom, kPrecisionMin, kPrecisionMax);
  type.type = delta::DataType::decimal(precision, scale);
  type.text = fmt::format("decimal({},{})", precision, scale);
  type.evidence = fmt::format("{} numbers, up to {} digits before the {} and {} behind it",
                              with_commas(stats.numbers), count.whole_max,
                              style.decimal_mark == ',' ? "comma" : "point", count.fraction_max);
  if (stats.negatives > 0)
    type.evidence += fmt::format(", {} negative", with_commas(stats.negatives));
  if (stats.parentheses > 0)
    type.evidence += fmt::format(" ({} in parentheses)", with_commas(stats.parentheses));
  if (count.grouped > 0)
    type.evidence += fmt::format(", {} with thousands marks", with_commas(count.grouped));
  if (stats.exponents > 0)
    type.evidence += fmt::format(", {} with an exponent", with_commas(stats.exponents));
  if (!stats.number_examples.empty()) type.evidence += ": " + shown(stats.number_examples);
  if (count.fraction_max > kScaleMax)
    type.checks.push_back(fmt::format(
        "values with more than {} digits behind the mark would be quarantined", kScaleMax));
  add_misfits(stats, count.fits, "number", type);
  return type;
}

bool is_boolean(const ColumnStats& stats) {
  return stats.booleans > 0 && stats.booleans == stats.filled() && stats.values.distinct() >= 2 &&
         stats.values.distinct() <= 4;
}

bool is_date(const MergedColumn& column) {
  const ColumnStats& stats = column.stats;
  const int64_t filled = stats.filled();
  if (stats.dates > 0 && stats.dates == filled) return true;
  if (stats.dates * 1000 >= filled * 995 && names_date(column.title)) return true;
  return stats.compact_dates > 0 && stats.compact_dates == filled && names_date(column.title);
}

/// Text for identities and codes, whatever they are made of.
bool is_code(const MergedColumn& column, const NumberCount& count) {
  const ColumnStats& stats = column.stats;
  if (stats.leading_zeros > 0) return true;
  if (count.whole_max > 18 && count.fraction_max == 0) return true;
  return stats.plain_digits == stats.numbers && names_identity(column.title) &&
         !names_amount(column.title);
}

std::vector<std::string> null_words_of(const ColumnStats& stats, bool is_text) {
  std::vector<std::string> words;
  for (const auto& [word, count] : stats.null_texts) {
    if (!is_text || is_certain_null_word(word)) words.push_back(word);
  }
  return words;
}

ColumnType type_by_values(const MergedColumn& column, const NumberStyle& style, DayOrder order) {
  const ColumnStats& stats = column.stats;
  const int64_t filled = stats.filled();
  if (filled <= 0) return text_type(stats);
  if (is_date(column)) return date_type(column, order);
  if (is_boolean(stats)) {
    ColumnType type = text_type(stats);
    type.type.id = TypeId::Boolean;
    type.text = "boolean";
    return type;
  }
  const NumberCount& count = stats.marks[mark_of(style)];
  const bool is_amount = names_amount(column.title) && count.fraction_max > 0;
  const bool all_fit = count.fits == filled;
  const bool nearly_fit = is_amount && count.fits * 100 >= filled * 98;
  if ((!all_fit && !nearly_fit) || is_code(column, count)) {
    ColumnType type = text_type(stats);
    if (all_fit && stats.leading_zeros > 0)
      type.evidence += fmt::format("; {} with leading zeros", with_commas(stats.leading_zeros));
    return type;
  }
  const bool whole = stats.plain_digits == stats.numbers && count.fraction_max == 0;
  return whole && !names_amount(column.title) ? integer_type(stats, count)
                                              : decimal_type(stats, style);
}

}  // namespace

std::string with_commas(int64_t number) {
  std::string digits = std::to_string(number);
  for (size_t i = digits.size(); i > 3 && digits[i - 4] != '-';) {
    i -= 3;
    digits.insert(i, ",");
  }
  return digits;
}

NumberStyle guess_number_style(const std::vector<MergedColumn>& columns) {
  NumberStyle style;
  int64_t proofs[2] = {0, 0};
  int64_t fits[2] = {0, 0};
  std::map<std::string, int64_t> signs;
  std::map<char, int64_t> thousands[2];
  for (const MergedColumn& column : columns) {
    const ColumnStats& stats = column.stats;
    if (!is_numeric(stats)) continue;
    for (size_t mark = 0; mark < 2; ++mark) {
      proofs[mark] += stats.marks[mark].proves;
      fits[mark] += stats.marks[mark].fits;
      for (const auto& [sign, count] : stats.thousands[mark]) thousands[mark][sign] += count;
    }
    style.parentheses |= stats.parentheses > 0;
    style.trailing_minus |= stats.trailing_minus > 0;
    for (const auto& [sign, count] : stats.signs) signs[sign] += count;
  }
  const size_t mark = proofs[1] > proofs[0] ? 1 : 0;
  style.decimal_mark = mark == 1 ? ',' : '.';
  int64_t most = 0;
  for (const auto& [sign, count] : thousands[mark]) {
    if (count <= most) continue;
    most = count;
    style.thousands_mark = sign;
  }
  if (proofs[0] == 0 && proofs[1] == 0 && most > 0)
    style.check = "no value tells the decimal mark from the thousands mark";
  if (proofs[0] > 0 && proofs[1] > 0) {
    style.check = fmt::format("{} numbers have a decimal {}, and {} the other mark",
                              with_commas(proofs[mark]), mark == 1 ? "comma" : "point",
                              with_commas(proofs[1 - mark]));
  }
  for (const auto& [sign, count] : signs) style.signs.push_back(sign);
  std::stable_sort(style.signs.begin(), style.signs.end(),
                   [&](const auto& a, const auto& b) { return signs[a] > signs[b]; });
  return style;
}

DayOrder guess_day_order(const std::vector<MergedColumn>& columns) {
  bool day_first = false;
  bool month_first = false;
  for (const MergedColumn& column : columns) {
    if (!is_date(column)) continue;
    for (const auto& [style, count] : column.stats.styles) {
      if (style.order != DateStyle::Order::YearLast) continue;
      day_first |= count.first_max > 12;
      month_first |= count.second_max > 12;
    }
  }
  if (day_first && month_first) return DayOrder::Both;
  if (day_first) return DayOrder::DayFirst;
  return month_first ? DayOrder::MonthFirst : DayOrder::Unknown;
}

ColumnType guess_type(const MergedColumn& column, const NumberStyle& style, DayOrder order) {
  ColumnType type = type_by_values(column, style, order);
  type.null_words = null_words_of(column.stats, type.type.id == TypeId::String);
  if (!type.null_words.empty()) {
    int64_t count = 0;
    for (const std::string& word : type.null_words) count += column.stats.null_texts.at(word);
    type.evidence +=
        fmt::format("; {} times {}", with_commas(count), fmt::join(type.null_words, ", "));
  }
  if (column.stats.empty > 0)
    type.evidence += fmt::format("; {} empty", with_commas(column.stats.empty));
  return type;
}

}  // namespace bullion::infer
