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

}  // namespace bullion::project
