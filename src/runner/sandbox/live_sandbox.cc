// Sandbox over a launched bubblewrap: the talk with the agent, and the certainty that nothing is left at the
// end.
#include "runner/sandbox/live_sandbox.h"

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
#include "runner/sandbox/launch.h"
#include "runner/sandbox/lend.h"
#include "runner/sandbox/network/wall.h"
#include "runner/sandbox/remover.h"
#include "runner/sandbox/sandbox.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kChunk = 128U << 10U;
constexpr int kPipe = 1 << 20;       // bytes of output that may wait in the kernel
constexpr std::size_t kLoud = 8192;  // bytes at once from which on a command is left to print more first
constexpr int kGatherMs = 1;
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

class BubblewrapSandbox final : public LiveSandbox {
 public:
  BubblewrapSandbox(Launched launched, const SandboxSpec& spec, std::unique_ptr<Confinement> limits)
      : child_(std::move(launched)),
        build_folder_(spec.build_folder),
        remover_(spec.remover),
        held_(spec.held),
        limits_(std::move(limits)) {
    // An ordinary user may be refused so large a pipe.
    has_large_pipe_ = fcntl(child_.log.get(), F_SETPIPE_SZ, kPipe) >= kPipe;
    if (limits_) limits_->watch([this] { end_build(); });
  }
  ~BubblewrapSandbox() override { close(); }
  BubblewrapSandbox(const BubblewrapSandbox&) = delete;
  BubblewrapSandbox& operator=(const BubblewrapSandbox&) = delete;

  void stand_behind(std::unique_ptr<NetworkWall> wall) override { wall_ = std::move(wall); }

  void lend(std::filesystem::path mirror, std::filesystem::path cache) override {
    lent_.push_back({std::move(mirror), kLentMirror, kMirror});
    if (!cache.empty()) lent_.push_back({std::move(cache), kLentCache, kCache});
  }

  [[nodiscard]] bool is_alive() const override {
    pollfd ended{child_.process.get(), POLLIN, 0};
    return poll(&ended, 1, 0) == 0 && !(wall_ && wall_->has_failed());
  }

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
    {
      const std::lock_guard lock(mutex_);
      child_.process.reset();
      init_.reset();
    }
    if (!limits_) {
      if (Status removed = remove_tree(build_folder_); !removed)
        log::warn("a build's folder stays behind reason={}", log::quoted(removed.error().message));
    }
    Remains remains{std::move(wall_), std::move(limits_), std::move(held_)};
    if (remover_ != nullptr) {
      remover_->add(std::move(remains));
    } else {
      remains.remove();
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
    init_number_ = *pid;
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
    if (Status shown = show_what_is_lent(); !shown) return shown;
    ready_ = true;
    return {};
  }

  // Now that bubblewrap has done its mounts and the agent waits for its first command.
  Status show_what_is_lent() {
    for (const Lent& lent : lent_) {
      if (Status mounted = lend_folder(lent.folder, limits_->folder() / lent.place); !mounted) return mounted;
      if (!is_seen_at(lent.folder, init_number_, lent.inside)) {
        return fail(Errc::unavailable, fmt::format("{} was lent to the sandbox and is not seen at {}",
                                                   lent.folder.string(), lent.inside));
      }
    }
    lent_.clear();
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
      if ((wanted[0].revents & (POLLIN | POLLHUP)) == 0) continue;
      if (drain(output) >= kLoud && has_large_pipe_) {
        // Woken at each of its writes, we would take turns with a loud command; its pipe holds what comes.
        (void)poll(&wanted[1], 1, kGatherMs);
      }
    }
    const std::optional<agent::Report> report = read_report();
    while (drain(output) > 0) {
    }
    if (!report || report->kind == agent::Report::Kind::hello) return stopped_or(lost());
    if (was_stopped()) return CommandEnd{.signal = SIGKILL, .stopped = true};
    if (report->kind == agent::Report::Kind::signalled) return CommandEnd{.signal = report->value};
    return CommandEnd{.exit_code = report->value};
  }

  // Passes on what the pipe holds; how many bytes that was.
  std::size_t drain(const std::function<void(std::string_view)>& output) {
    std::size_t total = 0;
    while (true) {
      const ssize_t got = read(child_.log.get(), buffer_.data(), buffer_.size());
      if (got < 0 && errno == EINTR) continue;
      if (got <= 0) return total;
      output(std::string_view(buffer_).substr(0, static_cast<std::size_t>(got)));
      total += static_cast<std::size_t>(got);
      if (static_cast<std::size_t>(got) < buffer_.size()) return total;
    }
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

  // The outer bubblewrap is gone by now, but hundreds of processes may take a while to die. The first of
  // their namespace is the last to end; what is left in the cgroup then is the network stack.
  void wait_until_empty() {
    if (!(init_ ? wait_readable(init_.get(), kGone) : wait_for_hang_up()))
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

  struct Lent {
    std::filesystem::path folder;
    const char* place;  // on the build's disk
    const char* inside;
  };

  Launched child_;
  std::unique_ptr<NetworkWall> wall_;  // null: the build shares the host's network
  const std::filesystem::path build_folder_;
  Remover* const remover_;  // or null
  std::shared_ptr<const void> held_;
  std::unique_ptr<Confinement> limits_;  // or null
  std::vector<Lent> lent_;               // and not shown yet
  std::string buffer_;
  std::atomic<bool> lost_{false};  // ended while it was in use
  bool has_large_pipe_ = false;
  bool ready_ = false;
  bool info_read_ = false;
  bool closed_ = false;
  pid_t init_number_ = -1;

  std::mutex mutex_;  // over what stop() touches: the two process handles and the flag
  Fd init_;
  bool stopped_ = false;
  bool over_limit_ = false;
};

}  // namespace

std::unique_ptr<LiveSandbox> make_live(Launched launched, const SandboxSpec& spec,
                                       std::unique_ptr<Confinement> limits) {
  return std::make_unique<BubblewrapSandbox>(std::move(launched), spec, std::move(limits));
}

}  // namespace kiln::runner
