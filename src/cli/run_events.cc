#include "cli/run_events.h"

#include <cstdlib>

#include "cli/terminal.h"
#include "openlineage/events.h"
#include "openlineage/sender.h"

namespace bullion::cli {

openlineage::Variables environment_variables() {
  return [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
}

RunEvents::RunEvents(Session& session, std::string run_id)
    : session_(session), run_id_(std::move(run_id)) {
  auto loaded = openlineage::load_config(session.project(), environment_variables());
  for (const project::Problem& problem : loaded.problems) complain(to_string(problem));
  config_ = std::move(loaded.config);
}

void RunEvents::send(const std::vector<std::string>& events) const {
  const Status sent = openlineage::send(config_, environment_variables(), events);
  if (!sent) complain("warning: " + sent.error().message());
}

void RunEvents::start() {
  if (!config_.is_on()) return;
  send(openlineage::events_of_start({session_.project(), config_.space, run_id_},
                                    session_.clock().now_us()));
}

void RunEvents::end(const pipeline::RunOutcome& outcome) {
  if (!config_.is_on()) return;
  std::map<std::string, lineage::TableNode> nodes;
  for (const project::Model& model : session_.project().models) {
    auto node = lineage::node_of(session_.project(), session_.engine(), model.contract.name);
    // `bullion check` says what is wrong with the SQL; the event then has no columnLineage.
    if (node) nodes.emplace(model.contract.name, *std::move(node));
  }
  send(openlineage::events_of_end({session_.project(), config_.space, run_id_}, outcome, nodes,
                                  session_.clock().now_us()));
}

void RunEvents::error(const Error& error) {
  if (!config_.is_on()) return;
  send(openlineage::events_of_error({session_.project(), config_.space, run_id_}, error,
                                    session_.clock().now_us()));
}

}  // namespace bullion::cli
