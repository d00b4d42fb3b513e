// Makes the cases of the store follow the findings of a release.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "detect/case_records_internal.h"
#include "detect/case_store.h"
#include "detect/finding.h"
#include "detect/rollup.h"

namespace bullion::detect {

/// One sync within one transaction. A finding that a case has keeps it there. Others join by what
/// they flag and by subject, but never a decided case, except when all that they flag is money that
/// was decided on: then they are no news.
class CaseSync {
 public:
  CaseSync(state::Transaction& transaction, CaseWriter& writer, std::span<const Finding> findings)
      : transaction_(transaction), writer_(writer), findings_(findings) {}

  /// `release_before` is that of the last sync, 0 before the first.
  Result<SyncOutcome> run(int64_t release_before);

 private:
  Status load();
  Status place();
  void place_new(size_t finding);
  Status regroup();
  Status follow_decided();
  Status follow_cleared();
  Status remember_findings(int64_t release_before);
  Status update_open(int64_t id, const Group& group, const std::vector<int64_t>& joining);
  Status merge(StoredCase& survivor, int64_t joining);
  void open_case(const Group& group);
  void note_arrivals(const Group& group, StoredCase& stored);
  Status keep(const Case& before, int64_t changes_before, StoredCase& stored);
  bool suppresses(const Group& group) const;
  void describe(const Group& group, StoredCase& stored) const;

  state::Transaction& transaction_;
  CaseWriter& writer_;
  std::span<const Finding> findings_;
  SyncOutcome outcome_;
  std::map<int64_t, StoredCase> cases_;
  std::vector<StoredFinding> known_;
  std::map<FindingName, size_t> known_by_name_;
  std::vector<Pattern> patterns_;
  std::vector<int64_t> known_case_;  ///< by finding: the case the store has it in, or 0
  std::vector<int64_t> case_of_;     ///< by finding: the case it is in now
  std::vector<Placement> placements_;
  /// By table and row: the decided case whose findings flag it.
  std::map<std::pair<std::string, std::string>, int64_t> decided_rows_;
  std::map<int64_t, std::vector<size_t>> decided_members_;
};

}  // namespace bullion::detect
