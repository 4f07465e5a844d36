#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <string_view>

#include "base/temp_folder.h"
#include "confine/host_users.h"
#include "runner/sandbox/network/slirp.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {
namespace {

constexpr int kProbeSlot = static_cast<int>(kProbeUid - kFirstBuildUid);

std::string_view name_of(IdentityMode mode) {
  switch (mode) {
    case IdentityMode::pool_uid:
      return "with a user namespace, as an unprivileged uid";
    case IdentityMode::own_uid:
      return "with a user namespace, as this user";
    case IdentityMode::pool_uid_without_userns:
      return "without a user namespace, as an unprivileged uid";
  }
  return "";
}

Status try_mode(const SandboxHost& host, const std::filesystem::path& folder,
                const std::filesystem::path& agent) {
  Result<std::unique_ptr<Sandbox>> sandbox = Sandbox::start(host, {.slot = kProbeSlot,
                                                                   .build_folder = folder / "build",
                                                                   .mirror = {},
                                                                   .tools = {},
                                                                   .cache = {},
                                                                   .agent = agent});
  if (!sandbox) return tl::unexpected<Error>(std::move(sandbox.error()));
  std::string words;
  const Result<CommandEnd> end = (*sandbox)->run(
      {.argv = {"/bin/sh", "-c", "exec true"}, .environment = {"PATH=/usr/bin:/bin"}, .directory = kCheckout},
      [&words](std::string_view text) { words.append(text); });
  if (!end) return tl::unexpected<Error>(end.error());
  if (end->exit_code != 0 || end->signal != 0) {
    return fail(Errc::unavailable,
                fmt::format("`true` ended with code {} signal {}: {}", end->exit_code, end->signal, words));
  }
  return {};
}

Status try_network(const SandboxHost& host, const std::filesystem::path& folder,
                   const std::filesystem::path& agent) {
  if (host.network.mode == model::NetworkMode::none) return {};
  if (host.network.mode == model::NetworkMode::egress) {
    if (Status there = check_slirp(host.mode); !there) return there;
  }
  Status works = try_mode(host, folder, agent);
  if (works) return works;
  return context(std::move(works.error()),
                 "sandboxes work here, but not with the network that runner.network asks for");
}

constexpr std::string_view kWhatToDo =
    "Builds are never run without a sandbox. To enable one: install bubblewrap; allow user namespaces "
    "(sysctl user.max_user_namespaces and, on Debian, kernel.unprivileged_userns_clone=1; on Ubuntu 24.04 an "
    "AppArmor profile for /usr/bin/bwrap with `userns,`); in a container, give it CAP_SYS_ADMIN and an "
    "unmasked /proc.";

}  // namespace

Result<SandboxHost> probe_sandbox(const std::filesystem::path& agent, const model::NetworkSettings& network) {
  if (access(agent.c_str(), X_OK) != 0) {
    return fail(Errc::unavailable, fmt::format("the sandbox's agent {} cannot be run: {}", agent.string(),
                                               std::strerror(errno)));
  }
  const Result<std::filesystem::path> place = temporary_place();
  if (!place) return tl::unexpected<Error>(place.error());
  const Result<TempFolder> ground = TempFolder::make(*place, "kiln-probe", 0700);
  if (!ground) return context(ground.error(), "making a folder to try sandboxes in");
  const std::filesystem::path& folder = ground->path();
  std::vector<IdentityMode> modes{IdentityMode::own_uid};
  if (geteuid() == 0) modes = {IdentityMode::pool_uid, IdentityMode::pool_uid_without_userns};
  std::string refusals;
  Result<SandboxHost> found = fail(Errc::unavailable, {});
  for (const IdentityMode mode : modes) {
    // Alone, so that a fault of the network's does not choose a weaker identity.
    const SandboxHost host{.mode = mode, .network = {.mode = model::NetworkMode::none}};
    const Status works = try_mode(host, folder, agent);
    if (works) {
      found = host;
      break;
    }
    refusals += fmt::format(" {}: {}.", name_of(mode), works.error().message);
  }
  if (!found) {
    return fail(Errc::unavailable,
                fmt::format("no sandbox works on this machine.{} {}", refusals, kWhatToDo));
  }
  found->network = network;
  found->refusals = refusals;
  const Status walled = try_network(*found, folder, agent);
  if (!walled) return tl::unexpected<Error>(walled.error());
  return found;
}

}  // namespace kiln::runner
