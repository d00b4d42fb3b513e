// The keys that say how a source's files are written (docs/sources.md).
#include <string_view>

#include <fmt/format.h>
#include <iconv.h>

#include "project/format_reader_internal.h"

namespace bullion::project {
namespace {

/// One character of a setting; `fallback` when absent, '\0' for "none".
char read_character(MapReader& config, const std::string& key, char fallback,
                    ProblemSink& problems) {
  const bool is_given = config.has(key);
  const std::string text = config.text(key);
  if (!is_given) return fallback;
  if (text == "none" || text.empty()) return '\0';
  if (text == "\\t" || text == "tab") return '\t';
  if (text == "space") return ' ';
  if (text.size() == 1 && text != "\n" && text != "\r") return text[0];
  problems.error(
      config.mark_of(key), "yaml-value",
      fmt::format("`{}` is `{}`; expected one ASCII character, tab, space or none", key, text));
  return fallback;
}

int read_count(MapReader& config, const std::string& key, int fallback, int max,
               ProblemSink& problems) {
  const bool is_given = config.has(key);
  const std::string text = config.text(key);
  if (!is_given) return fallback;
  const bool is_number = !text.empty() && text.size() <= 6 &&
                         text.find_first_not_of("0123456789") == std::string::npos;
  const int count = is_number ? std::stoi(text) : -1;
  if (count >= 0 && count <= max) return count;
  problems.error(config.mark_of(key), "yaml-value",
                 fmt::format("`{}` is `{}`; expected a whole number from 0 to {}", key, text, max));
  return fallback;
}

void read_csv_keys(MapReader& config, ProblemSink& problems, FileFormat& format) {
  format.delimiter = read_character(config, "delimiter", ',', problems);
  format.quote = read_character(config, "quote", '"', problems);
  format.escape = read_character(config, "escape", '\0', problems);
  format.comment = read_character(config, "comment", '\0', problems);
  if (format.delimiter == '\0' || format.delimiter == format.quote) {
    problems.error(config.mark_of("delimiter"), "yaml-value",
                   "`delimiter` must be one character, and another than `quote`");
    format.delimiter = ',';
    format.quote = '"';
  }
  const std::string field_count =
      config.choice("field_count", {"exact", "pad_short", "ignore"}, "exact");
  format.field_count = field_count == "exact"       ? FieldCount::Exact
                       : field_count == "pad_short" ? FieldCount::PadShort
                                                    : FieldCount::Ignore;
}

void read_header_keys(MapReader& config, ProblemSink& problems, FileFormat& format) {
  format.header = config.flag("header", true);
  format.header_rows = read_count(config, "header_rows", 1, 5, problems);
  format.header_within = read_count(config, "header_within", 1, 1000, problems);
  format.skip_rows = read_count(config, "skip_rows", 0, 100000, problems);
  if (format.header_rows < 1 || format.header_within < 1) {
    problems.error(config.mark(), "yaml-value",
                   "`header_rows` and `header_within` are at least 1; a file without a header "
                   "has `header: false`");
    format.header_rows = format.header_within = 1;
  }
}

ExcludeRule read_exclude_rule(const YamlNode& node, ProblemSink& problems) {
  MapReader entry(node, "a rule of `exclude`", problems);
  ExcludeRule rule;
  rule.reason = entry.choice("reason", {"control_total", "footer", "header", "note"}, "note");
  rule.column = entry.text("column");
  rule.like = entry.text("like");
  rule.only = entry.texts("only");
  if (rule.column.empty() != rule.like.empty() || (rule.column.empty() && rule.only.empty())) {
    problems.error(node.mark, "yaml-missing-key",
                   "a rule of `exclude` needs `column` and `like`, or `only`: for example "
                   "{reason: control_total, column: supplier, like: \"Grand Total*\"}");
  }
  entry.finish();
  return rule;
}

void read_exclude(MapReader& config, ProblemSink& problems, FileFormat& format) {
  const YamlNode* list = config.take("exclude");
  if (list == nullptr || list->kind == YamlNode::Kind::Null) return;
  if (list->kind != YamlNode::Kind::List) {
    problems.error(list->mark, "yaml-type",
                   fmt::format("`exclude` must be a list, found {}", kind_name(list->kind)));
    return;
  }
  for (const YamlNode& node : list->items)
    format.exclude.push_back(read_exclude_rule(node, problems));
}

void read_unpivot(MapReader& config, ProblemSink& problems, FileFormat& format) {
  const YamlNode* node = config.take("unpivot");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return;
  MapReader entry(*node, "`unpivot`", problems);
  format.unpivot.columns = entry.texts("columns");
  format.unpivot.name_column = entry.required_text("name");
  format.unpivot.value_column = entry.required_text("value");
  format.unpivot.keep_empty = entry.flag("keep_empty", false);
  format.unpivot.beside = entry.texts("beside");
  if (format.unpivot.columns.empty()) {
    problems.error(entry.mark_of("columns"), "yaml-missing-key",
                   "`unpivot` needs `columns`: patterns of header names such as [\"20*\"]");
  }
  entry.finish();
}

void check_column(const std::string& key, const std::string& name, Mark mark,
                  const Contract& contract, ProblemSink& problems) {
  if (name.empty() || delta::column_named(contract.columns, name) != nullptr) return;
  problems.error(mark, "column-unknown",
                 fmt::format("`{}` names `{}`, which is no column of `{}`; columns: {}", key, name,
                             contract.name, join_names(delta::column_names(contract.columns))));
}

/// Whether the conversion %`field` of a date format is understood.
bool is_date_field(char field) {
  return std::string_view("dmYybBejHIMSfpzZ%").find(field) != std::string_view::npos;
}

/// Why a date format cannot be obeyed; "" when it can.
std::string fault_of_date_format(const std::string& format) {
  bool has_year = false;
  bool has_month = false;
  for (size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const char field = i + 1 < format.size() ? format[++i] : ' ';
    if (!is_date_field(field)) return fmt::format("has `%{}`", field);
    has_year |= field == 'Y' || field == 'y';
    has_month |= field == 'm' || field == 'b' || field == 'B' || field == 'j';
  }
  if (!has_year) return "names no year";
  return has_month ? "" : "names no month";
}

void read_date_formats(MapReader& config, ProblemSink& problems, ValueFormat& values) {
  if (config.has("date_formats")) {
    values.date_formats = config.texts("date_formats");
    for (size_t i = 0; i < values.date_formats.size(); ++i) {
      const std::string fault = fault_of_date_format(values.date_formats[i]);
      if (fault.empty()) continue;
      problems.error(
          config.mark_of("date_formats", i), "yaml-value",
          fmt::format("the date format `{}` {}; expected strftime's %d %m %Y %y %b %B %e "
                      "%j %H %I %M %S %f %p %z %Z, for example \"%d/%m/%Y\"",
                      values.date_formats[i], fault));
    }
  }
  config.take("date_formats");
}

void read_encodings(MapReader& config, ProblemSink& problems, FileFormat& format) {
  if (config.has("encoding")) format.encodings = config.texts("encoding");
  config.take("encoding");
  if (format.encodings.empty()) format.encodings = {"utf-8"};
  for (size_t i = 0; i < format.encodings.size(); ++i) {
    const iconv_t handle = iconv_open("UTF-8", format.encodings[i].c_str());
    // NOLINTNEXTLINE: iconv_open's own error value is a pointer.
    if (handle != reinterpret_cast<iconv_t>(-1)) {
      iconv_close(handle);
      continue;
    }
    problems.error(config.mark_of("encoding", i), "yaml-value",
                   fmt::format("`encoding` is `{}`, which is not known; expected utf-8, utf-16, "
                               "windows-1252, iso-8859-15 or another name from `iconv --list`",
                               format.encodings[i]));
  }
}

}  // namespace

FileFormat read_file_format(MapReader& config, ProblemSink& problems) {
  FileFormat format;
  format.kind =
      config.choice("format", {"csv", "csv_or_jsonl", "json", "jsonl", "xlsx", "parquet"}, "csv");
  read_encodings(config, problems, format);
  read_csv_keys(config, problems, format);
  read_header_keys(config, problems, format);
  format.trim = config.flag("trim", false);
  format.sheet = config.text("sheet");
  format.json_path = config.text("json_path");
  format.members = config.texts("members");
  read_exclude(config, problems, format);
  read_unpivot(config, problems, format);
  if (!format.header && !format.unpivot.columns.empty()) {
    problems.error(config.mark(), "yaml-value",
                   "`unpivot` needs the names of a header; remove `header: false`");
  }
  return format;
}

void read_value_format(MapReader& config, ProblemSink& problems, ValueFormat& values) {
  if (config.has("null_words")) values.null_words = config.texts("null_words");
  config.take("null_words");
  values.decimal_mark = read_character(config, "decimal_mark", values.decimal_mark, problems);
  values.thousands_mark = read_character(config, "thousands_mark", values.thousands_mark, problems);
  if (values.decimal_mark == '\0') values.decimal_mark = '.';
  if (values.decimal_mark == values.thousands_mark) {
    problems.error(config.mark_of("thousands_mark"), "yaml-value",
                   "`thousands_mark` and `decimal_mark` are the same character; one must differ");
  }
  if (config.has("negatives")) {
    values.parentheses_negative = values.trailing_minus = false;
    const std::vector<std::string> negatives = config.texts("negatives");
    for (size_t i = 0; i < negatives.size(); ++i) {
      if (negatives[i] == "parentheses") {
        values.parentheses_negative = true;
      } else if (negatives[i] == "trailing_minus") {
        values.trailing_minus = true;
      } else if (negatives[i] != "minus") {
        problems.error(config.mark_of("negatives", i), "yaml-value",
                       fmt::format("`negatives` holds `{}`; expected minus, parentheses or "
                                   "trailing_minus",
                                   negatives[i]));
      }
    }
  }
  config.take("negatives");
  if (config.has("currency_signs")) values.currency_signs = config.texts("currency_signs");
  config.take("currency_signs");
  read_date_formats(config, problems, values);
  values.time_zone = config.text("time_zone", values.time_zone);
  values.dst = config.choice("dst", {"reject", "earlier", "later"}, values.dst);
  values.shortest_floats =
      config.choice("floats", {"refuse", "shortest"},
                    values.shortest_floats ? "shortest" : "refuse") == "shortest";
}

CellFormat read_cell_format(MapReader& entry, const ValueFormat& source, ProblemSink& problems) {
  CellFormat cell;
  cell.values = source;
  cell.source_names = entry.texts("source_names");
  read_value_format(entry, problems, cell.values);
  return cell;
}

/// Its source and columns may be declared later: check_snapshot_manifests looks at them.
void read_snapshot_manifest(MapReader& snapshot_entry, Snapshot& snapshot, ProblemSink& problems) {
  const Mark mark = snapshot_entry.mark_of("manifest");
  const YamlNode* node = snapshot_entry.take("manifest");
  const bool is_wanted = snapshot.covers == Snapshot::Covers::Manifest;
  if (node == nullptr) {
    if (!is_wanted) return;
    problems.error(snapshot_entry.mark(), "yaml-missing-key",
                   "`covers: manifest` needs `manifest: {source: NAME, file: COLUMN, start: "
                   "COLUMN, end: COLUMN}`, the source that lists which days each file covers");
    return;
  }
  if (!is_wanted) {
    problems.error(mark, "yaml-value",
                   "`manifest` says nothing without `covers: manifest`; add that, or remove it");
  }
  MapReader entry(*node, "`manifest`", problems);
  snapshot.manifest.source = entry.required_text("source");
  snapshot.manifest.file_column = entry.required_text("file");
  snapshot.manifest.start_column = entry.required_text("start");
  snapshot.manifest.end_column = entry.text("end", snapshot.manifest.start_column);
  entry.finish();
}

Snapshot read_snapshot(MapReader& config, const Contract& contract, ProblemSink& problems) {
  Snapshot snapshot;
  const YamlNode* node = config.take("snapshot");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return snapshot;
  MapReader entry(*node, "`snapshot`", problems);
  const std::string covers =
      entry.choice("covers", {"days_present", "range", "manifest"}, "days_present");
  snapshot.covers = covers == "range"      ? Snapshot::Covers::Range
                    : covers == "manifest" ? Snapshot::Covers::Manifest
                                           : Snapshot::Covers::DaysPresent;
  read_snapshot_manifest(entry, snapshot, problems);
  snapshot.day_column = entry.required_text("day");
  check_column("day", snapshot.day_column, entry.mark_of("day"), contract, problems);
  const delta::Column* day = delta::column_named(contract.columns, snapshot.day_column);
  if (day != nullptr && (day->type.id != delta::TypeId::Date || day->nullable)) {
    problems.error(
        entry.mark_of("day"), "type-mismatch",
        fmt::format("`day` is `{}`; it must be a date column with not_null", snapshot.day_column));
  }
  snapshot.as_of = entry.text("as_of", "file_name");
  if (snapshot.as_of != "file_name") {
    check_column("as_of", snapshot.as_of, entry.mark_of("as_of"), contract, problems);
    const delta::Column* as_of = delta::column_named(contract.columns, snapshot.as_of);
    if (as_of != nullptr && as_of->nullable) {
      problems.error(entry.mark_of("as_of"), "type-mismatch",
                     fmt::format("`as_of` is `{}`; it must have a value in every row (not_null)",
                                 snapshot.as_of));
    }
  }
  snapshot.as_of_pattern = entry.text("pattern");
  if (snapshot.as_of == "file_name" && snapshot.as_of_pattern.empty()) {
    problems.error(entry.mark(), "yaml-missing-key",
                   "`as_of: file_name` needs `pattern`, a regular expression with one group such "
                   "as \"snapshot_([0-9]+)_\"");
  }
  snapshot.as_of_type = entry.choice("type", {"integer", "date", "timestamp"}, "integer");
  entry.finish();
  return snapshot;
}

void check_day_column(MapReader& entry, const std::string& day, const Contract& contract,
                      ProblemSink& problems) {
  check_column("day", day, entry.mark_of("day"), contract, problems);
  const delta::Column* column = delta::column_named(contract.columns, day);
  if (column != nullptr && column->type.id != delta::TypeId::Date &&
      column->type.id != delta::TypeId::Timestamp) {
    problems.error(entry.mark_of("day"), "type-mismatch",
                   fmt::format("`day` is `{}`; it must be a date or timestamp column", day));
  }
}

Cadence read_cadence(MapReader& config, const Contract& contract, ProblemSink& problems) {
  Cadence cadence;
  const YamlNode* node = config.take("cadence");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return cadence;
  MapReader entry(*node, "`cadence`", problems);
  cadence.every = entry.choice("every", {"day", "month", "quarter", "year"}, "month");
  cadence.day_column = entry.required_text("day");
  check_day_column(entry, cadence.day_column, contract, problems);
  entry.finish();
  return cadence;
}

void check_format(const Source& source, Mark mark, ProblemSink& problems) {
  for (const ExcludeRule& rule : source.format.exclude) {
    check_column("exclude", rule.column, mark, source.contract, problems);
    for (const std::string& name : rule.only)
      check_column("only", name, mark, source.contract, problems);
  }
  check_column("unpivot.name", source.format.unpivot.name_column, mark, source.contract, problems);
  check_column("unpivot.value", source.format.unpivot.value_column, mark, source.contract,
               problems);
}

}  // namespace bullion::project
