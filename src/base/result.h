// Errors as values. Every fallible function of Kiln returns Result<T>; nothing decides on an error's text.
//
// `code` is for programs: switch on it, map it (api/error_table.h turns it into HTTP status and API number).
// `message` is for people: what happened, where, what to do. `field` names the request field at fault, or is
// empty. Values only: any thread.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace kiln {

enum class Errc {
  invalid,              // the caller sent something wrong; `field` says what
  not_found,            // no such thing, or it belongs to another account
  unauthenticated,      // no token, unknown token, expired token
  forbidden,            // a valid token that may not do this
  conflict,             // the thing is in a state that forbids this
  rate_limited,         // too often
  too_large,            // a body or value over its limit
  unavailable,          // a peer (git host, registry, server) does not answer now; trying again may help
  timeout,              // a deadline passed
  io,                   // disk or operating system
  disk_full,            // no room, or no room left of a quota, on the disk that keeps what was to be stored
  corrupt,              // stored bytes do not parse or do not verify
  internal,             // a bug of ours
  lease_lost,           // the runner no longer holds this build
  no_route,             // no such path
  wrong_method,         // path exists, method does not
  worker_not_found,     // Workers API 10007
  version_not_found,    // Workers API 10222
  inherit_invalid,      // Workers API 10057
  script_invalid,       // Workers API 10021
  secret_not_found,     // Workers API 10056
  binding_unsupported,  // Workers API 10023
  not_latest,           // Workers API 10215: a secret edit while the latest version is not deployed
  wrong_worker,         // a build token used for a Worker other than its own
  secrets_changed,      // Workers API 10220: going back to a version would bring other secrets back
  branch_not_found,     // a branch that the connected repository does not have
  preview_not_found,    // Workers API 10025
  preview_empty,        // Workers API 10032: a preview without a deployment, where one is changed
  route_taken,          // Workers API 10020: another Worker has the route
  hostname_taken,       // Workers API 100116: another Worker has the custom domain
  kv_namespace_not_found,  // KV API 10013
  kv_key_not_found,        // KV API 10009
  not_offered,             // something of the hosted platform that Kiln has none of; the message names it
};

struct Error {
  Errc code = Errc::internal;
  std::string message;
  std::string field;
};

template <typename T>
using Result = tl::expected<T, Error>;

using Status = Result<void>;

// `return fail(Errc::not_found, "…")` from any function that returns a Result.
[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string message, std::string field = {}) {
  return tl::unexpected<Error>(Error{code, std::move(message), std::move(field)});
}

// Passes an error on with words put before its message: `return context(r.error(), "opening the store")`.
[[nodiscard]] inline tl::unexpected<Error> context(Error error, const std::string& doing) {
  error.message = doing + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace kiln
