// What the first bytes of a file say about archives.
#pragma once

#include <string>
#include <string_view>

namespace bullion::records {

inline constexpr size_t kTarHeaderBytes = 512;

/// Whether `first_bytes` begin with the header of a TAR entry: its checksum fits (POSIX.1-2017,
/// pax, "ustar Interchange Format"; the old format without "ustar" has the same checksum).
bool is_tar_header(std::string_view first_bytes);

/// Whether `first_bytes`, of a ZIP archive, begin with one of an Excel workbook's parts.
bool is_workbook_start(std::string_view first_bytes);

/// The first kTarHeaderBytes of what gzip or zstd data begin with, fewer when they cannot be
/// unpacked. zstd needs one block, some 128 KiB.
std::string first_unpacked_bytes(std::string_view first_bytes);

}  // namespace bullion::records
