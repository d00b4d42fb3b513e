// What SQL of strangers may do: read tables of a release and compute. Everything that is not known
// to be harmless is refused, on the syntax tree and before anything is bound.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/ascii.h"
#include "base/result.h"
#include "reader/sql.h"

namespace bullion::reader {

/// Whether a scalar, aggregate or window function may be called. Lower-case names.
bool is_allowed_function(std::string_view name);
bool is_allowed_table_function(std::string_view name);
/// For tests, which compare it with the engine's own list.
std::vector<std::string> allowed_functions();

/// What a SELECT reads.
struct SqlInputs {
  std::set<std::string> tables;                           ///< names without a schema
  std::set<std::pair<std::string, std::string>> outside;  ///< of ops and quarantine: schema, name
  std::set<std::string> parameters;                       ///< $name, without the sign
};

/// Walks a tree of tree_of(). Invalid with what is not allowed.
Result<SqlInputs> inputs_of(const nlohmann::json& tree);

/// Replaces the parameters of a tree by the trees of their values.
void fill_parameters(nlohmann::json& tree, const std::map<std::string, nlohmann::json>& values);

/// The engine's syntax tree of one SELECT; Invalid with the engine's words, or for anything else.
Result<nlohmann::json> tree_of(engine::Engine& engine, const std::string& sql);
/// The value of a parameter as SQL; Invalid when it is not of the parameter's type.
Result<std::string> parameter_literal(const SqlParameter& parameter);
/// The SQL with literals in the places of its parameters; Invalid when one has no value.
Result<std::string> filled_in(engine::Engine& engine, nlohmann::json tree, const SqlInputs& inputs,
                              const SqlRequest& request);

}  // namespace bullion::reader
