// DAG files for Apache Airflow, and the commands all exports share.
#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "schedule/export.h"

namespace bullion::schedule {
namespace {

/// A JSON string literal is a Python string literal as well.
std::string python_text(const std::string& text) { return nlohmann::json(text).dump(); }

std::string python_duration(int64_t microseconds) {
  return fmt::format("timedelta(seconds={})", microseconds / 1'000'000);
}

std::string catchup_comment(const Job& job) {
  switch (job.catchup) {
    case Catchup::Latest:
      return "catchup: latest, the newest missed time runs once, as Airflow does without catchup";
    case Catchup::All:
      return "catchup: all, each missed time runs, in order";
    case Catchup::None:
      return "catchup: none; Airflow has no such setting: the newest missed time still runs once";
  }
  return "";
}

/// Jinja reads the command first: braces of a path must not look like its own.
std::string bash_text(const std::string& command) {
  std::string out = command;
  for (const std::string_view open : {"{{", "{%", "{#"}) {
    for (size_t at = out.find(open); at != std::string::npos; at = out.find(open, at + 10)) {
      out.replace(at, 2, fmt::format("{{{{ '{}' }}}}", open));
    }
  }
  return out;
}

std::string dag_text(const Job& job, const ExportOptions& options) {
  const std::string& day = options.start_day;
  const auto number = [](const std::string& text) { return std::stoi(text); };
  std::string out = fmt::format(
      "# Job {0} of schedule.yml, written by `bullion schedule export airflow`.\n"
      "# {1}.\n"
      "# A blocked gate (exit code 3) is repeated like a failure here; Bullion's own scheduler "
      "does "
      "not.\n"
      "from datetime import timedelta\n\n"
      "import pendulum\n"
      "from airflow import DAG\n"
      "from airflow.operators.bash import BashOperator\n\n"
      "with DAG(\n"
      "    dag_id={2},\n"
      "    schedule={3},\n"
      "    start_date=pendulum.datetime({4}, {5}, {6}, tz={7}),\n"
      "    catchup={8},\n"
      "    max_active_runs=1,\n"
      "    default_args={{\n"
      "        \"retries\": {9},\n"
      "        \"retry_delay\": {10},\n"
      "        \"retry_exponential_backoff\": {11},\n"
      "        \"max_retry_delay\": {12},\n",
      job.name, catchup_comment(job), python_text("bullion_" + job.name),
      python_text(job.times.cron.five_fields), number(day.substr(0, 4)), number(day.substr(5, 2)),
      number(day.substr(8, 2)), python_text(job.times.zone.name()),
      job.catchup == Catchup::All ? "True" : "False", job.retries.retries_max,
      python_duration(job.retries.initial_us), job.retries.factor > 1 ? "True" : "False",
      python_duration(job.retries.longest_us));
  if (job.timeout_us > 0) {
    out += fmt::format("        \"execution_timeout\": {},\n", python_duration(job.timeout_us));
  }
  out += fmt::format(
      "    }},\n"
      "    tags=[\"bullion\"],\n"
      ") as dag:\n");
  if (needs_guard(job)) {
    out += fmt::format(
        "    # The calendar: {}. Other days are skipped.\n"
        "    due = BashOperator(\n"
        "        task_id=\"due\",\n"
        "        bash_command={} + \" --at '{{{{ data_interval_end.in_timezone(\\\"UTC\\\")"
        ".strftime(\\\"%Y-%m-%dT%H:%M:%SZ\\\") }}}}'\",\n"
        "        skip_on_exit_code=1,\n"
        "    )\n",
        to_string(job.times.days), python_text(bash_text(due_command(job, options))));
  }
  // A command that ends in ".sh" would be read as the name of a template file; a blank prevents it.
  out += fmt::format(
      "    run = BashOperator(\n"
      "        task_id=\"run\",\n"
      "        bash_command={},\n"
      "    )\n",
      python_text(bash_text(run_command(job, options)) + " "));
  if (needs_guard(job)) out += "    due >> run\n";
  return out;
}

}  // namespace

bool needs_guard(const Job& job) { return job.times.calendar.has_value(); }

std::string shell_quoted(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                          "0123456789_-./+,:=@") == std::string::npos;
  if (plain) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string run_command(const Job& job, const ExportOptions& options) {
  std::string out = fmt::format("{} --project-dir {} run -q", shell_quoted(options.program),
                                shell_quoted(options.project_folder));
  for (const std::string& model : job.select) out += " --select " + shell_quoted(model);
  return out;
}

std::string due_command(const Job& job, const ExportOptions& options) {
  return fmt::format("{} --project-dir {} schedule due {}", shell_quoted(options.program),
                     shell_quoted(options.project_folder), job.name);
}

std::vector<ExportedFile> export_airflow(const std::vector<Job>& jobs,
                                         const ExportOptions& options) {
  std::vector<ExportedFile> files;
  for (const Job& job : jobs) {
    files.push_back({fmt::format("bullion_{}.py", job.name), dag_text(job, options)});
  }
  return files;
}

}  // namespace bullion::schedule
