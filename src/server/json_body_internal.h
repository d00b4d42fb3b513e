// The JSON object in the body of a request, read member by member.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include <nlohmann/json.hpp>

#include "server/message.h"
#include "server/problem.h"

namespace bullion::server {

/// What a body must be beside an object whose members are all known.
struct BodyRules {
  bool names_its_type = false;  ///< Content-Type: application/json is needed
  bool may_be_empty = false;    ///< no body is an object without members
  std::string required = "";    ///< a member that must be there; "" for none
  std::string meaning = "";     ///< what that member is, for who has left it out
};

/// A member of a body that is not what it must be: 422, with its name.
Problem field_problem(const std::string& field, const std::string& message);

/// Takes one member; what was expected instead, "" when it is that.
using MemberReader =
    std::function<std::string(const std::string& name, const nlohmann::json& value)>;

/// What is wrong with the body: 415 for another type, 400 when it is no JSON or the address has
/// parameters, 422 with the field for a member; nullopt when all of it was read.
std::optional<Problem> read_json_body(const Request& request, const BodyRules& rules,
                                      const MemberReader& read);

}  // namespace bullion::server
