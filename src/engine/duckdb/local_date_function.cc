#include <chrono>
#include <exception>
#include <optional>
#include <string>
#include <string_view>

#include <date/tz.h>
#include <fmt/format.h>

#include "base/time_units.h"
#include "engine/duckdb/local_date_function_internal.h"

namespace bullion::engine {
namespace {

int64_t floor_divided(int64_t value, int64_t by) { return value / by - (value % by < 0 ? 1 : 0); }

std::string_view text_at(duckdb_vector vector, idx_t row) {
  const auto& cell = static_cast<const duckdb_string_t*>(duckdb_vector_get_data(vector))[row];
  const uint32_t length = cell.value.inlined.length;
  constexpr uint32_t kInlinedMax = sizeof(cell.value.inlined.inlined);
  return {length <= kInlinedMax ? cell.value.inlined.inlined : cell.value.pointer.ptr, length};
}

bool is_null(duckdb_vector vector, idx_t row) {
  const uint64_t* validity = duckdb_vector_get_validity(vector);
  return validity != nullptr && (validity[row / 64] >> (row % 64) & 1) == 0;
}

/// A zone and the period between two changes of its offset that was asked for last: neighbours in
/// time are neighbours in most tables.
class ZoneClock {
 public:
  /// False when the zone database has no such name.
  bool set(std::string_view name) {
    if (zone_ != nullptr && name == name_) return true;
    name_ = name;
    period_.reset();
    try {
      zone_ = date::locate_zone(name_);
    } catch (const std::exception&) {  // The library throws for names it does not know.
      zone_ = nullptr;
    }
    return zone_ != nullptr;
  }

  int32_t day_of(int64_t micros) {
    const date::sys_seconds at(std::chrono::seconds(floor_divided(micros, kMicrosPerSecond)));
    if (!period_ || at < period_->begin || at >= period_->end) period_ = zone_->get_info(at);
    const int64_t local = at.time_since_epoch().count() + period_->offset.count();
    return static_cast<int32_t>(floor_divided(local, kSecondsPerDay));
  }

 private:
  std::string name_;
  const date::time_zone* zone_ = nullptr;
  std::optional<date::sys_info> period_;
};

void local_date(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  duckdb_vector times = duckdb_data_chunk_get_vector(input, 0);
  duckdb_vector zones = duckdb_data_chunk_get_vector(input, 1);
  const auto* micros = static_cast<const int64_t*>(duckdb_vector_get_data(times));
  auto* days = static_cast<int32_t*>(duckdb_vector_get_data(output));
  duckdb_vector_ensure_validity_writable(output);
  uint64_t* validity = duckdb_vector_get_validity(output);
  ZoneClock clock;
  const idx_t rows = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < rows; ++row) {
    if (is_null(times, row) || is_null(zones, row)) {
      duckdb_validity_set_row_invalid(validity, row);
      continue;
    }
    const std::string_view zone = text_at(zones, row);
    if (!clock.set(zone)) {
      const std::string message = fmt::format(
          "local_date: the zone database has no `{}`; expected a name such as Europe/Berlin", zone);
      duckdb_scalar_function_set_error(info, message.c_str());
      return;
    }
    days[row] = clock.day_of(micros[row]);
  }
}

}  // namespace

Status register_local_date(duckdb_connection connection) {
  const ScalarFunction function(duckdb_create_scalar_function());
  const LogicalType time(duckdb_create_logical_type(DUCKDB_TYPE_TIMESTAMP_TZ));
  const LogicalType zone(duckdb_create_logical_type(DUCKDB_TYPE_VARCHAR));
  const LogicalType result(duckdb_create_logical_type(DUCKDB_TYPE_DATE));
  duckdb_scalar_function_set_name(function.get(), "local_date");
  duckdb_scalar_function_add_parameter(function.get(), time.get());
  duckdb_scalar_function_add_parameter(function.get(), zone.get());
  duckdb_scalar_function_set_return_type(function.get(), result.get());
  duckdb_scalar_function_set_function(function.get(), local_date);
  if (duckdb_register_scalar_function(connection, function.get()) == DuckDBError) {
    return internal_error("local_date could not be registered with the engine");
  }
  return ok();
}

}  // namespace bullion::engine
