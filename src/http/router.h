// Which handler answers which method and path. Filled once before the server starts, then read by its
// threads.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/message.h"
#include "http/work.h"

namespace kiln::http {

struct RouteOptions {
  std::size_t max_body = 1U << 20U;  // bytes; more is refused before it is read
  Work work = Work::usual;           // where the handler runs; the router puts `read` or `store` for usual
  bool conditional = false;          // readers poll it: entity tags and gzip (conditional.h)
  bool takes_rest = false;  // its last {parameter} takes the segments behind it too, joined by slashes
};

// Looks at a request's head alone, before anything of its body is kept: an answer refuses the request, and
// otherwise Request::caller may be set. Asked where a body follows, and once on each connection, whose place
// it makes sure of; so the handler must not rely on it. Runs on the I/O thread: quick.
using HeadCheck = std::function<std::optional<Response>(const Request&)>;

// Who takes the body of a request that was let in, where a route's bodies come in pieces. Runs where handlers
// run.
using BodyOpener = std::function<std::shared_ptr<BodySink>(const Request&)>;

// A handler, and who is let through to it.
struct Guarded {
  HeadCheck check;
  Handler handler;
  BodyOpener body{};  // none: the handler finds it in Request::body
};

struct Route {
  std::string method;
  std::string pattern;  // "/client/v4/accounts/{account_id}/builds/builds/{build_uuid}"; a last "{rest*}"
                        // takes the rest
  RouteOptions options;
  Handler handler;
  HeadCheck check{};  // none: everybody is
  BodyOpener body{};  // none: it is kept whole
  struct Param {
    std::size_t segment = 0;
    std::string name;
    bool is_rest = false;
  };
  std::vector<Param> params{};  // of the pattern, filled by the router
};

class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  // Literal segments win over {parameters}. Adding the same method and pattern twice is a programming error
  // (abort).
  void add(std::string method, std::string pattern, RouteOptions options, Handler handler);
  void add(std::string method, std::string pattern, RouteOptions options, Guarded guarded);

  // The route for a request whose method and segments are set; fills `request.params`. HEAD finds GET.
  // Errors: Errc::no_route; Errc::wrong_method with the allowed methods ("GET, HEAD, OPTIONS") in `field`.
  [[nodiscard]] Result<const Route*> match(Request& request) const;

  [[nodiscard]] const std::vector<std::unique_ptr<Route>>& routes() const { return routes_; }

 private:
  struct Node;

  std::vector<std::unique_ptr<Route>> routes_;
  std::unique_ptr<Node> root_;
};

// Splits and decodes a request target in origin form ("/a%20b/c?x=1") into path, segments and query; "/" has
// no segments,
// "/a/" has two, the second empty. Errors: Errc::invalid for bad percent-encoding, a NUL or control
// character, or a "." or ".." segment (also encoded, also as a part of a segment between encoded slashes).
// `any_path`: encoded characters and such segments are let through, where nobody takes a path for a file's.
[[nodiscard]] Status parse_target(std::string_view target, Request& request, bool any_path = false);

}  // namespace kiln::http
