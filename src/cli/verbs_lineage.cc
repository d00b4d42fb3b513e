#include "cli/verbs_lineage.h"

#include <filesystem>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/failure.h"
#include "cli/last_line.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "docsite/pages.h"
#include "docsite/writer.h"
#include "lineage/render.h"
#include "metrics/metric.h"

namespace bullion::cli {

int show_lineage(const GlobalOptions& global, const LineageOptions& options) {
  if (options.upstream && options.downstream) {
    return fail(invalid("lineage: expected one of --upstream and --downstream"));
  }
  BULLION_CLI_ASSIGN(const lineage::Format format, lineage::parse_format(options.format));
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  BULLION_CLI_ASSIGN(const lineage::Graph graph,
                     lineage::Graph::of(session->project(), session->engine()));
  const auto direction =
      options.downstream ? lineage::Direction::Downstream : lineage::Direction::Upstream;
  BULLION_CLI_ASSIGN(const std::string text,
                     lineage::rendered(graph, options.about, direction, format));
  put(text);
  return kOk;
}

int write_docs(const GlobalOptions& global, const std::string& to) {
  BULLION_CLI_ASSIGN(const auto session, Session::open(global));
  const project::Project& project = session->project();
  BULLION_CLI_ASSIGN(const lineage::Graph graph, lineage::Graph::of(project, session->engine()));
  const metrics::MetricOutcome found = metrics::load_metrics(project, session->engine());
  for (const project::Problem& problem : found.problems) complain(to_string(problem));
  if (!found.problems.empty()) return kUsage;
  const std::string folder =
      to.empty() ? (std::filesystem::path(project.folder) / "site").string() : to;
  const auto pages = docsite::pages_of(project, graph, found.set);
  BULLION_CLI_TRY(docsite::write_site(folder, pages));
  say(fmt::format("{} pages -> {}/index.html", pages.size(), folder));
  say_last_line(global, {{"status", "ok"}, {"folder", folder}, {"pages", pages.size()}});
  return kOk;
}

}  // namespace bullion::cli
