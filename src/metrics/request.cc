#include "metrics/request.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/date.h"
#include "base/nearest_name.h"
#include "metrics/condition_internal.h"

namespace bullion::metrics {
namespace {

constexpr int64_t kLimitMax = 10000;

const std::vector<std::string>& op_names() {
  static const std::vector<std::string> kNames{"eq", "ne", "lt",   "le",      "gt",
                                               "ge", "in", "null", "notnull", "contains"};
  return kNames;
}

const std::vector<std::string>& request_keys() {
  static const std::vector<std::string> kNames{"by",    "grain",   "start",  "end",
                                               "range", "compare", "window", "sort",
                                               "limit", "filter",  "release"};
  return kNames;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (true) {
    const size_t at = text.find(separator);
    out.emplace_back(text.substr(0, at));
    if (at == std::string_view::npos) return out;
    text.remove_prefix(at + 1);
  }
}

/// %7C and %25 as what they stand for; other '%' as they are.
std::string unescaped(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const std::string_view code = text.substr(i, 3);
    if (code == "%7C" || code == "%7c" || code == "%25") {
      out += code == "%25" ? '%' : '|';
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char character : text) {
    if (character == '|') {
      out += "%7C";
    } else if (character == '%') {
      out += "%25";
    } else {
      out += character;
    }
  }
  return out;
}

Result<int64_t> parse_count(std::string_view key, std::string_view text) {
  int64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (fault == std::errc{} && end == text.data() + text.size() && number > 0) return number;
  return invalid(fmt::format("`{}` is `{}`; expected a whole number above 0", key, text));
}

Status parse_compare(const std::string& value, MetricRequest& request) {
  constexpr std::string_view kRelease = "release:";
  if (value == "prior_period") {
    request.compare = Compare::PriorPeriod;
  } else if (value == "prior_year") {
    request.compare = Compare::PriorYear;
  } else if (value.starts_with(kRelease)) {
    request.compare = Compare::Release;
    BULLION_TRY_ASSIGN(request.compare_release,
                       parse_count("compare", value.substr(kRelease.size())));
  } else {
    return invalid(
        fmt::format("`compare` is `{}`{}; expected prior_period, prior_year or release:N", value,
                    did_you_mean(value, {"prior_period", "prior_year", "release:1"})));
  }
  return ok();
}

Result<int32_t> parse_day(const std::string& key, const std::string& value) {
  const auto day = parse_date(value);
  if (day) return *day;
  return invalid(fmt::format("`{}` is `{}`; expected a day such as 2025-03-01", key, value));
}

Status parse_one(const std::string& key, const std::string& value, MetricRequest& request) {
  if (key == "by") {
    for (const std::string& name : split(value, ',')) {
      if (!name.empty()) request.by.push_back(name);
    }
  } else if (key == "grain") {
    request.grain = parse_grain(value);
    if (!request.grain) {
      const std::vector<std::string> grains{"day", "week", "month", "quarter", "year"};
      return invalid(fmt::format("`grain` is `{}`{}; expected one of: {}", value,
                                 did_you_mean(value, grains), fmt::join(grains, ", ")));
    }
  } else if (key == "start") {
    BULLION_TRY_ASSIGN(request.start, parse_day(key, value));
  } else if (key == "end") {
    BULLION_TRY_ASSIGN(request.end, parse_day(key, value));
  } else if (key == "range") {
    request.range = value;
  } else if (key == "compare") {
    return parse_compare(value, request);
  } else if (key == "window") {
    request.window = parse_window(value);
    if (!request.window) {
      return invalid(fmt::format("`window` is `{}`; expected one of: mtd, qtd, ytd, ltm", value));
    }
  } else if (key == "sort") {
    request.sort = value;
  } else if (key == "limit") {
    BULLION_TRY_ASSIGN(request.limit, parse_count(key, value));
  } else if (key == "release") {
    BULLION_TRY_ASSIGN(request.release, parse_count(key, value));
  } else if (key == "filter") {
    BULLION_TRY_ASSIGN(Filter filter, parse_filter(value));
    request.filters.push_back(std::move(filter));
  } else {
    return invalid(fmt::format("unknown parameter `{}`{}; expected: {}", key,
                               did_you_mean(key, request_keys()), fmt::join(request_keys(), ", ")));
  }
  return ok();
}

std::vector<std::string> dimension_names(const Metric& metric) {
  std::vector<std::string> out;
  for (const Dimension& dimension : metric.dimensions) out.push_back(dimension.name);
  return out;
}

Status check_names(const Metric& metric, const MetricRequest& request) {
  const std::vector<std::string> known = dimension_names(metric);
  for (size_t i = 0; i < request.by.size(); ++i) {
    const std::string& name = request.by[i];
    if (metric.find_dimension(name) == nullptr) {
      return invalid(
          fmt::format("metric `{}` has no dimension `{}`{}; dimensions: {}", metric.name, name,
                      did_you_mean(name, known),
                      known.empty() ? "none" : fmt::format("{}", fmt::join(known, ", "))));
    }
    if (std::count(request.by.begin(), request.by.end(), name) > 1) {
      return invalid(fmt::format("`by` names `{}` twice", name));
    }
  }
  std::string sort = request.sort;
  if (sort.starts_with("-")) sort.erase(0, 1);
  const bool by_dimension = std::count(request.by.begin(), request.by.end(), sort) != 0;
  if (sort.empty() || sort == "value" || by_dimension) return ok();
  if (sort == "time" && request.grain) return ok();
  if (sort == "change" && request.compare != Compare::None) return ok();
  std::vector<std::string> choices{"value"};
  if (request.grain) choices.emplace_back("time");
  if (request.compare != Compare::None) choices.emplace_back("change");
  choices.insert(choices.end(), request.by.begin(), request.by.end());
  return invalid(
      fmt::format("`sort` is `{}`{}; expected one of: {}, with '-' in front to turn it "
                  "around",
                  request.sort, did_you_mean(sort, choices), fmt::join(choices, ", ")));
}

Status check_time(const Metric& metric, const MetricRequest& request) {
  const bool needs_time = request.grain || request.start || request.end || request.window ||
                          !request.range.empty() || request.compare == Compare::PriorPeriod ||
                          request.compare == Compare::PriorYear;
  if (needs_time && metric.time_column.empty()) {
    return invalid(
        fmt::format("metric `{}` has no time column, so it has no grain, range, window "
                    "or earlier period",
                    metric.name));
  }
  if (request.grain && std::find(metric.grains.begin(), metric.grains.end(), *request.grain) ==
                           metric.grains.end()) {
    std::vector<std::string> names;
    for (const Grain grain : metric.grains) names.push_back(to_string(grain));
    return invalid(fmt::format("metric `{}` has no grain `{}`; grains: {}", metric.name,
                               to_string(*request.grain), fmt::join(names, ", ")));
  }
  if (request.window && !request.grain) {
    return invalid(
        fmt::format("`window` {} runs within periods, so it needs a `grain`, such as day",
                    to_string(*request.window)));
  }
  if (request.start && request.end && *request.start >= *request.end) {
    return invalid(fmt::format("the range is empty: `start` {} is included, `end` {} is left out",
                               format_date(*request.start), format_date(*request.end)));
  }
  if (!request.range.empty()) {
    const auto& names = range_names();
    if (request.start || request.end) return invalid("give `range`, or `start` and `end`");
    if (std::find(names.begin(), names.end(), request.range) == names.end()) {
      return invalid(fmt::format("`range` is `{}`{}; expected one of: {}", request.range,
                                 did_you_mean(request.range, names), fmt::join(names, ", ")));
    }
  }
  const bool whole = request.start && request.end;
  const bool open = !whole && request.range.empty();
  if (request.compare == Compare::PriorPeriod && open && !request.grain) {
    return invalid(
        "comparing with the prior period needs a range (`start` and `end`) or a `grain`");
  }
  if (request.compare == Compare::PriorYear && open && !request.grain) {
    return invalid("comparing with the prior year needs a range (`start` and `end`) or a `grain`");
  }
  return ok();
}

}  // namespace

std::string to_string(FilterOp op) { return op_names().at(static_cast<size_t>(op)); }

std::string_view sql_sign(FilterOp op) {
  switch (op) {
    case FilterOp::Eq:
      return "=";
    case FilterOp::Ne:
      return "IS DISTINCT FROM";
    case FilterOp::Lt:
      return "<";
    case FilterOp::Le:
      return "<=";
    case FilterOp::Gt:
      return ">";
    default:
      return ">=";
  }
}

Result<Filter> parse_filter(std::string_view text) {
  const size_t first = text.find(':');
  Filter out;
  out.column = std::string(text.substr(0, first));
  const std::string_view rest =
      first == std::string_view::npos ? std::string_view() : text.substr(first + 1);
  const size_t second = rest.find(':');
  const std::string op(rest.substr(0, second));
  if (out.column.empty() || op.empty()) {
    return invalid(fmt::format(
        "the filter `{}` is not complete; expected column:op:value, such as region:eq:eu-west-1",
        text));
  }
  const auto found = std::find(op_names().begin(), op_names().end(), op);
  if (found == op_names().end()) {
    return invalid(fmt::format("the filter `{}` has the unknown operator `{}`{}; operators: {}",
                               text, op, did_you_mean(op, op_names()),
                               fmt::join(op_names(), ", ")));
  }
  out.op = static_cast<FilterOp>(found - op_names().begin());
  const bool bare = out.op == FilterOp::Null || out.op == FilterOp::NotNull;
  const bool has_value = second != std::string_view::npos;
  if (bare && has_value && second + 1 != rest.size()) {
    return invalid(fmt::format("the filter `{}`: `{}` takes no value", text, op));
  }
  if (!bare && !has_value) {
    return invalid(fmt::format("the filter `{}` has no value; expected column:{}:value", text, op));
  }
  if (bare) return out;
  const std::string_view values = rest.substr(second + 1);
  if (out.op == FilterOp::In) {
    for (const std::string& value : split(values, '|')) out.values.push_back(unescaped(value));
  } else {
    out.values.push_back(unescaped(values));
  }
  return out;
}

std::string to_string(const Filter& filter) {
  std::string out = filter.column + ":" + to_string(filter.op);
  if (filter.op == FilterOp::Null || filter.op == FilterOp::NotNull) return out;
  std::vector<std::string> values;
  for (const std::string& value : filter.values) values.push_back(escaped(value));
  return fmt::format("{}:{}", out, fmt::join(values, "|"));
}

Status check_request(const MetricSet& set, const Metric& metric, const MetricRequest& request) {
  BULLION_TRY(check_names(metric, request));
  BULLION_TRY(check_time(metric, request));
  if (request.limit < 1 || request.limit > kLimitMax) {
    return invalid(fmt::format("`limit` is {}; expected 1 to {}", request.limit, kLimitMax));
  }
  for (const Filter& filter : request.filters) BULLION_TRY(condition_of(set, metric, filter));
  return ok();
}

Result<MetricRequest> parse_request(
    const MetricSet& set, const Metric& metric,
    const std::vector<std::pair<std::string, std::string>>& parameters) {
  MetricRequest request;
  std::vector<std::string> seen;
  for (const auto& [key, value] : parameters) {
    if (key != "filter" && std::find(seen.begin(), seen.end(), key) != seen.end()) {
      return invalid(fmt::format("`{}` is given twice", key));
    }
    seen.push_back(key);
    BULLION_TRY(parse_one(key, value, request));
  }
  BULLION_TRY(check_request(set, metric, request));
  return request;
}

}  // namespace bullion::metrics
