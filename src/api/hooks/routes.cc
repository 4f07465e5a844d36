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

queue::Queue::ChangedFilesOf asking_git(const HookDeps& deps, const model::RepoConnection& connection) {
  return [&](const model::PushEvent& push) {
    return deps.changed_files ? deps.changed_files(connection, push) : model::ChangedFiles{};
  };
}

}  // namespace

Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                              const std::vector<model::PushEvent>& pushes) {
  return deps.queue.take_push(connection, pushes, asking_git(deps, connection));
}

Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                              const model::PullRequestEvent& news) {
  return deps.queue.take_pull_request(connection, news, asking_git(deps, connection),
                                      [&](const std::string& hash) -> Result<queue::Queue::CommitText> {
                                        if (deps.commit) return deps.commit(connection, hash);
                                        return fail(Errc::unavailable, "no commit can be looked up here");
                                      });
}

void add_hook_routes(http::Router& router, HookDeps deps) {
  const auto shared = std::make_shared<const HookDeps>(std::move(deps));
  router.add("POST", "/webhooks/github", {kGithubBody, true},
             Gate::open(check_github_delivery, [shared](const http::Request& request) {
               return take_github_delivery(*shared, request);
             }));
  router.add(
      "POST", "/hooks/git/{hook_id}", {kGitBody, true},
      Gate::open([shared](const http::Request& request) { return check_git_report(*shared, request); },
                 [shared](const http::Request& request) { return take_git_report(*shared, request); }));
}

}  // namespace kiln::api
