// The text of one bubblewrap call: what is mounted where, which namespaces, which identity. Pure but for
// looking at which system folders this host has: any thread.
#pragma once

#include <string>
#include <vector>

#include "model/build_network.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {

inline constexpr const char* kAgentInside = "/opt/kiln/agent";

// Where bubblewrap finds what it binds. The same as the SandboxSpec's paths, or the stage of launch.h.
struct BindSources {
  std::string repo;
  std::string home;
  std::string tmp;
  std::string mirror;  // or empty
  std::string tools;   // or empty
  std::string cache;   // or empty
  std::string agent;
};

// Numbers of the descriptors that bubblewrap and the agent inherit.
struct InheritedFds {
  int passwd = -1;
  int group = -1;
  int hosts = -1;
  int resolv = -1;
  int gitconfig = -1;
  int seccomp = -1;
  int info = -1;
  int status = -1;
  int control = -1;  // the agent's
  int log = -1;      // the agent's
};

// All options, without the command.
[[nodiscard]] std::vector<std::string> bwrap_arguments(IdentityMode mode, model::NetworkMode network,
                                                       const BindSources& sources, const InheritedFds& fds);

// Which of this machine's folders and files a sandbox begun now would show. One begun when this said
// something else shows old ones: a file that was replaced since.
[[nodiscard]] std::string system_facts();

// What bubblewrap runs. `uid` is the build's on the host.
[[nodiscard]] std::vector<std::string> agent_command(IdentityMode mode, unsigned uid,
                                                     const InheritedFds& fds);

// Who the build is in its own eyes: 1000, or `uid` where there is no user namespace to map it.
[[nodiscard]] unsigned uid_inside(IdentityMode mode, unsigned uid);

}  // namespace kiln::runner
