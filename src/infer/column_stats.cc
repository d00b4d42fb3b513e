#include <algorithm>

#include "infer/column_stats_internal.h"
#include "infer/date_shape_internal.h"
#include "infer/text_rows_internal.h"

namespace bullion::infer {
namespace {

constexpr size_t kExamples = 3;
constexpr size_t kExampleBytes = 60;
constexpr size_t kNullTextsMax = 8;

void keep_example(std::vector<std::string>& examples, std::string_view text) {
  if (examples.size() >= kExamples || text.size() > kExampleBytes) return;
  if (std::find(examples.begin(), examples.end(), text) == examples.end())
    examples.emplace_back(text);
}

/// FNV-1a with a final mix, so that small hashes are as good as any.
uint64_t hash_of(std::string_view text) {
  uint64_t hash = 0xCBF29CE484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3U;
  hash ^= hash >> 33U;
  hash *= 0xFF51AFD7ED558CCDU;
  hash ^= hash >> 33U;
  hash *= 0xC4CEB9FE1A85EC53U;
  return hash ^ (hash >> 33U);
}

}  // namespace

void ValueSketch::insert(uint64_t hash) {
  if (hashes_.size() == kSize && hash >= hashes_.back()) return;
  const auto at = std::lower_bound(hashes_.begin(), hashes_.end(), hash);
  if (at != hashes_.end() && *at == hash) return;
  hashes_.insert(at, hash);
  if (hashes_.size() > kSize) hashes_.pop_back();
}

void ValueSketch::add(std::string_view text) { insert(hash_of(text)); }

void ValueSketch::merge(const ValueSketch& other) {
  for (const uint64_t hash : other.hashes_) insert(hash);
}

int64_t ValueSketch::distinct() const {
  if (hashes_.size() < kSize) return static_cast<int64_t>(hashes_.size());
  // The k smallest of n hashes lie below k / n of their range.
  const uint64_t step = hashes_.back() / kSize;
  return step == 0 ? INT64_MAX : static_cast<int64_t>(UINT64_MAX / step);
}

int ValueSketch::overlap(const ValueSketch& other) const {
  if (hashes_.empty() || other.hashes_.empty()) return 0;
  // Only below the smaller of the two limits do both sketches know every value.
  uint64_t limit = UINT64_MAX;
  if (hashes_.size() == kSize) limit = std::min(limit, hashes_.back());
  if (other.hashes_.size() == kSize) limit = std::min(limit, other.hashes_.back());
  const auto count_below = [limit](const std::vector<uint64_t>& all) {
    return std::upper_bound(all.begin(), all.end(), limit) - all.begin();
  };
  const auto mine = count_below(hashes_);
  const auto others = count_below(other.hashes_);
  std::vector<uint64_t> shared;
  std::set_intersection(hashes_.begin(), hashes_.begin() + mine, other.hashes_.begin(),
                        other.hashes_.begin() + others, std::back_inserter(shared));
  const auto smaller = std::min(mine, others);
  return smaller == 0 ? 0 : static_cast<int>(1000 * static_cast<int64_t>(shared.size()) / smaller);
}

void ColumnStats::add_number(const CellShape& shape, std::string_view text) {
  ++numbers;
  keep_example(number_examples, text);
  for (size_t mark = 0; mark < 2; ++mark) {
    const NumberReading& reading = shape.readings[mark];
    if (!reading.fits) continue;
    NumberCount& count = marks[mark];
    ++count.fits;
    count.proves += shape.readings[1 - mark].fits ? 0 : 1;
    count.whole_max = std::max(count.whole_max, reading.whole);
    count.fraction_max = std::max(count.fraction_max, reading.fraction);
    if (reading.grouped) {
      ++count.grouped;
      ++thousands[mark][reading.thousands];
    }
  }
  negatives += shape.negative ? 1 : 0;
  parentheses += shape.parentheses ? 1 : 0;
  trailing_minus += shape.trailing_minus ? 1 : 0;
  exponents += shape.exponent ? 1 : 0;
  leading_zeros += shape.leading_zero ? 1 : 0;
  plain_digits += shape.plain_digits ? 1 : 0;
  compact_dates += is_compact_date(text) ? 1 : 0;
  if (!shape.sign.empty()) ++signs[std::string(shape.sign)];
}

void ColumnStats::add(std::string_view cell, bool quoted) {
  ++cells;
  const std::string_view text = trimmed(cell);
  if (text.empty()) {
    ++empty;
    return;
  }
  if (!quoted && text.size() != cell.size()) ++padded;
  length_max = std::max(length_max, text.size());
  values.add(text);
  keep_example(examples, text);
  const CellShape shape = shape_of(text);
  switch (shape.kind) {
    case CellShape::Kind::Empty:
      break;
    case CellShape::Kind::NullWord:
      ++null_words;
      if (null_texts.size() < kNullTextsMax || null_texts.contains(std::string(text)))
        ++null_texts[std::string(text)];
      break;
    case CellShape::Kind::Number:
      add_number(shape, text);
      break;
    case CellShape::Kind::Date: {
      ++dates;
      DateCount& count = styles[shape.date];
      if (count.count++ == 0) count.example = text;
      count.first_max = std::max(count.first_max, shape.first);
      count.second_max = std::max(count.second_max, shape.second);
      break;
    }
    case CellShape::Kind::Time:
      ++times;
      break;
    case CellShape::Kind::Boolean:
      ++booleans;
      break;
    case CellShape::Kind::Text:
      ++texts;
      keep_example(odd_examples, text);
      break;
  }
}

void ColumnStats::merge(const ColumnStats& other) {
  cells += other.cells;
  empty += other.empty;
  numbers += other.numbers;
  dates += other.dates;
  times += other.times;
  booleans += other.booleans;
  texts += other.texts;
  null_words += other.null_words;
  padded += other.padded;
  for (const auto& [text, count] : other.null_texts) null_texts[text] += count;
  for (size_t mark = 0; mark < 2; ++mark) {
    NumberCount& mine = marks[mark];
    const NumberCount& theirs = other.marks[mark];
    mine.fits += theirs.fits;
    mine.grouped += theirs.grouped;
    mine.proves += theirs.proves;
    mine.whole_max = std::max(mine.whole_max, theirs.whole_max);
    mine.fraction_max = std::max(mine.fraction_max, theirs.fraction_max);
    for (const auto& [sign, count] : other.thousands[mark]) thousands[mark][sign] += count;
  }
  negatives += other.negatives;
  parentheses += other.parentheses;
  trailing_minus += other.trailing_minus;
  exponents += other.exponents;
  leading_zeros += other.leading_zeros;
  plain_digits += other.plain_digits;
  compact_dates += other.compact_dates;
  for (const auto& [sign, count] : other.signs) signs[sign] += count;
  for (const auto& [style, theirs] : other.styles) {
    DateCount& mine = styles[style];
    if (mine.count == 0) mine.example = theirs.example;
    mine.count += theirs.count;
    mine.first_max = std::max(mine.first_max, theirs.first_max);
    mine.second_max = std::max(mine.second_max, theirs.second_max);
  }
  length_max = std::max(length_max, other.length_max);
  for (const std::string& text : other.examples) keep_example(examples, text);
  for (const std::string& text : other.odd_examples) keep_example(odd_examples, text);
  for (const std::string& text : other.number_examples) keep_example(number_examples, text);
  values.merge(other.values);
}

}  // namespace bullion::infer
