#include <map>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "base/ascii.h"
#include "records/display_text.h"
#include "records/header.h"
#include "records/json_elements_internal.h"
#include "records/json_text_internal.h"
#include "records/jsonl_records_internal.h"
#include "records/line_reader_internal.h"

namespace bullion::records {
namespace {

static_assert(kLinePadding >= simdjson::SIMDJSON_PADDING);

using simdjson::ondemand::object;

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  return text;
}

/// RFC 8259, section 6.
bool is_json_number(std::string_view text) {
  const auto take_digits = [&text] {
    size_t count = 0;
    while (count < text.size() && text[count] >= '0' && text[count] <= '9') ++count;
    text.remove_prefix(count);
    return count;
  };
  if (text.starts_with('-')) text.remove_prefix(1);
  const bool begins_with_zero = text.starts_with('0');
  const size_t whole = take_digits();
  if (whole == 0 || (begins_with_zero && whole > 1)) return false;
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    if (take_digits() == 0) return false;
  }
  return text.empty();
}

/// A key met in the file: the column it feeds, or -1 when it belongs to `_extra`.
struct Key {
  int column = -1;
  int64_t last_record = 0;
};

class JsonlRecords final : public RecordReader {
 public:
  /// `piece` is what a record is called: "line" or "element".
  JsonlRecords(std::unique_ptr<LineSource> lines, const project::Source& source,
               std::string_view piece)
      : lines_(std::move(lines)),
        source_(source),
        contract_(source.contract),
        piece_(piece),
        column_records_(contract_.columns.size(), 0) {
    cell_of_column_ = positional_columns(contract_).cell_of_column;
  }

  /// Reads up to the first line that is not blank and looks at its shape.
  Result<std::optional<FileFault>> look_at_first_line() {
    BULLION_TRY_ASSIGN(has_first_line_, next_line());
    if (!has_first_line_) return std::optional<FileFault>();
    const std::string_view text = without_blanks(line_.text);
    if (text != "{" && text[0] != '[') return std::optional<FileFault>();
    return std::optional<FileFault>(
        {"not-json-lines",
         fmt::format("line {}: the file is one JSON document; for an array of objects say "
                     "`format: json` in the source, or deliver JSON lines, one object per line",
                     line_.number),
         line_.number, display_text(line_.text, kRawBytesMax)});
  }

  Result<bool> next(TextRecord& record) override {
    if (!has_first_line_) {
      BULLION_TRY_ASSIGN(const bool more, next_line());
      if (!more) return false;
    }
    has_first_line_ = false;
    ++number_;
    record.line = line_.number;
    record.raw = line_.text;
    record.extra.clear();
    record.faults.clear();
    record.cells.assign(contract_.columns.size(), Cell{});
    record.has_cells = false;
    if (line_.too_long) {
      record.faults.push_back({"record-too-long", fmt::format("the {} is longer than {} MiB",
                                                              piece_, kRecordBytesMax >> 20)});
    } else if (line_.text.find('\0') != std::string_view::npos) {
      record.faults.push_back(
          {"nul-byte", fmt::format("the {} holds a NUL byte; remove it from the file", piece_)});
    } else {
      parse_line(record);
      record.has_cells = record.faults.empty();
    }
    return true;
  }

  std::vector<std::string> unknown_columns() const override { return unknown_; }
  std::vector<std::string> missing_columns() const override {
    std::vector<std::string> missing;
    for (size_t c = 0; c < column_records_.size(); ++c) {
      if (column_records_[c] == 0 && contract_.columns[c].nullable) {
        missing.push_back(contract_.columns[c].name);
      }
    }
    return missing;
  }

 private:
  Result<bool> next_line() {
    for (;;) {
      BULLION_TRY_ASSIGN(const bool more, lines_->next(line_));
      if (!more) return false;
      if (!without_blanks(line_.text).empty()) return true;
    }
  }

  void parse_line(TextRecord& record) {
    const simdjson::padded_string_view text(line_.text.data(), line_.text.size(),
                                            line_.text.size() + kLinePadding);
    simdjson::ondemand::document document;
    auto code = parser_.iterate(text).get(document);
    object fields;
    if (code == simdjson::SUCCESS) code = document.get_object().get(fields);
    if (code == simdjson::SUCCESS) code = parse_fields(fields, record);
    // A place behind the object means that something follows it.
    if (code == simdjson::SUCCESS && document.current_location().error() == simdjson::SUCCESS) {
      code = simdjson::TRAILING_CONTENT;
    }
    if (code == simdjson::SUCCESS) {
      if (!record.extra.empty()) record.extra += '}';
      return;
    }
    if (code == simdjson::UTF8_ERROR) {
      record.faults.push_back(
          {"invalid-utf8",
           fmt::format("the {} is not valid UTF-8; convert the file to UTF-8", piece_)});
    } else if (code == simdjson::INCORRECT_TYPE) {
      record.faults.push_back(
          {"bad-json",
           fmt::format("the {} is no JSON object; expected {{\"column\": value, ...}}", piece_)});
    } else {
      record.faults.push_back({"bad-json", fmt::format("the {} is no valid JSON object: {}", piece_,
                                                       simdjson::error_message(code))});
    }
  }

  simdjson::error_code parse_fields(object& fields, TextRecord& record) {
    for (auto item : fields) {
      simdjson::ondemand::field field;
      if (const auto code = std::move(item).get(field)) return code;
      std::string_view name;
      if (const auto code = field.unescaped_key().get(name)) return code;
      Cell cell;
      std::string_view json;
      if (const auto code = read_value(field.value(), cell, json)) return code;
      place(name, cell, json, record);
    }
    return simdjson::SUCCESS;
  }

  /// `json` is the value as it stands in the file; empty for a string, whose text is in the cell.
  static simdjson::error_code read_value(simdjson::ondemand::value& value, Cell& cell,
                                         std::string_view& json) {
    const std::string_view token = without_blanks(value.raw_json_token());
    const char first = token.empty() ? '\0' : token[0];
    if (first == '"') {
      cell.kind = CellKind::Quoted;
      return value.get_string().get(cell.text);
    }
    if (first == '{' || first == '[') {
      if (const auto code = simdjson::to_json_string(value).get(json)) return code;
      json = without_blanks(json);
      // The fast parser only finds the end of what it skips.
      if (!nlohmann::json::accept(json)) return simdjson::TAPE_ERROR;
      cell = {json, CellKind::Nested};
      return simdjson::SUCCESS;
    }
    if (token == "null") {
      json = token;
      return simdjson::SUCCESS;
    }
    if (token != "true" && token != "false" && !is_json_number(token))
      return simdjson::NUMBER_ERROR;
    json = token;
    cell = {token, CellKind::Bare};
    return simdjson::SUCCESS;
  }

  void place(std::string_view name, const Cell& cell, std::string_view json, TextRecord& record) {
    if (cell.kind == CellKind::Quoted && cell.text.find('\0') != std::string_view::npos) {
      record.faults.push_back(
          {"nul-byte",
           fmt::format("{}: the text holds a NUL character (\\u0000)", display_text(name, 100))});
      return;
    }
    Key* key = find_key(name);
    int64_t* last_record = key == nullptr     ? nullptr
                           : key->column >= 0 ? &column_records_[static_cast<size_t>(key->column)]
                                              : &key->last_record;
    if (last_record != nullptr) {
      if (*last_record == number_) {
        record.faults.push_back(
            {"duplicate-key",
             fmt::format("the key {} comes twice in one object", quoted_for_message(name))});
        return;
      }
      *last_record = number_;
    }
    if (key != nullptr && key->column >= 0) {
      record.cells[static_cast<size_t>(key->column)] = cell;
      return;
    }
    record.extra += record.extra.empty() ? '{' : ',';
    append_json_string(record.extra, name);
    record.extra += ':';
    if (cell.kind == CellKind::Quoted) {
      append_json_string(record.extra, cell.text);
    } else {
      record.extra += json;
    }
  }

  /// nullptr when the file has so many different keys that they are not remembered any more.
  Key* find_key(std::string_view name) {
    const auto known = keys_.find(name);
    if (known != keys_.end()) return &known->second;
    if (keys_.size() >= kColumnsMax) return nullptr;
    Key key;
    key.column = column_of_key(source_, name);
    if (key.column < 0) unknown_.emplace_back(name);
    return &keys_.emplace(std::string(name), key).first->second;
  }

  std::unique_ptr<LineSource> lines_;
  const project::Source& source_;
  const project::Contract& contract_;
  std::string_view piece_;
  simdjson::ondemand::parser parser_;
  Line line_;
  bool has_first_line_ = false;
  int64_t number_ = 0;  // of the record; several may share a line
  std::map<std::string, Key, std::less<>> keys_;
  std::vector<std::string> unknown_;
  std::vector<int64_t> column_records_;  // last that gave each contract column a value or null
};

}  // namespace

Result<OpenedRecords> open_jsonl_records(std::unique_ptr<ByteSource> bytes,
                                         const project::Source& source) {
  auto reader = std::make_unique<JsonlRecords>(std::make_unique<LineReader>(std::move(bytes)),
                                               source, "line");
  BULLION_TRY_ASSIGN(auto fault, reader->look_at_first_line());
  if (fault) return OpenedRecords{nullptr, std::move(fault)};
  return OpenedRecords{std::move(reader), std::nullopt};
}

Result<OpenedRecords> open_json_records(std::unique_ptr<ByteSource> bytes,
                                        const project::Source& source) {
  auto elements = std::make_unique<JsonElements>(std::move(bytes), source.format.json_path);
  BULLION_TRY_ASSIGN(auto fault, elements->find_array());
  if (fault) return OpenedRecords{nullptr, std::move(fault)};
  return OpenedRecords{std::make_unique<JsonlRecords>(std::move(elements), source, "element"),
                       std::nullopt};
}

}  // namespace bullion::records
