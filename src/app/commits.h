// How the server asks git about a connected repository, and has it make branches there. Stateless; any
// thread; blocks on git.
#pragma once

#include <string>

#include "api/builds/routes.h"
#include "base/result.h"
#include "forges/directory.h"
#include "model/trigger.h"
#include "project/autofill.h"
#include "scm/git/git.h"
#include "scm/git/seed.h"
#include "store/connection_store.h"

namespace kiln::app {

// What opens repositories: the keys that connections keep, and the short-lived tokens of Apps.
struct RepoKeys {
  store::ConnectionStore& connections;
  forges::Directory& directory;
};

// With its credentials. Errors: Errc::invalid (it has no clone_url), those of the store.
[[nodiscard]] Result<scm::Remote> remote_of(const RepoKeys& keys, const model::RepoConnection& connection);

// The commit meant by `commit` (a hash, short ones too when the mirror knows it), else the head of `branch`.
// Errors: Errc::not_found, Errc::unavailable.
[[nodiscard]] Result<api::CommitInfo> find_commit(scm::Git& git, const RepoKeys& keys,
                                                  const model::RepoConnection& connection,
                                                  const std::string& branch, const std::string& commit);

// The branch that the repository's HEAD names; see scm::Git::default_branch.
[[nodiscard]] Result<std::string> default_branch(scm::Git& git, const RepoKeys& keys,
                                                 const model::RepoConnection& connection);

// Whether the web repository at `url` is read by that authorization, one without commits too. Errors:
// Errc::forbidden when its host, or the policy for hosts, refuses it; those of scm::Git::default_branch.
[[nodiscard]] Status can_open(scm::Git& git, const std::string& account_id, const std::string& url,
                              const std::string& authorization);

// The key that its SSH host shows now; see scm::Git::host_key.
[[nodiscard]] Result<std::string> host_key(scm::Git& git, const RepoKeys& keys,
                                           const model::RepoConnection& connection);

// What the files of a project at the head of `branch` suggest; see api::BuildsDeps.
[[nodiscard]] Result<project::Autofill> find_config(scm::Git& git, const RepoKeys& keys,
                                                    const model::RepoConnection& connection,
                                                    const std::string& branch,
                                                    const std::string& root_directory);

// Makes a branch in the connected repository from a template.
[[nodiscard]] Result<api::CommitInfo> seed_branch(scm::Git& git, const RepoKeys& keys,
                                                  const model::RepoConnection& connection,
                                                  const std::string& branch, const scm::Seed& seed);

}  // namespace kiln::app
