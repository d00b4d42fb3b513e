// Ownership of DuckDB's C handles: all share one release shape, void f(T*), so one template does.
#pragma once

#include <string>
#include <utility>

#include <duckdb.h>

namespace bullion::engine {

/// Owns one C handle and releases it once. Moves, never copies.
template <typename T, auto release>
class Handle {
 public:
  Handle() = default;
  explicit Handle(T raw) : raw_(raw) {}
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  Handle(Handle&& other) noexcept : raw_(std::exchange(other.raw_, nullptr)) {}
  Handle& operator=(Handle&& other) noexcept {
    if (this != &other) {
      reset();
      raw_ = std::exchange(other.raw_, nullptr);
    }
    return *this;
  }
  ~Handle() { reset(); }

  T get() const { return raw_; }
  /// Where a C function puts a new handle; releases what was held before.
  T* out() {
    reset();
    return &raw_;
  }
  explicit operator bool() const { return raw_ != nullptr; }

 private:
  void reset() {
    if (raw_ != nullptr) release(&raw_);
    raw_ = nullptr;
  }

  T raw_ = nullptr;
};

using Database = Handle<duckdb_database, duckdb_close>;
using Config = Handle<duckdb_config, duckdb_destroy_config>;
using Prepared = Handle<duckdb_prepared_statement, duckdb_destroy_prepare>;
using Chunk = Handle<duckdb_data_chunk, duckdb_destroy_data_chunk>;
using LogicalType = Handle<duckdb_logical_type, duckdb_destroy_logical_type>;
using ScalarFunction = Handle<duckdb_scalar_function, duckdb_destroy_scalar_function>;
using TableFunction = Handle<duckdb_table_function, duckdb_destroy_table_function>;
using Expression = Handle<duckdb_expression, duckdb_destroy_expression>;
using ErrorData = Handle<duckdb_error_data, duckdb_destroy_error_data>;
using ParameterValue = Handle<duckdb_value, duckdb_destroy_value>;

/// A query's result; the one handle that is a struct and not a pointer.
class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  QueryResult(QueryResult&& other) noexcept : raw_(std::exchange(other.raw_, duckdb_result{})) {}
  QueryResult& operator=(QueryResult&&) = delete;
  ~QueryResult() { duckdb_destroy_result(&raw_); }

  duckdb_result* get() { return &raw_; }

 private:
  duckdb_result raw_{};
};

/// Takes over a text that DuckDB allocated.
inline std::string take_text(char* text) {
  std::string copy = text == nullptr ? "" : text;
  duckdb_free(text);
  return copy;
}

}  // namespace bullion::engine
