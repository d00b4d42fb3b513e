// Assertions for our own mistakes: always compiled in, never for input.
#pragma once

namespace bullion {
/// Prints the failed condition with its place and aborts.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}  // namespace bullion

#define BULLION_ASSERT(condition) \
  ((condition) ? static_cast<void>(0) : ::bullion::assertion_failed(#condition, __FILE__, __LINE__))
