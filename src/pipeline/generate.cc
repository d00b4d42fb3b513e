#include "pipeline/generate.h"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <filesystem>
#include <thread>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <yaml-cpp/yaml.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "storage/file_system.h"

namespace bullion::pipeline {
namespace {

constexpr size_t kWritersAtOnce = 2;
constexpr size_t kFlushBytes = 1 << 20;

struct Variant {
  std::string when;
  std::vector<std::string> setup;
  std::string files;
  std::string lines;
  std::string labels;
};

struct Description {
  std::vector<GenerateParameter> parameters;
  std::string header;  ///< first line of every file
  std::string labels_header;
  std::vector<Variant> variants;
};

Result<std::string> domain_text(const DomainFiles& domain, const std::string& path) {
  const auto bytes = domain(path);
  if (!bytes) return not_found("the domain has no file " + path);
  return std::string(*bytes);
}

Description parse_description(const YAML::Node& root) {
  Description description;
  const auto joined = [&root](const char* key) {
    return fmt::format("{}", fmt::join(root[key].as<std::vector<std::string>>(), ","));
  };
  description.header = joined("header");
  description.labels_header = joined("labels_header");
  for (const YAML::Node& node : root["parameters"]) {
    GenerateParameter parameter{.name = node["name"].as<std::string>(),
                                .type = node["type"].as<std::string>(),
                                .default_value = node["default"].as<std::string>(),
                                .min = node["min"].as<int64_t>(0),
                                .max = node["max"].as<int64_t>(0),
                                .description = node["description"].as<std::string>("")};
    description.parameters.push_back(std::move(parameter));
  }
  for (const YAML::Node& node : root["variants"]) {
    Variant variant{.when = node["when"].as<std::string>(""),
                    .setup = node["setup"].as<std::vector<std::string>>(std::vector<std::string>()),
                    .files = node["files"].as<std::string>(),
                    .lines = node["lines"].as<std::string>(),
                    .labels = node["labels"].as<std::string>()};
    description.variants.push_back(std::move(variant));
  }
  return description;
}

Result<Description> read_description(const DomainFiles& domain) {
  BULLION_TRY_ASSIGN(const std::string text, domain_text(domain, "generate.yml"));
  try {
    return parse_description(YAML::Load(text));
  } catch (const YAML::Exception& fault) {
    return invalid(fmt::format("generate.yml:{}: {}", fault.mark.line + 1, fault.msg));
  }
}

Status check_value(const GenerateParameter& parameter, const std::string& value) {
  std::string flag = "--" + parameter.name;
  std::replace(flag.begin(), flag.end(), '_', '-');
  if (parameter.type == "date") {
    if (parse_date(value)) return ok();
    return invalid(fmt::format("{} {}: expected a date like 2025-01-31", flag, value));
  }
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool whole = fault == std::errc{} && end == value.data() + value.size();
  if (whole && number >= parameter.min && number <= parameter.max) return ok();
  return invalid(fmt::format("{} {}: expected a whole number from {} to {}", flag, value,
                             parameter.min, parameter.max));
}

Result<std::map<std::string, std::string>> bind_parameters(
    const Description& description, const std::map<std::string, std::string>& given) {
  std::map<std::string, std::string> values;
  std::vector<std::string> names;
  for (const GenerateParameter& parameter : description.parameters) {
    names.push_back(parameter.name);
    const auto value = given.find(parameter.name);
    values[parameter.name] = value == given.end() ? parameter.default_value : value->second;
    BULLION_TRY(check_value(parameter, values[parameter.name]));
  }
  for (const auto& [name, value] : given) {
    if (values.contains(name)) continue;
    return invalid(fmt::format("generate has no parameter {}{}; it takes {}", name,
                               did_you_mean(name, names), fmt::join(names, ", ")));
  }
  return values;
}

/// Replaces every {{ var('name') }}.
Result<std::string> substitute(std::string text, const std::map<std::string, std::string>& values,
                               const std::string& path) {
  for (size_t start = 0; (start = text.find("{{", start)) != std::string::npos;) {
    const size_t end = text.find("}}", start);
    const size_t open = text.find('\'', start);
    const size_t close = open == std::string::npos ? open : text.find('\'', open + 1);
    if (end == std::string::npos || close == std::string::npos || close > end) {
      return invalid(path + ": expected {{ var('name') }}");
    }
    const auto value = values.find(text.substr(open + 1, close - open - 1));
    if (value == values.end()) {
      return invalid(
          fmt::format("{}: unknown parameter {}", path, text.substr(open + 1, close - open - 1)));
    }
    text.replace(start, end + 2 - start, value->second);
    start += value->second.size();
  }
  return text;
}

/// Writes the one text column of a query as lines.
Result<int64_t> write_lines(engine::Engine& engine, const std::string& sql,
                            const std::string& header, storage::FileSystem& files,
                            const std::string& name) {
  BULLION_TRY_ASSIGN(const auto writer, files.create_stream(name));
  std::string buffer = header + "\n";
  int64_t lines = 0;
  BULLION_TRY(engine.stream(
      sql, [](const delta::Schema&) { return ok(); },
      [&](const std::vector<engine::Value>& row) -> Status {
        buffer += engine::to_text(row.at(0));
        buffer.push_back('\n');
        ++lines;
        if (buffer.size() < kFlushBytes) return ok();
        const Status written = writer->append(buffer);
        buffer.clear();
        return written;
      }));
  BULLION_TRY(writer->append(buffer));
  BULLION_TRY(writer->finish());
  return lines;
}

/// Picks the variant whose parameter is above zero, else the one without a condition.
const Variant* choose_variant(const Description& description,
                              const std::map<std::string, std::string>& values) {
  for (const Variant& variant : description.variants) {
    if (variant.when.empty()) return &variant;
    const auto value = values.find(variant.when);
    if (value != values.end() && value->second != "0") return &variant;
  }
  return nullptr;
}

Status run_setup(engine::Engine& engine, const DomainFiles& domain, const Variant& variant,
                 const std::map<std::string, std::string>& values) {
  for (const std::string& path : variant.setup) {
    BULLION_TRY_ASSIGN(std::string text, domain_text(domain, path));
    BULLION_TRY_ASSIGN(text, substitute(std::move(text), values, path));
    const Status done = engine.execute(text);
    if (!done) return done.error().within(path);
  }
  return ok();
}

Result<int64_t> write_files(engine::Engine& engine, const engine::Rows& names,
                            const std::string& header, const std::string& lines_sql,
                            const std::map<std::string, std::string>& values,
                            storage::FileSystem& files, const Report& report) {
  std::vector<Result<int64_t>> written(names.rows.size(), int64_t{0});
  std::atomic<size_t> next{0};
  std::atomic<int64_t> done{0};
  const auto work = [&] {
    for (size_t i = next++; i < names.rows.size(); i = next++) {
      auto file_values = values;
      file_values["file_index"] = engine::to_text(names.rows[i].at(0));
      const std::string name = engine::to_text(names.rows[i].at(1));
      auto sql = substitute(lines_sql, file_values, "lines");
      written[i] =
          sql ? write_lines(engine, *sql, header, files, name) : Result<int64_t>(sql.error());
      if (report) report("generate", name, ++done, static_cast<int64_t>(names.rows.size()));
    }
  };
  std::vector<std::jthread> workers;
  for (size_t i = 1; i < kWritersAtOnce; ++i) workers.emplace_back(work);
  work();
  workers.clear();
  int64_t lines = 0;
  for (auto& result : written) {
    if (!result) return std::move(result).error();
    lines += *result;
  }
  return lines;
}

}  // namespace

Result<std::vector<GenerateParameter>> generate_parameters(const DomainFiles& domain) {
  BULLION_TRY_ASSIGN(Description description, read_description(domain));
  return std::move(description.parameters);
}

Result<GenerateOutcome> generate(engine::Engine& engine, const DomainFiles& domain,
                                 const std::map<std::string, std::string>& given,
                                 const std::string& folder, const Report& report) {
  BULLION_TRY_ASSIGN(const Description description, read_description(domain));
  BULLION_TRY_ASSIGN(const auto values, bind_parameters(description, given));
  const Variant* variant = choose_variant(description, values);
  if (variant == nullptr) return invalid("generate.yml: no variant applies to these parameters");
  BULLION_TRY(run_setup(engine, domain, *variant, values));
  BULLION_TRY_ASSIGN(std::string files_sql, domain_text(domain, variant->files));
  BULLION_TRY_ASSIGN(files_sql, substitute(std::move(files_sql), values, variant->files));
  BULLION_TRY_ASSIGN(const engine::Rows names, engine.query(files_sql));
  BULLION_TRY_ASSIGN(const std::string lines_sql, domain_text(domain, variant->lines));
  const std::filesystem::path target =
      std::filesystem::absolute(folder.ends_with('/') ? folder.substr(0, folder.size() - 1)
                                                      : folder)
          .lexically_normal();
  const auto files = storage::local_file_system(target.string());
  GenerateOutcome outcome;
  outcome.files = static_cast<int64_t>(names.rows.size());
  BULLION_TRY_ASSIGN(outcome.lines, write_files(engine, names, description.header, lines_sql,
                                                values, *files, report));
  BULLION_TRY_ASSIGN(std::string labels_sql, domain_text(domain, variant->labels));
  BULLION_TRY_ASSIGN(labels_sql, substitute(std::move(labels_sql), values, variant->labels));
  const auto beside = storage::local_file_system(target.parent_path().string());
  std::string labels = target.filename().string() + "-labels.csv";
  if (!variant->when.empty()) {
    labels =
        fmt::format("{}-{}-labels.csv", target.filename().string(),
                    std::filesystem::path(engine::to_text(names.rows.at(0).at(1))).stem().string());
  }
  outcome.labels_path = (target.parent_path() / labels).string();
  BULLION_TRY(write_lines(engine, labels_sql, description.labels_header, *beside, labels));
  return outcome;
}

}  // namespace bullion::pipeline
