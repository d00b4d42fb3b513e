// SHA-256 of bytes, streamed: the identity of a landed file and of model code.
#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace bullion {

/// Incremental SHA-256. Not thread-safe.
class Sha256 {
 public:
  Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  ~Sha256();

  void update(std::string_view bytes);
  /// Lower-case hex of the digest; the object is spent afterwards.
  std::string finish_hex();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Lower-case hex of the SHA-256 of `bytes`.
std::string sha256_hex(std::string_view bytes);

}  // namespace bullion
