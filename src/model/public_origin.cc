#include "model/public_origin.h"

#include <algorithm>
#include <charconv>

#include "base/ids.h"
#include "base/strings.h"

namespace kiln::model {

std::optional<PublicOrigin> parse_public_origin(std::string_view text) {
  PublicOrigin origin;
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) return std::nullopt;
  origin.scheme = text.substr(0, end);
  if (origin.scheme != "http" && origin.scheme != "https") return std::nullopt;
  text.remove_prefix(end + 3);
  if (text.ends_with('/')) text.remove_suffix(1);
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    const auto [at, error] = std::from_chars(digits.data(), digits.data() + digits.size(), origin.port);
    if (error != std::errc() || at != digits.data() + digits.size() || origin.port == 0) return std::nullopt;
    text = text.substr(0, colon);
  }
  const std::vector<std::string> labels = split(text, '.');
  if (!std::all_of(labels.begin(), labels.end(), is_dns_label)) return std::nullopt;
  // The last label of an IPv4 address is a number, that of no domain is.
  if (std::all_of(labels.back().begin(), labels.back().end(), [](char c) { return c >= '0' && c <= '9'; }))
    return std::nullopt;
  if (origin.port == (origin.scheme == "https" ? 443 : 80)) origin.port = 0;
  origin.host = text;
  return origin;
}

}  // namespace kiln::model
