// The settings' words on the network of builds ([runner] network and its like): judged by `settings`, obeyed
// by the runner's sandboxes. Values and pure functions; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace kiln::model {

enum class NetworkMode {
  egress,  // a namespace of its own, the outside through slirp4netns, the host and metadata walled off
  none,    // a namespace of its own with the server's API port and nothing else
  host,    // the host's network: no wall
};

inline constexpr std::size_t kMaxForwardPorts = 32;

struct NetworkSettings {
  NetworkMode mode = NetworkMode::egress;
  bool block_private = false;                     // egress: private ranges are unreachable too
  std::vector<std::string> allow_addresses = {};  // IPv4 addresses reachable in spite of block_private
  std::vector<std::uint16_t> forward_ports =
      {};  // of the host's 127.0.0.1, reachable at the same place inside
};

// Whether allow_addresses may name it: an IPv4 address that is neither loopback nor link-local.
[[nodiscard]] bool may_be_allowed(const std::string& address);

}  // namespace kiln::model
