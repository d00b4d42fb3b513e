#include <array>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/assert.h"
#include "engine/duckdb/money_functions_internal.h"
#include "engine/duckdb/money_internal.h"
#include "engine/duckdb/result_reader_internal.h"
#include "engine/duckdb/sql_types_internal.h"

namespace bullion::engine {

namespace {

constexpr int kScaleMax = 18;

/// What a registered function computes; lives as long as the program, so that DuckDB may point at
/// it.
struct MoneyFunction {
  std::optional<int> scale;  ///< nullopt: the last argument is the scale, the result has kScaleMax
  idx_t amounts = 0;         ///< number of DECIMAL arguments
};

constexpr std::array<MoneyFunction, 2 * (kScaleMax + 2)> make_functions() {
  std::array<MoneyFunction, 2 * (kScaleMax + 2)> functions{};
  for (size_t i = 0; i < functions.size(); ++i) {
    const size_t scale = i / 2;
    if (scale <= kScaleMax) functions[i].scale = static_cast<int>(scale);
    functions[i].amounts = i % 2 == 0 ? 2 : 4;
  }
  return functions;
}
constexpr auto kFunctions = make_functions();

bool is_exact(const SqlType& type) {
  return type.id == DUCKDB_TYPE_SQLNULL || type.id == DUCKDB_TYPE_INTEGER_LITERAL ||
         (digits_before_point(type) && type.id != DUCKDB_TYPE_UHUGEINT);
}

const char* function_name(const MoneyFunction& function) {
  return function.amounts == 2 ? "ratio" : "allocate";
}

/// One chunk of a call.
class MoneyCall {
 public:
  MoneyCall(const MoneyFunction& function, duckdb_data_chunk input, duckdb_vector output)
      : function_(function),
        rows_(duckdb_data_chunk_get_size(input)),
        cells_(static_cast<duckdb_hugeint*>(duckdb_vector_get_data(output))) {
    const idx_t columns = duckdb_data_chunk_get_column_count(input);
    for (idx_t i = 0; i < columns; ++i) {
      duckdb_vector vector = duckdb_data_chunk_get_vector(input, i);
      const LogicalType type(duckdb_vector_get_column_type(vector));
      scales_.push_back(describe(type.get()).scale);
      arguments_.emplace_back(vector, describe(type.get()));
    }
    duckdb_vector_ensure_validity_writable(output);
    validity_ = duckdb_vector_get_validity(output);
  }

  /// Fills the output; the message of the first row that has no answer.
  std::optional<std::string> run() {
    for (idx_t row = 0; row < rows_; ++row) {
      if (auto fault = run_row(row)) return fault;
    }
    return std::nullopt;
  }

 private:
  std::optional<std::string> run_row(idx_t row) {
    if (has_null(row) || divisor(row).units == 0) {
      duckdb_validity_set_row_invalid(validity_, row);
      return std::nullopt;
    }
    const int scale = function_.scale ? *function_.scale : asked_scale(row);
    if (scale < 0 || scale > kScaleMax) {
      return fmt::format("{}: the scale must be 0 to {}", function_name(function_), kScaleMax);
    }
    const bool shares = function_.amounts == 4;
    if (shares && !fits_scale(amount(row, 0), scale)) {
      return fmt::format(
          "allocate: the amount {} has more digits than the scale {}, so its parts could not sum "
          "to it",
          to_string(amount(row, 0)), scale);
    }
    auto units =
        shares
            ? share_units({amount(row, 0), amount(row, 1), amount(row, 2), amount(row, 3)}, scale)
            : ratio_units(amount(row, 0), amount(row, 1), scale);
    Int128 result = 0;
    const int result_scale = function_.scale.value_or(kScaleMax);
    const Int128 limit = power_of_ten(kDecimalPrecisionMax);
    if (!units || __builtin_mul_overflow(*units, power_of_ten(result_scale - scale), &result) ||
        result >= limit || result <= -limit) {
      return fmt::format("{}: the result of {} and {} does not fit DECIMAL(38,{})",
                         function_name(function_), to_string(amount(row, 0)),
                         to_string(amount(row, 1)), result_scale);
    }
    cells_[row] = {static_cast<uint64_t>(result), static_cast<int64_t>(result >> 64)};
    return std::nullopt;
  }

  bool has_null(idx_t row) const {
    for (const ColumnReader& argument : arguments_) {
      if (argument.is_null(row)) return true;
    }
    return false;
  }

  Decimal amount(idx_t row, size_t index) const {
    return {arguments_[index].units(row), scales_[index]};
  }
  Decimal divisor(idx_t row) const { return amount(row, function_.amounts - 1); }

  int asked_scale(idx_t row) const {
    const Int128 scale = arguments_.back().units(row);
    return scale < 0 || scale > kScaleMax ? -1 : static_cast<int>(scale);
  }

  const MoneyFunction& function_;
  idx_t rows_;
  duckdb_hugeint* cells_;
  uint64_t* validity_ = nullptr;
  std::vector<ColumnReader> arguments_;
  std::vector<int> scales_;
};

void run_money(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto* function =
      static_cast<const MoneyFunction*>(duckdb_scalar_function_get_extra_info(info));
  if (const auto fault = MoneyCall(*function, input, output).run()) {
    duckdb_scalar_function_set_error(info, fault->c_str());
  }
}

void bind_money(duckdb_bind_info info) {
  const auto* function =
      static_cast<const MoneyFunction*>(duckdb_scalar_function_bind_get_extra_info(info));
  const idx_t arguments = duckdb_scalar_function_bind_get_argument_count(info);
  for (idx_t i = 0; i < arguments; ++i) {
    const Expression argument(duckdb_scalar_function_bind_get_argument(info, i));
    const LogicalType type(duckdb_expression_return_type(argument.get()));
    const SqlType described = describe(type.get());
    if (is_exact(described) && (i < function->amounts || described.scale == 0)) continue;
    const std::string message = fmt::format(
        "{}: argument {} is {}; it must be {}", function_name(*function), i + 1,
        type_name(type.get()), i < function->amounts ? "DECIMAL or an integer" : "a whole scale");
    duckdb_scalar_function_bind_set_error(info, message.c_str());
    return;
  }
}

Status register_function(duckdb_connection connection, const MoneyFunction& function) {
  const ScalarFunction created(duckdb_create_scalar_function());
  std::string name = function_name(function);
  if (function.scale) name += fmt::format("_{}", *function.scale);
  duckdb_scalar_function_set_name(created.get(), name.c_str());
  const LogicalType any(duckdb_create_logical_type(DUCKDB_TYPE_ANY));
  const idx_t arguments = function.amounts + (function.scale ? 0 : 1);
  for (idx_t i = 0; i < arguments; ++i)
    duckdb_scalar_function_add_parameter(created.get(), any.get());
  const LogicalType result(duckdb_create_decimal_type(
      kDecimalPrecisionMax, static_cast<uint8_t>(function.scale.value_or(kScaleMax))));
  duckdb_scalar_function_set_return_type(created.get(), result.get());
  duckdb_scalar_function_set_special_handling(created.get());
  // DuckDB only hands the pointer back; nothing writes through it.
  duckdb_scalar_function_set_extra_info(created.get(), const_cast<MoneyFunction*>(&function),
                                        nullptr);
  duckdb_scalar_function_set_bind(created.get(), bind_money);
  duckdb_scalar_function_set_function(created.get(), run_money);
  if (duckdb_register_scalar_function(connection, created.get()) == DuckDBError) {
    return internal_error(name + " could not be registered with the engine");
  }
  return ok();
}

}  // namespace

Status register_money_functions(duckdb_connection connection) {
  for (const MoneyFunction& function : kFunctions) {
    BULLION_TRY(register_function(connection, function));
  }
  return ok();
}

}  // namespace bullion::engine
