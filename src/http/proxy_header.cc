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

constexpr unsigned kOfTls = 0x20;  // PP2_TYPE_SSL: whether the client is, and how far its certificate is good
constexpr unsigned kCameByTls = 1;
constexpr unsigned kTlsTold = 5;
constexpr unsigned kStream = 1;
constexpr unsigned kIpv6Addresses = 36;  // two, and two ports
constexpr unsigned kTagged = 3;          // the type of what is told besides, and its length

unsigned byte_at(std::string_view bytes, std::size_t at) {
  return static_cast<unsigned char>(bytes[at]);
}

// Whether it says so among what stands behind the addresses, each with its type and length.
bool says_tls(std::string_view told) {
  while (told.size() >= kTagged) {
    const std::size_t size = byte_at(told, 1) << 8U | byte_at(told, 2);
    if (told.size() < kTagged + size) return false;
    if (byte_at(told, 0) == kOfTls) return size > 0 && (byte_at(told, kTagged) & kCameByTls) != 0;
    told.remove_prefix(kTagged + size);
  }
  return false;
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
  header.over_tls = says_tls(bytes.substr(kFixed + 2 * address + 4, length - 2 * address - 4));
  return header;
}

std::string proxy_header(std::string_view client, bool over_tls) {
  std::string out(kSignature);
  const auto add = [&out](unsigned byte) { out += static_cast<char>(byte); };
  const std::optional<IpAddress> address = IpAddress::parse(client);
  add(address ? kProxy : kLocal);
  add(address ? kOverIpv6 << 4U | kStream : 0);
  add(0);
  add((address ? kIpv6Addresses : 0) + (over_tls ? kTagged + kTlsTold : 0));
  if (address)
    out += std::string(address->bytes()) + std::string(kIpv6Addresses - address->bytes().size(), '\0');
  if (!over_tls) return out;
  add(kOfTls);
  add(0);
  add(kTlsTold);
  add(kCameByTls);
  return out + std::string(kTlsTold - 1, '\0');
}

}  // namespace kiln::http
