// A trigger's environment variables as bodies ask for them. Both forms of the upsert are understood:
//   {"KEY": {"is_secret", "value"}} and {"variables": [{"key", "value", "type": "text"|"secret"}]}.
// Without a value, or with null, a variable stays as it is. Pure; any thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build.h"

namespace kiln::api::builds {

constexpr std::size_t kMostVariables = 64;  // of a trigger

// What a body asks for, and the names of its fields that nobody knows.
struct AskedVariables {
  std::vector<model::EnvVar> variables;
  std::vector<model::EnvVar> kept;  // no value was given: one of that name and kind stays as it is
  std::vector<std::string> unknown;

  [[nodiscard]] bool empty() const { return variables.empty() && kept.empty(); }
};

// {"KEY": {…}} as a field of another body; `within` is put before the names in errors. Errors: Errc::invalid.
[[nodiscard]] Result<AskedVariables> read_keyed_variables(const boost::json::object& keyed,
                                                          const std::string& within);
// The body of the upsert, in either form. Errors: Errc::invalid, also when it names none.
[[nodiscard]] Result<AskedVariables> read_variables(const boost::json::object& body);

// Ok when each of `kept` is among `there`, and both together are no more than kMostVariables. Errors:
// Errc::invalid naming the one that is not.
[[nodiscard]] Status check_variables(const AskedVariables& asked, const std::vector<model::EnvVar>& there);

}  // namespace kiln::api::builds
