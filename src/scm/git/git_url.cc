#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "scm/git/git.h"

namespace kiln::scm {
namespace {

constexpr std::size_t kLongestUrl = 2048;

bool has_control_character(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

Status refuse_url(const std::string& why) {
  return fail(
      Errc::invalid,
      "the repository URL " + why + "; give https://, http://, ssh://, [user@]host:path or an absolute path",
      "url");
}

// `authority` is [user[:password]@]host[:port]. A host or user that looks like an option could reach ssh as
// one.
bool authority_is_sane(std::string_view authority) {
  const std::size_t at = authority.rfind('@');
  const std::string_view host = at == authority.npos ? authority : authority.substr(at + 1);
  return !host.empty() && host.front() != '-' && host.front() != ':' && authority.front() != '-';
}

// [user@]host:path, where nothing before the colon is a slash; the host may be an IPv6 address in brackets.
bool is_scp_form(std::string_view url) {
  const std::size_t at = url.substr(0, url.find('/')).rfind('@');
  const std::size_t host = at == url.npos ? 0 : at + 1;
  const bool in_brackets = host < url.size() && url[host] == '[';
  const std::size_t end = in_brackets ? url.find(']', host) : host;
  if (end == url.npos) return false;
  const std::size_t colon = url.find(':', end);
  if (colon == url.npos || at == 0 || (at != url.npos && at > colon)) return false;
  if (in_brackets && colon != end + 1) return false;
  const std::string_view before = url.substr(0, colon);
  // A URL that lost a slash is none of a host that happens to be called so.
  for (const std::string_view scheme : {"http", "https", "ssh", "file"}) {
    if (before == scheme) return false;
  }
  if (before.find('/') != url.npos) return false;
  const std::string_view path = url.substr(colon + 1);
  return authority_is_sane(before) && !path.empty() && path.front() != ':' && path.front() != '-';
}

}  // namespace

Status check_remote_url(const std::string& url) {
  if (url.empty()) return refuse_url("is empty");
  if (url.size() > kLongestUrl) return refuse_url("is longer than 2,048 bytes");
  if (has_control_character(url)) return refuse_url("has a control character");
  if (url.front() == '-') return refuse_url("begins with '-'");
  if (url.front() == '/') return {};
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == url.npos) {
    if (is_scp_form(url)) return {};
    return refuse_url("is of a form Kiln does not use");
  }
  const std::string_view scheme = std::string_view(url).substr(0, scheme_end);
  if (scheme == "file") return refuse_url("is a file:// URL, where a plain absolute path is expected");
  if (scheme != "https" && scheme != "http" && scheme != "ssh") return refuse_url("has an unknown transport");
  const std::string_view rest = std::string_view(url).substr(scheme_end + 3);
  const std::string_view authority = rest.substr(0, rest.find('/'));
  if (authority.empty() || !authority_is_sane(authority)) return refuse_url("has no proper host");
  return {};
}

}  // namespace kiln::scm
