#include "reader/explain.h"

#include <algorithm>

#include "engine/duckdb/duckdb_engine.h"
#include "release/store.h"
#include "table/table.h"

namespace bullion::reader {
namespace {

// One trace reads a few partitions of a few tables.
constexpr int64_t kTraceMemoryBytes = int64_t{512} << 20;
constexpr int kTraceThreads = 2;

pipeline::Environment with_engine(const pipeline::Environment& env, engine::Engine& engine,
                                  delta::CheckpointCodec& codec) {
  return {env.lake, engine, env.clock, codec, env.user, {}};
}

}  // namespace

Result<pipeline::TraceOutcome> trace_rows(const Reader& reader, const release::Record& record,
                                          const std::string& table,
                                          const std::map<std::string, std::string>& filter,
                                          int64_t limit, const std::vector<std::string>& through,
                                          const engine::QueryLimits& limits) {
  BULLION_TRY(find_table(record, table));
  engine::EngineOptions options;
  options.memory_limit_bytes = kTraceMemoryBytes;
  options.threads = kTraceThreads;
  BULLION_TRY_ASSIGN(const auto own, engine::duckdb_engine(options));
  const auto limited = engine::limited_engine(*own, limits);
  const auto codec = table::checkpoint_codec(*limited);
  return pipeline::trace(with_engine(reader.env(), *limited, *codec), reader.project(), record,
                         table, filter, limit, through);
}

Result<pipeline::DiffOutcome> diff_of(const Reader& reader, int64_t before, int64_t after,
                                      const engine::QueryLimits& limits) {
  const pipeline::Environment& env = reader.env();
  const release::Store store(env.lake, env.clock, nullptr);
  release::Record first;
  if (before != 0) {
    BULLION_TRY_ASSIGN(first, store.get(before));
  }
  BULLION_TRY_ASSIGN(const release::Record second, store.get(after));
  const auto limited = engine::limited_engine(env.engine, limits);
  return pipeline::diff_releases(with_engine(env, *limited, env.codec), reader.project(), first,
                                 second);
}

Result<int64_t> release_before(const Reader& reader, int64_t number) {
  const release::Store store(reader.env().lake, reader.env().clock, nullptr);
  BULLION_TRY_ASSIGN(const auto records, store.list());
  int64_t before = 0;
  for (const release::Record& record : records) {
    if (!record.is_void && record.number < number) before = std::max(before, record.number);
  }
  return before;
}

}  // namespace bullion::reader
