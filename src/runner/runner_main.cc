// kiln-runner: takes builds from a server and runs them in sandboxes, or one build without a server, or says
// what this machine can do. Only wires; see runner/service.h, local/ and doctor/.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

#include "base/log.h"
#include "runner/doctor/doctor.h"
#include "runner/local/local_build.h"
#include "runner/sandbox/limits/disk_image.h"
#include "runner/service.h"

namespace {

// Each build may have the runner hold 128 descriptors for its connections (sandbox/network/relay.h).
void raise_descriptor_limit() {
  constexpr rlim_t kEnough = 65'536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= kEnough) return;
  limit.rlim_cur = std::min(limit.rlim_max, kEnough);
  setrlimit(RLIMIT_NOFILE, &limit);
}

// It holds builds' secrets: nobody may read its memory, and it never outlives the server that started it.
bool harden() {
  const pid_t parent = getppid();
  const rlimit no_core{0, 0};
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || prctl(PR_SET_DUMPABLE, 0) != 0) return false;
  if (setrlimit(RLIMIT_CORE, &no_core) != 0) return false;
  umask(022);
  return getppid() == parent;
}

// The server tells another log level by SIGHUP with its number; any other SIGHUP is for others.
int wait_for_end(const sigset_t& ends) {
  while (true) {
    siginfo_t told{};
    const int signal_number = sigwaitinfo(&ends, &told);
    if (signal_number == SIGTERM || signal_number == SIGINT) return signal_number;
    if (signal_number == SIGHUP && told.si_code == SI_QUEUE && told.si_value.sival_int >= 0 &&
        told.si_value.sival_int <= static_cast<int>(kiln::log::Level::error))
      kiln::log::set_level(static_cast<kiln::log::Level>(told.si_value.sival_int));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const kiln::Result<kiln::runner::Options> options = kiln::runner::parse_options(arguments);
  if (!options) {
    const bool of_settings = options.error().field == "--config";
    std::fprintf(stderr, "kiln-runner: %s\n%s", options.error().message.c_str(),
                 of_settings ? "" : kiln::runner::kUsage);
    return 2;
  }
  if (!harden()) {
    std::fputs("kiln-runner: this kernel refuses to protect the runner's memory\n", stderr);
    return 1;
  }
  raise_descriptor_limit();
  // Without a server what has to be said stands in the build's log or in the doctor's rows.
  const bool serves = options->work == kiln::runner::Work::serve;
  kiln::log::start("kiln-runner", serves ? options->log_level : kiln::log::Level::error, options->log_format);
  // Before any thread starts, as what follows. What is mounted for builds then ends with this process.
  if (geteuid() == 0) {
    if (const kiln::Status entered = kiln::runner::enter_own_mounts(); !entered) {
      kiln::log::warn("builds' disks are mounted where the host sees them: {}", entered.error().message);
    }
  }
  // Blocked before any thread starts, so that only wait_for_end() gets them.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  if (serves) sigaddset(&ends, SIGHUP);
  sigprocmask(SIG_BLOCK, &ends, nullptr);
  signal(SIGPIPE, SIG_IGN);
  if (options->work == kiln::runner::Work::doctor) return kiln::runner::run_doctor(*options);
  if (options->work == kiln::runner::Work::local) return kiln::runner::run_local_build(*options, ends);
  auto service = kiln::runner::RunnerService::start(*options);
  if (!service) {
    kiln::log::error("the runner cannot start: {}", service.error().message);
    return 1;
  }
  const int signal_number = wait_for_end(ends);
  kiln::log::info("signal {}: stopping", signal_number);
  (*service)->stop();
  return 0;
}
