#include "serving/front/host.h"

#include <algorithm>

#include "base/strings.h"

namespace kiln::serving {
namespace {

constexpr std::size_t kLongestLabel = 63;
constexpr std::size_t kLongestHost = 253;

bool is_label(std::string_view text) {
  return !text.empty() && text.size() <= kLongestLabel && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

// Without ":port". Nothing when what follows the colon is no port.
std::optional<std::string_view> without_port(std::string_view host) {
  const std::size_t colon = host.find(':');
  if (colon == std::string_view::npos) return host;
  const std::string_view port = host.substr(colon + 1);
  const bool digits = std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
  const bool in_range = port.size() < 5 || (port.size() == 5 && port <= "65535");
  if (!digits || !in_range) return std::nullopt;
  return host.substr(0, colon);
}

}  // namespace

std::optional<std::string> plain_host(std::string_view host) {
  const std::optional<std::string_view> named = without_port(host);
  if (!named) return std::nullopt;
  std::string_view name = *named;
  if (name.ends_with('.')) name.remove_suffix(1);
  if (name.size() > kLongestHost) return std::nullopt;
  return to_lower(name);
}

std::optional<HostName> parse_host(std::string_view host, std::string_view domain) {
  const std::optional<std::string> lower = plain_host(host);
  if (!lower) return std::nullopt;
  const std::string_view all = *lower;
  if (all.size() <= domain.size() + 1 || !all.ends_with(domain) ||
      all[all.size() - domain.size() - 1] != '.') {
    return std::nullopt;
  }
  const std::string_view labels = all.substr(0, all.size() - domain.size() - 1);
  const std::size_t dot = labels.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view label = labels.substr(0, dot);
  const std::string_view subdomain = labels.substr(dot + 1);
  if (!is_label(label) || !is_label(subdomain)) return std::nullopt;
  return HostName{std::string(label), std::string(subdomain)};
}

}  // namespace kiln::serving
