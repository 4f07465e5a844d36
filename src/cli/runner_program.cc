#include "cli/runner_program.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "base/child.h"
#include "base/memory_file.h"
#include "base/start_child.h"

namespace kiln::cli {
namespace {

constexpr std::array<int, 3> kEndings{SIGINT, SIGTERM, SIGHUP};
std::atomic<pid_t> running{0};

void pass_on(int /*signal*/) {
  const int kept = errno;
  if (const pid_t pid = running; pid > 0) kill(pid, SIGTERM);
  errno = kept;
}

// The ending signals go to the runner while this lives.
class Forwarding {
 public:
  explicit Forwarding(pid_t pid) {
    running = pid;
    struct sigaction action {};
    action.sa_handler = pass_on;
    for (std::size_t i = 0; i < kEndings.size(); ++i) sigaction(kEndings[i], &action, &before_[i]);
  }
  ~Forwarding() {
    for (std::size_t i = 0; i < kEndings.size(); ++i) sigaction(kEndings[i], &before_[i], nullptr);
    running = 0;
  }
  Forwarding(const Forwarding&) = delete;
  Forwarding& operator=(const Forwarding&) = delete;

 private:
  std::array<struct sigaction, kEndings.size()> before_{};
};

void read_lines(int from, const std::function<bool(std::string_view)>& on_line) {
  std::string held;
  std::array<char, 64U << 10U> buffer{};
  while (true) {
    const ssize_t got = read(from, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    held.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (std::size_t end = 0; (end = held.find('\n', begin)) != std::string::npos; begin = end + 1) {
      if (!on_line(std::string_view(held).substr(begin, end - begin))) pass_on(0);
    }
    held.erase(0, begin);
  }
  if (!held.empty()) (void)on_line(held);
}

}  // namespace

std::filesystem::path program_folder() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
}

std::vector<std::string> runner_arguments(const std::string& work, const std::filesystem::path& root,
                                          const std::string& config) {
  const std::filesystem::path folder = program_folder();
  std::vector<std::string> argv{(folder / "kiln-runner").string(), work, "--root", root.string(), "--agent",
                                (folder / "kiln-agent").string()};
  if (!config.empty()) argv.insert(argv.end(), {"--config", config});
  return argv;
}

std::vector<std::string> own_environment() {
  std::vector<std::string> environment;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    environment.emplace_back(*entry);
  return environment;
}

Result<int> run_runner(const std::vector<std::string>& argv, std::string_view input,
                       const std::function<bool(std::string_view)>& on_line) {
  Result<Fd> job = memory_file(input);
  if (!job) return tl::unexpected<Error>(job.error());
  Result<Ends> lines = pipe_from_child();
  if (!lines) return tl::unexpected<Error>(lines.error());
  std::vector<std::string> copies = argv;
  const std::vector<char*> words = pointers_to(copies);
  ChildPlan plan{.program = words[0], .argv = words.data()};
  plan.group = ChildPlan::Group::callers;
  plan.keep_ignored_signals = true;
  plan.in = job->get();
  plan.out = lines->theirs.get();
  plan.err = STDERR_FILENO;
  const Result<Child> child = start_child(plan);
  if (!child) {
    return fail(Errc::io, fmt::format("{}: {}; it belongs beside kiln", argv.front(), child.error().message));
  }
  const Forwarding forwarding(child->pid);
  lines->theirs.reset();
  job->reset();
  read_lines(lines->ours.get(), on_line);
  int status = 0;
  while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFSIGNALED(status)) return 128 + WTERMSIG(status);
  return WEXITSTATUS(status);
}

}  // namespace kiln::cli
