#include <algorithm>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/alignment_internal.h"
#include "project/format_reader_internal.h"
#include "project/readers_internal.h"

namespace bullion::project {
namespace {

void read_source(const YamlNode& node, MapReader& entry, ProblemSink& problems, Project& project) {
  Source source;
  const YamlNode nothing{.kind = YamlNode::Kind::Map, .mark = node.mark};
  const YamlNode* config_node = entry.take("config");
  const std::string name = entry.text("name");
  MapReader config(config_node != nullptr ? *config_node : nothing,
                   fmt::format("the config of source `{}`", name), problems);
  source.format = read_file_format(config, problems);
  read_value_format(config, problems, source.values);
  const auto column_keys = [&](MapReader& column, const std::string& column_name) {
    CellFormat cell = read_cell_format(column, source.values, problems);
    if (!column_name.empty()) source.cells[column_name] = std::move(cell);
  };
  source.contract =
      read_contract(TableKind::Source, entry, config, problems, project.data_tests, column_keys);
  source.files = config.texts("files");
  source.rejects_of = config.text("rejects_of");
  if (!source.rejects_of.empty() && !source.files.empty()) {
    problems.error(config.mark_of("files"), "yaml-value",
                   fmt::format("source `{}` has the rejected records of `{}` and no files of its "
                               "own; remove `files`",
                               name, source.rejects_of));
  }
  if (source.files.empty() && source.rejects_of.empty()) {
    problems.error(config.mark_of("files"), "yaml-missing-key",
                   fmt::format("source `{}` needs `config: {{files: incoming/*.csv}}`", name));
  }
  source.snapshot = read_snapshot(config, source.contract, problems);
  source.cadence = read_cadence(config, source.contract, problems);
  source.identity = config.choice("identity", {"", "occurrence"}, "");
  read_files_table(source, config, problems, project);
  check_format(source, node.mark, problems);
  config.finish();
  entry.finish();
  source.hash = source_hash(source);
  if (!source.contract.name.empty()) project.sources.push_back(std::move(source));
}

/// The fields of the first line of a CSV file; quotes are taken off.
std::vector<std::string> header_fields(std::string_view bytes) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if (quoted) {
      if (c != '"') {
        out.back() += c;
      } else if (i + 1 < bytes.size() && bytes[i + 1] == '"') {
        out.back() += bytes[++i];
      } else {
        quoted = false;
      }
    } else if (c == '"') {
      quoted = true;
    } else if (c == ',') {
      out.emplace_back();
    } else if (c == '\n') {
      break;
    } else if (c != '\r') {
      out.back() += c;
    }
  }
  return out;
}

}  // namespace

void read_sources(std::string_view text, ProblemSink& problems, Project& project) {
  const YamlNode document = read_yaml(text, problems);
  if (document.kind == YamlNode::Kind::Null) return;
  MapReader top(document, problems.file(), problems);
  const auto entries = table_entries(document, "sources", top, problems);
  if (!top.has("sources") && top.has("name")) {
    // One source per file may be written without the list.
    return read_source(document, top, problems, project);
  }
  if (entries.empty() && document.kind == YamlNode::Kind::Map && !top.has("sources")) {
    problems.error(document.mark, "yaml-missing-key",
                   fmt::format("{} needs a list `sources:`", problems.file()));
  }
  for (const YamlNode* node : entries) {
    MapReader entry(*node, "a source", problems);
    read_source(*node, entry, problems, project);
  }
  top.finish();
}

void read_seed_schema(std::string_view text, ProblemSink& problems, Project& project) {
  const YamlNode document = read_yaml(text, problems);
  if (document.kind == YamlNode::Kind::Null) return;
  MapReader top(document, problems.file(), problems);
  for (const YamlNode* node : table_entries(document, "seeds", top, problems)) {
    MapReader entry(*node, "a seed", problems);
    const YamlNode nothing{.kind = YamlNode::Kind::Map, .mark = node->mark};
    const YamlNode* config_node = entry.take("config");
    MapReader config(config_node != nullptr ? *config_node : nothing, "the config of a seed",
                     problems);
    Seed seed;
    seed.contract = read_contract(TableKind::Seed, entry, config, problems, project.data_tests);
    config.finish();
    entry.finish();
    if (!seed.contract.name.empty()) project.seeds.push_back(std::move(seed));
  }
  top.finish();
}

void read_seed_file(std::string_view bytes, const std::string& file, Seed& seed,
                    std::vector<Problem>& problems) {
  ProblemSink sink(file, problems);
  seed.file = file;
  seed.hash = seed_hash(seed, bytes);
  const std::vector<std::string> header = header_fields(bytes);
  const std::vector<std::string> declared = delta::column_names(seed.contract.columns);
  for (const std::string& name : declared) {
    if (contains(header, name)) continue;
    sink.error({1, 0}, "seed-column-missing",
               fmt::format("the header has no column `{}`, which {} declares{}; header: {}", name,
                           to_string(seed.contract.location), did_you_mean(name, header),
                           join_names(header)));
  }
  for (size_t i = 0; i < header.size(); ++i) {
    if (std::count(header.begin(), header.end(), header[i]) > 1) {
      sink.error({1, 0}, "name-duplicate", fmt::format("the header names `{}` twice", header[i]));
      return;
    }
    if (contains(declared, header[i])) continue;
    sink.error(
        {1, 0}, "seed-column-unknown",
        fmt::format("column `{}` is not declared in {}{}; declare it or remove it", header[i],
                    to_string(seed.contract.location), did_you_mean(header[i], declared)));
  }
}

}  // namespace bullion::project
