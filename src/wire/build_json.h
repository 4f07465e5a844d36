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
  strings,    // name → value, a secret as "[secret]": the published schema
  objects,    // name → {is_secret, value, created_on}, value null when secret: all that one official client
              // reads
  by_client,  // objects for that client, strings for every other
};

// Where a build's previews are; empty: none.
struct PreviewUrls {
  std::string version;
  std::string alias;
};

// Appends a Build as far as its trigger's value, which is the last member; append then trigger_json() without
// token, and "}". Text, since builds are most of what the server sends.
void append_build_before_trigger(std::string& out, const model::Build& build, const PreviewUrls& previews,
                                 EnvironmentForm form);
// `with_token`: as the trigger routes answer, with its build token and Kiln's own
// require_version, fork_pull_requests, report_path_skips and paused.
[[nodiscard]] boost::json::value trigger_json(const model::Trigger& trigger, bool with_token);
[[nodiscard]] boost::json::value connection_json(const model::RepoConnection& connection);
// name → {is_secret, value, created_on}; value null when secret.
[[nodiscard]] boost::json::value variables_json(const std::vector<model::EnvVar>& variables);

}  // namespace kiln::wire
