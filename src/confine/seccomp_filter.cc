#include "confine/seccomp_filter.h"

#include <fmt/format.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>

#include "base/fs.h"

namespace kiln::confine {
namespace {

constexpr std::uint64_t kLow32 = 0xffffffff;  // the kernel looks only at these bits of an int argument
constexpr std::size_t kMaxProgram = 1U << 20U;

// "No such call": what callers of these fall back from (glibc from clone3, node from io_uring).
constexpr const char* kAbsent[] = {
    "clone3",  "bpf",      "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register", "fsopen",
    "fsmount", "fsconfig", "fspick",      "open_tree",      "move_mount",     "mount_setattr",
};

// "Not permitted": kernel surface that neither a build nor a Worker needs.
constexpr const char* kForbidden[] = {
    // keys, tracing, other processes' memory
    "add_key",
    "keyctl",
    "request_key",
    "perf_event_open",
    "ptrace",
    "process_vm_readv",
    "process_vm_writev",
    "process_madvise",
    "pidfd_getfd",
    "kcmp",
    "lookup_dcookie",
    // mounts and namespaces
    "mount",
    "umount",
    "umount2",
    "pivot_root",
    "chroot",
    "unshare",
    "setns",
    "open_by_handle_at",
    "fanotify_init",
    "quotactl",
    "quotactl_fd",
    "swapon",
    "swapoff",
    // the machine
    "init_module",
    "finit_module",
    "delete_module",
    "create_module",
    "get_kernel_syms",
    "query_module",
    "kexec_load",
    "kexec_file_load",
    "reboot",
    "syslog",
    "acct",
    "settimeofday",
    "stime",
    "clock_settime",
    "clock_settime64",
    "clock_adjtime",
    "clock_adjtime64",
    "adjtimex",
    "iopl",
    "ioperm",
    "vhangup",
    "sethostname",
    "setdomainname",
    "modify_ldt",
    "vm86",
    "vm86old",
    "uselib",
    "nfsservctl",
    "_sysctl",
    // placement of memory
    "move_pages",
    "migrate_pages",
    "mbind",
    "set_mempolicy",
    "set_mempolicy_home_node",
    "get_mempolicy",
};

// What builds need and workerd does not: other processes, other users' resources, links, other names.
constexpr const char* kForbiddenToWorkers[] = {
    "fork",        "vfork",    "execveat",  "mknod",        "mknodat",
    "shmget",      "shmat",    "semget",    "msgget",       "chown",
    "fchown",      "lchown",   "fchownat",  "pidfd_open",   "name_to_handle_at",
    "personality", "symlink",  "symlinkat", "link",         "linkat",
    "rename",      "renameat", "renameat2", "inotify_init", "inotify_init1",
};

// Folders, and files that go, which a Worker has none of.
constexpr const char* kChangesFiles[] = {"mkdir", "mkdirat", "unlink", "unlinkat"};

// Families beyond files and the internet; AF_VSOCK would reach the hypervisor around every network wall.
constexpr int kFamilies[] = {AF_PACKET, AF_VSOCK, AF_ALG, AF_TIPC, AF_KEY, AF_XDP, AF_BLUETOOTH};

constexpr int kNamespaces[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                               CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET};

class Filter {
 public:
  Filter() : context_(seccomp_init(SCMP_ACT_ALLOW), seccomp_release) {
    keep(context_ == nullptr ? -ENOMEM : 0);
  }

  // Calls of other ABIs (32-bit, x32) do not exist.
  void refuse_other_abis() {
    keep(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)));
  }

  // A name that this libseccomp or this machine does not know needs no rule.
  void deny(const char* name, int error) {
    const int call = seccomp_syscall_resolve_name(name);
    if (call >= 0) keep(seccomp_rule_add(context_.get(), SCMP_ACT_ERRNO(error), call, 0));
  }

  // Denies when argument `index`, masked, is `value`.
  void deny_when(int call, unsigned index, std::uint64_t mask, std::uint64_t value) {
    const scmp_arg_cmp test{index, SCMP_CMP_MASKED_EQ, mask, value};
    if (call >= 0) keep(seccomp_rule_add_array(context_.get(), SCMP_ACT_ERRNO(EPERM), call, 1, &test));
  }

  Result<std::string> compile() {
    const Fd file(memfd_create("seccomp", MFD_CLOEXEC));
    if (!file) keep(-errno);
    if (error_ == 0) keep(seccomp_export_bpf(context_.get(), file.get()));
    if (error_ != 0) {
      return fail(Errc::unavailable,
                  fmt::format("building the seccomp filter failed (error {}); this machine's "
                              "libseccomp or architecture is not supported",
                              -error_));
    }
    return read_file(fmt::format("/proc/self/fd/{}", file.get()), kMaxProgram);
  }

 private:
  void keep(int result) {
    if (error_ == 0 && result < 0) error_ = result;
  }

  std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
  int error_ = 0;
};

Result<std::string> build(Confined whom) {
  Filter filter;
  filter.refuse_other_abis();
  for (const char* name : kAbsent) filter.deny(name, ENOSYS);
  for (const char* name : kForbidden) filter.deny(name, EPERM);
  for (const int flag : kNamespaces) {
    filter.deny_when(SCMP_SYS(clone), 0, static_cast<std::uint64_t>(flag), static_cast<std::uint64_t>(flag));
  }
  for (const int family : kFamilies) {
    filter.deny_when(SCMP_SYS(socket), 0, kLow32, static_cast<std::uint64_t>(family));
    filter.deny_when(SCMP_SYS(socketpair), 0, kLow32, static_cast<std::uint64_t>(family));
  }
  // Typing into a terminal that is not ours.
  filter.deny_when(SCMP_SYS(ioctl), 1, kLow32, TIOCSTI);
  filter.deny_when(SCMP_SYS(ioctl), 1, kLow32, TIOCLINUX);
  for (const std::uint64_t kind : {std::uint64_t{S_IFCHR}, std::uint64_t{S_IFBLK}}) {
    filter.deny_when(SCMP_SYS(mknod), 1, S_IFMT, kind);
    filter.deny_when(SCMP_SYS(mknodat), 2, S_IFMT, kind);
  }
  if (whom != Confined::build) {
    for (const char* name : kForbiddenToWorkers) filter.deny(name, EPERM);
    // Threads are made with clone(), and so would be processes.
    filter.deny_when(SCMP_SYS(clone), 0, CLONE_THREAD, 0);
  }
  if (whom == Confined::worker) {
    for (const char* name : kChangesFiles) filter.deny(name, EPERM);
  }
  return filter.compile();
}

}  // namespace

const Result<std::string>& seccomp_program(Confined whom) {
  static const Result<std::string> of_build = build(Confined::build);
  static const Result<std::string> of_worker = build(Confined::worker);
  static const Result<std::string> of_database = build(Confined::database);
  switch (whom) {
    case Confined::build:
      return of_build;
    case Confined::worker:
      return of_worker;
    case Confined::database:
      break;
  }
  return of_database;
}

}  // namespace kiln::confine
