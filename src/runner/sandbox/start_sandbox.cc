// From a SandboxSpec to a launched bubblewrap behind its wall.
#include <unistd.h>

#include "confine/host_users.h"
#include "runner/sandbox/folders.h"
#include "runner/sandbox/launch.h"
#include "runner/sandbox/limits/keeper.h"
#include "runner/sandbox/live_sandbox.h"
#include "runner/sandbox/network/host_facts.h"
#include "runner/sandbox/network/wall.h"

namespace kiln::runner {

Result<std::unique_ptr<Sandbox>> Sandbox::start(const SandboxHost& host, const SandboxSpec& spec) {
  Result<NetworkPolicy> policy = policy_for(host.network, spec.api_base_url);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  return start_live(host, spec, std::move(*policy));
}

Result<std::unique_ptr<LiveSandbox>> start_live(const SandboxHost& host, const SandboxSpec& asked,
                                                NetworkPolicy policy) {
  SandboxSpec spec = asked;
  const bool own = host.mode == IdentityMode::own_uid;
  if (own && geteuid() == 0) {
    // Inside, such a build would be the machine's root to the kernel.
    return fail(Errc::internal, "a sandbox in mode own_uid must not be started by root");
  }
  const unsigned uid = own ? geteuid() : kFirstBuildUid + static_cast<unsigned>(spec.slot);
  std::unique_ptr<Confinement> limits;
  if (spec.limits != nullptr) {
    Result<std::unique_ptr<Confinement>> admitted = spec.limits->admit(spec.build_folder, own);
    if (!admitted) return context(std::move(admitted.error()), "setting the build's limits");
    limits = std::move(*admitted);
  }
  const bool has_disk = limits && limits->has_disk();
  if (Status made =
          has_disk ? fill_build_folder(limits->folder(), uid) : make_build_folders(spec.build_folder, uid);
      !made) {
    return context(std::move(made.error()), "preparing the build's folder");
  }
  if (spec.lend_later) {
    if (!has_disk)
      return fail(Errc::internal, "only a build with a disk of its own can be lent folders later");
    for (const char* name : {kLent, kLentMirror, kLentCache}) {
      if (Status made = make_directory(limits->folder() / name, 0755); !made)
        return tl::unexpected<Error>(made.error());
    }
    spec.mirror = limits->folder() / kLentMirror;
    spec.cache = limits->folder() / kLentCache;
  }
  Result<Launched> launched = launch(host.mode, uid, spec, policy, limits.get());
  if (!launched) {
    if (!limits) (void)remove_tree(spec.build_folder);
    return tl::unexpected<Error>(std::move(launched.error()));
  }
  const bool walled = policy.mode != model::NetworkMode::host;
  WallPlan plan{host.mode, uid, launched->pid, {}, std::move(policy), {}};
  if (limits) plan.cgroup = limits->doors();
  // Somebody has to hold its other end, or bubblewrap dies when it writes.
  if (walled) plan.status = std::move(launched->status);
  auto sandbox = make_live(std::move(*launched), spec, std::move(limits));
  if (walled) {
    Result<std::unique_ptr<NetworkWall>> wall = NetworkWall::raise(std::move(plan));
    if (!wall) return tl::unexpected<Error>(std::move(wall.error()));
    sandbox->stand_behind(std::move(*wall));
  }
  return sandbox;
}

}  // namespace kiln::runner
