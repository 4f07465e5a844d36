// The readers of the deliveries of the hosts that there are, each stateless (hook_reader.h) and of the
// program's life. Pure; any thread.
#pragma once

#include "scm/forge/hook_reader.h"

namespace kiln::scm {

// Repositories' webhooks and Apps', of github.com and of Enterprise Server. Source: GitHub docs, "Webhook
// events and payloads", "Validating webhook deliveries".
[[nodiscard]] const HookReader& github_hooks();
// Gitea, Forgejo and Gogs. They send GitHub's headers beside their own, so that this reader is asked before
// GitHub's. Source: Gitea's services/webhook and modules/structs.
[[nodiscard]] const HookReader& gitea_hooks();
// Push, tag and merge request events of projects and groups, and system hooks of those kinds. Source: GitLab
// docs, "Webhook events".
[[nodiscard]] const HookReader& gitlab_hooks();
// Bitbucket Cloud. Source: Atlassian's "Event payloads" and "Manage webhooks".
[[nodiscard]] const HookReader& bitbucket_hooks();
// Bitbucket Data Center (once Server). Source: Atlassian's "Event payload".
[[nodiscard]] const HookReader& bitbucket_server_hooks();

}  // namespace kiln::scm
