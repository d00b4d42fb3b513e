// A database as a set of connections, one for each transaction at a time.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "state/connection_internal.h"

namespace bullion::state {

/// Must outlive its transactions.
class Pool final : public Database {
 public:
  Pool(std::string place, Connect connect)
      : place_(std::move(place)), connect_(std::move(connect)) {}

  Result<std::unique_ptr<Transaction>> begin(Access access) override;
  const std::string& place() const override { return place_; }

  /// Takes a connection back after its transaction has ended.
  void give_back(std::unique_ptr<Connection> connection);

 private:
  std::unique_ptr<Connection> take_idle();

  const std::string place_;
  const Connect connect_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Connection>> idle_;
};

}  // namespace bullion::state
