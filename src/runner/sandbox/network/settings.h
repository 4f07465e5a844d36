// What the operator says about the network of builds. Value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kiln::runner {

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

// "egress", "none" or "host"; nothing for any other word.
[[nodiscard]] constexpr std::optional<NetworkMode> network_mode(std::string_view word) {
  if (word == "egress") return NetworkMode::egress;
  if (word == "none") return NetworkMode::none;
  if (word == "host") return NetworkMode::host;
  return std::nullopt;
}

}  // namespace kiln::runner
