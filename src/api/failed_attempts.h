// Counts failed authentications by address (an IPv4 address, the /64 of an IPv6 one), so that whoever guesses
// is told to stop, and nobody else is. Owned by the gate; any thread.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/clock.h"

namespace kiln::api {

class FailedAttempts {
 public:
  // More than `most` failures of one address within a minute are too many; 0: never.
  explicit FailedAttempts(int most) : most_(most) {}

  void note(std::string_view address, TimeMs now);
  // In how many seconds the address may try again; nothing: now.
  [[nodiscard]] std::optional<int> wait_seconds(std::string_view address, TimeMs now);

 private:
  struct Window {
    TimeMs began = 0;
    int failures = 0;
  };

  const int most_;
  std::mutex mutex_;
  std::unordered_map<std::string, Window> windows_;
};

}  // namespace kiln::api
