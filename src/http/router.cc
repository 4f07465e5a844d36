#include "http/router.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "base/log.h"
#include "base/strings.h"

namespace kiln::http {
namespace {

enum class Kind { literal, param, rest };

Kind kind_of(const std::string& piece) {
  if (!piece.starts_with('{') || !piece.ends_with('}')) return Kind::literal;
  return piece.ends_with("*}") ? Kind::rest : Kind::param;
}

std::vector<std::string> pieces_of(const std::string& pattern) {
  if (pattern.size() < 2) return {};
  return split(std::string_view(pattern).substr(1), '/');
}

// The methods that a set of routes answers: HEAD comes with GET, and the server itself answers OPTIONS.
std::string allowed(std::set<std::string> methods) {
  if (methods.contains("GET")) methods.insert("HEAD");
  methods.insert("OPTIONS");
  std::string list;
  for (const std::string& method : methods) list += (list.empty() ? "" : ", ") + method;
  return list;
}

[[noreturn]] void refuse_pattern(const std::string& method, const std::string& pattern, const char* why) {
  log::error("route {} {}: {}", method, pattern, why);
  std::abort();
}

// From the segment at `index` on, joined again; nothing when one of them hid a slash.
std::optional<std::string> rest_from(const std::vector<std::string>& segments, std::size_t index) {
  std::string rest;
  for (std::size_t i = index; i < segments.size(); ++i) {
    if (segments[i].find('/') != std::string::npos) return std::nullopt;
    if (i > index) rest += '/';
    rest += segments[i];
  }
  return rest;
}

}  // namespace

// One segment of the tree of patterns.
struct Router::Node {
  std::map<std::string, std::unique_ptr<Node>, std::less<>> literals;
  std::unique_ptr<Node> param;
  std::vector<const Route*> here;  // patterns that end at this node
  std::vector<const Route*> rest;  // patterns that end in {rest*} below this node
  std::vector<const Route*> tail;  // whose last {parameter}, below this node, takes the rest

  // Visits every route list that fits the segments, the most literal first, until `visit` returns true.
  template <typename Visit>
  bool walk(const std::vector<std::string>& segments, std::size_t index, const Visit& visit) const {
    if (index == segments.size()) return visit(here) || visit(rest);
    const auto literal = literals.find(segments[index]);
    if (literal != literals.end() && literal->second->walk(segments, index + 1, visit)) return true;
    if (param != nullptr && !segments[index].empty() && param->walk(segments, index + 1, visit)) return true;
    if (!tail.empty() && visit(tail)) return true;
    return !rest.empty() && rest_from(segments, index) && visit(rest);
  }
};

namespace {

// All from the segment at `index` on.
std::string joined_from(const std::vector<std::string>& segments, std::size_t index) {
  std::string out = segments[index];
  for (std::size_t i = index + 1; i < segments.size(); ++i) out += '/' + segments[i];
  return out;
}

std::vector<Route::Param> params_of(const std::string& pattern) {
  std::vector<Route::Param> params;
  const std::vector<std::string> pieces = pieces_of(pattern);
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const std::string& piece = pieces[i];
    const Kind kind = kind_of(piece);
    if (kind == Kind::param) params.push_back({i, piece.substr(1, piece.size() - 2), false});
    if (kind == Kind::rest) params.push_back({i, piece.substr(1, piece.size() - 3), true});
  }
  return params;
}

void fill_params(const Route& route, Request& request) {
  request.pattern = route.pattern;
  request.params.clear();
  for (const Route::Param& param : route.params) {
    if (route.options.takes_rest && &param == &route.params.back()) {
      request.params.emplace_back(param.name, joined_from(request.segments, param.segment));
      continue;
    }
    request.params.emplace_back(param.name, param.is_rest
                                                ? rest_from(request.segments, param.segment).value_or("")
                                                : request.segments[param.segment]);
  }
}

}  // namespace

Router::Router() : root_(std::make_unique<Node>()) {}
Router::~Router() = default;
Router::Router(Router&&) noexcept = default;
Router& Router::operator=(Router&&) noexcept = default;

void Router::add(std::string method, std::string pattern, RouteOptions options, Handler handler) {
  add(std::move(method), std::move(pattern), options, Guarded{nullptr, std::move(handler)});
}

void Router::add(std::string method, std::string pattern, RouteOptions options, Guarded guarded) {
  if (!pattern.starts_with('/')) refuse_pattern(method, pattern, "a pattern starts with a slash");
  Node* node = root_.get();
  Node* above = nullptr;  // the last segment's
  std::vector<const Route*>* list = nullptr;
  for (const std::string& piece : pieces_of(pattern)) {
    if (list != nullptr) refuse_pattern(method, pattern, "nothing may follow {rest*}");
    switch (kind_of(piece)) {
      case Kind::literal:
      case Kind::param: {
        auto& next = kind_of(piece) == Kind::param ? node->param : node->literals[piece];
        if (next == nullptr) next = std::make_unique<Node>();
        above = node;
        node = next.get();
        break;
      }
      case Kind::rest:
        list = &node->rest;
        break;
    }
  }
  if (list == nullptr) list = &node->here;
  const bool taken =
      std::any_of(list->begin(), list->end(), [&](const Route* other) { return other->method == method; });
  if (taken) refuse_pattern(method, pattern, "this method and pattern is there already");
  if (guarded.body && options.work == Work::quick)
    refuse_pattern(method, pattern, "whoever takes bodies in pieces waits for disks");
  if (options.work == Work::usual) options.work = method == "GET" ? Work::read : Work::store;
  std::vector<Route::Param> params = params_of(pattern);
  routes_.push_back(std::make_unique<Route>(Route{std::move(method), std::move(pattern), options,
                                                  std::move(guarded.handler), std::move(guarded.check),
                                                  std::move(guarded.body), std::move(params)}));
  list->push_back(routes_.back().get());
  if (options.takes_rest && above != nullptr) above->tail.push_back(routes_.back().get());
}

Result<const Route*> Router::match(Request& request) const {
  const Route* found = nullptr;
  const std::string_view method = request.method == "HEAD" ? std::string_view("GET") : request.method;
  std::set<std::string> methods;
  root_->walk(request.segments, 0, [&](const std::vector<const Route*>& routes) {
    for (const Route* route : routes) {
      if (route->method == method || route->method == request.method) found = route;
    }
    return found != nullptr;
  });
  if (found != nullptr) {
    fill_params(*found, request);
    return found;
  }
  root_->walk(request.segments, 0, [&](const std::vector<const Route*>& routes) {
    for (const Route* route : routes) methods.insert(route->method);
    return false;
  });
  if (!methods.empty()) {
    return fail(Errc::wrong_method, "Method " + request.method + " is not allowed here",
                allowed(std::move(methods)));
  }
  return fail(Errc::no_route,
              "Could not route to " + request.path + ", perhaps your object identifier is invalid?");
}

}  // namespace kiln::http
