// The Builds API below /client/v4/accounts/{account_id}/builds: look-ups, logs, triggers, variables,
// connections, build tokens, deploy hooks, deliveries and account limits; and the address that deploy hooks
// are called at, which needs no token. Registered once by app; handlers keep no state and may run on any
// thread of the server.
#pragma once

#include <functional>
#include <string>

#include "api/auth.h"
#include "base/clock.h"
#include "base/entropy.h"
#include "http/router.h"
#include "project/autofill.h"
#include "queue/queue.h"
#include "read_cache/build_texts.h"
#include "scm/git/host_slots.h"
#include "scm/git/seed.h"
#include "store/build_store.h"
#include "store/build_token_store.h"
#include "store/connection_store.h"
#include "store/delivery_store.h"
#include "store/deploy_hook_store.h"
#include "store/trigger_store.h"
#include "store/worker_store.h"

namespace kiln::api {

struct CommitInfo {
  std::string hash;
  std::string message;
  std::string author;
};

struct BuildsDeps {
  store::BuildStore& builds;
  store::ConnectionStore& connections;
  store::TriggerStore& triggers;
  store::BuildTokenStore& build_tokens;
  store::WorkerStore& workers;
  store::DeployHookStore& deploy_hooks;
  store::DeliveryStore& deliveries;
  queue::Queue& queue;
  const Clock& clock;
  Entropy& entropy;
  read_cache::BuildTexts& texts;
  // The commit that a manual build means: `commit` when given, else the head of `branch`; by git.
  // Errors: Errc::not_found (no such branch or commit), Errc::unavailable (the host).
  std::function<Result<CommitInfo>(const model::RepoConnection&, const std::string& branch,
                                   const std::string& commit)>
      resolve_commit;
  // What the files in `root_directory` ("/" or "apps/web") at the head of `branch` say about a project; by
  // git. Errors: Errc::not_found (no such branch), Errc::invalid (no such folder), Errc::unavailable (the
  // host).
  std::function<Result<project::Autofill>(const model::RepoConnection&, const std::string& branch,
                                          const std::string& root_directory)>
      read_config;
  // Makes `branch` in the connected repository from a template; by git, see scm::Git::seed_branch.
  std::function<Result<CommitInfo>(const model::RepoConnection&, const std::string& branch,
                                   const scm::Seed& seed)>
      seed_branch;
  // Who may run git against a host now; the three above are called in a place there (at_host.h).
  scm::HostSlots& hosts;
  // Whether git may go to that URL (scm::Git::may_reach). Errors: Errc::forbidden, saying what opens it.
  std::function<Status(const std::string& url)> may_reach{};
  // What connect/disconnect.h asks of a repository's host.
  std::function<std::vector<std::string>(const model::RepoConnection&, const std::string& hook_id)>
      leave_host{};
  // Why no runner takes builds now, for whoever waits for one; nothing when one does.
  std::function<std::optional<std::string>()> why_no_builds{};
};

void add_builds_routes(http::Router& router, const Gate& gate, const BuildsDeps& deps);

}  // namespace kiln::api
