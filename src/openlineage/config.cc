#include "openlineage/config.h"

#include <filesystem>

#include <fmt/format.h>

#include "project/config_key.h"

namespace bullion::openlineage {
namespace {

using project::MapReader;
using project::ProblemSink;
using project::YamlNode;

constexpr const char* kEndpoint = "api/v1/lineage";

bool is_web(const std::string& url) {
  return url.starts_with("http://") || url.starts_with("https://");
}

std::string joined(std::string base, const std::string& endpoint) {
  while (base.ends_with('/')) base.pop_back();
  const size_t first = endpoint.find_first_not_of('/');
  return first == std::string::npos ? base : base + "/" + endpoint.substr(first);
}

struct Written {
  std::string url;
  std::string endpoint;
  std::string file;
  std::string space;
};

Written read_file(const project::Project& project, ProblemSink& problems) {
  Written out;
  const YamlNode node = project::read_config_key(project, "openlineage", problems);
  if (node.kind == YamlNode::Kind::Null) return out;
  MapReader entry(node, "`openlineage`", problems);
  out.url = entry.text("url");
  out.endpoint = entry.text("endpoint");
  out.file = entry.text("file");
  out.space = entry.text("namespace");
  entry.finish();
  if (!out.url.empty() && !is_web(out.url)) {
    problems.error(entry.mark_of("url"), "yaml-value",
                   fmt::format("`url` is `{}`; expected http:// or https://", out.url));
    out.url.clear();
  }
  return out;
}

}  // namespace

ConfigOutcome load_config(const project::Project& project, const Variables& variables) {
  ConfigOutcome out;
  ProblemSink problems("bullion.yml", out.problems);
  const Written written = read_file(project, problems);
  const auto either = [&](const char* name, const std::string& said) {
    const auto value = variables(name);
    return value && !value->empty() ? *value : said;
  };
  if (either("OPENLINEAGE_DISABLED", "") == "true") return out;
  Config& config = out.config;
  const std::string base = either("OPENLINEAGE_URL", written.url);
  const std::string endpoint = either("OPENLINEAGE_ENDPOINT", written.endpoint);
  if (!base.empty() && !is_web(base)) {
    problems.error({}, "yaml-value",
                   fmt::format("OPENLINEAGE_URL is `{}`; expected http:// or https://", base));
  } else if (!base.empty()) {
    config.url = joined(base, endpoint.empty() ? kEndpoint : endpoint);
  }
  if (!written.file.empty()) {
    config.file = (std::filesystem::path(project.folder) / written.file).string();
  }
  config.space = either("OPENLINEAGE_NAMESPACE", written.space);
  if (config.space.empty()) config.space = project.name;
  config.api_key = either("OPENLINEAGE_API_KEY", "");
  return out;
}

}  // namespace bullion::openlineage
