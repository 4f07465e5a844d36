#include "http/client_address.h"

#include <gtest/gtest.h>

#include "http/proxy_header.h"

namespace kiln::http {
namespace {

TrustedProxies ranges(const std::vector<std::string>& texts) {
  const Result<IpRanges> parsed = IpRanges::parse(texts);
  EXPECT_TRUE(parsed);
  return {parsed.value_or(IpRanges())};
}

TEST(ClientAddress, IsThePeersOwnUnlessItIsATrustedProxy) {
  const ForwardedFields told{{"for=192.0.2.1"}, {"192.0.2.1"}};
  EXPECT_EQ(client_address({}, "127.0.0.1", told), "127.0.0.1");
  EXPECT_EQ(client_address(ranges({"10.0.0.0/8"}), "127.0.0.1", told), "127.0.0.1");
  EXPECT_EQ(client_address(ranges({"127.0.0.0/8"}), "127.0.0.1", told), "192.0.2.1");
  EXPECT_EQ(client_address(ranges({"0.0.0.0/0", "::/0"}), "unix", told), "unix");
  EXPECT_EQ(client_address(ranges({"127.0.0.0/8"}), "127.0.0.1", ForwardedFields{}), "127.0.0.1");
}

TEST(ClientAddress, IsTheLastThatIsNoTrustedProxy) {
  const TrustedProxies proxies = ranges({"127.0.0.1", "10.0.0.0/8"});
  const auto listed = [&](std::vector<std::string_view> fields) {
    return client_address(proxies, "127.0.0.1", ForwardedFields{{}, std::move(fields)});
  };
  EXPECT_EQ(listed({"6.6.6.6, 192.0.2.1, 10.0.0.9"}), "192.0.2.1");
  EXPECT_EQ(listed({"6.6.6.6", "192.0.2.1:443", "10.0.0.9"}), "192.0.2.1");
  EXPECT_EQ(listed({"10.0.0.8, 10.0.0.9"}), "10.0.0.8");
  EXPECT_EQ(listed({"[2001:db8::1]:80"}), "2001:db8::1");
  EXPECT_EQ(listed({"192.0.2.1, nonsense"}), "127.0.0.1");
  EXPECT_EQ(listed({"192.0.2.1, unknown, 10.0.0.9"}), "10.0.0.9");
}

TEST(ClientAddress, ReadsForwardedAndBelievesNeitherWhereTheyDiffer) {
  const TrustedProxies proxies = ranges({"127.0.0.1"});
  const auto said = [&](std::vector<std::string_view> forwarded, std::vector<std::string_view> listed = {}) {
    return client_address(proxies, "127.0.0.1", ForwardedFields{std::move(forwarded), std::move(listed)});
  };
  EXPECT_EQ(said({"for=6.6.6.6, proto=http;FOR=\"192.0.2.1:9\";by=1.1.1.1"}), "192.0.2.1");
  EXPECT_EQ(said({"for=\"[2001:db8::1]:4711\""}), "2001:db8::1");
  EXPECT_EQ(said({"for=6.6.6.6, for=\"a,for=1.1.1.1\""}), "127.0.0.1");
  EXPECT_EQ(said({"for=6.6.6.6, proto=https"}), "127.0.0.1");
  EXPECT_EQ(said({"for=192.0.2.1"}, {"192.0.2.1"}), "192.0.2.1");
  EXPECT_EQ(said({"for=6.6.6.6"}, {"192.0.2.1"}), "127.0.0.1");
}

std::string proxied(unsigned char command, unsigned char family, const std::string& rest) {
  std::string bytes("\r\n\r\n\0\r\nQUIT\n", 12);
  bytes += static_cast<char>(command);
  bytes += static_cast<char>(family);
  bytes += static_cast<char>(rest.size() >> 8U);
  bytes += static_cast<char>(rest.size());
  return bytes + rest;
}

TEST(ClientAddress, ComesFromTheOneFieldThatIsBelieved) {
  TrustedProxies proxies = ranges({"127.0.0.1"});
  const ForwardedFields told{{"for=192.0.2.1"}, {"192.0.2.2"}};
  proxies.field = TrustedProxies::Field::forwarded;
  EXPECT_EQ(client_address(proxies, "127.0.0.1", told), "192.0.2.1");
  EXPECT_EQ(client_address(proxies, "127.0.0.1", ForwardedFields{{}, {"6.6.6.6"}}), "127.0.0.1");
  proxies.field = TrustedProxies::Field::x_forwarded_for;
  EXPECT_EQ(client_address(proxies, "127.0.0.1", told), "192.0.2.2");
  EXPECT_EQ(client_address(proxies, "127.0.0.1", ForwardedFields{{"for=6.6.6.6"}, {}}), "127.0.0.1");
}

TEST(ClientAddress, AQuoteThatAVisitorLeftOpenHidesNothing) {
  const TrustedProxies proxies = ranges({"127.0.0.0/8"});
  EXPECT_EQ(client_address(proxies, "127.0.0.1", ForwardedFields{{}, {"\", 192.0.2.7"}}), "192.0.2.7");
  EXPECT_EQ(client_address(proxies, "127.0.0.1", ForwardedFields{{"for=\"x, for=192.0.2.7"}, {}}),
            "192.0.2.7");
}

TEST(ProxyHeader, TellsTheClient) {
  const std::string v4 = proxied(0x21, 0x11, std::string("\xc0\0\2\1\x7f\0\0\1\0\1\0\2", 12));
  const ProxyHeader header = read_proxy_header(v4 + "GET");
  EXPECT_EQ(header.state, ProxyHeader::State::whole);
  EXPECT_EQ(header.size, v4.size());
  EXPECT_EQ(header.client, "192.0.2.1");
  const std::string v6 =
      std::string("\x20\1\xd\xb8", 4) + std::string(11, '\0') + "\1" + std::string(20, '\0');
  EXPECT_EQ(read_proxy_header(proxied(0x21, 0x21, v6 + "more of it")).client, "2001:db8::1");
  EXPECT_EQ(read_proxy_header(proxied(0x20, 0, "")).client, std::nullopt);
  for (std::size_t cut = 0; cut < v4.size(); ++cut)
    EXPECT_EQ(read_proxy_header(v4.substr(0, cut)).state, ProxyHeader::State::need_more) << cut;
}

TEST(ProxyHeader, SaysWhoCameByTls) {
  const std::string addresses("\xc0\0\2\1\x7f\0\0\1\0\1\0\2", 12);
  const std::string other("\3\0\2ab", 5);  // another type
  const std::string by_tls("\x20\0\5\1\0\0\0\0", 8);
  const std::string plain("\x20\0\5\0\0\0\0\0", 8);
  EXPECT_TRUE(read_proxy_header(proxied(0x21, 0x11, addresses + other + by_tls)).over_tls);
  EXPECT_FALSE(read_proxy_header(proxied(0x21, 0x11, addresses + plain + by_tls)).over_tls);
  EXPECT_FALSE(read_proxy_header(proxied(0x21, 0x11, addresses + other)).over_tls);
  for (std::size_t cut = 0; cut < 3; ++cut)
    EXPECT_FALSE(read_proxy_header(proxied(0x21, 0x11, addresses + by_tls.substr(0, cut))).over_tls);
}

TEST(ProxyHeader, IsReadAsItWasWritten) {
  for (const char* client : {"192.0.2.1", "2001:db8::1"}) {
    for (const bool over_tls : {false, true}) {
      const std::string bytes = proxy_header(client, over_tls);
      const ProxyHeader header = read_proxy_header(bytes + "GET");
      EXPECT_EQ(header.state, ProxyHeader::State::whole);
      EXPECT_EQ(header.size, bytes.size());
      EXPECT_EQ(header.client, client);
      EXPECT_EQ(header.over_tls, over_tls);
    }
  }
  EXPECT_EQ(read_proxy_header(proxy_header("unix", true)).client, std::nullopt);
}

TEST(ProxyHeader, IsRefusedWhereItIsNotSound) {
  EXPECT_EQ(read_proxy_header("GET / HTTP/1.1").state, ProxyHeader::State::absent);
  EXPECT_EQ(read_proxy_header("\r\n\r\nGET").state, ProxyHeader::State::absent);
  EXPECT_EQ(read_proxy_header(proxied(0x11, 0x11, std::string(12, 'a'))).state,
            ProxyHeader::State::malformed);
  EXPECT_EQ(read_proxy_header(proxied(0x21, 0x11, std::string(11, 'a'))).state,
            ProxyHeader::State::malformed);
  EXPECT_EQ(read_proxy_header(proxied(0x21, 0x11, std::string(60'000, 'a'))).state,
            ProxyHeader::State::malformed);
}

}  // namespace
}  // namespace kiln::http
