// Dates and times by their look.
#pragma once

#include <string_view>

#include "infer/cell_shape_internal.h"

namespace bullion::infer {

/// True when `text` is a date, a date with a time, or a time of day; fills kind, date, first and
/// second. Eight digits are a number here (is_compact_date()).
bool read_date(std::string_view text, CellShape& shape);

/// Whether eight digits are a day between 1900 and 2099.
bool is_compact_date(std::string_view text);

}  // namespace bullion::infer
