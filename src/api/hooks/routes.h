// Where source hosts and repositories report pushes: /webhooks/github and /hooks/git/{hook_id}. No API token:
// the request proves itself by its signature or secret. The builds are on disk before the answer goes out.
// Registered once by app; handlers keep no state.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "base/clock.h"
#include "http/router.h"
#include "model/delivery.h"
#include "model/scm_event.h"
#include "model/trigger.h"
#include "queue/queue.h"
#include "store/connection_store.h"

namespace kiln::api {

struct HookDeps {
  // A push is taken in at that time, whether git has answered or not: senders do not wait for long, and what
  // they were told of must be on disk.
  using Until = std::chrono::steady_clock::time_point;

  store::ConnectionStore& connections;
  queue::Queue& queue;
  const Clock& clock;
  std::string github_secret;  // for connections that have no secret of their own; empty: none
  // What a push changed, by git; asked only when path rules need it and the payload cannot say. Not known
  // when git does not say it in time.
  std::function<model::ChangedFiles(const model::RepoConnection&, const model::PushEvent&, Until)>
      changed_files;
  // Author and message of a commit, which may have to be fetched first.
  std::function<Result<queue::Queue::CommitText>(const model::RepoConnection&, const std::string& hash,
                                                 Until)>
      commit;
  // Why no runner takes builds now, for whoever pushes; nothing when one does.
  std::function<std::optional<std::string>()> why_no_builds{};
  // Told of what names this connection and does not show its secret (refused_deliveries.h).
  std::function<void(const model::RepoConnection&, const model::DeliveryOrigin&)> note_refused{};
};

void add_hook_routes(http::Router& router, HookDeps deps);

}  // namespace kiln::api
