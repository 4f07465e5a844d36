#include "base/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace kiln {
namespace {

// The ends as the system made them.
Result<Ends> ends_of(const std::array<int, 2>& low, bool made, const char* what) {
  const int reason = errno;
  Ends ends{made ? moved_up(low[0]) : Fd(), made ? moved_up(low[1]) : Fd()};
  if (ends.ours && ends.theirs) return ends;
  return fail(Errc::io, fmt::format("making a {}: {}", what, std::strerror(made ? errno : reason)));
}

}  // namespace

Fd moved_up(int low) {
  const Fd given(low);
  return Fd(fcntl(given.get(), F_DUPFD_CLOEXEC, kFirstInherited));
}

Result<Ends> pipe_from_child() {
  std::array<int, 2> low{};
  const bool made = pipe2(low.data(), O_CLOEXEC) == 0;
  return ends_of(low, made, "pipe");
}

Result<Ends> pipe_to_child() {
  Result<Ends> ends = pipe_from_child();
  if (ends) std::swap(ends->ours, ends->theirs);
  return ends;
}

Result<Ends> socket_to_child(int type) {
  std::array<int, 2> low{};
  const bool made = socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, low.data()) == 0;
  return ends_of(low, made, "socket");
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::string zero_ended(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out.append(word).push_back('\0');
  return out;
}

std::string system_program(std::string_view name) {
  for (const char* folder : {"/usr/bin/", "/usr/local/bin/", "/bin/"}) {
    std::string path = folder;
    path += name;
    if (access(path.c_str(), X_OK) == 0) return path;
  }
  return {};
}

SignalsBlocked::SignalsBlocked() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before_);
}

SignalsBlocked::~SignalsBlocked() {
  pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void reset_signals(bool keep_ignored) {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction now {};
    if (keep_ignored && sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_IGN) continue;
    signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

}  // namespace kiln
