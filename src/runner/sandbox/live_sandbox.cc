// Sandbox over a launched bubblewrap: the talk with the agent, and the certainty that nothing is left at the
// end.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <mutex>
#include <optional>

#include "base/log.h"
#include "base/strings.h"
#include "runner/agent/protocol.h"
#include "runner/sandbox/child_pid.h"
#include "runner/sandbox/folders.h"
#include "runner/sandbox/launch.h"
#include "runner/sandbox/limits/keeper.h"
#include "runner/sandbox/network/host_facts.h"
#include "runner/sandbox/network/wall.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kChunk = 64U << 10U;
constexpr std::size_t kMaxWords = 8U << 10U;
constexpr std::chrono::milliseconds kGone{10'000};  // the kernel needs well under a second
constexpr std::chrono::milliseconds kStart{10'000};
constexpr std::chrono::milliseconds kLastWords{500};

// Waits until `fd` can be read or has ended.
bool wait_readable(int fd, std::chrono::milliseconds at_most) {
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  while (true) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd wanted{fd, POLLIN, 0};
    const int ready = poll(&wanted, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

// Reads to the end, as far as it comes in time.
std::string read_words(int fd, std::chrono::milliseconds patience, char until = '\0') {
  std::string words;
  std::array<char, 1024> chunk{};
  while (words.size() < kMaxWords && wait_readable(fd, patience)) {
    const ssize_t got = read(fd, chunk.data(), chunk.size());
    if (got <= 0) break;
    words.append(chunk.data(), static_cast<std::size_t>(got));
    if (until != '\0' && words.find(until) != std::string::npos) break;
  }
  return words;
}

void kill_by(const Fd& process) {
  if (process) syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
}

class LiveSandbox final : public Sandbox {
 public:
  LiveSandbox(Launched launched, std::filesystem::path build_folder, std::unique_ptr<Confinement> limits)
      : child_(std::move(launched)), build_folder_(std::move(build_folder)), limits_(std::move(limits)) {
    if (limits_) limits_->watch([this] { end_build(); });
  }
  ~LiveSandbox() override { close(); }
  LiveSandbox(const LiveSandbox&) = delete;
  LiveSandbox& operator=(const LiveSandbox&) = delete;

  // Before the first run().
  void stand_behind(std::unique_ptr<NetworkWall> wall) { wall_ = std::move(wall); }

  Result<CommandEnd> run(const Command& command,
                         const std::function<void(std::string_view)>& output) override {
    const std::optional<std::string> frame =
        agent::encode(command.argv, command.environment, command.directory);
    if (!frame)
      return fail(Errc::invalid, "a command's words or environment hold a NUL byte or are too large");
    if (closed_) return fail(Errc::unavailable, "the sandbox is closed");
    if (Status ready = wait_until_ready(); !ready) return stopped_or(std::move(ready.error()));
    if (!send_whole(*frame)) return stopped_or(lost());
    return follow(output);
  }

  void stop() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    // While it starts, run() and close() do it: a bubblewrap killed between its fork and its word about the
    // child would leave a parked process that nobody knows.
    if (init_) kill_all();
  }

  Usage usage() override { return limits_ ? limits_->usage() : Usage{}; }
  Harm harm() override {
    Harm harm = limits_ ? limits_->harm(lost_) : Harm{};
    harm.network_lost = !lost_ && !was_stopped() && wall_ && wall_->has_lost_its_stack();
    return harm;
  }

  void close() override {
    if (closed_) return;
    closed_ = true;
    learn_init();
    {
      const std::lock_guard lock(mutex_);
      kill_all();
    }
    if (wall_) wall_->end();
    while (waitpid(child_.pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    wait_until_empty();
    wall_.reset();
    {
      const std::lock_guard lock(mutex_);
      child_.process.reset();
      init_.reset();
    }
    if (limits_) {
      limits_->close();
    } else if (Status removed = remove_tree(build_folder_); !removed) {
      log::warn("a build's folder stays behind reason=\"{}\"", removed.error().message);
    }
  }

 private:
  // Under mutex_. The namespace's init first: with it dies everything inside.
  void kill_all() {
    kill_by(init_);
    kill_by(child_.process);
  }

  // A limit wants everything ended.
  void end_build() {
    const std::lock_guard lock(mutex_);
    over_limit_ = true;
    if (init_) kill_all();
  }

  [[nodiscard]] bool was_stopped() {
    const std::lock_guard lock(mutex_);
    return stopped_;
  }

  // Takes a handle on the first process inside, whose end is the end of all the others. The number is good:
  // nobody has reaped that process while bubblewrap, its parent, still holds it or it still runs.
  void learn_init() {
    if (info_read_) return;
    info_read_ = true;
    const std::optional<pid_t> pid = child_pid(read_words(child_.info.get(), kStart, '}'));
    if (!pid) return;
    const std::lock_guard lock(mutex_);
    init_ = Fd(static_cast<int>(syscall(SYS_pidfd_open, *pid, 0)));
    if (stopped_ || over_limit_) kill_all();
  }

  // bubblewrap tells about its child before it lets it go on to become the agent, which says hello.
  Status wait_until_ready() {
    if (ready_) return {};
    learn_init();
    if (!wait_readable(child_.control.get(), kStart)) {
      return fail(Errc::unavailable,
                  fmt::format("the sandbox did not start within {} s", kStart.count() / 1000));
    }
    const std::optional<agent::Report> hello = read_report();
    if (!hello || hello->kind != agent::Report::Kind::hello) return tl::unexpected<Error>(lost());
    // The agent does nothing before its first frame, so here is early enough.
    if (wall_) {
      if (Status standing = wall_->wait(); !standing)
        return context(std::move(standing.error()), "the network of this build");
    }
    ready_ = true;
    return {};
  }

  // Blocks until the agent speaks; nothing when it is gone or speaks nonsense.
  std::optional<agent::Report> read_report() {
    agent::Report report;
    ssize_t got = 0;
    do {
      got = recv(child_.control.get(), &report, sizeof report, MSG_WAITALL);
    } while (got < 0 && errno == EINTR);
    if (got != sizeof report || !agent::is_known(report.kind)) return std::nullopt;
    if (limits_) limits_->spent({report.cpu_us, report.written, report.largest_process});
    return report;
  }

  bool send_whole(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = send(child_.control.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent < 0 && errno == EINTR) continue;
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Passes output on until the agent reports. By then every writer is dead, so what the pipe holds is all
  // there is.
  Result<CommandEnd> follow(const std::function<void(std::string_view)>& output) {
    buffer_.resize(kChunk);
    while (true) {
      std::array<pollfd, 2> wanted{pollfd{child_.log.get(), POLLIN, 0},
                                   pollfd{child_.control.get(), POLLIN, 0}};
      if (poll(wanted.data(), wanted.size(), -1) < 0 && errno != EINTR) {
        return fail(Errc::io, fmt::format("waiting for a command: {}", std::strerror(errno)));
      }
      if ((wanted[1].revents & (POLLIN | POLLHUP | POLLERR)) != 0) break;
      if ((wanted[0].revents & (POLLIN | POLLHUP)) != 0) pass_on(output);
    }
    const std::optional<agent::Report> report = read_report();
    while (pass_on(output)) {
    }
    if (!report || report->kind == agent::Report::Kind::hello) return stopped_or(lost());
    if (was_stopped()) return CommandEnd{.signal = SIGKILL, .stopped = true};
    if (report->kind == agent::Report::Kind::signalled) return CommandEnd{.signal = report->value};
    return CommandEnd{.exit_code = report->value};
  }

  // One read; false when nothing is there.
  bool pass_on(const std::function<void(std::string_view)>& output) {
    const ssize_t got = read(child_.log.get(), buffer_.data(), buffer_.size());
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    output(std::string_view(buffer_).substr(0, static_cast<std::size_t>(got)));
    return true;
  }

  Result<CommandEnd> stopped_or(Error error) {
    if (was_stopped()) return CommandEnd{.signal = SIGKILL, .stopped = true};
    return tl::unexpected<Error>(std::move(error));
  }

  Error lost() {
    lost_ = true;
    const std::string words(trim(to_valid_utf8(read_words(child_.words.get(), kLastWords))));
    const char* when = ready_ ? "the sandbox ended while it was in use" : "the sandbox did not start";
    return {Errc::unavailable, words.empty() ? std::string(when) : fmt::format("{}: {}", when, words), {}};
  }

  // The outer bubblewrap is gone by now, but hundreds of processes may take a while to die.
  void wait_until_empty() {
    const bool gone = init_ ? wait_readable(init_.get(), kGone) : wait_for_hang_up();
    if (!gone || (limits_ && !limits_->wait_until_empty(kGone)))
      log::error("processes of a build are still there folder={}", build_folder_.string());
  }

  // Without a handle on the init (bubblewrap died before it told): whoever was forked held the agent's
  // socket.
  bool wait_for_hang_up() {
    const auto deadline = std::chrono::steady_clock::now() + kGone;
    std::array<char, 256> rest{};
    while (std::chrono::steady_clock::now() < deadline && wait_readable(child_.control.get(), kGone)) {
      if (read(child_.control.get(), rest.data(), rest.size()) <= 0) return true;
    }
    return false;
  }

  Launched child_;
  std::unique_ptr<NetworkWall> wall_;  // null: the build shares the host's network
  const std::filesystem::path build_folder_;
  const std::unique_ptr<Confinement> limits_;  // or null
  std::string buffer_;
  std::atomic<bool> lost_{false};  // ended while it was in use
  bool ready_ = false;
  bool info_read_ = false;
  bool closed_ = false;

  std::mutex mutex_;  // over what stop() touches: the two process handles and the flag
  Fd init_;
  bool stopped_ = false;
  bool over_limit_ = false;
};

}  // namespace

Result<std::unique_ptr<Sandbox>> Sandbox::start(const SandboxHost& host, const SandboxSpec& spec) {
  const bool own = host.mode == IdentityMode::own_uid;
  if (own && geteuid() == 0) {
    // Inside, such a build would be the machine's root to the kernel.
    return fail(Errc::internal, "a sandbox in mode own_uid must not be started by root");
  }
  const unsigned uid = own ? geteuid() : host.first_uid + static_cast<unsigned>(spec.slot);
  if (uid == 0) return fail(Errc::invalid, "the build's uid must not be 0", "first_uid");
  std::unique_ptr<Confinement> limits;
  if (spec.limits != nullptr) {
    Result<std::unique_ptr<Confinement>> admitted = spec.limits->admit(spec.build_folder, own);
    if (!admitted) return context(std::move(admitted.error()), "setting the build's limits");
    limits = std::move(*admitted);
  }
  const bool has_disk = limits && limits->has_disk();
  if (Status made =
          has_disk ? fill_build_folder(limits->folder(), uid) : make_build_folders(spec.build_folder, uid);
      !made) {
    return context(std::move(made.error()), "preparing the build's folder");
  }
  Result<NetworkPolicy> policy = policy_for(host.network, spec.api_base_url);
  if (!policy) return tl::unexpected<Error>(std::move(policy.error()));
  Result<Launched> launched = launch(host.mode, uid, spec, *policy, limits.get());
  if (!launched) {
    if (!limits) (void)remove_tree(spec.build_folder);
    return tl::unexpected<Error>(std::move(launched.error()));
  }
  const bool walled = policy->mode != NetworkMode::host;
  WallPlan plan{host.mode, uid, launched->pid, {}, std::move(*policy), {}};
  if (limits) plan.cgroup = limits->doors();
  // Somebody has to hold its other end, or bubblewrap dies when it writes.
  if (walled) plan.status = std::move(launched->status);
  auto sandbox = std::make_unique<LiveSandbox>(std::move(*launched), spec.build_folder, std::move(limits));
  if (walled) {
    Result<std::unique_ptr<NetworkWall>> wall = NetworkWall::raise(std::move(plan));
    if (!wall) return tl::unexpected<Error>(std::move(wall.error()));
    sandbox->stand_behind(std::move(*wall));
  }
  return sandbox;
}

}  // namespace kiln::runner
