// The command line: parses, and hands over to one verb.
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/prctl.h>

#include "cli/terminal.h"
#include "cli/verbs.h"
#include "cli/verbs_budget.h"
#include "cli/verbs_cases.h"
#include "cli/verbs_lineage.h"
#include "cli/verbs_metric.h"
#include "cli/verbs_queries.h"
#include "cli/verbs_schedule.h"
#include "cli/verbs_serve.h"
#include "cli/verbs_sql.h"
#include "pipeline/environment.h"

namespace bullion::cli {
namespace {

constexpr const char* kFooter =
    "Exit codes: 0 ok (bad rows in quarantine are a warning), 1 a test failed, 2 usage, "
    "configuration,\n"
    "disk, permission or lake format, 3 a gate blocked publishing, 4 approval needed (later).\n"
    "Time ranges are half-open: --start is included, --end is left out.";

/// Everything the parser fills, and the verb to run afterwards.
struct CommandLine {
  GlobalOptions global;
  ModelOptions models;
  ReadOptions read;
  ExportOptions exported;
  InitOptions init;
  WithdrawOptions withdraw;
  InferOptions infer;
  pipeline::RowDiffOptions rows;
  ScheduleOptions schedule;
  ServeOptions serve;
  MetricOptions metric;
  QueriesOptions queries;
  TemplateOptions budget_template;
  DetectOptions detect;
  CaseOptions cases;
  ValidateOptions validation;
  LineageOptions lineage;
  std::string domain;
  std::string folder;
  std::string text;
  std::string output = "table";
  std::string raw_output = "csv";  ///< of `table read`
  std::vector<std::string> words;
  std::vector<std::string> select;
  int64_t before = 0;
  int64_t after = 0;
  int64_t parent = 0;
  bool dry_run = false;
  bool plan_money = false;
  std::function<int()> verb;
};

void add_global_options(CLI::App& app, CommandLine& line) {
  GlobalOptions& global = line.global;
  app.add_option("--project-dir", global.project_folder, "Folder with bullion.yml, or any below it")
      ->capture_default_str();
  app.add_option("--target", global.target, "Target of bullion.yml (default: the project's)");
  app.add_option("--lake", global.lake, "Lake folder, over the target's");
  app.add_option("--vars", global.vars, "name=value, over the project's vars");
  app.add_option("--user", global.user,
                 "Who acts, as recorded (default: BULLION_USER, the account)");
  app.add_option("--memory-limit", global.memory_limit,
                 "Engine memory, e.g. 1GiB; larger work spills");
  app.add_option("--threads", global.threads, "Engine threads (default: all cores)")
      ->check(CLI::Range(1, 1024));
  app.add_flag("-q,--quiet", global.quiet, "No progress");
  app.add_flag("--json", global.json,
               "One JSON object as the last line, of verbs that do work (docs/last-line.md)");
  app.fallthrough();
}

void add_model_options(CLI::App* verb, CommandLine& line) {
  verb->add_option("--select", line.models.select, "Models: m, +m, m+, +m+ (default: all)");
  verb->add_flag("--full-refresh", line.models.full_refresh, "Rebuild the selected models whole");
  verb->add_option("--start", line.models.start, "Recompute from this day on, included");
  verb->add_option("--end", line.models.end, "Recompute up to this day, left out");
}

void add_output(CLI::App* verb, std::string& output) {
  verb->add_option("-o,--output", output, "table | csv | json | md")->capture_default_str();
}

void add_release(CLI::App* verb, CommandLine& line) {
  verb->add_option("--release", line.read.release, "Release number (default: the latest)");
}

/// --limit, a number of rows and the like from `least` on.
void add_limit(CLI::App* verb, std::optional<int64_t>& limit, const std::string& what,
               int64_t least = 0) {
  verb->add_option("--limit", limit, what)->check([least](const std::string& text) {
    int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, fault] = std::from_chars(text.data(), end, number);
    if (fault == std::errc{} && rest == end && number >= least) return std::string();
    return fmt::format("`{}` is not a whole number from {}", text, least);
  });
}

void add_project_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* init =
      app.add_subcommand("init", "Make a project: from a domain's template, or from files");
  init->add_option(
          "domain", line.init.domain,
          "Domain: banking, cloud_cost, revenue, spend (or budget); with --from the folder "
          "to make")
      ->required();
  init->add_option("folder", line.init.folder, "Folder (default: the domain's name)");
  init->add_option("--with", line.init.with,
                   "Shipped sources to add: focus, aws_cur, azure, gcp (comma-separated)")
      ->delimiter(',');
  init->add_option("--preset", line.init.preset, "Sign rule: focus (default) or strict");
  init->add_option("--from", line.init.from,
                   "Folder of files: one source and one silver model for each family of them");
  init->callback([&line] {
    line.verb = [&line] {
      return line.init.from.empty() ? init_project(line.global, line.init)
                                    : init_from_folder(line.global, line.init);
    };
  });

  CLI::App* generate = app.add_subcommand("generate", "Write sample files of a domain");
  generate->add_option("domain", line.domain, "Domain: banking, cloud_cost, revenue, spend")
      ->required();
  generate->add_option("--to", line.folder,
                       "Folder to write into (default: the project's incoming/)");
  // Parameters are the domain's, so unknown flags stay here instead of going up to the program.
  generate->allow_extras();
  generate->fallthrough(false);
  generate->add_flag("-q,--quiet", line.global.quiet, "No progress");
  generate->add_flag("--json", line.global.json, "A machine-readable last line");
  generate->add_option("--memory-limit", line.global.memory_limit, "Engine memory, e.g. 1GiB");
  generate->add_option("--threads", line.global.threads, "Engine threads (default: all cores)");
  generate->footer("Parameters like --events 1000000 --days 90 --seed 7; --list shows them all.");
  generate->callback([&line, generate] {
    line.words = generate->remaining();
    line.verb = [&line] {
      return generate_files(line.global, line.domain, line.folder, line.words);
    };
  });

  CLI::App* test = app.add_subcommand("test", "Run the project's unit tests and data tests");
  test->add_option("--select", line.select,
                   "Unit tests to run, by test, model or macro (default: all)");
  test->callback([&line] { line.verb = [&line] { return run_tests(line.global, line.select); }; });

  CLI::App* check_verb =
      app.add_subcommand("check", "Bind every model; lint money, portability and determinism");
  check_verb->callback([&line] { line.verb = [&line] { return check(line.global); }; });
}

void add_source_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* source = app.add_subcommand("source", "Where files come from");
  source->require_subcommand(1);
  CLI::App* add = source->add_subcommand(
      "add", "Copy a shipped source and its models into the project: focus, aws_cur, azure, gcp");
  add->add_option("name", line.text, "Shipped source")->required();
  add->callback([&line] { line.verb = [&line] { return add_source(line.global, line.text); }; });
  CLI::App* infer_verb = source->add_subcommand("infer",
                                                "Look at files and write the sources that read "
                                                "them, one for each kind of table; the files are "
                                                "only read");
  infer_verb->add_option("files", line.infer.input, "File, folder or quoted pattern")->required();
  infer_verb->add_option("--name", line.infer.name,
                         "Write one source of this name, of the kind with most rows");
  infer_verb->add_option("--as", line.infer.as,
                         "Model whose contract the columns are mapped onto, e.g. billing_events");
  infer_verb->add_flag("--force", line.infer.force, "Overwrite a source of that name");
  infer_verb->add_flag("--print", line.infer.print, "Show the source, write nothing");
  infer_verb->add_option("-o,--output", line.infer.output,
                         "table | yaml | json (default: table; with --print: yaml)");
  infer_verb->callback(
      [&line] { line.verb = [&line] { return infer_source(line.global, line.infer); }; });
}

void add_landing_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* ingest =
      app.add_subcommand("ingest", "Land new files and parse them; publishes nothing");
  ingest->add_flag("--dry-run", line.dry_run, "Only say what would be loaded; writes nothing");
  add_output(ingest, line.output);
  ingest->callback([&line] {
    line.verb = [&line] { return ingest_files(line.global, line.dry_run, line.output); };
  });

  CLI::App* files = app.add_subcommand("files", "Landed files, duplicates and withdrawals");
  files->add_option("source", line.read.table, "Source (default: all)");
  add_output(files, line.output);
  files->callback([&line] {
    line.verb = [&line] { return list_files(line.global, line.read.table, line.output); };
  });

  CLI::App* withdraw_verb = app.add_subcommand(
      "withdraw", "Take a wrong file or batch back: recompute without it and publish");
  withdraw_verb
      ->add_option("file", line.withdraw.name, "File name or path, file id, SHA-256, or batch id")
      ->required();
  withdraw_verb->add_option("--reason", line.withdraw.reason, "Why, as recorded")->required();
  withdraw_verb->add_option("--source", line.withdraw.source, "Source (default: the one it is in)");
  withdraw_verb->add_flag("--undo", line.withdraw.restores,
                          "Put a withdrawn file into force again");
  withdraw_verb->add_flag("--dry-run", line.withdraw.dry_run,
                          "Only say what would be recomputed; writes nothing");
  withdraw_verb->callback(
      [&line] { line.verb = [&line] { return withdraw(line.global, line.withdraw); }; });
}

void add_lake_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* plan = app.add_subcommand("plan", "What would be recomputed, and why; writes nothing");
  add_model_options(plan, line);
  add_output(plan, line.output);
  plan->add_flag(
      "--money", line.plan_money,
      "Also compute it, beside the lake, and say what rows and money a run would change");
  plan->callback([&line] {
    line.verb = [&line] {
      return show_plan(line.global, line.models, line.output, line.plan_money);
    };
  });

  CLI::App* run = app.add_subcommand("run", "Ingest, compute, gate and publish a release");
  add_model_options(run, line);
  // What a server passes to the runs it starts; not for people.
  run->add_option("--run-id", line.models.run_id)->group("");
  run->add_option("--parent", line.models.parent)->group("");
  run->add_flag("--json-progress", line.global.json_progress)->group("");
  run->callback(
      [&line] { line.verb = [&line] { return run_pipeline(line.global, line.models); }; });

  add_landing_verbs(app, line);

  CLI::App* verify = app.add_subcommand(
      "verify",
      "Rebuild the latest release from its files in a scratch lake and compare all hashes");
  verify->callback([&line] { line.verb = [&line] { return verify_release(line.global); }; });

  CLI::App* clean =
      app.add_subcommand("clean", "Remove what crashed or abandoned runs left behind");
  clean->add_flag("--dry-run", line.dry_run, "Only say what would go");
  clean->callback(
      [&line] { line.verb = [&line] { return clean_lake(line.global, line.dry_run); }; });
}

void add_metric_verb(CLI::App& app, CommandLine& line) {
  MetricOptions& options = line.metric;
  CLI::App* verb = app.add_subcommand("metric", "A number by name, as charts and the API show it");
  verb->add_option("name", options.name, "Metric (default: list them)");
  verb->add_option("--by", options.by, "Dimensions, separated by commas");
  verb->add_option("--grain", options.grain, "day | week | month | quarter | year");
  verb->add_option("--start", options.start, "From this day on, included");
  verb->add_option("--end", options.end, "Up to this day, left out");
  verb->add_option("--range", options.range,
                   "Instead of --start and --end, from the last day with data: last_30_days, "
                   "this_month, last_month, this_quarter, this_year, last_12_months, all...");
  verb->add_option("--filter", options.filters,
                   "column:op:value, repeatable; op: eq ne lt le gt ge in (a|b) null notnull "
                   "contains")
      ->allow_extra_args(false);
  verb->add_option("--compare", options.compare, "prior_period | prior_year | release:N");
  verb->add_option("--window", options.window, "Running totals: mtd | qtd | ytd | ltm");
  verb->add_option("--sort", options.sort,
                   "value | time | change | a dimension; '-' in front turns it around");
  verb->add_option("--limit", options.limit, "Rows at the most (default: 1000)");
  verb->add_option("--release", options.release, "Release number (default: the latest)");
  verb->add_flag("--explain", options.explain, "Print the SELECT instead of running it");
  add_output(verb, options.output);
  verb->footer(
      "Ranges are half-open: --start 2025-03-01 --end 2025-04-01 is March, and so is\n"
      "--range last_month when the last day with data is in April.\n"
      "prior_period compares whole months with the whole months before, and any other range with\n"
      "as many days before. Growth is n.m. where the base is missing, zero or negative.");
  verb->callback(
      [&line] { line.verb = [&line] { return show_metric(line.global, line.metric); }; });
}

void add_query_options(CLI::App* verb, CommandLine& line) {
  verb->add_option("--param", line.queries.parameters, "NAME=VALUE of a parameter, repeatable")
      ->allow_extra_args(false);
  verb->add_option("--release", line.queries.release, "Release number (default: the latest)");
  add_output(verb, line.queries.output);
  verb->callback(
      [&line] { line.verb = [&line] { return run_saved_query(line.global, line.queries); }; });
}

void add_saved_query_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* queries =
      app.add_subcommand("queries", "Saved queries of the project: lists them, or runs one");
  queries->add_option("name", line.queries.name, "Query, a file queries/NAME.sql (default: list)");
  add_query_options(queries, line);
  CLI::App* variance = app.add_subcommand(
      "variance", "Actual against budget: runs the project's queries/variance.sql");
  variance->footer(
      "`bullion queries` lists its parameters. In a project of `bullion init spend`:\n"
      "  --param month=2025-03     the fiscal month that holds this day or begins this month\n"
      "  --param version=proposed  or adopted, adjusted, forecast; default: the one in force then\n"
      "  --param by=line           or department, account, campaign\n"
      "F is favourable and U unfavourable by the class of the account; `material` is what reaches\n"
      "both limits of seeds/materiality.csv; pace is 100 when the year's budget is spent as time\n"
      "goes by. `bullion queries budget_outlook` has orders, what is left and forecasts.");
  variance->preparse_callback([&line](size_t) { line.queries.name = "variance"; });
  add_query_options(variance, line);
}

void add_budget_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* budget = app.add_subcommand("budget", "Budget templates to fill in");
  budget->require_subcommand(1);
  TemplateOptions& options = line.budget_template;
  CLI::App* verb = budget->add_subcommand(
      "template", "A sheet with a line for each budget line and a column for each fiscal month");
  verb->add_flag("--xlsx", options.xlsx, "A workbook: typed cells, live totals, provenance");
  verb->add_flag("--csv", options.csv, "The same as CSV, without totals");
  verb->add_option("--year", options.year, "Fiscal year (default: the one after the newest)");
  verb->add_option("--version", options.version, "Version to be filled in (default: proposed)");
  verb->add_option("--from", options.from,
                   "Whose amounts stand in it: a version, in_force (default) or empty");
  verb->add_option("--param", options.parameters, "NAME=VALUE of another parameter, repeatable")
      ->allow_extra_args(false);
  verb->add_option("--file", options.file, "Write here (default: budget_template.xlsx or .csv)");
  verb->add_flag("--force", options.force, "Replace the file when it exists");
  verb->add_option("--release", options.release, "Release number (default: the latest)");
  verb->footer(
      "Runs the project's queries/budget_template.sql, whose last two columns are the month and\n"
      "its amount. The filled-in file goes to incoming/budget_template*.xlsx (or .csv), where the\n"
      "sources of `bullion init spend` read it, also with rows and titles added around it.");
  verb->callback([&line] {
    line.verb = [&line] { return write_budget_template(line.global, line.budget_template); };
  });
}

void add_read_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* show = app.add_subcommand("show", "Rows of a table at a release");
  show->add_option("table", line.read.table, "Table name")->required();
  show->add_option("--where", line.read.where, "SQL condition");
  show->add_option("--columns", line.read.columns, "Columns (default: all)")->delimiter(',');
  add_limit(show, line.read.limit, "Rows at the most");
  add_release(show, line);
  add_output(show, line.read.output);
  show->callback([&line] { line.verb = [&line] { return show_table(line.global, line.read); }; });

  CLI::App* sql = app.add_subcommand("query", "SQL over a release (--memory-limit 1GiB)");
  sql->add_option("sql", line.text, "One SELECT")->required();
  add_release(sql, line);
  add_output(sql, line.read.output);
  sql->add_flag("--explain", line.read.explain,
                "Print the engine's plan, with how many files of each table it opens; run nothing");
  sql->callback(
      [&line] { line.verb = [&line] { return query(line.global, line.text, line.read); }; });

  CLI::App* quarantine = app.add_subcommand("quarantine", "Rows that could not be accepted");
  quarantine->require_subcommand(1);
  CLI::App* list = quarantine->add_subcommand("list", "Every rejected row with all reasons");
  list->add_option("source", line.read.table, "Source (default: all)");
  list->add_option("--where", line.read.where, "SQL condition");
  add_limit(list, line.read.limit, "Rows at the most");
  add_output(list, line.read.output);
  list->callback(
      [&line] { line.verb = [&line] { return list_quarantine(line.global, line.read); }; });
}

void add_history_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* releases =
      app.add_subcommand("releases", "History: when, who, what, how much money changed");
  add_output(releases, line.output);
  releases->callback(
      [&line] { line.verb = [&line] { return list_releases(line.global, line.output); }; });

  CLI::App* runs = app.add_subcommand("runs", "What past runs did and cost");
  runs->require_subcommand(1);
  CLI::App* runs_list = runs->add_subcommand("list", "Every run: when, who, what came of it");
  add_output(runs_list, line.output);
  runs_list->callback(
      [&line] { line.verb = [&line] { return list_runs(line.global, line.output); }; });
  CLI::App* runs_show = runs->add_subcommand(
      "show", "One run, step by step: time, CPU, memory, bytes, rows, money; gates that failed");
  runs_show->add_option("run", line.text, "Run id, its beginning, or last")->required();
  add_output(runs_show, line.output);
  runs_show->callback(
      [&line] { line.verb = [&line] { return show_run(line.global, line.text, line.output); }; });

  CLI::App* difference = app.add_subcommand("diff", "What changed between two releases, and why");
  difference->add_option("before", line.before, "Earlier release (0: the empty lake)")->required();
  difference->add_option("after", line.after, "Later release")->required();
  difference->add_option("--table", line.rows.table, "Row by row for one table");
  difference
      ->add_option("--by", line.rows.by,
                   "With --table: columns that name a group of rows (default: its grain)")
      ->delimiter(',');
  difference->add_option("--where", line.rows.where, "With --table: SQL condition");
  add_output(difference, line.output);
  difference->callback([&line] {
    line.verb = [&line] {
      return diff(line.global, line.before, line.after, line.rows, line.output);
    };
  });

  CLI::App* trace = app.add_subcommand("trace", "From rows down to source file, record and line");
  trace->add_option("table", line.read.table, "Table name")->required();
  trace->add_option("filter", line.words, "column=value ...")->required();
  add_limit(trace, line.read.limit, "Rows shown per level (default 20)", 1);
  trace->add_option(
      "--through", line.read.through,
      "Inputs to follow where a model reads several (default: what makes its amount)");
  add_release(trace, line);
  trace->callback(
      [&line] { line.verb = [&line] { return trace_rows(line.global, line.words, line.read); }; });
}

void add_lineage_verb(CLI::App& app, CommandLine& line) {
  LineageOptions& options = line.lineage;
  CLI::App* verb =
      app.add_subcommand("lineage", "Which tables and columns are made of which, from the SQL");
  verb->add_option("about", options.about, "TABLE or TABLE.COLUMN (default: every table)");
  verb->add_flag("--upstream", options.upstream, "What it is made of (default)");
  verb->add_flag("--downstream", options.downstream, "What is made of it");
  verb->add_option("--format", options.format, "text | json | mermaid (default: text)");
  verb->footer(
      "A column of a column's tree makes its values: unchanged (identity), in an expression of "
      "one\n"
      "row (transformation), or over several rows (aggregation). What only decides rows or values\n"
      "(filter, join, group_by, window, sort, conditional) stands with the table.");
  verb->callback(
      [&line] { line.verb = [&line] { return show_lineage(line.global, line.lineage); }; });
  CLI::App* docs = app.add_subcommand(
      "docs", "The project as a static site: tables, columns, tests, metrics, owners, lineage");
  docs->add_option("--to", line.folder, "Folder of the site (default: site in the project)");
  docs->callback([&line] { line.verb = [&line] { return write_docs(line.global, line.folder); }; });
}

void add_export_verb(CLI::App& app, CommandLine& line) {
  ExportOptions& options = line.exported;
  CLI::App* verb = app.add_subcommand("export", "A table at a release as a file for others");
  verb->add_option("table", options.table, "Table name")->required();
  verb->add_flag("--xlsx", options.xlsx, "A workbook: typed cells, totals, a provenance sheet");
  verb->add_flag("--csv", options.csv, "RFC 4180; texts a spreadsheet would run are defused");
  verb->add_flag("--parquet", options.parquet, "One file, typed as the contract");
  verb->add_option("--ddl", options.ddl, "SQL for snowflake | athena | redshift | bigquery");
  verb->add_option("--file", options.file,
                   "Write to this new file; - is standard output (default: TABLE.xlsx and so on "
                   "here; standard output for --ddl)");
  verb->add_flag("--force", options.force, "Replace the file when it exists");
  verb->add_option("--where", options.where, "SQL condition");
  verb->add_option("--columns", options.columns, "Columns, in this order (default: all)")
      ->delimiter(',');
  verb->add_option("--sum", options.sums,
                   "More columns to total, beside the amounts of the contract")
      ->delimiter(',');
  verb->add_option("--release", options.release, "Release number (default: the latest)");
  verb->add_option("--delimiter", options.delimiter, "CSV: one character or `tab` (default: ,)");
  verb->add_flag("--bom", options.byte_order_mark, "CSV: start with a byte order mark");
  verb->add_flag("--raw", options.raw, "CSV: no apostrophe before texts that look like formulas");
  verb->add_flag("--load", options.load, "DDL: create a typed table and load a Parquet export");
  verb->add_option("--location", options.location,
                   "DDL: URL of the Delta table, or with --load of the Parquet file's folder");
  verb->add_option("--schema", options.schema, "DDL: schema, database or dataset of the table");
  verb->callback(
      [&line] { line.verb = [&line] { return export_table(line.global, line.exported); }; });
}

void add_validate_verb(CLI::App& app, CommandLine& line) {
  ValidateOptions& validation = line.validation;
  CLI::App* verb = app.add_subcommand(
      "validate", "Check a table or a file against a rule set, e.g. focus; 1 when a MUST fails");
  verb->add_option("rule_set", validation.rule_set, "Rule set: focus, or one of rules/*.yml")
      ->required();
  verb->add_option("target", validation.target,
                   "File (CSV or Parquet, also compressed) or table of a release");
  verb->add_option("--version", validation.version, "Version of the rule set (default: newest)");
  verb->add_option("--rule", validation.rules, "Only these rules, by id")->delimiter(',');
  verb->add_option("--input", validation.inputs, "NAME=FILE: further data that rules compare with");
  verb->add_option("--declare", validation.flags,
                   "FLAG=yes|no: a capability the data may not show by itself");
  verb->add_option("--release", validation.release, "Release of the table (default: latest)");
  verb->add_flag("--explain", validation.explain, "Print the SQL of the rules; run nothing");
  verb->add_flag("--all", validation.all, "Show every rule, not only what failed");
  verb->add_option("-o,--output", validation.output, "table | csv | json | md | junit")
      ->capture_default_str();
  verb->callback(
      [&line] { line.verb = [&line] { return validate(line.global, line.validation); }; });
}

void add_table_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* table = app.add_subcommand("table", "Delta tables as such");
  table->require_subcommand(1);
  CLI::App* read = table->add_subcommand("read", "Rows of any Delta table, ours or not");
  read->add_option("path", line.read.table, "PATH or PATH@VERSION")->required();
  read->add_option("-o,--output", line.raw_output, "csv | json | parquet")->capture_default_str();
  read->add_option("--file", line.read.file, "Write to this new file (default: standard output)");
  read->callback([&line] {
    line.read.output = line.raw_output;
    line.verb = [&line] { return read_delta_table(line.global, line.read); };
  });

  CLI::App* revert_verb =
      table->add_subcommand("revert", "Take back a foreign commit to a table of the lake");
  revert_verb->add_option("table", line.read.table, "Table name")->required();
  revert_verb->callback(
      [&line] { line.verb = [&line] { return revert(line.global, line.read.table); }; });
}

/// A verb below `schedule` with its function.
CLI::App* add_schedule_verb(CLI::App* schedule, CommandLine& line, const std::string& name,
                            const std::string& description,
                            int (*verb)(const GlobalOptions&, const ScheduleOptions&)) {
  CLI::App* added = schedule->add_subcommand(name, description);
  added->callback(
      [&line, verb] { line.verb = [&line, verb] { return verb(line.global, line.schedule); }; });
  return added;
}

void add_schedule_verbs(CLI::App& app, CommandLine& line) {
  ScheduleOptions& options = line.schedule;
  CLI::App* schedule =
      app.add_subcommand("schedule", "Run the jobs of schedule.yml at their times");
  schedule->require_subcommand(1);
  CLI::App* run = add_schedule_verb(schedule, line, "run", "Run jobs at their times until stopped",
                                    schedule_run);
  run->add_flag("--once", options.once, "Run what is due now, and end");
  run->add_option("--until", options.until, "End at this time, e.g. 2026-11-01T06:00:00Z");
  CLI::App* work = add_schedule_verb(schedule, line, "work", "", schedule_work);
  work->group("");  // Started by `run`, not by people.
  work->add_option("job", options.job)->required();
  work->add_option("--report", options.report)->required();
  work->add_option("--parent", options.parent);
  CLI::App* list =
      add_schedule_verb(schedule, line, "list", "The jobs, as declared", schedule_list);
  add_output(list, options.output);
  CLI::App* next = add_schedule_verb(schedule, line, "next",
                                     "The next times, in the job's zone and in UTC", schedule_next);
  next->add_option("job", options.job, "Job (default: all)");
  next->add_option("--count", options.count, "Times per job")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  add_output(next, options.output);
  CLI::App* status = add_schedule_verb(
      schedule, line, "status", "Last runs, missed times, incidents and alerts", schedule_status);
  add_output(status, options.output);
  CLI::App* due = add_schedule_verb(
      schedule, line, "due", "Exit code 0 when the job is due now, 1 when not", schedule_due);
  due->add_option("job", options.job, "Job")->required();
  due->add_option("--within", options.within, "Due when a time passed in this while (default 1m)");
  due->add_option("--at", options.at, "Asked for this time instead of now");
  CLI::App* exported = add_schedule_verb(
      schedule, line, "export", "Write the schedule for another scheduler", schedule_export);
  exported->add_option("kind", options.kind, "airflow | cron | systemd")->required();
  exported->add_option("--job", options.job, "Job (default: all)");
  exported->add_option("--out", options.folder, "Folder to write into (default: standard output)");
  exported->add_option("--program", options.program, "What to call (default: bullion)");
  exported->add_option("--start", options.start, "Airflow's start_date (default: today)");
}

void add_detect_verb(CLI::App& app, CommandLine& line) {
  DetectOptions& options = line.detect;
  CLI::App* verb = app.add_subcommand(
      "detect", "Make cases of the newest release's findings, or measure the detectors");
  verb->add_option(
      "--backtest", options.labels,
      "CSV of true rows (detector or kind, row_id, label_id, amount): hits, precision, recall "
      "and money instead of cases; 1 when worse than the baseline");
  verb->add_option("--baseline", options.baseline,
                   "With --backtest: its file (default: detectors/baseline.json)");
  verb->add_flag("--save-baseline", options.save_baseline,
                 "With --backtest: keep the result as the new baseline");
  verb->add_flag(
      "--calibrate", options.calibrate,
      "Write detectors/calibration.json, by which scores read as the share of such cases "
      "that are true: from the labels of --backtest, else from what people decided");
  add_output(verb, options.output);
  verb->callback(
      [&line] { line.verb = [&line] { return detect_findings(line.global, line.detect); }; });
}

/// A verb below `cases` with its function.
CLI::App* add_case_verb(CLI::App* cases, CommandLine& line, const std::string& name,
                        const std::string& description,
                        int (*verb)(const GlobalOptions&, const CaseOptions&)) {
  CLI::App* added = cases->add_subcommand(name, description);
  added->callback(
      [&line, verb] { line.verb = [&line, verb] { return verb(line.global, line.cases); }; });
  return added;
}

void add_case_filters(CLI::App* verb, CaseOptions& options) {
  verb->add_option("--state", options.states,
                   "new, suppressed, assigned, confirmed, dismissed, recovered, merged "
                   "(comma-separated; default: what somebody has to look at)")
      ->delimiter(',');
  verb->add_flag("--all", options.all, "Cases of every state, cleared ones too");
  verb->add_option("--owner", options.owner, "Only this person's");
  verb->add_option("--detector", options.detector, "Only with findings of this detector");
  verb->add_option("--currency", options.currency, "Only with money in this currency; ranks by it");
  verb->add_option("--min-money", options.money_min, "Only with at least this much at risk");
  verb->add_option("--sort", options.order,
                   "score (default: the surest first) or expected (score times money at risk)");
}

void add_pattern_verbs(CLI::App* cases, CommandLine& line) {
  CaseOptions& options = line.cases;
  CLI::App* patterns =
      cases->add_subcommand("patterns", "What dismissals taught: findings that are no news");
  // The verb below, when there is one, has been called before.
  patterns->callback([&line, patterns] {
    if (!patterns->get_subcommands().empty()) return;
    line.verb = [&line] { return list_patterns(line.global, line.cases); };
  });
  patterns->add_flag("--all", options.all, "Revoked ones too");
  add_output(patterns, options.output);
  CLI::App* add = add_case_verb(patterns, line, "add", "Teach a pattern", add_pattern);
  add->add_option("--detector", options.detector, "Detector")->required();
  add->add_option("--subject", options.subject, "TYPE:ID: nothing new about it");
  add->add_option("--finding", options.finding, "finding_key: this finding alone");
  add->add_option("--reason", options.note, "Why")->required();
  CLI::App* revoke = add_case_verb(patterns, line, "revoke", "Take a pattern back", revoke_pattern);
  revoke->add_option("pattern", options.id, "Number of the pattern")->required();
}

void add_case_verbs(CLI::App& app, CommandLine& line) {
  CaseOptions& options = line.cases;
  CLI::App* cases =
      app.add_subcommand("cases", "What detectors found, as a list that people work through");
  cases->require_subcommand(1);
  CLI::App* list =
      add_case_verb(cases, line, "list", "Open cases, the surest and largest first", list_cases);
  add_case_filters(list, options);
  add_limit(list, options.limit, "Cases at the most");
  add_output(list, options.output);
  CLI::App* exported = add_case_verb(
      cases, line, "export", "Cases as a file: one row for each case and currency", export_cases);
  add_case_filters(exported, options);
  exported->add_flag("--xlsx", options.xlsx, "A workbook: typed cells, totals, provenance");
  exported->add_flag("--csv", options.csv, "RFC 4180");
  exported->add_option("--file", options.file, "Write here (default: cases.xlsx or cases.csv)");
  exported->add_flag("--force", options.force, "Replace the file when it exists");
  const auto add = [&](const std::string& name, const std::string& description,
                       int (*verb)(const GlobalOptions&, const CaseOptions&)) {
    CLI::App* added = add_case_verb(cases, line, name, description, verb);
    added->add_option("case", options.id, "Number of the case")->required();
    return added;
  };
  CLI::App* show = add("show", "One case: evidence side by side, money, history", show_case);
  show->add_option("-o,--output", options.output, "table | json")->capture_default_str();
  CLI::App* assign = add("assign", "Give a case to a person", assign_case);
  assign->add_option("owner", options.owner, "Who takes it")->required();
  assign->add_option("--note", options.note, "A remark for the history");
  CLI::App* confirm = add("confirm", "The money was lost, or nearly", confirm_case);
  CLI::App* recover =
      add("recover", "Money is back; less than confirmed may be followed by more", recover_case);
  confirm->add_option("--amount", options.amount, "How much (default: all of it)");
  confirm->add_option("--note", options.note, "A remark for the history");
  recover->add_option("--amount", options.amount,
                      "How much (default: all of it); -AMOUNT takes back what was recorded");
  recover->add_option("--note,--reason", options.note,
                      "A remark for the history; needed to take money back");
  for (CLI::App* verb : {confirm, recover}) {
    verb->add_option("--currency", options.currency, "Of the amount, when the case has several");
    verb->add_flag("--force", options.force, "Also more than at risk, or than confirmed");
  }
  CLI::App* dismiss = add("dismiss", "Nothing is wrong", dismiss_case);
  dismiss->add_option("--reason", options.note, "Why, as recorded")->required();
  dismiss->add_option("--teach", options.teach,
                      "subject: nothing new about it from these detectors; finding: these alone");
  dismiss->add_flag("--force", options.force, "Also when money was recovered");
  add("comment", "Add a comment", comment_case)
      ->add_option("text", options.note, "The comment")
      ->required();
  add("reopen",
      "Take a decision back, but no recovered money; what its dismissal taught is revoked",
      reopen_case)
      ->add_option("--reason", options.note, "Why, as recorded")
      ->required();
  add_pattern_verbs(cases, line);
}

void add_serve_options(CLI::App* verb, ServeOptions& options) {
  verb->add_option("--port", options.port, "Port; 0 takes any free one")
      ->check(CLI::Range(0, 65535))
      ->capture_default_str();
  verb->add_option("--host", options.host, "Address to listen on")->capture_default_str();
  verb->add_option("--tls-cert", options.certificate, "Certificate with its chain (PEM): TLS 1.3");
  verb->add_option("--tls-key", options.key, "Its key (PEM)");
  verb->add_option("--token-file", options.token_file,
                   "File with the bearer token of programs (default: BULLION_TOKEN)");
  verb->add_flag("--no-auth", options.no_auth, "Ask nobody for a token; on this machine only");
  verb->add_flag("--no-schedule", options.no_schedule, "Leave schedule.yml to another process");
}

void add_serve_verbs(CLI::App& app, CommandLine& line) {
  CLI::App* serve_verb = app.add_subcommand(
      "serve", "Dashboards and the API at http://127.0.0.1:8501, and the jobs of schedule.yml");
  add_serve_options(serve_verb, line.serve);
  serve_verb->callback([&line] { line.verb = [&line] { return serve(line.global, line.serve); }; });
  CLI::App* demo_verb = app.add_subcommand(
      "demo", "A project with made-up bills, computed and served: init, generate, run, serve");
  demo_verb->add_option("folder", line.folder, "Folder to make (default: bullion-demo)");
  demo_verb->add_option("--events", line.serve.demo_events, "Billing events to make up")
      ->check(CLI::Range(1, 100'000'000))
      ->capture_default_str();
  add_serve_options(demo_verb, line.serve);
  demo_verb->callback(
      [&line] { line.verb = [&line] { return demo(line.global, line.folder, line.serve); }; });
  // What a server starts for a query; not for people.
  CLI::App* sql_verb = app.add_subcommand("sql-answer")->group("");
  sql_verb->add_option("--parent", line.parent)->required();
  sql_verb->callback([&line] { line.verb = [&line] { return answer_sql(line.parent); }; });
}

int run_command_line(int argc, char** argv) {
  CLI::App app("Bullion: a finance lakehouse. Files in; tested, audited, explained tables out.",
               "bullion");
  CommandLine line;
  app.set_version_flag("--version", fmt::format("bullion {}", pipeline::kProgramVersion));
  app.footer(kFooter);
  app.require_subcommand(1);
  add_global_options(app, line);
  add_project_verbs(app, line);
  add_source_verbs(app, line);
  add_lake_verbs(app, line);
  add_read_verbs(app, line);
  add_history_verbs(app, line);
  add_metric_verb(app, line);
  add_saved_query_verbs(app, line);
  add_budget_verbs(app, line);
  add_detect_verb(app, line);
  add_case_verbs(app, line);
  add_lineage_verb(app, line);
  add_export_verb(app, line);
  add_validate_verb(app, line);
  add_table_verbs(app, line);
  add_schedule_verbs(app, line);
  add_serve_verbs(app, line);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& fault) {
    if (fault.get_exit_code() == 0) {
      app.exit(fault);
      return kOk;
    }
    complain(
        fmt::format("bullion: {}\nRun `bullion --help` or `bullion VERB --help`.", fault.what()));
    return kUsage;
  }
  return line.verb();
}

}  // namespace
}  // namespace bullion::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  // A process that this program started would be called after the link it was started through.
  ::prctl(PR_SET_NAME, program_invocation_short_name);
  return bullion::cli::run_command_line(argc, argv);
}
