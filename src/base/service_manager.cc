#include "base/service_manager.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/fs.h"

namespace kiln {
namespace {

std::string take_variable(const char* name) {
  const char* value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  unsetenv(name);
  return taken;
}

std::optional<std::uint64_t> whole(const std::string& text) {
  std::uint64_t value = 0;
  const auto [at, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || at != text.data() + text.size()) return std::nullopt;
  return value;
}

// Another process's watchdog is none of ours.
std::optional<std::chrono::milliseconds> half_of(const std::string& micros, const std::string& pid) {
  const std::optional<std::uint64_t> limit = whole(micros);
  if (!limit || *limit == 0) return std::nullopt;
  if (!pid.empty() && whole(pid) != static_cast<std::uint64_t>(getpid())) return std::nullopt;
  constexpr std::uint64_t kLongest = 3'600'000;
  return std::chrono::milliseconds(std::clamp<std::uint64_t>(*limit / 2'000, 1, kLongest));
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
  ServiceManager manager;
  manager.socket_ = take_variable("NOTIFY_SOCKET");
  const std::string micros = take_variable("WATCHDOG_USEC");
  const std::string pid = take_variable("WATCHDOG_PID");
  if (!manager.socket_.empty()) manager.alive_every_ = half_of(micros, pid);
  return manager;
}

Status ServiceManager::tell(std::string_view assignments) const {
  if (socket_.empty()) return {};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.size() >= sizeof address.sun_path)
    return fail(Errc::io, fmt::format("NOTIFY_SOCKET={}: too long for a socket's path", socket_));
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (socket_.front() == '@') address.sun_path[0] = '\0';
  const Fd sender(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  if (!sender || sendto(sender.get(), assignments.data(), assignments.size(), MSG_NOSIGNAL,
                        reinterpret_cast<const sockaddr*>(&address), size) < 0) {
    return fail(Errc::io,
                fmt::format("telling the service manager at {}: {}", socket_, std::strerror(errno)));
  }
  return {};
}

}  // namespace kiln
