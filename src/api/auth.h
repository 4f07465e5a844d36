// From a request to the principal behind it, and the wrapper that keeps everyone else out.
// Stateless over the ports it is given; safe from any thread.
#pragma once

#include <functional>
#include <string>

#include "api/http/message.h"
#include "api/http/router.h"
#include "base/clock.h"
#include "base/result.h"
#include "model/principal.h"
#include "store/account_store.h"

namespace kiln::api {

// What a route asks of its caller. `any`: just a valid token. `admin`: the data directory's owner, over a
// unix socket.
enum class Needs { any, ci_read, ci_write, scripts_read, scripts_write, admin };

// A request with its caller and, where the path has one, the account that is acted on.
struct Call {
  const http::Request& request;
  const model::Principal& who;
  std::string account_id;
};
using CallHandler = std::function<Result<http::Reply>(const Call&)>;

class Gate {
 public:
  // `owner_uid` owns the data directory: it, and root, are administrators on the server's unix sockets
  // without a token.
  Gate(store::AccountStore& accounts, const Clock& clock, unsigned owner_uid)
      : accounts_(accounts), clock_(clock), owner_uid_(owner_uid) {}

  // The unix-socket peer, else `Authorization: Bearer …` → principal. Errors: Errc::unauthenticated.
  [[nodiscard]] Result<model::Principal> identify(const http::Request& request) const;

  // A handler that identifies, checks the right and the account ({account_id} of the route: malformed is
  // no_route, another account than the token's is forbidden; an administrator may act in any), calls
  // `handler`, and turns its error into the envelope. A build's own token passes only where the right is
  // scripts_* or any.
  [[nodiscard]] http::Handler guard(Needs needs, CallHandler handler) const;

  // For routes without a token (hooks, health): only the envelope for errors.
  [[nodiscard]] static http::Handler open(std::function<Result<http::Reply>(const http::Request&)> handler);

 private:
  store::AccountStore& accounts_;
  const Clock& clock_;
  unsigned owner_uid_;
};

}  // namespace kiln::api
