// `kiln connect` as a value in and a value out: makes, or brings up to date, a Worker, its repository
// connection with the hook's secret and its credentials, and the triggers of the production branch and of all
// others. What a wish
// does not name stays as it is. Called by api/control; any thread; may ask git once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "connect/credentials.h"
#include "connect/ports.h"
#include "model/trigger.h"
#include "model/worker.h"
#include "store/connection_store.h"
#include "store/watch_store.h"

namespace kiln::connect {

struct Wish {
  std::string url;            // without credentials
  std::string authorization;  // those that it had, as a header's value; empty: what is kept stays
  std::string worker;
  // Each, when it is nothing: as it is; of a trigger that is new, the default.
  std::optional<std::string> branch;  // default: what the repository's HEAD names, else "main"
  std::optional<std::string> build_command;
  std::optional<std::string> deploy_command;
  std::optional<std::string> preview_deploy_command;
  std::optional<std::string> root_directory;  // clean, "/" or "apps/web"
  std::optional<bool> previews;               // whether other branches are built; default: they are
  std::optional<bool> require_version;
  std::optional<model::ForkBuilds> fork_builds;
  std::optional<std::string> provider;  // the kind of host; default: what the host's name says
  CredentialWish credentials;
  std::optional<int> poll_seconds;  // 0: not polled any more
  bool build_first = false;         // of a polled repository that is new: the production branch's head
  bool second_repository = false;   // the Worker may be deployed from another repository already
};

// One thing that was changed, in the words of the API's fields. `before` is empty for a trigger that is new,
// `after` for one that is gone; their field is "trigger_name".
struct Change {
  std::string trigger;
  std::string field;
  std::string before;
  std::string after;
  bool operator==(const Change&) const = default;
};

struct Connected {
  model::Worker worker;
  model::RepoConnection connection;
  store::ConnectionStore::Hook hook;
  std::vector<model::Trigger> triggers;  // all of this Worker and repository, production first
  std::vector<Change> changes;
  Credentials credentials;
  store::Watched watched;
  std::vector<std::string> notes;  // what was assumed, in sentences
};

// Asking again changes nothing. Errors: Errc::conflict, field "worker", when another repository deploys the
// Worker and the wish does not know it; those of the stores.
[[nodiscard]] Result<Connected> connect(const Ports& ports, const std::string& account_id, const Wish& wish);

// The two triggers that `connect` keeps, among those of one Worker and one repository: of the one branch that
// is deployed, and of all others.
struct Pair {
  std::optional<model::Trigger> production;
  std::optional<model::Trigger> previews;
};
[[nodiscard]] Pair pair_of(const std::vector<model::Trigger>& triggers);

// The branch that `production` deploys from now on; its name follows where it is the usual one.
void deploy_branch(model::Trigger& production, const std::string& branch);

// Of the same Worker and repository as `production`, and built alike: uploads versions of all other branches.
[[nodiscard]] model::Trigger previews_beside(const model::Trigger& production);

// All branches but `branch`, which is deployed now instead of `before`; what else is left out stays so.
void leave_out(model::Trigger& previews, const std::string& before, const std::string& branch);

// What differs, for people.
[[nodiscard]] std::vector<Change> changes_of(const model::Trigger& before, const model::Trigger& after);

}  // namespace kiln::connect
