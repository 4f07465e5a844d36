#include "cli/asked_url.h"

#include <fmt/format.h>

#include <algorithm>

namespace kiln::cli {

std::optional<AskedUrl> parse_asked(std::string_view url) {
  AskedUrl asked;
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    asked.scheme = url.substr(0, scheme);
    url.remove_prefix(scheme + 3);
  }
  url = url.substr(0, url.find('#'));
  const std::size_t end = std::min(url.find_first_of("/?"), url.size());
  asked.host = url.substr(0, end);
  asked.target = url.substr(end);
  if (!asked.target.starts_with('/')) asked.target.insert(0, "/");
  if (asked.host.find('.') == std::string::npos || asked.host.find('@') != std::string::npos)
    return std::nullopt;
  return asked;
}

Result<boost::json::value> route_of(Server& server, const AskedUrl& url) {
  return server.get(fmt::format("/kiln/v1/route?host={}&target={}&scheme={}", url_part(url.host),
                                url_part(url.target), url_part(url.scheme)));
}

}  // namespace kiln::cli
