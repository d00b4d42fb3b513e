// serve and demo: the parts of a serving process, wired together.
#include "cli/verbs_serve.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <mutex>
#include <thread>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <poll.h>
#include <unistd.h>

#include "base/child_process.h"
#include "base/date.h"
#include "cli/failure.h"
#include "cli/open_schedule.h"
#include "cli/own_command.h"
#include "cli/scheduler_loop.h"
#include "cli/session.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "cli/verbs.h"
#include "pipeline/run.h"
#include "project/state_location.h"
#include "reader/reader.h"
#include "release/store.h"
#include "server/api.h"
#include "server/case_desk.h"
#include "server/case_routes.h"
#include "server/change_watcher.h"
#include "server/child_runs.h"
#include "server/health.h"
#include "server/http_server.h"
#include "server/run_routes.h"
#include "server/session_routes.h"
#include "server/sql_processes.h"

namespace bullion::cli {
namespace {

constexpr int64_t kLookUs = 1'000'000;
constexpr int64_t kPatienceUs = 5'000'000;
constexpr uintmax_t kFreeBytesMin = 100'000'000;

/// schedule.yml's jobs in a thread of their own.
class ScheduleThread {
 public:
  ScheduleThread(const GlobalOptions& global, const pipeline::Environment& env,
                 schedule::Schedule plan)
      : global_(global), env_(env), plan_(std::move(plan)) {}
  ScheduleThread(const ScheduleThread&) = delete;
  ScheduleThread& operator=(const ScheduleThread&) = delete;
  ~ScheduleThread() {
    ask_to_stop();
    ask_to_stop();  // The second request ends a running job.
    if (thread_.joinable()) thread_.join();
  }

  void start() {
    control_.wait = [this](int64_t us) {
      std::unique_lock lock(mutex_);
      const int before = stops_;
      asked_.wait_for(lock, std::chrono::microseconds(std::max<int64_t>(us, 0)),
                      [&] { return stops_ != before; });
    };
    control_.stops = [this] {
      const std::lock_guard lock(mutex_);
      return stops_;
    };
    control_.log = [this](const std::string& line) {
      if (!global_.quiet) complain("schedule: " + line);
    };
    thread_ = std::thread([this] {
      const Status ended = run_scheduler(global_, env_, plan_, control_);
      const std::lock_guard lock(mutex_);
      if (!ended) fault_ = ended.error().message();
      has_ended_ = true;
    });
  }

  void ask_to_stop() {
    {
      const std::lock_guard lock(mutex_);
      ++stops_;
    }
    asked_.notify_all();
  }

  Result<std::string> health() const {
    const std::lock_guard lock(mutex_);
    if (has_ended_) return io_error("the scheduler has ended: " + fault_);
    return fmt::format("{} job{} of schedule.yml", plan_.jobs.size(),
                       plan_.jobs.size() == 1 ? "" : "s");
  }

 private:
  const GlobalOptions& global_;
  const pipeline::Environment& env_;
  const schedule::Schedule plan_;
  SchedulerControl control_;
  mutable std::mutex mutex_;
  std::condition_variable asked_;
  int stops_ = 0;
  bool has_ended_ = false;
  std::string fault_;
  std::thread thread_;
};

/// The bearer token of programs; "" when none was set up.
Result<std::string> bearer_token(const ServeOptions& options) {
  if (options.token_file.empty()) {
    const char* token = std::getenv("BULLION_TOKEN");
    return std::string(token == nullptr ? "" : token);
  }
  std::ifstream file(options.token_file, std::ios::binary);
  if (!file) {
    return not_found(fmt::format("--token-file {}: cannot be read; expected a file with one line",
                                 options.token_file));
  }
  std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.empty()) return invalid(fmt::format("--token-file {}: is empty", options.token_file));
  return text;
}

Status check_options(const ServeOptions& options) {
  if (options.certificate.empty() != options.key.empty()) {
    return invalid("--tls-cert and --tls-key go together: a certificate and its key");
  }
  if (server::is_loopback(options.host)) return ok();
  if (options.no_auth) {
    return invalid(
        fmt::format("--no-auth with --host {}: everybody who reaches this machine would read and "
                    "run everything; leave out one of the two",
                    options.host));
  }
  if (options.certificate.empty()) {
    complain(
        fmt::format("Warning: --host {} without --tls-cert and --tls-key: tokens and numbers "
                    "travel unencrypted.",
                    options.host));
  }
  return ok();
}

/// Everything a serving process is made of, in the order in which it must be there.
class Site {
 public:
  Site(const GlobalOptions& global, const ServeOptions& options, const Session& session)
      : global_(global),
        options_(options),
        session_(session),
        scrubber_({{session.project().folder, "<project>"}, {session.project().lake, "<lake>"}}),
        sessions_(session.clock()),
        project_files_(storage::local_file_system(session.project().folder)),
        runs_(run_options(), session.clock()),
        queries_(query_options(), session.clock()),
        watcher_({[this] { return latest_release(); }, *project_files_}, session.clock()),
        pages_(server::embedded_web()),
        api_pages_(server::embedded_api()),
        dispatcher_({router_, sessions_, pages_, telemetry_, session.clock()}, dispatch_options()) {
  }

  Status start() {
    BULLION_TRY_ASSIGN(const std::string token, bearer_token(options_));
    if (!token.empty()) BULLION_TRY(sessions_.set_bearer(token));
    BULLION_TRY(open_jobs());
    BULLION_TRY(open_api());
    add_routes();
    telemetry_.add_source([this] { return samples(); });
    telemetry_.add_source([this] { return api_->samples(); });
    server::HttpOptions http{.host = options_.host, .port = options_.port};
    if (!options_.certificate.empty()) http.tls = {options_.certificate, options_.key};
    // SQL keeps four of them at the most (SqlProcessesOptions).
    http.workers = std::max(8, 2 * static_cast<int>(std::thread::hardware_concurrency()));
    BULLION_TRY_ASSIGN(http_,
                       server::HttpServer::start(http, dispatcher_, telemetry_, session_.clock()));
    watcher_.start();
    if (jobs_) jobs_->start();
    return ok();
  }

  /// A new link, with a one-time token unless nobody is asked for one.
  Result<std::string> new_link() {
    const std::string scheme = options_.certificate.empty() ? "http" : "https";
    const bool is_v6 = options_.host.find(':') != std::string::npos;
    const std::string host = is_v6 ? "[" + options_.host + "]" : options_.host;
    const std::string base = fmt::format("{}://{}:{}/", scheme, host, http_->port());
    if (options_.no_auth) return base;
    BULLION_TRY_ASSIGN(const std::string token, sessions_.issue_token());
    return base + "?token=" + token;
  }

  int port() const { return http_->port(); }

  void stop(int64_t patience_us) {
    if (jobs_) jobs_->ask_to_stop();
    const int64_t begun_us = session_.clock().monotonic_us();
    http_->stop(patience_us);
    const int64_t spent_us = session_.clock().monotonic_us() - begun_us;
    runs_.stop(std::max<int64_t>(patience_us - spent_us, 0));
    jobs_.reset();
  }

 private:
  server::ChildRunsOptions run_options() {
    return {.command =
                [this](const server::RunRequest& request, const std::string& id,
                       const std::string& user) {
                  GlobalOptions global = global_;
                  global.user = user;
                  std::vector<std::string> command = own_command(global);
                  command.insert(command.end(), {"--json", "run", "--json-progress", "--run-id", id,
                                                 "--parent", fmt::format("{}", ::getpid())});
                  for (const std::string& model : request.select) {
                    command.insert(command.end(), {"--select", model});
                  }
                  if (request.full_refresh) command.emplace_back("--full-refresh");
                  return command;
                },
            .new_id = [this] { return pipeline::make_run_id(session_.clock()); },
            .scrubber = scrubber_};
  }

  server::SqlProcessesOptions query_options() const {
    return {.command = {kThisProgram, "sql-answer", "--parent", fmt::format("{}", ::getpid())},
            .lake = session_.project().lake,
            .project_folder = session_.project().folder,
            .log = [](const std::string& line) { complain("serve: " + line); }};
  }

  server::DispatcherOptions dispatch_options() const {
    return {.user = session_.env().user,
            .signs_in = !options_.no_auth,
            .is_loopback = server::is_loopback(options_.host),
            .has_tls = !options_.certificate.empty(),
            .scrubber = scrubber_,
            .log = [](const std::string& line) { complain("serve: " + line); }};
  }

  void add_routes() {
    server::add_session_routes(
        router_, sessions_,
        {.user = session_.env().user, .has_tls = !options_.certificate.empty()});
    api_->add_routes(router_);
    server::add_case_routes(router_, *cases_);
    server::add_run_routes(router_, runs_);
    server::add_change_routes(router_, watcher_);
    server::add_health_routes(router_, ready_checks(), further_checks(), scrubber_);
    router_.add(
        "GET", "/openapi.json",
        [this](const server::Request& request) {
          return api_pages_.answer("/openapi.json", request);
        },
        server::Access::OpenAndQuick);
  }

  Result<std::optional<int64_t>> latest_release() const {
    const release::Store store(session_.env().lake, session_.clock(), nullptr);
    BULLION_TRY_ASSIGN(const auto record, store.latest());
    return record ? std::optional<int64_t>(record->number) : std::nullopt;
  }

  std::vector<server::HealthCheck> ready_checks() {
    return {server::health_check("releases",
                                 [this]() -> Result<std::string> {
                                   BULLION_TRY_ASSIGN(const auto number, latest_release());
                                   return number ? fmt::format("release {} is the newest", *number)
                                                 : std::string("no release yet");
                                 }),
            server::health_check("engine", [this]() -> Result<std::string> {
              BULLION_TRY(session_.env().engine.query("SELECT 1"));
              return std::string("answers");
            })};
  }

  std::vector<server::HealthCheck> further_checks() {
    std::vector<server::HealthCheck> checks = {
        server::health_check("storage",
                             [this]() -> Result<std::string> {
                               BULLION_TRY_ASSIGN(const auto files, session_.env().lake.list(""));
                               return fmt::format("the lake has {} folders", files.size());
                             }),
        server::health_check("project", [this] { return project_health(); }),
        server::health_check("disk", [this] { return disk_health(); })};
    checks.push_back(server::health_check("cases", [this]() -> Result<std::string> {
      if (!cases_->has_detectors()) return std::string("the project has no detectors");
      BULLION_TRY(cases_->open(session_.env().user));
      return std::string("the store of cases answers");
    }));
    checks.push_back(server::health_check("schedule", [this]() -> Result<std::string> {
      if (jobs_) return jobs_->health();
      return std::string("no schedule runs in this process");
    }));
    return checks;
  }

  Result<std::string> project_health() const {
    const project::LoadOptions load{.folder = session_.project().folder,
                                    .target = global_.target,
                                    .lake_override = global_.lake};
    const project::LoadOutcome outcome = project::load_project(load, session_.env().engine);
    for (const project::Problem& problem : outcome.problems) {
      if (problem.severity == project::Severity::Error) return invalid(to_string(problem));
    }
    return fmt::format("{} models", session_.project().models.size());
  }

  Result<std::string> disk_health() const {
    std::error_code fault;
    std::filesystem::path folder = session_.project().lake;
    while (!std::filesystem::exists(folder, fault) && folder.has_relative_path()) {
      folder = folder.parent_path();
    }
    const auto space = std::filesystem::space(folder, fault);
    if (fault) return io_error("the free space of the lake's disk is unknown: " + fault.message());
    const std::string text = fmt::format("{} MB free", space.available / 1'000'000);
    if (space.available < kFreeBytesMin) {
      return io_error(text + "; runs need more, free some space");
    }
    return text;
  }

  /// Requests have an engine of their own, which reaches no file but the lake's tables.
  Status open_api() {
    BULLION_TRY_ASSIGN(engine::EngineOptions options, engine_options(global_));
    BULLION_TRY_ASSIGN(reading_engine_, reader::reading_engine(session_.env(), options));
    reader_ = std::make_unique<reader::Reader>(session_.env(), session_.project(), *reading_engine_,
                                               reader::Paths::Hidden);
    api_ = std::make_unique<server::Api>(
        *reader_, &runs_,
        server::ApiOptions{
            .answer_sql =
                [this](const server::SqlQuestion& question, const engine::QueryLimits& limits) {
                  return queries_.answer(question, limits);
                },
            .log = [](const std::string& line) { complain("serve: " + line); }});
    // The place of the store may need variables that only projects with detectors set.
    std::string state;
    if (!session_.project().detectors.empty()) {
      BULLION_TRY_ASSIGN(state, project::state_location(session_.project()));
    }
    cases_ = std::make_unique<server::CaseDesk>(*reader_, state, session_.project().name);
    watcher_.on_project_change([this](const std::vector<std::string>&) { api_->reload(); });
    return ok();
  }

  Status open_jobs() {
    const auto file = std::filesystem::path(session_.project().folder) / "schedule.yml";
    std::error_code ignored;
    if (options_.no_schedule || !std::filesystem::exists(file, ignored)) return ok();
    schedule::ScheduleOutcome outcome = schedule::load_schedule(session_.project());
    if (!outcome.schedule) {
      for (const project::Problem& problem : outcome.problems) complain(to_string(problem));
      return invalid("schedule.yml has problems; mend it, or serve without it: --no-schedule");
    }
    jobs_ = std::make_unique<ScheduleThread>(global_, session_.env(), std::move(*outcome.schedule));
    return ok();
  }

  std::vector<server::Sample> samples() const {
    const auto runs = runs_.list();
    const auto going_on = std::count_if(runs.begin(), runs.end(), [](const auto& run) {
      return run.state == server::RunState::Running;
    });
    return {{"bullion_release", "Number of the newest release.", false, watcher_.latest_release()},
            {"bullion_runs_running", "Runs this server started that go on.", false, going_on}};
  }

  const GlobalOptions& global_;
  const ServeOptions& options_;
  const Session& session_;
  const server::Scrubber scrubber_;
  server::Router router_;
  server::Sessions sessions_;
  server::Telemetry telemetry_;
  std::unique_ptr<storage::FileSystem> project_files_;
  server::ChildRuns runs_;
  server::SqlProcesses queries_;
  server::ChangeWatcher watcher_;
  server::StaticFiles pages_;
  server::StaticFiles api_pages_;
  std::unique_ptr<engine::Engine> reading_engine_;
  std::unique_ptr<reader::Reader> reader_;
  std::unique_ptr<server::Api> api_;
  std::unique_ptr<server::CaseDesk> cases_;
  server::Dispatcher dispatcher_;
  std::unique_ptr<ScheduleThread> jobs_;
  std::unique_ptr<server::HttpServer> http_;
};

/// Says where to go; one JSON object on one line for programs.
Status announce(const GlobalOptions& global, const ServeOptions& options, Site& site,
                const std::string& project) {
  BULLION_TRY_ASSIGN(const std::string link, site.new_link());
  if (global.json) {
    const size_t at = link.find("?token=");
    nlohmann::ordered_json json = {{"url", link.substr(0, at)}, {"port", site.port()}};
    if (at != std::string::npos) json["token"] = link.substr(at + 7);
    say(json.dump());
    return ok();
  }
  say(fmt::format("Serving {} at", project));
  say("  " + link);
  if (!options.no_auth) say("The link signs one browser in, once; SIGHUP prints another.");
  say("Ctrl-C stops.");
  return ok();
}

/// Whether standard output was a terminal that has been closed since.
bool terminal_is_gone() {
  pollfd state{.fd = STDOUT_FILENO, .events = POLLOUT, .revents = 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLHUP | POLLERR)) != 0;
}

}  // namespace

int serve(const GlobalOptions& global, const ServeOptions& options) {
  // Before the engine starts threads, so that they all leave the signals alone.
  StopSignals signals;
  BULLION_CLI_TRY(check_options(options));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  Site site(global, options, *session);
  BULLION_CLI_TRY(site.start());
  const std::string& project = session->project().name;
  BULLION_CLI_TRY(announce(global, options, site, project));
  while (signals.stops() == 0) {
    const int before = signals.hangups();
    signals.wait_us(kLookUs);
    if (signals.hangups() == before) continue;
    if (terminal_is_gone()) break;
    BULLION_CLI_TRY(announce(global, options, site, project));
  }
  if (!global.quiet) complain("Stopping; requests and runs get five seconds to end.");
  site.stop(kPatienceUs);
  return kOk;
}

int demo(const GlobalOptions& global, const std::string& folder, const ServeOptions& options) {
  const std::filesystem::path made = folder.empty() ? "bullion-demo" : folder;
  const std::filesystem::path incoming = made / "incoming";
  BULLION_CLI_TRY(check_options(options));
  std::error_code ignored;
  if (!std::filesystem::exists(made / "bullion.yml", ignored)) {
    const int code = init_project(global, {.domain = "cloud_cost", .folder = made.string()});
    if (code != kOk) return code;
  }
  if (!std::filesystem::exists(incoming, ignored) || std::filesystem::is_empty(incoming, ignored)) {
    const int code = generate_files(global, "cloud_cost", incoming.string(),
                                    {"--events", fmt::format("{}", options.demo_events)});
    if (code != kOk) return code;
  }
  GlobalOptions inside = global;
  inside.project_folder = made.string();
  inside.json = false;
  const int code = run_pipeline(inside, {});
  if (code != kOk) return code;
  inside.json = global.json;
  return serve(inside, options);
}

}  // namespace bullion::cli
