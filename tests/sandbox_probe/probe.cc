// Run inside a sandbox by the sandbox's tests: prints one line for each thing that a build must not be able
// to do, "name=ERRNO" or "name=OK". Harmless where it succeeds.
#include <fcntl.h>
#include <linux/io_uring.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

namespace {

void tell(const char* name, long result) {
  std::printf("%s=%s\n", name, result >= 0 ? "OK" : strerrorname_np(errno));
}

}  // namespace

int main() {
  char clone_arguments[88] = {};
  io_uring_params ring{};
  tell("keyctl", syscall(SYS_keyctl, 0, -3, 0, 0, 0));
  tell("add_key", syscall(SYS_add_key, "user", "kiln", "x", 1, -3));
  tell("unshare", unshare(CLONE_NEWUSER));
  tell("mount", mount("none", "/tmp", "tmpfs", 0, nullptr));
  tell("ptrace", ptrace(PTRACE_ATTACH, 1, nullptr, nullptr));
  tell("clone_newuser", syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, nullptr));
  tell("clone3", syscall(SYS_clone3, clone_arguments, sizeof clone_arguments));
  tell("io_uring", syscall(SYS_io_uring_setup, 1, &ring));
  tell("bpf", syscall(SYS_bpf, 0, nullptr, 0));
  tell("userfaultfd", syscall(SYS_userfaultfd, 0));
  tell("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
  tell("packet", socket(AF_PACKET, SOCK_RAW, 0));
  tell("tiocsti", ioctl(0, TIOCSTI, "x"));
  tell("tiocsti_high", syscall(SYS_ioctl, 0, (1UL << 32U) | TIOCSTI, "x"));
  tell("mknod", mknod("/tmp/device", S_IFCHR | 0600, 0x103));
  tell("setuid", syscall(SYS_setuid, 0));
  tell("inet", socket(AF_INET, SOCK_STREAM, 0));
  return 0;
}
