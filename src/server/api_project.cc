// GET /project.
#include "base/date.h"
#include "pipeline/environment.h"
#include "release/store.h"
#include "server/api_internal.h"

namespace bullion::server {
namespace {

Result<std::string> project_body(const Api& api, const Request& request) {
  BULLION_TRY(check_parameters(request, {}));
  const project::Project& project = api.reader().project();
  const pipeline::Environment& env = api.reader().env();
  const release::Store store(env.lake, env.clock, nullptr);
  BULLION_TRY_ASSIGN(const auto latest, store.latest());
  return json_text(
      {{"name", project.name},
       {"currency", project.currency},
       {"time_zone", project.time_zone},
       {"program_version", pipeline::kProgramVersion},
       {"latest_release", latest ? Json(latest->number) : Json(nullptr)},
       {"released_at", latest ? Json(format_timestamp(latest->created_at_us)) : Json(nullptr)},
       {"user", request.user},
       {"can_run", api.runs() != nullptr}});
}

}  // namespace

void add_project_routes(Router& router, Api& api) {
  router.add("GET", "/project", [&api](const Request& request) {
    return answer_of(project_body(api, request), request);
  });
}

}  // namespace bullion::server
