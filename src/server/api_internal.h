// What the handlers of the API share: parameters of a request, and answers of a release.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "exports/export.h"
#include "metrics/request.h"
#include "metrics/values.h"
#include "reader/reader.h"
#include "reader/rows.h"
#include "server/api.h"
#include "server/json_cells.h"
#include "server/message.h"
#include "server/problem.h"

namespace bullion::server {

/// Items of a list that is asked for without a limit.
inline constexpr int64_t kPage = 100;

void add_project_routes(Router& router, Api& api);
void add_table_routes(Router& router, Api& api);
void add_row_routes(Router& router, Api& api);
void add_metric_routes(Router& router, Api& api);
void add_release_routes(Router& router, Api& api);
void add_diff_routes(Router& router, Api& api);
void add_trust_routes(Router& router, Api& api);
void add_lineage_routes(Router& router, Api& api);
void add_history_routes(Router& router, Api& api);
void add_sql_routes(Router& router, Api& api);

/// Refuses parameters that the resource does not know, and those given twice that may come once;
/// `filter` may repeat.
Status check_parameters(const Request& request, std::initializer_list<const char*> known);
/// A whole number from a parameter; Invalid when it is none or out of range.
Result<std::optional<int64_t>> number_parameter(const Request& request, const char* name,
                                                int64_t least, int64_t most);
/// Names separated by commas; empty when the parameter is absent.
Result<std::vector<std::string>> list_parameter(const Request& request, const char* name);
Result<std::vector<metrics::Filter>> filter_parameters(const Request& request);
/// `release`, as a number that exists or nothing.
Result<std::optional<int64_t>> release_parameter(const Request& request);

/// A date as days since 1970-01-01.
Result<std::optional<int32_t>> day_parameter(const Request& request, const char* name);
/// columns, sort, limit, cursor and filter of a list of rows.
Result<reader::RowRequest> row_request(const Request& request, const std::string& table);

/// Cursors of lists that are read by counting: `question` is what they belong to.
std::string cursor_of_offset(int64_t offset, const std::string& question);
Result<int64_t> offset_of_cursor(const Request& request, const std::string& question);

/// The limits of one request's queries.
engine::QueryLimits limits_of(const Api& api, const Request& request);

/// Answers from the cache or makes the body: GETs whose content a release decides. The key is the
/// path, the parameters and the release that was found.
using MakeBody = std::function<Result<std::string>(reader::OpenRelease& release)>;
/// `generation` is that of the definitions the answer is made by; 0 for none.
Response release_answer(Api& api, const Request& request, std::optional<int64_t> release,
                        const MakeBody& make, int64_t generation = 0);

/// The JSON of a page of rows and of a total; one body for all resources that list rows.
Result<std::string> rows_body(Api& api, const Request& request, reader::OpenRelease& open,
                              const reader::RowRequest& rows);
/// `release`, or the one the cursor belongs to.
Result<std::optional<int64_t>> release_of_page(const Request& request, const std::string& cursor);
/// {number} of a release's path.
Result<int64_t> number_in_path(const Request& request);

/// A form of file that `format` may ask for.
struct FileForm {
  const char* name;  ///< also the ending of the file
  const char* content_type;
};
Result<FileForm> form_parameter(const Request& request);
/// An ETag of answers that a release and the request decide, without making them.
std::string etag_of_request(const Request& request, int64_t release);
/// The engine that writes such files.
engine::Engine& engine_of_file(const reader::Reader& reader, const FileForm& form);
/// The rows as a file called `name` and the form's ending. `keep_alive` lives as long as they are
/// read.
Response file_answer(const reader::Reader& reader, const Request& request, const FileForm& form,
                     const std::string& name, exports::Request wanted,
                     std::shared_ptr<void> keep_alive);
/// Values of a metric as rows for a file.
Result<exports::Request> file_of_values(const Api& api, const metrics::MetricValues& values,
                                        const release::Record& record);

/// A body, or its error as a problem.
Response answer_of(const Result<std::string>& body, const Request& request);

}  // namespace bullion::server
