// Builds, triggers and connections as the published API writes them: every key always present. Pure; any
// thread.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <string_view>

#include "model/build.h"
#include "model/trigger.h"

namespace kiln::wire {

// How environment_variables inside a build are written (server setting api.environment_variables).
enum class EnvironmentForm {
  strings,  // name → value, a secret as "[secret]": the published schema
  objects,  // name → {is_secret, value, created_on}, value null when secret: what one official client expects
};

// A Build, from its row and two texts: `metadata`, its build_trigger_metadata without environment_variables,
// and `trigger`, trigger_json() without token. Text, since it is most of what the server sends; of the
// build's metadata only the environment is used.
[[nodiscard]] std::string build_json(const model::Build& build, std::string_view metadata,
                                     std::string_view trigger, EnvironmentForm form);
// `with_token`: as the trigger routes answer, with its build token and Kiln's own require_version.
[[nodiscard]] boost::json::value trigger_json(const model::Trigger& trigger, bool with_token);
[[nodiscard]] boost::json::value connection_json(const model::RepoConnection& connection);
// name → {is_secret, value, created_on}; value null when secret.
[[nodiscard]] boost::json::value variables_json(const std::vector<model::EnvVar>& variables);

}  // namespace kiln::wire
