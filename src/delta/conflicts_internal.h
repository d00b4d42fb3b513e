// Whether a transaction may be committed after another writer's commit got there first.
#pragma once

#include "delta/log.h"

namespace bullion::delta {

/// Whether blind appends count against the transaction: its own wish, the table's
/// `delta.isolationLevel`, or a change of the metadata, which every row must agree with.
bool is_serializable(const Transaction& transaction, const Metadata& metadata);

/// A commit that succeeded after the transaction's read version.
struct Winner {
  int64_t version = -1;
  const Commit& commit;
};

/// ok when the transaction stays true on top of the winner; otherwise Conflict saying why.
/// `metadata` is the table's as the transaction read it.
Status check_conflict(const Transaction& transaction, const Metadata& metadata,
                      const Winner& winner);

}  // namespace bullion::delta
