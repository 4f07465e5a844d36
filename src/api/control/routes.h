// What only the owner of the data directory may ask, over the control socket: status, accounts, API tokens,
// connecting a repository, and shortcuts by Worker name for the CLI. Registered once by app; handlers keep no
// state.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <string>

#include "api/auth.h"
#include "api/builds/routes.h"
#include "http/router.h"
#include "store/account_store.h"
#include "store/route_resolver.h"

namespace kiln::api {

// A URL taken apart.
struct UrlAsked {
  std::string host;
  std::string target = "/";  // with its query
  bool secure = false;
};

struct ControlDeps {
  BuildsDeps builds;
  store::AccountStore& accounts;
  std::string public_url;  // where hosts and hooks reach this server
  std::function<boost::json::object()> status;
  std::function<Result<store::Route>(const UrlAsked& url)> route;  // what answers there
  // The branch that the repository's HEAD names; by git (scm::Git::default_branch).
  std::function<Result<std::string>(const model::RepoConnection&)> default_branch;
};

void add_control_routes(http::Router& router, const Gate& gate, const ControlDeps& deps);

}  // namespace kiln::api
