// The APIs of the hosts that there are, each stateless (forge_api.h) and of the program's life; any thread.
#pragma once

#include "scm/forge/app_api.h"
#include "scm/forge/forge_api.h"

namespace kiln::scm {

// github.com, GHE.com and Enterprise Server: check runs by an App, commit statuses by a plain token, the
// comment at a pull request. Source: GitHub's REST API, version 2022-11-28.
[[nodiscard]] const ForgeApi& github_api();
// Made by a manifest, asked with a JWT, given installation tokens of one repository. Source: GitHub docs,
// "Registering a GitHub App from a manifest", "Authenticating as a GitHub App installation", and the REST API
// of "apps".
[[nodiscard]] const AppApi& github_apps();
// gitlab.com and self-managed: a commit status a Worker, one note at a merge request. Source: GitLab's REST
// API, version 4.
[[nodiscard]] const ForgeApi& gitlab_api();
// Gitea and Forgejo: a commit status a Worker, one comment at a pull request. Source: Gitea's API, version 1
// (its Swagger document).
[[nodiscard]] const ForgeApi& gitea_api();
// Bitbucket Cloud: a build status a Worker, one comment at a pull request. Source: its REST API, version 2.0.
[[nodiscard]] const ForgeApi& bitbucket_api();
// Bitbucket Data Center: the same. Source: its REST API, "latest".
[[nodiscard]] const ForgeApi& bitbucket_server_api();

}  // namespace kiln::scm
