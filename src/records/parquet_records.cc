#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "records/header.h"
#include "records/json_text_internal.h"
#include "records/parquet_records_internal.h"

namespace bullion::records {
namespace {

using Row = std::vector<std::optional<std::string>>;
using Block = std::vector<Row>;

constexpr size_t kBlockRows = 1024;
constexpr size_t kBlocksAhead = 8;

/// Rows handed from the thread that reads to the one that types. Bounded; closed from either side.
class RowQueue {
 public:
  /// False when nobody will take the rows any more.
  bool put(Block block) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return blocks_.size() < kBlocksAhead || abandoned_; });
    if (abandoned_) return false;
    blocks_.push_back(std::move(block));
    changed_.notify_all();
    return true;
  }
  void finish(Status status) {
    const std::lock_guard lock(mutex_);
    finished_ = true;
    status_ = std::move(status);
    changed_.notify_all();
  }
  void abandon() {
    const std::lock_guard lock(mutex_);
    abandoned_ = true;
    changed_.notify_all();
  }
  /// An empty block is the end.
  Result<Block> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !blocks_.empty() || finished_; });
    if (blocks_.empty()) {
      if (!status_) return status_.error();
      return Block{};
    }
    Block block = std::move(blocks_.front());
    blocks_.pop_front();
    changed_.notify_all();
    return block;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Block> blocks_;
  bool finished_ = false;
  bool abandoned_ = false;
  Status status_;
};

bool is_nested(const std::string& sql_type) {
  return sql_type.ends_with(']') || sql_type.starts_with("STRUCT") || sql_type.starts_with("MAP") ||
         sql_type.starts_with("UNION");
}

bool is_float(const std::string& sql_type) { return sql_type == "DOUBLE" || sql_type == "FLOAT"; }

/// By column of the file: whether it feeds a column of the contract that takes floats as their
/// shortest decimal.
std::vector<bool> shortest_floats(const project::Source& source, const ColumnMap& map,
                                  size_t columns) {
  std::vector<bool> is_shortest(columns);
  for (size_t c = 0; c < source.contract.columns.size(); ++c) {
    if (map.cell_of_column[c] < 0) continue;
    is_shortest[static_cast<size_t>(map.cell_of_column[c])] =
        source.values_of(source.contract.columns[c].name).shortest_floats;
  }
  return is_shortest;
}

class ParquetRecords final : public RecordReader {
 public:
  ParquetRecords(engine::Engine& engine, const std::string& location,
                 std::vector<engine::BoundColumn> columns, ColumnMap map,
                 const project::Source& source)
      : columns_(std::move(columns)), map_(std::move(map)) {
    cell_of_column_ = map_.cell_of_column;
    const std::vector<bool> is_shortest = shortest_floats(source, map_, columns_.size());
    std::vector<std::string> terms;
    for (size_t c = 0; c < columns_.size(); ++c) {
      const std::string& type = columns_[c].sql_type;
      const std::string name = engine::quote_name(columns_[c].name);
      const std::string text = is_nested(type) ? fmt::format("CAST(to_json({}) AS VARCHAR)", name)
                                               : fmt::format("CAST({} AS VARCHAR)", name);
      // The engine writes the shortest digits that read back as the same float, with ".0" behind
      // whole numbers.
      terms.push_back(is_shortest[c] && is_float(type)
                          ? fmt::format(R"(regexp_replace({}, '\.0$', ''))", text)
                          : text);
    }
    std::string sql = fmt::format("SELECT {} FROM read_parquet({})", fmt::join(terms, ", "),
                                  engine::quote_text(location));
    thread_ = std::thread(
        [this, &engine, sql = std::move(sql)] { queue_.finish(read_all(engine, sql)); });
  }

  ~ParquetRecords() override {
    queue_.abandon();
    thread_.join();
  }

  Result<bool> next(TextRecord& record) override {
    if (++row_ >= block_.size()) {
      auto block = queue_.take();
      if (!block) {
        // The file itself is at fault, unless memory, disk or an interrupt are.
        const Error& error = block.error();
        return error.kind() == ErrorKind::Invalid ? corrupt(bad_parquet(error.message())) : error;
      }
      block_ = *std::move(block);
      row_ = 0;
      if (block_.empty()) return false;
    }
    const Row& row = block_[row_];
    record.line = 0;
    record.raw = {};
    record.extra.clear();
    record.faults.clear();
    record.has_cells = true;
    record.cells.assign(row.size(), Cell{});
    for (size_t c = 0; c < row.size(); ++c) {
      if (!row[c]) continue;
      record.cells[c] = {*row[c],
                         is_nested(columns_[c].sql_type) ? CellKind::Nested : CellKind::Quoted};
    }
    append_object(record, map_.unknown_cells, record.extra);
    return true;
  }

  /// A Parquet row has no text of its own; it is shown as a JSON object.
  std::string_view raw_text(const TextRecord& record) override {
    std::vector<int> all(columns_.size());
    for (size_t c = 0; c < all.size(); ++c) all[c] = static_cast<int>(c);
    raw_.clear();
    append_object(record, all, raw_);
    return raw_;
  }

  std::vector<std::string> unknown_columns() const override { return map_.unknown_columns; }
  std::vector<std::string> missing_columns() const override { return map_.missing_columns; }

  static std::string bad_parquet(const std::string& message) {
    return fmt::format("the file cannot be read as Parquet: {}", message);
  }

 private:
  Status read_all(engine::Engine& engine, const std::string& sql) {
    Block block;
    const auto on_row = [&](const std::vector<engine::Value>& values) -> Status {
      Row row;
      row.reserve(values.size());
      for (const engine::Value& value : values) {
        row.push_back(engine::is_null(value) ? std::nullopt
                                             : std::optional(engine::to_text(value)));
      }
      block.push_back(std::move(row));
      if (block.size() < kBlockRows) return ok();
      if (!queue_.put(std::exchange(block, {}))) return io_error("the reader was closed");
      return ok();
    };
    BULLION_TRY(engine.stream(sql, [](const delta::Schema&) { return ok(); }, on_row));
    if (!block.empty()) queue_.put(std::move(block));
    return ok();
  }

  /// {"name": "text", ...} of the cells that have a value; nested ones keep their JSON.
  void append_object(const TextRecord& record, const std::vector<int>& cells,
                     std::string& out) const {
    if (cells.empty()) return;
    char before = '{';
    for (const int index : cells) {
      const Cell& cell = record.cells[static_cast<size_t>(index)];
      out += before;
      before = ',';
      append_json_string(out, columns_[static_cast<size_t>(index)].name);
      out += ':';
      if (cell.kind == CellKind::Missing) {
        out += "null";
      } else if (cell.kind == CellKind::Nested) {
        out += cell.text;
      } else {
        append_json_string(out, cell.text);
      }
    }
    out += '}';
  }

  std::vector<engine::BoundColumn> columns_;
  ColumnMap map_;
  RowQueue queue_;
  std::thread thread_;
  Block block_;
  size_t row_ = 0;
  std::string raw_;
};

/// Types that no exact value may come from, whatever the text says.
std::optional<FileFault> fault_of_types(const std::vector<engine::BoundColumn>& columns,
                                        const ColumnMap& map, const project::Source& source) {
  const project::Contract& contract = source.contract;
  for (size_t c = 0; c < contract.columns.size(); ++c) {
    if (map.cell_of_column[c] < 0) continue;
    const engine::BoundColumn& given = columns[static_cast<size_t>(map.cell_of_column[c])];
    const delta::Column& wanted = contract.columns[c];
    if (is_float(given.sql_type) && wanted.type.id == delta::TypeId::Decimal &&
        !source.values_of(wanted.name).shortest_floats) {
      return FileFault{
          "float-for-decimal",
          fmt::format("column `{}` is {} in the file, but the contract says {}: binary floating "
                      "point cannot carry exact amounts; write the column as DECIMAL, or declare "
                      "`floats: shortest` on the column",
                      wanted.name, given.sql_type, engine::sql_type(wanted.type)),
          0, ""};
    }
    if (given.sql_type == "BLOB") {
      return FileFault{
          "binary-column",
          fmt::format("column `{}` is binary in the file, but the contract says {}; write it "
                      "with the string (UTF8) annotation",
                      wanted.name, engine::sql_type(wanted.type)),
          0, ""};
    }
  }
  return std::nullopt;
}

}  // namespace

Result<OpenedRecords> open_parquet_records(engine::Engine& engine, const std::string& location,
                                           const project::Source& source) {
  auto bound =
      engine.bind(fmt::format("SELECT * FROM read_parquet({})", engine::quote_text(location)));
  if (!bound) {
    if (bound.error().kind() != ErrorKind::Invalid) return bound.error();
    return OpenedRecords{
        nullptr,
        FileFault{"bad-parquet", ParquetRecords::bad_parquet(bound.error().message()), 0, ""}};
  }
  std::vector<std::string> names;
  for (const engine::BoundColumn& column : *bound) names.push_back(column.name);
  ColumnMap map = map_columns(names, source, 0, "");
  if (!map.fault) map.fault = fault_of_types(*bound, map, source);
  if (map.fault) return OpenedRecords{nullptr, std::move(map.fault)};
  return OpenedRecords{
      std::make_unique<ParquetRecords>(engine, location, *std::move(bound), std::move(map), source),
      std::nullopt};
}

}  // namespace bullion::records
