#include "http/listen.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>

namespace kiln::http {
namespace {

constexpr int kBacklog = 512;
constexpr int kSocketFlags = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

tl::unexpected<Error> system_error(const std::string& doing) {
  return fail(Errc::io, fmt::format("{}: {}", doing, std::strerror(errno)));
}

std::uint16_t port_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  if (address.ss_family == AF_INET6) return ntohs(reinterpret_cast<sockaddr_in6*>(&address)->sin6_port);
  return ntohs(reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

// A unix address for `path`, and the folder that must stay open while it is used when the path is a long one.
struct UnixAddress {
  sockaddr_un address{};
  Fd folder;
};

Result<UnixAddress> unix_address(const std::string& path) {
  UnixAddress made;
  made.address.sun_family = AF_UNIX;
  std::string reach = path;
  if (path.size() >= sizeof made.address.sun_path) {
    const std::filesystem::path full(path);
    made.folder = Fd(open(full.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!made.folder) return system_error(fmt::format("opening the folder of {}", path));
    reach = fmt::format("/proc/self/fd/{}/{}", made.folder.get(), full.filename().string());
  }
  if (path.empty() || reach.size() >= sizeof made.address.sun_path) {
    return fail(Errc::invalid,
                fmt::format("{} does not fit a socket's address; use a shorter file name", path));
  }
  std::memcpy(made.address.sun_path, reach.data(), reach.size());
  return made;
}

const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// Removes what a server that was killed left at `path`.
Status clear_stale(const std::string& path, const sockaddr_un& address) {
  struct stat info {};
  if (lstat(path.c_str(), &info) != 0) return {};
  if (!S_ISSOCK(info.st_mode)) return fail(Errc::io, fmt::format("{} exists and is not a socket", path));
  const Fd probe(socket(AF_UNIX, kSocketFlags, 0));
  if (connect(probe.get(), generic(address), sizeof address) == 0 || errno == EAGAIN) {
    return fail(Errc::io, fmt::format("another server is listening at {}", path));
  }
  if (errno != ECONNREFUSED) return system_error(fmt::format("asking who listens at {}", path));
  if (unlink(path.c_str()) != 0) return system_error(fmt::format("removing the old socket {}", path));
  return {};
}

}  // namespace

Result<Listening> open_tcp(const std::string& host, std::uint16_t port) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string address = host == "localhost" ? "127.0.0.1" : host;
  if (getaddrinfo(address.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    return fail(Errc::invalid, fmt::format("cannot listen on {:?}: give an IP address or localhost", host));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  Listening made{Fd(socket(found->ai_family, kSocketFlags, 0)), 0};
  const std::string doing = fmt::format("listening on {} port {}", host, port);
  const int on = 1;
  if (!made.socket || setsockopt(made.socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
      bind(made.socket.get(), found->ai_addr, found->ai_addrlen) != 0 ||
      listen(made.socket.get(), kBacklog) != 0) {
    return system_error(doing);
  }
  made.port = port_of(made.socket.get());
  return made;
}

Result<Listening> open_unix(const std::string& path) {
  const auto address = unix_address(path);
  if (!address) return tl::unexpected(address.error());
  if (Status cleared = clear_stale(path, address->address); !cleared) return tl::unexpected(cleared.error());
  Listening made{Fd(socket(AF_UNIX, kSocketFlags, 0)), 0};
  // The mode of the socket itself becomes the file's: there is no moment at which others could connect.
  if (!made.socket || fchmod(made.socket.get(), 0600) != 0 ||
      bind(made.socket.get(), generic(address->address), sizeof address->address) != 0 ||
      chmod(path.c_str(), 0600) != 0 || listen(made.socket.get(), kBacklog) != 0) {
    return system_error(fmt::format("listening at {}", path));
  }
  return made;
}

void turn_away(int connection, std::string_view answer) {
  ::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  shutdown(connection, SHUT_WR);
  // What has come already would make the close a reset, which takes the answer along. Not for ever: this is
  // the thread of all others too.
  std::array<char, 4096> unread{};
  for (int i = 0; i < 16 && recv(connection, unread.data(), unread.size(), MSG_DONTWAIT) > 0; ++i) {
  }
}

std::string peer_address(int connection) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  std::array<char, INET6_ADDRSTRLEN> text{};
  if (getpeername(connection, reinterpret_cast<sockaddr*>(&address), &size) != 0) return "unknown";
  const void* raw = nullptr;
  if (address.ss_family == AF_INET) raw = &reinterpret_cast<sockaddr_in*>(&address)->sin_addr;
  if (address.ss_family == AF_INET6) raw = &reinterpret_cast<sockaddr_in6*>(&address)->sin6_addr;
  if (raw == nullptr) return "unix";
  return inet_ntop(address.ss_family, raw, text.data(), text.size()) != nullptr ? text.data() : "unknown";
}

std::optional<unsigned> peer_uid(int connection) {
  int domain = 0;
  socklen_t domain_size = sizeof domain;
  if (getsockopt(connection, SOL_SOCKET, SO_DOMAIN, &domain, &domain_size) != 0 || domain != AF_UNIX)
    return {};
  ucred peer{};
  socklen_t size = sizeof peer;
  if (getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return std::nullopt;
  return peer.uid;
}

}  // namespace kiln::http
