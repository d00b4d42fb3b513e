// A source as it will be written: what project::Source says, with the evidence for each part.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "infer/column_merge_internal.h"
#include "infer/total_rows_internal.h"
#include "infer/type_guess_internal.h"
#include "project/file_format.h"

namespace bullion::infer {

struct DraftColumn {
  std::string name;
  ColumnType type;
  std::vector<std::string> source_names;
  std::vector<std::string> null_words;  ///< differing from the source's; empty: as the source
  bool not_null = false;
  std::vector<std::string> notes;   ///< comments
  std::vector<std::string> checks;  ///< comments that begin with "check:"
};

struct SourceDraft {
  std::string name;
  std::vector<std::string> files;  ///< patterns as they stand in the YAML
  project::FileFormat format;
  std::map<std::string, std::string> evidence;  ///< by key of `config`: a comment behind it
  NumberStyle numbers;
  std::vector<std::string> null_words;
  std::vector<ExcludeGuess> excludes;
  std::string amount;
  std::string currency_column;
  std::string day_column;  ///< the date that facts belong to; "" when there is none
  std::vector<DraftColumn> columns;
  std::vector<std::string> grain;
  std::vector<std::string> notes;  ///< about the source as a whole
  std::vector<std::string> checks;
  std::vector<std::string> hints;  ///< lines of YAML that are written as comments
  int64_t rows = 0;
  size_t file_count = 0;
};

/// The draft of one family of files.
SourceDraft draft_source(const std::vector<FileLook>& looks, const Merged& merged,
                         const std::string& name, const std::vector<std::string>& patterns);

/// sources/NAME.yml. The same draft gives the same bytes.
std::string to_yaml(const SourceDraft& draft);

/// A text as a YAML scalar in double quotes.
std::string yaml_text(std::string_view text);

}  // namespace bullion::infer
