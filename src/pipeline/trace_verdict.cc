#include <algorithm>

#include "pipeline/trace_verdict_internal.h"

namespace bullion::pipeline {

TraceVerdict verdict_of(const std::vector<TraceLevel>& levels, bool ends_early) {
  const auto differs = [](const TraceLevel& level) { return level.agrees == false; };
  const auto agrees = [](const TraceLevel& level) { return level.agrees.value_or(false); };
  const auto has_amount = [](const TraceLevel& level) { return level.amount.has_value(); };
  if (std::ranges::any_of(levels, differs)) return TraceVerdict::Differs;
  if (levels.front().rows == 0) return TraceVerdict::NoRows;
  if (std::ranges::none_of(levels, has_amount)) return TraceVerdict::NoAmount;
  const bool is_all = std::all_of(levels.begin() + 1, levels.end(), agrees);
  return is_all && !ends_early ? TraceVerdict::Agrees : TraceVerdict::Uncompared;
}

std::string to_string(TraceVerdict verdict) {
  switch (verdict) {
    case TraceVerdict::Agrees:
      return "agrees";
    case TraceVerdict::Differs:
      return "differs";
    case TraceVerdict::Uncompared:
      return "uncompared";
    case TraceVerdict::NoAmount:
      return "no_amount";
    case TraceVerdict::NoRows:
      return "no_rows";
  }
  return "";
}

}  // namespace bullion::pipeline
