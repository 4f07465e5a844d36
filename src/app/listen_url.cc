#include "app/listen_url.h"

#include <fmt/format.h>

#include <charconv>

#include "base/ip_address.h"

namespace kiln::app {

Result<ListenAddress> parse_listen(const char* option, const std::string& text) {
  const std::size_t colon = text.rfind(':');
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const char* digits = text.data() + (colon == std::string::npos ? text.size() : colon + 1);
  const auto [at, error] = std::from_chars(digits, end, port);
  if (colon == std::string::npos || colon == 0 || error != std::errc() || at != end) {
    return fail(Errc::invalid, fmt::format("{} {}: give HOST:PORT, such as 127.0.0.1:8787", option, text),
                "listen");
  }
  std::string host = text.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return fail(Errc::invalid,
                fmt::format("{} {}: an IPv6 address stands in brackets, such as [::1]:8787", option, text),
                "listen");
  }
  return ListenAddress(std::move(host), port);
}

std::string listen_url(const std::string& host, std::uint16_t port) {
  const std::optional<IpAddress> address = IpAddress::parse(host);
  if (!address) return fmt::format("http://{}:{}", host, port);
  std::string reached = address->str();
  if (reached == "0.0.0.0") reached = "127.0.0.1";
  if (reached == "::") reached = "::1";
  return reached.find(':') == std::string::npos ? fmt::format("http://{}:{}", reached, port)
                                                : fmt::format("http://[{}]:{}", reached, port);
}

}  // namespace kiln::app
