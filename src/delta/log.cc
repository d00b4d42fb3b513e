#include "delta/log.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "delta/checkpoint_internal.h"
#include "delta/conflicts_internal.h"
#include "delta/log_folder_internal.h"
#include "delta/replay_internal.h"
#include "delta/validation_internal.h"

namespace bullion::delta {
namespace {

/// A version's state before it is turned into a Snapshot.
struct State {
  Replay replay;
  int64_t version = -1;
  int64_t checkpoint_version = -1;
  int64_t latest_seen = -1;  ///< newest version the listing showed
};

/// Reads states of one table.
struct StateReader {
  const storage::FileSystem& files;
  const LogFolder& folder;
  const std::string& table_path;
  CheckpointCodec* codec;

  Result<State> read(std::optional<int64_t> version) const {
    BULLION_TRY_ASSIGN(const LogListing listing, folder.list());
    const int64_t latest = listing.latest();
    const int64_t oldest = listing.oldest();
    if (latest < 0) {
      return not_found(fmt::format("there is no Delta table at `{}`", files.location(table_path)));
    }
    const int64_t wanted = version.value_or(latest);
    if (wanted < oldest || wanted > latest) {
      return not_found(fmt::format("table `{}` has no version {}; it has versions {} to {}",
                                   table_path, wanted, oldest, latest));
    }
    auto state = read_from_newest(listing, wanted);
    if (!state) return state;
    state->latest_seen = latest;
    const Status checked = state->replay.check();
    if (!checked) return checked.error().within(fmt::format("table `{}`", table_path));
    return state;
  }

 private:
  /// From the newest checkpoint that can be read, else from version 0.
  Result<State> read_from_newest(const LogListing& listing, int64_t wanted) const {
    std::optional<Error> checkpoint_error;
    for (auto it = listing.checkpoints.rbegin(); it != listing.checkpoints.rend(); ++it) {
      if (codec == nullptr || it->version > wanted) continue;
      auto actions = read_checkpoint(files, *codec, *it);
      if (!actions) {
        if (!checkpoint_error) checkpoint_error = actions.error();
        continue;
      }
      State state;
      state.replay.apply(std::move(actions).value());
      state.version = it->version;
      state.checkpoint_version = it->version;
      return replay_tail(std::move(state), listing, wanted);
    }
    if (checkpoint_error && (listing.commits.empty() || listing.commits.front() > 0)) {
      return *checkpoint_error;
    }
    return replay_tail(State{}, listing, wanted);
  }

  Result<State> replay_tail(State state, const LogListing& listing, int64_t wanted) const {
    BULLION_TRY(folder.check_contiguous(listing, state.version + 1, wanted));
    while (state.version < wanted) {
      BULLION_TRY_ASSIGN(auto commit, folder.read_commit(state.version + 1));
      if (!commit) {
        return corrupt(fmt::format("table `{}`: commit {} vanished while the log was read",
                                   table_path, state.version + 1));
      }
      state.replay.apply(std::move(*commit));
      ++state.version;
    }
    return state;
  }
};

/// Whether one of our txns, or a later one of the same application, is among `txns`.
bool has_any_txn(const std::vector<Txn>& ours, const std::map<std::string, Txn>& txns) {
  return std::any_of(ours.begin(), ours.end(), [&](const Txn& txn) {
    const auto found = txns.find(txn.app_id);
    return found != txns.end() && found->second.version >= txn.version;
  });
}

bool has_any_txn(const std::vector<Txn>& ours, const Commit& commit) {
  std::map<std::string, Txn> txns;
  for (const Txn& txn : commit.txns) txns.insert_or_assign(txn.app_id, txn);
  return has_any_txn(ours, txns);
}

/// The actions as they will be written: with a complete commitInfo.
Commit completed_actions(const Transaction& transaction, const Replay& state, const Clock& clock) {
  Commit actions = transaction.actions;
  if (!actions.info) actions.info = CommitInfo{};
  CommitInfo& info = *actions.info;
  const bool creates = transaction.read_version < 0;
  if (info.timestamp_ms == 0) info.timestamp_ms = clock.now_us() / 1000;
  if (info.operation.empty()) info.operation = creates ? "CREATE TABLE" : "WRITE";
  if (info.engine_info.empty()) info.engine_info = "Bullion";
  if (info.txn_id.empty()) info.txn_id = clock.uuid();
  if (!creates) info.read_version = transaction.read_version;
  const auto& metadata = actions.metadata ? actions.metadata : state.metadata();
  const bool serializable = metadata && is_serializable(transaction, *metadata);
  info.isolation_level = serializable ? "Serializable" : "WriteSerializable";
  // Other writers skip conflict checks on the strength of this, so it is never taken on trust.
  const ReadSet& reads = transaction.reads;
  info.is_blind_append = actions.removes.empty() && !reads.whole_table &&
                         reads.partitions.empty() && reads.files.empty();
  return actions;
}

/// Gives racing writers different pauses, so that one of them gets through.
void pause_before_retry(int retry, const Clock& clock) {
  const int64_t pause_us_max = int64_t{500} << std::min(retry, 7);
  const size_t dice = std::hash<std::string>{}(clock.uuid());
  std::this_thread::sleep_for(
      std::chrono::microseconds(static_cast<int64_t>(dice % static_cast<size_t>(pause_us_max))));
}

/// One commit on its way into the log.
class Attempt {
 public:
  Attempt(storage::FileSystem& files, const LogFolder& folder, const Transaction& transaction,
          Commit actions, State& state)
      : files_(files),
        folder_(folder),
        transaction_(transaction),
        actions_(std::move(actions)),
        text_(commit_to_json(actions_)),
        state_(state) {}

  const Commit& actions() const { return actions_; }
  const std::string& text() const { return text_; }

  /// What came of looking at the commits that others made.
  enum class Outcome {
    Clear,      ///< None is in the way; state is at the last of them.
    Committed,  ///< One of them is ours, at the state's version + 1.
    Done,       ///< Our txn is in the table already.
  };

  /// Reads every commit after the state's version and moves the state over them.
  Result<Outcome> pass_winners() {
    std::vector<Commit> winners;
    for (int64_t version = state_.version + 1;; ++version) {
      BULLION_TRY_ASSIGN(auto found, folder_.read_commit(version));
      if (!found) break;
      if (is_ours(*found)) {
        state_.version = version - 1;
        for (Commit& winner : winners) state_.replay.apply(std::move(winner));
        return Outcome::Committed;
      }
      if (has_any_txn(actions_.txns, *found)) return Outcome::Done;
      winners.push_back(std::move(*found));
    }
    BULLION_TRY(check_no_gap(state_.version + static_cast<int64_t>(winners.size())));
    for (Commit& winner : winners) {
      BULLION_TRY(check_winner({state_.version + 1, winner}));
      state_.replay.apply(std::move(winner));
      ++state_.version;
    }
    return Outcome::Clear;
  }

  /// ok when the commit is in the log; Conflict when somebody else's has its version.
  Status create() {
    const int64_t version = state_.version + 1;
    const Status created = files_.create(folder_.commit_path(version), text_);
    if (created || created.error().kind() == ErrorKind::Conflict) return created;
    // The answer may be lost although the commit was stored: only the log itself can tell.
    const auto found = folder_.read_commit(version);
    if (!found) {
      return io_error(fmt::format(
          "whether version {} was committed is unknown, because it could neither be written ({}) "
          "nor read back ({}); run again once the storage answers",
          version, created.error().message(), found.error().message()));
    }
    if (!found->has_value()) return created;
    if (is_ours(**found)) return ok();
    return conflict(fmt::format("version {} exists already", version));
  }

 private:
  bool is_ours(const Commit& commit) const {
    return commit.info && commit.info->txn_id == actions_.info->txn_id;
  }

  /// Never fills a hole in the log: the versions after it were made without our commit.
  Status check_no_gap(int64_t last_contiguous) const {
    if (last_contiguous >= state_.latest_seen) return ok();
    if (transaction_.read_version < 0) return table_exists();
    return corrupt(fmt::format("commit {} of its log is missing although there is a version {}",
                               last_contiguous + 1, state_.latest_seen));
  }

  static Error table_exists() {
    return conflict("the table exists already; somebody else has created it");
  }

  Status check_winner(const Winner& winner) const {
    if (transaction_.read_version < 0) return table_exists();
    if (transaction_.exact_version) {
      const std::string operation = winner.commit.info ? winner.commit.info->operation : "";
      return conflict(
          fmt::format("version {} was to be written, but somebody else wrote it{}", winner.version,
                      operation.empty() ? "" : fmt::format(" (operation {})", operation)));
    }
    return check_conflict(transaction_, *state_.replay.metadata(), winner);
  }

  storage::FileSystem& files_;
  const LogFolder& folder_;
  const Transaction& transaction_;
  Commit actions_;
  std::string text_;
  State& state_;
};

}  // namespace

Log::Log(storage::FileSystem& files, std::string table_path, const Clock& clock,
         CheckpointCodec* codec, LogOptions options)
    : files_(files),
      table_path_(std::move(table_path)),
      clock_(clock),
      codec_(codec),
      options_(options) {}

Result<std::optional<int64_t>> Log::latest_version() const {
  const LogFolder folder(files_, table_path_);
  BULLION_TRY_ASSIGN(const LogListing listing, folder.list());
  const int64_t latest = listing.latest();
  if (latest < 0) return std::optional<int64_t>();
  // Gaps below the newest checkpoint are of no consequence; above it rows would be missing.
  const int64_t base = listing.checkpoints.empty() ? -1 : listing.checkpoints.back().version;
  BULLION_TRY(folder.check_contiguous(listing, base + 1, latest));
  return std::optional<int64_t>(latest);
}

Result<Snapshot> Log::snapshot(std::optional<int64_t> version) const {
  const LogFolder folder(files_, table_path_);
  BULLION_TRY_ASSIGN(State state, (StateReader{files_, folder, table_path_, codec_}.read(version)));
  return std::move(state.replay).finish(state.version, state.checkpoint_version);
}

Result<Commit> Log::read_commit(int64_t version) const {
  const LogFolder folder(files_, table_path_);
  BULLION_TRY_ASSIGN(auto commit, folder.read_commit(version));
  if (!commit) {
    return not_found(fmt::format("table `{}` has no commit {}", table_path_, version));
  }
  return std::move(*commit);
}

Result<int64_t> Log::commit(const Transaction& transaction) {
  const LogFolder folder(files_, table_path_);
  const std::string context = fmt::format("table `{}`", table_path_);
  State state;
  if (transaction.read_version >= 0) {
    const StateReader reader{files_, folder, table_path_, codec_};
    BULLION_TRY_ASSIGN(state, reader.read(transaction.read_version));
  } else {
    BULLION_TRY_ASSIGN(const LogListing listing, folder.list());
    state.latest_seen = listing.latest();
  }
  Attempt attempt(files_, folder, transaction, completed_actions(transaction, state.replay, clock_),
                  state);
  if (has_any_txn(transaction.actions.txns, state.replay.txns())) return newest_version();
  const Status valid = validate_actions(attempt.actions(), state.replay);
  if (!valid) return valid.error().within(context);
  // A commit that cannot be read back would end the table for everybody.
  const auto readable = commit_from_json(attempt.text());
  if (!readable) return internal_error(context + ": " + readable.error().message());

  for (int retry = 0;; ++retry) {
    const auto outcome = attempt.pass_winners();
    if (!outcome) return outcome.error().within(context);
    if (*outcome == Attempt::Outcome::Done) return newest_version();
    if (*outcome == Attempt::Outcome::Committed) break;
    const Status created = attempt.create();
    if (created) break;
    if (created.error().kind() != ErrorKind::Conflict) return created.error().within(context);
    if (retry >= options_.retries_max) {
      return conflict(fmt::format(
          "{}: other writers were faster {} times in a row; try again when they are done", context,
          retry + 1));
    }
    if (retry > 0) pause_before_retry(retry, clock_);
  }
  const int64_t version = ++state.version;
  state.replay.apply(attempt.actions());
  if (codec_ != nullptr &&
      is_checkpoint_due(version, *state.replay.metadata(), options_.checkpoint_interval)) {
    const Snapshot snapshot = std::move(state.replay).finish(version, state.checkpoint_version);
    // The commit stands, whatever becomes of its checkpoint: a later version writes another one.
    [[maybe_unused]] const Status published =
        CheckpointWriter{files_, folder, *codec_, clock_}.publish(snapshot);
  }
  return version;
}

Result<int64_t> Log::newest_version() const {
  BULLION_TRY_ASSIGN(const auto latest, latest_version());
  if (!latest) return not_found(fmt::format("there is no Delta table at `{}`", table_path_));
  return *latest;
}

}  // namespace bullion::delta
