// `bullion generate`: sample files described as data (docs/guides/generators.md), the same bytes
// for the same parameters on every machine.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/engine.h"
#include "pipeline/environment.h"

namespace bullion::pipeline {

/// Bytes of a file of the domain, by path below it ("generate.yml"); nullopt when it has none.
using DomainFiles = std::function<std::optional<std::string_view>(const std::string&)>;

struct GenerateParameter {
  std::string name;  ///< "late_events"; the flag is --late-events
  std::string type;  ///< integer | date
  std::string default_value;
  int64_t min = 0;  ///< integers only, inclusive
  int64_t max = 0;
  std::string description;
};

struct GenerateOutcome {
  int64_t files = 0;
  int64_t lines = 0;  ///< without header lines
  std::string labels_path;
};

/// The parameters a domain's generator takes, for --help and checking.
Result<std::vector<GenerateParameter>> generate_parameters(const DomainFiles& domain);

/// Writes the files into `folder` (made when missing) and the labels to "<folder>-labels.csv".
/// `given` holds parameters by name. An existing file of the same name is an error, not
/// overwritten.
Result<GenerateOutcome> generate(engine::Engine& engine, const DomainFiles& domain,
                                 const std::map<std::string, std::string>& given,
                                 const std::string& folder, const Report& report);

}  // namespace bullion::pipeline
