// The audit: which acts there were, whose they are, and what they changed. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"

namespace kiln::model {

// `kind` is "administrator" (the data directory's owner), "token", "session" (of the page), "build" (its own
// token), "upload" (of static files), "hook" (a host's, a repository's, a deploy hook), or "anybody": who
// signs in has no name before. No field holds a secret.
struct Actor {
  std::string kind;
  std::string id;    // of the token, session or build; of an administrator the user's number
  std::string name;  // of the token; of a hook its kind
};

struct AuditEntry {
  std::int64_t number = 0;  // grows with time
  std::string account_id;   // empty: the installation's own
  TimeMs at = 0;
  Actor who;
  std::string address;     // from where the request came; "unix": from the server's own machine
  std::string action;      // the operation's name in the API's document
  std::string target;      // on what, as the request's path says it: "shop/API_KEY"
  std::string request_id;  // empty: it had none
  // What one transaction changed, a JSON array of {object, id, change: made | changed | removed, fields} with
  // fields {name: {before, after}}, or with count where rows are only counted.
  std::string changes_json = "[]";
};

// Which entries; every field that is set narrows them.
struct AuditFilter {
  std::optional<std::string> account_id{};
  std::optional<TimeMs> since{};  // from then on
  std::optional<TimeMs> until{};  // before then
  std::string action{};
  std::string who{};     // kind, id or name of the actor
  std::string target{};  // a part of the target, or of what was changed
};

}  // namespace kiln::model
