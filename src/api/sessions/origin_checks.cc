#include "api/sessions/origin_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "api/error_table.h"
#include "base/ip_address.h"
#include "base/printable.h"
#include "base/strings.h"

namespace kiln::api::sessions {
namespace {

bool is_loopback_name(std::string_view name) {
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

bool holds_name(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// "localhost:8787", "[::1]:8787", "kiln.example.com"; nothing for what is no host.
std::optional<PageHost> split_host(std::string_view text) {
  PageHost host;
  const std::size_t bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == text.npos) return std::nullopt;
  const std::size_t colon = text.find(':', bracket);
  host.name = to_lower(text.substr(0, colon));
  if (colon != text.npos) host.port = std::string(text.substr(colon + 1));
  // "kiln.example.com." is the same host.
  if (host.name.ends_with('.')) host.name.pop_back();
  const bool digits = host.port.find_first_not_of("0123456789") == std::string::npos;
  if (host.name.empty() || !digits || host.port.size() > 5) return std::nullopt;
  return host;
}

bool is_loopback_peer(std::string_view peer) {
  const std::optional<IpAddress> address = IpAddress::parse(peer);
  return address && (address->str() == "::1" || (address->is_v4() && address->str().starts_with("127.")));
}

bool is_unsafe(std::string_view method) {
  return method != "GET" && method != "HEAD" && method != "OPTIONS";
}

tl::unexpected<Error> foreign(const std::string& how) {
  return fail(Errc::forbidden, fmt::format("This request was not sent by Kiln's own page ({})", how));
}

}  // namespace

std::string PageHost::origin() const {
  return fmt::format("{}://{}{}{}", secure ? "https" : "http", name, port.empty() ? "" : ":", port);
}

std::string PageHost::own_cookie(std::string_view what) const {
  const std::string_view own = secure ? "443" : "80";
  return fmt::format("{}{}_{}", secure ? "__Host-" : "", what, port.empty() ? own : port);
}

Result<PageHost> check_host(const http::Request& request, const PageRules& rules) {
  const std::string_view field = request.header("host");
  std::optional<PageHost> host = split_host(field);
  if (host) {
    host->loopback = is_loopback_name(host->name);
    host->secure = holds_name(rules.secure_hosts, host->name);
    if (host->loopback || holds_name(rules.hosts, host->name)) return *host;
  }
  return fail(
      Errc::forbidden,
      fmt::format("Kiln's page is not served for the host \"{}\"; if people shall reach it under that "
                  "name, add it to server.page_hosts in the settings, or set server.public_url",
                  printable(field, 100)),
      kForeignHost);
}

Status check_origin(const http::Request& request, const PageHost& host) {
  const std::string_view site = request.header("sec-fetch-site");
  const std::string_view origin = request.header("origin");
  if (!request.header("upgrade").empty()) {
    if (origin == host.origin()) return {};
    return foreign(fmt::format("Origin: {}", printable(origin.empty() ? "none" : origin, 100)));
  }
  if (is_unsafe(request.method)) {
    if (site == "same-origin") return {};
    if (site.empty() && !origin.empty() && origin == host.origin()) return {};
    if (!site.empty()) return foreign(fmt::format("Sec-Fetch-Site: {}", printable(site, 40)));
    return foreign(fmt::format("Origin: {}", printable(origin.empty() ? "none" : origin, 100)));
  }
  // "none": somebody typed the address, or followed a bookmark.
  if (site.empty() || site == "same-origin" || site == "none") return {};
  return foreign(fmt::format("Sec-Fetch-Site: {}", printable(site, 40)));
}

Status check_transport(const http::Request& request, const PageHost& host, const PageRules& rules) {
  if (host.secure || rules.plain_login || (host.loopback && is_loopback_peer(request.peer))) return {};
  return fail(
      Errc::forbidden,
      "Signing in over plain http from another machine would show the session to everybody on the way. "
      "Put TLS in front and set server.public_url to the https:// address, use an SSH tunnel, or allow "
      "it with server.plain_login in the settings");
}

Result<std::string> cookie_of(const http::Request& request, std::string_view name) {
  std::optional<std::string> found;
  for (const auto& [field, value] : request.headers) {
    if (field != "cookie") continue;
    for (const std::string& pair : split(value, ';')) {
      const std::string_view text = trim(pair);
      const std::size_t equals = text.find('=');
      if (equals == text.npos || trim(text.substr(0, equals)) != name) continue;
      if (found)
        return fail(Errc::unauthenticated,
                    "The session's cookie was sent twice, so that one of them is not Kiln's; clear this "
                    "site's cookies and sign in again");
      found = std::string(trim(text.substr(equals + 1)));
    }
  }
  return found.value_or("");
}

}  // namespace kiln::api::sessions
