// The small world of a slirp4netns that root starts: /usr read-only, one resolv.conf, a tun device and the
// namespaces it is to join, nothing else of the machine's files. Laid out before a fork; enter_jail runs in
// the child and makes system calls alone.
#pragma once

#include <string>
#include <vector>

namespace kiln::runner {

// A system folder of this host, bound or linked at the same place.
struct SystemFolder {
  std::string path;     // "/lib64"
  std::string inside;   // "lib64", below the jail's root
  std::string link_to;  // empty: bind
};

struct JailPlan {
  std::vector<SystemFolder> folders;
  std::string resolv_conf;
  std::string network;  // "/proc/self/fd/N"
  std::string owner;    // the same of the user namespace, or empty
};

inline constexpr const char* kJailNetwork = "/netns";
inline constexpr const char* kJailOwner = "/userns";

[[nodiscard]] JailPlan jail_plan(int network, int owner);

// Null, or the name of the step that failed, with errno set. Needs CAP_SYS_ADMIN and CAP_MKNOD.
[[nodiscard]] const char* enter_jail(const JailPlan& plan);

}  // namespace kiln::runner
