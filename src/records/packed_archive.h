// Archives made in memory, for tests and fuzzers only.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>

namespace bullion::records {

using MemberBytes = std::vector<std::pair<std::string, std::string>>;  // name, bytes

/// `format`: "zip", "tar", "tar.gz", "tar.zst". A password encrypts a ZIP's members. A name that
/// ends with '/' is a folder, bytes that begin with "->" are a link.
inline std::string packed(const MemberBytes& members, const std::string& format = "zip",
                          const char* password = nullptr) {
  std::string out;
  archive* writer = archive_write_new();
  if (format == "zip") {
    archive_write_set_format_zip(writer);
  } else {
    archive_write_set_format_pax_restricted(writer);
  }
  if (format == "tar.gz") archive_write_add_filter_gzip(writer);
  if (format == "tar.zst") archive_write_add_filter_zstd(writer);
  archive_write_set_bytes_in_last_block(writer, 1);
  if (password != nullptr) {
    archive_write_set_options(writer, "zip:encryption=traditional");
    archive_write_set_passphrase(writer, password);
  }
  const auto take = [](archive*, void* to, const void* bytes, size_t size) -> la_ssize_t {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
    return static_cast<la_ssize_t>(size);
  };
  archive_write_open(writer, &out, nullptr, take, nullptr);
  for (const auto& [name, bytes] : members) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    const bool is_link = bytes.starts_with("->");
    const bool is_folder = name.ends_with('/');
    archive_entry_set_filetype(entry, is_link ? AE_IFLNK : is_folder ? AE_IFDIR : AE_IFREG);
    if (is_link) archive_entry_set_symlink(entry, bytes.c_str() + 2);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, is_link ? 0 : static_cast<la_int64_t>(bytes.size()));
    archive_write_header(writer, entry);
    if (!is_link) archive_write_data(writer, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
  return out;
}

}  // namespace bullion::records
