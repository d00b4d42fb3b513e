#include "server/case_desk.h"

namespace bullion::server {

Result<detect::CaseStore*> CaseDesk::open(const std::string& user) {
  if (!has_detectors()) {
    return not_found("this project has no detectors, so it has no cases; write them to detectors/");
  }
  const std::lock_guard lock(mutex_);
  if (!store_) {
    BULLION_TRY_ASSIGN(store_, detect::CaseStore::open(location_, project_, reader_.env().clock));
  }
  BULLION_TRY(follow(user));
  return store_.get();
}

/// Makes the cases follow the newest release; whoever asks next waits until they do.
Status CaseDesk::follow(const std::string& user) {
  const auto release = reader_.release(std::nullopt);
  if (!release) {
    return release.error().kind() == ErrorKind::NotFound ? ok() : Status(release.error());
  }
  BULLION_TRY_ASSIGN(const auto synced, store_->synced_release());
  if (synced && *synced >= (*release)->number()) return ok();
  if (!(*release)->record().tables.contains(project::kFindingsTable)) return ok();
  BULLION_TRY_ASSIGN(const auto findings, detect::read_findings(reader_, **release, detectors_));
  const auto outcome = store_->sync((*release)->number(), findings, user);
  // Another process was faster, with a newer release.
  if (!outcome && outcome.error().kind() != ErrorKind::Conflict) return outcome.error();
  return ok();
}

}  // namespace bullion::server
