#include "serving/front/process_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace kiln::serving {
namespace {

// `folder` stays open while the address is used, when the path is too long for an address.
bool unix_address(const std::string& path, sockaddr_un& address, Fd& folder) {
  std::string reach = path;
  if (path.size() >= sizeof address.sun_path) {
    const std::filesystem::path full(path);
    folder = Fd(open(full.parent_path().c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    reach = fmt::format("/proc/self/fd/{}/{}", folder.get(), full.filename().string());
  }
  if (reach.empty() || reach.size() >= sizeof address.sun_path) return false;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, reach.data(), reach.size());
  return true;
}

}  // namespace

Result<Fd> connect_unix(const std::string& path) {
  sockaddr_un address{};
  Fd folder;
  if (!unix_address(path, address, folder))
    return fail(Errc::io, "The Worker's process listens at an address that is too long.");
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return fail(Errc::unavailable, "Kiln has no file descriptors left. Try again later.");
  while (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    if (errno == EINTR) continue;
    // A unix socket never connects later.
    if (errno == EAGAIN) return fail(Errc::conflict, "The Worker's process takes no more connections now.");
    return fail(Errc::io, "The Worker's process is gone.");
  }
  return fd;
}

const std::string* entrypoint_path(const Endpoint& endpoint, const std::string& entrypoint) {
  if (endpoint.entrypoints == nullptr) return nullptr;
  const auto found = endpoint.entrypoints->find(entrypoint);
  return found == endpoint.entrypoints->end() ? nullptr : &found->second;
}

tl::unexpected<Error> no_entrypoint(const std::string& entrypoint) {
  return fail(Errc::not_found,
              entrypoint.empty()
                  ? std::string("The Worker has no module that could be called.")
                  : fmt::format("The Worker's version exports no entrypoint {}: a class that extends "
                                "WorkerEntrypoint, by that name. Export it and deploy, or mend the binding.",
                                entrypoint));
}

}  // namespace kiln::serving
