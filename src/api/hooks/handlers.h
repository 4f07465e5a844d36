// The handlers behind the hook routes, for source hosts and for repositories' own hooks. Only for api/hooks.
#pragma once

#include <vector>

#include "api/hooks/routes.h"
#include "base/result.h"
#include "http/message.h"

namespace kiln::api {

// The checks look at the head alone: what can be said of a delivery before its body, which is what is signed,
// and all that there is to say of a report, which shows the hook's secret.
[[nodiscard]] Status check_forge_delivery(const HookDeps& deps, const http::Request& request);
[[nodiscard]] Result<http::Reply> take_forge_delivery(const HookDeps& deps, const http::Request& request);
[[nodiscard]] Status check_git_report(const HookDeps& deps, const http::Request& request);
[[nodiscard]] Result<http::Reply> take_git_report(const HookDeps& deps, const http::Request& request);

// Until when a report that comes now waits for git.
[[nodiscard]] HookDeps::Until patience();

// Matches and queues the pushes for one connection, asking git for changed files where needed.
[[nodiscard]] Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                                            const std::vector<model::PushEvent>& pushes,
                                            const model::DeliveryOrigin& origin, HookDeps::Until until);
// The same for news of a pull request.
[[nodiscard]] Result<queue::Taken> take_for(const HookDeps& deps, const model::RepoConnection& connection,
                                            const model::PullRequestEvent& news,
                                            const model::DeliveryOrigin& origin, HookDeps::Until until);

}  // namespace kiln::api
