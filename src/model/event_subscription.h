// Which events of a Worker's builds go into which queue. Value: any thread.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "model/event.h"

namespace kiln::model {

struct EventSubscription {
  std::string id;  // 32 hex digits
  std::string account_id;
  std::string name;
  bool enabled = true;
  std::string worker_name;
  std::string queue_id;
  std::vector<EventKind> events;
  TimeMs created_on = 0;
  TimeMs modified_on = 0;
};

}  // namespace kiln::model
