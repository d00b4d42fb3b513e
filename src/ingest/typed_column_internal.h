// Text to typed values by the contract, one column at a time, exactly or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_pattern.h"
#include "delta/schema.h"
#include "engine/row_source.h"
#include "ingest/date_text_internal.h"
#include "project/project.h"
#include "records/text_record.h"

namespace bullion::ingest {

/// Why one value was refused; None when it was taken.
enum class ValueFault : uint8_t {
  None,
  MissingValue,
  NotAccepted,
  NotMatching,
  NotInRange,
  NestedValue,
  BadDecimal,
  LostDigits,
  TooManyDigits,
  BadInteger,
  OutOfRange,
  BadNumber,
  BadBoolean,
  BadDate,
  BadTimestamp,
  TimeComesTwice,
  TimeNeverComes,
  UnknownZone,
};

/// Parses the cells of one contract column. Not thread-safe.
class TypedColumn {
 public:
  /// `allow_non_finite`: NaN and infinities are values (Parquet), not mistakes (text).
  TypedColumn(const project::Source& source, size_t column, bool allow_non_finite);

  const delta::Column& column() const { return column_; }

  /// Appends one value to `batch`, always, so that all columns stay equally long: on a fault the
  /// value is a place-holder and the caller takes the row back.
  ValueFault append(const records::Cell& cell, engine::ColumnBatch& batch) const;

  /// "cost: `0.129` has digits that ...; expected ...", with its stable code. `place` (not empty:
  /// "cell K12") goes behind the column's name.
  records::Fault describe(ValueFault fault, const records::Cell& cell,
                          std::string_view place = {}) const;

  /// The amount that a text of this column names, at `scale` when that holds it, else at the
  /// smallest scale that does. nullopt when it is no number or needs more than 38 digits.
  std::optional<Decimal> readable_amount(std::string_view text, int scale) const;

 private:
  enum class RangeEnd : uint8_t { Above, AtLeast, Below, AtMost };

  void take_rules(const project::Contract& contract);
  bool is_null(const records::Cell& cell, std::string_view text) const;
  ValueFault append_plain_value(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault append_value(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault append_integer(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault append_decimal(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault append_date(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault append_time(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault append_double(std::string_view text, engine::ColumnBatch& batch) const;
  ValueFault check_last(const engine::ColumnBatch& batch) const;
  bool is_accepted(const engine::ColumnBatch& batch) const;
  bool is_in_range(const engine::ColumnBatch& batch) const;
  std::string what_is_wrong(ValueFault fault) const;

  delta::Column column_;
  project::ValueFormat format_;
  DateReader dates_;
  bool is_plain_number_ = true;  // parsed as it stands
  bool trim_ = false;
  bool empty_is_null_ = false;
  bool allow_non_finite_ = false;
  std::vector<std::string> null_words_;
  std::vector<std::string> accepted_texts_;
  engine::ColumnBatch accepted_;  // accepted_texts_ as values of the column's type
  std::optional<TextPattern> pattern_;
  std::string pattern_text_;
  project::ValueRange range_;
  std::vector<RangeEnd> range_ends_;
  engine::ColumnBatch range_values_;  // one for each of range_ends_
  bool is_checked_ = false;           // there is something that values must hold
};

/// Appends NULL.
void append_null(engine::ColumnBatch& batch);
/// Takes the last value back.
void drop_last(engine::ColumnBatch& batch);
/// Empties a batch column, keeping its memory.
void clear(engine::ColumnBatch& batch);

}  // namespace bullion::ingest
