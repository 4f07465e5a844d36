#include "runner/sandbox/sandbox.h"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/child.h"
#include "base/start_child.h"
#include "base/strings.h"
#include "runner/doctor/doctor.h"
#include "runner/sandbox/limits/cgroup_files.h"
#include "runner/sandbox/network/slirp.h"

namespace kiln::runner {
namespace {

constexpr const char* kTun = "/dev/net/tun";

// The errno of making a user namespace, in a child that is gone afterwards.
int try_user_namespace() {
  const pid_t child = vfork_into([] { _exit(unshare(CLONE_NEWUSER) == 0 ? 0 : errno); });
  if (child < 0) return errno;
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : ECHILD;
}

Row user_namespaces() {
  Row row{.name = "user namespaces", .means = "a build's root is nobody on this machine"};
  const int refused = try_user_namespace();
  const std::string most(trim(read_control("/proc/sys/user/max_user_namespaces").value_or("?")));
  row.found = fmt::format("allowed, at most {}", most);
  if (refused == 0) return row;
  row.health = Health::missing;
  row.found = fmt::format("refused: {} (user.max_user_namespaces = {})", std::strerror(refused), most);
  row.means = "as an ordinary user no build can run; as root a weaker sandbox may do";
  row.todo =
      "sysctl user.max_user_namespaces=15000; on Debian also kernel.unprivileged_userns_clone=1; on Ubuntu "
      "an AppArmor profile for /usr/bin/bwrap with `userns,`; in a container give it CAP_SYS_ADMIN";
  return row;
}

Row bubblewrap(Processes& processes) {
  Row row{.name = "bubblewrap", .means = "makes each build's sandbox", .essential = true};
  const std::string program = system_program("bwrap");
  if (!program.empty()) row.found = first_line_of(processes, {program, "--version"});
  if (!row.found.empty()) return row;
  row.health = Health::missing;
  row.found =
      program.empty() ? "not in /usr/bin, /usr/local/bin or /bin" : fmt::format("{} does not run", program);
  row.means = "no build can run";
  row.todo = "install the package bubblewrap";
  return row;
}

Row seccomp() {
  Row row{.name = "seccomp", .found = "filters", .means = "system calls are filtered", .essential = true};
  const std::uint32_t action = SECCOMP_RET_ERRNO;
  if (syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0) return row;
  row.health = Health::missing;
  row.found = fmt::format("refused: {}", std::strerror(errno));
  row.means = "no build can run";
  row.todo = "use a kernel with CONFIG_SECCOMP_FILTER";
  return row;
}

Row sandbox(const Result<SandboxHost>& host) {
  Row row{.name = "sandbox", .essential = true};
  if (!host) {
    row.health = Health::missing;
    row.found = host.error().message;
    row.means = "no build can run, since none is ever run without a sandbox";
    row.todo = "what the rows below and its own words say";
    return row;
  }
  switch (host->mode) {
    case IdentityMode::pool_uid:
      row.found = "user namespace, a uid of its own for each build";
      row.means = "the strongest sandbox";
      break;
    case IdentityMode::own_uid:
      row.health = Health::limited;
      row.found = "user namespace, this user's uid";
      row.means = "builds run as you; the namespaces and the filter are their walls";
      row.todo = "for a uid of its own for each build run Kiln as root";
      break;
    case IdentityMode::pool_uid_without_userns:
      row.health = Health::limited;
      row.found = "no user namespace, a uid of its own for each build";
      row.means = "builds are kept apart by uids and without capabilities, but in no user namespace:" +
                  host->refusals;
      row.todo = "allow user namespaces";
      break;
  }
  return row;
}

Row slirp(Processes& processes, bool needed) {
  Row row{.name = "slirp4netns", .means = "builds' way to the outside with runner.network = \"egress\""};
  row.found = first_line_of(processes, {"slirp4netns", "--version"});
  if (!row.found.empty()) return row;
  row.health = needed ? Health::missing : Health::limited;
  row.found = "not installed";
  row.todo = "install the package slirp4netns, or choose another runner.network";
  return row;
}

Row tun(bool needed) {
  Row row{.name = kTun, .found = "usable", .means = "what slirp4netns speaks through"};
  if (access(kTun, R_OK | W_OK) == 0) return row;
  const int why = errno;
  if (geteuid() == 0) {
    row.found = fmt::format("{}; as root each build's jail makes its own", std::strerror(why));
    return row;
  }
  row.health = needed ? Health::missing : Health::limited;
  row.found = std::strerror(why);
  row.todo =
      fmt::format("as root: modprobe tun; chmod 0666 {0} (udev: KERNEL==\"tun\", MODE=\"0666\")", kTun);
  return row;
}

// `works`: the probe with the wall that the settings ask for.
Row wall(const Result<SandboxHost>& bare, const Result<SandboxHost>& walled,
         const model::NetworkSettings& network) {
  Row row{.name = "network wall", .essential = true};
  if (!bare || !walled) {
    row.health = Health::missing;
    row.found = bare ? walled.error().message : "not tried, since no sandbox works";
    row.means = "no build can run";
    row.todo = bare ? "what it says itself" : "make the sandbox work first";
    return row;
  }
  switch (network.mode) {
    case model::NetworkMode::egress:
      row.found = network.block_private ? "egress, private ranges blocked" : "egress";
      row.means = "builds reach the outside, and of this machine the server's API port alone";
      break;
    case model::NetworkMode::none:
      row.found = "none";
      row.means = "builds reach the server's API port alone: no package registry either";
      break;
    case model::NetworkMode::host:
      row.health = Health::limited;
      row.found = "host: no wall";
      row.means = "builds share this machine's network, its loopback services included";
      row.todo = "runner.network = \"egress\" in the settings";
      break;
  }
  return row;
}

}  // namespace

void examine_sandbox(const Options& options, Processes& processes, std::vector<Row>& rows) {
  model::NetworkSettings none;
  none.mode = model::NetworkMode::none;
  const Result<SandboxHost> bare = probe_sandbox(options.agent, none);
  const bool needed = options.network.mode == model::NetworkMode::egress;
  rows.push_back(sandbox(bare));
  rows.push_back(user_namespaces());
  rows.push_back(bubblewrap(processes));
  rows.push_back(seccomp());
  const Result<SandboxHost> walled = bare ? probe_sandbox(options.agent, options.network) : bare;
  rows.push_back(wall(bare, walled, options.network));
  rows.push_back(slirp(processes, needed));
  rows.push_back(tun(needed));
}

}  // namespace kiln::runner
