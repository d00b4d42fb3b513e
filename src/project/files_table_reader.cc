// `files_table`: the landed files of sources as a table that models read.
#include <algorithm>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "project/alignment_internal.h"
#include "project/format_reader_internal.h"

namespace bullion::project {
namespace {

Seed new_files_table(const std::string& name, const Location& location) {
  Seed seed;
  seed.contract.name = name;
  seed.contract.description = "Landed files, one row for each name under which bytes came";
  seed.contract.columns = landed_file_columns();
  seed.contract.column_descriptions = {
      {"file_key", "The batch and the place of the name in it"},
      {"source", "The source that landed it"},
      {"file_id", "What `_file_id` of the source's rows holds; the same for the same bytes"},
      {"sha256", "Of the bytes"},
      {"file_name", "The name without its folders"},
      {"batch_id", "The batch that landed it"},
      {"received_at", "When it was landed"},
      {"bytes", "Its size"},
      {"row_count", "Rows of it in the source's table"},
      {"month", "The month most of its rows are of, as 2025-01; the earlier of two"},
      {"currency", "The currency of the most of its rows"},
      {"is_duplicate", "The same bytes were landed before, under same_as"},
      {"same_as", "The name under which these bytes came first"},
      {"is_withdrawn", "Taken out with `bullion withdraw`"}};
  seed.contract.grain = {"file_key"};
  seed.contract.location = location;
  seed.file = location.file;
  seed.made = fmt::format("{}\n", fmt::join(delta::column_names(seed.contract.columns), ","));
  return seed;
}

}  // namespace

void read_files_table(const Source& source, MapReader& config, ProblemSink& problems,
                      Project& project) {
  const YamlNode* node = config.take("files_table");
  if (node == nullptr || node->kind == YamlNode::Kind::Null) return;
  MapReader entry(*node, "`files_table`", problems);
  const std::string name = entry.required_text("name");
  const std::string day = entry.text("day");
  if (!day.empty()) check_day_column(entry, day, source.contract, problems);
  entry.finish();
  if (name.empty()) return;
  if (!is_table_name(name)) {
    problems.error(entry.mark_of("name"), "yaml-value",
                   fmt::format("`name` is `{}`; expected the name of a table: lower-case letters, "
                               "digits and `_`",
                               name));
    return;
  }
  // Sources may share a table. Another table of that name is reported with all that clash.
  auto table = std::find_if(project.seeds.begin(), project.seeds.end(), [&](const Seed& seed) {
    return seed.contract.name == name && !seed.files_of.empty();
  });
  if (table == project.seeds.end()) {
    project.seeds.push_back(new_files_table(name, problems.at(entry.mark_of("name"))));
    table = std::prev(project.seeds.end());
  }
  table->files_of.push_back({source.contract.name, day});
  std::string declared = table->made;
  for (const FilesOf& files : table->files_of) {
    declared += fmt::format("{} {}\n", files.source, files.day_column);
  }
  table->hash = seed_hash(*table, declared);
}

}  // namespace bullion::project
