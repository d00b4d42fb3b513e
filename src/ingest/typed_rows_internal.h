// Text records to typed bronze rows; refused ones are set aside with every reason.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "engine/row_source.h"
#include "ingest/batch_hash_internal.h"
#include "ingest/ingest.h"
#include "ingest/typed_column_internal.h"
#include "project/project.h"
#include "records/text_record.h"

namespace bullion::ingest {

/// Raw texts of one file's rejected records are kept whole up to this many bytes together; behind
/// that, only kRawBytesLate of each, so that a file of nothing but mistakes stays in memory.
inline constexpr size_t kRawBytesTotalMax = size_t{64} << 20;
inline constexpr size_t kRawBytesLate = 256;

/// Pulls records, checks and types them, and writes the outcome to `parsed` on the way: counts,
/// rejects, amounts; the row hash once the end is reached. All references are borrowed.
class TypedRows final : public engine::RowSource {
 public:
  /// `as_of` of a snapshot source is the same for the whole file.
  TypedRows(records::RecordReader& reader, const project::Source& source,
            std::optional<std::string> as_of, ParsedFile& parsed, std::function<void()> on_batch);

  const delta::Schema& schema() const override { return schema_; }
  Status next(engine::RowBatch& batch) override;

  /// Set when next() failed because of the file's content: it is unreadable as a whole.
  const std::optional<Error>& content_error() const { return content_error_; }
  bool is_finished() const { return finished_; }

 private:
  Status fill(engine::RowBatch& batch);
  bool append_row(engine::RowBatch& batch, std::vector<records::Fault>& faults);
  void reject(std::vector<records::Fault> faults);
  Status add_amounts(const engine::RowBatch& batch);
  void add_as_of(engine::RowBatch& batch);
  void add_row_ids(engine::RowBatch& batch);
  const records::Cell& cell_of(size_t column) const;

  records::RecordReader& reader_;
  ParsedFile& parsed_;
  std::function<void()> on_batch_;
  delta::Schema schema_;
  std::vector<TypedColumn> columns_;
  std::optional<std::string> as_of_;
  std::optional<size_t> as_of_column_;
  bool has_row_ids_ = false;
  std::map<std::pair<uint64_t, uint64_t>, int64_t> occurrences_;  // by the row's content
  std::optional<size_t> amount_column_;
  int amount_scale_ = 0;
  BatchHasher hasher_;
  records::TextRecord record_;
  size_t batch_bytes_ = 0;
  size_t raw_bytes_ = 0;
  std::optional<Error> content_error_;
  bool finished_ = false;
};

}  // namespace bullion::ingest
