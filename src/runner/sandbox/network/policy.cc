#include "runner/sandbox/network/policy.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/special_addresses.h"
#include "base/strings.h"

namespace kiln::runner {
namespace {

struct Range {
  const char* address;
  int length;
};

// slirp4netns's own network, of which the name server alone is let through (by a rule, netlink.h).
constexpr Range kSlirps{"10.0.2.0", 24};

constexpr std::array kPrivate{Range{"10.0.0.0", 8}, Range{"100.64.0.0", 10}, Range{"172.16.0.0", 12},
                              Range{"192.168.0.0", 16}, Range{"198.18.0.0", 15}};

Route refuse(const Range& range) {
  return {*Address::parse(range.address), range.length, true};
}

bool contains(const std::vector<Address>& list, const Address& wanted) {
  return std::find(list.begin(), list.end(), wanted) != list.end();
}

bool is_in_slirps_network(const Address& address) {
  return !address.v6 && address.bytes[0] == 10 && address.bytes[1] == 0 && address.bytes[2] == 2;
}

bool is_wildcard(const Address& address) {
  return std::all_of(address.bytes.begin(), address.bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

// The address at which a build finds the API: v4 where there is one.
std::optional<Address> best_of(const std::vector<Address>& addresses) {
  if (addresses.empty()) return std::nullopt;
  const auto v4 =
      std::find_if(addresses.begin(), addresses.end(), [](const Address& address) { return !address.v6; });
  Address best = v4 == addresses.end() ? addresses.front() : *v4;
  // Whoever connects to "any" address connects to its own loopback.
  if (is_wildcard(best)) best = *Address::parse(best.v6 ? "::1" : "127.0.0.1");
  return best;
}

void add_door(NetworkPolicy& policy, const Address& address, std::uint16_t port) {
  const Door door{address, port};
  if (std::find(policy.doors.begin(), policy.doors.end(), door) != policy.doors.end()) return;
  policy.doors.push_back(door);
  if (!address.is_loopback() && !contains(policy.held_addresses, address))
    policy.held_addresses.push_back(address);
}

// A line "ADDRESS NAMES…" whose address means the same to the build as to the host.
bool is_of_the_outside(std::string_view line) {
  const std::string first(line.substr(0, line.find_first_of(" \t")));
  const std::optional<Address> address = Address::parse(first);
  return address && !address->v6 && !address->is_loopback();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(trim(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string hosts_file(const HostFacts& host) {
  std::string hosts = "127.0.0.1 localhost build\n::1 localhost ip6-localhost ip6-loopback\n";
  for (const std::string_view line : lines_of(host.hosts)) {
    if (is_of_the_outside(line)) hosts.append(line).push_back('\n');
  }
  return hosts;
}

// The host's search list and options hold for the build as well, since the host's own server answers it.
std::string resolv_conf(const HostFacts& host) {
  std::string text = fmt::format("nameserver {}\n", kNameServer);
  for (const std::string_view line : lines_of(host.resolv_conf)) {
    if (line.starts_with("search ") || line.starts_with("options ")) text.append(line).push_back('\n');
  }
  return text;
}

// Never a place for a build, of base/special_addresses.h. Its loopback is its own, and reserved ranges are
// what a cloud's private network may be made of. Multicast would be heard by listeners on the host.
bool is_closed_to_builds(const SpecialRange& range) {
  return !range.is_v6() && range.kind != Special::loopback && range.kind != Special::reserved;
}

// What the list says of that one address.
Route* route_to(NetworkPolicy& policy, const Address& address) {
  const auto found = std::find_if(policy.routes.begin(), policy.routes.end(), [&](const Route& route) {
    return route.length == 32 && route.to == address;
  });
  return found == policy.routes.end() ? nullptr : &*found;
}

void add_routes(NetworkPolicy& policy, const model::NetworkSettings& settings, const HostFacts& host) {
  for (const SpecialRange& range : special_ranges()) {
    if (!is_closed_to_builds(range)) continue;
    policy.routes.push_back({*Address::parse(std::string(range.address)), range.length, true});
  }
  policy.routes.push_back(refuse(kSlirps));
  if (settings.block_private) {
    for (const Range& range : kPrivate) policy.routes.push_back(refuse(range));
  }
  for (const Address& own : host.own_addresses) {
    if (!own.v6 && !own.is_loopback() && route_to(policy, own) == nullptr)
      policy.routes.push_back({own, 32, true});
  }
}

// The host's own addresses stay refused, whatever is allowed.
void let_pass(NetworkPolicy& policy, const Address& address, const HostFacts& host) {
  if (contains(host.own_addresses, address)) return;
  if (Route* known = route_to(policy, address); known != nullptr) {
    known->refused = false;
  } else {
    policy.routes.push_back({address, 32, false});
  }
}

void add_api(NetworkPolicy& policy, const ApiEndpoint& api, const HostFacts& host) {
  const std::optional<Address> address = best_of(api.addresses);
  if (!address) return;
  const bool by_route = policy.mode == model::NetworkMode::egress && !address->v6 &&
                        !address->is_loopback() && !contains(host.own_addresses, *address) &&
                        !is_in_slirps_network(*address);
  if (by_route) {
    for (const Address& one : api.addresses) {
      if (!one.v6) let_pass(policy, one, host);
    }
    return;
  }
  add_door(policy, *address, api.port);
  if (!Address::parse(api.name) && api.name != "localhost")
    policy.hosts += fmt::format("{} {}\n", address->text(), api.name);
}

}  // namespace

std::optional<Address> Address::parse(const std::string& text) {
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1)
    return Address{false, {bytes.begin(), bytes.begin() + 4}};
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1)
    return Address{true, {bytes.begin(), bytes.end()}};
  return std::nullopt;
}

bool Address::is_loopback() const {
  if (!v6) return bytes[0] == 127;
  return *this == *parse("::1");
}

std::string Address::text() const {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(v6 ? AF_INET6 : AF_INET, bytes.data(), text.data(), text.size());
  return text.data();
}

NetworkPolicy network_policy(const model::NetworkSettings& settings, const std::optional<ApiEndpoint>& api,
                             const HostFacts& host) {
  NetworkPolicy policy;
  policy.mode = settings.mode;
  if (settings.mode == model::NetworkMode::host) {
    policy.hosts = host.hosts;
    policy.resolv_conf = host.resolv_conf;
    return policy;
  }
  policy.hosts = hosts_file(host);
  if (settings.mode == model::NetworkMode::egress) {
    policy.resolv_conf = resolv_conf(host);
    add_routes(policy, settings, host);
    for (const std::string& allowed : settings.allow_addresses) {
      if (model::may_be_allowed(allowed)) let_pass(policy, *Address::parse(allowed), host);
    }
  }
  if (api) add_api(policy, *api, host);
  for (const std::uint16_t port : settings.forward_ports)
    add_door(policy, *Address::parse("127.0.0.1"), port);
  return policy;
}

std::optional<ApiEndpoint> api_endpoint(std::string_view url) {
  ApiEndpoint endpoint;
  if (url.starts_with("http://")) {
    endpoint.port = 80;
    url.remove_prefix(7);
  } else if (url.starts_with("https://")) {
    endpoint.port = 443;
    url.remove_prefix(8);
  } else {
    return std::nullopt;
  }
  std::string_view authority = url.substr(0, url.find_first_of("/?#"));
  const std::size_t user = authority.rfind('@');
  if (user != std::string_view::npos) authority.remove_prefix(user + 1);
  const bool bracketed = authority.starts_with('[');
  const std::size_t name_end =
      bracketed ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (name_end == std::string_view::npos) return std::nullopt;
  endpoint.name = authority.substr(bracketed ? 1 : 0, name_end - (bracketed ? 1 : 0));
  std::string_view rest = authority.substr(name_end + (bracketed ? 1 : 0));
  if (!rest.empty()) {
    rest.remove_prefix(1);
    const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), endpoint.port);
    if (error != std::errc() || end != rest.data() + rest.size()) return std::nullopt;
  }
  if (endpoint.name.empty() || endpoint.port == 0) return std::nullopt;
  return endpoint;
}

}  // namespace kiln::runner
