// Where source hosts and repositories report pushes: /webhooks/{provider} and /hooks/git/{hook_id}. No API
// token: the request proves itself by its signature or secret. The builds are on disk before the answer goes
// out. Registered once by app; handlers keep no state.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/router.h"
#include "model/delivery.h"
#include "model/scm_event.h"
#include "model/trigger.h"
#include "queue/queue.h"
#include "scm/forge/hook_reader.h"
#include "store/connection_store.h"

namespace kiln::api {

struct HookDeps {
  // A push is taken in at that time, whether git has answered or not: senders do not wait for long, and what
  // they were told of must be on disk.
  using Until = std::chrono::steady_clock::time_point;

  store::ConnectionStore& connections;
  queue::Queue& queue;
  const Clock& clock;
  // Every secret with which deliveries of the connection may prove themselves now.
  std::function<Result<std::vector<std::string>>(const model::RepoConnection&)> secrets;
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
  // Whether one commit is an ancestor of another, by git, when it says so in time.
  std::function<std::optional<bool>(const model::RepoConnection&, const std::string& ancestor,
                                    const std::string& descendant, Until)>
      is_ancestor{};
  // The secrets with which Apps of that provider prove what comes of no connected repository, each with the
  // account whose App it is; empty: the settings' own. `app_id`: those of that App, and the settings' own,
  // alone; empty: of every one.
  struct AppSecret {
    std::string account_id;
    std::string secret;
    std::string app_id = {};
  };
  std::function<std::vector<AppSecret>(std::string_view provider, const std::string& app_id)> app_secrets{};
  // What became of an App's installation. An error is answered as such, so that the host shows it as failed.
  std::function<Status(const model::InstallationNews&)> installation_news{};
  // Hears of each delivery: the kind of host ("git": a repository's own hook; "unknown": none that there is),
  // and "taken", "refused", "malformed", "unknown" or "failed".
  std::function<void(std::string_view provider, std::string_view result)> counted{};
  // Has the connection's host asked for news soon.
  std::function<void(const Uuid& connection)> look_soon{};
};

void add_hook_routes(http::Router& router, HookDeps deps);

}  // namespace kiln::api
