#include "base/resolver.h"

#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <memory>
#include <string_view>

namespace kiln {
namespace {

std::optional<IpAddress> address_of(const addrinfo& one) {
  if (one.ai_family == AF_INET) {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(one.ai_addr);
    return IpAddress::of_bytes({reinterpret_cast<const char*>(&v4->sin_addr), sizeof v4->sin_addr});
  }
  if (one.ai_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(one.ai_addr);
    return IpAddress::of_bytes({reinterpret_cast<const char*>(&v6->sin6_addr), sizeof v6->sin6_addr});
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<IpAddress>> SystemResolver::resolve(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int refused = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> held(list, &freeaddrinfo);
  std::vector<IpAddress> found;
  for (const addrinfo* one = list; refused == 0 && one != nullptr; one = one->ai_next) {
    const std::optional<IpAddress> address = address_of(*one);
    if (address && std::find(found.begin(), found.end(), *address) == found.end()) found.push_back(*address);
  }
  if (found.empty()) {
    return fail(Errc::unavailable, fmt::format("the name {} has no address: {}", host,
                                               refused == 0 ? "none of its kind" : gai_strerror(refused)));
  }
  return found;
}

}  // namespace kiln
