// Any bytes as YAML files and as SQL with templates: problems, never a crash.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "project/readers_internal.h"

namespace {

using bullion::project::ModelDraft;
using bullion::project::Problem;
using bullion::project::ProblemSink;
using bullion::project::Project;

void read_as_yaml(std::string_view text) {
  std::vector<Problem> problems;
  ProblemSink sink("fuzz.yml", problems);
  Project project;
  std::vector<ModelDraft> drafts;
  bullion::project::read_config({}, text, sink, project);
  bullion::project::read_sources(text, sink, project);
  bullion::project::read_seed_schema(text, sink, project);
  bullion::project::read_model_schema(text, sink, drafts, project);
  bullion::project::read_unit_tests(text, sink, project);
  bullion::project::link_tests(project, {}, problems);
}

void read_as_sql(std::string_view text) {
  std::vector<Problem> problems;
  ProblemSink sink("fuzz.sql", problems);
  Project project;
  project.vars = {{"a", "b"}};
  bullion::project::read_macros(text, sink, project);
  const auto sql = bullion::project::resolve_templates(text, project, sink);
  for (size_t offset = 0; offset <= sql.text.size(); offset += 7) {
    BULLION_ASSERT(sql.source_offset(offset) <= text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read_as_yaml(text);
  read_as_sql(text);
  return 0;
}
