// The resources of api/openapi.json that are read: tables, releases, metrics, trust, queries.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metrics/dashboard.h"
#include "metrics/metric.h"
#include "reader/reader.h"
#include "server/answer_cache.h"
#include "server/router.h"
#include "server/run_queue.h"
#include "server/sql_processes.h"
#include "server/telemetry.h"

namespace bullion::server {

struct ApiOptions {
  int64_t timeout_us = 30'000'000;  ///< of one query
  int64_t cache_bytes = int64_t{64} << 20;
  /// Answers SELECTs that strangers wrote; see SqlProcesses::answer(). Empty: in this process.
  std::function<Result<std::optional<std::string>>(const SqlQuestion&, const engine::QueryLimits&)>
      answer_sql;
  std::function<void(const std::string&)> log;  ///< told of mistakes in metrics and dashboards
};

/// metrics/ and dashboards/ of the project as they were read together.
struct Definitions {
  metrics::MetricSet set;
  std::vector<metrics::Dashboard> dashboards;
  int64_t generation = 0;  ///< grows with every reading
};

/// Everything below /api/v1 that answers from the lake. Thread-safe once its routes are added.
class Api {
 public:
  /// Borrows both; `runs` may be null where none can be started.
  Api(reader::Reader& reader, const RunQueue* runs, ApiOptions options = {});
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void add_routes(Router& router);
  std::vector<Sample> samples() const { return cache_.samples(); }
  /// Reads metrics and dashboards again; requests that go on keep what they have.
  void reload();
  std::shared_ptr<const Definitions> definitions() const;

  reader::Reader& reader() const { return reader_; }
  const RunQueue* runs() const { return runs_; }
  AnswerCache& cache() { return cache_; }
  const ApiOptions& options() const { return options_; }

 private:
  reader::Reader& reader_;
  const RunQueue* runs_;
  const ApiOptions options_;
  AnswerCache cache_;
  mutable std::mutex mutex_;
  std::shared_ptr<const Definitions> definitions_;
};

}  // namespace bullion::server
