// Decides what one build's network shows: which destinations are refused, which ports of the host have a
// door, what its resolv.conf and hosts say. Pure functions over values: any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/build_network.h"

namespace kiln::runner {

inline constexpr const char* kNameServer = "10.0.2.3";  // slirp4netns's own, which asks the host's

// An IP address, v4 or v6, as the kernel wants it.
struct Address {
  bool v6 = false;
  std::vector<std::uint8_t> bytes;  // 4 or 16, network order

  [[nodiscard]] static std::optional<Address> parse(const std::string& text);
  [[nodiscard]] bool is_loopback() const;
  [[nodiscard]] std::string text() const;
  bool operator==(const Address&) const = default;
};

// A destination that the namespace's routing refuses, or lets pass in spite of a wider one that refuses.
struct Route {
  Address to;
  int length = 32;
  bool refused = true;
  bool operator==(const Route&) const = default;
};

// A port that listens inside the build's namespace and leads to the same address and port of the host.
struct Door {
  Address address;
  std::uint16_t port = 0;
  bool operator==(const Door&) const = default;
};

// Where builds find the embedded API.
struct ApiEndpoint {
  std::string name;                // as the URL has it
  std::vector<Address> addresses;  // what the name means on this host
  std::uint16_t port = 0;
};

// What the decision rests on; read_host_facts() gets it from the machine.
struct HostFacts {
  std::vector<Address> own_addresses;
  std::string resolv_conf;
  std::string hosts;
};

struct NetworkPolicy {
  model::NetworkMode mode = model::NetworkMode::egress;
  std::vector<Route> routes;  // egress only
  std::vector<Door> doors;
  std::vector<Address> held_addresses;  // doors' addresses other than loopback: held by the build's own lo
  std::string hosts;
  std::string resolv_conf;
  bool operator==(const NetworkPolicy&) const = default;
};

[[nodiscard]] NetworkPolicy network_policy(const model::NetworkSettings& settings,
                                           const std::optional<ApiEndpoint>& api, const HostFacts& host);

// Host name and port of an http or https URL. Nothing: not such a URL.
[[nodiscard]] std::optional<ApiEndpoint> api_endpoint(std::string_view url);

}  // namespace kiln::runner
