// The bodies of createTrigger and updateTrigger: read, checked and put into a model::Trigger. Pure; any
// thread.
#pragma once

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/trigger.h"

namespace kiln::api::builds {

struct TriggerBody {
  model::Trigger trigger;
  bool names_token = false;          // build_token_uuid was given
  std::vector<std::string> unknown;  // fields nobody knows
};

// Every field that createTrigger requires. Errors: Errc::invalid naming the first field at fault.
[[nodiscard]] Result<TriggerBody> read_new_trigger(const boost::json::object& body);

// `current` with the fields that the body names replaced.
[[nodiscard]] Result<TriggerBody> read_changed_trigger(const boost::json::object& body,
                                                       const model::Trigger& current);

// The production_settings of a Worker's build.
struct SettingsBody : TriggerBody {
  const boost::json::object* variables = nullptr;  // environment_variables, in the body that was read
};

// `current` with the settings that `body` names replaced; `all`: of a Worker that is connected now, so that
// both commands must be named. Errors: Errc::invalid naming the first field at fault, also when `body` names
// none.
[[nodiscard]] Result<SettingsBody> read_settings(const boost::json::object& body,
                                                 const model::Trigger& current, bool all);

// "/" for the top, else "apps/web". Errors: those of model/root_directory.h.
[[nodiscard]] Result<std::string> normal_root_directory(const std::string& text);

}  // namespace kiln::api::builds
