// Where source hosts and repositories report pushes: /webhooks/github and /hooks/git/{hook_id}. No API token:
// the request proves itself by its signature or secret. The builds are on disk before the answer goes out.
// Registered once by app; handlers keep no state.
#pragma once

#include <functional>
#include <string>

#include "base/clock.h"
#include "http/router.h"
#include "model/scm_event.h"
#include "model/trigger.h"
#include "queue/queue.h"
#include "store/trigger_store.h"

namespace kiln::api {

struct HookDeps {
  store::TriggerStore& triggers;
  queue::Queue& queue;
  const Clock& clock;
  std::string github_secret;  // for connections that have no secret of their own; empty: none
  // What a push changed, by git; asked only when path rules need it and the payload cannot say.
  std::function<model::ChangedFiles(const model::RepoConnection&, const model::PushEvent&)> changed_files;
  // Author and message of a commit, which may have to be fetched first.
  std::function<Result<queue::Queue::CommitText>(const model::RepoConnection&, const std::string& hash)>
      commit;
};

void add_hook_routes(http::Router& router, HookDeps deps);

}  // namespace kiln::api
