#include "model/build_network.h"

#include <array>

#include "base/ip_address.h"

namespace kiln::model {

bool may_be_allowed(const std::string& address) {
  const std::optional<IpAddress> ip = IpAddress::parse(address);
  if (!ip || !ip->is_v4() || address.find_first_of(":[") != std::string::npos) return false;
  const auto byte = [bytes = ip->bytes()](std::size_t n) {
    return static_cast<unsigned char>(bytes[12 + n]);
  };
  return byte(0) != 0 && byte(0) != 127 && (byte(0) != 169 || byte(1) != 254);
}

}  // namespace kiln::model
