// libFuzzer: any text as a value of any type, by any format. The first bytes choose both.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "ingest/typed_column_internal.h"

namespace bullion::ingest {
namespace {

using delta::DataType;
using delta::TypeId;

DataType type_of(uint8_t choice) {
  constexpr std::array kPlain{TypeId::String,    TypeId::Long,        TypeId::Integer,
                              TypeId::Short,     TypeId::Byte,        TypeId::Double,
                              TypeId::Float,     TypeId::Boolean,     TypeId::Date,
                              TypeId::Timestamp, TypeId::TimestampNtz};
  if (choice % 3 == 0) return DataType::decimal(1 + choice % 38, choice % 7 % (1 + choice % 38));
  return {kPlain[choice / 3U % kPlain.size()], 0, 0, {}};
}

void run(std::string_view text, const std::array<uint8_t, 4>& choices) {
  project::Source source;
  source.contract.name = "fuzz";
  source.contract.columns.push_back({"c", type_of(choices[0]), choices[1] % 2 == 0, "{}"});
  source.contract.amount_column = "c";
  source.format.trim = choices[1] % 4 >= 2;
  project::ValueFormat& values = source.values;
  values.decimal_mark = ".,"[choices[1] / 4 % 2];
  values.thousands_mark = std::string_view("\0,. '", 5)[choices[1] / 8 % 5];
  values.parentheses_negative = choices[2] % 2 == 0;
  values.trailing_minus = choices[2] % 4 >= 2;
  if (choices[2] % 8 >= 4) values.currency_signs = {"$", "EUR", "\u20AC"};
  if (choices[2] % 16 >= 8) values.null_words = {"", "NULL", "-"};
  if (choices[3] % 2 == 0)
    values.date_formats = {"%d/%m/%y %H:%M:%S.%f%z", "%b %e %Y", "%Y%j", "%d %B %Y %I%p %Z"};
  if (choices[3] % 4 >= 2) values.time_zone = "Europe/London";
  values.dst = std::array{"reject", "earlier", "later"}[choices[3] / 4 % 3];

  const TypedColumn column(source, 0, false);
  engine::ColumnBatch batch;
  batch.type = source.contract.columns[0].type;
  const records::Cell cell{
      text, choices[3] % 16 >= 8 ? records::CellKind::Quoted : records::CellKind::Bare};
  const ValueFault fault = column.append(cell, batch);
  BULLION_ASSERT(batch.nulls.size() == 1);
  if (fault != ValueFault::None) BULLION_ASSERT(!column.describe(fault, cell).reason.empty());
  if (const auto amount = column.readable_amount(text, 2)) BULLION_ASSERT(amount->scale >= 2);
  // What is refused or taken leaves the column as it was once it is taken back.
  drop_last(batch);
  BULLION_ASSERT(batch.nulls.empty() && batch.fixed32.empty() && batch.fixed64.empty() &&
                 batch.fixed128.empty() && batch.doubles.empty() && batch.ends.empty());
}

}  // namespace
}  // namespace bullion::ingest

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 4) return 0;
  bullion::ingest::run({reinterpret_cast<const char*>(data) + 4, size - 4},
                       {data[0], data[1], data[2], data[3]});
  return 0;
}
