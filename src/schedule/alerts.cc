#include "schedule/alerts.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

#include "base/date.h"
#include "base/time_units.h"

namespace bullion::schedule {
namespace {

constexpr std::string_view kFolder = "schedule/incidents";
constexpr size_t kTriesMax = 100;
/// A result nobody recorded may have been a success, so only one is repeated.
constexpr int64_t kUnknownMax = 2;
constexpr std::array<Event, 4> kEvents{Event::Failure, Event::Blocked, Event::Late,
                                       Event::Recovered};

std::string subject_folder(const Subject& subject) {
  return fmt::format("{}/{}-{}", kFolder, subject.kind == Subject::Kind::Job ? "job" : "source",
                     subject.name);
}

std::string incident_folder(const Notice& notice) {
  return fmt::format("{}/{:06}", subject_folder(notice.subject), notice.incident);
}

std::string notice_path(const Notice& notice) {
  return fmt::format("{}/{}.json", incident_folder(notice), to_string(notice.event));
}

Result<bool> create_once(storage::FileSystem& lake, const Notice& notice) {
  const Status created = lake.create(notice_path(notice), to_json(notice).dump() + "\n");
  if (created) return true;
  if (created.error().kind() == ErrorKind::Conflict) return false;
  return created.error();
}

}  // namespace

std::string to_string(const Subject& subject) {
  return fmt::format("{} {}", subject.kind == Subject::Kind::Job ? "job" : "source", subject.name);
}

nlohmann::json to_json(const Notice& notice) {
  nlohmann::json json = {
      {"event", to_string(notice.event)},
      {"project", notice.project},
      {notice.subject.kind == Subject::Kind::Job ? "job" : "source", notice.subject.name},
      {"incident", notice.incident},
      {"at", format_timestamp(notice.at_us)},
      {"message", notice.message}};
  if (notice.scheduled != 0) {
    json["scheduled"] = format_timestamp(notice.scheduled * kMicrosPerSecond);
  }
  if (!notice.run_id.empty()) json["run_id"] = notice.run_id;
  if (notice.release != 0) json["release"] = notice.release;
  return json;
}

Notice notice_of(const nlohmann::json& json) {
  Notice notice;
  for (const Event event : kEvents) {
    if (json.value("event", "") == to_string(event)) notice.event = event;
  }
  notice.subject.kind = json.contains("job") ? Subject::Kind::Job : Subject::Kind::Source;
  notice.subject.name = json.value(json.contains("job") ? "job" : "source", "");
  notice.project = json.value("project", "");
  notice.incident = json.value("incident", int64_t{0});
  notice.at_us = parse_timestamp(json.value("at", "")).value_or(0);
  notice.scheduled = parse_timestamp(json.value("scheduled", "")).value_or(0) / kMicrosPerSecond;
  notice.message = json.value("message", "");
  notice.run_id = json.value("run_id", "");
  notice.release = json.value("release", int64_t{0});
  return notice;
}

std::string headline(const Notice& notice) {
  const std::string when =
      notice.scheduled == 0
          ? ""
          : fmt::format(" ({}Z)",
                        format_timestamp(notice.scheduled * kMicrosPerSecond).substr(0, 16));
  return fmt::format("{}: {} of {}{}: {}", to_string(notice.event), to_string(notice.subject),
                     notice.project, when, notice.message);
}

Result<std::vector<int64_t>> Alerts::incidents(const std::string& folder) const {
  BULLION_TRY_ASSIGN(const auto entries, lake_->list(folder));
  std::vector<int64_t> numbers;
  for (const storage::FileInfo& entry : entries) {
    const std::string_view name = entry.name();
    int64_t number = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (fault == std::errc{} && end == name.data() + name.size()) numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  return numbers;
}

Result<int64_t> Alerts::open_incident(const Subject& subject) const {
  BULLION_TRY_ASSIGN(const auto numbers, incidents(subject_folder(subject)));
  if (numbers.empty()) return int64_t{0};
  Notice closing{.event = Event::Recovered, .subject = subject, .incident = numbers.back()};
  BULLION_TRY_ASSIGN(const auto closed, lake_->stat(notice_path(closing)));
  return closed ? int64_t{0} : numbers.back();
}

Result<bool> Alerts::raise(Notice notice) const {
  BULLION_TRY_ASSIGN(notice.incident, open_incident(notice.subject));
  if (notice.incident == 0) {
    BULLION_TRY_ASSIGN(const auto numbers, incidents(subject_folder(notice.subject)));
    notice.incident = (numbers.empty() ? 0 : numbers.back()) + 1;
  }
  return create_once(*lake_, notice);
}

Result<bool> Alerts::recover(Notice notice) const {
  BULLION_TRY_ASSIGN(notice.incident, open_incident(notice.subject));
  if (notice.incident == 0) return false;
  return create_once(*lake_, notice);
}

Result<std::vector<Notice>> Alerts::recent_notices() const {
  std::vector<Notice> out;
  BULLION_TRY_ASSIGN(const auto subjects, lake_->list(std::string(kFolder)));
  for (const storage::FileInfo& subject : subjects) {
    BULLION_TRY_ASSIGN(const auto numbers, incidents(subject.path));
    for (size_t i = numbers.size(); i-- > 0;) {
      const std::string folder = fmt::format("{}/{:06}", subject.path, numbers[i]);
      bool recent = false;
      for (const Event event : kEvents) {
        const auto bytes = lake_->read(fmt::format("{}/{}.json", folder, to_string(event)));
        if (!bytes && bytes.error().kind() == ErrorKind::NotFound) continue;
        if (!bytes) return bytes.error();
        const auto json = nlohmann::json::parse(*bytes, nullptr, false);
        if (!json.is_object()) continue;
        Notice notice = notice_of(json);
        if (clock_->now_us() - notice.at_us > kDeliveryUs) continue;
        recent = true;
        out.push_back(std::move(notice));
      }
      if (!recent) break;
    }
  }
  std::stable_sort(out.begin(), out.end(),
                   [](const Notice& a, const Notice& b) { return a.at_us < b.at_us; });
  return out;
}

Claims Alerts::tries(const Notice& notice, const Channel& channel) const {
  return {*lake_,
          fmt::format("{}/{}.{}", incident_folder(notice), to_string(notice.event), channel.name),
          *clock_, self_};
}

Result<Delivery> Alerts::state_of(const Notice& notice, const Channel& channel,
                                  const std::vector<Claim>& made) const {
  Delivery out{.notice = notice, .channel = channel.name, .state = "waiting"};
  out.tries = static_cast<int64_t>(made.size());
  int64_t unknown = 0;
  for (const Claim& one : made) unknown += one.abandoned ? 1 : 0;
  if (made.empty()) return out;
  const Claim& last = made.back();
  if (!last.ended) {
    BULLION_TRY_ASSIGN(const bool dead, tries(notice, channel).is_dead(last));
    if (!dead) out.state = "sending";
    return out;
  }
  out.message = last.outcome.value("message", "");
  if (last.outcome.value("status", "") == "sent") {
    out.state = "sent";
    return out;
  }
  if (unknown >= kUnknownMax) {
    out.state = "unknown";
    return out;
  }
  if (made.size() >= kTriesMax) {
    out.state = "given up";
    return out;
  }
  if (last.abandoned) return out;
  const RetryPolicy backoff{.initial_us = 30 * kMicrosPerSecond};
  out.next_us = last.ended_at_us + backoff.wait_us(out.tries - unknown);
  if (out.next_us - notice.at_us > kDeliveryUs) out.state = "given up";
  return out;
}

Result<std::vector<Delivery>> Alerts::deliveries(const std::vector<Channel>& channels) const {
  std::vector<Delivery> out;
  BULLION_TRY_ASSIGN(const auto notices, recent_notices());
  for (const Notice& notice : notices) {
    for (const Channel& channel : channels) {
      if (!channel.wants(notice.event)) continue;
      BULLION_TRY_ASSIGN(const auto made, tries(notice, channel).newest(kTriesMax));
      BULLION_TRY_ASSIGN(auto delivery, state_of(notice, channel, made));
      out.push_back(std::move(delivery));
    }
  }
  return out;
}

Result<std::vector<Delivery>> Alerts::deliver(const std::vector<Channel>& channels,
                                              const Send& send) const {
  std::vector<Delivery> tried;
  BULLION_TRY_ASSIGN(const auto all, deliveries(channels));
  for (const Delivery& candidate : all) {
    if (candidate.state != "waiting" || candidate.next_us > clock_->now_us()) continue;
    const auto channel = std::find_if(channels.begin(), channels.end(), [&](const Channel& one) {
      return one.name == candidate.channel;
    });
    const Claims claims = tries(candidate.notice, *channel);
    BULLION_TRY_ASSIGN(const auto taken, claims.take_over());
    BULLION_TRY_ASSIGN(const auto made, claims.newest(kTriesMax));
    BULLION_TRY_ASSIGN(auto delivery, state_of(candidate.notice, *channel, made));
    if (delivery.state != "waiting" || (taken && delivery.next_us > clock_->now_us())) continue;
    BULLION_TRY_ASSIGN(const auto claim,
                       claims.claim(made.empty() ? 0 : made.back().number,
                                    {{"event", to_string(delivery.notice.event)}}));
    if (!claim) continue;
    const Status sent = send(*channel, delivery.notice);
    delivery.state = sent ? "sent" : "waiting";
    delivery.message = sent ? "" : sent.error().message();
    BULLION_TRY_ASSIGN(const bool recorded,
                       claims.end(claim->number, {{"status", sent ? "sent" : "failed"},
                                                  {"message", delivery.message}}));
    if (recorded) tried.push_back(std::move(delivery));
  }
  return tried;
}

}  // namespace bullion::schedule
