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

/// Why a file that begins with `first_block` (decompressed, at most some 64 KiB) is no text of
/// single bytes: UTF-16 by its NUL bytes, the format its magic bytes name, or many NUL bytes. A few
/// NUL bytes behind the first line are left to the records that hold them.
std::optional<FileFault> fault_of_text(std::string_view first_block);

/// The encoding that a byte order mark names: utf-8, utf-16le, utf-16be, utf-32le, utf-32be; ""
/// when there is none.
std::string marked_encoding(std::string_view first_block);
/// "utf-16be" when the first bytes of UTF-16 without a mark look so, else "utf-16le".
std::string utf16_byte_order(std::string_view first_block);

/// "an Excel workbook or another ZIP archive", ...; "" when the magic bytes are not known.
std::string binary_format_name(std::string_view first_bytes);

}  // namespace bullion::records
