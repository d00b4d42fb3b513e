#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "infer/cell_shape_internal.h"
#include "infer/name_match_internal.h"
#include "infer/sample_internal.h"
#include "infer/text_rows_internal.h"
#include "infer/total_rows_internal.h"
#include "records/name_pattern.h"

namespace bullion::infer {
namespace {

/// A sparse row by the contract's columns.
struct NamedRow {
  const FileLook* look = nullptr;
  const SparseRow* row = nullptr;
  std::vector<std::pair<std::string, std::string>> cells;  ///< column, text
  bool has_unnamed = false;                                ///< a cell in no column
};

std::vector<NamedRow> named_rows(const std::vector<FileLook>& looks, const Merged& merged) {
  std::vector<NamedRow> rows;
  for (const size_t file : merged.files) {
    std::map<size_t, std::string> names;
    for (const MergedColumn& column : merged.columns) {
      const auto cell = column.cell_of_file.find(file);
      if (cell != column.cell_of_file.end()) names[cell->second] = column.name;
    }
    for (const SparseRow& sparse : looks[file].sparse) {
      NamedRow row{&looks[file], &sparse, {}, false};
      for (const auto& [cell, text] : sparse.cells) {
        const auto name = names.find(cell);
        if (name == names.end()) {
          row.has_unnamed = true;
        } else {
          row.cells.emplace_back(name->second, text);
        }
      }
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

/// A group of rows that one rule means.
struct RuleUse {
  project::ExcludeRule rule;
  std::set<std::string> files;
  int64_t rows = 0;
  std::string example;
};

void use(std::map<std::string, RuleUse>& uses, const project::ExcludeRule& rule,
         const NamedRow& row) {
  RuleUse& one = uses[fmt::format("{}|{}|{}|{}", rule.reason, rule.column, rule.like,
                                  fmt::join(rule.only, ","))];
  if (one.rows++ == 0) {
    one.rule = rule;
    std::vector<std::string> texts;
    for (const auto& [column, text] : row.cells) texts.push_back(text);
    std::string shown = fmt::format("{}", fmt::join(texts, " | "));
    if (shown.size() > 80) shown = shown.substr(0, 77) + "...";
    one.example = fmt::format("{} line {}: {}", file_name(row.look->path), row.row->line, shown);
  }
  one.files.insert(row.look->path);
}

/// The label with any digits in the place of its own, so that it means next month's as well and no
/// supplier whose name begins like it.
std::string label_pattern(std::string label) {
  for (char& c : label) {
    if ((c >= '0' && c <= '9') || c == '*') c = '?';
  }
  return label;
}

std::optional<project::ExcludeRule> rule_for(const NamedRow& row, const std::string& amount) {
  project::ExcludeRule rule;
  bool has_amount = false;
  for (const auto& [column, text] : row.cells) has_amount |= column == amount;
  for (const auto& [column, text] : row.cells) {
    if (column == amount || !is_total_label(text)) continue;
    rule.reason = has_amount ? "control_total" : "footer";
    rule.column = column;
    rule.like = label_pattern(text);
    return rule;
  }
  if (row.has_unnamed || !row.row->is_last) return std::nullopt;
  const bool is_number =
      row.cells.size() == 1 && shape_of(row.cells[0].second).kind == CellShape::Kind::Number;
  if (row.cells.size() == 1 && has_amount && is_number) {
    rule.reason = "control_total";
    rule.only = {amount};
    return rule;
  }
  if (row.cells.size() == 1 && !is_number) {
    rule.reason = "footer";
    rule.column = row.cells[0].first;
    rule.like = label_pattern(row.cells[0].second);
    return rule;
  }
  return std::nullopt;
}

bool means(const project::ExcludeRule& rule, const NamedRow& row) {
  if (!rule.only.empty())
    return row.cells.size() == 1 && !row.has_unnamed && row.cells[0].first == rule.only[0];
  return std::any_of(row.cells.begin(), row.cells.end(), [&](const auto& cell) {
    return cell.first == rule.column && records::matches_pattern(rule.like, cell.second);
  });
}

}  // namespace

std::vector<ExcludeGuess> guess_excludes(const std::vector<FileLook>& looks, const Merged& merged,
                                         const std::string& amount_column,
                                         std::vector<std::string>& checks) {
  const std::vector<NamedRow> rows = named_rows(looks, merged);
  std::map<std::string, RuleUse> uses;
  for (const NamedRow& row : rows) {
    if (const auto rule = rule_for(row, amount_column)) use(uses, *rule, row);
  }
  std::vector<ExcludeGuess> guesses;
  std::vector<const RuleUse*> chosen;
  for (const auto& [key, one] : uses) {
    // Only an amount amid a table may be a fact whose other cells got lost.
    const auto amid = std::count_if(rows.begin(), rows.end(), [&, &one = one](const NamedRow& row) {
      return means(one.rule, row) && !row.row->is_last;
    });
    if (!one.rule.only.empty() && amid > 0) {
      checks.push_back(fmt::format(
          "{} rows have nothing but {}, {} of them amid the table (e.g. {}); totals among them "
          "load as rows until a rule of `exclude` names them",
          one.rows + amid, one.rule.only[0], amid, one.example));
      continue;
    }
    guesses.push_back({one.rule, fmt::format("{} row{} in {} of {} files, e.g. {}", one.rows,
                                             one.rows == 1 ? "" : "s", one.files.size(),
                                             merged.files.size(), one.example)});
    chosen.push_back(&one);
  }
  const auto left = std::find_if(rows.begin(), rows.end(), [&](const NamedRow& row) {
    return std::none_of(chosen.begin(), chosen.end(),
                        [&](const RuleUse* one) { return means(one->rule, row); });
  });
  const auto left_count = std::count_if(rows.begin(), rows.end(), [&](const NamedRow& row) {
    return std::none_of(chosen.begin(), chosen.end(),
                        [&](const RuleUse* one) { return means(one->rule, row); });
  });
  if (left_count > 0) {
    checks.push_back(fmt::format("{} row{} with few cells load as facts, e.g. {} line {}",
                                 left_count, left_count == 1 ? "" : "s",
                                 file_name(left->look->path), left->row->line));
  }
  return guesses;
}

}  // namespace bullion::infer
