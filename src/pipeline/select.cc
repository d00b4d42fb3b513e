#include "pipeline/select.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/nearest_name.h"

namespace bullion::pipeline {
namespace {

void add_ancestors(const project::Project& project, const std::string& name,
                   std::set<std::string>& chosen) {
  const project::Model* model = project.find_model(name);
  if (model == nullptr) return;
  for (const std::string& input : model->depends_on) {
    if (project.find_model(input) != nullptr && chosen.insert(input).second) {
      add_ancestors(project, input, chosen);
    }
  }
}

void add_descendants(const project::Project& project, const std::string& name,
                     std::set<std::string>& chosen) {
  for (const project::Model& model : project.models) {
    const auto& inputs = model.depends_on;
    if (std::find(inputs.begin(), inputs.end(), name) == inputs.end()) continue;
    if (chosen.insert(model.contract.name).second) {
      add_descendants(project, model.contract.name, chosen);
    }
  }
}

}  // namespace

Result<std::set<std::string>> select_models(const project::Project& project,
                                            const std::vector<std::string>& selectors) {
  const std::vector<std::string> names = project::names_of(project.models);
  if (selectors.empty()) return std::set<std::string>(names.begin(), names.end());
  std::set<std::string> chosen;
  for (const std::string& selector : selectors) {
    std::string name = selector;
    const bool ancestors = name.starts_with('+');
    if (ancestors) name.erase(0, 1);
    const bool descendants = name.ends_with('+');
    if (descendants) name.pop_back();
    const bool is_table = project.find_contract(name) != nullptr;
    if (!is_table || (project.find_model(name) == nullptr && !descendants)) {
      return invalid(fmt::format("--select {}: there is no model `{}`{}", selector, name,
                                 did_you_mean(name, names)));
    }
    if (project.find_model(name) != nullptr) chosen.insert(name);
    if (ancestors) add_ancestors(project, name, chosen);
    if (descendants) add_descendants(project, name, chosen);
  }
  return chosen;
}

}  // namespace bullion::pipeline
