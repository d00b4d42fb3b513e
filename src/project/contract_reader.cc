#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/date.h"
#include "base/decimal.h"
#include "base/nearest_name.h"
#include "base/text_pattern.h"
#include "project/readers_internal.h"

namespace bullion::project {
namespace {

const std::vector<std::string>& type_names() {
  static const std::vector<std::string> kNames = {"string", "boolean",   "smallint",
                                                  "int",    "bigint",    "double",
                                                  "date",   "timestamp", "decimal(18,2)"};
  return kNames;
}

std::optional<int> digits(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  int value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || code != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Result<delta::DataType> parse_decimal_type(std::string_view text) {
  const size_t open = text.find('(');
  const size_t comma = text.find(',');
  if (open == std::string_view::npos || comma == std::string_view::npos || text.back() != ')') {
    return invalid(fmt::format("`{}` needs its digits, for example decimal(18,2)", text));
  }
  const auto precision = digits(text.substr(open + 1, comma - open - 1));
  const auto scale = digits(text.substr(comma + 1, text.size() - comma - 2));
  if (!precision || !scale || *precision < 1 || *precision > 38 || *scale < 0 ||
      *scale > *precision) {
    return invalid(fmt::format(
        "`{}`: decimal(p,s) takes 1 to 38 digits p, of which s, 0 to p, after the point", text));
  }
  return delta::DataType::decimal(*precision, *scale);
}

bool is_range_end(const std::string& text, const delta::DataType& type) {
  using delta::TypeId;
  switch (type.id) {
    case TypeId::Decimal:
      return !parse_decimal(text, type.precision, type.scale).fault;
    case TypeId::Byte:
    case TypeId::Short:
    case TypeId::Integer:
    case TypeId::Long:
      return !parse_decimal(text, 18, 0).fault;
    case TypeId::Float:
    case TypeId::Double:
      return decimal_of(text).has_value();
    case TypeId::Date:
      return parse_date(text).has_value();
    case TypeId::Timestamp:
      return parse_timestamp(text).has_value();
    default:
      return false;
  }
}

/// Reads one item of `data_tests`.
class TestReader {
 public:
  TestReader(const Contract& contract, ProblemSink& problems)
      : contract_(contract), problems_(problems) {}

  /// `column` is "" for tests of the table. nullopt after a problem.
  std::optional<DataTest> read(const YamlNode& item, const std::string& column) {
    static const std::vector<std::string> kKinds = {"not_null", "unique",   "accepted_values",
                                                    "matches",  "in_range", "relationships"};
    const bool is_call = item.kind == YamlNode::Kind::Map && item.entries.size() == 1;
    if (item.kind != YamlNode::Kind::Scalar && !is_call) {
      problems_.error(item.mark, "yaml-type",
                      fmt::format("a data test is a name or `name: {{arguments}}`; names: {}",
                                  join_names(kKinds)));
      return std::nullopt;
    }
    DataTest test;
    test.kind = is_call ? item.entries[0].key : item.text;
    test.table = contract_.name;
    test.location = problems_.at(item.mark);
    test.depends_on = {contract_.name};
    if (!contains(kKinds, test.kind)) {
      problems_.error(item.mark, "test-unknown",
                      fmt::format("unknown data test `{}`{}; expected one of: {}", test.kind,
                                  did_you_mean(test.kind, kKinds), join_names(kKinds)));
      return std::nullopt;
    }
    const YamlNode nothing{.kind = YamlNode::Kind::Map, .mark = item.mark};
    const bool has_arguments = is_call && item.entries[0].value.kind != YamlNode::Kind::Null;
    MapReader outer(has_arguments ? item.entries[0].value : nothing,
                    fmt::format("data test `{}`", test.kind), problems_);
    read_arguments(outer, column, test);
    return test;
  }

 private:
  void read_arguments(MapReader& outer, const std::string& column, DataTest& test) {
    test.name = outer.text("name");
    const YamlNode* config_node = outer.take("config");
    const YamlNode nothing{.kind = YamlNode::Kind::Map};
    MapReader config(config_node != nullptr ? *config_node : nothing, "`config` of a data test",
                     problems_);
    for (MapReader* reader : {&outer, &config}) {
      const std::string severity = reader->choice("severity", {"warn", "error"}, "");
      if (severity == "warn") test.severity = Severity::Warn;
      const std::string where = reader->text("where");
      if (!where.empty()) test.where = where;
    }
    config.finish();
    const YamlNode* arguments = outer.take("arguments");
    if (arguments == nullptr) {
      read_own(outer, column, test);
    } else {
      MapReader inner(*arguments, fmt::format("`arguments` of data test `{}`", test.kind),
                      problems_);
      read_own(inner, column, test);
      inner.finish();
    }
    outer.finish();
  }

  void read_own(MapReader& reader, const std::string& column, DataTest& test) {
    if (!column.empty()) {
      test.columns = {column};
    } else {
      for (const char* key : {"columns", "column", "column_name"}) {
        const auto names = reader.texts(key);
        expect_columns(key, names, reader, contract_, problems_);
        test.columns.insert(test.columns.end(), names.begin(), names.end());
      }
      if (test.columns.empty()) {
        problems_.error(reader.mark(), "yaml-missing-key",
                        fmt::format("data test `{}` of a table needs `columns`", test.kind));
      }
    }
    if (test.kind == "accepted_values") {
      test.values = reader.texts("values");
      reader.take("quote");
      if (test.values.empty()) {
        problems_.error(reader.mark_of("values"), "yaml-missing-key",
                        "data test `accepted_values` needs a list `values`");
      }
    }
    if (test.kind == "matches") read_pattern(reader, test);
    if (test.kind == "in_range") read_range(reader, test);
    if (test.kind == "relationships") {
      const std::string to = reader.required_text("to");
      test.to_table = table_of_reference(to);
      test.to_column = reader.required_text("field");
      if (test.to_table.empty() && !to.empty()) {
        problems_.error(reader.mark_of("to"), "yaml-value",
                        fmt::format("`to` is `{}`; expected a table name or ref('table')", to));
      }
    }
  }

  /// The type of the only column; nullopt when there is not one that exists.
  std::optional<delta::DataType> tested_type(const MapReader& reader, const DataTest& test) {
    if (test.columns.size() != 1) {
      problems_.error(reader.mark(), "yaml-value",
                      fmt::format("data test `{}` takes one column", test.kind));
      return std::nullopt;
    }
    const int at = find_column(contract_.columns, test.columns[0]);
    if (at < 0) return std::nullopt;
    return contract_.columns[static_cast<size_t>(at)].type;
  }

  void read_pattern(MapReader& reader, DataTest& test) {
    test.pattern = reader.required_text("pattern");
    const auto type = tested_type(reader, test);
    if (type && type->id != delta::TypeId::String) {
      problems_.error(reader.mark_of("pattern"), "type-mismatch",
                      fmt::format("data test `matches` is for string columns; `{}` is {}",
                                  test.columns[0], delta::to_string(*type)));
    }
    if (test.pattern.empty()) return;
    const auto pattern = TextPattern::parse(test.pattern);
    if (!pattern) {
      problems_.error(reader.mark_of("pattern"), "yaml-value", pattern.error().message());
    }
  }

  void read_range(MapReader& reader, DataTest& test) {
    const auto type = tested_type(reader, test);
    const auto end = [&](const char* key, std::optional<std::string>& value) {
      const std::string text = reader.text(key);
      if (text.empty()) return;
      value = text;
      if (type && !is_range_end(text, *type)) {
        problems_.error(reader.mark_of(key), "yaml-value",
                        fmt::format("`{}` is `{}`, which is no value of `{}`, a column of {}; "
                                    "ranges are of numbers, dates and timestamps",
                                    key, text, test.columns[0], delta::to_string(*type)));
      }
    };
    end("above", test.range.above);
    end("at_least", test.range.at_least);
    end("below", test.range.below);
    end("at_most", test.range.at_most);
    if (test.range.is_open()) {
      problems_.error(reader.mark(), "yaml-missing-key",
                      "data test `in_range` needs one of above, at_least, below, at_most");
    }
  }

  const Contract& contract_;
  ProblemSink& problems_;
};

class ColumnsReader {
 public:
  ColumnsReader(TableKind kind, Contract& contract, ProblemSink& problems,
                std::vector<DataTest>& tests, const ColumnKeys& more_keys)
      : kind_(kind),
        contract_(contract),
        problems_(problems),
        tests_(tests),
        more_keys_(more_keys) {}

  void read(const YamlNode& list) {
    if (list.kind != YamlNode::Kind::List) {
      problems_.error(list.mark, "yaml-type",
                      fmt::format("`columns` of `{}` must be a list, found {}", contract_.name,
                                  kind_name(list.kind)));
      return;
    }
    // Tests may name columns that stand further below.
    std::vector<std::pair<const YamlNode*, std::string>> pending;
    for (const YamlNode& item : list.items) {
      MapReader entry(item, fmt::format("a column of `{}`", contract_.name), problems_);
      const std::string name = column(entry);
      if (more_keys_) more_keys_(entry, name);
      for (const char* key : {"data_tests", "tests"}) {
        const YamlNode* node = entry.take(key);
        if (node != nullptr && !name.empty()) pending.emplace_back(node, name);
      }
      entry.finish();
    }
    for (const auto& [node, name] : pending) tests(*node, name);
  }

  void tests(const YamlNode& list, const std::string& name) {
    if (list.kind != YamlNode::Kind::List) {
      if (list.kind == YamlNode::Kind::Null) return;
      problems_.error(list.mark, "yaml-type",
                      fmt::format("`data_tests` must be a list, found {}", kind_name(list.kind)));
      return;
    }
    for (const YamlNode& item : list.items) {
      auto test = TestReader(contract_, problems_).read(item, name);
      if (test && !enforced_on_ingest(*test)) tests_.push_back(std::move(*test));
    }
  }

 private:
  std::string column(MapReader& entry) {
    delta::Column out;
    out.name = entry.required_text("name");
    const std::string description = entry.text("description");
    const std::string type = entry.required_text("data_type");
    entry.take("meta");
    if (!type.empty()) {
      auto parsed = parse_data_type(type);
      if (parsed) {
        out.type = *parsed;
      } else {
        problems_.error(entry.mark_of("data_type"), "type-unknown", parsed.error().message());
      }
    }
    constraints(entry, out);
    check_name(entry, out);
    if (out.name.empty() || find_column(contract_.columns, out.name) >= 0) return "";
    if (!description.empty()) contract_.column_descriptions[out.name] = description;
    contract_.columns.push_back(out);
    return out.name;
  }

  void check_name(const MapReader& entry, const delta::Column& column) {
    const Mark mark = entry.mark_of("name");
    if (find_column(contract_.columns, column.name) >= 0) {
      problems_.error(mark, "name-duplicate",
                      fmt::format("column `{}` of `{}` is declared twice (upper and lower case are "
                                  "the same)",
                                  column.name, contract_.name));
    }
    if (kind_ == TableKind::Source && column.name.starts_with("_")) {
      problems_.error(mark, "name-reserved",
                      fmt::format("column `{}`: names of source columns that begin with `_` are "
                                  "Bullion's own",
                                  column.name));
    }
    const bool special = column.name == "published_at" || column.name == "first_published_at";
    if (special && kind_ == TableKind::Model && column.type.id != delta::TypeId::Timestamp) {
      problems_.error(
          entry.mark_of("data_type"), "type-mismatch",
          fmt::format("Bullion fills `{}`; its data_type must be timestamp", column.name));
    }
  }

  void constraints(MapReader& entry, delta::Column& column) {
    const YamlNode* list = entry.take("constraints");
    if (list == nullptr) return;
    if (list->kind != YamlNode::Kind::List && list->kind != YamlNode::Kind::Null) {
      problems_.error(list->mark, "yaml-type",
                      "`constraints` must be a list such as [{type: not_null}]");
    }
    for (const YamlNode& item : list->items) {
      MapReader constraint(item, "a constraint", problems_);
      const std::string type = constraint.required_text("type");
      if (type == "not_null") {
        column.nullable = false;
      } else if (!type.empty()) {
        problems_.error(constraint.mark_of("type"), "yaml-value",
                        fmt::format("constraint `{}` is not enforced{}; expected not_null (write "
                                    "others as data_tests)",
                                    type, did_you_mean(type, {"not_null"})));
      }
      constraint.finish();
    }
  }

  /// Tests of single rows of a source reject the row instead of failing a run.
  bool enforced_on_ingest(const DataTest& test) {
    const bool per_row = kind_ == TableKind::Source && test.where.empty() &&
                         test.severity == Severity::Error && test.columns.size() == 1;
    if (!per_row) return false;
    const int at = find_column(contract_.columns, test.columns[0]);
    if (at < 0) return false;
    delta::Column& tested = contract_.columns[static_cast<size_t>(at)];
    if (test.kind == "not_null") {
      tested.nullable = false;
      return true;
    }
    if (test.kind == "accepted_values") contract_.accepted_values[tested.name] = test.values;
    if (test.kind == "matches") contract_.patterns[tested.name] = test.pattern;
    if (test.kind == "in_range") contract_.ranges[tested.name] = test.range;
    return test.kind == "accepted_values" || test.kind == "matches" || test.kind == "in_range";
  }

  TableKind kind_;
  Contract& contract_;
  ProblemSink& problems_;
  std::vector<DataTest>& tests_;
  const ColumnKeys& more_keys_;
};

void check_amount(const MapReader& config, const Contract& contract, ProblemSink& problems) {
  const int amount = find_column(contract.columns, contract.amount_column);
  if (amount >= 0) {
    const delta::DataType& type = contract.columns[static_cast<size_t>(amount)].type;
    if (type.id != delta::TypeId::Decimal && type.id != delta::TypeId::Long &&
        type.id != delta::TypeId::Integer) {
      problems.error(config.mark_of("amount"), "float-money",
                     fmt::format("`amount` names `{}`, which is {}; money is decimal(p,s)",
                                 contract.amount_column, delta::to_string(type)));
    }
  }
  const int currency = find_column(contract.columns, contract.currency_column);
  if (currency >= 0 &&
      contract.columns[static_cast<size_t>(currency)].type.id != delta::TypeId::String) {
    problems.error(
        config.mark_of("currency_column"), "type-mismatch",
        fmt::format("`currency_column` names `{}`, which is {}; it must be string",
                    contract.currency_column,
                    delta::to_string(contract.columns[static_cast<size_t>(currency)].type)));
  }
}

}  // namespace

void read_owner(MapReader& entry, ProblemSink& problems, Contract& contract) {
  const YamlNode* meta = entry.take("meta");
  std::vector<std::string> keys;
  if (meta != nullptr && meta->kind != YamlNode::Kind::Null) {
    // Everything else under meta is the user's own; only a mapping makes sense.
    MapReader reader(*meta, fmt::format("`meta` of `{}`", contract.name), problems);
    contract.owner = reader.text("owner");
    for (const YamlEntry& item : meta->entries) keys.push_back(item.key);
  }
  if (!contract.owner.empty() || contract.name.empty()) return;
  const std::string near = nearest_name("owner", keys);
  problems.warn(
      meta != nullptr ? meta->mark : entry.mark_of("name"), "owner-missing",
      fmt::format("`{}` has no owner{}; write `meta: {{owner: team@example.com}}`", contract.name,
                  near.empty() ? "" : " (`" + near + "` should be `owner`)"));
}

Result<delta::DataType> parse_data_type(std::string_view text) {
  using delta::TypeId;
  static const std::map<std::string, TypeId> kTypes = {
      {"string", TypeId::String},       {"varchar", TypeId::String}, {"text", TypeId::String},
      {"boolean", TypeId::Boolean},     {"bool", TypeId::Boolean},   {"tinyint", TypeId::Byte},
      {"smallint", TypeId::Short},      {"int", TypeId::Integer},    {"integer", TypeId::Integer},
      {"bigint", TypeId::Long},         {"long", TypeId::Long},      {"float", TypeId::Float},
      {"real", TypeId::Float},          {"double", TypeId::Double},  {"date", TypeId::Date},
      {"timestamp", TypeId::Timestamp}, {"binary", TypeId::Binary}};
  const std::string word = lower(text);
  if (word.starts_with("decimal") || word.starts_with("numeric")) return parse_decimal_type(word);
  const auto found = kTypes.find(word);
  if (found != kTypes.end()) return plain_type(found->second);
  return invalid(fmt::format("unknown type `{}`{}; expected one of: {}", text,
                             did_you_mean(word, type_names()), join_names(type_names())));
}

void expect_columns(const std::string& key, const std::vector<std::string>& names,
                    const MapReader& config, const Contract& contract, ProblemSink& problems) {
  const std::vector<std::string> known = column_names(contract.columns);
  for (size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty() || find_column(contract.columns, names[i]) >= 0) continue;
    problems.error(
        config.mark_of(key, i), "column-unknown",
        fmt::format("`{}` names `{}`, which is no column of `{}`{}; columns: {}", key, names[i],
                    contract.name, did_you_mean(names[i], known), join_names(known)));
  }
}

Contract read_contract(TableKind kind, MapReader& entry, MapReader& config, ProblemSink& problems,
                       std::vector<DataTest>& tests, const ColumnKeys& more_keys) {
  Contract contract;
  contract.name = entry.required_text("name");
  contract.location = problems.at(entry.mark_of("name"));
  contract.description = entry.text("description");
  if (!contract.name.empty() && !is_table_name(contract.name)) {
    problems.error(
        entry.mark_of("name"), "name-invalid",
        fmt::format("`{}` cannot be a table name; use lower-case letters, digits and `_`, "
                    "not starting with a digit",
                    contract.name));
  }
  entry.take("meta");
  entry.take("config");
  const YamlNode* columns = entry.take("columns");
  ColumnsReader reader(kind, contract, problems, tests, more_keys);
  if (columns != nullptr) reader.read(*columns);
  if (contract.columns.empty() && (columns == nullptr || columns->kind == YamlNode::Kind::List ||
                                   columns->kind == YamlNode::Kind::Null)) {
    problems.error(
        entry.mark_of("columns"), "yaml-missing-key",
        fmt::format("`{}` needs `columns`: each with `name` and `data_type`", contract.name));
  }
  read_owner(entry, problems, contract);
  for (const char* key : {"data_tests", "tests"}) {
    const YamlNode* list = entry.take(key);
    if (list != nullptr) reader.tests(*list, "");
  }
  contract.grain = config.texts("grain");
  expect_columns("grain", contract.grain, config, contract, problems);
  contract.amount_column = config.text("amount");
  expect_columns("amount", {contract.amount_column}, config, contract, problems);
  contract.currency_column = config.text("currency_column");
  expect_columns("currency_column", {contract.currency_column}, config, contract, problems);
  check_amount(config, contract, problems);
  const YamlNode* enforced = config.take("contract");
  if (enforced != nullptr) {
    MapReader reader_of_contract(*enforced, "`contract`", problems);
    if (!reader_of_contract.flag("enforced", true)) {
      problems.error(reader_of_contract.mark_of("enforced"), "yaml-value",
                     "contracts are always enforced; remove `enforced: false`");
    }
    reader_of_contract.finish();
  }
  return contract;
}

std::vector<const YamlNode*> table_entries(const YamlNode& document, const std::string& key,
                                           MapReader& top, ProblemSink& problems) {
  std::vector<const YamlNode*> out;
  const YamlNode* list = top.take(key);
  top.take("version");
  if (list == nullptr) return out;
  if (list->kind == YamlNode::Kind::List) {
    for (const YamlNode& item : list->items) out.push_back(&item);
  } else if (list->kind != YamlNode::Kind::Null) {
    problems.error(list->mark, "yaml-type",
                   fmt::format("`{}` must be a list, found {}", key, kind_name(list->kind)));
  }
  if (document.kind == YamlNode::Kind::Null) out.clear();
  return out;
}

}  // namespace bullion::project
