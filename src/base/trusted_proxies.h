// The proxies in front of this program, and by which field they tell for whom they speak. A value: any
// thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/ip_address.h"

namespace kiln {

struct TrustedProxies {
  // The field that they write. `either`: whichever is there, and neither where they tell of two clients.
  enum class Field : std::uint8_t { either, forwarded, x_forwarded_for };

  IpRanges addresses;
  Field field = Field::either;

  [[nodiscard]] bool contain(std::string_view address) const { return addresses.contain(address); }
};

}  // namespace kiln
