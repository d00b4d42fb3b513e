// The rules of the protocol that a commit must keep, checked before it is written.
#pragma once

#include "delta/log.h"
#include "delta/replay_internal.h"

namespace bullion::delta {

/// Invalid naming the broken rule. `state` is what the actions were computed from; empty when they
/// create the table.
Status validate_actions(const Commit& actions, const Replay& state);

}  // namespace bullion::delta
