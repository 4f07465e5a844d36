#include "runner/sandbox/network/slirp.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/capability.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <span>
#include <vector>

#include "base/child.h"
#include "base/start_child.h"
#include "base/strings.h"
#include "runner/agent/identity.h"
#include "runner/sandbox/network/slirp_jail.h"

namespace kiln::runner {
namespace {

constexpr const char* kProgram = "slirp4netns";
constexpr const char* kTun = "/dev/net/tun";
constexpr rlim_t kMaxDescriptors = 1024;  // each connection of the build's costs one, and its buffers
constexpr std::size_t kMaxSlirpWords = 2048;

// What its child does before it becomes slirp4netns.
struct SlirpPlan {
  IdentityMode mode = IdentityMode::own_uid;
  unsigned uid = 0;
  std::span<const int> cgroup;
  JailPlan jail = {};
};

// Root without its powers, but for the two that joining another's namespace takes; slirp4netns gives these up
// itself once it has joined.
bool keep_what_joining_takes() {
  constexpr std::uint32_t kept =
      (1U << CAP_NET_ADMIN) | (1U << CAP_SYS_ADMIN) | (1U << CAP_NET_BIND_SERVICE) | (1U << CAP_SETPCAP);
  for (int capability = 0; prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability) {
    const bool keep = capability < 32 && (kept & (1U << static_cast<unsigned>(capability))) != 0;
    if (!keep && prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) return false;
  }
  if (syscall(SYS_setgroups, 0, nullptr) != 0) return false;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct sets[2] = {{kept, kept, 0}, {0, 0, 0}};
  if (syscall(SYS_capset, &header, sets) != 0) return false;
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

const char* change_identity(const SlirpPlan& plan) {
  switch (plan.mode) {
    case IdentityMode::pool_uid:
      // The owner of the build's user namespace: that alone lets it join.
      return agent::become_unprivileged(plan.uid) ? nullptr : "giving up root";
    case IdentityMode::pool_uid_without_userns:
      return keep_what_joining_takes() ? nullptr : "giving up capabilities";
    case IdentityMode::own_uid:
      return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? nullptr : "forbidding new privileges";
  }
  return nullptr;
}

// When the build's memory runs out its own processes go first, so that the build can still tell about it.
// Takes a right that an ordinary user has not.
void prefer_others() {
  const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
  if (file < 0) return;
  (void)!write(file, "-500", 4);
  close(file);
}

const char* prepare_slirp(const SlirpPlan& plan) {
  for (const int door : plan.cgroup) {
    if (write(door, "0", 1) != 1) return "entering the build's cgroup";
  }
  prefer_others();
  rlimit descriptors{};
  getrlimit(RLIMIT_NOFILE, &descriptors);
  descriptors.rlim_max = std::min(descriptors.rlim_max, kMaxDescriptors);
  descriptors.rlim_cur = descriptors.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &descriptors) != 0) return "setting limits";
  if (plan.mode != IdentityMode::own_uid) {
    if (const char* step = enter_jail(plan.jail); step != nullptr) return step;
  }
  return change_identity(plan);
}

std::vector<std::string> words_for(IdentityMode mode, int ready, int life, const SlirpPlace& place) {
  const bool jailed = mode != IdentityMode::own_uid;
  std::vector<std::string> words{"slirp4netns",
                                 "--configure",
                                 "--mtu=65520",
                                 "--disable-host-loopback",
                                 "--enable-seccomp",
                                 fmt::format("--ready-fd={}", ready),
                                 fmt::format("--exit-fd={}", life)};
  if (mode == IdentityMode::pool_uid_without_userns) {
    words.emplace_back("--enable-sandbox");
  } else if (place.owner >= 0) {
    words.push_back("--userns-path=" + (jailed ? kJailOwner : fmt::format("/proc/self/fd/{}", place.owner)));
  }
  words.emplace_back("--netns-type=path");
  words.push_back(jailed ? kJailNetwork : fmt::format("/proc/self/fd/{}", place.network));
  words.emplace_back("tap0");
  return words;
}

}  // namespace

Status check_slirp(IdentityMode mode) {
  constexpr const char* kOtherwise =
      "Or choose runner.network = \"none\" (builds reach the server's API alone) or \"host\" (no wall: "
      "builds share the host's network) in the settings file.";
  if (system_program(kProgram).empty()) {
    return fail(
        Errc::unavailable,
        fmt::format("runner.network = \"egress\" needs slirp4netns: install the package slirp4netns. {}",
                    kOtherwise));
  }
  // As root the jail makes a node of its own, and opening that loads the module.
  if (mode == IdentityMode::own_uid && access(kTun, R_OK | W_OK) != 0) {
    return fail(
        Errc::unavailable,
        fmt::format(
            "runner.network = \"egress\" needs {}, which this user cannot open: {}. As root: `modprobe "
            "tun` when it is not there, `chmod 0666 {}` (and a udev rule KERNEL==\"tun\", "
            "MODE=\"0666\") when it is closed. {}",
            kTun, std::strerror(errno), kTun, kOtherwise));
  }
  return {};
}

Result<std::unique_ptr<Slirp>> Slirp::start(IdentityMode mode, unsigned uid, const SlirpPlace& place,
                                            const std::vector<int>& cgroup) {
  const std::string program = system_program(kProgram);
  if (program.empty()) return tl::unexpected<Error>(check_slirp(mode).error());
  Result<Ends> ready = pipe_from_child();
  Result<Ends> life = pipe_to_child();
  Result<Ends> said = pipe_from_child();
  for (const Result<Ends>* ends : {&ready, &life, &said}) {
    if (!*ends) return context(ends->error(), "starting slirp4netns");
  }
  // What nobody reads any more must not make it wait.
  fcntl(said->theirs.get(), F_SETFL, O_NONBLOCK);
  std::vector<std::string> words = words_for(mode, ready->theirs.get(), life->theirs.get(), place);
  const std::vector<char*> argv = pointers_to(words);
  std::string path = "PATH=/usr/bin:/bin";
  std::array<char*, 2> environment{path.data(), nullptr};
  SlirpPlan slirp_plan{.mode = mode, .uid = uid, .cgroup = cgroup};
  std::vector<int> inherited{ready->theirs.get(), life->theirs.get()};
  if (mode == IdentityMode::own_uid) {
    inherited.insert(inherited.end(), {place.network, place.owner});
  } else {
    slirp_plan.jail = jail_plan(place.network, place.owner);
  }
  ChildPlan plan{.program = program.c_str(), .argv = argv.data(), .environment = environment.data()};
  plan.group = ChildPlan::Group::session;
  plan.err = said->theirs.get();
  plan.inherited = inherited;
  plan.prepare = [&slirp_plan] { return prepare_slirp(slirp_plan); };
  Result<Child> child = start_child(plan);
  if (!child) return context(child.error(), "starting slirp4netns");
  std::unique_ptr<Slirp> slirp(new Slirp);
  slirp->pid_ = child->pid;
  slirp->process_ = std::move(child->handle);
  slirp->ready_ = std::move(ready->ours);
  slirp->life_ = std::move(life->ours);
  slirp->words_ = std::move(said->ours);
  fcntl(slirp->words_.get(), F_SETFL, O_NONBLOCK);
  return slirp;
}

Slirp::~Slirp() {
  if (pid_ < 0) return;
  life_.reset();
  kill(pid_, SIGKILL);  // not reaped yet: the number is ours
  while (waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

Status Slirp::wait_until_ready(std::chrono::milliseconds at_most, int stop) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    std::array<pollfd, 2> wanted{pollfd{ready_.get(), POLLIN, 0}, pollfd{stop, POLLIN, 0}};
    const int got =
        poll(wanted.data(), wanted.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (got < 0 && errno == EINTR) continue;
    if (wanted[1].revents != 0)
      return fail(Errc::unavailable, "the sandbox ended before its network was ready");
    if (got == 0) return fail(Errc::unavailable, "slirp4netns was not ready in time: " + last_words());
    char byte = 0;
    if (read(ready_.get(), &byte, 1) == 1) return {};
    return fail(Errc::unavailable, "slirp4netns ended: " + last_words());
  }
}

bool Slirp::has_ended() const {
  pollfd wanted{process_.get(), POLLIN, 0};
  return poll(&wanted, 1, 0) > 0;
}

std::string Slirp::last_words() const {
  std::array<char, kMaxSlirpWords> words{};
  const ssize_t got = read(words_.get(), words.data(), words.size());
  return got <= 0 ? "it said nothing" : to_valid_utf8({words.data(), static_cast<std::size_t>(got)});
}

}  // namespace kiln::runner
