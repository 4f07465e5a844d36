#include "serving/spawn.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>
#include <vector>

#include "base/child.h"
#include "base/memory_file.h"
#include "base/start_child.h"
#include "confine/seccomp_filter.h"

namespace kiln::serving {
namespace {

constexpr int kBacklog = 511;
// Address space that the runtime maps writable and mostly never touches, which counts all the same.
constexpr std::size_t kRuntimeReserve = std::size_t{576} << 20U;
constexpr std::size_t kChunk = 64U << 10U;

tl::unexpected<Error> start_failed(std::string_view doing) {
  return fail(Errc::io, fmt::format("starting workerd: {}: {}", doing, std::strerror(errno)));
}

}  // namespace

Result<Fd> listen_on(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.size() >= sizeof address.sun_path) {
    return fail(Errc::io, fmt::format("the socket path {} is longer than {} bytes; use a shorter --data-dir",
                                      text, sizeof address.sun_path - 1));
  }
  std::memcpy(static_cast<char*>(address.sun_path), text.data(), text.size());
  unlink(text.c_str());
  Fd socket_fd = moved_up(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!socket_fd) return start_failed("making a socket");
  // The mode of a socket before it is bound is the mode of its file.
  if (fchmod(socket_fd.get(), 0600) != 0 ||
      bind(socket_fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      listen(socket_fd.get(), kBacklog) != 0)
    return start_failed("listening on " + text);
  return socket_fd;
}

Result<Spawned> spawn(const Engine& engine, SandboxSpec spec, std::string_view config) {
  if (const Status fits = check_engine(engine); !fits) return tl::unexpected<Error>(fits.error());
  const bool root = geteuid() == 0;
  Result<Ends> control = pipe_from_child();
  Result<Ends> out = pipe_from_child();
  Result<Ends> err = pipe_from_child();
  for (const Result<Ends>* ends : {&control, &out, &err}) {
    if (!*ends) return context(ends->error(), "starting workerd");
    fcntl((*ends)->ours.get(), F_SETFL, O_NONBLOCK);
  }
  const Result<Fd> config_file = memory_file(config);
  if (!config_file) return tl::unexpected<Error>(config_file.error());
  spec.config_fd = config_file->get();
  spec.control_fd = control->theirs.get();
  const Result<std::string>& filter = confine::seccomp_program(spec.confined);
  if (!filter) return tl::unexpected<Error>(filter.error());
  const Result<Fd> seccomp_file = memory_file(*filter);
  if (!seccomp_file) return tl::unexpected<Error>(seccomp_file.error());
  spec.seccomp_fd = seccomp_file->get();
  const Result<Fd> options = memory_file(zero_ended(sandbox_arguments(root, engine, spec)));
  if (!options) return tl::unexpected<Error>(options.error());

  std::vector<std::string> words{"bwrap", "--args", std::to_string(options->get()), "--"};
  for (std::string& word : workerd_command(root, spec)) words.push_back(std::move(word));
  const std::vector<char*> argv = pointers_to(words);
  std::vector<std::string> environment;
  const std::vector<char*> environment_pointers = pointers_to(environment);
  const std::string bwrap = system_program("bwrap");
  std::vector<int> inherited{spec.config_fd, spec.control_fd, spec.seccomp_fd, options->get()};
  for (const auto& [name, fd] : spec.sockets) inherited.push_back(fd);
  inherited.push_back(spec.lock_fd);
  ChildPlan plan{.program = bwrap.c_str(), .argv = argv.data(), .environment = environment_pointers.data()};
  plan.out = out->theirs.get();
  plan.err = err->theirs.get();
  plan.inherited = inherited;
  plan.prepare = [most = rlim_t{kRuntimeReserve + engine.memory_bytes},
                  file = rlim_t{spec.largest_file}]() -> const char* {
    umask(022);
    const rlimit memory{most, most};
    if (setrlimit(RLIMIT_DATA, &memory) != 0) return "limiting memory";
    const rlimit files{file, file};
    return file == 0 || setrlimit(RLIMIT_FSIZE, &files) == 0 ? nullptr : "limiting files";
  };
  Result<Child> child = start_child(plan);
  if (!child) return context(child.error(), "starting workerd");
  Spawned spawned;
  spawned.pid = child->pid;
  spawned.process = std::move(child->handle);
  spawned.control = std::move(control->ours);
  spawned.out = std::move(out->ours);
  spawned.err = std::move(err->ours);
  return spawned;
}

void kill_now(const Spawned& process) {
  kill(process.pid, SIGKILL);
}

Ending reap(const Spawned& process) {
  int status = 0;
  while (waitpid(process.pid, &status, 0) < 0 && errno == EINTR) {
  }
  Ending ending;
  if (WIFSIGNALED(status)) ending.signal = WTERMSIG(status);
  if (WIFEXITED(status)) ending.exit_code = WEXITSTATUS(status);
  // bubblewrap passes a signal on as an exit code.
  if (ending.exit_code > 128) {
    ending.signal = ending.exit_code - 128;
    ending.exit_code = 0;
  }
  return ending;
}

bool read_some(Fd& fd, std::string& into) {
  if (!fd) return false;
  std::array<char, kChunk> chunk;  // NOLINT(*-member-init): filled by read
  const ssize_t got = read(fd.get(), chunk.data(), chunk.size());
  if (got < 0 && errno == EINTR) return true;
  if (got < 0 && errno == EAGAIN) return false;
  if (got <= 0) {
    fd.reset();
    return false;
  }
  into.append(chunk.data(), static_cast<std::size_t>(got));
  return true;
}

}  // namespace kiln::serving
