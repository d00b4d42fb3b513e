// How units of time go into each other. Days are those of UTC, which have no leap seconds.
#pragma once

#include <cstdint>

namespace bullion {

inline constexpr int64_t kMicrosPerMilli = 1'000;
inline constexpr int64_t kMicrosPerSecond = 1'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kMillisPerDay = kSecondsPerDay * 1'000;
inline constexpr int64_t kMicrosPerDay = kSecondsPerDay * kMicrosPerSecond;

}  // namespace bullion
