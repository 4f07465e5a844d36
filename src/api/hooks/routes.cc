#include "api/hooks/routes.h"

#include <memory>

#include "api/auth.h"
#include "api/hooks/handlers.h"

namespace kiln::api {
namespace {

// A delivery is signed, so that all of it must come before anything is known of its sender. A report lists at
// most 3,000 paths a ref.
constexpr std::size_t kGithubBody = 8U << 20U;
constexpr std::size_t kGitBody = 16U << 20U;

// The post-receive script gives up after 10 s, and so does GitHub.
constexpr std::chrono::seconds kPatience{4};

queue::Queue::ChangedFilesOf asking_git(const HookDeps& deps, const model::RepoConnection& connection,
                                        HookDeps::Until until) {
  return [&, until](const model::PushEvent& push) {
    return deps.changed_files ? deps.changed_files(connection, push, until) : model::ChangedFiles{};
  };
}

}  // namespace

HookDeps::Until patience() {
  return std::chrono::steady_clock::now() + kPatience;
}

Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                              const std::vector<model::PushEvent>& pushes,
                              const model::DeliveryOrigin& origin, HookDeps::Until until) {
  return deps.queue.take_push(connection, pushes, asking_git(deps, connection, until), origin);
}

Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                              const model::PullRequestEvent& news, const model::DeliveryOrigin& origin,
                              HookDeps::Until until) {
  const auto commit_of = [&](const std::string& hash) -> Result<queue::Queue::CommitText> {
    if (deps.commit) return deps.commit(connection, hash, until);
    return fail(Errc::unavailable, "no commit can be looked up here");
  };
  return deps.queue.take_pull_request(connection, news, asking_git(deps, connection, until), commit_of,
                                      origin);
}

void add_hook_routes(http::Router& router, HookDeps deps) {
  const auto shared = std::make_shared<const HookDeps>(std::move(deps));
  router.add("POST", "/webhooks/github", {kGithubBody, http::Work::hook},
             Gate::open(check_github_delivery, [shared](const http::Request& request) {
               return take_github_delivery(*shared, request);
             }));
  router.add(
      "POST", "/hooks/git/{hook_id}", {kGitBody, http::Work::hook},
      Gate::open([shared](const http::Request& request) { return check_git_report(*shared, request); },
                 [shared](const http::Request& request) { return take_git_report(*shared, request); }));
}

}  // namespace kiln::api
