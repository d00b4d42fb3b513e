#include "server/api.h"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "reader/cursor.h"
#include "server/api_internal.h"

namespace bullion::server {

Api::Api(reader::Reader& reader, const RunQueue* runs, ApiOptions options)
    : reader_(reader), runs_(runs), options_(std::move(options)), cache_(options_.cache_bytes) {
  reload();
}

Api::~Api() = default;

void Api::add_routes(Router& router) {
  add_project_routes(router, *this);
  add_table_routes(router, *this);
  add_row_routes(router, *this);
  add_metric_routes(router, *this);
  add_release_routes(router, *this);
  add_diff_routes(router, *this);
  add_trust_routes(router, *this);
  add_lineage_routes(router, *this);
  add_history_routes(router, *this);
  add_sql_routes(router, *this);
}

void Api::reload() {
  auto loaded = std::make_shared<Definitions>();
  // The engine for requests does not know SQL of the project from SQL of others; both only read.
  metrics::MetricOutcome found = metrics::load_metrics(reader_.project(), reader_.engine());
  loaded->set = std::move(found.set);
  metrics::DashboardOutcome pages = metrics::load_dashboards(reader_.project(), loaded->set);
  loaded->dashboards = std::move(pages.dashboards);
  if (options_.log) {
    for (const auto* problems : {&found.problems, &pages.problems}) {
      for (const project::Problem& problem : *problems) options_.log(to_string(problem));
    }
  }
  const std::lock_guard lock(mutex_);
  loaded->generation = definitions_ == nullptr ? 1 : definitions_->generation + 1;
  definitions_ = std::move(loaded);
}

std::shared_ptr<const Definitions> Api::definitions() const {
  const std::lock_guard lock(mutex_);
  return definitions_;
}

Status check_parameters(const Request& request, std::initializer_list<const char*> known) {
  const std::vector<std::string> names(known.begin(), known.end());
  std::vector<std::string> seen;
  for (const auto& [name, value] : request.query) {
    if (std::ranges::find(names, name) == names.end()) {
      return invalid(
          fmt::format("there is no parameter `{}`{}; {}", name, did_you_mean(name, names),
                      names.empty() ? std::string("none is expected")
                                    : fmt::format("expected {}", fmt::join(names, ", "))));
    }
    if (name == "filter") continue;
    if (std::ranges::find(seen, name) != seen.end()) {
      return invalid(fmt::format("the parameter `{}` is given twice", name));
    }
    seen.push_back(name);
  }
  return ok();
}

Result<std::optional<int64_t>> number_parameter(const Request& request, const char* name,
                                                int64_t least, int64_t most) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<int64_t>();
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool is_number = fault == std::errc{} && end == text->data() + text->size();
  if (is_number && number >= least && number <= most) return std::optional(number);
  return invalid(
      most == std::numeric_limits<int64_t>::max()
          ? fmt::format("{} is `{}`; expected a whole number from {}", name, *text, least)
          : fmt::format("{} is `{}`; expected a whole number from {} to {}", name, *text, least,
                        most));
}

Result<std::vector<std::string>> list_parameter(const Request& request, const char* name) {
  std::vector<std::string> names;
  const auto text = request.query_value(name);
  if (!text) return names;
  for (size_t from = 0;;) {
    const size_t comma = text->find(',', from);
    names.push_back(text->substr(from, comma - from));
    if (names.back().empty()) {
      return invalid(fmt::format("{} is `{}`; expected names separated by commas", name, *text));
    }
    if (comma == std::string::npos) return names;
    from = comma + 1;
  }
}

Result<std::vector<metrics::Filter>> filter_parameters(const Request& request) {
  std::vector<metrics::Filter> filters;
  for (const auto& [name, value] : request.query) {
    if (name != "filter") continue;
    BULLION_TRY_ASSIGN(metrics::Filter filter, metrics::parse_filter(value));
    filters.push_back(std::move(filter));
  }
  return filters;
}

Result<std::optional<int64_t>> release_parameter(const Request& request) {
  return number_parameter(request, "release", 1, std::numeric_limits<int64_t>::max());
}

Result<std::optional<int32_t>> day_parameter(const Request& request, const char* name) {
  const auto text = request.query_value(name);
  if (!text) return std::optional<int32_t>();
  const auto day = parse_date(*text);
  if (day) return day;
  return invalid(fmt::format("{} is `{}`; expected a date as YYYY-MM-DD", name, *text));
}

std::string cursor_of_offset(int64_t offset, const std::string& question) {
  return reader::cursor_text({.release = 0, .question = question, .keys = {}, .offset = offset});
}

Result<int64_t> offset_of_cursor(const Request& request, const std::string& question) {
  const auto text = request.query_value("cursor");
  if (!text) return 0;
  BULLION_TRY_ASSIGN(const reader::Cursor cursor, reader::parse_cursor(*text));
  if (cursor.question == question && cursor.release == 0 && cursor.keys.empty()) {
    return cursor.offset;
  }
  return invalid("the cursor belongs to another list; ask for the first page");
}

engine::QueryLimits limits_of(const Api& api, const Request& request) {
  return {.timeout_us = api.options().timeout_us, .rows_max = 0, .cancelled = request.gone};
}

Response answer_of(const Result<std::string>& body, const Request& request) {
  if (!body) return problem_response(body.error(), request);
  return json_response(*body);
}

Response release_answer(Api& api, const Request& request, std::optional<int64_t> release,
                        const MakeBody& make, int64_t generation) {
  BULLION_SERVER_ASSIGN(const auto open, api.reader().release(release), request);
  std::vector<std::pair<std::string, std::string>> parameters = request.query;
  std::erase_if(parameters, [](const auto& pair) { return pair.first == "release"; });
  std::sort(parameters.begin(), parameters.end());
  std::string key = fmt::format("r{} g{} {}", open->number(), generation, request.path);
  for (const auto& [name, value] : parameters) {
    key += fmt::format("\n{}:{}={}", name, value.size(), value);
  }
  const auto answer = api.cache().get(key, open->number(), [&] { return make(*open); });
  if (!answer) return problem_response(answer.error(), request);
  const KeptAnswer& kept = **answer;
  if (request.has_etag(kept.etag)) return not_modified(kept.etag);
  Response response = json_response(kept.body);
  response.with_header("ETag", kept.etag);
  return response;
}

}  // namespace bullion::server
