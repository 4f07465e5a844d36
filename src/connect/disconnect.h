// The reverse of connect(): triggers are deleted, and the connection with its credentials when none is left.
// What stands at the repository's host is the caller's to take back (`leave_host`). History stays. Called by
// api/builds; any thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "model/trigger.h"
#include "store/connection_store.h"
#include "store/trigger_store.h"

namespace kiln::connect {

struct DisconnectPorts {
  store::ConnectionStore& connections;
  store::TriggerStore& triggers;
  const Clock& clock;
  // Takes back the hook that was made at the host; says what was done, in sentences. Null: nothing was.
  std::function<std::vector<std::string>(const model::RepoConnection&, const std::string& hook_id)>
      leave_host;
};

struct Disconnected {
  std::vector<model::Trigger> triggers;  // that are deleted
  bool connection_deleted = false;
  std::string hook_id;  // that nobody knows any more; empty: there was none
  std::vector<std::string> notes;
};

// Of this Worker alone; empty: of all. Asked again after a failure it goes on where it stopped. Errors:
// Errc::not_found for a Worker that this repository does not deploy; those of the stores.
[[nodiscard]] Result<Disconnected> disconnect(const DisconnectPorts& ports,
                                              const model::RepoConnection& connection,
                                              const std::string& worker_tag);

}  // namespace kiln::connect
