#include "schedule/claims.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace bullion::schedule {
namespace {

constexpr std::string_view kSuffix = ".json";
constexpr std::string_view kEndSuffix = ".end.json";
constexpr std::string_view kBeatSuffix = ".beat.json";
constexpr size_t kDigits = 12;

/// The JSON object of a file; nullopt when the file is absent.
Result<std::optional<nlohmann::json>> read_object(const storage::FileSystem& lake,
                                                  const std::string& path) {
  auto bytes = lake.read(path);
  if (!bytes) {
    if (bytes.error().kind() == ErrorKind::NotFound) return std::optional<nlohmann::json>();
    return bytes.error();
  }
  nlohmann::json json = nlohmann::json::parse(*bytes, nullptr, false);
  if (!json.is_object()) {
    return corrupt(
        fmt::format("{}: not the JSON object that a scheduler writes; remove the file if "
                    "a person made it",
                    lake.location(path)));
  }
  return std::optional<nlohmann::json>(std::move(json));
}

int64_t number_at(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_number_integer() ? found->get<int64_t>() : 0;
}

}  // namespace

std::string Claims::path_of(int64_t number, std::string_view suffix) const {
  return storage::join_path(folder_, fmt::format("{:012}{}", number, suffix));
}

Result<std::vector<int64_t>> Claims::numbers() const {
  BULLION_TRY_ASSIGN(const auto entries, lake_->list(folder_));
  std::vector<int64_t> out;
  for (const storage::FileInfo& entry : entries) {
    const std::string_view name = entry.name();
    if (name.size() != kDigits + kSuffix.size() || !name.ends_with(kSuffix)) continue;
    int64_t number = 0;
    const auto [end, fault] = std::from_chars(name.data(), name.data() + kDigits, number);
    if (fault == std::errc{} && end == name.data() + kDigits) out.push_back(number);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Result<std::optional<Claim>> Claims::read(int64_t number) const {
  BULLION_TRY_ASSIGN(const auto made, read_object(*lake_, path_of(number, kSuffix)));
  if (!made) return std::optional<Claim>();
  Claim claim;
  claim.number = number;
  claim.made_at_us = number_at(*made, "made_at_us");
  if (made->contains("owner") && made->at("owner").is_object()) {
    from_json(made->at("owner"), claim.owner);
  }
  claim.what = made->value("what", nlohmann::json::object());
  BULLION_TRY_ASSIGN(const auto end, read_object(*lake_, path_of(number, kEndSuffix)));
  if (end) {
    claim.ended = true;
    claim.abandoned = end->contains("abandoned");
    claim.ended_at_us = number_at(*end, "ended_at_us");
    claim.outcome = end->value("outcome", nlohmann::json::object());
  }
  return std::optional<Claim>(std::move(claim));
}

Result<std::vector<Claim>> Claims::newest(size_t count_max) const {
  BULLION_TRY_ASSIGN(const auto all, numbers());
  std::vector<Claim> out;
  const size_t skip = all.size() > count_max ? all.size() - count_max : 0;
  for (size_t i = skip; i < all.size(); ++i) {
    BULLION_TRY_ASSIGN(auto claim, read(all[i]));
    if (claim) out.push_back(std::move(*claim));
  }
  return out;
}

Result<bool> Claims::is_dead(const Claim& claim) const {
  switch (liveness_of(claim.owner, self_)) {
    case Liveness::Alive:
      return false;
    case Liveness::Dead:
      return true;
    case Liveness::Unknown:
      break;
  }
  BULLION_TRY_ASSIGN(const auto beat, read_object(*lake_, path_of(claim.number, kBeatSuffix)));
  const int64_t last = std::max(claim.made_at_us, beat ? number_at(*beat, "at_us") : 0);
  return clock_->now_us() - last > kHeartbeatLostUs;
}

Result<std::optional<Claim>> Claims::take_over() const {
  BULLION_TRY_ASSIGN(auto last, newest(1));
  if (last.empty() || last[0].ended) return std::optional<Claim>();
  BULLION_TRY_ASSIGN(const bool dead, is_dead(last[0]));
  if (!dead) return std::optional<Claim>();
  const std::string why =
      fmt::format("process {} on {} ended without a word", last[0].owner.pid, last[0].owner.host);
  BULLION_TRY_ASSIGN(const bool ours,
                     write_end(last[0].number, {{"status", "abandoned"}, {"message", why}}, true));
  if (!ours) return std::optional<Claim>();
  return read(last[0].number);
}

Result<std::optional<Claim>> Claims::claim(int64_t last, const nlohmann::json& what) const {
  Claim claim;
  claim.number = last + 1;
  claim.made_at_us = clock_->now_us();
  claim.owner = self_;
  claim.what = what;
  const nlohmann::json made = {{"made_at_us", claim.made_at_us}, {"owner", self_}, {"what", what}};
  const Status created = lake_->create(path_of(claim.number, kSuffix), made.dump() + "\n");
  if (!created) {
    if (created.error().kind() == ErrorKind::Conflict) return std::optional<Claim>();
    return created.error();
  }
  // A process that slept since it read `last` could take a number that has been pruned meanwhile.
  BULLION_TRY_ASSIGN(const auto all, numbers());
  if (!all.empty() && all.back() > claim.number) {
    BULLION_TRY(lake_->remove(path_of(claim.number, kSuffix)));
    return std::optional<Claim>();
  }
  return std::optional<Claim>(std::move(claim));
}

Status Claims::beat(int64_t number) const {
  const nlohmann::json beat = {{"at_us", clock_->now_us()}};
  return lake_->replace(path_of(number, kBeatSuffix), beat.dump() + "\n");
}

Result<bool> Claims::write_end(int64_t number, const nlohmann::json& outcome,
                               bool abandoned) const {
  nlohmann::json end = {{"ended_at_us", clock_->now_us()}, {"outcome", outcome}};
  if (abandoned) end["abandoned"] = self_;
  const Status created = lake_->create(path_of(number, kEndSuffix), end.dump() + "\n");
  if (created) {
    BULLION_TRY(lake_->remove(path_of(number, kBeatSuffix)));
    return true;
  }
  if (created.error().kind() == ErrorKind::Conflict) return false;
  return created.error();
}

Result<bool> Claims::end(int64_t number, const nlohmann::json& outcome) const {
  return write_end(number, outcome, false);
}

Status Claims::prune(size_t keep) const {
  BULLION_TRY_ASSIGN(const auto all, numbers());
  for (size_t i = 0; i + keep < all.size(); ++i) {
    // The claim goes last, so that a crash between leaves it to the next pruning.
    BULLION_TRY(lake_->remove(path_of(all[i], kBeatSuffix)));
    BULLION_TRY(lake_->remove(path_of(all[i], kEndSuffix)));
    BULLION_TRY(lake_->remove(path_of(all[i], kSuffix)));
  }
  return ok();
}

}  // namespace bullion::schedule
