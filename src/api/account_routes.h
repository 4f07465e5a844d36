// Routes below an account's path whose handlers are plain functions of what they stand on. Used while routes
// are registered; the handlers share the deps.
#pragma once

#include <memory>
#include <string>
#include <utility>

#include "api/auth.h"
#include "http/router.h"

namespace kiln::api {

template <typename Deps>
class AccountRoutes {
 public:
  using Handle = Result<http::Reply> (*)(const Deps& deps, const Call& call);

  // `below`: what stands between the account and the paths that are added.
  AccountRoutes(http::Router& router, const Gate& gate, const Deps& deps, std::string below = {})
      : router_(router),
        gate_(gate),
        deps_(std::make_shared<const Deps>(deps)),
        base_("/client/v4/accounts/{account_id}" + std::move(below)) {}

  // Takes the body of whoever was let in, where it comes in pieces.
  using Open = std::shared_ptr<http::BodySink> (*)(const Deps& deps, const http::Request& request);

  void add(const char* method, const std::string& path, Needs needs, Handle handle,
           http::RouteOptions options = {}, Open open = nullptr) {
    http::Guarded guarded =
        gate_.guard(needs, [deps = deps_, handle](const Call& call) { return handle(*deps, call); });
    if (open != nullptr)
      guarded.body = [deps = deps_, open](const http::Request& request) { return open(*deps, request); };
    router_.add(method, base_ + path, options, std::move(guarded));
  }

  [[nodiscard]] http::Router& router() const { return router_; }
  [[nodiscard]] const std::shared_ptr<const Deps>& deps() const { return deps_; }

 private:
  http::Router& router_;
  const Gate& gate_;
  std::shared_ptr<const Deps> deps_;
  std::string base_;
};

}  // namespace kiln::api
