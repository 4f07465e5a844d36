#include "model/host_route.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/strings.h"

namespace kiln::model {
namespace {

constexpr std::size_t kMostPattern = 2048;
constexpr std::size_t kMostHost = 253;
constexpr std::size_t kMostLabel = 63;

bool is_host_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

// At least two labels.
bool is_host_of_a_domain(std::string_view host) {
  if (host.size() > kMostHost || host.find('.') == std::string_view::npos) return false;
  const std::vector<std::string> labels = split(host, '.');
  return std::all_of(labels.begin(), labels.end(), [](const std::string& label) {
    return !label.empty() && label.size() <= kMostLabel && label.front() != '-' && label.back() != '-' &&
           std::all_of(label.begin(), label.end(), is_host_char);
  });
}

bool is_path_char(char c) {
  return c > 0x20 && c < 0x7f && c != '*' && c != '?' && c != '#' && c != '\\';
}

tl::unexpected<Error> wrong_pattern(std::string_view text, std::string_view why) {
  return fail(Errc::invalid,
              fmt::format("The route pattern \"{}\" {}.", to_valid_utf8(text.substr(0, 300)), why),
              "pattern");
}

}  // namespace

Result<RoutePattern> RoutePattern::parse(std::string_view given) {
  if (given.empty() || given.size() > kMostPattern)
    return wrong_pattern(given, fmt::format("must have 1 to {} characters", kMostPattern));
  std::string_view rest = given;
  RoutePattern pattern;
  std::string start;
  if (const std::size_t end = rest.find("://"); end != std::string_view::npos && end < rest.find('/')) {
    const std::string scheme = to_lower(rest.substr(0, end));
    if (scheme != "http" && scheme != "https")
      return wrong_pattern(given, "may begin with http:// or https:// and with no other scheme");
    pattern.scheme = scheme == "http" ? Scheme::http : Scheme::https;
    start = scheme + "://";
    rest.remove_prefix(end + 3);
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string host = to_lower(rest.substr(0, slash));
  pattern.path = slash == rest.size() ? "/" : std::string(rest.substr(slash));
  start += host;
  if (host.starts_with("*.")) {
    pattern.hosts = Hosts::below;
    host.erase(0, 2);
  } else if (host.starts_with('*')) {
    pattern.hosts = Hosts::with_own;
    host.erase(0, 1);
  }
  if (host.find(':') != std::string::npos) return wrong_pattern(given, "names a port, which routes do not");
  if (host.find('*') != std::string::npos)
    return wrong_pattern(given, "may have a * at the beginning of its host and at the end of its path alone");
  if (!is_host_of_a_domain(host)) {
    return wrong_pattern(
        given,
        "must begin with a host such as example.com, *.example.com or *example.com (one with other "
        "letters than a-z in its punycode form)");
  }
  pattern.host = std::move(host);
  pattern.text = start + pattern.path;
  pattern.further = pattern.path.ends_with('*');
  if (pattern.further) pattern.path.pop_back();
  if (pattern.path.find('?') != std::string::npos)
    return wrong_pattern(given, "may not name a query; end the path with * to match all");
  if (pattern.path.find('*') != std::string::npos)
    return wrong_pattern(given, "may have a * at the beginning of its host and at the end of its path alone");
  if (!std::all_of(pattern.path.begin(), pattern.path.end(), is_path_char)) {
    return wrong_pattern(given,
                         "holds a character that no URL's path has; write it percent-encoded, as %20 is a "
                         "space");
  }
  return pattern;
}

bool RoutePattern::matches(std::string_view host_name, std::string_view target, bool secure) const {
  if (scheme != Scheme::any && secure != (scheme == Scheme::https)) return false;
  const bool own = host_name == host;
  if (hosts == Hosts::one ? !own : !is_within(host_name, host)) return false;
  if (hosts == Hosts::below && own) return false;
  return further ? target.starts_with(path) : target == path;
}

bool more_specific(const RoutePattern& one, const RoutePattern& other) {
  const auto rank = [](const RoutePattern& pattern) {
    return std::tuple(pattern.host.size(),
                      pattern.hosts == RoutePattern::Hosts::one     ? 2
                      : pattern.hosts == RoutePattern::Hosts::below ? 1
                                                                    : 0,
                      pattern.path.size(), !pattern.further, pattern.scheme != RoutePattern::Scheme::any);
  };
  return rank(one) > rank(other);
}

bool is_within(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

Result<std::string> check_custom_domain(std::string_view host) {
  std::string lower = to_lower(host);
  if (is_host_of_a_domain(lower)) return lower;
  return fail(Errc::invalid,
              fmt::format("The custom domain \"{}\" must be a host such as app.example.com, without *, path "
                          "or port (one with other letters than a-z in its punycode form).",
                          to_valid_utf8(host.substr(0, 300))),
              "hostname");
}

}  // namespace kiln::model
