// Rejected records as rows of a table of their own.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/assert.h"
#include "base/time_units.h"
#include "engine/engine.h"
#include "ingest/batch_hash_internal.h"
#include "ingest/ingest.h"

namespace bullion::ingest {
namespace {

/// The amount at the column's scale; nullopt when the column cannot hold it.
std::optional<Int128> units_at(const Decimal& amount, const delta::DataType& type) {
  const ParsedDecimal parsed = parse_decimal(to_string(amount), type.precision, type.scale);
  if (parsed.fault) return std::nullopt;
  return parsed.units;
}

class RejectedRows final : public engine::RowSource {
 public:
  RejectedRows(const project::Source& rejects, const ParsedFile& parsed, int64_t received_at_us)
      : schema_(project::bronze_schema(rejects)),
        parsed_(parsed),
        received_on_(static_cast<int32_t>(received_at_us / kMicrosPerDay)),
        hasher_(rejects.contract.columns) {}

  const delta::Schema& schema() const override { return schema_; }
  const RowHashSum& hash() const { return hasher_.sum(); }

  Status next(engine::RowBatch& batch) override {
    batch.columns.assign(schema_.size(), {});
    batch.rows = std::min(engine::kBatchRows, parsed_.rejected.size() - next_);
    for (size_t c = 0; c < schema_.size(); ++c) {
      batch.columns[c].type = schema_[c].type;
      for (size_t row = 0; row < batch.rows; ++row) {
        const bool present =
            append(schema_[c].name, parsed_.rejected[next_ + row], batch.columns[c]);
        batch.columns[c].nulls.push_back(present ? 0 : 1);
      }
    }
    if (batch.rows > 0) hasher_.add(batch);
    next_ += batch.rows;
    return ok();
  }

 private:
  /// Appends a value; false when it is NULL, of which it appends the place.
  bool append(const std::string& name, const Rejected& rejected, engine::ColumnBatch& out) const {
    if (name == "received_on") {
      out.fixed32.push_back(received_on_);
      return true;
    }
    if (name == "record" || name == "line") {
      const int64_t number = name == "record" ? rejected.record : rejected.line;
      out.fixed64.push_back(number);
      return name == "record" || number > 0;
    }
    if (name == "amount") return append_amount(rejected, out);
    out.append_text(text_of(name, rejected));
    return name != "_extra" && (name != "raw" || !rejected.raw.empty());
  }

  static bool append_amount(const Rejected& rejected, engine::ColumnBatch& out) {
    std::optional<Int128> units;
    if (rejected.amount) units = units_at(*rejected.amount, out.type);
    if (out.type.precision <= 18) {
      out.fixed64.push_back(static_cast<int64_t>(units.value_or(0)));
    } else {
      out.fixed128.push_back(units.value_or(0));
    }
    return units.has_value();
  }

  std::string text_of(const std::string& name, const Rejected& rejected) const {
    if (name == "file") return parsed_.file.original_path;
    if (name == "code") return rejected.codes.empty() ? "" : rejected.codes.front();
    if (name == "codes") return fmt::format("{}", fmt::join(rejected.codes, "; "));
    if (name == "reasons") return fmt::format("{}", fmt::join(rejected.reasons, "; "));
    if (name == "raw") return rejected.raw;
    if (name == "_batch_id") return parsed_.batch_id;
    if (name == "_file_id") return parsed_.file.file_id;
    BULLION_ASSERT(name == "_extra");
    return "";
  }

  delta::Schema schema_;
  const ParsedFile& parsed_;
  int32_t received_on_;
  BatchHasher hasher_;
  size_t next_ = 0;
};

}  // namespace

Result<StagedRejects> stage_rejected(engine::Engine& engine, const project::Source& rejects,
                                     const ParsedFile& parsed, int64_t received_at_us,
                                     const std::string& table_location,
                                     const std::string& file_prefix) {
  StagedRejects out;
  if (parsed.rejected.empty()) return out;
  RejectedRows rows(rejects, parsed, received_at_us);
  const engine::StageRequest request{.directory = table_location,
                                     .file_prefix = file_prefix,
                                     .schema = rows.schema(),
                                     .partition_columns = {},
                                     .order_by = {}};
  BULLION_TRY_ASSIGN(out.staged, engine.stage_rows(rows, request));
  out.row_hash = rows.hash();
  return out;
}

}  // namespace bullion::ingest
