// The door to name resolution. Owned by app (SystemResolver), passed by reference. Safe from any thread; a
// call blocks its thread until the system's resolver has answered.
#pragma once

#include <string>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"

namespace kiln {

class Resolver {
 public:
  virtual ~Resolver() = default;
  // Every address that `host` has, a number in any form that the system takes for one ("127.1", "2130706433")
  // included; at least one. Errors: Errc::unavailable (no such name, or no answer).
  [[nodiscard]] virtual Result<std::vector<IpAddress>> resolve(const std::string& host) = 0;
};

// getaddrinfo(3).
class SystemResolver final : public Resolver {
 public:
  [[nodiscard]] Result<std::vector<IpAddress>> resolve(const std::string& host) override;
};

}  // namespace kiln
