#include <algorithm>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "records/xlsx_package_internal.h"
#include "records/xlsx_values_internal.h"

namespace bullion::records {
namespace {

constexpr std::string_view kRelationsFolder = "_rels/";
constexpr size_t kSheetsMax = 10'000;
constexpr size_t kStylesMax = 1'000'000;
constexpr size_t kStringBytesMax = size_t{1} << 30;

std::string_view last_part(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "xl/_rels/workbook.xml.rels" of "xl/workbook.xml".
std::string relations_part(const std::string& part) {
  const size_t slash = part.rfind('/');
  const size_t folder = slash == std::string::npos ? 0 : slash + 1;
  return part.substr(0, folder) + std::string(kRelationsFolder) + part.substr(folder) + ".rels";
}

/// `target` seen from the folder of `part`; "/" begins at the workbook's root.
std::string resolved(const std::string& part, std::string_view target) {
  if (target.starts_with('/')) return std::string(target.substr(1));
  std::string folder = part.substr(0, part.rfind('/') == std::string::npos ? 0 : part.rfind('/'));
  for (;;) {
    if (target.starts_with("./")) {
      target.remove_prefix(2);
    } else if (target.starts_with("../")) {
      target.remove_prefix(3);
      const size_t slash = folder.rfind('/');
      folder.resize(slash == std::string::npos ? 0 : slash);
    } else {
      return folder.empty() ? std::string(target) : fmt::format("{}/{}", folder, target);
    }
  }
}

bool same_part(std::string_view a, std::string_view b) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '\\' ? '/' : c;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

bool is_true(std::string_view text) { return text == "1" || text == "true" || text == "on"; }

class Relations final : public XmlHandler {
 public:
  struct Entry {
    std::string id, type, target;
    bool is_external = false;
  };
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name != "Relationship") return;
    entries.push_back(
        {std::string(attributes.get("Id")), std::string(last_part(attributes.get("Type"))),
         std::string(attributes.get("Target")), attributes.get("TargetMode") == "External"});
  }
  void on_end(std::string_view) override {}
  void on_text(std::string_view) override {}

  std::vector<Entry> entries;
};

class WorkbookPart final : public XmlHandler {
 public:
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "workbookPr") counts_from_1904 = is_true(attributes.get("date1904"));
    if (name != "sheet") return;
    const std::string_view state = attributes.get("state");
    sheets.push_back({std::string(attributes.get("name")), state.empty() || state == "visible",
                      std::string(attributes.get("id"))});
    if (sheets.size() > kSheetsMax) refuse(fmt::format("it has more than {} sheets", kSheetsMax));
  }
  void on_end(std::string_view) override {}
  void on_text(std::string_view) override {}

  std::vector<SheetInfo> sheets;  // part: still the relation's id
  bool counts_from_1904 = false;
};

class StringsPart final : public XmlHandler {
 public:
  explicit StringsPart(SharedStrings& strings) : strings_(strings) {}

  void on_start(std::string_view name, const XmlAttributes&) override {
    if (name == "rPh") in_phonetic_ = true;
    is_text_ = name == "t" && !in_phonetic_;
  }
  void on_end(std::string_view name) override {
    if (name == "rPh") in_phonetic_ = false;
    if (name == "t") is_text_ = false;
    if (name != "si") return;
    decode_escapes(strings_.bytes(), start_);
    strings_.end_string();
    start_ = strings_.bytes().size();
  }
  void on_text(std::string_view text) override {
    if (!is_text_) return;
    strings_.bytes() += text;
    if (strings_.bytes().size() > kStringBytesMax) {
      refuse(fmt::format("its texts have more than {} MiB", kStringBytesMax >> 20));
    }
  }

 private:
  SharedStrings& strings_;
  size_t start_ = 0;
  bool in_phonetic_ = false;
  bool is_text_ = false;
};

class StylesPart final : public XmlHandler {
 public:
  void on_start(std::string_view name, const XmlAttributes& attributes) override {
    if (name == "cellXfs") in_cells_ = true;
    if (name == "numFmt") {
      formats_[number_of(attributes.get("numFmtId"))] = style_of_code(attributes.get("formatCode"));
    }
    if (name != "xf" || !in_cells_) return;
    ids_.push_back(number_of(attributes.get("numFmtId")));
    if (ids_.size() > kStylesMax) refuse("it has too many styles");
  }
  void on_end(std::string_view name) override {
    if (name == "cellXfs") in_cells_ = false;
  }
  void on_text(std::string_view) override {}

  std::vector<NumberStyle> styles() const {
    std::vector<NumberStyle> all;
    all.reserve(ids_.size());
    for (const int id : ids_) {
      const auto own = formats_.find(id);
      all.push_back(own == formats_.end() ? style_of_builtin(id) : own->second);
    }
    return all;
  }

 private:
  static int number_of(std::string_view text) {
    int number = 0;
    for (const char c : text.substr(0, 6)) {
      if (c >= '0' && c <= '9') number = number * 10 + (c - '0');
    }
    return number;
  }

  bool in_cells_ = false;
  std::map<int, NumberStyle> formats_;
  std::vector<int> ids_;
};

}  // namespace

Result<std::unique_ptr<XlsxPackage>> XlsxPackage::open(std::shared_ptr<RandomBytes> bytes) {
  // No make_unique: the constructor is private.
  std::unique_ptr<XlsxPackage> package(
      std::make_unique<XlsxPackage>(XlsxPackage(std::move(bytes))));
  BULLION_TRY(package->read());
  return package;
}

Result<std::unique_ptr<ArchiveStream>> XlsxPackage::open_part(std::string_view path) const {
  BULLION_TRY_ASSIGN(auto stream, open_archive_stream(bytes_));
  ArchiveEntry entry;
  for (;;) {
    BULLION_TRY_ASSIGN(const bool more, stream->next(entry));
    if (!more) return std::unique_ptr<ArchiveStream>();
    if (!same_part(entry.name, path)) continue;
    if (entry.is_encrypted) {
      return corrupt(
          "the workbook's parts are encrypted; save it without a password and deliver it again");
    }
    return stream;
  }
}

Result<bool> XlsxPackage::parse(const std::string& part, int64_t bytes_max, XmlHandler& handler) {
  BULLION_TRY_ASSIGN(auto stream, open_part(part));
  if (stream == nullptr) return false;
  XmlParser parser(std::move(stream), part, bytes_max, handler);
  BULLION_TRY(parser.run());
  return true;
}

Result<std::vector<XlsxPackage::Relation>> XlsxPackage::read_relations(const std::string& part) {
  Relations relations;
  BULLION_TRY(parse(relations_part(part), kWorkbookPartMax, relations));
  std::vector<Relation> found;
  for (const Relations::Entry& entry : relations.entries) {
    if (!entry.is_external) found.push_back({entry.id, entry.type, resolved(part, entry.target)});
  }
  return found;
}

Status XlsxPackage::read() {
  std::string workbook;
  BULLION_TRY_ASSIGN(const auto roots, read_relations(""));
  for (const Relation& relation : roots) {
    if (relation.type == "officeDocument") workbook = relation.target;
  }
  if (workbook.empty()) {
    return corrupt("the file is no Excel workbook: its relations name no document");
  }
  if (workbook.ends_with(".bin")) {
    return corrupt("the file is a binary Excel workbook (.xlsb); save it as .xlsx");
  }
  BULLION_TRY(read_workbook(workbook));
  BULLION_TRY_ASSIGN(const auto relations, read_relations(workbook));
  std::vector<SheetInfo> listed = std::exchange(sheets_, {});
  for (SheetInfo& sheet : listed) {
    for (const Relation& relation : relations) {
      // Charts and dialogs are sheets too, of other types.
      if (relation.id != sheet.part || relation.type != "worksheet") continue;
      sheets_.push_back({sheet.name, sheet.is_visible, relation.target});
      break;
    }
  }
  for (const Relation& relation : relations) {
    if (relation.type == "sharedStrings") BULLION_TRY(read_strings(relation.target));
    if (relation.type == "styles") BULLION_TRY(read_styles(relation.target));
  }
  return ok();
}

Status XlsxPackage::read_workbook(const std::string& part) {
  WorkbookPart workbook;
  BULLION_TRY_ASSIGN(const bool is_there, parse(part, kWorkbookPartMax, workbook));
  if (!is_there) {
    return corrupt(fmt::format("the file is no Excel workbook: its part {} is missing", part));
  }
  sheets_ = std::move(workbook.sheets);
  counts_from_1904_ = workbook.counts_from_1904;
  return ok();
}

Status XlsxPackage::read_strings(const std::string& part) {
  strings_ = SharedStrings();
  StringsPart handler(strings_);
  BULLION_TRY(parse(part, kSharedStringsPartMax, handler));
  return ok();
}

Status XlsxPackage::read_styles(const std::string& part) {
  StylesPart handler;
  BULLION_TRY(parse(part, kWorkbookPartMax, handler));
  styles_ = handler.styles();
  return ok();
}

}  // namespace bullion::records
