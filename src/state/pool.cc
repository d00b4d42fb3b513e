#include "state/pool_internal.h"

namespace bullion::state {
namespace {

constexpr size_t kIdleMax = 4;

class PooledTransaction final : public Transaction {
 public:
  PooledTransaction(Pool& pool, std::unique_ptr<Connection> connection)
      : pool_(pool), connection_(std::move(connection)) {}
  PooledTransaction(const PooledTransaction&) = delete;
  PooledTransaction& operator=(const PooledTransaction&) = delete;
  ~PooledTransaction() override {
    if (!ended_) connection_->roll_back();
    pool_.give_back(std::move(connection_));
  }

  Result<int64_t> execute(const std::string& sql, const Row& parameters) override {
    BULLION_TRY(refuse_ended());
    BULLION_TRY(check_parameters(parameters));
    return connection_->execute(sql, parameters);
  }
  Status query(const std::string& sql, const Row& parameters,
               const std::function<Status(const Row&)>& on_row) override {
    BULLION_TRY(refuse_ended());
    BULLION_TRY(check_parameters(parameters));
    return connection_->query(sql, parameters, on_row);
  }
  Result<bool> has_table(const std::string& name) override {
    BULLION_TRY(refuse_ended());
    return connection_->has_table(name);
  }
  Status commit() override {
    BULLION_TRY(refuse_ended());
    const Status done = connection_->commit();
    if (!done) connection_->roll_back();
    ended_ = true;
    return done;
  }
  bool may_repeat() const override { return connection_->may_repeat(); }

 private:
  Status refuse_ended() const {
    if (!ended_) return ok();
    return internal_error("a transaction was used after its end");
  }

  Pool& pool_;
  std::unique_ptr<Connection> connection_;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<Connection> Pool::take_idle() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return nullptr;
  std::unique_ptr<Connection> connection = std::move(idle_.back());
  idle_.pop_back();
  return connection;
}

Result<std::unique_ptr<Transaction>> Pool::begin(Access access) {
  // An idle connection may have been lost meanwhile: a server was restarted.
  while (std::unique_ptr<Connection> connection = take_idle()) {
    const Status begun = connection->begin(access);
    if (begun) return {std::make_unique<PooledTransaction>(*this, std::move(connection))};
    if (!connection->usable()) continue;
    give_back(std::move(connection));
    return begun.error();
  }
  BULLION_TRY_ASSIGN(std::unique_ptr<Connection> connection, connect_());
  BULLION_TRY(connection->begin(access));
  return {std::make_unique<PooledTransaction>(*this, std::move(connection))};
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
  if (!connection->usable()) return;
  const std::lock_guard lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(connection));
}

}  // namespace bullion::state
