// Sources whose rows are the rejected records of another source.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "base/nearest_name.h"
#include "project/alignment_internal.h"
#include "project/problem_sink.h"

namespace bullion::project {
namespace {

using delta::TypeId;

struct RejectColumn {
  const char* name;
  TypeId type;
  bool nullable;
};
constexpr std::array<RejectColumn, 9> kColumns{{{"file", TypeId::String, false},
                                                {"received_on", TypeId::Date, false},
                                                {"record", TypeId::Long, false},
                                                {"line", TypeId::Long, true},
                                                {"code", TypeId::String, false},
                                                {"codes", TypeId::String, false},
                                                {"reasons", TypeId::String, false},
                                                {"raw", TypeId::String, true},
                                                {"amount", TypeId::Decimal, true}}};

std::string menu() {
  std::string text;
  for (const RejectColumn& column : kColumns) {
    const std::string type = column.type == TypeId::Decimal
                                 ? "decimal(p,s)"
                                 : delta::to_string(delta::DataType{column.type, 0, 0, {}});
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", column.name, type);
  }
  return text;
}

void check_columns(const Source& source, ProblemSink& sink) {
  const Mark mark{source.contract.location.line, source.contract.location.column};
  std::vector<std::string> names;
  for (const RejectColumn& column : kColumns) names.emplace_back(column.name);
  for (const delta::Column& column : source.contract.columns) {
    const auto* known =
        std::find_if(kColumns.begin(), kColumns.end(),
                     [&](const RejectColumn& candidate) { return candidate.name == column.name; });
    if (known == kColumns.end()) {
      sink.error(mark, "column-unknown",
                 fmt::format("`{}` is no column of rejected records{}; columns: {}", column.name,
                             did_you_mean(column.name, names), menu()));
    } else if (known->type != column.type.id) {
      sink.error(mark, "type-mismatch",
                 fmt::format("`{}` of rejected records cannot be {}; columns: {}", column.name,
                             delta::to_string(column.type), menu()));
    } else if (known->nullable && !column.nullable) {
      sink.error(
          mark, "type-mismatch",
          fmt::format("`{}` of rejected records is not known of all of them; remove not_null",
                      column.name));
    }
  }
}

}  // namespace

void link_rejects(Project& project, std::vector<Problem>& problems) {
  std::stable_partition(project.sources.begin(), project.sources.end(),
                        [](const Source& source) { return source.rejects_of.empty(); });
  std::vector<std::string> names;
  for (const Source& source : project.sources) {
    if (source.rejects_of.empty()) names.push_back(source.contract.name);
  }
  for (Source& source : project.sources) {
    if (source.rejects_of.empty()) continue;
    ProblemSink sink(source.contract.location.file, problems);
    const Mark mark{source.contract.location.line, source.contract.location.column};
    const auto parent =
        std::find_if(project.sources.begin(), project.sources.end(),
                     [&](const Source& other) { return other.contract.name == source.rejects_of; });
    if (parent == project.sources.end() || !parent->rejects_of.empty()) {
      sink.error(mark, "table-unknown",
                 fmt::format("`rejects_of` of `{}` is `{}`, which is no source of files{}",
                             source.contract.name, source.rejects_of,
                             did_you_mean(source.rejects_of, names)));
      continue;
    }
    check_columns(source, sink);
    // Both are parsed anew together, also when the rejected records are asked for later.
    parent->hash = linked_hash(parent->hash, "its rejected records are kept");
    source.hash = linked_hash(source.hash, parent->hash);
  }
}

}  // namespace bullion::project
