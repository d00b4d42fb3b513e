// Incidents and the notices about them: kept in the lake, each sent once to each channel.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "schedule/claims.h"
#include "schedule/config.h"

namespace bullion::schedule {

/// What goes wrong: a job or a source. One incident at a time is open for each.
struct Subject {
  enum class Kind { Job, Source };
  Kind kind = Kind::Job;
  std::string name;
};
std::string to_string(const Subject& subject);

/// One thing to tell about an incident. The body of a webhook, docs/schedule.md.
struct Notice {
  Event event = Event::Failure;
  Subject subject;
  std::string project;
  int64_t incident = 0;
  int64_t at_us = 0;
  int64_t scheduled = 0;  ///< seconds since the epoch; 0: none
  std::string message;    ///< for people; without secrets
  std::string run_id;
  int64_t release = 0;
};
nlohmann::json to_json(const Notice& notice);
Notice notice_of(const nlohmann::json& json);
/// One line for people: "failure: job daily of shop (06:00Z): disk full".
std::string headline(const Notice& notice);

/// Hands one notice to one channel. The error says why, without secrets.
using Send = std::function<Status(const Channel& channel, const Notice& notice)>;

struct Delivery {
  Notice notice;
  std::string channel;
  std::string state;    ///< sent | waiting | sending | given up | unknown
  std::string message;  ///< the last error
  int64_t tries = 0;
  int64_t next_us = 0;  ///< waiting: when it is tried again
};

/// Files: schedule/incidents/<kind>-<name>/<number>/<event>.json and, per channel, the tries as
/// claims below <event>.<channel>/. Not thread-safe; many processes may use one lake.
class Alerts {
 public:
  Alerts(storage::FileSystem& lake, const Clock& clock, Owner self)
      : lake_(&lake), clock_(&clock), self_(std::move(self)) {}

  /// Opens an incident of the notice's subject or joins the open one; an event that the incident
  /// has already is not told again. True when it is new.
  Result<bool> raise(Notice notice) const;
  /// Closes the open incident, if any, with one notice. True when there was one.
  Result<bool> recover(Notice notice) const;
  /// Number of the open incident of a subject, 0 when none.
  Result<int64_t> open_incident(const Subject& subject) const;

  /// Every notice of the last day with each channel that wants it, as its tries say.
  Result<std::vector<Delivery>> deliveries(const std::vector<Channel>& channels) const;
  /// Sends what is due. A try whose process died before it recorded the result is repeated once.
  /// The returned deliveries are those tried.
  Result<std::vector<Delivery>> deliver(const std::vector<Channel>& channels,
                                        const Send& send) const;

 private:
  Result<std::vector<int64_t>> incidents(const std::string& folder) const;
  Result<std::vector<Notice>> recent_notices() const;
  Claims tries(const Notice& notice, const Channel& channel) const;
  Result<Delivery> state_of(const Notice& notice, const Channel& channel,
                            const std::vector<Claim>& tries) const;

  storage::FileSystem* lake_;
  const Clock* clock_;
  Owner self_;
};

/// A notice is tried for this long after the event.
inline constexpr int64_t kDeliveryUs = int64_t{24} * 3'600 * 1'000'000;

}  // namespace bullion::schedule
