// Builds, triggers and connections as the published API writes them: every key always present. Pure; any
// thread.
#pragma once

#include <boost/json/value.hpp>

#include "model/build.h"
#include "model/trigger.h"

namespace kiln::wire {

// How environment_variables inside a build are written (server setting api.environment_variables).
enum class EnvironmentForm {
  strings,  // name → value, a secret as "[secret]": the published schema
  objects,  // name → {is_secret, value, created_on}, value null when secret: what one official client expects
};

[[nodiscard]] boost::json::value build_json(const model::Build& build, const model::Trigger& trigger,
                                            EnvironmentForm form);
[[nodiscard]] boost::json::value trigger_json(const model::Trigger& trigger, bool with_token);
[[nodiscard]] boost::json::value connection_json(const model::RepoConnection& connection);
// name → {is_secret, value, created_on}; value null when secret.
[[nodiscard]] boost::json::value variables_json(const std::vector<model::EnvVar>& variables);

}  // namespace kiln::wire
