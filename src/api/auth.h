// From a request to the principal behind it, and the wrapper that keeps everyone else out, before the body of
// their request is taken. Remembers for a moment whom it let in, and who failed; safe from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "api/failed_attempts.h"
#include "api/principal_cache.h"
#include "api/sessions/sessions.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "http/router.h"
#include "model/principal.h"
#include "store/account_store.h"
#include "store/audit_store.h"
#include "store/changes.h"

namespace kiln::api {

// What a route asks of its caller. `any`: just a valid token. `preview_write`: scripts_write, where nothing
// that is live changes, so that a preview branch's build may. `data_read`, `data_write`: what Workers keep,
// as scripts_read and scripts_write, but a preview branch's build may not even read. `queues_*`: message
// queues, which are for builds' events as well as for Workers: the right of either kind is enough; a build's
// token is let in as to data, and may list them. `admin`: the data directory's owner, over a unix socket, or
// a token or session with that right.
enum class Needs {
  any,
  ci_read,
  ci_write,
  scripts_read,
  scripts_write,
  preview_write,
  data_read,
  data_write,
  queues_list,
  queues_read,
  queues_write,
  admin
};

// A request with its caller and, where the path has one, the account that is acted on.
struct Call {
  const http::Request& request;
  const model::Principal& who;
  std::string account_id;
};
using CallHandler = std::function<Result<http::Reply>(const Call&)>;

// The token of `Authorization: Bearer …` (RFC 6750, 2.1), or empty.
[[nodiscard]] std::string_view bearer_of(const http::Request& request);

class Gate {
 public:
  using Caller = std::shared_ptr<const model::Principal>;

  // `owner_uid` owns the data directory: it, and root, are administrators on the server's unix sockets
  // without a token. `changes` are those of the database behind `accounts`. Bad tokens of an address that
  // fails more than `failures_a_minute` times (0: any number) are told to wait; a good one is always let in.
  // `preview_token`: of builds of the repository's other branches; those of forks stay at previews. Without
  // `sessions` nobody is let in by a cookie; without `audit` acts that change nothing in the store leave no
  // row there.
  Gate(store::AccountStore& accounts, const store::Changes& changes, const Clock& clock, unsigned owner_uid,
       int failures_a_minute, model::PreviewToken preview_token = model::PreviewToken::previews,
       const Sessions* sessions = nullptr, store::AuditStore* audit = nullptr)
      : accounts_(accounts),
        changes_(changes),
        clock_(clock),
        owner_uid_(owner_uid),
        preview_token_(preview_token),
        sessions_(sessions),
        audit_(audit),
        failed_(failures_a_minute) {}

  // The unix-socket peer, else `Authorization: Bearer …`, else the page's session (sessions.h) → principal.
  // Errors: Errc::unauthenticated, Errc::rate_limited with the seconds to wait in `field`.
  [[nodiscard]] Result<Caller> identify(const http::Request& request) const {
    return identify(request, Noting::yes);
  }

  // Identifies, checks the right and the account ({account_id} of the route: malformed is no_route, another
  // account than the token's is forbidden; an administrator may act in any), calls `handler`, and turns its
  // error into the envelope. All but the call is done at the request's head, and again before the call: a
  // token may end while a body comes or a reply waits. Before each piece of a Stream or WebSocket too, which
  // ends where its caller is not let in any more. A build's own token passes only where the right is
  // scripts_*, preview_write, data_*, queues_* or any; that of a preview branch's build where it reads, or at
  // preview_write. So a route that says nothing of previews is closed to it. What the call changes is an act
  // of the caller's (acts.h).
  [[nodiscard]] http::Guarded guard(Needs needs, CallHandler handler) const;

  // For routes without a token (hooks, health): the envelope for errors, and an act of whoever the handler
  // says (acts.h), which is told where it changes something in the store.
  [[nodiscard]] static http::Handler open(std::function<Result<http::Reply>(const http::Request&)> handler);
  // The same, where `check` refuses by the head alone. One that finds who is calling calls counts_to().
  [[nodiscard]] static http::Guarded open(std::function<Status(const http::Request&)> check,
                                          std::function<Result<http::Reply>(const http::Request&)> handler);

  // What the request holds counts to whoever has this secret.
  static void counts_to(const http::Request& request, std::string_view secret_hash);
  // What the uploads of a Worker count to, whoever sends them.
  [[nodiscard]] static std::string worker_share(const std::string& account_id,
                                                const std::string& worker_name);

  // Writes down which tokens were used since the last call. Whoever answers a request only notes it, since
  // the thread of the quick ones does not wait for the disk.
  void write_uses() const;

 private:
  struct Admitted {
    Caller who;
    std::string account_id;
  };

  // Whether the use of a token is noted and remembered: a request's handler does, its check only looks.
  enum class Noting { no, yes };

  [[nodiscard]] Result<Admitted> admit(Needs needs, const http::Request& request, Noting noting) const;
  [[nodiscard]] Result<Caller> identify(const http::Request& request, Noting noting) const;
  [[nodiscard]] Result<Caller> look_up(const http::Request& request,
                                       Noting noting) const;  // of its token_hash
  void keep_asking(Needs needs, const http::Request& request, std::function<http::StreamStep()>& next) const;
  [[nodiscard]] Result<http::Reply> act(const CallHandler& handler, const Call& call) const;
  [[nodiscard]] Error failure(const http::Request& request, TimeMs now) const;

  store::AccountStore& accounts_;
  const store::Changes& changes_;
  const Clock& clock_;
  unsigned owner_uid_;
  model::PreviewToken preview_token_;
  const Sessions* sessions_;
  store::AuditStore* audit_;
  mutable PrincipalCache known_;
  mutable FailedAttempts failed_;
  mutable std::mutex uses_mutex_;
  mutable std::set<std::string> uses_;  // ids of tokens
};

}  // namespace kiln::api
