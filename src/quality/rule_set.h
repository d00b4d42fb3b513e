// Rule sets: what a published specification, or a user, demands of a table, by rule id. A rule set
// is YAML (docs/rules.md) shipped with a domain or written in a project's rules/; nothing of any
// specification is known here.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/decimal.h"
#include "base/result.h"
#include "project/project.h"

namespace bullion::quality {

/// How a rule is checked; the vocabulary of `check:`.
enum class CheckKind {
  ColumnPresent,   ///< every column of the rule is there
  Type,            ///< argument: string | decimal | datetime
  NotNull,         ///< no NULL
  IsNull,          ///< nothing but NULL
  AcceptedValues,  ///< NULL or one of `values`
  RejectedValues,  ///< none of `values`
  Format,          ///< argument: see is_format()
  Matches,         ///< the whole text matches the regular expression `argument`
  Row,             ///< argument: an SQL condition that holds for every row
  Query,           ///< argument: a SELECT whose rows are the violations
  Product,         ///< values[0] x values[1] = values[2], exactly, to within `within`
  All,             ///< the rules `values` hold
  Any,             ///< one of the rules `values` holds
  Unchecked,       ///< argument: why no data can decide it
  Permission,      ///< allows something: nothing can break it
};

struct RuleCheck {
  CheckKind kind = CheckKind::NotNull;
  std::string argument;
  std::vector<std::string> values;
  Decimal within;  ///< Product; zero: to the last digit
};

/// What becomes of a rule whose columns are not all there.
enum class WhenMissing {
  Skipped,
  Passed,
  Failed,
  Ignored,  ///< checked on the columns that are there; skipped when there is none
};

struct Rule {
  std::string id;
  std::string statement;             ///< one short sentence; made from the check when not written
  std::string keyword = "MUST";      ///< MUST, SHOULD, MAY, RECOMMENDED, and MUST NOT, SHOULD NOT
  bool is_dynamic = false;           ///< needs more than one row, or more than the data
  std::vector<std::string> columns;  ///< checked, each of them
  std::vector<std::string> reads;    ///< further columns that the SQL of the rule reads
  std::vector<std::string> applies_if;  ///< names of flags, all of which must be on
  std::string when;                     ///< SQL condition on the rows that are checked; "": all
  std::vector<std::string> inputs;      ///< further inputs that the check reads
  std::vector<std::string> depends_on;  ///< rules without which this one says nothing
  std::optional<WhenMissing> when_missing;
  std::string note;  ///< e.g. where it departs from what was published, and why
  RuleCheck check;
  project::Location location;

  /// Breaking it makes the data non-conforming.
  bool is_mandatory() const { return keyword.starts_with("MUST"); }
};

/// A capability that some rules presuppose and that a file may not show by itself.
struct Flag {
  std::string about;
  std::vector<std::string> evidence;  ///< columns a value in which shows that the flag is on
};

struct RuleSet {
  std::string name;
  std::string version;
  std::string title;
  std::string source;  ///< what the rules were taken from, with its version and hash
  WhenMissing when_missing = WhenMissing::Skipped;
  std::vector<std::string> null_words = {""};  ///< cells of text files that mean NULL
  std::vector<std::pair<std::string, std::string>>
      columns;  ///< type by name: string | decimal | datetime
  std::map<std::string, Flag> flags;
  std::map<std::string, bool> declared;                    ///< flags whose state the set fixes
  std::map<std::string, std::vector<std::string>> inputs;  ///< columns by name of a further input
  std::map<std::string, std::vector<std::string>> lists;   ///< named lists of accepted values
  std::vector<Rule> rules;                                 ///< in the order of the file

  const Rule* find(const std::string& id) const;
  /// "focus 1.2".
  std::string full_name() const;
};

/// The text of another rule set, for `extends:`; nullopt when there is none of that name.
using RuleSetSource = std::function<std::optional<std::string_view>(const std::string& name,
                                                                    const std::string& version)>;

/// Name and version of a rule set without reading its rules; for lists.
struct RuleSetTitle {
  std::string name;
  std::string version;
  std::string title;
};
Result<RuleSetTitle> read_rule_set_title(const std::string& file, std::string_view text);

/// A rule set, or Invalid with every problem of the file, one a line with its place.
Result<RuleSet> read_rule_set(const std::string& file, std::string_view text,
                              const RuleSetSource& other);

/// The same with the problems as such; nullopt when one of them is an error.
std::optional<RuleSet> read_rule_set(const std::string& file, std::string_view text,
                                     const RuleSetSource& other,
                                     std::vector<project::Problem>& problems);

/// A sentence for a rule that has none of its own.
std::string statement_of(const Rule& rule);

bool is_format(std::string_view name);

}  // namespace bullion::quality
