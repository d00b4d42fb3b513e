// What a file's first bytes say it is, so that a rejection can name it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "records/text_record.h"

namespace bullion::records {

enum class Compression { None, Gzip, Zstd };

/// By magic bytes.
Compression compression_of(std::string_view first_bytes);

/// Why a file that begins with `first_block` (decompressed, at most some 64 KiB) is no text in
/// UTF-8: the encoding its byte order mark names, the format its magic bytes name, or many NUL
/// bytes. A few NUL bytes behind the first line are left to the records that hold them.
std::optional<FileFault> fault_of_text(std::string_view first_block);

bool has_utf8_mark(std::string_view first_block);
bool looks_like_parquet(std::string_view first_bytes);

/// "an Excel workbook or another ZIP archive", ...; "" when the magic bytes are not known.
std::string binary_format_name(std::string_view first_bytes);

}  // namespace bullion::records
