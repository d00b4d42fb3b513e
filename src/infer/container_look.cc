#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <simdjson.h>

#include "base/csv_text.h"
#include "infer/container_look_internal.h"
#include "infer/text_rows_internal.h"
#include "records/archive.h"
#include "records/open_records.h"
#include "storage/file_system.h"

namespace bullion::infer {
namespace {

using Json = nlohmann::ordered_json;

/// Columns of a sheet that are looked at.
constexpr size_t kSheetColumnsMax = 512;
/// Depth of the array in a JSON document.
constexpr int kJsonDepthMax = 4;
constexpr size_t kTarMagicAt = 257;

bool ends_with_any(std::string name, std::initializer_list<std::string_view> suffixes) {
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  return std::any_of(suffixes.begin(), suffixes.end(), [&](std::string_view suffix) {
    return name.size() > suffix.size() && name.ends_with(suffix);
  });
}

bool is_json_name(const std::string& path) {
  return ends_with_any(path, {".json", ".jsonl", ".ndjson"});
}

bool is_container(std::string_view bytes) {
  return bytes.starts_with(std::string_view("PK\3\4", 4)) ||
         bytes.substr(std::min(kTarMagicAt, bytes.size())).starts_with("ustar");
}

/// A source of texts, to read a file's rows with before anything is known of them.
project::Source plain_source(const std::string& kind, size_t columns) {
  project::Source source;
  source.contract.name = "look";
  source.format.kind = kind;
  source.format.header = false;
  source.format.field_count = project::FieldCount::Ignore;
  for (size_t i = 0; i < columns; ++i) {
    source.contract.columns.push_back({.name = fmt::format("!{}", i + 1),
                                       .type = {delta::TypeId::String, 0, 0, {}},
                                       .nullable = true,
                                       .metadata_json = "{}"});
  }
  return source;
}

/// The rows as one text that look_at_text() takes, all of one width.
class RowText {
 public:
  explicit RowText(size_t width) : width_(width) {}

  bool is_full() const { return text_.size() >= kWholeBytesMax; }

  /// `line` keeps the rows where they stand in a sheet; 0 puts the row behind the one before.
  template <typename Cells, typename TextOf>
  void add(const Cells& cells, int64_t line, TextOf text_of) {
    for (; line > line_ + 1 && line - line_ < 1000; ++line_) text_ += '\n';
    for (size_t i = 0; i < width_; ++i) {
      if (i > 0) text_ += ',';
      std::string cell = i < cells.size() ? std::string(text_of(cells[i])) : std::string();
      std::replace_if(cell.begin(), cell.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
      if (!cell.empty()) append_csv_text(text_, cell);
    }
    text_ += '\n';
    ++line_;
  }

  std::string take() { return std::move(text_); }

 private:
  size_t width_;
  std::string text_;
  int64_t line_ = 0;
};

void set_dialect(FileLook& look, size_t width) {
  look.dialect.width = static_cast<int>(width);
  look.dialect.same_width = 1000;
  look.dialect.score = 1000;
}

Status look_at_sheet(const storage::FileSystem& disk, FileLook& look) {
  const project::Source source = plain_source("xlsx", kSheetColumnsMax);
  BULLION_TRY_ASSIGN(const records::OpenedRecords opened,
                     records::open_records(
                         disk, nullptr, source,
                         {.path = look.path.substr(1), .member = "", .size = look.size}, nullptr));
  if (opened.fault) {
    look.fault = opened.fault->reason;
    return ok();
  }
  struct Row {
    int64_t line = 0;
    std::vector<std::string> cells;
  };
  std::vector<Row> rows;
  size_t width = 0;
  size_t bytes = 0;
  records::TextRecord record;
  while (bytes < kWholeBytesMax) {
    const auto more = opened.reader->next(record);
    if (!more && more.error().kind() != ErrorKind::Corrupt) return more.error();
    if (!more) look.fault = more.error().message();
    if (!more || !*more) break;
    Row& row = rows.emplace_back();
    row.line = record.line;
    for (const records::Cell& cell : record.cells) {
      row.cells.emplace_back(cell.text);
      bytes += cell.text.size() + 1;
      if (!cell.text.empty()) width = std::max(width, row.cells.size());
    }
  }
  if (!look.fault.empty()) return ok();
  if (width == 0) {
    look.fault = "its sheet has no rows";
    return ok();
  }
  RowText text(width);
  for (const Row& row : rows) {
    text.add(row.cells, row.line,
             [](const std::string& cell) -> const std::string& { return cell; });
  }
  set_dialect(look, width);
  look_at_text({text.take()}, look);
  return ok();
}

/// Where the array of objects is that has most of them: names separated by '.'.
void find_records(const Json& value, const std::string& path, int depth, std::string& best,
                  size_t& best_count) {
  if (value.is_array()) {
    const auto objects = static_cast<size_t>(std::count_if(
        value.begin(), value.end(), [](const Json& item) { return item.is_object(); }));
    if (objects > best_count) {
      best = path;
      best_count = objects;
    }
    return;
  }
  if (!value.is_object() || depth >= kJsonDepthMax) return;
  for (const auto& [name, item] : value.items()) {
    if (name.empty() || name.find('.') != std::string::npos) continue;
    find_records(item, path.empty() ? name : path + "." + name, depth + 1, best, best_count);
  }
}

/// json or jsonl, and json_path; a fault when it is neither.
void find_json_kind(const Sample& sample, FileLook& look) {
  std::string_view text = sample.pieces.front();
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n\xEF\xBB\xBF"), text.size()));
  look.format = "json";
  if (text.starts_with('[')) return;
  const std::string_view line = text.substr(0, text.find('\n'));
  if (Json::accept(line) && (line.size() < text.size() || !sample.is_whole)) {
    look.format = "jsonl";
    return;
  }
  if (!sample.is_whole) {
    look.fault =
        "it is one JSON document of more than 16 MiB; write its source by hand, with `json_path`";
    return;
  }
  const Json document = Json::parse(text, nullptr, false);
  size_t count = 0;
  if (document.is_discarded()) {
    look.fault = "it is no JSON";
  } else {
    find_records(document, "", 0, look.json_path, count);
  }
  if (count == 0 && look.fault.empty()) {
    look.format = "jsonl";
    if (!document.is_object()) look.fault = "it has no array of objects";
  }
}

struct JsonMember {
  std::string name;
  std::string text;  ///< of a number its own digits; "" for null
  bool is_nested = false;
};

/// The members of an object in their order; nullopt when the text is none.
std::optional<std::vector<JsonMember>> members_of(simdjson::ondemand::parser& parser,
                                                  const std::string& text) {
  std::vector<JsonMember> members;
  if (text.empty()) return members;
  const simdjson::padded_string padded(text);
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  for (auto entry : object) {
    simdjson::ondemand::field field;
    std::string_view name;
    simdjson::ondemand::json_type type{};
    std::string_view value;
    if (std::move(entry).get(field) != simdjson::SUCCESS ||
        field.unescaped_key().get(name) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    JsonMember& member = members.emplace_back();
    member.name = name;
    if (field.value().type().get(type) != simdjson::SUCCESS) return std::nullopt;
    using Type = simdjson::ondemand::json_type;
    if (type == Type::null) continue;
    member.is_nested = type == Type::object || type == Type::array;
    if (member.is_nested) continue;  // The parser passes it over.
    if (type != Type::string) {
      value = trimmed(field.value().raw_json_token());
    } else if (field.value().get_string().get(value) != simdjson::SUCCESS) {
      return std::nullopt;
    }
    member.text = value;
  }
  return members;
}

Status look_at_json(const storage::FileSystem& disk, const Sample& sample, FileLook& look) {
  find_json_kind(sample, look);
  if (!look.fault.empty()) return ok();
  project::Source source = plain_source(look.format, 1);
  source.format.json_path = look.json_path;
  BULLION_TRY_ASSIGN(const records::OpenedRecords opened,
                     records::open_records(
                         disk, nullptr, source,
                         {.path = look.path.substr(1), .member = "", .size = look.size}, nullptr));
  if (opened.fault) {
    look.fault = opened.fault->reason;
    return ok();
  }
  std::vector<std::string> names;
  std::set<std::string> known;
  std::vector<std::map<std::string, std::string>> rows;
  simdjson::ondemand::parser parser;
  size_t bytes = 0;
  records::TextRecord record;
  while (bytes < kWholeBytesMax) {
    const auto more = opened.reader->next(record);
    if (!more && more.error().kind() != ErrorKind::Corrupt) return more.error();
    if (!more || !*more) break;
    // Every member is unknown to the source, so all of them are in `extra`.
    const auto members = members_of(parser, record.extra);
    if (!record.faults.empty() || !members) {
      ++look.faulty_rows;
      continue;
    }
    auto& row = rows.emplace_back();
    for (const JsonMember& member : *members) {
      if (known.insert(member.name).second) names.push_back(member.name);
      if (member.is_nested) look.nested.insert(member.name);
      row[member.name] = member.text;
    }
    bytes += record.extra.size();
  }
  // A column of texts takes no objects; what is no column stays in `_extra`.
  std::erase_if(names, [&](const std::string& name) { return look.nested.contains(name); });
  if (names.empty()) {
    look.fault = "it has no records";
    return ok();
  }
  RowText text(names.size());
  text.add(names, 0, [](const std::string& name) -> const std::string& { return name; });
  for (const auto& row : rows) {
    text.add(names, 0, [&](const std::string& name) {
      const auto value = row.find(name);
      return value == row.end() ? std::string() : value->second;
    });
  }
  set_dialect(look, names.size());
  look.header = {
      .has_header = true, .at = 0, .rows = 1, .score = 1000, .is_certain = true, .names = names};
  look_at_text({text.take()}, look);
  return ok();
}

Result<FileLook> look_at_member(const std::string& archive, const records::ArchiveMember& member) {
  BULLION_TRY_ASSIGN(const Sample sample, member_sample(archive, member.name, member.size));
  FileLook look;
  look.container = archive;
  look.member = member.name;
  look.path = archive + "/" + member.name;
  const std::string_view bytes =
      sample.pieces.empty() ? std::string_view() : std::string_view(sample.pieces.front());
  if (is_container(bytes) || bytes.starts_with("\x1F\x8B") || is_json_name(member.name)) {
    look.size = member.size;
    look.fault = "in an archive only text tables are looked at; unpack it";
    return look;
  }
  BULLION_TRY(look_at_sample(sample, look));
  return look;
}

Result<std::vector<FileLook>> look_at_archive(const storage::FileSystem& disk,
                                              const std::string& path) {
  BULLION_TRY_ASSIGN(const records::ArchiveListing listing,
                     records::list_archive(disk, path.substr(1), {}, [](int64_t) {}));
  std::vector<FileLook> looks;
  if (listing.fault) {
    FileLook look;
    look.path = path;
    look.fault = listing.fault->reason;
    looks.push_back(std::move(look));
  }
  for (const records::ArchiveMember& member : listing.members) {
    BULLION_TRY_ASSIGN(FileLook look, look_at_member(path, member));
    looks.push_back(std::move(look));
  }
  return looks;
}

}  // namespace

Result<Sample> member_sample(const std::string& archive, const std::string& member, int64_t size) {
  const auto disk = storage::local_file_system("/");
  Sample sample;
  sample.path = archive + "/" + member;
  sample.size = size;
  BULLION_TRY_ASSIGN(const auto reader,
                     records::open_member(*disk, archive.substr(1), member, size));
  std::string bytes(std::min(static_cast<size_t>(size), kWholeBytesMax), '\0');
  size_t have = 0;
  while (have < bytes.size()) {
    const auto count = reader->read(bytes.data() + have, bytes.size() - have);
    if (!count && count.error().kind() != ErrorKind::Corrupt) return count.error();
    if (!count) sample.fault = count.error().message();
    if (!count || *count == 0) break;
    have += *count;
  }
  bytes.resize(have);
  sample.is_whole = have == static_cast<size_t>(size);
  if (!sample.is_whole) bytes.resize(bytes.rfind('\n') + 1);
  if (!bytes.empty()) sample.pieces.push_back(std::move(bytes));
  return sample;
}

Result<std::vector<FileLook>> look_at_path(const std::string& path) {
  BULLION_TRY_ASSIGN(const Sample sample, take_sample(path));
  const auto disk = storage::local_file_system("/");
  const std::string_view bytes =
      sample.pieces.empty() ? std::string_view() : std::string_view(sample.pieces.front());
  FileLook look;
  look.path = path;
  look.size = sample.size;
  look.digest = digest_of(sample);
  if (!bytes.empty() && is_json_name(path)) {
    BULLION_TRY(look_at_json(*disk, sample, look));
    return std::vector<FileLook>{std::move(look)};
  }
  if (is_container(bytes)) {
    BULLION_TRY_ASSIGN(const records::ContainerKind kind,
                       records::container_kind(*disk, path.substr(1)));
    if (kind == records::ContainerKind::Zip || kind == records::ContainerKind::Tar) {
      return look_at_archive(*disk, path);
    }
    if (kind == records::ContainerKind::Workbook) {
      look.format = "xlsx";
      BULLION_TRY(look_at_sheet(*disk, look));
      return std::vector<FileLook>{std::move(look)};
    }
  }
  BULLION_TRY(look_at_sample(sample, look));
  return std::vector<FileLook>{std::move(look)};
}

}  // namespace bullion::infer
