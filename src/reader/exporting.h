// A table of a release as a request for a file.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "exports/export.h"
#include "metrics/request.h"
#include "reader/reader.h"

namespace bullion::reader {

/// What every file of a release tells of itself: project, lake, release, program, and who exports.
exports::Provenance provenance_of(const project::Project& project, const release::Record& record,
                                  const std::string& user);

/// What the file tells of itself (provenance, sums of the amounts by currency, the order of the
/// grain) and the rows it is made of; columns, condition and order are the caller's to add.
Result<exports::Request> export_request(const Reader& reader, const OpenRelease& release,
                                        const OpenTable& table);

/// The same, narrowed as rows are. `sort` as in RowRequest.
Result<exports::Request> export_request(const Reader& reader, const OpenRelease& release,
                                        const OpenTable& table,
                                        const std::vector<std::string>& columns,
                                        const std::vector<std::string>& sort,
                                        const std::vector<metrics::Filter>& filters);

}  // namespace bullion::reader
