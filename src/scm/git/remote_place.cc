#include "scm/git/remote_place.h"

#include <algorithm>
#include <string_view>

#include "base/strings.h"

namespace kiln::scm {
namespace {

constexpr std::string_view kHttp = "http://";
constexpr std::string_view kHttps = "https://";
constexpr std::string_view kSsh = "ssh://";

tl::unexpected<Error> refuse_place(const std::string& why) {
  return fail(Errc::invalid, "the repository URL " + why, "url");
}

bool is_host_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

// `authority` is host[:port], the host an IPv6 address in brackets or a name.
Result<RemotePlace> host_and_port(std::string_view authority, Transport transport) {
  RemotePlace place{transport, {}, {}};
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos) return refuse_place("has an IPv6 address without its ']'");
    place.host = to_lower(authority.substr(1, end - 1));
    rest = authority.substr(end + 1);
    if (place.host.find_first_not_of("0123456789abcdef:.") != std::string::npos)
      return refuse_place("has something in brackets that is no IPv6 address");
  } else {
    place.host = to_lower(authority.substr(0, authority.find(':')));
    rest = authority.substr(place.host.size());
    if (!std::all_of(place.host.begin(), place.host.end(), is_host_byte) || place.host.ends_with('.')) {
      return refuse_place(
          "has a host that is not of letters, digits, '.', '-' and '_' (write other alphabets as "
          "xn--…, and no '.' at the end)");
    }
  }
  if (place.host.empty()) return refuse_place("has no host");
  if (!rest.empty()) {
    place.port = rest.substr(1);
    const bool digits = place.port.find_first_not_of("0123456789") == std::string::npos;
    if (rest.front() != ':' || !digits || place.port.size() > 5) return refuse_place("has no proper port");
  }
  if (place.port.empty() && transport == Transport::http) place.port = "80";
  if (place.port.empty() && transport == Transport::https) place.port = "443";
  return place;
}

std::string_view without_user(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  return at == authority.npos ? authority : authority.substr(at + 1);
}

}  // namespace

Result<RemotePlace> place_of(const std::string& url) {
  const std::string_view text = url;
  if (text.starts_with('/')) return RemotePlace{};
  for (const auto& [scheme, transport] :
       {std::pair{kHttp, Transport::http}, {kHttps, Transport::https}, {kSsh, Transport::ssh}}) {
    if (!text.starts_with(scheme)) continue;
    const std::string_view rest = text.substr(scheme.size());
    const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
    if (authority.find('\\') != authority.npos) return refuse_place("has a backslash before its path");
    return host_and_port(without_user(authority), transport);
  }
  // user@host:path, or user@[::1]:path.
  const std::string_view host = without_user(text.substr(0, text.find('/')));
  const std::size_t end = host.starts_with('[') ? host.find(']') : host.find(':');
  if (end == host.npos) return refuse_place("names no host");
  return host_and_port(host.substr(0, host.starts_with('[') ? end + 1 : end), Transport::ssh);
}

}  // namespace kiln::scm
