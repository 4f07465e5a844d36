#include "runner/sandbox/bwrap_arguments.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>

#include "confine/bwrap_words.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;
using confine::BwrapWords;

constexpr unsigned kUidInside = 1000;
constexpr const char* kRunSize = "67108864";
constexpr const char* kSharedMemorySize = "268435456";

void add_identity(BwrapWords& out, IdentityMode mode, model::NetworkMode network) {
  const std::string inside = std::to_string(kUidInside);
  const bool own_network = network != model::NetworkMode::host;
  switch (mode) {
    case IdentityMode::pool_uid:
    case IdentityMode::own_uid:
      out.add({"--unshare-all", "--unshare-user", "--disable-userns"});
      if (!own_network) out.add({"--share-net"});
      out.add({"--uid", inside, "--gid", inside, "--cap-drop", "ALL"});
      return;
    case IdentityMode::pool_uid_without_userns:
      // Names the namespaces one by one, since --unshare-all would try for a user namespace. The three
      // capabilities are what the agent needs to give root up, itself included.
      out.add(
          {"--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try", "--cap-drop", "ALL"});
      if (own_network) out.add({"--unshare-net"});
      out.add({"--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID", "--cap-add", "CAP_SETPCAP"});
      return;
  }
}

constexpr std::array kSystemFolders{"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
constexpr std::array kEtc{"/etc/ld.so.cache",     "/etc/alternatives",    "/etc/ssl/certs",
                          "/etc/ssl/openssl.cnf", "/etc/ca-certificates", "/etc/pki",
                          "/etc/localtime",       "/etc/nsswitch.conf",   "/etc/services",
                          "/etc/protocols",       "/etc/gai.conf",        "/etc/mime.types"};

// /usr and what a merged-/usr system links into it.
void add_system(BwrapWords& out) {
  out.add({"--ro-bind", "/usr", "/usr"});
  for (const char* folder : kSystemFolders) out.add_folder(folder);
}

void add_etc(BwrapWords& out, const InheritedFds& fds) {
  // Parents that bubblewrap makes by itself would be closed to the build.
  out.add({"--dir", "/etc", "--dir", "/etc/ssl", "--dir", "/opt", "--dir", "/opt/kiln", "--dir", kHome});
  for (const char* path : kEtc) {
    std::error_code error;
    if (fs::exists(path, error)) out.add({"--ro-bind-try", path, path});
  }
  out.add({"--symlink", "../usr/lib/os-release", "/etc/os-release"});
  const auto file = [&out](int fd, const char* path) {
    out.add({"--perms", "0644", "--file", std::to_string(fd), path});
  };
  file(fds.passwd, "/etc/passwd");
  file(fds.group, "/etc/group");
  file(fds.hosts, "/etc/hosts");
  file(fds.resolv, "/etc/resolv.conf");
  file(fds.gitconfig, "/etc/gitconfig");
}

void add_kernel_folders(BwrapWords& out) {
  out.add({"--proc", "/proc", "--dev", "/dev"});
  // bubblewrap's own /dev and /dev/shm are one tmpfs without a limit.
  out.add({"--perms", "1777", "--size", kSharedMemorySize, "--tmpfs", "/dev/shm", "--remount-ro", "/dev"});
  out.add({"--perms", "1777", "--size", kRunSize, "--tmpfs", "/run"});
}

void add_build(BwrapWords& out, const BindSources& sources) {
  out.add({"--bind", sources.tmp, "/tmp", "--bind", sources.home, kHome, "--bind", sources.repo, kCheckout});
  if (!sources.mirror.empty()) out.add({"--ro-bind", sources.mirror, kMirror});
  if (!sources.tools.empty()) out.add({"--ro-bind", sources.tools, kTools});
  if (!sources.cache.empty()) out.add({"--ro-bind", sources.cache, kCache});
  out.add({"--ro-bind", sources.agent, kAgentInside});
}

}  // namespace

std::vector<std::string> bwrap_arguments(IdentityMode mode, model::NetworkMode network,
                                         const BindSources& sources, const InheritedFds& fds) {
  BwrapWords out;
  add_identity(out, mode, network);
  out.add({"--die-with-parent", "--new-session", "--hostname", "build"});
  add_system(out);
  add_etc(out, fds);
  add_kernel_folders(out);
  add_build(out, sources);
  out.add({"--remount-ro", "/", "--chdir", "/", "--seccomp", std::to_string(fds.seccomp)});
  out.add({"--info-fd", std::to_string(fds.info), "--json-status-fd", std::to_string(fds.status)});
  return out.take();
}

std::string system_facts() {
  std::string facts;
  const auto add = [&facts](const char* path) {
    struct stat is {};
    const bool there = stat(path, &is) == 0;
    facts += there ? fmt::format("{}:{} ", is.st_dev, is.st_ino) : "- ";
  };
  add("/usr");
  for (const char* path : kSystemFolders) add(path);
  for (const char* path : kEtc) add(path);
  return facts;
}

std::vector<std::string> agent_command(IdentityMode mode, unsigned uid, const InheritedFds& fds) {
  std::vector<std::string> words{kAgentInside, std::to_string(fds.control), std::to_string(fds.log)};
  if (mode == IdentityMode::pool_uid_without_userns) words.push_back(std::to_string(uid));
  return words;
}

unsigned uid_inside(IdentityMode mode, unsigned uid) {
  return mode == IdentityMode::pool_uid_without_userns ? uid : kUidInside;
}

}  // namespace kiln::runner
