#include <algorithm>

#include <fmt/format.h>

#include "records/display_text.h"
#include "records/header_search_internal.h"

namespace bullion::records {
namespace {

KeptRow kept_copy(TableRows& rows, const TableRow& row) {
  KeptRow kept{row.line, std::string(rows.raw_text(row)), {}, row.faults};
  for (const Cell& cell : row.cells) kept.cells.emplace_back(cell.text, cell.kind);
  return kept;
}

// Rows are kept while the header is looked for; a file of endless lines must not fill the memory.
constexpr size_t kSearchBytesMax = size_t{16} << 20;

/// Up to `count` rows that are not blank.
Status read_first_rows(TableRows& rows, size_t count, std::vector<KeptRow>& out, int64_t& blank) {
  TableRow row;
  size_t bytes = 0;
  while (out.size() < count && bytes < kSearchBytesMax) {
    BULLION_TRY_ASSIGN(const bool more, rows.next(row));
    if (!more) return ok();
    if (row.faults.empty() && is_blank_row(row.cells)) {
      ++blank;
    } else {
      out.push_back(kept_copy(rows, row));
      bytes += 2 * row.raw.size();
    }
  }
  return ok();
}

/// The header that begins at rows[at]; nothing when a row of it cannot be split.
struct Candidate {
  size_t at = 0;
  std::vector<HeaderName> names;
  ColumnMap map;
};

std::optional<Candidate> candidate_at(const std::vector<KeptRow>& rows, size_t at,
                                      const project::Source& source) {
  const auto header_rows = static_cast<size_t>(source.format.header_rows);
  if (at + header_rows > rows.size()) return std::nullopt;
  std::vector<std::vector<std::string>> texts;
  std::string raw;
  for (size_t i = at; i < at + header_rows; ++i) {
    if (!rows[i].faults.empty()) return std::nullopt;
    texts.push_back(rows[i].texts());
    raw += (i == at ? "" : "\n") + rows[i].raw;
  }
  Candidate candidate{at, join_header_rows(texts), {}};
  candidate.map = map_columns(candidate.names, source, rows[at].line, raw);
  return candidate;
}

/// Columns found count only behind completeness, and a header with a fault of its own (a name that
/// comes twice) is better than none.
bool is_better(const Candidate& a, const Candidate& b) {
  if (a.map.is_complete != b.map.is_complete) return a.map.is_complete;
  if (a.map.found != b.map.found) return a.map.found > b.map.found;
  return a.map.unpivot_cells.size() > b.map.unpivot_cells.size();
}

FileFault fault_without_header(const std::vector<KeptRow>& rows, const project::Source& source) {
  if (rows.empty()) return {"empty-file", "empty file: it has no header line", 0, ""};
  const auto faulty = std::find_if(rows.begin(), rows.end(),
                                   [](const KeptRow& row) { return !row.faults.empty(); });
  if (faulty == rows.end()) {
    return {"bad-header",
            fmt::format("the file ends after line {}, and its header has {} records (header_rows)",
                        rows.back().line, source.format.header_rows),
            rows.back().line, display_text(rows.back().raw, kRawBytesMax)};
  }
  return {"bad-header",
          fmt::format("line {}: the header cannot be read: {}", faulty->line,
                      faulty->faults.front().reason),
          faulty->line, display_text(faulty->raw, kRawBytesMax)};
}

}  // namespace

std::vector<std::string> KeptRow::texts() const {
  std::vector<std::string> texts;
  for (const auto& [text, kind] : cells) texts.push_back(text);
  return texts;
}

bool is_blank_cell(const Cell& cell) {
  if (cell.kind == CellKind::Missing) return true;
  return cell.kind == CellKind::Bare &&
         cell.text.find_first_not_of(" \t") == std::string_view::npos;
}

bool is_blank_row(const std::vector<Cell>& cells) {
  return std::all_of(cells.begin(), cells.end(), is_blank_cell);
}

Result<FoundHeader> find_header(TableRows& rows, const project::Source& source) {
  const auto within = static_cast<size_t>(source.format.header_within);
  const auto header_rows = static_cast<size_t>(source.format.header_rows);
  FoundHeader found;
  std::vector<KeptRow> first;
  BULLION_TRY(read_first_rows(rows, within + header_rows - 1, first, found.blank));
  std::optional<Candidate> best;
  for (size_t at = 0; at < std::min(first.size(), within); ++at) {
    auto candidate = candidate_at(first, at, source);
    if (candidate && (!best || is_better(*candidate, *best))) best = std::move(candidate);
  }
  if (!best) {
    found.map.fault = fault_without_header(first, source);
    return found;
  }
  found.map = std::move(best->map);
  found.names = std::move(best->names);
  if (found.map.fault && !found.map.is_complete && within > 1) {
    found.map.fault->reason =
        fmt::format("none of the first {} records is a header of this source; the nearest is {}",
                    within, found.map.fault->reason);
  }
  for (size_t i = 0; i < first.size(); ++i) {
    if (i < best->at) {
      found.preamble.push_back(std::move(first[i]));
    } else if (i < best->at + header_rows) {
      found.header.push_back(std::move(first[i]));
    } else {
      found.rest.push_back(std::move(first[i]));
    }
  }
  return found;
}

}  // namespace bullion::records
