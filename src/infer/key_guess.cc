#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infer/key_guess_internal.h"
#include "infer/name_match_internal.h"

namespace bullion::infer {
namespace {

using delta::TypeId;

// Fewer rows prove nothing.
constexpr int64_t kRowsMin = 20;
constexpr size_t kKeyColumnsMax = 6;

int64_t number_of(const engine::Value& value) {
  const auto decimal = decimal_of(engine::to_text(value));
  return decimal ? static_cast<int64_t>(decimal->units) : 0;
}

class KeySearch {
 public:
  KeySearch(engine::Engine& engine, const std::vector<std::string>& staged, SourceDraft& draft)
      : engine_(engine), draft_(draft) {
    std::vector<std::string> paths;
    for (const std::string& path : staged) paths.push_back(engine::quote_text(path));
    rows_ = fmt::format("read_parquet([{}])", fmt::join(paths, ", "));
  }

  Status run() {
    BULLION_TRY(count_distinct());
    if (row_count_ < kRowsMin) return ok();
    BULLION_TRY_ASSIGN(const bool has_key, find_key());
    if (!has_key) {
      draft_.hints.emplace_back(
          "identity: occurrence  # no column, and no pair of them, is unique: equal rows of one "
          "file are different facts, those of overlapping files the same");
    }
    return find_overlap();
  }

 private:
  struct Candidate {
    std::string name;
    int64_t distinct = 0;
    bool has_nulls = false;
    bool is_identity = false;
  };

  /// Estimates for all columns in one pass.
  Status count_distinct() {
    std::vector<std::string> terms{"count(*)"};
    for (const DraftColumn& column : draft_.columns) {
      const std::string name = engine::quote_name(column.name);
      terms.push_back(fmt::format("approx_count_distinct({})", name));
      terms.push_back(fmt::format("count({})", name));
    }
    BULLION_TRY_ASSIGN(
        const engine::Rows result,
        engine_.query(fmt::format("SELECT {} FROM {}", fmt::join(terms, ", "), rows_)));
    const auto& row = result.rows.at(0);
    row_count_ = number_of(row[0]);
    for (size_t i = 0; i < draft_.columns.size(); ++i) {
      const DraftColumn& column = draft_.columns[i];
      if (column.name == draft_.amount || column.type.type.id == TypeId::Decimal) continue;
      candidates_.push_back({column.name, number_of(row[1 + 2 * i]),
                             number_of(row[2 + 2 * i]) < row_count_, names_identity(column.name)});
    }
    std::stable_sort(candidates_.begin(), candidates_.end(),
                     [](const Candidate& a, const Candidate& b) {
                       if (a.is_identity != b.is_identity) return a.is_identity;
                       return a.distinct > b.distinct;
                     });
    return ok();
  }

  Result<bool> is_unique(const std::vector<std::string>& columns) {
    std::vector<std::string> names;
    for (const std::string& column : columns) names.push_back(engine::quote_name(column));
    BULLION_TRY_ASSIGN(
        const engine::Rows result,
        engine_.query(fmt::format("SELECT count(*) FROM (SELECT DISTINCT {} FROM {})",
                                  fmt::join(names, ", "), rows_)));
    return number_of(result.rows.at(0)[0]) == row_count_;
  }

  Result<bool> find_key() {
    for (const Candidate& one : candidates_) {
      if (one.has_nulls || one.distinct * 10 < row_count_ * 9) continue;
      BULLION_TRY_ASSIGN(const bool unique, is_unique({one.name}));
      if (unique) return prove({one.name}, one.is_identity);
    }
    size_t tried = 0;
    for (size_t a = 0; a < candidates_.size(); ++a) {
      for (size_t b = a + 1; b < candidates_.size() && tried < kKeyColumnsMax; ++b) {
        const Candidate& x = candidates_[a];
        const Candidate& y = candidates_[b];
        if (!x.is_identity || x.has_nulls || y.has_nulls || x.distinct * 10 < row_count_) continue;
        const bool is_wide = x.distinct > 0 && y.distinct > row_count_ / x.distinct;
        if (!is_wide) continue;
        ++tried;
        BULLION_TRY_ASSIGN(const bool unique, is_unique({x.name, y.name}));
        if (!unique) continue;
        if (names_version(y.name)) {
          draft_.notes.push_back(
              fmt::format("{} with {} is unique in all {} rows: {} looks like the version of {}; a "
                          "`kind: latest` "
                          "model with unique_key [{}] and version_by [{}] keeps the newest",
                          x.name, y.name, with_commas(row_count_), y.name, x.name, x.name, y.name));
        }
        return prove({x.name, y.name}, true);
      }
    }
    return false;
  }

  Result<bool> prove(std::vector<std::string> columns, bool is_identity) {
    const std::string said =
        fmt::format("unique in all {} rows looked at", with_commas(row_count_));
    if (is_identity) {
      draft_.grain = std::move(columns);
      draft_.evidence["grain"] = said;
    } else {
      draft_.hints.push_back(
          fmt::format("grain: [{}]  # check: {}, but its name is none of an identity",
                      fmt::join(columns, ", "), said));
    }
    return true;
  }

  /// Days that several files have, with about as many rows in each: a later file says it again.
  Status find_overlap() {
    if (draft_.day_column.empty() || draft_.file_count < 2) return ok();
    const std::string day = engine::quote_name(draft_.day_column);
    const std::string sql = fmt::format(
        "SELECT count(*), count(*) FILTER (WHERE files > 1 AND 2 * fewest >= most), "
        "coalesce(max(files), 0) FROM (SELECT day, count(*) AS files, min(n) AS fewest, "
        "max(n) AS most FROM (SELECT {0} AS day, _file_id, count(*) AS n FROM {1} "
        "WHERE {0} IS NOT NULL GROUP BY 1, 2) GROUP BY 1)",
        day, rows_);
    BULLION_TRY_ASSIGN(const engine::Rows result, engine_.query(sql));
    const int64_t days = number_of(result.rows.at(0)[0]);
    const int64_t shared = number_of(result.rows.at(0)[1]);
    if (days < 5 || shared * 2 < days) return ok();
    draft_.checks.push_back(fmt::format(
        "{} of {} days are in several files (up to {}), with about as many rows: if a later file "
        "replaces what an earlier one said of a day, declare a `snapshot`",
        with_commas(shared), with_commas(days), with_commas(number_of(result.rows.at(0)[2]))));
    draft_.hints.push_back(
        fmt::format("snapshot: {{covers: days_present, day: {}, as_of: file_name, "
                    "pattern: \"([0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})\", type: date}}",
                    draft_.day_column));
    return ok();
  }

  engine::Engine& engine_;
  SourceDraft& draft_;
  std::string rows_;
  int64_t row_count_ = 0;
  std::vector<Candidate> candidates_;
};

}  // namespace

Status guess_keys(engine::Engine& engine, const std::vector<std::string>& staged,
                  SourceDraft& draft) {
  if (staged.empty()) return ok();
  return KeySearch(engine, staged, draft).run();
}

}  // namespace bullion::infer
