// The address of a deploy hook: whoever posts to it starts a build, since only who was told the uuid can.
#include <fmt/format.h>

#include <boost/json.hpp>

#include "api/acts.h"
#include "api/builds/at_host.h"
#include "api/builds/handlers.h"
#include "api/error_table.h"
#include "base/hash.h"
#include "base/strings.h"
#include "base/time_format.h"

namespace kiln::api::builds {
namespace {

constexpr std::size_t kMostBody = 256U << 10U;  // bytes; senders add what they like, and nothing reads it

Result<queue::Queue::Manual> head_of(const BuildsDeps& deps, const model::Trigger& trigger,
                                     const std::string& branch) {
  const Result<CommitInfo> commit = deps.resolve_commit(trigger.connection, branch, "");
  if (commit) {
    return queue::Queue::Manual{model::TriggerSource::manual, branch, commit->hash, commit->message,
                                commit->author};
  }
  if (commit.error().code != Errc::not_found) return tl::unexpected<Error>(commit.error());
  return fail(Errc::conflict,
              fmt::format("the branch '{}' is not in the repository; push it, or point the deploy hook at "
                          "another branch",
                          branch),
              "branch");
}

Result<model::DeployHook> hook_of(const BuildsDeps& deps, const http::Request& request) {
  const std::optional<Uuid> secret = Uuid::parse(request.param("deploy_hook_uuid"));
  if (!secret) return fail(Errc::not_found, "Not found", "deploy_hook_uuid");
  return deps.deploy_hooks.hook_by_secret(*secret);
}

Status check(const BuildsDeps& deps, const http::Request& request) {
  const Result<model::DeployHook> hook = hook_of(deps, request);
  if (!hook) return tl::unexpected<Error>(hook.error());
  // As the hook is written, whichever way it was asked for.
  Gate::counts_to(request, sha256(to_lower(request.param("deploy_hook_uuid"))));
  return {};
}

Result<http::Reply> start(const BuildsDeps& deps, const http::Request& request) {
  const Result<model::DeployHook> hook = hook_of(deps, request);
  if (!hook) return tl::unexpected<Error>(hook.error());
  const Result<model::Worker> worker = deps.workers.worker_by_tag(hook->account_id, hook->worker_tag);
  if (!worker) return tl::unexpected<Error>(worker.error());
  acts_as({"hook", "", "deploy hook " + hook->name}, hook->account_id);
  acts_on(worker->name);
  std::string full;  // where there was no place for a call of git
  const Result<queue::Queue::HookTaken> taken =
      deps.queue.take_hook(*hook, [&](const model::Trigger& trigger) -> Result<queue::Queue::Manual> {
        const std::string& url = trigger.connection.clone_url;
        const std::optional<scm::HostSlots::Slot> slot = deps.hosts.take(url);
        if (slot) return head_of(deps, trigger, hook->branch);
        full = url;
        return tl::unexpected<Error>(deps.hosts.refusal(url));
      });
  if (!full.empty()) return wait_for_host(deps.hosts, request, full);
  if (!taken) return tl::unexpected<Error>(taken.error());
  return success_response({{"build_uuid", taken->build.uuid.str()},
                           {"status", to_string(taken->build.status)},
                           {"created_on", format_rfc3339(taken->build.created_on)},
                           {"already_exists", taken->already_exists},
                           {"branch", hook->branch},
                           {"worker", worker->name}});
}

}  // namespace

void add_deploy_hook_trigger(http::Router& router, const Deps& deps) {
  router.add("POST", "/client/v4/workers/builds/deploy_hooks/{deploy_hook_uuid}",
             {kMostBody, http::Work::git},
             Gate::open([deps](const http::Request& request) { return check(*deps, request); },
                        [deps](const http::Request& request) { return start(*deps, request); }));
}

}  // namespace kiln::api::builds
