#include "model/public_origin.h"

#include <algorithm>
#include <charconv>

#include "base/ids.h"
#include "base/ip_address.h"
#include "base/strings.h"

namespace kiln::model {
namespace {

// "http" or "https", which it takes from the front of `text` with what follows it; empty: neither.
std::string_view take_scheme(std::string_view& text) {
  for (const std::string_view scheme : {"http", "https"}) {
    if (!text.starts_with(scheme) || !text.substr(scheme.size()).starts_with("://")) continue;
    text.remove_prefix(scheme.size() + 3);
    return scheme;
  }
  return {};
}

// ":8080", which it takes from the end of `text`; 0 when there is none. Nothing when that is no port.
std::optional<std::uint16_t> take_port(std::string_view& text) {
  const std::size_t colon = text.find(':', text.starts_with('[') ? text.find(']') : 0);
  if (colon == std::string_view::npos) return std::uint16_t{0};
  const std::string_view digits = text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || at != digits.data() + digits.size() || port == 0) return std::nullopt;
  text = text.substr(0, colon);
  return port;
}

}  // namespace

std::optional<PublicOrigin> parse_public_origin(std::string_view text) {
  PublicOrigin origin;
  origin.scheme = take_scheme(text);
  if (origin.scheme.empty()) return std::nullopt;
  if (text.ends_with('/')) text.remove_suffix(1);
  const std::optional<std::uint16_t> port = take_port(text);
  if (!port || !is_domain_name(text)) return std::nullopt;
  origin.port = *port == (origin.scheme == "https" ? 443 : 80) ? std::uint16_t{0} : *port;
  origin.host = text;
  return origin;
}

bool is_base_url(std::string_view text) {
  if (take_scheme(text).empty() || text.ends_with('/')) return false;
  const bool plain = std::none_of(text.begin(), text.end(), [](char c) {
    return c <= ' ' || c > '~' || std::string_view("?#@\\\"").find(c) != std::string_view::npos;
  });
  std::string_view host = text.substr(0, text.find('/'));
  return plain && take_port(host) && (is_domain_name(host) || IpAddress::parse(host));
}

}  // namespace kiln::model
