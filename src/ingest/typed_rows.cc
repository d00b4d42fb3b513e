#include <utility>

#include <fmt/format.h>

#include "base/assert.h"
#include "ingest/as_of_internal.h"
#include "ingest/typed_rows_internal.h"
#include "records/display_text.h"

namespace bullion::ingest {
namespace {

using delta::TypeId;

// Offsets inside a batch have 32 bits; a batch ends early when its texts reach this size.
constexpr size_t kBatchBytesMax = size_t{64} << 20;

bool is_amount_type(const delta::DataType& type) {
  return type.id == TypeId::Decimal || type.id == TypeId::Long || type.id == TypeId::Integer ||
         type.id == TypeId::Short || type.id == TypeId::Byte;
}

void append_text(engine::ColumnBatch& batch, std::string_view text) {
  batch.append_text(text);
  batch.nulls.push_back(0);
}

Int128 units_of(const engine::ColumnBatch& column, size_t row) {
  if (column.type.id == TypeId::Decimal && column.type.precision > 18) return column.fixed128[row];
  if (column.type.id == TypeId::Decimal || column.type.id == TypeId::Long)
    return column.fixed64[row];
  return column.fixed32[row];
}

}  // namespace

std::optional<Decimal> read_amount(const project::Source& source, std::string_view text) {
  for (size_t c = 0; c < source.contract.columns.size(); ++c) {
    const delta::Column& column = source.contract.columns[c];
    if (column.name != source.contract.amount_column || !is_amount_type(column.type)) continue;
    const int scale = column.type.id == TypeId::Decimal ? column.type.scale : 0;
    return TypedColumn(source, c, false).readable_amount(text, scale);
  }
  return std::nullopt;
}

TypedRows::TypedRows(records::RecordReader& reader, const project::Source& source,
                     std::optional<std::string> as_of, ParsedFile& parsed,
                     std::function<void()> on_batch)
    : reader_(reader),
      parsed_(parsed),
      on_batch_(std::move(on_batch)),
      schema_(project::bronze_schema(source)),
      as_of_(std::move(as_of)),
      hasher_(source.contract.columns) {
  has_row_ids_ = !source.identity.empty();
  const bool is_text_format = source.format.kind != "parquet";
  for (size_t c = 0; c < source.contract.columns.size(); ++c) {
    columns_.emplace_back(source, c, !is_text_format);
    const delta::Column& column = source.contract.columns[c];
    if (source.snapshot.covers != project::Snapshot::Covers::None &&
        column.name == source.snapshot.as_of) {
      as_of_column_ = c;
    }
    if (column.name == source.contract.amount_column && is_amount_type(column.type)) {
      amount_column_ = c;
      amount_scale_ = column.type.id == TypeId::Decimal ? column.type.scale : 0;
      parsed_.kept_amount.scale = amount_scale_;
    }
  }
}

const records::Cell& TypedRows::cell_of(size_t column) const {
  static constexpr records::Cell kMissing;
  const auto cell = static_cast<size_t>(reader_.cell_of_column()[column]);
  return cell < record_.cells.size() ? record_.cells[cell] : kMissing;
}

Status TypedRows::next(engine::RowBatch& batch) {
  batch.columns.resize(schema_.size());
  for (size_t c = 0; c < schema_.size(); ++c) {
    batch.columns[c].type = schema_[c].type;
    clear(batch.columns[c]);
  }
  batch.rows = 0;
  batch_bytes_ = 0;
  if (!finished_) BULLION_TRY(fill(batch));

  const size_t constants = columns_.size();
  for (size_t row = 0; row < batch.rows; ++row) {
    append_text(batch.columns[constants], parsed_.batch_id);
    append_text(batch.columns[constants + 1], parsed_.file.file_id);
  }
  if (batch.rows > 0) hasher_.add(batch);
  add_as_of(batch);
  add_row_ids(batch);
  BULLION_TRY(add_amounts(batch));
  parsed_.row_hash = hasher_.sum();
  on_batch_();
  return ok();
}

void TypedRows::add_as_of(engine::RowBatch& batch) {
  if (!as_of_ && !as_of_column_) return;
  for (size_t row = 0; row < batch.rows; ++row) {
    append_text(batch.columns[columns_.size() + 3],
                as_of_ ? *as_of_ : as_of_value(batch.columns[*as_of_column_], row));
  }
}

/// The row's content and how many equal rows the file had before it: two equal purchases of one
/// statement are two, and the same two in a statement that overlaps are those two again.
void TypedRows::add_row_ids(engine::RowBatch& batch) {
  if (!has_row_ids_) return;
  engine::ColumnBatch& ids = batch.columns.back();
  for (size_t row = 0; row < batch.rows; ++row) {
    const auto [a, b] = hasher_.hash_of(row);
    const int64_t occurrence = ++occurrences_[{a, b}];
    append_text(ids, fmt::format("{:016x}{:016x}-{}", a, b, occurrence));
  }
}

Status TypedRows::fill(engine::RowBatch& batch) {
  while (batch.rows < engine::kBatchRows && batch_bytes_ < kBatchBytesMax) {
    auto more = reader_.next(record_);
    if (!more) {
      if (more.error().kind() == ErrorKind::Corrupt) content_error_ = more.error();
      return more.error();
    }
    if (!*more) {
      finished_ = true;
      return ok();
    }
    ++parsed_.records;
    std::vector<records::Fault> faults;
    if (append_row(batch, faults)) continue;
    reject(std::move(faults));
  }
  return ok();
}

/// False when the record is refused; `faults` then says why and the batch is as before.
bool TypedRows::append_row(engine::RowBatch& batch, std::vector<records::Fault>& faults) {
  const bool is_whole = record_.faults.empty();
  if (!is_whole) {
    faults = std::move(record_.faults);
    record_.faults.clear();
    if (!record_.has_cells) return false;
  }
  size_t row_bytes = 0;
  for (size_t c = 0; c < columns_.size(); ++c) {
    const records::Cell& cell = cell_of(c);
    const ValueFault fault = columns_[c].append(cell, batch.columns[c]);
    row_bytes += cell.text.size();
    if (fault != ValueFault::None) [[unlikely]] {
      faults.push_back(columns_[c].describe(fault, cell, reader_.place_of(record_, c)));
    }
  }
  if (!faults.empty()) {
    for (size_t c = 0; c < columns_.size(); ++c) drop_last(batch.columns[c]);
    return false;
  }
  engine::ColumnBatch& extra = batch.columns[columns_.size() + 2];
  if (record_.extra.empty()) {
    append_null(extra);
  } else {
    append_text(extra, record_.extra);
    row_bytes += record_.extra.size();
  }
  // Only kept rows count: a batch that ended early without rows would be taken for the end.
  batch_bytes_ += row_bytes;
  ++batch.rows;
  ++parsed_.kept;
  return true;
}

void TypedRows::reject(std::vector<records::Fault> faults) {
  Rejected rejected;
  rejected.record = parsed_.records;
  rejected.line = record_.line;
  for (records::Fault& fault : faults) {
    rejected.codes.emplace_back(fault.code);
    rejected.reasons.push_back(std::move(fault.reason));
  }
  const size_t raw_max = raw_bytes_ < kRawBytesTotalMax ? records::kRawBytesMax : kRawBytesLate;
  rejected.raw = records::display_text(reader_.raw_text(record_), raw_max);
  raw_bytes_ += rejected.raw.size();
  if (amount_column_ && (record_.has_cells || record_.has_cell_places)) {
    const records::Cell& cell = cell_of(*amount_column_);
    if (cell.kind == records::CellKind::Bare || cell.kind == records::CellKind::Quoted) {
      rejected.amount = columns_[*amount_column_].readable_amount(cell.text, amount_scale_);
    }
  }
  parsed_.rejected.push_back(std::move(rejected));
}

Status TypedRows::add_amounts(const engine::RowBatch& batch) {
  if (!amount_column_) return ok();
  const engine::ColumnBatch& column = batch.columns[*amount_column_];
  for (size_t row = 0; row < batch.rows; ++row) {
    if (column.nulls[row] != 0) continue;
    if (__builtin_add_overflow(parsed_.kept_amount.units, units_of(column, row),
                               &parsed_.kept_amount.units)) {
      content_error_ =
          corrupt(fmt::format("the sum of column {} has more digits than 128 bits hold",
                              schema_[*amount_column_].name));
      return *content_error_;
    }
  }
  return ok();
}

}  // namespace bullion::ingest
