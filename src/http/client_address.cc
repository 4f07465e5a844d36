#include "http/client_address.h"

#include <algorithm>
#include <iterator>

#include "base/strings.h"

namespace kiln::http {
namespace {

// "1.2.3.4", "1.2.3.4:5", "[::1]:5" and "::1".
std::optional<IpAddress> address_of(std::string_view node) {
  if (std::optional<IpAddress> whole = IpAddress::parse(node)) return whole;
  const std::size_t colon = node.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port = node.substr(colon + 1);
  const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? IpAddress::parse(node.substr(0, colon)) : std::nullopt;
}

// Cuts at each `separator`.
std::vector<std::string_view> plain_pieces(std::string_view text, char separator) {
  std::vector<std::string_view> all;
  while (true) {
    const std::size_t cut = text.find(separator);
    all.push_back(trim(text.substr(0, cut)));
    if (cut == std::string_view::npos) return all;
    text.remove_prefix(cut + 1);
  }
}

// Cuts at `separator` where it stands outside of quotes. A quote that a visitor left open must not swallow
// what our own proxy wrote behind it: then quotes mean nothing.
std::vector<std::string_view> pieces(std::string_view text, char separator) {
  std::vector<std::string_view> all;
  bool quoted = false;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (text[i] == '\\' && quoted) ++i;
    if (i >= text.size() || text[i] != separator || quoted) continue;
    all.push_back(trim(text.substr(begin, i - begin)));
    begin = i + 1;
  }
  if (quoted) return plain_pieces(text, separator);
  all.push_back(trim(text.substr(std::min(begin, text.size()))));
  return all;
}

// The "for" of one element of Forwarded; empty when it has none.
std::string_view for_of(std::string_view element) {
  for (const std::string_view pair : pieces(element, ';')) {
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || !same_name(pair.substr(0, equals), "for")) continue;
    std::string_view value = pair.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return value;
  }
  return {};
}

// From the right, where our own proxy writes.
std::string last_untrusted(const IpRanges& proxies, std::string_view peer,
                           const std::vector<std::string_view>& nodes) {
  std::string found(peer);
  for (auto node = nodes.rbegin(); node != nodes.rend(); ++node) {
    const std::optional<IpAddress> address = address_of(*node);
    if (!address) break;
    found = address->str();
    if (!proxies.contain(*address)) break;
  }
  return found;
}

}  // namespace

std::string client_address(const TrustedProxies& proxies, std::string_view peer,
                           const ForwardedFields& told) {
  if (!proxies.contain(peer)) return std::string(peer);
  std::vector<std::string_view> listed;
  for (const std::string_view field : told.x_forwarded_for) {
    const std::vector<std::string_view> items = plain_pieces(field, ',');
    listed.insert(listed.end(), items.begin(), items.end());
  }
  std::vector<std::string_view> said;
  for (const std::string_view field : told.forwarded) {
    const std::vector<std::string_view> elements = pieces(field, ',');
    std::transform(elements.begin(), elements.end(), std::back_inserter(said), for_of);
  }
  if (proxies.field == TrustedProxies::Field::x_forwarded_for) said.clear();
  if (proxies.field == TrustedProxies::Field::forwarded) listed.clear();
  if (said.empty()) return last_untrusted(proxies.addresses, peer, listed);
  std::string found = last_untrusted(proxies.addresses, peer, said);
  if (!listed.empty() && last_untrusted(proxies.addresses, peer, listed) != found) return std::string(peer);
  return found;
}

std::string client_address(const TrustedProxies& proxies, std::string_view peer, const Head& head) {
  if (!proxies.contain(peer)) return std::string(peer);
  ForwardedFields told;
  for (const Field& field : head.fields) {
    if (field.known == Name::x_forwarded_for) told.x_forwarded_for.push_back(field.value);
    if (same_name(field.name, "forwarded")) told.forwarded.push_back(field.value);
  }
  return client_address(proxies, peer, told);
}

std::string client_address(const TrustedProxies& proxies, std::string_view peer, const Request& request) {
  if (!proxies.contain(peer)) return std::string(peer);
  ForwardedFields told;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-for") told.x_forwarded_for.push_back(value);
    if (name == "forwarded") told.forwarded.push_back(value);
  }
  return client_address(proxies, peer, told);
}

}  // namespace kiln::http
