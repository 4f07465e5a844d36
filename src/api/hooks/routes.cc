#include "api/hooks/routes.h"

#include <memory>
#include <utility>

#include "api/auth.h"
#include "api/hooks/forge_refusals.h"
#include "api/hooks/handlers.h"

namespace kiln::api {
namespace {

// A delivery is signed, so that all of it must come before anything is known of its sender. A report lists at
// most 3,000 paths a ref.
constexpr std::size_t kForgeBody = 8U << 20U;
constexpr std::size_t kGitBody = 16U << 20U;

// The post-receive script gives up after 10 s, and so do GitHub and GitLab; Gitea after 5.
constexpr std::chrono::seconds kPatience{4};

queue::Queue::ChangedFilesOf asking_git(const HookDeps& deps, const model::RepoConnection& connection,
                                        HookDeps::Until until) {
  return [&, until](const model::PushEvent& push) {
    return deps.changed_files ? deps.changed_files(connection, push, until) : model::ChangedFiles{};
  };
}

queue::Queue::IsAncestor ancestry_by_git(const HookDeps& deps, const model::RepoConnection& connection,
                                         HookDeps::Until until) {
  if (!deps.is_ancestor) return {};
  return [&, until](const std::string& ancestor, const std::string& descendant) {
    return deps.is_ancestor(connection, ancestor, descendant, until);
  };
}

std::string_view result_word(const Error* error) {
  if (error == nullptr) return "taken";
  switch (error->code) {
    case Errc::unauthenticated:
    case Errc::forbidden:
      return "refused";
    case Errc::invalid:
    case Errc::too_large:
      return "malformed";
    case Errc::not_found:
    case Errc::no_route:
      return "unknown";
    default:
      return "failed";
  }
}

using ProviderOf = std::string_view (*)(const http::Request&);
std::string_view host_of_path(const http::Request& request) {
  const Result<const scm::Forge*> forge = forge_of_path(request);
  return forge ? (*forge)->provider : "unknown";
}
std::string_view plain_git(const http::Request& /*request*/) {
  return "git";
}

// A check that lets through is not counted: the handler follows it.
auto counted_check(std::shared_ptr<const HookDeps> deps, ProviderOf provider,
                   Status (*check)(const HookDeps&, const http::Request&)) {
  return [deps = std::move(deps), provider, check](const http::Request& request) {
    Status sound = check(*deps, request);
    if (!sound && deps->counted) deps->counted(provider(request), result_word(&sound.error()));
    return sound;
  };
}

auto counted_handler(std::shared_ptr<const HookDeps> deps, ProviderOf provider,
                     Result<http::Reply> (*take)(const HookDeps&, const http::Request&)) {
  return [deps = std::move(deps), provider, take](const http::Request& request) {
    Result<http::Reply> reply = take(*deps, request);
    if (deps->counted) deps->counted(provider(request), result_word(reply ? nullptr : &reply.error()));
    return reply;
  };
}

}  // namespace

HookDeps::Until patience() {
  return std::chrono::steady_clock::now() + kPatience;
}

Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                              const std::vector<model::PushEvent>& pushes,
                              const model::DeliveryOrigin& origin, HookDeps::Until until) {
  Result<queue::Taken> taken = deps.queue.take_push(connection, pushes, asking_git(deps, connection, until),
                                                    origin, ancestry_by_git(deps, connection, until));
  if (taken && taken->put_off && deps.look_soon) deps.look_soon(connection.uuid);
  return taken;
}

Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                              const model::PullRequestEvent& news, const model::DeliveryOrigin& origin,
                              HookDeps::Until until) {
  const auto commit_of = [&](const std::string& hash) -> Result<queue::Queue::CommitText> {
    if (deps.commit) return deps.commit(connection, hash, until);
    return fail(Errc::unavailable, "no commit can be looked up here");
  };
  return deps.queue.take_pull_request(connection, news, asking_git(deps, connection, until), commit_of,
                                      origin, ancestry_by_git(deps, connection, until));
}

void add_hook_routes(http::Router& router, HookDeps deps) {
  const auto shared = std::make_shared<const HookDeps>(std::move(deps));
  router.add("POST", "/webhooks/{provider}", {kForgeBody, http::Work::hook},
             Gate::open(counted_check(shared, host_of_path, check_forge_delivery),
                        counted_handler(shared, host_of_path, take_forge_delivery)));
  router.add("POST", "/hooks/git/{hook_id}", {kGitBody, http::Work::hook},
             Gate::open(counted_check(shared, plain_git, check_git_report),
                        counted_handler(shared, plain_git, take_git_report)));
}

}  // namespace kiln::api
