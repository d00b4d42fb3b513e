#include "project/project.h"

#include <algorithm>
#include <iterator>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/nearest_name.h"

namespace bullion::project {
namespace {

template <typename T>
const T* find_named(const std::vector<T>& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const T& item) { return item.contract.name == name; });
  return found == items.end() ? nullptr : &*found;
}

delta::Column required(const char* name, delta::DataType type) {
  return {.name = name, .type = std::move(type), .nullable = false, .metadata_json = "{}"};
}
delta::Column required_text(const char* name) {
  return required(name, {delta::TypeId::String, 0, 0, {}});
}
delta::Column required_decimal(const char* name, int precision, int scale) {
  return required(name, {delta::TypeId::Decimal, precision, scale, {}});
}

}  // namespace

delta::Schema detector_columns() {
  return {required_text("finding_key"),
          required_text("subject_type"),
          required_text("subject_id"),
          required_text("row_id"),
          required_text("role"),
          required("occurred_on", {delta::TypeId::Date, 0, 0, {}}),
          required_decimal("amount_at_risk", 28, 6),
          required_text("currency"),
          required_decimal("strength", 5, 4),
          required_text("reason")};
}

delta::Schema findings_columns() {
  delta::Schema columns{required_text("detector"), required_text("severity"),
                        required_decimal("weight", 5, 4)};
  for (delta::Column& column : detector_columns()) columns.push_back(std::move(column));
  return columns;
}

delta::Schema landed_file_columns() {
  const auto optional_text = [](const char* name) {
    delta::Column column = required_text(name);
    column.nullable = true;
    return column;
  };
  return {required_text("file_key"),
          required_text("source"),
          required_text("file_id"),
          required_text("sha256"),
          required_text("file_name"),
          required_text("batch_id"),
          required("received_at", {delta::TypeId::Timestamp, 0, 0, {}}),
          required("bytes", {delta::TypeId::Long, 0, 0, {}}),
          required("row_count", {delta::TypeId::Long, 0, 0, {}}),
          optional_text("month"),
          optional_text("currency"),
          required("is_duplicate", {delta::TypeId::Boolean, 0, 0, {}}),
          optional_text("same_as"),
          required("is_withdrawn", {delta::TypeId::Boolean, 0, 0, {}})};
}

delta::Schema ingest_columns(const Source& source) {
  const auto text = [](const char* name, bool nullable) {
    return delta::Column{.name = name,
                         .type = {delta::TypeId::String, 0, 0, {}},
                         .nullable = nullable,
                         .metadata_json = "{}"};
  };
  delta::Schema columns{text("_batch_id", false), text("_file_id", false), text("_extra", true)};
  if (source.snapshot.covers != Snapshot::Covers::None) columns.push_back(text("_as_of", false));
  if (!source.identity.empty()) columns.push_back(text("_row_id", false));
  return columns;
}

delta::Schema bronze_schema(const Source& source) {
  delta::Schema schema = source.contract.columns;
  for (delta::Column& column : ingest_columns(source)) schema.push_back(std::move(column));
  return schema;
}

std::string AlignedInput::output_of(const std::string& partition) const {
  const auto day = unit ? parse_date(partition) : std::nullopt;
  return day ? format_date(first_day(*unit, *day)) : partition;
}

const ValueFormat& Source::values_of(const std::string& column) const {
  const auto cell = cells.find(column);
  return cell == cells.end() ? values : cell->second.values;
}

std::string to_string(const ValueRange& range) {
  std::string text;
  const auto add = [&](const char* words, const std::optional<std::string>& end) {
    if (end) text += fmt::format("{}{} {}", text.empty() ? "" : " and ", words, *end);
  };
  add("above", range.above);
  add("at least", range.at_least);
  add("below", range.below);
  add("at most", range.at_most);
  return text;
}

std::string to_string(ModelKind kind) {
  switch (kind) {
    case ModelKind::Append:
      return "append";
    case ModelKind::Latest:
      return "latest";
    case ModelKind::Snapshot:
      return "snapshot";
    case ModelKind::Aggregate:
      return "aggregate";
    case ModelKind::Full:
      return "full";
  }
  return "";
}

const Source* Project::find_source(const std::string& table) const {
  return find_named(sources, table);
}
const Model* Project::find_model(const std::string& table) const {
  return find_named(models, table);
}
const Seed* Project::find_seed(const std::string& table) const { return find_named(seeds, table); }

const Detector* Project::find_detector(const std::string& detector) const {
  const auto found = std::find_if(detectors.begin(), detectors.end(),
                                  [&](const Detector& item) { return item.name == detector; });
  return found == detectors.end() ? nullptr : &*found;
}

const Contract* Project::find_contract(const std::string& table) const {
  if (const Source* source = find_source(table)) return &source->contract;
  if (const Model* model = find_model(table)) return &model->contract;
  if (const Seed* seed = find_seed(table)) return &seed->contract;
  return nullptr;
}

Status Project::expect_source(const std::string& table) const {
  const std::vector<std::string> names = names_of(sources);
  if (std::ranges::find(names, table) != names.end()) return ok();
  return not_found(fmt::format("there is no source `{}`{}; the project has {}", table,
                               did_you_mean(table, names),
                               names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

std::vector<std::string> Project::table_names() const {
  std::vector<std::string> names = names_of(sources);
  std::ranges::copy(names_of(seeds), std::back_inserter(names));
  std::ranges::copy(names_of(models), std::back_inserter(names));
  return names;
}

std::string Project::layer_of(const std::string& table) const {
  if (find_source(table) != nullptr) return "bronze";
  if (const Model* model = find_model(table)) return model->layer;
  if (find_seed(table) != nullptr) return "seeds";
  return "";
}

}  // namespace bullion::project
