#include "http/proxy_header.h"

#include <algorithm>

#include "base/ip_address.h"

namespace kiln::http {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr std::size_t kFixed = 16;   // signature, version and command, family, length
constexpr std::size_t kMost = 2048;  // addresses, and what a proxy tells besides
constexpr unsigned kLocal = 0x20;
constexpr unsigned kProxy = 0x21;
constexpr unsigned kOverIpv4 = 1;  // AF_INET and AF_INET6 in the upper half of the family byte
constexpr unsigned kOverIpv6 = 2;

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

}  // namespace

ProxyHeader read_proxy_header(std::string_view bytes) {
  using State = ProxyHeader::State;
  const std::size_t seen = std::min(bytes.size(), kSignature.size());
  if (seen == 0 || bytes.substr(0, seen) != kSignature.substr(0, seen)) {
    return {seen == 0 ? State::need_more : State::absent, 0, {}};
  }
  if (bytes.size() < kFixed) return {State::need_more, 0, {}};
  const unsigned command = byte_at(bytes, 12);
  const unsigned family = byte_at(bytes, 13) >> 4U;
  const std::size_t length = byte_at(bytes, 14) << 8U | byte_at(bytes, 15);
  if ((command != kLocal && command != kProxy) || length > kMost) return {State::malformed, 0, {}};
  if (bytes.size() < kFixed + length) return {State::need_more, 0, {}};
  ProxyHeader header{State::whole, kFixed + length, {}};
  const bool over_ip = family == kOverIpv4 || family == kOverIpv6;
  if (command == kLocal || !over_ip) return header;
  const std::size_t address = family == kOverIpv4 ? 4 : 16;
  // Two addresses and two ports.
  if (length < 2 * address + 4) return {State::malformed, 0, {}};
  header.client = IpAddress::of_bytes(bytes.substr(kFixed, address))->str();
  return header;
}

}  // namespace kiln::http
