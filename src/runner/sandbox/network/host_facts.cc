#include "runner/sandbox/network/host_facts.h"

#include <fmt/format.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "base/fs.h"

namespace kiln::runner {
namespace {

constexpr std::size_t kMaxEtcFile = 1U << 20U;

std::optional<Address> address_of(const sockaddr* socket) {
  if (socket == nullptr) return std::nullopt;
  Address address;
  if (socket->sa_family == AF_INET) {
    address.bytes.resize(sizeof(in_addr));
    std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in*>(socket)->sin_addr,
                sizeof(in_addr));
    return address;
  }
  if (socket->sa_family == AF_INET6) {
    address.v6 = true;
    address.bytes.resize(sizeof(in6_addr));
    std::memcpy(address.bytes.data(), &reinterpret_cast<const sockaddr_in6*>(socket)->sin6_addr,
                sizeof(in6_addr));
    return address;
  }
  return std::nullopt;
}

void add_once(std::vector<Address>& list, const std::optional<Address>& address) {
  if (address && std::find(list.begin(), list.end(), *address) == list.end()) list.push_back(*address);
}

}  // namespace

Result<HostFacts> read_host_facts() {
  HostFacts facts;
  facts.resolv_conf = read_file("/etc/resolv.conf", kMaxEtcFile).value_or("");
  facts.hosts = read_file("/etc/hosts", kMaxEtcFile).value_or("127.0.0.1 localhost\n");
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0)
    return fail(Errc::io, fmt::format("listing this host's own addresses: {}", std::strerror(errno)));
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, freeifaddrs);
  for (const ifaddrs* one = first; one != nullptr; one = one->ifa_next) {
    add_once(facts.own_addresses, address_of(one->ifa_addr));
    // What is sent there is heard here as well.
    if ((one->ifa_flags & IFF_BROADCAST) != 0) add_once(facts.own_addresses, address_of(one->ifa_broadaddr));
  }
  return facts;
}

std::vector<Address> resolve(const std::string& name) {
  if (const std::optional<Address> literal = Address::parse(name)) return {*literal};
  std::vector<Address> found;
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* first = nullptr;
  if (getaddrinfo(name.c_str(), nullptr, &wanted, &first) != 0) return found;
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(first, freeaddrinfo);
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next)
    add_once(found, address_of(one->ai_addr));
  return found;
}

Result<NetworkPolicy> policy_for(const model::NetworkSettings& settings, const std::string& api_base_url) {
  const Result<HostFacts> host = read_host_facts();
  if (!host) return tl::unexpected<Error>(host.error());
  std::optional<ApiEndpoint> api = api_endpoint(api_base_url);
  if (api) api->addresses = resolve(api->name);
  return network_policy(settings, api, *host);
}

}  // namespace kiln::runner
