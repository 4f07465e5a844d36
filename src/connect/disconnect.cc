#include "connect/disconnect.h"

#include <algorithm>

namespace kiln::connect {

Result<Disconnected> disconnect(const DisconnectPorts& ports, const model::RepoConnection& connection,
                                const std::string& worker_tag) {
  Result<std::vector<model::Trigger>> all = ports.triggers.triggers_of_connection(connection.uuid);
  if (!all) return tl::unexpected<Error>(all.error());
  const auto stays = [&](const model::Trigger& trigger) {
    return !worker_tag.empty() && trigger.worker_tag != worker_tag;
  };
  const bool all_go = std::none_of(all->begin(), all->end(), stays);
  Disconnected out;
  std::copy_if(all->begin(), all->end(), std::back_inserter(out.triggers),
               [&](const model::Trigger& trigger) { return !stays(trigger); });
  if (out.triggers.empty() && !all_go)
    return fail(Errc::not_found, "this repository does not deploy that Worker", "script_tag");
  for (const model::Trigger& trigger : out.triggers) {
    const Status gone = ports.triggers.delete_trigger(connection.account_id, trigger.uuid, ports.clock.now());
    if (!gone && gone.error().code != Errc::not_found) return tl::unexpected<Error>(gone.error());
  }
  if (!all_go) return out;
  const auto hook = ports.connections.hook(connection.uuid);
  if (!hook) return tl::unexpected<Error>(hook.error());
  if (*hook) out.hook_id = (*hook)->hook_id;
  // Before the credentials go by which the host is asked.
  if (*hook && ports.leave_host) out.notes = ports.leave_host(connection, (*hook)->hook_id);
  const Status gone =
      ports.connections.delete_connection(connection.account_id, connection.uuid, ports.clock.now());
  if (!gone) return tl::unexpected<Error>(gone.error());
  out.connection_deleted = true;
  return out;
}

}  // namespace kiln::connect
