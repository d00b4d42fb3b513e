// The rows of the case tables, and the tables themselves (docs/formats/state.md).
#pragma once

#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "detect/case.h"
#include "state/database.h"
#include "state/migrations.h"

namespace bullion::detect {

std::span<const state::Migration> case_migrations();

/// A finding with the case it belongs to.
struct StoredFinding {
  int64_t case_id = 0;
  KnownFinding finding;
};
/// (detector, key).
using FindingName = std::pair<std::string, std::string>;

/// A case with the money that was at risk when it was decided, by currency.
struct StoredCase {
  Case item;
  std::map<std::string, Decimal> decided;
};

/// Cases with their money, by id; of one id, or all when it is 0.
Result<std::map<int64_t, StoredCase>> load_cases(state::Transaction& transaction, int64_t id = 0);
/// Findings of one case, or all when it is 0.
Result<std::vector<StoredFinding>> load_findings(state::Transaction& transaction, int64_t id = 0);
Result<std::vector<Event>> load_events(state::Transaction& transaction, int64_t case_id);
Result<std::vector<Pattern>> load_patterns(state::Transaction& transaction, bool revoked_too);
/// 0 before the first sync.
Result<int64_t> load_release(state::Transaction& transaction);

/// Writes rows of the case tables. Ids are handed out in the one writing transaction there is.
class CaseWriter {
 public:
  static Result<CaseWriter> open(state::Transaction& transaction, const std::string& user,
                                 int64_t now_us);

  int64_t release() const { return release_; }
  void set_release(int64_t release) { release_ = release; }
  int64_t now_us() const { return now_us_; }
  const std::string& user() const { return user_; }

  int64_t next_case_id() { return ++last_case_; }
  /// Kept until flush(); so are new cases, findings and the money of cases.
  void add_case(const StoredCase& stored);
  void add_finding(int64_t case_id, const KnownFinding& finding);
  Status update_case(const StoredCase& stored);
  Status update_finding(int64_t case_id, const KnownFinding& finding);
  /// `event` with time, user and release filled in.
  void add_event(int64_t case_id, Event event);
  Result<Pattern> add_pattern(Pattern pattern);
  /// Writes what was kept.
  Status flush();

 private:
  CaseWriter(state::Transaction& transaction, std::string user, int64_t now_us)
      : transaction_(&transaction), user_(std::move(user)), now_us_(now_us) {}
  void add_money(const StoredCase& stored);

  state::Transaction* transaction_;
  std::string user_;
  int64_t now_us_;
  int64_t release_ = 0;
  int64_t last_case_ = 0;
  int64_t last_event_ = 0;
  std::vector<state::Row> cases_;
  std::vector<state::Row> money_;
  std::vector<state::Row> findings_;
  std::vector<state::Row> events_;
};

/// Moves undecided cases nobody has between new and suppressed, as the patterns of now say.
Status apply_patterns(state::Transaction& transaction, CaseWriter& writer);

}  // namespace bullion::detect
