#include "records/table_records.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "base/ascii.h"
#include "records/display_text.h"
#include "records/header.h"
#include "records/header_search_internal.h"
#include "records/json_text_internal.h"
#include "records/name_pattern.h"

namespace bullion::records {
namespace {

// Texts of excluded records are kept up to this many bytes together, so that a rule that fits
// everything does not fill the memory.
constexpr size_t kExcludedBytesMax = size_t{16} << 20;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Whether the file means a number, in whatever marks and with whatever sign: a guess that only
/// decides what is asked about. Days such as 01.09.2025 are none.
bool looks_like_number(std::string_view text, const project::ValueFormat& format) {
  text = trimmed(text);
  for (const std::string& sign : format.currency_signs) {
    if (text.starts_with(sign)) text.remove_prefix(sign.size());
    if (text.ends_with(sign)) text.remove_suffix(sign.size());
  }
  text = trimmed(text);
  if (text.starts_with('(') && text.ends_with(')')) text = text.substr(1, text.size() - 2);
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  if (text.ends_with('-')) text.remove_suffix(1);
  std::vector<size_t> groups(1, 0);
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_digit(text[i])) {
      ++groups.back();
    } else if ((text[i] | 0x20) == 'e' && i > 0 && is_digit(text[i - 1])) {
      const size_t digits = text.find_first_not_of("+-", i + 1);
      return digits != std::string_view::npos && digits <= i + 2 &&
             std::all_of(text.begin() + static_cast<std::ptrdiff_t>(digits), text.end(), is_digit);
    } else if (std::string_view(".,' \xC2\xA0\xE2\x80\xAF").find(text[i]) !=
               std::string_view::npos) {
      if (groups.back() > 0) groups.push_back(0);
    } else {
      return false;
    }
  }
  const bool is_day = groups.size() == 3 && groups[1] <= 2 && (groups[2] == 2 || groups[2] == 4);
  return groups.front() > 0 && !is_day;
}

/// A rule of `exclude` with its columns as cells of this file.
struct CellRule {
  const project::ExcludeRule* rule = nullptr;
  int cell = -1;          ///< compared with rule->like; -1: the rule compares none
  std::vector<int> only;  ///< ascending
};

class TableRecords final : public RecordReader {
 public:
  TableRecords(std::unique_ptr<TableRows> rows, const project::Source& source, FoundHeader found)
      : rows_(std::move(rows)),
        source_(source),
        format_(source.format),
        value_format_(source.values_of(source.format.unpivot.value_column)),
        map_(std::move(found.map)),
        names_(std::move(found.names)),
        pending_(std::move(found.rest)) {
    cell_of_column_ = map_.cell_of_column;
    for (const KeptRow& row : found.header) header_texts_.push_back(row.texts());
    for (const HeaderName& name : names_) column_names_.push_back(name.text);
    excluded_.blank = found.blank;
    for (const KeptRow& row : found.preamble) exclude(row.line, row.raw, "note", "");
    const auto& columns = source.contract.columns;
    for (size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].name == source.contract.amount_column) amount_column_ = static_cast<int>(c);
      if (format_.unpivot.columns.empty()) continue;
      if (columns[c].name == format_.unpivot.name_column)
        cell_of_column_[c] = static_cast<int>(map_.cells);
      if (columns[c].name == format_.unpivot.value_column)
        cell_of_column_[c] = static_cast<int>(map_.cells) + 1;
    }
    for (const project::ExcludeRule& rule : format_.exclude) add_rule(rule);
  }

  Result<bool> next(TextRecord& record) override {
    for (;;) {
      if (unpivot_at_ < map_.unpivot_cells.size() && next_unpivoted(record)) return true;
      if (next_unread(record)) return true;
      row_.cells.swap(record.cells);
      row_.faults.swap(record.faults);
      auto more = next_row();
      if (!more || !*more) return more;
      if (row_.faults.empty() && is_kept_out()) {
        row_.cells.swap(record.cells);
        row_.faults.swap(record.faults);
        continue;
      }
      extra_.clear();
      has_cell_places_ = false;
      unread_.clear();
      unread_at_ = 0;
      if (!map_.unpivot_cells.empty()) find_unread();
      fit_to_header();
      if (has_cell_places_) unread_.clear();
      if (!map_.unpivot_cells.empty() && !row_.cells.empty()) {
        if (has_values()) {
          unpivot_at_ = 0;
          continue;
        }
        if (row_.faults.empty()) {
          exclude(row_.line, raw(), "note", "");
          continue;
        }
        // The value is nowhere; the fault has to be.
        row_.cells.resize(map_.cells + 2);
        has_cell_places_ = true;
      }
      hand_on(record);
      return true;
    }
  }

  std::string_view raw_text(const TextRecord& record) override {
    return is_replayed_ ? record.raw : rows_->raw_text(row_);
  }

  std::string place_of(const TextRecord& record, size_t column) const override {
    const int at = cell_of_column_[column];
    if (at < 0) return "";
    const bool is_wide = !map_.unpivot_cells.empty() && static_cast<size_t>(at) >= map_.cells;
    const size_t cell = is_wide ? wide_cell_ : static_cast<size_t>(at);
    const std::string name = rows_->cell_name(record.line, cell);
    const std::string place = name.empty() ? "" : "cell " + name;
    if (!is_wide || cell >= names_.size()) return place;
    return fmt::format("column {}{}{}", quoted_for_message(trimmed(names_[cell].text)),
                       place.empty() ? "" : ", ", place);
  }

  std::vector<std::string> unknown_columns() const override {
    std::vector<std::string> names;
    size_t next = 0;
    for (const size_t cell : unnamed_seen_) {
      while (next < map_.unknown_cells.size() &&
             static_cast<size_t>(map_.unknown_cells[next]) < cell) {
        names.push_back(map_.unknown_columns[next++]);
      }
      names.push_back(unnamed_column(cell));
    }
    while (next < map_.unknown_columns.size()) names.push_back(map_.unknown_columns[next++]);
    return names;
  }
  std::vector<std::string> missing_columns() const override { return map_.missing_columns; }

 private:
  void add_rule(const project::ExcludeRule& rule) {
    CellRule cells;
    cells.rule = &rule;
    if (!rule.column.empty()) cells.cell = cell_of(rule.column);
    // A file without the column has nothing that the rule could mean.
    if (!rule.column.empty() && cells.cell < 0) return;
    for (const std::string& name : rule.only) {
      const int cell = cell_of(name);
      if (cell < 0) return;
      cells.only.push_back(cell);
    }
    std::sort(cells.only.begin(), cells.only.end());
    rules_.push_back(std::move(cells));
  }

  int cell_of(const std::string& column) const {
    for (size_t c = 0; c < cell_of_column_.size(); ++c) {
      if (source_.contract.columns[c].name == column) return map_.cell_of_column[c];
    }
    return -1;
  }

  Result<bool> next_row() {
    is_replayed_ = !pending_.empty();
    if (!is_replayed_) return rows_->next(row_);
    replayed_ = std::move(pending_.front());
    pending_.pop_front();
    row_.line = replayed_.line;
    row_.raw = replayed_.raw;
    row_.faults = replayed_.faults;
    row_.cells.clear();
    for (const auto& [text, kind] : replayed_.cells) row_.cells.push_back({text, kind});
    return true;
  }

  /// Blank, a header again, or excluded by a rule.
  bool is_kept_out() {
    if (row_.cells.empty() || (is_blank_cell(row_.cells[0]) && is_blank_row(row_.cells))) {
      ++excluded_.blank;
      return true;
    }
    if (is_header_again()) {
      exclude(row_.line, raw(), "header", "");
      return true;
    }
    for (const CellRule& rule : rules_) {
      if (!fits(rule)) continue;
      std::string_view amount;
      if (rule.rule->reason == "control_total" && amount_column_ >= 0) {
        const int cell = map_.cell_of_column[static_cast<size_t>(amount_column_)];
        if (cell >= 0) amount = trimmed(text_of(cell));
      }
      exclude(row_.line, raw(), rule.rule->reason, amount);
      return true;
    }
    return false;
  }

  bool is_header_again() const {
    return std::any_of(header_texts_.begin(), header_texts_.end(), [this](const auto& texts) {
      if (texts.empty() || texts.size() != row_.cells.size()) return false;
      for (size_t i = 0; i < texts.size(); ++i) {
        if (row_.cells[i].text != texts[i]) return false;
      }
      return true;
    });
  }

  bool fits(const CellRule& rule) const {
    if (rule.cell >= 0 && !matches_pattern(rule.rule->like, trimmed(text_of(rule.cell))))
      return false;
    if (rule.only.empty()) return true;
    for (const int cell : rule.only) {
      if (trimmed(text_of(cell)).empty()) return false;
    }
    for (size_t i = 0; i < row_.cells.size(); ++i) {
      if (std::binary_search(rule.only.begin(), rule.only.end(), static_cast<int>(i))) continue;
      if (!trimmed(row_.cells[i].text).empty()) return false;
    }
    return true;
  }

  std::string_view text_of(int cell) const {
    const auto at = static_cast<size_t>(cell);
    return at < row_.cells.size() ? row_.cells[at].text : std::string_view();
  }

  std::string_view raw() { return is_replayed_ ? row_.raw : rows_->raw_text(row_); }

  void exclude(int64_t line, std::string_view raw, std::string reason, std::string_view amount) {
    std::string text;
    if (excluded_bytes_ < kExcludedBytesMax) text = display_text(raw, kExcludedRawMax);
    excluded_bytes_ += text.size();
    excluded_.records.push_back(
        {line, std::move(reason), std::move(text), display_text(amount, kExcludedRawMax)});
  }

  /// Gives the row as many cells as the header has, or a fault.
  void fit_to_header() {
    if (row_.cells.empty()) return;
    const size_t fields = row_.cells.size();
    if (fields != map_.cells) [[unlikely]] {
      size_t filled = fields;
      while (filled > map_.cells && is_blank_cell(row_.cells[filled - 1])) --filled;
      const bool too_few =
          fields < map_.cells_min && format_.field_count == project::FieldCount::Exact;
      const bool too_many = filled > map_.cells &&
                            format_.field_count != project::FieldCount::Ignore &&
                            !rows_->has_notes_beside();
      if (too_few || too_many) {
        has_cell_places_ = true;
        if (row_.faults.empty()) row_.faults.push_back(field_count_fault(fields));
      }
      if (filled > map_.cells && row_.faults.empty()) {
        for (size_t i = map_.cells; i < filled; ++i) {
          // Sheets leave cells out; a gap before a note says nothing.
          if (row_.cells[i].kind != CellKind::Missing) add_unnamed(i);
        }
      }
      row_.cells.resize(map_.cells);
    }
    if (!row_.faults.empty()) return;
    for (const int cell : map_.unnamed_cells) {
      if (!is_blank_cell(row_.cells[static_cast<size_t>(cell)]))
        add_unnamed(static_cast<size_t>(cell));
    }
    for (size_t i = 0; i < map_.unknown_cells.size(); ++i) {
      add_extra(map_.unknown_columns[i],
                row_.cells[static_cast<size_t>(map_.unknown_cells[i])].text);
    }
    if (!extra_.empty()) extra_ += '}';
  }

  Fault field_count_fault(size_t fields) const {
    return {
        "field-count",
        fmt::format("the record has {} field{}; expected {}, as many as the {}", fields,
                    fields == 1 ? "" : "s", fields < map_.cells_min ? map_.cells_min : map_.cells,
                    fields < map_.cells_min ? "header has columns; is it cut off?"
                                            : "header has columns; is a field not quoted?")};
  }

  void add_unnamed(size_t cell) {
    unnamed_seen_.insert(cell);
    add_extra(unnamed_column(cell), row_.cells[cell].text);
  }

  void add_extra(std::string_view name, std::string_view text) {
    extra_ += extra_.empty() ? '{' : ',';
    append_json_string(extra_, name);
    extra_ += ':';
    append_json_string(extra_, text);
  }

  void hand_on(TextRecord& record) {
    record.line = row_.line;
    record.raw = row_.raw;
    record.cells.swap(row_.cells);
    record.faults.swap(row_.faults);
    record.extra.swap(extra_);
    record.has_cell_places = has_cell_places_;
    record.has_cells = !record.cells.empty() && !has_cell_places_;
  }

  /// Numbers in cells that may be wide columns under another name.
  void find_unread() {
    const auto look_at = [this](size_t cell) {
      if (cell >= row_.cells.size() || is_blank_cell(row_.cells[cell])) return;
      if (looks_like_number(row_.cells[cell].text, value_format_))
        unread_.emplace_back(cell, row_.cells[cell]);
    };
    for (const int cell : map_.watched_cells) look_at(static_cast<size_t>(cell));
    if (!map_.ends_wide) return;
    for (size_t cell = map_.cells; cell < row_.cells.size(); ++cell) look_at(cell);
  }

  Fault unread_fault(size_t cell, std::string_view text) const {
    const std::string_view name =
        cell < names_.size() ? trimmed(names_[cell].text) : std::string_view();
    const std::string place = rows_->cell_name(row_.line, cell);
    const std::string where =
        place.empty() ? fmt::format("field {}", cell + 1) : fmt::format("cell {}", place);
    const auto example = static_cast<size_t>(map_.unpivot_cells.front());
    return {"unread-number",
            fmt::format("{}: the number {} stands in a column {} that is not read; expected a name "
                        "such as {}; correct the column's name, or list it in `unpivot.beside` "
                        "when its numbers are no values",
                        where, quoted_for_message(text),
                        name.empty() ? "without a name" : "named " + quoted_for_message(name),
                        quoted_for_message(trimmed(names_[example].text)))};
  }

  /// False when the row has no further number that would be lost.
  bool next_unread(TextRecord& record) {
    if (unread_at_ == unread_.size()) return false;
    const auto& [cell, value] = unread_[unread_at_++];
    hand_on_value(record, cell, value);
    record.faults.push_back(unread_fault(cell, value.text));
    record.has_cell_places = true;
    record.has_cells = false;
    return true;
  }

  void hand_on_value(TextRecord& record, size_t cell, const Cell& value) {
    wide_cell_ = cell;
    record.line = row_.line;
    record.raw = row_.raw;
    record.cells = row_.cells;
    const std::string_view name = cell < names_.size() ? names_[cell].text : std::string_view();
    record.cells.push_back({trimmed(name), CellKind::Bare});
    record.cells.push_back(value);
    record.faults = row_.faults;
    record.extra = extra_;
    record.has_cell_places = has_cell_places_;
    record.has_cells = !has_cell_places_;
  }

  bool has_values() const {
    return format_.unpivot.keep_empty || !unread_.empty() ||
           std::any_of(map_.unpivot_cells.begin(), map_.unpivot_cells.end(), [this](int cell) {
             return !is_blank_cell(row_.cells[static_cast<size_t>(cell)]);
           });
  }

  /// False when no further value cell of the wide row makes a record.
  bool next_unpivoted(TextRecord& record) {
    for (; unpivot_at_ < map_.unpivot_cells.size(); ++unpivot_at_) {
      const auto cell = static_cast<size_t>(map_.unpivot_cells[unpivot_at_]);
      if (!format_.unpivot.keep_empty && is_blank_cell(row_.cells[cell])) continue;
      ++unpivot_at_;
      hand_on_value(record, cell, row_.cells[cell]);
      return true;
    }
    return false;
  }

  std::unique_ptr<TableRows> rows_;
  const project::Source& source_;
  const project::FileFormat& format_;
  project::ValueFormat value_format_;  // of the wide columns
  ColumnMap map_;
  std::vector<HeaderName> names_;
  std::deque<KeptRow> pending_;  // rows that the search for the header has read
  std::vector<std::vector<std::string>> header_texts_;
  std::vector<CellRule> rules_;
  int amount_column_ = -1;
  std::set<size_t> unnamed_seen_;  // unnamed cells that held something
  size_t excluded_bytes_ = 0;

  // The row that is being handed on.
  TableRow row_;
  KeptRow replayed_;
  bool is_replayed_ = false;
  bool has_cell_places_ = false;
  std::string extra_;
  size_t unpivot_at_ = SIZE_MAX;  // next of map_.unpivot_cells
  size_t wide_cell_ = 0;          // that the record handed on last is made of
  std::vector<std::pair<size_t, Cell>> unread_;
  size_t unread_at_ = 0;  // next of unread_
};

}  // namespace

Result<OpenedRecords> open_table_records(std::unique_ptr<TableRows> rows,
                                         const project::Source& source) {
  FoundHeader found;
  if (source.format.header) {
    BULLION_TRY_ASSIGN(found, find_header(*rows, source));
    if (found.map.fault) return OpenedRecords{nullptr, std::move(found.map.fault)};
  } else {
    found.map = positional_columns(source.contract);
  }
  return OpenedRecords{std::make_unique<TableRecords>(std::move(rows), source, std::move(found)),
                       std::nullopt};
}

}  // namespace bullion::records
