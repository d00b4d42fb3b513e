#include "server/sql_processes.h"

#include <charconv>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/child_process.h"
#include "base/time_units.h"
#include "server/json_cells.h"

namespace bullion::server {
namespace {

namespace fs = std::filesystem;

/// Answers may be as long as this; the digits and escapes of JSON make them longer than their
/// cells.
constexpr size_t kAnswerBytesMax = 64 << 20;
constexpr std::chrono::milliseconds kLookEvery{20};

constexpr const char* kTooMuchMemory =
    "the query was stopped, because it needs more memory than one may have; read fewer rows or "
    "columns, or group by fewer values";

/// A new folder, removed with its contents: a process that is killed leaves files behind.
class OwnFolder {
 public:
  OwnFolder() = default;
  OwnFolder(const OwnFolder&) = delete;
  OwnFolder& operator=(const OwnFolder&) = delete;
  ~OwnFolder() {
    std::error_code ignored;
    if (!path_.empty()) fs::remove_all(path_, ignored);
  }

  Status make() {
    std::error_code fault;
    std::string pattern = (fs::temp_directory_path(fault) / "bullion-sql-XXXXXX").string();
    if (fault || ::mkdtemp(pattern.data()) == nullptr) {
      return io_error("cannot make a folder for a query's temporary files");
    }
    path_ = pattern;
    return ok();
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

ErrorKind kind_of_text(std::string_view text) {
  for (const ErrorKind kind : {ErrorKind::Invalid, ErrorKind::NotFound, ErrorKind::Conflict,
                               ErrorKind::Io, ErrorKind::Corrupt, ErrorKind::Interrupted}) {
    if (to_string(kind) == text) return kind;
  }
  return ErrorKind::Internal;
}

}  // namespace

Result<std::string> sql_body(reader::Reader& reader, const SqlQuestion& question,
                             const engine::QueryLimits& limits) {
  const Clock& clock = reader.env().clock;
  const int64_t start_us = clock.monotonic_us();
  BULLION_TRY_ASSIGN(const auto open, reader.release(question.release));
  BULLION_TRY_ASSIGN(const reader::SqlAnswer answer,
                     reader::run_sql(reader, *open, question.request, limits));
  std::string json = fmt::format(R"({{"release":{},"columns":{},"rows":)", open->number(),
                                 json_text(columns_json(answer.columns)));
  append_rows(json, answer.columns, answer.rows, {});
  const int64_t elapsed_us = clock.monotonic_us() - start_us;
  return json + fmt::format(R"(,"truncated":{},"elapsed_ms":{}.{:03}}})", answer.truncated,
                            elapsed_us / kMicrosPerMilli, elapsed_us % kMicrosPerMilli);
}

std::string to_json(const SqlOrder& order) {
  Json parameters = Json::array();
  for (const reader::SqlParameter& parameter : order.question.request.parameters) {
    parameters.push_back({{"name", parameter.name},
                          {"type", parameter.type},
                          {"value", parameter.value ? Json(*parameter.value) : Json(nullptr)}});
  }
  Json filters = Json::array();
  for (const metrics::Filter& filter : order.question.request.filters) {
    filters.push_back(metrics::to_string(filter));
  }
  return json_text({{"lake", order.lake},
                    {"project_folder", order.project_folder},
                    {"temp_folder", order.temp_folder},
                    {"memory_bytes", order.memory_bytes},
                    {"release", order.question.release},
                    {"sql", order.question.request.sql},
                    {"rows_max", order.question.request.rows_max},
                    {"parameters", parameters},
                    {"filters", filters}});
}

Result<SqlOrder> sql_order(std::string_view json) {
  const auto tree = nlohmann::json::parse(json, nullptr, false);
  const auto text = [&](const char* name) {
    const bool is_there = tree.is_object() && tree.contains(name) && tree[name].is_string();
    return is_there ? tree[name].get<std::string>() : std::string();
  };
  const auto number = [&](const char* name) {
    const bool is_there = tree.is_object() && tree.contains(name) && tree[name].is_number_integer();
    return is_there ? tree[name].get<int64_t>() : int64_t{0};
  };
  SqlOrder order{
      .lake = text("lake"),
      .project_folder = text("project_folder"),
      .temp_folder = text("temp_folder"),
      .memory_bytes = number("memory_bytes"),
      .question = {
          .release = number("release"),
          .request = {.sql = text("sql"), .parameters = {}, .rows_max = number("rows_max")}}};
  const bool is_whole = !order.lake.empty() && !order.temp_folder.empty() &&
                        order.memory_bytes > 0 && tree.contains("parameters") &&
                        tree.contains("filters");
  if (!is_whole) return invalid("this verb is for `bullion serve`; use `bullion query`");
  for (const auto& parameter : tree["parameters"]) {
    const auto& value = parameter.at("value");
    order.question.request.parameters.push_back(
        {parameter.value("name", ""), parameter.value("type", ""),
         value.is_null() ? std::nullopt : std::optional(value.get<std::string>())});
  }
  for (const auto& filter : tree["filters"]) {
    BULLION_TRY_ASSIGN(metrics::Filter parsed, metrics::parse_filter(filter.get<std::string>()));
    order.question.request.filters.push_back(std::move(parsed));
  }
  return order;
}

std::string to_message(const Result<std::string>& body) {
  const std::string& text = body ? *body : body.error().message();
  const std::string_view kind = body ? "ok" : to_string(body.error().kind());
  return fmt::format("{} {}\n", kind, text.size()) + text;
}

std::optional<Result<std::string>> body_of_message(std::string_view message) {
  const size_t end = message.find('\n');
  const size_t blank = message.substr(0, end).rfind(' ');
  if (end == std::string_view::npos || blank == std::string_view::npos) return std::nullopt;
  size_t size = 0;
  const auto read = std::from_chars(message.data() + blank + 1, message.data() + end, size);
  if (read.ec != std::errc() || message.size() != end + 1 + size) return std::nullopt;
  std::string text(message.substr(end + 1));
  const std::string_view kind = message.substr(0, blank);
  if (kind == "ok") return Result<std::string>(std::move(text));
  return Result<std::string>(Error(kind_of_text(kind), std::move(text)));
}

bool SqlProcesses::enter(const engine::QueryLimits& limits) {
  std::unique_lock lock(mutex_);
  if (inside_ >= options_.at_once && waiting_ >= options_.waiting) return false;
  const int64_t begun_us = clock_.monotonic_us();
  ++waiting_;
  while (inside_ >= options_.at_once) {
    const bool is_gone = limits.cancelled != nullptr && limits.cancelled->load();
    if (is_gone || clock_.monotonic_us() - begun_us > options_.patience_us) {
      --waiting_;
      return false;
    }
    left_.wait_for(lock, kLookEvery);
  }
  --waiting_;
  ++inside_;
  return true;
}

void SqlProcesses::leave() {
  const std::lock_guard lock(mutex_);
  --inside_;
  left_.notify_one();
}

Result<std::optional<std::string>> SqlProcesses::answer(const SqlQuestion& question,
                                                        const engine::QueryLimits& limits) {
  if (!enter(limits)) return std::optional<std::string>();
  auto body = ask(question, limits);
  leave();
  BULLION_TRY(body);
  return std::optional(*std::move(body));
}

Result<std::string> SqlProcesses::ask(const SqlQuestion& question,
                                      const engine::QueryLimits& limits) {
  OwnFolder folder;
  BULLION_TRY(folder.make());
  const std::string order = to_json({.lake = options_.lake,
                                     .project_folder = options_.project_folder,
                                     .temp_folder = folder.path(),
                                     .memory_bytes = options_.memory_bytes,
                                     .question = question});
  BULLION_TRY_ASSIGN(const ChildAnswer answer, ask_child({.command = options_.command,
                                                          .input = order,
                                                          .timeout_us = limits.timeout_us,
                                                          .output_bytes_max = kAnswerBytesMax,
                                                          .cancelled = limits.cancelled},
                                                         clock_));
  switch (answer.end) {
    case ChildEnd::TimedOut:
      return interrupted(
          fmt::format("the query was stopped after its limit of {} ms; ask for fewer rows",
                      limits.timeout_us / kMicrosPerMilli));
    case ChildEnd::Cancelled:
      return interrupted("the query was stopped, because nobody waits for it any more");
    case ChildEnd::TooLong:
      return interrupted(
          fmt::format("the query was stopped, because its answer is longer than {} MiB; ask for "
                      "fewer rows or columns",
                      kAnswerBytesMax >> 20));
    case ChildEnd::Exited:
      break;
  }
  if (auto body = body_of_message(answer.output)) return *std::move(body);
  // A library that gets no memory ends the process, each in its own way.
  if (options_.log) {
    options_.log(fmt::format("the process of a query left with {}; its SQL: {}", answer.code,
                             question.request.sql.substr(0, 200)));
  }
  return interrupted(kTooMuchMemory);
}

}  // namespace bullion::server
