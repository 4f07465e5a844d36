// What leads requests for an operator's own domains to Workers: routes by URL pattern, as the hosted platform
// has them, and custom domains, which are a whole host. Values and pure functions: any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace kiln::model {

// One of them as it is kept.
struct HostRoute {
  enum class Kind : std::uint8_t { route, domain };

  std::string id;  // 32 hex
  std::string account_id;
  std::string subdomain;    // of that account now; nothing that is stored with it
  std::string worker_tag;   // empty: no Worker answers there, whatever wider patterns say
  std::string worker_name;  // of that Worker, as it is called now
  Kind kind = Kind::route;
  std::string pattern;  // a route's, or a custom domain's host; as RoutePattern::text
  bool enabled = true;  // a custom domain may be kept without being served
  TimeMs created_on = 0;
};

// "https://*.example.com/images/*" taken apart.
struct RoutePattern {
  enum class Scheme : std::uint8_t { any, http, https };
  enum class Hosts : std::uint8_t {
    one,       // example.com
    below,     // *.example.com: every host below it
    with_own,  // *example.com: the host and every one below it
  };

  std::string text;  // scheme and host in lower case, the path as it was given, "/" where there was none
  Scheme scheme = Scheme::any;
  Hosts hosts = Hosts::one;
  std::string host;     // without the star
  std::string path;     // begins with '/', without the star
  bool further = true;  // it ended with a star: whatever goes on behind `path` fits too

  // The rules of the hosted platform: one star at the host's beginning and one at the path's end, no port, no
  // query. Errors: Errc::invalid, field "pattern", saying what is wrong and how it would be right.
  [[nodiscard]] static Result<RoutePattern> parse(std::string_view text);

  // `host` in lower case without a port, `target` with its query, which counts as part of the path.
  [[nodiscard]] bool matches(std::string_view host_name, std::string_view target, bool secure) const;
};

// Which of two patterns that match one URL wins: the longer host, then one host before many, then the longer
// path, then a whole path before a beginning, then one scheme before both.
[[nodiscard]] bool more_specific(const RoutePattern& one, const RoutePattern& other);

// Whether the host is the domain or lies below it. Both in lower case.
[[nodiscard]] bool is_within(std::string_view host, std::string_view domain);

// A host of letters, digits, hyphens and underscores with a dot in it, in lower case. Errors: Errc::invalid,
// field "hostname".
[[nodiscard]] Result<std::string> check_custom_domain(std::string_view host);

}  // namespace kiln::model
