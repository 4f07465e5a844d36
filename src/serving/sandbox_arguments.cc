#include "serving/sandbox_arguments.h"

#include <fmt/format.h>

#include "base/child.h"
#include "confine/bwrap_words.h"
#include "confine/host_users.h"
#include "serving/workerd_config.h"

namespace kiln::serving {
namespace {

namespace fs = std::filesystem;
using confine::BwrapWords;

constexpr const char* kSetprivInside = "/setpriv";
constexpr const char* kUidInside = "1000";

// As root the process changes its uid itself, which takes three capabilities and no user namespace; otherwise
// a user namespace stands between it and our uid.
void add_identity(BwrapWords& out, bool root) {
  if (root) {
    out.add({"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL"});
    out.add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
    return;
  }
  out.add({"--unshare-user", "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"});
  out.add({"--disable-userns", "--uid", kUidInside, "--gid", kUidInside, "--cap-drop", "ALL"});
}

void add_libraries(BwrapWords& out) {
  // Parents that bubblewrap makes by itself would be closed to another uid.
  out.add({"--dir", "/usr", "--dir", "/usr/lib", "--dir", "/etc", "--dir", "/etc/ssl", "--dir", "/w"});
  for (const char* folder : {"/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64"}) {
    std::error_code error;
    if (fs::is_directory(folder, error)) out.add({"--ro-bind", folder, folder});
  }
  for (const char* folder : {"/lib", "/lib64"}) out.add_folder(folder);
}

// To find hosts by name.
void add_network_files(BwrapWords& out) {
  for (const char* path :
       {"/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf", "/etc/gai.conf", "/etc/services"}) {
    out.add({"--ro-bind-try", path, path});
  }
}

}  // namespace

std::vector<std::string> sandbox_arguments(bool root, const Engine& engine, const SandboxSpec& spec) {
  BwrapWords out;
  add_identity(out, root);
  if (!spec.network) out.add({"--unshare-net"});
  out.add({"--die-with-parent", "--new-session", "--hostname", "worker", "--clearenv"});
  add_libraries(out);
  // workerd does not start without certificates.
  out.add({"--ro-bind-try", "/etc/ssl/certs", "/etc/ssl/certs"});
  if (spec.network) add_network_files(out);
  if (root) out.add({"--ro-bind", system_program("setpriv"), kSetprivInside});
  out.add({"--ro-bind", engine.workerd().native(), kWorkerdInside});
  // workerd reads its own program through /proc; the process sees itself alone there.
  out.add({"--proc", "/proc", "--dir", "/dev"});
  for (const char* device : {"/dev/null", "/dev/urandom"}) out.add({"--dev-bind", device, device});
  out.add({"--ro-bind", (spec.folder / "parts").native(), kPartsInside});
  out.add({"--ro-bind", (spec.folder / "assets").native(), kAssetsInside});
  if (!spec.own_folder.empty()) out.add({"--bind", spec.own_folder.native(), kOwnFolderInside});
  for (const Door& door : spec.doors) out.add({"--ro-bind", door.path.native(), door.inside});
  out.add({"--perms", "0444", "--file", std::to_string(spec.config_fd), kConfigInside});
  out.add({"--remount-ro", "/", "--chdir", "/", "--seccomp", std::to_string(spec.seccomp_fd)});
  return out.take();
}

std::vector<std::string> workerd_command(bool root, const SandboxSpec& spec) {
  std::vector<std::string> words;
  if (root) {
    words = {kSetprivInside,
             fmt::format("--reuid={}", spec.uid),
             fmt::format("--regid={}", spec.uid),
             spec.doors.empty() ? "--clear-groups" : fmt::format("--groups={}", kCallsGroup),
             "--no-new-privs",
             "--inh-caps=-all",
             "--bounding-set=-all"};
  }
  words.insert(words.end(), {kWorkerdInside, "serve"});
  if (spec.experimental) words.emplace_back("--experimental");
  for (const auto& [name, fd] : spec.sockets) {
    words.emplace_back("-S");
    words.push_back(fmt::format("{}={}", name, fd));
  }
  words.insert(words.end(), {fmt::format("--control-fd={}", spec.control_fd), kConfigInside});
  return words;
}

}  // namespace kiln::serving
