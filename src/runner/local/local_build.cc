#include "runner/local/local_build.h"

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "runner/local/local_server.h"
#include "runner/service.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kLargestJob = 16U << 20U;

Result<model::JobSpec> read_job() {
  std::string text;
  std::array<char, 64U << 10U> buffer{};
  while (text.size() <= kLargestJob) {
    const ssize_t got = read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return fail(Errc::io, "the job on standard input cannot be read");
    if (got == 0) return wire::decode_job(text);
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
  return fail(Errc::too_large, "the job on standard input is too large");
}

int complain(const Error& error) {
  std::fprintf(stderr, "kiln-runner: %s\n", error.message.c_str());
  return 1;
}

}  // namespace

int run_local_build(Options options, sigset_t ends) {
  Result<model::JobSpec> job = read_job();
  if (!job) return complain(job.error());
  options.concurrency = 1;
  options.runner_id = "local";
  // The end of the build comes as one more signal, so that one wait hears of everything.
  sigaddset(&ends, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  LocalServer server(std::move(*job), STDOUT_FILENO, [] { kill(getpid(), SIGUSR1); });
  auto service = RunnerService::start(options, server);
  if (!service) return complain(service.error());
  int signal_number = 0;
  sigwait(&ends, &signal_number);
  (*service)->stop();
  const std::optional<model::JobEnd> end = server.end();
  if (!end) std::fputs("kiln-runner: the build was stopped before its end\n", stderr);
  if (end && !server.was_given())
    return complain({Errc::unavailable, "no build is taken: " + end->reason, {}});
  return end && end->outcome == model::BuildOutcome::success ? 0 : 1;
}

}  // namespace kiln::runner
