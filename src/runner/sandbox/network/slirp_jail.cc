#include "runner/sandbox/network/slirp_jail.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <filesystem>

#include "base/fs.h"

namespace kiln::runner {
namespace {

namespace fs = std::filesystem;

constexpr const char* kRoot = "/tmp";  // covered by a tmpfs in a mount namespace of the child's own
constexpr std::size_t kMaxResolvConf = 1U << 20U;
constexpr unsigned kTunMajor = 10;
constexpr unsigned kTunMinor = 200;

bool make_file(const char* path) {
  const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (fd < 0) return false;
  close(fd);
  return true;
}

bool bind_namespace(const std::string& from, const char* to) {
  return make_file(to) && mount(from.c_str(), to, nullptr, MS_BIND, nullptr) == 0;
}

bool add_folder(const SystemFolder& folder) {
  if (!folder.link_to.empty()) return symlink(folder.link_to.c_str(), folder.inside.c_str()) == 0;
  constexpr unsigned long kReadOnly = MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV;
  return mkdir(folder.inside.c_str(), 0755) == 0 &&
         mount(folder.path.c_str(), folder.inside.c_str(), nullptr, MS_BIND, nullptr) == 0 &&
         mount(nullptr, folder.inside.c_str(), nullptr, kReadOnly, nullptr) == 0;
}

bool write_resolv_conf(const std::string& text) {
  if (mkdir("etc", 0755) != 0) return false;
  const int fd = open("etc/resolv.conf", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
  if (fd < 0) return false;
  const bool whole = write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  close(fd);
  return whole;
}

// The host's node may be closed to everybody but root.
bool make_tun() {
  return mkdir("dev", 0755) == 0 && mkdir("dev/net", 0755) == 0 &&
         mknod("dev/net/tun", S_IFCHR | 0666, makedev(kTunMajor, kTunMinor)) == 0;
}

}  // namespace

JailPlan jail_plan(int network, int owner) {
  JailPlan plan;
  for (const char* path : {"/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"}) {
    std::error_code error;
    if (fs::is_symlink(path, error)) {
      plan.folders.push_back({path, path + 1, fs::read_symlink(path, error).native()});
    } else if (fs::is_directory(path, error)) {
      plan.folders.push_back({path, path + 1, ""});
    }
  }
  plan.resolv_conf = read_file("/etc/resolv.conf", kMaxResolvConf).value_or("");
  plan.network = fmt::format("/proc/self/fd/{}", network);
  if (owner >= 0) plan.owner = fmt::format("/proc/self/fd/{}", owner);
  return plan;
}

const char* enter_jail(const JailPlan& plan) {
  umask(0);
  if (unshare(CLONE_NEWNS) != 0) return "making a mount namespace";
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return "making mounts private";
  if (mount("jail", kRoot, "tmpfs", MS_NOSUID | MS_NOEXEC, "mode=0755,size=1m") != 0)
    return "mounting a root";
  if (chdir(kRoot) != 0) return "entering the root";
  for (const SystemFolder& folder : plan.folders) {
    if (!add_folder(folder)) return folder.path.c_str();
  }
  if (!write_resolv_conf(plan.resolv_conf)) return "writing resolv.conf";
  if (!make_tun()) return "making /dev/net/tun";
  if (!bind_namespace(plan.network, kJailNetwork + 1)) return "binding the network namespace";
  if (!plan.owner.empty() && !bind_namespace(plan.owner, kJailOwner + 1)) return "binding the user namespace";
  // Where slirp4netns builds its own, still smaller root (--enable-sandbox).
  if (mkdir("tmp", 0755) != 0 || mkdir("run", 0755) != 0) return "making folders";
  if (syscall(SYS_pivot_root, ".", ".") != 0 || umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
    return "changing the root";
  if (mount(nullptr, "/", nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NOEXEC, nullptr) != 0)
    return "closing the root";
  umask(022);
  return nullptr;
}

}  // namespace kiln::runner
