// One file looked at: how it is written and what its columns hold.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "infer/column_stats_internal.h"
#include "infer/dialect_guess_internal.h"
#include "infer/encoding_guess_internal.h"
#include "infer/header_guess_internal.h"
#include "infer/sample_internal.h"

namespace bullion::infer {

/// A row with few cells filled: perhaps a total or a footer.
struct SparseRow {
  int64_t line = 0;
  std::vector<std::pair<size_t, std::string>> cells;  ///< the filled ones
  bool is_last = false;                               ///< no usual row follows it
};

struct FileLook {
  std::string path;       ///< absolute; of an archive's member the archive's, '/' and the member's
  std::string container;  ///< absolute path of the archive that it is a member of; "" for none
  std::string member;     ///< path inside the archive
  std::string format = "csv";    ///< csv | xlsx | json | jsonl
  std::string json_path;         ///< json: where the records are
  std::set<std::string> nested;  ///< JSON: members that are objects or arrays, which are no columns
  int64_t size = 0;
  std::string fault;  ///< why nothing could be learned; "" when something was
  bool is_whole = true;
  uint64_t digest = 0;  ///< of the bytes looked at; equal files have equal ones
  EncodingGuess encoding;
  DialectGuess dialect;
  HeaderGuess header;  ///< `names` only; its rows are not kept
  int64_t header_line = 0;
  int64_t rows = 0;  ///< behind the header, without blank and faulty ones
  int64_t blank_rows = 0;
  int64_t faulty_rows = 0;
  int64_t short_rows = 0;            ///< fewer cells than the header has names
  int64_t long_rows = 0;             ///< filled cells behind the header's last
  int64_t missing_only_end = 0;      ///< of the short ones
  std::vector<ColumnStats> columns;  ///< by cell
  std::vector<SparseRow> sparse;
};

/// A text file or member whose bytes these are; fills all but its place.
Status look_at_sample(const Sample& sample, FileLook& look, const KnownNames& known = {});
uint64_t digest_of(const Sample& sample);

/// The digest and `fault` alone are set for a file that is empty, binary or damaged at its start.
/// `known`: names that the headers of other files have.
Result<FileLook> look_at_file(const std::string& path, const KnownNames& known = {});

/// The same for text in memory, in UTF-8 and whole; for tests and for look_at_file(). A look whose
/// format is not csv has its dialect, and one of JSON its header.
void look_at_text(const std::vector<std::string>& pieces, FileLook& look,
                  const KnownNames& known = {});

/// "Total", "Grand total:", "Summe": words that begin the label of a total.
bool is_total_label(std::string_view text);

}  // namespace bullion::infer
