// The few template calls a SQL file may hold, resolved to plain SQL with the way back to the file.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "project/problem_internal.h"

namespace bullion::project {

/// SQL without templates, and where each byte of it came from.
struct ResolvedSql {
  struct Piece {
    size_t begin = 0;         ///< offset in `text`
    size_t source_begin = 0;  ///< offset in `source`
    bool copied = true;       ///< false: all of the piece stands for the template at source_begin
    std::string value;        ///< which value that is written elsewhere it is, for messages; or ""
  };
  std::string source;  ///< as in the file
  std::string text;
  std::vector<Piece> pieces;     ///< ascending by begin
  std::string config_severity;   ///< severity='warn' of {{ config(...) }}; "" when absent
  std::set<std::string> macros;  ///< used, by itself or through others

  /// The place in the file of a byte offset in `text`; offsets past the end mean the end.
  Mark mark_at(size_t offset) const;
  size_t source_offset(size_t offset) const;
  /// Piece::value of the piece that holds a byte of `text`.
  std::string value_at(size_t offset) const;

 private:
  const Piece* piece_at(size_t offset) const;
};

/// Line and column (in characters) of a byte offset.
Mark mark_of_offset(std::string_view text, size_t offset);

/// Replaces {{ ref('x') }}, {{ source('a','x') }} by x, {{ var('v') }} and {{ param('p') }} by
/// their values, {{ m('a', 1) }} by the body of the project's macro m, and removes {{ config(...)
/// }} and {# comments #}. Anything else in {{ }} or {% %} becomes a problem. Text in SQL comments
/// stays as it is; text in string literals is resolved.
ResolvedSql resolve_templates(std::string_view source, const Project& project,
                              ProblemSink& problems,
                              const std::map<std::string, Param>& params = {});

/// Adds the macros of one file of macros/ to the project. Between macros only comments and blanks
/// may stand.
void read_macros(std::string_view text, ProblemSink& problems, Project& project);

/// The table named by "ref('x')", "source('a','x')" or plain "x"; "" when it is none of these.
std::string table_of_reference(std::string_view text);

}  // namespace bullion::project
