#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "exports/export.h"
#include "exports/selection_internal.h"

namespace bullion::exports {
namespace {

using engine::quote_text;

std::string metadata_of(const Request& request) {
  const Provenance& from = request.provenance;
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"bullion.table", request.table},
      {"bullion.release", std::to_string(from.release)},
      {"bullion.released_at", format_timestamp(from.released_at_us)},
      {"bullion.project", from.project},
      {"bullion.lake", from.lake},
      {"bullion.table_path", from.table_path},
      {"bullion.table_version", std::to_string(from.table_version)},
      {"bullion.table_row_hash", from.row_hash},
      {"bullion.where", request.where},
      {"bullion.user", from.user},
      {"bullion.version", from.program_version},
  };
  std::vector<std::string> items;
  for (const auto& [key, value] : pairs) {
    items.push_back(fmt::format("{}: {}", quote_text(key), quote_text(value)));
  }
  return fmt::format("{{{}}}", fmt::join(items, ", "));
}

}  // namespace

Result<Summary> export_parquet(engine::Engine& engine, const Request& request,
                               const std::string& path) {
  BULLION_TRY_ASSIGN(const Selection selection, select_rows(engine, request));
  // The statement's one row is the number of rows it wrote.
  BULLION_TRY_ASSIGN(const engine::Rows counted,
                     engine.query(fmt::format(
                         "COPY ({}\n) TO {} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {})",
                         selection.select, quote_text(path), metadata_of(request))));
  const bool is_one_cell = counted.rows.size() == 1 && counted.rows.front().size() == 1;
  const auto* rows = is_one_cell ? std::get_if<int64_t>(&counted.rows.front().front()) : nullptr;
  if (rows == nullptr) return internal_error("the engine does not say how many rows it wrote");
  BULLION_TRY(check_row_count(request, *rows));
  Summary summary;
  summary.rows = *rows;
  return summary;
}

}  // namespace bullion::exports
