// Keys of bullion.yml that a module above reads for itself.
#pragma once

#include <string>

#include "project/project.h"
#include "project/yaml_reader.h"

namespace bullion::project {

/// The value of a top-level key, with variables of the environment replaced; Null when it is not
/// there. Reports variables that are not set; what is wrong with the rest of the file is said when
/// the project is loaded.
YamlNode read_config_key(const Project& project, const std::string& key, ProblemSink& problems);

}  // namespace bullion::project
