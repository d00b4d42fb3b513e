// sources/NAME.yml as text.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infer/source_draft_internal.h"

namespace bullion::infer {
namespace {

std::string list_of(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(yaml_text(text));
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

std::string character(char c) {
  if (c == '\0') return "none";
  if (c == '\t') return "tab";
  if (c == ' ') return "space";
  return yaml_text(std::string(1, c));
}

/// One line of a comment: whatever a file holds must not end it.
std::string comment_text(std::string_view text) {
  std::string out;
  for (const char c : text) out += static_cast<unsigned char>(c) < 0x20 || c == '\x7F' ? ' ' : c;
  return out;
}

class Writer {
 public:
  explicit Writer(const SourceDraft& draft) : draft_(draft) {}

  std::string write() {
    comment("", fmt::format("Written by `bullion source infer` from {} {} with {} rows looked at.",
                            draft_.file_count, draft_.file_count == 1 ? "file" : "files",
                            with_commas(draft_.rows)));
    comment("",
            "Every line is yours to change; lines with `check:` are guesses that the files do not "
            "prove.");
    for (const std::string& note : draft_.notes) comment("", note);
    for (const std::string& check : draft_.checks) comment("", "check: " + check);
    out_ += "version: 2\nsources:\n";
    out_ += fmt::format("  - name: {}\n", draft_.name);
    out_ += fmt::format("    description: {}\n",
                        yaml_text(fmt::format("Rows of {} as they were delivered.",
                                              fmt::format("{}", fmt::join(draft_.files, ", ")))));
    out_ += "    meta: {owner: you@example.com}  # check: who answers for these files\n";
    out_ += "    config:\n";
    config();
    out_ += "    columns:\n";
    for (const DraftColumn& column : draft_.columns) write_column(column);
    return std::move(out_);
  }

 private:
  void comment(std::string_view indent, std::string_view text) {
    out_ += fmt::format("{}# {}\n", indent, comment_text(text));
  }

  void key(const std::string& name, const std::string& value) {
    out_ += fmt::format("      {}: {}", name, value);
    const auto evidence = draft_.evidence.find(name);
    if (evidence != draft_.evidence.end()) out_ += "  # " + comment_text(evidence->second);
    out_ += '\n';
  }

  void config() {
    const project::FileFormat& format = draft_.format;
    key("files", draft_.files.size() == 1 ? yaml_text(draft_.files[0]) : list_of(draft_.files));
    key("format", format.kind);
    if (!format.members.empty()) key("members", list_of(format.members));
    if (format.kind == "csv") dialect();
    if (!format.json_path.empty()) key("json_path", yaml_text(format.json_path));
    if (format.kind == "csv" || format.kind == "xlsx") table();
    values();
    if (!draft_.amount.empty()) key("amount", draft_.amount);
    if (!draft_.currency_column.empty()) key("currency_column", draft_.currency_column);
    if (!draft_.grain.empty()) key("grain", fmt::format("[{}]", fmt::join(draft_.grain, ", ")));
    excludes();
    for (const std::string& hint : draft_.hints) comment("      ", hint);
  }

  void dialect() {
    const project::FileFormat& format = draft_.format;
    key("encoding", format.encodings.size() == 1
                        ? format.encodings[0]
                        : fmt::format("[{}]", fmt::join(format.encodings, ", ")));
    key("delimiter", character(format.delimiter));
    if (format.quote != '"') key("quote", character(format.quote));
    if (format.escape != '\0') key("escape", character(format.escape));
    if (format.comment != '\0') key("comment", character(format.comment));
    if (format.trim) key("trim", "true");
  }

  void table() {
    const project::FileFormat& format = draft_.format;
    if (format.skip_rows > 0) key("skip_rows", std::to_string(format.skip_rows));
    key("header", format.header ? "true" : "false");
    if (format.header_rows > 1) key("header_rows", std::to_string(format.header_rows));
    if (format.header_within > 1) key("header_within", std::to_string(format.header_within));
    if (format.field_count == project::FieldCount::PadShort) {
      key("field_count", "pad_short");
    } else if (format.field_count == project::FieldCount::Ignore) {
      key("field_count", "ignore");
    } else if (draft_.evidence.contains("field_count")) {
      key("field_count", "exact");
    }
  }

  void values() {
    const NumberStyle& numbers = draft_.numbers;
    if (draft_.null_words.size() > 1) key("null_words", list_of(draft_.null_words));
    if (numbers.decimal_mark != '.') key("decimal_mark", character(numbers.decimal_mark));
    if (numbers.thousands_mark != '\0') key("thousands_mark", character(numbers.thousands_mark));
    if (numbers.parentheses || numbers.trailing_minus) {
      std::vector<std::string> ways{"minus"};
      if (numbers.parentheses) ways.emplace_back("parentheses");
      if (numbers.trailing_minus) ways.emplace_back("trailing_minus");
      key("negatives", fmt::format("[{}]", fmt::join(ways, ", ")));
    }
    if (!numbers.signs.empty()) key("currency_signs", list_of(numbers.signs));
  }

  void excludes() {
    if (draft_.excludes.empty()) return;
    out_ += "      exclude:\n";
    for (const ExcludeGuess& guess : draft_.excludes) {
      comment("        ", guess.evidence);
      std::string rule = "reason: " + guess.rule.reason;
      if (!guess.rule.column.empty())
        rule +=
            fmt::format(", column: {}, like: {}", guess.rule.column, yaml_text(guess.rule.like));
      if (!guess.rule.only.empty())
        rule += fmt::format(", only: [{}]", fmt::join(guess.rule.only, ", "));
      out_ += fmt::format("        - {{{}}}\n", rule);
    }
  }

  void write_column(const DraftColumn& column) {
    out_ += fmt::format("      - name: {}\n", column.name);
    out_ += fmt::format("        data_type: {}  # {}\n", column.type.text,
                        comment_text(column.type.evidence));
    for (const std::string& note : column.notes) comment("        ", note);
    for (const std::string& check : column.checks) comment("        ", "check: " + check);
    if (!column.source_names.empty())
      out_ += fmt::format("        source_names: {}\n", list_of(column.source_names));
    if (!column.type.date_formats.empty())
      out_ += fmt::format("        date_formats: {}\n", list_of(column.type.date_formats));
    if (!column.null_words.empty())
      out_ += fmt::format("        null_words: {}\n", list_of(column.null_words));
    if (column.not_null) out_ += "        constraints: [{type: not_null}]\n";
  }

  const SourceDraft& draft_;
  std::string out_;
};

}  // namespace

std::string yaml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (c == '\t') {
      out += "\\t";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == '\x7F') {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  return out + '"';
}

std::string to_yaml(const SourceDraft& draft) { return Writer(draft).write(); }

}  // namespace bullion::infer
