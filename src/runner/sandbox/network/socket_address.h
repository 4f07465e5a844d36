// A door as the socket calls want it. Value; any thread.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstring>

#include "runner/sandbox/network/policy.h"

namespace kiln::runner {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  [[nodiscard]] int family() const { return storage.ss_family; }
  [[nodiscard]] const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

[[nodiscard]] inline SocketAddress socket_address(const Door& door) {
  SocketAddress address;
  if (door.address.v6) {
    auto* v6 = reinterpret_cast<sockaddr_in6*>(&address.storage);
    v6->sin6_family = AF_INET6;
    v6->sin6_port = htons(door.port);
    std::memcpy(&v6->sin6_addr, door.address.bytes.data(), door.address.bytes.size());
    address.size = sizeof *v6;
  } else {
    auto* v4 = reinterpret_cast<sockaddr_in*>(&address.storage);
    v4->sin_family = AF_INET;
    v4->sin_port = htons(door.port);
    std::memcpy(&v4->sin_addr, door.address.bytes.data(), door.address.bytes.size());
    address.size = sizeof *v4;
  }
  return address;
}

}  // namespace kiln::runner
