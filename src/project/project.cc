#include "project/project.h"

#include <algorithm>

namespace bullion::project {
namespace {

template <typename T>
const T* find_named(const std::vector<T>& items, const std::string& name) {
  const auto found = std::find_if(items.begin(), items.end(),
                                  [&](const T& item) { return item.contract.name == name; });
  return found == items.end() ? nullptr : &*found;
}

}  // namespace

std::string to_string(ModelKind kind) {
  switch (kind) {
    case ModelKind::Append:
      return "append";
    case ModelKind::Latest:
      return "latest";
    case ModelKind::Aggregate:
      return "aggregate";
    case ModelKind::Full:
      return "full";
  }
  return "";
}

const Source* Project::find_source(const std::string& table) const {
  return find_named(sources, table);
}
const Model* Project::find_model(const std::string& table) const {
  return find_named(models, table);
}
const Seed* Project::find_seed(const std::string& table) const { return find_named(seeds, table); }

const Contract* Project::find_contract(const std::string& table) const {
  if (const Source* source = find_source(table)) return &source->contract;
  if (const Model* model = find_model(table)) return &model->contract;
  if (const Seed* seed = find_seed(table)) return &seed->contract;
  return nullptr;
}

std::string Project::layer_of(const std::string& table) const {
  if (find_source(table) != nullptr) return "bronze";
  if (const Model* model = find_model(table)) return model->layer;
  if (find_seed(table) != nullptr) return "seeds";
  return "";
}

}  // namespace bullion::project
