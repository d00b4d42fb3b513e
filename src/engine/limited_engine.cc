#include "engine/engine.h"

namespace bullion::engine {
namespace {

class LimitedEngine final : public Engine {
 public:
  LimitedEngine(Engine& engine, const QueryLimits& limits) : engine_(engine), limits_(limits) {}

  Status execute(const std::string& sql) override { return engine_.execute(sql, limits_); }
  Status execute(const std::string& sql, const QueryLimits& limits) override {
    return engine_.execute(sql, limits);
  }
  Result<Rows> query(const std::string& sql) override {
    return engine_.query(sql, {.limits = limits_, .schema = {}});
  }
  Result<Rows> query(const std::string& sql, const QueryOptions& options) override {
    return engine_.query(sql, options);
  }
  Result<StreamEnd> stream(const std::string& sql, const QueryOptions& options,
                           const std::function<Status(const delta::Schema&)>& on_schema,
                           const RowVisitor& on_row) override {
    return engine_.stream(sql, options, on_schema, on_row);
  }
  Status stream(const std::string& sql,
                const std::function<Status(const delta::Schema&)>& on_schema,
                const RowVisitor& on_row) override {
    BULLION_TRY(engine_.stream(sql, {.limits = limits_, .schema = {}}, on_schema, on_row));
    return ok();
  }
  Result<std::vector<BoundColumn>> bind(const std::string& select) override {
    return engine_.bind(select);
  }
  Result<std::string> syntax_tree(const std::string& select) override {
    return engine_.syntax_tree(select);
  }
  Result<std::vector<StagedFile>> stage(const std::string& select,
                                        const StageRequest& request) override {
    return engine_.stage(select, request);
  }
  Result<std::vector<StagedFile>> stage_rows(RowSource& source,
                                             const StageRequest& request) override {
    return engine_.stage_rows(source, request);
  }
  void interrupt() override { engine_.interrupt(); }

 private:
  Engine& engine_;
  const QueryLimits limits_;
};

}  // namespace

std::unique_ptr<Engine> limited_engine(Engine& engine, const QueryLimits& limits) {
  return std::make_unique<LimitedEngine>(engine, limits);
}

}  // namespace bullion::engine
