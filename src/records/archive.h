// Archives of files (ZIP, TAR, TAR inside gzip or zstd): which members a source reads, and their
// bytes. Nothing is ever written to disk under a member's name.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "project/file_format.h"
#include "records/text_record.h"
#include "storage/file_system.h"

namespace bullion::records {

/// Limits of one archive; docs/containers.md states them. An archive over one of them is refused as
/// a whole before more is unpacked.
inline constexpr int64_t kArchiveEntriesMax = 100'000;
inline constexpr int64_t kArchiveMembersMax = 10'000;
inline constexpr int64_t kArchiveUnpackedMax = int64_t{256} << 30;
/// Unpacked bytes per byte of the archive, looked at behind kArchiveRatioFrom unpacked bytes.
inline constexpr int64_t kArchiveRatioMax = 250;
inline constexpr int64_t kArchiveRatioFrom = int64_t{64} << 20;
/// A workbook inside an archive is held in memory while it is read.
inline constexpr int64_t kWorkbookMemberMax = int64_t{256} << 20;

enum class ContainerKind { None, Zip, Workbook, Tar };

/// What a file is, by its bytes: a ZIP archive is a workbook when its first entry is one of an
/// Excel workbook's parts. Tar also inside gzip or zstd.
Result<ContainerKind> container_kind(const storage::FileSystem& files, const std::string& path);

/// Whether a source of this format reads the members of such a file as files of their own.
bool is_archive_for(const project::FileFormat& format, ContainerKind kind);

struct ArchiveMember {
  std::string name;  ///< path inside the archive; valid UTF-8, unique in it
  std::string sha256;
  int64_t size = 0;  ///< bytes unpacked
};

/// The members that a source reads, or why the archive as a whole cannot be read.
struct ArchiveListing {
  std::vector<ArchiveMember> members;  ///< by name
  std::optional<FileFault> fault;
};

/// Unpacks the whole archive once, in bounded memory, to know each member's size and hash. Left
/// out: folders, links, hidden members (a part of the path begins with '.' or "~$", __MACOSX,
/// Thumbs.db, desktop.ini) and those that no pattern of FileFormat::members matches. A fault: no
/// member is left, a limit is broken, something is encrypted, damaged, named twice, or an archive
/// itself. Errors are the disk's. `path` must be an archive for the format.
Result<ArchiveListing> list_archive(const storage::FileSystem& files, const std::string& path,
                                    const project::FileFormat& format,
                                    const std::function<void(int64_t bytes)>& on_unpacked);

/// The bytes of one member, `size` as it was listed. Corrupt while reading when they are damaged or
/// more than that; NotFound when there is no such member. `files` is borrowed.
Result<std::unique_ptr<storage::FileReader>> open_member(const storage::FileSystem& files,
                                                         const std::string& path,
                                                         const std::string& member, int64_t size);

}  // namespace bullion::records
