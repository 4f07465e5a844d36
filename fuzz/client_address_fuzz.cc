// What proxies say of their clients: the answer is an address, the peer's own where nobody is trusted, and a
// PROXY header is read the same however its bytes come.
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/client_address.h"
#include "http/proxy_header.h"

namespace {

using kiln::IpAddress;
using kiln::IpRanges;
using kiln::http::ProxyHeader;

void expect(bool holds) {
  if (!holds) std::abort();
}

void check_fields(std::string_view bytes) {
  const kiln::TrustedProxies proxies{*IpRanges::parse({"127.0.0.0/8", "10.0.0.0/8", "fd00::/8"})};
  const std::size_t cut = bytes.find('\n');
  const std::string_view one = bytes.substr(0, cut);
  const std::string_view other = cut == std::string_view::npos ? std::string_view() : bytes.substr(cut + 1);
  const kiln::http::ForwardedFields told{{one}, {other}};
  expect(kiln::http::client_address(proxies, "192.0.2.1", told) == "192.0.2.1");
  for (const auto& said :
       {told, kiln::http::ForwardedFields{{one}, {}}, kiln::http::ForwardedFields{{}, {one}}}) {
    const std::string client = kiln::http::client_address(proxies, "127.0.0.1", said);
    const auto address = IpAddress::parse(client);
    expect(address && address->str() == client);
  }
}

void check_proxy_header(std::string_view bytes) {
  const ProxyHeader whole = kiln::http::read_proxy_header(bytes);
  if (whole.state != ProxyHeader::State::whole) return;
  expect(whole.size <= bytes.size());
  for (std::size_t size = 0; size < whole.size; ++size) {
    expect(kiln::http::read_proxy_header(bytes.substr(0, size)).state == ProxyHeader::State::need_more);
  }
  expect(!whole.client || IpAddress::parse(*whole.client));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  check_fields(bytes);
  check_proxy_header(bytes);
  return 0;
}
