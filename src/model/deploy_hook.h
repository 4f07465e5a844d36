// Deploy hooks: addresses that build one branch of a Worker whenever somebody posts to them. Values: any
// thread.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "base/ids.h"

namespace kiln::model {

struct DeployHook {
  Uuid uuid;  // a secret: who knows it may build. Random, never logged
  std::string account_id;
  std::string worker_tag;  // external_script_id of the API
  std::string name;        // unlike those of the Worker's other hooks
  std::string branch;
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
  std::optional<TimeMs> latest_build_on;  // when the newest build that it started was made
};

}  // namespace kiln::model
