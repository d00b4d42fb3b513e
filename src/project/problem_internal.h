// Collects the mistakes of one file, so that a person sees all of them at once.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "project/project.h"

namespace bullion::project {

/// A place inside a file; both count from 1, 0 when unknown.
struct Mark {
  int line = 0;
  int column = 0;
};

/// Adds problems of one file to a shared list, which must outlive it. Not thread-safe.
class ProblemSink {
 public:
  ProblemSink(std::string file, std::vector<Problem>& list)
      : file_(std::move(file)), list_(&list) {}

  void error(Mark mark, std::string code, std::string message);
  void warn(Mark mark, std::string code, std::string message);
  Location at(Mark mark) const { return {file_, mark.line, mark.column}; }
  const std::string& file() const { return file_; }
  std::vector<Problem>& list() { return *list_; }

 private:
  std::string file_;
  std::vector<Problem>* list_;
};

/// A type without digits or children.
delta::DataType plain_type(delta::TypeId id);
/// "a, b, c".
std::string join_names(const std::vector<std::string>& names);
/// ASCII lower case: identifiers of SQL compare this way.
std::string lower(std::string_view text);
bool contains(const std::vector<std::string>& names, std::string_view name);
/// Index of the column with that name, ignoring case; -1 when there is none.
int find_column(const delta::Schema& schema, std::string_view name);
/// Lower-case letters, digits and '_', not starting with a digit: what a table may be called.
bool is_table_name(std::string_view name);

}  // namespace bullion::project
